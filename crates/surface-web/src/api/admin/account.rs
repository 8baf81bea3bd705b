//! `/api/admin/account` and what is done to one account: all that is known of it, what changes, its login, lock, password and end.

use super::{Admin, Answer, Change, card, told};
use crate::api::{Password, done};
use passerelle_core::{
    AskedFor, Error, Whereabouts,
    ports::{AccountLock, Details, Field},
};
use passerelle_model::{AccountId, GroupId, Standing};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Details as a body says them, by the words of [`Field`]; attributes by their own names. No value at all removes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    #[serde(default)]
    fields: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    attributes: BTreeMap<String, Vec<String>>,
}

impl Said {
    pub(super) fn details(self) -> Answer<Details> {
        let mut details = Details { attributes: self.attributes, ..Details::default() };
        for (name, values) in self.fields {
            let known = Field::ALL.into_iter().find(|field| field.as_str() == name);
            details.fields.insert(known.ok_or(Error::invalid("fields: one of them is not known"))?, values);
        }
        Ok(details)
    }

    /// For the trail.
    pub(super) fn asked(&self) -> AskedFor {
        let asked = self.fields.iter().fold(AskedFor::default(), |asked, (name, values)| asked.texts(name, values));
        self.attributes.iter().fold(asked, |asked, (name, values)| asked.texts(name, values))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    login: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changed {
    login: String,
    details: Said,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Renamed {
    login: String,
    new_login: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Locked {
    login: String,
    locked: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    login: String,
    password: Password,
}

pub(super) async fn get(admin: &Admin<'_>) -> Answer {
    let id = admin.account(&admin.call.parameter("login"))?;
    told(&shown(admin, &id).await?)
}

/// An account with all that is known of it, its card, and where its data are.
pub(super) async fn shown(admin: &Admin<'_>, id: &AccountId) -> Answer<Value> {
    let found = admin.of.account(id).await?.ok_or(Error::NotFound)?;
    let (person, details, card) = (&found.person, admin.of.details_of(&found.person), admin.of.card(id).await?);
    let fields: Map<String, Value> =
        details.fields.iter().map(|(field, values)| (field.as_str().to_owned(), json!(values))).collect();
    Ok(json!({
        "login": person.account.as_str(),
        "wholeLogin": admin.call.session.name_of(&admin.account_of(id)),
        "name": person.display_name,
        "mails": person.mails,
        "groups": person.groups.iter().map(GroupId::as_str).collect::<Vec<_>>(),
        "fields": fields,
        "attributes": details.attributes,
        "locked": found.disabled || person.standing == Standing::Locked,
        "deleted": found.disabled,
        "administers": admin.of.is_administrator(id),
        "card": card::shown(card),
        "data": whereabouts(&admin.of.whereabouts(id)),
    }))
}

pub(super) async fn change(mut admin: Admin<'_>) -> Answer {
    let Changed { login, details } = admin.call.body().await?;
    let change = Change::of("account.update", &login, details.asked());
    let changed = async {
        let (id, details) = (admin.account(&login)?, details.details()?);
        if details.is_empty() {
            return Err(Error::invalid("nothing is named that is to change").into());
        }
        admin.of.change_account(&id, &details).await?;
        told(&shown(&admin, &id).await?)
    };
    let changed = changed.await;
    admin.noted(change, changed).await
}

/// The data stay where they are: the answer says where that is, and where they are looked for from now on.
pub(super) async fn rename(mut admin: Admin<'_>) -> Answer {
    let Renamed { login, new_login } = admin.call.body().await?;
    let change = Change::of("account.rename", &login, AskedFor::default().text("newLogin", &new_login));
    let renamed = async {
        let id = admin.account(&login)?;
        let to = AccountId::parse(&new_login).map_err(|_| Error::invalid("newLogin: it can be none"))?;
        admin.of.rename_account(&id, &to).await?;
        let (data, new) = (whereabouts(&admin.of.whereabouts(&id)), whereabouts(&admin.of.whereabouts(&to)));
        told(&json!({ "login": to.as_str(), "data": data, "newData": new }))
    };
    let renamed = renamed.await;
    admin.noted(change, renamed).await
}

/// Locks, or unlocks and brings a deleted one back into use.
pub(super) async fn lock(mut admin: Admin<'_>) -> Answer {
    let Locked { login, locked } = admin.call.body().await?;
    let (method, lock) =
        if locked { ("account.lock", AccountLock::Lock) } else { ("account.unlock", AccountLock::Unlock) };
    let change = Change::of(method, &login, AskedFor::default());
    let outcome = async {
        let id = admin.account(&login)?;
        admin.of.lock_account(&id, lock).await?;
        told(&shown(&admin, &id).await?)
    };
    let outcome = outcome.await;
    admin.noted(change, outcome).await
}

/// Takes an account out of use. Nothing of its data is destroyed: the answer says where they are.
pub(super) async fn delete(mut admin: Admin<'_>) -> Answer {
    let Named { login } = admin.call.body().await?;
    let change = Change::of("account.delete", &login, AskedFor::default());
    let deleted = async {
        let data = admin.of.delete_account(&admin.account(&login)?).await?;
        told(&json!({ "data": whereabouts(&data) }))
    };
    let deleted = deleted.await;
    admin.noted(change, deleted).await
}

pub(super) async fn set_password(mut admin: Admin<'_>) -> Answer {
    let NewPassword { login, password: Password(password) } = admin.call.body().await?;
    let change = Change::of("account.setPassword", &login, AskedFor::default().hidden("password"));
    let set = async {
        admin.of.set_password(&admin.account(&login)?, &password).await?;
        done()
    };
    let set = set.await;
    admin.noted(change, set).await
}

/// Ends what an account has open, on every node.
pub(super) async fn end_sessions(mut admin: Admin<'_>) -> Answer {
    let Named { login } = admin.call.body().await?;
    let change = Change::of("account.endSessions", &login, AskedFor::default());
    let ended = async {
        let id = admin.account(&login)?;
        admin.of.account(&id).await?.ok_or(Error::NotFound)?;
        admin.of.end_sessions_of(&admin.account_of(&id)).await?;
        done()
    };
    let ended = ended.await;
    admin.noted(change, ended).await
}

fn whereabouts(all: &[Whereabouts]) -> Vec<Value> {
    all.iter()
        .map(|Whereabouts { kind, store, place }| json!({ "kind": kind, "store": store, "place": place }))
        .collect()
}
