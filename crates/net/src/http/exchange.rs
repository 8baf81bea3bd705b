//! One request with all that is known of it, and who sent it.

use super::{RequestBody, Response, cookie, empty};
use crate::{Drain, client::Held};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode, Uri,
    header::{AUTHORIZATION, CONTENT_TYPE, HOST, ORIGIN, WWW_AUTHENTICATE},
};
use passerelle_core::{Door, Errand, Error, Result, Session, Visit};
use passerelle_model::{Login, Secret};
use passerelle_observe::{LoginAccepted, LoginRefused, emit};
use std::{net::SocketAddr, sync::Arc};

/// The session cookie. The prefix makes browsers keep it to this very host, over TLS (RFC 6265bis §4.1.3.2).
pub const SESSION_COOKIE: &str = "__Host-passerelle";

/// The same in a frame on a foreign site, which the first one is not sent with.
pub const FRAME_COOKIE: &str = "__Host-passerelle-frame";

/// Longest `Authorization` header that is looked at, in octets: the longest password with its login, in base64.
pub(super) const LONGEST_AUTHORIZATION: usize = 4096;

/// A request.
#[derive(Debug)]
pub struct Exchange {
    /// Method, target and headers.
    pub head: http::request::Parts,
    /// The body, not read yet.
    pub body: RequestBody,
    /// The client, behind a balancer too.
    pub peer: SocketAddr,
    /// Whether it came over TLS.
    pub secure: bool,
    /// Whether a password may be taken: TLS, or a network that the settings list.
    pub may_log_in: bool,
    /// SHA-256 of the certificate that the client has shown, of the authority that the settings name.
    pub certificate: Option<[u8; 32]>,
    /// Tells when the process goes down: what would never end by itself ends then.
    pub drain: Drain,
    /// The id that log and client see.
    pub id: Arc<str>,
    /// The surface that serves it, for the log.
    pub surface: &'static str,
    /// The connection's place in the counts, for what goes on when it is no exchange any more.
    pub(super) held: Arc<Held>,
}

/// What a surface demands of a write that a cookie signs (invariant 15).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieWrites {
    /// The same Origin, and no content type that a form can send.
    SameOrigin,
    /// The same Origin; the surface checks the form's own token.
    FormToken,
}

impl Exchange {
    /// The method.
    pub fn method(&self) -> &Method {
        &self.head.method
    }

    /// The target.
    pub fn uri(&self) -> &Uri {
        &self.head.uri
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The host that the client named: the authority of HTTP/2, else `Host`.
    pub fn host(&self) -> Option<&str> {
        let authority = self.head.uri.authority().map(http::uri::Authority::as_str);
        authority.or_else(|| self.head.headers.get(HOST)?.to_str().ok())
    }

    /// The scheme and authority of this very site.
    pub fn origin(&self) -> Option<String> {
        let scheme = if self.secure { "https" } else { "http" };
        Some(format!("{scheme}://{}", self.host()?))
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        cookie(&self.head.headers, name)
    }

    /// The values of cookies that may be a session's, the likelier first.
    pub fn session_cookies(&self) -> impl Iterator<Item = &str> {
        [SESSION_COOKIE, FRAME_COOKIE].into_iter().filter_map(|name| self.cookie(name))
    }

    /// Whether a browser says that the answer goes into a frame (Fetch Metadata).
    pub fn is_framed(&self) -> bool {
        let into = self.head.headers.get("sec-fetch-dest").and_then(|into| into.to_str().ok());
        matches!(into, Some("iframe" | "frame" | "object" | "embed"))
    }

    /// Whether a browser says that the request comes from our own page (RFC 6454 §7; Fetch Metadata).
    pub fn is_same_origin(&self) -> bool {
        let text = |name: &str| self.head.headers.get(name).and_then(|value| value.to_str().ok());
        match (text(ORIGIN.as_str()), self.origin()) {
            (Some(theirs), Some(ours)) => theirs.eq_ignore_ascii_case(&ours),
            _ => text("sec-fetch-site") == Some("same-origin"),
        }
    }

    /// Whether a browser says that the request comes from another site. Programs say neither.
    pub(super) fn is_cross_site(&self) -> bool {
        let says = |name: &str| self.head.headers.contains_key(name);
        (says(ORIGIN.as_str()) && !self.is_same_origin())
            || self.head.headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site" || site == "same-site")
    }

    /// Whether its method changes nothing.
    pub(super) fn is_safe(&self) -> bool {
        is_safe(&self.head.method)
    }

    /// Who sent it: by `Authorization: Basic`, else by the session cookie.
    ///
    /// # Errors
    /// `Unauthenticated` when nobody is named or the name does not hold; `Forbidden` when a cookie would sign a write
    /// from elsewhere, or a password came in clear from a network that is not listed.
    pub async fn session(&self, door: &Door, errand: Errand, writes: CookieWrites) -> Result<Session> {
        // A browser sends a password that it knows along with what another site asks for, as it does a cookie.
        if !self.is_safe() && self.is_cross_site() {
            return Err(Error::Forbidden);
        }
        if let Some(header) = self.head.headers.get(AUTHORIZATION) {
            return self.by_password(door, header, errand).await;
        }
        let mut cookies = self.session_cookies().peekable();
        if cookies.peek().is_none() {
            return Err(Error::Unauthenticated);
        }
        if !self.is_safe() && !self.cookie_may_write(writes) {
            return Err(Error::Forbidden);
        }
        let mut outcome = Err(Error::Unauthenticated);
        for cookie in cookies {
            // One may have ended where the other holds.
            if matches!(outcome, Err(Error::Unauthenticated)) {
                outcome = door.resume(cookie).await;
            }
        }
        outcome
    }

    async fn by_password(&self, door: &Door, header: &HeaderValue, errand: Errand) -> Result<Session> {
        let refused = |reason| emit(LoginRefused { surface: self.surface, address: self.peer.ip(), reason });
        if !self.may_log_in {
            refused("clear");
            return Err(Error::Forbidden);
        }
        let Some((login, password)) = basic(header) else {
            refused("malformed");
            return Err(Error::Unauthenticated);
        };
        let visit = Visit { host: self.host(), from: self.peer.ip(), errand };
        match door.login(&login, &password, visit).await {
            Ok(session) => {
                if let Ok(institution) = session.institution() {
                    let (surface, address) = (self.surface, self.peer.ip());
                    emit(LoginAccepted { institution: &institution.id, surface, address });
                }
                Ok(session)
            }
            Err(Error::Unauthenticated) => {
                refused("credentials");
                Err(Error::Unauthenticated)
            }
            // The password was right, and the person is of no institution here.
            Err(Error::Forbidden) => {
                refused("institution");
                Err(Error::Forbidden)
            }
            Err(error @ Error::TooMany { .. }) => {
                refused("too-many");
                Err(error)
            }
            Err(error) => {
                refused("unavailable");
                Err(error)
            }
        }
    }

    fn cookie_may_write(&self, writes: CookieWrites) -> bool {
        let form = || {
            let kind = self.head.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            matches!(kind.as_str(), "application/x-www-form-urlencoded" | "multipart/form-data" | "text/plain")
        };
        // Only POST can come from a form; DELETE, PUT and the DAV methods need a script, which Origin stops.
        let formless = writes == CookieWrites::FormToken || self.head.method != Method::POST || !form();
        self.is_same_origin() && formless
    }
}

/// RFC 9110 §9.2.1 and RFC 4918: methods that change nothing.
fn is_safe(method: &Method) -> bool {
    matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS" | "PROPFIND" | "REPORT" | "SEARCH" | "TRACE")
}

/// `Basic base64(login ":" password)` (RFC 7617 §2)
fn basic(header: &HeaderValue) -> Option<(Login, Secret)> {
    let (scheme, credentials) = header.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || credentials.len() > LONGEST_AUTHORIZATION {
        return None;
    }
    let plain = STANDARD.decode(credentials.trim()).ok()?;
    let colon = plain.iter().position(|octet| *octet == b':')?;
    let (login, password) = plain.split_at_checked(colon)?;
    Some((Login::parse(login).ok()?, Secret::new(password.get(1..)?)))
}

/// 401 with what may be sent (RFC 9110 §11.6.1, RFC 7617 §2.1).
pub fn challenge(realm: &str) -> Response {
    let mut response = http::Response::new(empty());
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    let realm: String = realm.chars().filter(|c| matches!(c, ' '..='~') && *c != '"' && *c != '\\').collect();
    if let Ok(value) = HeaderValue::from_str(&format!("Basic realm=\"{realm}\", charset=\"UTF-8\"")) {
        response.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
    response
}
