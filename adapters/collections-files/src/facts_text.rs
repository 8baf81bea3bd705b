//! `collection.txt`: what is said of a collection, in a file that people can read and change.
//!
//! ```text
//! file     = *( field / other )
//! field    = name ":" [ " " ] text *( newline " " text ) newline
//! other    = line newline             ; remarks begin with "#"; what is not known stays as it is
//! ```
//!
//! A change replaces the lines that it is about and leaves all others.

use passerelle_core::ports::{CollectionFacts, ComponentKind};
use passerelle_model::CollectionFamily;

const NAME: &str = "Name";
const DESCRIPTION: &str = "Description";
const COLOUR: &str = "Colour";
const ORDER: &str = "Order";
const HOLDS: &str = "Holds";
const BUSY: &str = "Busy";
const TIME_ZONE: &str = "Time-Zone";

/// A file of what is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FactsText {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Entry {
    /// A name and the lines of its text.
    Field(String, Vec<String>),
    /// What means nothing here.
    Other(String),
}

impl FactsText {
    /// The file of a new collection.
    pub(crate) fn new(family: CollectionFamily) -> Self {
        let kind = match family {
            CollectionFamily::Calendars => "calendar",
            CollectionFamily::Contacts => "address book",
        };
        let remarks = [
            &format!(
                "# What is said of this {kind}. It may be changed here; further lines of a text begin with a blank."
            ),
            "# Name, Description, Colour (#rrggbb), Order, Time-Zone (as iCalendar), Busy (no: its events make nobody busy),",
            "# Holds (VEVENT, VTODO, VJOURNAL). What is not said is left out.",
        ];
        Self { entries: remarks.into_iter().map(|line| Entry::Other(line.to_owned())).collect() }
    }

    /// Reads a file. Everything is one: lines that mean nothing are kept.
    pub(crate) fn read(text: &str) -> Self {
        let mut entries = Vec::new();
        for line in text.strip_prefix('\u{feff}').unwrap_or(text).lines() {
            match (line.strip_prefix(' '), entries.last_mut(), line.split_once(':')) {
                (Some(more), Some(Entry::Field(_, lines)), _) => lines.push(more.to_owned()),
                (None, _, Some((name, value))) if is_name(name) => {
                    let value = value.strip_prefix(' ').unwrap_or(value);
                    entries.push(Entry::Field(name.to_owned(), vec![value.to_owned()]));
                }
                _ => entries.push(Entry::Other(line.to_owned())),
            }
        }
        Self { entries }
    }

    /// The file, as it is written.
    pub(crate) fn written(&self) -> String {
        let mut text = String::new();
        for entry in &self.entries {
            match entry {
                Entry::Field(name, lines) => {
                    text.push_str(name);
                    text.push(':');
                    for (at, line) in lines.iter().enumerate() {
                        if at > 0 {
                            text.push('\n');
                        }
                        text.push(' ');
                        text.push_str(line);
                    }
                }
                Entry::Other(line) => text.push_str(line),
            }
            text.push('\n');
        }
        text
    }

    /// What it says.
    pub(crate) fn facts(&self) -> CollectionFacts {
        let holds = self.text(HOLDS, " ").map(|text| {
            let words = text.split(|c: char| !c.is_ascii_alphanumeric());
            let mut kinds: Vec<ComponentKind> = words.filter_map(ComponentKind::named).collect();
            kinds.sort_unstable();
            kinds.dedup();
            kinds
        });
        let is_transparent = match self.text(BUSY, " ").as_deref().map(str::trim) {
            Some(word) if word.eq_ignore_ascii_case("no") => Some(true),
            Some(word) if word.eq_ignore_ascii_case("yes") => Some(false),
            Some(_) | None => None,
        };
        CollectionFacts {
            display_name: self.text(NAME, "\n"),
            description: self.text(DESCRIPTION, "\n"),
            colour: self.text(COLOUR, "\n"),
            order: self.text(ORDER, "\n"),
            // RFC 5545 §3.1: lines end with CRLF.
            time_zone: self.text(TIME_ZONE, "\r\n").map(|text| format!("{text}\r\n")),
            components: holds.filter(|kinds| !kinds.is_empty()),
            is_transparent,
        }
    }

    /// Says what is `Some`; an empty text takes away what was said.
    pub(crate) fn say(&mut self, facts: &CollectionFacts) {
        let CollectionFacts { display_name, description, colour, order, time_zone, components, is_transparent } = facts;
        let zone = time_zone.as_deref().map(|text| text.trim_end_matches(['\r', '\n']));
        for (name, text) in [
            (NAME, display_name.as_deref()),
            (DESCRIPTION, description.as_deref()),
            (COLOUR, colour.as_deref()),
            (ORDER, order.as_deref()),
            (TIME_ZONE, zone),
        ] {
            if let Some(text) = text {
                self.set(name, text);
            }
        }
        if let Some(kinds) = components {
            self.set(HOLDS, &kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(" "));
        }
        if let Some(is_transparent) = is_transparent {
            self.set(BUSY, if *is_transparent { "no" } else { "yes" });
        }
    }

    /// The text of a field; `None` when nothing is said.
    fn text(&self, name: &str, between: &str) -> Option<String> {
        let lines = self.entries.iter().find_map(|entry| match entry {
            Entry::Field(it, lines) if it.eq_ignore_ascii_case(name) => Some(lines),
            Entry::Field(..) | Entry::Other(_) => None,
        })?;
        Some(lines.join(between)).filter(|text| !text.is_empty())
    }

    fn set(&mut self, name: &str, text: &str) {
        let is_it = |entry: &Entry| matches!(entry, Entry::Field(it, _) if it.eq_ignore_ascii_case(name));
        let at = self.entries.iter().position(is_it).unwrap_or(self.entries.len());
        self.entries.retain(|entry| !is_it(entry));
        if !text.is_empty() {
            // No line of a text is taken for a field, whatever ends it.
            let text = text.replace("\r\n", "\n").replace('\r', "\n");
            let lines = text.split('\n').map(str::to_owned).collect();
            self.entries.insert(at.min(self.entries.len()), Entry::Field(name.to_owned(), lines));
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    fn said(facts: &CollectionFacts) -> CollectionFacts {
        let mut text = FactsText::new(CollectionFamily::Calendars);
        text.say(facts);
        FactsText::read(&text.written()).facts()
    }

    #[test]
    fn what_people_write_is_understood() {
        let text = "\u{feff}# mine\r\nname:Cours: été\r\nHolds: vevent, VTODO\r\nRoom: 12\r\n still 12\r\nBusy: no\r\nnonsense\r\n";
        let facts = FactsText::read(text).facts();
        assert_eq!(facts.display_name.as_deref(), Some("Cours: été"));
        assert_eq!(facts.components, Some(vec![ComponentKind::Event, ComponentKind::Task]));
        assert_eq!((facts.is_transparent, facts.colour), (Some(true), None));
    }

    #[test]
    fn a_change_leaves_all_other_lines() {
        let mut text = FactsText::read("# mine\nName: Cours\nRoom: 12\n still 12\nnonsense\nColour: #fff\n");
        let change = CollectionFacts {
            display_name: Some("Autre".to_owned()),
            colour: Some(String::new()),
            order: Some("3".to_owned()),
            ..CollectionFacts::default()
        };
        text.say(&change);
        assert_eq!(text.written(), "# mine\nName: Autre\nRoom: 12\n still 12\nnonsense\nOrder: 3\n");
    }

    #[test]
    fn a_zone_comes_back_with_its_lines() {
        let zone = "BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:X\r\n folded\r\nEND:VTIMEZONE\r\nEND:VCALENDAR\r\n";
        let facts = CollectionFacts { time_zone: Some(zone.to_owned()), ..CollectionFacts::default() };
        assert_eq!(said(&facts), facts);
    }

    proptest! {
        #[test]
        fn any_text_comes_back(name in "[^\\r\\x00]{0,40}", more in "[^\\r\\x00]{0,40}") {
            let one = |text: &str| Some(text.to_owned()).filter(|it| !it.is_empty());
            let facts = CollectionFacts { display_name: one(&name), description: one(&more), ..CollectionFacts::default() };
            let plain = |text: Option<String>| text.filter(|it| !it.chars().all(|c| c == '\n'));
            let told = said(&facts);
            prop_assert_eq!(plain(told.display_name), plain(facts.display_name));
            prop_assert_eq!(plain(told.description), plain(facts.description));
        }

        #[test]
        fn nothing_of_a_file_is_lost(text in "([#A-Za-z: é-]{0,12}\\n){0,8}") {
            let mut read = FactsText::read(&text);
            read.say(&CollectionFacts::default());
            // A blank behind the name is ours to put.
            let trimmed = |text: &str| text.lines().map(|line| line.replace(' ', "")).collect::<Vec<_>>();
            prop_assert_eq!(trimmed(&read.written()), trimmed(&text));
        }
    }
}
