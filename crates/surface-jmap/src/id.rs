//! Ids (RFC 8620 §1.2), made of what the store itself says of a thing, so that any node knows what one means and none has to
//! remember it (`docs/decisions/0031-jmap-over-imap.md`).
//!
//! | id | what is in it |
//! |---|---|
//! | `A…` | an account's name, as this person says it |
//! | `F…` | a digest of a mailbox's name |
//! | `M…` | a message: the mailbox's digest, its UIDVALIDITY, the UID |
//! | `G…` | a blob: a message, and the numbers of a part of it |
//! | `P…` | a part of a message that lies in a blob: the blob's, and numbers of parts |
//! | `Y…`, `X…` | a filter script: a digest of its name; its text: a digest of the name, and one of the text |
//! | `C…` | a calendar or an address book: a digest of its name |
//! | `O…` | an instance of an event: its recurrence id, and the item's |
//! | `I…`, `J…` | an item of one: the collection's digest, and the item's name; of a long name a digest |
//! | `T…`, `L…`, `S…` | a thread: the message id that it began with; a long one cut, with its digest; a message that names none |

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use passerelle_core::ports::Section;
use passerelle_model::ItemName;
use sha2::{Digest, Sha256};
use std::{fmt, num::NonZeroU32};

/// Longest message id that a thread's id holds whole, in octets: 255 characters are an id's limit.
const LONGEST_ROOT: usize = 180;
/// How much of a longer one it holds.
const ROOT_KEPT: usize = 150;
/// Longest name of an item that its id holds whole, in octets.
const LONGEST_ITEM_NAME: usize = 180;
/// Deepest part that a blob's id names.
const DEEPEST: usize = 24;

fn digest<const N: usize>(octets: &[u8]) -> [u8; N] {
    let mut short = [0; N];
    for (to, from) in short.iter_mut().zip(Sha256::digest(octets)) {
        *to = from;
    }
    short
}

/// An account's id, of its name.
pub(crate) fn of_account(name: &str) -> String {
    format!("A{}", BASE64.encode(name))
}

/// Which mailbox, within its owner's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct MailboxId(pub(crate) [u8; 8]);

impl MailboxId {
    pub(crate) fn of(name: &str) -> Self {
        Self(digest(name.as_bytes()))
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        BASE64.decode(text.strip_prefix('F')?).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Display for MailboxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "F{}", BASE64.encode(self.0))
    }
}

/// Which message, in which mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct EmailId {
    pub(crate) mailbox: MailboxId,
    pub(crate) uid_validity: u32,
    pub(crate) uid: u32,
}

impl EmailId {
    fn to_text(self) -> String {
        let mut octets = self.mailbox.0.to_vec();
        octets.extend(self.uid_validity.to_be_bytes());
        octets.extend(self.uid.to_be_bytes());
        BASE64.encode(octets)
    }

    fn from_text(text: &str) -> Option<Self> {
        let octets: [u8; 16] = BASE64.decode(text).ok()?.try_into().ok()?;
        let (mailbox, numbers) = octets.split_at(8);
        let (uid_validity, uid) = numbers.split_at(4);
        let number = |octets: &[u8]| octets.try_into().ok().map(u32::from_be_bytes);
        Some(Self {
            mailbox: MailboxId(mailbox.try_into().ok()?),
            uid_validity: number(uid_validity)?,
            uid: number(uid)?,
        })
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::from_text(text.strip_prefix('M')?)
    }
}

impl fmt::Display for EmailId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "M{}", self.to_text())
    }
}

/// Octets that can be downloaded: a message, or a part of one without its transfer encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BlobId {
    pub(crate) email: EmailId,
    /// The part's numbers; none for the message.
    pub(crate) part: Vec<NonZeroU32>,
}

impl BlobId {
    pub(crate) fn of_message(email: EmailId) -> Self {
        Self { email, part: Vec::new() }
    }

    /// What of the message it is.
    pub(crate) fn section(&self) -> Section {
        if self.part.is_empty() { Section::Message } else { Section::Part(self.part.clone()) }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (email, part) = text.strip_prefix('G')?.split_at_checked(22)?;
        let email = EmailId::from_text(email)?;
        let part: Option<Vec<NonZeroU32>> = match part.strip_prefix('-') {
            Some(numbers) => numbers.split('-').map(|number| number.parse().ok()).collect(),
            None if part.is_empty() => Some(Vec::new()),
            None => None,
        };
        part.filter(|part| part.len() <= DEEPEST).map(|part| Self { email, part })
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "G{}", self.email.to_text())?;
        self.part.iter().try_for_each(|number| write!(f, "-{number}"))
    }
}

/// Which calendar or address book, within its owner's of the family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CollectionId(pub(crate) [u8; 8]);

impl CollectionId {
    pub(crate) fn of(name: &str) -> Self {
        Self(digest(name.as_bytes()))
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        BASE64.decode(text.strip_prefix('C')?).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Display for CollectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "C{}", BASE64.encode(self.0))
    }
}

/// Which item, in which collection.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ItemId {
    pub(crate) collection: CollectionId,
    pub(crate) which: WhichItem,
}

/// An item by its name, or by a digest of a name too long for an id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum WhichItem {
    Named(ItemName),
    Long([u8; 16]),
}

impl ItemId {
    pub(crate) fn of(collection: CollectionId, name: &ItemName) -> Self {
        if name.as_str().len() > LONGEST_ITEM_NAME {
            return Self::long(collection, name);
        }
        Self { collection, which: WhichItem::Named(name.clone()) }
    }

    /// The same with the name's digest only.
    pub(crate) fn long(collection: CollectionId, name: &ItemName) -> Self {
        Self { collection, which: WhichItem::Long(digest(name.as_str().as_bytes())) }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_at_checked(1)?;
        let octets = BASE64.decode(rest).ok()?;
        let (collection, name) = octets.split_first_chunk().map(|(head, rest)| (CollectionId(*head), rest))?;
        let which = match kind {
            "I" => {
                let name = std::str::from_utf8(name).ok().filter(|name| name.len() <= LONGEST_ITEM_NAME)?;
                WhichItem::Named(ItemName::parse(name).ok()?)
            }
            "J" => WhichItem::Long(name.try_into().ok()?),
            _ => return None,
        };
        Some(Self { collection, which })
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, which) = match &self.which {
            WhichItem::Named(name) => ('I', name.as_str().as_bytes()),
            WhichItem::Long(digest) => ('J', digest.as_slice()),
        };
        write!(f, "{kind}{}", BASE64.encode([&self.collection.0, which].concat()))
    }
}

/// Which conversation: the message id that it began with, without its brackets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum ThreadId {
    /// Of this message id.
    Root(String),
    /// Of a message id too long for an id, which begins so and has this digest.
    Long { begins: String, digest: [u8; 16] },
    /// Of a message without any.
    Alone(EmailId),
}

impl ThreadId {
    /// The thread that a message id began.
    pub(crate) fn of(root: &str) -> Self {
        if root.len() <= LONGEST_ROOT {
            return Self::Root(root.to_owned());
        }
        let end = (0..=ROOT_KEPT).rev().find(|at| root.is_char_boundary(*at)).unwrap_or(0);
        Self::Long { begins: root.get(..end).unwrap_or_default().to_owned(), digest: digest(root.as_bytes()) }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_at_checked(1)?;
        let octets = || BASE64.decode(rest).ok();
        // No message id has a control character in it, and no store can be asked for one.
        let is_text = |text: &String| !text.is_empty() && !text.contains(char::is_control);
        match kind {
            "T" => {
                let root = String::from_utf8(octets()?).ok()?;
                (is_text(&root) && root.len() <= LONGEST_ROOT).then_some(Self::Root(root))
            }
            "L" => {
                let octets = octets()?;
                let (digest, begins) = octets.split_at_checked(16)?;
                let begins = String::from_utf8(begins.to_vec()).ok()?;
                let is_one = is_text(&begins) && begins.len() <= ROOT_KEPT;
                is_one.then_some(Self::Long { begins, digest: digest.try_into().ok()? })
            }
            "S" => EmailId::from_text(rest).map(Self::Alone),
            _ => None,
        }
    }

    /// What a store can be asked for: a text in the header of each message of the thread.
    pub(crate) fn sought(&self) -> Option<String> {
        match self {
            Self::Root(root) => Some(format!("<{root}>")),
            Self::Long { begins, .. } => Some(format!("<{begins}")),
            Self::Alone(_) => None,
        }
    }
}

impl fmt::Display for ThreadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(root) => write!(f, "T{}", BASE64.encode(root)),
            Self::Long { begins, digest } => {
                write!(f, "L{}", BASE64.encode([digest.as_slice(), begins.as_bytes()].concat()))
            }
            Self::Alone(email) => write!(f, "S{}", email.to_text()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `Id = 1*255(ALPHA / DIGIT / "-" / "_")` (RFC 8620 §1.2)
    fn is_id(text: &str) -> bool {
        (1..=255).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    }

    proptest! {
        #[test]
        fn ids_are_read_as_they_were_written(name in ".{0,40}", uid_validity: u32, uid: u32, part in proptest::collection::vec(1_u32.., 0..5), root in "[^\\p{Cc}]{1,300}") {
            let mailbox = MailboxId::of(&name);
            prop_assert_eq!(MailboxId::parse(&mailbox.to_string()), Some(mailbox));
            let email = EmailId { mailbox, uid_validity, uid };
            prop_assert_eq!(EmailId::parse(&email.to_string()), Some(email));
            let blob = BlobId { email, part: part.into_iter().filter_map(NonZeroU32::new).collect() };
            prop_assert_eq!(BlobId::parse(&blob.to_string()), Some(blob.clone()));
            for thread in [ThreadId::of(&root), ThreadId::Alone(email)] {
                prop_assert!(is_id(&thread.to_string()));
                prop_assert_eq!(ThreadId::parse(&thread.to_string()), Some(thread));
            }
            let collection = CollectionId::of(&name);
            prop_assert_eq!(CollectionId::parse(&collection.to_string()), Some(collection));
            if let Ok(name) = ItemName::parse(&root) {
                let item = ItemId::of(collection, &name);
                prop_assert!(is_id(&item.to_string()));
                prop_assert_eq!(ItemId::parse(&item.to_string()), Some(item));
            }
            prop_assert!(is_id(&mailbox.to_string()) && is_id(&email.to_string()) && is_id(&blob.to_string()));
        }

        #[test]
        fn nothing_panics(text in ".{0,60}", kind in "[AFMGTLSCIJ]") {
            let text = format!("{kind}{text}");
            let _ = (CollectionId::parse(&text), ItemId::parse(&text));
            let _ = (MailboxId::parse(&text), EmailId::parse(&text), BlobId::parse(&text), ThreadId::parse(&text));
        }
    }
}
