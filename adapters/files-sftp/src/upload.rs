//! Writing: to a hidden file beside the old one, which is renamed over it in one step.

use crate::{
    fault::{fault, write_fault},
    link::Link,
    meta,
    place::Place,
    store::Share,
    tree,
    write::{Hidden, Open},
};
use bytes::{Bytes, BytesMut};
use passerelle_core::{
    Error, Result,
    ports::{Fut, Node, NodeKind, Precondition, Upload},
};
use russh_sftp::{
    client::error::Error as Sftp,
    protocol::{FileAttributes, OpenFlags, StatusCode},
};
use std::sync::Arc;
use tokio::task::JoinSet;

/// How many pieces are on their way to the server for one upload: 2 MiB with OpenSSH.
const AHEAD: usize = 16;
/// A time of change that is further in the future is a mistake, and none to be outdone.
const AHEAD_OF_TIME: u32 = 3600;
const DOING: &str = "writing a file";

/// What a write is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    New,
    Replace,
}

/// A write under way; nothing of it is left when dropped.
pub(crate) struct Writing {
    place: Place,
    purpose: Purpose,
    gathered: BytesMut,
    written: u64,
    under_way: JoinSet<Result<(), Sftp>>,
    open: Arc<Open>,
    hidden: Hidden,
}

/// Begins.
pub(crate) async fn begin(
    share: &Arc<Share>,
    link: &Arc<Link>,
    place: Place,
    purpose: Purpose,
    length: Option<u64>,
) -> Result<Writing> {
    let place = place.below_root()?;
    let settings = &share.settings;
    let (above, there) = futures::join!(place.check_above(settings, link), place.there(settings, link));
    if purpose == Purpose::New {
        above?;
    }
    let mut attrs = meta::none();
    match (purpose, there?) {
        (Purpose::New, None) => {}
        (Purpose::New, Some(_)) => return Err(Error::Conflict),
        (Purpose::Replace, None) => return Err(Error::NotFound),
        (Purpose::Replace, Some(old)) if meta::kind(&old) != Some(NodeKind::File) => {
            return Err(Error::invalid("this is a folder"));
        }
        // From the beginning: nobody is to read the new content who may not read the old one.
        (Purpose::Replace, Some(old)) => attrs.permissions = mode(&old),
    }
    let hidden = place.beside()?;
    if let Some(length) = length.filter(|length| *length > 0 && link.powers.statvfs) {
        let folder = hidden.rsplit_once('/').map_or(".", |(folder, _)| folder);
        let room = link.sftp.statvfs(folder).await.map_err(|error| fault(settings, "asking for room", error))?;
        if length > room.blocks_avail.saturating_mul(room.fragment_size) {
            return Err(Error::OverQuota);
        }
    }
    let flags = OpenFlags::WRITE | OpenFlags::CREATE | OpenFlags::EXCLUDE;
    let opened = match Open::file(link, &hidden, flags, attrs).await {
        Ok(opened) => opened,
        Err(error) => {
            return Err(match write_fault(settings, link, &hidden, "beginning a file", error).await {
                Error::NotFound => Error::NoParent,
                other => other,
            });
        }
    };
    Ok(Writing {
        place,
        purpose,
        gathered: BytesMut::new(),
        written: 0,
        under_way: JoinSet::new(),
        open: Arc::new(opened),
        hidden: Hidden::new(share, link, hidden),
    })
}

impl Writing {
    /// Sends what is gathered, when it is enough or all.
    async fn flush(&mut self, least: usize) -> Result<()> {
        let most = usize::try_from(self.open.link.powers.write).unwrap_or(usize::MAX);
        while self.gathered.len() >= least && !self.gathered.is_empty() {
            while self.under_way.len() >= AHEAD {
                self.settle_one().await?;
            }
            let piece = self.gathered.split_to(most.min(self.gathered.len())).to_vec();
            let (open, at) = (Arc::clone(&self.open), self.written);
            self.written = at.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
            self.under_way.spawn(async move { open.link.sftp.write(open.handle(), at, piece).await.map(drop) });
        }
        Ok(())
    }

    /// Waits for one piece to be taken.
    async fn settle_one(&mut self) -> Result<()> {
        match self.under_way.join_next().await {
            None | Some(Ok(Ok(()))) => Ok(()),
            Some(Ok(Err(error))) => {
                let hidden = &self.hidden;
                Err(write_fault(&hidden.share.settings, &hidden.link, hidden.path(), DOING, error).await)
            }
            Some(Err(error)) => Err(Error::internal(DOING, error)),
        }
    }

    async fn publish(mut self, when: &Precondition) -> Result<Node> {
        self.flush(0).await?;
        while !self.under_way.is_empty() {
            self.settle_one().await?;
        }
        let Self { place, purpose, open, hidden, .. } = self;
        let (share, link) = (Arc::clone(&hidden.share), Arc::clone(&hidden.link));
        let settings = &share.settings;
        let told = |error| fault(settings, "finishing a file", error);
        let (new, old) = futures::join!(link.sftp.fstat(open.handle()), place.there(settings, &link));
        let (new, old) = (new.map_err(told)?.attrs, old?);
        if !when.holds(old.as_ref().and_then(|old| meta::node(&place.name, old)).as_ref()) {
            return Err(Error::Conflict);
        }
        match (&old, purpose) {
            (Some(_), Purpose::New) => return Err(Error::Conflict),
            (None, Purpose::Replace) => return Err(Error::NotFound),
            (Some(old), Purpose::Replace) if meta::kind(old) != Some(NodeKind::File) => {
                return Err(Error::invalid("this is a folder"));
            }
            (Some(old), Purpose::Replace) => {
                let attrs =
                    FileAttributes { permissions: mode(old), ..later_than(old, &new).unwrap_or_else(meta::none) };
                link.sftp.fsetstat(open.handle(), attrs).await.map_err(told)?;
            }
            (None, Purpose::New) => {}
        }
        if settings.fsync && link.powers.fsync {
            link.sftp.fsync(open.handle()).await.map_err(told)?;
        }
        let open = Arc::into_inner(open).ok_or_else(|| Error::internal(DOING, "a write is still under way"))?;
        open.close().await.map_err(told)?;
        put(hidden, &place, purpose).await?;
        let found = link.sftp.lstat(place.path.as_str()).await.map_err(told)?;
        meta::node(&place.name, &found.attrs)
            .ok_or_else(|| Error::unavailable(&settings.name, DOING, "it is no file any more"))
    }
}

/// Gives the file its name.
async fn put(mut hidden: Hidden, place: &Place, purpose: Purpose) -> Result<()> {
    let (share, link) = (Arc::clone(&hidden.share), Arc::clone(&hidden.link));
    let settings = &share.settings;
    let renamed = match purpose {
        // OpenSSH links and unlinks: it fails where the name was taken meanwhile.
        Purpose::New => link.sftp.rename(hidden.path(), place.path.as_str()).await.map(drop),
        Purpose::Replace if link.powers.posix_rename => tree::posix_rename(&link, hidden.path(), &place.path).await,
        Purpose::Replace => {
            let put = async || link.sftp.rename(hidden.path(), place.path.as_str()).await.map(drop);
            tree::instead_of(&share, &link, place, false, put).await?;
            hidden.let_go();
            return Ok(());
        }
    };
    let error = match renamed {
        Ok(()) => {
            hidden.let_go();
            return Ok(());
        }
        Err(error) => error,
    };
    if let Sftp::Status(status) = &error {
        let is_taken = purpose == Purpose::New && status.status_code == StatusCode::Failure;
        if is_taken && place.there(settings, &link).await?.is_some() {
            return Err(Error::Conflict);
        }
        return Err(write_fault(settings, &link, &place.path, "finishing a file", error).await);
    }
    // Whether it was renamed before the connection broke nobody knows. What is hidden is not there then.
    Err(Error::unsettled(&settings.name, "finishing a file", error))
}

/// Who may do what with it, without the bits that a write takes away.
fn mode(old: &FileAttributes) -> Option<u32> {
    old.permissions.map(|mode| mode & 0o777)
}

/// A time of change for a new content that is not the old one's, where the server's clock gave it none: the tag hangs on it.
pub(crate) fn later_than(old: &FileAttributes, new: &FileAttributes) -> Option<FileAttributes> {
    let (old, new) = (old.mtime?, new.mtime?);
    let outdone = new > old || old.saturating_sub(new) > AHEAD_OF_TIME;
    let later = Some(old.saturating_add(1));
    (!outdone).then(|| FileAttributes { atime: later, mtime: later, ..meta::none() })
}

impl Upload for Writing {
    fn write<'a>(&'a mut self, piece: Bytes) -> Fut<'a, ()> {
        Box::pin(async move {
            self.gathered.extend_from_slice(&piece);
            self.flush(usize::try_from(self.open.link.powers.write).unwrap_or(usize::MAX)).await
        })
    }

    fn commit<'a>(self: Box<Self>, when: &'a Precondition) -> Fut<'a, Node>
    where
        Self: 'a,
    {
        Box::pin(self.publish(when))
    }
}
