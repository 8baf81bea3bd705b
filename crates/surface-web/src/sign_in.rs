//! Signing in and out.

use crate::{face::Face, form::Form, respond};
use askama::Template;
use http::{HeaderValue, StatusCode, Uri, header};
use passerelle_core::{Door, Errand, Error, Manage, Result, Session, WEB_SESSION};
use passerelle_model::{AccountRef, Login, Secret};
use passerelle_net::http::{Exchange, Response, SESSION_COOKIE};
use passerelle_observe::{LoginAccepted, LoginRefused, emit};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use tokio::time::{Instant, sleep_until};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page<'a> {
    face: &'a Face,
    next: &'a str,
    login: &'a str,
    problem: Option<&'static str>,
}

/// The sign-in page.
pub(crate) fn page(face: &Face, exchange: &Exchange) -> Response {
    let query = exchange.uri().query().unwrap_or_default();
    let next = query.split('&').find_map(|pair| pair.strip_prefix("next=")).unwrap_or_default();
    let next = percent_decode_str(next).decode_utf8_lossy();
    respond::page(StatusCode::OK, &Page { face, next: own_page(&next), login: "", problem: None }, face)
}

/// Where to sign in and come back from.
pub(crate) fn address(asked: &Uri) -> String {
    match asked.query() {
        Some(query) => format!("/login?next={}", utf8_percent_encode(&format!("/?{query}"), NON_ALPHANUMERIC)),
        None => "/login".to_owned(),
    }
}

/// Takes login and password. A form from elsewhere could sign a victim on as somebody else, so the Origin must be ours.
pub(crate) async fn sign_in(door: &Door, exchange: Exchange, face: &Face) -> Response {
    let id = exchange.id.clone();
    if !exchange.is_same_origin() || !exchange.may_log_in {
        return respond::failed(face, &id, &Error::Forbidden);
    }
    let (address, refusal) = (exchange.peer.ip(), exchange.refusal);
    let host = exchange.host().map(str::to_owned);
    let form = match Form::read(exchange.body).await {
        Ok(form) => form,
        Err(error) => return respond::failed(face, &id, &error),
    };
    let again = |status, problem| {
        let page = Page { face, next: own_page(form.text("next")), login: form.text("login"), problem: Some(problem) };
        respond::page(status, &page, face)
    };
    let refused = |reason| emit(LoginRefused { surface: crate::NAME, address, reason });
    let Ok(login) = Login::parse(form.text("login").trim().as_bytes()) else {
        refused("malformed");
        return again(StatusCode::BAD_REQUEST, "sign-in-limit");
    };
    let until = Instant::now().checked_add(refusal).unwrap_or_else(Instant::now);
    match begin(door, &login, &form.secret("password"), host.as_deref()).await {
        Ok((session, cookie)) => {
            if let Ok(institution) = session.institution() {
                emit(LoginAccepted { institution: &institution.id, surface: crate::NAME, address });
            }
            with_cookie(respond::see_other(own_page(form.text("next"))), &cookie, WEB_SESSION)
        }
        Err(Error::Unauthenticated) => {
            refused("credentials");
            sleep_until(until).await;
            again(StatusCode::UNAUTHORIZED, "sign-in-wrong")
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

async fn begin(door: &Door, login: &Login, password: &Secret, host: Option<&str>) -> Result<(Session, String)> {
    let session = door.begin_web(door.login(login, password, host, Errand::Web).await?)?;
    let cookie = session.seal()?;
    Ok((session, cookie))
}

/// Ends this session, or everything of the person's.
pub(crate) async fn sign_out(session: &Session, exchange: Exchange) -> Result<Response> {
    let form = Form::read_own(exchange.body, session).await?;
    if form.text("everywhere") == "1" {
        let account = session.principal()?.account().clone();
        session.open::<_, Manage>(AccountRef(account)).await?.end_everything().await?;
    }
    session.end().await?;
    Ok(with_cookie(respond::see_other("/login"), "", 0))
}

/// Only a page of our own may come next: a path, and none that a browser reads as another host.
fn own_page(next: &str) -> &str {
    let own = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n']);
    if own { next } else { "/" }
}

fn with_cookie(mut response: Response, value: &str, seconds: i64) -> Response {
    let cookie = format!("{SESSION_COOKIE}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_come_next() {
        for bad in ["https://evil.test/", "//evil.test", "/\\evil.test", "", "javascript:1", "/\r\nSet-Cookie: a=b"] {
            assert_eq!(own_page(bad), "/", "{bad}");
        }
        assert_eq!(own_page("/?folder=a"), "/?folder=a");
    }
}
