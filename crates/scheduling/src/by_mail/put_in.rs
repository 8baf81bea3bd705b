//! A message is put into somebody's calendars.

use super::{Mail, Reason, letter::Mailed};
use crate::owner;
use passerelle_core::{Add, Authorized, CalendarUser, CalendarUserKind, Error, Landed, Result};
use passerelle_model::InboxRef;

/// Puts a message in, and says what came of it: [`Reason::Fits`] where it was done. It is done once, however often it comes.
///
/// # Errors
/// `Unsupported` where only they themselves can open their calendars; `OverQuota` and others of the store; `Unavailable`.
pub async fn put_in(inbox: &Authorized<InboxRef, Add>, user: &CalendarUser, mail: &Mail) -> Result<Reason> {
    // Whom it is not about, of those nothing is looked into; and rooms are not asked by mail: whoever sends one may be anybody.
    let is_for_them = mail.judge(None, &owner::addresses(user)).reason != Reason::NotForMe;
    if !is_for_them || user.kind == CalendarUserKind::Room {
        return Ok(Reason::NotForMe);
    }
    let letter = Mailed::new(mail, user);
    match inbox.deliver(&letter).await {
        Ok(Landed::Written(_)) => Ok(Reason::Fits),
        Ok(Landed::Unchanged) => Ok(letter.reason()),
        Err(Error::Invalid { .. }) if letter.reason() != Reason::Fits => Ok(letter.reason()),
        Err(error) => Err(error),
    }
}
