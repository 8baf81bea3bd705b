//! The institution's directory as an address book of an account of its own, to read: who knows two letters of a name finds people in
//! it, and nobody gets a list (`docs/decisions/0043-the-directory-as-an-address-book.md`). Whoever asked not to be listed is not in it.

use super::{
    cards::Card,
    filter::{Condition, order},
};
use crate::{
    error::MethodError,
    methods::{
        Changes, Get, check_count,
        conditions::{Filter, Logic},
        distinct,
        listed::{Query, QueryChanges},
        principal::{Directory, directory},
        properties,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use passerelle_core::{Error, MOST_FOUND, Result, Session, Tool};
use passerelle_model::{Account, AccountId, Person};
use serde_json::{Map, Value, json};

/// The id of its address book.
const BOOK: &str = "directory";
/// The state of what changes nobody is told.
pub(super) const STATE: &str = "0";
/// Most people that are asked for by their ids at once, each with a question to the directory.
const MOST_NAMED: usize = 100;
/// Fewest characters that somebody is looked for by.
const FEWEST: usize = 2;

/// The directory's account: its id, and what it is called.
pub(crate) async fn account(session: &Session) -> Result<Option<(String, String)>> {
    let own = session.institution()?;
    if !own.tools.has(Tool::Contacts) || directory(session).await?.is_none() {
        return Ok(None);
    }
    let name = own.name.values().next().cloned().unwrap_or_else(|| own.id.to_string());
    Ok(Some((id_of(session)?, name)))
}

/// Its id: no account's of a person begins so.
fn id_of(session: &Session) -> Result<String> {
    Ok(format!("E{}", BASE64.encode(session.institution()?.id.as_str())))
}

/// The directory, where this is its account's id.
///
/// # Errors
/// `Unavailable` where it cannot say whether this person may read it.
pub(crate) async fn entered(session: &Session, account: &str) -> Result<Option<Directory>> {
    if account != id_of(session)? || !session.institution()?.tools.has(Tool::Contacts) {
        return Ok(None);
    }
    directory(session).await
}

/// `AddressBook/get`: there is one.
pub(super) async fn books(session: &Session, arguments: Get) -> Result<Value, MethodError> {
    let wanted = properties(arguments.properties.as_ref(), &super::books::PROPERTIES)?;
    let (_, name) = account(session).await?.unwrap_or_default();
    let rights = json!({ "mayRead": true, "mayWrite": false, "mayShare": false, "mayDelete": false });
    let whole = json!({
        "id": BOOK, "name": name, "description": null, "sortOrder": 0, "isDefault": false, "isSubscribed": true,
        "shareWith": null, "myRights": rights,
    });
    let book: Map<String, Value> =
        wanted.iter().filter_map(|name| Some(((*name).to_owned(), whole.get(*name)?.clone()))).collect();
    let ids = arguments.ids.map(distinct);
    let is_told = ids.as_ref().is_none_or(|ids| ids.iter().any(|id| id == BOOK));
    let missing: Vec<String> = ids.into_iter().flatten().filter(|id| id != BOOK).collect();
    let list: Vec<Value> = is_told.then_some(Value::Object(book)).into_iter().collect();
    Ok(json!({ "accountId": arguments.account_id, "state": STATE, "list": list, "notFound": missing }))
}

/// `/changes` of the book, and of what a listing of it has, which is nothing.
pub(super) fn changes(arguments: &Changes) -> Result<Value, MethodError> {
    if arguments.since_state != STATE {
        return Err(MethodError::new("cannotCalculateChanges"));
    }
    Ok(json!({
        "accountId": arguments.account_id, "oldState": STATE, "newState": STATE, "hasMoreChanges": false,
        "created": [], "updated": [], "destroyed": [],
    }))
}

/// `ContactCard/get`: people by their ids; a listing has none.
pub(super) async fn get(session: &Session, directory: &Directory, arguments: Get) -> Result<Value, MethodError> {
    let ids = distinct(arguments.ids.unwrap_or_default());
    check_count(ids.len())?;
    if ids.len() > MOST_NAMED {
        return Err(MethodError::new("requestTooLarge"));
    }
    let (mut list, mut missing) = (Vec::new(), Vec::new());
    for id in ids {
        match person(session, directory, &id).await? {
            Some(card) => list.push(card.json(arguments.properties.as_ref())),
            None => missing.push(id),
        }
    }
    Ok(json!({ "accountId": arguments.account_id, "state": STATE, "list": list, "notFound": missing }))
}

/// The card of an id, of somebody whom a search would find.
pub(super) async fn person(session: &Session, directory: &Directory, id: &str) -> Result<Option<Card>> {
    let login = id.strip_prefix('D').and_then(|it| BASE64.decode(it).ok()).and_then(|it| String::from_utf8(it).ok());
    let Some(login) = login.and_then(|login| AccountId::parse(&login).ok()) else { return Ok(None) };
    let found = directory.listed(&login).await?;
    found.map(|person| card(session, &person)).transpose()
}

/// `ContactCard/query`: who is called so. A question without enough letters of a name finds nobody.
pub(super) async fn query(
    session: &Session,
    directory: &Directory,
    arguments: &Query<Condition>,
) -> Result<Value, MethodError> {
    let mut cards = Vec::new();
    if let Some(word) = arguments.filter.as_ref().and_then(sought) {
        let page = match directory.find_people(word, MOST_FOUND).await {
            Err(Error::Invalid { .. }) => Default::default(),
            found => found?,
        };
        if page.more {
            return Err(MethodError::saying("unsupportedFilter", "too many are called so: say more of the name"));
        }
        for person in &page.people {
            cards.push(card(session, person)?);
        }
    }
    arguments.answer(&cards, STATE, Condition::holds, order, |card: &Card| card.id.clone())
}

/// `ContactCard/queryChanges`: a directory tells none.
pub(super) fn query_changes(arguments: &QueryChanges<Condition>) -> Result<Value, MethodError> {
    arguments.answer("")
}

/// The word that a filter looks for, long enough to be one: each match has it in a name, a login or an address.
fn sought(filter: &Filter<Condition>) -> Option<&str> {
    match filter {
        Filter::One(one) => one.words().find(|word| word.chars().count() >= FEWEST),
        Filter::Joined(Logic::And, all) => all.iter().find_map(sought),
        Filter::Joined(Logic::Or | Logic::Not, _) => None,
    }
}

/// A person as a card: what an institution tells its own people of each other.
fn card(session: &Session, person: &Person) -> Result<Card> {
    let institution = session.institution()?;
    let account = Account { institution: institution.id.clone(), id: person.account.clone() };
    let said = |name: &str| person.attributes.first(name).filter(|text| !text.is_empty());
    let parts = [("given", said("givenName")), ("surname", said("sn"))];
    let parts = parts.into_iter().filter_map(|(kind, text)| Some(json!({ "kind": kind, "value": text? })));
    let full = if person.display_name.is_empty() { person.account.as_str() } else { &person.display_name };
    let mut told = Map::new();
    let mut add = |name: &str, value: Value| drop(told.insert(name.to_owned(), value));
    add("@type", json!("Card"));
    add("version", json!("1.0"));
    add("kind", json!("individual"));
    add("uid", json!(session.whole_name_of(&account)));
    add("name", json!({ "full": full, "components": parts.collect::<Vec<_>>() }));
    let numbered = |letter: char, all: Vec<Value>| -> Option<Value> {
        let all: Map<String, Value> =
            all.into_iter().enumerate().map(|(at, value)| (format!("{letter}{at}"), value)).collect();
        (!all.is_empty()).then_some(Value::Object(all))
    };
    let work = json!({ "work": true });
    let emails = person.mails.iter().map(|mail| json!({ "address": mail, "contexts": work })).collect();
    let number =
        |text: &String, feature: &str| json!({ "number": text, "contexts": work, "features": { feature: true } });
    let fixed = person.attributes.values("telephoneNumber").iter().map(|it| number(it, "voice"));
    let mobile = person.attributes.values("mobile").iter().map(|it| number(it, "mobile"));
    let titles = person.attributes.values("title").iter().map(|it| json!({ "name": it })).collect();
    let units: Vec<Value> = person.attributes.values("ou").iter().map(|it| json!({ "name": it })).collect();
    let organization = said("o").or(institution.name.values().next().map(String::as_str));
    let organization = organization.map(|name| json!({ "name": name, "units": units }));
    for (name, value) in [
        ("emails", numbered('m', emails)),
        ("phones", numbered('t', fixed.chain(mobile).collect())),
        ("titles", numbered('f', titles)),
        ("organizations", numbered('o', organization.into_iter().collect())),
    ] {
        if let Some(value) = value {
            add(name, value);
        }
    }
    Ok(Card::new(format!("D{}", BASE64.encode(person.account.as_str())), BOOK.to_owned(), told))
}
