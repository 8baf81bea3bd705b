//! `Email/queryChanges` (RFC 8621 §4.5): the store tells what has come, changed and gone since the state, and is searched anew for
//! where that is now. The list that a client has becomes the new one by the answer, exactly, or there is none.

use super::{
    changed::{self, Changed},
    delta::{Hangs, delta, delta_of_threads, firsts},
    filter::{self, Condition},
    query::{Comparator, MOST_COUNTED, OfThreads, ROOTS_AT_ONCE, everything, is_steady, keys},
    roots::roots,
    scope::{bounded, looked_into, searches, state_of},
};
use crate::{
    desk::Desk,
    error::MethodError,
    id::{EmailId, ThreadId},
    methods::{
        arguments::With,
        listed::{Difference, QueryChanges},
    },
    state::{Facts, MailState},
};
use passerelle_core::ports::SortBy;
use serde_json::Value;
use std::collections::HashMap;

/// How often it is begun, where mail changes between what is told of it and the search.
const ROUNDS: usize = 2;

pub(crate) async fn changes(
    desk: &mut Desk<'_>,
    arguments: With<QueryChanges<Condition, Comparator>, OfThreads>,
) -> Result<Value, MethodError> {
    let With { common: arguments, own: OfThreads { collapse_threads } } = arguments;
    desk.enter(&arguments.account_id).await?;
    for _ in 0..ROUNDS {
        if let Some(answer) = at_once(desk, &arguments, collapse_threads).await? {
            return Ok(answer);
        }
    }
    Err(MethodError::new("cannotCalculateChanges"))
}

/// The answer; `None` where what was found may be of another moment than what has changed.
async fn at_once(
    desk: &mut Desk<'_>,
    arguments: &QueryChanges<Condition, Comparator>,
    collapse_threads: bool,
) -> Result<Option<Value>, MethodError> {
    let cannot = || MethodError::new("cannotCalculateChanges");
    let mailboxes = desk.mailboxes().await?;
    let filter = arguments.filter.as_ref();
    let sort = keys(arguments.sort.as_deref())?;
    let sought = searches(&mailboxes, filter)?;
    let (now, is_whole) = state_of(&mailboxes, &sought);
    let is_whole = is_whole && is_steady(&sort);
    let before = MailState::from_text(&arguments.since_query_state).filter(|_| is_whole).ok_or_else(cannot)?;
    // One mailbox is put in order by its store, several here.
    if (before.0.len() == 1) != (sought.len() == 1) {
        return Err(cannot());
    }
    let changed = changed::between(desk, &before, &now, None).await?;
    if changed.has_more {
        return Err(cannot());
    }
    let is_by_keyword = sort.iter().any(|key| matches!(key.by, SortBy::Has(_)));
    let by_keyword = is_by_keyword || filter.is_some_and(filter::asks_for_keywords);
    let hangs = if by_keyword { Hangs::OnKeywords } else { Hangs::OnWhatStays };
    let nothing_new = changed.created.is_empty() && changed.updated.is_empty() && changed.destroyed.is_empty();
    let (mut delta, results) = if nothing_new && !arguments.calculate_total {
        (Difference { removed: Vec::new(), added: Vec::new() }, Vec::new())
    } else {
        let sought = bounded(looked_into(desk, sought, filter).await?, &changed.facts);
        let results = everything(desk, sought, &sort).await?;
        // What was told and what was found have to be of one moment, else the list is none that ever was.
        desk.look_again();
        if !is_still(&changed.facts, &desk.mailboxes().await?.mail_state(), hangs) {
            return Ok(None);
        }
        if collapse_threads {
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
    arguments.told(&changed.facts.to_text(), &delta, Some(results.len())).map(Some)
}

/// Whether the mailboxes that changes were told of are as they were then, as far as results hang on it: that a message is read
/// moves nothing where no keyword is asked for.
fn is_still(told: &MailState, now: &MailState, hangs: Hangs) -> bool {
    told.0.iter().all(|(id, told)| {
        now.0.get(id).is_some_and(|now| match hangs {
            Hangs::OnKeywords => now == told,
            Hangs::OnWhatStays => Facts { modseq: told.modseq, ..*now } == *told,
        })
    })
}

/// The difference where of each thread one message is shown, and those messages.
async fn of_threads(
    desk: &mut Desk<'_>,
    results: &[EmailId],
    changed: &Changed,
    hangs: Hangs,
) -> Result<(Option<Difference<EmailId>>, Vec<EmailId>), MethodError> {
    if results.len() > MOST_COUNTED {
        return Ok((None, Vec::new()));
    }
    let mut threads: HashMap<EmailId, ThreadId> = HashMap::new();
    for some in results.chunks(ROOTS_AT_ONCE) {
        threads.extend(roots(desk, some).await?);
    }
    Ok((delta_of_threads(results, &threads, changed, hangs), firsts(results.iter().copied(), &threads)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::MailboxId;

    #[track_caller]
    fn check(now: Option<Facts>, hangs: Hangs, expected: bool) {
        let told = Facts { uid_validity: 1, uid_next: 5, exists: 4, modseq: 9, unseen: 0 };
        let (here, elsewhere) = (MailboxId([1; 8]), MailboxId([2; 8]));
        let now = now.into_iter().map(|facts| (here, facts)).chain([(elsewhere, told)]);
        assert_eq!(is_still(&MailState([(here, told)].into()), &MailState(now.collect()), hangs), expected);
    }

    #[test]
    fn what_changes_between_telling_and_finding_is_noticed() {
        let told = Facts { uid_validity: 1, uid_next: 5, exists: 4, modseq: 9, unseen: 0 };
        let read = Facts { modseq: 10, ..told };
        let come = Facts { uid_next: 6, exists: 5, ..read };
        let gone = Facts { exists: 3, ..read };
        let come_and_gone = Facts { uid_next: 6, ..read };
        let replaced = Facts { uid_validity: 2, ..told };
        for hangs in [Hangs::OnKeywords, Hangs::OnWhatStays] {
            check(Some(told), hangs, true);
            check(Some(read), hangs, hangs == Hangs::OnWhatStays);
            for other in [Some(come), Some(gone), Some(come_and_gone), Some(replaced), None] {
                check(other, hangs, false);
            }
        }
    }
}
