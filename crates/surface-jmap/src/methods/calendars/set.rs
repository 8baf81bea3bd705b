//! `CalendarEvent/set` (draft-ietf-jmap-calendars §5.13), `Task/set` and `Note/set`: objects, and single instances of those that recur.

use super::draft::{Draft, refused};
use super::get::{Shown, addresses, revision};
use super::id::EventId;
use super::stored::{Stored, stored};
use super::written::{self, Messages};
use super::{FAMILY, PRODUCT, What, enter};
use crate::{
    collections::Shelf,
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
use passerelle_wire_ical::{CalendarObject, Stamp, Utc, Zone};
use passerelle_wire_jscalendar::{Entry, patched, utc_text};
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Own {
    #[serde(default)]
    send_scheduling_messages: bool,
}

pub(crate) async fn set_events(desk: &mut Desk<'_>, arguments: With<Set, Own>) -> Result<Value, MethodError> {
    let messages = if arguments.own.send_scheduling_messages { Messages::Sent } else { Messages::None };
    set(desk, What::Events, arguments.common, messages).await
}

/// Of tasks and notes nobody is told: scheduling is of events.
pub(crate) async fn set_quietly(desk: &mut Desk<'_>, what: What, arguments: Set) -> Result<Value, MethodError> {
    set(desk, what, arguments, Messages::None).await
}

async fn set(desk: &mut Desk<'_>, what: What, arguments: Set, messages: Messages) -> Result<Value, MethodError> {
    enter(desk, &arguments.account_id).await?;
    let old_state = desk.items_state(what).await?.to_text();
    arguments.check(&old_state)?;
    let mut done = Done::default();
    for (name, object) in arguments.create.unwrap_or_default() {
        match make(desk, what, object, messages).await {
            Ok((id, value)) => done.created(desk, &name, id.to_string(), value),
            Err(error) => done.not_created(desk, &name, &error),
        }
    }
    for (id, patch) in arguments.update.unwrap_or_default() {
        match change(desk, what, &id, &patch, messages).await {
            Ok(more) => done.updated(id, more),
            Err(error) => done.not_updated(desk, &id, &error),
        }
    }
    for id in arguments.destroy.unwrap_or_default() {
        match remove(desk, what, &id, messages).await {
            Ok(()) => done.destroyed(id),
            Err(error) => done.not_destroyed(desk, &id, &error),
        }
    }
    desk.look_again();
    // What was done is told, also where the store is gone by now: from such a state changes cannot be told.
    let now = desk.items_state(what).await;
    let new_state = now.map_or_else(|_| UNKNOWN_STATE.to_owned(), |it| it.to_text());
    Ok(done.answer(&arguments.account_id, &old_state, &new_state))
}

/// Makes an object; its id, and what the client does not know of it.
async fn make(
    desk: &mut Desk<'_>,
    what: What,
    object: Value,
    messages: Messages,
) -> Result<(EventId, Value), SetError> {
    let Value::Object(said) = object else { return Err(SetError::new("invalidProperties")) };
    let mut draft = Draft::of(what, said.clone(), |id| desk.meant(id).map(str::to_owned))?;
    let calendar = draft.calendar(what)?;
    if draft.object.get("@type").is_some_and(|kind| kind != what.type_name()) {
        return Err(SetError::properties(&["@type"], format!("each one made here is of type {}", what.type_name())));
    }
    let name = calendar_name(desk, what, calendar).await?;
    let handle = desk.collection::<Add>(FAMILY, &name).await?;
    let now = Utc::of(handle.now().0);
    draft.complete(what, now)?;
    let octets = Entry::made(&draft.object, now, PRODUCT).map_err(|it| refused(what, &it))?;
    let id = put(desk, calendar, &name, octets.clone(), messages).await?;
    let told = told(desk, what, &id, calendar, &octets)?;
    // What the client has said it knows.
    let more: Map<String, Value> =
        told.into_iter().filter(|(property, value)| said.get(property) != Some(value)).collect();
    Ok((id, more.into()))
}

/// An object as it is told just after it was written.
fn told(
    desk: &Desk<'_>,
    what: What,
    id: &EventId,
    collection: CollectionId,
    octets: &[u8],
) -> Result<Map<String, Value>, SetError> {
    let shown = Shown {
        what,
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
pub(super) async fn calendar_name(desk: &mut Desk<'_>, what: What, id: CollectionId) -> Result<String, SetError> {
    let calendars = desk.collections(FAMILY, Telling::Facts).await?;
    let none = || SetError::properties(&[what.place()], what.no_such_place());
    let seen = calendars.get(id).filter(|seen| Shelf::from(what).has(seen));
    Ok(seen.ok_or_else(none)?.at.name().to_owned())
}

/// The object of an id.
async fn found(desk: &mut Desk<'_>, id: &str) -> Result<(EventId, Stored), SetError> {
    let missing = || SetError::new("notFound");
    let id = desk.meant(id).and_then(EventId::parse).ok_or_else(missing)?;
    let object = stored(desk, std::slice::from_ref(&id)).await?.remove(&id.item.to_string()).ok_or_else(missing)?;
    Ok((id, object))
}

/// What is in an object; of an instance its recurrence id.
fn entry<'o>(what: What, object: &'o Stored, id: &EventId) -> Result<(Entry<'o>, Option<Stamp>), SetError> {
    let missing = || SetError::new("notFound");
    let entry = Entry::read(&object.item.content, Zone::utc()).ok().flatten();
    let is_it = |entry: &Entry<'_>| entry.kind() == what.kind() && (id.instance.is_none() || what.has_instances());
    let entry = entry.filter(is_it).ok_or_else(missing)?;
    let instance = match id.instance {
        None => None,
        Some(local) => {
            let stamp = Stamp { local, form: entry.form().ok_or_else(missing)? };
            Some(entry.occurrence(stamp).map(|_| stamp).ok_or_else(missing)?)
        }
    };
    Ok((entry, instance))
}

async fn change(
    desk: &mut Desk<'_>,
    what: What,
    id: &str,
    patch: &Value,
    messages: Messages,
) -> Result<Value, SetError> {
    let patch = patch.as_object().ok_or_else(|| SetError::new("invalidPatch"))?;
    let (id, object) = found(desk, id).await?;
    let (entry, instance) = entry(what, &object, &id)?;
    let handle = desk.collection::<Edit>(FAMILY, &object.calendar).await?;
    if object.hides {
        return Err(SetError::saying("forbidden", "it is private, and more of it than is told here would be lost"));
    }
    let whole = entry.whole();
    let mut before = what.told(match instance {
        Some(stamp) => entry.instance(&whole, stamp),
        None => whole.clone(),
    });
    before.insert(what.place().to_owned(), what.placed(object.collection));
    if what == What::Notes && patch.get("revision").is_some_and(|seen| *seen != revision(&object)) {
        return Err(SetError::saying("stateMismatch", "it has been changed since it was read"));
    }
    let after =
        patched(&before, patch).map_err(|path| SetError::saying("invalidPatch", format!("{path} leads nowhere")))?;
    let draft = Draft::of(what, after.clone(), |id| desk.meant(id).map(str::to_owned))?;
    let calendar = draft.calendar(what)?;
    let now = Utc::of(handle.now().0);
    let mut new = match instance {
        Some(_) if calendar != object.collection => {
            return Err(SetError::properties(&[what.place()], "an instance lies where its series does"));
        }
        Some(stamp) => entry.with_instance(&whole, stamp, Some(&draft.object)).map_err(|it| refused(what, &it))?,
        None => draft.object,
    };
    let updated = json!(utc_text(now));
    new.insert("updated".to_owned(), updated.clone());
    let octets = entry.changed(&new).map_err(|it| refused(what, &it))?;
    let mut more = followed(what, &octets, instance, &after);
    more.insert("updated".to_owned(), updated);
    let object_read = CalendarObject::read(&octets, Zone::utc());
    let fit = object_read.map_err(|wrong| wrong.what).and_then(|it| it.fit().map(drop).map_err(|unfit| unfit.what));
    fit.map_err(|what| SetError::saying("invalidProperties", what))?;
    if calendar != object.collection {
        if messages == Messages::Sent && patch.keys().any(|path| !path.starts_with(what.place())) {
            return Err(SetError::properties(&[what.place()], "what others hear of is changed first, and then moved"));
        }
        let target = calendar_name(desk, what, calendar).await?;
        let leaves = desk.collection::<Remove>(FAMILY, &object.calendar).await?;
        let moved = put(desk, calendar, &target, octets, Messages::None).await?;
        leaves
            .remove(&object.name, &Precondition::Matches(vec![object.item.etag.as_str().to_owned()]))
            .await
            .map_err(|it| SetError::from(it).partly())?;
        more.insert("id".to_owned(), json!(moved.to_string()));
        return Ok(more.into());
    }
    written::replace(desk, &object, Bytes::from(octets), messages).await?;
    Ok(more.into())
}

/// What of a task has followed from what a client has said: one that is completed says when, and that it is wholly so.
fn followed(what: What, octets: &[u8], instance: Option<Stamp>, said: &Map<String, Value>) -> Map<String, Value> {
    let entry = Entry::read(octets, Zone::utc()).ok().flatten().filter(|_| what == What::Tasks);
    let Some(entry) = entry else { return Map::new() };
    let whole = entry.whole();
    let now = instance.map_or_else(|| whole.clone(), |stamp| entry.instance(&whole, stamp));
    let names = ["progress", "percentComplete", "progressUpdated", "recurrenceOverrides"];
    let others = names.into_iter().filter(|name| now.get(*name) != said.get(*name));
    others.map(|name| (name.to_owned(), now.get(name).cloned().unwrap_or_default())).collect()
}

async fn remove(desk: &mut Desk<'_>, what: What, id: &str, messages: Messages) -> Result<(), SetError> {
    let (id, object) = found(desk, id).await?;
    let (entry, instance) = entry(what, &object, &id)?;
    let Some(stamp) = instance else {
        return written::remove(desk, &object, messages).await;
    };
    let handle = desk.collection::<Edit>(FAMILY, &object.calendar).await?;
    if object.hides {
        return Err(SetError::saying("forbidden", "it is private, and more of it than is told here would be lost"));
    }
    let mut new = entry.with_instance(&entry.whole(), stamp, None).map_err(|it| refused(what, &it))?;
    new.insert("updated".to_owned(), json!(utc_text(Utc::of(handle.now().0))));
    let octets = entry.changed(&new).map_err(|it| refused(what, &it))?;
    written::replace(desk, &object, Bytes::from(octets), messages).await
}
