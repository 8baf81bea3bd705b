//! What passes a gate of commands, what stops and what is replaced.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]
use super::*;
use proptest::prelude::*;

/// Passes octets in pieces, with a store that lets every literal come.
fn pass_in(octets: &[u8], size: usize) -> Result<(Vec<u8>, u32), Untraceable> {
    let (mut gate, mut out, mut capabilities) = (CommandGate::default(), Vec::new(), 0);
    for mut piece in octets.chunks(size.max(1)) {
        while !piece.is_empty() {
            let seen = gate.pass(piece, &mut out)?;
            capabilities += seen.capabilities;
            piece = &piece[seen.taken..];
            if gate.awaits().is_some() {
                gate.verdict(true);
            }
        }
    }
    Ok((out, capabilities))
}

#[track_caller]
fn check(octets: &[u8], expected: &[u8]) {
    for size in [octets.len(), 1, 3] {
        let (out, _) = pass_in(octets, size).unwrap();
        assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(expected), "in pieces of {size}");
    }
}

#[test]
fn ordinary_commands_pass() {
    check(b"a SELECT INBOX\r\nb IDLE\r\nDONE\r\n", b"a SELECT INBOX\r\nb IDLE\r\nDONE\r\n");
    check(b"a APPEND INBOX {12+}\r\nx COMPRESS y\r\nb NOOP\r\n", b"a APPEND INBOX {12+}\r\nx COMPRESS y\r\nb NOOP\r\n");
}

#[test]
fn refused_verbs_are_replaced() {
    check(b"a COMPRESS DEFLATE\r\n", b"a XREFUSED DEFLATE\r\n");
    check(b"a compress DEFLATE\r\nb NOOP\r\n", b"a XREFUSED DEFLATE\r\nb NOOP\r\n");
    check(b"a  UNAUTHENTICATE\r\n", b"a  XREFUSED\r\n");
    check(b"a UNAUTHENTICATE\n", b"a XREFUSED\n");
}

#[test]
fn a_client_that_only_reads_changes_nothing() {
    for (said, passed) in [
        ("a SELECT INBOX", "a EXAMINE INBOX"),
        ("a select INBOX", "a EXAMINE INBOX"),
        ("a FETCH 1 BODY[]", "a FETCH 1 BODY[]"),
        ("a UID FETCH 1 BODY[]", "a UID FETCH 1 BODY[]"),
        ("a uid search ALL", "a uid search ALL"),
        ("a UID STORE 1 +FLAGS (x)", "a XREFUSED STORE 1 +FLAGS (x)"),
        ("a UID  COPY 1 x", "a XREFUSED  COPY 1 x"),
        ("a UID EXPUNGE 1", "a XREFUSED EXPUNGE 1"),
        ("a UID", "a XREFUSED"),
        ("a STORE 1 FLAGS ()", "a XREFUSED 1 FLAGS ()"),
        ("a EXPUNGE", "a XREFUSED"),
        ("a COPY 1 x", "a XREFUSED 1 x"),
        ("a MOVE 1 x", "a XREFUSED 1 x"),
        ("a CREATE x", "a XREFUSED x"),
        ("a SETACL x y lr", "a XREFUSED x y lr"),
        ("a SUBSCRIBE x", "a XREFUSED x"),
        ("a X-NEW-VERB", "a XREFUSED"),
        ("a COMPRESS DEFLATE", "a XREFUSED DEFLATE"),
        ("a LOGOUT", "a LOGOUT"),
    ] {
        for size in [said.len() + 2, 1, 3] {
            let (mut gate, mut out) = (CommandGate::default(), Vec::new());
            gate.let_read_only();
            for piece in format!("{said}\r\n").as_bytes().chunks(size) {
                gate.pass(piece, &mut out).unwrap();
            }
            assert_eq!(String::from_utf8(out).unwrap(), format!("{passed}\r\n"), "in pieces of {size}");
        }
    }
    let (mut gate, mut out) = (CommandGate::default(), Vec::new());
    gate.let_read_only();
    gate.pass(b"a IDLE\r\n", &mut out).unwrap();
    gate.verdict(true);
    gate.pass(b"DONE\r\nb STORE 1 FLAGS ()\r\n", &mut out).unwrap();
    assert_eq!(out, b"a IDLE\r\nDONE\r\nb XREFUSED 1 FLAGS ()\r\n");
    let smuggled = b"c APPEND INBOX {21+}\r\nd STORE 1 FLAGS (x)\r\n\r\n";
    assert_eq!(gate.pass(smuggled, &mut Vec::new()), Err(Untraceable));
}

#[test]
fn a_literal_that_the_store_refuses_hides_no_command() {
    let (mut gate, mut out) = (CommandGate::default(), Vec::new());
    let all = b"a APPEND x {999999}\r\nb COMPRESS DEFLATE\r\n";
    let seen = gate.pass(all, &mut out).unwrap();
    assert_eq!((seen.taken, gate.awaits()), (21, Some(&b"a"[..])), "what follows waits for the store");
    gate.verdict(false);
    gate.pass(&all[seen.taken..], &mut out).unwrap();
    assert!(out.ends_with(b"b XREFUSED DEFLATE\r\n"));
}

#[test]
fn idle_waits_for_its_plus() {
    let (mut gate, mut out) = (CommandGate::default(), Vec::new());
    let seen = gate.pass(b"i IDLE\r\na APPEND x {5}\r\n", &mut out).unwrap();
    assert_eq!((seen.taken, out.as_slice()), (8, &b"i IDLE\r\n"[..]));
}

#[test]
fn commands_are_counted_when_they_can_be_answered() {
    let (mut gate, mut out) = (CommandGate::default(), Vec::new());
    let mut check = |gate: &mut CommandGate, octets: &[u8], ended: u64, at_rest: bool| {
        gate.pass(octets, &mut out).unwrap();
        assert_eq!((gate.ended(), gate.at_rest()), (ended, at_rest), "{}", String::from_utf8_lossy(octets));
    };
    check(&mut gate, b"a NOOP\r\nb NO", 1, false);
    check(&mut gate, b"OP\r\nc LIST \"\" {1+}\r\nx", 2, false);
    check(&mut gate, b"\r\n", 3, true);
    // A literal that the store does not want ends its command, one that it takes does not.
    check(&mut gate, b"d APPEND x {3}\r\n", 3, false);
    gate.verdict(false);
    check(&mut gate, b"e APPEND x {3}\r\n", 4, false);
    gate.verdict(true);
    check(&mut gate, b"abc\r\n", 5, true);
    // An IDLE is over with the line behind it, even one that looks like another.
    for end in [&b"DONE\r\n"[..], b"f IDLE\r\n"] {
        let before = gate.ended();
        check(&mut gate, b"f IDLE\r\n", before, true);
        gate.verdict(true);
        check(&mut gate, end, before + 1, true);
        assert_eq!(gate.awaits(), None);
    }
    check(&mut gate, b"g IDLE\r\n", 7, true);
    gate.verdict(false);
    assert_eq!(gate.ended(), 8, "a store that knows no IDLE has answered");
    check(&mut gate, b"h IDLE\r\n", 8, true);
    gate.verdict(true);
    assert_eq!(gate.pass(b"DONE {3}\r\n", &mut Vec::new()), Err(Untraceable));
}

#[test]
fn what_cannot_be_followed_ends_the_relay() {
    for bad in [&b"a LOGIN {1+}\r\nx {1+}\r\ny\r\n"[..], b"a FOO {30+}\r\n", b"DONE {3+}\r\n", &[b'a'; 200]] {
        for size in [bad.len(), 1, 65] {
            assert_eq!(pass_in(bad, size).unwrap_err(), Untraceable);
        }
    }
    let long = [&[b'a'; 65][..], b" COMPRESS DEFLATE\r\n"].concat();
    // In one piece the verb can be seen, and is refused; in two it cannot, and nothing passes.
    assert!(pass_in(&long, 200).unwrap().0.ends_with(b" XREFUSED DEFLATE\r\n"));
    assert_eq!(pass_in(&long, 65).unwrap_err(), Untraceable);
}

/// What a gate that stops has let pass and what it has stopped, in pieces of this size; every command that stops is
/// taken, and refused if it goes on.
fn stopping(octets: &[u8], size: usize, stops: Stops) -> (String, Vec<String>) {
    let (mut gate, mut out, mut stopped) = (CommandGate::default(), Vec::new(), Vec::new());
    gate.stop(stops);
    for mut piece in octets.chunks(size) {
        while !piece.is_empty() {
            let seen = gate.pass(piece, &mut out).unwrap();
            piece = &piece[seen.taken..];
            if gate.awaits().is_some() {
                gate.verdict(true);
            }
            if let Some(command) = gate.take_stopped() {
                stopped.push(String::from_utf8(command.text).unwrap());
                gate.refuse(command.boundary);
            }
        }
    }
    assert!(gate.at_rest());
    (String::from_utf8(out).unwrap(), stopped)
}

#[test]
fn what_concerns_us_stops() {
    let said = "a SELECT INBOX\r\nb SELECT \"Ours/x\"\r\nc uid copy 1 Ours/y\r\nd UID FETCH 1 (Ours/)\r\n\
        e LIST \"\" *\r\nf APPEND Ours/z {3+}\r\nxyz\r\ng APPEND z {5+}\r\nOurs/\r\nh SELECT {3+}\r\nabc\r\n\
        i IDLE\r\nDONE Ours/\r\n";
    let passed = "a SELECT INBOX\r\nd UID FETCH 1 (Ours/)\r\ng APPEND z {5+}\r\nOurs/\r\ni IDLE\r\nDONE Ours/\r\n";
    for size in [said.len(), 1, 3] {
        let (out, stopped) = stopping(said.as_bytes(), size, Stops::Naming(&["Ours/"]));
        assert_eq!(out, passed, "in pieces of {size}");
        assert_eq!(
            stopped,
            [
                "b SELECT \"Ours/x\"\r\n",
                "c uid copy 1 Ours/y\r\n",
                "e LIST \"\" *\r\n",
                "f APPEND Ours/z {3+}\r\n",
                "h SELECT {3+}\r\n"
            ]
        );
        let (out, stopped) = stopping(b"a NOOP\r\nb X\r\n", size.min(9), Stops::Always);
        assert_eq!((out.as_str(), stopped.len()), ("", 2));
    }
}

#[test]
fn what_stands_between_literals_stops() {
    for size in [100, 1, 2] {
        let (mut gate, mut out, mut stopped) = (CommandGate::default(), Vec::new(), Vec::new());
        gate.stop(Stops::Always);
        let all =
            b"a APPEND x {2+}\r\nab (\\Seen) {3+}\r\n\r\nc CATENATE (URL y)\r\nb APPEND x {1+}\r\nz\r\nc NOOP\r\n";
        for mut piece in all.chunks(size) {
            while !piece.is_empty() {
                let seen = gate.pass(piece, &mut out).unwrap();
                piece = &piece[seen.taken..];
                let Some(part) = gate.take_stopped() else { continue };
                stopped.push(String::from_utf8(part.text.clone()).unwrap());
                if part.is_part {
                    gate.go_on(&part, &mut out).unwrap();
                } else {
                    gate.let_pass(part, &mut out).unwrap();
                    gate.look_between();
                }
            }
        }
        assert_eq!(out, all);
        let expected =
            ["a APPEND x {2+}\r\n", " (\\Seen) {3+}\r\n", " CATENATE (URL y)\r\n", "b APPEND x {1+}\r\n", "c NOOP\r\n"];
        assert_eq!(stopped, expected, "in pieces of {size}");
        assert_eq!(gate.ended(), 3);
    }
}

#[test]
fn a_stopped_command_goes_on_as_it_is_told() {
    let (mut gate, mut out) = (CommandGate::default(), Vec::new());
    gate.stop(Stops::Always);
    let all = b"a SELECT {3}\r\nx y (z)\r\nb NOOP\r\n";
    let mut taken = gate.pass(all, &mut out).unwrap().taken;
    let command = gate.take_stopped().unwrap();
    assert_eq!(command.boundary, Boundary::Waits);
    gate.gather(command);
    taken += gate.pass(&all[taken..], &mut out).unwrap().taken;
    let mut command = gate.take_stopped().unwrap();
    assert_eq!(command.text, b"a SELECT {3}\r\nx y (z)\r\n");
    command.text = b"a SELECT other\r\n".to_vec();
    gate.let_pass(command, &mut out).unwrap();
    assert_eq!((out.as_slice(), gate.ended()), (&b"a SELECT other\r\n"[..], 1));
    gate.pass(&all[taken..], &mut out).unwrap();
    assert_eq!(gate.take_stopped().unwrap().text, b"b NOOP\r\n");
    // A literal that waits for the store waits as ever.
    gate.stop(Stops::Naming(&["x"]));
    let seen = gate.pass(b"c APPEND x {2}\r\nab\r\n", &mut out).unwrap();
    assert_eq!(seen.taken, 16);
    let command = gate.take_stopped().unwrap();
    gate.let_pass(command, &mut out).unwrap();
    assert_eq!(gate.awaits(), Some(&b"c"[..]));
}

#[test]
fn capability_is_seen() {
    assert_eq!(pass_in(b"a CAPABILITY\r\nb capability\r\nc NOOP CAPABILITY\r\n", 7).unwrap().1, 2);
}

proptest! {
    #[test]
    fn pieces_do_not_matter(octets in "[ab{}+0-2 \r\nCOMPRES]{0,50}", size in 1usize..50) {
        let octets = octets.as_bytes();
        prop_assert_eq!(pass_in(octets, size).map(|it| it.0), pass_in(octets, 1).map(|it| it.0));
    }
}

#[test]
fn whatever_puts_a_message_somewhere_stops() {
    let stopped = |octets: &[u8]| {
        let (mut gate, mut out) = (CommandGate::default(), Vec::new());
        gate.stop(Stops::Naming(&["Other users"]));
        gate.stop_appends(true);
        gate.pass(octets, &mut out).unwrap();
        (gate.take_stopped().map(|stopped| stopped.boundary), out)
    };
    for line in ["a APPEND x (\\Seen) {3}\r\n", "a  append x {3+}\r\n", "a APPEND x CATENATE (URL \"y\")\r\n"] {
        assert!(matches!(stopped(line.as_bytes()), (Some(_), out) if out.is_empty()), "{line}");
    }
    assert_eq!(stopped(b"a UID REPLACE 1 x {3}\r\n").0, Some(Boundary::Waits));
    assert_eq!(stopped(b"a NOOP\r\n"), (None, b"a NOOP\r\n".to_vec()));
}

#[test]
fn a_literal_that_is_too_large_stops_or_ends_the_relay() {
    for (said, stops) in [
        (&b"a APPEND INBOX {100}\r\n"[..], false),
        (b"a APPEND INBOX {101}\r\n", true),
        (b"a APPEND INBOX {101+}\r\n", true),
        (b"a APPEND {5+}\r\nINBOX {101+}\r\n", true),
        (b"a SEARCH TEXT {18446744073709551615+}\r\n", true),
    ] {
        for size in [said.len(), 1] {
            let (mut gate, mut out) = (CommandGate::default(), Vec::new());
            gate.stop(Stops::Naming(&["Other users"]));
            gate.limit(100);
            let passed: Result<(), Untraceable> =
                said.chunks(size).try_for_each(|piece| gate.pass(piece, &mut out).map(|_| ()));
            assert_eq!(passed.is_err() || gate.has_stopped(), stops, "{}", String::from_utf8_lossy(said));
        }
    }
}
