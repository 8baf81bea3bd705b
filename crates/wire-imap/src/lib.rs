//! What a relay must know of IMAP (RFC 9051, RFC 3501) when `imap-codec`'s typed grammar is not asked: where commands and
//! responses begin and end, so that nothing in a literal is ever taken for a command.
//!
//! Octets in, values out: no I/O, no buffer beyond named bounds, no panic on input.

mod commands;
mod framer;
mod responses;

pub use commands::{CommandGate, REFUSED_VERB, Seen, Untraceable};
pub use framer::{Boundary, Framer};
pub use responses::{LONGEST_CAPABILITY, ResponseWatch, Verdict, offered};
