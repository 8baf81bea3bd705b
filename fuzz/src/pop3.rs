//! POP3: a client's lines, and a message as a multi-line response.

use crate::{lines, pieces};
use passerelle_wire_pop3::{
    Command, LONGEST_LINE, Stuffing, TERMINATOR, Unstuffing, is_ok, refusal_code, scan_listing, unique_id_listing,
};

pub(crate) fn commands(input: &[u8]) {
    for line in lines::<LONGEST_LINE>(input) {
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

/// What a server elsewhere says: pieces decide nothing, and what is taken is no more than what came.
pub(crate) fn replies(input: &[u8]) {
    let [size, octets @ ..] = input else { return };
    let _ = (is_ok(octets), refusal_code(octets), scan_listing(octets), unique_id_listing(octets));
    let taken = |size: u8| {
        let (mut unstuffing, mut out, mut taken) = (Unstuffing::default(), Vec::new(), 0);
        pieces(octets, size).for_each(|piece| taken += unstuffing.take(piece, &mut out));
        (unstuffing.is_done(), out, taken)
    };
    let (is_done, out, count) = taken(u8::MAX);
    assert!(count <= octets.len() && out.len() <= count && (is_done || count == octets.len()));
    assert_eq!((is_done, out, count), taken(*size));
}
