//! State's settings in memory: read at start, and again when State says that they were changed, on every node. No
//! request reads State for them.

use crate::{
    Result,
    house::House,
    ports::state::{OverlayValue, State},
};
use arc_swap::ArcSwap;
use passerelle_model::InstitutionId;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};
use tokio::sync::{Notify, watch};

/// How long it rests when State cannot be read.
const RETRY: Duration = Duration::from_millis(500);
/// How long whoever changed something waits to see it in force on this node.
const SEEN_WITHIN: Duration = Duration::from_secs(5);

/// The newest values of State, by institution.
pub(crate) type Values = HashMap<InstitutionId, Arc<[OverlayValue]>>;

/// What was announced and is not in force yet.
#[derive(Debug)]
pub(crate) struct Announced {
    waiting: Mutex<Waiting>,
    wake: Notify,
    /// The change that is in force on this node, by institution.
    in_force: watch::Sender<BTreeMap<InstitutionId, u64>>,
}

#[derive(Debug, Default)]
struct Waiting {
    all: bool,
    some: BTreeSet<InstitutionId>,
}

impl Default for Announced {
    fn default() -> Self {
        Self { waiting: Mutex::default(), wake: Notify::new(), in_force: watch::Sender::default() }
    }
}

impl Announced {
    /// The settings of an institution were changed.
    pub(crate) fn note(&self, institution: InstitutionId) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).some.insert(institution);
        self.wake.notify_one();
    }

    /// Anything may have been changed.
    pub(crate) fn note_all(&self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).all = true;
        self.wake.notify_one();
    }

    /// Waits until a change is in force on this node, so that whoever made it sees it. It is made either way.
    pub(crate) async fn seen(&self, institution: &InstitutionId, version: u64) {
        let mut in_force = self.in_force.subscribe();
        let newer = in_force.wait_for(|versions| versions.get(institution).is_some_and(|newest| *newest >= version));
        let _ = tokio::time::timeout(SEEN_WITHIN, newer).await;
    }

    /// Tells what is in force.
    pub(crate) fn tell(&self, versions: BTreeMap<InstitutionId, u64>) {
        self.in_force.send_replace(versions);
    }

    fn take(&self) -> Waiting {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn give_back(&self, Waiting { all, some }: Waiting) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.all |= all;
        waiting.some.extend(some);
    }
}

/// Reads the newest values of these institutions.
pub(crate) async fn load(state: &Arc<dyn State>, of: impl IntoIterator<Item = InstitutionId>) -> Result<Values> {
    let mut values = Values::new();
    for institution in of {
        let newest = state.overlay(&institution, None).await?;
        values.insert(institution, newest.into());
    }
    Ok(values)
}

/// Puts what is announced in force, until the door is gone. `turn` is held by whoever puts another house in place.
pub(crate) async fn follow(house: Weak<ArcSwap<House>>, turn: Arc<tokio::sync::Mutex<()>>) {
    loop {
        let Some(withdrawn) = house.upgrade().map(|house| Arc::clone(&house.load().withdrawn)) else { return };
        withdrawn.settings.wake.notified().await;
        let waiting = withdrawn.settings.take();
        let Some(cell) = house.upgrade() else { return };
        let outcome = {
            let _turn = turn.lock().await;
            put_in_force(&cell, &waiting).await
        };
        drop(cell);
        if let Err(error) = outcome {
            tracing::warn!(error = %error.chain(), "settings were changed and cannot be read yet");
            withdrawn.settings.give_back(waiting);
            tokio::time::sleep(RETRY).await;
            withdrawn.settings.wake.notify_one();
        }
    }
}

async fn put_in_force(cell: &ArcSwap<House>, waiting: &Waiting) -> Result<()> {
    let house = cell.load_full();
    let stale = |id: &&InstitutionId| waiting.all || waiting.some.contains(*id);
    let ids: Vec<InstitutionId> = house.tenants.keys().filter(stale).cloned().collect();
    if ids.is_empty() {
        return Ok(());
    }
    let values = load(&house.state, ids).await?;
    for (id, values) in &values {
        let version = values.iter().map(|value| value.version).max().unwrap_or(0);
        tracing::info!(institution = %id, version, "settings changed at run time are in force");
    }
    let new = Arc::new(house.with_values(&values));
    cell.store(Arc::clone(&new));
    new.announce();
    Ok(())
}
