//! Aborting multipart uploads that nobody will finish, also when the store cannot be reached just now.

use crate::{
    client::{Ask, Link},
    objects::{clear_below, delete},
    place::clock,
};
use futures::TryStreamExt;
use passerelle_core::{Error, Result, ports::FileTime};
use reqwest::Method;
use std::{
    collections::BTreeSet,
    pin::pin,
    sync::LazyLock,
    time::{Duration, Instant, SystemTime},
};
use tokio::sync::Semaphore;

/// Most uploads that wait to be aborted; what is beyond is found by the sweep a day later.
const MOST_WAITING: usize = 1_000;
/// How long is waited before it is tried again, twice as long each time.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// How often it is tried: for a bit over an hour.
const TRIES: u32 = 14;
/// How often a node looks for what others left.
const BETWEEN_SWEEPS: Duration = Duration::from_secs(3600);
const DOING: &str = "looking for uploads that were left";

/// Transfers that are looked at, at once; what is beyond is looked at when the root is listed again.
static SWEEPING: Semaphore = Semaphore::const_new(4);

static WAITING: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(MOST_WAITING));

/// Aborts an upload, in the background.
pub(crate) fn abort(link: &Link, key: String, id: String) {
    // Off a runtime the process is going down; a sweep finds what is left.
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    let Ok(place) = WAITING.try_acquire() else {
        tracing::debug!(store = link.name(), "too many uploads wait to be aborted: one is left");
        return;
    };
    let link = link.clone();
    runtime.spawn(async move {
        let _place = place;
        let mut pause = FIRST_PAUSE;
        for _ in 0..TRIES {
            match abort_now(&link, &key, &id).await {
                Ok(()) => return,
                Err(error @ (Error::Unavailable { .. } | Error::Unsettled { .. })) => {
                    tracing::debug!(store = link.name(), error = error.chain(), "an upload waits to be aborted");
                }
                Err(error) => {
                    tracing::debug!(store = link.name(), error = error.chain(), "an upload is left");
                    return;
                }
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2);
        }
    });
}

async fn abort_now(link: &Link, key: &str, id: &str) -> Result<()> {
    let query = [("uploadId", id)];
    let ask = Ask { query: &query, ..Ask::of(Method::DELETE, key) };
    let response = link.send("aborting an upload", link.request(&ask)?, true).await?;
    // Completed, or aborted by another: there is nothing left to do.
    if response.status().is_success() || response.status() == reqwest::StatusCode::NOT_FOUND {
        return Ok(());
    }
    Err(link.refused("aborting an upload", response).await)
}

/// Looks for uploads that were left, in the background and not more often than once an hour.
pub(crate) fn sweep_now_and_then(link: &Link) {
    let Ok(mut swept) = link.swept.try_lock() else { return };
    if swept.is_some_and(|at| at.elapsed() < BETWEEN_SWEEPS) {
        return;
    }
    *swept = Some(Instant::now());
    let link = link.clone();
    tokio::spawn(async move {
        if let Err(error) = sweep(&link).await {
            tracing::debug!(
                store = link.name(),
                error = error.chain(),
                "uploads that were left could not be looked for"
            );
        }
    });
}

/// Removes the folder of a transfer in which nothing was written for a day, in the background, a few at once.
pub(crate) fn remove_when_forsaken(link: &Link, folder: &str) {
    let Ok(place) = SWEEPING.try_acquire() else { return };
    let (link, folder) = (link.clone(), folder.to_owned());
    tokio::spawn(async move {
        let _place = place;
        let removed = async {
            if is_forsaken(&link, &folder).await? {
                // Without its own object it is no transfer any more.
                delete(&link, &folder).await?;
                clear_below(&link, &folder, &BTreeSet::new()).await?;
            }
            Ok::<_, Error>(())
        };
        if let Err(error) = removed.await {
            tracing::debug!(store = link.name(), error = error.chain(), "a transfer could not be looked at");
        }
    });
}

async fn is_forsaken(link: &Link, folder: &str) -> Result<bool> {
    let now = (link.clock)().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let is_old = |at: FileTime| {
        let age = u64::try_from(at.seconds).map(|at| now.saturating_sub(Duration::from_secs(at)));
        age.is_ok_and(|age| age >= link.settings.forsaken_after)
    };
    let mut pages = pin!(link.pages(DOING, folder));
    while let Some(answer) = pages.try_next().await? {
        if !answer.objects.iter().all(|object| object.modified.is_some_and(is_old)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Aborts what was begun long ago, by the store's clock.
async fn sweep(link: &Link) -> Result<()> {
    let (mut key, mut upload) = (String::new(), String::new());
    loop {
        let mut query = Vec::new();
        if !key.is_empty() {
            query.push(("key-marker", key.as_str()));
        }
        query.push(("prefix", link.settings.top()));
        if !upload.is_empty() {
            query.push(("upload-id-marker", upload.as_str()));
        }
        query.push(("uploads", ""));
        let ask = Ask { query: &query, ..Ask::of(Method::GET, "") };
        let response = link.send(DOING, link.request(&ask)?, false).await?;
        let now = clock(&response).and_then(|now| now.duration_since(SystemTime::UNIX_EPOCH).ok());
        let answer = link.told(DOING, response, "ListMultipartUploadsResult").await?;
        for left in &answer.uploads {
            let since = left.since.and_then(|at| u64::try_from(at.seconds).ok()).map(Duration::from_secs);
            let age = now.zip(since).map(|(now, since)| now.saturating_sub(since));
            if age.is_some_and(|age| age >= link.settings.abort_after) {
                match abort_now(link, &left.key, &left.id).await {
                    Ok(()) => tracing::info!(store = link.name(), "an upload that was left unfinished is aborted"),
                    Err(error @ (Error::Unavailable { .. } | Error::Unsettled { .. })) => return Err(error),
                    // One that cannot be aborted keeps nobody from the others.
                    Err(error) => tracing::warn!(
                        store = link.name(),
                        error = error.chain(),
                        "an upload that was left unfinished stays"
                    ),
                }
            }
        }
        let next = (answer.next, answer.next_upload);
        if !answer.truncated || next == (key, upload) {
            return Ok(());
        }
        (key, upload) = next;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::{
        client::tests::campus_where,
        multipart::Multipart,
        place::{head, mark},
    };

    /// The store by a link that waits a day, and by one for which all is over at once.
    fn both(tree: &str) -> (Link, Link) {
        let path = format!("{tree}/{{login}}");
        let at_once = |settings: &mut crate::settings::Settings| {
            (settings.abort_after, settings.forsaken_after) = (Duration::ZERO, Duration::ZERO);
        };
        (campus_where(&path, |_| {}), campus_where(&path, at_once))
    }

    async fn unfinished(link: &Link) -> usize {
        let query = [("prefix", link.settings.top()), ("uploads", "")];
        let ask = Ask { query: &query, ..Ask::of(Method::GET, "") };
        let response = link.send(DOING, link.request(&ask).unwrap(), false).await.unwrap();
        link.told(DOING, response, "ListMultipartUploadsResult").await.unwrap().uploads.len()
    }

    #[tokio::test]
    async fn campus_what_was_left_is_aborted() {
        let tree = format!("left-{}", std::process::id());
        let (patient, impatient) = both(&tree);
        std::mem::forget(Multipart::begin(&patient, DOING, &format!("{tree}/u00001/f")).await.unwrap());
        sweep(&patient).await.unwrap();
        assert_eq!(unfinished(&patient).await, 1, "it is younger than a day");
        sweep(&impatient).await.unwrap();
        assert_eq!(unfinished(&patient).await, 0);
    }

    #[tokio::test]
    async fn campus_a_transfer_that_nobody_came_back_for_goes() {
        let tree = format!("forsaken-{}", std::process::id());
        let (patient, impatient) = both(&tree);
        let folder = format!("{tree}/u00001/.~passerelle-transfers/x/");
        mark(&patient, &folder).await.unwrap();
        assert!(!is_forsaken(&patient, &folder).await.unwrap());
        remove_when_forsaken(&impatient, &folder);
        while head(&patient, &folder).await.unwrap().is_some() {
            tokio::task::yield_now().await;
        }
    }
}
