//! What has changed in a mailbox since it was looked at, told by a gateway that remembers nothing (RFC 7162; RFC 8620 §5.2).
//!
//! A state carries the facts that the store itself gives. Where the store counts changes (CONDSTORE) and remembers removals
//! (QRESYNC) everything can be told. Where it only counts changes, a removal shows in the number of messages, and who is gone
//! cannot be told. Where it does neither, a digest of all UIDs and flags shows whether nothing but new messages came; of
//! anything else it can only be said that it cannot be told.

use std::ops::RangeInclusive;

/// How a mailbox was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailboxState {
    /// With the messages' UIDs it names them for good.
    pub uid_validity: u32,
    /// All messages had smaller UIDs.
    pub uid_next: u32,
    /// How many messages there were.
    pub exists: u32,
    /// How far changes were counted.
    pub counted: Counted,
}

/// How changes are noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// By the store's own count (RFC 7162 §3.1.2.1).
    Modseq(u64),
    /// By a digest of the UIDs and flags of all messages, where the store counts nothing.
    Digest([u8; 16]),
}

/// What has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// All of it.
    Told(Changes),
    /// It cannot be told: JMAP's `cannotCalculateChanges`. Everything has to be looked at again.
    CannotTell,
}

/// Changes between two states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// New messages, each once, in the order of their UIDs.
    pub added: Vec<u32>,
    /// Messages whose flags may have changed.
    pub changed: Vec<u32>,
    /// Messages that are gone. There may be UIDs among them that were never a message's, or whose removal was told before.
    pub removed: Vec<RangeInclusive<u32>>,
    /// How the mailbox is now.
    pub state: MailboxState,
}

impl MailboxState {
    /// As text, to be authenticated by the gate before it is handed out: at most 80 characters.
    pub(crate) fn to_text(self) -> String {
        let counted = match self.counted {
            Counted::Modseq(modseq) => format!("m{modseq:x}"),
            Counted::Digest(digest) => format!("d{:x}", u128::from_be_bytes(digest)),
        };
        format!("{:x}.{:x}.{:x}.{counted}", self.uid_validity, self.uid_next, self.exists)
    }

    /// Reads what [`Self::to_text`] wrote.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let mut words = text.split('.');
        let mut number = || u32::from_str_radix(words.next()?, 16).ok();
        let (uid_validity, uid_next, exists) = (number()?, number()?, number()?);
        let counted = words.next().filter(|_| words.next().is_none())?;
        let counted = match counted.split_at_checked(1)? {
            ("m", modseq) => Counted::Modseq(u64::from_str_radix(modseq, 16).ok()?),
            ("d", digest) => Counted::Digest(u128::from_str_radix(digest, 16).ok()?.to_be_bytes()),
            _ => return None,
        };
        Some(Self { uid_validity, uid_next, exists, counted })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_state_is_read_as_it_was_written() {
        for counted in
            [Counted::Modseq(0), Counted::Modseq(u64::MAX), Counted::Digest([7; 16]), Counted::Digest([0; 16])]
        {
            let state = MailboxState { uid_validity: u32::MAX, uid_next: 17, exists: 3, counted };
            let text = state.to_text();
            assert!(text.len() <= 80, "{text}");
            assert_eq!(MailboxState::from_text(&text), Some(state));
        }
        for bad in ["", "1.2.3", "1.2.3.x4", "1.2.3.m4.5", "g.2.3.m4", "1.2.3.", "1.2.3.é"] {
            assert_eq!(MailboxState::from_text(bad), None, "{bad}");
        }
    }
}
