//! The text of a search filter (RFC 4515 §3), read.
//!
//! ```text
//! filter     = LPAREN ( "&" *filter / "|" *filter / "!" filter / item ) RPAREN     ; empty lists: RFC 4526
//! item       = attr "=" value / attr "~=" value / attr ">=" value / attr "<=" value
//!            / attr "=" *( value "*" ) value / [attr] [":dn"] [":" rule] ":=" value
//! value      = *( UTF-8 without NUL "(" ")" "*" "\" / "\" HEX HEX )
//! ```
//!
//! White space between the parts is let pass, because settings and directories have it; it is in no value.

use crate::filter::{Filter, Pieces};
use std::fmt;

/// Longest filter text, in octets.
pub const LONGEST_FILTER: usize = 64 * 1024;
/// Most levels of parentheses.
pub const DEEPEST: usize = 32;
/// Most parts of one filter: each pair of parentheses is one.
pub const MOST_PARTS: usize = 2048;

/// Why a text is no filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidFilter {
    /// Where, in octets from the start.
    pub at: usize,
    /// What is wrong there.
    pub what: &'static str,
}

impl fmt::Display for InvalidFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a search filter: {} at octet {}", self.what, self.at)
    }
}
impl std::error::Error for InvalidFilter {}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// [`InvalidFilter`] where the text leaves the grammar, or is longer than [`LONGEST_FILTER`], deeper than
    /// [`DEEPEST`] or of more than [`MOST_PARTS`] parts.
    pub fn parse(text: &str) -> Result<Self, InvalidFilter> {
        if text.len() > LONGEST_FILTER {
            return Err(InvalidFilter { at: LONGEST_FILTER, what: "longer than 64 KiB" });
        }
        let mut reader = Reader { text: text.as_bytes(), at: 0, parts: 0 };
        reader.skip_space();
        let filter = reader.filter(0)?;
        reader.skip_space();
        if reader.at < reader.text.len() {
            return Err(reader.fail("text after the end"));
        }
        Ok(filter)
    }
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    parts: usize,
}

impl Reader<'_> {
    const fn fail(&self, what: &'static str) -> InvalidFilter {
        InvalidFilter { at: self.at, what }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, octet: u8) -> bool {
        let there = self.peek() == Some(octet);
        self.at += usize::from(there);
        there
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|octet| octet.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn filter(&mut self, depth: usize) -> Result<Filter, InvalidFilter> {
        self.parts += 1;
        if depth >= DEEPEST || self.parts > MOST_PARTS {
            return Err(self.fail("too many parentheses"));
        }
        if !self.take(b'(') {
            return Err(self.fail("`(` is missing"));
        }
        self.skip_space();
        let filter = match self.peek() {
            Some(b'&') => Filter::And(self.list(depth)?),
            Some(b'|') => Filter::Or(self.list(depth)?),
            Some(b'!') => {
                self.at += 1;
                self.skip_space();
                let part = self.filter(depth + 1)?;
                self.skip_space();
                Filter::Not(Box::new(part))
            }
            _ => self.item()?,
        };
        if !self.take(b')') {
            return Err(self.fail("`)` is missing"));
        }
        Ok(filter)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Filter>, InvalidFilter> {
        self.at += 1;
        let mut parts = Vec::new();
        loop {
            self.skip_space();
            if self.peek() != Some(b'(') {
                return Ok(parts);
            }
            parts.push(self.filter(depth + 1)?);
        }
    }

    fn item(&mut self) -> Result<Filter, InvalidFilter> {
        let attribute = self.name();
        match self.peek() {
            Some(b'=') => {
                self.at += 1;
                self.equality(self.required(attribute)?)
            }
            Some(sign @ (b'~' | b'>' | b'<')) => {
                self.at += 1;
                if !self.take(b'=') {
                    return Err(self.fail("`=` is missing"));
                }
                let attribute = self.required(attribute)?;
                let value = self.whole_value()?;
                Ok(match sign {
                    b'~' => Filter::Approx { attribute, value },
                    b'>' => Filter::GreaterOrEqual { attribute, value },
                    _ => Filter::LessOrEqual { attribute, value },
                })
            }
            Some(b':') => self.extensible(attribute),
            _ => Err(self.fail("an attribute and `=` are missing")),
        }
    }

    fn extensible(&mut self, attribute: Option<String>) -> Result<Filter, InvalidFilter> {
        let (mut dn, mut rule) = (false, None);
        while self.take(b':') {
            if self.take(b'=') {
                if attribute.is_none() && rule.is_none() {
                    return Err(self.fail("neither attribute nor matching rule"));
                }
                return Ok(Filter::Extensible { attribute, dn, rule, value: self.whole_value()? });
            }
            match self.name() {
                // RFC 4515 §3: `dnattrs = COLON "dn"`, before the rule. ABNF strings have no case.
                Some(name) if name.eq_ignore_ascii_case("dn") && !dn && rule.is_none() => dn = true,
                Some(name) if rule.is_none() => rule = Some(name),
                _ => return Err(self.fail("no matching rule after `:`")),
            }
        }
        Err(self.fail("`:=` is missing"))
    }

    fn required(&self, attribute: Option<String>) -> Result<String, InvalidFilter> {
        attribute.ok_or_else(|| self.fail("no attribute before `=`"))
    }

    /// An attribute description or the name of a matching rule (RFC 4512 §1.4, §2.5). The underscore is not of the
    /// grammar, but directories have it.
    fn name(&mut self) -> Option<String> {
        let start = self.at;
        while self
            .peek()
            .is_some_and(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.' | b';'))
        {
            self.at += 1;
        }
        let name = self.text.get(start..self.at)?;
        let begins_well = name.first().is_some_and(u8::is_ascii_alphanumeric);
        begins_well.then(|| String::from_utf8_lossy(name).into_owned())
    }

    fn equality(&mut self, attribute: String) -> Result<Filter, InvalidFilter> {
        let first = self.value()?;
        if !self.take(b'*') {
            return Ok(Filter::Equal { attribute, value: first });
        }
        let mut rest = Vec::new();
        let last = loop {
            let piece = self.value()?;
            if !self.take(b'*') {
                break piece;
            }
            // `a**b` says no more than `a*b`, and an empty piece may not be sent (RFC 4511 §4.5.1.7.2).
            if !piece.is_empty() {
                rest.push(piece);
            }
        };
        let some = |piece: Vec<u8>| (!piece.is_empty()).then_some(piece);
        let pieces = Pieces { initial: some(first), any: rest, last: some(last) };
        if pieces == Pieces::default() {
            return Ok(Filter::Present { attribute });
        }
        Ok(Filter::Substring { attribute, pieces })
    }

    /// A value that is not to have asterisks.
    fn whole_value(&mut self) -> Result<Vec<u8>, InvalidFilter> {
        let value = self.value()?;
        if self.peek() == Some(b'*') { Err(self.fail("`*` stands only after `=`")) } else { Ok(value) }
    }

    /// Octets up to `*` or `)`.
    fn value(&mut self) -> Result<Vec<u8>, InvalidFilter> {
        let mut value = Vec::new();
        loop {
            match self.peek() {
                Some(b'*' | b')') | None => return Ok(value),
                Some(b'(' | 0) => return Err(self.fail("a character that must be written as `\\xx`")),
                Some(b'\\') => {
                    let digits = self.text.get(self.at + 1..self.at + 3);
                    let octet = digits
                        .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
                        .and_then(|digits| std::str::from_utf8(digits).ok())
                        .and_then(|digits| u8::from_str_radix(digits, 16).ok())
                        .ok_or_else(|| self.fail("`\\` without two hexadecimal digits"))?;
                    value.push(octet);
                    self.at += 3;
                }
                Some(octet) => {
                    value.push(octet);
                    self.at += 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, printed: &str) {
        assert_eq!(Filter::parse(text).unwrap().to_string(), printed);
    }

    #[track_caller]
    fn refuses(text: &str) {
        assert!(Filter::parse(text).is_err(), "{text}");
    }

    #[test]
    fn the_examples_of_rfc_4515() {
        for text in [
            "(cn=Babs Jensen)",
            "(!(cn=Tim Howes))",
            "(&(objectClass=Person)(|(sn=Jensen)(cn=Babs J*)))",
            "(o=univ*of*mich*)",
            "(seeAlso=)",
            "(cn:caseExactMatch:=Fred Flintstone)",
            "(cn:=Betty Rubble)",
            "(sn:dn:2.4.6.8.10:=Barney Rubble)",
            "(o:dn:=Ace Industry)",
            "(:1.2.3:=Wilma Flintstone)",
            "(:dn:2.4.6.8.10:=Dino)",
            "(o=Parens R Us \\28for all your parenthetical needs\\29)",
            "(cn=*\\2a*)",
            "(filename=C:\\5cMyFile)",
            "(sn=Lučić)",
        ] {
            check(text, text);
        }
        check("(bin=\\00\\00\\00\\04)", "(bin=\\00\\00\\00\\04)");
        check("(sn=Lu\\c4\\8di\\c4\\87)", "(sn=Lučić)");
        check("(1.3.6.1.4.1.1466.0=\\04\\02\\48\\69)", "(1.3.6.1.4.1.1466.0=\\04\\02Hi)");
        check("(sn:DN:2.4.6.8.10:=x)", "(sn:dn:2.4.6.8.10:=x)");
    }

    #[test]
    fn what_settings_and_directories_write() {
        check("( & (a=b) (c=d)\n)", "(&(a=b)(c=d))");
        check("(&)", "(&)");
        check("(a=**)", "(a=*)");
        check("(a=b**c)", "(a=b*c)");
        check("(a= b )", "(a= b )");
        check("(uid={login})", "(uid={login})");
        check("(supannEtuEtape={UAI}0312345A:L1INFO)", "(supannEtuEtape={UAI}0312345A:L1INFO)");
    }

    #[test]
    fn what_is_no_filter() {
        for text in [
            "",
            "a=b",
            "(a=b",
            "a=b)",
            "(a=b))",
            "(a=b)(c=d)",
            "(=b)",
            "()",
            "(!)",
            "(a)",
            "(a=(b))",
            "(a=\\2)",
            "(a=\\zz)",
            "(a>=b*)",
            "(a:=b*c)",
            "(:=x)",
            "(:dn:=x)",
            "(a:b:c:=x)",
            "(&(a=b)",
            "(&a=b)",
            "(a=\0)",
            "(!(a=b)(c=d))",
            "(a b=c)",
            "(-a=b)",
        ] {
            refuses(text);
        }
    }

    #[test]
    fn bounds_hold() {
        let deep = |levels: usize| format!("{}(a=b){}", "(!".repeat(levels), ")".repeat(levels));
        assert!(Filter::parse(&deep(DEEPEST - 1)).is_ok());
        refuses(&deep(DEEPEST));
        refuses(&deep(20_000));
        refuses(&"(".repeat(60_000));
        refuses(&format!("(&{})", "(a=b)".repeat(MOST_PARTS)));
        refuses(&format!("(a={})", "x".repeat(LONGEST_FILTER)));
    }

    fn name() -> impl Strategy<Value = String> {
        "[a-zA-Z0-9][a-zA-Z0-9.;_-]{0,12}"
    }

    fn value() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![proptest::collection::vec(any::<u8>(), 0..12), "\\PC{0,8}".prop_map(String::into_bytes)]
    }

    fn piece() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(any::<u8>(), 1..8)
    }

    fn pieces() -> impl Strategy<Value = Pieces> {
        (proptest::option::of(piece()), proptest::collection::vec(piece(), 0..3), proptest::option::of(piece()))
            .prop_map(|(initial, any, last)| Pieces { initial, any, last })
            .prop_filter("at least one piece", |pieces| *pieces != Pieces::default())
    }

    fn filter() -> impl Strategy<Value = Filter> {
        let rule = name().prop_filter("`dn` is a keyword there", |name| !name.eq_ignore_ascii_case("dn"));
        let leaf = prop_oneof![
            (name(), value()).prop_map(|(attribute, value)| Filter::Equal { attribute, value }),
            name().prop_map(|attribute| Filter::Present { attribute }),
            (name(), pieces()).prop_map(|(attribute, pieces)| Filter::Substring { attribute, pieces }),
            (name(), value()).prop_map(|(attribute, value)| Filter::GreaterOrEqual { attribute, value }),
            (name(), value()).prop_map(|(attribute, value)| Filter::LessOrEqual { attribute, value }),
            (name(), value()).prop_map(|(attribute, value)| Filter::Approx { attribute, value }),
            (name(), any::<bool>(), proptest::option::of(rule), value()).prop_map(|(attribute, dn, rule, value)| {
                Filter::Extensible { attribute: Some(attribute), dn, rule, value }
            }),
        ];
        leaf.prop_recursive(5, 64, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Filter::And),
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Filter::Or),
                inner.prop_map(|part| Filter::Not(Box::new(part))),
            ]
        })
    }

    proptest! {
        #[test]
        fn print_and_parse_are_inverse(filter in filter()) {
            prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
        }

        #[test]
        fn an_escaped_value_stays_one_value(text in "\\PC*") {
            let parsed = Filter::parse(&format!("(uid={})", crate::escape(&text)));
            prop_assert_eq!(parsed, Ok(Filter::equal("uid", &text)));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[(&|!)=*~<>:\\\\a-f0-9{}\\PC]{0,64}") {
            if let Ok(filter) = Filter::parse(&text) {
                prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
            }
        }
    }
}
