//! Requests to the server, in somebody's name.

use crate::{
    fault::{lost, status_fault},
    settings::Settings,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use passerelle_core::{Delegation, Error, Permit, Result, Right};
use passerelle_model::{NodeRef, Secret};
use reqwest::{
    Method, RequestBuilder, Response, StatusCode, Url,
    header::{AUTHORIZATION, HeaderValue, LOCATION},
};
use std::sync::Arc;
use tokio::time::timeout;

/// Who speaks to the server, and how.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) settings: Arc<Settings>,
    http: reqwest::Client,
    authorization: HeaderValue,
    /// Whether it is a person's own way in.
    pub(crate) own: bool,
}

impl Link {
    /// The way on which this may be done: the service account's, or the owner's own.
    pub(crate) async fn of<R: Right>(
        settings: &Arc<Settings>,
        http: &reqwest::Client,
        at: &Permit<NodeRef, R>,
    ) -> Result<Self> {
        if let Some(link) = Self::service(settings, http) {
            return link;
        }
        let value = match (at.own_account(), at.delegation()) {
            (Some(account), Delegation::Password(password)) => basic(account.id.as_str(), password),
            (Some(_), Delegation::Tokens(bearer)) if settings.bearer => bearer_of(&bearer.token().await?),
            (Some(_), Delegation::Token(token)) if settings.bearer => bearer_of(token),
            (None, _)
            | (_, Delegation::Tickets(_) | Delegation::Tokens(_) | Delegation::Token(_) | Delegation::None) => {
                return Err(Error::Unsupported { what: "opening the share without its owner's password" });
            }
        };
        Self::with(settings, http, value, true)
    }

    /// That of the service account, if there is one.
    pub(crate) fn service(settings: &Arc<Settings>, http: &reqwest::Client) -> Option<Result<Self>> {
        let (user, password) = settings.service.as_ref()?;
        Some(Self::with(settings, http, basic(user, password), false))
    }

    fn with(settings: &Arc<Settings>, http: &reqwest::Client, value: Vec<u8>, own: bool) -> Result<Self> {
        let mut authorization =
            HeaderValue::from_maybe_shared(value).map_err(|_| Error::invalid("these credentials are no header's"))?;
        authorization.set_sensitive(true);
        Ok(Self { settings: Arc::clone(settings), http: http.clone(), authorization, own })
    }

    /// The name that errors call the server by.
    pub(crate) fn name(&self) -> &str {
        &self.settings.name
    }

    /// A request for a path, which is encoded.
    pub(crate) fn request(&self, method: Method, path: &str) -> Result<RequestBuilder> {
        let url = Url::parse(&self.absolute(path)).map_err(|error| Error::internal("asking a file server", error))?;
        Ok(self.http.request(method, url).header(AUTHORIZATION, self.authorization.clone()))
    }

    /// The whole URL of a path, as headers want it.
    pub(crate) fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.settings.origin)
    }

    /// Sends a request that needs no longer than the deadline, whatever is answered.
    pub(crate) async fn send(&self, doing: &str, request: RequestBuilder) -> Result<Response> {
        match timeout(self.settings.timeout, request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(lost(self.name(), doing, error)),
            Err(slow) => Err(Error::unavailable(self.name(), doing, slow)),
        }
    }

    /// Asks for properties. Some servers want the slash at a folder's end, and say so by leading there (RFC 4918 §5.2).
    pub(crate) async fn propfind(&self, doing: &str, path: &str, depth: &str, body: &'static str) -> Result<Response> {
        let ask = async |path: &str| {
            let request = self.request(method("PROPFIND")?, path)?.header("Depth", depth);
            self.send(doing, request.header("Content-Type", "application/xml; charset=utf-8").body(body)).await
        };
        let response = ask(path).await?;
        if !response.status().is_redirection() || path.ends_with('/') {
            return Ok(response);
        }
        let slashed = format!("{path}/");
        let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default();
        if to == slashed || to == self.absolute(&slashed) { ask(&slashed).await } else { Ok(response) }
    }

    /// An act whose success has no content that matters.
    ///
    /// # Errors
    /// What the status says; `Unavailable` for a 207, which tells that only a part was done.
    pub(crate) async fn act(&self, doing: &str, request: RequestBuilder) -> Result<StatusCode> {
        let response = self.send(doing, request).await?;
        let status = response.status();
        // RFC 4918 §9.6.1, §9.8.5: then something of a tree was left as it is.
        if status == StatusCode::MULTI_STATUS {
            return Err(Error::unavailable(self.name(), doing, "it was done in part"));
        }
        if status.is_success() { Ok(status) } else { Err(self.refused(doing, status)) }
    }

    /// The error of a status.
    pub(crate) fn refused(&self, doing: &str, status: StatusCode) -> Error {
        status_fault(self.name(), doing, self.own, status)
    }
}

/// A method of WebDAV.
pub(crate) fn method(name: &'static str) -> Result<Method> {
    Method::from_bytes(name.as_bytes()).map_err(|error| Error::internal("asking a file server", error))
}

/// RFC 7617 §2
fn basic(user: &str, password: &Secret) -> Vec<u8> {
    let pair = [user.as_bytes(), b":", password.expose()].concat();
    format!("Basic {}", STANDARD.encode(pair)).into_bytes()
}

/// RFC 6750 §2.1
fn bearer_of(token: &Secret) -> Vec<u8> {
    [b"Bearer ", token.expose()].concat()
}
