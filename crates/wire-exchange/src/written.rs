//! What is written: many objects as one calendar, and cards one after the other.

use crate::blocks;
use passerelle_wire_ical::{Component, escaped, line};
use std::collections::BTreeSet;

/// A calendar that is being written, object by object. What is held are the names of time zones.
#[derive(Debug, Default)]
pub struct Calendar {
    zones: BTreeSet<String>,
}

impl Calendar {
    /// The beginning, with what the calendar is called: `NAME` (RFC 7986 §5.1), and what older programs read for it.
    pub fn begin(name: Option<&str>, colour: Option<&str>) -> String {
        let mut out = String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Passerelle//EN\r\n");
        if let Some(name) = name.filter(|it| !it.is_empty()) {
            line(&format!("NAME:{}", escaped(name)), &mut out);
            line(&format!("X-WR-CALNAME:{}", escaped(name)), &mut out);
        }
        if let Some(colour) = colour.filter(|it| !it.is_empty() && !it.contains(char::is_control)) {
            line(&format!("X-APPLE-CALENDAR-COLOR:{}", escaped(colour)), &mut out);
        }
        out
    }

    /// What an object brings: its components as they are, and of its time zones those that were not told yet. `None` for what is no
    /// calendar.
    pub fn object(&mut self, octets: &[u8]) -> Option<Vec<u8>> {
        // What is half told would break the whole.
        Component::calendar(octets).ok()?;
        let found = blocks::blocks(octets, Some("VCALENDAR"), &[]);
        let mut out = Vec::with_capacity(octets.len());
        for block in found.found {
            if block.octets.get(..15).is_some_and(|it| it.eq_ignore_ascii_case(b"BEGIN:VTIMEZONE")) {
                let component = Component::calendars(block.octets).ok()?.into_iter().next()?;
                let named = component.property("TZID").map(|it| it.value().trim().to_owned()).unwrap_or_default();
                if !self.zones.insert(named) {
                    continue;
                }
            }
            out.extend(blocks::with_crlf(block.octets));
        }
        Some(out)
    }

    /// The end.
    pub const END: &'static str = "END:VCALENDAR\r\n";
}

/// A card as one of many; `None` for what is none.
pub fn cards(octets: &[u8]) -> Option<Vec<u8>> {
    passerelle_wire_ical::Card::read(octets).ok()?;
    let text = octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(octets).trim_ascii();
    Some(blocks::with_crlf(text))
}
