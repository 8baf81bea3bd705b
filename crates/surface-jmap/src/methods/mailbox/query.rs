//! `Mailbox/query` and `Mailbox/queryChanges` (RFC 8621 §2.3, §2.4).

use crate::{
    desk::Desk,
    error::MethodError,
    id::MailboxId,
    mail::{Mailbox, Mailboxes},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{cmp::Ordering, collections::HashSet};

/// Most conditions, those in others counted.
const MOST_CONDITIONS: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Query {
    account_id: String,
    #[serde(default)]
    filter: Option<Filter>,
    #[serde(default)]
    sort: Option<Vec<Comparator>>,
    #[serde(default)]
    position: i64,
    #[serde(default)]
    anchor: Option<String>,
    #[serde(default)]
    anchor_offset: i64,
    #[serde(default)]
    limit: Option<u64>,
    #[serde(default)]
    calculate_total: bool,
    #[serde(default)]
    sort_as_tree: bool,
    #[serde(default)]
    filter_as_tree: bool,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Filter {
    Operator(Operator),
    Condition(Condition),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Operator {
    operator: Logic,
    conditions: Vec<Filter>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Logic {
    And,
    Or,
    Not,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Condition {
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

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Comparator {
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

impl Filter {
    fn count(&self) -> usize {
        match self {
            Self::Condition(_) => 1,
            Self::Operator(it) => it.conditions.iter().map(Self::count).fold(1, usize::saturating_add),
        }
    }

    fn matches(&self, mailbox: &Mailbox) -> bool {
        match self {
            Self::Operator(Operator { operator: Logic::And, conditions }) => {
                conditions.iter().all(|it| it.matches(mailbox))
            }
            Self::Operator(Operator { operator: Logic::Or, conditions }) => {
                conditions.iter().any(|it| it.matches(mailbox))
            }
            Self::Operator(Operator { operator: Logic::Not, conditions }) => {
                !conditions.iter().any(|it| it.matches(mailbox))
            }
            Self::Condition(it) => it.matches(mailbox),
        }
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

pub(crate) async fn query(desk: &mut Desk<'_>, arguments: Query) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    if arguments.filter.as_ref().map_or(0, Filter::count) > MOST_CONDITIONS {
        return Err(MethodError::new("unsupportedFilter"));
    }
    let mailboxes = desk.mailboxes().await?;
    let found = sorted(&mailboxes, &arguments);
    let total = found.len();
    let start = match &arguments.anchor {
        Some(anchor) => {
            let at = found.iter().position(|it| it.id.to_string() == *anchor);
            let at = at.ok_or_else(|| MethodError::new("anchorNotFound"))?;
            i64::try_from(at).unwrap_or(i64::MAX).saturating_add(arguments.anchor_offset).max(0)
        }
        None if arguments.position < 0 => {
            i64::try_from(total).unwrap_or(i64::MAX).saturating_add(arguments.position).max(0)
        }
        None => arguments.position,
    };
    let start = usize::try_from(start).unwrap_or(usize::MAX);
    let limit = arguments.limit.map_or(usize::MAX, |it| usize::try_from(it).unwrap_or(usize::MAX));
    let ids: Vec<String> = found.iter().skip(start).take(limit).map(|it| it.id.to_string()).collect();
    let mut answer = json!({
        "accountId": arguments.account_id,
        "queryState": mailboxes.tree_state().to_text(),
        "canCalculateChanges": false,
        "position": start,
        "ids": ids,
    });
    if let (true, Some(answer)) = (arguments.calculate_total, answer.as_object_mut()) {
        answer.insert("total".to_owned(), json!(total));
    }
    Ok(answer)
}

fn sorted<'a>(mailboxes: &'a Mailboxes, arguments: &Query) -> Vec<&'a Mailbox> {
    let matches = |it: &Mailbox| arguments.filter.as_ref().is_none_or(|filter| filter.matches(it));
    let mut found: Vec<&Mailbox> = mailboxes.iter().filter(|it| matches(it)).collect();
    if arguments.filter_as_tree {
        let ids: HashSet<MailboxId> = found.iter().map(|it| it.id).collect();
        // Nothing whose parent is not shown (RFC 8621 §2.3).
        found.retain(|it| above(it).all(|id| ids.contains(&id)));
    }
    let keys = arguments.sort.as_deref().unwrap_or_default();
    if arguments.sort_as_tree {
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
fn above(mailbox: &Mailbox) -> impl Iterator<Item = MailboxId> {
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

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct QueryChanges {
    account_id: String,
    since_query_state: String,
    #[serde(default, rename = "filter")]
    _filter: Option<Filter>,
    #[serde(default, rename = "sort")]
    _sort: Option<Vec<Comparator>>,
    #[serde(default, rename = "maxChanges")]
    _max_changes: Option<u64>,
    #[serde(default, rename = "upToId")]
    _up_to_id: Option<String>,
    #[serde(default, rename = "calculateTotal")]
    _calculate_total: bool,
}

/// Whether anything has changed: what, is asked again, and costs the same.
pub(crate) async fn changes(desk: &mut Desk<'_>, arguments: QueryChanges) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    let state = desk.mailboxes().await?.tree_state().to_text();
    if state != arguments.since_query_state {
        return Err(MethodError::new("cannotCalculateChanges"));
    }
    Ok(json!({
        "accountId": arguments.account_id,
        "oldQueryState": state,
        "newQueryState": state,
        "removed": [],
        "added": [],
    }))
}
