//! What hangs on an account or a group follows when the directory's entry gets another name.

use crate::ports::Fut;
use passerelle_model::{Account, GroupRef};

/// Renames. Each in one transaction: everything is at the new name, or at the old one.
pub trait Renames: Send + Sync {
    /// Carries an account's grants (made by it and to it), links, app passwords, external accounts, locks, properties, card
    /// and gateway groups along. What still hung on the new name is dropped: it was somebody's who is gone.
    ///
    /// # Errors
    /// `Invalid` between institutions.
    fn renamed_account<'a>(&'a self, from: &'a Account, to: &'a Account) -> Fut<'a, ()>;

    /// Carries the grants to a group along, and drops those that still named the new one. A gateway group is called so from
    /// then on, with its members.
    ///
    /// # Errors
    /// `Invalid` between institutions; `Conflict` when there is a gateway group of the new name.
    fn renamed_group<'a>(&'a self, from: &'a GroupRef, to: &'a GroupRef) -> Fut<'a, ()>;

    /// Drops the grants to a group that is gone, and a gateway group with its members: the next one of its name is another.
    fn dropped_group<'a>(&'a self, group: &'a GroupRef) -> Fut<'a, ()>;
}
