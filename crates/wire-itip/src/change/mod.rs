//! What a client's write means to others (RFC 6638 §3.2).

mod attendee;
mod organizer;
mod view;

use crate::object::{Object, Role};
use crate::{Message, Owner, Refused};
use passerelle_wire_ical::Utc;

/// How a client asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Whether the organiser is told that what somebody was invited to is removed (RFC 6638 §8.1, `Schedule-Reply`).
    pub reply: bool,
}

/// What follows from a write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// What is stored in the place of what the client wrote; nothing where that is stored as it is.
    pub content: Option<Vec<u8>>,
    /// Whom it concerns. Those who are not spoken to by servers are not among them.
    pub messages: Vec<Message>,
}

/// What follows from the write of an object into its owner's calendar: `old` was there, `new` is to be; without one of them it is new,
/// or is removed. Of what is over nobody is told anything.
///
/// # Errors
/// [`Refused`], by its precondition: then nothing may be stored.
pub fn change(
    old: Option<&[u8]>,
    new: Option<&[u8]>,
    owner: &Owner<'_>,
    asked: Asked,
    now: Utc,
) -> Result<Change, Refused> {
    let old = old.and_then(Object::read);
    let new = new.and_then(Object::read);
    let role = |object: &Option<Object<'_>>| object.as_ref().map_or(Role::Nobody, |object| object.role(owner));
    let (was, is) = (role(&old), role(&new));
    if is != Role::Nobody && new.as_ref().is_some_and(|new| !new.has_one_organizer()) {
        return Err(Refused::SeveralOrganizers);
    }
    match (was, is) {
        (Role::Nobody, Role::Nobody) => Ok(Change::default()),
        (Role::Organizer, Role::Attendee) => Err(Refused::OrganizerChange),
        (Role::Attendee, Role::Organizer) => Err(Refused::AttendeeChange),
        (Role::Attendee, Role::Nobody) if new.is_some() => Err(Refused::AttendeeChange),
        (Role::Organizer, Role::Organizer | Role::Nobody) | (Role::Nobody, Role::Organizer) => {
            organizer::change(old.as_ref().filter(|_| was != Role::Nobody), new.as_ref(), owner, now)
        }
        (Role::Attendee, Role::Attendee | Role::Nobody) | (Role::Nobody, Role::Attendee) => {
            attendee::change(old.as_ref().filter(|_| was != Role::Nobody), new.as_ref(), owner, asked, now)
        }
    }
}
