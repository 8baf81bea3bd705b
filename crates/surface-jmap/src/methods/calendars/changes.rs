//! `Calendar/changes` and `CalendarEvent/changes` (draft-ietf-jmap-calendars §4.2, §5.10), `TaskList/changes` and `Task/changes`,
//! `Notebook/changes` and `Note/changes`.

use super::What;
use crate::{
    collections::{containers_changes, items_changes},
    desk::Desk,
    error::MethodError,
    methods::Changes,
};
use serde_json::Value;

pub(crate) async fn of_calendars(desk: &mut Desk<'_>, what: What, arguments: Changes) -> Result<Value, MethodError> {
    containers_changes(desk, what, arguments).await
}

pub(crate) async fn of_objects(desk: &mut Desk<'_>, what: What, arguments: Changes) -> Result<Value, MethodError> {
    items_changes(desk, what, arguments).await
}
