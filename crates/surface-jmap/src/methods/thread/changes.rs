//! `Thread/changes` (RFC 8621 §3.2). A thread changes when a message comes to it or goes. To which one a message belonged that is
//! gone, nobody can say any more: then it cannot be told.

use crate::{
    desk::Desk,
    error::MethodError,
    id::EmailId,
    methods::{
        Changes,
        email::{changed::changed, roots::roots},
    },
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(crate) async fn changes(desk: &mut Desk<'_>, arguments: Changes) -> Result<Value, MethodError> {
    desk.enter(&arguments.account_id).await?;
    let changed = changed(desk, &arguments.since_state, arguments.max_changes).await?;
    if !changed.destroyed.is_empty() {
        return Err(MethodError::new("cannotCalculateChanges"));
    }
    let created: Vec<EmailId> = changed.created;
    let threads: BTreeSet<String> = roots(desk, &created).await?.into_values().map(|it| it.to_string()).collect();
    Ok(json!({
        "accountId": arguments.account_id,
        "oldState": arguments.since_state,
        "newState": changed.facts.to_text(),
        "hasMoreChanges": changed.has_more,
        // Whether a thread is new or has grown costs a search; a client asks for both alike.
        "created": [],
        "updated": threads,
        "destroyed": [],
    }))
}
