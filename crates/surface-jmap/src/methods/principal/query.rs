//! `Principal/query`, `queryChanges` (RFC 9670 §2.4, §2.5): by a part of a name, a login or an address, as everywhere.

use super::{Directory, LOCATION, Principal, directory, id_of};
use crate::{
    desk::Desk,
    error::MethodError,
    id,
    methods::{
        conditions::Filter,
        listed::{Compare, Query, QueryChanges},
    },
    shares,
    state::UNKNOWN_STATE,
};
use passerelle_core::{Error, MOST_FOUND, Session};
use passerelle_model::{Grantee, InboxRef};
use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Condition {
    account_ids: Option<Vec<String>>,
    email: Option<String>,
    name: Option<String>,
    text: Option<String>,
    #[serde(rename = "type")]
    of_type: Option<String>,
    time_zone: Option<String>,
}

pub(crate) async fn query(desk: &mut Desk<'_>, arguments: Query<Condition>) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    let Some(Filter::One(condition)) = &arguments.filter else {
        return Err(unsupported("one condition is understood, with a name, an address or accounts in it"));
    };
    let found = match directory(desk.session).await? {
        Some(directory) => candidates(desk.session, &directory, condition).await?,
        None => Vec::new(),
    };
    arguments.answer(&found, UNKNOWN_STATE, holds, order, |it| id_of(&it.to).unwrap_or_default())
}

/// What changes in a directory nobody is told.
pub(crate) fn changes(desk: &mut Desk<'_>, arguments: &QueryChanges<Condition>) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    Err(MethodError::new("cannotCalculateChanges"))
}

fn unsupported(why: &str) -> MethodError {
    MethodError::saying("unsupportedFilter", why)
}

/// Those that one word of the condition finds.
async fn candidates(
    session: &Session,
    directory: &Directory,
    condition: &Condition,
) -> Result<Vec<Principal>, MethodError> {
    let home = &session.principal()?.account().institution;
    if let Some(ids) = &condition.account_ids {
        let mut owners = vec![session.principal()?.account().clone()];
        owners.extend(shares::owners(session).await?.into_keys());
        owners.retain(|owner| ids.contains(&id::of_account(&session.name_of(owner))));
        let mut all = Vec::new();
        for owner in owners {
            all.extend(Principal::find(session, directory, &Grantee::Account(owner)).await?);
        }
        return Ok(all);
    }
    let Condition { account_ids: _, email, name, text, of_type, time_zone: _ } = condition;
    let is_of_rooms = of_type.as_deref() == Some(LOCATION);
    if is_of_rooms && [email, name, text].iter().all(|it| it.is_none()) {
        return rooms(session, directory).await;
    }
    let word = [text, name, email].into_iter().flatten().next();
    let word = word.map(|word| word.trim()).filter(|word| word.chars().count() >= 2);
    let word = word.ok_or_else(|| unsupported("say at least two characters of a name or an address"))?;
    let people = match directory.find_people(word, MOST_FOUND).await {
        Err(Error::Invalid { what }) => return Err(unsupported(&what)),
        found => found?,
    };
    let groups = directory.find_groups(word, MOST_FOUND).await?;
    if people.more || groups.len() >= MOST_FOUND {
        return Err(unsupported("too many are called so: say more of the name"));
    }
    let people = people.people.into_iter().map(|person| Principal::person(session, home, person));
    let mut all: Vec<Principal> = people.chain(groups.into_iter().map(|group| Principal::group(home, group))).collect();
    let everybody = Principal::everybody(session)?;
    if everybody.name.to_lowercase().contains(&word.to_lowercase()) {
        all.push(everybody);
    }
    all.extend(addressed(session, email.as_deref(), &all).await?);
    Ok(all)
}

/// The rooms that there are: few, and nobody's secret.
async fn rooms(session: &Session, directory: &Directory) -> Result<Vec<Principal>, MethodError> {
    let mut all = Vec::new();
    for room in session.rooms()?.into_iter().take(MOST_FOUND) {
        all.extend(Principal::find(session, directory, &Grantee::Account(room)).await?);
    }
    Ok(all)
}

/// Whose a whole address is, where a search does not tell them: whoever has it may invite them, and ask when they have time.
async fn addressed(
    session: &Session,
    email: Option<&str>,
    found: &[Principal],
) -> Result<Option<Principal>, MethodError> {
    let Some(email) = email.map(str::trim).filter(|email| email.contains('@')) else { return Ok(None) };
    let Some(user) = session.calendar_user(email).await? else { return Ok(None) };
    let InboxRef(account) = user.inbox;
    let is_met = session.may_share_with()?.iter().any(|it| it.id == account.institution);
    let is_new = found.iter().all(|it| it.to != Grantee::Account(account.clone()));
    Ok((is_met && is_new).then(|| Principal::unlisted(session, account, Some(email.to_owned()))))
}

fn holds(condition: &Condition, principal: &Principal) -> bool {
    // Accounts and text were searched for.
    let Condition { account_ids: _, email, name, text: _, of_type, time_zone } = condition;
    let has = |text: &str, part: &String| text.to_lowercase().contains(&part.trim().to_lowercase());
    name.as_ref().is_none_or(|part| has(&principal.name, part))
        && email.as_ref().is_none_or(|part| principal.email.as_ref().is_some_and(|email| has(email, part)))
        && of_type.as_ref().is_none_or(|it| it == principal.kind)
        && time_zone.is_none()
}

fn order(property: &str) -> Option<Compare<Principal>> {
    match property {
        "name" => Some(|one, other| one.name.to_lowercase().cmp(&other.name.to_lowercase())),
        _ => None,
    }
}
