//! `Email/changes` (RFC 8621 §4.3).

use super::changed::changed;
use crate::{desk::Desk, error::MethodError, id::EmailId, methods::Changes};
use serde_json::{Value, json};

pub(crate) async fn changes(desk: &mut Desk<'_>, arguments: Changes) -> Result<Value, MethodError> {
    desk.enter(&arguments.account_id).await?;
    let changed = changed(desk, &arguments.since_state, arguments.max_changes).await?;
    let ids = |emails: Vec<EmailId>| emails.iter().map(ToString::to_string).collect::<Vec<_>>();
    Ok(json!({
        "accountId": arguments.account_id,
        "oldState": arguments.since_state,
        "newState": changed.facts.to_text(),
        "hasMoreChanges": changed.has_more,
        "created": ids(changed.created),
        "updated": ids(changed.updated),
        "destroyed": ids(changed.destroyed),
    }))
}
