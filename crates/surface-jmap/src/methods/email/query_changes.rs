//! `Email/queryChanges` (RFC 8621 §4.5): the store tells what has come, changed and gone since the state, and is searched anew for
//! where that is now. The list that a client has becomes the new one by the answer, exactly, or there is none.

use super::{
    changed::{self, Changed},
    delta::{Delta, Hangs, delta, delta_of_threads, firsts},
    filter::{self, Filter},
    query::{Comparator, MOST_COUNTED, ROOTS_AT_ONCE, everything, keys},
    roots::roots,
    scope::{bounded, looked_into, searches, state_of},
};
use crate::{
    desk::Desk,
    error::MethodError,
    id::{EmailId, ThreadId},
    state::MailState,
};
use passerelle_core::ports::SortBy;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct QueryChanges {
    account_id: String,
    since_query_state: String,
    #[serde(default)]
    filter: Option<Filter>,
    #[serde(default)]
    sort: Option<Vec<Comparator>>,
    #[serde(default)]
    max_changes: Option<u64>,
    #[serde(default)]
    up_to_id: Option<String>,
    #[serde(default)]
    calculate_total: bool,
    #[serde(default)]
    collapse_threads: bool,
}

pub(crate) async fn changes(desk: &mut Desk<'_>, arguments: QueryChanges) -> Result<Value, MethodError> {
    let cannot = || MethodError::new("cannotCalculateChanges");
    desk.enter(&arguments.account_id).await?;
    let mailboxes = desk.mailboxes().await?;
    let filter = arguments.filter.as_ref();
    let sort = keys(arguments.sort.as_deref())?;
    let sought = searches(&mailboxes, filter)?;
    let (now, is_whole) = state_of(&mailboxes, &sought);
    let before = MailState::from_text(&arguments.since_query_state).filter(|_| is_whole).ok_or_else(cannot)?;
    let changed = changed::between(desk, &before, &now, None).await?;
    if changed.has_more {
        return Err(cannot());
    }
    let sought = bounded(looked_into(desk, sought, filter).await?, &changed.facts);
    let is_by_keyword = sort.iter().any(|key| matches!(key.by, SortBy::Has(_)));
    let by_keyword = is_by_keyword || filter.is_some_and(filter::asks_for_keywords);
    let hangs = if by_keyword { Hangs::OnKeywords } else { Hangs::OnWhatStays };
    let nothing_new = changed.created.is_empty() && changed.updated.is_empty() && changed.destroyed.is_empty();
    let (mut delta, results) = if nothing_new && !arguments.calculate_total {
        (Delta::default(), Vec::new())
    } else {
        let results = everything(desk, sought, &sort).await?;
        if arguments.collapse_threads {
            let (told, results) = of_threads(desk, &results, &changed, hangs).await?;
            (told.ok_or_else(cannot)?, results)
        } else {
            (delta(&results, &changed, hangs), results)
        }
    };
    // What a client has not got may be left out, where nothing that it has can go there (RFC 8620 §5.6).
    let last = arguments.up_to_id.as_deref().and_then(EmailId::parse).filter(|_| hangs == Hangs::OnWhatStays);
    if let Some(last) = last.and_then(|last| results.iter().position(|it| *it == last)) {
        delta.added.retain(|(at, _)| *at <= last);
    }
    if arguments.max_changes.is_some_and(|most| u64::try_from(delta.count()).is_ok_and(|count| count > most)) {
        return Err(MethodError::new("tooManyChanges"));
    }
    let added = delta.added.iter().map(|(at, email)| json!({ "id": email.to_string(), "index": at }));
    let mut answer = json!({
        "accountId": arguments.account_id,
        "oldQueryState": arguments.since_query_state,
        "newQueryState": changed.facts.to_text(),
        "removed": delta.removed.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "added": added.collect::<Vec<_>>(),
    });
    if let (true, Some(answer)) = (arguments.calculate_total, answer.as_object_mut()) {
        answer.insert("total".to_owned(), json!(results.len()));
    }
    Ok(answer)
}

/// The difference where of each thread one message is shown, and those messages.
async fn of_threads(
    desk: &mut Desk<'_>,
    results: &[EmailId],
    changed: &Changed,
    hangs: Hangs,
) -> Result<(Option<Delta>, Vec<EmailId>), MethodError> {
    if results.len() > MOST_COUNTED {
        return Ok((None, Vec::new()));
    }
    let mut threads: HashMap<EmailId, ThreadId> = HashMap::new();
    for some in results.chunks(ROOTS_AT_ONCE) {
        threads.extend(roots(desk, some).await?);
    }
    Ok((delta_of_threads(results, &threads, changed, hangs), firsts(results.iter().copied(), &threads)))
}
