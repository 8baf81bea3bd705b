//! `Calendar/get` (draft-ietf-jmap-calendars §4.1), `TaskList/get` and `Notebook/get`: the collections that may hold events, tasks, and notes. Many
//! are all of these, and have one id.

use super::{FAMILY, What, enter};
use crate::{
    collections::{Collections, Shelf},
    desk::Desk,
    error::MethodError,
    id::CollectionId,
    methods::{
        Get, check_count, distinct, properties,
        sharing::{self, Place, Table},
    },
};
use passerelle_core::{Lookup, SeenCollection, ports::Telling};
use passerelle_model::{InboxRef, Rights};
use passerelle_wire_ical::{Component, Zone};
use serde_json::{Map, Value, json};

/// What a client can ask for of a calendar.
const OF_CALENDARS: [&str; 14] = [
    "id",
    "name",
    "description",
    "color",
    "sortOrder",
    "isSubscribed",
    "isVisible",
    "isDefault",
    "includeInAvailability",
    "defaultAlertsWithTime",
    "defaultAlertsWithoutTime",
    "timeZone",
    "shareWith",
    "myRights",
];

/// What a client can ask for of a task list.
const OF_LISTS: [&str; 10] =
    ["id", "role", "name", "description", "color", "sortOrder", "isSubscribed", "timeZone", "shareWith", "myRights"];

/// What a client can ask for of a notebook.
const OF_NOTEBOOKS: [&str; 8] =
    ["id", "name", "description", "color", "sortOrder", "isSubscribed", "shareWith", "myRights"];

/// Who writes may add, change and remove.
const WRITES: Rights = Rights::EDIT.union(Rights::ADD).union(Rights::REMOVE);
/// What each of the rights on a calendar is here. Nobody has events of their own in a calendar of somebody else's.
const RIGHTS_ON_CALENDARS: Table = Table {
    rights: &[
        ("mayReadFreeBusy", Rights::FREEBUSY.union(Rights::LOOKUP)),
        ("mayReadItems", Rights::READ),
        ("mayWriteAll", WRITES),
        ("mayUpdatePrivate", Rights::EDIT),
        ("mayRSVP", Rights::EDIT),
        ("mayShare", Rights::MANAGE),
        ("mayDelete", Rights::MANAGE),
    ],
    never: Some("mayWriteOwn"),
};
/// The same of the rights on a task list.
const RIGHTS_ON_LISTS: Table = Table {
    rights: &[
        ("mayReadItems", Rights::READ),
        ("mayWriteAll", WRITES),
        ("mayUpdatePrivate", Rights::EDIT),
        ("mayRSVP", Rights::EDIT),
        ("mayAdmin", Rights::MANAGE),
        ("mayDelete", Rights::MANAGE),
    ],
    never: Some("mayWriteOwn"),
};

/// The same of the rights on a notebook.
const RIGHTS_ON_NOTEBOOKS: Table = Table {
    rights: &[
        ("mayReadItems", Rights::READ),
        ("mayWriteAll", WRITES),
        ("mayAdmin", Rights::MANAGE),
        ("mayDelete", Rights::MANAGE),
    ],
    never: None,
};

/// What the rights are called.
pub(super) fn table(what: What) -> Table {
    match what {
        What::Events => RIGHTS_ON_CALENDARS,
        What::Tasks => RIGHTS_ON_LISTS,
        What::Notes => RIGHTS_ON_NOTEBOOKS,
    }
}

pub(crate) async fn get(desk: &mut Desk<'_>, what: What, arguments: Get) -> Result<Value, MethodError> {
    enter(desk, &arguments.account_id).await?;
    let known: &[&str] = match what {
        What::Events => &OF_CALENDARS,
        What::Tasks => &OF_LISTS,
        What::Notes => &OF_NOTEBOOKS,
    };
    let wanted = properties(arguments.properties.as_ref(), known)?;
    let shelf = Shelf::from(what);
    let calendars = desk.collections(FAMILY, Telling::Facts).await?;
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    match arguments.ids {
        None => found.extend(calendars.iter().filter(|(_, seen)| shelf.has(seen))),
        Some(ids) => {
            check_count(ids.len())?;
            for id in distinct(ids) {
                let meant = desk.meant(&id).and_then(CollectionId::parse);
                match meant.and_then(|meant| Some((meant, calendars.get(meant).filter(|seen| shelf.has(seen))?))) {
                    Some(calendar) => found.push(calendar),
                    None => missing.push(id),
                }
            }
        }
    }
    let default = if what == What::Events { default_of(desk, &calendars).await? } else { None };
    let mut list = Vec::new();
    for (id, seen) in found {
        // With whom it is shared is told to who manages it.
        let manages = seen.rights.contains(Rights::MANAGE) && wanted.contains(&"shareWith");
        let share_with = if manages { place(seen.at.name()).share_with(desk, table(what)).await? } else { Value::Null };
        list.push(json_of(what, (id, seen), default == Some(id), &share_with, &wanted));
    }
    Ok(json!({
        "accountId": arguments.account_id,
        "state": calendars.state(shelf).to_text(),
        "list": list,
        "notFound": missing,
    }))
}

/// A calendar as what is shared.
pub(super) fn place(name: &str) -> Place {
    Place::Collection(FAMILY, name.to_owned())
}

/// The one that a new event goes into where a client asks nobody: of one's own calendars the one that invitations go to, of somebody else's the
/// first that may be written, by order and name.
async fn default_of(desk: &mut Desk<'_>, calendars: &Collections) -> Result<Option<CollectionId>, MethodError> {
    if !desk.is_own() {
        let shelf = Shelf::from(What::Events);
        let writable = calendars.iter().filter(|(_, seen)| shelf.has(seen) && seen.rights.contains(WRITES));
        return Ok(writable.min_by_key(|(_, seen)| (sort_order(seen), seen.at.name().to_owned())).map(|(id, _)| id));
    }
    let all: Vec<_> = calendars.iter().map(|(_, seen)| (seen.at.clone(), seen.collection.facts.clone())).collect();
    let inbox = desk.session.open::<_, Lookup>(InboxRef(desk.owner()?)).await?;
    Ok(inbox.default_among(&all).await?.map(|at| CollectionId::of(at.name())))
}

fn json_of(
    what: What,
    (id, seen): (CollectionId, &SeenCollection),
    is_default: bool,
    share_with: &Value,
    wanted: &[&str],
) -> Value {
    let facts = &seen.collection.facts;
    let mut told = Map::new();
    for property in wanted {
        let value = match *property {
            "id" => json!(id.to_string()),
            "name" => json!(facts.display_name.as_deref().filter(|it| !it.is_empty()).unwrap_or(seen.at.name())),
            "description" => json!(facts.description),
            // Clients of Apple's write how opaque it is behind it.
            "color" => json!(facts.colour.as_deref().map(|colour| colour.get(..7).unwrap_or(colour))),
            "sortOrder" => json!(sort_order(seen)),
            "isDefault" => json!(is_default),
            // All that there is is shown, in one's own home by CalDAV as well.
            "isSubscribed" | "isVisible" => json!(true),
            "includeInAvailability" => json!(if facts.is_transparent == Some(true) { "none" } else { "all" }),
            "timeZone" => json!(zone_of(seen).as_ref().and_then(Zone::iana_name)),
            "myRights" => my_rights(what, seen).into(),
            "shareWith" => share_with.clone(),
            _ => Value::Null,
        };
        told.insert((*property).to_owned(), value);
    }
    Value::Object(told)
}

/// What may be done with it. One from elsewhere is only read, and nobody has to keep it.
fn my_rights(what: What, seen: &SeenCollection) -> Map<String, Value> {
    let mut told = sharing::told(seen.rights, table(what));
    if seen.at.elsewhere().is_some() {
        told.insert("mayDelete".to_owned(), json!(true));
    }
    told
}

/// The zone of times in a calendar that say none, where it says one (RFC 4791 §5.2.2).
fn zone_of(seen: &SeenCollection) -> Option<Zone> {
    let text = seen.collection.facts.time_zone.as_deref()?;
    let calendar = Component::calendar(text.trim_start().as_bytes()).ok()?;
    let zone = calendar.components.iter().find(|it| it.is("VTIMEZONE"))?;
    zone.property("TZID").and_then(|id| Zone::named(&id.to_text()))
}

/// Its place among others, as clients of Apple's keep it.
fn sort_order(seen: &SeenCollection) -> u32 {
    seen.collection.facts.order.as_deref().and_then(|order| order.trim().parse().ok()).unwrap_or(0)
}
