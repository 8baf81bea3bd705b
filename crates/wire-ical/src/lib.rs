//! iCalendar (RFC 5545, RFC 7986) and vCard (RFC 6350, RFC 2426, and vCard 2.1 as it is still met), for a gateway that relays
//! the octets of calendars and address books as they are and has to understand them: for an index, for queries, for
//! free-busy, and to tell less to who may see less.
//!
//! - [`CalendarObject::read`] understands a calendar: [`CalendarObject::facts`] for an index, [`CalendarObject::fit`] for what
//!   CalDAV demands, [`CalendarObject::occurrences`] for its instances in a range.
//! - [`CompFilter`] and [`CalendarData`] are CalDAV's questions, [`FreeBusy`] and [`Redaction`] what is told without telling what
//!   it is about.
//! - [`Card::read`] understands a card, [`CardFilter`] is CardDAV's question.
//! - [`Zone`] and [`Zones`] say which moment a time is; [`Rule`] is a recurrence rule.
//! - [`Component`] and [`Property`] are the text itself, borrowed from what was read.
//!
//! Octets in, values out: no I/O, each size bounded by a named constant, no panic on input, and no clock: what is asked never
//! depends on when.

mod card;
mod card_query;
mod civil;
mod collation;
mod component;
mod duration;
mod expand;
mod filter;
mod free_busy;
mod lines;
mod object;
mod overlaps;
mod partial;
mod property;
mod published;
mod range;
mod recurrence;
mod redact;
mod span;
mod stamp;
mod text;
mod text_match;
mod write;
mod wrong;
mod zone;

pub use card::{Card, CardFacts, CardKind, CardPrecondition, CardVersion, MOST_MEMBERS, UnfitCard};
pub use card_query::{CardFilter, CardPropFilter, CardPropTest, Join};
pub use civil::{Date, Local, Utc};
pub use collation::{Collation, MatchType};
pub use component::{Component, DEEPEST_COMPONENT, MOST_COMPONENTS, MOST_PROPERTIES};
pub use duration::{Duration, LONGEST_DURATION};
pub use filter::{CompFilter, CompTest, ParamFilter, ParamTest, PropFilter, PropTest, ValueTest};
pub use free_busy::{Busy, FreeBusy, Heading, MOST_PERIODS, Period};
pub use lines::LONGEST_LINE;
pub use object::{
    Attendee, CalendarObject, Class, Facts, Kind, MOST_ATTENDEES, Occurrences, Organizer, Precondition, ScheduleAgent,
    Scheduling, Unfit,
};
pub use overlaps::MOST_REPETITIONS;
pub use partial::{CalendarData, CompSelect, CompsSelect, RecurrenceSet};
pub use property::{Parameter, Property};
pub use published::BusyEvent;
pub use range::Range;
pub use recurrence::{
    Ends, Frequency, HORIZON_YEARS, MOST_DATES, MOST_OCCURRENCES, MOST_STEPS, Occurrence, Rule, Truncated, Until,
};
pub use redact::{Redaction, discreet};
pub use span::span;
pub use stamp::{Form, MOST_ZONES, Stamp, Zones};
pub use text::{escaped, parameter_value, pieces, unescaped};
pub use text_match::TextMatch;
pub use write::{FOLDED_LINE, PropSelect, PropsSelect, line};
pub use wrong::{Fault, Wrong};
pub use zone::{LAST_YEAR_OF_RULES, MOST_TRANSITIONS, Zone};
