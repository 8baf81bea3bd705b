//! Acts on whole trees: removing, moving, copying.

use crate::{
    fault::{fault, write_fault},
    link::Link,
    list::Folder,
    meta,
    place::{OWN, Place},
    read,
    settings::Settings,
    store::Share,
    upload::later_than,
    write::Open,
};
use futures::{FutureExt, future::BoxFuture};
use passerelle_core::{
    Error, Result,
    ports::{NodeKind, Precondition},
};
use russh_sftp::{
    client::error::Error as Sftp,
    protocol::{FileAttributes, OpenFlags, Packet, Status, StatusCode},
};
use std::sync::Arc;

/// Most levels that are followed down; a path has no more.
const MOST_LEVELS: usize = 128;
/// How much the server copies in one request: other calls on the connection wait for it.
const COPIED_AT_ONCE: u64 = 8 * 1024 * 1024;

/// What is to be done with what stands where something goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    Refuse,
    Replace,
}

/// Removes a file, or a folder with all that is in it.
pub(crate) async fn remove(share: &Arc<Share>, link: &Arc<Link>, place: Place, when: &Precondition) -> Result<()> {
    let place = place.below_root()?;
    let found = place.look(&share.settings, link).await?;
    if !when.holds(meta::node(&place.name, &found).as_ref()) {
        return Err(Error::Conflict);
    }
    if is_folder(&found) {
        check_removable(share, link, &place.path, 0).await?;
    }
    clear(share, link, &place.path, is_folder(&found), 0).await
}

/// Sees to it that nothing is in a folder that no request could name (what is not UTF-8 comes with another character in its
/// place), before all else in it is gone.
fn check_removable<'a>(
    share: &'a Arc<Share>,
    link: &'a Arc<Link>,
    path: &'a str,
    level: usize,
) -> BoxFuture<'a, Result<()>> {
    async move {
        if level >= MOST_LEVELS {
            return Err(Error::unavailable(&share.settings.name, "removing", "folders are nested too deep"));
        }
        let mut entries = Folder::open(share, link, path).await?;
        while let Some(batch) = entries.next().await? {
            for entry in batch {
                if entry.filename.contains(char::REPLACEMENT_CHARACTER) {
                    return Err(Error::Forbidden);
                }
                if is_folder(&entry.attrs) {
                    let inner = format!("{path}/{}", entry.filename);
                    match check_removable(share, link, &inner, level.saturating_add(1)).await {
                        Ok(()) | Err(Error::NotFound) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
        }
        Ok(())
    }
    .boxed()
}

/// Removes what is at a path. Links in it go, not what they lead to.
pub(crate) fn clear<'a>(
    share: &'a Arc<Share>,
    link: &'a Arc<Link>,
    path: &'a str,
    folder: bool,
    level: usize,
) -> BoxFuture<'a, Result<()>> {
    async move {
        let settings = &share.settings;
        if !folder {
            return match link.sftp.remove(path).await {
                Ok(_) => Ok(()),
                Err(error) => Err(write_fault(settings, link, path, "removing", error).await),
            };
        }
        if level >= MOST_LEVELS {
            return Err(Error::unavailable(&settings.name, "removing", "folders are nested too deep"));
        }
        let mut entries = Folder::open(share, link, path).await?;
        while let Some(batch) = entries.next().await? {
            for entry in batch {
                let inner = format!("{path}/{}", entry.filename);
                match clear(share, link, &inner, is_folder(&entry.attrs), level.saturating_add(1)).await {
                    Ok(()) | Err(Error::NotFound) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        match link.sftp.rmdir(path).await {
            Ok(_) => Ok(()),
            Err(error) => Err(write_fault(settings, link, path, "removing", error).await),
        }
    }
    .boxed()
}

/// Removes a folder of ours in the background; what is left of it the next listing finds again.
pub(crate) fn clear_later(share: &Arc<Share>, link: &Arc<Link>, path: String) {
    let (share, link) = (Arc::clone(share), Arc::clone(link));
    tokio::spawn(async move {
        if let Err(error) = clear(&share, &link, &path, true, 0).await {
            tracing::debug!(store = share.settings.name, error = %error.chain(), "an upload that was given up is left, hidden");
        }
    });
}

/// Moves within the server.
pub(crate) async fn rename(share: &Arc<Share>, link: &Arc<Link>, from: Place, to: Place, taken: Taken) -> Result<()> {
    let (from, to) = (from.below_root()?, to.below_root()?);
    check_apart(&from, &to)?;
    let (moved, old) = both(&share.settings, link, &from, &to, taken).await?;
    if let Some(later) = old.as_ref().filter(|old| same_tag(old, &moved)).and_then(|old| later_than(old, &moved)) {
        // Else the tag of the old content would be the tag of the new one.
        let set = link.sftp.setstat(from.path.as_str(), later).await;
        set.map_err(|error| fault(&share.settings, "moving", error))?;
    }
    settle(share, link, &from.path, is_folder(&moved), &to, old.as_ref(), "moving").await
}

/// Copies within the server; folders with all that is in them when `deep`.
pub(crate) async fn copy(
    share: &Arc<Share>,
    link: &Arc<Link>,
    from: Place,
    to: Place,
    taken: Taken,
    deep: bool,
) -> Result<()> {
    let to = to.below_root()?;
    check_apart(&from, &to)?;
    let (source, old) = both(&share.settings, link, &from, &to, taken).await?;
    // Into a hidden place first: a copy that breaks midway shows nothing.
    let (hidden, folder) = (to.beside()?, is_folder(&source));
    let level = if deep { 0 } else { MOST_LEVELS };
    let put = match copy_into(share, link, &from.path, &hidden, &source, level).await {
        Ok(()) => {
            if let Some(old) = old.as_ref().filter(|_| !folder) {
                stamp(&share.settings, link, &hidden, old).await?;
            }
            settle(share, link, &hidden, folder, &to, old.as_ref(), "copying").await
        }
        Err(error) => Err(error),
    };
    if put.is_err() {
        // What is left is hidden, and the error is what counts.
        let _ = clear(share, link, &hidden, folder, 0).await;
    }
    put
}

/// Renames over what is there, in one step (OpenSSH `PROTOCOL` §4.3).
pub(crate) async fn posix_rename(link: &Link, from: &str, to: &str) -> Result<(), Sftp> {
    let data = [string(from.as_bytes()), string(to.as_bytes())].concat();
    status(link.sftp.extended("posix-rename@openssh.com", data).await?)
}

/// Puts something in its place, in one step where there is one.
async fn settle(
    share: &Arc<Share>,
    link: &Arc<Link>,
    from: &str,
    folder: bool,
    to: &Place,
    old: Option<&FileAttributes>,
    doing: &str,
) -> Result<()> {
    let put = async || link.sftp.rename(from, to.path.as_str()).await.map(drop);
    let put = match old {
        Some(old) if folder || is_folder(old) || !link.powers.posix_rename => {
            return instead_of(share, link, to, is_folder(old), put).await;
        }
        Some(_) => posix_rename(link, from, &to.path).await,
        None => put().await,
    };
    match put {
        Ok(()) => Ok(()),
        Err(error) => Err(write_fault(&share.settings, link, &to.path, doing, error).await),
    }
}

/// Puts something where something else is that cannot be replaced in one step: the old goes aside, and comes back when the
/// new one cannot be put there.
pub(crate) async fn instead_of(
    share: &Arc<Share>,
    link: &Arc<Link>,
    to: &Place,
    folder: bool,
    put: impl AsyncFnOnce() -> Result<(), Sftp>,
) -> Result<()> {
    let told = |error| fault(&share.settings, "replacing", error);
    let aside = to.aside()?;
    link.sftp.rename(to.path.as_str(), aside.as_str()).await.map_err(told)?;
    if let Err(error) = put().await {
        if let Err(error) = link.sftp.rename(aside.as_str(), to.path.as_str()).await {
            tracing::error!(store = share.settings.name, %error, aside, "what was to be replaced could not be put back");
        }
        return Err(told(error));
    }
    // The new one is in place, whatever becomes of the old.
    if let Err(error) = clear(share, link, &aside, folder, 0).await {
        let (store, error) = (share.settings.name.as_str(), error.chain());
        tracing::warn!(store, error, "what was replaced is left under a hidden name");
    }
    Ok(())
}

/// Copies what is at a path. `level` at its end copies a folder without what is in it.
fn copy_into<'a>(
    share: &'a Arc<Share>,
    link: &'a Arc<Link>,
    from: &'a str,
    to: &'a str,
    source: &'a FileAttributes,
    level: usize,
) -> BoxFuture<'a, Result<()>> {
    async move {
        if !is_folder(source) {
            return copy_file(share, link, from, to, source).await;
        }
        if let Err(error) = link.sftp.mkdir(to, meta::none()).await {
            return Err(match write_fault(&share.settings, link, to, "copying", error).await {
                Error::NotFound => Error::NoParent,
                other => other,
            });
        }
        if level >= MOST_LEVELS {
            return Ok(());
        }
        let mut entries = Folder::open(share, link, from).await?;
        while let Some(batch) = entries.next().await? {
            for entry in batch {
                if entry.filename.starts_with(OWN) || meta::kind(&entry.attrs).is_none() {
                    continue;
                }
                let (source, target) = (format!("{from}/{}", entry.filename), format!("{to}/{}", entry.filename));
                copy_into(share, link, &source, &target, &entry.attrs, level.saturating_add(1)).await?;
            }
        }
        Ok(())
    }
    .boxed()
}

async fn copy_file(share: &Arc<Share>, link: &Arc<Link>, from: &str, to: &str, source: &FileAttributes) -> Result<()> {
    let told = |error| fault(&share.settings, "copying", error);
    let read = Arc::new(Open::file(link, from, OpenFlags::READ, meta::none()).await.map_err(told)?);
    let flags = OpenFlags::WRITE | OpenFlags::CREATE | OpenFlags::EXCLUDE;
    let mode = FileAttributes { permissions: source.permissions.map(|mode| mode & 0o777), ..meta::none() };
    let write = match Open::file(link, to, flags, mode).await {
        Ok(write) => write,
        Err(error) => return Err(write_fault(&share.settings, link, to, "copying", error).await),
    };
    let size = link.sftp.fstat(read.handle()).await.map_err(told)?.attrs.size.unwrap_or_default();
    let at_once =
        if link.powers.copy_data { COPIED_AT_ONCE } else { u64::from(link.powers.read.min(link.powers.write)) };
    let mut at = 0_u64;
    while at < size {
        let length = at_once.min(size.saturating_sub(at));
        let copied = if link.powers.copy_data {
            copy_data(link, read.handle(), write.handle(), at, length).await
        } else {
            let length = u32::try_from(length).unwrap_or(u32::MAX);
            let octets = read::exactly(Arc::clone(share), Arc::clone(&read), at, length).await?;
            link.sftp.write(write.handle(), at, octets.to_vec()).await.map(drop)
        };
        if let Err(error) = copied {
            return Err(write_fault(&share.settings, link, to, "copying", error).await);
        }
        at = at.saturating_add(length);
    }
    write.close().await.map_err(told)
}

/// Lets the server copy a part of a file (draft-ietf-secsh-filexfer-extensions-00 §7).
async fn copy_data(link: &Link, from: &str, to: &str, at: u64, length: u64) -> Result<(), Sftp> {
    let offset = at.to_be_bytes();
    let data = [&string(from.as_bytes()), &offset[..], &length.to_be_bytes(), &string(to.as_bytes()), &offset].concat();
    status(link.sftp.extended("copy-data", data).await?)
}

/// `string` (RFC 4251 §5)
fn string(octets: &[u8]) -> Vec<u8> {
    let length = u32::try_from(octets.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), octets].concat()
}

fn status(answer: Packet) -> Result<(), Sftp> {
    match answer {
        Packet::Status(Status { status_code: StatusCode::Ok, .. }) => Ok(()),
        Packet::Status(status) => Err(Sftp::Status(status)),
        _ => Err(Sftp::UnexpectedPacket),
    }
}

/// Gives what is to take another's place a time of its own.
async fn stamp(settings: &Settings, link: &Link, path: &str, old: &FileAttributes) -> Result<()> {
    let told = |error| fault(settings, "copying", error);
    let new = link.sftp.lstat(path).await.map_err(told)?.attrs;
    match later_than(old, &new) {
        Some(later) => link.sftp.setstat(path, later).await.map(drop).map_err(told),
        None => Ok(()),
    }
}

/// What is to go, and what is where it goes to.
async fn both(
    settings: &Settings,
    link: &Link,
    from: &Place,
    to: &Place,
    taken: Taken,
) -> Result<(FileAttributes, Option<FileAttributes>)> {
    let asked = (from.look(settings, link), to.check_above(settings, link), to.there(settings, link));
    let (source, above, old) = futures::join!(asked.0, asked.1, asked.2);
    let source = source?;
    above?;
    match old? {
        Some(_) if taken == Taken::Refuse => Err(Error::Conflict),
        old => Ok((source, old)),
    }
}

fn same_tag(one: &FileAttributes, other: &FileAttributes) -> bool {
    !is_folder(one) && !is_folder(other) && (one.mtime, one.size) == (other.mtime, other.size)
}

fn is_folder(attrs: &FileAttributes) -> bool {
    meta::kind(attrs) == Some(NodeKind::Folder)
}

fn check_apart(from: &Place, to: &Place) -> Result<()> {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if within(&to.path, &from.path) || within(&from.path, &to.path) {
        return Err(Error::Forbidden);
    }
    Ok(())
}
