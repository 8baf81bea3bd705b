//! The port to what looks into messages, for viruses and for spam, and into files.

use super::{Fut, Health};
use crate::{
    Permit,
    rights::{Add, Edit, SendAs},
};
use passerelle_model::{IdentityRef, MailboxRef, NodeRef};
use std::net::IpAddr;

/// A scanner. It keeps nothing of what it is shown.
pub trait Scanner: Health {
    /// The names of the header fields that it [marks](Mark) with. Where marks are put, no message brings its own.
    fn fields(&self) -> &'static [&'static str];

    /// Whether it can say something of files, which are no messages.
    fn reads_files(&self) -> bool {
        false
    }

    /// Begins to look at a message, or at a file.
    ///
    /// # Errors
    /// `Unavailable` when it is down or slow.
    fn begin<'a>(&'a self, of: ScanOf<'a>, facts: &'a ScanFacts) -> Fut<'a, Box<dyn Scan>>;
}

/// What is looked at, with the proof that it may be handled.
#[derive(Debug, Clone, Copy)]
pub enum ScanOf<'a> {
    /// One that is sent under a name.
    Sent(&'a Permit<IdentityRef, SendAs>),
    /// One that is put into a mailbox.
    Stored(&'a Permit<MailboxRef, Add>),
    /// A new file.
    Added(&'a Permit<NodeRef, Add>),
    /// New content of a file.
    Replaced(&'a Permit<NodeRef, Edit>),
}

/// A message that is being looked at. Dropped, it is forgotten.
pub trait Scan: Send {
    /// Shows octets of it.
    ///
    /// # Errors
    /// `Unavailable` when the scanner is lost.
    fn write<'a>(&'a mut self, piece: &'a [u8]) -> Fut<'a, ()>;

    /// The message has been shown whole: what was found.
    ///
    /// # Errors
    /// `Unavailable` when the scanner says nothing, or nothing that can be understood; that is never "clean".
    fn verdict<'a>(self: Box<Self>) -> Fut<'a, Looked>
    where
        Self: 'a;
}

/// What a scanner may ask beside the message.
#[derive(Debug, Clone)]
pub struct ScanFacts {
    /// The recipients that the MTA took; none for what is put into a mailbox.
    pub recipients: Vec<String>,
    /// Where the client is, if that is known.
    pub client: Option<IpAddr>,
}

/// What came of a look at a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// What was found.
    pub finding: Finding,
    /// What the message's header is to say of it, where marks are wanted.
    pub marks: Vec<Mark>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Nothing that would keep the message from being sent.
    Clean,
    /// It must not be sent; the scanner's name for why, in printable characters.
    Bad {
        /// The name: of a virus, or `spam`.
        what: String,
    },
    /// Not now: the scanner wants it to be tried again.
    Later,
}

/// A header field that tells of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Its name: one of the scanner's [fields](Scanner::fields).
    pub name: &'static str,
    value: String,
}

/// Longest value of a mark, in octets: the field stays in one line of 998 (RFC 5322 §2.1.1).
const LONGEST_MARK: usize = 200;

impl Mark {
    /// A field with this value. Whatever is not printable ASCII in it becomes `?`: it cannot end its line.
    pub fn new(name: &'static str, value: &str) -> Self {
        let printable = |it: char| if matches!(it, ' '..='~') { it } else { '?' };
        Self { name, value: value.chars().take(LONGEST_MARK).map(printable).collect() }
    }

    /// The field as it stands in a header, with its line's end.
    pub fn to_line(&self) -> String {
        format!("{}: {}\r\n", self.name, self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_one_line() {
        assert_eq!(Mark::new("X-Spam-Flag", "YES").to_line(), "X-Spam-Flag: YES\r\n");
        let mark = Mark::new("X-Virus-Status", "a\r\nBcc: é\u{0}").to_line();
        assert_eq!(mark, "X-Virus-Status: a??Bcc: ??\r\n");
        assert!(Mark::new("X-Spam-Flag", &"x".repeat(5_000)).to_line().len() < 998);
    }
}
