//! Going down without dropping what runs: finish it, refuse what is new, and stop waiting at a deadline.

use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// The one who says when.
#[derive(Debug)]
pub struct Drainer {
    begun: watch::Sender<bool>,
    guard: Option<mpsc::Sender<()>>,
    ended: mpsc::Receiver<()>,
}

/// What a connection holds to hear of it.
#[derive(Debug, Clone)]
pub struct Drain {
    begun: watch::Receiver<bool>,
}

/// As long as one of these lives, something runs.
#[derive(Debug, Clone)]
pub struct DrainGuard {
    _alive: mpsc::Sender<()>,
}

impl Default for Drainer {
    fn default() -> Self {
        let (guard, ended) = mpsc::channel(1);
        Self { begun: watch::Sender::new(false), guard: Some(guard), ended }
    }
}

impl Drainer {
    /// A handle to hear of it.
    pub fn handle(&self) -> Drain {
        Drain { begun: self.begun.subscribe() }
    }

    /// A guard for something that runs; `None` once the drain has begun.
    pub fn guard(&self) -> Option<DrainGuard> {
        self.guard.clone().map(|alive| DrainGuard { _alive: alive })
    }

    /// Tells everybody, and waits until the last guard is gone or the deadline has passed. `true` when all ended in time.
    pub async fn drain(mut self, deadline: Duration) -> bool {
        self.begun.send_replace(true);
        drop(self.guard.take());
        tokio::time::timeout(deadline, self.ended.recv()).await.is_ok()
    }
}

impl Drain {
    /// Whether it has begun.
    pub fn has_begun(&self) -> bool {
        *self.begun.borrow()
    }

    /// Waits until it begins.
    pub async fn begun(&mut self) {
        if self.begun.wait_for(|begun| *begun).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
