//! `GET /api/people`: the people and groups of one's own institution that something may be given to, by a part of their name.

use super::{Answer, Call, json};
use crate::giving;
use futures::{StreamExt, stream};
use http::StatusCode;
use passerelle_core::{Authorized, Error, Read, Result, Session};
use passerelle_model::{Account, Grantee, GroupRef, InstitutionRef, Person};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Most of each that one answer has.
const MOST_FOUND: usize = 20;
/// Most people whose names are looked up for one answer, and at a time.
const MOST_NAMED: usize = 40;
const AT_ONCE: usize = 8;
/// What somebody is at the university, the more telling first (eduPerson 202208 §2.2.3, §2.2.1).
const ROLES: [&str; 2] = ["eduPersonPrimaryAffiliation", "eduPersonAffiliation"];

pub(super) async fn find(call: &Call<'_>) -> Answer {
    let home = call.session.principal()?.account().institution.clone();
    let Some(directory) = directory(&call.session).await? else {
        return Ok(json(StatusCode::OK, &json!({ "found": [], "more": false })));
    };
    let text = call.parameter("q");
    let page = directory.find_people(text.trim(), MOST_FOUND).await?;
    let groups = directory.find_groups(text.trim(), MOST_FOUND).await?;
    let more = page.more || groups.len() >= MOST_FOUND;
    let people = page.people.into_iter().map(|person| {
        let account = Account { institution: home.clone(), id: person.account.clone() };
        json!({
            "to": giving::written(&Grantee::Account(account.clone())),
            "kind": "person",
            "login": call.session.name_of(&account),
            "name": called(&person),
            "address": person.mails.first(),
            "role": ROLES.into_iter().find_map(|name| person.attributes.first(name)),
        })
    });
    let groups = groups.into_iter().map(|group| {
        let name = if group.description.is_empty() { group.id.to_string() } else { group.description };
        let to = Grantee::Group(GroupRef { institution: home.clone(), id: group.id });
        json!({ "to": giving::written(&to), "kind": "group", "name": name, "address": group.mail })
    });
    let found: Vec<Value> = people.chain(groups).collect();
    Ok(json(StatusCode::OK, &json!({ "found": found, "more": more })))
}

/// How these people are called, of those that a search would show; the others are known by their logins.
pub(super) async fn names(session: &Session, accounts: Vec<Account>) -> Result<BTreeMap<Account, String>> {
    let home = session.principal()?.account().institution.clone();
    let Some(directory) = directory(session).await? else { return Ok(BTreeMap::new()) };
    let mut accounts: Vec<Account> = accounts.into_iter().filter(|it| it.institution == home).collect();
    accounts.sort();
    accounts.dedup();
    accounts.truncate(MOST_NAMED);
    let directory = &directory;
    let named = stream::iter(accounts).map(|account| async move {
        // A directory that is away takes names from a list, and not the list.
        let person = directory.listed(&account.id).await.ok().flatten()?;
        Some((account, called(&person)))
    });
    Ok(named.buffered(AT_ONCE).filter_map(async |it| it).collect().await)
}

fn called(person: &Person) -> String {
    if person.display_name.is_empty() { person.account.to_string() } else { person.display_name.clone() }
}

/// One's own institution's directory, for who may read it.
async fn directory(session: &Session) -> Result<Option<Authorized<InstitutionRef, Read>>> {
    let home = InstitutionRef(session.principal()?.account().institution.clone());
    match session.open::<InstitutionRef, Read>(home).await {
        Err(Error::NotFound | Error::Forbidden) => Ok(None),
        opened => Ok(Some(opened?)),
    }
}
