//! What was withdrawn, held in memory and kept true by State's watch: asked at each resume and open without a question
//! to the database, and heard by whatever is under way.

use crate::{
    Clock, Result, Tool,
    glances::Glances,
    overlay::Announced,
    ports::state::{Revocation, State, StateEvent, Watch},
};
use futures::StreamExt;
use passerelle_model::{Account, InstitutionId, Timestamp};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, RwLock},
    time::Duration,
};
use tokio::sync::{broadcast, watch};

/// How long the watch may be lost before new opens fail closed, in seconds.
pub const LOST_FOR_AT_MOST: i64 = 5;
/// How long a directory's cache may hold an entry at most, in seconds.
const OLDEST_ENTRY: i64 = 3600;
/// How often the watch is set up again when it ends.
const RETRY: Duration = Duration::from_millis(500);

/// Changes of grants that one who waits may be behind; beyond that everything is looked at again.
const GRANT_CHANGES: usize = 256;

/// The withdrawals in force.
#[derive(Debug)]
pub(crate) struct Withdrawn {
    sessions: RwLock<HashMap<[u8; 16], Timestamp>>,
    /// What began at or before `.0` is withdrawn; the row matters until `.1`.
    accounts: RwLock<HashMap<Account, (Timestamp, Timestamp)>>,
    lost_since: RwLock<Option<Timestamp>>,
    /// The tools that are switched off.
    off: RwLock<HashSet<(InstitutionId, Tool)>>,
    /// Settings that were changed at run time.
    pub(crate) settings: Arc<Announced>,
    /// What portals were told of people, which goes with what is withdrawn.
    pub(crate) glances: Glances,
    /// Counts changes, to wake what waits.
    changes: watch::Sender<u64>,
    /// Whose grants have changed; nobody's name when changes may have been missed.
    grants: broadcast::Sender<Option<Account>>,
}

impl Withdrawn {
    /// Loads what is in force and follows State from then on, until the last handle is dropped.
    pub(crate) async fn follow(state: &Arc<dyn State>, clock: Clock) -> Result<Arc<Self>> {
        let withdrawn = Arc::new(Self {
            sessions: RwLock::default(),
            accounts: RwLock::default(),
            lost_since: RwLock::default(),
            off: RwLock::default(),
            settings: Arc::default(),
            glances: Glances::default(),
            changes: watch::Sender::new(0),
            grants: broadcast::Sender::new(GRANT_CHANGES),
        });
        // The watch begins before the list is read, so that nothing falls between the two.
        let events = state.watch().await?;
        for revocation in state.revoked(clock()).await? {
            withdrawn.note(&revocation);
        }
        let (weak, state) = (Arc::downgrade(&withdrawn), Arc::clone(state));
        tokio::spawn(async move {
            let mut events = Some(events);
            while let Some(withdrawn) = weak.upgrade() {
                match events.as_mut() {
                    Some(stream) => {
                        drop(withdrawn);
                        let event = stream.next().await;
                        let Some(withdrawn) = weak.upgrade() else { return };
                        match event {
                            Some(event) => withdrawn.hear(event, clock()),
                            None => {
                                withdrawn.hear(StateEvent::Lost, clock());
                                events = None;
                            }
                        }
                    }
                    None => {
                        tokio::time::sleep(RETRY).await;
                        events = withdrawn.begin_again(&state, clock).await;
                    }
                }
            }
        });
        Ok(withdrawn)
    }

    async fn begin_again(&self, state: &Arc<dyn State>, clock: Clock) -> Option<Watch> {
        let events = state.watch().await.ok()?;
        for revocation in state.revoked(clock()).await.ok()? {
            self.note(&revocation);
        }
        self.settings.note_all();
        self.hear(StateEvent::Restored, clock());
        Some(events)
    }

    fn hear(&self, event: StateEvent, now: Timestamp) {
        match event {
            StateEvent::Revoked(revocation) => {
                self.note(&revocation);
                self.sweep(now);
            }
            // Grants are read at each open; whoever waits inside something shared opens it again.
            StateEvent::GrantsChanged(owner) => self.tell_grants(Some(owner)),
            StateEvent::SettingsChanged(institution) => self.settings.note(institution),
            StateEvent::Replaced => {
                self.settings.note_all();
                self.tell_grants(None);
            }
            StateEvent::Lost => {
                if let Ok(mut lost) = self.lost_since.write() {
                    lost.get_or_insert(now);
                }
            }
            StateEvent::Restored => {
                if let Ok(mut lost) = self.lost_since.write() {
                    *lost = None;
                }
                self.tell_grants(None);
            }
        }
    }

    fn tell_grants(&self, owner: Option<Account>) {
        // Where nobody waits, nobody is told.
        let _ = self.grants.send(owner);
    }

    /// Hears of changed grants.
    pub(crate) fn grant_changes(&self) -> broadcast::Receiver<Option<Account>> {
        self.grants.subscribe()
    }

    /// Takes a withdrawal into account at once; the node that makes one need not wait to hear of it.
    pub(crate) fn note(&self, revocation: &Revocation) {
        match revocation {
            Revocation::Session { id, expires } => {
                if let Ok(mut sessions) = self.sessions.write() {
                    sessions.insert(*id, *expires);
                }
            }
            Revocation::Account { account, before, expires } => {
                self.glances.forget(account);
                if let Ok(mut accounts) = self.accounts.write() {
                    let held = accounts.entry(account.clone()).or_insert((*before, *expires));
                    *held = (held.0.max(*before), held.1.max(*expires));
                }
            }
        }
        self.wake();
    }

    fn wake(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    fn sweep(&self, now: Timestamp) {
        if let Ok(mut sessions) = self.sessions.write() {
            sessions.retain(|_, expires| *expires > now);
        }
        if let Ok(mut accounts) = self.accounts.write() {
            accounts.retain(|_, (_, expires)| *expires > now);
        }
    }

    /// Whether what this account began at `since` was withdrawn.
    pub(crate) fn account(&self, account: &Account, since: Timestamp) -> bool {
        self.accounts.read().map_or(true, |accounts| accounts.get(account).is_some_and(|(before, _)| since <= *before))
    }

    /// Whether something of this account was withdrawn so lately that what a directory's cache says of it may be older.
    pub(crate) fn lately(&self, account: &Account, now: Timestamp) -> bool {
        let before = self.accounts.read().ok().and_then(|accounts| accounts.get(account).map(|(before, _)| *before));
        before.is_some_and(|before| now < before.plus(OLDEST_ENTRY))
    }

    /// Whether this web session was withdrawn.
    pub(crate) fn session(&self, id: &[u8; 16]) -> bool {
        self.sessions.read().map_or(true, |sessions| sessions.contains_key(id))
    }

    /// The first second at which something new of this account may begin.
    pub(crate) fn earliest(&self, account: &Account, now: Timestamp) -> Timestamp {
        let before = self.accounts.read().ok().and_then(|accounts| accounts.get(account).map(|(before, _)| *before));
        before.map_or(now, |before| now.max(before.plus(1)))
    }

    /// Counts the withdrawals heard of, to notice one that came while something else was waited for.
    pub(crate) fn heard(&self) -> u64 {
        *self.changes.borrow()
    }

    /// Whether the watch has been lost for so long that nothing new may be opened.
    pub(crate) fn blind(&self, now: Timestamp) -> bool {
        self.lost_since.read().map_or(true, |lost| lost.is_some_and(|since| now > since.plus(LOST_FOR_AT_MOST)))
    }

    /// Takes over which tools are off; what is under way with one of them ends.
    pub(crate) fn switched_off(&self, off: HashSet<(InstitutionId, Tool)>) {
        if let Ok(mut held) = self.off.write() {
            *held = off;
        }
        self.wake();
    }

    /// Whether a tool of an institution is switched off.
    pub(crate) fn is_off(&self, institution: &InstitutionId, tool: Tool) -> bool {
        self.off.read().map_or(true, |off| off.iter().any(|(of, it)| *it == tool && of == institution))
    }

    /// Wakes at each change.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

impl Drop for Withdrawn {
    fn drop(&mut self) {
        // Whoever puts changed settings in force finds that there is no house any more.
        self.settings.note_all();
    }
}
