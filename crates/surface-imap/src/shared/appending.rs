//! APPEND to a store connection of its own: where it goes, and the parts that it comes in.

use super::{Enabled, Foreign, Side, ask::Wire, command::Command, selected::refused, simple::message};
use passerelle_core::{
    Allows, Error, Lookup, Result,
    ports::{ClientFacts, RelayConnection, StoreStream},
};
use passerelle_model::Rights;
use passerelle_wire_imap::{Boundary, Stopped, Word, command_words, literal_length, quoted};

/// A connection for one APPEND.
pub(crate) struct Appending {
    pub(crate) stream: StoreStream,
    pub(crate) early: Vec<u8>,
    /// `APPEND` and the mailbox.
    pub(crate) line: Vec<u8>,
}

impl Appending {
    /// Connects to the store of the mailbox's owner. `own` is the name that the client gave to a mailbox of its own: its store
    /// may have any delimiter.
    pub(crate) async fn open<R: Allows<Lookup>>(
        handle: &Foreign<R>,
        client: &ClientFacts,
        enabled: Enabled,
        own: Option<&[u8]>,
    ) -> Result<Self> {
        let Some(own) = own else {
            let mut side = Side::open(handle, client).await?;
            side.enable(enabled).await?;
            let name = side.name(handle.name()).ok_or(Error::NotFound)?;
            let early = side.take_early();
            return Ok(Self { stream: side.stream, early, line: [&b"APPEND "[..], &name].concat() });
        };
        let RelayConnection { mut stream, mut early, .. } = handle.reach(client).await?;
        if enabled.is_utf8() {
            let enable = format!("ENABLE {}", enabled.words());
            let mut wire = Wire { stream: &mut stream, early: &mut early };
            let failed = |error| Error::unavailable("the mail store", "putting a message into a mailbox", error);
            wire.ask(b"e", enable.as_bytes()).await.map_err(failed)?;
        }
        let mut line = b"APPEND ".to_vec();
        quoted(own, &mut line);
        Ok(Self { stream, early, line })
    }
}

/// What announces one message of an APPEND (RFC 3502 §6), as it is said to the store.
#[derive(Debug)]
pub(crate) struct Part {
    /// Flags, date, and the literal's announcement, which waits for the store.
    pub(crate) text: Vec<u8>,
    /// The message's length, in octets.
    pub(crate) length: u64,
    /// Whether the client waits.
    pub(crate) boundary: Boundary,
}

impl Part {
    /// The first one.
    pub(crate) fn first(command: &Command, rights: Rights, binary: bool) -> Result<Self> {
        let words: Vec<&Word> = command.arguments().iter().skip(1).map(|placed| &placed.word).collect();
        Self::read(&words, &command.stopped, rights, binary)
    }

    /// What stands behind a message; what has to be read of the command when it cannot go on like this.
    pub(crate) fn further(
        text: Vec<u8>,
        boundary: Boundary,
        rights: Rights,
        binary: bool,
    ) -> std::result::Result<Self, (Boundary, u64)> {
        let length = literal_length(&text).unwrap_or_default();
        let part = Stopped { text, boundary, is_part: true };
        let read = command_words(&part.text).ok_or(Error::Conflict).and_then(|words| {
            let words: Vec<&Word> = words.iter().map(|placed| &placed.word).collect();
            Self::read(&words, &part, rights, binary)
        });
        read.map_err(|_| (boundary, length))
    }

    /// Reads one; `binary` where it may be a `literal8` (RFC 3516 §4.4). What is no message, as parts of CATENATE are (RFC 4469),
    /// could not be looked at and is refused.
    fn read(words: &[&Word], stopped: &Stopped, rights: Rights, binary: bool) -> Result<Self> {
        let brace = stopped.text.iter().rposition(|octet| *octet == b'{').unwrap_or_default();
        let is_eight = binary && stopped.text.get(..brace).is_some_and(|before| before.ends_with(b" ~"));
        // The tilde is taken away for the reader, and said again.
        let mut plain = stopped.clone();
        if is_eight {
            plain.text.remove(brace.saturating_sub(1));
        }
        let said = message(words, &plain, rights)?;
        let length = literal_length(&stopped.text).ok_or_else(|| Error::invalid("a literal"))?;
        let open = said.iter().rposition(|octet| *octet == b'{').unwrap_or_default();
        let mut text = said.get(..open).unwrap_or_default().to_vec();
        text.extend_from_slice(format!("{}{{{length}}}", if is_eight { "~" } else { "" }).as_bytes());
        Ok(Self { text, length, boundary: stopped.boundary })
    }
}

/// The store's tagged answer for the client: its own words, or for a mailbox of somebody else's what they mean.
pub(crate) fn answer_of(tagged: &[u8], own_words: bool) -> Vec<u8> {
    if own_words {
        return tagged.to_vec();
    }
    [super::access::told(&refused(tagged)).as_bytes(), b"\r\n"].concat()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[track_caller]
    fn check(text: &str, binary: bool, expected: Option<(&str, u64)>) {
        let part = Part::further(format!("{text}\r\n").into_bytes(), Boundary::Follows, Rights::ALL, binary).ok();
        let said = part.map(|part| (String::from_utf8(part.text).unwrap(), part.length));
        assert_eq!(said, expected.map(|(text, length)| (text.to_owned(), length)), "{text}");
    }

    #[test]
    fn every_literal_waits_for_the_store() {
        check(" {3+}", true, Some(("{3}", 3)));
        check(
            " (\\Seen x) \" 1-Nov-2026 10:00:00 +0100\" {12}",
            true,
            Some(("(\\Seen x) \" 1-Nov-2026 10:00:00 +0100\" {12}", 12)),
        );
        check(" (\\Seen) ~{12+}", true, Some(("(\\Seen) ~{12}", 12)));
        check(" ~{12+}", true, Some(("~{12}", 12)));
        // Not where it goes to somebody else's store.
        check(" ~{12+}", false, None);
        for odd in [" CATENATE (TEXT {12+}", " UTF8 (~{12+}", " x {3+}", " ~~{3+}", "~{3+}", ""] {
            check(odd, true, None);
        }
    }
}
