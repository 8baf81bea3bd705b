//! How far a task is (RFC 8984 §5.2.4 `percentComplete`, §5.2.5 `progress`, §5.2.6 `progressUpdated`): STATUS, COMPLETED and PERCENT-COMPLETE.
//!
//! Programs look at one of the three or at another, so that a task that is completed gets all of them, and one that is taken up again
//! keeps none that says otherwise.

use crate::facets::{Change, Part, moment, text};
use crate::{Refused, source::Edits, times};
use passerelle_wire_ical::{Property, Utc};
use serde_json::{Map, Value, json};

/// The words of STATUS and of `progress`; the first is meant where nothing is said, and by a word that is unknown.
const WORDS: [(&str, &str); 5] = [
    ("NEEDS-ACTION", NEEDS_ACTION),
    ("IN-PROCESS", "in-process"),
    ("COMPLETED", COMPLETED),
    ("FAILED", "failed"),
    ("CANCELLED", "cancelled"),
];
const NEEDS_ACTION: &str = "needs-action";
const COMPLETED: &str = "completed";
/// All of it is done.
const WHOLE: u64 = 100;

fn percent_of(property: &Property<'_>) -> Option<u64> {
    property.value().trim().parse().ok().filter(|number| *number <= WHOLE)
}

/// The progress is always told. Without a STATUS a task is completed that says when it was.
pub(crate) fn read(part: &Part<'_, '_>, told: &mut Map<String, Value>) {
    let property = |name| part.component.property(name);
    let completed = property("COMPLETED").and_then(|it| Utc::parse(it.value().trim()));
    let progress = match property("STATUS").map(|it| it.value().trim()) {
        None if completed.is_some() => COMPLETED,
        None => NEEDS_ACTION,
        Some(said) => {
            let known = WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(said));
            known.map_or(NEEDS_ACTION, |(_, word)| word)
        }
    };
    told.insert("progress".to_owned(), json!(progress));
    if let Some(percent) = property("PERCENT-COMPLETE").and_then(percent_of) {
        told.insert("percentComplete".to_owned(), json!(percent));
    }
    if let Some(completed) = completed.filter(|_| progress == COMPLETED) {
        told.insert("progressUpdated".to_owned(), json!(times::utc_text(completed)));
    }
}

fn progress_of(object: &Map<String, Value>) -> Result<(&'static str, &'static str), Refused> {
    let said = text(object, "", "progress")?.unwrap_or(NEEDS_ACTION);
    let known = WORDS.into_iter().find(|(_, word)| *word == said);
    known.ok_or_else(|| Refused::new("progress", "it is none of the words that there are for it"))
}

fn percent_said(object: &Map<String, Value>) -> Result<Option<u64>, Refused> {
    match object.get("percentComplete") {
        None | Some(Value::Null) => Ok(None),
        Some(said) => {
            let number = said.as_u64().filter(|number| *number <= WHOLE);
            number.map(Some).ok_or_else(|| Refused::new("percentComplete", "it is a number from 0 to 100"))
        }
    }
}

pub(crate) fn write(part: &Part<'_, '_>, change: Change<'_>, edits: &mut Edits) -> Result<(), Refused> {
    let Change { old, new } = change;
    let ((_, was), (status, now)) = (progress_of(old)?, progress_of(new)?);
    let (completes, reopens) = (was != COMPLETED && now == COMPLETED, was == COMPLETED && now != COMPLETED);
    let is_said = |name: &str| old.get(name) != new.get(name);
    let percent = match percent_said(new)? {
        said if is_said("percentComplete") => said,
        _ if completes => Some(WHOLE),
        Some(WHOLE) if reopens => None,
        same => same,
    };
    let when = match moment(new, "", "progressUpdated")? {
        // Of what is not completed it would say that it is (RFC 5545 §3.8.2.1).
        Some(_) if now != COMPLETED && is_said("progressUpdated") => {
            return Err(Refused::new("progressUpdated", "only when a task was completed has a place in its format"));
        }
        _ if now != COMPLETED => None,
        None if completes => moment(new, "", "updated")?,
        said => said,
    };
    let component = part.component;
    if was != now || (now == COMPLETED && when.is_none()) {
        edits.set(component, "STATUS", Some(status));
    }
    let is_there = component.property("PERCENT-COMPLETE").is_some();
    if percent != percent_said(old)? && (percent != Some(0) || is_there) {
        edits.set(component, "PERCENT-COMPLETE", percent.map(|it| it.to_string()).as_deref());
    }
    if completes || reopens || is_said("progressUpdated") {
        edits.set(component, "COMPLETED", when.map(|when| when.to_string()).as_deref());
    }
    Ok(())
}
