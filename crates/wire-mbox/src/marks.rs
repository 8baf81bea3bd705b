//! Flags, as mail programs keep them in a message's header: `Status: RO`, `X-Status: AF`, `X-Keywords: $Junk`.

use crate::Ending;

/// Longest text of keywords that is read, in octets.
const MOST: usize = 8 * 1024;

/// What is marked on a message. Keywords are words without spaces.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marks {
    /// `\Seen`: `Status: R`.
    pub seen: bool,
    /// `\Answered`: `X-Status: A`.
    pub answered: bool,
    /// `\Flagged`: `X-Status: F`.
    pub flagged: bool,
    /// `\Draft`: `X-Status: T`.
    pub draft: bool,
    /// `\Deleted`: `X-Status: D`.
    pub deleted: bool,
    /// Everything else.
    pub keywords: Vec<String>,
}

/// The fields that are the mailbox's and not the message's, in the order in which they are written.
pub(crate) const FIELDS: [&str; 4] = ["status", UNENDED, "x-status", "x-keywords"];
/// Ours, for a message that does not end with a line's end: a file has one there all the same.
pub(crate) const UNENDED: &str = "x-no-final-newline";

/// What `Content-Length` claims.
pub(crate) fn claim(line: &[u8]) -> Option<u64> {
    let name = line.get(..15).filter(|name| name.eq_ignore_ascii_case(b"content-length:"))?;
    std::str::from_utf8(line.get(name.len()..)?).ok()?.trim().parse().ok()
}

/// Which of the mailbox's fields this line begins: its name in lower case, and what it says.
pub(crate) fn field(line: &[u8]) -> Option<(&'static str, &[u8])> {
    let colon = line.iter().position(|octet| *octet == b':')?;
    let (name, rest) = line.split_at_checked(colon)?;
    let name = name.trim_ascii_end();
    let known = FIELDS.into_iter().find(|field| name.eq_ignore_ascii_case(field.as_bytes()))?;
    Some((known, rest.get(1..).unwrap_or_default().trim_ascii()))
}

impl Marks {
    /// Of flags and keywords as IMAP names them (RFC 9051 §2.3.2).
    pub fn of_flags<'f>(flags: impl Iterator<Item = &'f str>) -> Self {
        let mut marks = Self::default();
        for flag in flags {
            match flag {
                "\\Seen" => marks.seen = true,
                "\\Answered" => marks.answered = true,
                "\\Flagged" => marks.flagged = true,
                "\\Draft" => marks.draft = true,
                "\\Deleted" => marks.deleted = true,
                // Others of a server's own, as `\Recent`, are of no message.
                other if other.starts_with('\\') => {}
                keyword => marks.keywords.push(keyword.to_owned()),
            }
        }
        marks
    }

    /// With what a field says.
    pub(crate) fn note(&mut self, name: &str, said: &[u8]) {
        let has = |letter: u8| said.contains(&letter);
        match name {
            "status" => self.seen |= has(b'R'),
            "x-status" => {
                self.answered |= has(b'A');
                self.flagged |= has(b'F');
                self.draft |= has(b'T');
                self.deleted |= has(b'D');
            }
            "x-keywords" => {
                let room = MOST.saturating_sub(self.keywords.iter().map(String::len).sum());
                let text = String::from_utf8_lossy(said.get(..room.min(said.len())).unwrap_or_default());
                let new = text.split_ascii_whitespace().map(str::to_owned);
                for word in new {
                    if !self.keywords.contains(&word) {
                        self.keywords.push(word);
                    }
                }
            }
            _ => {}
        }
    }

    /// The fields, each with its line's end. `Status` begins what is the mailbox's own and `X-Keywords` ends it: a message may
    /// have such fields too.
    pub(crate) fn to_fields(&self, ending: Ending) -> String {
        let letters =
            |all: &[(bool, char)]| all.iter().filter(|(on, _)| *on).map(|(_, letter)| *letter).collect::<String>();
        let mut fields = format!("Status: {}O\n", letters(&[(self.seen, 'R')]));
        if ending == Ending::InALine {
            fields.push_str("X-No-Final-Newline: yes\n");
        }
        let more = letters(&[(self.answered, 'A'), (self.flagged, 'F'), (self.draft, 'T'), (self.deleted, 'D')]);
        fields.push_str(&format!("X-Status: {more}\n"));
        let is_word = |word: &&String| !word.is_empty() && word.bytes().all(|octet| octet.is_ascii_graphic());
        let keywords: Vec<&str> = self.keywords.iter().filter(is_word).map(String::as_str).collect();
        fields.push_str(&format!("X-Keywords: {}\n", keywords.join(" ")));
        fields
    }
}
