//! Writing files: octets go into a file that is not there yet, and one step makes them the content.

use crate::{
    fault::{demand, fault},
    hands::Taken,
    meta::{self, Stat},
    place::{BENEATH, LOOK},
    share::{Share, Span},
    temp::Temp,
};
use bytes::Bytes;
use passerelle_core::{
    Error, Result,
    ports::{FileTime, Fut, Node, NodeKind, Precondition, Upload},
};
use passerelle_model::NodeRef;
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{FallocateFlags, Mode, OFlags},
    io::Errno,
};
use std::{io::IoSlice, path::Path, sync::Arc, time::SystemTime};
use tokio::task::JoinHandle;

/// So much is gathered before it is written on another thread, while the next part arrives: an upload holds at most twice
/// this.
const BATCH: usize = 512 * 1024;
/// And at most so many pieces, for clients that send octet by octet. (One `pwritev` takes 1,024.)
const PIECES: usize = 256;
/// Room is set aside for declared lengths from here on; smaller ones are refused early enough by the write itself.
const SET_ASIDE: u64 = 64 * 1024;
const DOING: &str = "writing a file";

/// Whether the upload makes a file or replaces one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    New,
    Replace,
}

/// A write under way.
pub(crate) struct Writing {
    share: Arc<Share>,
    folder: Arc<OwnedFd>,
    name: String,
    purpose: Purpose,
    temp: Option<Arc<Temp>>,
    pending: Vec<Bytes>,
    gathered: usize,
    written: u64,
    /// The time that its content is to have, in seconds since 1970.
    dated: Option<i64>,
    under_way: Option<JoinHandle<Result<Arc<Temp>>>>,
}

/// Begins an upload.
pub(crate) async fn begin(
    share: &Arc<Share>,
    node: &NodeRef,
    purpose: Purpose,
    length: Option<u64>,
) -> Result<Writing> {
    let large = length.filter(|length| *length >= SET_ASIDE);
    let at_hand = if large.is_none() { share.parent_at_hand(node) } else { None };
    let (folder, temp) = if let Some(opened) = at_hand {
        let (folder, name) = opened?;
        check(share, &folder, name, purpose)?;
        (Arc::new(folder), None)
    } else {
        let node = node.clone();
        let begun = share.run(DOING, Span::Call, move |share| {
            let (folder, name) = share.open_parent(&node, DOING)?;
            check(share, &folder, name, purpose)?;
            let folder = Arc::new(folder);
            let temp = large.map(|length| set_aside(share, &folder, length)).transpose()?;
            Ok((folder, temp.map(Arc::new)))
        });
        begun.await?
    };
    let name = node.path.name().unwrap_or_default().to_owned();
    let (pending, gathered, written, share) = (Vec::new(), 0, 0, Arc::clone(share));
    Ok(Writing { share, folder, name, purpose, temp, pending, gathered, written, dated: None, under_way: None })
}

fn check(share: &Share, folder: &OwnedFd, name: &str, purpose: Purpose) -> Result<()> {
    match (share.named(folder, name), purpose) {
        (Ok(_), Purpose::New) => Err(Error::Conflict),
        (Ok(stat), Purpose::Replace) => match meta::kind(&stat) {
            Some(NodeKind::File) => Ok(()),
            Some(NodeKind::Folder) => Err(Error::invalid("a folder")),
            None => Err(Error::NotFound),
        },
        (Err(Errno::NOENT), Purpose::New) => Ok(()),
        (Err(errno), Purpose::New | Purpose::Replace) => Err(fault(&share.name, DOING, errno)),
    }
}

fn set_aside(share: &Arc<Share>, folder: &Arc<OwnedFd>, length: u64) -> Result<Temp> {
    let told = |errno| fault(&share.name, DOING, errno);
    let temp = Temp::new(share, folder).map_err(told)?;
    match rustix::fs::fallocate(temp.file(), FallocateFlags::KEEP_SIZE, 0, length) {
        // Not every file system can; then the write will tell.
        Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INTR) => Ok(temp),
        Err(errno) => Err(told(errno)),
    }
}

impl Upload for Writing {
    fn write<'a>(&'a mut self, piece: Bytes) -> Fut<'a, ()> {
        Box::pin(async move {
            self.gathered += piece.len();
            self.pending.push(piece);
            if self.gathered < BATCH && self.pending.len() < PIECES {
                return Ok(());
            }
            self.settle().await?;
            let (pieces, at) = self.take();
            let (temp, folder, share) = (self.temp.take(), Arc::clone(&self.folder), Arc::clone(&self.share));
            self.under_way = Some(tokio::spawn(async move {
                share.run(DOING, Span::Call, move |share| put(share, &folder, temp, &pieces, at)).await
            }));
            Ok(())
        })
    }

    fn date(&mut self, seconds: i64) {
        self.dated = Some(seconds);
    }

    fn commit<'a>(mut self: Box<Self>, when: &'a Precondition) -> Fut<'a, Node>
    where
        Self: 'a,
    {
        Box::pin(async move {
            self.settle().await?;
            let (pieces, at) = self.take();
            let Self { share, folder, name, purpose, temp, written, dated, .. } = *self;
            let when = when.clone();
            let commit = move |share: &Arc<Share>| {
                let temp = put(share, &folder, temp, &pieces, at)?;
                let temp = Arc::into_inner(temp).ok_or_else(|| Error::internal(DOING, "a write is still under way"))?;
                finish(share, &temp, written, dated)?;
                let stat = match purpose {
                    Purpose::New => publish(share, &folder, &name, temp, &when)?,
                    Purpose::Replace => publish_over(share, &folder, &name, temp, &when)?,
                };
                share.sync_folder(&folder)?;
                meta::node(&name, &stat).ok_or_else(|| Error::internal(DOING, "what was written is no file"))
            };
            share.run(DOING, Span::Commit, commit).await
        })
    }
}

impl Writing {
    /// Waits for the write under way.
    async fn settle(&mut self) -> Result<()> {
        if let Some(under_way) = self.under_way.take() {
            self.temp = Some(under_way.await.map_err(|error| Error::internal(DOING, error))??);
        }
        Ok(())
    }

    /// What is gathered, and where it belongs.
    fn take(&mut self) -> (Vec<Bytes>, u64) {
        let at = self.written;
        self.written += u64::try_from(self.gathered).unwrap_or(u64::MAX);
        self.gathered = 0;
        (std::mem::take(&mut self.pending), at)
    }
}

/// Writes pieces at an offset, making the file with the first of them.
fn put(
    share: &Arc<Share>,
    folder: &Arc<OwnedFd>,
    temp: Option<Arc<Temp>>,
    pieces: &[Bytes],
    mut at: u64,
) -> Result<Arc<Temp>> {
    let told = |errno| fault(&share.name, DOING, errno);
    let temp = match temp {
        Some(temp) => temp,
        None => Arc::new(Temp::new(share, folder).map_err(told)?),
    };
    let mut slices: Vec<IoSlice<'_>> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
    let mut rest = slices.as_mut_slice();
    while rest.iter().any(|slice| !slice.is_empty()) {
        let length = rustix::io::retry_on_intr(|| rustix::io::pwritev(temp.file(), rest, at)).map_err(told)?;
        if length == 0 {
            return Err(told(Errno::IO));
        }
        IoSlice::advance_slices(&mut rest, length);
        at += u64::try_from(length).unwrap_or(u64::MAX);
    }
    Ok(temp)
}

/// Gives room back that was set aside and not used, an exact time, and the disk its octets.
fn finish(share: &Share, temp: &Temp, length: u64, dated: Option<i64>) -> Result<()> {
    let told = |errno| fault(&share.name, DOING, errno);
    rustix::fs::ftruncate(temp.file(), length).map_err(told)?;
    // The kernel's own stamp has the grain of its tick; entity tags need better.
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let seconds = dated.unwrap_or_else(|| i64::try_from(now.as_secs()).unwrap_or(i64::MAX));
    // The fraction is that of now in either case: two files of one date are told apart by it.
    let exact = FileTime { seconds, nanos: now.subsec_nanos() };
    share.hands.stamp(temp.fresh(), exact).map_err(told)?;
    if share.settings.fsync { rustix::fs::fsync(temp.file()).map_err(told) } else { Ok(()) }
}

fn publish(share: &Share, folder: &OwnedFd, name: &str, temp: Temp, when: &Precondition) -> Result<Stat> {
    let told = |errno| fault(&share.name, DOING, errno);
    demand(when, present(share, folder, name)?.as_ref())?;
    let file = temp.publish(name).map_err(told)?;
    meta::opened(file).map_err(told)
}

fn publish_over(share: &Share, folder: &OwnedFd, name: &str, temp: Temp, when: &Precondition) -> Result<Stat> {
    let told = |errno| fault(&share.name, DOING, errno);
    let kept = share.hands.keep(temp.fresh(), name);
    let now = present(share, folder, name)?;
    demand(when, now.as_ref())?;
    if now.ok_or(Error::NotFound)?.kind != NodeKind::File {
        return Err(Error::invalid("a folder"));
    }
    match kept {
        Ok(()) => {
            let file = temp.publish_over(name).map_err(told)?;
            meta::opened(file).map_err(told)
        }
        Err(Errno::PERM | Errno::ACCESS | Errno::OPNOTSUPP) => in_place(share, folder, name, &temp).map_err(told),
        Err(other) => Err(told(other)),
    }
}

fn present(share: &Share, folder: &OwnedFd, name: &str) -> Result<Option<Node>> {
    match share.named(folder, name) {
        Ok(stat) => Ok(meta::node(name, &stat)),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(fault(&share.name, DOING, errno)),
    }
}

/// Overwrites the old file, when the new one cannot have its owner or rights. Room for what it grows by is set aside
/// first, so that a full disk leaves the old content.
fn in_place(share: &Share, folder: &OwnedFd, name: &str, temp: &Temp) -> rustix::io::Result<Stat> {
    let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let old = share.hands.open(folder.as_fd(), Path::new(name), flags, Mode::empty(), BENEATH)?;
    let length = meta::opened(temp.file())?.size;
    match rustix::fs::fallocate(&old, FallocateFlags::KEEP_SIZE, 0, length.max(1)) {
        Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS) => {}
        Err(other) => return Err(other),
    }
    crate::copy::octets(temp.file(), &old)?;
    rustix::fs::ftruncate(&old, length)?;
    if share.settings.fsync {
        rustix::fs::fsync(&old)?;
    }
    meta::opened(&old)
}

/// Whether something stands under a name, for whoever puts something in its place.
pub(crate) fn stands(share: &Share, folder: &OwnedFd, name: &str) -> rustix::io::Result<Option<Stat>> {
    match share.named(folder, name) {
        Ok(stat) => Ok(Some(stat)),
        Err(Errno::NOENT) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Puts what has a name of its own, or any other, into a place. What stood there is gone only when the new is there.
pub(crate) fn put_in_place(
    share: &Arc<Share>,
    from: (&OwnedFd, &str),
    to: (&OwnedFd, &str),
    taken: Taken,
) -> rustix::io::Result<()> {
    let rename = |from: (&OwnedFd, &str), to: (&OwnedFd, &str), taken| {
        share.hands.rename(from.0.as_fd(), from.1, to.0.as_fd(), to.1, taken)
    };
    let old = if taken == Taken::Replace { stands(share, to.0, to.1)? } else { None };
    let Some(old) = old else { return rename(from, to, Taken::Refuse) };
    let new = share.named(from.0, from.1)?;
    let is_folder = |stat: &Stat| meta::kind(stat) == Some(NodeKind::Folder);
    if !is_folder(&old) && !is_folder(&new) {
        return rename(from, to, Taken::Replace);
    }
    let aside = crate::temp::own_name()?;
    rename(to, (to.0, &aside), Taken::Refuse)?;
    if let Err(errno) = rename(from, to, Taken::Refuse) {
        rename((to.0, &aside), to, Taken::Refuse)?;
        return Err(errno);
    }
    crate::remove::whole(share, to.0, Path::new(&aside))
}

/// Opens what is to be copied or moved, to know what it is.
pub(crate) fn look(share: &Share, folder: &OwnedFd, name: &str) -> rustix::io::Result<OwnedFd> {
    share.hands.open(folder.as_fd(), Path::new(name), LOOK, Mode::empty(), BENEATH)
}
