//! `ParticipantIdentity/get` and `changes` (draft-ietf-jmap-calendars §3): the addresses that somebody organises and is invited by. The
//! directory gives them, and takes them: there is nothing to set.

use crate::{
    desk::Desk,
    error::MethodError,
    methods::{Changes, Get, check_count, distinct, identity, properties},
};
use passerelle_core::seal;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

const PROPERTIES: [&str; 4] = ["id", "name", "calendarAddress", "isDefault"];

pub(crate) async fn get(desk: &mut Desk<'_>, arguments: Get) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    let wanted = properties(arguments.properties.as_ref(), &PROPERTIES)?;
    let all = all(desk)?;
    let one = |it: &Map<String, Value>| {
        let known = wanted.iter().filter_map(|name| Some(((*name).to_owned(), it.get(*name)?.clone())));
        Value::Object(known.collect())
    };
    let (mut list, mut missing) = (Vec::new(), Vec::new());
    match arguments.ids {
        None => list.extend(all.iter().map(one)),
        Some(ids) => {
            check_count(ids.len())?;
            for id in distinct(ids) {
                match all.iter().find(|it| it.get("id").and_then(Value::as_str) == Some(&id)) {
                    Some(identity) => list.push(one(identity)),
                    None => missing.push(id),
                }
            }
        }
    }
    Ok(json!({ "accountId": arguments.account_id, "state": state(&all), "list": list, "notFound": missing }))
}

pub(crate) async fn changes(desk: &mut Desk<'_>, arguments: Changes) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    let now = state(&all(desk)?);
    if now != arguments.since_state {
        // There are few: a client asks for all of them again.
        return Err(MethodError::new("cannotCalculateChanges"));
    }
    Ok(json!({
        "accountId": arguments.account_id, "oldState": now, "newState": now, "hasMoreChanges": false,
        "created": [], "updated": [], "destroyed": [],
    }))
}

fn all(desk: &Desk<'_>) -> Result<Vec<Map<String, Value>>, MethodError> {
    let person = desk.session.principal()?.person();
    let one = |(at, mail): (usize, &String)| {
        let values = [
            json!(identity::id_of(mail)),
            json!(person.display_name),
            json!(format!("mailto:{}", mail.to_lowercase())),
            json!(at == 0),
        ];
        PROPERTIES.iter().map(|name| (*name).to_owned()).zip(values).collect()
    };
    Ok(person.mails.iter().enumerate().map(one).collect())
}

/// The state of all of them.
fn state(all: &[Map<String, Value>]) -> String {
    let mut digest = Sha256::new();
    for identity in all {
        digest.update(Value::Object(identity.clone()).to_string());
    }
    seal::hex(digest.finalize().get(..12).unwrap_or_default())
}
