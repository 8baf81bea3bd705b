//! The items of a FETCH response that a listing asks for, by our own grammar: `imap-codec` knows neither `X-GUID` nor the
//! names that Maildir has.
//!
//! `message-data = nz-number SP "FETCH" SP "(" item *(SP item) ")"`, `item = name SP value` (RFC 9051 §7.5.2); a value is an
//! atom or number, a quoted string, a literal, or such in parentheses.

use passerelle_core::ports::ListedFlags;

/// Deepest parentheses that are followed.
const DEEPEST: usize = 8;

/// What was found in a response.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Items {
    pub(super) uid: Option<u32>,
    pub(super) size: Option<u64>,
    pub(super) flags: Option<ListedFlags>,
    /// The value of `X-GUID` or `EMAILID`.
    pub(super) name: Option<Box<str>>,
    /// The value of a `BODY[...]`, where it is no NIL.
    pub(super) body: Option<Vec<u8>>,
}

/// The items of a whole response; `None` when it is another response, or cannot be read.
pub(super) fn items(response: &[u8]) -> Option<Items> {
    let rest = response.strip_prefix(b"* ")?;
    let digits = rest.iter().take_while(|octet| octet.is_ascii_digit()).count();
    let rest = rest.get(digits..)?;
    let (verb, rest) = rest.split_at_checked(8)?;
    if digits == 0 || !verb.eq_ignore_ascii_case(b" FETCH (") {
        return None;
    }
    let mut reader = Reader { rest };
    let mut items = Items::default();
    loop {
        let name = reader.name()?;
        reader.skip(b" ")?;
        let value = reader.value(0)?;
        items.take(name, &value);
        match reader.rest.split_first()? {
            (b' ', rest) => reader.rest = rest,
            (b')', b"\r\n" | b"\n") => return Some(items),
            _ => return None,
        }
    }
}

/// Whether what precedes a literal is the name of a body section: `* 5 FETCH (UID 5 BODY[] {42}`.
pub(super) fn announces_body(head: &[u8]) -> bool {
    let Some(open) = head.iter().rposition(|octet| *octet == b'{') else { return false };
    let before = head.get(..open).unwrap_or_default();
    let before = before.strip_suffix(b" ").unwrap_or(before);
    let name = before.rsplit(|octet| *octet == b' ' || *octet == b'(').next().unwrap_or_default();
    name.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"BODY[")) && before.starts_with(b"* ")
}

#[derive(Debug, PartialEq, Eq)]
enum Value {
    Nil,
    Text(Vec<u8>),
    List(Vec<Value>),
}

impl Items {
    fn take(&mut self, name: &[u8], value: &Value) {
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted.as_bytes());
        let text = match value {
            Value::Text(text) => Some(text),
            // EMAILID has its value in parentheses (RFC 8474 §5.1).
            Value::List(values) => match values.as_slice() {
                [Value::Text(text)] => Some(text),
                _ => None,
            },
            Value::Nil => None,
        };
        let as_str = || std::str::from_utf8(text?).ok();
        if is("UID") {
            self.uid = as_str().and_then(|text| text.parse().ok());
        } else if is("RFC822.SIZE") {
            self.size = as_str().and_then(|text| text.parse().ok());
        } else if is("X-GUID") || is("EMAILID") {
            self.name = as_str().filter(|text| !text.is_empty()).map(Into::into);
        } else if is("FLAGS")
            && let Value::List(values) = value
        {
            let has = |flag: &str| {
                values.iter().any(|it| matches!(it, Value::Text(text) if text.eq_ignore_ascii_case(flag.as_bytes())))
            };
            self.flags = Some(ListedFlags { seen: has("\\Seen"), deleted: has("\\Deleted") });
        } else if name.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"BODY[")) {
            self.body = text.cloned();
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
            b'{' => self.literal(),
            b'(' if depth < DEEPEST => {
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
                let end = self.rest.iter().position(|octet| matches!(octet, b' ' | b'(' | b')' | b'\r' | b'\n'))?;
                let (atom, rest) = self.rest.split_at_checked(end)?;
                self.rest = rest;
                match atom {
                    b"" => None,
                    atom if atom.eq_ignore_ascii_case(b"NIL") => Some(Value::Nil),
                    atom => Some(Value::Text(atom.to_vec())),
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
                other => text.push(*other),
            }
        }
    }

    fn literal(&mut self) -> Option<Value> {
        let end = self.rest.iter().position(|octet| *octet == b'}')?;
        let length: usize = std::str::from_utf8(self.rest.get(1..end)?).ok()?.parse().ok()?;
        self.rest = self.rest.get(end.checked_add(1)?..)?;
        self.skip(b"\r\n")?;
        let (text, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(Value::Text(text.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(response: &str, uid: Option<u32>, size: Option<u64>, name: Option<&str>) {
        let found = items(response.as_bytes());
        let found = found.as_ref().map(|it| (it.uid, it.size, it.name.as_deref()));
        assert_eq!(found, Some((uid, size, name)), "{response}");
    }

    #[test]
    fn what_stores_say() {
        check("* 1 FETCH (UID 7 RFC822.SIZE 42)\r\n", Some(7), Some(42), None);
        check(
            "* 1 FETCH (FLAGS (\\Seen $Junk) UID 1 X-GUID 17.M0P1.load,S=1839)\r\n",
            Some(1),
            None,
            Some("17.M0P1.load,S=1839"),
        );
        check("* 1 FETCH (UID 1 X-GUID \"a \\\"b\")\r\n", Some(1), None, Some("a \"b"));
        check("* 1 FETCH (EMAILID (M6d99) UID 1)\r\n", Some(1), None, Some("M6d99"));
        check("* 1 FETCH (X-GUID {3}\r\na)b UID 1)\r\n", Some(1), None, Some("a)b"));
        check("* 1 FETCH (MODSEQ (12) UID 1 X (a (b \"c)\") d))\r\n", Some(1), None, None);
        let body = items(b"* 1 FETCH (UID 2 BODY[HEADER.FIELDS (DATE)]<0> \"\")\r\n");
        assert_eq!(body.and_then(|it| it.body), Some(Vec::new()));
        let flags = items(b"* 1 FETCH (FLAGS (\\SEEN))\r\n").and_then(|it| it.flags);
        assert_eq!(flags, Some(ListedFlags { seen: true, deleted: false }));
    }

    #[test]
    fn what_is_none() {
        let deep = format!("* 1 FETCH (X {}{})\r\n", "(".repeat(20), ")".repeat(20));
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
            assert_eq!(items(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn heads_of_a_body() {
        assert!(announces_body(b"* 5 FETCH (UID 5 BODY[] {42}\r\n"));
        assert!(announces_body(b"* 5 FETCH (BODY[1.2]<0> {42}\r\n"));
        assert!(!announces_body(b"* 5 FETCH (UID 5 X-GUID {42}\r\n"));
        assert!(!announces_body(b"* 5 FETCH (UID 5)\r\n"));
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(tail in proptest::collection::vec(any::<u8>(), 0..128)) {
            let _ = items(&tail);
            let _ = items(&[b"* 1 FETCH (UID ", tail.as_slice()].concat());
            let _ = announces_body(&tail);
        }

        #[test]
        fn a_name_comes_back(name in "[ -~]{1,60}", uid in 1_u32..) {
            let quoted = name.replace('\\', "\\\\").replace('"', "\\\"");
            let response = format!("* 1 FETCH (X-GUID \"{quoted}\" UID {uid})\r\n");
            let found = items(response.as_bytes());
            prop_assert_eq!(found.as_ref().and_then(|it| it.name.as_deref()), Some(name.as_str()));
            prop_assert_eq!(found.and_then(|it| it.uid), Some(uid));
        }
    }
}
