//! Handles on folders, for who manages them: the grants on what lies in them.

use crate::{Allows, Authorized, Error, Manage, Resource, Result, ports::state::Granted};
use passerelle_model::{NodePath, NodeRef, Target};
use std::collections::BTreeMap;

/// Most grants below a folder that are looked through for those of its members; beyond it there is no answer rather than a
/// short one.
const MOST_GRANTS_BELOW: usize = 10_000;

impl<R: Allows<Manage>> Authorized<NodeRef, R> {
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
