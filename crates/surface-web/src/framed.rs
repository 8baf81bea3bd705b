//! The pages in a portal's frame. On our own site everything works there as it is. On a foreign site a browser sends no cookie along
//! that it got elsewhere: who is signed on at the CAS server is signed in on the way, without a question, and everybody else
//! by a window of our own, which hands its session over to the frame. No password is ever asked for in a frame: nobody sees
//! there whose page it is.

use crate::{face::Face, form::Form, respond, sign_in};
use askama::Template;
use http::{HeaderValue, StatusCode, header};
use passerelle_core::{Door, Error, Session, WEB_SESSION};
use passerelle_net::http::{Exchange, FRAME_COOKIE, Response, SentWith, body_of, cookie_for, own_page};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The provider that can say "nobody is signed on" without asking anybody (CAS §2.1.1, `gateway`).
const ASKS_NOBODY: &str = "cas";
/// What signs in and hands over.
const WINDOW: &str = "/framed/window";
const SCRIPT: &str = include_str!("../assets/framed.js");

#[derive(Template)]
#[template(path = "framed.html")]
struct Page<'a> {
    face: &'a Face,
    next: &'a str,
    refused: bool,
}

#[derive(Template)]
#[template(path = "framed_window.html")]
struct Window<'a> {
    face: &'a Face,
    code: String,
}

/// Whether the answer goes into a frame, and the institution has portals that may have one.
pub(crate) fn is_foreseen(face: &Face, exchange: &Exchange) -> bool {
    !face.look.portals().is_empty() && exchange.is_framed()
}

/// Where a frame goes in which nobody is signed in: to the CAS server, which asks nobody, and from there to [`page`].
pub(crate) fn address(door: &Door, exchange: &Exchange) -> String {
    let asked = exchange.uri().path_and_query().map_or("/", |asked| asked.as_str());
    let framed = format!("/framed?next={}", utf8_percent_encode(asked, NON_ALPHANUMERIC));
    let ways = door.ways_in(exchange.host());
    match ways.as_ref().filter(|ways| ways.providers.iter().any(|way| way.kind == ASKS_NOBODY)) {
        Some(ways) => {
            let next = utf8_percent_encode(&framed, NON_ALPHANUMERIC);
            format!("/{ASKS_NOBODY}/{}/login?gateway=true&next={next}", ways.realm)
        }
        None => framed,
    }
}

/// The way out of [`page`], for who is signed in meanwhile.
pub(crate) fn on(exchange: &Exchange) -> Response {
    respond::see_other(own_page(&next(exchange)))
}

/// A button that opens a window to sign in.
pub(crate) fn page(face: &Face, exchange: &Exchange) -> Response {
    let refused = exchange.uri().query().is_some_and(|query| query.contains("problem="));
    let next = next(exchange);
    let page = respond::page(StatusCode::OK, &Page { face, next: own_page(&next), refused }, face);
    respond::marked(page, respond::Scripted)
}

/// In the window, signed in: it tells the frame that opened it, and nobody else, and closes.
pub(crate) fn window(session: &Session, face: &Face, id: &str) -> Response {
    match session.frame_code() {
        Ok(code) => {
            let page = respond::page(StatusCode::OK, &Window { face, code }, face);
            respond::marked(respond::marked(page, respond::Scripted), respond::KeepsOpener)
        }
        Err(error) => respond::failed(face, id, &error),
    }
}

/// In the window, not signed in.
pub(crate) fn to_sign_in(door: &Door, host: Option<&str>) -> Response {
    respond::marked(respond::see_other(&sign_in::address_before(door, host, WINDOW)), respond::KeepsOpener)
}

/// In the frame: takes the session over. A form from elsewhere could sign a victim on as somebody else, so the Origin is ours.
pub(crate) async fn enter(door: &Door, exchange: Exchange, face: &Face) -> Response {
    let id = exchange.id.clone();
    if !exchange.is_same_origin() || !exchange.may_log_in {
        return respond::failed(face, &id, &Error::Forbidden);
    }
    let entered = async {
        let form = Form::read(exchange.body).await?;
        let session = door.enter_frame(form.text("code")).await?;
        let cookie = cookie_for(FRAME_COOKIE, &session.seal()?, WEB_SESSION, SentWith::ThisFrame);
        let cookie = cookie.ok_or_else(|| Error::internal("setting a cookie", "it can be none"))?;
        Ok((own_page(form.text("next")).to_owned(), cookie))
    };
    match entered.await {
        Ok((next, cookie)) => {
            let mut response = respond::see_other(&next);
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            response
        }
        Err(error) => respond::failed(face, &id, &error),
    }
}

/// The script of both pages.
pub(crate) fn script() -> Response {
    let mut response = http::Response::new(body_of(SCRIPT));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    response
}

fn next(exchange: &Exchange) -> String {
    let query = exchange.uri().query().unwrap_or_default();
    let found = query.split('&').find_map(|pair| pair.strip_prefix("next="));
    percent_decode_str(found.unwrap_or_default()).decode_utf8_lossy().into_owned()
}
