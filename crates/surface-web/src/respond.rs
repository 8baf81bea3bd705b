//! Answers: pages with strict headers, redirects, and the one table from our errors to pages.

use crate::{NAME, face::Face};
use askama::Template;
use http::{HeaderName, HeaderValue, StatusCode, header};
use passerelle_core::{Error, Fault};
use passerelle_net::http::{Response, body_of, empty, frame_ancestors};
use passerelle_observe::{BackendFault, InternalFault, emit};
use passerelle_words::choice_cookie;

/// Nothing from elsewhere, no script; forms go home.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'";

/// Puts on what every answer of the pages carries. `portals` may show it in a frame.
pub(crate) fn with_headers(mut response: Response, secure: bool, portals: &[String]) -> Response {
    let script = if response.extensions().get::<Scripted>().is_some() { "; script-src 'self'" } else { "" };
    let opener = response.extensions().get::<KeepsOpener>().is_some() && !portals.is_empty();
    let policy = format!("{POLICY}{script}; {}", frame_ancestors(portals));
    let headers = response.headers_mut();
    // An image has a stricter policy of its own.
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not no-referrer: browsers would send "Origin: null" with our own forms.
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), if opener { "unsafe-none" } else { "same-origin" }),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// A mark on the two pages that have a script, our own.
#[derive(Clone)]
pub(crate) struct Scripted;

/// A mark on the pages that a window passes which a frame has opened to be signed in: with the link to the frame cut, it could
/// not tell it.
#[derive(Clone)]
pub(crate) struct KeepsOpener;

/// Marks an answer.
pub(crate) fn marked<M: Clone + Send + Sync + 'static>(mut response: Response, mark: M) -> Response {
    response.extensions_mut().insert(mark);
    response
}

/// A rendered page.
pub(crate) fn page(status: StatusCode, template: &impl Template, face: &Face) -> Response {
    match template.render() {
        Ok(html) => {
            let mut response = http::Response::new(body_of(html));
            *response.status_mut() = status;
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(face.language));
            headers.insert(header::VARY, HeaderValue::from_static("Accept-Language, Cookie"));
            with_choice(response, face)
        }
        Err(error) => {
            emit(InternalFault { surface: NAME, chain: &error.to_string(), request: "" });
            plain(StatusCode::INTERNAL_SERVER_ERROR, "the page could not be made")
        }
    }
}

/// Lets the browser keep a language that is chosen on the way to this answer.
pub(crate) fn with_choice(mut response: Response, face: &Face) -> Response {
    response.headers_mut().extend(face.chosen.and_then(choice_cookie).map(|cookie| (header::SET_COOKIE, cookie)));
    response
}

#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    face: &'a Face,
    title: String,
    text: String,
}

fn message(face: &Face, status: StatusCode, title: &str, text: String) -> Response {
    let face = &face.anywhere();
    page(status, &Message { face, title: face.say(title), text }, face)
}

/// What is not there, or not for this person.
pub(crate) fn missing(face: &Face) -> Response {
    message(face, StatusCode::NOT_FOUND, "page-missing-title", face.say("page-missing"))
}

/// The whole table from our errors to pages.
pub(crate) fn failed(face: &Face, id: &str, error: &Error) -> Response {
    match error.fault() {
        Fault::Client => {}
        Fault::Backend => emit(BackendFault { surface: NAME, chain: &error.chain(), request: id }),
        Fault::Gateway => emit(InternalFault { surface: NAME, chain: &error.chain(), request: id }),
    }
    let stale = |status| message(face, status, "page-stale-title", face.say("page-stale"));
    let broken = |status| message(face, status, "page-failed-title", face.say_with("page-failed", "id", id));
    match error {
        Error::NotFound | Error::NoParent => missing(face),
        Error::Forbidden | Error::Unauthenticated => stale(StatusCode::FORBIDDEN),
        Error::Invalid { .. } => stale(StatusCode::BAD_REQUEST),
        Error::TooMany { .. } => stale(StatusCode::TOO_MANY_REQUESTS),
        Error::Conflict | Error::Locked => stale(StatusCode::CONFLICT),
        Error::TooLarge { .. } => stale(StatusCode::PAYLOAD_TOO_LARGE),
        Error::OverQuota => broken(StatusCode::INSUFFICIENT_STORAGE),
        Error::Unsupported { .. } => broken(StatusCode::NOT_IMPLEMENTED),
        Error::Unavailable { .. } | Error::Unsettled { .. } => broken(StatusCode::SERVICE_UNAVAILABLE),
        Error::Internal { .. } => broken(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// The same for whoever this browser's cookie names: no cache in between may give it to another.
pub(crate) fn for_this_browser(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Cookie"));
    response
}

/// Go there by GET (RFC 9110 §15.4.4).
pub(crate) fn see_other(address: &str) -> Response {
    let mut response = http::Response::new(empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let address = HeaderValue::from_str(address).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(header::LOCATION, address);
    response
}

/// A line of text, for what no person sees.
pub(crate) fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = http::Response::new(body_of(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
