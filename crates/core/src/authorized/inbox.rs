//! Handles on inboxes: something is put into somebody's calendars who has not written it themselves (RFC 6638 §3.2).
//!
//! Whoever sends it sees nothing of what is there. The letter knows what it is about and what it makes of a copy; where that copy is,
//! in which of the owner's calendars, is looked for here, and it is written as any item is: in turn, scanned, and only over what was read.

use super::{
    busy::{BusyAsk, BusyIn, Taken},
    guard::Guard,
};
use crate::{
    Add, Allows, Authorized, Edit, Error, Manage, Read, Result, Right,
    ports::{CollectionFacts, CollectionItem, ComponentKind, ListedItem, MOST_READ, Precondition, Telling},
    rights::Lookup,
};
use bytes::Bytes;
use passerelle_model::{CollectionFamily, CollectionRef, InboxRef, ItemName, Rights};
use std::sync::Arc;

/// How often what others wrote meanwhile is read again.
const TRIES: u32 = 5;
/// What the calendar is called that is made for who has none.
const FIRST: &str = "calendar";
/// The preference that names the calendar which invitations go to.
const CHOSEN: &str = "calendar.default";

/// What comes to an inbox.
pub trait Letter: Send + Sync {
    /// What a new item is called; another name for each try, since others may have taken it for something else.
    fn name(&self, attempt: u32) -> Result<ItemName>;

    /// Whether an item is the copy of what the letter is about.
    fn is_about(&self, content: &[u8]) -> bool;

    /// What the copy is to be, where there is one or not; `None` where nothing is to be done.
    ///
    /// # Errors
    /// `Invalid` where the letter is not for this inbox.
    fn received(&self, copy: Option<&[u8]>, taken: &[Taken]) -> Result<Option<Bytes>>;

    /// What has to be known of the owner's time to say what the copy is to be: for who answers by a rule. It is told as `taken`, and
    /// until the copy is written no other such letter is weighed.
    fn weighs(&self) -> Option<(BusyIn, BusyAsk)> {
        None
    }
}

/// What became of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Landed {
    /// The copy is this now.
    Written(Bytes),
    /// It was so already.
    Unchanged,
}

impl<R: Right> Authorized<InboxRef, R> {
    /// The same actor's handle on calendars of the owner, for the gate's own use: it never leaves.
    pub(super) fn calendar<Other: Right>(&self, at: CollectionRef) -> Authorized<CollectionRef, Other> {
        Authorized {
            permit: self.permit.kept_at(at),
            port: Arc::clone(&self.port),
            house: Arc::clone(&self.house),
            held: Rights::NONE,
        }
    }

    /// All calendars of the owner, with what is said of each.
    pub(super) async fn calendars(&self) -> Result<Vec<(CollectionRef, CollectionFacts)>> {
        let all = CollectionRef::all_of(self.target().0.clone(), CollectionFamily::Calendars);
        let seen = match self.calendar::<Read>(all).collections(Telling::Facts).await {
            // Who has never had a calendar may have no home for them yet.
            Err(Error::NotFound) => Vec::new(),
            seen => seen?,
        };
        Ok(seen.into_iter().map(|seen| (seen.at, seen.collection.facts)).collect())
    }

    /// Those of them that are written in: nothing comes into a calendar from elsewhere, nor is looked for in one.
    async fn written(&self) -> Result<Vec<(CollectionRef, CollectionFacts)>> {
        let mut all = self.calendars().await?;
        all.retain(|(at, _)| at.elsewhere().is_none());
        Ok(all)
    }

    /// As [`Self::default_among`] says it.
    async fn chosen<'a>(&self, all: &'a [(CollectionRef, CollectionFacts)]) -> Result<Option<&'a CollectionRef>> {
        let preferences = self.house.state.preferences_of(&self.target().0).await?;
        let chosen = preferences.into_iter().find(|(name, _)| name == CHOSEN).map(|(_, name)| name);
        let holds =
            |facts: &CollectionFacts| facts.components.as_ref().is_none_or(|all| all.contains(&ComponentKind::Event));
        let fit = || all.iter().filter(|(at, facts)| at.elsewhere().is_none() && holds(facts));
        let first = || fit().min_by_key(|(at, facts)| (order(facts), at.name().to_owned()));
        Ok(fit().find(|(at, _)| chosen.as_deref() == Some(at.name())).or_else(first).map(|(at, _)| at))
    }

    /// The copy of what a letter is about, wherever its owner has put it.
    async fn find(
        &self,
        letter: &dyn Letter,
        calendars: &[(CollectionRef, CollectionFacts)],
    ) -> Result<Option<(CollectionRef, ItemName, CollectionItem)>> {
        let likely = letter.name(0)?;
        let mut others: Vec<(Authorized<CollectionRef, Read>, Vec<ListedItem>)> = Vec::new();
        for (at, _) in calendars {
            let handle = self.calendar::<Read>(at.clone());
            let (named, rest) = match handle.items().await {
                Err(Error::NotFound) => continue,
                items => items?.into_iter().partition(|item| item.name == likely),
            };
            // Most programs call an item by its UID.
            if let Some(found) = among(letter, &handle, named).await? {
                return Ok(Some(found));
            }
            others.push((handle, rest));
        }
        for (handle, rest) in others {
            if let Some(found) = among(letter, &handle, rest).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}

impl<R: Allows<Lookup>> Authorized<InboxRef, R> {
    /// The calendar that invitations go to.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn default_calendar(&self) -> Result<Option<CollectionRef>> {
        let all = self.calendars().await?;
        Ok(self.chosen(&all).await?.cloned())
    }

    /// Which of these calendars, of all that the owner has, invitations go to: the one that the owner has chosen, as long as it is there and
    /// holds events, else the first that does, in the order that people have given them.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say.
    pub async fn default_among<'a>(
        &self,
        all: &'a [(CollectionRef, CollectionFacts)],
    ) -> Result<Option<&'a CollectionRef>> {
        self.chosen(all).await
    }
}

impl<R: Allows<Manage>> Authorized<InboxRef, R> {
    /// Chooses the calendar that invitations go to; none for the first again.
    ///
    /// # Errors
    /// `Invalid` for one that is not there, not the owner's, or holds no events; `Unavailable`.
    pub async fn choose_default(&self, calendar: Option<&CollectionRef>) -> Result<()> {
        let owner = &self.target().0;
        let Some(calendar) = calendar else { return self.house.state.set_preference(owner, CHOSEN, None).await };
        let all = self.calendars().await?;
        let same: Vec<_> = all.into_iter().filter(|(at, _)| at == calendar).collect();
        if self.chosen(&same).await?.is_none() {
            return Err(Error::invalid("there is no such calendar of one's own that holds events"));
        }
        self.house.state.set_preference(owner, CHOSEN, Some(calendar.name())).await
    }
}

impl<R: Allows<Read>> Authorized<InboxRef, R> {
    /// The owner's copy of what a letter is about, for the owner: who may only put something in is told nothing of what is there.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn copy_of(&self, letter: &dyn Letter) -> Result<Option<(CollectionRef, ItemName, CollectionItem)>> {
        self.find(letter, &self.written().await?).await
    }
}

impl<R: Allows<Add>> Authorized<InboxRef, R> {
    /// Puts a letter in. It is done once, however often it comes.
    ///
    /// # Errors
    /// `Invalid` where the letter is not for the owner; `Unsupported` where only they themselves can open their calendars; `Unavailable`
    /// when the store is, or others write all the time.
    pub async fn deliver(&self, letter: &dyn Letter) -> Result<Landed> {
        let Some((look, ask)) = letter.weighs() else { return self.put_in(letter, &[]).await };
        let weighed = async {
            let taken = self.taken(look, &ask).await?;
            self.put_in(letter, &taken).await
        };
        Guard::of(self).hold(weighed).await
    }

    async fn put_in(&self, letter: &dyn Letter, taken: &[Taken]) -> Result<Landed> {
        for attempt in 0..TRIES {
            let calendars = self.written().await?;
            let found = self.find(letter, &calendars).await?;
            let copy = found.as_ref().map(|(_, _, item)| item.content.as_ref());
            let Some(content) = letter.received(copy, taken)? else { return Ok(Landed::Unchanged) };
            let written = match found {
                Some((at, name, item)) => {
                    let when = Precondition::Matches(vec![item.etag.as_str().to_owned()]);
                    self.calendar::<Edit>(at).replace(&name, &content, &when).await
                }
                None => {
                    let at = match self.chosen(&calendars).await? {
                        Some(at) => at.clone(),
                        None => self.make().await?,
                    };
                    self.calendar::<Add>(at).add(&letter.name(attempt)?, &content).await
                }
            };
            match written {
                Ok(_) => return Ok(Landed::Written(content)),
                // Somebody was quicker: what they made of it counts.
                Err(Error::Conflict | Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::unavailable(self.port.name(), "delivering into a calendar", "others write to it all the time"))
    }

    /// Makes a calendar for who has none yet: a room, or somebody whose programs never did.
    async fn make(&self) -> Result<CollectionRef> {
        let at = CollectionRef::parse(self.target().0.clone(), CollectionFamily::Calendars, FIRST)
            .map_err(|error| Error::internal("naming a calendar", error))?;
        let facts = CollectionFacts { components: Some(ComponentKind::ALL.to_vec()), ..CollectionFacts::default() };
        match self.calendar::<Manage>(at.clone()).make(&facts).await {
            Ok(()) | Err(Error::Conflict) => Ok(at),
            Err(error) => Err(error),
        }
    }
}

async fn among(
    letter: &dyn Letter,
    handle: &Authorized<CollectionRef, Read>,
    listed: Vec<ListedItem>,
) -> Result<Option<(CollectionRef, ItemName, CollectionItem)>> {
    for some in listed.chunks(MOST_READ) {
        for (name, item) in handle.contents(some).await? {
            if letter.is_about(&item.content) {
                return Ok(Some((handle.target().clone(), name, item)));
            }
        }
    }
    Ok(None)
}

/// A calendar's place among others; those without one come last.
fn order(facts: &CollectionFacts) -> i64 {
    facts.order.as_deref().and_then(|order| order.trim().parse().ok()).unwrap_or(i64::MAX)
}
