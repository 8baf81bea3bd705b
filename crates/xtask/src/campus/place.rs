//! Where a campus lies: in the folder that was asked for, or behind it when the servers cannot live there.

use super::account::Account;
use crate::failure::{Doing, Failure, Result};
use crate::files;
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};

/// A Unix socket's name has at most 107 bytes; Dovecot's longest ones take about 40 below the folder.
const LONGEST: usize = 66;
/// Where the servers live when the folder itself will not do.
const ELSEWHERE: &str = "/var/tmp/passerelle-campus";

/// Makes the folder and answers its real path. When `account` cannot enter it (a home that is closed to
/// others) or the path is too long for sockets, the folder becomes a link to one under /var/tmp.
pub(crate) fn settle(dir: &Path, base: u16, account: &Account) -> Result<PathBuf> {
    if let Ok(target) = fs::read_link(dir) {
        // The target may have been swept away while the link stayed.
        files::make_folder(&target)?;
        return real(dir);
    }
    files::make_folder(dir)?;
    files::set_mode(dir, 0o755)?;
    let there = real(dir)?;
    if there.as_os_str().len() <= LONGEST && account.can_enter(&there) {
        return Ok(there);
    }
    let elsewhere = PathBuf::from(format!("{ELSEWHERE}-{base}"));
    files::make_folder(&elsewhere)?;
    let owner = fs::metadata(&elsewhere).doing(|| format!("look at {}", elsewhere.display()))?.uid();
    let own = fs::metadata(&there).doing(|| format!("look at {}", there.display()))?.uid();
    if owner != own {
        return Err(Failure::new(format!(
            "{} belongs to someone else: choose another --port-base",
            elsewhere.display()
        )));
    }
    fs::remove_dir(dir).doing(|| format!("turn {} into a link (it must be empty)", dir.display()))?;
    symlink(&elsewhere, dir).doing(|| format!("link {} to {}", dir.display(), elsewhere.display()))?;
    println!("the servers cannot live in {}: they are in {}", there.display(), elsewhere.display());
    Ok(elsewhere)
}

fn real(dir: &Path) -> Result<PathBuf> {
    fs::canonicalize(dir).doing(|| format!("find {}", dir.display()))
}
