//! Principals (RFC 3744 §4): people, groups and institutions, as far as the directory lets the person see them. Who asked
//! not to be listed, and everybody of another institution, answers as who does not exist.

use crate::{
    call::Call,
    error::Answer,
    place::{Place, Who},
    trays,
};
use passerelle_core::{Authorized, Error, Read, Tool};
use passerelle_model::{Account, CollectionFamily, Group, GroupRef, InstitutionId, InstitutionRef, Person};

/// What is shown of a principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Its URL.
    pub(crate) href: String,
    /// What it is called in the directory.
    pub(crate) id: String,
    /// Its name, for people.
    pub(crate) name: String,
    /// Its addresses of mail, the first of them the one to write to.
    pub(crate) mails: Vec<String>,
    /// What it is to calendars (RFC 5545 §3.2.3).
    pub(crate) kind: Option<&'static str>,
    /// The URL that its trays of scheduling are below, for themselves.
    pub(crate) trays: Option<String>,
    /// Whether they find people by CardDAV.
    pub(crate) has_directory: bool,
}

/// What may be shown of somebody; `None` as well when nothing may.
pub(crate) async fn shown(call: &Call, who: &Who) -> Answer<Option<Shown>> {
    match who {
        Who::Account(name) => match call.session.account_named(name) {
            Some(account) if Some(&account) == call.me() => Ok(Some(me(call)?)),
            Some(account) => {
                let Some(directory) = directory(call, &account.institution).await? else { return Ok(None) };
                Ok(directory.listed(&account.id).await?.map(|found| person(call, &account.institution, &found)))
            }
            None => Ok(None),
        },
        Who::Group(GroupRef { institution, id }) => {
            let Some(directory) = directory(call, institution).await? else { return Ok(None) };
            Ok(directory.group(id).await?.map(|found| group(institution, found)))
        }
        Who::Institution(id) => {
            let own = call.session.institution()?;
            let name = || own.name.get("en").or_else(|| own.name.values().next()).cloned();
            let name = (own.id == *id).then(|| name().unwrap_or_else(|| id.to_string()));
            Ok(name.map(|name| Shown {
                href: Place::Principal(who.clone()).href(),
                id: id.to_string(),
                name,
                mails: Vec::new(),
                kind: None,
                trays: None,
                has_directory: false,
            }))
        }
        // A link is for whoever holds it; there is nobody to show.
        Who::Link(_) => Ok(None),
    }
}

/// Who asks.
pub(crate) fn me(call: &Call) -> Answer<Shown> {
    let principal = call.session.principal()?;
    let account = principal.account();
    let has_trays = call.session.has_collections(account, CollectionFamily::Calendars);
    let trays = has_trays.then(|| trays::At::Home { account: call.session.name_of(account) }.href());
    let has_directory = call.session.institution()?.tools.has(Tool::Contacts);
    Ok(Shown { trays, has_directory, ..person(call, &account.institution, principal.person()) })
}

/// A person of the directory.
pub(crate) fn person(call: &Call, institution: &InstitutionId, found: &Person) -> Shown {
    let account = Account { institution: institution.clone(), id: found.account.clone() };
    let href = Place::Principal(Who::Account(call.session.name_of(&account))).href();
    let (id, name, mails) = (found.account.to_string(), found.display_name.clone(), found.mails.clone());
    Shown {
        href,
        id,
        name,
        mails,
        kind: Some(call.session.calendar_kind(&account).as_str()),
        trays: None,
        has_directory: false,
    }
}

/// A group, called by what it is for where that is said.
pub(crate) fn group(institution: &InstitutionId, found: Group) -> Shown {
    let name = if found.description.is_empty() { found.id.to_string() } else { found.description };
    let (id, group) = (found.id.to_string(), GroupRef { institution: institution.clone(), id: found.id });
    let href = Place::Principal(Who::Group(group)).href();
    Shown { href, id, name, mails: Vec::new(), kind: Some("GROUP"), trays: None, has_directory: false }
}

/// The directory of an institution, for who may read it: its own people.
pub(crate) async fn directory(
    call: &Call,
    institution: &InstitutionId,
) -> Answer<Option<Authorized<InstitutionRef, Read>>> {
    match call.session.open::<InstitutionRef, Read>(InstitutionRef(institution.clone())).await {
        Err(Error::NotFound | Error::Forbidden) => Ok(None),
        opened => Ok(Some(opened?)),
    }
}
