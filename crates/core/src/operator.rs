//! Whoever runs the program at the machine, with its settings and its database: the one who may act in an institution's
//! name without signing on. A surface has neither and cannot become one.

use crate::{
    Actor, Authorized, Clock, HouseParts, Manage, Resource, Result, Session,
    house::{self, House},
    overlay,
    permit::Permit,
    ports::state::State,
    watch::Withdrawn,
};
use passerelle_model::{InstitutionId, InstitutionRef, Rights};
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
        let house = Arc::new(House::new(parts, &values, state, withdrawn, clock, (house::rows(), Arc::default())));
        Ok(Self { session: Session { actor: Arc::new(Actor::System(job)), house, web: None } })
    }

    /// An institution, to be administered.
    ///
    /// # Errors
    /// `NotFound` when there is none of this id.
    pub fn administer(&self, institution: &InstitutionId) -> Result<Authorized<InstitutionRef, Manage>> {
        let house = &self.session.house;
        let target = InstitutionRef(institution.clone());
        let port = target.port(house)?;
        let permit = Permit::mint(target, Arc::clone(&self.session.actor), None);
        Ok(Authorized { permit, port, house: Arc::clone(house), held: Rights::MANAGE })
    }

    pub(crate) fn house(&self) -> &House {
        &self.session.house
    }

    /// What writes the trail. It opens nothing.
    pub fn session(&self) -> &Session {
        &self.session
    }
}
