//! What a person has set for themselves: signatures, looks. Names are the surfaces', which alone know what the texts mean.

use crate::{Allows, Authorized, Error, Manage, Read, Result};
use passerelle_model::AccountRef;
use std::collections::BTreeMap;

/// Longest name of a preference, in octets, and longest text.
pub const LONGEST_PREFERENCE: (usize, usize) = (64, 64 * 1024);
/// Most preferences of a person.
pub const MOST_PREFERENCES: usize = 200;

impl<R: Allows<Read>> Authorized<AccountRef, R> {
    /// All that the person has set, by name.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say.
    pub async fn preferences(&self) -> Result<BTreeMap<String, String>> {
        Ok(self.house.state.preferences_of(&self.target().0).await?.into_iter().collect())
    }
}

impl<R: Allows<Manage>> Authorized<AccountRef, R> {
    /// Sets a preference, or takes it away.
    ///
    /// # Errors
    /// `Invalid` for a name that is not of small letters, digits, `.` and `-`, or for a NUL in the text; `TooLarge` for a longer
    /// text; `OverQuota` beyond [`MOST_PREFERENCES`].
    pub async fn set_preference(&self, name: &str, value: Option<&str>) -> Result<()> {
        let (longest_name, longest) = LONGEST_PREFERENCE;
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
        if name.is_empty() || name.len() > longest_name || !name.chars().all(is_name) {
            return Err(Error::invalid("this is no name of a preference"));
        }
        if let Some(value) = value {
            if value.len() > longest {
                return Err(Error::TooLarge { most: u64::try_from(longest).unwrap_or(u64::MAX) });
            }
            if value.contains('\0') {
                return Err(Error::invalid("a preference has no NUL in it"));
            }
            let owner = &self.target().0;
            let known = self.house.state.preferences_of(owner).await?;
            if known.len() >= MOST_PREFERENCES && known.iter().all(|(known, _)| known != name) {
                return Err(Error::OverQuota);
            }
        }
        self.house.state.set_preference(&self.target().0, name, value).await
    }
}
