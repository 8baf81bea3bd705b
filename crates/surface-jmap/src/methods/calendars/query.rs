//! `CalendarEvent/query` and `CalendarEvent/queryChanges` (draft-ietf-jmap-calendars §5.11, §5.12), `Task/query` and `Task/queryChanges`,
//! `Note/query` and `Note/queryChanges`.

use super::filter::{Condition, Conditions};
use super::get::zone;
use super::rows::{Looking, Row, rows};
use super::{MOST_DAYS, What, enter};
use crate::{
    desk::Desk,
    error::MethodError,
    methods::{
        arguments::With,
        listed::{Compare, Query, QueryChanges},
    },
};
use serde::Deserialize;
use serde_json::Value;
use std::cmp::Ordering;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Own {
    #[serde(default)]
    expand_recurrences: bool,
    #[serde(default)]
    time_zone: Option<String>,
}

pub(crate) async fn query(
    desk: &mut Desk<'_>,
    what: What,
    arguments: With<Query<Condition>, Own>,
) -> Result<Value, MethodError> {
    let With { common: mut arguments, own } = arguments;
    enter(desk, &arguments.account_id).await?;
    let floating = zone(own.time_zone.as_deref())?;
    let conditions = Conditions::of(what, arguments.filter.take(), &floating)?;
    let expand = match (own.expand_recurrences, conditions.range()) {
        (false, _) => None,
        (true, _) if !what.has_instances() => return Err(MethodError::invalid("notes have no instances")),
        (true, None) => {
            return Err(MethodError::invalid("instances are told of a time that after and before begin and end"));
        }
        (true, Some(range)) if range.end.seconds() - range.start.seconds() > MOST_DAYS * 86_400 => {
            let why = format!("instances of {MOST_DAYS} days at most are told");
            return Err(MethodError::saying("expandDurationTooLarge", why));
        }
        (true, range) => range,
    };
    // The state comes first: what changes meanwhile is told by it, and not missed.
    let state = desk.items_state(what).await?.to_text();
    let mut all = rows(desk, Looking { what, conditions, expand, floating }).await?;
    all.sort_by(|one, other| (one.start, &one.uid).cmp(&(other.start, &other.uid)));
    let order = |property: &str| match what {
        What::Events => order(property),
        What::Tasks => order(property).or_else(|| order_of_tasks(property)),
        What::Notes => order_of_notes(property),
    };
    arguments.answer(&all, &state, |_, _| true, order, |row| row.id.to_string())
}

/// Whether anything has changed: what, is asked again, and costs the same.
pub(crate) async fn query_changes(
    desk: &mut Desk<'_>,
    what: What,
    arguments: With<QueryChanges<Condition>, Own>,
) -> Result<Value, MethodError> {
    enter(desk, &arguments.common.account_id).await?;
    let state = desk.items_state(what).await?.to_text();
    arguments.common.answer(&state)
}

fn order(property: &str) -> Option<Compare<Row>> {
    Some(match property {
        "start" => |one, other| later_without(one.start, other.start),
        "uid" => |one, other| one.uid.cmp(&other.uid),
        "recurrenceId" => |one, other| one.id.instance.cmp(&other.id.instance),
        "created" => |one, other| one.created.cmp(&other.created),
        "updated" => |one, other| one.updated.cmp(&other.updated),
        _ => return None,
    })
}

/// Tasks are put in order by what else of them people look at; the draft has no list of its own yet.
fn order_of_tasks(property: &str) -> Option<Compare<Row>> {
    Some(match property {
        "due" => |one, other| later_without(one.due, other.due),
        "title" => |one, other| one.title.cmp(&other.title),
        // RFC 5545 §3.8.1.9: 1 is the highest, and 0 is none.
        "priority" => |one, other| later_without(one.priority, other.priority),
        "sortOrder" => |one, other| one.sort_order.cmp(&other.sort_order),
        _ => return None,
    })
}

/// Of notes what people look at, and when they were made and changed.
fn order_of_notes(property: &str) -> Option<Compare<Row>> {
    match property {
        "date" => order("start"),
        "title" => order_of_tasks("title"),
        "created" | "updated" | "uid" => order(property),
        _ => None,
    }
}

/// Those that have no such value come behind those that have one.
fn later_without<T: Ord>(one: Option<T>, other: Option<T>) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) => one.cmp(&other),
        (one, other) => other.is_some().cmp(&one.is_some()),
    }
}
