//! The header of a message that is submitted (RFC 5322 §2.2, RFC 6409 §8): gathered within bounds while it comes, and its
//! fields, in the order and with the octets that they had.

use std::fmt;

/// Largest header, in octets.
pub const LARGEST_HEADER: usize = 256 * 1024;

/// Holds a header's octets until it is whole.
#[derive(Debug, Default)]
pub struct Gatherer {
    held: Vec<u8>,
}

/// What has come so far.
#[derive(Debug, PartialEq, Eq)]
pub enum Gathered {
    /// Not all.
    More,
    /// The header without the empty line that ends it, and what came behind that line.
    Whole {
        /// The fields.
        header: Vec<u8>,
        /// The beginning of the body.
        rest: Vec<u8>,
    },
    /// It has no end within [`LARGEST_HEADER`].
    TooLarge,
}

impl Gatherer {
    /// Takes octets of a message, whose lines end with CRLF.
    pub fn take(&mut self, input: &[u8]) -> Gathered {
        let looked = self.held.len().saturating_sub(3);
        self.held.extend_from_slice(input);
        if self.held.starts_with(b"\r\n") {
            return Gathered::Whole { header: Vec::new(), rest: self.held.split_off(2) };
        }
        let new = self.held.get(looked..).unwrap_or_default();
        let end = memchr::memmem::find(new, b"\r\n\r\n").map(|at| looked.saturating_add(at).saturating_add(2));
        match end {
            Some(end) if end > LARGEST_HEADER => Gathered::TooLarge,
            Some(end) => {
                let rest = self.held.split_off(end.saturating_add(2));
                self.held.truncate(end);
                Gathered::Whole { header: std::mem::take(&mut self.held), rest }
            }
            None if self.held.len() > LARGEST_HEADER => Gathered::TooLarge,
            None => Gathered::More,
        }
    }

    /// The message has ended: all that came is header.
    pub fn end(self) -> Vec<u8> {
        let mut header = self.held;
        if !header.is_empty() && !header.ends_with(b"\r\n") {
            header.extend_from_slice(b"\r\n");
        }
        header
    }
}

/// A header's fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    fields: Vec<Field>,
}

/// A field as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name, in lower case.
    pub name: String,
    octets: Vec<u8>,
    body: usize,
}

// What people write is not for logs.
impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Field({})", self.name)
    }
}

/// A line that is no field. What follows it one program takes for header and another for body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedHeader;

impl fmt::Display for MalformedHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a line of the header is no field")
    }
}
impl std::error::Error for MalformedHeader {}

impl Header {
    /// `fields = *( field-name ":" unstructured CRLF )` (RFC 5322 §2.2), with spaces before the colon as of old (§4.5.8).
    ///
    /// # Errors
    /// [`MalformedHeader`] for a line that neither is a field nor goes on with one.
    pub fn parse(octets: &[u8]) -> Result<Self, MalformedHeader> {
        let mut fields: Vec<Field> = Vec::new();
        for line in octets.split_inclusive(|octet| *octet == b'\n') {
            if matches!(line.first(), Some(b' ' | b'\t')) {
                fields.last_mut().ok_or(MalformedHeader)?.octets.extend_from_slice(line);
                continue;
            }
            let colon = line.iter().position(|octet| *octet == b':').ok_or(MalformedHeader)?;
            let name = line.get(..colon).unwrap_or_default().trim_ascii_end();
            let name = std::str::from_utf8(name).map_err(|_| MalformedHeader)?;
            if name.is_empty() || !name.bytes().all(|octet| matches!(octet, b'!'..=b'~')) {
                return Err(MalformedHeader);
            }
            let (name, octets) = (name.to_ascii_lowercase(), line.to_vec());
            fields.push(Field { name, octets, body: colon.saturating_add(1) });
        }
        Ok(Self { fields })
    }

    /// The fields of a name, in lower case.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Field> {
        self.fields.iter().filter(move |field| field.name == name)
    }

    /// Whether there is a field of this name.
    pub fn has(&self, name: &str) -> bool {
        self.named(name).next().is_some()
    }

    /// Takes away all fields of these names.
    pub fn remove(&mut self, names: &[&str]) {
        self.fields.retain(|field| !names.contains(&field.name.as_str()));
    }

    /// Puts a field before all others. The text must be of printable characters; line ends in it are made spaces.
    pub fn put_first(&mut self, name: &str, text: &str) {
        self.fields.insert(0, Field::new(name, text));
    }

    /// Puts a field behind all others. As [`Self::put_first`].
    pub fn put_last(&mut self, name: &str, text: &str) {
        self.fields.push(Field::new(name, text));
    }

    /// The octets, with the empty line that ends them.
    pub fn to_octets(&self) -> Vec<u8> {
        let mut out: Vec<u8> = self.fields.iter().flat_map(|field| field.octets.iter().copied()).collect();
        out.extend_from_slice(b"\r\n");
        out
    }
}

impl Field {
    fn new(name: &str, text: &str) -> Self {
        let text: String = text.chars().map(|it| if matches!(it, '\r' | '\n') { ' ' } else { it }).collect();
        let octets = format!("{name}: {text}\r\n").into_bytes();
        Self { name: name.to_ascii_lowercase(), body: name.len().saturating_add(1), octets }
    }

    /// What stands behind the colon, unfolded (RFC 5322 §2.2.3).
    pub fn unfolded(&self) -> Vec<u8> {
        let body = self.octets.get(self.body..).unwrap_or_default();
        body.iter().copied().filter(|octet| !matches!(octet, b'\r' | b'\n')).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    const SAMPLE: &[u8] =
        b"Received: by a\r\nFrom : Ada\r\n <ada@a.test>\r\nBCC: x@a.test,\r\n\ty@a.test\r\nSubject: \xe9\r\n";

    #[test]
    fn what_is_removed_is_gone_and_the_rest_is_as_it_was() {
        let mut header = Header::parse(SAMPLE).unwrap();
        assert_eq!(header.named("from").next().unwrap().unfolded(), b" Ada <ada@a.test>");
        assert!(header.has("bcc") && !header.has("date"));
        header.remove(&["bcc"]);
        header.put_first("Received", "by b; today\r\nBcc: z");
        header.put_last("Date", "today");
        assert_eq!(
            header.to_octets(),
            b"Received: by b; today  Bcc: z\r\nReceived: by a\r\nFrom : Ada\r\n <ada@a.test>\r\nSubject: \xe9\r\nDate: today\r\n\r\n"
        );
        assert!(!format!("{header:?}").contains("ada@"));
    }

    #[test]
    fn lines_that_are_no_fields() {
        for wrong in
            [&b"hello\r\n"[..], b" folded\r\n", b": x\r\n", b"a b: x\r\n", b"From ada Thu Nov 26\r\n", b"\xe9: x\r\n"]
        {
            assert_eq!(Header::parse(wrong), Err(MalformedHeader), "{wrong:?}");
        }
        assert_eq!(Header::parse(b"").unwrap().to_octets(), b"\r\n");
    }

    #[test]
    fn a_header_has_an_end() {
        let mut gatherer = Gatherer::default();
        for _ in 0..LARGEST_HEADER / 8 {
            assert_eq!(gatherer.take(b"a: bcd\r\n"), Gathered::More);
        }
        assert_eq!(gatherer.take(b"a: bcd\r\n"), Gathered::TooLarge);
        let line = [b"a: ".as_slice(), &vec![b'x'; LARGEST_HEADER], b"\r\n\r\n"].concat();
        assert_eq!(Gatherer::default().take(&line), Gathered::TooLarge);
        assert_eq!(Gatherer::default().take(b"\r\nbody"), Gathered::Whole { header: vec![], rest: b"body".to_vec() });
    }

    proptest! {
        #[test]
        fn cut_anywhere_it_is_the_same(cut in 0..SAMPLE.len() + 6) {
            let whole = [SAMPLE, b"\r\nbody"].concat();
            let (one, other) = whole.split_at(cut.min(whole.len()));
            let mut gatherer = Gatherer::default();
            let (mut header, mut body) = match gatherer.take(one) {
                Gathered::More => match gatherer.take(other) {
                    Gathered::Whole { header, rest } => (header, rest),
                    it => return Err(TestCaseError::fail(format!("{it:?}"))),
                },
                Gathered::Whole { header, rest } => (header, [rest.as_slice(), other].concat()),
                Gathered::TooLarge => return Err(TestCaseError::fail("too large")),
            };
            prop_assert_eq!(std::mem::take(&mut header), SAMPLE);
            prop_assert_eq!(std::mem::take(&mut body), b"body");
        }

        #[test]
        fn what_is_parsed_is_kept(octets in "([A-Za-z\\-]{1,8}: ?[ -~]{0,12}\r\n( [ -~]{1,9}\r\n)?){0,6}") {
            let header = Header::parse(octets.as_bytes()).unwrap();
            prop_assert_eq!(header.to_octets(), [octets.as_bytes(), b"\r\n"].concat());
        }
    }
}
