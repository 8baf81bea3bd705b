//! Handles on how an institution fares, for who manages it: the health of its back-ends, and how much it is used.

use crate::{
    Allows, Authorized, Examined, Manage, Result,
    ports::state::{TALLIES_KEPT, Tally},
};
use passerelle_model::{InstitutionRef, Timestamp};
use std::sync::Arc;

/// Days within which somebody signed on who counts as active: a day, a week, a month, a year.
pub const ACTIVE_WITHIN: [u32; 4] = [1, 7, 30, 365];

impl<R: Allows<Manage>> Authorized<InstitutionRef, R> {
    /// What was tried of each of its back-ends, and when: a few seconds ago at most.
    pub async fn examined(&self) -> (Timestamp, Arc<Vec<Examined>>) {
        self.house.examinations.of(&self.house, &self.target().0).await
    }

    /// How many accounts signed on within each of [`ACTIVE_WITHIN`]. Log-ins are noted once an hour.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say.
    pub async fn active_accounts(&self) -> Result<Vec<u64>> {
        let now = (self.house.clock)();
        let moments = ACTIVE_WITHIN.map(|days| now.plus(-86_400 * i64::from(days)));
        self.house.state.signed_in_after(&self.target().0, &moments).await
    }

    /// What the nodes have counted, hour by hour, for as long as it is kept.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say.
    pub async fn tallies(&self) -> Result<Vec<Tally>> {
        let since = (self.house.clock)().plus(-TALLIES_KEPT);
        self.house.state.tallies(&self.target().0, since).await
    }
}
