//! Pictures that a message shows from elsewhere: the office asks here for them, so that who wrote the message learns neither who
//! reads it nor from where.

use crate::{
    answer,
    error::BadRequest,
    limits::{Crowd, Doing},
};
use http::{HeaderValue, StatusCode, header};
use passerelle_core::{Error, Read, Result, Session, ports::RemoteImage};
use passerelle_model::AccountRef;
use passerelle_net::http::{Exchange, Response};
use percent_encoding::percent_decode_str;

pub(crate) async fn show(session: &Session, crowd: &Crowd, exchange: &Exchange) -> Response {
    // A browser says which page asks, and what for: only a script of ours may make the gateway ask somebody. What a message has in it,
    // a picture or a style, is shown without its reader's consent if it is shown at all.
    for (name, ours) in [("sec-fetch-site", "same-origin"), ("sec-fetch-dest", "empty")] {
        if exchange.headers().get(name).is_some_and(|told| told != ours) {
            return answer::none(StatusCode::FORBIDDEN);
        }
    }
    let who = match session.principal() {
        Ok(principal) => principal.account().clone(),
        Err(error) => return answer::refused(&error, &exchange.id),
    };
    let Some(place) = crowd.enter(&who, Doing::Images) else {
        return answer::bad(&BadRequest::crowded(Doing::Images));
    };
    match fetched(session, exchange).await {
        Ok(RemoteImage { media_type, octets }) => {
            let mut response = answer::holding(place, octets);
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
            response
        }
        Err(error) => answer::refused(&error, &exchange.id),
    }
}

async fn fetched(session: &Session, exchange: &Exchange) -> Result<RemoteImage> {
    let query = exchange.uri().query().unwrap_or_default();
    let address = query.split('&').find_map(|pair| pair.strip_prefix("url=")).ok_or(Error::NotFound)?;
    let address = percent_decode_str(address).decode_utf8().map_err(|_other| Error::NotFound)?;
    let own = session.principal()?.account().clone();
    session.open::<_, Read>(AccountRef(own)).await?.remote_image(&address).await
}
