//! Settings that a customer administrator may change at run time, over those of the files.

use crate::ports::Fut;
use passerelle_model::{InstitutionId, Timestamp};

/// Most changes that an institution's history keeps; of older ones only the values that still hold.
pub const MOST_CHANGES_KEPT: u64 = 500;

/// One setting of the overlay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverlayValue {
    /// Its dotted name: `branding.colour`.
    pub name: String,
    /// Its value as TOML text; `None` falls back to the file.
    pub value: Option<String>,
    /// The change of the institution's settings that set it.
    pub version: u64,
    /// Who changed it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// One change: everything that was set in one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverlayChange {
    /// Its number: the changes of an institution count from 1.
    pub version: u64,
    /// Who made it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The settings by their names, each once, with values as [`OverlayValue::value`].
    pub values: Vec<(String, Option<String>)>,
}

/// The overlay, with its history: nothing is overwritten, so that every change can be undone.
pub trait Overlay: Send + Sync {
    /// The newest value of each setting, in order of their names; or what was the newest after the change `up_to`.
    fn overlay<'a>(&'a self, institution: &'a InstitutionId, up_to: Option<u64>) -> Fut<'a, Vec<OverlayValue>>;
    /// The changes from `from` to `to`, both included, the newest first.
    fn overlay_changes<'a>(&'a self, institution: &'a InstitutionId, from: u64, to: u64)
    -> Fut<'a, Vec<OverlayChange>>;
    /// Makes a change, all of it or nothing; its version must be one more than the newest. Every node hears of it by
    /// `watch`. What is older than [`MOST_CHANGES_KEPT`] changes and holds no more is dropped.
    ///
    /// # Errors
    /// `Conflict` when somebody was quicker.
    fn change_overlay<'a>(&'a self, institution: &'a InstitutionId, change: &'a OverlayChange) -> Fut<'a, ()>;
}
