//! Properties that are one value: a text, a word of a list, a number, a moment.

use crate::facets::{Change, Of, Part, moment, text};
use crate::{Refused, source::Edits, times};
use passerelle_wire_ical::{Kind, Property, Utc, escaped};
use serde_json::{Map, Value, json};

/// What a value is.
#[derive(Clone, Copy)]
enum Is {
    /// TEXT.
    Text,
    /// The same, of which a note may have several (RFC 5545 §3.6.3): each is a paragraph, and what is written is one.
    Paragraphs,
    /// One of these words, iCalendar's and JSCalendar's; the first is meant where nothing is said, the last by a word that is unknown.
    Word(&'static [(&'static str, &'static str)]),
    /// A whole number up to this; 0 where nothing is said.
    Number(u64),
    /// A UTC time.
    Moment,
}

struct Row {
    name: &'static str,
    property: &'static str,
    of: Of,
    is: Is,
}

const fn row(name: &'static str, property: &'static str, of: Of, is: Is) -> Row {
    Row { name, property, of, is }
}

const TABLE: &[Row] = &[
    row("title", "SUMMARY", Of::All, Is::Text),
    row("description", "DESCRIPTION", Of::Both, Is::Text),
    row("body", "DESCRIPTION", Of::Notes, Is::Paragraphs),
    row("color", "COLOR", Of::All, Is::Text),
    row("created", "CREATED", Of::All, Is::Moment),
    row("sequence", "SEQUENCE", Of::Both, Is::Number(u32::MAX as u64)),
    row("priority", "PRIORITY", Of::Both, Is::Number(9)),
    row("freeBusyStatus", "TRANSP", Of::Events, Is::Word(&[("OPAQUE", "busy"), ("TRANSPARENT", "free")])),
    // RFC 5545 §3.8.1.3: a class that is not known is PRIVATE.
    row(
        "privacy",
        "CLASS",
        Of::All,
        Is::Word(&[("PUBLIC", "public"), ("CONFIDENTIAL", "secret"), ("PRIVATE", "private")]),
    ),
    row(
        "status",
        "STATUS",
        Of::Events,
        Is::Word(&[("CONFIRMED", "confirmed"), ("TENTATIVE", "tentative"), ("CANCELLED", "cancelled")]),
    ),
    // Nothing is said by most programs: it is as good as final.
    row("status", "STATUS", Of::Notes, Is::Word(&[("FINAL", "final"), ("DRAFT", "draft"), ("CANCELLED", "cancelled")])),
    // What clients of Apple's keep a task's place by, and others after them.
    row("sortOrder", "X-APPLE-SORT-ORDER", Of::Tasks, Is::Number(i32::MAX as u64)),
];

/// Their names.
pub(crate) const NAMES: &[&str] = &[
    "title",
    "description",
    "body",
    "color",
    "created",
    "sequence",
    "priority",
    "freeBusyStatus",
    "privacy",
    "status",
    "sortOrder",
];

/// Whether one of them is of events, of tasks, or of notes; nothing for another property.
pub(crate) fn is_of(name: &str, kind: Kind) -> Option<bool> {
    let rows = || TABLE.iter().filter(|row| row.name == name);
    rows().next().map(|_| rows().any(|row| row.of.has(kind)))
}

pub(crate) fn read(part: &Part<'_, '_>, told: &mut Map<String, Value>) {
    for row in TABLE.iter().filter(|row| row.of.has(part.kind())) {
        let value = match row.is {
            Is::Paragraphs => paragraphs(part, row.property),
            is => part.component.property(row.property).and_then(|property| value(is, property)),
        };
        if let Some(value) = value {
            told.insert(row.name.to_owned(), value);
        }
    }
}

fn paragraphs(part: &Part<'_, '_>, property: &str) -> Option<Value> {
    let all: Vec<_> = part.component.all(property).map(Property::to_text).collect();
    (!all.is_empty()).then(|| json!(all.join("\n\n")))
}

fn value(is: Is, property: &Property<'_>) -> Option<Value> {
    let said = property.value().trim();
    match is {
        Is::Text | Is::Paragraphs => Some(json!(property.to_text())),
        Is::Word(words) => {
            let known = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(said));
            known.or(words.last()).map(|(_, word)| json!(word))
        }
        Is::Number(most) => said.parse::<u64>().ok().filter(|number| *number <= most).map(Value::from),
        Is::Moment => Utc::parse(said).map(|moment| json!(times::utc_text(moment))),
    }
}

pub(crate) fn write(part: &Part<'_, '_>, change: Change<'_>, edits: &mut Edits) -> Result<(), Refused> {
    for row in TABLE.iter().filter(|row| row.of.has(part.kind())) {
        let (old, new) = (change.old.get(row.name), change.new.get(row.name));
        if old == new {
            continue;
        }
        let value = written(row, change.new)?;
        // What is meant where nothing is said is not said.
        let is_meant = match row.is {
            Is::Word(words) => words.first().is_some_and(|(word, _)| value.as_deref() == Some(*word)),
            Is::Number(_) => value.as_deref() == Some("0"),
            Is::Text | Is::Paragraphs | Is::Moment => false,
        };
        let is_there = part.component.property(row.property).is_some();
        if !is_meant || is_there {
            edits.set(part.component, row.property, value.as_deref());
        }
    }
    Ok(())
}

/// The value as iCalendar has it.
fn written(row: &Row, new: &Map<String, Value>) -> Result<Option<String>, Refused> {
    Ok(match row.is {
        Is::Text | Is::Paragraphs => text(new, "", row.name)?.map(escaped),
        Is::Moment => moment(new, "", row.name)?.map(|moment| moment.to_string()),
        Is::Word(words) => match text(new, "", row.name)? {
            None => None,
            Some(said) => {
                let known = words.iter().find(|(_, word)| *word == said);
                let wrong = || Refused::new(row.name, "it is none of the words that there are for it");
                Some(known.ok_or_else(wrong)?.0.to_owned())
            }
        },
        Is::Number(most) => match new.get(row.name) {
            None | Some(Value::Null) => None,
            Some(said) => {
                let number = said.as_u64().filter(|number| *number <= most);
                Some(
                    number
                        .ok_or_else(|| Refused::new(row.name, format!("it is a number from 0 to {most}")))?
                        .to_string(),
                )
            }
        },
    })
}

/// When it was changed last: LAST-MODIFIED, or when it was written (RFC 5545 §3.8.7.2).
pub(crate) fn read_updated(part: &Part<'_, '_>, told: &mut Map<String, Value>) {
    let of = |name| part.component.property(name).and_then(|property| Utc::parse(property.value().trim()));
    if let Some(moment) = of("LAST-MODIFIED").or_else(|| of("DTSTAMP")) {
        told.insert("updated".to_owned(), json!(times::utc_text(moment)));
    }
}

pub(crate) fn write_updated(part: &Part<'_, '_>, change: Change<'_>, edits: &mut Edits) -> Result<(), Refused> {
    if let Some(moment) = moment(change.new, "", "updated")? {
        edits.set(part.component, "DTSTAMP", Some(&moment.to_string()));
        edits.set(part.component, "LAST-MODIFIED", Some(&moment.to_string()));
    }
    Ok(())
}
