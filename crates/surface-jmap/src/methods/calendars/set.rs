//! `CalendarEvent/set` (draft-ietf-jmap-calendars §5.13): objects, and single instances of those that recur.

use super::draft::{Draft, refused};
use super::get::{Shown, addresses};
use super::id::EventId;
use super::stored::{Stored, stored};
use super::written::{self, Messages};
use super::{FAMILY, PRODUCT, enter};
use crate::{
    desk::Desk,
    error::{MethodError, SetError},
    id::CollectionId,
    methods::{
        arguments::With,
        set::{Done, Set},
    },
    state::UNKNOWN_STATE,
};
use bytes::Bytes;
use passerelle_core::{
    Add, Edit, Remove,
    ports::{Precondition, Telling},
    seal,
};
use passerelle_model::ItemName;
use passerelle_wire_ical::{CalendarObject, Kind, Stamp, Utc, Zone};
use passerelle_wire_jscalendar::{Entry, patched, utc_text};
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Own {
    #[serde(default)]
    send_scheduling_messages: bool,
}

pub(crate) async fn set(desk: &mut Desk<'_>, arguments: With<Set, Own>) -> Result<Value, MethodError> {
    let With { common: arguments, own } = arguments;
    enter(desk, &arguments.account_id).await?;
    let messages = if own.send_scheduling_messages { Messages::Sent } else { Messages::None };
    let old_state = desk.items_state(FAMILY).await?.to_text();
    arguments.check(&old_state)?;
    let mut done = Done::default();
    for (name, event) in arguments.create.unwrap_or_default() {
        match make(desk, event, messages).await {
            Ok((id, value)) => done.created(desk, &name, id.to_string(), value),
            Err(error) => done.not_created(desk, &name, &error),
        }
    }
    for (id, patch) in arguments.update.unwrap_or_default() {
        match change(desk, &id, &patch, messages).await {
            Ok(more) => done.updated(id, more),
            Err(error) => done.not_updated(desk, &id, &error),
        }
    }
    for id in arguments.destroy.unwrap_or_default() {
        match remove(desk, &id, messages).await {
            Ok(()) => done.destroyed(id),
            Err(error) => done.not_destroyed(desk, &id, &error),
        }
    }
    desk.look_again();
    // What was done is told, also where the store is gone by now: from such a state changes cannot be told.
    let now = desk.items_state(FAMILY).await;
    let new_state = now.map_or_else(|_| UNKNOWN_STATE.to_owned(), |it| it.to_text());
    Ok(done.answer(&arguments.account_id, &old_state, &new_state))
}

/// Makes an event; its id, and what the client does not know of it.
async fn make(desk: &mut Desk<'_>, event: Value, messages: Messages) -> Result<(EventId, Value), SetError> {
    let Value::Object(said) = event else { return Err(SetError::new("invalidProperties")) };
    let mut draft = Draft::of(said.clone(), |id| desk.meant(id).map(str::to_owned))?;
    let none = || SetError::properties(&["calendarIds"], "an event lies in one calendar");
    let calendar = draft.calendar.ok_or_else(none)?;
    if draft.event.get("@type").is_some_and(|kind| kind != "Event") {
        return Err(SetError::properties(&["@type"], "events are made here"));
    }
    let name = calendar_name(desk, calendar).await?;
    let handle = desk.collection::<Add>(FAMILY, &name).await?;
    let now = Utc::of(handle.now().0);
    draft.complete(now)?;
    let octets = Entry::made(&draft.event, now, PRODUCT).map_err(|it| refused(&it))?;
    let id = put(desk, calendar, &name, octets.clone(), messages).await?;
    let told = told(desk, &id, calendar, &octets)?;
    // What the client has said it knows.
    let more: Map<String, Value> =
        told.into_iter().filter(|(property, value)| said.get(property) != Some(value)).collect();
    Ok((id, more.into()))
}

/// An event as it is told just after it was written.
fn told(
    desk: &Desk<'_>,
    id: &EventId,
    collection: CollectionId,
    octets: &[u8],
) -> Result<Map<String, Value>, SetError> {
    let shown = Shown {
        wanted: None,
        before: None,
        after: None,
        reduces: false,
        floating: Zone::utc(),
        me: addresses(desk).unwrap_or_default(),
    };
    let lost = || SetError::saying("serverFail", "what was written cannot be read");
    let entry = Entry::read(octets, Zone::utc()).ok().flatten().ok_or_else(lost)?;
    Ok(shown.whole(&entry, collection, id))
}

/// Puts a new object into a calendar.
pub(super) async fn put(
    desk: &mut Desk<'_>,
    calendar: CollectionId,
    name: &str,
    octets: Vec<u8>,
    messages: Messages,
) -> Result<EventId, SetError> {
    let object = CalendarObject::read(&octets, Zone::utc())
        .map_err(|wrong| SetError::saying("invalidProperties", wrong.what))?;
    object.fit().map_err(|unfit| SetError::saying("invalidProperties", unfit.what))?;
    let item = ItemName::parse(&format!("{}.ics", seal::random_hex::<16>()?));
    let item = item.map_err(|_| SetError::new("serverFail"))?;
    written::add(desk, name, &item, Bytes::from(octets), messages).await?;
    Ok(EventId::of(calendar, &item, None))
}

/// The name in addresses of a calendar that is there.
pub(super) async fn calendar_name(desk: &mut Desk<'_>, id: CollectionId) -> Result<String, SetError> {
    let calendars = desk.collections(FAMILY, Telling::Facts).await?;
    let none = || SetError::properties(&["calendarIds"], "there is no such calendar");
    Ok(calendars.get(id).ok_or_else(none)?.at.name().to_owned())
}

/// The object of an event's id.
async fn found(desk: &mut Desk<'_>, id: &str) -> Result<(EventId, Stored), SetError> {
    let missing = || SetError::new("notFound");
    let id = desk.meant(id).and_then(EventId::parse).ok_or_else(missing)?;
    let object = stored(desk, std::slice::from_ref(&id)).await?.remove(&id.item.to_string()).ok_or_else(missing)?;
    Ok((id, object))
}

/// The event in an object; of an instance its recurrence id.
fn entry<'o>(object: &'o Stored, id: &EventId) -> Result<(Entry<'o>, Option<Stamp>), SetError> {
    let missing = || SetError::new("notFound");
    let entry = Entry::read(&object.item.content, Zone::utc()).ok().flatten();
    let entry = entry.filter(|it| it.kind() == Kind::Event).ok_or_else(missing)?;
    let instance = match id.instance {
        None => None,
        Some(local) => {
            let stamp = Stamp { local, form: entry.form().ok_or_else(missing)? };
            Some(entry.occurrence(stamp).map(|_| stamp).ok_or_else(missing)?)
        }
    };
    Ok((entry, instance))
}

async fn change(desk: &mut Desk<'_>, id: &str, patch: &Value, messages: Messages) -> Result<Value, SetError> {
    let patch = patch.as_object().ok_or_else(|| SetError::new("invalidPatch"))?;
    let (id, object) = found(desk, id).await?;
    let (entry, instance) = entry(&object, &id)?;
    let handle = desk.collection::<Edit>(FAMILY, &object.calendar).await?;
    if object.hides {
        return Err(SetError::saying("forbidden", "it is private, and more of it than is told here would be lost"));
    }
    let whole = entry.whole();
    let mut before = match instance {
        Some(stamp) => entry.instance(&whole, stamp),
        None => whole.clone(),
    };
    before.insert("calendarIds".to_owned(), json!({ object.collection.to_string(): true }));
    let after =
        patched(&before, patch).map_err(|path| SetError::saying("invalidPatch", format!("{path} leads nowhere")))?;
    let draft = Draft::of(after, |id| desk.meant(id).map(str::to_owned))?;
    let calendar =
        draft.calendar.ok_or_else(|| SetError::properties(&["calendarIds"], "an event lies in one calendar"))?;
    let now = Utc::of(handle.now().0);
    let mut new = match instance {
        Some(_) if calendar != object.collection => {
            return Err(SetError::properties(&["calendarIds"], "an instance lies where its series does"));
        }
        Some(stamp) => entry.with_instance(&whole, stamp, Some(&draft.event)).map_err(|it| refused(&it))?,
        None => draft.event,
    };
    let updated = json!(utc_text(now));
    new.insert("updated".to_owned(), updated.clone());
    let octets = entry.changed(&new).map_err(|it| refused(&it))?;
    let object_read = CalendarObject::read(&octets, Zone::utc());
    let fit = object_read.map_err(|wrong| wrong.what).and_then(|it| it.fit().map(drop).map_err(|unfit| unfit.what));
    fit.map_err(|what| SetError::saying("invalidProperties", what))?;
    if calendar != object.collection {
        if messages == Messages::Sent && patch.keys().any(|path| !path.starts_with("calendarIds")) {
            return Err(SetError::properties(&["calendarIds"], "what others hear of is changed first, and then moved"));
        }
        let target = calendar_name(desk, calendar).await?;
        let leaves = desk.collection::<Remove>(FAMILY, &object.calendar).await?;
        let moved = put(desk, calendar, &target, octets, Messages::None).await?;
        leaves
            .remove(&object.name, &Precondition::Matches(vec![object.item.etag.as_str().to_owned()]))
            .await
            .map_err(|it| SetError::from(it).partly())?;
        return Ok(json!({ "id": moved.to_string(), "updated": updated }));
    }
    written::replace(desk, &object, Bytes::from(octets), messages).await?;
    Ok(json!({ "updated": updated }))
}

async fn remove(desk: &mut Desk<'_>, id: &str, messages: Messages) -> Result<(), SetError> {
    let (id, object) = found(desk, id).await?;
    let (entry, instance) = entry(&object, &id)?;
    let Some(stamp) = instance else {
        return written::remove(desk, &object, messages).await;
    };
    let handle = desk.collection::<Edit>(FAMILY, &object.calendar).await?;
    if object.hides {
        return Err(SetError::saying("forbidden", "it is private, and more of it than is told here would be lost"));
    }
    let mut new = entry.with_instance(&entry.whole(), stamp, None).map_err(|it| refused(&it))?;
    new.insert("updated".to_owned(), json!(utc_text(Utc::of(handle.now().0))));
    let octets = entry.changed(&new).map_err(|it| refused(&it))?;
    written::replace(desk, &object, Bytes::from(octets), messages).await
}
