//! What the browser, or the provider's server, is told.

use crate::{choice, status};
use http::{HeaderName, HeaderValue, StatusCode, header};
use passerelle_core::{Error, Fault, Outcome, Result, SIGN_ON_LASTS, WEB_SESSION, ports::Destination};
use passerelle_net::http::{Response, SentWith, body_of, cookie_for, empty, session_cookies_for};
use passerelle_observe::{BackendFault, InternalFault, emit};

/// What an answer has to know of its question.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) next: String,
    pub(crate) language: &'static str,
    pub(crate) framed: bool,
}

/// From what follows to an answer. A choice is made on a page that leads to the same path again, and
/// from there to the next one.
pub(crate) fn to(outcome: Outcome, asked: &Asked) -> Result<Response> {
    // A frame on a foreign site keeps only cookies that are made for that.
    let sent = if asked.framed { SentWith::ThisFrame } else { SentWith::AnySite };
    match outcome {
        Outcome::Go { to, cookie: (name, value) } => {
            let mut response = match to {
                Destination::Address(address) => see_other(&address)?,
                Destination::Form { action, fields } => form(&action, &fields)?,
            };
            if !name.is_empty() {
                // SAML's answer is posted from another site, and has to bring this cookie along.
                add_cookie(&mut response, &name, &value, SIGN_ON_LASTS, sent)?;
            }
            Ok(response)
        }
        Outcome::In { session, next, served } => {
            let mut response = see_other(&next)?;
            let cookies = session_cookies_for(&session.seal()?, WEB_SESSION, asked.framed).ok_or_else(no_cookie)?;
            for cookie in cookies {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            add_cookie(&mut response, &served, "", 0, sent)?;
            Ok(response)
        }
        Outcome::Stray { served } => {
            let mut response = see_other("/login?problem=stray")?;
            add_cookie(&mut response, &served, "", 0, sent)?;
            Ok(response)
        }
        Outcome::Nobody { next, served } => {
            let mut response = see_other(&next)?;
            if !served.is_empty() {
                add_cookie(&mut response, &served, "", 0, sent)?;
            }
            Ok(response)
        }
        Outcome::Choose(choices) => Ok(choice::page(&choices, &asked.path, &asked.next, asked.language)),
        Outcome::Done => Ok(plain(StatusCode::OK, "")),
        Outcome::Document { media_type, octets } => {
            let mut response = http::Response::new(body_of(octets));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
            Ok(response)
        }
    }
}

/// An error: a browser goes to the sign-in page, which says it in the person's language; a server gets the status.
pub(crate) fn failed(error: &Error, id: &str, is_browser: bool) -> Response {
    match error.fault() {
        Fault::Client => {}
        Fault::Backend => emit(BackendFault { surface: crate::NAME, chain: &error.chain(), request: id }),
        Fault::Gateway => emit(InternalFault { surface: crate::NAME, chain: &error.chain(), request: id }),
    }
    let problem = match error {
        Error::Unauthenticated => "refused",
        Error::Forbidden => "unknown",
        Error::Unavailable { .. } | Error::Unsettled { .. } => "unavailable",
        Error::NotFound
        | Error::TooMany { .. }
        | Error::NoParent
        | Error::Invalid { .. }
        | Error::Conflict
        | Error::Locked
        | Error::OverQuota
        | Error::TooLarge { .. }
        | Error::Unsupported { .. }
        | Error::Internal { .. } => "",
    };
    match see_other(&format!("/login?problem={problem}")) {
        Ok(response) if is_browser && !problem.is_empty() => response,
        _ => plain(status(error), "this request could not be followed\n"),
    }
}

/// What every answer carries: tickets are in addresses, and must go nowhere from there.
pub(crate) fn strict(mut response: Response, ancestors: &str) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // What is shown says its own policy; who may frame it, and what only leads on, is the same for all.
    let own = headers.get(header::CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok());
    let policy = format!("{}; {ancestors}", own.unwrap_or("default-src 'none'; base-uri 'none'"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// RFC 9110 §15.4.4.
fn see_other(address: &str) -> Result<Response> {
    let mut response = http::Response::new(empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let address = HeaderValue::from_str(address).map_err(|error| Error::internal("sending a browser on", error))?;
    response.headers_mut().insert(header::LOCATION, address);
    Ok(response)
}

/// A form that the person sends on with a button: the pages have no script (SAML bindings §3.5.4 asks for such a way).
fn form(action: &str, fields: &[(&'static str, String)]) -> Result<Response> {
    let hidden: String = fields
        .iter()
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escaped(value)))
        .collect();
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sign in</title>\
         <form method=\"post\" action=\"{}\">{hidden}<button autofocus>Continue</button></form></html>",
        escaped(action)
    );
    let origin = action.split('/').take(3).collect::<Vec<_>>().join("/");
    let policy = format!("default-src 'none'; base-uri 'none'; form-action {origin}");
    let policy = HeaderValue::from_str(&policy).map_err(|error| Error::internal("sending a browser on", error))?;
    let mut response = http::Response::new(body_of(page));
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    Ok(response)
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

fn no_cookie() -> Error {
    Error::internal("setting a cookie", "its value has a character that no cookie can have")
}

fn add_cookie(response: &mut Response, name: &str, value: &str, seconds: i64, sent: SentWith) -> Result<()> {
    let cookie = cookie_for(name, value, seconds, sent).ok_or_else(no_cookie)?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(())
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = http::Response::new(body_of(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
