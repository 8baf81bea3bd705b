//! Writing: to a hidden file beside the old one, which is renamed over it.

use crate::{
    facts::{Facts, to_time_val},
    fault::Refusal,
    lease::Lease,
    litter,
    place::{Place, look},
    tree,
};
use bytes::Bytes;
use passerelle_core::{
    Error, Result,
    ports::{Fut, Node, Precondition, Upload},
};
use std::sync::Arc;
use suppaftp::tokio::{AsyncRustlsStream, TransferStream};
use tokio::{io::AsyncWriteExt, time::timeout};

/// A time of change that is further in the future is a mistake, and none to be outdone.
const AHEAD_OF_TIME: i64 = 3600;
const DOING: &str = "writing a file";

/// What a write is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    New,
    Replace,
}

/// A file under way on the server; nothing of it is left when dropped.
pub(crate) struct Sending {
    /// Ends before what it wrote is removed.
    octets: Option<TransferStream<AsyncRustlsStream>>,
    pub(crate) lease: Option<Lease>,
    pub(crate) path: Option<String>,
    written: u64,
}

impl Sending {
    /// Begins to write at a path.
    pub(crate) async fn begin(mut lease: Lease, path: String) -> Result<Self> {
        let begun = lease.run(async |it| it.ftp.put_with_stream(path.as_str()).await).await;
        let octets = begun.map_err(|refusal| refusal.fault(&lease.share.settings, "beginning a file"))?;
        Ok(Self { octets: Some(octets), lease: Some(lease), path: Some(path), written: 0 })
    }

    pub(crate) async fn write(&mut self, piece: Bytes) -> Result<()> {
        let (Some(octets), Some(lease)) = (self.octets.as_mut(), self.lease.as_mut()) else {
            return Err(Error::internal(DOING, "after the end"));
        };
        let settings = &lease.share.settings;
        match timeout(settings.timeout, octets.write_all(&piece)).await {
            Ok(Ok(())) => {
                self.written = self.written.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
                Ok(())
            }
            // The server has ended the transfer: on the other connection it says why.
            Ok(Err(error)) => match self.finish().await {
                Err(Error::Unavailable { .. }) | Ok(()) => Err(self.away(error.to_string())),
                Err(told) => Err(told),
            },
            Err(slow) => Err(self.away(slow.to_string())),
        }
    }

    fn away(&self, what: String) -> Error {
        let name = self.lease.as_ref().map_or("", |lease| lease.share.settings.name.as_str());
        Error::unavailable(name, DOING, what)
    }

    /// Says that this was all, and hears whether the server has it.
    pub(crate) async fn finish(&mut self) -> Result<()> {
        let (Some(octets), Some(lease)) = (self.octets.take(), self.lease.as_mut()) else {
            return Err(Error::internal(DOING, "after the end"));
        };
        let ended = lease.run(async |_| octets.finish().await.map(drop)).await;
        ended.map_err(|refusal| refusal.fault(&lease.share.settings, DOING))
    }

    /// What the server has, which must be what was written.
    async fn taken(&mut self) -> Result<Facts> {
        let (Some(lease), Some(path)) = (self.lease.as_mut(), self.path.as_deref()) else {
            return Err(Error::internal(DOING, "nothing is under way"));
        };
        match look(lease, path).await? {
            facts if facts.size == self.written && !facts.is_folder() => Ok(facts),
            _ => Err(self.away("the server has not as many octets as were sent".to_owned())),
        }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        // The data connection ends here: what is removed next is whole for the server, or nothing.
        drop(self.octets.take());
        if let (Some(path), Some(lease)) = (self.path.take(), self.lease.take()) {
            let (share, who) = (Arc::clone(&lease.share), lease.who.clone());
            lease.alone();
            litter::remove(&share, who, Some(lease), path, false);
        }
    }
}

/// A write under way.
pub(crate) struct Writing {
    place: Place,
    purpose: Purpose,
    sending: Sending,
}

/// Begins.
pub(crate) async fn begin(mut lease: Lease, place: Place, purpose: Purpose) -> Result<Writing> {
    let place = place.below_root()?;
    if purpose == Purpose::New {
        place.check_above(&mut lease).await?;
    }
    match (purpose, place.there(&mut lease).await?) {
        (Purpose::New, None) => {}
        (Purpose::New, Some(_)) => return Err(Error::Conflict),
        (Purpose::Replace, None) => return Err(Error::NotFound),
        (Purpose::Replace, Some(old)) if old.is_folder() => return Err(Error::invalid("this is a folder")),
        (Purpose::Replace, Some(_)) => {}
    }
    let hidden = place.beside()?;
    Ok(Writing { place, purpose, sending: Sending::begin(lease, hidden).await? })
}

impl Writing {
    async fn publish(mut self, when: &Precondition) -> Result<Node> {
        self.sending.finish().await?;
        let new = self.sending.taken().await?;
        let Self { place, purpose, mut sending } = self;
        let (Some(lease), Some(hidden)) = (sending.lease.as_mut(), sending.path.clone()) else {
            return Err(Error::internal(DOING, "nothing is under way"));
        };
        let old = place.there(lease).await?;
        if !when.holds(old.as_ref().map(|old| old.node(&place.name)).as_ref()) {
            return Err(Error::Conflict);
        }
        match (&old, purpose) {
            (Some(_), Purpose::New) => return Err(Error::Conflict),
            (None, Purpose::Replace) => return Err(Error::NotFound),
            (Some(old), Purpose::Replace) if old.is_folder() => return Err(Error::invalid("this is a folder")),
            (Some(old), Purpose::Replace) => stamp(lease, &hidden, old, &new).await?,
            (None, Purpose::New) => {}
        }
        match tree::put(lease, &hidden, &place, old.as_ref(), "finishing a file").await {
            Ok(()) => sending.path = None,
            // Whether it was renamed before the connection broke nobody knows; it may be the only one.
            Err(Error::Unavailable { backend, doing, cause }) if !lease.is_clean() => {
                sending.path = None;
                return Err(Error::Unsettled { backend, doing, cause });
            }
            Err(error) => return Err(error),
        }
        Ok(place.look(lease).await?.node(&place.name))
    }
}

/// Gives a new content a time of change that is not the old one's, where the server's clock gave it none: the tag hangs on
/// it, and a number of a file comes back when its file is gone.
pub(crate) async fn stamp(lease: &mut Lease, path: &str, old: &Facts, new: &Facts) -> Result<()> {
    let (was, is) = (old.modified.seconds, new.modified.seconds);
    if is > was || was.saturating_sub(is) > AHEAD_OF_TIME || !lease.stamps() {
        return Ok(());
    }
    let Some(later) = to_time_val(was.saturating_add(1)) else { return Ok(()) };
    let command = format!("MFMT {later} {path}");
    let set = lease.run(async |it| it.ftp.custom_command(command, &[suppaftp::Status::File]).await.map(drop)).await;
    match set {
        // Then the tag is as good as the server's clock.
        Ok(()) | Err(Refusal::Reply { .. }) => Ok(()),
        Err(broken) => Err(broken.fault(&lease.share.settings, DOING)),
    }
}

impl Upload for Writing {
    fn write<'a>(&'a mut self, piece: Bytes) -> Fut<'a, ()> {
        Box::pin(self.sending.write(piece))
    }

    fn commit<'a>(self: Box<Self>, when: &'a Precondition) -> Fut<'a, Node>
    where
        Self: 'a,
    {
        Box::pin(self.publish(when))
    }
}
