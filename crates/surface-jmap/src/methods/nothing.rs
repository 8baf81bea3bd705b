//! Types of which nothing is ever kept. `EmailSubmission` (RFC 8621 §7): a submission is over with the answer that made it, as the RFC
//! lets a server destroy them. `ShareNotification` (RFC 9670 §3): what is shared with somebody is seen among their accounts, and that
//! it has changed is written down nowhere.

use crate::{
    desk::Desk,
    error::{MethodError, SetError},
    methods::{
        Changes, Get, check_count, distinct,
        set::{Done, Set},
    },
};
use serde::Deserialize;
use serde_json::{Value, json};

/// The state: there is nothing to change.
pub(crate) const STATE: &str = "0";

pub(crate) fn get(desk: &mut Desk<'_>, arguments: Get) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    let ids = distinct(arguments.ids.unwrap_or_default());
    check_count(ids.len())?;
    Ok(json!({ "accountId": arguments.account_id, "state": STATE, "list": [], "notFound": ids }))
}

pub(crate) fn changes(desk: &mut Desk<'_>, arguments: &Changes) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    if arguments.since_state != STATE {
        return Err(MethodError::new("cannotCalculateChanges"));
    }
    Ok(json!({
        "accountId": arguments.account_id, "oldState": STATE, "newState": STATE, "hasMoreChanges": false,
        "created": [], "updated": [], "destroyed": [],
    }))
}

/// The arguments of a query, none of which can find anything.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Query {
    account_id: String,
    #[serde(default)]
    since_query_state: Option<String>,
}

pub(crate) fn query(desk: &mut Desk<'_>, arguments: &Query) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    Ok(json!({
        "accountId": arguments.account_id, "queryState": STATE, "canCalculateChanges": true,
        "position": 0, "ids": [], "total": 0,
    }))
}

pub(crate) fn query_changes(desk: &mut Desk<'_>, arguments: &Query) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    if arguments.since_query_state.as_deref() != Some(STATE) {
        return Err(MethodError::new("cannotCalculateChanges"));
    }
    Ok(json!({
        "accountId": arguments.account_id, "oldQueryState": STATE, "newQueryState": STATE, "total": 0,
        "removed": [], "added": [],
    }))
}

/// `ShareNotification/set` (RFC 9670 §3.3).
pub(crate) fn set(desk: &mut Desk<'_>, arguments: Set) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    arguments.check(STATE)?;
    let mut done = Done::default();
    for name in arguments.create.unwrap_or_default().keys() {
        done.not_created(desk, name, &SetError::saying("forbidden", "none are kept"));
    }
    for id in arguments.update.unwrap_or_default().keys() {
        done.not_updated(desk, id, &SetError::new("notFound"));
    }
    for id in arguments.destroy.unwrap_or_default() {
        done.not_destroyed(desk, &id, &SetError::new("notFound"));
    }
    Ok(done.answer(&arguments.account_id, STATE, STATE))
}
