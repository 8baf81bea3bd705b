//! When an event is (RFC 8984 §4.1.6 of the drafts' `start`, `duration`, `timeZone`): DTSTART with DTEND or DURATION. When a task is, is in
//! [`crate::due`].

use crate::facets::{Change, Part, flag, text};
use crate::zones::{self, Place};
use crate::{Refused, source::Edits, times};
use passerelle_wire_ical::{Duration, Form, Local, Property, Stamp, Utc};
use serde_json::{Map, Value, json};

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// A property's time, where it can be read.
pub(crate) fn stamp(part: &Part<'_, '_>, name: &str) -> Option<Stamp> {
    part.zones().stamp(part.component.property(name)?).ok()
}

pub(crate) fn duration_of(property: &Property<'_>) -> Option<Duration> {
    Duration::parse(property.value().trim())
}

pub(crate) fn read(part: &Part<'_, '_>, told: &mut Map<String, Value>) {
    let (Some(start), end) = (stamp(part, "DTSTART"), stamp(part, "DTEND")) else { return };
    let place = say_where(part, start, told);
    let mut say = |name: &str, value: Value| drop(told.insert(name.to_owned(), value));
    say("start", json!(times::local_text(start.local)));
    let lasts = part.component.property("DURATION").and_then(duration_of);
    let lasts = match (end, lasts) {
        (Some(end), _) if start.is_date() && end.is_date() => {
            Duration { days: (end.local.seconds() - start.local.seconds()).max(0) / DAY, seconds: 0 }
        }
        (Some(end), _) => Duration { days: 0, seconds: between(part, start, end).max(0) },
        (None, Some(lasts)) => lasts,
        // RFC 5545 §3.6.1: an event on a date takes that day.
        (None, None) => Duration { days: i64::from(start.is_date()), seconds: 0 },
    };
    say("duration", json!(times::duration_text(lasts)));
    if let Some(end) =
        end.and_then(|end| zones::name_of(part.zones(), end.form)).filter(|end| place.as_ref() != Some(end))
    {
        say("endTimeZone", json!(end));
    }
}

/// Tells where a time is, and whether it is a day; the zone, where there is one.
pub(crate) fn say_where(part: &Part<'_, '_>, leading: Stamp, told: &mut Map<String, Value>) -> Option<String> {
    if leading.is_date() {
        told.insert("showWithoutTime".to_owned(), json!(true));
    }
    let place = zones::name_of(part.zones(), leading.form);
    if let Some(place) = &place {
        told.insert("timeZone".to_owned(), json!(place));
    }
    place
}

fn between(part: &Part<'_, '_>, start: Stamp, end: Stamp) -> i64 {
    part.zones().moment(end).seconds() - part.zones().moment(start).seconds()
}

/// Reads a LocalDateTime that a member has.
pub(crate) fn local(object: &Map<String, Value>, path: &str, name: &str) -> Result<Option<Local>, Refused> {
    let Some(said) = text(object, path, name)? else { return Ok(None) };
    let read = times::read_local(said);
    read.map(Some).ok_or_else(|| {
        Refused::new(crate::facets::joined(path, name), "it is a local time to the second: 2026-03-29T10:00:00")
    })
}

pub(crate) fn lasting(new: &Map<String, Value>, name: &str) -> Result<Option<Duration>, Refused> {
    let Some(said) = text(new, "", name)? else { return Ok(None) };
    let read = Duration::parse(said).filter(|it| it.days >= 0 && it.seconds >= 0);
    read.map(Some)
        .ok_or_else(|| Refused::new(name, "it is a duration that is not negative, in weeks, days and whole seconds"))
}

pub(crate) fn write(part: &Part<'_, '_>, change: Change<'_>, edits: &mut Edits) -> Result<(), Refused> {
    let start = local(change.new, "", "start")?;
    let place = place(part, change)?;
    let component = part.component;
    let mut put = |name: &str, line: Option<String>| match (component.property(name), line) {
        (Some(property), Some(line)) => edits.replace(property, &line),
        (None, Some(line)) => edits.add(component, &line),
        (Some(property), None) => edits.remove(property),
        (None, None) => {}
    };
    let start = start.ok_or_else(|| Refused::new("start", "an event has a start"))?;
    let lasts = lasting(change.new, "duration")?.unwrap_or_default();
    let is_whole = start.second_of_day() == 0 && lasts.seconds == 0 && lasts.days > 0;
    if place.is_date() && !is_whole {
        return Err(Refused::new("showWithoutTime", "what has no time begins at midnight and lasts one day or more"));
    }
    put("DTSTART", Some(place.line("DTSTART", start)));
    let far = match text(change.new, "", "endTimeZone")? {
        Some(name) => Some(zones::resolve(part, name).ok_or_else(|| unknown("endTimeZone"))?),
        None => None,
    };
    let has_duration = component.property("DURATION").is_some();
    let by_end = far.is_some() || place.is_date() || (lasts.days == 0 && lasts.seconds > 0 && !has_duration);
    if by_end {
        let end = match &far {
            _ if place.is_date() => place.line("DTEND", Local::of(start.seconds() + lasts.days * DAY)),
            far => {
                let behind = Local::of(start.seconds() + lasts.days * DAY);
                let moment = Utc::of(place.moment(behind).seconds() + lasts.seconds);
                let place = far.as_ref().unwrap_or(&place);
                place.line("DTEND", place.wall(moment))
            }
        };
        put("DTEND", Some(end));
        put("DURATION", None);
    } else {
        put("DTEND", None);
        let says = lasts != Duration::default() || has_duration;
        put("DURATION", says.then(|| format!("DURATION:{}", times::duration_text(lasts))));
    }
    Ok(())
}

fn unknown(name: &str) -> Refused {
    Refused::new(name, "it is no time zone of IANA's database, nor one that the object brings along")
}

/// Where the times of an object are to be.
pub(crate) fn place(part: &Part<'_, '_>, change: Change<'_>) -> Result<Place, Refused> {
    let name = text(change.new, "", "timeZone")?;
    if flag(change.new, "", "showWithoutTime")? {
        return match name {
            None => Ok(Place::Date),
            Some(_) => Err(Refused::new("showWithoutTime", "what has no time has no time zone either")),
        };
    }
    let was = stamp(part, "DTSTART").or_else(|| stamp(part, "DUE"));
    let same = change.old.get("timeZone") == change.new.get("timeZone");
    match (name, was) {
        // The name that the zone has in the object stays.
        (_, Some(Stamp { form: form @ (Form::Zoned(_) | Form::Floating), .. })) if same => {
            Ok(Place::as_written(part.zones(), form))
        }
        (Some(name), _) => zones::resolve(part, name).ok_or_else(|| unknown("timeZone")),
        (None, _) => Ok(Place::Floating),
    }
}
