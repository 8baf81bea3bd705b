//! Writing names: a part of a distinguished name from its value (RFC 4514 §2.4), and a name's text taken apart; and the
//! URL of a dynamic group from its filter (RFC 4516).

use crate::{Filter, canonical};

/// `type=value`, with every sign of the value that could end it escaped. The value's own text is what comes back from
/// [`Dn::parse`](crate::Dn::parse), whatever is in it.
pub fn rdn(attribute: &str, value: &str) -> String {
    format!("{attribute}={}", escape_value(value))
}

/// A value as it may stand in a name (RFC 4514 §2.4).
pub fn escape_value(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let last = value.chars().count().saturating_sub(1);
    for (at, c) in value.chars().enumerate() {
        match c {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' | '=' => {
                text.push('\\');
                text.push(c);
            }
            '#' if at == 0 => text.push_str("\\#"),
            ' ' if at == 0 || at == last => text.push_str("\\ "),
            c if c.is_control() => {
                let mut octets = [0; 4];
                for octet in c.encode_utf8(&mut octets).bytes() {
                    text.push_str(&format!("\\{octet:02x}"));
                }
            }
            c => text.push(c),
        }
    }
    text
}

/// The text of what lies above an entry: what comes after the first comma that ends a part. `None` at the root.
pub fn above(name: &str) -> Option<&str> {
    let mut escaped = false;
    for (at, octet) in name.bytes().enumerate() {
        match octet {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b',' => return name.get(at.saturating_add(1)..).map(str::trim_start),
            _ => {}
        }
    }
    None
}

/// The URL of all entries below a base that a filter matches, at whatever server the group is
/// (`ldap:///base??sub?filter`). Every sign that RFC 3986 §2.1 gives a meaning is encoded.
pub fn url_below(base: &str, filter: &Filter) -> String {
    format!("ldap:///{}??sub?{}", encoded(base), encoded(&filter.to_string()))
}

fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for octet in text.bytes() {
        let plain = octet.is_ascii_alphanumeric() || b"-._~=,()&|!*:@/+'$;<>\\".contains(&octet);
        if plain && !matches!(octet, b'<' | b'>' | b'\\') {
            out.push(char::from(octet));
        } else {
            out.push_str(&format!("%{octet:02X}"));
        }
    }
    out
}

/// Whether two attribute names mean the same attribute: without regard to case and to the aliases of RFC 4519.
pub fn same_attribute(one: &str, other: &str) -> bool {
    canonical(one) == canonical(other)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::{Dn, LdapUrl, Scope};
    use proptest::prelude::*;

    #[test]
    fn what_would_end_a_part_is_escaped() {
        assert_eq!(rdn("cn", "Sales, EU + \"x\""), "cn=Sales\\, EU \\+ \\\"x\\\"");
        assert_eq!(rdn("cn", "#1"), "cn=\\#1");
        assert_eq!(rdn("cn", " a "), "cn=\\ a\\ ");
        assert_eq!(rdn("cn", "a\0\r\nb"), "cn=a\\00\\0d\\0ab");
        assert_eq!(rdn("uid", "x,ou=services"), "uid=x\\,ou\\=services");
    }

    #[test]
    fn above_a_name() {
        assert_eq!(above("uid=a,ou=b,dc=c"), Some("ou=b,dc=c"));
        assert_eq!(above("uid=a\\,x, ou=b"), Some("ou=b"));
        assert_eq!(above("dc=c"), None);
        assert_eq!(above("uid=a\\2cb,dc=c"), Some("dc=c"));
    }

    proptest! {
        #[test]
        fn a_value_comes_back(value in "[a-c ,+\\\\\"#;<>=\\PC\u{0}-\u{1f}]{1,24}") {
            let name = Dn::parse(&format!("{},dc=x", rdn("cn", &value))).unwrap();
            prop_assert_eq!(name.own("cn"), Some(value.as_str()));
            prop_assert_eq!(name.is_within(&Dn::parse("dc=x").unwrap(), Scope::One), true);
        }

        #[test]
        fn a_filter_comes_back(value in "\\PC{0,24}") {
            let filter = Filter::equal("sn", &value);
            let url = LdapUrl::parse(&url_below("ou=a b?%,dc=x", &filter)).unwrap();
            prop_assert_eq!(url.filter, filter);
            prop_assert_eq!(url.base, Dn::parse("ou=a b?%,dc=x").unwrap());
            prop_assert_eq!(url.scope, Scope::Sub);
        }
    }
}
