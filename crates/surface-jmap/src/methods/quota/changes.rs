//! `Quota/changes` (RFC 9425 §4.2): a state holds all that is told.

use super::Quotas;
use crate::{desk::Desk, error::MethodError, methods::Changes};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) async fn changes(desk: &mut Desk<'_>, arguments: Changes) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    let quotas = Quotas::of(desk.session).await?;
    quotas.whole()?;
    told(&arguments, &quotas.state())
}

fn told(arguments: &Changes, now: &str) -> Result<Value, MethodError> {
    let cannot = || MethodError::new("cannotCalculateChanges");
    let (before, after) = (read(&arguments.since_state).ok_or_else(cannot)?, read(now).ok_or_else(cannot)?);
    let created: Vec<&str> = after.keys().filter(|id| !before.contains_key(*id)).copied().collect();
    let destroyed: Vec<&str> = before.keys().filter(|id| !after.contains_key(*id)).copied().collect();
    let (mut updated, mut only_used) = (Vec::new(), true);
    for (id, new) in &after {
        if let Some(old) = before.get(id).filter(|old| *old != new) {
            updated.push(*id);
            only_used &= old.map(|(_, limit)| limit) == new.map(|(_, limit)| limit);
        }
    }
    let count = created.len().saturating_add(updated.len()).saturating_add(destroyed.len());
    if arguments.max_changes.is_some_and(|most| usize::try_from(most.get()).is_ok_and(|most| count > most)) {
        return Err(cannot());
    }
    Ok(json!({
        "accountId": arguments.account_id,
        "oldState": arguments.since_state,
        "newState": now,
        "hasMoreChanges": false,
        "created": created,
        "updated": updated,
        "destroyed": destroyed,
        "updatedProperties": (only_used && !updated.is_empty()).then_some(["used"]),
    }))
}

/// What a state tells: of each id what is used and its limit; none of those where that was away. `None` for what is no state.
fn read(state: &str) -> Option<BTreeMap<&str, Option<(u64, u64)>>> {
    let one = |told| -> Option<(&str, Option<(u64, u64)>)> {
        let (id, numbers) = str::split_once(told, '-')?;
        let numbers = match numbers.split_once('-') {
            None => (numbers == "?").then_some(None)?,
            Some((used, limit)) => Some((used.parse().ok()?, limit.parse().ok()?)),
        };
        Some((id, numbers))
    };
    if state == "none" { Some(BTreeMap::new()) } else { state.splitn(3, '.').map(one).collect() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    fn changed(since: &str, now: &str) -> Result<Value, MethodError> {
        told(&Changes { account_id: String::new(), since_state: since.to_owned(), max_changes: None }, now)
    }

    #[test]
    fn what_has_changed() {
        let same = changed("Qmail-1-9", "Qmail-1-9").unwrap();
        assert_eq!((&same["updated"], &same["updatedProperties"]), (&json!([]), &Value::Null));
        let more = changed("Qmail-1-9.Qfiles-?", "Qmail-2-9").unwrap();
        assert_eq!((&more["updated"], &more["destroyed"]), (&json!(["Qmail"]), &json!(["Qfiles"])));
        assert_eq!(more["updatedProperties"], json!(["used"]));
        let wider = changed("Qmail-1-9", "Qmail-1-10.Qfiles-1-2").unwrap();
        assert_eq!((&wider["created"], &wider["updatedProperties"]), (&json!(["Qfiles"]), &Value::Null));
        assert_eq!(changed("none", "Qmail-1-9").unwrap()["created"], json!(["Qmail"]));
        for bad in ["", "Qmail", "Qmail-x-1", "Qmail-1", "v", "Qmail--1-2"] {
            assert!(changed(bad, "none").is_err(), "{bad}");
        }
    }
}
