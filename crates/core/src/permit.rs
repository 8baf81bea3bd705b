//! The proof that somebody may do something to something.

use crate::{
    Actor, Delegation, Tie,
    rights::{Allows, Right},
};
use passerelle_model::{Account, NodeRef, PosixIds};
use std::{fmt, marker::PhantomData, sync::Arc};

/// Proof that `actor` may do `R` to `target`. The target travels inside, so that an adapter cannot be asked to act on
/// anything but what was decided. No `Clone`, no `Default`, no public constructor; none exists before the decision.
pub struct Permit<T, R> {
    target: Arc<T>,
    actor: Arc<Actor>,
    owner: Option<Arc<PosixIds>>,
    tie: Option<Arc<Tie>>,
    right: PhantomData<fn() -> R>,
}

impl<T, R: Right> Permit<T, R> {
    /// Only the gate calls this: for what it has decided, and for its own look at what it is to decide on.
    pub(crate) fn mint(target: T, actor: Arc<Actor>, owner: Option<PosixIds>) -> Self {
        Self { target: Arc::new(target), actor, owner: owner.map(Arc::new), tie: None, right: PhantomData }
    }

    /// The same, which says when what it was decided for ends.
    pub(crate) fn tied(self, tie: Tie) -> Self {
        Self { tie: Some(Arc::new(tie)), ..self }
    }

    /// When what an adapter keeps of this beyond its use, such as a connection, has to go; `None` where nothing may be kept.
    pub fn tie(&self) -> Option<&Arc<Tie>> {
        self.tie.as_ref()
    }

    /// What was decided on.
    pub fn target(&self) -> &T {
        &self.target
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// By what numbers the target's owner is known; only for stores that act as the owner.
    pub fn owner_numbers(&self) -> Option<&Arc<PosixIds>> {
        self.owner.as_ref()
    }

    /// The same actor's proof for a place that the gate keeps for itself in the same tree, or that what was decided on is kept in.
    pub(crate) fn kept_at<Place, Other: Right>(&self, target: Place) -> Permit<Place, Other> {
        Permit {
            target: Arc::new(target),
            actor: Arc::clone(&self.actor),
            owner: self.owner.clone(),
            tie: self.tie.clone(),
            right: PhantomData,
        }
    }

    /// The actor, for a permit that the gate mints for its own look at something else.
    pub(crate) fn actor_shared(&self) -> Arc<Actor> {
        Arc::clone(&self.actor)
    }

    /// What the adapter may use at the last hop when it acts for this person on their own things.
    pub fn delegation(&self) -> &Delegation {
        match self.actor.as_ref() {
            Actor::Person(principal) => principal.delegation(),
            Actor::Link(_) | Actor::ApiClient(_) | Actor::System(_) => &Delegation::None,
        }
    }

    /// The same proof for less. Strengthening does not exist.
    pub fn narrow<Less: Right>(&self) -> Permit<T, Less>
    where
        R: Allows<Less>,
    {
        Permit {
            target: Arc::clone(&self.target),
            actor: Arc::clone(&self.actor),
            owner: self.owner.clone(),
            tie: self.tie.clone(),
            right: PhantomData,
        }
    }
}

impl<R: Right> Permit<NodeRef, R> {
    /// The account whose own password or token opens these files at a store without a service account: the owner's, when
    /// the owner acts; in a space that of whoever acts, if they are of the space's institution. Nobody else's is ever shown to
    /// the store.
    pub fn own_account(&self) -> Option<&Account> {
        let (owner, account) = (&self.target.owner, self.actor.account()?);
        let in_space = owner.id.space().is_some() && owner.institution == account.institution;
        (account == owner || in_space).then_some(account)
    }
}

impl<T: fmt::Debug, R> fmt::Debug for Permit<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Permit").field(&self.target).finish()
    }
}
