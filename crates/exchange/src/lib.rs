//! Files of calendars and contacts through the gate, for every interface that takes or gives them: what is brought into a
//! collection ([`bring_in`]), and a collection as one file ([`whole`]).
//!
//! A file is brought in entry by entry: what is wrong is told by its line, what is there already is recognised, and a file that is
//! brought in again makes nothing twice. A collection is sent while it is read, some items at a time.

mod bring;
mod index;
mod part;
mod told;
mod whole;

pub use bring::{Handles, Opened, bring_in};
pub use part::{Part, named, part};
pub use passerelle_wire_exchange::LARGEST_FILE;
pub use told::{Asked, Duplicates, Imported, MOST_ROWS, Mode, Row};
pub use whole::{Form, Left, whole};
