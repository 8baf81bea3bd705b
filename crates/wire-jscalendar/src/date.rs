//! Of which day a note is: DTSTART of a VJOURNAL (RFC 5545 §3.6.3), as a day or as a moment. Most notes are of none.

use crate::facets::{Change, Part, text};
use crate::{Refused, source::Edits, time, times};
use passerelle_wire_ical::{Form, Local};
use serde_json::{Map, Value, json};

/// The time of day of a date's beginning.
const MIDNIGHT: &str = "T00:00:00";

/// `2026-11-28` for a day, `2026-11-28T09:00:00Z` for a moment.
pub(crate) fn read(part: &Part<'_, '_>, told: &mut Map<String, Value>) {
    let Some(stamp) = time::stamp(part, "DTSTART") else { return };
    let text = match stamp.form {
        Form::Date => times::local_text(stamp.local).trim_end_matches(MIDNIGHT).to_owned(),
        Form::Utc | Form::Floating | Form::Zoned(_) => times::utc_text(part.zones().moment(stamp)),
    };
    told.insert("date".to_owned(), json!(text));
}

pub(crate) fn write(part: &Part<'_, '_>, change: Change<'_>, edits: &mut Edits) -> Result<(), Refused> {
    let component = part.component;
    let line = text(change.new, "", "date")?.map(line).transpose()?;
    if line.is_none() && ["RRULE", "RDATE"].iter().any(|name| component.property(name).is_some()) {
        return Err(Refused::new("date", "what recurs has a date"));
    }
    match (component.property("DTSTART"), line) {
        (Some(property), Some(line)) => edits.replace(property, &line),
        (None, Some(line)) => edits.add(component, &line),
        (Some(property), None) => edits.remove(property),
        (None, None) => {}
    }
    Ok(())
}

fn line(said: &str) -> Result<String, Refused> {
    let wrong =
        || Refused::new("date", "it is a day, 2026-11-28, or a time in UTC to the second, 2026-11-28T09:00:00Z");
    if let Some(moment) = times::read_utc(said) {
        return Ok(format!("DTSTART:{moment}"));
    }
    let day: Local = times::read_local(&format!("{said}{MIDNIGHT}")).ok_or_else(wrong)?;
    let text = day.to_string();
    Ok(format!("DTSTART;VALUE=DATE:{}", text.get(..8).unwrap_or_default()))
}
