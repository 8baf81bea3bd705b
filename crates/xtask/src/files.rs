//! Small steps on files, each with an error that names the path.

use crate::failure::{Doing, Result};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Readable by all: settings of servers that run as another user.
pub(crate) const PUBLIC: u32 = 0o644;
/// For the owner alone: keys and passwords.
pub(crate) const SECRET: u32 = 0o600;
/// A program.
pub(crate) const PROGRAM: u32 = 0o755;

/// Makes a folder and what is missing above it.
pub(crate) fn make_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).doing(|| format!("make the folder {}", path.display()))
}

/// Writes a file with these permissions.
pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>, mode: u32) -> Result<()> {
    fs::write(path, content).doing(|| format!("write {}", path.display()))?;
    set_mode(path, mode)
}

/// Sets the permissions of a file or folder.
pub(crate) fn set_mode(path: &Path, mode: u32) -> Result<()> {
    let permissions = fs::Permissions::from_mode(mode);
    fs::set_permissions(path, permissions).doing(|| format!("set the permissions of {}", path.display()))
}

/// The text of a file.
pub(crate) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).doing(|| format!("read {}", path.display()))
}

/// The text of a file, or nothing when there is no such file.
pub(crate) fn read_if_there(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(cause).doing(|| format!("read {}", path.display())),
    }
}

/// An empty file that a program's output goes to.
pub(crate) fn create(path: &Path) -> Result<File> {
    File::create(path).doing(|| format!("create {}", path.display()))
}

/// Removes a file or a whole folder; that there is none is no failure.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let is_folder = fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    let removed = if is_folder { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(cause) if cause.kind() != ErrorKind::NotFound => Err(cause).doing(|| format!("remove {}", path.display())),
        _ => Ok(()),
    }
}

/// The entries of a folder, in the order of their names, and whether each is a folder.
pub(crate) fn entries(folder: &Path) -> Result<Vec<(PathBuf, bool)>> {
    let failed = || format!("list {}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).doing(failed)? {
        let entry = entry.doing(failed)?;
        found.push((entry.path(), entry.file_type().doing(failed)?.is_dir()));
    }
    found.sort();
    Ok(found)
}
