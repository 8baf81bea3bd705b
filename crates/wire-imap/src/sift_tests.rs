//! Tests of what a server elsewhere may say.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use super::*;
use proptest::prelude::*;

fn run(kept: Kept, said: &[u8], size: usize) -> (Vec<u8>, Option<Verdict>, Sift) {
    let (mut sift, mut out) = (Sift::new(kept), Vec::new());
    sift.expect(b"a1");
    sift.await_verdict();
    let verdict = said.chunks(size.max(1)).fold(None, |verdict, piece| sift.pass(piece, &mut out).or(verdict));
    (out, verdict, sift)
}

#[track_caller]
fn check(said: &str, expected: &str) {
    for size in [said.len(), 1, 2, 3, 7] {
        let (out, _, sift) = run(Kept::Mailbox, said.as_bytes(), size);
        assert_eq!(String::from_utf8(out).unwrap(), expected, "in pieces of {size}");
        assert!(!sift.is_broken() && sift.at_rest(), "{said}");
    }
}

#[test]
fn what_concerns_the_mailbox_passes() {
    for passes in [
        "* 3 EXISTS\r\n",
        "* 1 recent\r\n",
        "* 2 EXPUNGE\r\n",
        "* FLAGS (\\Seen \\*)\r\n",
        "* SEARCH 1 2 3\r\n",
        "* SEARCH\r\n",
        "* ESEARCH (TAG \"a1\") UID ALL 1:3\r\n",
        "* VANISHED (EARLIER) 3:5\r\n",
        "* 1 FETCH (FLAGS (\\Seen) ENVELOPE (\"d\" \"a \\\"b\\\" {3}\" NIL))\r\n",
        "* 1 FETCH (BODY[] {30}\r\n* LIST () \"/\" INBOX\r\n\na1 BYE\r\n UID 3)\r\n",
    ] {
        check(passes, passes);
    }
}

#[test]
fn what_lets_a_command_go_on_is_said_anew() {
    check("+ idling\r\n", "+ go on\r\n");
    check("+\r\n", "+ go on\r\n");
}

/// Clients read these as one line, and what stands behind an announcement as responses of their own store.
#[test]
fn no_literal_passes_but_in_a_fetch() {
    for said in [
        "+ {45}\r\n* 1 EXPUNGE\r\n* LIST (\\Noselect) \"/\" INBOX\r\n\r\n",
        "* 5 EXISTS {12}\r\n* 1 EXPUNGE\r\n\r\n",
        "* FLAGS (\\Seen) {12}\r\n* 1 EXPUNGE\r\n\r\n",
        "* SEARCH 1 2 {12}\r\n* 1 EXPUNGE\r\n\r\n",
        "* VANISHED 1 {12}\r\n* 1 EXPUNGE\r\n\r\n",
        "* ESEARCH (TAG \"a1\") ALL 1 {12}\r\n* 1 EXPUNGE\r\n\r\n",
    ] {
        for size in [said.len(), 1, 2, 3, 7, 200] {
            let (out, _, sift) = run(Kept::Mailbox, said.as_bytes(), size);
            assert!(sift.is_broken(), "{said} in pieces of {size}");
            assert!(!out.contains(&b'\n'), "{said} in pieces of {size}: {:?}", String::from_utf8_lossy(&out));
        }
    }
    let (out, _, sift) = run(Kept::Mailbox, b"* 1 FETCH {13}\r\n* 1 EXPUNGE\r\n\r\n", 3);
    assert!(out.is_empty() && !sift.is_broken(), "it is no FETCH, and goes nowhere");
}

#[test]
fn what_does_not_is_dropped() {
    for dropped in [
        "* LIST (\\NonExistent) \"/\" INBOX\r\n",
        "* LIST () \"/\" {5}\r\nINBOX\r\n",
        "* STATUS INBOX (MESSAGES 0)\r\n",
        "* CAPABILITY IMAP4rev1 COMPRESS=DEFLATE\r\n",
        "* BYE your password has run out\r\n",
        "* PREAUTH hello\r\n",
        "* ENABLED UTF8=ACCEPT\r\n",
        "* NAMESPACE NIL NIL NIL\r\n",
        "* OK [ALERT] write your password to x@y\r\n",
        "* OK Still \"here\r\n",
        "* NO [REFERRAL imap://x/] go there\r\n",
        "* METADATA \"\" (/x \"y\")\r\n",
        "* 99999999999 EXISTS\r\n",
        "* 3 NOTHING\r\n",
        "a2 OK another's\r\n",
        "a11 OK another's\r\n",
        "a1 BYE\r\n",
        "*\r\n",
        "\r\n",
        "HTTP/1.1 200 OK\r\n",
    ] {
        check(dropped, "");
        check(&format!("* 1 EXISTS\r\n{dropped}* 2 EXISTS\r\n"), "* 1 EXISTS\r\n* 2 EXISTS\r\n");
    }
}

#[test]
fn statuses_are_said_anew() {
    for (said, expected) in [
        ("* OK [UIDNEXT 5] Predicted\r\n", "* OK [UIDNEXT 5] says the server elsewhere\r\n"),
        (
            "* OK [PERMANENTFLAGS (\\Seen \\*)] Flags\r\n",
            "* OK [PERMANENTFLAGS (\\Seen \\*)] says the server elsewhere\r\n",
        ),
        ("a1 OK [READ-WRITE] done\r\n", "a1 OK [READ-WRITE] says the server elsewhere\r\n"),
        ("a1 ok [CAPABILITY IMAP4rev1] done\r\n", "a1 ok says the server elsewhere\r\n"),
        ("a1 NO [ALERT] call 555\r\n", "a1 NO says the server elsewhere\r\n"),
        ("a1 BAD\r\n", "a1 BAD says the server elsewhere\r\n"),
        ("a1 OK [COPYUID 1 1 2\r\n", "a1 OK says the server elsewhere\r\n"),
    ] {
        check(said, expected);
    }
}

#[test]
fn one_answer_passes_and_counts() {
    for size in [1, 100] {
        let (out, verdict, sift) = run(Kept::Mailbox, b"b OK x\r\na1 OK x\r\na1 OK x\r\n* BAD x\r\n+ more\r\n", size);
        assert_eq!(out, b"a1 OK says the server elsewhere\r\n");
        assert_eq!((verdict, sift.answered()), (Some(Verdict::Over), 1));
    }
    let (out, verdict, _) = run(Kept::Mailbox, b"+ go\r\n+ again\r\n", 1);
    assert_eq!((&out[..], verdict), (&b"+ go on\r\n"[..], Some(Verdict::GoOn)));
}

#[test]
fn while_another_mailbox_is_selected_only_answers_pass() {
    let (out, _, sift) =
        run(Kept::Answers, b"* 3 EXISTS\r\n* OK [UIDNEXT 3] x\r\n* 1 FETCH (X {1}\r\na)\r\na1 OK x\r\n", 3);
    assert_eq!(out, b"a1 OK says the server elsewhere\r\n");
    assert_eq!(sift.answered(), 1);
}

#[test]
fn what_can_be_read_in_two_ways_ends_it() {
    for odd in [
        "* 1 FETCH (FLAGS ())\n* LIST () NIL x\r\n",
        "* 1 FETCH (FLAGS ())\r* LIST () NIL x\r\n",
        "* 1 FETCH (ENVELOPE (\"a {3}\r\nabc\")\r\n",
        "* 1 FETCH (X {3+}\r\nabc)\r\n",
        "* 1 FETCH (X {99999999999999999999999}\r\n",
        "* 1 FETCH (X \"a\0b\")\r\n",
        "* OK [UIDNEXT 3] {3}\r\nabc\r\n",
        "a1 OK {3}\r\nabc\r\n",
    ] {
        for size in [odd.len(), 1, 2] {
            let (out, _, sift) = run(Kept::Mailbox, odd.as_bytes(), size);
            assert!(sift.is_broken(), "{odd:?} in pieces of {size}");
            assert!(!out.windows(6).any(|it| it == b"* LIST"), "{odd:?}");
        }
    }
    let mut sift = Sift::new(Kept::Mailbox);
    let mut out = Vec::new();
    sift.pass(b"* SEARCH", &mut out);
    for _ in 0..5000 {
        out.clear();
        sift.pass(&[b'1'; 1024], &mut out);
        assert!(out.len() <= 2048, "nothing gathers");
    }
    assert!(sift.is_broken());
}

#[test]
fn whole_responses() {
    let responses =
        ["* 3 EXISTS\r\n", "* LIST () NIL x\r\n", "* OK [UIDVALIDITY 3] x\r\n", "* 1 FETCH (X {3+}\r\nabc)\r\n"];
    let responses: Vec<Vec<u8>> = responses.iter().map(|it| it.as_bytes().to_vec()).collect();
    assert_eq!(sifted(&responses), b"* 3 EXISTS\r\n* OK [UIDVALIDITY 3] says the server elsewhere\r\n");
    assert_eq!(sifted_answer(b"OK [READ-ONLY] x\r\n"), b"OK [READ-ONLY] says the server elsewhere\r\n");
    assert_eq!(sifted_answer(b"what"), b"NO says the server elsewhere\r\n");
}

proptest! {
    #[test]
    fn pieces_do_not_matter_and_nothing_panics(said in "[-a1*+ OKFETCHXNBDLIS{}3\"\\\\\r\n\\[\\]()]{0,400}", size in 1usize..20) {
        let (whole, verdict, sift) = run(Kept::Mailbox, said.as_bytes(), said.len());
        let (pieces, other, again) = run(Kept::Mailbox, said.as_bytes(), size);
        if !sift.is_broken() && sift.at_rest() {
            prop_assert_eq!(whole, pieces);
            prop_assert_eq!(verdict, other);
        }
        prop_assert_eq!(sift.is_broken(), again.is_broken());
    }
}
