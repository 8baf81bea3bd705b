//! `/api/app-passwords`: passwords for programs that cannot sign on as a browser does.

use super::{Answer, Call, done, end_of, json, moment};
use http::StatusCode;
use passerelle_core::{
    Authorized, Error, Manage, Result, Session, Tool,
    ports::state::{AppPassword, Scope},
};
use passerelle_model::AccountRef;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    scope: String,
    until: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

pub(super) async fn list(call: &Call<'_>) -> Answer {
    let rows: Vec<Value> = own(&call.session).await?.app_passwords().await?.iter().map(row).collect();
    Ok(json(StatusCode::OK, &json!({ "passwords": rows })))
}

/// Makes one and tells it, this once.
pub(super) async fn make(mut call: Call<'_>) -> Answer {
    let new: New = call.body().await?;
    if !call.session.institution()?.tools.has(Tool::AppPasswords) {
        return Err(Error::NotFound.into());
    }
    let scope = Scope::parse(&new.scope).ok_or(Error::invalid("no such scope"))?;
    let made = own(&call.session).await?.make_app_password(&new.name, scope, end_of(new.until.as_deref())?).await?;
    let mut told = row(&made.row);
    if let Some(members) = told.as_object_mut() {
        members.insert("password".to_owned(), json!(made.text.expose_str()));
    }
    Ok(json(StatusCode::CREATED, &told))
}

pub(super) async fn remove(mut call: Call<'_>) -> Answer {
    let named: Named = call.body().await?;
    let is_gone = own(&call.session).await?.remove_app_password(&named.id).await?;
    if is_gone { done() } else { Err(Error::NotFound.into()) }
}

pub(super) async fn remove_all(mut call: Call<'_>) -> Answer {
    let _nothing: Nothing = call.body().await?;
    own(&call.session).await?.remove_app_passwords().await?;
    done()
}

async fn own(session: &Session) -> Result<Authorized<AccountRef, Manage>> {
    session.open(AccountRef(session.principal()?.account().clone())).await
}

pub(super) fn row(kept: &AppPassword) -> Value {
    json!({
        "id": kept.id,
        "name": kept.name,
        "scope": kept.scope.as_str(),
        "made": moment(kept.made),
        "until": kept.until.and_then(moment),
        "lastUsed": kept.last_used.and_then(moment),
    })
}
