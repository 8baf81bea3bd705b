//! A message that came by mail on its way into a calendar.

use super::{Mail, Reason};
use crate::{
    letter::{has_uid, name_of},
    owner,
};
use bytes::Bytes;
use passerelle_core::{CalendarUser, Error, Letter, Result, Taken};
use passerelle_model::ItemName;
use passerelle_wire_itip::Address;
use std::sync::{Mutex, PoisonError};

/// The letter of a mail to somebody. What it makes of their copy is judged by what is there when it is written.
pub(crate) struct Mailed<'m> {
    mail: &'m Mail,
    addresses: Vec<Address>,
    /// What was judged last.
    reason: Mutex<Reason>,
}

impl<'m> Mailed<'m> {
    pub(crate) fn new(mail: &'m Mail, to: &CalendarUser) -> Self {
        Self { mail, addresses: owner::addresses(to), reason: Mutex::new(Reason::Unclear) }
    }

    /// Why it changed the calendar, or not.
    pub(crate) fn reason(&self) -> Reason {
        *self.reason.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Letter for Mailed<'_> {
    fn name(&self, attempt: u32) -> Result<ItemName> {
        name_of(&self.mail.described.uid, attempt)
    }

    fn is_about(&self, content: &[u8]) -> bool {
        has_uid(content, &self.mail.described.uid)
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
