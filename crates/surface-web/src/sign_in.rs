//! Signing in and out.

use crate::{face::Face, form::Form, respond};
use askama::Template;
use http::{StatusCode, Uri, header};
use passerelle_core::{Door, Errand, Error, Manage, Result, Session, Visit, WEB_SESSION, Way};
use passerelle_model::{AccountRef, Login, RealmId, Secret};
use passerelle_net::http::{Exchange, Response, own_page, session_cookies_for};
use passerelle_observe::{LoginAccepted, LoginRefused, emit};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What asks a provider to make sure once more who it is.
const RENEW: &str = "&renew=true";
/// The page of who has signed out.
pub(crate) const SIGNED_OUT: &str = "/login?signed=out";

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page<'a> {
    face: &'a Face,
    next: &'a str,
    login: &'a str,
    problem: Option<&'static str>,
    notice: Option<&'static str>,
    ways: Vec<Button>,
    takes_passwords: bool,
}

/// A provider to sign on at.
struct Button {
    address: String,
    text: String,
}

#[derive(Template)]
#[template(path = "leave.html")]
struct Leave<'a> {
    face: &'a Face,
    to: &'a str,
}

/// The sign-in page, also for who comes back from a provider that could not say who they are, or has signed out.
pub(crate) fn page(door: &Door, face: &Face, exchange: &Exchange) -> Response {
    let query = exchange.uri().query().unwrap_or_default();
    let parameter = |name: &str| {
        let found = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        percent_decode_str(found.unwrap_or_default()).decode_utf8_lossy()
    };
    let (status, problem) = match parameter("problem").as_ref() {
        "refused" => (StatusCode::UNAUTHORIZED, Some("sign-on-refused")),
        "unknown" => (StatusCode::FORBIDDEN, Some("sign-on-unknown")),
        "stray" => (StatusCode::FORBIDDEN, Some("sign-on-stray")),
        "unavailable" => (StatusCode::SERVICE_UNAVAILABLE, Some("sign-on-unavailable")),
        _ => (StatusCode::OK, None),
    };
    let notice = match (parameter("signed").as_ref(), parameter("again").as_ref()) {
        ("out", _) => Some("signed-out"),
        (_, "1") => Some("sign-in-again"),
        _ => None,
    };
    let next = parameter("next");
    let mut page = sign_in_page(door, face, exchange.host(), own_page(&next));
    if notice == Some("sign-in-again") {
        page.ways.iter_mut().for_each(|way| way.address += RENEW);
    }
    respond::page(status, &Page { problem, notice, ..page }, face)
}

fn sign_in_page<'a>(door: &Door, face: &'a Face, host: Option<&str>, next: &'a str) -> Page<'a> {
    let ways = door.ways_in(host);
    let button = |realm: &RealmId, way: Way| {
        let written = way.label.get(face.language).or_else(|| way.label.values().next());
        Button {
            address: way_address(&way, realm, next),
            text: written.cloned().unwrap_or_else(|| face.say(&format!("way-{}", way.kind))),
        }
    };
    let takes_passwords = ways.as_ref().is_none_or(|ways| ways.takes_passwords);
    let ways = ways.map(|ways| ways.providers.into_iter().map(|way| button(&ways.realm, way)).collect());
    let ways = ways.unwrap_or_default();
    Page { face, next, login: "", problem: None, notice: None, ways, takes_passwords }
}

fn way_address(way: &Way, realm: &RealmId, next: &str) -> String {
    format!("/{}/{realm}/login?next={}", way.kind, utf8_percent_encode(next, NON_ALPHANUMERIC))
}

/// Where to sign in and come back from, for who is nobody yet.
pub(crate) fn address(door: &Door, host: Option<&str>, asked: &Uri) -> String {
    address_before(door, host, asked.path_and_query().map_or("/", |asked| asked.as_str()))
}

/// Where to sign in and go on from: at the provider, where there is no other way.
pub(crate) fn address_before(door: &Door, host: Option<&str>, next: &str) -> String {
    if let Some(ways) = door.ways_in(host)
        && !ways.takes_passwords
        && let [only] = ways.providers.as_slice()
    {
        return way_address(only, &ways.realm, next);
    }
    match next {
        "/" => "/login".to_owned(),
        next => format!("/login?next={}", utf8_percent_encode(next, NON_ALPHANUMERIC)),
    }
}

/// Where to sign in once more, though one is signed in, to come back to a page of ours.
pub(crate) fn afresh(door: &Door, host: Option<&str>, next: &str) -> String {
    if let Some(ways) = door.ways_in(host)
        && !ways.takes_passwords
        && let [only] = ways.providers.as_slice()
    {
        return way_address(only, &ways.realm, next) + RENEW;
    }
    format!("/login?next={}&again=1", utf8_percent_encode(next, NON_ALPHANUMERIC))
}

/// Takes login and password. A form from elsewhere could sign a victim on as somebody else, so the Origin must be ours.
pub(crate) async fn sign_in(door: &Door, exchange: Exchange, face: &Face) -> Response {
    let id = exchange.id.clone();
    if !exchange.is_same_origin() || !exchange.may_log_in {
        return respond::failed(face, &id, &Error::Forbidden);
    }
    let (address, framed) = (exchange.peer.ip(), exchange.is_framed());
    let host = exchange.host().map(str::to_owned);
    let form = match Form::read(exchange.body).await {
        Ok(form) => form,
        Err(error) => return respond::failed(face, &id, &error),
    };
    let again = |status, problem| {
        let page = sign_in_page(door, face, host.as_deref(), own_page(form.text("next")));
        respond::page(status, &Page { login: form.text("login"), problem: Some(problem), ..page }, face)
    };
    let refused = |reason| emit(LoginRefused { surface: crate::NAME, address, reason });
    let Ok(login) = Login::parse(form.text("login").trim().as_bytes()) else {
        refused("malformed");
        return again(StatusCode::BAD_REQUEST, "sign-in-limit");
    };
    let visit = Visit { host: host.as_deref(), from: address, errand: Errand::Web };
    match begin(door, &login, &form.secret("password"), visit).await {
        Ok((session, cookie)) => {
            if let Ok(institution) = session.institution() {
                emit(LoginAccepted { institution: &institution.id, surface: crate::NAME, address });
            }
            with_cookie(respond::see_other(own_page(form.text("next"))), &cookie, WEB_SESSION, framed)
        }
        Err(Error::Unauthenticated) => {
            refused("credentials");
            again(StatusCode::UNAUTHORIZED, "sign-in-wrong")
        }
        Err(Error::Forbidden) => {
            refused("institution");
            again(StatusCode::FORBIDDEN, "sign-on-stray")
        }
        Err(Error::TooMany { seconds }) => {
            refused("too-many");
            let mut response = again(StatusCode::TOO_MANY_REQUESTS, "sign-in-wait");
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            response
        }
        Err(error @ Error::Unavailable { .. }) => {
            refused("unavailable");
            passerelle_observe::emit(passerelle_observe::BackendFault {
                surface: crate::NAME,
                chain: &error.chain(),
                request: &id,
            });
            again(StatusCode::SERVICE_UNAVAILABLE, "sign-in-unavailable")
        }
        Err(error) => respond::failed(face, &id, &error),
    }
}

async fn begin(door: &Door, login: &Login, password: &Secret, visit: Visit<'_>) -> Result<(Session, String)> {
    let session = door.begin_web(door.login(login, password, visit).await?)?;
    let cookie = session.seal()?;
    Ok((session, cookie))
}

/// Ends this session, or everything of the person's; and the one at the provider, where the browser is sent.
pub(crate) async fn sign_out(session: &Session, exchange: Exchange, face: &Face) -> Result<Response> {
    let origin = exchange.origin();
    let form = Form::read_own(exchange.body, session).await?;
    let leave = end(session, origin, form.text("everywhere") == "1").await?;
    let response = match leave {
        // By a page and not by a redirect: to the browser that would be a form sent elsewhere (CSP3 §4.2.2).
        Some(to) => respond::page(StatusCode::OK, &Leave { face, to: &to }, face),
        None => respond::see_other(SIGNED_OUT),
    };
    Ok(with_cookie(response, "", 0, false))
}

/// Ends this session, or everything of the person's. Where the browser goes to end the one at the provider, if it is to.
pub(crate) async fn end(session: &Session, origin: Option<String>, everywhere: bool) -> Result<Option<String>> {
    let leave = match origin {
        // A provider that is down must not keep anybody in.
        Some(origin) => session.leave(&format!("{origin}{SIGNED_OUT}")).await.unwrap_or_default(),
        None => None,
    };
    if everywhere {
        let account = session.principal()?.account().clone();
        session.open::<_, Manage>(AccountRef(account)).await?.end_everything().await?;
    }
    session.end().await?;
    Ok(leave)
}

pub(crate) fn with_cookie(mut response: Response, value: &str, seconds: i64, framed: bool) -> Response {
    for cookie in session_cookies_for(value, seconds, framed).into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
