//! Requests to the server, in somebody's name.

use super::{
    fault::{lost, status_fault},
    server::Server,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use passerelle_core::{Delegation, Error, Result};
use passerelle_model::{Account, Secret};
use reqwest::{
    Method, RequestBuilder, Response, StatusCode, Url,
    header::{AUTHORIZATION, HeaderValue, LOCATION},
};
use std::sync::Arc;
use tokio::time::timeout;

/// Who speaks to the server, and how.
#[derive(Debug, Clone)]
pub struct Link {
    /// Where it is.
    pub server: Arc<Server>,
    http: reqwest::Client,
    authorization: HeaderValue,
    /// Whether it is a person's own way in.
    pub own: bool,
}

impl Link {
    /// The way on which something may be done: the service account's, or that of whose own it is, where `own` says who that is.
    ///
    /// # Errors
    /// `Unsupported` where only its owner's password opens it, and it is not at hand.
    pub async fn of(
        server: &Arc<Server>,
        http: &reqwest::Client,
        own: Option<&Account>,
        delegation: &Delegation,
    ) -> Result<Self> {
        if let Some(link) = Self::service(server, http) {
            return link;
        }
        let value = match (own, delegation) {
            (Some(account), Delegation::Password(password)) => basic(account.id.as_str(), password),
            (Some(_), Delegation::Tokens(bearer)) if server.bearer => bearer_of(&bearer.token().await?),
            (Some(_), Delegation::Token(token)) if server.bearer => bearer_of(token),
            (None, _)
            | (_, Delegation::Tickets(_) | Delegation::Tokens(_) | Delegation::Token(_) | Delegation::None) => {
                return Err(Error::Unsupported { what: "opening the share without its owner's password" });
            }
        };
        Self::with(server, http, value, true)
    }

    /// That of the service account, if there is one.
    pub fn service(server: &Arc<Server>, http: &reqwest::Client) -> Option<Result<Self>> {
        let (user, password) = server.service.as_ref()?;
        Some(Self::with(server, http, basic(user, password), false))
    }

    fn with(server: &Arc<Server>, http: &reqwest::Client, value: Vec<u8>, own: bool) -> Result<Self> {
        let mut authorization =
            HeaderValue::from_maybe_shared(value).map_err(|_| Error::invalid("these credentials are no header's"))?;
        authorization.set_sensitive(true);
        Ok(Self { server: Arc::clone(server), http: http.clone(), authorization, own })
    }

    /// The name that errors call the server by.
    pub fn name(&self) -> &str {
        &self.server.name
    }

    /// A request for a path, which is encoded.
    ///
    /// # Errors
    /// `Internal` for what is no URL.
    pub fn request(&self, method: Method, path: &str) -> Result<RequestBuilder> {
        let url = Url::parse(&self.absolute(path)).map_err(|error| Error::internal("asking a file server", error))?;
        Ok(self.http.request(method, url).header(AUTHORIZATION, self.authorization.clone()))
    }

    /// The whole URL of a path, as headers want it.
    pub fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.server.origin)
    }

    /// Sends a request that needs no longer than the deadline, whatever is answered.
    ///
    /// # Errors
    /// `Unavailable` when nothing is.
    pub async fn send(&self, doing: &str, request: RequestBuilder) -> Result<Response> {
        match timeout(self.server.timeout, request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(lost(self.name(), doing, error)),
            Err(slow) => Err(Error::unavailable(self.name(), doing, slow)),
        }
    }

    /// Asks for properties. Some servers want the slash at a folder's end, and say so by leading there (RFC 4918 §5.2).
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn propfind(&self, doing: &str, path: &str, depth: &str, body: &str) -> Result<Response> {
        let ask = async |path: &str| {
            let request = self.request(method("PROPFIND")?, path)?.header("Depth", depth);
            self.send(doing, request.header("Content-Type", "application/xml; charset=utf-8").body(body.to_owned()))
                .await
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
    pub async fn act(&self, doing: &str, request: RequestBuilder) -> Result<StatusCode> {
        let response = self.send(doing, request).await?;
        let status = response.status();
        // RFC 4918 §9.6.1, §9.8.5: then something of a tree was left as it is.
        if status == StatusCode::MULTI_STATUS {
            return Err(Error::unavailable(self.name(), doing, "it was done in part"));
        }
        if status.is_success() { Ok(status) } else { Err(self.refused(doing, status)) }
    }

    /// The error of a status.
    pub fn refused(&self, doing: &str, status: StatusCode) -> Error {
        status_fault(self.name(), doing, self.own, status)
    }
}

/// A method of WebDAV.
///
/// # Errors
/// `Internal` for what is none.
pub fn method(name: &'static str) -> Result<Method> {
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
