//! Who may do what.

use crate::ports::Fut;
use passerelle_model::{Account, Grant, Grantee, Target};

/// A grant and what it hangs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// On what.
    pub target: Target,
    /// Who, what, until when.
    pub grant: Grant,
}

/// The access lists. A grant on a target holds for everything below it; ended grants are left out of no answer (the
/// decision looks at the time) and are swept after a day.
pub trait Grants: Send + Sync {
    /// The grants on a target and on all above it in its tree.
    fn grants_at<'a>(&'a self, target: &'a Target) -> Fut<'a, Vec<Granted>>;

    /// The grants below a target, not on it: at most `limit`, ordered by path.
    fn grants_below<'a>(&'a self, target: &'a Target, limit: usize) -> Fut<'a, Vec<Granted>>;

    /// What was granted to any of these.
    fn granted_to<'a>(&'a self, grantees: &'a [Grantee]) -> Fut<'a, Vec<Granted>>;

    /// What an owner has granted.
    fn granted_by<'a>(&'a self, owner: &'a Account) -> Fut<'a, Vec<Granted>>;

    /// The grants whose grantee is a group of this institution: what dynamic membership must be asked for.
    fn granted_to_groups_of<'a>(&'a self, institution: &'a passerelle_model::InstitutionId) -> Fut<'a, Vec<Granted>>;

    /// The grants on anything of the spaces of this institution, whether they are in the settings or not.
    fn granted_in_spaces<'a>(&'a self, institution: &'a passerelle_model::InstitutionId) -> Fut<'a, Vec<Granted>>;

    /// Sets the one grant of this grantee on this target.
    fn set_grant<'a>(&'a self, target: &'a Target, grant: &'a Grant) -> Fut<'a, ()>;

    /// Puts these in the place of all grants on this target but those of links, in one transaction. A grantee is named once.
    fn replace_grants<'a>(&'a self, target: &'a Target, grants: &'a [Grant]) -> Fut<'a, ()>;

    /// Removes it; `false` when there was none.
    fn remove_grant<'a>(&'a self, target: &'a Target, to: &'a Grantee) -> Fut<'a, bool>;
}
