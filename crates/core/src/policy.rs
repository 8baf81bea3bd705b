//! The one decision. Pure: no clock, no I/O. Surfaces map their protocol's rights onto ours and never decide.

use crate::{Actor, Error, Result};
use passerelle_model::{AccountId, Grant, Grantee, GroupRef, InstitutionId, Rights, Timestamp};

/// Who asks, with the groups that matter here: those of the grants that the person was found to be in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asker<'a> {
    pub(crate) actor: &'a Actor,
    pub(crate) groups: &'a [GroupRef],
}

/// Whose thing it is; an institution itself has no owner.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub(crate) institution: &'a InstitutionId,
    pub(crate) account: Option<&'a AccountId>,
    /// The institutions that this one agreed to share with.
    pub(crate) shares_with: &'a [InstitutionId],
}

/// What the asker holds, if it suffices. Whoever may not look up learns nothing: `NotFound`, as if it were not there.
pub(crate) fn decide(
    asker: Asker<'_>,
    owner: Owner<'_>,
    grants: &[Grant],
    needed: Rights,
    now: Timestamp,
) -> Result<Rights> {
    let held = held(asker, owner, grants, now).both(asker.actor.ceiling());
    if held.contains(needed) && !held.is_empty() {
        return Ok(held);
    }
    if held.contains(Rights::LOOKUP) { Err(Error::Forbidden) } else { Err(Error::NotFound) }
}

fn held(asker: Asker<'_>, owner: Owner<'_>, grants: &[Grant], now: Timestamp) -> Rights {
    if owns(asker.actor, owner) {
        return Rights::ALL;
    }
    if !may_meet(asker.actor, owner) {
        return Rights::NONE;
    }
    if let Actor::ApiClient(_) = asker.actor {
        // The institution itself, and nobody's mail or files.
        return if owner.account.is_none() { Rights::MANAGE } else { Rights::NONE };
    }
    grants
        .iter()
        .filter(|grant| grant.until.is_none_or(|until| now < until))
        .filter(|grant| is_for(asker, owner, &grant.to))
        .fold(Rights::NONE, |held, grant| held.union(grant.rights))
}

/// Whether this actor owns it: the same login of the same institution.
pub(crate) fn owns(actor: &Actor, owner: Owner<'_>) -> bool {
    match (actor.account(), owner.account) {
        (Some(account), Some(id)) => account.institution == *owner.institution && account.id == *id,
        _ => false,
    }
}

/// Whether anything of this owner can be anything to this actor: the same institution, or one it agreed to share with.
pub(crate) fn may_meet(actor: &Actor, owner: Owner<'_>) -> bool {
    match actor {
        Actor::Person(person) => {
            person.account.institution == *owner.institution || owner.shares_with.contains(&person.account.institution)
        }
        Actor::Link(_) => true,
        Actor::ApiClient(program) => program.institutions().contains(owner.institution),
        Actor::System(_) => false,
    }
}

/// Whether a grant's grantee is the asker. `owner` matters because a grant to an institution reaches no further than home.
fn is_for(asker: Asker<'_>, owner: Owner<'_>, to: &Grantee) -> bool {
    match (asker.actor, to) {
        (Actor::Person(person), Grantee::Account(account)) => person.account == *account,
        (Actor::Person(person), Grantee::Group(group)) => {
            // A directory's group is for people of its own institution; one of the gateway's joins people of several.
            let reaches = group.institution == person.account.institution || group.id.is_of_gateway();
            reaches && asker.groups.contains(group)
        }
        (Actor::Person(person), Grantee::Institution(institution)) => {
            person.account.institution == *institution && institution == owner.institution
        }
        (Actor::Link(held), Grantee::Link(link)) => held.id == *link,
        (Actor::ApiClient(_) | Actor::System(_), _)
        | (Actor::Person(_), Grantee::Link(_))
        | (Actor::Link(_), Grantee::Account(_) | Grantee::Group(_) | Grantee::Institution(_)) => false,
    }
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
