//! Removing what is not to be left on the server, also when it cannot be reached just now.

use crate::{connection::Identity, lease::Lease, store::Share, tree};
use passerelle_core::Error;
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};
use tokio::sync::Semaphore;

/// Most removals that wait for their server; what is beyond stays hidden until a listing comes by a day later.
const MOST_WAITING: usize = 1_000;
/// How long is waited before a removal is tried again, twice as long each time.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// How often it is tried: for a bit over an hour.
const TRIES: u32 = 14;

static WAITING: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(MOST_WAITING));

/// Something of ours that is removed when it is dropped, unless it was let go.
pub(crate) struct Unfinished {
    share: Arc<Share>,
    who: Identity,
    path: Option<String>,
    folder: bool,
}

impl Unfinished {
    pub(crate) fn new(lease: &Lease, path: &str, folder: bool) -> Self {
        Self { share: Arc::clone(&lease.share), who: lease.who.clone(), path: Some(path.to_owned()), folder }
    }

    /// It is where it belongs.
    pub(crate) fn let_go(mut self) {
        self.path = None;
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(path) = self.path.take() {
            remove(&self.share, self.who.clone(), None, path, self.folder);
        }
    }
}

/// Removes a file or a folder, in the background, at first on a connection that has just written it.
pub(crate) fn remove(share: &Arc<Share>, who: Identity, lease: Option<Lease>, path: String, folder: bool) {
    // Off a runtime the process is going down; a listing removes what is left.
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    let Ok(place) = WAITING.try_acquire() else {
        tracing::debug!(store = share.settings.name, "too many files wait to be removed: one is left, hidden");
        return;
    };
    let (share, mut lease) = (Arc::clone(share), lease);
    runtime.spawn(async move {
        let _place = place;
        let mut pause = FIRST_PAUSE;
        for _ in 0..TRIES {
            if lease.is_none() {
                lease = Lease::take(&share, who.clone(), tree::MOST_AT_ONCE).await.ok();
            }
            if let Some(mut on) = lease.take() {
                let removed = if folder {
                    tree::clear(&mut on, &path, true, 0).await
                } else {
                    let removed = on.run(async |it| it.ftp.rm(path.as_str()).await).await;
                    removed.map_err(|refusal| refusal.look_fault(&share.settings, "removing"))
                };
                match removed {
                    // Removed, not there, or not to be removed.
                    Ok(()) | Err(Error::NotFound | Error::Forbidden) => return,
                    Err(_) => tracing::debug!(store = share.settings.name, "what is not finished waits to go"),
                }
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2);
        }
    });
}
