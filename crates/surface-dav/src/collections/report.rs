//! REPORT (RFC 3253 §3.6): the reports there are of collections.

use super::{At, multiget, query, sync};
use crate::{
    Body,
    call::{Call, Depth},
    error::{Answer, Refusal},
    method::xml,
    xml::{CALDAV, CARDDAV},
};
use http::StatusCode;
use passerelle_model::CollectionFamily;

/// Sends a report to its function.
pub(super) async fn report(call: Call, at: At, body: &mut Body) -> Answer {
    let root = xml(body).await?.ok_or(StatusCode::BAD_REQUEST)?;
    // RFC 3253 §3.6: no Depth means 0.
    let depth = call.depth(Depth::Zero)?;
    match (&at, at.family()) {
        (At::Collection { .. }, _) if root.is("sync-collection") => sync::sync(&call, &at, &root, depth).await,
        (At::Collection { .. }, CollectionFamily::Calendars) if root.is_in(CALDAV, "calendar-multiget") => {
            multiget::multiget(call, at, &root).await
        }
        (At::Collection { .. }, CollectionFamily::Contacts) if root.is_in(CARDDAV, "addressbook-multiget") => {
            multiget::multiget(call, at, &root).await
        }
        (At::Collection { .. }, CollectionFamily::Calendars) if root.is_in(CALDAV, "calendar-query") => {
            query::query(&call, &at, &root).await
        }
        (At::Collection { .. }, CollectionFamily::Contacts) if root.is_in(CARDDAV, "addressbook-query") => {
            query::query(&call, &at, &root).await
        }
        (At::Collection { .. }, CollectionFamily::Calendars) if root.is_in(CALDAV, "free-busy-query") => {
            query::free_busy(&call, &at, &root).await
        }
        _ => Err(Refusal::Condition(StatusCode::FORBIDDEN, "supported-report")),
    }
}
