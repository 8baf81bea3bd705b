//! One request, taken apart, and the ways to what it names.

use crate::{
    conditions::Conditions,
    error::{Answer, Refusal},
    place::Place,
};
use http::{HeaderMap, Method, StatusCode, Uri, header::HeaderName};
use passerelle_core::{Authorized, Error, Lookup, Right, Session, ports::Node};
use passerelle_model::{Account, NodeRef};
use passerelle_net::http::Exchange;
use std::{collections::BTreeSet, sync::Arc};

/// A request of somebody who was let in.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) session: Session,
    pub(crate) method: Method,
    pub(crate) place: Place,
    pub(crate) headers: HeaderMap,
    pub(crate) conditions: Conditions,
    pub(crate) id: Arc<str>,
    host: Option<String>,
}

/// `Depth` (RFC 4918 §10.2)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    Zero,
    One,
    Infinity,
}

impl Call {
    pub(crate) fn new(session: Session, exchange: &Exchange) -> Answer<Self> {
        let place = Place::parse(exchange.uri().path())?;
        let headers = exchange.headers().clone();
        let conditions = Conditions::of(&headers)?;
        let host = exchange.host().map(str::to_owned);
        let (method, id) = (exchange.method().clone(), Arc::clone(&exchange.id));
        Ok(Self { session, method, place, headers, conditions, id, host })
    }

    /// A header's value, if it is text.
    pub(crate) fn header(&self, name: impl Into<HeaderName>) -> Option<&str> {
        self.headers.get(name.into())?.to_str().ok()
    }

    /// Who asks.
    pub(crate) fn me(&self) -> Option<&Account> {
        self.session.actor().account()
    }

    /// The node that the request is about.
    pub(crate) fn node(&self) -> Answer<NodeRef> {
        match &self.place {
            Place::Node { .. } | Place::Linked { .. } => self.place.node(&self.session).ok_or(Error::NotFound.into()),
            Place::Root | Place::Files | Place::Principals => Err(Refusal::Method),
            Place::Principal(account) if self.is_known(account) => Err(Refusal::Method),
            Place::Principal(_) | Place::Nowhere => Err(Error::NotFound.into()),
        }
    }

    /// Refuses to take away what a link leads to: its holder would saw off the branch that everybody else sits on.
    pub(crate) fn check_stays(&self) -> Answer<()> {
        match &self.place {
            Place::Linked { path, .. } if path.is_root() => Err(Error::Forbidden.into()),
            _ => Ok(()),
        }
    }

    /// Whether a principal may be shown: the person's own. Who else exists is not said.
    pub(crate) fn is_known(&self, account: &str) -> bool {
        self.session.account_named(account).as_ref() == self.me()
    }

    /// Opens a node for what the method needs. What is seen in passing only, on the way to something shared, is there and
    /// may not be touched.
    pub(crate) async fn open<R: Right>(&self, node: &NodeRef) -> Answer<Authorized<NodeRef, R>> {
        match self.session.open::<NodeRef, R>(node.clone()).await {
            Err(Error::NotFound) if !self.passage(node).await?.is_empty() => Err(Error::Forbidden.into()),
            opened => Ok(opened?),
        }
    }

    /// The names in a folder that lead on, for a folder that is not the person's to see.
    pub(crate) async fn passage(&self, node: &NodeRef) -> Answer<BTreeSet<String>> {
        if self.me() == Some(&node.owner) {
            return Ok(BTreeSet::new());
        }
        Ok(self.session.passage(node).await?)
    }

    /// What is at a place that may be looked up; `None` when nothing is.
    pub(crate) async fn look(&self, node: &NodeRef) -> Answer<(Authorized<NodeRef, Lookup>, Option<Node>)> {
        let handle = self.open::<Lookup>(node).await?;
        match handle.stat().await {
            Ok(found) => Ok((handle, Some(found))),
            Err(Error::NotFound) => Ok((handle, None)),
            Err(error) => Err(error.into()),
        }
    }

    /// `Depth`; `default` when there is none (RFC 4918 §10.2).
    pub(crate) fn depth(&self, default: Depth) -> Answer<Depth> {
        let Some(value) = self.headers.get("depth") else { return Ok(default) };
        match value.as_bytes() {
            b"0" => Ok(Depth::Zero),
            b"1" => Ok(Depth::One),
            word if word.eq_ignore_ascii_case(b"infinity") => Ok(Depth::Infinity),
            _ => Err(StatusCode::BAD_REQUEST.into()),
        }
    }

    /// `Overwrite`; true when there is none (RFC 4918 §10.6).
    pub(crate) fn overwrite(&self) -> Answer<bool> {
        match self.headers.get("overwrite").map(http::HeaderValue::as_bytes) {
            None | Some(b"T" | b"t") => Ok(true),
            Some(b"F" | b"f") => Ok(false),
            Some(_) => Err(StatusCode::BAD_REQUEST.into()),
        }
    }

    /// A place named by a URL in a header: `Simple-ref = absolute-URI | ( path-absolute [ "?" query ] )` (RFC 4918 §8.3).
    ///
    /// # Errors
    /// 502 for another server (RFC 4918 §9.8.5), 400 for what is no URL.
    pub(crate) fn place_of(&self, reference: &str) -> Answer<Place> {
        let uri: Uri = reference.trim_ascii().parse().map_err(|_| Refusal::Status(StatusCode::BAD_REQUEST))?;
        if uri.path().is_empty() || !uri.path().starts_with('/') {
            return Err(StatusCode::BAD_REQUEST.into());
        }
        let ours = self.host.as_deref().unwrap_or_default();
        if let Some(theirs) = uri.authority()
            && !same_authority(theirs.as_str(), ours, uri.scheme_str())
        {
            return Err(StatusCode::BAD_GATEWAY.into());
        }
        Ok(match (Place::parse(uri.path())?, &self.place) {
            // Whoever came by one link holds no other.
            (Place::Linked { token, .. }, Place::Linked { token: held, .. }) if token != *held => Place::Nowhere,
            (place, _) => place,
        })
    }
}

/// Whether two authorities name one server; the scheme's own port may be left out (RFC 3986 §6.2.3).
fn same_authority(theirs: &str, ours: &str, scheme: Option<&str>) -> bool {
    let port = if scheme == Some("http") { ":80" } else { ":443" };
    let plain = |authority: &str| {
        let authority = authority.rsplit_once('@').map_or(authority, |(_user, rest)| rest).to_ascii_lowercase();
        authority.strip_suffix(port).map(str::to_owned).unwrap_or(authority)
    };
    plain(theirs) == plain(ours)
}

#[cfg(test)]
mod tests {
    use super::same_authority;

    #[test]
    fn one_server_by_two_names() {
        assert!(same_authority("A.test", "a.test", Some("http")));
        assert!(same_authority("a.test:80", "a.test", Some("http")));
        assert!(same_authority("a.test", "a.test:443", Some("https")));
        assert!(!same_authority("a.test:8080", "a.test", Some("http")));
        assert!(!same_authority("b.test", "a.test", Some("http")));
    }
}
