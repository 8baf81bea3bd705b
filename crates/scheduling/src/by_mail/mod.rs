//! Scheduling messages that come by mail (iMIP, RFC 6047), on their way into calendars.
//!
//! - [`look`] says what a message is to whoever got it, [`take`] puts it in. Both are for the recipient themselves.
//! - [`put_in`] puts it into the calendars of somebody whose mail is delivered. Who has sent it has to be proved before.

mod letter;
mod look;
mod put_in;

pub use look::{Looked, Place, Taken, look, take};
pub use passerelle_wire_imip::{Judged, LARGEST_MAIL, LARGEST_OBJECT, Mail, Reason};
pub use passerelle_wire_itip::{Address, Described, Known, attendees};
pub use put_in::put_in;
