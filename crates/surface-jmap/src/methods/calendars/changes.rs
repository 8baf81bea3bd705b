//! `Calendar/changes` and `CalendarEvent/changes` (draft-ietf-jmap-calendars §4.2, §5.10).

use super::FAMILY;
use crate::{
    collections::{containers_changes, items_changes},
    desk::Desk,
    error::MethodError,
    methods::Changes,
};
use serde_json::Value;

pub(crate) async fn of_calendars(desk: &mut Desk<'_>, arguments: Changes) -> Result<Value, MethodError> {
    containers_changes(desk, FAMILY, arguments).await
}

/// Tasks and notes of the same collections are told too, and are then found by no `/get`: what an item holds is not in its name.
pub(crate) async fn of_events(desk: &mut Desk<'_>, arguments: Changes) -> Result<Value, MethodError> {
    items_changes(desk, FAMILY, arguments).await
}
