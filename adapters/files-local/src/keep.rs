//! What belongs to a file and not to its content: owner, group, mode, ACL and extended attributes. A file that takes
//! another's place takes these over.

use crate::{
    hands::{Hands, Own},
    place::BENEATH,
};
use rustix::{
    fd::{BorrowedFd, OwnedFd},
    fs::{Gid, Mode, OFlags, Uid, XattrFlags},
    io::{Errno, Result},
};
use std::path::Path;

/// Largest list of extended attributes, and largest value, that Linux has (xattr(7)).
const LARGEST_ATTRIBUTE: usize = 64 * 1024;

/// Gives the new file what belongs to the old one of this name: owner, group, attributes with the ACL, mode. An error
/// means that it could not all be given.
pub(crate) fn keep(folder: BorrowedFd<'_>, old: &str, new: BorrowedFd<'_>) -> Result<()> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let old = Own.open(folder, Path::new(old), flags, Mode::empty(), BENEATH)?;
    let (was, is) = (rustix::fs::fstat(&old)?, rustix::fs::fstat(new)?);
    if (was.st_uid, was.st_gid) != (is.st_uid, is.st_gid) {
        let owner = (was.st_uid != is.st_uid).then(|| Uid::from_raw(was.st_uid));
        let group = (was.st_gid != is.st_gid).then(|| Gid::from_raw(was.st_gid));
        rustix::fs::fchown(new, owner, group)?;
    }
    keep_attributes(&old, new)?;
    // Set-user-id and set-group-id do not survive a write (POSIX write()); nor do they here.
    let mode = Mode::from_raw_mode(was.st_mode & 0o777);
    if was.st_mode & 0o7777 == is.st_mode & 0o7777 { Ok(()) } else { rustix::fs::fchmod(new, mode) }
}

fn keep_attributes(old: &OwnedFd, new: BorrowedFd<'_>) -> Result<()> {
    let (had, has) = (attributes(old)?, attributes(new)?);
    for name in &has {
        // A default ACL of the folder: the old file had none of it.
        if is_kept(name) && !had.contains(name) {
            rustix::fs::fremovexattr(new, name.as_slice())?;
        }
    }
    for name in had.iter().filter(|name| is_kept(name)) {
        let size = rustix::fs::fgetxattr_query(old, name.as_slice())?;
        let mut value = vec![0; size.min(LARGEST_ATTRIBUTE)];
        let length = rustix::fs::fgetxattr(old, name.as_slice(), value.as_mut_slice())?;
        rustix::fs::fsetxattr(new, name.as_slice(), value.get(..length).unwrap_or_default(), XattrFlags::empty())?;
    }
    Ok(())
}

/// Users' attributes and ACLs. Those of the kernel's security modules belong to an inode, not to its content.
fn is_kept(name: &[u8]) -> bool {
    name.starts_with(b"user.") || name == b"system.posix_acl_access" || name == b"system.nfs4_acl"
}

fn attributes(file: impl rustix::fd::AsFd) -> Result<Vec<Vec<u8>>> {
    let size = match rustix::fs::flistxattr_query(&file) {
        Ok(0) | Err(Errno::OPNOTSUPP) => return Ok(Vec::new()),
        sized => sized?,
    };
    let mut list = vec![0; size.min(LARGEST_ATTRIBUTE)];
    let length = rustix::fs::flistxattr(&file, list.as_mut_slice())?;
    let names = list.get(..length).unwrap_or_default().split(|octet| *octet == 0);
    Ok(names.filter(|name| !name.is_empty()).map(<[u8]>::to_vec).collect())
}
