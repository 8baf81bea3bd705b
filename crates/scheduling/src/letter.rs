//! A message on its way into a calendar.

use bytes::Bytes;
use passerelle_core::{BusyAsk, BusyIn, CalendarUser, CalendarUserKind, Error, Letter, Result, Taken};
use passerelle_model::{ItemName, Timestamp};
use passerelle_wire_ical::{Component, Range, Utc};
use passerelle_wire_itip::{Address, Answer, Message, Method, Owner, Received, answered, receive};
use sha2::{Digest, Sha256};
use std::fmt::Write;

use crate::{busy, owner};

/// How far ahead a room looks when it is asked, in seconds: a series that goes on for ever is answered for two years.
const AHEAD: i64 = 2 * 366 * 86_400;
/// Longest UID that names an item as it is.
const LONGEST_UID: usize = 120;

/// A message and whom it is for.
pub(crate) struct Note {
    uid: String,
    method: Method,
    content: String,
    addresses: Vec<Address>,
    kind: CalendarUserKind,
    now: Timestamp,
}

impl Note {
    pub(crate) fn new(message: &Message, to: &CalendarUser, now: Timestamp) -> Self {
        Self {
            uid: message.uid.clone(),
            method: message.method,
            content: message.content.clone(),
            addresses: owner::addresses(to),
            kind: to.kind,
            now,
        }
    }

    /// When a room is asked for: from now on.
    fn range(&self) -> Range {
        Range { start: Utc::of(self.now.0), end: Utc::of(self.now.plus(AHEAD).0) }
    }

    /// What a room answers: no where it is taken at any of the times, else yes.
    fn answer(&self, copy: &[u8], taken: &[Taken]) -> Result<Answer> {
        let Range { start, end } = self.range();
        let ask =
            BusyAsk { start: Timestamp(start.seconds()), end: Timestamp(end.seconds()), zone: None, without: None };
        let wanted = busy::times(copy, &ask)?;
        let clashes = |one: &Taken| taken.iter().any(|other| one.start < other.end && other.start < one.end);
        Ok(if wanted.iter().any(clashes) { Answer::Declined } else { Answer::Accepted })
    }
}

impl Letter for Note {
    fn name(&self, attempt: u32) -> Result<ItemName> {
        name_of(&self.uid, attempt)
    }

    fn is_about(&self, content: &[u8]) -> bool {
        has_uid(content, &self.uid)
    }

    fn received(&self, copy: Option<&[u8]>, taken: &[Taken]) -> Result<Option<Bytes>> {
        let owner = Owner { addresses: &self.addresses };
        let content = match receive(copy, self.content.as_bytes(), &owner).map_err(Error::invalid)? {
            Received::Unchanged => return Ok(None),
            Received::Put(content) => content,
        };
        let content = match self.weighs() {
            Some(_) => answered(&content, &owner, self.answer(&content, taken)?, None),
            None => content,
        };
        Ok(Some(Bytes::from(content)))
    }

    fn weighs(&self) -> Option<(BusyIn, BusyAsk)> {
        let Range { start, end } = self.range();
        let (start, end) = (Timestamp(start.seconds()), Timestamp(end.seconds()));
        let is_asked = self.kind == CalendarUserKind::Room && self.method == Method::Request;
        is_asked.then(|| (busy::times as BusyIn, BusyAsk { start, end, zone: None, without: Some(self.uid.clone()) }))
    }
}

/// What a new item of a UID is called.
pub(crate) fn name_of(uid: &str, attempt: u32) -> Result<ItemName> {
    let plain = |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || b"-_@.".contains(&octet);
    let is_plain = uid.len() <= LONGEST_UID && !uid.starts_with('.') && uid.bytes().all(plain);
    let stem = if is_plain && !uid.is_empty() {
        uid.to_owned()
    } else {
        let mut stem = String::new();
        for octet in Sha256::digest(uid.as_bytes()).iter().take(16) {
            // Writing into a String does not fail.
            let _ = write!(stem, "{octet:02x}");
        }
        stem
    };
    let name = if attempt == 0 { format!("{stem}.ics") } else { format!("{stem}-{attempt}.ics") };
    ItemName::parse(&name).map_err(|error| Error::internal("naming an item", error))
}

/// Whether an item is about what has this UID.
pub(crate) fn has_uid(content: &[u8], uid: &str) -> bool {
    let Ok(calendar) = Component::calendar(content) else { return false };
    let is_it = |component: &Component<'_>| component.property("UID").is_some_and(|it| it.to_text().trim() == uid);
    calendar.components.iter().any(is_it)
}
