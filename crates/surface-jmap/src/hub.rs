//! What tells of changes (RFC 8620 §7): one watch on the store for each person, however many of their windows listen to it.

use crate::{
    collections::Shelf,
    desk::Desk,
    state::{MailState, TreeState},
};
use futures::StreamExt;
use passerelle_core::{
    CollectionNews, Error, Read, Result, Session,
    ports::{ComponentKind, MailEvents, Telling},
    seal,
};
use passerelle_model::{Account, AccountRef, CollectionFamily};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    future::pending,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};
use tokio::{
    sync::watch,
    task::AbortHandle,
    time::{Instant, sleep_until, timeout},
};

/// For how long more is waited for, so that a hundred arrivals are told once.
const TOGETHER: Duration = Duration::from_millis(250);
/// After how long of silence one looks again: a store may leave out what happens in the moment in which it tells of something else.
const SETTLED: Duration = Duration::from_secs(2);
/// How often is looked, where the store tells nothing by itself.
const LOOKED_EVERY: Duration = Duration::from_secs(60);

/// The types whose changes are told.
const NAMES: [&str; 11] = [
    "Mailbox",
    "Email",
    "Thread",
    "AddressBook",
    "ContactCard",
    "Calendar",
    "CalendarEvent",
    "TaskList",
    "Task",
    "Notebook",
    "Note",
];
/// Of those what is kept in collections: what these are called, what is in them, and which they are.
const IN_COLLECTIONS: [(&str, &str, Shelf); 4] = [
    ("AddressBook", "ContactCard", Shelf { family: CollectionFamily::Contacts, kind: None }),
    ("Calendar", "CalendarEvent", Shelf { family: CollectionFamily::Calendars, kind: Some(ComponentKind::Event) }),
    ("TaskList", "Task", Shelf { family: CollectionFamily::Calendars, kind: Some(ComponentKind::Task) }),
    ("Notebook", "Note", Shelf { family: CollectionFamily::Calendars, kind: Some(ComponentKind::Journal) }),
];

/// The states of what is a person's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct States {
    pub(crate) mail: String,
    pub(crate) tree: String,
    /// Those of types in collections, once they have changed while it was listened: their store is not asked before.
    pub(crate) collections: BTreeMap<&'static str, String>,
}

impl States {
    fn of(mail: &MailState, tree: &TreeState) -> Self {
        Self { mail: mail.to_text(), tree: tree.to_text(), collections: BTreeMap::new() }
    }

    /// A short text by which any node knows later whether they are others (RFC 8887 §4.3.5.1: the push state).
    pub(crate) fn mark(&self) -> String {
        format!("{}.{}", marked(&self.mail), marked(&self.tree))
    }
}

fn marked(state: &str) -> String {
    seal::hex(Sha256::digest(state).get(..10).unwrap_or_default())
}

/// The types whose changes somebody wants to hear of, by their places in [`NAMES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Types([bool; NAMES.len()]);

impl Types {
    pub(crate) const ALL: Self = Self([true; NAMES.len()]);

    /// Those of these names; others never change here.
    pub(crate) fn of<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let names: Vec<&str> = names.collect();
        Self(NAMES.map(|known| names.contains(&known)))
    }

    fn wants(self, name: &str) -> bool {
        NAMES.iter().zip(self.0).any(|(known, wanted)| wanted && *known == name)
    }

    /// The states of those that have changed.
    pub(crate) fn changed(self, known: &States, now: &States) -> Map<String, Value> {
        let mut all = self.told(now, known.mail != now.mail, known.tree != now.tree);
        let changed = now.collections.iter().filter(|(name, state)| known.collections.get(*name) != Some(*state));
        all.extend(
            changed.filter(|(name, _)| self.wants(name)).map(|(name, state)| ((*name).to_owned(), json!(state))),
        );
        all
    }

    /// The same since a [`States::mark`]; of all where that is none.
    pub(crate) fn changed_since(self, mark: &str, now: &States) -> Map<String, Value> {
        let (mail, tree) = mark.split_once('.').unwrap_or_default();
        self.told(now, mail != marked(&now.mail), tree != marked(&now.tree))
    }

    fn told(self, now: &States, mail: bool, tree: bool) -> Map<String, Value> {
        let all = [("Mailbox", tree, &now.tree), ("Email", mail, &now.mail), ("Thread", mail, &now.mail)];
        let told = all.into_iter().filter(|(name, told, _)| *told && self.wants(name));
        told.map(|(name, _, state)| (name.to_owned(), json!(state))).collect()
    }
}

/// A watch that somebody listens to. It ends with the last who does.
#[derive(Debug)]
pub(crate) struct Hub {
    states: watch::Receiver<States>,
    task: AbortHandle,
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Hub {
    /// The states now, and as they change. The channel ends when the watch does.
    pub(crate) fn states(&self) -> watch::Receiver<States> {
        self.states.clone()
    }
}

/// A person's watch, if there is one. Held while it is begun, so that windows which open together begin one.
type Slot = Arc<tokio::sync::Mutex<Weak<Hub>>>;

/// All of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hubs(Arc<Mutex<HashMap<Account, Slot>>>);

impl Hubs {
    /// The person's watch, which this session begins if there is none.
    ///
    /// # Errors
    /// As the store says; `OverQuota` where too many wait there already.
    pub(crate) async fn of(&self, session: &Session) -> Result<Arc<Hub>> {
        let account = session.principal()?.account().clone();
        let slot = self.slot(&account);
        let mut running = slot.lock().await;
        if let Some(hub) = running.upgrade().filter(|hub| hub.states.has_changed().is_ok()) {
            return Ok(hub);
        }
        let events = events(session, &account).await?;
        let news = session.collection_news();
        // What the states are once it is watched: nothing falls between.
        let first = states(session).await?;
        let (sender, receiver) = watch::channel(first);
        let task = tokio::spawn(follow(session.clone(), events, news, sender)).abort_handle();
        let hub = Arc::new(Hub { states: receiver, task });
        *running = Arc::downgrade(&hub);
        Ok(hub)
    }

    fn slot(&self, account: &Account) -> Slot {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains_key(account) {
            all.retain(|_, slot| Arc::strong_count(slot) > 1 || slot.try_lock().is_ok_and(|it| it.strong_count() > 0));
        }
        Arc::clone(all.entry(account.clone()).or_default())
    }
}

/// What happens at the store; `None` where it tells nothing by itself.
async fn events(session: &Session, account: &Account) -> Result<Option<MailEvents>> {
    let handle = session.open::<_, Read>(AccountRef(account.clone())).await?;
    match handle.watch_mailboxes().await {
        Ok(events) => Ok(Some(events)),
        Err(Error::Unsupported { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn states(session: &Session) -> Result<States> {
    let mut desk = Desk::new(session, "", BTreeMap::new());
    let mailboxes = desk.mailboxes().await?;
    Ok(States::of(&mailboxes.mail_state(), &mailboxes.tree_state()))
}

/// The states of the types that are kept in collections of a family.
async fn kept(session: &Session, family: CollectionFamily) -> Result<BTreeMap<&'static str, String>> {
    let mut desk = Desk::new(session, "", BTreeMap::new());
    let mut all = BTreeMap::new();
    for (collection, item, shelf) in IN_COLLECTIONS.into_iter().filter(|(_, _, shelf)| shelf.family == family) {
        all.insert(item, desk.items_state(shelf).await?.to_text());
        all.insert(collection, desk.collections(family, Telling::Facts).await?.state(shelf).to_text());
    }
    Ok(all)
}

/// Looks again whenever something has happened, until the store or the session is gone.
async fn follow(
    session: Session,
    mut events: Option<MailEvents>,
    mut news: CollectionNews,
    sender: watch::Sender<States>,
) {
    let Ok(me) = session.principal().map(|it| it.account().clone()) else { return };
    let after = |time: Duration| Instant::now().checked_add(time);
    let mut look_at = if events.is_some() { None } else { after(LOOKED_EVERY) };
    loop {
        let known = sender.borrow().clone();
        tokio::select! {
            happened = happened(&mut events, look_at) => {
                match (&happened, &mut events) {
                    (Happened::Over, _) => return,
                    (Happened::Something, Some(events)) => {
                        let more = async { while let Some(Ok(_)) = events.next().await {} };
                        // Either is fine: that there was more, or that there was none.
                        let _ = timeout(TOGETHER, more).await;
                    }
                    (Happened::Something, None) | (Happened::Nothing, _) => {}
                }
                match states(&session).await {
                    Ok(now) => tell(&sender, States { collections: known.collections, ..now }),
                    Err(error) => {
                        tracing::debug!(error = error.chain(), "mail is not watched any more");
                        return;
                    }
                }
                look_at = match (happened, &events) {
                    (_, None) => after(LOOKED_EVERY),
                    (Happened::Something, Some(_)) => after(SETTLED),
                    (Happened::Nothing | Happened::Over, Some(_)) => None,
                };
            }
            families = news.of(&me) => {
                let mut changed = BTreeSet::from_iter(families);
                // A file that is brought in is ten thousand of them.
                let more = async { loop { changed.extend(news.of(&me).await); } };
                let _: Result<(), _> = timeout(TOGETHER, more).await;
                let mut collections = known.collections;
                for family in changed {
                    match kept(&session, family).await {
                        Ok(now) => collections.extend(now),
                        // That their store is away now takes mail from nobody.
                        Err(error) => tracing::debug!(error = error.chain(), "what has become of collections is not known"),
                    }
                }
                tell(&sender, States { collections, ..known });
            }
        }
    }
}

/// What became of the wait for something to happen in the store of mail.
enum Happened {
    Something,
    /// Until it was time to look.
    Nothing,
    /// The store is gone.
    Over,
}

async fn happened(events: &mut Option<MailEvents>, look_at: Option<Instant>) -> Happened {
    let time = async {
        match look_at {
            Some(at) => sleep_until(at).await,
            None => pending().await,
        }
    };
    let event = async {
        match events {
            Some(events) => events.next().await,
            None => pending().await,
        }
    };
    tokio::select! {
        event = event => match event {
            Some(Ok(_)) => Happened::Something,
            Some(Err(_)) | None => Happened::Over,
        },
        () = time => Happened::Nothing,
    }
}

fn tell(sender: &watch::Sender<States>, now: States) {
    sender.send_if_modified(|known| {
        let is_new = *known != now;
        *known = now;
        is_new
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_changed_since_a_mark() {
        let states = |mail: &str, tree: &str| States {
            mail: mail.to_owned(),
            tree: tree.to_owned(),
            collections: BTreeMap::new(),
        };
        let names = |changed: Map<String, Value>| changed.keys().cloned().collect::<Vec<_>>();
        let (then, now) = (states("1", "1"), states("2", "1"));
        assert_eq!(names(Types::ALL.changed_since(&then.mark(), &now)), ["Email", "Thread"]);
        assert!(Types::ALL.changed_since(&now.mark(), &now).is_empty());
        assert_eq!(names(Types::ALL.changed_since("", &now)), ["Email", "Mailbox", "Thread"]);
        let only_tree = Types::of(["Mailbox", "Nothing"].into_iter());
        assert!(only_tree.changed(&then, &now).is_empty() && only_tree.changed_since(&then.mark(), &now).is_empty());
        assert_eq!(only_tree.changed(&then, &states("1", "2")).get("Mailbox"), Some(&json!("2")));
        for (collection, item, _) in IN_COLLECTIONS {
            let of = |collections: &str, items: &str| {
                let states = [(collection, collections.to_owned()), (item, items.to_owned())];
                States { collections: states.into(), ..then.clone() }
            };
            assert_eq!(names(Types::ALL.changed(&of("1", "1"), &of("1", "2"))), [item]);
            let mut both = [collection, item];
            both.sort_unstable();
            assert_eq!(names(Types::ALL.changed(&then, &of("1", "1"))), both);
            assert!(only_tree.changed(&of("1", "1"), &of("2", "2")).is_empty());
        }
    }
}
