//! Distinguished names (RFC 4514), read so that two spellings of one name compare equal and a name's place in the
//! tree can be told.

use crate::rule::{canonical, fold};
use std::fmt;

/// Longest name, in octets.
pub const LONGEST_DN: usize = 8 * 1024;
/// Most levels.
pub const MOST_RDNS: usize = 64;

/// A distinguished name; the entry's own part comes first. Equal when the names are, whatever their spelling: spaces
/// around parts, case of types and values, order within a part.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Dn(Vec<Vec<Ava>>);

/// One `type=value` of a name. Compares by the type and the folded value.
#[derive(Debug, Clone)]
pub struct Ava {
    /// The attribute type, canonical and in lower case.
    pub attribute: String,
    /// The value as written, without escapes.
    pub value: String,
    folded: String,
}

impl Ava {
    fn key(&self) -> (&str, &str) {
        (&self.attribute, &self.folded)
    }
}
impl PartialEq for Ava {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}
impl Eq for Ava {}
impl std::hash::Hash for Ava {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}
impl PartialOrd for Ava {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Ava {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

/// A text that is no distinguished name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidDn;

impl fmt::Display for InvalidDn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a distinguished name of at most 8 KiB and 64 levels")
    }
}
impl std::error::Error for InvalidDn {}

/// How far below a base a search reaches (RFC 4511 §4.5.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The base itself.
    Base,
    /// Its direct children.
    One,
    /// The base and all below.
    Sub,
    /// All below and not the base; an extension that servers and URLs have.
    Children,
}

impl Dn {
    /// Reads a name. The empty text is the root.
    ///
    /// # Errors
    /// [`InvalidDn`] for what leaves the grammar, for values in the `#` form, and for what is too long or too deep.
    pub fn parse(text: &str) -> Result<Self, InvalidDn> {
        if text.len() > LONGEST_DN {
            return Err(InvalidDn);
        }
        let mut rdns = Vec::new();
        if text.trim().is_empty() {
            return Ok(Self(rdns));
        }
        let mut rest = text;
        loop {
            let mut rdn = Vec::new();
            let ended_by = loop {
                let (ava, sign, after) = ava(rest)?;
                rdn.push(ava);
                rest = after;
                if sign != Some('+') {
                    break sign;
                }
            };
            rdn.sort();
            rdns.push(rdn);
            if rdns.len() > MOST_RDNS {
                return Err(InvalidDn);
            }
            if ended_by.is_none() {
                return Ok(Self(rdns));
            }
        }
    }

    /// The value of a type in the entry's own part: the `g0001` of `cn=g0001,ou=groups`.
    pub fn own(&self, attribute: &str) -> Option<&str> {
        let attribute = canonical(attribute);
        let rdn = self.0.first()?;
        rdn.iter().find(|ava| ava.attribute == attribute).map(|ava| ava.value.as_str())
    }

    /// Whether a search at `base` with this scope would come by here.
    pub fn is_within(&self, base: &Self, scope: Scope) -> bool {
        let Some(levels) = self.0.len().checked_sub(base.0.len()) else { return false };
        let below = self.0.get(levels..) == Some(base.0.as_slice());
        below
            && match scope {
                Scope::Base => levels == 0,
                Scope::One => levels == 1,
                Scope::Sub => true,
                Scope::Children => levels > 0,
            }
    }

    /// Whether all of it is ASCII, so that comparing needs no more than case and spaces.
    pub fn is_ascii(&self) -> bool {
        self.0.iter().flatten().all(|ava| ava.value.is_ascii())
    }
}

/// Reads `type=value` and what ends it: `,`, `+` or the end of the text.
fn ava(text: &str) -> Result<(Ava, Option<char>, &str), InvalidDn> {
    let (attribute, rest) = text.split_once('=').ok_or(InvalidDn)?;
    let attribute = attribute.trim();
    let typed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if attribute.is_empty() || !attribute.chars().all(typed) {
        return Err(InvalidDn);
    }
    let (octets, sign, rest) = value(rest.trim_start_matches(' '))?;
    let value = String::from_utf8(octets).map_err(|_| InvalidDn)?;
    let folded = fold(&value);
    Ok((Ava { attribute: canonical(attribute).into_owned(), value, folded }, sign, rest))
}

/// `string = [ ( leadchar / pair ) [ *( stringchar / pair ) ( trailchar / pair ) ] ]` (RFC 4514 §3)
fn value(text: &str) -> Result<(Vec<u8>, Option<char>, &str), InvalidDn> {
    // RFC 4514 §2.4: `#` begins the octets of a BER encoding, which cannot be compared without the schema.
    if text.starts_with('#') {
        return Err(InvalidDn);
    }
    let mut octets = Vec::new();
    // Spaces at the end count only when escaped.
    let mut kept = 0;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            ',' | '+' => {
                octets.truncate(kept);
                return Ok((octets, Some(c), text.get(at + 1..).ok_or(InvalidDn)?));
            }
            '\\' => {
                let (_, escaped) = chars.next().ok_or(InvalidDn)?;
                match escaped.to_digit(16) {
                    Some(high) => {
                        let low = chars.next().and_then(|(_, c)| c.to_digit(16)).ok_or(InvalidDn)?;
                        octets.push(u8::try_from(high * 16 + low).map_err(|_| InvalidDn)?);
                    }
                    None if matches!(escaped, ' ' | '"' | '#' | '+' | ',' | ';' | '<' | '=' | '>' | '\\') => {
                        octets.extend(escaped.to_string().bytes());
                    }
                    None => return Err(InvalidDn),
                }
                kept = octets.len();
            }
            '\0' | '"' | ';' | '<' | '>' => return Err(InvalidDn),
            _ => {
                octets.extend(c.encode_utf8(&mut [0; 4]).bytes());
                if c != ' ' {
                    kept = octets.len();
                }
            }
        }
    }
    octets.truncate(kept);
    Ok((octets, None, ""))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    fn dn(text: &str) -> Dn {
        Dn::parse(text).unwrap()
    }

    #[test]
    fn spelling_does_not_count() {
        let one = dn("uid=u00001,ou=people,dc=a,dc=test");
        for other in [
            "UID=U00001, OU=People, DC=A, DC=test",
            "uid = u00001 ,ou=  people,dc=a,dc=test",
            "userid=u00001,ou=people,dc=a,dc=test",
            "uid=\\75\\300\\300\\31,ou=people,dc=a,dc=test",
        ] {
            assert_eq!(dn(other), one, "{other}");
        }
        assert_eq!(dn("cn=a+uid=b,dc=x"), dn("uid=b + cn=A,dc=x"));
        assert_eq!(dn("o=Lu\\C4\\8Di\\C4\\87"), dn("o=LUČIĆ"));
        assert_ne!(dn("cn=a\\,dc=x"), dn("cn=a,dc=x"));
        assert_ne!(dn("cn=a\\ ,dc=x").own("cn"), dn("cn=a ,dc=x").own("cn"));
    }

    #[test]
    fn the_own_part() {
        assert_eq!(dn("CN=Sales\\, EU,ou=groups,dc=a").own("cn"), Some("Sales, EU"));
        assert_eq!(dn("ou=x,cn=y").own("cn"), None);
        assert_eq!(dn("").own("cn"), None);
    }

    #[test]
    fn scopes() {
        let base = dn("ou=people,dc=a");
        let check = |name: &str, scopes: [bool; 4]| {
            let all = [Scope::Base, Scope::One, Scope::Sub, Scope::Children];
            assert_eq!(all.map(|scope| dn(name).is_within(&base, scope)), scopes, "{name}");
        };
        check("ou=people,dc=a", [true, false, true, false]);
        check("uid=x,OU=People,dc=a", [false, true, true, true]);
        check("uid=x,ou=y,ou=people,dc=a", [false, false, true, true]);
        check("uid=x,ou=notpeople,dc=a", [false; 4]);
        check("dc=a", [false; 4]);
        // A suffix of the text is not a suffix of the name.
        check("uid=x\\,ou=people,dc=a", [false; 4]);
        assert!(dn("dc=a").is_within(&dn(""), Scope::Sub));
    }

    #[test]
    fn what_is_no_name() {
        for text in
            ["a", "=x", "a=b,", "a=b,,c=d", "a=#04024869", "a=\\", "a=\\z", "a=\\4", "a=\"b\"", "a=b;c=d", "a=\\ff"]
        {
            assert_eq!(Dn::parse(text), Err(InvalidDn), "{text}");
        }
        assert!(Dn::parse(&"a=b,".repeat(MOST_RDNS)).is_err());
        assert!(Dn::parse(&format!("a={}", "b".repeat(LONGEST_DN))).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a-f=,+\\\\ #\"\\PC]{0,40}") {
            let _ = Dn::parse(&text);
        }
    }
}
