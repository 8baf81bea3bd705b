//! The office: one page for each institution, the files of its program, the worker that starts it without a network, and the
//! document that an HTML message is shown in. What it knows of a person it asks for itself, by the public protocols.

mod files;
mod manifest;

pub(crate) use files::asset;
pub(crate) use manifest::manifest;

use crate::{face::Face, looks::Looks, respond};
use askama::Template;
use http::{HeaderValue, header};
use passerelle_net::http::{Response, body_of, frame_ancestors};

/// What the program of the office may do: our own files and addresses only; pictures of messages come as blobs.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    media-src 'self' blob:; connect-src 'self'; frame-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; \
    form-action 'self'";

/// What the service worker may ask for: nothing but ourselves.
const WORKER_POLICY: &str = "default-src 'none'; connect-src 'self'";

/// What an HTML message may do: look as it wants, and ask nobody for anything, us neither. It is sandboxed even where it is opened by
/// its address.
const MESSAGE_POLICY: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data: blob:; \
    form-action 'none'; base-uri 'none'; frame-ancestors 'self'; \
    sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox";

const MESSAGE_STYLE: &str = include_str!("../../ui/src/frame/message.css");

#[derive(Template)]
#[template(path = "office_head.html")]
struct Head<'a> {
    face: &'a Face,
}

#[derive(Template)]
#[template(path = "office_noscript.html")]
struct WithoutScript<'a> {
    face: &'a Face,
}

/// The page: but for its looks the same for everybody whom the institution knows, so that a browser may keep it for a start without
/// a network. `portals` are those of the host, which may be several institutions'.
pub(crate) fn page(face: &Face, portals: &[String], looks: &Looks) -> Response {
    let page = files::named("index.html").map_or("", |file| std::str::from_utf8(file.octets).unwrap_or_default());
    let head = Head { face }.render().unwrap_or_default();
    let without_script = WithoutScript { face }.render().unwrap_or_default();
    let page = page
        .replace(r#"<html lang="en" dir="ltr">"#, &looks.html(face))
        .replace("<!-- institution -->", &head)
        .replace("<!-- without script -->", &without_script);
    let mut response = respond::with_choice(with_policy(http::Response::new(body_of(page)), portals), face);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

/// The policy, with the portals that may show the office in a frame.
fn with_policy(mut response: Response, portals: &[String]) -> Response {
    if let Ok(policy) = HeaderValue::from_str(&format!("{POLICY}; {}", frame_ancestors(portals))) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The service worker. Asked for again each time, since it decides how old everything else may be.
pub(crate) fn worker() -> Response {
    let octets = files::named("sw.js").map_or(&b""[..], |file| file.octets);
    let mut response = http::Response::new(body_of(octets));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(WORKER_POLICY));
    response
}

/// An empty document; the office writes into it what is left of a message once it was cleaned.
pub(crate) fn message_frame() -> Response {
    let page = format!(
        "<!doctype html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<title>message</title>\n<base target=\"_blank\">\n\
         <style>\n{MESSAGE_STYLE}</style>\n</head>\n<body></body>\n</html>\n"
    );
    let mut response = http::Response::new(body_of(page));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(MESSAGE_POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
