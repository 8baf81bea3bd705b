//! Calendars from elsewhere, among a person's own: addresses that they follow, and timetables of the groups that they are in.
//!
//! What is kept of one is a preference of the person: its address, sealed, what they call it, its colour, its place, and whether it
//! makes them busy. What is in it is read where it lies, and is in memory only. Its name says that it is one ([`Elsewhere`]), so that
//! whoever asks for any other calendar asks its store and nobody else.

mod kept;
mod store;

pub(crate) use kept::{Kept, preference, preferences_of, sealed};

use crate::{
    Actor, Error, LONGEST_PREFERENCE, Result,
    permit::Permit,
    ports::{Collection, CollectionFacts, CollectionStore, ComponentKind, FeedAddress, FeedFault, Feeds, state::State},
    rights::{Lookup, Right},
    seal::{Sealer, hex},
};
use aws_lc_rs::digest;
use passerelle_model::{Account, CollectionFamily, CollectionRef, Elsewhere, GroupId};
use std::{collections::BTreeMap, sync::Arc};

/// The institution's own store of calendars with those from elsewhere.
pub(crate) struct WithFeeds {
    pub(crate) own: Arc<dyn CollectionStore>,
    pub(crate) feeds: Arc<dyn Feeds>,
    pub(crate) state: Arc<dyn State>,
    pub(crate) sealer: Arc<Sealer>,
}

/// A calendar from elsewhere, and where it is.
#[derive(Debug, Clone)]
pub(crate) struct Followed {
    pub(crate) at: CollectionRef,
    pub(crate) kept: Kept,
    /// What it is called where the person says nothing.
    pub(crate) called: String,
    /// Where it is, where that can still be opened.
    pub(crate) address: Result<FeedAddress, FeedFault>,
}

impl Followed {
    /// It, as a store would tell of it.
    pub(crate) fn told(&self, state: Option<String>) -> Collection {
        let Kept { name, colour, order, busy, .. } = &self.kept;
        let facts = CollectionFacts {
            display_name: Some(name.clone().unwrap_or_else(|| self.called.clone())),
            colour: colour.clone(),
            order: order.clone(),
            components: Some(vec![ComponentKind::Event]),
            is_transparent: Some(!busy),
            ..CollectionFacts::default()
        };
        Collection { name: self.at.name().to_owned(), facts, version: state.clone(), state }
    }
}

impl WithFeeds {
    /// All that somebody has from elsewhere, what they have put away included. The groups of others are not known here: theirs
    /// are told to themselves.
    pub(crate) async fn followed(&self, owner: &Account, actor: &Actor) -> Result<Vec<Followed>> {
        let kept = preferences_of(self.state.as_ref(), owner).await?;
        let groups: Vec<&GroupId> = match actor {
            Actor::Person(person) if person.account == *owner => person.groups.iter().map(|group| &group.id).collect(),
            Actor::Person(_) | Actor::Link(_) | Actor::ApiClient(_) | Actor::System(_) => Vec::new(),
        };
        let mut all: Vec<Followed> =
            kept.iter().filter_map(|(name, kept)| self.subscription(owner, name, kept)).collect();
        all.extend(groups.into_iter().filter_map(|group| self.timetable(owner, group, &kept)));
        Ok(all)
    }

    fn subscription(&self, owner: &Account, name: &str, kept: &Kept) -> Option<Followed> {
        let at = CollectionRef::parse(owner.clone(), CollectionFamily::Calendars, name).ok()?;
        let sealed = kept.address.as_deref().filter(|_| at.elsewhere() == Some(Elsewhere::Subscription))?;
        let address = match kept::opened(&self.sealer, name, sealed) {
            // What the settings do not let be asked any more is not asked.
            Some(address) => self.feeds.address(&address),
            None => Err(FeedFault::Sealed),
        };
        Some(Followed { at, kept: kept.clone(), called: String::new(), address })
    }

    fn timetable(&self, owner: &Account, group: &GroupId, kept: &BTreeMap<String, Kept>) -> Option<Followed> {
        let address = self.feeds.timetable(group)?;
        let digest = digest::digest(&digest::SHA256, group.as_str().as_bytes());
        let name = format!("{}{}", Elsewhere::Timetable.prefix(), hex(digest.as_ref().get(..8)?));
        let at = CollectionRef::parse(owner.clone(), CollectionFamily::Calendars, &name).ok()?;
        let kept = kept.get(&name).cloned().unwrap_or_default();
        Some(Followed { at, kept, called: group.as_str().to_owned(), address: Ok(address) })
    }

    /// One, where it is there.
    async fn one<R: Right>(&self, at: &Permit<CollectionRef, R>) -> Result<Followed> {
        let all = self.followed(&at.target().owner, at.actor()).await?;
        let found = all.into_iter().find(|one| one.at == *at.target() && !one.kept.hidden);
        found.ok_or(Error::NotFound)
    }

    /// It with the state that it is in, where that can be had: what is away has none, and says so when it is read.
    async fn told(&self, one: &Followed, permit: &Permit<CollectionRef, Lookup>) -> Collection {
        let state = match &one.address {
            Ok(address) => self.feeds.state(permit, address).await.ok(),
            Err(_) => None,
        };
        one.told(state)
    }

    async fn keep(&self, at: &CollectionRef, kept: &Kept) -> Result<()> {
        let (_, longest) = LONGEST_PREFERENCE;
        let written = kept.written()?;
        if written.len() > longest {
            return Err(Error::TooLarge { most: u64::try_from(longest).unwrap_or(u64::MAX) });
        }
        self.state.set_preference(&at.owner, &preference(at.name()), Some(&written)).await
    }
}
