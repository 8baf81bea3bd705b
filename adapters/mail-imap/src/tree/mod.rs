//! Which mailboxes there are, and changing that (RFC 9051 §6.3.4 to §6.3.9).

mod change;
mod list;

pub(crate) use change::{create, delete, rename, subscribe};
pub(crate) use list::{counted, list, listed, plain_name, status_items};
