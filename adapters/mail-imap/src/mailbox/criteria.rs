//! A search as IMAP writes it (RFC 9051 §6.4.4). Text that is no ASCII goes as a literal, with `CHARSET UTF-8`.

use super::change::set;
use crate::imap::Imap;
use passerelle_core::{
    Error, Result,
    ports::{Place, Search},
};
use passerelle_model::Timestamp;
use passerelle_wire_imap::date;
use std::collections::BTreeMap;

/// Longest set of UIDs within a search, in octets: a command has to fit into what stores take of a line.
const LONGEST_SET: usize = 32 * 1024;
const DAY: i64 = 86_400;

/// A moment in a search, as far as days do not tell it: IMAP compares days, in a zone that is nobody's to know.
pub(super) struct Edge {
    /// The messages of the days around it that were received at it or later.
    pub(super) later: Vec<u32>,
}

/// Keys of a search, cut where a literal waits.
pub(super) struct Criteria {
    /// The command's text; a piece that is not the last ends with a literal's announcement.
    pub(super) pieces: Vec<Vec<u8>>,
    pub(super) is_ascii: bool,
    follows: bool,
}

impl Criteria {
    /// Keys that are written already, in ASCII.
    pub(super) fn plain(keys: String) -> Self {
        Self { pieces: vec![keys.into_bytes()], is_ascii: true, follows: true }
    }

    /// Writes a search for this store. `edges` are those of its moments.
    pub(super) fn write(search: &Search, imap: &Imap, edges: &BTreeMap<i64, Edge>) -> Result<Self> {
        let follows = imap.takes_at_once(u64::try_from(passerelle_core::ports::LONGEST_SOUGHT).unwrap_or(u64::MAX));
        let mut criteria = Self { pieces: vec![Vec::new()], is_ascii: true, follows };
        criteria.key(search, edges)?;
        Ok(criteria)
    }

    fn put(&mut self, text: &str) {
        if let Some(last) = self.pieces.last_mut() {
            last.extend_from_slice(text.as_bytes());
        }
    }

    /// A string: quoted, or a literal where it has to be.
    fn string(&mut self, text: &str) {
        if text.is_ascii() {
            let mut quoted = Vec::new();
            passerelle_wire_imap::quoted(text.as_bytes(), &mut quoted);
            self.put(&String::from_utf8_lossy(&quoted));
            return;
        }
        self.is_ascii = false;
        let plus = if self.follows { "+" } else { "" };
        self.put(&format!("{{{}{plus}}}\r\n", text.len()));
        if !self.follows {
            self.pieces.push(Vec::new());
        }
        self.put(text);
    }

    fn key(&mut self, search: &Search, edges: &BTreeMap<i64, Edge>) -> Result<()> {
        match search {
            Search::Everything => self.put("ALL"),
            Search::And(all) => {
                self.put("(");
                for (at, one) in all.iter().enumerate() {
                    if at > 0 {
                        self.put(" ");
                    }
                    self.key(one, edges)?;
                }
                self.put(if all.is_empty() { "ALL)" } else { ")" });
            }
            Search::Or(all) => match all.split_last() {
                None => self.put("NOT ALL"),
                Some((last, others)) => {
                    for one in others {
                        self.put("OR ");
                        self.key(one, edges)?;
                        self.put(" ");
                    }
                    self.key(last, edges)?;
                }
            },
            Search::Not(one) => {
                self.put("NOT ");
                self.key(one, edges)?;
            }
            Search::Has(flag) => match flag.as_str() {
                system if system.starts_with('\\') => self.put(&system.replace('\\', "").to_ascii_uppercase()),
                keyword => self.put(&format!("KEYWORD {keyword}")),
            },
            // Sizes have 32 bits in a search (RFC 9051 §9).
            Search::AtLeast(0) => self.put("ALL"),
            Search::AtLeast(size) => match u32::try_from(size.saturating_sub(1)) {
                Ok(size) => self.put(&format!("LARGER {size}")),
                Err(_) => self.put("NOT ALL"),
            },
            Search::Below(0) => self.put("NOT ALL"),
            Search::Below(size) => match u32::try_from(*size) {
                Ok(size) => self.put(&format!("SMALLER {size}")),
                Err(_) => self.put("ALL"),
            },
            Search::Since(at) => self.since(*at, edges)?,
            Search::Before(at) => {
                self.put("NOT ");
                self.since(*at, edges)?;
            }
            Search::Text(place, text) => {
                self.put(&match place {
                    Place::From => "FROM ".to_owned(),
                    Place::To => "TO ".to_owned(),
                    Place::Cc => "CC ".to_owned(),
                    Place::Bcc => "BCC ".to_owned(),
                    Place::Subject => "SUBJECT ".to_owned(),
                    Place::Body => "BODY ".to_owned(),
                    Place::Anywhere => "TEXT ".to_owned(),
                    Place::Header(name) => format!("HEADER {} ", name.as_str()),
                });
                self.string(text);
            }
            Search::HasHeader(name) => self.put(&format!("HEADER {} \"\"", name.as_str())),
            Search::Uids(uids) => self.uids(uids)?,
            // `n:m` is the same set as `m:n` (RFC 9051 §9).
            Search::UidsBelow(0 | 1) => self.put("NOT ALL"),
            Search::UidsBelow(next) => self.put(&format!("UID 1:{}", next.saturating_sub(1))),
        }
        Ok(())
    }

    fn uids(&mut self, uids: &[u32]) -> Result<()> {
        if uids.is_empty() {
            self.put("NOT ALL");
            return Ok(());
        }
        let set = set(uids);
        if set.len() > LONGEST_SET {
            return Err(Error::invalid("the search names too many messages"));
        }
        self.put(&format!("UID {set}"));
        Ok(())
    }

    fn since(&mut self, at: Timestamp, edges: &BTreeMap<i64, Edge>) -> Result<()> {
        self.put(&format!("OR SINCE {} ", date(at.0.saturating_add(2 * DAY))));
        self.uids(edges.get(&at.0).map_or(&[], |edge| &edge.later))
    }
}

/// The moments that a search names.
pub(super) fn moments(search: &Search, found: &mut Vec<i64>) {
    match search {
        Search::Since(at) | Search::Before(at) => found.push(at.0),
        Search::And(all) | Search::Or(all) => all.iter().for_each(|one| moments(one, found)),
        Search::Not(one) => moments(one, found),
        Search::Everything
        | Search::Has(_)
        | Search::AtLeast(_)
        | Search::Below(_)
        | Search::Text(..)
        | Search::HasHeader(_)
        | Search::Uids(_)
        | Search::UidsBelow(_) => {}
    }
}

/// What finds the messages of the days around a moment: a zone is at most 14 hours from UTC.
pub(super) fn around(at: i64) -> String {
    format!("SINCE {} BEFORE {}", date(at.saturating_sub(DAY)), date(at.saturating_add(2 * DAY)))
}
