//! From a reference to a path on the server, never outside of the owner's tree.

use crate::{
    facts::Facts,
    multistatus::{Multistatus, Told, WANTED},
};
use passerelle_core::{
    Error, Result,
    ports::{Node, beyond_transfer},
    seal,
};
use passerelle_fetch::dav::{Link, Server, encoded, method};
use passerelle_model::NodeRef;
use percent_encoding::percent_decode_str;
use reqwest::{Response, StatusCode, header::DATE};
use std::time::SystemTime;

/// How the names of this adapter's own files begin; such a name is nobody else's.
pub(crate) const OWN: &str = ".~passerelle-";
/// What is under way: of no use once whoever wrote it is gone.
pub(crate) const UNFINISHED: &str = ".~passerelle-new-";
/// What had to make room for something else, and may be the only one.
const ASIDE: &str = ".~passerelle-old-";

/// A place in an owner's tree: its root, and the whole path with it, both encoded and without a slash at their ends.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) root: String,
    pub(crate) path: String,
    /// The name, empty for the root.
    pub(crate) name: String,
}

/// What is at a place, with the server's clock.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) facts: Facts,
    pub(crate) now: Option<SystemTime>,
}

impl Found {
    /// As the port has it.
    pub(crate) fn node(&self, name: &str) -> Result<Node> {
        self.facts.node(name, self.now)
    }

    /// Whether it can be what was there at another look, perhaps elsewhere: of the same kind, and a file as long, with the same
    /// tag or time of change.
    pub(crate) fn is_as(&self, other: &Self) -> bool {
        let (one, other) = (&self.facts, &other.facts);
        let same_tag = one.opaque().is_some() && one.opaque() == other.opaque();
        let same_time = one.changed().is_some() && one.changed() == other.changed();
        one.folder == other.folder && (one.folder || (one.length == other.length && (same_tag || same_time)))
    }
}

impl Place {
    /// The place of a reference.
    ///
    /// # Errors
    /// `NotFound` for a name that is ours.
    pub(crate) fn of(server: &Server, node: &NodeRef) -> Result<Self> {
        let root = server.root(&node.owner);
        let mut path = root.clone();
        if beyond_transfer(node.path.as_str()).split('/').any(|name| name.starts_with(OWN)) {
            return Err(Error::NotFound);
        }
        for name in node.path.as_str().split('/').filter(|name| !name.is_empty()) {
            path.push('/');
            path.push_str(&encoded(name));
        }
        Ok(Self { root, path, name: node.path.name().unwrap_or_default().to_owned() })
    }

    /// A place that is not the root.
    ///
    /// # Errors
    /// `Forbidden` for the root: it is the share's own.
    pub(crate) fn below_root(self) -> Result<Self> {
        if self.name.is_empty() { Err(Error::Forbidden) } else { Ok(self) }
    }

    /// The folder above.
    pub(crate) fn above(&self) -> Self {
        let path = self.path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let name = if path == self.root { String::new() } else { "above".to_owned() };
        Self { root: self.root.clone(), path, name }
    }

    /// A name of ours in the same folder, for what is not finished.
    pub(crate) fn beside(&self) -> Result<String> {
        self.hidden(UNFINISHED)
    }

    /// A name of ours in the same folder, for what has to make room.
    pub(crate) fn aside(&self) -> Result<String> {
        self.hidden(ASIDE)
    }

    fn hidden(&self, beginning: &str) -> Result<String> {
        let random = seal::random_hex::<12>()?;
        Ok(format!("{}/{}", self.above().path, encoded(&format!("{beginning}{random}"))))
    }

    /// What is there.
    ///
    /// # Errors
    /// `NotFound` when nothing is; `Unavailable` for a root that is missing and not to be made, as an empty tree would be
    /// taken for everything removed.
    pub(crate) async fn look(&self, link: &Link) -> Result<Found> {
        match look(link, &self.path).await {
            Err(Error::NotFound) if self.name.is_empty() => self.make_root(link).await,
            Err(Error::NotFound) => Err(self.missing(link).await),
            Err(Error::Invalid { .. }) => Err(self.refused(link).await),
            other => other,
        }
    }

    /// What a 400 for this place means. Apache's mod_dav answers so for what lies below a file, and so far as is known for
    /// nothing else: a name with a control character, a zero octet, a backslash or no UTF-8 is 404 there, and one that is too long
    /// 403. Whether it is that is seen by what lies above. Whatever else a server or a proxy means by it, "not there" is not said.
    async fn refused(&self, link: &Link) -> Error {
        let mut above = self.clone();
        while !above.name.is_empty() {
            above = above.above();
            match look(link, &above.path).await {
                Ok(found) if found.facts.folder => return Error::invalid(NO_NAME),
                Ok(_) => return Error::NotFound,
                Err(Error::NotFound) => return self.missing(link).await,
                // It lies below a file itself, perhaps.
                Err(Error::Invalid { .. }) => {}
                Err(error) => return error,
            }
        }
        Error::unavailable(link.name(), "looking at a file", "the server answered 400 Bad Request")
    }

    /// What is missing below a root that is missing too is out of reach, and not removed.
    async fn missing(&self, link: &Link) -> Error {
        match look(link, &self.root).await {
            Err(Error::NotFound) if !link.server.create => {
                Error::unavailable(link.name(), "opening an owner's folder", "it is not there")
            }
            Err(error @ Error::Unavailable { .. }) => error,
            _ => Error::NotFound,
        }
    }

    /// What is there, if anything.
    pub(crate) async fn there(&self, link: &Link) -> Result<Option<Found>> {
        match self.look(link).await {
            Ok(found) => Ok(Some(found)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sees to it that there is a folder to put something in.
    ///
    /// # Errors
    /// `NoParent` when there is none.
    pub(crate) async fn check_above(&self, link: &Link) -> Result<()> {
        match self.above().look(link).await {
            Ok(found) if found.facts.folder => Ok(()),
            Ok(_) | Err(Error::NotFound) => Err(Error::NoParent),
            Err(error) => Err(error),
        }
    }

    async fn make_root(&self, link: &Link) -> Result<Found> {
        let doing = "opening an owner's folder";
        if !link.server.create {
            return Err(Error::unavailable(link.name(), doing, "it is not there"));
        }
        // From the bottom up until one can be made, so that folders which the account may not see are not asked about.
        let mut missing = vec![self.path.as_str()];
        while let Some(path) = missing.last().copied() {
            match link.act(doing, link.request(method("MKCOL")?, &format!("{path}/"))?).await {
                // RFC 4918 §9.3.1: 405 for what is there, 409 for what has nothing to be in.
                Ok(_) | Err(Error::Forbidden) => drop(missing.pop()),
                Err(Error::NoParent | Error::NotFound) => match path.rsplit_once('/') {
                    Some((above, _)) if !above.is_empty() => missing.push(above),
                    _ => return Err(Error::unavailable(link.name(), doing, "it cannot be made")),
                },
                Err(error) => return Err(error),
            }
        }
        match look(link, &self.path).await {
            Err(Error::NotFound) => Err(Error::unavailable(link.name(), doing, "it could not be made")),
            other => other,
        }
    }
}

/// What is told of a place that the server calls a bad request.
const NO_NAME: &str = "the file server takes no such name";

/// What is at a path.
pub(crate) async fn look(link: &Link, path: &str) -> Result<Found> {
    let doing = "looking at a file";
    let response = link.propfind(doing, path, "0", WANTED).await?;
    let now = clock(&response);
    let mut answer = multistatus(link, doing, response)?;
    let told = answer.next().await.map_err(|what| Error::unavailable(link.name(), doing, what))?;
    let told = told.ok_or_else(|| Error::unavailable(link.name(), doing, "the answer is of no place"))?;
    check(link, doing, &told)?;
    Ok(Found { facts: told.facts, now })
}

/// The answer to a question for properties.
pub(crate) fn multistatus(link: &Link, doing: &str, response: Response) -> Result<Multistatus> {
    match response.status() {
        StatusCode::MULTI_STATUS => Ok(Multistatus::new(response, link.server.timeout)),
        // It says neither that something is there nor that nothing is: see [`Place::look`].
        StatusCode::BAD_REQUEST => Err(Error::invalid(NO_NAME)),
        status => Err(link.refused(doing, status)),
    }
}

/// Whether the server could say what it was asked of this place.
pub(crate) fn check(link: &Link, doing: &str, told: &Told) -> Result<()> {
    match told.status.map(StatusCode::from_u16) {
        None => Ok(()),
        Some(Ok(status)) if status.is_success() => Ok(()),
        Some(Ok(status)) => Err(link.refused(doing, status)),
        Some(Err(_)) => Err(Error::unavailable(link.name(), doing, "the answer has a status that is none")),
    }
}

/// The server's clock.
pub(crate) fn clock(response: &Response) -> Option<SystemTime> {
    response
        .headers()
        .get(DATE)
        .and_then(|date| date.to_str().ok())
        .and_then(|date| httpdate::parse_http_date(date).ok())
}

/// The path of an `href` (RFC 4918 §8.3: a whole URL or a path), decoded, without a slash at its end.
pub(crate) fn href_path(href: &str) -> Vec<u8> {
    let path =
        href.split_once("://").map_or(href, |(_, rest)| rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"));
    let mut decoded: Vec<u8> = percent_decode_str(path).collect();
    while decoded.last() == Some(&b'/') {
        decoded.pop();
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hrefs() {
        for href in ["/a%20b/%C3%A9/", "/a b/é", "https://x:1/a%20b/%c3%a9"] {
            assert_eq!(href_path(href), "/a b/é".as_bytes(), "{href}");
        }
        assert!(href_path("https://x").is_empty());
    }
}
