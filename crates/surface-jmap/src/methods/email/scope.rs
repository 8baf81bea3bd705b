//! What a query searches: which mailboxes, each for what, and how they were at that moment.

use super::filter::{self, Attached, Filter, Within};
use crate::{
    desk::Desk,
    error::MethodError,
    id::MailboxId,
    mail::{Body, Mailboxes},
    state::MailState,
};
use futures::TryStreamExt;
use passerelle_core::{
    Error, OpenedMailbox, Result as CoreResult,
    ports::{Item, Items, Query, Search, Structure},
};

/// Most messages whose parts are looked at for attachments, in all mailboxes of a query together: no store of IMAP searches for
/// them, and the parts of each message have to be told.
const MOST_LOOKED_INTO: usize = 5_000;

/// A mailbox that is searched, by its name, and for what.
pub(super) type Sought = (MailboxId, String, Search);

/// Which mailboxes are searched, for what. Where the filter asks for attachments these find too much yet: [`looked_into`].
pub(super) fn searches(mailboxes: &Mailboxes, filter: Option<&Filter>) -> Result<Vec<Sought>, MethodError> {
    let mut all = Vec::new();
    let named = filter.map(filter::mailboxes).unwrap_or_default();
    for mailbox in mailboxes.iter().filter(|it| it.opens) {
        // A mailbox of what lies elsewhere too is searched only where it is named.
        let is_virtual = matches!(mailbox.role, Some("all" | "flagged" | "important"));
        if is_virtual && !named.iter().any(|id| *id == mailbox.id.to_string()) {
            continue;
        }
        let nothing_missed = Attached::Unknown { counts_as: true };
        let within = |filter| filter::within(filter, mailbox.id, nothing_missed);
        let within = filter.map_or(Ok(Within::Everything), within)?;
        if within != Within::Nothing {
            mailbox.check_counted()?;
        }
        match within {
            Within::Nothing => {}
            Within::Everything => all.push((mailbox.id, mailbox.name.clone(), Search::Everything)),
            Within::What(search) => all.push((mailbox.id, mailbox.name.clone(), search)),
        }
    }
    Ok(all)
}

/// The same searches with what the filter says of attachments: what all the rest of it finds is looked at.
pub(super) async fn looked_into(
    desk: &mut Desk<'_>,
    searches: Vec<Sought>,
    filter: Option<&Filter>,
) -> Result<Vec<Sought>, MethodError> {
    let Some(filter) = filter.filter(|it| filter::asks_for_attachments(it)) else { return Ok(searches) };
    let (mut all, mut left) = (Vec::new(), MOST_LOOKED_INTO);
    for (mailbox, name, search) in searches {
        let opened = desk.open(&name).await?;
        let found = opened.find(&Query { search, sort: Vec::new(), window: None }).await?.uids;
        left = left.checked_sub(found.len()).ok_or_else(|| {
            let why = format!("more than {MOST_LOOKED_INTO} messages would be looked into: name a mailbox, or more");
            MethodError::saying("unsupportedFilter", why)
        })?;
        let attached = with_attachments(opened, &found).await?;
        match filter::within(filter, mailbox, Attached::These(&attached))? {
            Within::Nothing => {}
            Within::Everything => all.push((mailbox, name, Search::Everything)),
            Within::What(search) => all.push((mailbox, name, search)),
        }
    }
    Ok(all)
}

/// Those of the messages that have attachments, by the very rule by which `Email/get` says so (RFC 8621 §4.1.4).
async fn with_attachments(opened: &mut OpenedMailbox, uids: &[u32]) -> CoreResult<Vec<u32>> {
    if uids.is_empty() {
        return Ok(Vec::new());
    }
    let items = Items { items: vec![Item::Structure], headers: Vec::new() };
    let (mut attached, mut summaries) = (Vec::new(), opened.show(uids, &items).await?);
    while let Some(summary) = summaries.try_next().await? {
        let has_some = match &summary.structure {
            Some(Structure::Known(structure)) => Body::of(structure).has_attachment(),
            // What cannot be read is told as something to be downloaded.
            Some(Structure::Unreadable) => true,
            None => {
                return Err(Error::unavailable("the mail store", "telling parts", "it left out those of a message"));
            }
        };
        if has_some {
            attached.push(summary.uid);
        }
    }
    Ok(attached)
}

/// The state of what is searched, and whether it can be told later what has changed since.
pub(super) fn state_of(mailboxes: &Mailboxes, searches: &[Sought]) -> (MailState, bool) {
    let all = mailboxes.mail_state().0.into_iter();
    let state = MailState(all.filter(|(id, _)| searches.iter().any(|(searched, ..)| searched == id)).collect());
    let is_whole = state.0.len() == searches.len() && state.can_be_compared();
    (state, is_whole)
}

/// Leaves out what has come since the state, so that what is found is of that state and what has come is told the next time.
pub(super) fn bounded(searches: Vec<Sought>, state: &MailState) -> Vec<Sought> {
    let bound = |(mailbox, name, search): Sought| {
        let next = state.0.get(&mailbox).map_or(0, |facts| facts.uid_next);
        let search = match search {
            search if next == 0 => search,
            Search::Everything => Search::UidsBelow(next),
            search => Search::And(vec![Search::UidsBelow(next), search]),
        };
        (mailbox, name, search)
    };
    searches.into_iter().map(bound).collect()
}
