//! What is kept of a calendar from elsewhere: one preference of its owner's, as TOML.
//!
//! The address is sealed under the installation's keys with the calendar's name: whoever reads the database alone does not see what
//! somebody follows, nor what opens it there. Nothing in it names the owner, whose login may change.

use crate::{
    Error, Result,
    ports::state::State,
    seal::{Purpose, Sealer},
};
use passerelle_model::{Account, Secret};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the names of these preferences begin with.
const PREFIX: &str = "elsewhere.";

/// What is kept of one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Kept {
    /// Where it is, sealed; of subscriptions only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<String>,
    /// What the person calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) colour: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) order: Option<String>,
    /// Whether its events make the person busy.
    pub(crate) busy: bool,
    /// Whether the person has put it away; of what nobody subscribed to.
    pub(crate) hidden: bool,
}

impl Kept {
    pub(crate) fn written(&self) -> Result<String> {
        toml::to_string(self).map_err(|error| Error::internal("writing a preference", error))
    }
}

/// The preference that a calendar of this name is kept in.
pub(crate) fn preference(name: &str) -> String {
    format!("{PREFIX}{name}")
}

/// What somebody has kept, by the names of the calendars. What cannot be read is passed over: nobody but the gateway writes it.
pub(crate) async fn preferences_of(state: &dyn State, owner: &Account) -> Result<BTreeMap<String, Kept>> {
    let read = |(name, text): (String, String)| {
        Some((name.strip_prefix(PREFIX)?.to_owned(), toml::from_str::<Kept>(&text).ok()?))
    };
    Ok(state.preferences_of(owner).await?.into_iter().filter_map(read).collect())
}

/// An address as it is kept.
pub(crate) fn sealed(sealer: &Sealer, name: &str, address: &Secret) -> Result<String> {
    sealer.seal_bound(Purpose::FeedAddress, name.as_bytes(), address.expose())
}

/// The address that was kept; `None` where it opens no more.
pub(crate) fn opened(sealer: &Sealer, name: &str, kept: &str) -> Option<String> {
    String::from_utf8(sealer.open_bound(Purpose::FeedAddress, name.as_bytes(), kept).ok()?).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn an_address_is_sealed_with_its_name() {
        let sealer = Sealer::new(&[Secret::new("a session key of thirty-two octets")]).unwrap();
        let address = Secret::new("https://cal.example/private-secret/basic.ics");
        let kept = Kept { address: Some(sealed(&sealer, "subscribed.a", &address).unwrap()), ..Kept::default() };
        let text = kept.written().unwrap();
        assert!(!text.contains("secret"), "{text}");
        let read: Kept = toml::from_str(&text).unwrap();
        assert_eq!(read, kept);
        let whole = opened(&sealer, "subscribed.a", read.address.as_deref().unwrap());
        assert_eq!(whole.as_deref(), address.expose_str());
        assert_eq!(opened(&sealer, "subscribed.b", read.address.as_deref().unwrap()), None);
    }
}
