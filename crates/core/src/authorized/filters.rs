//! Handles on an account's filter scripts.

use crate::{
    Allows, Authorized, Edit, Error, Read, Result,
    ports::{ClientFacts, FilterConnection, FilterPowers, FilterScript, Filters, LARGEST_SCRIPT, ScriptName},
};
use passerelle_model::AccountRef;

impl<R: crate::Right> Authorized<AccountRef, R> {
    fn filters(&self) -> Result<&dyn Filters> {
        self.port.filters.as_deref().ok_or(Error::Unsupported { what: "filters" })
    }

    /// Whether the institution has filters to change here.
    pub fn has_filters(&self) -> bool {
        self.port.filters.is_some()
    }

    /// What the store of filters can.
    ///
    /// # Errors
    /// `Unsupported` when the institution has none to change here; `Unavailable` when it cannot be reached.
    pub async fn filter_powers(&self) -> Result<FilterPowers> {
        self.filters()?.powers().await
    }
}

impl<R: Allows<Read>> Authorized<AccountRef, R> {
    /// The account's filter scripts.
    ///
    /// # Errors
    /// `Unsupported` when the institution has none to change here; `Unavailable` when their store cannot be reached.
    pub async fn scripts(&self) -> Result<Vec<FilterScript>> {
        self.filters()?.list(&self.permit.narrow()).await
    }

    /// A script's text.
    ///
    /// # Errors
    /// `NotFound` when there is none of this name; else as [`Self::scripts`].
    pub async fn script(&self, name: &ScriptName) -> Result<Vec<u8>> {
        self.filters()?.read(&self.permit.narrow(), name).await
    }

    /// All scripts with their texts.
    ///
    /// # Errors
    /// As [`Filters::read_all`]; else as [`Self::scripts`].
    pub async fn whole_scripts(&self) -> Result<Vec<(FilterScript, Vec<u8>)>> {
        self.filters()?.read_all(&self.permit.narrow()).await
    }

    /// Whether the store understands a script.
    ///
    /// # Errors
    /// As [`Filters::check`]; else as [`Self::scripts`].
    pub async fn check_script(&self, script: &[u8]) -> Result<()> {
        check_length(script)?;
        self.filters()?.check(&self.permit.narrow(), script).await
    }
}

impl<R: Allows<Edit>> Authorized<AccountRef, R> {
    /// Keeps a script.
    ///
    /// # Errors
    /// As [`Filters::put`]; else as [`Self::scripts`].
    pub async fn put_script(&self, name: &ScriptName, script: &[u8]) -> Result<()> {
        check_length(script)?;
        self.filters()?.put(&self.permit.narrow(), name, script).await
    }

    /// Makes one script active, or none.
    ///
    /// # Errors
    /// As [`Filters::activate`]; else as [`Self::scripts`].
    pub async fn activate_script(&self, name: Option<&ScriptName>) -> Result<()> {
        self.filters()?.activate(&self.permit.narrow(), name).await
    }

    /// Removes a script.
    ///
    /// # Errors
    /// As [`Filters::remove`]; else as [`Self::scripts`].
    pub async fn remove_script(&self, name: &ScriptName) -> Result<()> {
        self.filters()?.remove(&self.permit.narrow(), name).await
    }

    /// A raw stream to the account's filter scripts, logged in as the account.
    ///
    /// # Errors
    /// `Unsupported` when the institution has none to change here; `Unavailable` when their store cannot be reached.
    pub async fn filter_relay(&self, client: &ClientFacts) -> Result<FilterConnection> {
        let relay = self.filters()?.as_filter_relay().ok_or(Error::Unsupported { what: "ManageSieve" })?;
        relay.connect(&self.permit.narrow(), client).await
    }
}

fn check_length(script: &[u8]) -> Result<()> {
    if script.len() > LARGEST_SCRIPT {
        return Err(Error::TooLarge { most: u64::try_from(LARGEST_SCRIPT).unwrap_or(u64::MAX) });
    }
    Ok(())
}
