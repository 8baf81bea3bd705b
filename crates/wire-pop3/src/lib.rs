//! POP3 (RFC 1939) as octets: commands in, and messages out with their lines stuffed; a server's answers in, with the stuffing taken away. No socket, no clock, no state of a
//! maildrop; every size is bounded, and no input makes it panic.

mod command;
mod replies;
mod stuffing;

pub use command::{Command, LONGEST_LINE, Wrong, commands};
pub use replies::{Unstuffing, is_ok, refusal_code, scan_listing, unique_id_listing};
pub use stuffing::{Stuffing, TERMINATOR};
