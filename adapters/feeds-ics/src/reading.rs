//! A calendar as its server sent it, as items.

use crate::settled::settled;
use bytes::Bytes;
use passerelle_core::ports::{CollectionItem, ETag, Feed, FeedFault};
use passerelle_model::ItemName;
use passerelle_wire_exchange::{Entry, Family, Format, Reading};
use passerelle_wire_ical::Component;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Most events of a calendar.
const MOST_ITEMS: usize = 20_000;
/// Most octets of all of them together: each has the rules of its zones with it, which its server sent once.
const MOST_OCTETS: usize = 64 * 1024 * 1024;
/// Most lines that say what could not be read, and the longest of them, in characters; of a name as well.
const MOST_LEFT_OUT: usize = 5;
const LONGEST_TOLD: usize = 200;
/// Most octets that stand before the first component.
const LONGEST_HEAD: usize = 64 * 1024;

/// Its events. One that cannot be read leaves the others; where none can, or the end is missing, nothing is believed.
pub(crate) fn feed(octets: &[u8]) -> Result<Feed, FeedFault> {
    let text = octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(octets).trim_ascii();
    let begins = |word: &[u8]| text.get(..word.len()).is_some_and(|it| it.eq_ignore_ascii_case(word));
    if !begins(b"BEGIN:VCALENDAR") {
        return Err(FeedFault::NoCalendar);
    }
    let last = text.rsplit(|octet| *octet == b'\n').next().unwrap_or_default();
    if !last.trim_ascii().eq_ignore_ascii_case(b"END:VCALENDAR") {
        return Err(FeedFault::Broken("END:VCALENDAR is missing: it was cut short".to_owned()));
    }
    let reading = Reading::of(text.to_vec()).map_err(|wrong| FeedFault::Broken(plain(&wrong.to_string())))?;
    if reading.format() != Format::Calendar {
        return Err(FeedFault::NoCalendar);
    }
    let (mut items, mut wrong, mut size) = (BTreeMap::new(), Vec::new(), 0_usize);
    for entry in reading.entries() {
        match entry {
            Ok(entry) if is_event(&entry.octets) => {
                size = size.saturating_add(put(&mut items, &entry)?);
                if size > MOST_OCTETS {
                    return Err(FeedFault::TooLarge);
                }
            }
            // Tasks and notes are whoever publishes them's own.
            Ok(_) => {}
            Err(fault) if wrong.len() < MOST_LEFT_OUT => wrong.push(plain(&fault.to_string())),
            Err(_) => {}
        }
    }
    match wrong.first() {
        Some(first) if items.is_empty() => Err(FeedFault::Broken(first.clone())),
        _ => Ok(Feed::new(items, name(text), wrong)),
    }
}

/// Puts an event in, and says how many octets it takes. Another one of the same UID gets one of its own, which follows from what it says; what
/// is told twice is there once.
fn put(items: &mut BTreeMap<ItemName, CollectionItem>, entry: &Entry) -> Result<usize, FeedFault> {
    if items.len() >= MOST_ITEMS {
        return Err(FeedFault::TooLarge);
    }
    let is_taken = |entry: &Entry| ItemName::parse(&entry.name(".ics")).is_ok_and(|name| items.contains_key(&name));
    let own = || entry.renamed(Family::Calendars, 1);
    let entry = if is_taken(entry) { Some(own()).filter(|own| !is_taken(own)) } else { Some(entry.clone()) };
    let Some(entry) = entry else { return Ok(0) };
    let Ok(name) = ItemName::parse(&entry.name(".ics")) else { return Ok(0) };
    let content = settled(&entry.octets);
    let digest: String = Sha256::digest(&content).iter().take(16).map(|octet| format!("{octet:02x}")).collect();
    let size = content.len();
    items.insert(name, CollectionItem::whole(ETag::new(digest), Bytes::from(content)));
    Ok(size)
}

fn is_event(octets: &[u8]) -> bool {
    octets.split(|octet| *octet == b'\n').any(|line| line.trim_ascii().eq_ignore_ascii_case(b"BEGIN:VEVENT"))
}

/// What the whole calls itself (RFC 7986 §5.1, and what was usual before).
fn name(text: &[u8]) -> Option<String> {
    let mut head = Vec::new();
    for line in text.split_inclusive(|octet| *octet == b'\n') {
        let begins = line.get(..6).is_some_and(|word| word.eq_ignore_ascii_case(b"BEGIN:"));
        if (begins && !head.is_empty()) || head.len().saturating_add(line.len()) > LONGEST_HEAD {
            break;
        }
        head.extend_from_slice(line);
    }
    head.extend_from_slice(b"\r\nEND:VCALENDAR\r\n");
    let calendar = Component::calendar(&head).ok()?;
    let said = ["NAME", "X-WR-CALNAME"].into_iter().find_map(|name| calendar.property(name));
    said.map(|it| plain(it.to_text().trim())).filter(|name| !name.is_empty())
}

/// What a server has written, as it may be told: on one line, and not long.
fn plain(text: &str) -> String {
    text.chars().filter(|one| !one.is_control()).take(LONGEST_TOLD).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use super::*;

    fn calendar(inside: &str) -> String {
        format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:PUBLISH\r\nX-WR-CALNAME:Emploi du temps\\, L3\r\n{inside}END:VCALENDAR\r\n"
        )
    }

    fn event(uid: &str, more: &str) -> String {
        format!(
            "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260101T100000Z\r\n{more}END:VEVENT\r\n"
        )
    }

    #[test]
    fn an_item_for_each_uid() {
        let series = event("s", "RRULE:FREQ=DAILY;COUNT=3\r\nDTSTART;X=1:20260101T100000Z\r\n")
            .replace("DTSTART:20260101T100000Z\r\n", "");
        let other = event("s", "RECURRENCE-ID:20260102T100000Z\r\n");
        let text = calendar(
            &[
                event("a", ""),
                series,
                other,
                "BEGIN:VTODO\r\nUID:t\r\nDTSTAMP:20260101T000000Z\r\nEND:VTODO\r\n".to_owned(),
            ]
            .concat(),
        );
        let feed = feed(text.as_bytes()).unwrap();
        let names: Vec<String> = feed.listed().iter().map(|item| item.name.as_str().to_owned()).collect();
        assert_eq!(
            (names.len(), feed.name.as_deref(), feed.left_out.len()),
            (2, Some("Emploi du temps, L3"), 0),
            "{names:?}"
        );
        let both = feed
            .listed()
            .iter()
            .map(|item| feed.item(&item.name).unwrap().content.clone())
            .map(|it| String::from_utf8_lossy(&it).matches("BEGIN:VEVENT").count())
            .max();
        assert_eq!(both, Some(2));
        assert!(!format!("{feed:?}").contains("METHOD"));
    }

    #[test]
    fn the_same_is_the_same_whenever_it_was_written() {
        let (one, other) =
            (calendar(&event("a", "")), calendar(&event("a", "")).replace("DTSTAMP:20260101", "DTSTAMP:20261128"));
        assert_eq!(feed(one.as_bytes()).unwrap().state(), feed(other.as_bytes()).unwrap().state());
    }

    #[test]
    fn two_of_one_uid_are_two() {
        let text = calendar(&[event("a", "SUMMARY:1\r\n"), event("a", "SUMMARY:2\r\n")].concat());
        let (first, again) = (feed(text.as_bytes()).unwrap(), feed(text.as_bytes()).unwrap());
        assert_eq!((first.listed().len(), first.state()), (2, again.state()));
    }

    #[test]
    fn what_is_told_again_and_again_is_there_once() {
        let text = calendar(&event("a", "").repeat(2_000));
        assert_eq!(feed(text.as_bytes()).unwrap().listed().len(), 2);
    }

    #[test]
    fn what_grows_in_memory_is_not_taken() {
        let zone = format!(
            "BEGIN:VTIMEZONE\r\nTZID:own\r\nX-PAD:{}\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n",
            "x".repeat(1 << 20)
        );
        let events: String = (0..100)
            .map(|number| {
                event(&number.to_string(), "").replace("DTSTART:20260101T100000Z", "DTSTART;TZID=own:20260101T100000")
            })
            .collect();
        assert_eq!(feed(calendar(&(zone + &events)).as_bytes()).unwrap_err(), FeedFault::TooLarge);
        let long = format!("BEGIN:VCALENDAR\r\nX-WR-CALNAME:{}\r\nEND:VCALENDAR\r\n", "x".repeat(1 << 20));
        assert_eq!(feed(long.as_bytes()).unwrap().name, None);
        let wrong = calendar(&format!("BEGIN:{}\r\n", "x".repeat(10_000)));
        let Err(FeedFault::Broken(told)) = feed(wrong.as_bytes()) else { panic!("it was read") };
        assert!(told.len() <= LONGEST_TOLD, "{told}");
    }

    #[test]
    fn what_is_none_is_none() {
        assert_eq!(feed(b"<html></html>").unwrap_err(), FeedFault::NoCalendar);
        assert_eq!(feed(b"").unwrap_err(), FeedFault::NoCalendar);
        assert!(feed(calendar("").as_bytes()).unwrap().listed().is_empty());
        let cut = calendar(&event("a", "")).replace("END:VCALENDAR", "");
        assert!(matches!(feed(cut.as_bytes()).unwrap_err(), FeedFault::Broken(_)));
        let wrong = calendar(&event("a", "").replace("DTSTART:20260101T100000Z", "DTSTART:yesterday"));
        let Err(FeedFault::Broken(where_it_is)) = feed(wrong.as_bytes()) else { panic!("it was read") };
        assert!(where_it_is.starts_with("line 8"), "{where_it_is}");
        // One that is wrong takes no other with it.
        let half = calendar(
            &[event("a", ""), event("b", "").replace("DTSTART:20260101T100000Z", "DTSTART:yesterday")].concat(),
        );
        let half = feed(half.as_bytes()).unwrap();
        assert_eq!((half.listed().len(), half.left_out.len()), (1, 1));
    }
}
