//! `CalendarEvent/parse` (draft-ietf-jmap-calendars §5.14): a file with events, as if they lay in a calendar. What scheduling makes of a
//! message is another thing.

use super::get::zone;
use super::{FAMILY, What};
use crate::{
    blob::{self, Blob},
    desk::Desk,
    error::MethodError,
    methods::{self, distinct},
    reference::about,
    shares::Kept,
};
use passerelle_core::Error;
use passerelle_wire_ical::{Component, Kind, Zone};
use passerelle_wire_jscalendar::{Entry, utc_text};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Most files of one call.
const MOST: usize = 50;
/// Largest file, in octets.
const LARGEST: usize = 10 * 1024 * 1024;
/// Most events of a file.
const MOST_EVENTS: usize = 5_000;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parse {
    account_id: String,
    blob_ids: Vec<String>,
    #[serde(default)]
    properties: Option<Vec<String>>,
}

pub(crate) async fn parse(desk: &mut Desk<'_>, arguments: Parse) -> Result<Value, MethodError> {
    // Files are blobs of mail; who reads them may have calendars or not.
    desk.enter(&arguments.account_id).await?;
    if desk.is_own() {
        desk.enter_for(&arguments.account_id, Kept::Collections(FAMILY)).await?;
    }
    if let Some(unknown) = arguments.properties.iter().flatten().find(|it| !What::Events.has(it)) {
        return Err(MethodError::invalid(format!("there is no property {unknown}")));
    }
    let ids = distinct(arguments.blob_ids);
    if ids.len() > MOST {
        return Err(MethodError::new("requestTooLarge"));
    }
    let floating = zone(None)?;
    let (mut parsed, mut wrong, mut missing) = (Map::new(), Vec::new(), Vec::new());
    let mut left = desk.left;
    for id in ids {
        let meant = desk.meant(&id).unwrap_or_default().to_owned();
        let octets = match read(desk, &meant).await {
            Ok(octets) => octets,
            Err(Error::NotFound) => {
                missing.push(id);
                continue;
            }
            Err(Error::TooLarge { .. }) => {
                wrong.push(id);
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let (wanted, floating) = (arguments.properties.clone(), floating.clone());
        let told = tokio::task::spawn_blocking(move || events(&octets, wanted.as_deref(), &floating)).await;
        let Some(events) = told.map_err(|error| Error::internal("reading a calendar", error))? else {
            wrong.push(id);
            continue;
        };
        let events = Value::from(events);
        left = left.saturating_sub(about(&events));
        if left == 0 {
            return Err(MethodError::new("requestTooLarge"));
        }
        parsed.insert(id, events);
    }
    Ok(methods::parsed(&arguments.account_id, parsed, wrong, missing))
}

async fn read(desk: &mut Desk<'_>, id: &str) -> passerelle_core::Result<Vec<u8>> {
    let blob = Blob::find(desk, id).await?;
    desk.spend(blob.size)?;
    blob::whole(blob.decoded().await?, LARGEST).await
}

/// The events of a file, one for each UID; nothing of what is no calendar, or has none.
fn events(octets: &[u8], wanted: Option<&[String]>, floating: &Zone) -> Option<Vec<Value>> {
    let octets = octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(octets);
    let calendar = Component::calendar(octets).ok()?;
    let uid = |it: &Component<'_>| it.property("UID").map(|uid| uid.to_text().trim().to_owned());
    let mut all: Vec<(String, Vec<Component<'_>>)> = Vec::new();
    for event in calendar.components.iter().filter(|it| it.is(Kind::Event.name())) {
        let uid = uid(event)?;
        match all.iter().position(|(known, _)| *known == uid).and_then(|at| all.get_mut(at)) {
            Some((_, parts)) => parts.push(event.clone()),
            None => all.push((uid, vec![event.clone()])),
        }
        if all.len() > MOST_EVENTS {
            return None;
        }
    }
    let told = all.into_iter().map(|(_, parts)| {
        let components = calendar.inner("VTIMEZONE").cloned().chain(parts).collect();
        let text = calendar.with(calendar.properties.clone(), components).written();
        let entry = Entry::read(text.as_bytes(), floating.clone()).ok()??;
        Some(event(&entry, wanted))
    });
    let told: Vec<Value> = told.collect::<Option<_>>()?;
    (!told.is_empty()).then_some(told)
}

fn event(entry: &Entry<'_>, wanted: Option<&[String]>) -> Value {
    let mut event = entry.whole();
    if let Some(wanted) = wanted {
        let (start, end) = entry.span();
        event.insert("utcStart".to_owned(), json!(start.map(utc_text)));
        event.insert("utcEnd".to_owned(), json!(end.map(utc_text)));
        for name in What::Events.own().iter().filter(|name| !name.starts_with("utc")) {
            // It lies in no calendar.
            event.insert((*name).to_owned(), Value::Null);
        }
        event.retain(|name, _| wanted.iter().any(|it| it == name));
    }
    event.into()
}
