//! The port to a person's mailboxes as a tree: what there is, and making, renaming, deleting and subscribing
//! (RFC 9051 §6.3.4 to §6.3.9). JMAP's `Mailbox` stands on it (RFC 8621 §2).

use super::Fut;
use crate::{
    Permit,
    rights::{Manage, Read},
};
use passerelle_model::{AccountRef, MailboxRef};

/// Most mailboxes of one listing; an owner with more is not listed rather than listed in part.
pub const MOST_MAILBOXES: usize = 20_000;

/// The power of a mail store to tell and to change which mailboxes there are.
pub trait MailboxTree: Send + Sync {
    /// All mailboxes that the store shows their owner, with counts, in a number of round trips that does not grow with
    /// their number. All of them or an error, never a part (invariant 13).
    ///
    /// # Errors
    /// `TooLarge` beyond [`MOST_MAILBOXES`]; `Unavailable` when the store is down, slow or cannot say.
    fn list<'a>(&'a self, at: &'a Permit<AccountRef, Read>) -> Fut<'a, MailboxListing>;

    /// Makes a mailbox.
    ///
    /// # Errors
    /// `Conflict` when it is there; `Forbidden` when the store does not let its owner; `Invalid` for a name that it does not
    /// take; `Unsupported` when a use is asked for and the store cannot note one (RFC 6154 §3).
    fn create<'a>(&'a self, at: &'a Permit<MailboxRef, Manage>, use_for: Option<SpecialUse>) -> Fut<'a, ()>;

    /// Gives a mailbox, and all below it, another name of the same owner's.
    ///
    /// # Errors
    /// `NotFound`, `Conflict` when the new name is taken, `Forbidden`, `Invalid` for INBOX, whose messages alone RENAME would
    /// move (RFC 9051 §6.3.6), and for another owner's name.
    fn rename<'a>(&'a self, from: &'a Permit<MailboxRef, Manage>, to: &'a Permit<MailboxRef, Manage>) -> Fut<'a, ()>;

    /// Deletes a mailbox with its messages. Those below it stay.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, `Conflict` when the store refuses because others hang below it, `Invalid` for INBOX.
    fn delete<'a>(&'a self, at: &'a Permit<MailboxRef, Manage>) -> Fut<'a, ()>;

    /// Adds it to its owner's list of subscribed mailboxes, or takes it off.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`.
    fn subscribe<'a>(&'a self, at: &'a Permit<MailboxRef, Manage>, to: Subscription) -> Fut<'a, ()>;
}

/// Whether a mailbox is on its owner's list (RFC 9051 §6.3.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subscription {
    /// On it.
    Subscribed,
    /// Not on it.
    Unsubscribed,
}

/// What a listing tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MailboxListing {
    /// The mailboxes, in the store's order.
    pub mailboxes: Vec<ListedMailbox>,
    /// How many mailboxes have a name that cannot be said here: no modified UTF-7, or a `/` within a level. They are not
    /// among the others.
    pub unnamable: u32,
}

/// The mailbox where uploads of JMAP wait. It is not shown, and what is in it is reached as blobs only.
pub const UPLOADS: &str = "Passerelle-uploads";

/// A mailbox of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedMailbox {
    /// Its name, decoded, with `/` between the levels whatever the store has there.
    pub name: String,
    /// Whether it can be opened; a name that only has others below it cannot.
    pub opens: bool,
    /// Whether there are others below it.
    pub has_children: bool,
    /// Whether its owner has subscribed to it.
    pub subscription: Subscription,
    /// What it is for.
    pub use_for: Option<SpecialUse>,
    /// In whose part of the store it lies.
    pub place: MailboxPlace,
    /// Its counts; `None` where it cannot be opened or the store would not count it. An absent count is never 0.
    pub counts: Option<MailboxCounts>,
}

/// In whose part of the store a mailbox lies (RFC 2342 §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailboxPlace {
    /// The owner's own.
    Own,
    /// Another person's, which the store itself shares with the owner.
    Others,
    /// What the store has for everybody.
    Common,
}

/// What a mailbox is for (RFC 6154 §2, RFC 8457 §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SpecialUse {
    /// Every message, a virtual mailbox.
    All,
    /// Old messages.
    Archive,
    /// Drafts.
    Drafts,
    /// Flagged messages, a virtual mailbox.
    Flagged,
    /// Important messages.
    Important,
    /// Spam.
    Junk,
    /// What was sent.
    Sent,
    /// What was deleted.
    Trash,
}

impl SpecialUse {
    const ALL: [(Self, &'static str); 8] = [
        (Self::All, "\\All"),
        (Self::Archive, "\\Archive"),
        (Self::Drafts, "\\Drafts"),
        (Self::Flagged, "\\Flagged"),
        (Self::Important, "\\Important"),
        (Self::Junk, "\\Junk"),
        (Self::Sent, "\\Sent"),
        (Self::Trash, "\\Trash"),
    ];

    /// The attribute of LIST.
    pub fn as_str(self) -> &'static str {
        Self::ALL.into_iter().find(|(it, _)| *it == self).map_or("", |(_, word)| word)
    }

    /// By the attribute of LIST, without regard to case.
    pub fn parse(attribute: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, word)| word.eq_ignore_ascii_case(attribute)).map(|(it, _)| it)
    }
}

/// What STATUS tells of a mailbox (RFC 9051 §6.3.11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxCounts {
    /// Messages in all.
    pub messages: u32,
    /// Messages without `\Seen`.
    pub unseen: u32,
    /// With the messages' UIDs it names them for good.
    pub uid_validity: u32,
    /// A message that comes now has at least this UID.
    pub uid_next: u32,
    /// Grows with each change in it, where the store counts them (RFC 7162 §3.1.2.1).
    pub highest_modseq: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses() {
        assert_eq!(SpecialUse::parse("\\SENT"), Some(SpecialUse::Sent));
        assert_eq!(SpecialUse::Junk.as_str(), "\\Junk");
        assert_eq!(SpecialUse::parse("\\HasChildren"), None);
    }
}
