//! `/s/<token>/calendar.ics`: a published calendar for programs that come back for it (RFC 5545, RFC 7986 §5.7).

use super::{calendar::title, calendar_of, token_of};
use crate::{face::Face, respond};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use passerelle_core::{Door, Error, Result};
use passerelle_exchange::{Feed, Publication};
use passerelle_net::http::{Exchange, Response, challenge, empty, set_media_headers, stream_of};

/// What the file is called that a browser keeps.
const NAME: &str = "calendar.ics";

/// The calendar, or that it is the one that is known.
pub(crate) async fn calendar(door: &Door, exchange: Exchange, face: &Face) -> Response {
    match told(door, &exchange, face).await {
        Ok(response) => response,
        // A program asks its user for the password so.
        Err(Error::Unauthenticated) => challenge(&face.name),
        Err(error) => respond::failed(face, &exchange.id, &error),
    }
}

async fn told(door: &Door, exchange: &Exchange, face: &Face) -> Result<Response> {
    let session = exchange.link_session(door, token_of(exchange)?, None).await?;
    let face = face.of_session(&session)?;
    let at = calendar_of(&session).ok_or(Error::NotFound)?;
    let publication = Publication::open(&session, at, face.say("published-busy")).await?;
    let name = title(&session, &face, &publication);
    let Feed { tag, octets } = publication.feed(&name).await?;
    let is_known = is_known(exchange.headers(), &tag);
    let mut response =
        http::Response::new(if is_known || exchange.method() == Method::HEAD { empty() } else { stream_of(octets) });
    let headers = response.headers_mut();
    set_media_headers(headers, NAME);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8"));
    // Weak: what is written in between is sent, and told by the next tag (RFC 9110 §8.8.1).
    if let Ok(tag) = HeaderValue::from_str(&format!("W/\"{tag}\"")) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language, Authorization, Cookie"));
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    Ok(response)
}

/// Whether a program has what this tag is of (RFC 9110 §13.1.2: by weak comparison).
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let tags = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    tags.flat_map(|all| all.split(','))
        .map(str::trim)
        .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one).trim_matches('"') == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &'static str, expected: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static(value));
        assert_eq!(is_known(&headers, "abc"), expected, "{value}");
    }

    #[test]
    fn a_tag_that_is_known() {
        check("W/\"abc\"", true);
        check("\"abc\"", true);
        check("\"x\", W/\"abc\"", true);
        check("*", true);
        check("\"abcd\"", false);
        check("", false);
    }
}
