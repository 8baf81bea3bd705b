//! Scheduling: a message that was taken does nothing a second time, and what is stored in the place of a write is stored as it is.

use passerelle_wire_ical::{CalendarObject, Utc, Zone};
use passerelle_wire_itip::{Address, Asked, Owner, Received, change, receive, schedule_tag};

/// Two texts, between them an octet that is in none.
fn pair(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = octets.iter().position(|octet| *octet == 0)?;
    Some((octets.get(..at)?, octets.get(at + 1..)?))
}

/// Whoever is spoken of in it, so that most of what is tried concerns somebody.
fn people(octets: &[u8]) -> Vec<Address> {
    let Ok(object) = CalendarObject::read(octets, Zone::utc()) else { return Vec::new() };
    let components = object.calendar().components.iter();
    let people = components.flat_map(|component| component.all("ORGANIZER").chain(component.all("ATTENDEE")));
    people.take(2).map(|property| Address::new(property.value())).collect()
}

pub(crate) fn writes(octets: &[u8]) {
    let Some((old, new)) = pair(octets) else { return };
    let now = Utc::parse("20261201T080000Z").expect("a moment");
    for who in people(new) {
        let all = [who];
        let owner = Owner { addresses: &all };
        let _ = schedule_tag(new, &owner);
        let _ = change(Some(old), None, &owner, Asked { reply: true }, now);
        let Ok(done) = change(Some(old), Some(new), &owner, Asked { reply: true }, now) else { continue };
        if let Some(stored) = done.content {
            let again = change(Some(old), Some(&stored), &owner, Asked { reply: true }, now);
            assert_eq!(again.map(|done| done.content), Ok(None));
        }
    }
}

pub(crate) fn messages(octets: &[u8]) {
    let Some((copy, message)) = pair(octets) else { return };
    // What no line may have is left out of what is written: it is not there the second time.
    let has_lines = std::str::from_utf8(message).is_ok_and(|text| !text.replace("\r\n", "").contains(char::is_control));
    let is_fit = CalendarObject::read(copy, Zone::utc()).is_ok_and(|object| object.fit().is_ok());
    for who in people(message) {
        let all = [who];
        let owner = Owner { addresses: &all };
        for copy in [Some(copy).filter(|_| is_fit), None] {
            let received = receive(copy, message, &owner);
            if let (Ok(Received::Put(now)), true) = (received, has_lines) {
                assert_eq!(receive(Some(&now), message, &owner), Ok(Received::Unchanged));
            }
        }
    }
}
