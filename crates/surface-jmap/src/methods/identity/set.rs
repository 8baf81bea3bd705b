//! `Identity/set` (RFC 8621 §6.3): what a person writes beside an address. Addresses are the directory's to give and to take.

use super::{Identity, OWN, preference, state};
use crate::{
    desk::Desk,
    error::{MethodError, SetError},
    methods::set::{Done, Set},
    state::UNKNOWN_STATE,
};
use passerelle_core::{Manage, Session};
use passerelle_model::AccountRef;
use serde_json::{Map, Value};

pub(crate) async fn set(desk: &mut Desk<'_>, arguments: Set) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    let all = Identity::all(desk.session).await?;
    let old_state = state(&all);
    arguments.check(&old_state)?;
    let mut done = Done::default();
    for name in arguments.create.unwrap_or_default().keys() {
        done.not_created(desk, name, &SetError::saying("forbidden", "addresses are given by the directory"));
    }
    for (id, patch) in arguments.update.unwrap_or_default() {
        match update(desk.session, &all, &id, &patch).await {
            Ok(()) => done.updated(id, Value::Null),
            Err(error) => done.not_updated(desk, &id, &error),
        }
    }
    for id in arguments.destroy.unwrap_or_default() {
        let kind = if all.iter().any(|it| it.id == id) { "forbidden" } else { "notFound" };
        done.not_destroyed(desk, &id, &SetError::new(kind));
    }
    // What was done is told, also where the directory is gone by now: from such a state changes cannot be told.
    let now = Identity::all(desk.session).await;
    let new_state = now.map_or_else(|_| UNKNOWN_STATE.to_owned(), |all| state(&all));
    Ok(done.answer(&arguments.account_id, &old_state, &new_state))
}

async fn update(session: &Session, all: &[Identity], id: &str, patch: &Value) -> Result<(), SetError> {
    let identity = all.iter().find(|it| it.id == id).ok_or_else(|| SetError::new("notFound"))?;
    let patch = patch.as_object().ok_or_else(|| SetError::new("invalidPatch"))?;
    let mut own = identity.own.clone();
    for (property, value) in patch {
        check(property, value)?;
        match value {
            // What it is by itself.
            Value::Null => drop(own.remove(property)),
            value => drop(own.insert(property.clone(), value.clone())),
        }
    }
    let text = (!own.is_empty()).then(|| Value::Object(own).to_string());
    let account = AccountRef(session.principal()?.account().clone());
    let account = session.open::<_, Manage>(account).await?;
    Ok(account.set_preference(&preference(id), text.as_deref()).await?)
}

/// Whether a property can have this value.
fn check(property: &str, value: &Value) -> Result<(), SetError> {
    let is_address = |it: &Value| {
        let known = |it: &Map<String, Value>| it.keys().all(|key| key == "name" || key == "email");
        it.as_object().is_some_and(known) && it.get("email").is_some_and(Value::is_string)
    };
    let is_fit = match property {
        "replyTo" | "bcc" => value.is_null() || value.as_array().is_some_and(|all| all.iter().all(is_address)),
        _ => value.is_null() || value.is_string(),
    };
    if !OWN.contains(&property) {
        return Err(SetError::properties(&[property], "this is not yours to change"));
    }
    if !is_fit {
        return Err(SetError::properties(&[property], "it cannot have this value"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_can_be_written_beside_an_address() {
        for (property, value) in [
            ("name", json!("Ada")),
            ("textSignature", json!("-- \nAda")),
            ("replyTo", json!([{ "name": "Ada", "email": "ada@x.test" }])),
            ("bcc", Value::Null),
        ] {
            assert!(check(property, &value).is_ok(), "{property}");
        }
        for (property, value) in [
            ("email", json!("rector@x.test")),
            ("mayDelete", json!(true)),
            ("name", json!(1)),
            ("replyTo", json!("ada@x.test")),
            ("bcc", json!([{ "email": 1 }])),
            ("bcc", json!([{ "email": "a@x.test", "evil": 1 }])),
        ] {
            assert!(check(property, &value).is_err(), "{property}");
        }
    }
}
