//! State in memory, for unit tests and as the plainest reading of the port's contract. It keeps nothing beyond its last
//! handle; a clone is a second handle on the same state.

mod access;
mod administration;
mod dav;
mod dump;
mod dump_administration;
mod external_accounts;
mod gateway_groups;
mod places;
mod preferences;
mod sign_ons;
mod sync_indexes;
mod tallies;

use administration::{KeptCard, KnownCall};
use passerelle_core::{
    Error, Result,
    ports::{
        Fut, Health, Leg, Verdict,
        state::{
            AUDIT_KEPT, ApiClient, AppPassword, AuditLine, CALL_KEPT, CallKey, ExternalAccount, Link, Lock,
            MOST_CHANGES_KEPT, Overlay, OverlayChange, OverlayValue, PropertyName, Revocation, Revocations,
            SealedTokens, State, StateEvent, SyncIndex, TALLIES_KEPT, Watch,
        },
    },
};
use passerelle_model::{Account, ExternalId, Grantee, GroupRef, InstitutionId, LinkId, Rights, Target, Timestamp};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt,
    future::Future,
    hash::{BuildHasher, Hasher, RandomState},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::broadcast::{self, error::RecvError};

/// Most rows of one kind.
const MOST_ROWS: usize = 100_000;
/// Most events that a watcher may be behind.
const MOST_EVENTS: usize = 1024;
/// How long what has ended is still shown, in seconds: a day.
const SHOWN_ENDED: i64 = 86_400;

/// State in memory.
#[derive(Clone)]
pub struct MemoryState {
    shared: Arc<Shared>,
}

struct Shared {
    tables: Mutex<Tables>,
    epoch: Mutex<[u8; 16]>,
    events: broadcast::Sender<StateEvent>,
}

/// Everything that is kept.
#[derive(Debug, Default)]
struct Tables {
    grants: BTreeMap<(Target, Grantee), (Rights, Option<Timestamp>)>,
    links: BTreeMap<LinkId, Link>,
    app_passwords: BTreeMap<String, AppPassword>,
    external: BTreeMap<ExternalId, ExternalAccount>,
    preferences: BTreeMap<(Account, String), String>,
    tallies: BTreeMap<(InstitutionId, Timestamp, String), u64>,
    sessions: BTreeMap<[u8; 16], Timestamp>,
    accounts: BTreeMap<Account, (Timestamp, Timestamp)>,
    locks: BTreeMap<String, Lock>,
    leases: BTreeMap<String, ([u8; 16], Timestamp)>,
    properties: BTreeMap<(Target, PropertyName), String>,
    overlay: BTreeMap<(InstitutionId, u64), OverlayChange>,
    claims: BTreeMap<[u8; 32], Timestamp>,
    handovers: BTreeMap<[u8; 32], (String, Timestamp)>,
    tokens: BTreeMap<[u8; 16], (SealedTokens, Timestamp)>,
    sync_indexes: BTreeMap<Target, SyncIndex>,
    audit: BTreeMap<(InstitutionId, Timestamp, [u8; 8]), AuditLine>,
    calls: BTreeMap<CallKey, KnownCall>,
    clients: BTreeMap<String, ApiClient>,
    cards: BTreeMap<Account, KeptCard>,
    /// What each is for.
    gateway_groups: BTreeMap<GroupRef, String>,
    gateway_members: BTreeSet<(GroupRef, Account)>,
}

impl MemoryState {
    /// An empty state with a random epoch.
    pub fn new() -> Self {
        let events = broadcast::Sender::new(MOST_EVENTS);
        Self { shared: Arc::new(Shared { tables: Mutex::default(), epoch: Mutex::new(random()), events }) }
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.shared.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, event: StateEvent) {
        // Nobody listens: nobody has to be told.
        let _ = self.shared.events.send(event);
    }

    fn tell_grants_changed(&self, target: &Target) {
        if let Some(id) = &target.owner {
            let owner = Account { institution: target.institution.clone(), id: id.clone() };
            self.tell(StateEvent::GrantsChanged(owner));
        }
    }
}

impl Default for MemoryState {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryState")
    }
}

impl Tables {
    fn revoked(&self, now: Timestamp) -> Vec<Revocation> {
        let sessions = self.sessions.iter().map(|(id, expires)| Revocation::Session { id: *id, expires: *expires });
        let accounts = self.accounts.iter().map(|(account, (before, expires))| Revocation::Account {
            account: account.clone(),
            before: *before,
            expires: *expires,
        });
        let holds = |revocation: &Revocation| match revocation {
            Revocation::Session { expires, .. } | Revocation::Account { expires, .. } => now < *expires,
        };
        sessions.chain(accounts).filter(holds).collect()
    }

    /// Drops the values of old changes that other old changes replaced.
    fn forget_changes(&mut self, institution: &InstitutionId, old: u64) {
        let mut replaced = BTreeSet::new();
        let of = |version| (institution.clone(), version);
        for (_, change) in self.overlay.range_mut(of(0)..=of(old)).rev() {
            change.values.retain(|(name, _)| replaced.insert(name.clone()));
        }
        self.overlay.retain(|_, change| !change.values.is_empty());
    }

    fn rows(&self) -> usize {
        let dav = self.locks.len() + self.leases.len() + self.properties.len();
        let access = self.grants.len() + self.links.len() + self.app_passwords.len();
        let passing = self.claims.len() + self.handovers.len() + self.tokens.len() + self.sync_indexes.len();
        let administration = self.audit.len() + self.calls.len() + self.clients.len() + self.tallies.len();
        dav + access + passing + administration + self.sessions.len() + self.accounts.len()
    }
}

impl Revocations for MemoryState {
    fn revoke<'a>(&'a self, revocation: &'a Revocation) -> Fut<'a, ()> {
        let mut tables = self.tables();
        match revocation {
            Revocation::Session { id, expires } => {
                let held = tables.sessions.entry(*id).or_insert(*expires);
                *held = (*held).max(*expires);
            }
            Revocation::Account { account, before, expires } => {
                let held = tables.accounts.entry(account.clone()).or_insert((*before, *expires));
                *held = (held.0.max(*before), held.1.max(*expires));
            }
        }
        self.tell(StateEvent::Revoked(revocation.clone()));
        ready(Ok(()))
    }

    fn revoked(&self, now: Timestamp) -> Fut<'_, Vec<Revocation>> {
        ready(Ok(self.tables().revoked(now)))
    }

    fn watch(&self) -> Fut<'_, Watch> {
        let follower = (self.clone(), self.shared.events.subscribe(), VecDeque::new());
        let stream = futures::stream::unfold(follower, |(state, mut events, mut waiting)| async move {
            loop {
                if let Some(event) = waiting.pop_front() {
                    return Some((event, (state, events, waiting)));
                }
                match events.recv().await {
                    Ok(event) => waiting.push_back(event),
                    Err(RecvError::Lagged(_)) => {
                        waiting.push_back(StateEvent::Lost);
                        let held = state.tables().revoked(Timestamp(i64::MIN));
                        waiting.extend(held.into_iter().map(StateEvent::Revoked));
                        waiting.push_back(StateEvent::Restored);
                    }
                    Err(RecvError::Closed) => return None,
                }
            }
        });
        ready(Ok(Box::pin(stream) as Watch))
    }

    fn sweep(&self, now: Timestamp) -> Fut<'_, u64> {
        let mut tables = self.tables();
        let before = tables.rows();
        let shown = |until: Option<Timestamp>| until.is_none_or(|until| until > now.plus(-SHOWN_ENDED));
        let ended: Vec<LinkId> =
            tables.links.values().filter(|link| !shown(link.until)).map(|link| link.id.clone()).collect();
        tables.links.retain(|id, _| !ended.contains(id));
        tables
            .grants
            .retain(|(_, to), (_, until)| shown(*until) && !matches!(to, Grantee::Link(id) if ended.contains(id)));
        tables.app_passwords.retain(|_, row| shown(row.until));
        tables.clients.retain(|_, client| shown(client.until));
        tables.audit.retain(|(_, at, _), _| *at > now.plus(-AUDIT_KEPT));
        tables.tallies.retain(|(_, hour, _), _| *hour > now.plus(-TALLIES_KEPT));
        tables.calls.retain(|_, known| known.made > now.plus(-CALL_KEPT));
        tables.sessions.retain(|_, expires| *expires > now);
        tables.accounts.retain(|_, (_, expires)| *expires > now);
        tables.locks.retain(|_, lock| lock.expires > now);
        tables.leases.retain(|_, (_, ends)| *ends > now);
        tables.sync_indexes.retain(|_, index| index.ends > now);
        tables.claims.retain(|_, expires| *expires > now);
        tables.handovers.retain(|_, (_, expires)| *expires > now);
        tables.tokens.retain(|_, (_, expires)| *expires > now);
        let swept = before - tables.rows();
        ready(Ok(u64::try_from(swept).unwrap_or(u64::MAX)))
    }
}

impl Overlay for MemoryState {
    fn overlay<'a>(&'a self, institution: &'a InstitutionId, up_to: Option<u64>) -> Fut<'a, Vec<OverlayValue>> {
        let tables = self.tables();
        let mut newest: BTreeMap<String, OverlayValue> = BTreeMap::new();
        let theirs = tables.overlay.range((institution.clone(), 0)..=(institution.clone(), up_to.unwrap_or(u64::MAX)));
        for (_, OverlayChange { version, by, at, values }) in theirs {
            for (name, value) in values {
                let (value, by) = (value.clone(), by.clone());
                let row = OverlayValue { name: name.clone(), value, version: *version, by, at: *at };
                newest.insert(name.clone(), row);
            }
        }
        ready(Ok(newest.into_values().collect()))
    }

    fn overlay_changes<'a>(
        &'a self,
        institution: &'a InstitutionId,
        from: u64,
        to: u64,
    ) -> Fut<'a, Vec<OverlayChange>> {
        let tables = self.tables();
        let theirs = tables.overlay.iter().rev().map(|((of, version), change)| (of, *version, change));
        let asked = theirs.filter(|(of, version, _)| *of == institution && (from..=to).contains(version));
        ready(Ok(asked.map(|(_, _, change)| change.clone()).collect()))
    }

    fn change_overlay<'a>(&'a self, institution: &'a InstitutionId, change: &'a OverlayChange) -> Fut<'a, ()> {
        let mut tables = self.tables();
        let first = (institution.clone(), 0);
        let newest = tables.overlay.range(first..=(institution.clone(), u64::MAX)).next_back();
        if newest.map_or(0, |((_, newest), _)| *newest).checked_add(1) != Some(change.version) {
            return ready(Err(Error::Conflict));
        }
        let mut change = change.clone();
        change.values.sort();
        let old = change.version.saturating_sub(MOST_CHANGES_KEPT);
        tables.overlay.insert((institution.clone(), change.version), change);
        tables.forget_changes(institution, old);
        self.tell(StateEvent::SettingsChanged(institution.clone()));
        ready(Ok(()))
    }
}

impl State for MemoryState {
    fn epoch(&self) -> [u8; 16] {
        *self.shared.epoch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn dump(&self) -> Fut<'_, Vec<String>> {
        ready(Ok(dump::dump(&self.tables())))
    }

    fn restore<'a>(&'a self, lines: &'a [String]) -> Fut<'a, ()> {
        ready(dump::restore(lines).map(|restored| {
            *self.tables() = restored;
            *self.shared.epoch.lock().unwrap_or_else(PoisonError::into_inner) = random();
            self.tell(StateEvent::Replaced);
        }))
    }
}

impl Health for MemoryState {
    fn name(&self) -> &str {
        "state (memory)"
    }

    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        Box::pin(std::future::ready(vec![Leg { name: "open", verdict: Verdict::Works("in memory".to_owned()) }]))
    }
}

fn ready<'a, T: Send + 'a>(answer: Result<T>) -> Fut<'a, T> {
    Box::pin(std::future::ready(answer))
}

/// Refuses a new row when there are too many.
fn check_room(rows: usize) -> Result<()> {
    if rows < MOST_ROWS { Ok(()) } else { Err(Error::OverQuota) }
}

fn same_tree(a: &Target, b: &Target) -> bool {
    (&a.institution, &a.owner, a.kind, &a.tree) == (&b.institution, &b.owner, b.kind, &b.tree)
}

/// Whether `inner` lies below `outer`, and is not it.
fn is_below(inner: &Target, outer: &Target) -> bool {
    let below = match inner.path.strip_prefix(outer.path.as_str()) {
        Some(rest) if outer.path.is_empty() => !rest.is_empty(),
        Some(rest) => rest.starts_with('/'),
        None => false,
    };
    same_tree(inner, outer) && below
}

/// Whether `inner` is `outer` or lies below it.
fn is_within(inner: &Target, outer: &Target) -> bool {
    inner == outer || is_below(inner, outer)
}

/// Where `target`, which lies within `from`, lands when `from` becomes `to`.
fn carried(target: &Target, from: &Target, to: &Target) -> Target {
    let rest = target.path.strip_prefix(from.path.as_str()).unwrap_or_default().trim_start_matches('/');
    let path = match (to.path.as_str(), rest) {
        (there, "") => there.to_owned(),
        ("", rest) => rest.to_owned(),
        (there, rest) => format!("{there}/{rest}"),
    };
    Target { path, ..to.clone() }
}

/// Nothing can be moved into itself, nor onto what holds it.
fn check_apart(from: &Target, to: &Target) -> Result<()> {
    if is_below(from, to) || is_below(to, from) {
        return Err(Error::invalid("a place cannot be moved into itself or onto what holds it"));
    }
    Ok(())
}

/// 16 octets that nobody has seen before; good enough for tests.
fn random() -> [u8; 16] {
    let word = || RandomState::new().build_hasher().finish();
    ((u128::from(word()) << 64) | u128::from(word())).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state_contract;

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn the_contract_of_state() {
        let state = MemoryState::new();
        state_contract::check_all(Arc::new(state.clone()), Arc::new(state)).await;
    }
}
