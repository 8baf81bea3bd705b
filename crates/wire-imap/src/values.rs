//! The values of a response, strictly: what a store says of messages and mailboxes (RFC 9051 §7).
//!
//! `value = "NIL" / atom / number / string / "(" [value *(SP value)] ")"`, `string = quoted / literal` (RFC 9051 §9). Unlike
//! [`crate::words`], brackets belong to the names of FETCH items only: a keyword such as `a[` is one like any other. Whatever
//! is not closed, is nested too deep or has a literal that has not come whole, is no value at all.

/// Deepest parentheses that are followed: a multipart in a multipart takes one level.
pub const DEEPEST_VALUE: usize = 256;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `NIL`
    Nil,
    /// An atom or a number.
    Atom(Vec<u8>),
    /// A quoted string or a literal.
    Text(Vec<u8>),
    /// `( ... )`
    List(Vec<Value>),
}

impl Value {
    /// Its octets, where it is an atom or a string.
    pub fn text(&self) -> Option<&[u8]> {
        match self {
            Self::Atom(text) | Self::Text(text) => Some(text),
            Self::Nil | Self::List(_) => None,
        }
    }

    /// The same, where it is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.text()?).ok()
    }

    /// What is in it, where it is a list.
    pub fn list(&self) -> Option<&[Self]> {
        match self {
            Self::List(values) => Some(values),
            Self::Nil | Self::Atom(_) | Self::Text(_) => None,
        }
    }

    /// The number that it is.
    pub fn number<N: std::str::FromStr>(&self) -> Option<N> {
        match self {
            Self::Atom(text) => std::str::from_utf8(text).ok()?.parse().ok(),
            Self::Nil | Self::Text(_) | Self::List(_) => None,
        }
    }

    /// Whether it is this atom, without regard to case.
    pub fn is(&self, atom: &str) -> bool {
        matches!(self, Self::Atom(text) if text.eq_ignore_ascii_case(atom.as_bytes()))
    }
}

/// The values of a whole line or response, with or without its end: `* LIST (\Sent) "/" "Sent"`.
pub fn values(octets: &[u8]) -> Option<Vec<Value>> {
    let mut reader = Reader { rest: octets };
    let mut all = Vec::new();
    loop {
        match reader.rest {
            [] | b"\r\n" | b"\n" => return Some(all),
            [b' ', rest @ ..] => reader.rest = rest,
            _ => all.push(reader.value(0)?),
        }
    }
}

/// `message-data = nz-number SP "FETCH" SP "(" name SP value *(SP name SP value) ")"` (RFC 9051 §7.5.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The message's sequence number.
    pub number: u32,
    /// The items by their names, as `BODY[HEADER.FIELDS (DATE)]<0>`.
    pub items: Vec<(Vec<u8>, Value)>,
}

impl Fetched {
    /// The item of this name, without regard to case.
    pub fn item(&self, name: &str) -> Option<&Value> {
        self.items.iter().find(|(it, _)| it.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }

    /// The first item whose name begins so, as `BODY[`.
    pub fn item_beginning(&self, start: &str) -> Option<&Value> {
        let begins = |name: &[u8]| name.get(..start.len()).is_some_and(|it| it.eq_ignore_ascii_case(start.as_bytes()));
        self.items.iter().find(|(it, _)| begins(it)).map(|(_, value)| value)
    }
}

/// Reads a FETCH response; `None` when it is another response, or cannot be read.
pub fn fetched(response: &[u8]) -> Option<Fetched> {
    let rest = response.strip_prefix(b"* ")?;
    let digits = rest.iter().take_while(|octet| octet.is_ascii_digit()).count();
    let (number, rest) = rest.split_at_checked(digits)?;
    let number = std::str::from_utf8(number).ok()?.parse().ok()?;
    let (verb, rest) = rest.split_at_checked(8)?;
    if !verb.eq_ignore_ascii_case(b" FETCH (") {
        return None;
    }
    let mut reader = Reader { rest };
    let mut items = Vec::new();
    loop {
        let name = reader.name()?.to_vec();
        reader.skip(b" ")?;
        let value = reader.value(0)?;
        items.push((name, value));
        match reader.rest.split_first()? {
            (b' ', rest) => reader.rest = rest,
            (b')', b"\r\n" | b"\n") => return Some(Fetched { number, items }),
            _ => return None,
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn skip(&mut self, expected: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(expected)?;
        Some(())
    }

    /// An item's name; spaces within its brackets are part of it (`BODY[HEADER.FIELDS (DATE)]<0>`).
    fn name(&mut self) -> Option<&'a [u8]> {
        let mut in_brackets = false;
        let end = self.rest.iter().position(|octet| {
            match octet {
                b'[' => in_brackets = true,
                b']' => in_brackets = false,
                _ => {}
            }
            !in_brackets && matches!(octet, b' ' | b'(' | b')' | b'\r' | b'\n')
        })?;
        let (name, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        (!name.is_empty()).then_some(name)
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        match self.rest.first()? {
            b'"' => self.quoted(),
            b'{' | b'~' if self.announces() => self.literal(),
            b'(' if depth < DEEPEST_VALUE => {
                self.skip(b"(")?;
                let mut values = Vec::new();
                loop {
                    match self.rest.split_first()? {
                        (b')', rest) => {
                            self.rest = rest;
                            return Some(Value::List(values));
                        }
                        (b' ', rest) => self.rest = rest,
                        _ => values.push(self.value(depth.saturating_add(1))?),
                    }
                }
            }
            _ => {
                let is_end = |octet: &u8| matches!(octet, b' ' | b'(' | b')' | b'\r' | b'\n');
                let end = self.rest.iter().position(is_end).unwrap_or(self.rest.len());
                let (atom, rest) = self.rest.split_at_checked(end)?;
                self.rest = rest;
                match atom {
                    b"" => None,
                    atom if atom.eq_ignore_ascii_case(b"NIL") => Some(Value::Nil),
                    atom => Some(Value::Atom(atom.to_vec())),
                }
            }
        }
    }

    fn quoted(&mut self) -> Option<Value> {
        self.skip(b"\"")?;
        let mut text = Vec::new();
        loop {
            let (first, rest) = self.rest.split_first()?;
            self.rest = rest;
            match first {
                b'"' => return Some(Value::Text(text)),
                b'\\' => {
                    let (escaped, rest) = self.rest.split_first()?;
                    self.rest = rest;
                    text.push(*escaped);
                }
                b'\n' => return None,
                other => text.push(*other),
            }
        }
    }

    /// Whether a literal is announced here, and nothing that only begins as one.
    fn announces(&self) -> bool {
        let line = self.rest.split(|octet| *octet == b'\n').next().unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = line.strip_prefix(b"~").unwrap_or(line);
        let number = line.strip_prefix(b"{").and_then(|line| line.strip_suffix(b"}"));
        number.is_some_and(|number| !number.is_empty() && number.iter().all(u8::is_ascii_digit))
    }

    /// `literal = ["~"] "{" number64 "}" CRLF *OCTET`
    fn literal(&mut self) -> Option<Value> {
        let open = self.rest.iter().position(|octet| *octet == b'{')?.checked_add(1)?;
        let end = self.rest.iter().position(|octet| *octet == b'}')?;
        let length: usize = std::str::from_utf8(self.rest.get(open..end)?).ok()?.parse().ok()?;
        self.rest = self.rest.get(end.checked_add(1)?..)?;
        self.rest = self.rest.strip_prefix(b"\r").unwrap_or(self.rest);
        self.skip(b"\n")?;
        let (text, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(Value::Text(text.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(value: &Value) -> String {
        match value {
            Value::Nil => "NIL".to_owned(),
            Value::Atom(text) => String::from_utf8_lossy(text).into_owned(),
            Value::Text(text) => format!("{:?}", String::from_utf8_lossy(text)),
            Value::List(values) => format!("({})", values.iter().map(shown).collect::<Vec<_>>().join(" ")),
        }
    }

    #[track_caller]
    fn check(line: &str, expected: Option<&str>) {
        let read = values(line.as_bytes());
        let read = read.map(|all| all.iter().map(shown).collect::<Vec<_>>().join(" "));
        assert_eq!(read.as_deref(), expected, "{line}");
    }

    #[test]
    fn lines() {
        check("* LIST (\\Sent) \"/\" \"a \\\"b\"\r\n", Some("* LIST (\\Sent) \"/\" \"a \\\"b\""));
        check("* LIST () NIL {3}\r\na(b\r\n", Some("* LIST () NIL \"a(b\""));
        check("* LIST () \".\" a[b\r\n", Some("* LIST () \".\" a[b"));
        check("* X {x} {} {3\r\n", Some("* X {x} {} {3"));
        check("* THREAD (1 2)(3 (4)(5))\r\n", Some("* THREAD (1 2) (3 (4) (5))"));
        for bad in ["(", ")", "\"x", "\"x\n\"", "{3}\r\nab", &"(".repeat(DEEPEST_VALUE + 1)] {
            check(bad, None);
        }
    }

    #[test]
    fn messages() {
        let read = fetched(b"* 7 FETCH (UID 3 FLAGS (\\Seen x[) BODY[HEADER.FIELDS (TO)]<0> ~{3}\r\na)b)\r\n");
        let read = read.as_ref();
        assert_eq!(read.map(|it| it.number), Some(7));
        assert_eq!(read.and_then(|it| it.item("uid")).and_then(Value::number), Some(3_u32));
        assert_eq!(read.and_then(|it| it.item("FLAGS")).map(shown).as_deref(), Some("(\\Seen x[)"));
        assert_eq!(read.and_then(|it| it.item_beginning("body[")).and_then(Value::text), Some(&b"a)b"[..]));
        let deep = format!("* 1 FETCH (X {}{})\r\n", "(".repeat(300), ")".repeat(300));
        for bad in [
            "* 1 EXISTS\r\n",
            "* FETCH (UID 1)\r\n",
            "* 1 FETCH (UID 1\r\n",
            "* 1 FETCH (UID)\r\n",
            "* 1 FETCH ()\r\n",
            "* 1 FETCH (UID 1) x\r\n",
            "* 1 FETCH (X {9}\r\nabc)\r\n",
            deep.as_str(),
        ] {
            assert_eq!(fetched(bad.as_bytes()), None, "{bad}");
        }
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Nil),
            "[a-z0-9\\\\$]{1,8}"
                .prop_filter("not NIL", |it| !it.eq_ignore_ascii_case("NIL"))
                .prop_map(|it| Value::Atom(it.into_bytes())),
            proptest::collection::vec(any::<u8>(), 0..12).prop_map(Value::Text),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| proptest::collection::vec(inner, 0..4).prop_map(Value::List))
    }

    fn written(value: &Value, out: &mut Vec<u8>) {
        match value {
            Value::Nil => out.extend_from_slice(b"NIL"),
            Value::Atom(text) => out.extend_from_slice(text),
            Value::Text(text) => crate::string(text, out),
            Value::List(values) => {
                out.push(b'(');
                for (at, value) in values.iter().enumerate() {
                    if at > 0 {
                        out.push(b' ');
                    }
                    written(value, out);
                }
                out.push(b')');
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(value in any_value()) {
            let mut out = Vec::new();
            written(&value, &mut out);
            prop_assert_eq!(values(&out), Some(vec![value]));
        }

        #[test]
        fn nothing_panics(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = values(&octets);
            let _ = fetched(&octets);
            let _ = fetched(&[b"* 1 FETCH (UID ", octets.as_slice()].concat());
        }
    }
}
