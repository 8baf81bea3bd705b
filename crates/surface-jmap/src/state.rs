//! States (RFC 8620 §5.1, §5.2): what the store says of each mailbox, so that any node can tell later what has changed since.
//!
//! Nothing is decided by a state: whoever makes one up hears of nothing but their own mail.

use crate::id::MailboxId;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use passerelle_core::ports::{Counted, MailboxCounts, MailboxState};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Most mailboxes of a state that can be compared; of more, a digest tells only whether anything has changed.
const MOST_MAILBOXES: usize = 400;

/// A state from which nothing can be told.
pub(crate) const UNKNOWN_STATE: &str = "unknown";

/// What a store says of a mailbox's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) uid_validity: u32,
    pub(crate) uid_next: u32,
    pub(crate) exists: u32,
    /// How far changes were counted; 0 where the store does not.
    pub(crate) modseq: u64,
    /// How many are not seen, where changes are not counted: the most that can be noticed there of flags.
    pub(crate) unseen: u32,
}

impl Facts {
    pub(crate) fn of(counts: &MailboxCounts) -> Self {
        let modseq = counts.highest_modseq.unwrap_or(0);
        Self {
            uid_validity: counts.uid_validity,
            uid_next: counts.uid_next,
            exists: counts.messages,
            modseq,
            unseen: if modseq == 0 { counts.unseen } else { 0 },
        }
    }

    /// The facts of an open mailbox.
    pub(crate) fn of_state(state: &MailboxState) -> Option<Self> {
        let Counted::Modseq(modseq) = state.counted else { return None };
        let MailboxState { uid_validity, uid_next, exists, .. } = *state;
        Some(Self { uid_validity, uid_next, exists, modseq, unseen: 0 })
    }

    /// To ask an open mailbox what has changed since; `None` where that was not counted.
    pub(crate) fn to_state(self) -> Option<MailboxState> {
        let Self { uid_validity, uid_next, exists, modseq, .. } = self;
        (modseq > 0).then_some(MailboxState { uid_validity, uid_next, exists, counted: Counted::Modseq(modseq) })
    }
}

/// The state of a person's messages: `Email`, and with it `Thread`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct MailState(pub(crate) BTreeMap<MailboxId, Facts>);

impl MailState {
    pub(crate) fn to_text(&self) -> String {
        let mut octets = Vec::with_capacity(self.0.len().saturating_mul(20));
        for (id, facts) in &self.0 {
            octets.extend(id.0);
            octets.extend(facts.uid_validity.to_be_bytes());
            for number in [facts.uid_next.into(), facts.exists.into(), facts.modseq, facts.unseen.into()] {
                varint(number, &mut octets);
            }
        }
        written(&octets, self.0.len())
    }

    /// Whether it can be told later what has changed since.
    pub(crate) fn can_be_compared(&self) -> bool {
        self.0.len() <= MOST_MAILBOXES && self.0.values().all(|facts| facts.modseq > 0)
    }

    /// What [`Self::to_text`] wrote; `None` for anything else, and where only a digest is left.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        entries(text, |rest| {
            let uid_validity = u32::from_be_bytes(take(rest)?);
            let small = |number: u64| u32::try_from(number).ok();
            let uid_next = small(number(rest)?)?;
            let exists = small(number(rest)?)?;
            let modseq = number(rest)?;
            let unseen = small(number(rest)?)?;
            Some(Facts { uid_validity, uid_next, exists, modseq, unseen })
        })
        .map(Self)
    }
}

/// The state of the mailboxes themselves: of each a digest of what it is, and one of its counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct TreeState(pub(crate) BTreeMap<MailboxId, ([u8; 4], [u8; 4])>);

impl TreeState {
    pub(crate) fn to_text(&self) -> String {
        let octets: Vec<u8> =
            self.0.iter().flat_map(|(id, (what, counts))| id.0.iter().chain(what).chain(counts).copied()).collect();
        written(&octets, self.0.len())
    }

    /// Whether it can be told later what has changed since.
    pub(crate) fn can_be_compared(&self) -> bool {
        self.0.len() <= MOST_MAILBOXES
    }

    /// What [`Self::to_text`] wrote; `None` for anything else, and where only a digest is left.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        entries(text, |rest| Some((take(rest)?, take(rest)?))).map(Self)
    }
}

/// The text of a state of so many mailboxes.
fn written(octets: &[u8], count: usize) -> String {
    if count > MOST_MAILBOXES {
        return format!("d{}", BASE64.encode(Sha256::digest(octets)));
    }
    format!("v{}", BASE64.encode(octets))
}

/// What a state's text says of each mailbox.
fn entries<T>(text: &str, mut read: impl FnMut(&mut &[u8]) -> Option<T>) -> Option<BTreeMap<MailboxId, T>> {
    let octets = BASE64.decode(text.strip_prefix('v')?).ok()?;
    let (mut rest, mut all) = (octets.as_slice(), BTreeMap::new());
    while !rest.is_empty() {
        all.insert(MailboxId(take(&mut rest)?), read(&mut rest)?);
    }
    (all.len() <= MOST_MAILBOXES).then_some(all)
}

/// A digest of four octets.
pub(crate) fn mark(text: &str) -> [u8; 4] {
    let mut mark = [0; 4];
    for (to, from) in mark.iter_mut().zip(Sha256::digest(text)) {
        *to = from;
    }
    mark
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(*head)
}

/// Seven bits to an octet, the lowest first.
fn varint(mut number: u64, to: &mut Vec<u8>) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            to.push(low & 0x7f);
            return;
        }
        to.push(low | 0x80);
    }
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let [octet] = take(rest)?;
        let bits = u64::from(octet & 0x7f);
        if bits.leading_zeros() < shift {
            return None;
        }
        number |= bits << shift;
        if octet & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn states_are_read_as_they_were_written(all in proptest::collection::btree_map(any::<[u8; 8]>(), any::<(u32, u32, u32, u64, u32)>(), 0..20)) {
            let facts = all.iter().map(|(id, (uid_validity, uid_next, exists, modseq, unseen))| {
                let facts = Facts { uid_validity: *uid_validity, uid_next: *uid_next, exists: *exists, modseq: *modseq, unseen: *unseen };
                (MailboxId(*id), facts)
            });
            let state = MailState(facts.collect());
            prop_assert_eq!(MailState::from_text(&state.to_text()), Some(state));
            let tree = TreeState(all.iter().map(|(id, (a, b, ..))| (MailboxId(*id), (a.to_be_bytes(), b.to_be_bytes()))).collect());
            prop_assert_eq!(TreeState::from_text(&tree.to_text()), Some(tree));
        }

        #[test]
        fn nothing_panics(octets in proptest::collection::vec(any::<u8>(), 0..80), text in ".{0,20}") {
            let made = format!("v{}", BASE64.encode(&octets));
            let _ = (MailState::from_text(&made), TreeState::from_text(&made), MailState::from_text(&text));
        }
    }
}
