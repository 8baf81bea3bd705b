//! What State still holds of spaces that are not in the settings any more. A space made anew under the name of one would have
//! its grants and links, and nobody would know of them: so they are told, and can be dropped.

use crate::{Door, Error, Operator, Result, house::House, ports::state::Granted};
use passerelle_model::{Account, AccountId, Grantee, InstitutionId, MountId, NodePath, NodeRef};
use std::collections::BTreeMap;

/// Grants and links of a space that is not in the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftBehind {
    /// The owner that the space stood for.
    pub space: Account,
    /// Grants to people, groups and institutions.
    pub grants: usize,
    /// Links.
    pub links: usize,
}

impl House {
    async fn left_behind(&self) -> Result<Vec<LeftBehind>> {
        let mut found: BTreeMap<Account, LeftBehind> = BTreeMap::new();
        let mut institutions: Vec<&InstitutionId> = self.tenants.keys().collect();
        institutions.sort();
        for institution in institutions {
            for Granted { target, grant } in self.state.granted_in_spaces(institution).await? {
                let Some(id) = target.owner else { continue };
                let space = Account { institution: institution.clone(), id };
                if self.space(&space).is_some() {
                    continue;
                }
                let left = LeftBehind { space: space.clone(), grants: 0, links: 0 };
                let left = found.entry(space).or_insert(left);
                let count = if matches!(grant.to, Grantee::Link(_)) { &mut left.links } else { &mut left.grants };
                *count = count.saturating_add(1);
            }
        }
        Ok(found.into_values().collect())
    }
}

impl Door {
    /// What State holds of spaces that are not in the settings in force.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say.
    pub async fn left_behind(&self) -> Result<Vec<LeftBehind>> {
        self.house.load_full().left_behind().await
    }
}

impl Operator {
    /// As [`Door::left_behind`].
    ///
    /// # Errors
    /// `Unavailable` when State cannot say.
    pub async fn left_behind(&self) -> Result<Vec<LeftBehind>> {
        self.house().left_behind().await
    }

    /// Drops what hangs on a space that is not in the settings: grants, links, dead properties, locks.
    ///
    /// # Errors
    /// `Conflict` while it is in the settings; `NotFound` for an institution that is none; `Invalid` for no name.
    pub async fn forget_space(&self, institution: &str, space: &str) -> Result<()> {
        let (house, institution) = (self.house(), InstitutionId::parse(institution).map_err(Error::invalid)?);
        house.tenant(&institution)?;
        let mount = MountId::parse(space).map_err(Error::invalid)?;
        let owner = Account { institution, id: AccountId::of_space(&mount) };
        if house.space(&owner).is_some() {
            return Err(Error::Conflict);
        }
        house.state.gone(&NodeRef { owner, mount, path: NodePath::root() }.target()).await
    }
}
