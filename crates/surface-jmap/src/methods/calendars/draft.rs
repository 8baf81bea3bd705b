//! What a client says of an event, as it is to be written: JMAP's own properties taken out, and times in UTC put in.

use super::get::OWN;
use crate::{error::SetError, id::CollectionId};
use passerelle_core::{Result, seal};
use passerelle_wire_ical::{Utc, Zone};
use passerelle_wire_jscalendar::{Refused, local_text, read_utc};
use serde_json::{Map, Value, json};

/// Properties of an event, and which calendar it is to lie in.
pub(super) struct Draft {
    pub(super) event: Map<String, Value>,
    pub(super) calendar: Option<CollectionId>,
}

/// The one calendar that an event lies in, as `calendarIds` says it.
fn calendar(said: &Value, meant: impl Fn(&str) -> Option<String>) -> std::result::Result<CollectionId, SetError> {
    let wrong = || SetError::properties(&["calendarIds"], "an event lies in one calendar");
    let ids = said.as_object().ok_or_else(wrong)?;
    let mut there = ids.iter().filter(|(_, value)| **value != Value::Bool(false));
    match (there.next(), there.next()) {
        (Some((id, Value::Bool(true))), None) => {
            let id = meant(id).and_then(|id| CollectionId::parse(&id));
            id.ok_or_else(|| SetError::properties(&["calendarIds"], "there is no such calendar"))
        }
        _ => Err(wrong()),
    }
}

impl Draft {
    /// Takes an event apart. `meant` is the id of what a client means by an id.
    pub(super) fn of(
        mut event: Map<String, Value>,
        meant: impl Fn(&str) -> Option<String>,
    ) -> std::result::Result<Self, SetError> {
        let calendar = event.get("calendarIds").map(|said| calendar(said, meant)).transpose()?;
        for name in ["isDraft", "useDefaultAlerts", "mayInviteSelf", "mayInviteOthers", "hideAttendees"] {
            if event.get(name).is_some_and(|value| !matches!(value, Value::Bool(false) | Value::Null)) {
                return Err(SetError::properties(&[name], "there is nothing of the kind here"));
            }
        }
        let utc = |event: &Map<String, Value>, name: &str| match event.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(said) => {
                let wrong = || SetError::properties(&[name], "it is a time in UTC to the second");
                said.as_str().and_then(read_utc).map(Some).ok_or_else(wrong)
            }
        };
        let (start, end) = (utc(&event, "utcStart")?, utc(&event, "utcEnd")?);
        OWN.iter().for_each(|name| drop(event.remove(*name)));
        if let Some(start) = start {
            at(&mut event, start)?;
        }
        if let Some(end) = end {
            let start = start.ok_or_else(|| SetError::properties(&["utcEnd"], "it is said together with utcStart"))?;
            let seconds = end.seconds().saturating_sub(start.seconds());
            if seconds < 0 {
                return Err(SetError::properties(&["utcEnd"], "it ends before it begins"));
            }
            event.insert("duration".to_owned(), json!(format!("PT{seconds}S")));
        }
        Ok(Self { event, calendar })
    }

    /// What a new object needs that its client has not said.
    pub(super) fn complete(&mut self, now: Utc) -> Result<()> {
        if self.event.get("uid").is_none_or(Value::is_null) {
            self.event.insert("uid".to_owned(), json!(seal::random_hex::<16>()?));
        }
        let now = json!(passerelle_wire_jscalendar::utc_text(now));
        self.event.entry("created").or_insert_with(|| now.clone());
        self.event.insert("updated".to_owned(), now);
        Ok(())
    }
}

/// Puts an event to a moment, in the zone that it has.
fn at(event: &mut Map<String, Value>, start: Utc) -> std::result::Result<(), SetError> {
    let zone = match event.get("timeZone").and_then(Value::as_str) {
        None => Zone::utc(),
        Some(name) => Zone::iana(name)
            .ok_or_else(|| SetError::properties(&["utcStart"], "its time zone is its own: say start"))?,
    };
    event.entry("timeZone").or_insert_with(|| json!("Etc/UTC"));
    event.insert("start".to_owned(), json!(local_text(zone.wall(start))));
    Ok(())
}

/// Why an object was not written.
pub(super) fn refused(refused: &Refused) -> SetError {
    SetError::properties(&[&refused.property], refused.what.clone())
}
