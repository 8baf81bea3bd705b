//! `EmailSubmission/get`, `changes`, `query`, `queryChanges` (RFC 8621 §7.1 to §7.4): a submission is over with the answer that made
//! it, as the RFC lets a server destroy them.

use super::STATE;
use crate::{
    desk::Desk,
    error::MethodError,
    methods::{Changes, Get, check_count, distinct},
};
use serde::Deserialize;
use serde_json::{Value, json};

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
