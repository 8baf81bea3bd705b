//! What changed since a token (RFC 6578).

use crate::{
    answer, ask,
    items::{self, XML},
    place,
};
use passerelle_core::{Error, Result, ports::Since};
use passerelle_fetch::dav::{Link, method};
use passerelle_model::ItemName;
use reqwest::{StatusCode, header::CONTENT_TYPE};

const DOING: &str = "asking for changes";

/// What changed since a state of the server's; everything without one. `None` when the server knows that state no more.
pub(crate) async fn since(link: &Link, collection: &str, state: Option<&str>) -> Result<Option<Since>> {
    let request = link.request(method("REPORT")?, collection)?.header("Depth", "0").header(CONTENT_TYPE, XML);
    let response = link.send(DOING, request.body(ask::changes(state.unwrap_or_default()))).await?;
    match response.status() {
        StatusCode::MULTI_STATUS => {}
        StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED => return Err(link.refused(DOING, response.status())),
        // RFC 6578 §3.2 `DAV:valid-sync-token`: 403 or, as RFC 3253 §1.6 has it, 409. Some servers say 400 or 410.
        status if state.is_some() && status.is_client_error() => return Ok(None),
        // RFC 3253 §3.6 `DAV:supported-report`.
        StatusCode::FORBIDDEN
        | StatusCode::METHOD_NOT_ALLOWED
        | StatusCode::NOT_IMPLEMENTED
        | StatusCode::BAD_REQUEST => {
            return Err(Error::Unsupported { what: "telling changes" });
        }
        other => return Err(link.refused(DOING, other)),
    }
    let answer = answer::read(link, DOING, response).await?;
    let Some(state) = answer.sync_token else {
        return Err(Error::unavailable(link.name(), DOING, "the answer has no token"));
    };
    let mut since = Since { changed: Vec::new(), gone: Vec::new(), state, more: false };
    for told in &answer.places {
        if place::is_at(collection, &told.href) {
            // RFC 6578 §3.6
            since.more |= told.status == Some(507);
            continue;
        }
        match (told.status, place::name_below(collection, &told.href).and_then(|name| ItemName::parse(&name).ok())) {
            (Some(404 | 410), Some(name)) => since.gone.push(name),
            _ => since.changed.extend(items::listed(link, DOING, collection, told)?),
        }
    }
    Ok(Some(since))
}
