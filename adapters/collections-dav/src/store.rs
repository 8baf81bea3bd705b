//! The port, on one server.

use crate::{
    answer, ask, changes, facts, health,
    items::{self, XML},
    place, tag,
};
use bytes::Bytes;
use passerelle_core::{
    Add, Edit, Error, Lookup, Manage, Mount, Permit, Read, Remove, Result, Right,
    config::{Block, ConfigFault},
    ports::{
        Collection, CollectionFacts, CollectionItem, CollectionStore, ETag, Fut, Health, ItemChanges, Legs, ListedItem,
        MOST_COLLECTIONS, Precondition, Since, Telling,
    },
};
use passerelle_fetch::dav::{Link, Server, method};
use passerelle_model::{CollectionFamily, CollectionRef, ItemName};
use reqwest::{
    Method, RequestBuilder, Response, StatusCode,
    header::{CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH},
};
use std::sync::Arc;

/// How often a write without a condition is tried while others write the same item.
const TRIES: usize = 3;

/// Collections of one family on one server.
pub(crate) struct DavCollections {
    server: Arc<Server>,
    http: reqwest::Client,
    family: CollectionFamily,
}

impl DavCollections {
    pub(crate) fn build(
        block: &Block,
        family: CollectionFamily,
        _: &[Mount],
    ) -> Result<Arc<dyn CollectionStore>, ConfigFault> {
        let (server, http) = Server::read(block)?;
        Ok(Arc::new(Self { server: Arc::new(server), http, family }))
    }

    /// The way to a permit's target.
    async fn link<R: Right>(&self, at: &Permit<CollectionRef, R>) -> Result<Link> {
        let own = at.actor().account().filter(|account| **account == at.target().owner);
        Link::of(&self.server, &self.http, own, at.delegation()).await
    }

    fn path<R: Right>(&self, at: &Permit<CollectionRef, R>) -> String {
        place::of(&self.server, at.target())
    }

    /// What is told of a place and, at depth 1, of what is in it; nothing when it is not there.
    async fn told(&self, link: &Link, path: &str, depth: &str, tell: Telling) -> Result<Option<Vec<answer::Told>>> {
        const DOING: &str = "looking for collections";
        let response = link.propfind(DOING, path, depth, &ask::of_collections(self.family, tell)).await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        Ok(Some(answer::read(link, DOING, response).await?.places))
    }

    async fn make(&self, at: &Permit<CollectionRef, Manage>, facts: &CollectionFacts) -> Result<()> {
        const DOING: &str = "making a collection";
        let link = self.link(at).await?;
        let make = async || {
            let request = link.request(method("MKCOL")?, &self.path(at))?.header(CONTENT_TYPE, XML);
            link.send(DOING, request.body(ask::make(self.family, facts))).await
        };
        let mut response = make().await?;
        if response.status() == StatusCode::CONFLICT && self.server.create {
            // RFC 4918 §9.3.1: the owner's home is not there yet.
            let home = place::home(&self.server, at.target());
            let made = link.send(DOING, link.request(method("MKCOL")?, &home)?).await?.status();
            if !made.is_success() && made != StatusCode::METHOD_NOT_ALLOWED {
                return Err(link.refused(DOING, made));
            }
            response = make().await?;
        }
        match response.status() {
            status if status.is_success() && status != StatusCode::MULTI_STATUS => Ok(()),
            // RFC 4918 §9.3.1; Radicale says 409 for what is there, with `resource-must-be-null`.
            StatusCode::METHOD_NOT_ALLOWED | StatusCode::CONFLICT => Err(Error::Conflict),
            other => Err(link.refused(DOING, other)),
        }
    }

    /// Writes an item under a condition, which the server judges.
    async fn put(&self, link: &Link, request: RequestBuilder, content: &Bytes) -> Result<Option<ETag>> {
        const DOING: &str = "writing an item";
        let kind = match self.family {
            CollectionFamily::Calendars => "text/calendar; charset=utf-8",
            CollectionFamily::Contacts => "text/vcard; charset=utf-8",
        };
        let response = link.send(DOING, request.header(CONTENT_TYPE, kind).body(content.clone())).await?;
        match response.status() {
            StatusCode::CREATED | StatusCode::NO_CONTENT | StatusCode::OK => Ok(tag_of(&response)),
            StatusCode::PRECONDITION_FAILED => Err(Error::Conflict),
            // RFC 4791 §5.3.2.1, RFC 6352 §6.3.2.1: what is wrong with it is said in the body.
            StatusCode::BAD_REQUEST
            | StatusCode::FORBIDDEN
            | StatusCode::CONFLICT
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
            | StatusCode::UNPROCESSABLE_ENTITY => {
                Err(Error::invalid(format!("the calendar server does not take it: {}", response.status())))
            }
            other => Err(link.refused(DOING, other)),
        }
    }
}

/// The tag that an answer to a write tells: there is none when the server keeps other octets than it was sent (RFC 4791 §5.3.4).
fn tag_of(response: &Response) -> Option<ETag> {
    tag::ours(response.headers().get(ETAG)?.to_str().ok()?)
}

/// The server's tag that an item has to have for a write, in its own words, where the condition does not name it. What is to be
/// replaced or removed has to be there.
///
/// Servers read conditions narrowly: Radicale knows neither `*` nor several tags. So that each is asked with one tag, the one that is
/// there now.
async fn tag_wanted(link: &Link, path: &str, when: &Precondition) -> Result<String> {
    const DOING: &str = "looking at an item";
    if let Precondition::Matches(tags) = when
        && let [one] = tags.as_slice()
    {
        return tag::theirs(one).ok_or(Error::Conflict);
    }
    let response = link.propfind(DOING, path, "0", ask::OF_ITEMS).await?;
    if response.status() == StatusCode::NOT_FOUND {
        return Err(match when {
            // Nothing has one of those tags: the condition holds, and there is nothing to do it to.
            Precondition::None | Precondition::Differs(_) => Error::NotFound,
            Precondition::Exists | Precondition::Matches(_) | Precondition::Absent => Error::Conflict,
        });
    }
    let answer = answer::read(link, DOING, response).await?;
    let now = answer.places.first().and_then(|told| told.text(answer::DAV, "getetag"));
    let now = now.and_then(|value| tag::ours(&value)).ok_or(Error::NotFound)?;
    let is_among = |tags: &[String]| tags.iter().any(|tag| tag == now.as_str());
    let holds = match when {
        Precondition::None | Precondition::Exists => true,
        Precondition::Absent => false,
        Precondition::Matches(tags) => is_among(tags),
        Precondition::Differs(tags) => !is_among(tags),
    };
    if !holds {
        return Err(Error::Conflict);
    }
    tag::theirs(now.as_str()).ok_or(Error::Conflict)
}

impl Health for DavCollections {
    fn name(&self) -> &str {
        &self.server.name
    }

    fn examine(&self) -> Legs<'_> {
        Box::pin(health::examine(&self.server, &self.http, self.family))
    }
}

impl CollectionStore for DavCollections {
    fn collections<'a>(&'a self, of: &'a Permit<CollectionRef, Read>, tell: Telling) -> Fut<'a, Vec<Collection>> {
        Box::pin(async move {
            let link = self.link(of).await?;
            let home = place::home(&self.server, of.target());
            // Who never had any has no home yet.
            let Some(places) = self.told(&link, &home, "1", tell).await? else { return Ok(Vec::new()) };
            let one = |told: &answer::Told| {
                let name = place::name_below(&home, &told.href).filter(|_| facts::is_one(self.family, told))?;
                Some(facts::collection(self.family, name, told))
            };
            let all: Vec<Collection> = places.iter().filter_map(one).collect();
            if all.len() > MOST_COLLECTIONS {
                return Err(Error::TooLarge { most: u64::try_from(MOST_COLLECTIONS).unwrap_or(u64::MAX) });
            }
            Ok(all)
        })
    }

    fn look<'a>(&'a self, at: &'a Permit<CollectionRef, Lookup>, tell: Telling) -> Fut<'a, Collection> {
        Box::pin(async move {
            let link = self.link(at).await?;
            let places = self.told(&link, &self.path(at), "0", tell).await?.unwrap_or_default();
            let told = places.iter().find(|told| facts::is_one(self.family, told)).ok_or(Error::NotFound)?;
            Ok(facts::collection(self.family, at.target().name().to_owned(), told))
        })
    }

    fn make<'a>(&'a self, at: &'a Permit<CollectionRef, Manage>, facts: &'a CollectionFacts) -> Fut<'a, ()> {
        Box::pin(self.make(at, facts))
    }

    fn change<'a>(&'a self, at: &'a Permit<CollectionRef, Manage>, facts: &'a CollectionFacts) -> Fut<'a, ()> {
        const DOING: &str = "changing a collection";
        Box::pin(async move {
            let link = self.link(at).await?;
            let request = link.request(method("PROPPATCH")?, &self.path(at))?.header(CONTENT_TYPE, XML);
            let response = link.send(DOING, request.body(ask::change(self.family, facts))).await?;
            let answer = answer::read(&link, DOING, response).await?;
            // RFC 4918 §9.2: all or none. What was done is told as found.
            let is_done = !answer.places.is_empty() && answer.places.iter().all(|told| !told.found.is_empty());
            if is_done { Ok(()) } else { Err(Error::Unsupported { what: "keeping such a property" }) }
        })
    }

    fn delete<'a>(&'a self, at: &'a Permit<CollectionRef, Manage>) -> Fut<'a, ()> {
        Box::pin(async move {
            let link = self.link(at).await?;
            let path = self.path(at);
            // What is no collection of this family is none of ours to remove.
            let places = self.told(&link, &path, "0", Telling::Facts).await?.unwrap_or_default();
            if !places.iter().any(|told| facts::is_one(self.family, told)) {
                return Err(Error::NotFound);
            }
            link.act("removing a collection", link.request(Method::DELETE, &path)?).await.map(drop)
        })
    }

    fn items<'a>(&'a self, at: &'a Permit<CollectionRef, Read>) -> Fut<'a, Vec<ListedItem>> {
        Box::pin(async move { items::list(&self.link(at).await?, self.family, &self.path(at)).await })
    }

    fn read<'a>(
        &'a self,
        at: &'a Permit<CollectionRef, Read>,
        names: &'a [ItemName],
    ) -> Fut<'a, Vec<Option<CollectionItem>>> {
        Box::pin(async move { items::read(&self.link(at).await?, self.family, &self.path(at), names).await })
    }

    fn add<'a>(
        &'a self,
        at: &'a Permit<CollectionRef, Add>,
        name: &'a ItemName,
        content: &'a Bytes,
    ) -> Fut<'a, Option<ETag>> {
        Box::pin(async move {
            let link = self.link(at).await?;
            let request = link.request(Method::PUT, &place::item(&self.path(at), name))?;
            self.put(&link, request.header(IF_NONE_MATCH, "*"), content).await
        })
    }

    fn replace<'a>(
        &'a self,
        at: &'a Permit<CollectionRef, Edit>,
        name: &'a ItemName,
        content: &'a Bytes,
        when: &'a Precondition,
    ) -> Fut<'a, Option<ETag>> {
        Box::pin(async move {
            let link = self.link(at).await?;
            let path = place::item(&self.path(at), name);
            for left in (0..TRIES).rev() {
                let request = link.request(Method::PUT, &path)?.header(IF_MATCH, tag_wanted(&link, &path, when).await?);
                match self.put(&link, request, content).await {
                    // Without a condition of the client's the last one wins, whoever was between.
                    Err(Error::Conflict) if *when == Precondition::None && left > 0 => {}
                    put => return put,
                }
            }
            Err(Error::Conflict)
        })
    }

    fn remove<'a>(
        &'a self,
        at: &'a Permit<CollectionRef, Remove>,
        name: &'a ItemName,
        when: &'a Precondition,
    ) -> Fut<'a, ()> {
        Box::pin(async move {
            let link = self.link(at).await?;
            let path = place::item(&self.path(at), name);
            let mut request = link.request(Method::DELETE, &path)?;
            if *when != Precondition::None {
                request = request.header(IF_MATCH, tag_wanted(&link, &path, when).await?);
            }
            link.act("removing an item", request).await.map(drop)
        })
    }

    fn as_changing(&self) -> Option<&dyn ItemChanges> {
        Some(self)
    }
}

impl ItemChanges for DavCollections {
    fn since<'a>(&'a self, at: &'a Permit<CollectionRef, Read>, state: Option<&'a str>) -> Fut<'a, Option<Since>> {
        Box::pin(async move { changes::since(&self.link(at).await?, &self.path(at), state).await })
    }
}
