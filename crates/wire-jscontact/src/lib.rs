//! JSContact (RFC 9553) of the cards that lie in address books, and back (RFC 9555).
//!
//! A card is its owner's octets. [`Contact::json`] tells what JSContact has words for. [`Contact::changed`] writes a card anew in the
//! lines alone whose meaning is another now: every other line stays octet for octet, whatever it is, and so does the version.
//! What a card has no place for is refused by name ([`Unkept`]), never dropped: what was written is read again and compared.
//!
//! - Versions 2.1, 3.0 and 4.0 are read; 3.0 and 4.0 are written, and a new card is 4.0.
//! - The id of an entry is its PROP-ID (RFC 9554), else a short digest of its value, so that a client's patch of an entry that
//!   somebody has changed meanwhile meets nothing rather than another one.
//! - Lines that JSContact has no words for are not told as `vCardProps`: they are only kept.
//!
//! Octets and values in and out: no I/O, no clock, no panic on input.

mod components;
mod dates;
mod entry;
mod line;
mod media;
mod name;
mod normal;
mod parameters;
mod reading;
mod tables;
mod writing;

pub use reading::Contact;
pub use writing::{Unkept, made};
