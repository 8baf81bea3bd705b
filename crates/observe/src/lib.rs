//! What the gateway says of itself: one struct for each event, its log line and its metric together.
//!
//! Never a password, a token, a subject line or a file name above TRACE. A client that hangs up is DEBUG; a back-end's
//! fault is WARN and names the back-end; our own fault is ERROR and carries the id that the client saw.

mod events;
mod output;

pub use events::{
    BackEndExamined, BackendFault, ConnectionRefused, ExternalFailed, FileTransferred, HttpAnswered, InternalFault,
    ItemUnreadable, LoginAccepted, LoginRefused, MailForCalendar, MailHandedOn, MaildropClosed, MessageStored,
    MessageSubmitted, PictureDrawn, RelayEnded, SettingsRefused, SettingsReloaded, SpaceLeftBehind, Withdrawn,
};
pub use output::{AlreadySet, Count, Format, Metrics, log_to_stderr};

/// Something that happened.
pub trait Event {
    /// Writes the log line and counts the metric.
    fn record(&self);
}

/// Says that something happened.
#[allow(clippy::needless_pass_by_value, reason = "an event is said once and is gone")]
pub fn emit(event: impl Event) {
    event.record();
}
