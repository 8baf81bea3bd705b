//! Whether a message is news to whoever has a copy of what it is about (RFC 5546 §2.1.5).

use crate::object::Object;
use crate::people::{self, REPLIED};
use crate::{Address, Method, Owner, Received, receive, text};
use passerelle_wire_ical::{Component, Utc};

/// What the calendar has, beside the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing of it.
    None,
    /// What the message says.
    Same,
    /// An older one: the message is news.
    Older,
    /// A newer one: the message comes too late.
    Newer,
}

/// What a copy is to a message about it; `copy` is what the owner has of its UID, if anything.
pub fn known(copy: Option<&[u8]>, message: &[u8], owner: &Owner<'_>) -> Known {
    let Some(octets) = copy else { return Known::None };
    let (Some(copy), Some(message_read)) = (Object::read(octets), Object::read(message)) else { return Known::None };
    let is_reply = message_read
        .calendar()
        .property("METHOD")
        .is_some_and(|method| Method::named(method.value().trim()) == Some(Method::Reply));
    let sequences = message_read.parts.iter().filter_map(|part| {
        let said = message_read.component(*part)?;
        let known = copy.describing(part.instance)?;
        let is_late = is_reply && is_answered_later(known, said);
        Some((text::sequence(known), text::sequence(said), is_late))
    });
    let sequences: Vec<(u32, u32, bool)> = sequences.collect();
    let is_late = |(known, said, is_late): &(u32, u32, bool)| known > said || *is_late;
    if !sequences.is_empty() && sequences.iter().all(is_late) {
        return Known::Newer;
    }
    match receive(Some(octets), message, owner) {
        Ok(Received::Put(_)) => Known::Older,
        Ok(Received::Unchanged) => Known::Same,
        // It cannot be taken; it is news where it was changed more often.
        Err(_) if sequences.iter().any(|(known, said, _)| said > known) => Known::Older,
        Err(_) => Known::Same,
    }
}

/// Whether whoever answers has answered once more since.
fn is_answered_later(known: &Component<'_>, said: &Component<'_>) -> bool {
    let Some(who) = people::attendees(said).next().map(Address::of) else { return false };
    let own = people::attendees(known).find(|one| Address::of(one) == who);
    let before = own.and_then(|own| own.parameter(REPLIED)).and_then(|when| Utc::parse(&when));
    before.is_some_and(|before| text::stamp(said).is_none_or(|when| when < before))
}
