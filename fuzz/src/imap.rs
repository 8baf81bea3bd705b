//! IMAP: what a client says on its way to a store, in every state of the connection, and what a store answers.

use crate::pieces;
use passerelle_wire_imap::{
    Boundary, CommandGate, Framer, Kept, Offer, ResponseWatch, Sift, Stops, command_words, decoded, encoded,
    is_plain_command, is_sequence_set, matches, may_match, quoted, string, words as read,
};
use passerelle_wire_imap::{PartLimits, body_structure, date_time, fetched, results, seconds, threads, vanished};

/// How a connection stands, and how its store and the relay answer, drawn from one octet.
#[derive(Clone, Copy)]
struct State(u8);

impl State {
    fn stops(self) -> Stops {
        match self.0 & 3 {
            0 => Stops::Never,
            1 => Stops::Always,
            _ => Stops::Naming(&["Other users", "External"]),
        }
    }

    fn only_reads(self) -> bool {
        self.0 & 4 != 0
    }

    /// Whether the store lets literals and IDLE begin.
    fn lets(self) -> bool {
        self.0 & 8 != 0
    }

    /// Whether what has stopped passes.
    fn passes(self) -> bool {
        self.0 & 16 != 0
    }

    /// Whether an IDLE is under way.
    fn idles(self) -> bool {
        self.0 & 32 != 0
    }
}

/// What reaches the store, and what has stopped; as far as the relay could follow.
fn through(state: State, octets: &[u8], size: u8) -> (Vec<u8>, Vec<Vec<u8>>) {
    let (mut gate, mut out, mut stopped) = (CommandGate::default(), Vec::new(), Vec::new());
    if state.only_reads() {
        gate.let_read_only();
    }
    if state.idles() {
        assert!(gate.pass(b"i IDLE\r\n", &mut out).is_ok());
        gate.verdict(true);
        out.clear();
    }
    gate.stop(state.stops());
    for mut piece in pieces(octets, size) {
        while !piece.is_empty() {
            let Ok(seen) = gate.pass(piece, &mut out) else { return (out, stopped) };
            assert!(seen.taken <= piece.len());
            let waits = gate.awaits().is_some() || gate.has_stopped();
            assert!(seen.taken > 0 || waits, "it stands still");
            piece = &piece[seen.taken..];
            if let Some(command) = gate.take_stopped() {
                stopped.push(command.text.clone());
                if state.passes() && !command.is_part {
                    if gate.let_pass(command, &mut out).is_err() {
                        return (out, stopped);
                    }
                } else {
                    gate.refuse(command.boundary);
                }
            }
            if gate.awaits().is_some() {
                gate.verdict(state.lets());
            }
        }
    }
    (out, stopped)
}

pub(crate) fn commands(input: &[u8]) {
    let [state, size, octets @ ..] = input else { return };
    let state = State(*state);
    let whole = through(state, octets, u8::MAX);
    let cut = through(state, octets, *size);
    // Pieces decide nothing. What could not be followed may have got less far in one of them.
    let (shorter, longer) = if whole.0.len() < cut.0.len() { (&whole.0, &cut.0) } else { (&cut.0, &whole.0) };
    assert!(longer.starts_with(shorter), "pieces matter");
    if state.stops() == Stops::Always && !state.passes() && !state.idles() {
        assert!(whole.0.is_empty(), "nothing passes that was not let");
    }
    if state.only_reads() && !state.idles() && !state.passes() {
        for line in lines(&whole.0, state.lets()) {
            let verb = line
                .split(|octet| *octet == b' ' || *octet == b'\r' || *octet == b'\n')
                .filter(|word| !word.is_empty())
                .nth(1);
            let verb = verb.unwrap_or_default().to_ascii_uppercase();
            let writes = [
                &b"SELECT"[..],
                b"STORE",
                b"APPEND",
                b"EXPUNGE",
                b"DELETE",
                b"CREATE",
                b"RENAME",
                b"COPY",
                b"MOVE",
                b"SETACL",
            ];
            assert!(
                !writes.contains(&&verb[..]) || line.first() == Some(&b' '),
                "a reader writes: {:?}",
                String::from_utf8_lossy(&line)
            );
        }
    }
}

/// The lines that begin commands, as a store would see them that lets literals come, or not. Behind the first IDLE nobody can
/// tell a line from the end of one.
fn lines(octets: &[u8], lets: bool) -> Vec<Vec<u8>> {
    let (mut framer, mut rest, mut lines) = (Framer::default(), octets, Vec::new());
    while !rest.is_empty() {
        let begins = framer.at_rest();
        let (taken, boundary) = framer.step(rest);
        let (here, behind) = rest.split_at(taken.max(1).min(rest.len()));
        rest = behind;
        if begins {
            if here.to_ascii_uppercase().windows(4).any(|word| word == b"IDLE") {
                break;
            }
            lines.push(here.to_vec());
        }
        if boundary == Boundary::Waits && !lets {
            framer = Framer::default();
        }
    }
    lines
}

pub(crate) fn responses(input: &[u8]) {
    let [state, size, octets @ ..] = input else { return };
    // Nobody asked: everything passes as it is.
    let mut watch = ResponseWatch::default();
    let mut out = Vec::new();
    pieces(octets, *size).for_each(|piece| assert!(watch.pass(piece, &mut out).is_none()));
    assert_eq!(out, octets);
    let mut skipping = ResponseWatch::default();
    skipping.skip(octets);
    assert_eq!((skipping.answered(), skipping.said_goodbye()), (watch.answered(), watch.said_goodbye()));
    // Somebody asked for capabilities, and a literal waits.
    let told = |size: u8| {
        let (mut watch, mut out) = (ResponseWatch::default(), Vec::new());
        watch.expect(u32::from(state & 3));
        if state & 4 != 0 {
            watch.await_verdict(b"a1");
        }
        let verdict = pieces(octets, size).fold(None, |verdict, piece| verdict.or(watch.pass(piece, &mut out)));
        (verdict, watch.answered())
    };
    assert_eq!(told(u8::MAX), told(*size));
    let words = String::from_utf8_lossy(octets);
    assert!(!Offer::default().of(&words).to_ascii_uppercase().contains("COMPRESS="));
}

/// What a server elsewhere says: nothing but what concerns the selected mailbox comes through, however it is cut.
pub(crate) fn sift(input: &[u8]) {
    let [state, size, octets @ ..] = input else { return };
    let kept = if state & 1 == 0 { Kept::Mailbox } else { Kept::Answers };
    let run = |size: u8| {
        let (mut sift, mut out) = (Sift::new(kept), Vec::new());
        sift.expect(b"a");
        if state & 2 != 0 {
            sift.await_verdict();
        }
        for piece in pieces(octets, size) {
            sift.pass(piece, &mut out);
        }
        (out, sift)
    };
    let ((whole, sift), (cut, again)) = (run(u8::MAX), run(*size));
    assert_eq!(sift.is_broken(), again.is_broken(), "pieces matter");
    assert!(whole.starts_with(&cut) || cut.starts_with(&whole), "pieces matter");
    assert!(sift.answered() <= 1);
    for line in lines(&whole, true) {
        let mut words = line.split(|octet| matches!(octet, b' ' | b'\r' | b'\n'));
        let (tag, word) = (words.next().unwrap_or_default(), words.next().unwrap_or_default().to_ascii_uppercase());
        let known = match tag {
            b"*" => {
                !matches!(&word[..], b"BYE" | b"LIST" | b"LSUB" | b"STATUS" | b"CAPABILITY" | b"ENABLED" | b"NAMESPACE")
            }
            b"a" => matches!(&word[..], b"OK" | b"NO" | b"BAD"),
            other => other.starts_with(b"+"),
        };
        assert!(known && (kept == Kept::Mailbox || tag != b"*"), "{:?}", String::from_utf8_lossy(&line));
    }
}

pub(crate) fn words(octets: &[u8]) {
    let placed = read(octets);
    assert_eq!(read(octets), placed);
    if is_plain_command(octets) {
        assert_eq!(octets.iter().filter(|octet| octet.is_ascii_control()).count(), 2, "one line");
        let mut framer = Framer::default();
        assert_eq!(framer.step(octets), (octets.len(), Boundary::Message), "no literal");
    }
    let _ = (command_words(octets), is_sequence_set(octets));
    // What is said anew is read as it was.
    if !octets.contains(&0) && octets.len() < 4096 {
        let mut said = Vec::new();
        string(octets, &mut said);
        let back = read(&said).expect("it can be read");
        assert!(back.len() == 1 && back[0].word.text() == Some(octets), "{:?}", String::from_utf8_lossy(&said));
        if !octets.iter().any(|octet| matches!(octet, b'\r' | b'\n')) {
            let mut said = Vec::new();
            quoted(octets, &mut said);
            let back = read(&said).expect("it can be read");
            assert!(back.len() == 1 && back[0].word.text() == Some(octets));
        }
    }
}

pub(crate) fn names(octets: &[u8]) {
    if let Some(name) = decoded(octets) {
        assert_eq!(decoded(&encoded(&name)).as_deref(), Some(name.as_str()));
    }
    let text = String::from_utf8_lossy(octets);
    if !text.contains(char::is_control) {
        assert_eq!(decoded(&encoded(&text)).as_deref(), Some(&*text));
    }
    let (pattern, name) = text.split_at(text.floor_char_boundary(text.len() / 2));
    if matches(pattern, name, '/') {
        assert!(may_match(pattern, name), "{pattern:?} {name:?}");
    }
}

/// What the typed store reads of what a store says.
pub(crate) fn values(octets: &[u8]) {
    const MOST: usize = 1000;
    for start in [&b""[..], b"* 1 FETCH (UID 1 ", b"* ESEARCH ", b"* VANISHED ", b"* THREAD "] {
        let response = [start, octets].concat();
        if let Some(found) = results(&response, MOST) {
            assert!(found.numbers.is_none_or(|it| it.len() <= MOST));
        }
        if let Some(found) = threads(&response, MOST) {
            assert!(found.iter().map(Vec::len).sum::<usize>() <= MOST && found.len() <= response.len());
        }
        assert!(vanished(&response).is_none_or(|all| all.iter().all(|it| it.start() <= it.end())));
        for (_, value) in fetched(&response).into_iter().flat_map(|it| it.items) {
            let limits = PartLimits { parts: 50, depth: 10 };
            let count = |part: &passerelle_wire_imap::BodyPart| part.parts.len();
            assert!(body_structure(&value, limits).is_none_or(|it| count(&it) < 50));
        }
    }
    if let Some(at) = seconds(&String::from_utf8_lossy(octets)) {
        assert_eq!(seconds(&date_time(at)), Some(at));
    }
}
