//! Scheduling messages as they come by mail (iMIP, RFC 6047): found in a message ([`Mail::read`]), and judged against what its
//! recipient has ([`Mail::judge`]).
//!
//! A mail is a paper that anybody may have written. What is changed by it is what its sender may change by the copy that is there: the
//! organiser the event, an attendee their own answer. Whether the sender is who they say is for whoever calls to know.
//!
//! Octets in, values out: no I/O, no clock, no panic on input.

mod judge;
mod read;

pub use judge::{Judged, Reason};
pub use read::{LARGEST_MAIL, LARGEST_OBJECT, Mail};
