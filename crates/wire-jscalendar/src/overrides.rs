//! `recurrenceOverrides` (RFC 8984 §4.3.5): instances that are not there (EXDATE), that are there besides (RDATE), and that are
//! otherwise, each a component of its own.

use crate::entry::{Entry, is_fixed};
use crate::facets::{self, Change, NOT_IN_OVERRIDES, Part};
use crate::patch::difference;
use crate::source::{Edits, end_of, head, lines_of};
use crate::zones::Place;
use crate::{Refused, times};
use passerelle_wire_ical::{Component, Property, Stamp, Wrong, Zone, line};
use serde_json::{Map, Value, json};

/// Most instances that have something of their own.
pub const MOST_OVERRIDES: usize = 2_000;

const NAME: &str = "recurrenceOverrides";
/// What an override has of its own, or what only the whole has.
const NOT_COPIED: [&str; 9] =
    ["RRULE", "RDATE", "EXDATE", "EXRULE", "DTSTART", "DTEND", "DUE", "DURATION", "RECURRENCE-ID"];

/// The dates of a property, each with its value as it stands.
fn dates<'p>(entry: &Entry<'_>, property: &'p Property<'_>) -> Vec<(Stamp, &'p str)> {
    let zones = entry.object().zones();
    let values: Vec<&str> = property.value().split(',').filter(|value| !value.trim().is_empty()).collect();
    let stamps = if property.value().contains('/') {
        zones.periods(property).map(|all| all.into_iter().map(|(start, _)| start).collect())
    } else {
        zones.stamps(property)
    };
    stamps.unwrap_or_default().into_iter().zip(values).collect()
}

pub(crate) fn read(entry: &Entry<'_>, whole: &Map<String, Value>) -> Map<String, Value> {
    let mut all = Map::new();
    let component = entry.component();
    for property in component.all("RDATE") {
        for (stamp, _) in dates(entry, property) {
            all.insert(entry.named(stamp), json!({}));
        }
    }
    for (id, other) in entry.overriding() {
        let name = entry.named(id);
        let told = facets::read(&Part { object: entry.object(), component: other });
        let plain = Entry::instance_of(whole, &name);
        let mut patch = difference(&comparable(&plain), &comparable(&told));
        // It has been written at another time, which says nothing of what it is.
        patch.retain(|path, _| !matches!(path.as_str(), "updated" | "created"));
        all.insert(name, patch.into());
    }
    for property in component.all("EXDATE") {
        for (stamp, _) in dates(entry, property) {
            all.insert(entry.named(stamp), json!({ "excluded": true }));
        }
    }
    all
}

/// What an instance can have otherwise.
fn comparable(told: &Map<String, Value>) -> Map<String, Value> {
    let own = told.iter().filter(|(name, _)| !NOT_IN_OVERRIDES.contains(&name.as_str()));
    own.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The octets of an object, of which the whole is as it should be, with the instances as this says.
pub(crate) fn written(octets: &[u8], floating: &Zone, new: &Map<String, Value>) -> Result<Vec<u8>, Refused> {
    let wanted = match new.get(NAME) {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(all)) => all.clone(),
        Some(_) => return Err(Refused::new(NAME, "it is an object of patches by recurrence ids")),
    };
    if wanted.len() > MOST_OVERRIDES {
        return Err(Refused::new(NAME, format!("more than {MOST_OVERRIDES} instances have something of their own")));
    }
    let octets = arranged(octets, floating, &wanted)?;
    if wanted.is_empty() {
        return Ok(octets);
    }
    let entry = again(&octets, floating)?;
    let mut edits = Edits::default();
    for (id, component) in entry.overriding() {
        let name = entry.named(id);
        let part = Part { object: entry.object(), component };
        let old = facets::read(&part);
        let Some(patch) = wanted.get(&name).and_then(Value::as_object) else { continue };
        let path = |what: &str| format!("{NAME}/{name}/{what}");
        if let Some(fixed) = patch.keys().find(|it| is_fixed(it)) {
            return Err(Refused::new(path(fixed), "it is the same in all instances"));
        }
        let mut plain = Entry::instance_of(new, &name);
        plain.remove(NAME);
        let full = crate::patched(&plain, patch).map_err(|at| Refused::new(path(&at), "the patch leads nowhere"))?;
        let mut full = comparable(&full);
        facets::check_known(&full, part.kind()).map_err(|it| Refused::new(path(&it.property), it.what))?;
        // What the whole has and an instance cannot have otherwise is as its component says it.
        for fixed in NOT_IN_OVERRIDES {
            old.get(fixed).into_iter().for_each(|value| drop(full.insert(fixed.to_owned(), value.clone())));
        }
        if !patch.contains_key("created") {
            old.get("created").into_iter().for_each(|value| drop(full.insert("created".to_owned(), value.clone())));
        }
        let untouched = difference(&comparable(&old), &comparable(&full)).keys().all(|it| it == "updated");
        if !untouched {
            let at = |it: Refused| Refused::new(path(&it.property), it.what);
            facets::write(&part, Change { old: &old, new: &full }, &mut edits).map_err(at)?;
        }
    }
    Ok(edits.applied(&octets))
}

fn again<'o>(octets: &'o [u8], floating: &Zone) -> Result<Entry<'o>, Refused> {
    let wrong = |wrong: Wrong| Refused::new("start", wrong.what);
    let entry = Entry::read(octets, floating.clone()).map_err(wrong)?;
    entry.ok_or_else(|| Refused::new("@type", "there is no event"))
}

/// Puts dates and components in that are wanted, and takes others out.
fn arranged(octets: &[u8], floating: &Zone, wanted: &Map<String, Value>) -> Result<Vec<u8>, Refused> {
    let entry = again(octets, floating)?;
    let component = entry.component();
    let mut edits = Edits::default();
    let is_excluded = |patch: &Value| patch.get("excluded") == Some(&Value::Bool(true));
    let is_otherwise = |patch: &Value| {
        let members = patch.as_object().map_or(0, |it| it.keys().filter(|name| *name != "@type").count());
        members > 0 && !is_excluded(patch)
    };
    let (mut there, mut excluded, mut dated) = (Vec::new(), Vec::new(), Vec::new());
    for (id, other) in entry.overriding() {
        let name = entry.named(id);
        if wanted.get(&name).is_some_and(is_otherwise) {
            there.push(name);
        } else {
            edits.remove_component(other);
        }
    }
    for property in component.all("EXDATE") {
        kept(&entry, property, &mut edits, &mut excluded, |name| wanted.get(name).is_some_and(is_excluded));
    }
    for property in component.all("RDATE") {
        kept(&entry, property, &mut edits, &mut dated, |name| wanted.contains_key(name));
    }
    let was_excluded = entry.whole();
    let was_excluded = |name: &str| was_excluded.get(NAME).and_then(|all| all.get(name)).is_some_and(is_excluded);
    let form = entry.start().map(|start| start.form);
    for (name, patch) in wanted {
        let wrong = |why: &str| Refused::new(format!("{NAME}/{name}"), why);
        let id =
            entry.recurrence_id(name).ok_or_else(|| wrong("it is no local time, or of an object without a start"))?;
        if !patch.is_object() {
            return Err(wrong("it is a patch"));
        }
        let place = form.map_or(Place::Floating, |form| Place::as_written(entry.object().zones(), form));
        if place.is_date() && id.local.second_of_day() != 0 {
            return Err(wrong("what has no time is named by its day at midnight"));
        }
        if is_excluded(patch) {
            if !excluded.contains(name) {
                edits.add(component, &place.line("EXDATE", id.local));
            }
            continue;
        }
        let is_there = there.contains(name);
        let recurs = is_there || dated.contains(name) || was_excluded(name) || entry.occurrence(id).is_some();
        if !recurs {
            edits.add(component, &place.line("RDATE", id.local));
        }
        if is_otherwise(patch) && !is_there {
            let last = entry.object().calendar().components.iter().rfind(|it| it.is(component.name()));
            let end = last.map_or(0, |last| end_of(entry.octets(), last.line()));
            edits.add_behind(end, &copied(&entry, &place, id));
        }
    }
    Ok(edits.applied(entry.octets()))
}

/// Leaves of a list of dates those that are to stay, whose names are gathered.
fn kept(
    entry: &Entry<'_>,
    property: &Property<'_>,
    edits: &mut Edits,
    names: &mut Vec<String>,
    stays: impl Fn(&str) -> bool,
) {
    let all = dates(entry, property);
    let kept: Vec<&(Stamp, &str)> = all.iter().filter(|(stamp, _)| stays(&entry.named(*stamp))).collect();
    names.extend(kept.iter().map(|(stamp, _)| entry.named(*stamp)));
    if kept.len() == all.len() {
        return;
    }
    if kept.is_empty() {
        edits.remove(property);
    } else {
        let values: Vec<&str> = kept.iter().map(|(_, value)| *value).collect();
        edits.replace(property, &format!("{}{}", head(property), values.join(",")));
    }
}

/// The component of the whole as one of an instance: with all that is not known here, at that time.
fn copied(entry: &Entry<'_>, place: &Place, id: Stamp) -> String {
    let component: &Component<'_> = entry.component();
    let left_out: Vec<usize> = component
        .properties
        .iter()
        .filter(|it| NOT_COPIED.iter().any(|name| it.is(name)))
        .map(Property::line)
        .collect();
    let mut out = String::new();
    let told = facets::read(&entry.part());
    let lasts = told.get("duration").and_then(Value::as_str).filter(|it| *it != "PT0S");
    let mut own = vec![place.line("RECURRENCE-ID", id.local), place.line("DTSTART", id.local)];
    own.extend(lasts.map(|lasts| format!("DURATION:{lasts}")));
    let due = Entry::instance_of(&told, &times::local_text(id.local)).remove("due");
    let due = due.as_ref().and_then(Value::as_str).and_then(times::read_local);
    own.extend(due.map(|due| place.line("DUE", due)));
    for (number, text) in lines_of(entry.octets(), component).filter(|(number, _)| !left_out.contains(number)) {
        out.push_str(&String::from_utf8_lossy(text));
        if !text.ends_with(b"\n") {
            out.push_str("\r\n");
        }
        if number == component.line() {
            own.iter().for_each(|text| line(text, &mut out));
        }
    }
    out
}
