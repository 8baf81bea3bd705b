//! What a fuzzer tries on every codec. `cargo xtask fuzz` builds this once with coverage and runs each target by its name in
//! `PASSERELLE_FUZZ`. A target says what must hold for all octets; that nothing panics is the least of it.

#![no_main]

mod directory;
mod ftp;
mod ical;
mod imap;
mod imip;
mod itip;
mod jscalendar;
mod mbox;
mod pop3;
mod sieve;
mod smtp;

use libfuzzer_sys::fuzz_target;
use passerelle_wire_lines::{Line, Lines};
use std::sync::LazyLock;

/// What a target is called, and what it does with octets.
type Target = (&'static str, fn(&[u8]));

const TARGETS: &[Target] = &[
    ("ftp-commands", ftp::commands),
    ("ftp-names", ftp::names),
    ("ical-calendars", ical::calendars),
    ("ical-rules", ical::rules),
    ("ical-cards", ical::cards),
    ("imap-commands", imap::commands),
    ("imap-responses", imap::responses),
    ("imap-sift", imap::sift),
    ("imap-words", imap::words),
    ("imap-names", imap::names),
    ("imap-values", imap::values),
    ("imip-messages", imip::messages),
    ("itip-writes", itip::writes),
    ("itip-messages", itip::messages),
    ("jscalendar-events", jscalendar::events),
    ("jscalendar-patches", jscalendar::patches),
    ("pop3-commands", pop3::commands),
    ("pop3-content", pop3::content),
    ("pop3-replies", pop3::replies),
    ("smtp-commands", smtp::commands),
    ("smtp-content", smtp::content),
    ("smtp-header", smtp::header),
    ("smtp-replies", smtp::replies),
    ("sieve-commands", sieve::commands),
    ("sieve-responses", sieve::responses),
    ("sasl", directory::sasl),
    ("filters", directory::filters),
    ("imports", directory::imports),
    ("mbox-files", mbox::files),
    ("mbox-messages", mbox::messages),
];

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("PASSERELLE_FUZZ").unwrap_or_default();
    let found = TARGETS.iter().find(|(known, _)| *known == name);
    let names = TARGETS.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    found.unwrap_or_else(|| panic!("PASSERELLE_FUZZ names one of {names:?}")).1
});

fuzz_target!(|octets: &[u8]| TARGET(octets));

/// The lines in what comes, which are the same in whatever pieces; the first octet says in which they are tried.
fn lines<const LONGEST: usize>(input: &[u8]) -> Vec<Vec<u8>> {
    let [size, octets @ ..] = input else { return Vec::new() };
    let lines = |size: u8| {
        let (mut lines, mut all) = (Lines::<LONGEST>::default(), Vec::new());
        for piece in pieces(octets, size) {
            lines.push(piece);
            loop {
                match lines.next_line() {
                    Line::Whole(line) => all.push(line),
                    Line::Incomplete => break,
                    Line::TooLong => return all,
                }
            }
        }
        all
    };
    let all = lines(u8::MAX);
    assert_eq!(all, lines(*size));
    all
}

/// The pieces that octets come in: of this size, and never of none.
fn pieces(octets: &[u8], size: u8) -> impl Iterator<Item = &[u8]> {
    octets.chunks(usize::from(size).max(1))
}
