//! Settings that a customer administrator may change at run time, over those of the files.

use crate::ports::Fut;
use passerelle_model::{InstitutionId, Timestamp};

/// One setting of the overlay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverlayValue {
    /// Its dotted name: `branding.colour`.
    pub name: String,
    /// Its value as TOML text; `None` falls back to the file.
    pub value: Option<String>,
    /// Counts up with each change of this setting.
    pub version: u64,
    /// Who changed it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// The overlay, with its history: nothing is overwritten, so that every change can be undone.
pub trait Overlay: Send + Sync {
    /// The newest value of each setting.
    fn overlay<'a>(&'a self, institution: &'a InstitutionId) -> Fut<'a, Vec<OverlayValue>>;
    /// Every value that a setting ever had, the newest first.
    fn overlay_history<'a>(&'a self, institution: &'a InstitutionId, name: &'a str) -> Fut<'a, Vec<OverlayValue>>;
    /// Sets it; the version given must be one more than the newest.
    ///
    /// # Errors
    /// `Conflict` when somebody was quicker.
    fn set_overlay<'a>(&'a self, institution: &'a InstitutionId, value: &'a OverlayValue) -> Fut<'a, ()>;
}
