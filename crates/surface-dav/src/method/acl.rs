//! ACL (RFC 3744 §8.1): who may do what here, set as a whole. It is mapped onto grants; those of links, and what is
//! inherited from above, stay. A grant that a client sends back as it was keeps its end.

use super::xml;
use crate::{
    Body, acl,
    call::Call,
    conditions::Verdict,
    error::{Answer, Refusal, bare},
    guard::{self, Touch},
    place::{Place, Who},
};
use http::StatusCode;
use passerelle_core::{Error, Manage};
use passerelle_model::{Grant, Grantee, NodeRef};

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
    let here = node.target();
    let before: Vec<Grant> =
        handle.grants().await?.into_iter().filter(|known| known.target == here).map(|known| known.grant).collect();
    let mut grants: Vec<Grant> = Vec::new();
    for ace in acl::read(&root)? {
        let Some(to) = grantee(call, &node, &ace.principal)? else { continue };
        if let Some(known) = grants.iter_mut().find(|grant| grant.to == to) {
            known.rights = known.rights.union(ace.rights);
            continue;
        }
        let until = before.iter().find(|known| known.to == to).and_then(|known| known.until);
        let until = until.filter(|until| handle.now() < *until);
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
fn grantee(call: &Call, node: &NodeRef, href: &str) -> Answer<Option<Grantee>> {
    let unknown = || Refusal::Condition(StatusCode::FORBIDDEN, "recognized-principal");
    let Ok(Place::Principal(who)) = call.place_of(href) else { return Err(unknown()) };
    match who {
        Who::Account(name) => {
            let account = call.session.account_named(&name).ok_or_else(unknown)?;
            Ok((account != node.owner).then_some(Grantee::Account(account)))
        }
        Who::Group(group) => Ok(Some(Grantee::Group(group))),
        Who::Institution(institution) => Ok(Some(Grantee::Institution(institution))),
        Who::Link(_) => Err(unknown()),
    }
}
