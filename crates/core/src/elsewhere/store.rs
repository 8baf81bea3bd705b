//! The store of calendars as the gate sees it where there are calendars from elsewhere: what is asked of one of those goes to its
//! address, all else to the institution's own store.

use super::WithFeeds;
use crate::{
    Error, Result,
    permit::Permit,
    ports::{
        Collection, CollectionFacts, CollectionItem, CollectionStore, ETag, FeedAddress, Fut, Health, ItemChanges,
        KeptAsFiles, Legs, ListedItem, Precondition, Since, Telling,
    },
    rights::{Add, Edit, Lookup, Manage, Read, Remove, Right},
};
use bytes::Bytes;
use futures::future::join_all;
use passerelle_model::{CollectionRef, Elsewhere, ItemName};

fn is_elsewhere<R: Right>(at: &Permit<CollectionRef, R>) -> bool {
    at.target().elsewhere().is_some()
}

impl WithFeeds {
    async fn address(&self, at: &Permit<CollectionRef, Read>) -> Result<FeedAddress> {
        Ok(self.one(at).await?.address?)
    }
}

impl Health for WithFeeds {
    fn name(&self) -> &str {
        self.own.name()
    }

    fn examine(&self) -> Legs<'_> {
        self.own.examine()
    }
}

impl CollectionStore for WithFeeds {
    fn collections<'a>(&'a self, of: &'a Permit<CollectionRef, Read>, tell: Telling) -> Fut<'a, Vec<Collection>> {
        Box::pin(async move {
            let mut all = self.own.collections(of, tell).await?;
            all.retain(|own| {
                CollectionRef::parse(of.target().owner.clone(), of.target().family, &own.name)
                    .is_ok_and(|at| at.elsewhere().is_none())
            });
            let mut followed = self.followed(&of.target().owner, of.actor()).await?;
            followed.retain(|one| !one.kept.hidden);
            match tell {
                Telling::Facts => all.extend(followed.iter().map(|one| one.told(None))),
                // Side by side: one that is slow keeps nobody waiting for the next.
                Telling::States => {
                    let told = followed.iter().map(|one| async move {
                        let permit = of.kept_at(one.at.clone());
                        self.told(one, &permit).await
                    });
                    all.extend(join_all(told).await);
                }
            }
            Ok(all)
        })
    }

    fn look<'a>(&'a self, at: &'a Permit<CollectionRef, Lookup>, tell: Telling) -> Fut<'a, Collection> {
        if !is_elsewhere(at) {
            return self.own.look(at, tell);
        }
        Box::pin(async move {
            let one = self.one(at).await?;
            Ok(match tell {
                Telling::Facts => one.told(None),
                Telling::States => self.told(&one, at).await,
            })
        })
    }

    /// A calendar from elsewhere is made by following an address, and not by a name.
    fn make<'a>(&'a self, at: &'a Permit<CollectionRef, Manage>, facts: &'a CollectionFacts) -> Fut<'a, ()> {
        if is_elsewhere(at) { Box::pin(async { Err(Error::Forbidden) }) } else { self.own.make(at, facts) }
    }

    fn change<'a>(&'a self, at: &'a Permit<CollectionRef, Manage>, facts: &'a CollectionFacts) -> Fut<'a, ()> {
        if !is_elsewhere(at) {
            return self.own.change(at, facts);
        }
        Box::pin(async move {
            let mut kept = self.one(at).await?.kept;
            let CollectionFacts { display_name, description, colour, order, time_zone, components, is_transparent } =
                facts;
            if description.is_some() || time_zone.is_some() || components.is_some() {
                return Err(Error::Unsupported { what: "saying more of a calendar from elsewhere" });
            }
            for (place, said) in [(&mut kept.name, display_name), (&mut kept.colour, colour), (&mut kept.order, order)]
            {
                if let Some(said) = said {
                    *place = Some(said.clone()).filter(|it| !it.is_empty());
                }
            }
            kept.busy = is_transparent.map_or(kept.busy, |is_transparent| !is_transparent);
            self.keep(at.target(), &kept).await
        })
    }

    /// Follows it no more. What nobody subscribed to is put away, and can be had back.
    fn delete<'a>(&'a self, at: &'a Permit<CollectionRef, Manage>) -> Fut<'a, ()> {
        let Some(kind) = at.target().elsewhere() else { return self.own.delete(at) };
        Box::pin(async move {
            let mut kept = self.one(at).await?.kept;
            match kind {
                Elsewhere::Subscription => {
                    let name = super::preference(at.target().name());
                    self.state.set_preference(&at.target().owner, &name, None).await
                }
                Elsewhere::Timetable => {
                    kept.hidden = true;
                    self.keep(at.target(), &kept).await
                }
            }
        })
    }

    fn items<'a>(&'a self, at: &'a Permit<CollectionRef, Read>) -> Fut<'a, Vec<ListedItem>> {
        if !is_elsewhere(at) {
            return self.own.items(at);
        }
        Box::pin(async move { Ok(self.feeds.read(at, &self.address(at).await?).await?.feed.listed()) })
    }

    fn read<'a>(
        &'a self,
        at: &'a Permit<CollectionRef, Read>,
        names: &'a [ItemName],
    ) -> Fut<'a, Vec<Option<CollectionItem>>> {
        if !is_elsewhere(at) {
            return self.own.read(at, names);
        }
        Box::pin(async move {
            let read = self.feeds.read(at, &self.address(at).await?).await?;
            Ok(names.iter().map(|name| read.feed.item(name).cloned()).collect())
        })
    }

    fn add<'a>(
        &'a self,
        at: &'a Permit<CollectionRef, Add>,
        name: &'a ItemName,
        content: &'a Bytes,
    ) -> Fut<'a, Option<ETag>> {
        if is_elsewhere(at) { Box::pin(async { Err(Error::Forbidden) }) } else { self.own.add(at, name, content) }
    }

    fn replace<'a>(
        &'a self,
        at: &'a Permit<CollectionRef, Edit>,
        name: &'a ItemName,
        content: &'a Bytes,
        when: &'a Precondition,
    ) -> Fut<'a, Option<ETag>> {
        if is_elsewhere(at) {
            Box::pin(async { Err(Error::Forbidden) })
        } else {
            self.own.replace(at, name, content, when)
        }
    }

    fn remove<'a>(
        &'a self,
        at: &'a Permit<CollectionRef, Remove>,
        name: &'a ItemName,
        when: &'a Precondition,
    ) -> Fut<'a, ()> {
        if is_elsewhere(at) { Box::pin(async { Err(Error::Forbidden) }) } else { self.own.remove(at, name, when) }
    }

    fn as_changing(&self) -> Option<&dyn ItemChanges> {
        Some(self)
    }

    fn as_files(&self) -> Option<&dyn KeptAsFiles> {
        self.own.as_files()
    }
}

impl ItemChanges for WithFeeds {
    fn since<'a>(&'a self, at: &'a Permit<CollectionRef, Read>, state: Option<&'a str>) -> Fut<'a, Option<Since>> {
        if !is_elsewhere(at) {
            return match self.own.as_changing() {
                Some(own) => own.since(at, state),
                None => Box::pin(async { Err(Error::Unsupported { what: "telling changes" }) }),
            };
        }
        Box::pin(async move { Ok(self.feeds.since(at, &self.address(at).await?, state).await?) })
    }
}
