//! Calendars and what lies in them as JSCalendar tells it: events (draft-ietf-jmap-calendars), and tasks (draft-ietf-jmap-tasks), to which
//! the same collections are task lists. Notes lie there too, in notebooks, by types of our own in the same shape. Each method says [`What`]
//! it is about; the other types it neither finds nor changes.

pub(crate) mod availability;
mod calendar_get;
mod calendar_set;
pub(crate) mod changes;
mod copy;
mod draft;
mod filter;
mod get;
mod id;
pub(crate) mod identities;
mod parse;
mod query;
mod rows;
mod rules;
mod set;
mod stored;
mod what;
mod when;
mod written;

pub(crate) use calendar_get::get as get_calendars;
pub(crate) use calendar_set::{set as set_calendars, set_lists, set_notebooks};
pub(crate) use copy::copy;
pub(crate) use get::get;
pub(crate) use id::EventId;
pub(crate) use parse::parse;
pub(crate) use query::{query, query_changes};
pub(crate) use set::{set_events, set_quietly};
pub(crate) use what::What;

use crate::{desk::Desk, error::MethodError, shares::Kept};
use passerelle_model::CollectionFamily;
use serde_json::{Value, json};

/// Where events, tasks and notes lie.
pub(crate) const FAMILY: CollectionFamily = CollectionFamily::Calendars;
/// Longest range in which a query tells each instance, in days: three years.
const MOST_DAYS: i64 = 1_096;
/// Who writes new objects.
const PRODUCT: &str = "-//Passerelle//EN";

/// Goes to an account with calendars.
async fn enter(desk: &mut Desk<'_>, account: &str) -> Result<(), MethodError> {
    desk.enter_for(account, Kept::Collections(FAMILY)).await
}

/// What calendars can here, of one's own or of somebody who shares some. An event lies in one calendar: another copy is another event.
pub(crate) fn capability(is_own: bool) -> Value {
    json!({
        "maxCalendarsPerEvent": 1,
        "minDateTime": "0001-01-01T00:00:00Z",
        "maxDateTime": "9999-12-31T23:59:59Z",
        "maxExpandedQueryDuration": format!("P{MOST_DAYS}D"),
        "maxParticipantsPerEvent": null,
        "mayCreateCalendar": is_own,
    })
}

/// What task lists can here (draft-ietf-jmap-tasks, the account's capabilities). What is written by others is written in the owner's list
/// for everybody, keywords and alerts too.
pub(crate) fn tasks_capability(is_own: bool) -> Value {
    json!({
        "shareesActAs": "secretary",
        "minDateTime": "0001-01-01T00:00:00",
        "maxDateTime": "9999-12-31T23:59:59",
        "mayCreateTaskList": is_own,
    })
}

/// What of recurrences of tasks can be asked for.
pub(crate) fn recurrences_capability(_: bool) -> Value {
    json!({ "maxExpandedQueryDuration": format!("P{MOST_DAYS}D") })
}

/// That tasks have alerts, as the draft's own capability.
pub(crate) fn alerts_capability(_: bool) -> Value {
    json!({})
}

/// What notebooks can here, of one's own or of somebody who shares some.
pub(crate) fn notes_capability(is_own: bool) -> Value {
    json!({ "mayCreateNotebook": is_own })
}

/// For how long a time it is told when somebody is busy (draft-ietf-jmap-calendars §1.5.2).
pub(crate) fn availability() -> Value {
    json!({ "maxAvailabilityDuration": format!("P{MOST_DAYS}D") })
}
