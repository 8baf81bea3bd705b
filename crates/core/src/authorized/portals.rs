//! Handles on an institution, for its portals' servers: counts of people's mail, and whether a sign-on still holds.

use crate::{
    Allows, Authorized, Error, Failing, FailingLeg, Glance, Manage, Resource, Result, WEB_SESSION,
    door::{self, open_token},
    glances::look,
    permit::Permit,
    portal::{INBOX, counts_seen},
    ports::MailboxStatus,
    seal::Purpose,
};
use passerelle_model::{AccountId, InstitutionRef, MailboxRef, Secret, Standing, Timestamp};

/// A sign-on that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// Whose.
    pub login: AccountId,
    /// When it ends by itself.
    pub until: Timestamp,
}

impl<R: Allows<Manage>> Authorized<InstitutionRef, R> {
    /// The counts of somebody's INBOX. The store is asked in the gateway's own name: it has to have a way for that.
    ///
    /// # Errors
    /// `NotFound` for nobody of this institution, `Forbidden` for a locked account, `Unavailable` when directory or store
    /// cannot say; the store's own refusals are in the glance.
    pub async fn inbox_of(&self, id: &AccountId) -> Result<Glance<MailboxStatus>> {
        let account = self.of(id);
        let person = door::find_any(&self.house, &account).await?.ok_or(Error::NotFound)?;
        if person.standing == Standing::Locked {
            return Err(Error::Forbidden);
        }
        let (clock, withdrawn) = (self.house.clock, &self.house.withdrawn);
        let lasts = self.house.tenant(&self.target().0)?.facts.portal.cache_seconds;
        let known = withdrawn.glances.of(&account);
        if let Some(glance) = counts_seen(&known, clock(), lasts).await {
            return Ok(glance);
        }
        let inbox = MailboxRef { owner: account, name: INBOX.to_owned() };
        let store = inbox.port(&self.house)?;
        let permit: Permit<MailboxRef, crate::Read> = Permit::mint(inbox, self.permit.actor_shared(), None);
        let ask = async { store.status(&permit).await.map_err(|error| Failing::new(FailingLeg::Mail, error)) };
        Ok(look(&known.counts, clock, lasts, ask).await)
    }

    /// Whether what a portal asks with still holds; `None` when it does not, whatever the reason, or is not of this
    /// institution's people.
    ///
    /// # Errors
    /// `Unavailable` when nobody can say.
    pub async fn portal_holds(&self, bearer: &Secret) -> Result<Option<Holding>> {
        let opened = match bearer.expose_str().map(|text| open_token(Purpose::Portal, &self.house, text)) {
            Some(Ok(opened)) if opened.account.institution == self.target().0 => opened,
            Some(Err(error @ (Error::Unavailable { .. } | Error::Internal { .. }))) => return Err(error),
            Some(_) | None => return Ok(None),
        };
        let until = opened.token.expires;
        let Some(person) = door::find(&self.house, &opened.account).await? else { return Ok(None) };
        match door::resumed(self.house.clone(), opened, person) {
            Ok(session) => Ok(Some(Holding { login: session.principal()?.account().id.clone(), until })),
            Err(Error::Unauthenticated) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether a sign-on that somebody began at a moment, or would begin now, holds: the account is there and open, and nothing
    /// of it was withdrawn since. Which sign-ons there are, a gateway that keeps none cannot say.
    ///
    /// # Errors
    /// `Unavailable` when nobody can say.
    pub async fn sign_on_holds(&self, id: &AccountId, since: Option<Timestamp>) -> Result<Option<Holding>> {
        let account = self.of(id);
        let now = (self.house.clock)();
        let since = since.unwrap_or_else(|| self.house.withdrawn.earliest(&account, now));
        if self.house.withdrawn.blind(now) {
            return Err(Error::unavailable("state", "following withdrawals", "the watch on State is lost"));
        }
        let found = door::find(&self.house, &account).await?;
        let until = since.plus(WEB_SESSION);
        let holds = found.is_some() && now < until && !self.house.withdrawn.account(&account, since);
        Ok(holds.then(|| Holding { login: id.clone(), until }))
    }
}
