//! `/api/calendars/links`: links to a calendar, by which it is published, for whoever manages it.

use super::{
    Answer, Call, Password, end_of, json,
    links::{removed, taken, told},
    shares::link,
};
use crate::giving;
use http::StatusCode;
use passerelle_core::{Authorized, Error, LinkUse, Manage, NewLink, SHORTEST_LINK_PASSWORD, Session};
use passerelle_exchange::named;
use passerelle_model::{CollectionFamily, CollectionRef, LinkId};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    #[serde(default)]
    owner: String,
    name: String,
    #[serde(default)]
    label: String,
    what: String,
    until: Option<String>,
    password: Option<Password>,
}

/// One that there is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    #[serde(default)]
    owner: String,
    name: String,
    id: String,
}

/// The links that there are.
pub(super) async fn list(call: &Call<'_>) -> Answer {
    let session = &call.session;
    let place = open(session, &call.parameter("owner"), &call.parameter("name")).await?;
    let links = giving::links(&place, &place.own_grants().await?, session.now()).await?;
    Ok(json(
        StatusCode::OK,
        &json!({
            "offersLinks": place.offers_links(),
            "longestLinkDays": place.longest_link_days(),
            "shortestPassword": SHORTEST_LINK_PASSWORD,
            "uses": LinkUse::OF_CALENDARS.map(LinkUse::as_str),
            "links": links.iter().map(|kept| link(session, kept)).collect::<Vec<_>>(),
        }),
    ))
}

/// Makes one and tells its address, this once.
pub(super) async fn make(mut call: Call<'_>) -> Answer {
    let new: New = call.body().await?;
    let place = open(&call.session, &new.owner, &new.name).await?;
    let password = new.password.map(|it| it.0).filter(|it| !it.expose().is_empty());
    let made = place
        .make_link(NewLink {
            label: new.label,
            what: LinkUse::parse(&new.what).ok_or(Error::invalid("no such use"))?,
            until: end_of(new.until.as_deref())?,
            password,
            most_downloads: None,
        })
        .await?;
    Ok(told(&call, &made))
}

/// Takes one over from whoever made it.
pub(super) async fn take(call: Call<'_>) -> Answer {
    taken(one(call).await?).await
}

/// Withdraws one.
pub(super) async fn remove(call: Call<'_>) -> Answer {
    removed(one(call).await?).await
}

async fn one(mut call: Call<'_>) -> Answer<(Authorized<CollectionRef, Manage>, LinkId)> {
    let asked: Named = call.body().await?;
    let place = open(&call.session, &asked.owner, &asked.name).await?;
    Ok((place, LinkId::parse(&asked.id).map_err(|_| Error::NotFound)?))
}

async fn open(session: &Session, owner: &str, name: &str) -> Answer<Authorized<CollectionRef, Manage>> {
    Ok(session.open::<_, Manage>(named(session, owner, CollectionFamily::Calendars, name)?).await?)
}
