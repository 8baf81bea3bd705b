//! `Mailbox/query` (RFC 8621 §2.3).

use crate::{
    desk::Desk,
    error::MethodError,
    id::MailboxId,
    mail::{Mailbox, Mailboxes},
    methods::{
        arguments::With,
        conditions::{Filter, Logic},
        listed::Query,
        paging::Start,
    },
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{cmp::Ordering, collections::HashSet};

/// Most keys of an order.
const MOST_KEYS: usize = 8;

/// What of the tree matters.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AsTree {
    #[serde(default)]
    pub(super) sort_as_tree: bool,
    #[serde(default)]
    pub(super) filter_as_tree: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Condition {
    /// `Some(None)` is "at the top".
    #[serde(default, deserialize_with = "given")]
    parent_id: Option<Option<String>>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    role: Option<Option<String>>,
    #[serde(default)]
    has_any_role: Option<bool>,
    #[serde(default)]
    is_subscribed: Option<bool>,
}

/// Tells null from nothing.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

/// Other members are passed over: `jmapc` sends some that belong to the query.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Comparator {
    property: SortBy,
    #[serde(default = "yes")]
    is_ascending: bool,
    /// There is one.
    #[serde(default, rename = "collation")]
    _collation: Option<String>,
}

const fn yes() -> bool {
    true
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum SortBy {
    SortOrder,
    Name,
}

fn matches(filter: &Filter<Condition>, mailbox: &Mailbox) -> bool {
    match filter {
        Filter::Joined(Logic::And, all) => all.iter().all(|it| matches(it, mailbox)),
        Filter::Joined(Logic::Or, all) => all.iter().any(|it| matches(it, mailbox)),
        Filter::Joined(Logic::Not, all) => !all.iter().any(|it| matches(it, mailbox)),
        Filter::One(it) => it.matches(mailbox),
    }
}

impl Condition {
    fn matches(&self, mailbox: &Mailbox) -> bool {
        let Self { parent_id, name, role, has_any_role, is_subscribed } = self;
        let parent = |wanted: &Option<String>| wanted.as_deref().map(MailboxId::parse) == mailbox.parent().map(Some);
        let named = |part: &String| mailbox.leaf().to_lowercase().contains(&part.to_lowercase());
        parent_id.as_ref().is_none_or(parent)
            && name.as_ref().is_none_or(named)
            && role.as_ref().is_none_or(|it| it.as_deref() == mailbox.role)
            && has_any_role.is_none_or(|it| it == mailbox.role.is_some())
            && is_subscribed.is_none_or(|it| it == mailbox.is_subscribed)
    }
}

/// Which mailboxes are wanted, and in which order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) filter: Option<&'a Filter<Condition>>,
    pub(super) sort: &'a [Comparator],
    pub(super) sort_as_tree: bool,
    pub(super) filter_as_tree: bool,
}

impl<'a> Wish<'a> {
    /// # Errors
    /// `unsupportedSort` for too many keys.
    pub(super) fn check(self) -> Result<Self, MethodError> {
        if self.sort.len() > MOST_KEYS { Err(MethodError::new("unsupportedSort")) } else { Ok(self) }
    }
}

pub(crate) async fn query(
    desk: &mut Desk<'_>,
    arguments: With<Query<Condition, Comparator>, AsTree>,
) -> Result<Value, MethodError> {
    let With { common: arguments, own: AsTree { sort_as_tree, filter_as_tree } } = arguments;
    desk.enter(&arguments.account_id).await?;
    let (filter, sort) = (arguments.filter.as_ref(), arguments.sort.as_deref().unwrap_or_default());
    let wish = Wish { filter, sort, sort_as_tree, filter_as_tree }.check()?;
    let mailboxes = desk.mailboxes().await?;
    let found = sorted(&mailboxes, wish);
    let total = found.len();
    let Query { position, anchor_offset, .. } = arguments;
    let start = Start { position, anchor: arguments.anchor.as_deref(), anchor_offset };
    let start = start.index(total, |anchor| found.iter().position(|it| it.id.to_string() == anchor))?;
    let limit = arguments.limit.map_or(usize::MAX, |it| usize::try_from(it).unwrap_or(usize::MAX));
    let ids: Vec<String> = found.iter().skip(start).take(limit).map(|it| it.id.to_string()).collect();
    let state = mailboxes.tree_state();
    let mut answer = json!({
        "accountId": arguments.account_id,
        "queryState": state.to_text(),
        "canCalculateChanges": state.can_be_compared(),
        "position": start,
        "ids": ids,
    });
    if let (true, Some(answer)) = (arguments.calculate_total, answer.as_object_mut()) {
        answer.insert("total".to_owned(), json!(total));
    }
    Ok(answer)
}

pub(super) fn sorted<'a>(mailboxes: &'a Mailboxes, wish: Wish<'_>) -> Vec<&'a Mailbox> {
    let is_wanted = |it: &Mailbox| wish.filter.is_none_or(|filter| matches(filter, it));
    let mut found: Vec<&Mailbox> = mailboxes.iter().filter(|it| is_wanted(it)).collect();
    if wish.filter_as_tree {
        let ids: HashSet<MailboxId> = found.iter().map(|it| it.id).collect();
        // Nothing whose parent is not shown (RFC 8621 §2.3).
        found.retain(|it| above(it).all(|id| ids.contains(&id)));
    }
    let keys = wish.sort;
    if wish.sort_as_tree {
        let path = |it: &'a Mailbox| -> Vec<&'a Mailbox> {
            let mut path: Vec<_> = above(it).filter_map(|id| mailboxes.get(id)).collect();
            path.push(it);
            path
        };
        found.sort_by(|one, other| {
            let (one, other) = (path(one), path(other));
            let differs = one.iter().zip(&other).map(|(a, b)| compare(a, b, keys)).find(|it| it.is_ne());
            differs.unwrap_or_else(|| one.len().cmp(&other.len()))
        });
    } else {
        found.sort_by(|one, other| compare(one, other, keys));
    }
    found
}

/// The ids of what it lies in, from the top.
pub(super) fn above(mailbox: &Mailbox) -> impl Iterator<Item = MailboxId> {
    mailbox.name.match_indices('/').filter_map(|(end, _)| mailbox.name.get(..end)).map(MailboxId::of)
}

fn compare(one: &Mailbox, other: &Mailbox, keys: &[Comparator]) -> Ordering {
    for key in keys {
        let order = match key.property {
            SortBy::SortOrder => one.sort_order().cmp(&other.sort_order()),
            SortBy::Name => one.leaf().to_lowercase().cmp(&other.leaf().to_lowercase()),
        };
        if order.is_ne() {
            return if key.is_ascending { order } else { order.reverse() };
        }
    }
    one.name.cmp(&other.name)
}
