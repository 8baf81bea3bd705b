//! What a file is, by its content, and what is in it.

use crate::{Entry, Wrong, blocks, calendar, card, ldif, rows};
use std::borrow::Cow;

/// Largest file, in octets.
pub const LARGEST_FILE: usize = 32 * 1024 * 1024;
/// Most entries of a file.
pub const MOST_ENTRIES: usize = 100_000;

/// Which kind of collection takes an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Events, tasks and notes.
    Calendars,
    /// Cards.
    Contacts,
}

/// What a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// iCalendar, or vCalendar 1.0.
    Calendar,
    /// vCards of any version.
    Cards,
    /// Entries of an address book (RFC 2849).
    Ldif,
    /// A table whose first line names the columns.
    Csv,
}

impl Format {
    /// What such a file holds.
    pub fn family(self) -> Family {
        match self {
            Self::Calendar => Family::Calendars,
            Self::Cards | Self::Ldif | Self::Csv => Family::Contacts,
        }
    }

    /// Its word, for people and programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Calendar => "icalendar",
            Self::Cards => "vcard",
            Self::Ldif => "ldif",
            Self::Csv => "csv",
        }
    }
}

/// A file that was recognised.
#[derive(Debug)]
pub struct Reading {
    format: Format,
    octets: Vec<u8>,
}

impl Reading {
    /// Recognises a file.
    ///
    /// # Errors
    /// That it is empty, too large, or nothing that is known.
    pub fn of(octets: Vec<u8>) -> Result<Self, Wrong> {
        if octets.len() > LARGEST_FILE {
            return Err(Wrong::at(1, format!("more than {LARGEST_FILE} octets: divide the file")));
        }
        let octets = match readable(&octets) {
            Cow::Borrowed(same) if same.len() == octets.len() => octets,
            other => other.into_owned(),
        };
        let head = octets.trim_ascii_start();
        if head.is_empty() {
            return Err(Wrong::at(1, "the file is empty"));
        }
        let begins = |text: &str| head.get(..text.len()).is_some_and(|it| it.eq_ignore_ascii_case(text.as_bytes()));
        let first = head.split(|octet| matches!(octet, b'\r' | b'\n')).next().unwrap_or_default();
        let format = if begins("BEGIN:VCALENDAR") {
            Format::Calendar
        } else if begins("BEGIN:VCARD") {
            Format::Cards
        } else if begins("dn:") || begins("version: 1") || begins("version:1") || head.starts_with(b"#") {
            Format::Ldif
        } else if rows::is_head(first) {
            Format::Csv
        } else {
            return Err(Wrong::at(1, "no iCalendar, vCard, LDIF or table with columns that are known"));
        };
        Ok(Self { format, octets })
    }

    /// What it is written in.
    pub fn format(&self) -> Format {
        self.format
    }

    /// What is in it, in its order; what is wrong stands in its place, or behind.
    pub fn entries(&self) -> Box<dyn Iterator<Item = Result<Entry, Wrong>> + Send + '_> {
        let octets = self.octets.as_slice();
        let all: Box<dyn Iterator<Item = Result<Entry, Wrong>> + Send + '_> = match self.format {
            Format::Calendar => Box::new(calendar::entries(octets)),
            Format::Cards => {
                let blocks::Blocks { found, wrong, .. } = blocks::blocks(octets, None, &[]);
                Box::new(found.into_iter().map(|block| card::entry(&block)).chain(wrong.into_iter().map(Err)))
            }
            Format::Ldif => Box::new(ldif::entries(octets)),
            Format::Csv => Box::new(rows::entries(octets)),
        };
        let mut ended = false;
        Box::new(all.enumerate().map_while(move |(at, entry)| {
            if at < MOST_ENTRIES {
                return Some(entry);
            }
            let line = match &entry {
                Ok(entry) => entry.line,
                Err(wrong) => wrong.line,
            };
            let is_first = !std::mem::replace(&mut ended, true);
            is_first.then(|| Err(Wrong::at(line, format!("more than {MOST_ENTRIES} entries: divide the file"))))
        }))
    }
}

/// The text in UTF-8, without a byte order mark. What names a charset of its own in each line, as vCard 2.1 does, is left to that.
fn readable(octets: &[u8]) -> Cow<'_, [u8]> {
    let text = |encoding: &'static encoding_rs::Encoding| {
        let (text, _) = encoding.decode_with_bom_removal(octets);
        Cow::Owned(text.into_owned().into_bytes())
    };
    match octets {
        [0xff, 0xfe, ..] => text(encoding_rs::UTF_16LE),
        [0xfe, 0xff, ..] => text(encoding_rs::UTF_16BE),
        [0xef, 0xbb, 0xbf, rest @ ..] => Cow::Borrowed(rest),
        _ if std::str::from_utf8(octets).is_ok() => Cow::Borrowed(octets),
        _ if octets.windows(9).any(|window| window.eq_ignore_ascii_case(b";charset=")) => Cow::Borrowed(octets),
        _ => text(encoding_rs::WINDOWS_1252),
    }
}
