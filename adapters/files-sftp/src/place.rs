//! From a reference to a path on the server, never outside of the owner's tree.

use crate::{fault::fault, link::Link, meta, settings::Settings};
use passerelle_core::{
    Error, Result,
    ports::{NodeKind, beyond_transfer},
    seal,
};
use passerelle_model::NodeRef;
use russh_sftp::protocol::FileAttributes;

/// How the names of this adapter's own files begin; such a name is nobody else's.
pub(crate) const OWN: &str = ".~passerelle-";
/// What is under way: of no use once whoever wrote it is gone.
pub(crate) const UNFINISHED: &str = ".~passerelle-new-";
/// What had to make room for something else, and may be the only one.
const ASIDE: &str = ".~passerelle-old-";

/// A place in an owner's tree: its root, and the whole path with it.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) root: String,
    pub(crate) path: String,
    /// The name, empty for the root.
    pub(crate) name: String,
}

impl Place {
    /// The place of a reference.
    ///
    /// # Errors
    /// `NotFound` for a name that is ours.
    pub(crate) fn of(settings: &Settings, node: &NodeRef) -> Result<Self> {
        if beyond_transfer(node.path.as_str()).split('/').any(|name| name.starts_with(OWN)) {
            return Err(Error::NotFound);
        }
        let root = settings.root(&node.owner);
        let path = if node.path.is_root() { root.clone() } else { format!("{root}/{}", node.path.as_str()) };
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
    fn above(&self) -> Self {
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
        Ok(format!("{}/{beginning}{random}", self.above().path))
    }

    /// What is there, and whether every folder on the way from the root is one and no link. Asked in one turn.
    ///
    /// # Errors
    /// `NotFound` when nothing is; `Unavailable` for a root that is missing and not to be made, as an empty tree would be
    /// taken for everything removed.
    pub(crate) async fn look(&self, settings: &Settings, link: &Link) -> Result<FileAttributes> {
        match self.look_there(settings, link).await {
            Err(Error::NotFound) if !self.name.is_empty() => Err(self.missing(settings, link).await),
            other => other,
        }
    }

    /// What is missing below a root that is missing too is out of reach, and not removed.
    async fn missing(&self, settings: &Settings, link: &Link) -> Error {
        let doing = "opening an owner's folder";
        match link.sftp.stat(self.root.as_str()).await.map_err(|error| fault(settings, doing, error)) {
            Err(Error::NotFound) if !settings.create => Error::unavailable(&settings.name, doing, "it is not there"),
            Err(error @ Error::Unavailable { .. }) => error,
            _ => Error::NotFound,
        }
    }

    async fn look_there(&self, settings: &Settings, link: &Link) -> Result<FileAttributes> {
        let inside = self.path.get(self.root.len()..).unwrap_or_default();
        let ends = inside.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0);
        let above = ends.filter_map(|at| self.path.get(..self.root.len().saturating_add(at)));
        let asked = above.chain([self.path.as_str()]).map(|path| link.sftp.lstat(path));
        let mut told = futures::future::join_all(asked).await.into_iter();
        let Some(found) = told.next_back() else { return Err(Error::NotFound) };
        for folder in told {
            let folder = folder.map_err(|error| fault(settings, "looking at a folder", error))?;
            if meta::kind(&folder.attrs) != Some(NodeKind::Folder) {
                return Err(Error::NotFound);
            }
        }
        match found.map_err(|error| fault(settings, "looking at a file", error)) {
            // The root itself may be a link: it is the operator's.
            Ok(found) if self.name.is_empty() && meta::kind(&found.attrs).is_none() => {
                let found = link.sftp.stat(self.path.as_str()).await;
                Ok(found.map_err(|error| fault(settings, "looking at an owner's folder", error))?.attrs)
            }
            Ok(found) if meta::kind(&found.attrs).is_some() => Ok(found.attrs),
            // Without its kind nobody knows whether it is a file: that is not that there is none.
            Ok(found) if found.attrs.permissions.is_none() => {
                Err(Error::unavailable(&settings.name, "looking at a file", "the server does not tell its kind"))
            }
            Ok(_) => Err(Error::NotFound),
            Err(Error::NotFound) if self.name.is_empty() => self.make_root(settings, link).await,
            Err(error) => Err(error),
        }
    }

    /// What is there, if anything.
    pub(crate) async fn there(&self, settings: &Settings, link: &Link) -> Result<Option<FileAttributes>> {
        match self.look(settings, link).await {
            Ok(found) => Ok(Some(found)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sees to it that there is a folder to put something in.
    ///
    /// # Errors
    /// `NoParent` when there is none.
    pub(crate) async fn check_above(&self, settings: &Settings, link: &Link) -> Result<()> {
        match self.above().look(settings, link).await {
            Ok(found) if meta::kind(&found) == Some(NodeKind::Folder) => Ok(()),
            Ok(_) | Err(Error::NotFound) => Err(Error::NoParent),
            Err(error) => Err(error),
        }
    }

    /// A missing root is a fault of the share and never an empty tree, unless it is to be made.
    async fn make_root(&self, settings: &Settings, link: &Link) -> Result<FileAttributes> {
        let doing = "opening an owner's folder";
        if !settings.create {
            return Err(Error::unavailable(&settings.name, doing, "it is not there"));
        }
        let ends = self.root.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0).chain([self.root.len()]);
        for end in ends {
            // That one is there already is no failure; that the last one is not will show.
            let _ = link.sftp.mkdir(self.root.get(..end).unwrap_or_default(), meta::none()).await;
        }
        let made = link.sftp.stat(self.root.as_str()).await;
        made.map(|made| made.attrs).map_err(|error| Error::unavailable(&settings.name, doing, error))
    }
}
