//! `/api/shares`: who was given a file or folder, and by what links it is reached. For whoever manages it.

use super::{Answer, At, Call, Refused, done, end_of, json, moment, people};
use crate::giving::{self, KeptLink, Standing};
use http::StatusCode;
use passerelle_core::{
    Error, LinkUse, Manage, SHORTEST_LINK_PASSWORD, Session, ports::NodeKind, ports::state::Granted,
};
use passerelle_model::{Account, Grant, Grantee, Rights};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is given to whom: by `to`, as a search or a list has it, or by the name that somebody typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewShare {
    #[serde(default)]
    owner: String,
    path: String,
    to: Option<String>,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    who: String,
    #[serde(default)]
    at: String,
    what: String,
    until: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OldShare {
    #[serde(default)]
    owner: String,
    path: String,
    to: String,
}

pub(super) async fn list(call: &Call<'_>) -> Answer {
    let (session, node) = (&call.session, call.place()?);
    let place = session.open::<_, Manage>(node.clone()).await?;
    let kind = match place.stat().await {
        Ok(found) if found.kind == NodeKind::Folder => Some("folder"),
        Ok(_) => Some("file"),
        Err(Error::NotFound) => None,
        Err(error) => return Err(error.into()),
    };
    let grants = place.grants().await?;
    let links = giving::links(&place, &grants, session.now()).await?;
    let names = people::names(session, accounts(grants.iter().map(|it| &it.grant))).await?;
    let settled = session.settled_on(&node).into_iter().map(|grant| Granted { target: node.target(), grant });
    let row = |granted: &Granted, settled: bool| {
        let Granted { target, grant } = granted;
        let from = (target.path != node.path.as_str()).then_some(&target.path);
        let mut row = given(session, &names, grant)?;
        let members = row.as_object_mut()?;
        members.insert("from".to_owned(), json!(from));
        members.insert("isSettled".to_owned(), json!(settled));
        members.insert("isOver".to_owned(), json!(grant.until.is_some_and(|until| until <= place.now())));
        Some(row)
    };
    let mut rows: Vec<Value> = settled.filter_map(|granted| row(&granted, true)).collect();
    rows.extend(grants.iter().filter_map(|granted| row(granted, false)));
    Ok(json(
        StatusCode::OK,
        &json!({
            "owner": session.name_of(&node.owner),
            "path": node.path.as_str(),
            "kind": kind,
            "shares": rows,
            "offersLinks": place.offers_links(),
            "longestLinkDays": place.longest_link_days(),
            "shortestPassword": SHORTEST_LINK_PASSWORD,
            "links": links.iter().map(|kept| link(session, kept)).collect::<Vec<_>>(),
        }),
    ))
}

pub(super) async fn share(mut call: Call<'_>) -> Answer {
    let new: NewShare = call.body().await?;
    let at = At { owner: new.owner, path: new.path };
    let place = call.session.open::<_, Manage>(at.place(&call.session)?).await?;
    let rights = giving::rights(&new.what).ok_or(Error::invalid("no such use"))?;
    let to = match &new.to {
        Some(to) => giving::read(to),
        None => giving::named(&call.session, &new.kind, new.who.trim(), &new.at).await?,
    };
    let grant = Grant { to: to.ok_or(Refused::Nobody)?, rights, until: end_of(new.until.as_deref())? };
    match place.share(&grant).await {
        Ok(()) => {
            let names = people::names(&call.session, accounts(std::iter::once(&grant))).await?;
            Ok(json(StatusCode::CREATED, &given(&call.session, &names, &grant).unwrap_or_default()))
        }
        Err(Error::Invalid { .. }) => Err(Refused::Nobody),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn unshare(mut call: Call<'_>) -> Answer {
    let old: OldShare = call.body().await?;
    let at = At { owner: old.owner, path: old.path };
    let place = call.session.open::<_, Manage>(at.place(&call.session)?).await?;
    let to = giving::read(&old.to).ok_or(Error::NotFound)?;
    if place.unshare(&to).await? { done() } else { Err(Error::NotFound.into()) }
}

/// The people among grantees.
pub(super) fn accounts<'g>(grants: impl Iterator<Item = &'g Grant>) -> Vec<Account> {
    grants
        .filter_map(|grant| match &grant.to {
            Grantee::Account(account) => Some(account.clone()),
            Grantee::Group(_) | Grantee::Institution(_) | Grantee::Link(_) => None,
        })
        .collect()
}

/// What somebody was given; `None` for a link, which has a list of its own.
pub(super) fn given(session: &Session, names: &BTreeMap<Account, String>, grant: &Grant) -> Option<Value> {
    let (kind, name) = match &grant.to {
        Grantee::Account(account) => {
            ("person", names.get(account).cloned().unwrap_or_else(|| session.name_of(account)))
        }
        Grantee::Group(group) => ("group", group.id.to_string()),
        Grantee::Institution(id) => ("everybody", id.to_string()),
        Grantee::Link(_) => return None,
    };
    Some(json!({
        "to": giving::written(&grant.to),
        "kind": kind,
        "name": name,
        "what": what(grant.rights),
        "rights": grant.rights.names().collect::<Vec<_>>(),
        "until": grant.until.and_then(moment),
    }))
}

/// A link; never its token, which nobody has.
pub(super) fn link(session: &Session, kept: &KeptLink) -> Value {
    let KeptLink { link, rights, is_over, standing } = kept;
    json!({
        "id": link.id.as_str(),
        "label": link.label,
        "what": rights.map(|rights| LinkUse::of(rights).map_or("other", LinkUse::as_str)),
        "until": link.until.and_then(moment),
        "isOver": is_over,
        "standing": match standing {
            Standing::Stands => "stands",
            Standing::Fallen => "fallen",
            Standing::Unknown => "unknown",
        },
        "madeBy": session.name_of(&link.made_by),
        "hasPassword": link.password.is_some(),
        "downloads": link.downloads,
        "mostDownloads": link.most_downloads,
    })
}

fn what(rights: Rights) -> &'static str {
    giving::word(rights).unwrap_or("other")
}
