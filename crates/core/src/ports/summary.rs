//! What is to be seen of a message without reading it: what lists and JMAP's `Email/get` show (RFC 8621 §4.1).

use super::{Flag, HeaderName};
use crate::Result;
use futures::Stream;
use passerelle_model::Timestamp;
use std::{fmt, num::NonZeroU32, pin::Pin};

/// Most parts of a message whose structure is told.
pub const MOST_PARTS: usize = 1000;
/// Deepest parts in parts.
pub const DEEPEST_PART: usize = 24;
/// Longest text of a header field that is told, in octets; what is longer is cut.
pub const LONGEST_TEXT_SHOWN: usize = 16 * 1024;
/// Most addresses of one field.
pub const MOST_ADDRESSES: usize = 5000;

/// Summaries as the store sends them. An error ends them: what came is then not all.
pub type Summaries<'a> = Pin<Box<dyn Stream<Item = Result<Summary>> + Send + 'a>>;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Items {
    /// Each once.
    pub items: Vec<Item>,
    /// These header fields, as they stand in the message.
    pub headers: Vec<HeaderName>,
}

/// Something to see of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// Flags and keywords.
    Flags,
    /// The size.
    Size,
    /// When it was received.
    Received,
    /// Authors, addressees, subject, date, ids.
    Envelope,
    /// The parts (RFC 9051 §7.5.2).
    Structure,
    /// The first words (RFC 8970); `Unsupported` where the store has none.
    Preview,
    /// Lasting names of it and of its thread (RFC 8474 §5); left out where the store has none.
    Ids,
}

/// What was to be seen of a message; what was not asked for is not there.
#[derive(Clone, PartialEq, Default)]
pub struct Summary {
    /// Its UID.
    pub uid: u32,
    /// Its flags and keywords, without `\Recent`.
    pub flags: Option<Vec<Flag>>,
    /// Its size in octets.
    pub size: Option<u64>,
    /// When the store received it.
    pub received: Option<Timestamp>,
    /// What its header says.
    pub envelope: Option<Box<MailEnvelope>>,
    /// Its parts.
    pub structure: Option<Structure>,
    /// Its first words.
    pub preview: Option<String>,
    /// Its lasting name.
    pub email_id: Option<Box<str>>,
    /// Its thread's lasting name.
    pub thread_id: Option<Box<str>>,
    /// The header fields that were named, each with its name and its CRLF, folded as they came, in the message's order.
    pub headers: Option<Vec<u8>>,
}

// What is in people's mail is not for logs.
impl fmt::Debug for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Summary({})", self.uid)
    }
}

/// What a header says, decoded (RFC 2047).
#[derive(Clone, PartialEq, Eq, Default)]
pub struct MailEnvelope {
    /// The date, as it is written.
    pub date: Option<String>,
    /// The date, understood.
    pub sent: Option<Timestamp>,
    /// The subject.
    pub subject: Option<String>,
    /// The authors.
    pub from: Vec<MailAddress>,
    /// Who sent it for them.
    pub sender: Vec<MailAddress>,
    /// Where answers go.
    pub reply_to: Vec<MailAddress>,
    /// To whom it is addressed.
    pub to: Vec<MailAddress>,
    /// Who has a copy.
    pub cc: Vec<MailAddress>,
    /// Who has a blind copy.
    pub bcc: Vec<MailAddress>,
    /// The message ids that it answers, as they are written.
    pub in_reply_to: Option<String>,
    /// Its message id, as it is written.
    pub message_id: Option<String>,
}

impl fmt::Debug for MailEnvelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailEnvelope(..)")
    }
}

/// An address of a field, or the beginning or end of a group of them (RFC 5322 §3.4).
#[derive(Clone, PartialEq, Eq)]
pub enum MailAddress {
    /// Somebody.
    One {
        /// The name, decoded.
        name: Option<String>,
        /// The address.
        address: String,
    },
    /// What follows belongs to this group.
    GroupBegins(String),
    /// ... until here.
    GroupEnds,
}

impl fmt::Debug for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailAddress(..)")
    }
}

/// A message's parts, or why they are not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Structure {
    /// The parts.
    Known(Box<MailPart>),
    /// The store told them in a way that cannot be read, or there are more or deeper ones than are told. The message itself
    /// can be read.
    Unreadable,
}

/// A part of a message (RFC 9051 §7.5.2).
#[derive(Clone, PartialEq, Eq)]
pub struct MailPart {
    /// Its numbers, for [`super::Section::Part`]; none for a multipart that is the message itself.
    pub path: Vec<NonZeroU32>,
    /// Its media type in small letters, `text/plain`.
    pub media_type: String,
    /// The parameters of its media type, names in small letters.
    pub parameters: Vec<(String, String)>,
    /// Its disposition in small letters, `attachment`.
    pub disposition: Option<String>,
    /// The name of the file that it is, decoded (RFC 2047, RFC 2231).
    pub file_name: Option<String>,
    /// Its content id, without brackets.
    pub content_id: Option<String>,
    /// Its languages.
    pub languages: Vec<String>,
    /// Its location (RFC 2557 §4.2).
    pub location: Option<String>,
    /// Its transfer encoding in small letters; none for a multipart.
    pub encoding: Option<String>,
    /// Its size in octets, in its transfer encoding; none for a multipart.
    pub size: Option<u64>,
    /// The parts of a multipart, or the one of a message in a message.
    pub parts: Vec<MailPart>,
}

impl fmt::Debug for MailPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path: Vec<String> = self.path.iter().map(ToString::to_string).collect();
        write!(f, "MailPart({}: {}, {:?})", path.join("."), self.media_type, self.parts)
    }
}
