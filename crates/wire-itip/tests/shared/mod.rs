//! Objects to schedule.
#![allow(dead_code, clippy::expect_used, clippy::panic, reason = "a test may panic; not each uses all")]

use passerelle_wire_ical::Utc;
use passerelle_wire_itip::{Address, Asked, Change, Message, Owner, Received, Refused};

pub(crate) const ANNA: &str = "ORGANIZER:mailto:anna@garonne.example";
pub(crate) const BENOIT: &str = "ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:benoit@autan.example";
pub(crate) const CHLOE: &str = "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:chloe@garonne.example";

/// 2026-12-01T08:00:00Z.
pub(crate) fn now() -> Utc {
    Utc::parse("20261201T080000Z").expect("a moment")
}

/// An object of these components, each the lines between BEGIN and END of an event.
pub(crate) fn object(components: &[&[&str]]) -> String {
    let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tests//EN\r\n".to_owned();
    for lines in components {
        text += "BEGIN:VEVENT\r\nUID:jury\r\n";
        for line in *lines {
            text.extend([line, "\r\n"]);
        }
        text += "END:VEVENT\r\n";
    }
    text + "END:VCALENDAR\r\n"
}

/// The lines of a meeting on a day of December 2026, from ten to eleven.
pub(crate) fn on<'t>(start: &'t str, more: &[&'t str]) -> Vec<&'t str> {
    [&["DTSTAMP:20261201T070000Z", start, "DURATION:PT1H", "SUMMARY:Jury"], more].concat()
}

pub(crate) fn addresses(mail: &str) -> Vec<Address> {
    vec![Address::of_mail(mail)]
}

pub(crate) fn change(old: Option<&str>, new: Option<&str>, owner: &str) -> Result<Change, Refused> {
    let addresses = addresses(owner);
    let owner = Owner { addresses: &addresses };
    passerelle_wire_itip::change(old.map(str::as_bytes), new.map(str::as_bytes), &owner, Asked { reply: true }, now())
}

pub(crate) fn receive(copy: Option<&str>, message: &str, owner: &str) -> Result<Received, Refused> {
    let addresses = addresses(owner);
    passerelle_wire_itip::receive(copy.map(str::as_bytes), message.as_bytes(), &Owner { addresses: &addresses })
}

/// What a message makes of a copy that it changes.
pub(crate) fn put(copy: Option<&str>, message: &str, owner: &str) -> String {
    match receive(copy, message, owner) {
        Ok(Received::Put(octets)) => String::from_utf8(octets).expect("text"),
        other => panic!("nothing was put: {other:?}"),
    }
}

/// Long lines in one.
pub(crate) fn unfolded(text: &str) -> String {
    text.replace("\r\n ", "")
}

/// The lines of a text that have this in them.
pub(crate) fn lines_with(text: &str, wanted: &str) -> Vec<String> {
    unfolded(text).lines().filter(|line| line.contains(wanted)).map(str::to_owned).collect()
}

/// Whom the messages are for, each with its method.
pub(crate) fn told(messages: &[Message]) -> Vec<(String, String)> {
    let each = |message: &Message| {
        let method = message.method.name().to_owned();
        message.to.iter().map(move |to| (method.clone(), to.address.as_str().to_owned())).collect::<Vec<_>>()
    };
    let mut all: Vec<_> = messages.iter().flat_map(each).collect();
    all.sort();
    all
}

pub(crate) fn text_of(change: &Change) -> String {
    String::from_utf8(change.content.clone().expect("other content")).expect("text")
}
