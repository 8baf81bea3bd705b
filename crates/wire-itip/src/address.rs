//! Calendar user addresses (RFC 5545 §3.3.3, RFC 6638 §2.4.1): what an organiser and an attendee are called.

use passerelle_wire_ical::Property;
use std::fmt;

/// A calendar user address. Of `mailto:` great and small letters are the same; everything else is as it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(String);

impl Address {
    /// Reads one. What no address has, as the end of a line, is left out.
    pub fn new(text: &str) -> Self {
        let text: String = text.chars().filter(|one| !one.is_control()).collect();
        let text = text.trim();
        match text.split_at_checked(7) {
            Some((scheme, mail)) if scheme.eq_ignore_ascii_case("mailto:") => Self::of_mail(mail),
            _ => Self(text.to_owned()),
        }
    }

    /// The address of a mailbox, as `somebody@univ.example`.
    pub fn of_mail(mail: &str) -> Self {
        Self(format!("mailto:{}", mail.trim().to_lowercase()))
    }

    /// Of an ORGANIZER or ATTENDEE. Where the value is no mail address, EMAIL says which one it stands for (RFC 7986 §6.2).
    pub(crate) fn of(property: &Property<'_>) -> Self {
        let own = Self::new(property.value());
        match property.parameter("EMAIL") {
            Some(mail) if own.mail().is_none() && mail.contains('@') => Self::of_mail(&mail),
            _ => own,
        }
    }

    /// The mailbox, where it is one.
    pub fn mail(&self) -> Option<&str> {
        self.0.strip_prefix("mailto:")
    }

    /// As a value of a property.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whose calendar it is.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'o> {
    /// All that they are called by.
    pub addresses: &'o [Address],
}

impl Owner<'_> {
    pub(crate) fn is(&self, address: &Address) -> bool {
        self.addresses.contains(address)
    }
}
