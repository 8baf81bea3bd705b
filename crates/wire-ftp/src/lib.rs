//! FTP (RFC 959, RFC 1123 §4.1) as octets: commands in, replies and lines of listings out, with what RFC 2228, RFC 2389, RFC 2428,
//! RFC 3659 and RFC 4217 added. No socket, no clock, no state of a session; every size is bounded, and no input makes it panic.

mod command;
mod listing;
mod moment;
mod path;
mod reply;

pub use command::{Command, Extended, LONGEST_LINE, Protection, Representation, Security, Wrong, commands};
pub use listing::{Entry, Fact, Facts, Kind, May};
pub use moment::Moment;
pub use path::{InvalidPath, MOST_NAMES, TreePath};
pub use reply::{Reply, extended_passive, passive, quoted};
