//! A message's octets, from the store's literal straight on (RFC 9051 §6.4.5): never more than one piece in memory.

use super::OpenedImap;
use crate::{
    connect::{is_ok, literal},
    imap::{Imap, PIECE, is_goodbye, said, tagged},
};
use bytes::Bytes;
use futures::stream;
use passerelle_core::{
    Error, Result,
    ports::{Content, Section, Wanted},
};
use passerelle_wire_imap::fetched;

pub(super) async fn read<'a>(opened: &'a mut OpenedImap, what: &Wanted) -> Result<Content<'a>> {
    let imap = &mut opened.imap;
    let tag = imap.begin(&command(what)).await?;
    loop {
        let head = imap.line().await?;
        if let Some(words) = tagged(&head, &tag) {
            imap.at_rest = true;
            // RFC 9051 §6.4.9: a UID that is no message's is passed over, and the command succeeds.
            return Err(match words {
                words if is_ok(&words, "") || words.starts_with(" NO") => Error::NotFound,
                words => imap.refused("reading a message", &words),
            });
        }
        if is_goodbye(&head) {
            return Err(imap.failed("reading a message", said(&head)));
        }
        if let Some(length) = literal(&head) {
            if announces_body(&head) {
                return Ok(content(Reading { imap, tag, left: length, first: None }));
            }
            imap.skip(length).await?;
        } else if let Some(body) = fetched(&head).and_then(|it| it.item_beginning("BODY[")?.text().map(<[u8]>::to_vec))
        {
            // A store may send what is short as a quoted string.
            return Ok(content(Reading { imap, tag, left: 0, first: Some(body.into()) }));
        }
    }
}

/// `UID FETCH 7 (BODY.PEEK[1.2]<0.512>)`
fn command(what: &Wanted) -> String {
    let part = |numbers: &[std::num::NonZeroU32]| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
    let section = match &what.section {
        Section::Message => String::new(),
        Section::Header => "HEADER".to_owned(),
        Section::Text => "TEXT".to_owned(),
        Section::Part(numbers) => part(numbers),
        Section::Mime(numbers) => format!("{}.MIME", part(numbers)),
    };
    let octets = what.octets.map(|(from, most)| format!("<{from}.{most}>")).unwrap_or_default();
    format!("UID FETCH {} (BODY.PEEK[{section}]{octets})", what.uid)
}

/// Whether what precedes a literal is the name of a body section: `* 5 FETCH (UID 5 BODY[] {42}`.
fn announces_body(head: &[u8]) -> bool {
    let Some(open) = head.iter().rposition(|octet| *octet == b'{') else { return false };
    let before = head.get(..open).unwrap_or_default();
    let before = before.strip_suffix(b" ").unwrap_or(before);
    let name = before.rsplit(|octet| *octet == b' ' || *octet == b'(').next().unwrap_or_default();
    name.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"BODY[")) && before.starts_with(b"* ")
}

struct Reading<'a> {
    imap: &'a mut Imap,
    tag: String,
    left: usize,
    first: Option<Bytes>,
}

fn content(reading: Reading<'_>) -> Content<'_> {
    Box::pin(stream::try_unfold(reading, async |mut reading| Ok(reading.next().await?.map(|piece| (piece, reading)))))
}

impl Reading<'_> {
    /// The next piece; `None` when all came and the store has said that it is all.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        if let Some(first) = self.first.take().filter(|first| !first.is_empty()) {
            return Ok(Some(first));
        }
        if self.left > 0 {
            let piece = self.imap.piece(self.left.min(PIECE)).await?;
            self.left = self.left.saturating_sub(piece.len());
            return Ok(Some(piece));
        }
        loop {
            let line = self.imap.line().await?;
            if let Some(words) = tagged(&line, &self.tag) {
                if !is_ok(&words, "") {
                    return Err(self.imap.refused("reading a message", &words));
                }
                self.imap.at_rest = true;
                return Ok(None);
            }
            if is_goodbye(&line) {
                return Err(self.imap.failed("reading a message", said(&line)));
            }
            if let Some(length) = literal(&line) {
                self.imap.skip(length).await?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

    #[test]
    fn heads_of_a_body() {
        assert!(announces_body(b"* 5 FETCH (UID 5 BODY[] {42}\r\n"));
        assert!(announces_body(b"* 5 FETCH (BODY[1.2]<0> {42}\r\n"));
        assert!(!announces_body(b"* 5 FETCH (UID 5 X-GUID {42}\r\n"));
        assert!(!announces_body(b"* 5 FETCH (UID 5)\r\n"));
    }

    #[test]
    fn commands() {
        let of = |section, octets| command(&Wanted { uid: 7, section, octets });
        assert_eq!(of(Section::Message, None), "UID FETCH 7 (BODY.PEEK[])");
        let part = [1, 2].into_iter().filter_map(NonZeroU32::new).collect();
        assert_eq!(of(Section::Part(part), None), "UID FETCH 7 (BODY.PEEK[1.2])");
        let octets = NonZeroU32::new(512).map(|most| (10, most));
        assert_eq!(of(Section::Header, octets), "UID FETCH 7 (BODY.PEEK[HEADER]<10.512>)");
    }
}
