//! Files of calendars and contacts through the gate, for every interface that takes or gives them: what is brought into a
//! collection ([`bring_in`]), a collection as one file ([`whole`]), and a calendar as strangers are told it ([`Publication`]).
//!
//! A file is brought in entry by entry: what is wrong is told by its line, what is there already is recognised, and a file that is
//! brought in again makes nothing twice. A collection is sent while it is read, some items at a time.

mod agenda;
mod bring;
mod index;
mod part;
mod published;
mod strangers;
mod told;
mod whole;

pub use agenda::{Agenda, Entry, MOST_SHOWN, What};
pub use bring::{Handles, Opened, bring_in};
pub use part::{Part, named, part};
pub use passerelle_wire_exchange::LARGEST_FILE;
pub use published::{Feed, Publication, REFRESHED};
pub use told::{Asked, Duplicates, Imported, MOST_ROWS, Mode, Row};
pub use whole::{Form, Left, whole};
