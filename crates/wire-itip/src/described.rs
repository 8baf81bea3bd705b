//! What a message says of itself, for whoever has to judge it before it is taken: who speaks, to whom, about what.

use crate::object::Object;
use crate::{Address, people, text};
use passerelle_wire_ical::Utc;

/// A message as it describes itself. Nothing of it is proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// What it wants (RFC 5546 §1.4), in capitals: also what calendars do not act on by themselves.
    pub method: String,
    /// The UID of what it is about.
    pub uid: String,
    /// Who has organised it; nothing where parts of it have different ones, or none.
    pub organizer: Option<Address>,
    /// The people in it, each once, with what is said that they have answered (PARTSTAT, in capitals).
    pub attendees: Vec<(Address, String)>,
    /// How often its organiser has changed what matters; of several parts the most.
    pub sequence: u32,
    /// When it was said; of several parts the last time.
    pub stamp: Option<Utc>,
}

impl Described {
    /// Reads a message; nothing where it is no iCalendar, has no METHOD, or is about nothing that people are invited to.
    pub fn read(message: &[u8]) -> Option<Self> {
        let object = Object::read(message)?;
        let method = object.calendar().property("METHOD")?.value().trim().to_ascii_uppercase();
        let says_whose = object.components().all(|component| component.property("ORGANIZER").is_some());
        Some(Self {
            method,
            uid: object.uid(),
            organizer: object.organizer().filter(|_| says_whose && object.has_one_organizer()).map(Address::of),
            attendees: attendees_of(&object),
            sequence: object.components().map(text::sequence).max().unwrap_or(0),
            stamp: object.components().filter_map(text::stamp).max(),
        })
    }

    /// What is said that one of these has answered, and which of their addresses stands there.
    pub fn of(&self, addresses: &[Address]) -> Option<&(Address, String)> {
        self.attendees.iter().find(|(address, _)| addresses.contains(address))
    }
}

/// The people whom an object invites, each once, with what they have answered (PARTSTAT, in capitals). Nobody of what cannot be read.
pub fn attendees(content: &[u8]) -> Vec<(Address, String)> {
    Object::read(content).map(|object| attendees_of(&object)).unwrap_or_default()
}

fn attendees_of(object: &Object<'_>) -> Vec<(Address, String)> {
    let mut all: Vec<(Address, String)> = Vec::new();
    for attendee in object.components().flat_map(people::attendees) {
        let address = Address::of(attendee);
        if !all.iter().any(|(known, _)| *known == address) {
            all.push((address, people::participation(attendee)));
        }
    }
    all
}
