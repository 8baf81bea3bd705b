//! `Email/query` (RFC 8621 §4.4): by the store's own search and order, of one mailbox or of several.

use super::{
    filter::{self, Condition, keyword},
    roots::roots,
    scope::{Sought, bounded, looked_into, searches, state_of},
};
use crate::{
    desk::Desk,
    error::MethodError,
    id::{EmailId, MailboxId},
    methods::{arguments::With, listed::Query, paging::Start},
};
use futures::TryStreamExt;
use passerelle_core::ports::{
    Direction, Item, Items, MOST_SHOWN, Query as Asked, Search, SortBy, SortKey, Summary, Window,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{cmp::Ordering, collections::HashSet, num::NonZeroU32};

/// Its name is the same at every store (RFC 9051 §5.1).
const INBOX: &str = "INBOX";
/// Most ids of one answer.
const MOST_IDS: u64 = 10_000;
/// Most keys of an order.
const MOST_KEYS: usize = 8;
/// Most messages that are put in one order here, of several mailboxes.
const MOST_MERGED: usize = 20_000;
/// Most messages whose threads are looked up to count them.
pub(super) const MOST_COUNTED: usize = 20_000;
/// How many messages' threads are looked up at once.
pub(super) const ROOTS_AT_ONCE: usize = 250;

/// What of threads is shown.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct OfThreads {
    #[serde(default)]
    pub(super) collapse_threads: bool,
}

/// Other members are passed over: `jmapc` sends some that belong to the query.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Comparator {
    property: String,
    #[serde(default = "yes")]
    is_ascending: bool,
    #[serde(default)]
    keyword: Option<String>,
    #[serde(default)]
    collation: Option<String>,
}

const fn yes() -> bool {
    true
}

impl Comparator {
    fn key(&self) -> Result<SortKey, MethodError> {
        let by = match (self.property.as_str(), &self.keyword) {
            ("receivedAt", None) => SortBy::Received,
            ("sentAt", None) => SortBy::Sent,
            ("size", None) => SortBy::Size,
            ("from", None) => SortBy::From,
            ("to", None) => SortBy::To,
            ("subject", None) => SortBy::Subject,
            ("hasKeyword", Some(word)) => SortBy::Has(keyword(word)?),
            _ => return Err(MethodError::saying("unsupportedSort", self.property.clone())),
        };
        if self.collation.as_deref().is_some_and(|it| it != "i;unicode-casemap") {
            return Err(MethodError::saying("unsupportedSort", "there is one collation, i;unicode-casemap"));
        }
        let direction = if self.is_ascending { Direction::Ascending } else { Direction::Descending };
        Ok(SortKey { by, direction })
    }
}

/// The keys of an order.
pub(super) fn keys(sort: Option<&[Comparator]>) -> Result<Vec<SortKey>, MethodError> {
    let sort = sort.unwrap_or_default();
    if sort.len() > MOST_KEYS {
        return Err(MethodError::new("unsupportedSort"));
    }
    sort.iter().map(Comparator::key).collect()
}

/// Whether messages that stay as they are stay in their order. By texts they do not everywhere: those that have the same are put by
/// Dovecot in the order that it came by them, which is another the next time.
pub(super) fn is_steady(sort: &[SortKey]) -> bool {
    !sort.iter().any(|key| matches!(key.by, SortBy::From | SortBy::To | SortBy::Subject))
}

/// The part of a result that is wanted.
struct Part {
    position: u64,
    ids: Vec<EmailId>,
    total: Option<u64>,
}

pub(crate) async fn query(
    desk: &mut Desk<'_>,
    arguments: With<Query<Condition, Comparator>, OfThreads>,
) -> Result<Value, MethodError> {
    let With { common: arguments, own: OfThreads { collapse_threads } } = arguments;
    desk.enter(&arguments.account_id).await?;
    // The one mailbox whose name is known before the list is; the first screen shows it.
    let named = arguments.filter.as_ref().map(filter::mailboxes).unwrap_or_default();
    let mailboxes = match named.as_slice() {
        [one] if *one == MailboxId::of(INBOX).to_string() => desk.mailboxes_beside(INBOX).await?,
        _ => desk.mailboxes().await?,
    };
    let searches = searches(&mailboxes, arguments.filter.as_ref())?;
    let sort = keys(arguments.sort.as_deref())?;
    let (state, can_tell_changes) = state_of(&mailboxes, &searches);
    let searches = bounded(looked_into(desk, searches, arguments.filter.as_ref()).await?, &state);
    let limit = arguments.limit.unwrap_or(MOST_IDS).min(MOST_IDS);
    let part = match searches.as_slice() {
        // The store cuts the part out itself.
        [(mailbox, name, search)] if !collapse_threads && arguments.anchor.is_none() && arguments.position >= 0 => {
            window(desk, *mailbox, name, search, &sort, arguments.position.unsigned_abs(), limit).await?
        }
        _ => {
            let all = everything(desk, searches, &sort).await?;
            cut(desk, all, &arguments, collapse_threads, limit).await?
        }
    };
    let mut answer = json!({
        "accountId": arguments.account_id,
        "queryState": state.to_text(),
        "canCalculateChanges": can_tell_changes && is_steady(&sort),
        "position": part.position,
        "ids": part.ids.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    if let Some(answer) = answer.as_object_mut() {
        if let (true, Some(total)) = (arguments.calculate_total, part.total) {
            answer.insert("total".to_owned(), json!(total));
        }
        if arguments.limit.is_none_or(|asked| asked > limit) {
            answer.insert("limit".to_owned(), json!(limit));
        }
    }
    Ok(answer)
}

async fn window(
    desk: &mut Desk<'_>,
    mailbox: MailboxId,
    name: &str,
    search: &Search,
    sort: &[SortKey],
    position: u64,
    limit: u64,
) -> Result<Part, MethodError> {
    let opened = desk.open(name).await?;
    let uid_validity = opened.facts().uid_validity;
    let skip = u32::try_from(position).unwrap_or(u32::MAX);
    let most = u32::try_from(limit).ok().and_then(NonZeroU32::new);
    // Of nothing only the number is wanted.
    let window = Window { skip, most: most.unwrap_or(NonZeroU32::MIN) };
    let query = Asked { search: search.clone(), sort: sort.to_vec(), window: Some(window) };
    let mut found = opened.find(&query).await?;
    if most.is_none() {
        found.uids.clear();
    }
    let ids = found.uids.into_iter().map(|uid| EmailId { mailbox, uid_validity, uid }).collect();
    Ok(Part { position, ids, total: Some(found.total.into()) })
}

/// All that is found, in order.
pub(super) async fn everything(
    desk: &mut Desk<'_>,
    searches: Vec<Sought>,
    sort: &[SortKey],
) -> Result<Vec<EmailId>, MethodError> {
    if let [(mailbox, name, search)] = searches.as_slice() {
        let opened = desk.open(name).await?;
        let uid_validity = opened.facts().uid_validity;
        let found = opened.find(&Asked { search: search.clone(), sort: sort.to_vec(), window: None }).await?;
        return Ok(found.uids.into_iter().map(|uid| EmailId { mailbox: *mailbox, uid_validity, uid }).collect());
    }
    let order = Order::of(sort)?;
    let items = order.items();
    let mut all: Vec<(i64, EmailId)> = Vec::new();
    for (mailbox, name, search) in searches {
        let opened = desk.open(&name).await?;
        let uid_validity = opened.facts().uid_validity;
        let found = opened.find(&Asked { search, sort: Vec::new(), window: None }).await?;
        if all.len().saturating_add(found.uids.len()) > MOST_MERGED {
            return Err(MethodError::saying("requestTooLarge", "this finds too much: name a mailbox, or more words"));
        }
        for some in found.uids.chunks(MOST_SHOWN) {
            let mut summaries = opened.show(some, &items).await?;
            while let Some(summary) = summaries.try_next().await? {
                all.push((order.key(&summary), EmailId { mailbox, uid_validity, uid: summary.uid }));
            }
        }
    }
    all.sort_by(|one, other| order.compare(one, other));
    Ok(all.into_iter().map(|(_, email)| email).collect())
}

/// The orders that messages of several mailboxes are put in.
struct Order {
    by: SortBy,
    direction: Direction,
}

impl Order {
    fn of(sort: &[SortKey]) -> Result<Self, MethodError> {
        match sort {
            // Where nothing is said, what came last comes first.
            [] => Ok(Self { by: SortBy::Received, direction: Direction::Descending }),
            [SortKey { by: by @ (SortBy::Received | SortBy::Size), direction }, ..] => {
                Ok(Self { by: by.clone(), direction: *direction })
            }
            _ => {
                Err(MethodError::saying("unsupportedSort", "several mailboxes are put in order by receivedAt or size"))
            }
        }
    }

    fn items(&self) -> Items {
        let item = if self.by == SortBy::Size { Item::Size } else { Item::Received };
        Items { items: vec![item], headers: Vec::new() }
    }

    fn key(&self, summary: &Summary) -> i64 {
        match self.by {
            SortBy::Size => summary.size.and_then(|size| i64::try_from(size).ok()).unwrap_or(i64::MAX),
            _ => summary.received.map_or(0, |at| at.0),
        }
    }

    fn compare(&self, one: &(i64, EmailId), other: &(i64, EmailId)) -> Ordering {
        match self.direction {
            Direction::Ascending => one.cmp(other),
            Direction::Descending => other.cmp(one),
        }
    }
}

/// The part that is wanted of all that was found, one message of each thread if so.
async fn cut(
    desk: &mut Desk<'_>,
    all: Vec<EmailId>,
    arguments: &Query<Condition, Comparator>,
    collapse_threads: bool,
    limit: u64,
) -> Result<Part, MethodError> {
    let counts_back = arguments.anchor.is_none() && arguments.position < 0;
    let (ids, is_all) = if collapse_threads {
        let wants_all = arguments.anchor.is_some() || counts_back || arguments.calculate_total;
        if wants_all && all.len() > MOST_COUNTED && (arguments.anchor.is_some() || counts_back) {
            return Err(MethodError::saying("requestTooLarge", "so many threads are not counted: ask by position"));
        }
        let most = if wants_all && all.len() <= MOST_COUNTED {
            usize::MAX
        } else {
            usize::try_from(arguments.position.unsigned_abs().saturating_add(limit)).unwrap_or(usize::MAX)
        };
        collapsed(desk, &all, most).await?
    } else {
        (all, true)
    };
    let Query { position, anchor_offset, .. } = *arguments;
    let start = Start { position, anchor: arguments.anchor.as_deref(), anchor_offset };
    let skip = start.index(ids.len(), |anchor| {
        let anchor = EmailId::parse(anchor)?;
        ids.iter().position(|it| *it == anchor)
    })?;
    let whole = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let (position, total) = (whole(skip), is_all.then(|| whole(ids.len())));
    let take = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(Part { position, ids: ids.into_iter().skip(skip).take(take).collect(), total })
}

/// The first message of each thread, until there are enough; and whether that is all of them.
async fn collapsed(desk: &mut Desk<'_>, all: &[EmailId], most: usize) -> Result<(Vec<EmailId>, bool), MethodError> {
    let (mut seen, mut first) = (HashSet::new(), Vec::new());
    for some in all.chunks(ROOTS_AT_ONCE) {
        if first.len() >= most {
            return Ok((first, false));
        }
        let mut threads = roots(desk, some).await?;
        for email in some {
            if let Some(thread) = threads.remove(email)
                && seen.insert(thread)
            {
                first.push(*email);
            }
        }
    }
    Ok((first, true))
}
