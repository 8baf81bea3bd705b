//! iTIP (RFC 5546) as a calendar server does it by itself (RFC 6638): which messages follow from what somebody writes into their
//! calendar, and what a message does to the copy in the calendar of whoever gets it.
//!
//! - [`change`]: a client has written or removed an object; what is stored in its place, and whom that concerns.
//! - [`receive`]: a message has come; what the copy is then.
//! - [`Described`]: what a message says of itself, [`known`]: whether it is news; [`without_orders`] and [`with_own_answers`]: what is not
//!   believed of one that comes from outside.
//! - [`answered`]: the copy with an answer in it, for somebody who answers without a calendar program.
//! - [`with_statuses`]: the copy that says what became of its messages.
//! - [`schedule_tag`]: what a copy is to its owner's client, answers of others left out.
//!
//! Octets in, values out: no I/O, no clock of its own, no panic on input. Who may send to whom, where calendars lie and how mail goes
//! is not known here.

mod address;
mod age;
mod answer;
mod change;
mod described;
mod instance;
mod message;
mod object;
mod outside;
mod people;
mod receive;
mod refused;
mod same;
mod status;
mod tag;
mod text;
mod times;

pub use address::{Address, Owner};
pub use age::{Known, known};
pub use answer::{Answer, answered};
pub use change::{Asked, Change, change};
pub use described::{Described, attendees};
pub use message::{Message, Method, Recipient};
pub use outside::{with_own_answers, without_orders};
pub use receive::{Received, receive};
pub use refused::Refused;
pub use same::says_the_same;
pub use status::with_statuses;
pub use tag::schedule_tag;

/// Most people that one object may invite (RFC 4791 §5.2.9, `max-attendees-per-instance`): each of them is a write into a calendar
/// or a mail, while a client waits.
pub const MOST_INVITED: usize = 1_000;
