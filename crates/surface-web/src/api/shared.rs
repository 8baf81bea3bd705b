//! `GET /api/shared-by-me` and `GET /api/shared-with-me`: what a person shares, and what others share with them, the spaces too.

use super::{Answer, Call, json, moment, people, shares};
use crate::{
    giving, search,
    shared::{State, places},
};
use http::StatusCode;
use passerelle_core::{Result, Session};
use passerelle_model::Account;
use serde_json::{Value, json};

pub(super) async fn by_me(call: &Call<'_>) -> Answer {
    Ok(json(StatusCode::OK, &shared_by(&call.session).await?))
}

/// What the person shares.
pub(super) async fn shared_by(session: &Session) -> Result<Value> {
    let (places, more) = places(session).await?;
    let names = people::names(session, shares::accounts(places.iter().flat_map(|(it, _)| &it.grants))).await?;
    let places: Vec<Value> = places
        .iter()
        .map(|(shared, state)| {
            let with: Vec<Value> =
                shared.grants.iter().filter_map(|grant| shares::given(session, &names, grant)).collect();
            json!({
                "owner": session.name_of(&shared.node.owner),
                "path": shared.node.path.as_str(),
                "state": match state {
                    State::There => "there",
                    State::Gone => "gone",
                    State::Unknown => "unknown",
                },
                "with": with,
                "links": shared.links.len(),
            })
        })
        .collect();
    Ok(json!({ "places": places, "more": more }))
}

pub(super) async fn with_me(call: &Call<'_>) -> Answer {
    let session = &call.session;
    let shared = session.shared_with_me().await?;
    let owner = |target: &passerelle_model::Target| {
        Some(Account { institution: target.institution.clone(), id: target.owner.clone()? })
    };
    let owners: Vec<Account> = shared.iter().filter_map(|it| owner(&it.target)).collect();
    let names = people::names(session, owners).await?;
    let places: Vec<Value> = shared
        .iter()
        .filter_map(|granted| {
            let account = owner(&granted.target)?;
            let name = names.get(&account).cloned().unwrap_or_else(|| search::whose(session, &call.face, &account));
            Some(json!({
                "owner": session.name_of(&account),
                "ownerName": name,
                "path": granted.target.path,
                "what": giving::word(granted.grant.rights).unwrap_or("other"),
                "until": granted.grant.until.and_then(moment),
            }))
        })
        .collect();
    let spaces: Vec<Value> = session
        .spaces()
        .await?
        .iter()
        .map(|space| {
            let name = session.space_name(space, call.face.language);
            json!({ "owner": session.name_of(space), "name": name })
        })
        .collect();
    Ok(json(StatusCode::OK, &json!({ "places": places, "spaces": spaces })))
}
