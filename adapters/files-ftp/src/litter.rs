//! Removing what is not to be left on the server, also when it cannot be reached just now.

use crate::{connection::Identity, fault::Refusal, lease::Lease, store::Share};
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

/// Removes a file, in the background, at first on a connection that has just written it.
pub(crate) fn remove(share: &Arc<Share>, who: Identity, lease: Option<Lease>, path: String) {
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
                lease = Lease::take(&share, who.clone()).await.ok();
            }
            if let Some(mut on) = lease.take() {
                match on.run(async |it| it.ftp.rm(path.as_str()).await).await {
                    // Removed, or not there.
                    Ok(()) | Err(Refusal::Reply { code: 550, .. }) => return,
                    Err(_) => tracing::debug!(store = share.settings.name, "a file that is not finished waits to go"),
                }
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2);
        }
    });
}
