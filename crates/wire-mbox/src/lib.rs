//! mbox, a file of messages (RFC 4155): octets in, events out, and messages in, octets out. No I/O, nothing held but a line.
//!
//! `mbox = *("From " sender SP timestamp LF message LF)`. A line of a message that begins with `From ` would be taken for a
//! separator; how that is kept apart differs: mboxrd puts a `>` before it and before those with `>` already, mboxo before it
//! only, mboxcl2 says how long the body is. Written is mboxrd.

mod date;
mod marks;
mod reader;
mod writer;

pub use date::{asctime, from_asctime};
pub use marks::Marks;
pub use reader::{Event, NotMbox, Quoting, Reader, boundary_follows};
pub use writer::{Ending, Writer, separator};
