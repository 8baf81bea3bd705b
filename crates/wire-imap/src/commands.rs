//! What a logged-in client may not say through a relay: commands that would change what the connection is.

use crate::{Boundary, Framer};

/// Stands in for a refused verb. The store knows no such command and answers BAD, in its turn, which is what the client
/// must hear; answering it ourselves could overtake the store.
pub const REFUSED_VERB: &[u8] = b"XREFUSED";

/// Longest tag and verb that are looked at, in octets.
const LONGEST_HEAD: usize = 64;

/// Verbs that never reach the store: compression would blind the relay, and the others would make the connection
/// somebody else's (RFC 4978, RFC 8437, RFC 9051 §6.2).
const REFUSED: &[&[u8]] = &[b"COMPRESS", b"UNAUTHENTICATE", b"PROXYAUTH", b"STARTTLS", b"AUTHENTICATE", b"LOGIN"];

/// Passes a client's octets on, with refused verbs replaced.
#[derive(Debug, Default)]
pub struct CommandGate {
    framer: Framer,
    /// Tag and verb of a command that has just begun, until they are known.
    head: Vec<u8>,
    /// Whether the rest of this command is passed without a look.
    open: bool,
}

/// What was seen while octets passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// A CAPABILITY command: its answer has to be filtered.
    pub capability: bool,
    /// A LOGOUT command: the store will say goodbye.
    pub logout: bool,
}

impl CommandGate {
    /// Whether octets can pass as they are without being looked at one by one: the middle of a command.
    pub fn at_rest(&self) -> bool {
        self.framer.at_rest() && self.head.is_empty()
    }

    /// Passes octets on to `out`. What belongs to an unfinished tag and verb waits, at most 64 octets of it.
    pub fn pass(&mut self, mut octets: &[u8], out: &mut Vec<u8>) -> Seen {
        let mut seen = Seen::default();
        while !octets.is_empty() {
            let begins = self.framer.at_rest();
            if begins {
                self.open = false;
            }
            let (taken, boundary) = self.framer.step(octets);
            let (here, rest) = octets.split_at_checked(taken.max(1)).unwrap_or((octets, &[]));
            octets = rest;
            if self.open {
                out.extend_from_slice(here);
            } else {
                self.head.extend_from_slice(here);
                self.judge(boundary != Boundary::Inside, out, &mut seen);
            }
        }
        seen
    }

    /// Lets the head go once its verb is known, or cannot be one.
    fn judge(&mut self, ended: bool, out: &mut Vec<u8>, seen: &mut Seen) {
        let Some(verb) = verb_of(&self.head, ended || self.head.len() > LONGEST_HEAD) else { return };
        let word = self.head.get(verb.clone()).unwrap_or_default();
        let is = |name: &[u8]| word.eq_ignore_ascii_case(name);
        seen.capability |= is(b"CAPABILITY");
        seen.logout |= is(b"LOGOUT");
        if REFUSED.iter().any(|name| is(name)) {
            out.extend_from_slice(self.head.get(..verb.start).unwrap_or_default());
            out.extend_from_slice(REFUSED_VERB);
            out.extend_from_slice(self.head.get(verb.end..).unwrap_or_default());
        } else {
            out.extend_from_slice(&self.head);
        }
        // The buffer is given back: an idle relay holds nothing.
        self.head = Vec::new();
        self.open = true;
    }
}

/// Where the verb stands in `tag SP verb`; `None` when more octets are needed to know. `whole` says that none will come.
fn verb_of(head: &[u8], whole: bool) -> Option<std::ops::Range<usize>> {
    let is_end = |octet: &u8| matches!(octet, b' ' | b'\r' | b'\n');
    let length = head.len();
    // Several spaces are no IMAP, but a store might take them; so they are passed over here too.
    let tag_end = head.iter().position(is_end).or(whole.then_some(length))?;
    let gap = head.get(tag_end..).unwrap_or_default().iter().position(|octet| *octet != b' ');
    let start = match gap {
        Some(gap) => tag_end.saturating_add(gap),
        None if whole => length,
        None => return None,
    };
    let word = head.get(start..).unwrap_or_default();
    match word.iter().position(is_end) {
        Some(end) => Some(start..start.saturating_add(end)),
        None if whole => Some(start..length),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    fn pass(octets: &[u8]) -> (Vec<u8>, Seen) {
        let (mut gate, mut out) = (CommandGate::default(), Vec::new());
        let seen = gate.pass(octets, &mut out);
        (out, seen)
    }

    #[track_caller]
    fn check(octets: &[u8], expected: &[u8]) {
        let (whole, seen) = pass(octets);
        assert_eq!(String::from_utf8_lossy(&whole), String::from_utf8_lossy(expected));
        let (mut gate, mut out, mut each) = (CommandGate::default(), Vec::new(), Seen::default());
        for octet in octets {
            let one = gate.pass(&[*octet], &mut out);
            each = Seen { capability: each.capability | one.capability, logout: each.logout | one.logout };
        }
        assert_eq!((out, each), (whole, seen), "octet by octet");
    }

    #[test]
    fn ordinary_commands_pass() {
        check(b"a SELECT INBOX\r\nb IDLE\r\nDONE\r\n", b"a SELECT INBOX\r\nb IDLE\r\nDONE\r\n");
        check(
            b"a APPEND INBOX {12+}\r\nx COMPRESS y\r\nb NOOP\r\n",
            b"a APPEND INBOX {12+}\r\nx COMPRESS y\r\nb NOOP\r\n",
        );
    }

    #[test]
    fn refused_verbs_are_replaced() {
        check(b"a COMPRESS DEFLATE\r\n", b"a XREFUSED DEFLATE\r\n");
        check(b"a compress DEFLATE\r\nb NOOP\r\n", b"a XREFUSED DEFLATE\r\nb NOOP\r\n");
        check(b"a  UNAUTHENTICATE\r\n", b"a  XREFUSED\r\n");
        check(b"a LOGIN {1+}\r\nx {1+}\r\ny\r\n", b"a XREFUSED {1+}\r\nx {1+}\r\ny\r\n");
        check(b"a UNAUTHENTICATE\n", b"a XREFUSED\n");
    }

    #[test]
    fn a_literal_hides_no_command_and_is_none() {
        check(
            b"a APPEND x {22+}\r\n\r\nb COMPRESS DEFLATE\r\n\r\n",
            b"a APPEND x {22+}\r\n\r\nb COMPRESS DEFLATE\r\n\r\n",
        );
    }

    #[test]
    fn what_matters_to_the_answer_is_seen() {
        assert!(pass(b"a CAPABILITY\r\n").1.capability);
        assert!(pass(b"a logout\r\n").1.logout);
        assert_eq!(pass(b"a NOOP CAPABILITY\r\n").1, Seen::default());
    }

    #[test]
    fn a_head_without_end_does_not_grow() {
        let (mut gate, mut out) = (CommandGate::default(), Vec::new());
        for _ in 0..1000 {
            gate.pass(b"aaaaaaaaaa", &mut out);
        }
        assert!(gate.head.len() <= LONGEST_HEAD + 10);
        assert!(out.len() >= 9_900);
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(octets in "[ab{}+0-2 \r\nCOMPRES]{0,60}", cut in 0usize..60) {
            let octets = octets.as_bytes();
            let cut = cut.min(octets.len());
            let (mut gate, mut out) = (CommandGate::default(), Vec::new());
            gate.pass(&octets[..cut], &mut out);
            gate.pass(&octets[cut..], &mut out);
            prop_assert_eq!(out, pass(octets).0);
        }
    }
}
