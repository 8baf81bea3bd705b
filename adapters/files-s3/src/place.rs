//! From a reference to a key of the bucket, never outside of the owner's tree.

use crate::{
    answer::{Object, bare},
    client::{Ask, Link, Page},
    fault::TOO_LONG,
    settings::Settings,
};
use passerelle_core::{
    Error, Result,
    ports::{ETag, FileTime, Node, NodeKind, TRANSFER, TRANSFERS},
    seal,
};
use passerelle_model::NodeRef;
use reqwest::{
    Method, Response, StatusCode,
    header::{CONTENT_LENGTH, DATE, ETAG, HeaderName, LAST_MODIFIED},
};
use std::time::SystemTime;

/// Longest key, in octets (Amazon's, which the others took over).
const LONGEST_KEY: usize = 1_024;
const DOING: &str = "looking at a file";

/// A place in an owner's tree.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// What all keys of the tree begin with, with its slash.
    root: String,
    /// The key of a file here.
    pub(crate) key: String,
    /// The name, empty for the root.
    pub(crate) name: String,
}

/// What is at a place.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) folder: bool,
    pub(crate) size: u64,
    pub(crate) modified: FileTime,
    /// The store's tag, without quotes.
    pub(crate) tag: String,
}

impl Found {
    /// As the port has it.
    pub(crate) fn node(&self, name: &str) -> Node {
        let etag = if self.folder {
            ETag::new(format_args!("folder-{:x}", self.modified.seconds))
        } else {
            let hash = seal::sha256(self.tag.as_bytes());
            let digits = seal::hex(hash.get(..16).unwrap_or(&hash));
            ETag::new(format_args!("{digits}-{:x}", self.size))
        };
        let kind = if self.folder { NodeKind::Folder } else { NodeKind::File };
        Node { name: name.to_owned(), kind, size: self.size, modified: self.modified, created: None, etag }
    }

    pub(crate) fn of_object(object: &Object) -> Self {
        let modified = object.modified.unwrap_or(NEVER);
        Self { folder: false, size: object.size, modified, tag: object.tag.clone() }
    }

    /// A folder; its object says when it was made, where it has one.
    pub(crate) const fn of_folder(modified: Option<FileTime>) -> Self {
        let modified = match modified {
            Some(modified) => modified,
            None => NEVER,
        };
        Self { folder: true, size: 0, modified, tag: String::new() }
    }

    /// What the headers of an object say.
    pub(crate) fn of_headers(link: &Link, response: &Response, size: Option<u64>) -> Result<Self> {
        let header = |name: HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok());
        let wrong = |what: &'static str| Error::unavailable(link.name(), DOING, what);
        let tag = header(ETAG).map(bare).filter(|tag| !tag.is_empty()).ok_or_else(|| wrong("the object has no tag"))?;
        let size = size.ok_or_else(|| wrong("the object has no size"))?;
        let changed = header(LAST_MODIFIED).and_then(|date| httpdate::parse_http_date(date).ok());
        Ok(Self { folder: false, size, modified: changed.map_or(NEVER, file_time), tag: tag.to_owned() })
    }
}

/// The time of what tells none.
const NEVER: FileTime = FileTime { seconds: 0, nanos: 0 };

impl Place {
    /// The place of a reference.
    pub(crate) fn of(settings: &Settings, node: &NodeRef) -> Self {
        let root = settings.root(&node.owner);
        let key = if node.path.is_root() {
            root.trim_end_matches('/').to_owned()
        } else {
            format!("{root}{}", node.path.as_str())
        };
        Self { root, key, name: node.path.name().unwrap_or_default().to_owned() }
    }

    /// A place that something can be put at, which is not the root.
    ///
    /// # Errors
    /// `Forbidden` for the root: it is the store's own. `Invalid` for a key that is too long.
    pub(crate) fn below_root(self) -> Result<Self> {
        if self.name.is_empty() {
            return Err(Error::Forbidden);
        }
        if self.is_too_long() { Err(Error::invalid(TOO_LONG)) } else { Ok(self) }
    }

    /// Whether this is the folder of a transfer, which is there as long as its own object is: so it goes in one step.
    pub(crate) fn is_transfer(&self) -> bool {
        let path = self.key.strip_prefix(&self.root).unwrap_or_default();
        match path.split_once('/') {
            Some((TRANSFERS, name)) => !name.contains('/'),
            Some(_) => false,
            None => path.starts_with(TRANSFER),
        }
    }

    /// Whether transfers lie in this folder.
    pub(crate) fn has_transfers(&self) -> bool {
        self.key.strip_prefix(&self.root) == Some(TRANSFERS)
    }

    fn is_too_long(&self) -> bool {
        // With the slash of a folder.
        self.key.len() >= LONGEST_KEY
    }

    /// What the keys of a folder here begin with, which is the key of the folder's own object too.
    pub(crate) fn folder(&self) -> String {
        format!("{}/", self.key)
    }

    /// The folder above.
    fn above(&self) -> Self {
        let key = self.key.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let name = if self.root.strip_suffix('/') == Some(&key) { String::new() } else { "above".to_owned() };
        Self { root: self.root.clone(), key, name }
    }

    /// What is there.
    ///
    /// # Errors
    /// `NotFound` when nothing is; `Unavailable` for a root that is missing and not to be made, as an empty tree would be
    /// taken for everything removed.
    pub(crate) async fn look(&self, link: &Link) -> Result<Found> {
        if !self.name.is_empty() && !self.is_too_long() {
            match head(link, &self.key).await {
                Ok(Some(found)) => return Ok(found),
                Ok(None) => {}
                // An answer to HEAD does not say why: one with a body does.
                Err(Error::Forbidden) => {
                    self.folder_there(link).await?;
                    return Err(Error::Forbidden);
                }
                Err(error) => return Err(error),
            }
        }
        self.look_for_folder(link).await
    }

    /// The folder here.
    ///
    /// # Errors
    /// As [`Self::look`]; `NotFound` where there is a file at most.
    pub(crate) async fn look_for_folder(&self, link: &Link) -> Result<Found> {
        match self.folder_there(link).await? {
            Some(found) => Ok(found),
            None if self.name.is_empty() => self.make_root(link).await,
            None => Err(self.missing(link).await),
        }
    }

    async fn folder_there(&self, link: &Link) -> Result<Option<Found>> {
        if self.is_too_long() {
            return Ok(None);
        }
        let prefix = self.folder();
        // Its own object is found sooner than the first of many.
        let own = head(link, &prefix).await;
        match own {
            Ok(Some(own)) => return Ok(Some(Found::of_folder(Some(own.modified)))),
            // Without its own object, what is left of a transfer is none.
            Ok(None) if self.is_transfer() => return Ok(None),
            // An answer to HEAD does not say why: one with a body does.
            Ok(None) | Err(Error::Forbidden) => {}
            Err(error) => return Err(error),
        }
        let answer = link.page(DOING, &Page { prefix: &prefix, most: 1, ..Page::default() }).await?;
        Ok((!answer.objects.is_empty()).then(|| Found::of_folder(None)))
    }

    /// What is missing below a root that is missing too is out of reach, and not removed.
    pub(crate) async fn missing(&self, link: &Link) -> Error {
        if link.settings.create {
            return Error::NotFound;
        }
        let root =
            Self { root: self.root.clone(), key: self.root.trim_end_matches('/').to_owned(), name: String::new() };
        match root.folder_there(link).await {
            Ok(Some(_)) => Error::NotFound,
            Ok(None) => Error::unavailable(link.name(), "opening an owner's folder", "it is not there"),
            Err(error) => error,
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
        match self.above().look_for_folder(link).await {
            Ok(_) => Ok(()),
            Err(Error::NotFound) => Err(Error::NoParent),
            Err(error) => Err(error),
        }
    }

    /// Gives the folder above an object of its own, so that it does not go with what is removed from it.
    pub(crate) async fn keep_above(&self, link: &Link) -> Result<()> {
        let marker = self.above().folder();
        if head(link, &marker).await?.is_none() { mark(link, &marker).await } else { Ok(()) }
    }

    async fn make_root(&self, link: &Link) -> Result<Found> {
        let doing = "opening an owner's folder";
        if !link.settings.create {
            return Err(Error::unavailable(link.name(), doing, "it is not there"));
        }
        mark(link, &self.folder()).await?;
        match self.folder_there(link).await? {
            Some(found) => Ok(found),
            None => Err(Error::unavailable(link.name(), doing, "it could not be made")),
        }
    }
}

/// The object of a key, if there is one.
pub(crate) async fn head(link: &Link, key: &str) -> Result<Option<Found>> {
    let response = link.send(DOING, link.request(&Ask::of(Method::HEAD, key))?, false).await?;
    match response.status() {
        StatusCode::OK => {
            let length = response.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
            let size = length.and_then(|length| length.parse().ok());
            Found::of_headers(link, &response, size).map(Some)
        }
        StatusCode::NOT_FOUND => Ok(None),
        _ => Err(link.refused(DOING, response).await),
    }
}

/// Makes a folder's own object. Whether there is one already makes no difference.
pub(crate) async fn mark(link: &Link, folder: &str) -> Result<()> {
    let ask = Ask::of(Method::PUT, folder);
    let request = link.request(&ask)?.header("Content-Type", "application/x-directory");
    let response = link.send("making a folder", request, true).await?;
    if response.status().is_success() { Ok(()) } else { Err(link.refused("making a folder", response).await) }
}

/// The store's clock.
pub(crate) fn clock(response: &Response) -> Option<SystemTime> {
    let date = response.headers().get(DATE).and_then(|date| date.to_str().ok())?;
    httpdate::parse_http_date(date).ok()
}

pub(crate) fn file_time(at: SystemTime) -> FileTime {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    FileTime { seconds: i64::try_from(since.as_secs()).unwrap_or(i64::MAX), nanos: 0 }
}
