//! `Email/queryChanges` (RFC 8621 §4.5): whether anything has changed in what was searched. What, is asked again: a store that
//! remembers no search has to do it anew for either answer.

use super::{
    filter::Filter,
    query::{Comparator, searched_state, searches},
};
use crate::{desk::Desk, error::MethodError};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct QueryChanges {
    account_id: String,
    since_query_state: String,
    #[serde(default)]
    filter: Option<Filter>,
    #[serde(default, rename = "sort")]
    _sort: Option<Vec<Comparator>>,
    #[serde(default, rename = "maxChanges")]
    _max_changes: Option<u64>,
    #[serde(default, rename = "upToId")]
    _up_to_id: Option<String>,
    #[serde(default, rename = "calculateTotal")]
    _calculate_total: bool,
    #[serde(default, rename = "collapseThreads")]
    _collapse_threads: bool,
}

pub(crate) async fn changes(desk: &mut Desk<'_>, arguments: QueryChanges) -> Result<Value, MethodError> {
    desk.enter(&arguments.account_id).await?;
    let mailboxes = desk.mailboxes().await?;
    let state = searched_state(&mailboxes, &searches(&mailboxes, arguments.filter.as_ref())?);
    if state != arguments.since_query_state {
        return Err(MethodError::new("cannotCalculateChanges"));
    }
    Ok(json!({
        "accountId": arguments.account_id,
        "oldQueryState": state,
        "newQueryState": state,
        "removed": [],
        "added": [],
    }))
}
