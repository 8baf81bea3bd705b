//! Whole calendars: one object for each UID, with its exceptions and the time zones that it uses (RFC 4791 §4.1).

use crate::{Entry, Wrong, blocks, blocks::Block, names, old_calendar};
use passerelle_wire_ical::{CalendarObject, Component, Kind, Zone};
use std::collections::{BTreeSet, HashMap};

/// What an object of a file begins with: a METHOD and the name of the whole stay behind.
const HEAD: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Passerelle//EN\r\n";
/// When something was written that does not say it: RFC 5545 §3.8.7.2 wants that said.
const UNKNOWN: &str = "19700101T000000Z";

/// Components that belong together.
struct Group<'a> {
    /// Empty where they have none.
    uid: String,
    blocks: Vec<Block<'a>>,
    /// The instances that they tell, and an empty text for the whole.
    instances: BTreeSet<String>,
}

/// Each object of a file, and what is wrong.
pub(crate) fn entries(octets: &[u8]) -> impl Iterator<Item = Result<Entry, Wrong>> + Send + '_ {
    let anew = ["VEVENT", "VTODO", "VJOURNAL", "VTIMEZONE"];
    let blocks::Blocks { found, mut wrong, versions } = blocks::blocks(octets, Some("VCALENDAR"), &anew);
    let is_old = |block: &Block<'_>| versions.get(block.within.saturating_sub(1)).is_some_and(|it| it == "1.0");
    let mut zones: HashMap<(usize, String), Block<'_>> = HashMap::new();
    let mut groups: Vec<Result<Group<'_>, Block<'_>>> = Vec::new();
    let mut places: HashMap<(Kind, String), usize> = HashMap::new();
    for block in found {
        if is_old(&block) {
            groups.push(Err(block));
            continue;
        }
        let component = match one(&block) {
            Ok(component) => component,
            Err(fault) => {
                wrong.push(fault);
                continue;
            }
        };
        if component.is("VTIMEZONE") {
            let named = component.property("TZID").map(|id| id.value().trim().to_owned()).unwrap_or_default();
            zones.entry((block.within, named.clone())).or_insert(block);
            zones.entry((0, named)).or_insert(block);
            continue;
        }
        let Some(kind @ (Kind::Event | Kind::Task | Kind::Journal)) = Kind::of(&component) else {
            let what = format!("a {}: events, tasks and notes are kept", component.name());
            wrong.push(Wrong::at(block.line, what));
            continue;
        };
        let value = |name| component.property(name).map(|it| it.value().trim().to_owned()).unwrap_or_default();
        let (uid, instance) = (value("UID"), value("RECURRENCE-ID"));
        let place = places.get(&(kind, uid.clone())).copied().filter(|_| !uid.is_empty());
        if let Some(Some(Ok(group))) = place.map(|place| groups.get_mut(place)) {
            // The same instance a second time is a second object of the same UID.
            if group.instances.insert(instance.clone()) {
                group.blocks.push(block);
                continue;
            }
        }
        places.insert((kind, uid.clone()), groups.len());
        groups.push(Ok(Group { uid, blocks: vec![block], instances: BTreeSet::from([instance]) }));
    }
    let told = groups.into_iter().map(move |group| match group {
        Ok(group) => composed(&group, &zones),
        Err(old) => old_calendar::entry(&old),
    });
    told.chain(wrong.into_iter().map(Err))
}

/// The one component of a block.
fn one<'a>(block: &Block<'a>) -> Result<Component<'a>, Wrong> {
    let read = Component::calendars(block.octets);
    let mut all = read.map_err(|wrong| Wrong::at(place(block.line, wrong.line), wrong.what))?.into_iter();
    all.next().ok_or_else(|| Wrong::at(block.line, "an entry that is empty"))
}

/// A line of a block as a line of the file.
fn place(first: usize, line: usize) -> usize {
    first.saturating_add(line.saturating_sub(1))
}

/// An object that is being put together, and from which lines of the file its parts came.
struct Composed {
    octets: Vec<u8>,
    lines: usize,
    /// The first line of each part, here and in the file.
    parts: Vec<(usize, usize)>,
}

impl Composed {
    fn push(&mut self, octets: &[u8], line: usize) {
        self.parts.push((self.lines.saturating_add(1), line));
        let octets = blocks::with_crlf(octets);
        self.lines = self.lines.saturating_add(octets.iter().filter(|octet| **octet == b'\n').count());
        self.octets.extend(octets);
    }

    fn line(&self, of: usize, otherwise: usize) -> usize {
        let part = self.parts.iter().rev().find(|(here, line)| *here <= of && *line > 0);
        part.map_or(otherwise, |(here, line)| line.saturating_add(of.saturating_sub(*here)))
    }
}

fn composed(group: &Group<'_>, zones: &HashMap<(usize, String), Block<'_>>) -> Result<Entry, Wrong> {
    let first = group.blocks.first().copied().ok_or_else(|| Wrong::at(1, "an entry that is empty"))?;
    let mut tzids = Vec::new();
    for block in &group.blocks {
        names_of_zones(&one(block)?, block.within, &mut tzids);
    }
    let uid = if group.uid.is_empty() { names::uid(&[first.octets]) } else { group.uid.clone() };
    let mut object = Composed { octets: Vec::new(), lines: 0, parts: Vec::new() };
    object.push(HEAD.as_bytes(), 0);
    for tzid in &tzids {
        let zone = zones.get(tzid).or_else(|| zones.get(&(0, tzid.1.clone())));
        if let Some(zone) = zone {
            object.push(zone.octets, zone.line);
        }
    }
    for block in &group.blocks {
        let component = one(block)?;
        let begin = block.octets.iter().position(|octet| *octet == b'\n').map_or(0, |at| at.saturating_add(1));
        let (begin, rest) = block.octets.split_at_checked(begin).unwrap_or((block.octets, b""));
        object.push(begin, block.line);
        if group.uid.is_empty() {
            object.push(format!("UID:{uid}\r\n").as_bytes(), 0);
        }
        if component.property("DTSTAMP").is_none() {
            let written = ["LAST-MODIFIED", "CREATED"].into_iter().filter_map(|name| component.property(name));
            let written = written.map(|it| it.value().trim()).find(|it| it.len() == 16 && it.ends_with('Z'));
            object.push(format!("DTSTAMP:{}\r\n", written.unwrap_or(UNKNOWN)).as_bytes(), 0);
        }
        object.push(rest, block.line.saturating_add(1));
    }
    object.push(b"END:VCALENDAR\r\n", 0);
    checked(&object.octets, |line| object.line(line, first.line)).map(|(uid, title)| Entry {
        line: first.line,
        uid,
        title,
        known_by: Vec::new(),
        octets: object.octets.clone(),
    })
}

/// The UID and the title of an object that CalDAV allows.
pub(crate) fn checked(octets: &[u8], line: impl Fn(usize) -> usize) -> Result<(String, String), Wrong> {
    let object = CalendarObject::read(octets, Zone::utc()).map_err(|wrong| Wrong::at(line(wrong.line), wrong.what))?;
    object.fit().map_err(|unfit| Wrong::at(line(unfit.line), unfit.what))?;
    named(&object).ok_or_else(|| Wrong::at(line(1), "an entry that is empty"))
}

fn named(object: &CalendarObject<'_>) -> Option<(String, String)> {
    let first = object.calendar().components.iter().find(|it| Kind::of(it).is_some())?;
    let text = |name| first.property(name).map(|it| it.to_text().trim().to_owned()).unwrap_or_default();
    Some((text("UID"), text("SUMMARY")))
}

/// What a stored object is known by.
pub(crate) fn stored(octets: &[u8]) -> Option<Entry> {
    let (uid, title) = named(&CalendarObject::read(octets, Zone::utc()).ok()?)?;
    Some(Entry { line: 1, uid, title, known_by: Vec::new(), octets: octets.to_vec() })
}

/// The zones that are named in a component, each once.
fn names_of_zones(component: &Component<'_>, within: usize, all: &mut Vec<(usize, String)>) {
    for property in &component.properties {
        if let Some(tzid) = property.parameter("TZID") {
            let named = (within, tzid.into_owned());
            if !all.contains(&named) {
                all.push(named);
            }
        }
    }
    component.components.iter().for_each(|inner| names_of_zones(inner, within, all));
}
