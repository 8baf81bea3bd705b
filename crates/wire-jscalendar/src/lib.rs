//! JSCalendar (RFC 8984, in the version 2.0 of draft-ietf-calext-jscalendarbis) over the iCalendar that is there, after
//! draft-ietf-calext-jscalendar-icalendar.
//!
//! - [`Entry::read`] understands a calendar object that has an event, a task or a note; [`Entry::whole`] tells it, [`Entry::instance`] one of its
//!   instances.
//! - [`Entry::changed`] writes what was changed: lines that nothing was changed of, those that nobody here understands among them, stay
//!   octet for octet. [`Entry::made`] is a new object.
//! - [`patched`] applies a patch (RFC 8984 §1.4.9).
//!
//! A note (VJOURNAL) is nothing that JSCalendar knows. It is told in the same way, with properties of its own: a `body` of Markdown, a `date`
//! where it is of a day.
//!
//! What iCalendar has no place for is refused, never dropped. No I/O and no clock; sizes are those of [`passerelle_wire_ical`], and
//! [`MOST_OVERRIDES`].

mod alerts;
mod date;
mod due;
mod entry;
mod facets;
mod ids;
mod links;
mod overrides;
mod patch;
mod people;
mod places;
mod progress;
mod relations;
mod rule;
mod simple;
mod source;
mod time;
mod times;
mod vtimezone;
mod words;
mod wrong;
mod zones;

pub use entry::Entry;
pub use overrides::MOST_OVERRIDES;
pub use patch::patched;
pub use times::{local_text, read_local, read_utc, utc_text};
pub use wrong::Refused;

/// The names of all properties of events, of tasks, or of notes, that are understood.
pub fn property_names(kind: passerelle_wire_ical::Kind) -> impl Iterator<Item = &'static str> {
    facets::names(kind)
}
