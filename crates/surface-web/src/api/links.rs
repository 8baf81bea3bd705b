//! `/api/links`: links to a file or folder, for whoever manages it.

use super::{Answer, At, Call, Password, done, end_of, json};
use http::StatusCode;
use passerelle_core::{Authorized, Error, LinkUse, Linkable, MadeLink, Manage, NewLink};
use passerelle_model::{LinkId, NodeRef};
use passerelle_net::http::{Response, link_path};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct New {
    #[serde(default)]
    owner: String,
    path: String,
    #[serde(default)]
    label: String,
    what: String,
    until: Option<String>,
    password: Option<Password>,
    most_downloads: Option<u32>,
}

/// One that there is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    #[serde(default)]
    owner: String,
    path: String,
    id: String,
}

/// Makes one and tells its address, this once.
pub(super) async fn make(mut call: Call<'_>) -> Answer {
    let new: New = call.body().await?;
    let at = At { owner: new.owner, path: new.path };
    let place = call.session.open::<_, Manage>(at.place(&call.session)?).await?;
    let password = new.password.map(|it| it.0).filter(|it| !it.expose().is_empty());
    let made = place
        .make_link(NewLink {
            label: new.label,
            what: LinkUse::parse(&new.what).ok_or(Error::invalid("no such use"))?,
            until: end_of(new.until.as_deref())?,
            password,
            most_downloads: new.most_downloads,
        })
        .await?;
    Ok(told(&call, &made))
}

/// A link that was made, with its address, this once.
pub(super) fn told(call: &Call<'_>, made: &MadeLink) -> Response {
    let origin = call.exchange.origin().unwrap_or_default();
    let address = made.token.expose_str().map(|token| format!("{origin}{}", link_path(token)));
    json(StatusCode::CREATED, &json!({ "id": made.link.id.as_str(), "address": address }))
}

/// Takes one over from whoever made it.
pub(super) async fn take(call: Call<'_>) -> Answer {
    taken(named(call).await?).await
}

/// The same of a link to whatever links lead to.
pub(super) async fn taken<T: Linkable>((place, id): (Authorized<T, Manage>, LinkId)) -> Answer {
    if place.take_link(&id).await? { done() } else { Err(Error::NotFound.into()) }
}

/// Withdraws one.
pub(super) async fn remove(call: Call<'_>) -> Answer {
    removed(named(call).await?).await
}

/// The same of a link to whatever links lead to.
pub(super) async fn removed<T: Linkable>((place, id): (Authorized<T, Manage>, LinkId)) -> Answer {
    if place.remove_link(&id).await? { done() } else { Err(Error::NotFound.into()) }
}

async fn named(mut call: Call<'_>) -> Answer<(Authorized<NodeRef, Manage>, LinkId)> {
    let named: Named = call.body().await?;
    let at = At { owner: named.owner, path: named.path };
    let place = call.session.open::<_, Manage>(at.place(&call.session)?).await?;
    Ok((place, LinkId::parse(&named.id).map_err(|_| Error::NotFound)?))
}
