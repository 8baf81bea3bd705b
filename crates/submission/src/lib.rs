//! What becomes of a message that somebody sends (RFC 6409), by whichever surface it comes: its header is gathered and judged, its
//! body passes to the MTA as it comes. Nothing is queued.

mod header;
mod intake;
mod refusal;

pub use header::{Passage, Trace, Way, fresh_id};
pub use intake::Intake;
pub use refusal::Refusal;
