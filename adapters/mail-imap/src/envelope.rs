//! From a FETCH response to what a list shows of a message (RFC 9051 §7.5.2).

use crate::header;
use passerelle_core::ports::{MailAddress, MailEnvelope, MailHeader};
use passerelle_model::Timestamp;
use passerelle_wire_imap::{fetched, seconds};

/// Longest text that is shown of a subject or a name, in characters.
const LONGEST_TEXT: usize = 200;
/// Longest address that is shown, in characters (RFC 5321 §4.5.3.1.3: a path has 256 octets).
const LONGEST_ADDRESS: usize = 256;

/// What a response is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// The message's header.
    Header(MailHeader),
    /// Something else, which a store may say at any time (RFC 9051 §7).
    Other,
    /// A FETCH response that cannot be read.
    Unreadable,
}

/// Reads one response, as it came with its literals.
pub(crate) fn header(response: &[u8]) -> Read {
    let Some(fetched) = fetched(response) else {
        return if is_fetch(response) { Read::Unreadable } else { Read::Other };
    };
    // Flags that another client changed come without an envelope (RFC 9051 §7.5.2).
    let Some(envelope) = fetched.item("ENVELOPE") else { return Read::Other };
    let unseen = fetched.item("FLAGS").and_then(|it| Some(!it.list()?.iter().any(|flag| flag.is("\\Seen"))));
    let received = fetched.item("INTERNALDATE").and_then(|it| seconds(it.as_str()?)).map(Timestamp);
    let uid = fetched.item("UID").and_then(passerelle_wire_imap::Value::number);
    match (uid, received, unseen, header::envelope(envelope)) {
        (Some(uid), Some(received), Some(unseen), Some(envelope)) => {
            Read::Header(shown(uid, received, unseen, &envelope))
        }
        _ => Read::Unreadable,
    }
}

/// `* 12 FETCH (`
fn is_fetch(response: &[u8]) -> bool {
    let mut words = response.splitn(4, |octet| *octet == b' ');
    let (star, _, verb, rest) = (words.next(), words.next(), words.next(), words.next().unwrap_or_default());
    let has_envelope = rest.windows(8).any(|eight| eight.eq_ignore_ascii_case(b"ENVELOPE"));
    star == Some(b"*") && verb.is_some_and(|verb| verb.eq_ignore_ascii_case(b"FETCH")) && has_envelope
}

fn shown(uid: u32, received: Timestamp, unseen: bool, envelope: &MailEnvelope) -> MailHeader {
    let (name, address) = match envelope.from.first() {
        Some(MailAddress::One { name, address }) => (name.as_deref().unwrap_or_default(), address.as_str()),
        Some(MailAddress::GroupBegins(_) | MailAddress::GroupEnds) | None => ("", ""),
    };
    MailHeader {
        uid,
        from_name: cut(name, LONGEST_TEXT),
        from_address: cut(address, LONGEST_ADDRESS),
        subject: cut(envelope.subject.as_deref().unwrap_or_default(), LONGEST_TEXT),
        received,
        unseen,
    }
}

/// Without control characters, of a bounded length, with a mark where something is missing.
fn cut(text: &str, most: usize) -> String {
    let text = text.trim();
    let odd = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let clean = text.replace(odd, " ");
    if clean.chars().count() <= most {
        return clean;
    }
    clean.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    const HEAD: &str = "* 12 FETCH (UID 7 FLAGS (\\Recent) INTERNALDATE \"23-Nov-2026 10:00:00 +0100\" ENVELOPE (\"Mon, 23 Nov 2026 10:00:00 +0100\" ";
    const TAIL: &str = " NIL NIL NIL NIL NIL NIL NIL))\r\n";

    #[track_caller]
    fn check(subject: &str, from: &str, expected: (&str, &str, &str)) {
        let response = format!("{HEAD}{subject} {from}{TAIL}");
        match header(response.as_bytes()) {
            Read::Header(it) => {
                assert_eq!((it.subject.as_str(), it.from_name.as_str(), it.from_address.as_str()), expected);
                assert_eq!((it.uid, it.received, it.unseen), (7, Timestamp(1_795_424_400), true));
            }
            other => panic!("{other:?}: {response}"),
        }
    }

    #[test]
    fn subjects_and_authors() {
        let marie = "((\"Marie Durand\" NIL \"marie\" \"a.test\"))";
        check("\"Re: the budget\"", marie, ("Re: the budget", "Marie Durand", "marie@a.test"));
        check("NIL", "NIL", ("", "", ""));
        check("{9}\r\na\r\nBcc: x", marie, ("a  Bcc: x", "Marie Durand", "marie@a.test"));
        check(
            "\"=?UTF-8?Q?D=C3=A9j=C3=A0?= =?UTF-8?B?IHZ1?= !\"",
            "((\"=?ISO-8859-1?Q?Andr=E9?=\" NIL \"a\" \"b\"))",
            ("Déjà vu !", "André", "a@b"),
        );
        check("\"=?nowhere?X?no?=\"", "((NIL NIL \"a\" \"b\"))", ("=?nowhere?X?no?=", "", "a@b"));
        check("\"=?UTF-8?Q?a=0D=0ABcc:_x?=\"", "((NIL NIL \"group\" NIL))", ("a  Bcc: x", "", ""));
        let long = "x".repeat(300);
        check(&format!("\"{long}\""), "NIL", (&format!("{}…", "x".repeat(199)), "", ""));
    }

    #[test]
    fn what_is_no_header() {
        assert_eq!(header(b"* 3 FETCH (FLAGS (\\Seen))\r\n"), Read::Other);
        assert_eq!(header(b"* 13 EXISTS\r\n"), Read::Other);
        assert_eq!(header(b"* OK still here\r\n"), Read::Other);
        assert_eq!(header(b"* 3 FETCH (UID 1 ENVELOPE (nonsense))\r\n"), Read::Unreadable);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(octets in proptest::collection::vec(any::<u8>(), 0..256), subject in "[ -~]{0,80}") {
            let _ = header(&octets);
            let subject = subject.replace(['\\', '"'], "");
            let _ = header(format!("{HEAD}\"=?{subject}?=\" NIL{TAIL}").as_bytes());
        }
    }
}
