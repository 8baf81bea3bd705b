//! The institution's directory as an address book to search (draft-daboo-carddav-directory-gateway-02): `/dav/directory/`.
//!
//! Whoever knows two letters of a name, a login or an address finds people; nobody gets a list, and who asked not to be listed is not in
//! it (`docs/decisions/0043-the-directory-as-an-address-book.md`). It is in nobody's home: a program that synchronises would take its
//! emptiness for removal. Programs find it by a property of one's own principal.

mod at;
mod card;

pub(crate) use at::At;

use crate::{
    Body,
    call::{Call, Depth},
    collections::{data::Wanted, filter},
    error::{Answer, Refusal, bare},
    method::{
        propfind::{END, asked, multistatus, plain_setting, shows_itself, whole},
        xml,
    },
    place::Place,
    principal,
    props::{Ask, Kind, Live, Setting, Thing, response},
    xml::{CARDDAV, Element, Writer},
};
use at::name_of;
use http::{
    HeaderValue, Method, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG},
};
use passerelle_core::{Authorized, Error, MOST_FOUND, Read, Tool, ports::CollectionItem};
use passerelle_model::{AccountId, CollectionFamily, InstitutionRef, Person, Rights};
use passerelle_net::http::body_of;
use passerelle_wire_ical::{Card, Zone};
use std::collections::BTreeMap;

/// Fewest characters that somebody is looked for by.
const FEWEST: usize = 2;
/// Most words of one query, each a question to the directory.
const MOST_WORDS: usize = 4;
/// Most cards that are asked for by their names at once, each a question to the directory.
const MOST_NAMED: usize = 100;
/// Properties in which the directory looks for words.
const SEARCHED: [&str; 5] = ["FN", "N", "NICKNAME", "EMAIL", "UID"];

type Directory = Authorized<InstitutionRef, Read>;

/// Sends a request about the directory to its method.
pub(crate) async fn answer(call: Call, at: At, body: &mut Body) -> Answer {
    if call.conditions.lists.is_some() {
        return Err(StatusCode::PRECONDITION_FAILED.into());
    }
    let own = call.session.institution()?;
    if !own.tools.has(Tool::Contacts) {
        return Err(Error::NotFound.into());
    }
    let directory = principal::directory(&call, &own.id).await?.ok_or(Error::NotFound)?;
    match (call.method.as_str(), &at) {
        ("PROPFIND", At::Gateway) => propfind(&call, body).await,
        ("PROPFIND", At::Card(login)) => {
            let (ask, card) = (asked(body).await?, one(&call, &directory, login).await?);
            let mut xml = Writer::begin("D:multistatus");
            tell(&mut xml, &ask, &setting(&call), login, &card, &Wanted::Whole);
            Ok(whole(xml))
        }
        ("GET" | "HEAD", At::Card(login)) => get(&call, &directory, login).await,
        ("REPORT", At::Gateway) => {
            let root = xml(body).await?.ok_or(StatusCode::BAD_REQUEST)?;
            if root.is_in(CARDDAV, "addressbook-query") {
                query(&call, &directory, &root).await
            } else if root.is_in(CARDDAV, "addressbook-multiget") {
                multiget(&call, &directory, &root).await
            } else {
                Err(Refusal::Condition(StatusCode::FORBIDDEN, "supported-report"))
            }
        }
        _ => Err(Refusal::Method),
    }
}

fn setting(call: &Call) -> Setting {
    Setting { rights: Rights::READ, ..plain_setting(call, None) }
}

/// Itself; what is in it is found, and not listed.
async fn propfind(call: &Call, body: &mut Body) -> Answer {
    let inside = match call.depth(Depth::Infinity)? {
        Depth::Infinity => return Err(Refusal::Condition(StatusCode::FORBIDDEN, "propfind-finite-depth")),
        depth => depth == Depth::One,
    };
    let ask = asked(body).await?;
    let own = call.session.institution()?;
    let name = own.name.values().next().map_or(own.id.as_str(), String::as_str);
    let (mut xml, setting) = (Writer::begin("D:multistatus"), setting(call));
    if shows_itself(&setting, inside) {
        let thing = Thing { kind: Kind::Directory, ..Thing::collection(name) };
        response(&mut xml, &At::Gateway.href(), None, &ask, &setting, &thing);
    }
    Ok(whole(xml))
}

/// The card of somebody whom a search would find.
async fn one(call: &Call, directory: &Directory, login: &AccountId) -> Answer<CollectionItem> {
    let person = directory.listed(login).await?.ok_or(Error::NotFound)?;
    Ok(card::card(&call.session, &person)?)
}

async fn get(call: &Call, directory: &Directory, login: &AccountId) -> Answer {
    let found = one(call, directory, login).await?;
    let etag = HeaderValue::from_str(&format!("\"{}\"", found.etag.as_str())).ok();
    if call.conditions.is_known(&found.etag) {
        return Ok(bare(StatusCode::NOT_MODIFIED));
    }
    let mut response = bare(StatusCode::OK);
    let headers = response.headers_mut();
    headers.extend(etag.map(|etag| (ETAG, etag)));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/vcard; charset=utf-8"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(found.content.len()));
    if call.method == Method::GET {
        *response.body_mut() = body_of(found.content.to_vec());
    }
    Ok(response)
}

/// RFC 6352 §8.6: the directory finds by words, and of whom it finds the filter decides.
async fn query(call: &Call, directory: &Directory, root: &Element) -> Answer {
    let (sought, wanted) = (filter::of_cards(root)?, Wanted::of(CollectionFamily::Contacts, root)?);
    let (ask, setting) = (Ask::of(root.child("prop")), setting(call));
    let limit = root.child_in(CARDDAV, "limit").and_then(|it| it.child_in(CARDDAV, "nresults"));
    let limit = limit.map(|it| it.text.trim().parse().map_err(|_| StatusCode::BAD_REQUEST)).transpose()?;
    let words = words(root);
    // Without a word it would be everybody.
    let (mut people, mut more): (BTreeMap<AccountId, Person>, bool) = (BTreeMap::new(), words.is_empty());
    for word in &words {
        let page = directory.find_people(word, MOST_FOUND).await?;
        more |= page.more;
        people.extend(page.people.into_iter().map(|person| (person.account.clone(), person)));
    }
    let (mut xml, mut count) = (Writer::begin("D:multistatus"), 0_usize);
    for (login, person) in &people {
        let item = card::card(&call.session, person)?;
        if !Card::read(&item.content).is_ok_and(|card| sought.matches(&card)) {
            continue;
        }
        count = count.saturating_add(1);
        if limit.is_some_and(|limit: usize| count > limit) {
            more = true;
            break;
        }
        tell(&mut xml, &ask, &setting, login, &item, &wanted);
    }
    if more {
        // RFC 6352 §8.6.2
        xml.raw("<D:response><D:href>").raw(&At::Gateway.href());
        xml.raw("</D:href><D:status>HTTP/1.1 507 Insufficient Storage</D:status>");
        xml.raw("<D:error><D:number-of-matches-within-limits/></D:error></D:response>\n");
    }
    Ok(ended(xml))
}

/// The words that a filter looks for in what the directory searches, each once.
fn words(root: &Element) -> Vec<String> {
    let filters = root.child_in(CARDDAV, "filter").into_iter().flat_map(|filter| &filter.children);
    let searched = filters.filter(|it| {
        let name = it.attribute("name").unwrap_or_default();
        it.is_in(CARDDAV, "prop-filter") && SEARCHED.iter().any(|one| one.eq_ignore_ascii_case(name))
    });
    let texts = searched.flat_map(|it| it.children.iter().filter(|text| text.is_in(CARDDAV, "text-match")));
    let mut words: Vec<String> = Vec::new();
    for text in texts.filter(|text| text.attribute("negate-condition") != Some("yes")) {
        let word = text.text.trim();
        let is_new = !words.iter().any(|known| known == word);
        if is_new && word.chars().count() >= FEWEST && words.len() < MOST_WORDS {
            words.push(word.to_owned());
        }
    }
    words
}

/// RFC 6352 §8.7: those that are named.
async fn multiget(call: &Call, directory: &Directory, root: &Element) -> Answer {
    let (wanted, ask) = (Wanted::of(CollectionFamily::Contacts, root)?, Ask::of(root.child("prop")));
    let (setting, mut xml) = (setting(call), Writer::begin("D:multistatus"));
    let hrefs: Vec<&str> = root.children.iter().filter(|it| it.is("href")).map(|it| it.text.trim()).collect();
    if hrefs.len() > MOST_NAMED {
        return Err(Refusal::Condition(StatusCode::FORBIDDEN, "number-of-matches-within-limits"));
    }
    for href in hrefs {
        let login = match call.place_of(href) {
            Ok(Place::Directory(At::Card(login))) => Some(login),
            Ok(_) | Err(Refusal::Status(_)) => None,
            Err(other) => return Err(other),
        };
        let found = match &login {
            Some(login) => directory.listed(login).await?,
            None => None,
        };
        match found {
            Some(person) => {
                let item = card::card(&call.session, &person)?;
                tell(&mut xml, &ask, &setting, &person.account, &item, &wanted);
            }
            None => {
                xml.raw("<D:response><D:href>").text(href);
                xml.raw("</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>\n");
            }
        }
    }
    Ok(ended(xml))
}

/// Tells of a card, with its content where that was asked for.
fn tell(xml: &mut Writer, ask: &Ask, setting: &Setting, login: &AccountId, item: &CollectionItem, wanted: &Wanted) {
    let told = ask.asks_for(Live::AddressData).then(|| wanted.told(CollectionFamily::Contacts, item, &Zone::utc()));
    let text = told.and_then(Result::ok).and_then(|told| told.text);
    let name = name_of(login);
    let thing = Thing::item(CollectionFamily::Contacts, &name, &item.etag, text.as_deref());
    response(xml, &At::Gateway.href(), Some(&name), ask, setting, &thing);
}

fn ended(mut xml: Writer) -> passerelle_net::http::Response {
    xml.raw(END);
    let mut response = multistatus();
    *response.body_mut() = body_of(xml.finish());
    response
}
