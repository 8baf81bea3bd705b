//! `GET /portal/counts`.

use crate::{
    asker::Place,
    causes, date, reply,
    seen::{self, Seen},
};
use http::StatusCode;
use passerelle_core::{
    PortalSession,
    ports::{Latest, Space},
};
use passerelle_net::http::Response;
use serde_json::{Value, json};

/// What a portal's page has room for. A leg that fails is null, and among the causes; one that is not there is null alone.
pub(crate) async fn answer(session: &PortalSession, place: &Place) -> Response {
    let (seen, account) = match (Seen::by(session).await, session.account()) {
        (Ok(seen), Ok(account)) => (seen, account),
        (Err(failing), _) => return causes::refused(&failing, place),
        (_, Err(error)) => return causes::refused(&passerelle_core::Failing::of_sign_on(error), place),
    };
    let at = seen.mail.as_ref().map(|it| it.at).into_iter().chain(seen.files.as_ref().map(|it| it.at)).min();
    let mail = seen.mail.as_ref().and_then(|glance| glance.outcome.as_ref().ok());
    let files = seen.files.as_ref().and_then(|glance| glance.outcome.as_ref().ok());
    let body = json!({
        "institution": account.institution.as_str(),
        "login": account.id.as_str(),
        "at": at.map(date::rfc3339),
        "link": seen::link(place, "/"),
        "mail": mail.map(|latest| mail_of(latest, place)),
        "files": files.map(|space| files_of(space.as_ref(), place)),
        "errorCause": causes::causes(seen.failing(), place.language),
    });
    reply::json(StatusCode::OK, &body, place)
}

fn mail_of(latest: &Latest, place: &Place) -> Value {
    let headers: Vec<Value> = latest
        .headers
        .iter()
        .map(|header| {
            json!({
                "id": seen::id(latest, header),
                "from": {"name": header.from_name, "address": header.from_address},
                "subject": header.subject,
                "date": date::rfc3339(header.received),
                "unread": header.unseen,
                "link": seen::message(place, latest, header),
            })
        })
        .collect();
    json!({
        "unread": latest.status.unseen,
        "total": latest.status.messages,
        "link": seen::link(place, "/#mail"),
        "headers": headers,
        "unreadable": latest.unreadable,
        "quota": latest.room.map(|room| json!({"used": room.used, "limit": room.limit})),
    })
}

fn files_of(space: Option<&Space>, place: &Place) -> Value {
    let quota = space.map(|space| json!({"used": space.used, "limit": space.used.saturating_add(space.available)}));
    json!({"link": seen::link(place, "/#files"), "quota": quota})
}
