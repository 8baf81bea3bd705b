//! What a relay must see of a store's answers: where they begin and end, what it announces, and whether it lets a literal
//! come.

use crate::{Boundary, Framer, Kept, Offer, Sift};

/// Longest line that is held to be looked at, in octets; a longer one passes as it is.
pub const LONGEST_CAPABILITY: usize = 8 * 1024;

/// Follows a store's answers. Everything passes as it is but the untagged CAPABILITY response that was asked for.
#[derive(Debug, Default)]
pub struct ResponseWatch {
    framer: Framer,
    /// A line whose beginning matters, until it is known.
    held: Vec<u8>,
    /// How many capability answers are still expected.
    expected: u32,
    /// What of the store's capabilities is told.
    offer: Offer,
    /// The tag of a command that waits for `+` or its own answer.
    awaited: Option<Vec<u8>>,
    response: Response,
    answered: u64,
    /// The server is one that nobody here answers for.
    sift: Option<Box<Sift>>,
    goodbye: bool,
}

/// What the response that is passing is, as far as it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Response {
    /// Its first octets, as many as have come of [`HEAD`].
    Begun(usize, [u8; HEAD]),
    /// It answers a command.
    Answer,
    #[default]
    Other,
}

/// What the store said to a command that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// `+`: go on.
    GoOn,
    /// The command's own answer: it is over.
    Over,
}

const UNTAGGED: &[u8] = b"* CAPABILITY ";
/// How many octets of an untagged response tell whether it is one of those below.
const HEAD: usize = 6;
/// What a store says to a line whose tag it cannot make out (RFC 9051 §7.1.3).
const PROTOCOL_ERROR: &[u8; HEAD] = b"* BAD ";
/// What it says before it hangs up (RFC 9051 §7.1.5).
const GOODBYE: &[u8; HEAD] = b"* BYE ";

impl ResponseWatch {
    /// Whether the store is between two responses: where something may be put in.
    pub fn at_rest(&self) -> bool {
        self.framer.at_rest() && self.held.is_empty() && self.sift.as_ref().is_none_or(|sift| sift.at_rest())
    }

    /// From now on a server speaks whose responses are [sifted](Sift), or the store again. Between two responses only.
    pub fn sift(&mut self, kept: Option<Kept>) {
        if let Some(sift) = self.sift.take() {
            self.answered = self.answered.saturating_add(sift.answered());
        }
        self.sift = kept.map(|kept| Box::new(Sift::new(kept)));
    }

    /// A command with this tag goes to the server whose responses are sifted.
    pub fn expect_answer(&mut self, tag: &[u8]) {
        if let Some(sift) = &mut self.sift {
            sift.expect(tag);
        }
    }

    /// Whether that server said what cannot be followed.
    pub fn is_broken(&self) -> bool {
        self.sift.as_ref().is_some_and(|sift| sift.is_broken())
    }

    /// Whether the server that is sifted can be let go without a response that ends in its middle.
    pub fn may_cut(&self) -> bool {
        self.sift.as_ref().map_or_else(|| self.at_rest(), |sift| sift.may_cut())
    }

    /// An answer was given that the store did not give.
    pub fn answer_elsewhere(&mut self) {
        self.answered = self.answered.saturating_add(1);
    }

    /// From now on this is told of what the store announces.
    pub fn offer(&mut self, offer: Offer) {
        self.offer = offer;
    }

    /// CAPABILITY commands have gone to the store: their answers are to be filtered.
    pub fn expect(&mut self, capabilities: u32) {
        self.expected = self.expected.saturating_add(capabilities);
    }

    /// A command waits for the store: look for its verdict.
    pub fn await_verdict(&mut self, tag: &[u8]) {
        match &mut self.sift {
            Some(sift) => sift.await_verdict(),
            None => self.awaited = Some(tag.to_vec()),
        }
    }

    /// Whether octets must go through [`Self::pass`]; otherwise [`Self::skip`] is enough and nothing is copied.
    pub fn is_needed(&self) -> bool {
        self.expected > 0 || self.awaited.is_some() || !self.held.is_empty() || self.sift.is_some()
    }

    /// How many commands were answered: tagged responses, and untagged BAD for what had no tag.
    pub fn answered(&self) -> u64 {
        self.answered.saturating_add(self.sift.as_ref().map_or(0, |sift| sift.answered()))
    }

    /// Whether the store has said goodbye.
    pub fn said_goodbye(&self) -> bool {
        self.goodbye
    }

    /// Follows octets that pass as they are.
    pub fn skip(&mut self, mut octets: &[u8]) {
        while !octets.is_empty() {
            let (taken, _) = self.step(octets);
            octets = octets.get(taken..).unwrap_or_default();
        }
    }

    /// One step of the framer, with answers counted: how many octets, at least one if there are any, and what ends there.
    fn step(&mut self, octets: &[u8]) -> (usize, Boundary) {
        if self.framer.at_rest() {
            self.response = match octets.first() {
                Some(b'*') => Response::Begun(0, [0; HEAD]),
                Some(b'+' | b'\r' | b'\n') | None => Response::Other,
                Some(_) => Response::Answer,
            };
        }
        let (taken, boundary) = self.framer.step(octets);
        let taken = taken.max(1);
        if let Response::Begun(mut seen, mut head) = self.response {
            for (place, octet) in head.iter_mut().skip(seen).zip(octets.iter().take(taken)) {
                *place = octet.to_ascii_uppercase();
                seen = seen.saturating_add(1);
            }
            self.response = match (seen < HEAD, &head) {
                (true, _) => Response::Begun(seen, head),
                (false, PROTOCOL_ERROR) => Response::Answer,
                (false, head) => {
                    self.goodbye |= head == GOODBYE;
                    Response::Other
                }
            };
        }
        if boundary == Boundary::Message && self.response == Response::Answer {
            self.answered = self.answered.saturating_add(1);
        }
        (taken, boundary)
    }

    /// Passes octets on to `out`; the verdict, if it was among them.
    pub fn pass(&mut self, mut octets: &[u8], out: &mut Vec<u8>) -> Option<Verdict> {
        if let Some(sift) = &mut self.sift {
            return sift.pass(octets, out);
        }
        let mut verdict = None;
        while !octets.is_empty() {
            let begins = self.framer.at_rest();
            let (taken, boundary) = self.step(octets);
            let (here, rest) = octets.split_at_checked(taken).unwrap_or((octets, &[]));
            octets = rest;
            if (begins || !self.held.is_empty()) && self.is_needed() {
                self.held.extend_from_slice(here);
                verdict = self.judge(boundary, out).or(verdict);
            } else {
                out.extend_from_slice(here);
            }
        }
        verdict
    }

    /// Lets a held line go once it is known what it is.
    fn judge(&mut self, boundary: Boundary, out: &mut Vec<u8>) -> Option<Verdict> {
        let is_open = boundary == Boundary::Inside && self.held.len() <= LONGEST_CAPABILITY;
        let capability = self.expected > 0 && agrees(&self.held, UNTAGGED);
        let verdict = match &self.awaited {
            Some(_) if self.held.first() == Some(&b'+') => Some(Verdict::GoOn),
            Some(tag) if self.held.len() > tag.len() && agrees(&self.held, &[tag.as_slice(), b" "].concat()) => {
                Some(Verdict::Over)
            }
            _ => None,
        };
        let may_be_verdict = self.awaited.as_ref().is_some_and(|tag| agrees(&self.held, tag));
        if verdict.is_none() && is_open && (capability || may_be_verdict) {
            return None;
        }
        if verdict.is_some() {
            self.awaited = None;
        }
        let held = std::mem::take(&mut self.held);
        let words = held.get(UNTAGGED.len()..).filter(|_| capability && boundary == Boundary::Message);
        match words.and_then(|words| std::str::from_utf8(words).ok()) {
            Some(words) => {
                out.extend_from_slice(UNTAGGED);
                let told = self.offer.of(words);
                out.extend_from_slice(told.as_bytes());
                out.extend_from_slice(b"\r\n");
                self.expected = self.expected.saturating_sub(1);
            }
            None => out.extend_from_slice(&held),
        }
        verdict
    }
}

/// Whether two texts agree as far as both go, without regard to case.
fn agrees(held: &[u8], wanted: &[u8]) -> bool {
    held.iter().zip(wanted).all(|(got, wanted)| got.eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    fn pass(octets: &[u8], expected: u32) -> Vec<u8> {
        let (mut watch, mut out) = (ResponseWatch { expected, ..ResponseWatch::default() }, Vec::new());
        assert_eq!(watch.pass(octets, &mut out), None);
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

    #[track_caller]
    fn check(said: &[u8], expected: Option<Verdict>) {
        for size in [said.len(), 1, 2] {
            let mut watch = ResponseWatch::default();
            watch.await_verdict(b"a1");
            let mut out = Vec::new();
            let verdict = said.chunks(size).fold(None, |verdict, piece| watch.pass(piece, &mut out).or(verdict));
            assert_eq!(verdict, expected, "{}", String::from_utf8_lossy(said));
            if expected.is_some() {
                assert_eq!(out, said, "nothing is held back");
            }
        }
    }

    #[test]
    fn the_store_lets_a_literal_come_or_not() {
        check(b"+ go on\r\n", Some(Verdict::GoOn));
        check(b"* 3 EXISTS\r\n+ OK\r\n", Some(Verdict::GoOn));
        check(b"a1 NO [TRYCREATE] no\r\n", Some(Verdict::Over));
        check(b"a11 OK of another\r\n* 1 FETCH (BODY[] {9}\r\n+ a1 OK\r\n)\r\n", None);
    }

    #[test]
    fn answers_are_counted_and_nothing_else() {
        let said = b"* 3 EXISTS\r\na OK\r\n+ go on\r\n\r\n* BAD what\r\n* BYE\r\n* BA\r\n* bad \r\n\
            * 1 FETCH (BODY[] {9}\r\nx OK y\r\n\n)\r\nb NO [ALERT] no\r\nc OK";
        for size in [said.len(), 1, 2, 3] {
            for expected in [0, 1] {
                let mut watch = ResponseWatch { expected, ..ResponseWatch::default() };
                for piece in said.chunks(size) {
                    if expected == 0 {
                        watch.skip(piece);
                    } else {
                        watch.pass(piece, &mut Vec::new());
                    }
                }
                assert_eq!(watch.answered(), 4, "in pieces of {size}");
                assert!(!watch.said_goodbye(), "not with a text");
                watch.skip(b"\r\n");
                assert_eq!(watch.answered(), 5, "an answer counts when it has passed whole");
            }
        }
    }

    #[test]
    fn a_goodbye_is_one_at_the_beginning_of_a_response() {
        for (said, expected) in [
            ("* BYE shutting down\r\n", true),
            ("* OK hm\r\n* bye \r\n", true),
            ("* 1 FETCH (BODY[] {7}\r\n* BYE x)\r\n", false),
            ("a OK * BYE \r\n", false),
            ("* BY", false),
        ] {
            for size in [said.len(), 1, 2] {
                let mut watch = ResponseWatch::default();
                said.as_bytes().chunks(size).for_each(|piece| watch.skip(piece));
                assert_eq!(watch.said_goodbye(), expected, "{said:?} in pieces of {size}");
            }
        }
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(before in "[a-c \r\n]{0,20}", cut in 0usize..80) {
            let octets = format!("{before}\r\n* CAPABILITY IMAP4rev1 COMPRESS=DEFLATE\r\na OK\r\n").into_bytes();
            let cut = cut.min(octets.len());
            let (mut watch, mut out) = (ResponseWatch { expected: 1, ..ResponseWatch::default() }, Vec::new());
            watch.pass(&octets[..cut], &mut out);
            watch.pass(&octets[cut..], &mut out);
            prop_assert_eq!(out, pass(&octets, 1));
        }
    }
}
