//! Removing what is not to be left on the server, also when it cannot be reached just now.

use passerelle_core::{Error, Result};
use passerelle_fetch::dav::Link;
use reqwest::Method;
use std::{sync::LazyLock, time::Duration};
use tokio::sync::Semaphore;

/// Most removals that wait for their server; what is beyond stays hidden until a listing comes by a day later.
const MOST_WAITING: usize = 1_000;
/// How long is waited before a removal is tried again, twice as long each time.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// How often it is tried: for a bit over an hour.
const TRIES: u32 = 14;

static WAITING: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(MOST_WAITING));

/// Removes what is at a path, in the background.
pub(crate) fn remove(link: &Link, path: String) {
    // Off a runtime the process is going down; a listing removes what is left.
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    let Ok(place) = WAITING.try_acquire() else {
        tracing::debug!(store = link.name(), "too many files wait to be removed: one is left, hidden");
        return;
    };
    let link = link.clone();
    runtime.spawn(async move {
        let _place = place;
        let mut pause = FIRST_PAUSE;
        for number in 0..TRIES {
            match delete(&link, &path).await {
                Ok(()) => return,
                // What a server has just received may appear a moment later.
                Err(Error::NotFound) if number == 0 => {}
                Err(Error::NotFound) => return,
                Err(error @ Error::Unavailable { .. }) => {
                    tracing::debug!(
                        store = link.name(),
                        error = error.chain(),
                        "a file that is not finished waits to go"
                    );
                }
                Err(error) => {
                    tracing::debug!(
                        store = link.name(),
                        error = error.chain(),
                        "a file that is not finished is left, hidden"
                    );
                    return;
                }
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2);
        }
    });
}

async fn delete(link: &Link, path: &str) -> Result<()> {
    link.act("removing", link.request(Method::DELETE, path)?).await.map(drop)
}
