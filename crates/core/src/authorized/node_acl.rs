//! Handles on files and folders, for who manages them: the whole list of grants of a place at once.

use super::grantee::{check_grantee, check_may_share};
use crate::{Allows, Authorized, Error, Manage, Resource, Result, ports::state::Granted};
use passerelle_model::{Grant, Grantee, NodePath, NodeRef, Target};
use std::collections::BTreeMap;

/// Most grants below a folder that are looked through for those of its members; beyond it there is no answer rather than a
/// short one.
const MOST_GRANTS_BELOW: usize = 10_000;

impl<R: Allows<Manage>> Authorized<NodeRef, R> {
    /// Puts these grants in the place of all that are set right here but those of links, in one step. What is inherited from
    /// above stays.
    ///
    /// # Errors
    /// `Forbidden` when a grantee belongs to an institution that this one does not share with, `Invalid` when one is not
    /// there and was not named before.
    pub async fn share_exactly(&self, grants: &[Grant]) -> Result<()> {
        let target = Resource::target(self.target());
        let before = self.house.state.grants_at(&target).await?;
        for grant in grants {
            if matches!(grant.to, Grantee::Link(_)) {
                return Err(Error::invalid("a link is made and withdrawn by itself"));
            }
            // Who has left the directory may stay on the list: a client that changes another line sends this one back.
            let is_known = before.iter().any(|known| known.target == target && known.grant.to == grant.to);
            if is_known {
                check_may_share(&self.house, &target, &grant.to)?;
            } else {
                check_grantee(&self.house, self.permit.actor_shared(), &target, &grant.to).await?;
            }
        }
        self.house.state.replace_grants(&target, grants).await
    }

    /// The grants on what lies directly in this folder, by name.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say, or has more below than can be looked through.
    pub async fn grants_inside(&self) -> Result<BTreeMap<String, Vec<Granted>>> {
        let target: Target = Resource::target(self.target());
        let below = self.house.state.grants_below(&target, MOST_GRANTS_BELOW).await?;
        if below.len() >= MOST_GRANTS_BELOW {
            return Err(Error::unavailable("state", "reading grants", "more are below than can be looked through"));
        }
        let mut inside: BTreeMap<String, Vec<Granted>> = BTreeMap::new();
        for granted in below {
            let Ok(path) = NodePath::parse(&granted.target.path) else { continue };
            let is_member = path.parent().as_ref() == Some(&self.target().path);
            if let Some(name) = path.name().filter(|_| is_member) {
                inside.entry(name.to_owned()).or_default().push(granted);
            }
        }
        Ok(inside)
    }
}
