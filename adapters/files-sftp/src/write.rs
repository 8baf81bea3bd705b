//! Handles of the server, and files of ours on it: each is closed or removed by whoever drops it.

use crate::{identity, link::Link, store::Share};
use russh_sftp::{
    client::error::Error as Sftp,
    protocol::{FileAttributes, OpenFlags},
};
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

/// An open handle.
pub(crate) struct Open {
    pub(crate) link: Arc<Link>,
    handle: String,
    closed: bool,
}

impl Open {
    /// Opens a file. Who gives up while the server opens it leaves nothing open there: the answer is waited for.
    pub(crate) async fn file(
        link: &Arc<Link>,
        path: &str,
        flags: OpenFlags,
        attrs: FileAttributes,
    ) -> Result<Self, Sftp> {
        let (link, path) = (Arc::clone(link), path.to_owned());
        Self::wanted(async move {
            let handle = link.sftp.open(path, flags, attrs).await?.handle;
            Ok(Self { link, handle, closed: false })
        })
        .await
    }

    /// The same with a folder.
    pub(crate) async fn folder(link: &Arc<Link>, path: &str) -> Result<Self, Sftp> {
        let (link, path) = (Arc::clone(link), path.to_owned());
        Self::wanted(async move {
            let handle = link.sftp.opendir(path).await?.handle;
            Ok(Self { link, handle, closed: false })
        })
        .await
    }

    async fn wanted(opening: impl Future<Output = Result<Self, Sftp>> + Send + 'static) -> Result<Self, Sftp> {
        match tokio::spawn(opening).await {
            Ok(opened) => opened,
            Err(error) => Err(Sftp::UnexpectedBehavior(error.to_string())),
        }
    }

    /// As the server calls it.
    pub(crate) fn handle(&self) -> &str {
        &self.handle
    }

    /// Closes it, and says whether that went well.
    pub(crate) async fn close(mut self) -> Result<(), Sftp> {
        self.closed = true;
        self.link.sftp.close(self.handle.as_str()).await.map(drop)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if self.closed {
            return;
        }
        // Off a runtime the process is going down, and the connection with it.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (link, handle) = (Arc::clone(&self.link), std::mem::take(&mut self.handle));
        // Whether it is closed changes nothing for us.
        runtime.spawn(async move { drop(link.sftp.close(handle).await) });
    }
}

/// A file that is removed when it is dropped, unless it was let go.
pub(crate) struct Hidden {
    pub(crate) share: Arc<Share>,
    pub(crate) link: Arc<Link>,
    path: Option<String>,
}

impl Hidden {
    pub(crate) fn new(share: &Arc<Share>, link: &Arc<Link>, path: String) -> Self {
        Self { share: Arc::clone(share), link: Arc::clone(link), path: Some(path) }
    }

    pub(crate) fn path(&self) -> &str {
        self.path.as_deref().unwrap_or_default()
    }

    /// It is where it belongs, or may be the only one.
    pub(crate) fn let_go(&mut self) {
        self.path = None;
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        if let Some(path) = self.path.take() {
            remove_later(&self.share, &self.link, path);
        }
    }
}

/// Removes a file, in the background, also when the server cannot be reached just now.
pub(crate) fn remove_later(share: &Arc<Share>, link: &Arc<Link>, path: String) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    let Ok(place) = WAITING.try_acquire() else {
        tracing::debug!(store = share.settings.name, "too many files wait to be removed: one is left, hidden");
        return;
    };
    let (share, mut link) = (Arc::clone(share), Arc::clone(link));
    runtime.spawn(async move {
        let _place = place;
        let mut pause = FIRST_PAUSE;
        for _ in 0..TRIES {
            match link.sftp.remove(path.as_str()).await {
                Ok(_) => return,
                Err(Sftp::Status(status)) => {
                    tracing::debug!(store = share.settings.name, %status.status_code, "a file that is not finished is not there, or left");
                    return;
                }
                Err(error) => tracing::debug!(store = share.settings.name, %error, "a file that is not finished waits to go"),
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2);
            // A person's own way in is not kept beyond the connection: then a listing removes it a day later.
            let Some(service) = identity::service(&share.settings) else { return };
            if let Ok(again) = share.links.of(&share.settings, &service).await {
                link = again;
            }
        }
    });
}
