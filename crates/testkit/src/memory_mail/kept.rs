//! What the store in memory keeps of a mailbox.

use passerelle_core::ports::SpecialUse;
use passerelle_model::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// A message.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) octets: Vec<u8>,
    pub(super) flags: BTreeSet<String>,
    pub(super) received: Timestamp,
    /// Names the message wherever it is copied to.
    pub(super) name: u64,
}

/// A mailbox.
#[derive(Debug, Clone)]
pub(super) struct KeptMailbox {
    pub(super) uid_validity: u32,
    pub(super) uid_next: u32,
    pub(super) messages: BTreeMap<u32, Kept>,
    pub(super) subscribed: bool,
    pub(super) use_for: Option<SpecialUse>,
}

impl KeptMailbox {
    pub(super) fn new(uid_validity: u32) -> Self {
        Self { uid_validity, uid_next: 1, messages: BTreeMap::new(), subscribed: false, use_for: None }
    }

    /// Puts a message in; its UID.
    pub(super) fn put(&mut self, message: Kept) -> u32 {
        let uid = self.uid_next;
        self.uid_next = self.uid_next.saturating_add(1);
        self.messages.insert(uid, message);
        uid
    }

    pub(super) fn unseen(&self) -> u32 {
        let unseen = self.messages.values().filter(|it| !it.flags.contains("\\Seen")).count();
        u32::try_from(unseen).unwrap_or(u32::MAX)
    }

    pub(super) fn exists(&self) -> u32 {
        u32::try_from(self.messages.len()).unwrap_or(u32::MAX)
    }
}
