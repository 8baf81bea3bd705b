//! From a reference to a path on the server, never outside of the owner's tree.

use crate::{
    facts::{Entry, Facts, parse},
    fault::Refusal,
    lease::Lease,
    settings::Settings,
};
use passerelle_core::{Error, Result, ports::beyond_transfer, seal};
use passerelle_model::NodeRef;

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
    /// `NotFound` for a name that is ours, or that no command could carry.
    pub(crate) fn of(settings: &Settings, node: &NodeRef) -> Result<Self> {
        let path = node.path.as_str();
        if beyond_transfer(path).split('/').any(|name| name.starts_with(OWN)) || path.contains(['\r', '\n', '\0']) {
            return Err(Error::NotFound);
        }
        let root = settings.root(&node.owner);
        let path = if node.path.is_root() { root.clone() } else { format!("{root}/{path}") };
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
        hidden_beside(&self.path, beginning)
    }

    /// What is there.
    ///
    /// # Errors
    /// `NotFound` when nothing is; `Unavailable` for a root that is missing and not to be made, as an empty tree would be
    /// taken for everything removed.
    pub(crate) async fn look(&self, lease: &mut Lease) -> Result<Facts> {
        match look(lease, &self.path).await {
            Err(Error::NotFound) if self.name.is_empty() => self.make_root(lease).await,
            Err(Error::NotFound) => Err(self.missing(lease).await),
            other => other,
        }
    }

    /// What is missing below a root that is missing too is out of reach, and not removed.
    async fn missing(&self, lease: &mut Lease) -> Error {
        match look(lease, &self.root).await {
            Err(Error::NotFound) if !lease.share.settings.create => {
                Error::unavailable(&lease.share.settings.name, "opening an owner's folder", "it is not there")
            }
            Err(error @ Error::Unavailable { .. }) => error,
            _ => Error::NotFound,
        }
    }

    /// What is there, if anything.
    pub(crate) async fn there(&self, lease: &mut Lease) -> Result<Option<Facts>> {
        match self.look(lease).await {
            Ok(found) => Ok(Some(found)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sees to it that there is a folder to put something in.
    ///
    /// # Errors
    /// `NoParent` when there is none.
    pub(crate) async fn check_above(&self, lease: &mut Lease) -> Result<()> {
        match self.above().look(lease).await {
            Ok(found) if found.is_folder() => Ok(()),
            Ok(_) | Err(Error::NotFound) => Err(Error::NoParent),
            Err(error) => Err(error),
        }
    }

    /// A missing root is a fault of the share and never an empty tree, unless it is to be made.
    async fn make_root(&self, lease: &mut Lease) -> Result<Facts> {
        let doing = "opening an owner's folder";
        let missing = |lease: &Lease| Error::unavailable(&lease.share.settings.name, doing, "it is not there");
        if !lease.share.settings.create {
            return Err(missing(lease));
        }
        let ends = self.root.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0).chain([self.root.len()]);
        for end in ends {
            let folder = self.root.get(..end).unwrap_or_default();
            match lease.run(async |it| it.ftp.mkdir(folder).await).await {
                // That one is there already is no failure; that the last one is not will show.
                Ok(()) | Err(Refusal::Reply { .. }) => {}
                Err(broken) => return Err(broken.fault(&lease.share.settings, doing)),
            }
        }
        match look(lease, &self.root).await {
            Err(Error::NotFound) => Err(missing(lease)),
            other => other,
        }
    }
}

/// A name of ours beside a path, for what is out of its place for a moment.
pub(crate) fn aside_of(path: &str) -> Result<String> {
    hidden_beside(path, ASIDE)
}

fn hidden_beside(path: &str, beginning: &str) -> Result<String> {
    let random = seal::random_hex::<12>()?;
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    Ok(format!("{folder}/{beginning}{random}"))
}

/// What is at a path.
pub(crate) async fn look(lease: &mut Lease, path: &str) -> Result<Facts> {
    let doing = "looking at a file";
    let line = lease.run(async |it| it.ftp.mlst(Some(path)).await).await;
    let line = line.map_err(|refusal| refusal.look_fault(&lease.share.settings, doing))?;
    match parse(&line) {
        Some(Entry::Named(_, facts)) => Ok(facts),
        Some(Entry::Other(_) | Entry::Itself) => Err(Error::NotFound),
        None => Err(Error::unavailable(&lease.share.settings.name, doing, "the answer is none of MLST's")),
    }
}
