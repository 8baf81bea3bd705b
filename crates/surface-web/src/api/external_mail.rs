//! `/api/external-mail`: a person's mail accounts elsewhere. No password is ever told.

use super::{Answer, Call, Password, done, json};
use crate::external_mail::{own, server};
use http::StatusCode;
use passerelle_core::{Error, ports::state::ExternalAccount};
use passerelle_model::ExternalId;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    label: String,
    #[serde(default)]
    protocol: String,
    host: String,
    port: u16,
    tls: String,
    login: String,
    password: Password,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Renewed {
    id: String,
    password: Password,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    id: String,
}

pub(super) async fn list(call: &Call<'_>) -> Answer {
    let own = own(&call.session).await?;
    let rows: Vec<Value> = own.external_accounts().await?.iter().map(|account| row(call, account)).collect();
    Ok(json(StatusCode::OK, &json!({ "accounts": rows, "takesClear": own.external_takes_clear() })))
}

/// Adds one, once its server has let us in.
pub(super) async fn add(mut call: Call<'_>) -> Answer {
    let new: New = call.body().await?;
    let own = own(&call.session).await?;
    let server = server(new.host.trim(), new.port, &new.tls, &new.protocol, new.login.trim())?;
    let added = own.add_external(new.label.trim(), server, &new.password.0).await?;
    Ok(json(StatusCode::CREATED, &row(&call, &added)))
}

/// Gives one another password, once its server has taken it.
pub(super) async fn renew(mut call: Call<'_>) -> Answer {
    let renewed: Renewed = call.body().await?;
    let own = own(&call.session).await?;
    let id = ExternalId::parse(&renewed.id).map_err(|_| Error::NotFound)?;
    own.renew_external(&id, &renewed.password.0).await?;
    done()
}

pub(super) async fn remove(mut call: Call<'_>) -> Answer {
    let named: Named = call.body().await?;
    let own = own(&call.session).await?;
    let id = ExternalId::parse(&named.id).map_err(|_| Error::NotFound)?;
    if own.remove_external(&id).await? { done() } else { Err(Error::NotFound.into()) }
}

fn row(call: &Call<'_>, account: &ExternalAccount) -> Value {
    let server = &account.server;
    json!({
        "id": account.id.as_str(),
        "label": account.label,
        "protocol": server.protocol().as_str(),
        "host": server.host(),
        "port": server.port(),
        "tls": server.tls().as_str(),
        "login": server.login(),
        "fault": account.fault.map(|(fault, _)| call.face.say(&format!("external-fault-{fault}"))),
    })
}
