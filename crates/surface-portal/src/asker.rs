//! Where a question came to, in which language its answer is, and who asks.

use crate::words;
use http::{
    HeaderValue, Method, StatusCode,
    header::{self, AUTHORIZATION},
};
use passerelle_core::{Door, Error, Failing, PortalSession};
use passerelle_model::Secret;
use passerelle_net::http::{Exchange, Response, empty};
use passerelle_words::{known, language_of};

/// For how long a browser remembers what another origin may ask, in seconds.
const PREFLIGHT_LASTS: &str = "600";

/// A host that is served, and how it is answered there.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) language: &'static str,
    /// Scheme, host and port, which links begin with.
    pub(crate) origin: String,
    /// The page that asks, when it is one of the institution's portals.
    portal: Option<HeaderValue>,
}

impl Place {
    /// By the host that was asked; `None` where no institution is served.
    pub(crate) fn of(door: &Door, exchange: &Exchange) -> Option<Self> {
        let look = door.look_at(exchange.host())?;
        let asked = parameter(exchange, "lang");
        let text = |name| exchange.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let language = asked.as_deref().and_then(known);
        let language = language.unwrap_or_else(|| language_of(exchange, &look.branding().languages));
        let portal = text(header::ORIGIN).filter(|origin| look.portals().iter().any(|ours| ours == origin));
        let portal = portal.and_then(|origin| HeaderValue::from_str(origin).ok());
        Some(Self { language, origin: exchange.origin()?, portal })
    }

    /// A message.
    pub(crate) fn say(&self, key: &str) -> String {
        words::say(self.language, key, &[])
    }

    /// A message with a number in it, as `count`.
    pub(crate) fn say_number(&self, key: &str, count: u32) -> String {
        words::say(self.language, key, &[("count", count.into())])
    }

    /// Lets the pages of a listed portal read an answer, without cookies (Fetch §3.2).
    pub(crate) fn shared_with(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        if let Some(portal) = &self.portal {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, portal.clone());
        }
        response
    }

    /// What another origin may ask, before it does.
    pub(crate) fn preflight(&self) -> Response {
        let mut response = http::Response::new(empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        if self.portal.is_some() {
            for (name, value) in [
                (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
                (header::ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type"),
                (header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_LASTS),
            ] {
                response.headers_mut().insert(name, HeaderValue::from_static(value));
            }
        }
        response
    }
}

/// A parameter of the address that stands there once.
pub(crate) fn parameter(exchange: &Exchange, name: &str) -> Option<String> {
    let query = exchange.uri().query().unwrap_or_default();
    let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
    match (values.next(), values.next()) {
        (Some((_, value)), None) => Some(value.into_owned()),
        _ => None,
    }
}

/// Who asks: a portal with its bearer, or the office's own page with its cookie. A password is for programs of other kinds.
pub(crate) async fn session(door: &Door, exchange: &Exchange) -> Result<PortalSession, Failing> {
    if let Some(value) = exchange.headers().get(AUTHORIZATION) {
        // A bearer in clear would be anybody's who listens, like a password.
        if !exchange.may_log_in {
            return Err(Failing::of_sign_on(Error::Forbidden));
        }
        let bearer = bearer(value).ok_or_else(|| Failing::of_sign_on(Error::Unauthenticated))?;
        return door.resume_portal(&bearer).await;
    }
    let mut outcome = Err(Failing::of_sign_on(Error::Unauthenticated));
    for cookie in exchange.session_cookies().filter(|_| is_own_page(exchange)) {
        if matches!(&outcome, Err(failing) if matches!(failing.error.as_ref(), Error::Unauthenticated)) {
            outcome = door.resume_own_page(cookie).await;
        }
    }
    outcome
}

/// `Bearer token` (RFC 6750 §2.1)
fn bearer(value: &HeaderValue) -> Option<Secret> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Secret::new(token.trim()))
}

/// Whether no other site has made a browser ask with its cookie.
fn is_own_page(exchange: &Exchange) -> bool {
    let site = exchange.headers().get("sec-fetch-site").and_then(|site| site.to_str().ok());
    let origin_is_ours = !exchange.headers().contains_key(header::ORIGIN) || exchange.is_same_origin();
    matches!(exchange.method(), &Method::GET | &Method::HEAD)
        && origin_is_ours
        && matches!(site, None | Some("none" | "same-origin"))
}
