//! One request, taken apart, and the ways to what it names.

use crate::{
    conditions::Conditions,
    error::{Answer, Refusal},
    place::{Place, Who, node_href},
    prefer::Preferences,
    privilege::{self, On},
};
use http::{HeaderMap, Method, StatusCode, Uri, header::HeaderName};
use passerelle_core::{Authorized, Error, Lookup, Right, Session, ports::Node};
use passerelle_model::{Account, NodePath, NodeRef};
use passerelle_net::http::Exchange;
use std::{collections::BTreeSet, net::SocketAddr, sync::Arc};

/// A request of somebody who was let in.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) session: Session,
    pub(crate) method: Method,
    pub(crate) place: Place,
    pub(crate) headers: HeaderMap,
    pub(crate) conditions: Conditions,
    pub(crate) id: Arc<str>,
    /// Where the client is.
    pub(crate) peer: SocketAddr,
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
        Ok(Self { session, method, place, headers, conditions, id, peer: exchange.peer, host })
    }

    /// The same request, about another place.
    pub(crate) fn towards(self, place: Place) -> Self {
        Self { place, ..self }
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
            Place::Top | Place::Root | Place::Files | Place::Principals => Err(Refusal::Method),
            // Its own principal answers everybody; of others a method that is for files says nothing.
            Place::Principal(Who::Account(account)) if self.is_known(account) => Err(Refusal::Method),
            Place::Collections(_) | Place::Trays(_) | Place::Directory(_) => Err(Refusal::Method),
            Place::Principal(_) | Place::Upload { .. } | Place::Nowhere => Err(Error::NotFound.into()),
        }
    }

    /// Refuses to take away what a link leads to: its holder would saw off the branch that everybody else sits on.
    pub(crate) fn check_stays(&self) -> Answer<()> {
        match &self.place {
            Place::Linked { path, .. } if path.is_root() => Err(Error::Forbidden.into()),
            _ => Ok(()),
        }
    }

    /// Whether a principal is the person's own.
    pub(crate) fn is_known(&self, account: &str) -> bool {
        self.session.account_named(account).as_ref() == self.me()
    }

    /// Opens a node for what the method needs. What is seen in passing only, on the way to something shared, is there and
    /// may not be touched.
    ///
    /// # Errors
    /// 403 with the privilege that is missing (RFC 3744 §7.1.1): only on what may be known to be there, for all else is 404.
    pub(crate) async fn open<R: Right>(&self, node: &NodeRef) -> Answer<Authorized<NodeRef, R>> {
        match self.session.open::<NodeRef, R>(node.clone()).await {
            Err(Error::NotFound) if !self.passage(node).await?.is_empty() => Err(self.lacks::<R>(node)),
            Err(Error::Forbidden) => Err(self.lacks::<R>(node)),
            opened => Ok(opened?),
        }
    }

    fn lacks<R: Right>(&self, node: &NodeRef) -> Refusal {
        let (privilege, on) = privilege::needed(R::NEEDS);
        let above = node.path.parent().filter(|_| on == On::Parent);
        let path = above.as_ref().unwrap_or(&node.path);
        Refusal::Needs { href: self.place_in(node, path.as_str()), privilege }
    }

    /// The URL of a place in the tree that a node lies in, without a `/` at the end; the account is spelled as the client
    /// spells it.
    pub(crate) fn place_in(&self, node: &NodeRef, path: &str) -> String {
        if let Place::Linked { token, .. } = &self.place {
            // What lies above what the link leads to has no address for its holder but the root's.
            let root = self.session.link().and_then(|link| link.root().node());
            let above = root.map(|root| root.path.as_str()).unwrap_or_default();
            let below = path.strip_prefix(above).map(|rest| rest.trim_start_matches('/'));
            let path = below.and_then(|below| NodePath::parse(below).ok()).unwrap_or_else(NodePath::root);
            return Place::Linked { token: token.clone(), path }.href();
        }
        let account = match &self.place {
            Place::Node { account, .. } if self.session.account_named(account).as_ref() == Some(&node.owner) => {
                account.clone()
            }
            _ => self.session.name_of(&node.owner),
        };
        node_href(&account, path)
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

    /// What the client would like (RFC 7240).
    pub(crate) fn preferences(&self) -> Preferences {
        Preferences::of(&self.headers)
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
