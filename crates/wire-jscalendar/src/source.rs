//! The octets of an object, and changes of single lines of it: every other line stays as it was written, its folds included.

use passerelle_wire_ical::{Component, Property, line};
use std::collections::BTreeMap;

/// Changes of an object's lines, by the numbers of their first physical lines, from 1.
#[derive(Debug, Default)]
pub(crate) struct Edits {
    /// What stands in the place of a logical line; nothing where it is taken away.
    instead: BTreeMap<usize, String>,
    /// What comes behind a logical line, in order.
    behind: BTreeMap<usize, String>,
    /// Components that come behind a logical line and what is added there.
    components: BTreeMap<usize, String>,
    /// Components that are taken away whole, by the line of their BEGIN.
    gone: Vec<usize>,
}

impl Edits {
    /// Takes a property away.
    pub(crate) fn remove(&mut self, property: &Property<'_>) {
        self.instead.insert(property.line(), String::new());
    }

    /// Writes another logical line in a property's place.
    pub(crate) fn replace(&mut self, property: &Property<'_>, text: &str) {
        let mut out = String::new();
        line(text, &mut out);
        self.instead.insert(property.line(), out);
    }

    /// Gives a property another value and leaves its parameters.
    pub(crate) fn value(&mut self, property: &Property<'_>, value: &str) {
        self.replace(property, &format!("{}{value}", head(property)));
    }

    /// Adds a logical line to a component, behind its own last one.
    pub(crate) fn add(&mut self, component: &Component<'_>, text: &str) {
        let last = component.properties.last().map_or(component.line(), Property::line);
        line(text, self.behind.entry(last).or_default());
    }

    /// Adds what is whole lines already, a component, as the last of a component.
    pub(crate) fn add_component(&mut self, component: &Component<'_>, lines: &str) {
        let last = component.properties.last().map_or(component.line(), Property::line);
        self.add_behind(last, lines);
    }

    /// The same behind the line of a number.
    pub(crate) fn add_behind(&mut self, number: usize, lines: &str) {
        self.components.entry(number).or_default().push_str(lines);
    }

    /// Takes a component away.
    pub(crate) fn remove_component(&mut self, component: &Component<'_>) {
        self.gone.push(component.line());
    }

    /// Sets the one property of a name: its value where it is there, a line of its own else; nothing takes it away.
    pub(crate) fn set(&mut self, component: &Component<'_>, name: &str, value: Option<&str>) {
        let mut there = component.all(name);
        match (there.next(), value) {
            (Some(property), Some(value)) => self.value(property, value),
            (None, Some(value)) => self.add(component, &format!("{name}:{value}")),
            (Some(property), None) => self.remove(property),
            (None, None) => {}
        }
        there.for_each(|second| self.remove(second));
    }

    /// The octets with these changes.
    pub(crate) fn applied(&self, octets: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(octets.len() + 256);
        let mut skipped = None;
        for (number, text) in logical(octets) {
            let ends = skipped.is_some_and(|end| number > end);
            if ends {
                skipped = None;
            }
            if self.gone.contains(&number) {
                skipped = Some(end_of(octets, number));
            }
            if skipped.is_none() {
                match self.instead.get(&number) {
                    Some(other) => out.extend_from_slice(other.as_bytes()),
                    None => {
                        out.extend_from_slice(text);
                        if !text.ends_with(b"\n") {
                            out.extend_from_slice(b"\r\n");
                        }
                    }
                }
            }
            if skipped.is_none_or(|end| number == end) {
                let more = self.behind.get(&number).into_iter().chain(self.components.get(&number));
                more.for_each(|more| out.extend_from_slice(more.as_bytes()));
            }
        }
        out
    }
}

/// A property's line up to its value, with the colon.
pub(crate) fn head<'p>(property: &'p Property<'_>) -> &'p str {
    let text = property.text();
    text.get(..text.len() - property.value().len()).unwrap_or_default()
}

/// The line of the END of the component that begins at a line.
pub(crate) fn end_of(octets: &[u8], begin: usize) -> usize {
    let mut depth = 0_usize;
    let mut last = begin;
    for (number, text) in logical(octets).filter(|(number, _)| *number >= begin) {
        last = number;
        if starts(text, b"BEGIN:") {
            depth += 1;
        } else if starts(text, b"END:") {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                break;
            }
        }
    }
    last
}

/// The lines of a component, from its BEGIN to its END, as they stand.
pub(crate) fn lines_of<'o>(octets: &'o [u8], component: &Component<'_>) -> impl Iterator<Item = (usize, &'o [u8])> {
    let (begin, end) = (component.line(), end_of(octets, component.line()));
    logical(octets).filter(move |(number, _)| (begin..=end).contains(number))
}

fn starts(text: &[u8], word: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
}

/// Logical lines with all their physical lines, and the number of the first of these.
fn logical(octets: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let (mut rest, mut number) = (octets, 1);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (first, mut end, mut count) = (number, 0, 0);
        loop {
            let ends = rest.get(end..)?.iter().position(|octet| *octet == b'\n');
            end = ends.map_or(rest.len(), |at| end + at + 1);
            count += 1;
            if !matches!(rest.get(end), Some(b' ' | b'\t')) {
                break;
            }
        }
        let (text, after) = rest.split_at_checked(end)?;
        rest = after;
        number += count;
        Some((first, text))
    })
}
