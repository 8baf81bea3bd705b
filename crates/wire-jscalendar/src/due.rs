//! When a task is (RFC 8984 §5.2.1 `due`, §5.2.3 `estimatedDuration`): DTSTART, with DUE or DURATION. A task may have either, both or none.

use crate::facets::{Change, Part};
use crate::time::{duration_of, lasting, local, place, say_where, stamp};
use crate::{Refused, source::Edits, times};
use passerelle_wire_ical::{Local, Stamp, Utc};
use serde_json::{Map, Value, json};

const ESTIMATED: &str = "ESTIMATED-DURATION";

/// When it is due: DUE, or the end of its DURATION.
fn due(part: &Part<'_, '_>) -> Option<Utc> {
    if let Some(due) = stamp(part, "DUE") {
        return Some(part.zones().moment(due));
    }
    let lasts = part.component.property("DURATION").and_then(duration_of)?;
    Some(part.zones().later(stamp(part, "DTSTART")?, lasts))
}

/// When it begins and is due.
pub(crate) fn span(part: &Part<'_, '_>) -> (Option<Utc>, Option<Utc>) {
    (stamp(part, "DTSTART").map(|start| part.zones().moment(start)), due(part))
}

/// The time that says where the others are told: the start, or when it is due.
pub(crate) fn leading(part: &Part<'_, '_>) -> Option<Stamp> {
    stamp(part, "DTSTART").or_else(|| stamp(part, "DUE"))
}

pub(crate) fn read(part: &Part<'_, '_>, told: &mut Map<String, Value>) {
    let Some(leading) = leading(part) else { return };
    say_where(part, leading, told);
    if let Some(start) = stamp(part, "DTSTART") {
        told.insert("start".to_owned(), json!(times::local_text(start.local)));
    }
    // Without the way over the moment, where a time that the clocks skip is another.
    let same = stamp(part, "DUE").filter(|due| due.form == leading.form).map(|due| due.local);
    if let Some(due) = same.or_else(|| due(part).map(|due| part.zones().local(leading.form, due))) {
        told.insert("due".to_owned(), json!(times::local_text(due)));
    }
}

/// A time that is not changed keeps its line.
pub(crate) fn write(part: &Part<'_, '_>, change: Change<'_>, edits: &mut Edits) -> Result<(), Refused> {
    let (start, due) = (local(change.new, "", "start")?, local(change.new, "", "due")?);
    let place = place(part, change)?;
    let has_time = |local: Option<Local>| local.is_some_and(|it| it.second_of_day() != 0);
    if place.is_date() && (has_time(start) || has_time(due)) {
        return Err(Refused::new("showWithoutTime", "what has no time begins and is due at midnight"));
    }
    // RFC 5545 §3.8.2.3.
    if start.zip(due).is_some_and(|(start, due)| place.moment(due) < place.moment(start)) {
        return Err(Refused::new("due", "it is due before it begins"));
    }
    let recurs = change.new.get("recurrenceRule").is_some_and(|rule| !rule.is_null());
    let differs = |name: &str| change.old.get(name) != change.new.get(name);
    if recurs && start.is_none() && differs("start") {
        return Err(Refused::new("start", "what recurs has a start"));
    }
    let mut put = |name: &str, local: Option<Local>| match (part.component.property(name), local) {
        (Some(property), Some(local)) => edits.replace(property, &place.line(name, local)),
        (None, Some(local)) => edits.add(part.component, &place.line(name, local)),
        (Some(property), None) => edits.remove(property),
        (None, None) => {}
    };
    let is_elsewhere = differs("timeZone") || differs("showWithoutTime");
    if is_elsewhere || differs("start") {
        put("DTSTART", start);
    }
    let lasts = part.component.property("DURATION");
    if is_elsewhere || differs("due") || lasts.is_some() {
        put("DUE", due);
    }
    lasts.into_iter().for_each(|lasts| edits.remove(lasts));
    Ok(())
}

pub(crate) fn read_estimated(part: &Part<'_, '_>, told: &mut Map<String, Value>) {
    if let Some(estimated) = part.component.property(ESTIMATED).and_then(duration_of) {
        told.insert("estimatedDuration".to_owned(), json!(times::duration_text(estimated)));
    }
}

pub(crate) fn write_estimated(part: &Part<'_, '_>, change: Change<'_>, edits: &mut Edits) -> Result<(), Refused> {
    let estimated = lasting(change.new, "estimatedDuration")?.map(times::duration_text);
    edits.set(part.component, ESTIMATED, estimated.as_deref());
    Ok(())
}
