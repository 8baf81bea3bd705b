//! Where an export goes. It has its name only when it is whole: until then it is `<name>.part`, which is no archive that somebody
//! would take for one.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, BufWriter, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// A file or folder that is being written.
pub(crate) struct Target {
    part: PathBuf,
    whole: PathBuf,
}

impl Target {
    /// One that is not there yet.
    pub(crate) fn new(whole: &Path) -> io::Result<Self> {
        let mut part = whole.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        for there in [whole, &part] {
            if fs::symlink_metadata(there).is_ok() {
                let what = format!("{} is there already: name another, or take it away", there.display());
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, what));
            }
        }
        Ok(Self { part, whole: whole.to_owned() })
    }

    /// What there is of it when something failed.
    pub(crate) fn part(&self) -> &Path {
        &self.part
    }

    /// It is whole, and gets its name.
    pub(crate) fn finish(self) -> io::Result<()> {
        fs::rename(&self.part, &self.whole)?;
        let parent = self.whole.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(parent)?.sync_all()
    }
}

/// A new file that only its owner reads: it is somebody's own.
pub(crate) fn file(path: &Path) -> io::Result<BufWriter<File>> {
    Ok(BufWriter::new(OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?))
}

/// A folder, and those above it that are missing.
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// A file has all its octets on the disk.
pub(crate) fn close(mut file: BufWriter<File>) -> io::Result<()> {
    file.flush()?;
    file.get_ref().sync_all()
}
