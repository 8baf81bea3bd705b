//! Unfolding (RFC 5545 §3.1, RFC 6350 §3.2): physical lines in, logical lines out.

use crate::Wrong;
use std::borrow::Cow;

/// Longest logical line, unfolded, in octets. A photograph in base64 is one line.
pub const LONGEST_LINE: usize = 10 * 1024 * 1024;

/// Which format the lines are of; vCard 2.1 has habits of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// iCalendar.
    Calendar,
    /// vCard of any version.
    Card,
}

/// The logical lines in octets, each with the number of its first physical line.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    rest: &'a [u8],
    line: usize,
    dialect: Dialect,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(octets: &'a [u8], dialect: Dialect) -> Self {
        // A byte order mark is no part of the text.
        Self { rest: octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(octets), line: 0, dialect }
    }

    fn physical(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        self.line += 1;
        let (line, rest) = match memchr::memchr(b'\n', self.rest) {
            Some(end) => self.rest.split_at_checked(end + 1)?,
            None => (self.rest, &[][..]),
        };
        self.rest = rest;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }

    fn joined(&mut self, number: usize, first: &'a [u8]) -> Result<Cow<'a, [u8]>, Wrong> {
        let mut whole = Cow::Borrowed(first);
        loop {
            // vCard 2.1: a soft line break of quoted-printable ends with `=`; a space behind it is one of the text.
            let soft = self.dialect == Dialect::Card && whole.ends_with(b"=") && is_quoted_printable(&whole);
            let folded = !soft && matches!(self.rest.first(), Some(b' ' | b'\t'));
            if !folded && !soft {
                break;
            }
            let Some(next) = self.physical() else { break };
            let next = if folded { next.get(1..).unwrap_or_default() } else { next };
            let whole = whole.to_mut();
            if soft {
                whole.pop();
            }
            whole.extend_from_slice(next);
            if whole.len() > LONGEST_LINE {
                break;
            }
        }
        if whole.len() > LONGEST_LINE {
            return Err(Wrong::too_large(number, format!("a line of more than {LONGEST_LINE} octets")));
        }
        Ok(whole)
    }
}

/// Whether the part of a line before its value names the encoding of MIME that breaks lines softly.
fn is_quoted_printable(line: &[u8]) -> bool {
    let head = memchr::memchr(b':', line).and_then(|colon| line.get(..colon)).unwrap_or_default();
    head.windows(16).any(|window| window.eq_ignore_ascii_case(b"quoted-printable"))
}

impl<'a> Iterator for Lines<'a> {
    type Item = Result<(usize, Cow<'a, [u8]>), Wrong>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let first = self.physical()?;
            let number = self.line;
            match self.joined(number, first) {
                Ok(line) if line.iter().all(|octet| matches!(octet, b' ' | b'\t')) => {}
                Ok(line) => return Some(Ok((number, line))),
                Err(wrong) => return Some(Err(wrong)),
            }
        }
    }
}
