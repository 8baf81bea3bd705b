//! What a message does to the copy in its recipient's calendar (RFC 5546 §3.2, RFC 6638 §4).

mod cancel;
mod reply;
mod request;

use crate::object::Object;
use crate::{Method, Owner, Refused};

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// The copy is this now: in its place, or new in the calendar that invitations go to.
    Put(Vec<u8>),
    /// Nothing: it is so already, or the message is older than what is there.
    Unchanged,
}

impl Received {
    fn of(copy: Option<&Object<'_>>, text: String) -> Self {
        let is_so = copy.is_some_and(|copy| copy.calendar().written() == text);
        if is_so { Self::Unchanged } else { Self::Put(text.into_bytes()) }
    }
}

/// What the copy of its owner is after a message; `copy` is what they have of its UID, if anything. The same message twice does nothing
/// twice.
///
/// Whoever brings the message answers for its sender: that a request comes from its organiser and an answer from whom it is of.
///
/// # Errors
/// [`Refused`]: the message is not for them, not from somebody who is invited, or nothing that is understood.
pub fn receive(copy: Option<&[u8]>, message: &[u8], owner: &Owner<'_>) -> Result<Received, Refused> {
    let message = Object::read(message).ok_or(Refused::NotUnderstood)?;
    let method = message.calendar().property("METHOD").ok_or(Refused::NotUnderstood)?;
    let method = Method::named(method.value().trim()).ok_or(Refused::NotUnderstood)?;
    let says_whose = message.components().all(|component| component.property("ORGANIZER").is_some());
    if !says_whose || message.tells_twice() {
        return Err(Refused::NotUnderstood);
    }
    if !message.has_one_organizer() {
        return Err(Refused::SeveralOrganizers);
    }
    let copy = copy.and_then(Object::read);
    let copy = copy.as_ref();
    match method {
        Method::Request => request::receive(copy, &message, owner),
        Method::Cancel => cancel::receive(copy, &message),
        Method::Reply => reply::receive(copy.ok_or(Refused::NotThere)?, &message, owner),
    }
}
