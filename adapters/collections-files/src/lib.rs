//! Calendars and address books as files, where a campus has no CalDAV server: in each owner's own tree, on whatever store the
//! institution's files are.
//!
//! ```text
//! Calendars/                 the folder of the family, as the settings say
//!   cours/                   a collection
//!     collection.txt         what is said of it, for people to read and to change
//!     5d3a0c1e.ics           an item, octet for octet as it was written
//! ```
//!
//! **Nothing is remembered.** The files are all there is: what people put there, change and remove by other ways is what clients find
//! at their next look. A listing tells names and tags, and no file is opened for it.
//!
//! **Tags are the file store's**, which never gives one to two contents; so are conditions, under the gate's lease on the file.
//!
//! **What is no iCalendar or vCard** and lies there under such a name is listed and told as it is: whose it is has to see it. What it
//! means for queries is the surface's to say.

mod facts;
mod facts_text;
mod folder;
mod health;
mod items;
mod names;
mod settings;
mod store;

use passerelle_core::CollectionsFactory;

/// How the gateway gets at this adapter.
pub const FACTORY: CollectionsFactory = CollectionsFactory { kind: "files", build: store::FileCollections::build };
