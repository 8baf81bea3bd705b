//! Scheduling messages that come by mail (iMIP, RFC 6047): what a message says, whether it may be believed, and its way into the
//! calendar of whoever got it.
//!
//! - [`Mail::read`] finds the iTIP object in a message, or in a part of one.
//! - [`look`] judges it against what its recipient has, [`take`] puts it in. Both are for the recipient themselves.
//!
//! A mail is a paper that anybody may have written. What is changed by it is what its sender may change by the copy that is there: the
//! organiser the event, an attendee their own answer. Whether the sender is who they say is for whoever calls to know.

mod judge;
mod letter;
mod look;
mod read;

pub use judge::{Judged, Reason};
pub use look::{Looked, Place, Taken, look, take};
pub use passerelle_wire_itip::{Address, Described, Known, attendees};
pub use read::{LARGEST_MAIL, LARGEST_OBJECT, Mail};
