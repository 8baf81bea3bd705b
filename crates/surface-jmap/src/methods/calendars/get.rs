//! `CalendarEvent/get` (draft-ietf-jmap-calendars §5.9), and `Task/get` and `Note/get`, which are the same of tasks and notes.

use super::id::EventId;
use super::stored::{Stored, stored};
use super::{FAMILY, What, enter};
use crate::{
    collections::unless_away,
    desk::Desk,
    error::MethodError,
    id::CollectionId,
    limits::MOST_GOT,
    methods::{Get, arguments::With, check_count, distinct},
};
use passerelle_core::{ports::Telling, seal};
use passerelle_wire_ical::{Occurrence, Stamp, Utc, Zone};
use passerelle_wire_jscalendar::{Entry, read_local, read_utc, utc_text};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Longest preview, in octets.
const LONGEST_PREVIEW: usize = 256;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Own {
    #[serde(default)]
    recurrence_overrides_before: Option<String>,
    #[serde(default)]
    recurrence_overrides_after: Option<String>,
    #[serde(default)]
    reduce_participants: bool,
    #[serde(default)]
    time_zone: Option<String>,
}

/// How objects are told.
pub(super) struct Shown<'a> {
    pub(super) what: What,
    /// The properties that are wanted; all but those that are asked for without.
    pub(super) wanted: Option<&'a [String]>,
    pub(super) before: Option<Utc>,
    pub(super) after: Option<Utc>,
    pub(super) reduces: bool,
    /// Of times that say none.
    pub(super) floating: Zone,
    /// The addresses of whoever asks.
    pub(super) me: Vec<String>,
}

pub(crate) async fn get(desk: &mut Desk<'_>, what: What, arguments: With<Get, Own>) -> Result<Value, MethodError> {
    let With { common: Get { account_id, ids, properties }, own } = arguments;
    enter(desk, &account_id).await?;
    if let Some(unknown) = properties.iter().flatten().find(|it| !what.has(it)) {
        return Err(MethodError::invalid(format!("there is no property {unknown}")));
    }
    let moment = |said: &Option<String>| match said {
        None => Ok(None),
        Some(text) => read_utc(text).map(Some).ok_or_else(|| MethodError::invalid("it is a time in UTC")),
    };
    let telling = Shown {
        what,
        wanted: properties.as_deref(),
        before: moment(&own.recurrence_overrides_before)?,
        after: moment(&own.recurrence_overrides_after)?,
        reduces: own.reduce_participants,
        floating: zone(own.time_zone.as_deref())?,
        me: addresses(desk)?,
    };
    let ids = match ids {
        Some(ids) => ids,
        None => all(desk, what).await?,
    };
    check_count(ids.len())?;
    let ids = distinct(ids);
    let meant: Vec<Option<EventId>> = ids.iter().map(|id| desk.meant(id).and_then(EventId::parse)).collect();
    let known: Vec<EventId> = meant.iter().flatten().cloned().collect();
    let objects = stored(desk, &known).await?;
    let (mut list, mut missing) = (Vec::new(), Vec::new());
    for (said, id) in ids.into_iter().zip(meant) {
        let object = id.as_ref().and_then(|id| objects.get(&id.item.to_string()));
        let told = object.zip(id.as_ref()).and_then(|(object, id)| telling.object(object, id));
        match told {
            Some(object) => list.push(object),
            None => missing.push(said),
        }
    }
    let state = desk.items_state(what).await?.to_text();
    Ok(json!({ "accountId": account_id, "state": state, "list": list, "notFound": missing }))
}

/// The zone of an argument; UTC where nothing is said.
pub(super) fn zone(name: Option<&str>) -> Result<Zone, MethodError> {
    let unknown = || MethodError::invalid("timeZone is none of IANA's database");
    name.map_or_else(|| Ok(Zone::utc()), |name| Zone::iana(name).ok_or_else(unknown))
}

/// The calendar user addresses of whoever asks.
pub(super) fn addresses(desk: &Desk<'_>) -> Result<Vec<String>, MethodError> {
    let mails = &desk.session.principal()?.person().mails;
    Ok(mails.iter().map(|mail| format!("mailto:{}", mail.to_lowercase())).collect())
}

/// Which octets of its object a note was told by: other ones have another (RFC 9110 §8.8.1).
pub(super) fn revision(object: &Stored) -> String {
    seal::hex(Sha256::digest(object.item.etag.as_str()).get(..12).unwrap_or_default())
}

/// The beginning of a note's text, without blank lines: what a list of notes shows.
fn preview(told: &Map<String, Value>) -> String {
    let body = told.get("body").and_then(Value::as_str).unwrap_or_default();
    let mut text = String::new();
    for line in body.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let gap = if text.is_empty() { "" } else { "\n" };
        text.extend([gap, line]);
        if text.len() > LONGEST_PREVIEW {
            break;
        }
    }
    text.truncate(text.floor_char_boundary(LONGEST_PREVIEW));
    text
}

/// The ids of all of a type, where they are few.
async fn all(desk: &mut Desk<'_>, what: What) -> Result<Vec<String>, MethodError> {
    let calendars = desk.collections(FAMILY, Telling::Facts).await?;
    let mut ids = Vec::new();
    for (id, seen) in calendars.readable(what) {
        let Some(handle) = super::stored::readable(desk, id).await? else { continue };
        for item in unless_away(seen, handle.items().await)?.unwrap_or_default() {
            ids.push(EventId::of(id, &item.name, None).to_string());
        }
        if ids.len() > MOST_GOT {
            return Err(MethodError::new("requestTooLarge"));
        }
    }
    // Others lie among them, and are not asked for.
    let known: Vec<EventId> = ids.iter().filter_map(|id| EventId::parse(id)).collect();
    let objects = stored(desk, &known).await?;
    ids.retain(|id| objects.get(id).is_some_and(|object| object.is(what)));
    Ok(ids)
}

impl Shown<'_> {
    /// An object as it is told; nothing of what is another type's, and of an instance that is not there.
    pub(super) fn object(&self, object: &Stored, id: &EventId) -> Option<Value> {
        let entry = Entry::read(&object.item.content, self.floating.clone()).ok()??;
        let is_it = entry.kind() == self.what.kind() && (id.instance.is_none() || self.what.has_instances());
        if !is_it {
            return None;
        }
        let whole = entry.whole();
        let (told, occurrence) = match id.instance {
            None => (whole, None),
            Some(local) => {
                let stamp = Stamp { local, form: entry.form()? };
                let occurrence = entry.occurrence(stamp)?;
                (entry.instance(&whole, stamp), Some(occurrence))
            }
        };
        let mut told = self.shown(&entry, told, object.collection, id, occurrence);
        if self.what == What::Notes && self.wants("revision") {
            told.insert("revision".to_owned(), json!(revision(object)));
        }
        Some(told.into())
    }

    /// An object as a whole.
    pub(super) fn whole(&self, entry: &Entry<'_>, collection: CollectionId, id: &EventId) -> Map<String, Value> {
        self.shown(entry, entry.whole(), collection, id, None)
    }

    fn shown(
        &self,
        entry: &Entry<'_>,
        told: Map<String, Value>,
        collection: CollectionId,
        id: &EventId,
        occurrence: Option<Occurrence>,
    ) -> Map<String, Value> {
        let what = self.what;
        let mut told = what.told(told);
        let organizer = told.get("organizerCalendarAddress").and_then(Value::as_str).map(str::to_lowercase);
        let (start, end) = match occurrence {
            Some(it) => (Some(it.start), Some(it.end)),
            None => entry.span(),
        };
        // An instance of a task without a due time ends when it begins.
        let end = end.filter(|_| what == What::Events || told.contains_key("due"));
        for name in what.own() {
            let value = match *name {
                "id" => json!(id.to_string()),
                "isOrigin" => json!(organizer.as_ref().is_none_or(|it| self.me.contains(it))),
                "utcStart" => json!(start.map(utc_text)),
                "utcEnd" | "utcDue" => json!(end.map(utc_text)),
                "baseEventId" | "baseTaskId" => json!(id.instance.map(|_| id.item.to_string())),
                "preview" => json!(preview(&told)),
                name if name == what.place() => what.placed(collection),
                // Which octets they are is known where they lie.
                "revision" => continue,
                // What else there is, is a flag that is never set.
                _ => json!(false),
            };
            told.insert((*name).to_owned(), value);
        }
        self.limit(entry, &mut told);
        told.retain(|name, _| self.wants(name));
        told
    }

    /// Whether a property is told: what is the same as others in UTC only where it is asked for.
    fn wants(&self, name: &str) -> bool {
        match self.wanted {
            Some(wanted) => name == "id" || wanted.iter().any(|it| it == name),
            None => !matches!(name, "utcStart" | "utcEnd" | "utcDue"),
        }
    }

    /// Leaves out overrides of other times, and people who are neither the organizer nor whoever asks.
    fn limit(&self, entry: &Entry<'_>, event: &mut Map<String, Value>) {
        let moment = |name: &str| Some(entry.moment(Stamp { local: read_local(name)?, form: entry.form()? }));
        if let Some(all) = event.get_mut("recurrenceOverrides").and_then(Value::as_object_mut) {
            all.retain(|name, _| {
                let at = moment(name);
                self.before.is_none_or(|before| at.is_none_or(|at| at < before))
                    && self.after.is_none_or(|after| at.is_none_or(|at| at >= after))
            });
        }
        if self.reduces
            && let Some(all) = event.get_mut("participants").and_then(Value::as_object_mut)
        {
            all.retain(|_, person| {
                let owns = person.get("roles").and_then(|roles| roles.get("owner")).is_some();
                let address = person.get("calendarAddress").and_then(Value::as_str).map(str::to_lowercase);
                owns || address.is_some_and(|it| self.me.contains(&it))
            });
        }
    }
}
