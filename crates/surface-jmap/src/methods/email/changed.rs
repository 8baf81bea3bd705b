//! Which messages have come, changed and gone since a state: told by the store, of those mailboxes alone in which anything did.

use crate::{
    desk::Desk,
    error::MethodError,
    id::{EmailId, MailboxId},
    state::{Facts, MailState},
};
use passerelle_core::ports::{Changed as Told, Query, Search};
use std::{num::NonZeroU32, ops::RangeInclusive};

/// Most ids that are told of what has gone, where the store says from where to where.
const MOST_GONE: u64 = 50_000;
/// Most ids of one answer, where the client says nothing.
const MOST: usize = 100_000;

/// What has happened.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    pub(crate) created: Vec<EmailId>,
    pub(crate) updated: Vec<EmailId>,
    pub(crate) destroyed: Vec<EmailId>,
    /// How the mailboxes are that this leads to.
    pub(crate) facts: MailState,
    /// Whether there is more to tell from there.
    pub(crate) has_more: bool,
}

impl Changed {
    fn count(&self) -> usize {
        self.created.len().saturating_add(self.updated.len()).saturating_add(self.destroyed.len())
    }
}

pub(crate) async fn changed(
    desk: &mut Desk<'_>,
    since: &str,
    most: Option<NonZeroU32>,
) -> Result<Changed, MethodError> {
    let cannot = || MethodError::new("cannotCalculateChanges");
    let mailboxes = desk.mailboxes().await?;
    let now = mailboxes.mail_state();
    if now.to_text() == since {
        return Ok(Changed { facts: now, ..Changed::default() });
    }
    between(desk, &MailState::from_text(since).ok_or_else(cannot)?, &now, most).await
}

/// The same between two states of the same mailboxes, of which the later one is now.
pub(super) async fn between(
    desk: &mut Desk<'_>,
    before: &MailState,
    now: &MailState,
    most: Option<NonZeroU32>,
) -> Result<Changed, MethodError> {
    let mailboxes = desk.mailboxes().await?;
    let mut state = before.clone();
    let most = most.and_then(|most| usize::try_from(most.get()).ok()).unwrap_or(MOST);
    let mut all = Changed::default();
    let ids = before.0.keys().chain(now.0.keys().filter(|id| !before.0.contains_key(*id)));
    for id in ids {
        let (old, new) = (before.0.get(id), now.0.get(id));
        if old == new {
            continue;
        }
        let name = mailboxes.get(*id).filter(|it| it.opens).map(|it| it.name.clone());
        let (told, facts) = in_mailbox(desk, *id, name.as_deref(), old, new).await?;
        if all.count().saturating_add(told.count()) > most {
            if all.count() == 0 {
                // A state within a mailbox's changes is nothing that a store could be asked for.
                return Err(MethodError::new("cannotCalculateChanges"));
            }
            all.has_more = true;
            break;
        }
        all.created.extend(told.created);
        all.updated.extend(told.updated);
        all.destroyed.extend(told.destroyed);
        match facts {
            Some(facts) => state.0.insert(*id, facts),
            None => state.0.remove(id),
        };
    }
    all.facts = state;
    Ok(all)
}

/// What has happened in one mailbox, and how it is now.
async fn in_mailbox(
    desk: &mut Desk<'_>,
    mailbox: MailboxId,
    name: Option<&str>,
    old: Option<&Facts>,
    new: Option<&Facts>,
) -> Result<(Changed, Option<Facts>), MethodError> {
    let cannot = || MethodError::new("cannotCalculateChanges");
    let mut told = Changed::default();
    // What was in a mailbox that is gone, or was replaced, only its store knew.
    let had_messages = |facts: &Facts| facts.exists > 0;
    let (Some(new), Some(name)) = (new, name) else {
        return if old.is_some_and(had_messages) { Err(cannot()) } else { Ok((told, None)) };
    };
    let same = old.filter(|old| old.uid_validity == new.uid_validity);
    if same.is_none() && old.is_some_and(had_messages) {
        return Err(cannot());
    }
    let opened = desk.open(name).await?;
    let email = |uid: u32| EmailId { mailbox, uid_validity: new.uid_validity, uid };
    let Some(old) = same else {
        let query = Query { search: Search::Everything, sort: Vec::new(), window: None };
        told.created.extend(opened.find(&query).await?.uids.into_iter().map(email));
        return Ok((told, Some(*new)));
    };
    let since = old.to_state().ok_or_else(cannot)?;
    let told_now = opened.changes_since(&since).await;
    if !matches!(told_now, Ok(Told::Told(_))) {
        // It may be open as another one by now.
        desk.drop_open(name);
    }
    let Told::Told(changes) = told_now? else { return Err(cannot()) };
    told.created.extend(changes.added.into_iter().map(email));
    told.updated.extend(changes.changed.into_iter().map(email));
    let gone: u64 = changes.removed.iter().map(length).fold(0, u64::saturating_add);
    if gone > MOST_GONE {
        return Err(cannot());
    }
    // A message that came and went in between was never told of.
    let known = |uid: &u32| *uid < old.uid_next || old.uid_next == 0;
    told.destroyed.extend(changes.removed.into_iter().flatten().filter(known).map(email));
    let facts = Facts::of_state(&changes.state).ok_or_else(cannot)?;
    Ok((told, Some(facts)))
}

fn length(range: &RangeInclusive<u32>) -> u64 {
    u64::from(*range.end()).saturating_sub(u64::from(*range.start())).saturating_add(1)
}
