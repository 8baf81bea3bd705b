//! Scheduling (RFC 6638) over stores that know none of it: what a client writes into a calendar is stored, and whoever it invites, or
//! answers, finds it in theirs.
//!
//! - [`Put`] and [`Remove`] are a client's write with all that follows: what is to be stored comes first, then each delivery, and what
//!   became of them stands in the object.
//! - [`by_mail`] is what comes by mail from people without a calendar here.
//! - [`free_busy`] answers when others have no time, as CalDAV asks; [`busy_times`] as JMAP does.
//!
//! Nothing is kept: a delivery goes straight into the calendar of whoever it is for, or by mail. Who may reach whom is the gate's to say
//! ([`passerelle_model::InboxRef`]), what follows from a write `passerelle_wire_itip`'s; here one is led to the other.

/// How often what others wrote meanwhile is read again.
const TRIES: u32 = 5;

mod busy;
pub mod by_mail;
mod deliver;
mod letter;
mod mail;
mod owner;
mod plan;
mod refusal;
mod remove;
mod rewrite;
mod words;
mod write;

pub use busy::{Answered, MOST_DAYS, busy_in, busy_times, free_busy};
pub use owner::{Tags, tag};
pub use passerelle_wire_itip::Asked;
pub use refusal::Refusal;
pub use remove::Remove;
pub use write::{Client, Condition, Put, Written};
