//! From a reference to a path on the share, never outside of the owner's tree.

use crate::{
    fault::{fault, parent_fault},
    link::Link,
    settings::Settings,
};
use passerelle_core::{Error, Result, ports::beyond_transfer, seal};
use passerelle_model::NodeRef;
use smb2::{FileIdentity, FileInfo};

/// How the names of this adapter's own files begin; such a name is nobody else's.
pub(crate) const OWN: &str = ".~passerelle-";

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
        let path = node.path.as_str();
        if beyond_transfer(path).split('/').any(|name| name.starts_with(OWN)) || path.contains('\\') {
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

    /// The path of the folder above.
    pub(crate) fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// A name of ours in the same folder.
    pub(crate) fn beside(&self) -> Result<String> {
        let random = seal::random_hex::<12>()?;
        Ok(format!("{}/{OWN}{random}", self.folder()))
    }

    /// Whether no folder on the way from the root is a link. Asked in one turn.
    ///
    /// # Errors
    /// `NotFound` when one is, or is not there.
    pub(crate) async fn check_way(&self, settings: &Settings, link: &Link) -> Result<()> {
        let inside = self.path.strip_prefix(&self.root).unwrap_or_default();
        let ends = inside.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0);
        let above: Vec<&str> = ends.filter_map(|at| self.path.get(..self.root.len().saturating_add(at))).collect();
        if above.is_empty() {
            return Ok(());
        }
        for told in link.tree.stat_files(&mut link.connection(), &above).await {
            match told {
                Ok(info) if info.is_link() || !info.is_directory => return Err(Error::NotFound),
                Ok(_) => {}
                Err(error) => return Err(fault(&settings.name, "looking at a folder", error)),
            }
        }
        Ok(())
    }

    /// Sees to it that the root is there, for what is to be put right below it.
    ///
    /// # Errors
    /// `Unavailable` when it is missing and not to be made.
    pub(crate) async fn check_root(&self, settings: &Settings, link: &Link) -> Result<()> {
        if self.folder() != self.root {
            return Ok(());
        }
        let root = Self { root: self.root.clone(), path: self.root.clone(), name: String::new() };
        root.look(settings, link).await.map(drop)
    }

    /// What is there. Links are not.
    ///
    /// # Errors
    /// `NotFound` when nothing is.
    pub(crate) async fn look(&self, settings: &Settings, link: &Link) -> Result<(FileInfo, Option<FileIdentity>)> {
        self.check_way(settings, link).await?;
        let found = link.tree.stat_with_identity(&mut link.connection(), &self.path).await;
        match found {
            Ok((info, _)) if info.is_link() => Err(Error::NotFound),
            Ok(found) => Ok(found),
            Err(error) if self.name.is_empty() => match fault(&settings.name, "looking at an owner's folder", error) {
                // An empty tree would be taken for everything removed.
                Error::NotFound => self.make_root(settings, link).await,
                other => Err(other),
            },
            Err(error) => Err(fault(&settings.name, "looking at a file", error)),
        }
    }

    /// A missing root is a fault of the share and never an empty tree, unless it is to be made.
    async fn make_root(&self, settings: &Settings, link: &Link) -> Result<(FileInfo, Option<FileIdentity>)> {
        let doing = "opening an owner's folder";
        if !settings.create {
            return Err(Error::unavailable(&settings.name, doing, "it is not there"));
        }
        let mut connection = link.connection();
        let ends: Vec<usize> = self.root.match_indices('/').map(|(at, _)| at).chain([self.root.len()]).collect();
        for end in ends {
            let folder = self.root.get(..end).unwrap_or_default();
            match link.tree.create_directory(&mut connection, folder).await {
                Ok(()) => {}
                Err(error) if error.kind() == smb2::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::unavailable(&settings.name, doing, error)),
            }
        }
        let found = link.tree.stat_with_identity(&mut connection, &self.root).await;
        found.map_err(|error| parent_fault(&settings.name, doing, error))
    }
}
