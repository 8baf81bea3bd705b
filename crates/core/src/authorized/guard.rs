//! Leases in State around check and commit, on the places of files: among all nodes one writes after the other (invariant 12).

use crate::{Authorized, Error, Resource, Result, Right, house::House, ports::state::LeaseToken, seal};
use passerelle_model::Target;
use std::{collections::BTreeSet, future::Future, sync::Arc, time::Duration};

/// How long a lease around check and commit lasts at most, in seconds: far longer than a rename takes. A store that moves by
/// copying can take longer; then the lease has run out before it is done.
const LEASE: i64 = 30;
/// How often a taken lease is tried again, and how long between tries.
const LEASE_TRIES: u32 = 50;
const LEASE_PAUSE: Duration = Duration::from_millis(20);

/// The lease of one place, around a check and the commit that relies on it. Every write takes it, with a condition or
/// without: a condition that was found to hold must still hold when its write becomes visible.
pub(super) struct Guard {
    house: Arc<House>,
    target: Target,
    /// Where something is moved away from.
    source: Option<Target>,
}

impl Guard {
    /// The lease of a place.
    pub(super) fn at(house: &Arc<House>, target: Target) -> Self {
        Self { house: Arc::clone(house), target, source: None }
    }

    /// The lease of what a handle is on.
    pub(super) fn of<T: Resource, R: Right>(handle: &Authorized<T, R>) -> Self {
        Self::at(&handle.house, handle.target().target())
    }

    /// The place.
    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// The same with the lease of where something is moved away from: what is written there meanwhile must not go with it.
    pub(super) fn with_source(self, source: Target) -> Self {
        Self { source: Some(source), ..self }
    }

    /// Runs a change of the store and what it means for State to its end, even when the caller leaves meanwhile: half of
    /// it would leave grants on what is gone, and the lease taken.
    pub(super) async fn run<T, F>(self, write: impl FnOnce(Arc<House>) -> F + Send + 'static) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let under_way = tokio::spawn(async move {
            // In the order of their names, so that nobody who moves the other way waits for this one.
            let keys: BTreeSet<String> = self.source.iter().chain([&self.target]).map(key).collect();
            let mut turns = Vec::with_capacity(keys.len());
            for key in &keys {
                turns.push(self.house.rows.get_with(key.clone(), Arc::default).lock_owned().await);
            }
            let mut leases = Vec::with_capacity(keys.len());
            let mut taken = Ok(());
            for key in keys {
                match self.take(key).await {
                    Ok(lease) => leases.push(lease),
                    Err(error) => {
                        taken = Err(error);
                        break;
                    }
                }
            }
            let written = match taken {
                Ok(()) => write(Arc::clone(&self.house)).await,
                Err(error) => Err(error),
            };
            for lease in &leases {
                give(&self.house, lease).await;
            }
            drop(turns);
            written
        });
        under_way.await.map_err(|error| Error::internal("writing", error))?
    }

    async fn take(&self, key: String) -> Result<LeaseToken> {
        let lease = LeaseToken { key, holder: seal::random()? };
        for _ in 0..LEASE_TRIES {
            let now = (self.house.clock)();
            if self.house.state.take_lease(&lease, now.plus(LEASE), now).await? {
                return Ok(lease);
            }
            tokio::time::sleep(LEASE_PAUSE).await;
        }
        Err(Error::unavailable("state", "taking a lease", "somebody holds it for too long"))
    }
}

/// The name of a place's lease.
fn key(target: &Target) -> String {
    let Target { institution, owner, tree, path, .. } = target;
    let owner = owner.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("{institution}/{owner}/{tree}/{path}")
}

/// Gives a lease back. A failure is no error of the write: the lease runs out by itself.
pub(super) async fn give(house: &House, lease: &LeaseToken) {
    if let Err(error) = house.state.give_lease(lease).await {
        tracing::warn!(error = %error.chain(), "a lease could not be given back and will run out");
    }
}
