//! `CalendarEvent/query` and `CalendarEvent/queryChanges` (draft-ietf-jmap-calendars §5.11, §5.12).

use super::filter::{Condition, Conditions};
use super::get::zone;
use super::rows::{Looking, Row, rows};
use super::{FAMILY, MOST_DAYS, enter};
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

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Own {
    #[serde(default)]
    expand_recurrences: bool,
    #[serde(default)]
    time_zone: Option<String>,
}

pub(crate) async fn query(desk: &mut Desk<'_>, arguments: With<Query<Condition>, Own>) -> Result<Value, MethodError> {
    let With { common: mut arguments, own } = arguments;
    enter(desk, &arguments.account_id).await?;
    let floating = zone(own.time_zone.as_deref())?;
    let conditions = Conditions::of(arguments.filter.take(), &floating)?;
    let expand = match (own.expand_recurrences, conditions.range()) {
        (false, _) => None,
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
    let state = desk.items_state(FAMILY).await?.to_text();
    let mut all = rows(desk, Looking { conditions, expand, floating }).await?;
    all.sort_by(|one, other| (one.start, &one.uid).cmp(&(other.start, &other.uid)));
    arguments.answer(&all, &state, |_, _| true, order, |row| row.id.to_string())
}

/// Whether anything has changed: what, is asked again, and costs the same.
pub(crate) async fn query_changes(
    desk: &mut Desk<'_>,
    arguments: With<QueryChanges<Condition>, Own>,
) -> Result<Value, MethodError> {
    enter(desk, &arguments.common.account_id).await?;
    let state = desk.items_state(FAMILY).await?.to_text();
    arguments.common.answer(&state)
}

fn order(property: &str) -> Option<Compare<Row>> {
    Some(match property {
        "start" => |one, other| one.start.cmp(&other.start),
        "uid" => |one, other| one.uid.cmp(&other.uid),
        "recurrenceId" => |one, other| one.id.instance.cmp(&other.id.instance),
        "created" => |one, other| one.created.cmp(&other.created),
        "updated" => |one, other| one.updated.cmp(&other.updated),
        _ => return None,
    })
}
