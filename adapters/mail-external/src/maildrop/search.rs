//! SEARCH (RFC 9051 §6.4.4), as far as a maildrop can answer it: marks, sets, sizes, and what stands in headers. What is
//! in bodies would have to be fetched whole, message by message, and is refused.

use super::{
    structure::value,
    view::{Message, named},
};
use mail_parser::DateTime;
use passerelle_wire_imap::Word;

/// Deepest keys within keys.
const DEEPEST: usize = 10;
/// Most keys.
const MOST_KEYS: usize = 200;

/// A key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Key {
    All,
    None,
    /// Places in the mailbox.
    Places(Vec<usize>),
    Seen,
    Deleted,
    Larger(u64),
    Smaller(u64),
    /// A field that has this in it, in small letters.
    Field(String, String),
    /// A day, as days since 1970: its date is before, on, or since.
    Day(Whose, Ordered, i64),
    Not(Box<Key>),
    Or(Box<Key>, Box<Key>),
    And(Vec<Key>),
}

/// Which date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// Of arrival.
    Arrived,
    /// Of the header.
    Sent,
}

/// How it compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ordered {
    Before,
    On,
    Since,
}

/// Why a search is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsearchable {
    /// It is no search.
    Wrong,
    /// It needs bodies.
    Bodies,
}

/// The keys of a SEARCH.
pub(crate) fn keys(mut all: &[Word], view: &[Message]) -> Result<Key, Unsearchable> {
    if let [charset, name, rest @ ..] = all
        && charset.is("CHARSET")
    {
        let is_known = ["UTF-8", "US-ASCII"].iter().any(|it| text(name).eq_ignore_ascii_case(it));
        if !is_known {
            return Err(Unsearchable::Wrong);
        }
        all = rest;
    }
    let mut reader = Reader { view, count: 0 };
    let mut found = Vec::new();
    while !all.is_empty() {
        found.push(reader.key(&mut all, 0)?);
    }
    if found.is_empty() { Err(Unsearchable::Wrong) } else { Ok(Key::And(found)) }
}

struct Reader<'a> {
    view: &'a [Message],
    count: usize,
}

impl Reader<'_> {
    fn key(&mut self, rest: &mut &[Word], depth: usize) -> Result<Key, Unsearchable> {
        self.count = self.count.saturating_add(1);
        let Some((word, behind)) = rest.split_first().filter(|_| depth < DEEPEST && self.count <= MOST_KEYS) else {
            return Err(Unsearchable::Wrong);
        };
        *rest = behind;
        let deeper = depth.saturating_add(1);
        if let Word::List(inside) = word {
            let (mut inside, mut all) = (inside.as_slice(), Vec::new());
            while !inside.is_empty() {
                all.push(self.key(&mut inside, deeper)?);
            }
            return Ok(Key::And(all));
        }
        let mut take = || {
            let (word, behind) = rest.split_first().ok_or(Unsearchable::Wrong)?;
            *rest = behind;
            Ok::<String, Unsearchable>(text(word))
        };
        let not = |key| Key::Not(Box::new(key));
        let day = |whose, ordered, word: String| {
            parse_day(&word).map(|day| Key::Day(whose, ordered, day)).ok_or(Unsearchable::Wrong)
        };
        let name = text(word).to_ascii_uppercase();
        Ok(match name.as_str() {
            "ALL" | "OLD" | "UNANSWERED" | "UNFLAGGED" | "UNDRAFT" => Key::All,
            "ANSWERED" | "FLAGGED" | "DRAFT" | "RECENT" | "NEW" => Key::None,
            "SEEN" => Key::Seen,
            "UNSEEN" => not(Key::Seen),
            "DELETED" => Key::Deleted,
            "UNDELETED" => not(Key::Deleted),
            "KEYWORD" => take().map(|_| Key::None)?,
            "UNKEYWORD" => take().map(|_| Key::All)?,
            "LARGER" => Key::Larger(take()?.parse().map_err(|_| Unsearchable::Wrong)?),
            "SMALLER" => Key::Smaller(take()?.parse().map_err(|_| Unsearchable::Wrong)?),
            "SUBJECT" | "FROM" | "TO" | "CC" | "BCC" => Key::Field(name, take()?.to_lowercase()),
            "HEADER" => Key::Field(take()?.to_ascii_uppercase(), take()?.to_lowercase()),
            "BEFORE" => day(Whose::Arrived, Ordered::Before, take()?)?,
            "ON" => day(Whose::Arrived, Ordered::On, take()?)?,
            "SINCE" => day(Whose::Arrived, Ordered::Since, take()?)?,
            "SENTBEFORE" => day(Whose::Sent, Ordered::Before, take()?)?,
            "SENTON" => day(Whose::Sent, Ordered::On, take()?)?,
            "SENTSINCE" => day(Whose::Sent, Ordered::Since, take()?)?,
            "BODY" | "TEXT" => return Err(Unsearchable::Bodies),
            "UID" => Key::Places(named(self.view, take()?.as_bytes(), true).ok_or(Unsearchable::Wrong)?),
            "NOT" => not(self.key(rest, deeper)?),
            "OR" => {
                let first = self.key(rest, deeper)?;
                Key::Or(Box::new(first), Box::new(self.key(rest, deeper)?))
            }
            set => Key::Places(named(self.view, set.as_bytes(), false).ok_or(Unsearchable::Wrong)?),
        })
    }
}

impl Key {
    /// Whether it can be judged without a header.
    pub(crate) fn needs_header(&self) -> bool {
        match self {
            Self::Field(..) | Self::Day(..) => true,
            Self::Not(key) => key.needs_header(),
            Self::Or(one, other) => one.needs_header() || other.needs_header(),
            Self::And(all) => all.iter().any(Self::needs_header),
            Self::All
            | Self::None
            | Self::Places(_)
            | Self::Seen
            | Self::Deleted
            | Self::Larger(_)
            | Self::Smaller(_) => false,
        }
    }

    /// Whether a message is meant.
    pub(crate) fn fits(&self, place: usize, message: &Message, header: &[u8]) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Places(places) => places.binary_search(&place).is_ok(),
            Self::Seen => message.seen,
            Self::Deleted => message.deleted,
            Self::Larger(size) => message.size > *size,
            Self::Smaller(size) => message.size < *size,
            Self::Field(name, wanted) => has(header, name, wanted),
            Self::Day(whose, ordered, day) => {
                let date = match whose {
                    Whose::Arrived => arrived(header),
                    Whose::Sent => sent(header),
                };
                // Days are those of the message's own zone (RFC 9051 §6.4.4).
                let local =
                    |it: DateTime| DateTime { tz_hour: 0, tz_minute: 0, ..it }.to_timestamp().div_euclid(86_400);
                date.map(local).is_some_and(|date| match ordered {
                    Ordered::Before => date < *day,
                    Ordered::On => date == *day,
                    Ordered::Since => date >= *day,
                })
            }
            Self::Not(key) => !key.fits(place, message, header),
            Self::Or(one, other) => one.fits(place, message, header) || other.fits(place, message, header),
            Self::And(all) => all.iter().all(|key| key.fits(place, message, header)),
        }
    }
}

/// Whether a field has this in it, as it stands there or decoded.
fn has(header: &[u8], name: &str, wanted: &str) -> bool {
    let Some(found) = value(header, name) else { return false };
    if String::from_utf8_lossy(&found).to_lowercase().contains(wanted) {
        return true;
    }
    // RFC 2047 words are read as in a subject, whichever field they stand in.
    let as_subject = [b"Subject: ", &found[..], b"\r\n\r\n"].concat();
    let parsed = mail_parser::MessageParser::default().parse_headers(&as_subject[..]);
    parsed.is_some_and(|parsed| parsed.subject().is_some_and(|text| text.to_lowercase().contains(wanted)))
}

/// When it arrived: what the last server to receive it said, else its own date.
pub(crate) fn arrived(header: &[u8]) -> Option<DateTime> {
    let received = value(header, "Received");
    let date = received.as_deref().and_then(|text| text.rsplit(|octet| *octet == b';').next()).and_then(date);
    date.or_else(|| sent(header))
}

fn sent(header: &[u8]) -> Option<DateTime> {
    value(header, "Date").as_deref().and_then(date)
}

fn date(text: &[u8]) -> Option<DateTime> {
    let date = DateTime::parse_rfc822(&String::from_utf8_lossy(text))?;
    (date.is_valid() && (1970..=9999).contains(&date.year)).then_some(date)
}

/// `date = date-day "-" date-month "-" date-year`, as days since 1970.
fn parse_day(text: &str) -> Option<i64> {
    let date = DateTime::parse_rfc822(&format!("{} 00:00:00 +0000", text.replace('-', " ")))?;
    date.is_valid().then(|| date.to_timestamp().div_euclid(86_400))
}

fn text(word: &Word) -> String {
    word.text().map(|text| String::from_utf8_lossy(text).into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use passerelle_wire_imap::words;

    const HEADER: &[u8] =
        b"Received: from x; Tue, 24 Nov 2026 23:30:00 -0500\r\nDate: Mon, 23 Nov 2026 10:00:00 +0100\r\n\
        Subject: =?utf-8?q?Caf=C3=A9?= au lait\r\nFrom: Zoe <zoe@a.test>\r\n\r\n";

    fn found(text: &str) -> Result<Vec<u32>, Unsearchable> {
        let view: Vec<Message> = (1..=3)
            .map(|uid| Message {
                uid: uid * 10,
                size: u64::from(uid) * 100,
                number: uid,
                seen: uid == 1,
                deleted: uid == 3,
            })
            .collect();
        let all: Vec<Word> = words(text.as_bytes()).unwrap().into_iter().map(|placed| placed.word).collect();
        let key = keys(&all, &view)?;
        let fits = view.iter().enumerate().filter(|(place, message)| key.fits(*place, message, HEADER));
        Ok(fits.map(|(_, message)| message.uid).collect())
    }

    #[test]
    fn what_is_found() {
        for (text, expected) in [
            ("ALL", &[10, 20, 30][..]),
            ("UNSEEN UNDELETED", &[20]),
            ("OR SEEN DELETED", &[10, 30]),
            ("NOT (SEEN)", &[20, 30]),
            ("2:*", &[20, 30]),
            ("UID 5:20", &[10, 20]),
            ("LARGER 150 SMALLER 250", &[20]),
            ("1 SUBJECT \"café AU\"", &[10]),
            ("1 FROM ZOE@", &[10]),
            ("FROM nobody", &[]),
            ("1 HEADER Subject \"\"", &[10]),
            ("1 ON 24-Nov-2026", &[10]),
            ("1 SENTON 23-Nov-2026", &[10]),
            ("1 BEFORE 24-Nov-2026", &[]),
            ("1 SINCE 24-Nov-2026", &[10]),
            ("CHARSET UTF-8 FLAGGED", &[]),
        ] {
            assert_eq!(found(text).as_deref(), Ok(expected), "{text}");
        }
        for (text, expected) in [
            ("BODY x", Unsearchable::Bodies),
            ("OR ALL TEXT x", Unsearchable::Bodies),
            ("WHAT", Unsearchable::Wrong),
            ("NOT", Unsearchable::Wrong),
            ("ON yesterday", Unsearchable::Wrong),
            ("CHARSET KOI8-R ALL", Unsearchable::Wrong),
        ] {
            assert_eq!(found(text), Err(expected), "{text}");
        }
    }
}
