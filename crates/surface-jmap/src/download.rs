//! Downloads (RFC 8620 §6.2): a message, or a part of it without its transfer encoding, as a stream.

use crate::{
    answer,
    blob::Blob,
    desk::Desk,
    error::BadRequest,
    limits::{Crowd, Doing, Place},
};
use futures::StreamExt;
use http::{HeaderValue, StatusCode, header};
use passerelle_core::{Error, Result, Session};
use passerelle_net::http::{Exchange, Response, stream_of};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::collections::BTreeMap;

/// `attr-char` (RFC 8187 §3.2.1).
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(crate) async fn send(session: &Session, crowd: &Crowd, exchange: &Exchange) -> Response {
    let who = match session.principal() {
        Ok(principal) => principal.account().clone(),
        Err(error) => return answer::refused(&error, &exchange.id),
    };
    let Some(place) = crowd.enter(&who, Doing::Downloads) else {
        return answer::bad(&BadRequest::crowded(Doing::Downloads));
    };
    match download(session, exchange, place).await {
        Ok(response) => response,
        Err(error) => answer::refused(&error, &exchange.id),
    }
}

async fn download(session: &Session, exchange: &Exchange, place: Place) -> Result<Response> {
    let path = exchange.uri().path().trim_start_matches("/jmap/download/");
    let mut words = path.splitn(3, '/');
    let (Some(account), Some(blob), Some(name)) = (words.next(), words.next(), words.next()) else {
        return Err(Error::NotFound);
    };
    let mut desk = Desk::new(session, &exchange.id, BTreeMap::new());
    if !desk.goes_to(account).await? {
        return Err(Error::NotFound);
    }
    let blob = Blob::find(&mut desk, blob).await?;
    desk.leave();
    // The place is taken until the last octet is sent.
    let octets = blob.decoded().await?.map(move |piece| {
        let _taken = &place;
        piece
    });
    let mut response = http::Response::new(stream_of(octets.boxed()));
    let name = percent_decode_str(name).decode_utf8_lossy().replace(char::is_control, "");
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, wanted_type(exchange));
    let disposition = format!("attachment; filename*=UTF-8''{}", utf8_percent_encode(&name, PLAIN));
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    // What a blob's id names never changes (RFC 8620 §6). A browser that many people use keeps nothing of what a cookie opened.
    if exchange.headers().contains_key(header::AUTHORIZATION) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, immutable, max-age=31536000"));
    }
    *response.status_mut() = StatusCode::OK;
    Ok(response)
}

/// The type that the client wants it to have (RFC 8620 §6.2); it is an attachment whatever it is.
fn wanted_type(exchange: &Exchange) -> HeaderValue {
    let query = exchange.uri().query().unwrap_or_default();
    let accept = query.split('&').find_map(|pair| pair.strip_prefix("accept="));
    let accept = accept.map(|it| percent_decode_str(it).decode_utf8_lossy().into_owned());
    let is_type =
        |it: &String| it.len() <= 200 && it.contains('/') && it.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    // Nor is it ever what a page of ours could run.
    let runs = |it: &String| ["script", "css", "wasm"].iter().any(|word| it.to_ascii_lowercase().contains(word));
    let value = accept.filter(is_type).filter(|it| !runs(it)).and_then(|it| HeaderValue::from_str(&it).ok());
    value.unwrap_or(HeaderValue::from_static("application/octet-stream"))
}
