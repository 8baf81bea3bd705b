//! The value of a search filter, and its text (RFC 4515 §3).

use std::fmt;

/// A search filter. Values are octets: what the text wrote as `\2a` is here the asterisk itself.
///
/// Parsed by [`Filter::parse`]; `Display` writes the text, and the two are inverse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// `(&...)`; true when empty (RFC 4526 §2).
    And(Vec<Self>),
    /// `(|...)`; false when empty (RFC 4526 §2).
    Or(Vec<Self>),
    /// `(!...)`.
    Not(Box<Self>),
    /// `(attribute=value)`.
    Equal {
        /// The attribute's description.
        attribute: String,
        /// The value asserted.
        value: Vec<u8>,
    },
    /// `(attribute=*)`.
    Present {
        /// The attribute's description.
        attribute: String,
    },
    /// `(attribute=initial*any*last)`.
    Substring {
        /// The attribute's description.
        attribute: String,
        /// What stands between the asterisks.
        pieces: Pieces,
    },
    /// `(attribute>=value)`.
    GreaterOrEqual {
        /// The attribute's description.
        attribute: String,
        /// The value asserted.
        value: Vec<u8>,
    },
    /// `(attribute<=value)`.
    LessOrEqual {
        /// The attribute's description.
        attribute: String,
        /// The value asserted.
        value: Vec<u8>,
    },
    /// `(attribute~=value)`.
    Approx {
        /// The attribute's description.
        attribute: String,
        /// The value asserted.
        value: Vec<u8>,
    },
    /// `(attribute:dn:rule:=value)`.
    Extensible {
        /// The attribute's description; `None` means any, and then there is a rule.
        attribute: Option<String>,
        /// Whether the parts of the entry's name count as well.
        dn: bool,
        /// The matching rule.
        rule: Option<String>,
        /// The value asserted.
        value: Vec<u8>,
    },
}

/// The pieces of a substring assertion. None of them is empty, and there is at least one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pieces {
    /// What the value begins with.
    pub initial: Option<Vec<u8>>,
    /// What it contains, in this order.
    pub any: Vec<Vec<u8>>,
    /// What it ends with.
    pub last: Option<Vec<u8>>,
}

impl Filter {
    /// An equality assertion. The value needs no escape: it is a value, not text.
    pub fn equal(attribute: &str, value: &str) -> Self {
        Self::Equal { attribute: attribute.to_owned(), value: value.as_bytes().to_vec() }
    }

    /// A presence assertion.
    pub fn present(attribute: &str) -> Self {
        Self::Present { attribute: attribute.to_owned() }
    }

    /// A substring assertion with one piece, anywhere. A presence assertion when `value` is empty.
    pub fn contains(attribute: &str, value: &str) -> Self {
        if value.is_empty() {
            return Self::present(attribute);
        }
        let pieces = Pieces { any: vec![value.as_bytes().to_vec()], ..Pieces::default() };
        Self::Substring { attribute: attribute.to_owned(), pieces }
    }
}

/// A value as it may stand in a filter's text (RFC 4515 §3): `(`, `)`, `*`, `\`, control characters and what is not
/// UTF-8 become `\xx`.
pub fn escape(value: impl AsRef<[u8]>) -> String {
    let mut text = String::with_capacity(value.as_ref().len());
    for chunk in value.as_ref().utf8_chunks() {
        for c in chunk.valid().chars() {
            if matches!(c, '(' | ')' | '*' | '\\') || c.is_control() {
                let mut octets = [0; 4];
                c.encode_utf8(&mut octets).bytes().for_each(|octet| push_escaped(&mut text, octet));
            } else {
                text.push(c);
            }
        }
        chunk.invalid().iter().for_each(|octet| push_escaped(&mut text, *octet));
    }
    text
}

fn push_escaped(text: &mut String, octet: u8) {
    text.push('\\');
    for digit in [octet >> 4, octet & 0x0f] {
        text.extend(char::from_digit(u32::from(digit), 16));
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(parts) => list(f, '&', parts),
            Self::Or(parts) => list(f, '|', parts),
            Self::Not(part) => write!(f, "(!{part})"),
            Self::Equal { attribute, value } => write!(f, "({attribute}={})", escape(value)),
            Self::Present { attribute } => write!(f, "({attribute}=*)"),
            Self::Substring { attribute, pieces } => write!(f, "({attribute}={pieces})"),
            Self::GreaterOrEqual { attribute, value } => write!(f, "({attribute}>={})", escape(value)),
            Self::LessOrEqual { attribute, value } => write!(f, "({attribute}<={})", escape(value)),
            Self::Approx { attribute, value } => write!(f, "({attribute}~={})", escape(value)),
            Self::Extensible { attribute, dn, rule, value } => {
                write!(f, "({}", attribute.as_deref().unwrap_or_default())?;
                if *dn {
                    f.write_str(":dn")?;
                }
                if let Some(rule) = rule {
                    write!(f, ":{rule}")?;
                }
                write!(f, ":={})", escape(value))
            }
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, sign: char, parts: &[Filter]) -> fmt::Result {
    write!(f, "({sign}")?;
    parts.iter().try_for_each(|part| write!(f, "{part}"))?;
    f.write_str(")")
}

impl fmt::Display for Pieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escape(self.initial.as_deref().unwrap_or_default()))?;
        f.write_str("*")?;
        for piece in &self.any {
            write!(f, "{}*", escape(piece))?;
        }
        f.write_str(&escape(self.last.as_deref().unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_change_a_filter_is_escaped() {
        assert_eq!(escape("*)(uid=*"), "\\2a\\29\\28uid=\\2a");
        assert_eq!(escape("a\\b\0"), "a\\5cb\\00");
        assert_eq!(escape("Zoë"), "Zoë");
        assert_eq!(escape([0xff, b'a']), "\\ffa");
        assert_eq!(escape("a\u{85}"), "a\\c2\\85");
    }

    #[test]
    fn constructors_take_values() {
        assert_eq!(Filter::equal("uid", "*").to_string(), "(uid=\\2a)");
        assert_eq!(Filter::contains("cn", "a*b").to_string(), "(cn=*a\\2ab*)");
        assert_eq!(Filter::contains("cn", "").to_string(), "(cn=*)");
    }
}
