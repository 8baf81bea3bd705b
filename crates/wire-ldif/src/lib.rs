//! LDIF content records (RFC 2849), read. Change records and values by URL are refused: this is a directory as it
//! stands, and a file of it must not make the gateway read others.
//!
//! ```text
//! file   = ["version: 1"] *( record )
//! record = "dn" value 1*( attribute value )          ; ended by an empty line
//! value  = ":" *SP text / "::" *SP base64
//! ```
//!
//! A line that begins with one space continues the one before; a line that begins with `#` is a comment.

use base64::{Engine, engine::general_purpose::STANDARD};

/// Longest line with its continuations, in octets.
pub const LONGEST_LINE: usize = 4 * 1024 * 1024;
/// Most records.
pub const MOST_RECORDS: usize = 500_000;

/// One entry as the file has it.
#[derive(Debug, PartialEq, Eq)]
pub struct Record {
    /// The line of its `dn:`, from 1.
    pub line: usize,
    /// The name.
    pub dn: String,
    /// Descriptions and values, in the file's order.
    pub attributes: Vec<(String, Vec<u8>)>,
}

/// What is wrong, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there. Never a value: it could be a password.
    pub what: String,
}

impl Wrong {
    /// What is wrong at a line.
    pub fn at(line: usize, what: impl Into<String>) -> Self {
        Self { line, what: what.into() }
    }
}

/// Reads a file.
///
/// # Errors
/// The first line that is wrong.
pub fn parse(octets: &[u8]) -> Result<Vec<Record>, Wrong> {
    let mut records: Vec<Record> = Vec::new();
    let mut open: Option<Record> = None;
    let mut begun = false;
    for line in (Lines { rest: octets, line: 0 }) {
        let (number, line) = line?;
        if line.is_empty() {
            records.extend(open.take());
            continue;
        }
        let (name, value) = pair(number, &line)?;
        let is = |what: &str| name.eq_ignore_ascii_case(what);
        match &mut open {
            Some(_) if is("changetype") || is("control") => {
                return Err(Wrong::at(number, "a change record: only entries are read"));
            }
            Some(_) if is("dn") => return Err(Wrong::at(number, "a second `dn`: an empty line is missing above")),
            Some(record) => record.attributes.push((name, value)),
            None if is("version") && !begun && value == b"1" => {}
            None if is("dn") => {
                if records.len() >= MOST_RECORDS {
                    return Err(Wrong::at(number, format!("more than {MOST_RECORDS} entries")));
                }
                let dn = String::from_utf8(value).map_err(|_| Wrong::at(number, "a `dn` that is not UTF-8"))?;
                open = Some(Record { line: number, dn, attributes: Vec::new() });
            }
            None => return Err(Wrong::at(number, "an entry that does not begin with `dn`")),
        }
        begun = true;
    }
    records.extend(open);
    Ok(records)
}

/// `attribute: text` or `attribute:: base64`.
fn pair(number: usize, line: &[u8]) -> Result<(String, Vec<u8>), Wrong> {
    let wrong = |what: &str| Wrong::at(number, what);
    let colon = line.iter().position(|octet| *octet == b':').ok_or_else(|| wrong("no `:` after an attribute"))?;
    let (name, value) = line.split_at(colon);
    let is_name = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.' | b';');
    if name.is_empty() || !name.iter().all(is_name) {
        return Err(wrong("no attribute's name before `:`"));
    }
    let name = String::from_utf8_lossy(name).into_owned();
    let trimmed = |octets: &[u8]| octets.iter().copied().skip_while(|octet| *octet == b' ').collect::<Vec<u8>>();
    match value {
        [b':', b':', encoded @ ..] => {
            let mut encoded = trimmed(encoded);
            while encoded.last() == Some(&b' ') {
                encoded.pop();
            }
            let value = STANDARD.decode(encoded).map_err(|_| wrong("a value after `::` that is not base64"))?;
            Ok((name, value))
        }
        [b':', b'<', ..] => Err(wrong("a value by URL: write it after `::` in base64")),
        [b':', plain @ ..] => Ok((name, trimmed(plain))),
        _ => Err(wrong("no `:` after an attribute")),
    }
}

/// Lines with their continuations joined and comments left out, each with the number of its first.
struct Lines<'a> {
    rest: &'a [u8],
    line: usize,
}

impl<'a> Lines<'a> {
    fn one(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        self.line += 1;
        let (line, rest) = match self.rest.iter().position(|octet| *octet == b'\n') {
            Some(end) => (self.rest.get(..end)?, self.rest.get(end + 1..)?),
            None => (self.rest, &[][..]),
        };
        self.rest = rest;
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }
}

impl Iterator for Lines<'_> {
    type Item = Result<(usize, Vec<u8>), Wrong>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut whole = self.one()?.to_vec();
            let number = self.line;
            // RFC 2849, note 2: a line is folded by a line end and one space; comments are folded too.
            while self.rest.first() == Some(&b' ') {
                whole.extend(self.one()?.get(1..)?);
                if whole.len() > LONGEST_LINE {
                    return Some(Err(Wrong::at(number, "a line of more than 4 MiB")));
                }
            }
            if whole.len() > LONGEST_LINE {
                return Some(Err(Wrong::at(number, "a line of more than 4 MiB")));
            }
            if whole.first() != Some(&b'#') {
                return Some(Ok((number, whole)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn refuses(text: &str, line: usize) {
        assert_eq!(parse(text.as_bytes()).unwrap_err().line, line, "{text}");
    }

    #[test]
    fn records_with_all_that_the_grammar_has() {
        let text = "version: 1\r\n# a comment\n  that goes on\ndn: cn=Barbara,\n dc=a\nobjectClass: top\ndescription:hel\n lo \n wo\n  rld\n\n\n\
                    dn:: b3U95Za25qWt6YOoLG89QWlyaXVz\nou:: 5Za25qWt6YOo\nempty:\n# in between\nsn:  two spaces";
        let records = parse(text.as_bytes()).unwrap();
        assert_eq!(records.len(), 2);
        assert_eq!((records[0].line, records[0].dn.as_str()), (4, "cn=Barbara,dc=a"));
        assert_eq!(records[0].attributes[1], ("description".into(), b"hello wo rld".to_vec()));
        assert_eq!(records[1].dn, "ou=営業部,o=Airius");
        assert_eq!(records[1].attributes[0].1, "営業部".as_bytes());
        assert_eq!(records[1].attributes[1].1, b"");
        assert_eq!(records[1].attributes[2].1, b"two spaces");
    }

    #[test]
    fn nothing_is_a_directory_too() {
        assert_eq!(parse(b""), Ok(vec![]));
        assert_eq!(parse(b"version: 1\n\n\n# nobody\n"), Ok(vec![]));
    }

    #[test]
    fn each_fault_says_its_line() {
        refuses("cn: x\n", 1);
        refuses("dn: a=b\ncn\n", 2);
        refuses("dn: a=b\nc n: x\n", 2);
        refuses("dn: a=b\ncn:: !!\n", 2);
        refuses("dn: a=b\ncn:< file:///etc/passwd\n", 2);
        refuses("dn: a=b\nchangetype: add\n", 2);
        refuses("dn: a=b\ncn: x\ndn: c=d\n", 3);
        refuses("version: 2\n", 1);
        refuses("dn:: /w==\n", 1);
        refuses(&format!("dn: a=b\ncn: {}\n", "x".repeat(LONGEST_LINE)), 2);
    }

    proptest! {
        #[test]
        fn no_octets_make_it_panic(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&octets);
        }

        #[test]
        fn no_lines_make_it_panic(text in "((dn|cn|version|#| )?:{0,2}[ <a-z=]{0,6}\r?\n){0,12}") {
            let _ = parse(text.as_bytes());
        }
    }
}
