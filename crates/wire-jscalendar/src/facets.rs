//! The table of what is understood: which properties of JSCalendar go together, how they are read of a component, and how a change of
//! them is written. What is in no row is not known here, and is refused rather than lost.

use crate::{
    Refused, alerts, date, due, links, people, places, progress, relations, rule, simple, source::Edits, times, words,
};
use crate::{time, zones};
use passerelle_wire_ical::{CalendarObject, Component, Kind, Zones};
use serde_json::{Map, Value};

/// A component of an object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'o, 'a> {
    pub(crate) object: &'o CalendarObject<'a>,
    pub(crate) component: &'o Component<'a>,
}

impl<'o> Part<'o, '_> {
    /// What it is: a task, a note, an event otherwise.
    pub(crate) fn kind(&self) -> Kind {
        Kind::of(self.component).filter(|kind| matches!(kind, Kind::Task | Kind::Journal)).unwrap_or(Kind::Event)
    }

    pub(crate) fn zones(&self) -> &'o Zones {
        self.object.zones()
    }
}

/// What a component was told as, and what it is to be told as.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<'c> {
    pub(crate) old: &'c Map<String, Value>,
    pub(crate) new: &'c Map<String, Value>,
}

/// Of which kinds of components a row speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    All,
    /// Events and tasks.
    Both,
    Events,
    Tasks,
    Notes,
}

impl Of {
    pub(crate) fn has(self, kind: Kind) -> bool {
        match self {
            Self::All => true,
            Self::Both => kind != Kind::Journal,
            Self::Events => kind == Kind::Event,
            Self::Tasks => kind == Kind::Task,
            Self::Notes => kind == Kind::Journal,
        }
    }
}

/// How a row is read.
type Read = fn(&Part<'_, '_>, &mut Map<String, Value>);
/// How a change of it is written.
type Write = fn(&Part<'_, '_>, Change<'_>, &mut Edits) -> Result<(), Refused>;

/// A row.
struct Facet {
    names: &'static [&'static str],
    of: Of,
    read: Read,
    write: Write,
}

const fn row(names: &'static [&'static str], of: Of, read: Read, write: Write) -> Facet {
    Facet { names, of, read, write }
}

const FACETS: &[Facet] = &[
    row(&["start", "timeZone", "showWithoutTime", "duration", "endTimeZone"], Of::Events, time::read, time::write),
    row(&["start", "timeZone", "showWithoutTime", "due"], Of::Tasks, due::read, due::write),
    row(&["estimatedDuration"], Of::Tasks, due::read_estimated, due::write_estimated),
    row(&["progress", "percentComplete", "progressUpdated"], Of::Tasks, progress::read, progress::write),
    row(&["date"], Of::Notes, date::read, date::write),
    row(simple::NAMES, Of::All, simple::read, simple::write),
    row(&["updated"], Of::All, simple::read_updated, simple::write_updated),
    row(&["keywords"], Of::All, words::read, words::write),
    row(&["categories"], Of::Both, words::read_concepts, words::write_concepts),
    row(&["relatedTo"], Of::Both, relations::read, relations::write),
    row(&["locations"], Of::Both, places::read, places::write),
    row(&["virtualLocations"], Of::Both, places::read_virtual, places::write_virtual),
    row(&["links"], Of::Both, links::read, links::write),
    row(&["organizerCalendarAddress", "participants"], Of::Both, people::read, people::write),
    row(&["alerts"], Of::Both, alerts::read, alerts::write),
    row(&["recurrenceRule"], Of::Both, rule::read, rule::write),
    row(&["timeZones"], Of::Both, zones::read, zones::write),
];

/// What stands for the whole object, and what only [`crate::Entry`] reads and writes.
pub(crate) const OF_OBJECT: [&str; 7] =
    ["@type", "version", "uid", "prodId", "recurrenceOverrides", "recurrenceId", "recurrenceIdTimeZone"];

/// The same of a note, which has no instances of its own, and is no object of JSCalendar's.
const OF_NOTE: [&str; 3] = ["@type", "uid", "prodId"];

/// What has no other value in an instance than in the whole (RFC 8984 §4.3.5).
pub(crate) const NOT_IN_OVERRIDES: [&str; 11] = [
    "@type",
    "version",
    "privacy",
    "prodId",
    "recurrenceId",
    "recurrenceIdTimeZone",
    "recurrenceOverrides",
    "recurrenceRule",
    "relatedTo",
    "timeZones",
    "uid",
];

/// What a component says.
pub(crate) fn read(part: &Part<'_, '_>) -> Map<String, Value> {
    let mut told = Map::new();
    for facet in FACETS.iter().filter(|facet| facet.of.has(part.kind())) {
        (facet.read)(part, &mut told);
    }
    told
}

/// Writes what differs, and nothing else.
pub(crate) fn write(part: &Part<'_, '_>, change: Change<'_>, edits: &mut Edits) -> Result<(), Refused> {
    for facet in FACETS.iter().filter(|facet| facet.of.has(part.kind())) {
        if facet.names.iter().any(|name| change.old.get(*name) != change.new.get(*name)) {
            (facet.write)(part, change, edits)?;
        }
    }
    Ok(())
}

/// Whether each property of an object is known.
pub(crate) fn check_known(new: &Map<String, Value>, kind: Kind) -> Result<(), Refused> {
    let is_known = |name: &str| names(kind).any(|known| known == name);
    match new.keys().find(|name| !is_known(name)) {
        Some(unknown) => {
            Err(Refused::new(unknown.clone(), "it has no place in the calendar's format, and would be lost"))
        }
        None => Ok(()),
    }
}

/// The names of all properties of events, of tasks, or of notes, that are understood.
pub(crate) fn names(kind: Kind) -> impl Iterator<Item = &'static str> {
    let of_rows = FACETS.iter().filter(move |facet| facet.of.has(kind)).flat_map(|facet| facet.names.iter().copied());
    let of_object: &[&'static str] = if kind == Kind::Journal { &OF_NOTE } else { &OF_OBJECT };
    of_object.iter().copied().chain(of_rows.filter(move |name| simple::is_of(name, kind) != Some(false)))
}

/// Whether an object within a property has only members that are known.
pub(crate) fn only(object: &Map<String, Value>, path: &str, known: &[&str]) -> Result<(), Refused> {
    match object.keys().find(|name| *name != "@type" && !known.contains(&name.as_str())) {
        Some(unknown) => Err(Refused::new(
            format!("{path}/{unknown}"),
            "it has no place in the calendar's format, and would be lost",
        )),
        None => Ok(()),
    }
}

/// A member that is a text.
pub(crate) fn text<'v>(object: &'v Map<String, Value>, path: &str, name: &str) -> Result<Option<&'v str>, Refused> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Err(Refused::new(joined(path, name), "it is a text"))
        }
    }
}

/// A member that is true or false.
pub(crate) fn flag(object: &Map<String, Value>, path: &str, name: &str) -> Result<bool, Refused> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(Refused::new(joined(path, name), "it is true or false")),
    }
}

/// The names of a member that is a set: an object of which each value is true.
pub(crate) fn set<'v>(object: &'v Map<String, Value>, path: &str, name: &str) -> Result<Vec<&'v str>, Refused> {
    let wrong = || Refused::new(joined(path, name), "it is an object of which each value is true");
    match object.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(all)) if all.values().all(|value| *value == Value::Bool(true)) => {
            Ok(all.keys().map(String::as_str).collect())
        }
        Some(_) => Err(wrong()),
    }
}

/// A set of words.
pub(crate) fn to_set<'w>(words: impl IntoIterator<Item = &'w str>) -> Value {
    words.into_iter().map(|word| (word.to_owned(), Value::Bool(true))).collect::<Map<_, _>>().into()
}

pub(crate) fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
}

/// A moment that a member has.
pub(crate) fn moment(
    object: &Map<String, Value>,
    path: &str,
    name: &str,
) -> Result<Option<passerelle_wire_ical::Utc>, Refused> {
    let Some(said) = text(object, path, name)? else { return Ok(None) };
    let read = times::read_utc(said);
    read.map(Some)
        .ok_or_else(|| Refused::new(joined(path, name), "it is a time in UTC to the second: 2026-03-29T10:00:00Z"))
}
