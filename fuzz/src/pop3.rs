//! POP3: a client's lines, and a message as a multi-line response.

use crate::pieces;
use passerelle_wire_pop3::{Command, Line, Lines, Stuffing, TERMINATOR};

pub(crate) fn commands(input: &[u8]) {
    let [size, octets @ ..] = input else { return };
    let lines = |size: u8| {
        let (mut lines, mut all) = (Lines::default(), Vec::new());
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
    for line in all {
        let _ = Command::parse(&line);
    }
}

pub(crate) fn content(input: &[u8]) {
    let [size, octets @ ..] = input else { return };
    let stuffed = |size: u8| {
        let (mut stuffing, mut out) = (Stuffing::default(), Vec::new());
        pieces(octets, size).for_each(|piece| stuffing.pass(piece, &mut out));
        stuffing.finish(&mut out);
        out
    };
    let out = stuffed(u8::MAX);
    assert_eq!(out, stuffed(*size));
    assert!(out.ends_with(TERMINATOR));
    // Only its last line is a dot and nothing else, however a reader takes a line's end.
    let mut lines = out.split(|octet| *octet == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    assert_eq!(lines.clone().filter(|line| *line == b".").count(), 1);
    assert_eq!(lines.nth_back(1), Some(&b"."[..]));
}
