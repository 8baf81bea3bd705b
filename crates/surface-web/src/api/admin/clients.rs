//! `/api/admin/clients`: programs that administer this institution.

use super::{Admin, Answer, Change, told};
use crate::api::{done, end_of, json, moment};
use http::StatusCode;
use passerelle_core::{AskedFor, Error, ports::state::ApiClient};
use passerelle_model::Secret;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    /// What it may call, with `*` for any text.
    methods: Vec<String>,
    until: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    id: String,
}

pub(super) async fn list(admin: &Admin<'_>) -> Answer {
    let rows: Vec<Value> = admin.of.clients().await?.iter().map(row).collect();
    told(&json!({ "clients": rows }))
}

/// Makes one and tells its token, this once.
pub(super) async fn make(mut admin: Admin<'_>) -> Answer {
    let New { name, methods, until } = admin.call.body().await?;
    let asked = AskedFor::default().texts("methods", &methods);
    let asked = until.iter().fold(asked, |asked, day| asked.text("until", day));
    let change = Change::of("apiClient.make", &name, asked);
    let made = async {
        let made = admin.of.make_client(&[], &name, &methods, end_of(until.as_deref())?, None).await?;
        let mut shown = row(&made.row);
        if let Some(members) = shown.as_object_mut() {
            members.insert("token".to_owned(), json!(made.token.as_ref().and_then(Secret::expose_str)));
        }
        Ok(json(StatusCode::CREATED, &shown))
    };
    let made = made.await;
    admin.noted(change, made).await
}

pub(super) async fn remove(mut admin: Admin<'_>) -> Answer {
    let Named { id } = admin.call.body().await?;
    let change = Change::of("apiClient.remove", &id, AskedFor::default());
    let removed = async {
        let is_gone = admin.of.remove_client(&id).await?;
        if is_gone { done() } else { Err(Error::NotFound.into()) }
    };
    let removed = removed.await;
    admin.noted(change, removed).await
}

fn row(client: &ApiClient) -> Value {
    json!({
        "id": client.id,
        "name": client.name,
        "methods": client.methods,
        "institutions": client.institutions.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "made": moment(client.made),
        "until": client.until.and_then(moment),
        "lastUsed": client.last_used.and_then(moment),
    })
}
