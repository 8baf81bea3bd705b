//! Connections that are kept for a moment after their use, for the same person's next request.
//!
//! Kept for whoever acts, on whose mail, and by what was shown to the store: what the gateway's own log-in opened for one
//! person is nobody else's, and another password or token opens another connection. Tickets work once, and tokens that are
//! renewed are not compared: what they opened is not kept. A connection goes in after the store has said that no mailbox is open
//! on it, or with one that was only looked into and can be caught up with (RFC 7162): to open one of ten thousand messages costs a
//! store many times as much as to say what is new in it. It is let go after [`KEPT_FOR`], or as soon as what it was opened for is
//! withdrawn.

use crate::{
    imap::{Imap, Who},
    settings::{AsUser, Store},
};
use aws_lc_rs::{hmac, rand};
use passerelle_core::{Delegation, Tie};
use passerelle_model::{Account, Secret};
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};
use tokio::{task::AbortHandle, time::sleep};

/// How long a connection is kept without being used.
const KEPT_FOR: Duration = Duration::from_secs(30);
/// Most connections that are kept on one owner's mail, whoever acts: stores count them too (Dovecot: ten of a user).
const MOST_OF_ONE: usize = 4;
/// Most connections that are kept to a store.
const MOST_OF_ALL: usize = 1000;

/// What a store keeps.
pub(crate) struct Kept {
    idle: Mutex<Idle>,
    /// Tells secrets apart; of this process alone.
    key: Option<hmac::Key>,
}

#[derive(Default)]
struct Idle {
    all: Vec<Entry>,
    last: u64,
}

struct Entry {
    number: u64,
    whose: Whose,
    imap: Imap,
    /// What lets it go.
    end: AbortHandle,
}

/// For whom a connection is.
#[derive(Clone, PartialEq, Eq)]
struct Whose {
    actor: Account,
    owner: Account,
    shown: Shown,
}

/// What was shown to the store.
#[derive(Clone, PartialEq, Eq)]
enum Shown {
    /// The gateway's own log-in.
    Master,
    /// This of the person's, as an HMAC.
    Own(Vec<u8>),
}

/// A connection's place among those that are kept.
#[derive(Clone)]
pub(crate) struct Keeping {
    whose: Whose,
    tie: Arc<Tie>,
}

impl Default for Kept {
    fn default() -> Self {
        let mut secret = [0; 32];
        // Without randomness what people show cannot be told apart, and is not kept.
        let key = rand::fill(&mut secret).is_ok().then(|| hmac::Key::new(hmac::HMAC_SHA256, &secret));
        Self { idle: Mutex::default(), key }
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

impl Kept {
    /// How a connection of theirs may be kept; `None` when it may not.
    pub(crate) fn keeping(&self, store: &Store, who: Who<'_>) -> Option<Keeping> {
        let tie = Arc::clone(who.tie?);
        let actor = who.actor.account()?.clone();
        let own = |secret: &Secret| Some(Shown::Own(hmac::sign(self.key.as_ref()?, secret.expose()).as_ref().to_vec()));
        let theirs = actor == *who.owner;
        let shown = match (who.delegation, &store.as_user) {
            (Delegation::Tickets(_), _) if theirs && store.ticket_service.is_some() => return None,
            (Delegation::Tokens(_), _) if theirs && store.bearer.is_some() => return None,
            (Delegation::Token(token), _) if theirs && store.bearer.is_some() => own(token)?,
            (_, AsUser::Authzid { .. } | AsUser::Separator { .. }) => Shown::Master,
            (Delegation::Password(password), AsUser::OwnPassword) => own(password)?,
            (_, AsUser::OwnPassword) => return None,
        };
        Some(Keeping { whose: Whose { actor, owner: who.owner.clone(), shown }, tie })
    }

    /// A connection, with its new place: one that has this mailbox open, else the last used one with none open. One with another
    /// mailbox open only where no more are kept.
    pub(crate) fn take(&self, keeping: &Keeping, mailbox: Option<&str>) -> Option<Imap> {
        let mut idle = self.lock();
        let theirs: Vec<usize> =
            (0..).zip(&idle.all).filter(|(_, it)| it.whose == keeping.whose).map(|(at, _)| at).collect();
        let open_at = |at: &usize| idle.all.get(*at).and_then(|it| it.imap.open.as_ref()).map(|it| it.mailbox.as_str());
        let at = match mailbox {
            Some(_) => theirs.iter().rfind(|at| open_at(at) == mailbox),
            None => None,
        };
        let at = at.or_else(|| theirs.iter().rfind(|at| open_at(at).is_none()));
        let at = *at.or_else(|| theirs.first().filter(|_| theirs.len() >= MOST_OF_ONE))?;
        let entry = idle.all.remove(at);
        entry.end.abort();
        Some(entry.imap.kept_for(keeping.clone()))
    }

    fn lock(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remove(&self, number: u64) -> Option<Imap> {
        let mut idle = self.lock();
        let at = idle.all.iter().position(|it| it.number == number)?;
        Some(idle.all.remove(at).imap)
    }
}

impl Keeping {
    /// Keeps a connection that is at rest. Where too many are kept already, the one that has waited longest is let go.
    pub(crate) fn keep(self, imap: Imap) {
        if self.tie.is_withdrawn() {
            return;
        }
        let store = Arc::clone(&imap.store);
        let mut idle = store.kept.lock();
        let is_theirs = |it: &Entry| it.whose.owner == self.whose.owner;
        let oldest = if idle.all.iter().filter(|it| is_theirs(it)).count() >= MOST_OF_ONE {
            idle.all.iter().position(is_theirs)
        } else {
            (idle.all.len() >= MOST_OF_ALL).then_some(0)
        };
        if let Some(oldest) = oldest.filter(|at| *at < idle.all.len()) {
            idle.all.remove(oldest).end.abort();
        }
        idle.last = idle.last.wrapping_add(1);
        let number = idle.last;
        let end = tokio::spawn(until(Arc::downgrade(&store), number, Tie::clone(&self.tie))).abort_handle();
        idle.all.push(Entry { number, whose: self.whose, imap, end });
    }
}

/// Lets a connection go when its time is over, or what it was opened for.
async fn until(store: Weak<Store>, number: u64, tie: Tie) {
    tokio::select! {
        () = sleep(KEPT_FOR) => {}
        () = tie.withdrawn() => {}
    }
    if let Some(imap) = store.upgrade().and_then(|store| store.kept.remove(number)) {
        imap.part().await;
    }
}
