//! PROPFIND (RFC 4918 §9.1) on homes, collections and items.

use super::{At, acl, at::name_in, data, multiget::describe, open, share};
use crate::{
    Body,
    call::{Call, Depth},
    error::{Answer, Refusal},
    method::propfind::{asked, collection, named, plain_setting, shows_itself, whole},
    props::{Ask, Live, Setting, Thing, response},
    xml::Writer,
};
use http::StatusCode;
use passerelle_core::{Error, Lookup, Read, SeenCollection, ports::Telling};
use passerelle_model::{Account, CollectionFamily, CollectionRef, Rights};

/// Describes what is at a place, and what is in it.
pub(super) async fn propfind(call: &Call, at: &At, body: &mut Body) -> Answer {
    let depth = call.depth(Depth::Infinity)?;
    let ask = asked(body).await?;
    if depth == Depth::Infinity {
        return Err(Refusal::Condition(StatusCode::FORBIDDEN, "propfind-finite-depth"));
    }
    let inside = depth == Depth::One;
    match at {
        At::Homes(family) => homes(call, *family, &ask, inside).await,
        At::Home { family, .. } => home(call, at, *family, &ask, inside).await,
        At::Collection { .. } => one(call, at, &ask, inside).await,
        At::Item { item, .. } => {
            let handle = open::<Read>(call, at).await?;
            let found = handle.read(std::slice::from_ref(item)).await?.pop().flatten().ok_or(Error::NotFound)?;
            let setting = seen_setting(call, &handle.target().owner, handle.rights());
            let mut xml = Writer::begin("D:multistatus");
            let fault = data::fault_in(at.family(), &found);
            let tag = super::tags(call, &ask, handle.target()).await?.and_then(|tags| tags.tag(&found.content));
            let (fault, schedule_tag) = (fault.as_deref(), tag.as_deref());
            let thing = Thing { fault, schedule_tag, ..Thing::item(at.family(), item.as_str(), &found.etag, None) };
            response(&mut xml, &at.href(), None, &ask, &setting, &thing);
            Ok(whole(xml))
        }
    }
}

/// What there is to tell of the state of collections, which costs a store something.
pub(super) fn telling(ask: &Ask) -> Telling {
    if ask.asks_for(Live::SyncToken) || ask.asks_for(Live::CTag) { Telling::States } else { Telling::Facts }
}

/// `/dav/calendars/`: one's own home, and those of who shares something.
async fn homes(call: &Call, family: CollectionFamily, ask: &Ask, inside: bool) -> Answer {
    let href = At::Homes(family).href();
    let mut names: Vec<String> = Vec::new();
    if inside {
        names.extend(call.me().map(|me| call.session.name_of(me)));
        for seen in call.session.shared_collections(family, Telling::Facts).await? {
            let name = call.session.name_of(&seen.at.owner);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    named(call, ask, inside, &href, &names)
}

/// A home with what is in it.
async fn home(call: &Call, at: &At, family: CollectionFamily, ask: &Ask, inside: bool) -> Answer {
    let owner = at.home(&call.session).ok_or(Error::NotFound)?;
    let is_own = call.me() == Some(&owner);
    let tell = telling(ask);
    let shared = if inside || !is_own { call.session.shared_collections(family, tell).await? } else { Vec::new() };
    let seen: Vec<SeenCollection> = if is_own {
        let own = if inside { call.session.own_collections(family, tell).await? } else { Vec::new() };
        own.into_iter().chain(shared).collect()
    } else {
        let theirs: Vec<SeenCollection> = shared.into_iter().filter(|seen| seen.at.owner == owner).collect();
        // Hidden equals missing: of who shares nothing there is no home.
        if theirs.is_empty() {
            return Err(Error::NotFound.into());
        }
        theirs
    };
    let (mut xml, href) = (Writer::begin("D:multistatus"), at.href());
    let setting = plain_setting(call, Some(&owner));
    let setting = if is_own { Setting { rights: Rights::ALL, ..setting } } else { setting };
    if shows_itself(&setting, inside) {
        collection(&mut xml, &href, None, family.as_str(), ask, &setting);
    }
    for mut seen in seen.into_iter().filter(|_| inside) {
        follow(call, ask, &mut seen).await?;
        let dead = if ask.needs_dead() {
            let target = seen.at.clone();
            call.session.open::<_, Lookup>(target).await?.properties().await?
        } else {
            Vec::new()
        };
        let (list, shares) = (acl::told(call, ask, &seen).await?, share::told(call, ask, &seen).await?);
        let setting = seen_setting(call, &seen.at.owner, seen.rights);
        let thing = Thing { dead: &dead, acl: list.as_deref(), shares: shares.as_ref(), ..Thing::seen(&seen) };
        response(&mut xml, &href, Some(&name_in(&call.session, &owner, &seen)), ask, &setting, &thing);
    }
    Ok(whole(xml))
}

/// A collection, with its items for who may read them.
async fn one(call: &Call, at: &At, ask: &Ask, inside: bool) -> Answer {
    let handle = open::<Lookup>(call, at).await?;
    let mut seen = handle.look(telling(ask)).await?;
    follow(call, ask, &mut seen).await?;
    let dead = if ask.needs_dead() { handle.properties().await? } else { Vec::new() };
    let (list, shares) = (acl::told(call, ask, &seen).await?, share::told(call, ask, &seen).await?);
    let setting = seen_setting(call, &seen.at.owner, seen.rights);
    let (mut xml, href) = (Writer::begin("D:multistatus"), at.href());
    if shows_itself(&setting, inside) {
        let thing = Thing { dead: &dead, acl: list.as_deref(), shares: shares.as_ref(), ..Thing::seen(&seen) };
        response(&mut xml, &href, None, ask, &setting, &thing);
    }
    if inside {
        let items = open::<Read>(call, at).await?.items().await?;
        describe(&mut xml, at, ask, &setting, items.iter().map(|item| (&item.name, &item.etag, None)));
    }
    Ok(whole(xml))
}

/// Up to where a client knows a collection that asks now, where its store tells no state: what is kept of it does.
async fn follow(call: &Call, ask: &Ask, seen: &mut SeenCollection) -> Answer<()> {
    if ask.asks_for(Live::SyncToken) && seen.sync_token.is_none() && seen.rights.contains(Rights::READ) {
        let handle = call.session.open::<CollectionRef, Read>(seen.at.clone()).await?;
        seen.sync_token = match handle.changes_since(None, None).await {
            Ok(all) => all.map(|all| all.token),
            // It is gone since, or has more than can be followed.
            Err(Error::NotFound | Error::OverQuota) => None,
            // One from elsewhere that cannot be had keeps nobody from the others; who asks for what is in it is told.
            Err(error) if error.feed_fault().is_some() => None,
            Err(error) => return Err(error.into()),
        };
    }
    Ok(())
}

/// What is the same for all of an answer about one owner's collection.
pub(super) fn seen_setting(call: &Call, owner: &Account, rights: Rights) -> Setting {
    Setting { rights, ..plain_setting(call, Some(owner)) }
}
