//! The port to a mailbox that is kept open: what is in it, its messages as streams, flags, removal. POP3 stands on it, and
//! what else speaks of messages and not of the store's own protocol.

use super::{Appended, ClientFacts, Fut, Messages, NewMessage};
use crate::{
    Permit, Result,
    rights::{Add, Edit, Read, Remove},
};
use bytes::Bytes;
use futures::Stream;
use passerelle_model::MailboxRef;
use std::{fmt, num::NonZeroU32, pin::Pin};

/// Most messages of one listing; a mailbox with more is not listed rather than listed in part.
pub const MOST_LISTED: u32 = 250_000;

/// The power of a mail store to keep a mailbox open, and to put messages in.
pub trait Mailboxes: Send + Sync {
    /// Opens a mailbox on a store connection of its own, without leaving a mark in it (EXAMINE, RFC 9051 §6.3.3). What
    /// changes it comes later, each time with a permit for that.
    ///
    /// # Errors
    /// `NotFound` when there is none of this name, `Unavailable` when the store is down, slow or refuses the log-in that
    /// the settings say must work, `Unauthenticated` when it refuses the person's own password.
    fn open<'a>(
        &'a self,
        at: &'a Permit<MailboxRef, Read>,
        client: Option<&'a ClientFacts>,
    ) -> Fut<'a, Box<dyn OpenMailbox>>;

    /// Puts a message in: all of it in one step, or nothing. The store's refusal is heard before the octets are taken, but of
    /// a small message.
    ///
    /// # Errors
    /// `NotFound` when there is no such mailbox, `Forbidden`, `OverQuota` and `TooLarge` as the store says; what the stream
    /// fails with, and `Invalid` when it is not as long as was said or has a NUL in it: then nothing was put in, because the
    /// connection ends before the message does. `Unsettled` when the store is gone after the last octet and before its
    /// answer.
    fn append<'a>(&'a self, at: &'a Permit<MailboxRef, Add>, message: NewMessage) -> Fut<'a, Appended>;
}

/// A mailbox that is open. After an `Unavailable`, and after a content that was not read to its end, the connection is of
/// no more use and every call says so; open it again.
pub trait OpenMailbox: Messages {
    /// What the store said when it was opened.
    fn facts(&self) -> &MailboxFacts;

    /// Every message, in the store's order. All of them or an error, never a part (invariant 13).
    ///
    /// # Errors
    /// `TooLarge` beyond [`MOST_LISTED`]; `Unsupported` when a lasting name is wanted and the store has none.
    fn list<'a>(&'a mut self, at: &'a Permit<MailboxRef, Read>, names: LastingNames) -> Fut<'a, Vec<Listed>>;

    /// A message, or a part of it, in bounded pieces; nothing becomes `\Seen`.
    ///
    /// # Errors
    /// `NotFound` when the message is gone or has no such part.
    fn read<'a>(&'a mut self, at: &'a Permit<MailboxRef, Read>, what: &'a Wanted) -> Fut<'a, Content<'a>>;

    /// Sets or takes away flags.
    ///
    /// # Errors
    /// `Forbidden` when the store lets nobody change this mailbox. Messages that are gone are passed over.
    fn flag<'a>(&'a mut self, at: &'a Permit<MailboxRef, Edit>, uids: &'a [u32], change: &'a FlagChange)
    -> Fut<'a, ()>;

    /// Removes these messages and no others: marked `\Deleted` all of them, then expunged by UID (RFC 4315 §2.1).
    ///
    /// # Errors
    /// `Unsupported` when the store cannot expunge by UID ([`MailboxFacts::removes`]): its EXPUNGE would take away what
    /// somebody else has marked. `Conflict` when the mailbox was replaced since it was opened. After any other error some
    /// of them may be gone, and others may be marked.
    fn remove<'a>(&'a mut self, at: &'a Permit<MailboxRef, Remove>, uids: &'a [u32]) -> Fut<'a, ()>;

    /// Copies messages into another mailbox of the same owner: all of them or none.
    ///
    /// # Errors
    /// `NotFound` when there is no such mailbox; `OverQuota`, `Forbidden` as the store says; `Invalid` for another owner's
    /// mailbox. Messages that are gone are passed over.
    fn copy<'a>(
        &'a mut self,
        at: &'a Permit<MailboxRef, Read>,
        to: &'a Permit<MailboxRef, Add>,
        uids: &'a [u32],
    ) -> Fut<'a, Copied>;

    /// Moves messages into another mailbox of the same owner (RFC 6851); where the store has no MOVE, they are copied and
    /// removed as [`Self::remove`] does.
    ///
    /// # Errors
    /// As [`Self::copy`] and [`Self::remove`]. After `Unavailable` some may be in both mailboxes, none in neither.
    fn relocate<'a>(
        &'a mut self,
        at: &'a Permit<MailboxRef, Remove>,
        to: &'a Permit<MailboxRef, Add>,
        uids: &'a [u32],
    ) -> Fut<'a, Copied>;

    /// Says goodbye to the store. Dropping does without.
    fn close(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// What a store says of a mailbox when it is opened (RFC 9051 §6.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailboxFacts {
    /// With the messages' UIDs it names them for good (RFC 9051 §2.3.1.1).
    pub uid_validity: u32,
    /// How many messages there are.
    pub exists: u32,
    /// A message that comes now has at least this UID.
    pub uid_next: u32,
    /// How far the store has counted changes, where it does (RFC 7162 §3.1.2.1).
    pub highest_modseq: Option<u64>,
    /// Whether single messages can be removed.
    pub removes: bool,
}

/// Where copies are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Copied {
    /// The UIDVALIDITY of the mailbox that they are in, and pairs of old and new UIDs; `None` where the store does not say
    /// (RFC 4315 §3).
    pub places: Option<(u32, Vec<(u32, u32)>)>,
}

/// Whether a listing tells the names that outlast a move to another mailbox or server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastingNames {
    /// Dovecot's `X-GUID`, or `EMAILID` (RFC 8474 §5.1).
    Told,
    /// Not asked for.
    Untold,
}

/// A message of a listing.
#[derive(Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its UID.
    pub uid: u32,
    /// Its size in octets, with CRLF at the end of each line (RFC 9051 §2.3.4).
    pub size: u64,
    /// Its flags that matter to a list.
    pub flags: ListedFlags,
    /// Its lasting name, where it was asked for.
    pub name: Option<Box<str>>,
}

// What is in people's mail is not for logs: Maildir's names have times and hosts in them.
impl fmt::Debug for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Listed({}, {} octets)", self.uid, self.size)
    }
}

/// The flags of a listed message (RFC 9051 §2.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ListedFlags {
    /// `\Seen`.
    pub seen: bool,
    /// `\Deleted`: marked by somebody, and still there.
    pub deleted: bool,
}

/// What is read of which message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The message.
    pub uid: u32,
    /// What of it.
    pub section: Section,
    /// Only these octets of it: from where, and at most how many.
    pub octets: Option<(u32, NonZeroU32)>,
}

/// A part of a message (RFC 9051 §6.4.5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Section {
    /// All of it.
    Message,
    /// Its header, with the empty line behind it.
    Header,
    /// What is behind its header.
    Text,
    /// A part by its numbers, as `1.2`, still in its transfer encoding.
    Part(Vec<NonZeroU32>),
    /// The MIME header of a part by its numbers, with the empty line behind it.
    Mime(Vec<NonZeroU32>),
}

/// A content in bounded pieces. An error ends it, and must end what was begun with it: what was cut short never looks
/// complete.
pub type Content<'a> = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send + 'a>>;

/// A change of flags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlagChange {
    /// These are set, others stay.
    Set(Vec<Flag>),
    /// These are taken away, others stay.
    Clear(Vec<Flag>),
}

/// A flag or keyword that may be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag(String);

impl Flag {
    /// Longest keyword, in octets.
    pub const LONGEST: usize = 100;

    /// `flag = "\Answered" / "\Flagged" / "\Deleted" / "\Seen" / "\Draft" / flag-keyword` (RFC 9051 §9); `None` for
    /// anything else, `\Recent` too, which is the store's own.
    pub fn parse(text: &str) -> Option<Self> {
        let system = ["\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"];
        let is_atom = |text: &str| {
            let special = |c: char| "(){%*\"\\]".contains(c);
            !text.is_empty() && text.len() <= Self::LONGEST && text.chars().all(|c| c.is_ascii_graphic() && !special(c))
        };
        let known = system.iter().find(|flag| flag.eq_ignore_ascii_case(text)).map(|flag| (*flag).to_owned());
        known.or_else(|| is_atom(text).then(|| text.to_owned())).map(Self)
    }

    /// The flag as the store is told it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags() {
        for good in ["\\seen", "\\Draft", "$Forwarded", "NonJunk", "a+b"] {
            assert!(Flag::parse(good).is_some(), "{good}");
        }
        for bad in ["", "\\Recent", "\\*", "a b", "a)", "x\r\ny", "é", "a\"", &"x".repeat(101)] {
            assert!(Flag::parse(bad).is_none(), "{bad}");
        }
        assert_eq!(Flag::parse("\\SEEN").as_ref().map(Flag::as_str), Some("\\Seen"));
    }
}
