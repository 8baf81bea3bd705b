//! `Principal/getAvailability` (draft-ietf-jmap-calendars §2.2): when somebody has no time, of all calendars that make them busy. What takes
//! the time is not told: who may know reads the events.

use super::{FAMILY, MOST_DAYS};
use crate::{desk::Desk, error::MethodError, methods::principal};
use passerelle_core::{
    BusyAsk, Error, Read, Session,
    ports::{MOST_READ, Telling},
};
use passerelle_model::{CollectionRef, Grantee, Timestamp};
use passerelle_scheduling::busy_times;
use passerelle_wire_ical::{Busy, CalendarObject, Fault, FreeBusy, Range, Zone};
use passerelle_wire_jscalendar::{read_utc, utc_text};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Availability {
    account_id: String,
    id: String,
    utc_start: String,
    utc_end: String,
    /// Nothing more is told where this is said.
    #[serde(default, rename = "showDetails")]
    _show_details: bool,
    #[serde(default, rename = "eventProperties")]
    _event_properties: Option<Vec<String>>,
}

pub(crate) async fn get(desk: &mut Desk<'_>, arguments: Availability) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    let moment =
        |text: &str| read_utc(text).ok_or_else(|| MethodError::invalid("utcStart and utcEnd are times in UTC"));
    let range = Range { start: moment(&arguments.utc_start)?, end: moment(&arguments.utc_end)? };
    if range.start >= range.end {
        return Err(MethodError::invalid("it ends before it begins"));
    }
    if range.end.seconds() - range.start.seconds() > MOST_DAYS * 86_400 {
        return Err(MethodError::saying("requestTooLarge", format!("{MOST_DAYS} days at most are looked at")));
    }
    let busy = taken(desk.session, &arguments.id, range).await?;
    let status = |busy: Busy| match busy {
        Busy::Busy => "confirmed",
        Busy::Tentative => "tentative",
        Busy::Unavailable => "unavailable",
    };
    let periods = busy.periods().into_iter().map(|it| {
        json!({
            "utcStart": utc_text(it.start), "utcEnd": utc_text(it.end), "busyStatus": status(it.busy), "event": null,
        })
    });
    Ok(json!({ "accountId": arguments.account_id, "id": arguments.id, "list": periods.collect::<Vec<_>>() }))
}

/// When a principal has no time: of oneself by one's own calendars, of others as any who invite them may ask (RFC 6638 §5). Who is not to
/// be asked is as who is not there.
async fn taken(session: &Session, id: &str, range: Range) -> Result<FreeBusy, MethodError> {
    let nobody = || MethodError::saying("notFound", "there is no such principal, or none whose times are told");
    let Some(Grantee::Account(account)) = principal::meant(id) else { return Err(nobody()) };
    if session.principal()?.account() == &account {
        let mut busy = FreeBusy::new(range);
        for seen in session.own_collections(FAMILY, Telling::Facts).await? {
            if seen.collection.facts.is_transparent != Some(true) {
                busy = add(session, seen.at, range, busy).await?;
            }
        }
        return Ok(busy);
    }
    let (start, end) = (Timestamp(range.start.seconds()), Timestamp(range.end.seconds()));
    let ask = BusyAsk { start, end, zone: None, without: None };
    match busy_times(session, &account, &ask).await {
        Err(Error::NotFound | Error::Forbidden | Error::Unsupported { .. }) => Err(nobody()),
        Err(Error::Invalid { what }) => Err(MethodError::saying("cannotCalculateOccurrences", what)),
        told => Ok(told?),
    }
}

async fn add(session: &Session, at: CollectionRef, range: Range, mut busy: FreeBusy) -> Result<FreeBusy, MethodError> {
    let handle = session.open::<_, Read>(at).await?;
    let time = (Timestamp(range.start.seconds()), Timestamp(range.end.seconds()));
    for some in handle.items_within(time).await?.chunks(MOST_READ) {
        session.check_in_force()?;
        let contents = handle.contents(some).await?;
        let look = tokio::task::spawn_blocking(move || {
            for (_, item) in contents {
                let added = CalendarObject::read(&item.content, Zone::utc()).and_then(|object| busy.add(&object));
                // What is no calendar makes nobody busy; what cannot be followed must not be taken for free.
                match added {
                    Err(wrong) if wrong.fault == Fault::TooManyTimes => return Err(wrong),
                    Ok(()) | Err(_) => {}
                }
            }
            Ok(busy)
        });
        let looked = look.await.map_err(|error| Error::internal("looking into a calendar", error))?;
        busy = looked.map_err(|wrong| MethodError::saying("cannotCalculateOccurrences", wrong.what))?;
    }
    Ok(busy)
}
