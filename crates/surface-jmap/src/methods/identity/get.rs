//! `Identity/get` and `changes` (RFC 8621 §6.1, §6.2).

use super::{Identity, PROPERTIES, state};
use crate::{
    desk::Desk,
    error::MethodError,
    methods::{Changes, Get, check_count, distinct, properties},
};
use serde_json::{Value, json};

pub(crate) async fn get(desk: &mut Desk<'_>, arguments: Get) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    let wanted = properties(arguments.properties.as_ref(), &PROPERTIES)?;
    let all = Identity::all(desk.session).await?;
    let (mut list, mut missing) = (Vec::new(), Vec::new());
    match arguments.ids {
        None => list.extend(all.iter().map(|it| it.json(&wanted))),
        Some(ids) => {
            check_count(ids.len())?;
            for id in distinct(ids) {
                match all.iter().find(|it| it.id == id) {
                    Some(identity) => list.push(identity.json(&wanted)),
                    None => missing.push(id),
                }
            }
        }
    }
    Ok(json!({ "accountId": arguments.account_id, "state": state(&all), "list": list, "notFound": missing }))
}

pub(crate) async fn changes(desk: &mut Desk<'_>, arguments: Changes) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    let now = state(&Identity::all(desk.session).await?);
    if now != arguments.since_state {
        // There are few: a client asks for all of them again.
        return Err(MethodError::new("cannotCalculateChanges"));
    }
    Ok(json!({
        "accountId": arguments.account_id, "oldState": now, "newState": now, "hasMoreChanges": false,
        "created": [], "updated": [], "destroyed": [],
    }))
}
