//! ACL (RFC 3744 §8.1): who may do what here, set as a whole. It is mapped onto grants; those of links, and what is
//! inherited from above, stay. A grant that a client sends back as it was keeps its end.

use super::xml;
use crate::{
    Body,
    acl::{self, Ace, Of},
    call::Call,
    conditions::Verdict,
    error::{Answer, Refusal, bare},
    guard::{self, Touch},
    place::{Place, Who},
    privilege::About,
};
use http::StatusCode;
use passerelle_core::{Allows, Authorized, Error, Manage, Shareable};
use passerelle_model::{Grant, Grantee};

/// Sets the access list of a file or folder.
pub(super) async fn acl(call: &Call, body: &mut Body) -> Answer {
    let node = call.node()?;
    let root = xml(body).await?.ok_or(StatusCode::BAD_REQUEST)?;
    let (_, seen) = call.look(&node).await?;
    let seen = seen.ok_or(Error::NotFound)?;
    let handle = call.open::<Manage>(&node).await?;
    guard::judge_if(call, Some(&seen)).await?;
    if call.conditions.judge(Some(&seen), false) != Verdict::Holds {
        return Err(StatusCode::PRECONDITION_FAILED.into());
    }
    guard::check_locks(call, &node, Touch::Itself).await?;
    put_in_force(call, &handle, Of::Node(&node), acl::read(&root, About::Things)?).await
}

/// Puts these lines in the place of all that are set here.
pub(crate) async fn put_in_force<T: Shareable, R: Allows<Manage>>(
    call: &Call,
    handle: &Authorized<T, R>,
    of: Of<'_>,
    aces: Vec<Ace>,
) -> Answer {
    let before: Vec<Grant> = handle.own_grants().await?.into_iter().map(|known| known.grant).collect();
    let mut grants: Vec<Grant> = Vec::new();
    for ace in aces {
        let Some(to) = grantee(call, of, &ace.principal)? else { continue };
        if let Some(known) = grants.iter_mut().find(|grant| grant.to == to) {
            known.rights = known.rights.union(ace.rights);
            continue;
        }
        let until = before.iter().find(|known| known.to == to).and_then(|known| known.until);
        let until = until.filter(|until| call.session.now() < *until);
        grants.push(Grant { to, rights: ace.rights, until });
    }
    match handle.share_exactly(&grants).await {
        Err(Error::Forbidden) => Err(Refusal::Condition(StatusCode::FORBIDDEN, "allowed-principal")),
        Err(Error::Invalid { .. }) => Err(Refusal::Condition(StatusCode::FORBIDDEN, "recognized-principal")),
        done => {
            done?;
            Ok(bare(StatusCode::OK))
        }
    }
}

/// Whom a principal's URL means; `None` for the owner, who has everything already.
///
/// # Errors
/// 403 `recognized-principal` for a URL of no principal.
pub(crate) fn grantee(call: &Call, of: Of<'_>, href: &str) -> Answer<Option<Grantee>> {
    let unknown = || Refusal::Condition(StatusCode::FORBIDDEN, "recognized-principal");
    let Ok(Place::Principal(who)) = call.place_of(href) else { return Err(unknown()) };
    match who {
        Who::Account(name) => {
            let account = call.session.account_named(&name).ok_or_else(unknown)?;
            Ok((of.owner().as_ref() != Some(&account)).then_some(Grantee::Account(account)))
        }
        Who::Group(group) => Ok(Some(Grantee::Group(group))),
        Who::Institution(institution) => Ok(Some(Grantee::Institution(institution))),
        Who::Link(_) => Err(unknown()),
    }
}
