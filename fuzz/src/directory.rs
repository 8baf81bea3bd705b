//! Log-ins, search filters and names of entries, and the files that accounts are imported from.

use passerelle_wire_filter::{Dn, Filter, LdapUrl, Scope, escape};
use passerelle_wire_sasl::{Given, Mechanism, oauthbearer, plain, xoauth2};

pub(crate) fn sasl(octets: &[u8]) {
    for mechanism in [Mechanism::Plain, Mechanism::Oauthbearer, Mechanism::Xoauth2] {
        let said = match mechanism.read(octets) {
            Some(Given::Password { login, password }) => plain("", login, password),
            Some(Given::Token { login, token }) if mechanism == Mechanism::Xoauth2 => xoauth2(login, token.as_bytes()),
            Some(Given::Token { login, token }) => oauthbearer(login, token.as_bytes()),
            None => continue,
        };
        assert!(mechanism.read(&said) == mechanism.read(octets), "said anew it is the same");
    }
}

pub(crate) fn filters(octets: &[u8]) {
    let text = String::from_utf8_lossy(octets);
    if let Ok(filter) = Filter::parse(&text) {
        let said = filter.to_string();
        assert_eq!(Filter::parse(&said).ok(), Some(filter), "{said}");
    }
    // A value cannot break out of its filter.
    if let Ok(filter) = Filter::parse(&format!("(cn={})", escape(octets))) {
        assert_eq!(filter.to_string().matches('(').count(), 1, "{filter}");
    }
    if let Ok(dn) = Dn::parse(&text) {
        assert!(dn.is_within(&dn, Scope::Sub) && dn.is_within(&dn, Scope::Base));
    }
    let _ = LdapUrl::parse(&text);
}

pub(crate) fn imports(octets: &[u8]) {
    let _ = passerelle_wire_ldif::parse(octets);
    let _ = passerelle_wire_csv::parse(&String::from_utf8_lossy(octets));
}
