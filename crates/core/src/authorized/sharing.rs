//! Handles on what people share: who has which rights on it.

use super::grantee::{check_grantee, check_may_share};
use crate::{Allows, Authorized, Error, Manage, Resource, Result, ports::state::Granted};
use passerelle_model::{CollectionRef, Grant, Grantee, MailboxRef, NodeRef};

/// What grants can hang on by the will of whoever manages it.
pub trait Shareable: Resource {}

impl Shareable for NodeRef {}
impl Shareable for MailboxRef {}
impl Shareable for CollectionRef {}

impl<T: Shareable, R: Allows<Manage>> Authorized<T, R> {
    /// The grants on this and above it.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say.
    pub async fn grants(&self) -> Result<Vec<Granted>> {
        self.house.state.grants_at(&Resource::target(self.target())).await
    }

    /// The grants on this itself.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say.
    pub async fn own_grants(&self) -> Result<Vec<Granted>> {
        let mut grants = self.grants().await?;
        let target = Resource::target(self.target());
        grants.retain(|it| it.target == target);
        Ok(grants)
    }

    /// Gives somebody rights here and on all below.
    ///
    /// # Errors
    /// `Forbidden` when the grantee belongs to an institution that this one does not share with, `Invalid` when it is not there.
    pub async fn share(&self, grant: &Grant) -> Result<()> {
        self.check_may_go()?;
        let target = Resource::target(self.target());
        check_grantee(&self.house, self.permit.actor_shared(), &target, &grant.to).await?;
        self.house.state.set_grant(&target, grant).await
    }

    /// Puts these grants in the place of all that are set right here but those of links, in one step. What is inherited from
    /// above stays.
    ///
    /// # Errors
    /// `Forbidden` when a grantee belongs to an institution that this one does not share with, `Invalid` when one is not
    /// there and was not named before.
    pub async fn share_exactly(&self, grants: &[Grant]) -> Result<()> {
        self.check_may_go()?;
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

    pub(super) fn check_may_go(&self) -> Result<()> {
        if self.target().may_be_shared() { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Takes a grant back, at once; `false` when there was none.
    ///
    /// # Errors
    /// `Unavailable` when State cannot be written.
    pub async fn unshare(&self, to: &Grantee) -> Result<bool> {
        self.house.state.remove_grant(&Resource::target(self.target()), to).await
    }
}
