//! A message's octets, from the store's literal straight on (RFC 9051 §6.4.5): never more than one piece in memory.

use super::{OpenedImap, fetch, tagged};
use crate::connect::{is_ok, literal};
use bytes::Bytes;
use futures::stream;
use passerelle_core::{
    Error, Result,
    ports::{Content, Section, Wanted},
};
use std::io;
use tokio::time::timeout;

/// Longest line before and behind a content, in octets.
const LONGEST_LINE: usize = 16 * 1024;
/// Largest piece, in octets.
const PIECE: usize = 32 * 1024;

pub(super) async fn read<'a>(opened: &'a mut OpenedImap, what: &Wanted) -> Result<Content<'a>> {
    let tag = opened.begin(&command(what)).await?;
    loop {
        let head = opened.line().await?;
        if let Some(words) = tagged(&head, &tag) {
            opened.at_rest = true;
            // RFC 9051 §6.4.9: a UID that is no message's is passed over, and the command succeeds.
            return Err(match words {
                words if is_ok(&words, "") || words.starts_with(" NO") => Error::NotFound,
                words => opened.refused("reading a message", &words),
            });
        }
        if head.starts_with(b"* BYE") {
            return Err(opened.failed("reading a message", String::from_utf8_lossy(&head).trim_end().to_owned()));
        }
        if let Some(length) = literal(&head) {
            if fetch::announces_body(&head) {
                return Ok(content(Reading { opened, tag, left: length, first: None }));
            }
            opened.skip(length).await?;
        } else if let Some(body) = fetch::items(&head).and_then(|items| items.body) {
            // A store may send what is short as a quoted string.
            return Ok(content(Reading { opened, tag, left: 0, first: Some(body.into()) }));
        }
    }
}

/// `UID FETCH 7 (BODY.PEEK[1.2]<0.512>)`
fn command(what: &Wanted) -> String {
    let section = match &what.section {
        Section::Message => String::new(),
        Section::Header => "HEADER".to_owned(),
        Section::Text => "TEXT".to_owned(),
        Section::Part(numbers) => numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join("."),
    };
    let octets = what.octets.map(|(from, most)| format!("<{from}.{most}>")).unwrap_or_default();
    format!("UID FETCH {} (BODY.PEEK[{section}]{octets})", what.uid)
}

struct Reading<'a> {
    opened: &'a mut OpenedImap,
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
            let piece = self.opened.piece(self.left.min(PIECE)).await?;
            self.left = self.left.saturating_sub(piece.len());
            return Ok(Some(piece));
        }
        loop {
            let line = self.opened.line().await?;
            if let Some(words) = tagged(&line, &self.tag) {
                if !is_ok(&words, "") {
                    return Err(self.opened.refused("reading a message", &words));
                }
                self.opened.at_rest = true;
                return Ok(None);
            }
            if line.starts_with(b"* BYE") {
                let said = String::from_utf8_lossy(&line).trim_end().to_owned();
                return Err(self.opened.failed("reading a message", said));
            }
            if let Some(length) = literal(&line) {
                self.opened.skip(length).await?;
            }
        }
    }
}

impl OpenedImap {
    async fn line(&mut self) -> Result<Vec<u8>> {
        match timeout(self.store.deadline, self.wire.raw_line(LONGEST_LINE)).await {
            Ok(line) => line.map_err(|error| self.failed("reading a message", error)),
            Err(slow) => Err(self.failed("reading a message", slow)),
        }
    }

    async fn piece(&mut self, most: usize) -> Result<Bytes> {
        match timeout(self.store.deadline, self.wire.some(most)).await {
            Ok(Ok(piece)) if piece.is_empty() => {
                Err(self.failed("reading a message", io::Error::from(io::ErrorKind::UnexpectedEof)))
            }
            Ok(piece) => piece.map_err(|error| self.failed("reading a message", error)),
            Err(slow) => Err(self.failed("reading a message", slow)),
        }
    }

    /// Reads past a literal that was not asked for.
    async fn skip(&mut self, mut left: usize) -> Result<()> {
        while left > 0 {
            left = left.saturating_sub(self.piece(left.min(PIECE)).await?.len());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

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
