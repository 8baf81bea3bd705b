//! What a client says of an event, a task or a note, as it is to be written: JMAP's own properties taken out, and times in UTC put in.

use super::{What, rules};
use crate::{error::SetError, id::CollectionId};
use passerelle_core::{Result, seal};
use passerelle_wire_ical::{Utc, Zone};
use passerelle_wire_jscalendar::{Refused, local_text, read_utc};
use serde_json::{Map, Value, json};

/// Properties of an object, and which calendar it is to lie in.
pub(super) struct Draft {
    pub(super) object: Map<String, Value>,
    pub(super) calendar: Option<CollectionId>,
}

/// The one calendar that an object lies in: `calendarIds` is a set of it, `taskListId` and `notebookId` name it.
fn calendar(
    what: What,
    said: &Value,
    meant: impl Fn(&str) -> Option<String>,
) -> std::result::Result<CollectionId, SetError> {
    let wrong = || SetError::properties(&[what.place()], what.lies_in_one());
    let of = |id: &str| {
        let id = meant(id).and_then(|id| CollectionId::parse(&id));
        id.ok_or_else(|| SetError::properties(&[what.place()], what.no_such_place()))
    };
    if what != What::Events {
        return of(said.as_str().ok_or_else(wrong)?);
    }
    let ids = said.as_object().ok_or_else(wrong)?;
    let mut there = ids.iter().filter(|(_, value)| **value != Value::Bool(false));
    match (there.next(), there.next()) {
        (Some((id, Value::Bool(true))), None) => of(id),
        _ => Err(wrong()),
    }
}

impl Draft {
    /// Takes an object apart. `meant` is the id of what a client means by an id.
    pub(super) fn of(
        what: What,
        mut object: Map<String, Value>,
        meant: impl Fn(&str) -> Option<String>,
    ) -> std::result::Result<Self, SetError> {
        let calendar = object.get(what.place()).map(|said| calendar(what, said, meant)).transpose()?;
        for name in what.flags() {
            if object.get(*name).is_some_and(|value| !matches!(value, Value::Bool(false) | Value::Null)) {
                return Err(SetError::properties(&[*name], "there is nothing of the kind here"));
            }
        }
        let utc = |object: &Map<String, Value>, name: &str| match object.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(said) => {
                let wrong = || SetError::properties(&[name], "it is a time in UTC to the second");
                said.as_str().and_then(read_utc).map(Some).ok_or_else(wrong)
            }
        };
        let (start, end) = match what {
            What::Events => (utc(&object, "utcStart")?, utc(&object, "utcEnd")?),
            What::Tasks => (utc(&object, "utcStart")?, utc(&object, "utcDue")?),
            What::Notes => (None, None),
        };
        what.own().iter().for_each(|name| drop(object.remove(*name)));
        if let Some(start) = start {
            at(&mut object, "start", "utcStart", start)?;
        }
        if what == What::Tasks {
            rules::said(&mut object)?;
            end.map(|due| at(&mut object, "due", "utcDue", due)).transpose()?;
        } else if let Some(end) = end {
            let start = start.ok_or_else(|| SetError::properties(&["utcEnd"], "it is said together with utcStart"))?;
            let seconds = end.seconds().saturating_sub(start.seconds());
            if seconds < 0 {
                return Err(SetError::properties(&["utcEnd"], "it ends before it begins"));
            }
            object.insert("duration".to_owned(), json!(format!("PT{seconds}S")));
        }
        Ok(Self { object, calendar })
    }

    /// Which calendar it is to lie in, which has to be said.
    pub(super) fn calendar(&self, what: What) -> std::result::Result<CollectionId, SetError> {
        self.calendar.ok_or_else(|| SetError::properties(&[what.place()], what.lies_in_one()))
    }

    /// What a new object needs that its client has not said.
    pub(super) fn complete(&mut self, what: What, now: Utc) -> Result<()> {
        self.object.insert("@type".to_owned(), json!(what.type_name()));
        if self.object.get("uid").is_none_or(Value::is_null) {
            self.object.insert("uid".to_owned(), json!(seal::random_hex::<16>()?));
        }
        let now = json!(passerelle_wire_jscalendar::utc_text(now));
        self.object.entry("created").or_insert_with(|| now.clone());
        self.object.insert("updated".to_owned(), now);
        Ok(())
    }
}

/// Puts a time of an object to a moment, in the zone that the object has; `said` is the property that says the moment.
fn at(object: &mut Map<String, Value>, name: &str, said: &str, moment: Utc) -> std::result::Result<(), SetError> {
    let zone = match object.get("timeZone").and_then(Value::as_str) {
        None => Zone::utc(),
        Some(zone) => Zone::iana(zone)
            .ok_or_else(|| SetError::properties(&[said], format!("its time zone is its own: say {name}")))?,
    };
    object.entry("timeZone").or_insert_with(|| json!("Etc/UTC"));
    object.insert(name.to_owned(), json!(local_text(zone.wall(moment))));
    Ok(())
}

/// Why an object was not written.
pub(super) fn refused(what: What, refused: &Refused) -> SetError {
    let property = match what {
        What::Events | What::Notes => refused.property.clone(),
        What::Tasks => rules::named(&refused.property),
    };
    SetError::properties(&[&property], refused.what.clone())
}
