//! What is read of files as programs write them, and that what is written is read.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use super::*;
use crate::{Ending, Writer};
use proptest::prelude::*;

/// A message that was read.
#[derive(Debug, PartialEq, Eq, Default)]
struct Read {
    received: Option<i64>,
    octets: Vec<u8>,
    marks: Marks,
}

/// Reads a file whose octets come in pieces; `cl` believes lengths that prove right.
fn read(file: &[u8], size: usize, quoting: Quoting, cl: bool) -> Result<Vec<Read>, NotMbox> {
    let (mut reader, mut all, mut at, mut seen) = (Reader::new(quoting), Vec::new(), 0, 0);
    let mut one = Read::default();
    loop {
        let whole = seen == file.len();
        let (taken, event) = reader.step(&file[at..seen], whole)?;
        at += taken;
        match event {
            Some(Event::Begins { received }) => one.received = received,
            Some(Event::Octets(octets)) => one.octets.extend(octets),
            Some(Event::BodyBegins { claimed }) => {
                let end =
                    claimed.and_then(|it| at.checked_add(usize::try_from(it).ok()?)).filter(|end| *end <= file.len());
                if let (Some(end), Some(length), true) = (end, claimed, cl)
                    && boundary_follows(&file[end..], true)
                {
                    reader.trust(length);
                }
            }
            Some(Event::Ends(marks)) => all.push(Read { marks, ..std::mem::take(&mut one) }),
            None if taken > 0 => {}
            None if whole => return Ok(all),
            None => seen = (seen + size).min(file.len()),
        }
    }
}

#[track_caller]
fn check(file: &str, quoting: Quoting, cl: bool, expected: &[&str]) {
    for size in [1, 7, 100_000] {
        let all = read(file.as_bytes(), size, quoting, cl).unwrap();
        let texts: Vec<_> = all.iter().map(|it| String::from_utf8_lossy(&it.octets).into_owned()).collect();
        assert_eq!(texts, expected, "in pieces of {size}");
    }
}

const FROM: &str = "From a@x Thu Nov 26 21:05:00 2026\n";

#[test]
fn messages_are_kept_apart() {
    check(
        &format!("{FROM}a: b\n\none\n\n{FROM}a: c\n\ntwo\n\n"),
        Quoting::Rd,
        true,
        &["a: b\r\n\r\none\r\n", "a: c\r\n\r\ntwo\r\n"],
    );
    // With CRLF, without an empty line at the end, with empty lines before.
    let file = format!("\n{FROM}a: b\n\none\n\n{FROM}a: c\n\ntwo").replace('\n', "\r\n");
    check(&file, Quoting::Rd, true, &["a: b\r\n\r\none\r\n", "a: c\r\n\r\ntwo"]);
    // No date, no empty line before it: prose.
    let body = "From here on\n\nFrom there on it goes\nFrom a@x Thu Nov 26 21:05:00 2026\n";
    check(
        &format!("{FROM}a: b\n\n{body}\n"),
        Quoting::Rd,
        true,
        &[&format!("a: b\r\n\r\n{}", body.replace('\n', "\r\n"))],
    );
    assert_eq!(read(b"Subject: x\n\nbody\n", 5, Quoting::Rd, true), Err(NotMbox));
    assert_eq!(read(b"", 5, Quoting::Rd, true), Ok(Vec::new()));
}

#[test]
fn quotes_as_each_kind_has_them() {
    let file = format!("{FROM}a: b\n\n>From x\n>>From y\n>z\n\n");
    check(&file, Quoting::Rd, true, &["a: b\r\n\r\nFrom x\r\n>From y\r\n>z\r\n"]);
    check(&file, Quoting::O, true, &["a: b\r\n\r\nFrom x\r\n>>From y\r\n>z\r\n"]);
    check(&file, Quoting::Nothing, true, &["a: b\r\n\r\n>From x\r\n>>From y\r\n>z\r\n"]);
}

#[test]
fn a_length_counts_where_it_proves_right() {
    let body = format!("one\n\n{FROM}looks like one\n>From x\n");
    let with = |length: usize| format!("{FROM}Content-Length: {length}\n\n{body}\n{FROM}a: c\n\ntwo\n");
    let whole = format!("Content-Length: {}\r\n\r\n{}", body.len(), body.replace('\n', "\r\n"));
    check(&with(body.len()), Quoting::Rd, true, &[&whole, "a: c\r\n\r\ntwo\r\n"]);
    // Not believed, or wrong.
    assert_eq!(read(with(body.len()).as_bytes(), 50, Quoting::Rd, false).unwrap().len(), 3);
    for wrong in [1, body.len() - 3, body.len() + 9, 1_000_000] {
        assert_eq!(read(with(wrong).as_bytes(), 50, Quoting::Rd, true).unwrap().len(), 3, "{wrong}");
    }
}

#[test]
fn flags_of_other_programs() {
    let file = format!("{FROM}a: b\nStatus: RO\nX-Status: AF\nX-Keywords: $Junk \n  work\nc: d\n\nStatus: body\n");
    let read = read(file.as_bytes(), 3, Quoting::Rd, true).unwrap();
    assert_eq!(String::from_utf8_lossy(&read[0].octets), "a: b\r\nc: d\r\n\r\nStatus: body\r\n");
    let keywords = vec!["$Junk".to_owned(), "work".to_owned()];
    assert_eq!(read[0].marks, Marks { seen: true, answered: true, flagged: true, keywords, ..Marks::default() });
    assert_eq!(read[0].received, Some(1_795_727_100));
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    // Lines of all that matters, ended by CRLF each; without CR or LF by themselves.
    let line = prop_oneof![
        Just(Vec::new()),
        Just(b"From a@x Thu Nov 26 21:05:00 2026".to_vec()),
        Just(b">From x".to_vec()),
        Just(b"Status: RO".to_vec()),
        Just(b"Content-Length: 7".to_vec()),
        prop::collection::vec(any::<u8>().prop_filter("a line", |it| !matches!(it, b'\r' | b'\n')), 0..40),
        prop::collection::vec(Just(b'x'), 8000..8300),
    ];
    (
        prop::collection::vec(line, 0..8),
        prop::collection::vec(any::<u8>().prop_filter("a line", |it| !matches!(it, b'\r' | b'\n')), 0..4),
        any::<bool>(),
    )
        .prop_map(|(lines, last, head)| {
            let mut text: Vec<u8> = if head { b"Subject: x\r\n".to_vec() } else { Vec::new() };
            for line in lines {
                text.extend(line);
                text.extend(b"\r\n");
            }
            text.extend(last);
            text
        })
}

fn marks() -> impl Strategy<Value = Marks> {
    (any::<[bool; 5]>(), prop::collection::btree_set("[!-~]{1,9}", 0..4)).prop_map(|(on, keywords)| Marks {
        seen: on[0],
        answered: on[1],
        flagged: on[2],
        draft: on[3],
        deleted: on[4],
        keywords: keywords.into_iter().collect(),
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(messages in prop::collection::vec((text(), marks(), 0_i64..4_000_000_000), 0..4), size in 1_usize..9000, cl in any::<bool>()) {
        let mut file = Vec::new();
        for (text, marks, received) in &messages {
            let ending = if text.ends_with(b"\r\n") || text.is_empty() { Ending::WithALine } else { Ending::InALine };
            let (mut writer, head) = Writer::begin(*received, marks, ending);
            file.extend(head);
            for piece in text.chunks(size) {
                writer.write(piece, &mut file);
            }
            writer.end(&mut file);
        }
        let read = read(&file, size, Quoting::Rd, cl).unwrap();
        prop_assert_eq!(read.len(), messages.len());
        for (read, (text, marks, received)) in read.iter().zip(&messages) {
            prop_assert_eq!(String::from_utf8_lossy(&read.octets), String::from_utf8_lossy(text));
            prop_assert_eq!(&read.octets, text);
            prop_assert_eq!(&read.marks, marks);
            prop_assert_eq!(read.received, Some(*received));
        }
    }

    #[test]
    fn nothing_panics(octets in "(From a Thu Nov 26 21:05:00 2026\n|From |>|\r|\n|Status: R|Content-Length: 3|x| ){0,30}", size in 1_usize..40, cl in any::<bool>()) {
        let _ = read(octets.as_bytes(), size, Quoting::Rd, cl);
    }
}
