//! Handles on the calendars that somebody has from elsewhere: which there are, how they are, and following one more.

use crate::{
    Allows, Authorized, Error, Manage, Read, Result, Tool,
    elsewhere::{self, Followed, Kept, WithFeeds},
    permit::Permit,
    ports::{FeedFault, FeedRead, LONGEST_FEED_ADDRESS},
    seal,
};
use futures::future::join_all;
use passerelle_model::{AccountRef, CollectionFamily, CollectionRef, Elsewhere};
use std::{fmt, sync::Arc};

/// Most addresses that somebody follows.
pub const MOST_SUBSCRIPTIONS: usize = 50;
/// Longest name of one, in characters.
const LONGEST_NAME: usize = 200;

/// A calendar from elsewhere, as its owner is told of it.
#[derive(Debug)]
pub struct SeenFeed {
    /// Which it is.
    pub at: CollectionRef,
    /// What it is called.
    pub name: String,
    /// Where it comes from; empty where that cannot be known any more.
    pub host: String,
    /// Whether it was put away.
    pub is_hidden: bool,
    /// Whether its events make its owner busy.
    pub makes_busy: bool,
    /// It, and since when it is so, or why it cannot be had.
    pub read: Result<FeedRead, FeedFault>,
}

/// An address that is to be followed.
#[derive(Default)]
pub struct NewFeed {
    /// It, as somebody typed it.
    pub address: String,
    /// What they call it; empty for what it calls itself.
    pub name: String,
    /// `#rrggbb`
    pub colour: Option<String>,
}

impl fmt::Debug for NewFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewFeed").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Why an address is not followed.
#[derive(Debug)]
pub enum FeedRefused {
    /// It was tried.
    Feed(FeedFault),
    /// It did not come to that.
    Gate(Error),
}

impl From<Error> for FeedRefused {
    fn from(error: Error) -> Self {
        Self::Gate(error)
    }
}

impl From<FeedFault> for FeedRefused {
    fn from(fault: FeedFault) -> Self {
        Self::Feed(fault)
    }
}

impl<R: Allows<Read>> Authorized<AccountRef, R> {
    /// Whether the person may follow addresses.
    pub fn offers_subscriptions(&self) -> bool {
        self.with_feeds().is_ok_and(|store| store.feeds.takes_subscriptions())
    }

    /// All that the person has from elsewhere, what was put away included, and how it is with each; none where the institution
    /// has none of that.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say. What one address does is told of that one.
    pub async fn feeds(&self) -> Result<Vec<SeenFeed>> {
        let Ok(store) = self.with_feeds() else { return Ok(Vec::new()) };
        let all = store.followed(&self.target().0, self.permit.actor()).await?;
        Ok(join_all(all.into_iter().map(|one| self.seen(&store, one))).await)
    }

    async fn seen(&self, store: &WithFeeds, one: Followed) -> SeenFeed {
        let read = match &one.address {
            Ok(address) => store.feeds.read(&self.to_read(&one.at), address).await,
            Err(fault) => Err(fault.clone()),
        };
        let host = one.address.as_ref().map(|address| address.host().to_owned()).unwrap_or_default();
        let name = one.kept.name.clone().unwrap_or(one.called);
        SeenFeed { at: one.at, name, host, is_hidden: one.kept.hidden, makes_busy: one.kept.busy, read }
    }

    /// A person's own calendars from elsewhere are theirs to read.
    fn to_read(&self, at: &CollectionRef) -> Permit<CollectionRef, Read> {
        Permit::mint(at.clone(), self.permit.actor_shared(), None)
    }

    fn with_feeds(&self) -> Result<Arc<WithFeeds>> {
        let institution = &self.target().0.institution;
        // What is off is not there.
        let has = self.house.tenant(institution)?.facts.tools.has(Tool::Calendars);
        let store = self.house.with_feeds(institution)?.filter(|_| has);
        store.ok_or(Error::Unsupported { what: "calendars from elsewhere" })
    }
}

impl<R: Allows<Manage> + Allows<Read>> Authorized<AccountRef, R> {
    /// Follows an address, once a calendar was read there.
    ///
    /// # Errors
    /// What the address did; `Conflict` for one that is followed already, `OverQuota` beyond [`MOST_SUBSCRIPTIONS`], `Invalid` for a
    /// name or colour that cannot be, `Unsupported` where the institution does not offer it.
    pub async fn subscribe(&self, new: &NewFeed) -> Result<CollectionRef, FeedRefused> {
        let store = self.with_feeds()?;
        if !store.feeds.takes_subscriptions() {
            return Err(Error::Unsupported { what: "calendars from elsewhere" }.into());
        }
        if new.address.len() > LONGEST_FEED_ADDRESS {
            return Err(FeedFault::Address.into());
        }
        let (address, owner) = (store.feeds.address(&new.address)?, self.target().0.clone());
        let there = store.followed(&owner, self.permit.actor()).await?;
        let is_same =
            |one: &Followed| matches!(&one.address, Ok(known) if known.whole().expose() == address.whole().expose());
        if there.iter().any(|one| is_same(one) && !one.kept.hidden) {
            return Err(Error::Conflict.into());
        }
        if there.iter().filter(|one| one.at.elsewhere() == Some(Elsewhere::Subscription)).count() >= MOST_SUBSCRIPTIONS
        {
            return Err(Error::OverQuota.into());
        }
        let colour = new.colour.as_deref().map(checked_colour).transpose()?;
        let name = format!("{}{}", Elsewhere::Subscription.prefix(), seal::letters::<16>()?);
        let at = CollectionRef::parse(owner, CollectionFamily::Calendars, &name)
            .map_err(|error| Error::internal("naming a calendar", error))?;
        let read = store.feeds.read(&self.to_read(&at), &address).await?;
        let called = [new.name.as_str(), read.feed.name.as_deref().unwrap_or_default(), address.host()];
        let called = called.into_iter().map(plain).find(|called| !called.is_empty());
        let kept = Kept {
            address: Some(elsewhere::sealed(&self.house.sealer, &name, address.whole())?),
            name: called,
            colour,
            ..Kept::default()
        };
        self.set_preference(&elsewhere::preference(&name), Some(&kept.written()?)).await?;
        self.house.news.tell(&at);
        Ok(at)
    }

    /// Has back what was put away.
    ///
    /// # Errors
    /// `NotFound` where there is none such.
    pub async fn show_again(&self, name: &str) -> Result<()> {
        let store = self.with_feeds()?;
        let all = store.followed(&self.target().0, self.permit.actor()).await?;
        let Followed { at, mut kept, .. } = all.into_iter().find(|one| one.at.name() == name).ok_or(Error::NotFound)?;
        kept.hidden = false;
        self.set_preference(&elsewhere::preference(name), Some(&kept.written()?)).await?;
        self.house.news.tell(&at);
        Ok(())
    }
}

/// A name on one line.
fn plain(name: &str) -> String {
    name.trim().chars().filter(|one| !one.is_control()).take(LONGEST_NAME).collect()
}

/// `#rrggbb`
fn checked_colour(colour: &str) -> Result<String> {
    let is_colour =
        colour.len() == 7 && colour.starts_with('#') && colour.bytes().skip(1).all(|it| it.is_ascii_hexdigit());
    if is_colour { Ok(colour.to_owned()) } else { Err(Error::invalid("a colour is #rrggbb")) }
}
