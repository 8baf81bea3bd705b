//! `Mailbox/changes` (RFC 8621 §2.2).

use crate::{desk::Desk, error::MethodError, methods::Changes, state::TreeState};
use serde_json::{Value, json};

/// What changes when mail comes and is read, and nothing else.
const COUNTS: [&str; 4] = ["totalEmails", "unreadEmails", "totalThreads", "unreadThreads"];

pub(crate) async fn changes(desk: &mut Desk<'_>, arguments: Changes) -> Result<Value, MethodError> {
    desk.enter(&arguments.account_id).await?;
    let now = desk.mailboxes().await?.tree_state();
    let new_state = now.to_text();
    let (mut created, mut updated, mut destroyed) = (Vec::new(), Vec::new(), Vec::new());
    let mut only_counts = true;
    if new_state != arguments.since_state {
        let cannot = || MethodError::new("cannotCalculateChanges");
        let before = TreeState::from_text(&arguments.since_state).ok_or_else(cannot)?;
        if TreeState::from_text(&new_state).is_none() {
            return Err(cannot());
        }
        for (id, (what, counts)) in &now.0 {
            match before.0.get(id) {
                None => created.push(id.to_string()),
                Some((old_what, old_counts)) if (old_what, old_counts) != (what, counts) => {
                    only_counts &= old_what == what;
                    updated.push(id.to_string());
                }
                Some(_) => {}
            }
        }
        destroyed.extend(before.0.keys().filter(|id| !now.0.contains_key(*id)).map(ToString::to_string));
        let count = created.len().saturating_add(updated.len()).saturating_add(destroyed.len());
        if arguments.max_changes.is_some_and(|most| usize::try_from(most.get()).is_ok_and(|most| count > most)) {
            // A state between two listings is nothing that a store could be asked for.
            return Err(cannot());
        }
    }
    let is_counts = only_counts && !updated.is_empty();
    Ok(json!({
        "accountId": arguments.account_id,
        "oldState": arguments.since_state,
        "newState": new_state,
        "hasMoreChanges": false,
        "created": created,
        "updated": updated,
        "destroyed": destroyed,
        "updatedProperties": is_counts.then_some(COUNTS),
    }))
}
