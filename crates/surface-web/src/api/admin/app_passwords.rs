//! `/api/admin/app-passwords`: those of somebody, and their end. An administrator makes none here: what it opens is somebody's mail.

use super::{Admin, Answer, Change, told};
use crate::api::{app_passwords::row, done};
use passerelle_core::{AskedFor, Error};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    login: String,
    id: String,
}

pub(super) async fn list(admin: &Admin<'_>) -> Answer {
    let id = admin.account(&admin.call.parameter("login"))?;
    let rows: Vec<Value> = admin.of.app_passwords_of(&id).await?.iter().map(row).collect();
    told(&json!({ "passwords": rows }))
}

pub(super) async fn remove(mut admin: Admin<'_>) -> Answer {
    let Named { login, id } = admin.call.body().await?;
    let change = Change::of("appPassword.remove", &login, AskedFor::default().text("id", &id));
    let removed = async {
        let is_gone = admin.of.remove_app_password_of(&admin.account(&login)?, &id).await?;
        if is_gone { done() } else { Err(Error::NotFound.into()) }
    };
    let removed = removed.await;
    admin.noted(change, removed).await
}
