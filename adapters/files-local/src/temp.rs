//! Files that are not there yet: without a name where the file system can (`O_TMPFILE`), else hidden under a name of ours.

use crate::{
    hands::{Fresh, Taken},
    place::{BENEATH, OWN},
    share::Share,
};
use passerelle_core::seal;
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{Mode, OFlags},
    io::{Errno, Result},
};
use std::{fmt::Write, path::Path, sync::Arc};

/// Mode of new files and folders before the process's mask, which is the administrator's to set.
pub(crate) const FILE_MODE: u32 = 0o666;
pub(crate) const FOLDER_MODE: u32 = 0o777;

/// A file under way; gone when dropped.
#[derive(Debug)]
pub(crate) struct Temp {
    share: Arc<Share>,
    folder: Arc<OwnedFd>,
    file: OwnedFd,
    name: Option<String>,
}

impl Temp {
    /// Makes one in the folder where it will get its name.
    pub(crate) fn new(share: &Arc<Share>, folder: &Arc<OwnedFd>) -> Result<Self> {
        let mode = Mode::from_raw_mode(FILE_MODE);
        let flags = OFlags::TMPFILE | OFlags::RDWR;
        let (file, name) = match share.hands.open(folder.as_fd(), Path::new("."), flags, mode, BENEATH) {
            Ok(file) => (file, None),
            Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::NOENT | Errno::INVAL) => {
                let name = own_name()?;
                let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::NOFOLLOW;
                (share.hands.open(folder.as_fd(), Path::new(&name), flags, mode, BENEATH)?, Some(name))
            }
            Err(other) => return Err(other),
        };
        Ok(Self { share: Arc::clone(share), folder: Arc::clone(folder), file, name })
    }

    /// The file.
    pub(crate) fn file(&self) -> &OwnedFd {
        &self.file
    }

    /// The same for whoever makes the calls.
    pub(crate) fn fresh(&self) -> Fresh<'_> {
        Fresh { folder: self.folder.as_fd(), file: self.file.as_fd(), name: self.name.as_deref() }
    }

    /// Gives it its name; `EEXIST` when that is taken.
    pub(crate) fn publish(mut self, name: &str) -> Result<OwnedFd> {
        match self.name.take() {
            None => self.share.hands.link(self.fresh(), name)?,
            Some(own) => self.renamed(own, name, Taken::Refuse)?,
        }
        self.file.try_clone().map_err(|_| Errno::MFILE)
    }

    /// Puts it in another file's place.
    pub(crate) fn publish_over(mut self, name: &str) -> Result<OwnedFd> {
        let own = match self.name.take() {
            Some(own) => own,
            None => {
                let own = own_name()?;
                self.share.hands.link(self.fresh(), &own)?;
                own
            }
        };
        self.renamed(own, name, Taken::Replace)?;
        self.file.try_clone().map_err(|_| Errno::MFILE)
    }

    fn renamed(&mut self, own: String, name: &str, taken: Taken) -> Result<()> {
        let renamed = self.share.hands.rename(self.folder.as_fd(), &own, self.folder.as_fd(), name, taken);
        if renamed.is_err() {
            self.name = Some(own);
        }
        renamed
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        let Some(name) = self.name.take() else { return };
        let (share, folder) = (Arc::clone(&self.share), Arc::clone(&self.folder));
        let remove = move || {
            if let Err(errno) = share.hands.unlink(folder.as_fd(), Path::new(&name)) {
                tracing::debug!(%errno, "a temporary file could not be removed and will be swept");
            }
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(remove)),
            Err(_) => remove(),
        }
    }
}

/// A new name of our own.
pub(crate) fn own_name() -> Result<String> {
    let random = seal::random::<12>().map_err(|_| Errno::AGAIN)?;
    let mut name = OWN.to_owned();
    for octet in random {
        // Writing to a String cannot fail.
        let _ = write!(name, "{octet:02x}");
    }
    Ok(name)
}
