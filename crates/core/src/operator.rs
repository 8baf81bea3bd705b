//! Whoever runs the program at the machine, with its settings and its database: the one who may act in an institution's
//! name without signing on. A surface has neither and cannot become one.

use crate::{
    Actor, Authorized, Clock, Error, HouseParts, Manage, Resource, Result, Session, door,
    house::{self, House},
    numbers, overlay,
    permit::Permit,
    ports::state::State,
    watch::Withdrawn,
};
use passerelle_model::{
    AccountRef, CollectionFamily, CollectionRef, InstitutionId, InstitutionRef, MailboxRef, Rights,
};
use std::sync::Arc;

/// The operator, at one job.
#[derive(Debug)]
pub struct Operator {
    session: Session,
}

impl Operator {
    /// Opens the house for a job, which the trail names: `import`.
    ///
    /// # Errors
    /// `Unavailable` when State cannot be read.
    pub async fn new(parts: HouseParts, state: Arc<dyn State>, clock: Clock, job: &'static str) -> Result<Self> {
        let withdrawn = Withdrawn::follow(&state, clock).await?;
        let values = overlay::load(&state, parts.tenants.iter().map(|tenant| tenant.facts.id.clone())).await?;
        let house = Arc::new(House::new(parts, &values, state, withdrawn, clock, house::Remembered::default()));
        Ok(Self { session: Session { actor: Arc::new(Actor::System(job)), house, web: None } })
    }

    /// An institution, to be administered.
    ///
    /// # Errors
    /// `NotFound` when there is none of this id.
    pub fn administer(&self, institution: &InstitutionId) -> Result<Authorized<InstitutionRef, Manage>> {
        self.open(InstitutionRef(institution.clone()))
    }

    /// Somebody's account by its whole name, `login@domain`, for a job in the owner's name.
    ///
    /// # Errors
    /// `NotFound` when the directory has nobody of that name; `Unavailable` when it cannot say.
    pub async fn account(&self, name: &str) -> Result<Authorized<AccountRef, Manage>> {
        let account = self.session.house.account_wholly_named(name).ok_or(Error::NotFound)?;
        door::find_any(&self.session.house, &account).await?.ok_or(Error::NotFound)?;
        self.open(AccountRef(account))
    }

    /// A mailbox of an account that was found, for the same job.
    ///
    /// # Errors
    /// `Invalid` for what is no mailbox's name; `NotFound` when the institution has no mail.
    pub fn mailbox(&self, of: &Authorized<AccountRef, Manage>, name: &str) -> Result<Authorized<MailboxRef, Manage>> {
        self.open(MailboxRef::parse(of.target().0.clone(), name).map_err(Error::invalid)?)
    }

    /// A collection of an account that was found, for the same job.
    ///
    /// # Errors
    /// `Invalid` for what is no collection's name; `NotFound` when the institution has none of that family.
    pub async fn collection(
        &self,
        of: &Authorized<AccountRef, Manage>,
        family: CollectionFamily,
        name: &str,
    ) -> Result<Authorized<CollectionRef, Manage>> {
        let target = CollectionRef::parse(of.target().0.clone(), family, name).map_err(Error::invalid)?;
        let Session { house, actor, .. } = &self.session;
        let port = target.port(house)?;
        let numbers = numbers::of_owner(house, actor, &target, port.as_ref()).await?;
        let permit = Permit::mint(target, Arc::clone(actor), numbers);
        Ok(Authorized { permit, port, house: Arc::clone(house), held: Rights::MANAGE })
    }

    fn open<T: Resource>(&self, target: T) -> Result<Authorized<T, Manage>> {
        let house = &self.session.house;
        let port = target.port(house)?;
        let permit = Permit::mint(target, Arc::clone(&self.session.actor), None);
        Ok(Authorized { permit, port, house: Arc::clone(house), held: Rights::MANAGE })
    }

    pub(crate) fn shared_house(&self) -> Arc<House> {
        Arc::clone(&self.session.house)
    }

    pub(crate) fn house(&self) -> &House {
        &self.session.house
    }

    /// What writes the trail. It opens nothing.
    pub fn session(&self) -> &Session {
        &self.session
    }
}
