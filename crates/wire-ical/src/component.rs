//! Components in components (RFC 5545 §3.6): a tree that borrows from what it was read from.

use crate::lines::{Dialect, Lines};
use crate::{Property, Wrong, write};

/// How deep components nest: VCALENDAR, VEVENT, VALARM and what RFC 9073 puts into them are four.
pub const DEEPEST_COMPONENT: usize = 8;
/// Most components in what is read at once, a whole calendar's export included.
pub const MOST_COMPONENTS: usize = 50_000;
/// Most properties in what is read at once.
pub const MOST_PROPERTIES: usize = 500_000;

/// `BEGIN:name`, what is in it, and `END:name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component<'a> {
    /// Its `BEGIN` line, whose value is the name.
    begin: Property<'a>,
    /// Its properties in their order.
    pub properties: Vec<Property<'a>>,
    /// Its components in their order.
    pub components: Vec<Component<'a>>,
}

impl<'a> Component<'a> {
    /// Reads iCalendar that is one component: a VCALENDAR.
    ///
    /// # Errors
    /// The first line that is wrong, or another component than `VCALENDAR`, or more than one.
    pub fn calendar(octets: &'a [u8]) -> Result<Self, Wrong> {
        one(all(octets, Dialect::Calendar)?, "VCALENDAR")
    }

    /// Reads a stream of iCalendar objects (RFC 5545 §3.4), as an import has it.
    ///
    /// # Errors
    /// The first line that is wrong.
    pub fn calendars(octets: &'a [u8]) -> Result<Vec<Self>, Wrong> {
        all(octets, Dialect::Calendar)
    }

    /// Reads vCards, as many as there are.
    ///
    /// # Errors
    /// The first line that is wrong.
    pub fn cards(octets: &'a [u8]) -> Result<Vec<Self>, Wrong> {
        all(octets, Dialect::Card)
    }

    /// Its text, each line folded.
    pub fn written(&self) -> String {
        let mut out = String::new();
        write::component(self, &mut out);
        out
    }

    /// The same component with other properties and other components.
    pub fn with(&self, properties: Vec<Property<'a>>, components: Vec<Self>) -> Self {
        Self { begin: self.begin.clone(), properties, components }
    }

    /// Its name, in the case that it was written in.
    pub fn name(&self) -> &str {
        self.begin.value().trim_ascii()
    }

    /// Whether it has this name; case says nothing.
    pub fn is(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// The line of its `BEGIN`, from 1.
    pub fn line(&self) -> usize {
        self.begin.line()
    }

    /// The first property of a name.
    pub fn property(&self, name: &str) -> Option<&Property<'a>> {
        self.properties.iter().find(|property| property.is(name))
    }

    /// The properties of a name.
    pub fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Property<'a>> {
        self.properties.iter().filter(move |property| property.is(name))
    }

    /// The components of a name.
    pub fn inner<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Component<'a>> {
        self.components.iter().filter(move |component| component.is(name))
    }
}

fn one<'a>(all: Vec<Component<'a>>, name: &str) -> Result<Component<'a>, Wrong> {
    let mut all = all.into_iter();
    match (all.next(), all.next()) {
        (Some(only), None) if only.is(name) => Ok(only),
        (Some(other), None) => Err(Wrong::malformed(other.line(), format!("a component that is not {name}"))),
        (Some(_), Some(second)) => {
            Err(Wrong::malformed(second.line(), format!("a second component: one {name} is read")))
        }
        (None, _) => Err(Wrong::malformed(0, format!("no {name}"))),
    }
}

fn all(octets: &[u8], dialect: Dialect) -> Result<Vec<Component<'_>>, Wrong> {
    let mut whole: Vec<Component<'_>> = Vec::new();
    let mut open: Vec<Component<'_>> = Vec::new();
    let (mut components, mut properties) = (0, 0);
    for line in Lines::new(octets, dialect) {
        let (number, line) = line?;
        let property = Property::read(number, line, dialect)?;
        if property.is("BEGIN") {
            components += 1;
            if components > MOST_COMPONENTS {
                return Err(Wrong::too_large(number, format!("more than {MOST_COMPONENTS} components")));
            }
            if open.len() >= DEEPEST_COMPONENT {
                return Err(Wrong::too_large(
                    number,
                    format!("more than {DEEPEST_COMPONENT} components in each other"),
                ));
            }
            open.push(Component { begin: property, properties: Vec::new(), components: Vec::new() });
            continue;
        }
        let Some(current) = open.last_mut() else {
            return Err(Wrong::malformed(number, "a line outside of a component: BEGIN is missing"));
        };
        if !property.is("END") {
            properties += 1;
            if properties > MOST_PROPERTIES {
                return Err(Wrong::too_large(number, format!("more than {MOST_PROPERTIES} properties")));
            }
            current.properties.push(property);
            continue;
        }
        if !current.is(property.value().trim_ascii()) {
            let name = current.name();
            return Err(Wrong::malformed(number, format!("an END of another component than the open {name}")));
        }
        let closed = open.pop();
        match open.last_mut() {
            Some(parent) => parent.components.extend(closed),
            None => whole.extend(closed),
        }
    }
    match open.last() {
        Some(open) => Err(Wrong::malformed(open.line(), format!("a {} without an END", open.name()))),
        None => Ok(whole),
    }
}
