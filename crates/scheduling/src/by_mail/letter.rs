//! A message that came by mail on its way into a calendar.

use super::{Mail, Reason};
use crate::{letter::Note, owner};
use bytes::Bytes;
use passerelle_core::{CalendarUser, CalendarUserKind, Error, Letter, Result, Taken};
use passerelle_model::{ItemName, Timestamp};
use passerelle_wire_itip::{Address, Method};
use std::sync::{Mutex, PoisonError};

/// The letter of a mail to somebody. What it makes of their copy is judged by what is there when it is written.
pub(crate) struct Mailed<'m> {
    mail: &'m Mail,
    note: Note,
    addresses: Vec<Address>,
    /// What was judged last.
    reason: Mutex<Reason>,
}

impl<'m> Mailed<'m> {
    pub(crate) fn new(mail: &'m Mail, to: &CalendarUser, now: Timestamp) -> Self {
        let addresses = owner::addresses(to);
        let note = Note {
            uid: mail.described.uid.clone(),
            // Rooms are not asked by mail: whoever sends one may be anybody.
            method: Method::Reply,
            content: String::new(),
            addresses: addresses.clone(),
            kind: CalendarUserKind::Individual,
            now,
        };
        Self { mail, note, addresses, reason: Mutex::new(Reason::Unclear) }
    }

    /// Why it changed the calendar, or not.
    pub(crate) fn reason(&self) -> Reason {
        *self.reason.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Letter for Mailed<'_> {
    fn name(&self, attempt: u32) -> Result<ItemName> {
        self.note.name(attempt)
    }

    fn is_about(&self, content: &[u8]) -> bool {
        self.note.is_about(content)
    }

    fn received(&self, copy: Option<&[u8]>, _: &[Taken]) -> Result<Option<Bytes>> {
        let judged = self.mail.judge(copy, &self.addresses);
        *self.reason.lock().unwrap_or_else(PoisonError::into_inner) = judged.reason;
        match (judged.after, judged.reason) {
            (Some(after), _) => Ok(Some(Bytes::from(after))),
            (None, Reason::Same | Reason::Outdated) => Ok(None),
            (None, reason) => Err(Error::invalid(reason.word())),
        }
    }
}
