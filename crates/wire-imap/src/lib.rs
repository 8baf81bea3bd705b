//! What a relay must know of IMAP (RFC 9051, RFC 3501) when `imap-codec`'s typed grammar is not asked: where commands and
//! responses begin and end, so that nothing in a literal is ever taken for a command.
//!
//! Octets in, values out: no I/O, no buffer beyond named bounds, no panic on input.

mod commands;
mod dates;
mod found;
mod framer;
mod names;
mod offer;
mod responses;
mod sift;
mod structure;
mod values;
mod words;

pub use commands::{CommandGate, REFUSED_VERB, Seen, Stopped, Stops, Untraceable};
pub use dates::{date, date_time, seconds};
pub use found::{Results, results, threads, vanished};
pub use framer::{Boundary, Framer, literal_length};
pub use names::{decoded, encoded, matches, may_match};
pub use offer::Offer;
pub use responses::{LONGEST_CAPABILITY, ResponseWatch, Verdict};
pub use sift::{Kept, Sift, sifted, sifted_answer};
pub use structure::{BodyPart, PartLimits, body_structure};
pub use values::{DEEPEST_VALUE, Fetched, Value, fetched, values};
pub use words::{Placed, Word, command_words, is_plain_command, is_sequence_set, quoted, string, words};
