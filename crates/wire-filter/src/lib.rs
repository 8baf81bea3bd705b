//! LDAP search filters (RFC 4515), distinguished names (RFC 4514) and the part of LDAP URLs (RFC 4516) that
//! dynamic groups use: text to values and back, and a judgement of a filter on an entry that is at hand.
//!
//! The judgement is careful: it says [`Match::CannotJudge`] wherever a server could answer otherwise, so that whoever
//! decides on rights asks the server instead of guessing. It never panics and bounds what it reads.

mod dn;
mod filter;
mod judge;
mod parse;
mod rule;
mod spell;
mod url;

pub use dn::{Ava, Dn, InvalidDn, LONGEST_DN, MOST_RDNS, Scope};
pub use filter::{Filter, Pieces, escape};
pub use judge::{Authority, Entry, Match, matches};
pub use parse::{DEEPEST, InvalidFilter, LONGEST_FILTER, MOST_PARTS};
pub use rule::canonical;
pub use spell::{above, escape_value, rdn, same_attribute, url_below};
pub use url::{InvalidUrl, LONGEST_URL, LdapUrl};
