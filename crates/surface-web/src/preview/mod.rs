//! Previews of files: a small picture (`size=256`) or the beginning of a text (`as=text`), for whoever may read the file.
//!
//! A picture is made of what people uploaded and is nothing of theirs but pixels; text is told as text, whatever it is. Neither
//! SVG nor HTML is ever rendered. Who may not read learns what who asks for nothing learns.

mod picture;
mod text;

pub(crate) use picture::Pictures;

use crate::{face::Face, link, listing, respond};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER},
};
use passerelle_core::{Door, Error, Read, Result, Session, ports::NodeKind};
use passerelle_draw::SIZES;
use passerelle_model::NodeRef;
use passerelle_net::http::{Exchange, Response, body_of, empty};

/// When a client may ask again for a picture that too many wait for, in seconds.
const RETRY: HeaderValue = HeaderValue::from_static("5");

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// A picture whose longer side has so many pixels.
    Picture(u32),
    /// The beginning of a text.
    Text,
}

/// Why there is no preview.
enum Refused {
    Gate(Error),
    /// Another asked for the same picture at the same time, and this is what became of it.
    Shared(std::sync::Arc<Refused>),
    /// It is of no kind that is shown so.
    Kind,
    /// It is, but cannot be shown: broken, too large, hostile.
    Undrawable,
    /// Too many pictures are drawn.
    Busy,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Gate(error)
    }
}

/// A preview for somebody who has signed on: the query names the place as those of the pages do.
pub(crate) async fn own(pictures: &Pictures, session: &Session, exchange: &Exchange, face: &Face) -> Response {
    let shown = async {
        let node = listing::asked(session, exchange.uri().query())?;
        preview(pictures, session, node, exchange).await
    };
    shown.await.unwrap_or_else(|refused| refused.answer(face, &exchange.id))
}

/// A preview for whoever holds a link that lets them read.
pub(crate) async fn by_link(pictures: &Pictures, door: &Door, exchange: &Exchange, face: &Face) -> Response {
    let shown = async {
        let session = exchange.link_session(door, link::token_of(exchange)?, None).await?;
        let node = listing::asked_below(link::root(&session)?, exchange.uri().query())?;
        preview(pictures, &session, node, exchange).await
    };
    shown.await.unwrap_or_else(|refused| refused.answer(face, &exchange.id))
}

async fn preview(
    pictures: &Pictures,
    session: &Session,
    node: NodeRef,
    exchange: &Exchange,
) -> std::result::Result<Response, Refused> {
    let handle = session.open::<_, Read>(node).await?;
    let found = handle.stat_for_picture().await?;
    // What is asked for is judged behind the gate: whether something is there is told by no other answer.
    let wanted = wanted(exchange.uri().query())?;
    if found.kind == NodeKind::Folder {
        return Err(Refused::Kind);
    }
    let tag = match wanted {
        Wanted::Picture(size) => format!("\"{}-{size}\"", found.etag.as_str()),
        Wanted::Text => format!("\"{}-text\"", found.etag.as_str()),
    };
    if is_known(exchange.headers(), &tag) {
        return Ok(described(StatusCode::NOT_MODIFIED, &tag));
    }
    let mut response = described(StatusCode::OK, &tag);
    match wanted {
        Wanted::Picture(size) => {
            let picture = pictures.picture(&handle, &found, size, session).await?;
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(picture.media_type));
            *response.body_mut() = body_of(picture.octets.clone());
        }
        Wanted::Text => {
            let text = text::beginning(&handle, &found).await?.ok_or(Refused::Kind)?;
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
            headers.insert(text::EXTENT, HeaderValue::from_static(if text.is_cut { "cut" } else { "whole" }));
            *response.body_mut() = body_of(text.text);
        }
    }
    // A picture may take seconds.
    session.check_in_force()?;
    Ok(response)
}

/// `size=` one of the sizes, or `as=text`.
fn wanted(query: Option<&str>) -> Result<Wanted> {
    let field = |wanted: &str| {
        let mut fields = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        fields.find(|(name, _)| name == wanted).map(|(_, value)| value)
    };
    match (field("size"), field("as")) {
        (Some(size), None) => match size.parse() {
            Ok(size) if SIZES.contains(&size) => Ok(Wanted::Picture(size)),
            _ => Err(Error::invalid("no size of a picture")),
        },
        (None, Some(kind)) if kind == "text" => Ok(Wanted::Text),
        _ => Err(Error::invalid("neither a size nor text")),
    }
}

/// RFC 9110 §13.1.2, by weak comparison.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = values.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

/// What goes with every preview: nobody else may keep it, it is asked for again, and nothing in it runs.
fn described(status: StatusCode, tag: &str) -> Response {
    let mut response = http::Response::new(empty());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.extend(HeaderValue::from_str(tag).ok().map(|tag| (ETAG, tag)));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    response
}

impl Refused {
    fn answer(&self, face: &Face, id: &str) -> Response {
        match self {
            Self::Gate(error) => respond::failed(face, id, error),
            Self::Shared(refused) => refused.answer(face, id),
            Self::Kind => respond::plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "no preview of this kind of file"),
            Self::Undrawable => respond::plain(StatusCode::UNPROCESSABLE_ENTITY, "this file cannot be shown"),
            Self::Busy => {
                let mut response = respond::plain(StatusCode::SERVICE_UNAVAILABLE, "too many previews at once");
                response.headers_mut().insert(RETRY_AFTER, RETRY);
                response
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn what_is_asked_for() {
        for (query, expected) in [
            (Some("owner=a&folder=b&size=256"), Some(Wanted::Picture(256))),
            (Some("size=96"), Some(Wanted::Picture(96))),
            (Some("as=text"), Some(Wanted::Text)),
            (Some("size=257"), None),
            (Some("size=-1"), None),
            (Some("size=99999999999999999999"), None),
            (Some("size=256&as=text"), None),
            (Some("as=html"), None),
            (None, None),
        ] {
            assert_eq!(wanted(query).ok(), expected, "{query:?}");
        }
    }

    #[test]
    fn tags_that_are_known() {
        for (value, known) in [
            ("\"a-256\"", true),
            ("W/\"a-256\"", true),
            ("\"b\", \"a-256\"", true),
            ("*", true),
            ("\"a-512\"", false),
            ("a-256", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, HeaderValue::from_str(value).unwrap());
            assert_eq!(is_known(&headers, "\"a-256\""), known, "{value}");
        }
        assert!(!is_known(&HeaderMap::new(), "\"a-256\""));
    }
}
