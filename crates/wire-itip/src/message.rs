//! What is said to others (RFC 5546 §1.4).

use crate::Address;
use passerelle_wire_ical::{Component, Property};

/// What a message wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// From the organiser: an invitation, or what it is now.
    Request,
    /// From the organiser: it does not take place, or not with them.
    Cancel,
    /// From an attendee: whether they come.
    Reply,
}

impl Method {
    /// Its name in iCalendar.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
            Self::Reply => "REPLY",
        }
    }

    /// By its name in iCalendar; nothing for those that calendars do not act on by themselves.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Request, Self::Cancel, Self::Reply].into_iter().find(|method| method.name().eq_ignore_ascii_case(name))
    }
}

/// Whom a message is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Their address.
    pub address: Address,
    /// What they are called (CN), where it is said.
    pub name: Option<String>,
    /// CUTYPE in capitals; `INDIVIDUAL` where it is missing.
    pub kind: String,
}

impl Recipient {
    pub(crate) fn of(property: &Property<'_>) -> Self {
        Self {
            address: Address::of(property),
            name: property.parameter("CN").map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()),
            kind: property
                .parameter("CUTYPE")
                .map_or_else(|| "INDIVIDUAL".to_owned(), |word| word.trim().to_ascii_uppercase()),
        }
    }
}

/// A message: the same octets for all of its recipients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it wants.
    pub method: Method,
    /// Who says so.
    pub from: Recipient,
    /// To whom.
    pub to: Vec<Recipient>,
    /// The UID of what it is about.
    pub uid: String,
    /// A VCALENDAR with METHOD.
    pub content: String,
}

/// The text of a message: zones first, then what it is about.
pub(crate) fn written(method: Method, calendar: &Component<'_>, about: Vec<Component<'_>>) -> String {
    let kept = |property: &&Property<'_>| ["VERSION", "PRODID", "CALSCALE"].iter().any(|name| property.is(name));
    let mut properties: Vec<Property<'_>> = calendar.properties.iter().filter(kept).cloned().collect();
    properties.push(Property::made("METHOD", "", method.name()));
    let components = calendar.inner("VTIMEZONE").cloned().chain(about).collect();
    calendar.with(properties, components).written()
}
