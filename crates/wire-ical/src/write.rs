//! Lines written (RFC 5545 §3.1): folded at 75 octets and never within a character.

use crate::{Component, Property};

/// Longest physical line, without its line end.
pub const FOLDED_LINE: usize = 75;

/// Writes a logical line.
pub fn line(text: &str, out: &mut String) {
    let mut room = FOLDED_LINE;
    for one in text.chars().filter(|one| !matches!(one, '\r' | '\n')) {
        if one.len_utf8() > room {
            out.push_str("\r\n ");
            room = FOLDED_LINE - 1;
        }
        out.push(one);
        room -= one.len_utf8();
    }
    out.push_str("\r\n");
}

/// Writes a component whole.
pub(crate) fn component(component: &Component<'_>, out: &mut String) {
    within(component.name(), out, |out| {
        component.properties.iter().for_each(|property| line(property.text(), out));
        component.components.iter().for_each(|inner| self::component(inner, out));
    });
}

/// Writes BEGIN and END around what is in a component.
pub(crate) fn within(name: &str, out: &mut String, inner: impl FnOnce(&mut String)) {
    line(&format!("BEGIN:{name}"), out);
    inner(out);
    line(&format!("END:{name}"), out);
}

/// Which properties are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PropsSelect {
    /// All of them.
    All,
    /// Those.
    Named(Vec<PropSelect>),
}

/// A property that is told (RFC 4791 §9.6.4, RFC 6352 §10.4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropSelect {
    /// Its name. In a card it may have a group.
    pub name: String,
    /// Whether it is told without its value.
    pub novalue: bool,
}

impl PropsSelect {
    /// Writes a property as far as it is selected.
    pub(crate) fn write(&self, property: &Property<'_>, out: &mut String) {
        if let Some(text) = self.of(property) {
            line(text, out);
        }
    }

    /// The same in one physical line: in vCard 2.1 a fold may fall between words only.
    pub(crate) fn write_unfolded(&self, property: &Property<'_>, out: &mut String) {
        if let Some(text) = self.of(property) {
            out.push_str(text);
            out.push_str("\r\n");
        }
    }

    fn of<'p>(&self, property: &'p Property<'_>) -> Option<&'p str> {
        match self {
            Self::All => Some(property.text()),
            Self::Named(names) => {
                let select = names.iter().find(|select| named(&select.name, property))?;
                Some(if select.novalue { property.head() } else { property.text() })
            }
        }
    }
}

/// Whether a property has a name that may be written with a group; without one, groups say nothing.
pub(crate) fn named(name: &str, property: &Property<'_>) -> bool {
    match name.split_once('.') {
        Some((group, name)) => property.is(name) && property.group().is_some_and(|own| own.eq_ignore_ascii_case(group)),
        None => property.is(name),
    }
}
