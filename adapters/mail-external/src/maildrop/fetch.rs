//! FETCH. Headers come by TOP. A message that is wanted whole is passed on while it comes: its beginning is waited for, which is
//! most messages whole, so that their size is the true one; of a longer one the server's word is taken, and when that was
//! wrong the connection ends, since a literal cannot be taken back. Parts need the message in memory, which is bounded.

use super::{
    Maildrop, Stop,
    items::{Item, Section},
    pipe::Pipe,
    search::arrived,
    structure::{What, envelope, fields, opaque, section, structure},
    view::Message,
};
use mail_parser::DateTime;
use passerelle_core::ports::ExternalFault;
use std::time::Duration;
use tokio::{sync::OwnedSemaphorePermit, time::timeout};

/// How much of a message is waited for before it is passed on, in octets.
const BEGINNING: usize = 256 * 1024;
/// Longest message that is held to be taken apart, in octets.
pub(crate) const MOST_HELD: usize = 16 * 1024 * 1024;
/// How long what is waited for may take.
const PATIENCE: Duration = Duration::from_secs(60);
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A message that was wanted in parts: the next part is probably of the same.
pub(crate) struct Held {
    uid: u32,
    octets: Vec<u8>,
    _room: OwnedSemaphorePermit,
}

/// How a section is had.
#[derive(PartialEq, Eq)]
enum Way {
    Header,
    Streamed,
    Held,
}

impl Maildrop {
    /// `FETCH` of one message.
    pub(crate) async fn fetch(
        &mut self,
        pipe: &mut Pipe,
        place: usize,
        items: &[Item],
        by_uid: bool,
    ) -> Result<(), Stop> {
        let message = self.message(place)?;
        let large = message.size > u64::try_from(MOST_HELD).unwrap_or(u64::MAX);
        let ways: Vec<Option<Way>> = items.iter().map(way).collect();
        let wants = |wanted: Way| ways.iter().flatten().filter(|way| **way == wanted).count();
        let structured = items.iter().any(|item| matches!(item, Item::Structure(_)));
        let holds = wants(Way::Held) > 0 || wants(Way::Streamed) > 1 || structured && !large;
        let header = match wants(Way::Header) {
            0 => Vec::new(),
            _ => self.header(&message).await?,
        };
        if holds {
            self.hold(&message, large).await?;
        }
        let reads = items.iter().any(|item| matches!(item, Item::Section(section) if !section.peeks));
        let mut flags_changed = false;
        if reads && self.is_writable() {
            flags_changed = !message.seen;
            if let Some(message) = self.view_mut().get_mut(place) {
                message.seen = true;
            }
        }
        let message = self.message(place)?;
        let mut out = format!("* {} FETCH (", place.saturating_add(1)).into_bytes();
        let mut first = true;
        let has_uid = items.contains(&Item::Uid);
        let added = [
            (by_uid && !has_uid).then_some(Item::Uid),
            (flags_changed && !items.contains(&Item::Flags)).then_some(Item::Flags),
        ];
        for item in added.iter().flatten().chain(items) {
            if !std::mem::take(&mut first) {
                out.push(b' ');
            }
            match item {
                Item::Uid => out.extend_from_slice(format!("UID {}", message.uid).as_bytes()),
                Item::Flags => out.extend_from_slice(format!("FLAGS {}", message.flags()).as_bytes()),
                Item::Size => out.extend_from_slice(format!("RFC822.SIZE {}", message.size).as_bytes()),
                Item::Date => out.extend_from_slice(format!("INTERNALDATE \"{}\"", internal_date(&header)).as_bytes()),
                Item::Envelope => {
                    out.extend_from_slice(b"ENVELOPE ");
                    envelope(&header, &mut out);
                }
                Item::Structure(extended) => {
                    out.extend_from_slice(if *extended { b"BODYSTRUCTURE " } else { b"BODY " });
                    match self.held(message.uid) {
                        Some(octets) => structure(octets, *extended, &mut out),
                        None => opaque(message.size, &mut out),
                    }
                }
                Item::Section(wanted) => self.section(pipe, &message, wanted, &header, &mut out).await?,
            }
        }
        out.extend_from_slice(b")\r\n");
        pipe.say(&out).await.map_err(|_| Stop::Gone)
    }

    async fn section(
        &mut self,
        pipe: &mut Pipe,
        message: &Message,
        wanted: &Section,
        header: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Stop> {
        out.extend_from_slice(format!("{} ", wanted.label).as_bytes());
        let found = match (self.held(message.uid), &wanted.what) {
            (_, What::Header) if wanted.path.is_empty() => Some(header.to_vec()),
            (_, What::Fields(names, others)) if wanted.path.is_empty() => Some(fields(header, names, *others)),
            (Some(octets), what) => section(octets, &wanted.path, what),
            (None, _) => {
                let before = std::mem::take(out);
                return self.stream(pipe, message, before).await;
            }
        };
        match found.map(|octets| cut(octets, wanted.partial)) {
            Some(octets) => literal(&octets, out),
            None => out.extend_from_slice(b"NIL"),
        }
        Ok(())
    }

    /// Passes a whole message on, as it comes.
    async fn stream(&mut self, pipe: &mut Pipe, message: &Message, mut before: Vec<u8>) -> Result<(), Stop> {
        let pop = self.pop.as_mut().ok_or(Stop::Fault)?;
        let mut coming = pop.retrieve(message.number).await?;
        let (mut beginning, mut is_whole) = (Vec::new(), false);
        let waited = timeout(PATIENCE, async {
            while beginning.len() < BEGINNING {
                match coming.next().await? {
                    Some(piece) => beginning.extend_from_slice(&piece),
                    None => {
                        is_whole = true;
                        break;
                    }
                }
            }
            Ok::<(), ExternalFault>(())
        });
        waited.await.map_err(|_| Stop::Fault)??;
        if is_whole {
            literal(&beginning, &mut before);
            return pipe.say(&before).await.map_err(|_| Stop::Gone);
        }
        let length = |octets: &[u8]| u64::try_from(octets.len()).unwrap_or(u64::MAX);
        let mut left = message.size.checked_sub(length(&beginning)).ok_or(Stop::Fault)?;
        before.extend_from_slice(format!("{{{}}}\r\n", message.size).as_bytes());
        before.append(&mut beginning);
        pipe.say(&before).await.map_err(|_| Stop::Gone)?;
        // From here on nothing can be said but the rest of it.
        while let Some(piece) = coming.next().await.map_err(|_| Stop::Gone)? {
            left = left.checked_sub(length(&piece)).ok_or(Stop::Gone)?;
            pipe.say(&piece).await.map_err(|_| Stop::Gone)?;
        }
        if left == 0 { Ok(()) } else { Err(Stop::Gone) }
    }

    /// The header of a message.
    pub(crate) async fn header(&mut self, message: &Message) -> Result<Vec<u8>, Stop> {
        let pop = self.pop.as_mut().ok_or(Stop::Fault)?;
        let header = timeout(PATIENCE, pop.header(message.number)).await;
        Ok(header.map_err(|_| Stop::Fault)??)
    }

    fn held(&self, uid: u32) -> Option<&[u8]> {
        self.held.as_ref().filter(|held| held.uid == uid).map(|held| &held.octets[..])
    }

    /// Takes a message into memory, where there is room.
    async fn hold(&mut self, message: &Message, large: bool) -> Result<(), Stop> {
        if self.held(message.uid).is_some() {
            return Ok(());
        }
        self.held = None;
        if large {
            return Err(Stop::No("[LIMIT] It is too large to be taken apart: fetch it whole"));
        }
        let room = timeout(PATIENCE, self.place.room.clone().acquire_owned()).await;
        let Ok(Ok(room)) = room else { return Err(Stop::No("[LIMIT] Too many messages are read at this moment")) };
        let pop = self.pop.as_mut().ok_or(Stop::Fault)?;
        let taken = timeout(PATIENCE, async {
            let (mut coming, mut octets) = (pop.retrieve(message.number).await?, Vec::new());
            while let Some(piece) = coming.next().await? {
                octets.extend_from_slice(&piece);
                if octets.len() > MOST_HELD {
                    return Err(ExternalFault::Nonsense);
                }
            }
            Ok(octets)
        });
        let octets = taken.await.map_err(|_| Stop::Fault)??;
        self.held = Some(Held { uid: message.uid, octets, _room: room });
        Ok(())
    }
}

fn way(item: &Item) -> Option<Way> {
    match item {
        Item::Uid | Item::Flags | Item::Size | Item::Structure(_) => None,
        Item::Date | Item::Envelope => Some(Way::Header),
        Item::Section(section) if !section.path.is_empty() => Some(Way::Held),
        Item::Section(Section { what: What::Header | What::Fields(..), .. }) => Some(Way::Header),
        Item::Section(Section { what: What::Whole, partial: None, .. }) => Some(Way::Streamed),
        Item::Section(_) => Some(Way::Held),
    }
}

fn cut(octets: Vec<u8>, partial: Option<(u64, u64)>) -> Vec<u8> {
    let Some((from, length)) = partial else { return octets };
    let place = |number: u64| usize::try_from(number).unwrap_or(usize::MAX).min(octets.len());
    octets.get(place(from)..place(from.saturating_add(length))).unwrap_or_default().to_vec()
}

fn literal(octets: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(format!("{{{}}}\r\n", octets.len()).as_bytes());
    out.extend_from_slice(octets);
}

/// `date-time` (RFC 9051 §9). A maildrop does not say when a message arrived: its header does.
fn internal_date(header: &[u8]) -> String {
    let date = arrived(header).unwrap_or_else(|| DateTime::from_timestamp(0));
    let month = MONTHS.get(usize::from(date.month).saturating_sub(1)).copied().unwrap_or("Jan");
    let sign = if date.tz_before_gmt { '-' } else { '+' };
    let DateTime { year, day, hour, minute, second, tz_hour, tz_minute, .. } = date;
    format!("{day:>2}-{month}-{year:04} {hour:02}:{minute:02}:{second:02} {sign}{tz_hour:02}{tz_minute:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_pieces() {
        let header = b"Received: from x; Wed, 4 Nov 2026 03:04:05 -0530\r\n\r\n";
        assert_eq!(internal_date(header), " 4-Nov-2026 03:04:05 -0530");
        assert_eq!(internal_date(b"\r\n"), " 1-Jan-1970 00:00:00 +0000");
        for (partial, expected) in [(None, "abc"), (Some((1, 1)), "b"), (Some((2, 9)), "c"), (Some((9, 9)), "")] {
            assert_eq!(cut(b"abc".to_vec(), partial), expected.as_bytes());
        }
    }
}
