//! The methods, one file each.

pub(crate) mod acl;
mod delete;
mod get;
mod lock;
mod mkcol;
mod patch;
pub(crate) mod propfind;
pub(crate) mod proppatch;
mod put;
mod report;
mod report_principals;
pub(crate) mod sync;
mod transfer;
mod transfer_between;
mod upload;

use crate::{
    Body,
    call::Call,
    collections, directory,
    error::{Answer, Refusal, bare},
    place::Place,
    trays,
    xml::{self, Element},
};
use bytes::Bytes;
use http::{
    HeaderValue, StatusCode,
    header::{ALLOW, CONTENT_LENGTH, HeaderName},
};
use http_body::Body as _;
use http_body_util::BodyExt;
use passerelle_net::http::Response;
use std::time::Duration;
use tokio::time::timeout;

/// What is answered to OPTIONS, and where a method is not for a place.
pub(crate) const ALLOWED: &str = "OPTIONS, GET, HEAD, PUT, POST, DELETE, MKCOL, MKCALENDAR, COPY, MOVE, PROPFIND, PROPPATCH, LOCK, UNLOCK, ACL, REPORT, PATCH";
/// Where something goes (RFC 4918 §10.3).
const DESTINATION: HeaderName = HeaderName::from_static("destination");
/// Largest XML body, in octets.
const LARGEST_XML: usize = 1024 * 1024;
/// How long a client may be silent in the middle of a body.
const SILENCE: Duration = Duration::from_secs(60);

/// Sends a request to its method.
pub(crate) async fn dispatch(call: Call, body: &mut Body) -> Answer {
    let preferences = call.preferences();
    let lists = call.method == "PROPFIND" && call.headers.get("depth").is_some_and(|depth| depth == "1");
    let preferences = if lists { preferences } else { preferences.of_one() };
    let follows = matches!(call.method.as_str(), "PROPFIND" | "PROPPATCH" | "MKCOL" | "MKCALENDAR" | "REPORT");
    let mut response = answer(call, body).await?;
    if follows {
        preferences.tell(&mut response);
    }
    Ok(response)
}

async fn answer(call: Call, body: &mut Body) -> Answer {
    if let Place::Upload { .. } = &call.place {
        return Box::pin(upload::answer(call, body)).await;
    }
    if let Place::Collections(at) = &call.place {
        let at = at.clone();
        return Box::pin(collections::answer(call, at, body)).await;
    }
    if let Place::Trays(at) = &call.place {
        let at = at.clone();
        return Box::pin(trays::answer(call, at, body)).await;
    }
    if let Place::Directory(at) = &call.place {
        let at = at.clone();
        return Box::pin(directory::answer(call, at, body)).await;
    }
    match call.method.as_str() {
        "GET" | "HEAD" => get::get(&call).await,
        "PUT" => Box::pin(put::put(&call, body)).await,
        "DELETE" => Box::pin(delete::delete(&call)).await,
        "MKCOL" => Box::pin(mkcol::mkcol(&call, body)).await,
        "COPY" | "MOVE" => Box::pin(transfer::transfer(&call)).await,
        "PROPFIND" => Box::pin(propfind::propfind(call, body)).await,
        "PROPPATCH" => Box::pin(proppatch::proppatch(&call, body)).await,
        "PATCH" => Box::pin(patch::patch(&call, body)).await,
        "ACL" => Box::pin(acl::acl(&call, body)).await,
        "REPORT" => Box::pin(report::report(call, body)).await,
        "LOCK" => Box::pin(lock::lock(&call, body)).await,
        "UNLOCK" => Box::pin(lock::unlock(&call)).await,
        _ => Err(Refusal::Method),
    }
}

/// What this server can do (RFC 4918 §10.1, §18). The same for every place and for everybody: it says nothing of what is
/// there, but for whether the institution has calendars at all.
pub(crate) fn options(has_calendars: bool) -> Response {
    let mut response = bare(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(
        HeaderName::from_static("dav"),
        HeaderValue::from_static(if has_calendars {
            "1, 2, 3, access-control, extended-mkcol, calendar-access, calendar-auto-schedule, addressbook, calendarserver-sharing, resource-sharing, sabredav-partialupdate"
        } else {
            "1, 2, 3, access-control, extended-mkcol, calendar-access, addressbook, calendarserver-sharing, resource-sharing, sabredav-partialupdate"
        }),
    );
    headers.insert(HeaderName::from_static("ms-author-via"), HeaderValue::from_static("DAV"));
    // RFC 5789 §3.1
    headers.insert(HeaderName::from_static("accept-patch"), HeaderValue::from_static(patch::PARTIAL_UPDATE));
    headers.insert(ALLOW, HeaderValue::from_static(ALLOWED));
    response
}

/// The next piece of a body; `None` at its end, which was a proper one.
///
/// # Errors
/// 408 when the client is silent for too long, 400 when the connection broke: what came so far is no body.
pub(crate) async fn piece(body: &mut Body) -> Answer<Option<Bytes>> {
    loop {
        let frame = timeout(SILENCE, body.frame()).await.map_err(|_| Refusal::Status(StatusCode::REQUEST_TIMEOUT))?;
        match frame {
            None => return Ok(None),
            // Trailers say nothing here.
            Some(Ok(frame)) => {
                if let Ok(octets) = frame.into_data() {
                    return Ok(Some(octets));
                }
            }
            Some(Err(error)) => {
                tracing::debug!(%error, "a body broke off");
                return Err(StatusCode::BAD_REQUEST.into());
            }
        }
    }
}

/// `Content-Length`, where there is one.
fn content_length(call: &Call) -> Answer<Option<u64>> {
    let Some(text) = call.header(CONTENT_LENGTH) else { return Ok(None) };
    Ok(Some(text.parse().map_err(|_| Refusal::Status(StatusCode::BAD_REQUEST))?))
}

/// A body of XML; `None` when it is empty.
pub(crate) async fn xml(body: &mut Body) -> Answer<Option<Element>> {
    if body.size_hint().lower() > u64::try_from(LARGEST_XML).unwrap_or(u64::MAX) {
        return Err(StatusCode::PAYLOAD_TOO_LARGE.into());
    }
    let mut octets = Vec::new();
    while let Some(more) = piece(body).await? {
        if octets.len() + more.len() > LARGEST_XML {
            return Err(StatusCode::PAYLOAD_TOO_LARGE.into());
        }
        octets.extend_from_slice(&more);
    }
    if octets.is_empty() {
        return Ok(None);
    }
    Ok(Some(xml::parse(&octets).map_err(|xml::Malformed| Refusal::Status(StatusCode::BAD_REQUEST))?))
}

/// An entity tag as a header's value.
fn tag(node: &passerelle_core::ports::Node) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("\"{}\"", node.etag.as_str())).ok()
}
