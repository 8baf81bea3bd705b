//! `/api/admin/accounts`: people of the directory are found, and made.

use super::{
    Admin, Answer, Change,
    account::{Said, shown},
};
use crate::api::{Password, json};
use http::StatusCode;
use passerelle_core::{Error, ports::NewAccount};
use passerelle_model::{AccountId, Person, Standing};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    login: String,
    password: Option<Password>,
    details: Said,
}

/// People whose name, login or address contains a text, in order of their logins; everybody, when it is empty.
pub(super) async fn list(admin: &Admin<'_>) -> Answer {
    let sought = admin.call.parameter("q");
    let sought = sought.trim();
    if sought.chars().count() == 1 {
        return Err(Error::invalid("a search needs at least two characters").into());
    }
    let list = format!("admin.accounts {} {sought}", admin.of.target().0);
    let after = admin.place(&list)?;
    let found = admin.of.people_after(sought, after.as_deref(), admin.limit()?).await?;
    admin.page(&list, ("accounts", found.items.iter().map(row).collect()), found.next)
}

/// Somebody in a list.
pub(super) fn row(person: &Person) -> Value {
    json!({
        "login": person.account.as_str(),
        "name": person.display_name,
        "mail": person.mails.first(),
        "locked": person.standing == Standing::Locked,
    })
}

pub(super) async fn make(mut admin: Admin<'_>) -> Answer {
    let New { login, password, details } = admin.call.body().await?;
    let password = password.filter(|Password(it)| !it.expose().is_empty()).map(|Password(it)| it);
    let asked = details.asked();
    let asked = if password.is_some() { asked.hidden("password") } else { asked };
    let change = Change::of("account.create", &login, asked);
    let made = async {
        let id = AccountId::parse(&login).map_err(|_| Error::invalid("login: it can be none"))?;
        let new = NewAccount { id: id.clone(), details: details.details()?, password };
        admin.of.create_account(&new).await?;
        Ok(json(StatusCode::CREATED, &shown(&admin, &id).await?))
    };
    let made = made.await;
    admin.noted(change, made).await
}
