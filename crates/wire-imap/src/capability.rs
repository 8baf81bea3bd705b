//! What a store announces, without what a relay cannot honour.

use crate::{Boundary, Framer};

/// Longest capability line that is looked at, in octets; a longer one passes as it is.
pub const LONGEST_CAPABILITY: usize = 8 * 1024;

/// Filters the untagged CAPABILITY response out of a store's answers; everything else passes as it is.
#[derive(Debug, Default)]
pub struct CapabilityFilter {
    framer: Framer,
    /// A line that may be a capability line, until its end is known.
    held: Vec<u8>,
    /// How many capability answers are still expected.
    expected: u32,
}

const UNTAGGED: &[u8] = b"* CAPABILITY ";

impl CapabilityFilter {
    /// Whether the store is between two responses: where something may be put in.
    pub fn at_rest(&self) -> bool {
        self.framer.at_rest() && self.held.is_empty()
    }

    /// A CAPABILITY command has gone to the store: its answer is to be filtered.
    pub fn expect(&mut self) {
        self.expected = self.expected.saturating_add(1);
    }

    /// Whether octets must go through [`Self::pass`]; otherwise [`Self::skip`] is enough and nothing is copied.
    pub fn is_needed(&self) -> bool {
        self.expected > 0 || !self.held.is_empty()
    }

    /// Follows octets that pass as they are.
    pub fn skip(&mut self, octets: &[u8]) {
        self.framer.skip(octets);
    }

    /// Passes octets on to `out`, with what is not offered taken out of a capability answer.
    pub fn pass(&mut self, mut octets: &[u8], out: &mut Vec<u8>) {
        while !octets.is_empty() {
            let begins = self.framer.at_rest();
            let (taken, boundary) = self.framer.step(octets);
            let (here, rest) = octets.split_at_checked(taken.max(1)).unwrap_or((octets, &[]));
            octets = rest;
            if (begins || !self.held.is_empty()) && self.expected > 0 {
                self.held.extend_from_slice(here);
                self.judge(boundary, out);
            } else {
                out.extend_from_slice(here);
            }
        }
    }

    fn judge(&mut self, boundary: Boundary, out: &mut Vec<u8>) {
        let may_be = self.held.iter().zip(UNTAGGED).all(|(got, wanted)| got.eq_ignore_ascii_case(wanted));
        if may_be && boundary == Boundary::Inside && self.held.len() <= LONGEST_CAPABILITY {
            return;
        }
        let held = std::mem::take(&mut self.held);
        let words = held.get(UNTAGGED.len()..).filter(|_| may_be && boundary == Boundary::Message);
        match words.and_then(|words| std::str::from_utf8(words).ok()) {
            Some(words) => {
                out.extend_from_slice(UNTAGGED);
                out.extend_from_slice(offered(words).as_bytes());
                out.extend_from_slice(b"\r\n");
                self.expected = self.expected.saturating_sub(1);
            }
            None => out.extend_from_slice(&held),
        }
    }
}

/// The capabilities that a relay can honour, of those that a store announces after log-in: no compression, which would
/// blind it, and nothing that only matters before log-in.
pub fn offered(words: &str) -> String {
    let is_kept = |word: &&str| {
        let word = word.to_ascii_uppercase();
        ![
            "COMPRESS=",
            "AUTH=",
            "LOGIN-REFERRALS",
            "MAILBOX-REFERRALS",
            "STARTTLS",
            "LOGINDISABLED",
            "SASL-IR",
            "UNAUTHENTICATE",
        ]
        .iter()
        .any(|refused| word.starts_with(refused))
    };
    words.split_ascii_whitespace().filter(is_kept).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    fn pass(octets: &[u8], expected: u32) -> Vec<u8> {
        let (mut filter, mut out) = (CapabilityFilter { expected, ..CapabilityFilter::default() }, Vec::new());
        filter.pass(octets, &mut out);
        out
    }

    #[test]
    fn compression_is_taken_out() {
        let told = b"* CAPABILITY IMAP4rev1 COMPRESS=DEFLATE IDLE SASL-IR\r\na OK done\r\n";
        assert_eq!(pass(told, 1), b"* CAPABILITY IMAP4rev1 IDLE\r\na OK done\r\n");
        assert_eq!(pass(told, 0), told, "nobody asked");
    }

    #[test]
    fn a_message_that_quotes_one_is_left_alone() {
        let fetched = b"* 1 FETCH (BODY[] {41}\r\n* CAPABILITY IMAP4rev1 COMPRESS=DEFLATE\r\n\r\n)\r\na OK\r\n";
        assert_eq!(pass(fetched, 1), fetched);
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(before in "[a-c \r\n]{0,20}", cut in 0usize..80) {
            let octets = format!("{before}\r\n* CAPABILITY IMAP4rev1 COMPRESS=DEFLATE\r\na OK\r\n").into_bytes();
            let cut = cut.min(octets.len());
            let (mut filter, mut out) = (CapabilityFilter { expected: 1, ..CapabilityFilter::default() }, Vec::new());
            filter.pass(&octets[..cut], &mut out);
            filter.pass(&octets[cut..], &mut out);
            prop_assert_eq!(out, pass(&octets, 1));
        }
    }
}
