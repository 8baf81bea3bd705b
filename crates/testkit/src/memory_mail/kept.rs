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
    /// When it was put in or changed last, counted by its mailbox.
    pub(super) modseq: u64,
    /// Names the message wherever it is copied to.
    pub(super) name: u64,
}

/// A mailbox.
#[derive(Debug, Clone)]
pub(super) struct KeptMailbox {
    pub(super) uid_validity: u32,
    pub(super) uid_next: u32,
    pub(super) messages: BTreeMap<u32, Kept>,
    /// How many changes there were.
    pub(super) modseq: u64,
    /// What is gone, and since when.
    pub(super) removed: Vec<(u64, u32)>,
    pub(super) subscribed: bool,
    pub(super) use_for: Option<SpecialUse>,
}

impl KeptMailbox {
    pub(super) fn new(uid_validity: u32) -> Self {
        Self {
            uid_validity,
            uid_next: 1,
            messages: BTreeMap::new(),
            modseq: 1,
            removed: Vec::new(),
            subscribed: false,
            use_for: None,
        }
    }

    /// Puts a message in; its UID.
    pub(super) fn put(&mut self, mut message: Kept) -> u32 {
        message.modseq = self.count();
        let uid = self.uid_next;
        self.uid_next = self.uid_next.saturating_add(1);
        self.messages.insert(uid, message);
        uid
    }

    /// Counts a change.
    pub(super) fn count(&mut self) -> u64 {
        self.modseq = self.modseq.saturating_add(1);
        self.modseq
    }

    /// Takes messages away.
    pub(super) fn remove(&mut self, uids: &[u32]) {
        let modseq = self.count();
        for uid in uids {
            if self.messages.remove(uid).is_some() {
                self.removed.push((modseq, *uid));
            }
        }
    }

    pub(super) fn unseen(&self) -> u32 {
        let unseen = self.messages.values().filter(|it| !it.flags.contains("\\Seen")).count();
        u32::try_from(unseen).unwrap_or(u32::MAX)
    }

    pub(super) fn exists(&self) -> u32 {
        u32::try_from(self.messages.len()).unwrap_or(u32::MAX)
    }
}
