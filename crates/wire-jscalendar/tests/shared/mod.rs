//! What the tests have in common.

#![allow(clippy::needless_pass_by_value, reason = "a patch is written where it is applied")]
#![allow(dead_code, reason = "each test uses a part")]

use passerelle_wire_ical::{Utc, Zone};
use passerelle_wire_jscalendar::{Entry, Refused, patched};
use serde_json::{Map, Value};

/// An object of these lines.
pub(crate) fn object(lines: &str) -> String {
    let body = lines.lines().map(str::trim_start).map(|line| format!("{line}\r\n")).collect::<String>();
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//EN\r\n{body}END:VCALENDAR\r\n")
}

/// An event of these lines.
pub(crate) fn event(lines: &str) -> String {
    object(&format!("BEGIN:VEVENT\nUID:u\nDTSTAMP:20260101T000000Z\n{lines}\nEND:VEVENT"))
}

/// A task of these lines.
pub(crate) fn task(lines: &str) -> String {
    object(&format!("BEGIN:VTODO\nUID:t\nDTSTAMP:20260101T000000Z\n{lines}\nEND:VTODO"))
}

pub(crate) fn read(text: &str) -> Entry<'_> {
    Entry::read(text.as_bytes(), Zone::utc()).unwrap().unwrap()
}

pub(crate) fn told(text: &str) -> Map<String, Value> {
    read(text).whole()
}

/// The text after a patch.
pub(crate) fn after(text: &str, patch: Value) -> Result<String, Refused> {
    let entry = read(text);
    let new = patched(&entry.whole(), patch.as_object().unwrap()).unwrap();
    entry.changed(&new).map(|octets| String::from_utf8(octets).unwrap())
}

pub(crate) fn made(new: &Value) -> Result<String, Refused> {
    let stamp = Utc::parse("20260101T000000Z").unwrap();
    Entry::made(new.as_object().unwrap(), stamp, "-//t//EN").map(|octets| String::from_utf8(octets).unwrap())
}
