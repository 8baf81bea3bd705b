//! LDAP URLs (RFC 4516), as `memberURL` of dynamic groups uses them: `ldap:///base??scope?filter`.

use crate::{
    dn::{Dn, Scope},
    filter::Filter,
    parse::LONGEST_FILTER,
};
use std::fmt;

/// Longest URL, in octets: a filter, each octet of which may be written as three.
pub const LONGEST_URL: usize = 3 * LONGEST_FILTER;

/// A search, named by a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LdapUrl {
    /// Host and port; empty means the server at hand.
    pub host: String,
    /// Where the search starts.
    pub base: Dn,
    /// How far it reaches; `base` when the URL does not say (RFC 4516 §2).
    pub scope: Scope,
    /// What it looks for; every entry when the URL does not say (RFC 4516 §2).
    pub filter: Filter,
}

/// Why a text is no LDAP URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidUrl {
    /// What is wrong.
    pub what: &'static str,
}

impl fmt::Display for InvalidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an LDAP URL: {}", self.what)
    }
}
impl std::error::Error for InvalidUrl {}

impl LdapUrl {
    /// Reads a URL:
    /// `scheme "://" [host] ["/" [dn ["?" [attributes] ["?" [scope] ["?" [filter] ["?" extensions]]]]]]`
    ///
    /// # Errors
    /// [`InvalidUrl`] for another scheme, a part that is not what it should be, and an extension marked critical, of
    /// which none is known here (RFC 4516 §2).
    pub fn parse(text: &str) -> Result<Self, InvalidUrl> {
        let wrong = |what| InvalidUrl { what };
        if text.len() > LONGEST_URL {
            return Err(wrong("too long"));
        }
        let (scheme, rest) = text.trim().split_once("://").ok_or_else(|| wrong("no scheme"))?;
        if !["ldap", "ldaps", "ldapi"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return Err(wrong("not the scheme ldap"));
        }
        let (host, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let mut parts = rest.splitn(5, '?');
        let mut part = || decode(parts.next().unwrap_or_default()).ok_or_else(|| wrong("a wrong percent sign"));
        let base = Dn::parse(&part()?).map_err(|_| wrong("the base is no distinguished name"))?;
        part()?;
        let scope = match part()?.to_ascii_lowercase().as_str() {
            "" | "base" => Scope::Base,
            "one" | "onelevel" => Scope::One,
            "sub" | "subtree" => Scope::Sub,
            "children" | "subordinate" => Scope::Children,
            _ => return Err(wrong("no such scope")),
        };
        let filter = part()?;
        let filter = match filter.trim() {
            "" => Ok(Filter::present("objectClass")),
            text if text.starts_with('(') => Filter::parse(text),
            // Not of the grammar, but directories have it.
            text => Filter::parse(&format!("({text})")),
        };
        let filter = filter.map_err(|_| wrong("the filter is none"))?;
        if part()?.split(',').any(|extension| extension.trim_start().starts_with('!')) {
            return Err(wrong("a critical extension that is not known"));
        }
        Ok(Self { host: host.to_owned(), base, scope, filter })
    }
}

/// Undoes percent-encoding (RFC 3986 §2.1).
fn decode(text: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        if octet != b'%' {
            octets.push(octet);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        octets.push(u8::try_from(digit()? * 16 + digit()?).ok()?);
    }
    String::from_utf8(octets).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, base: &str, scope: Scope, filter: &str) {
        let url = LdapUrl::parse(text).unwrap();
        assert_eq!(url.base, Dn::parse(base).unwrap());
        assert_eq!((url.scope, url.filter.to_string().as_str()), (scope, filter));
    }

    #[test]
    fn what_dynamic_groups_write() {
        check(
            "ldap:///ou=people,dc=a,dc=test??sub?(&(objectClass=inetOrgPerson)(supannEntiteAffectation=UFR01))",
            "ou=people,dc=a,dc=test",
            Scope::Sub,
            "(&(objectClass=inetOrgPerson)(supannEntiteAffectation=UFR01))",
        );
        check("ldap://ldap.a.test:389/dc=a??one?sn=x", "dc=a", Scope::One, "(sn=x)");
        check(
            "LDAP:///o=University%20of%20Michigan,c=US",
            "o=University of Michigan,c=US",
            Scope::Base,
            "(objectClass=*)",
        );
        check("ldap:///o=a%3fb??sub?(cn=a%3Fb)", "o=a?b", Scope::Sub, "(cn=a?b)");
        check("ldap:///dc=a?cn,sn?sub?(a=b)?x-y", "dc=a", Scope::Sub, "(a=b)");
        check("ldap://", "", Scope::Base, "(objectClass=*)");
    }

    #[test]
    fn what_is_refused() {
        for text in [
            "",
            "http://x/",
            "ldap:/x",
            "ldap:///a??sub",
            "ldap:///dc=a??all",
            "ldap:///dc=a??sub?(a=",
            "ldap:///dc=%zz",
            "ldap:///dc=%4",
            "ldap:///dc=%ff",
            "ldap:///dc=a??sub?(a=b)?!x",
        ] {
            assert!(LdapUrl::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(ldap://)?[/?%a-f0-9(=)\\PC]{0,48}") {
            let _ = LdapUrl::parse(&text);
        }
    }
}
