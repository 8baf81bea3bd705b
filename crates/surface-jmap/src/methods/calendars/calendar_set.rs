//! `Calendar/set` (draft-ietf-jmap-calendars §4.3), `TaskList/set` and `Notebook/set`.

use super::{
    FAMILY, What,
    calendar_get::{place, table},
    enter, stored,
};
use crate::{
    collections::Shelf,
    desk::Desk,
    error::{MethodError, SetError},
    id::CollectionId,
    methods::{
        arguments::With,
        set::{Done, Set},
        sharing::{Change as Sharing, Stopped},
    },
    state::UNKNOWN_STATE,
};
use passerelle_core::{
    Error, Manage, Read, Result as CoreResult,
    ports::{CollectionFacts, ComponentKind, Telling},
    seal,
};
use passerelle_model::{CollectionRef, InboxRef};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Longest name and description, in octets.
const LONGEST: usize = 1_024;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Own {
    /// Whether the events of a calendar may go with it.
    #[serde(default)]
    on_destroy_remove_events: bool,
    #[serde(default)]
    on_success_set_is_default: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct OfLists {
    /// Whether the tasks of a list may go with it.
    #[serde(default)]
    on_destroy_remove_tasks: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct OfNotebooks {
    /// Whether the notes of a notebook may go with it.
    #[serde(default)]
    on_destroy_remove_notes: bool,
}

/// What becomes of what is in a collection that is destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// It goes too.
    Goes,
    /// Where there is anything, nothing is done.
    Stays,
}

impl Inside {
    fn of(goes: bool) -> Self {
        if goes { Self::Goes } else { Self::Stays }
    }
}

pub(crate) async fn set(desk: &mut Desk<'_>, arguments: With<Set, Own>) -> Result<Value, MethodError> {
    let With { common, own } = arguments;
    let default = own.on_success_set_is_default.as_deref();
    run(desk, What::Events, common, Inside::of(own.on_destroy_remove_events), default).await
}

pub(crate) async fn set_lists(desk: &mut Desk<'_>, arguments: With<Set, OfLists>) -> Result<Value, MethodError> {
    let With { common, own } = arguments;
    run(desk, What::Tasks, common, Inside::of(own.on_destroy_remove_tasks), None).await
}

pub(crate) async fn set_notebooks(
    desk: &mut Desk<'_>,
    arguments: With<Set, OfNotebooks>,
) -> Result<Value, MethodError> {
    let With { common, own } = arguments;
    run(desk, What::Notes, common, Inside::of(own.on_destroy_remove_notes), None).await
}

async fn run(
    desk: &mut Desk<'_>,
    what: What,
    arguments: Set,
    inside: Inside,
    default: Option<&str>,
) -> Result<Value, MethodError> {
    enter(desk, &arguments.account_id).await?;
    if default.is_some() && !desk.is_own() {
        return Err(MethodError::invalid("where somebody's invitations go is for them to say"));
    }
    let old_state = desk.collections(FAMILY, Telling::Facts).await?.state(what).to_text();
    arguments.check(&old_state)?;
    let mut done = Done::default();
    for (name, calendar) in arguments.create.unwrap_or_default() {
        match make(desk, what, &calendar).await {
            Ok((id, told)) => done.created(desk, &name, id.to_string(), told),
            Err(error) => done.not_created(desk, &name, &error),
        }
    }
    for (id, patch) in arguments.update.unwrap_or_default() {
        match change(desk, what, &id, &patch).await {
            Ok(more) => done.updated(id, more),
            Err(error) => done.not_updated(desk, &id, &error),
        }
    }
    for id in arguments.destroy.unwrap_or_default() {
        match remove(desk, what, &id, inside).await {
            Ok(()) => done.destroyed(id),
            Err(error) => done.not_destroyed(desk, &id, &error),
        }
    }
    desk.look_again();
    if let Some(id) = default.filter(|_| done.is_whole()) {
        // What was made is told all the same.
        if let Err(error) = choose_default(desk, id).await {
            SetError::from(error).note(desk.request);
        }
    }
    // What was done is told, also where the store is gone by now: from such a state changes cannot be told.
    let now = desk.collections(FAMILY, Telling::Facts).await;
    let new_state = now.map_or_else(|_| UNKNOWN_STATE.to_owned(), |it| it.state(what).to_text());
    Ok(done.answer(&arguments.account_id, &old_state, &new_state))
}

async fn make(desk: &mut Desk<'_>, what: What, calendar: &Value) -> Result<(CollectionId, Value), SetError> {
    let said = calendar.as_object().ok_or_else(|| SetError::new("invalidProperties"))?;
    let (mut facts, sharing) = said_of(what, said)?;
    if facts.display_name.as_deref().is_none_or(str::is_empty) {
        return Err(SetError::properties(&["name"], "it has a name"));
    }
    // What is made as a calendar holds tasks too, as other programs expect of one; what is made as a list or a notebook holds nothing else.
    facts.components = match what {
        What::Events => None,
        What::Tasks => Some(vec![ComponentKind::Task]),
        What::Notes => Some(vec![ComponentKind::Journal]),
    };
    // What people call it may change; where it is may not.
    let name = seal::random_hex::<8>()?;
    let id = CollectionId::of(&name);
    let handle = desk.collection::<Manage>(FAMILY, &name).await?;
    // What may be wrong with who is to have it is found before it is made.
    let wanted = sharing.resolve(desk, &place(&name), table(what)).await?;
    handle.make(&facts).await?;
    desk.look_again();
    let mut told = json!({ "id": id.to_string() });
    if let Err(stopped) = wanted.apply(desk, &place(&name), table(what), true).await {
        // It is made: that is told, and whom it is shared with as it is (RFC 8620 §5.3).
        stopped.why.note(desk.request);
        told = json!({ "id": id.to_string(), "shareWith": stopped.now });
    }
    Ok((id, told))
}

/// What was changed that the client does not know.
async fn change(desk: &mut Desk<'_>, what: What, id: &str, patch: &Value) -> Result<Value, SetError> {
    let said = patch.as_object().ok_or_else(|| SetError::new("invalidPatch"))?;
    let name = found(desk, what, id).await?;
    let (facts, sharing) = said_of(what, said)?;
    if said.get("name").is_some_and(|name| name.as_str().is_none_or(str::is_empty)) {
        return Err(SetError::properties(&["name"], "it has a name"));
    }
    let handle = desk.collection::<Manage>(FAMILY, &name).await?;
    let wanted = sharing.resolve(desk, &place(&name), table(what)).await?;
    let changes_facts = facts != CollectionFacts::default();
    if changes_facts {
        handle.change(&facts).await?;
    }
    desk.look_again();
    match wanted.apply(desk, &place(&name), table(what), changes_facts).await {
        Ok(()) => Ok(Value::Null),
        Err(Stopped { why, now: None }) => Err(why),
        Err(Stopped { why, now: Some(now) }) => {
            why.note(desk.request);
            Ok(json!({ "shareWith": now }))
        }
    }
}

async fn remove(desk: &mut Desk<'_>, what: What, id: &str, inside: Inside) -> Result<(), SetError> {
    let name = found(desk, what, id).await?;
    let handle = desk.collection::<Manage>(FAMILY, &name).await?;
    if handle.target().elsewhere().is_some() {
        // What is in it is not taken away, and its server need not be there for that.
        handle.delete().await?;
        desk.look_again();
        return Ok(());
    }
    let read = desk.collection::<Read>(FAMILY, &name).await?;
    let items = read.items().await?;
    if !items.is_empty() && inside == Inside::Stays {
        return Err(SetError::new(match what {
            What::Events => "calendarHasEvent",
            What::Tasks => "taskListHasTask",
            What::Notes => "notebookHasNote",
        }));
    }
    // A calendar is known to have events in it; who looks at tasks or notes alone does not see what would go.
    if what != What::Events && !stored::all_are(&read, what, &items).await? {
        return Err(SetError::saying("forbidden", "it holds other things too: it can be destroyed as a calendar"));
    }
    handle.delete().await?;
    desk.look_again();
    Ok(())
}

/// Lets invitations go to a calendar. One that cannot take them stays what it is, which a client sees by `isDefault`.
async fn choose_default(desk: &mut Desk<'_>, id: &str) -> CoreResult<()> {
    let Ok(name) = found(desk, What::Events, id).await else { return Ok(()) };
    let owner = desk.owner()?;
    let Ok(calendar) = CollectionRef::parse(owner.clone(), FAMILY, &name) else { return Ok(()) };
    match desk.session.open::<_, Manage>(InboxRef(owner)).await?.choose_default(Some(&calendar)).await {
        Err(Error::Invalid { .. }) => Ok(()),
        chosen => chosen,
    }
}

/// The name in addresses of a calendar that is there.
async fn found(desk: &mut Desk<'_>, what: What, id: &str) -> Result<String, SetError> {
    let calendars: CoreResult<_> = desk.collections(FAMILY, Telling::Facts).await;
    let calendars = calendars?;
    let seen = desk.meant(id).and_then(CollectionId::parse).and_then(|id| calendars.get(id));
    let seen = seen.filter(|seen| Shelf::from(what).has(seen));
    Ok(seen.ok_or_else(|| SetError::new("notFound"))?.at.name().to_owned())
}

/// What a client says of a calendar, as its store keeps it, and with whom it is to be shared; null takes away.
fn said_of(what: What, said: &Map<String, Value>) -> Result<(CollectionFacts, Sharing), SetError> {
    let (mut facts, mut sharing) = (CollectionFacts::default(), Sharing::default());
    for (property, value) in said {
        if sharing.take(property, value)? {
            continue;
        }
        let wrong = |why: &str| SetError::properties(&[property], why);
        let text = || match value {
            Value::Null => Ok(Some(String::new())),
            Value::String(text) if text.len() <= LONGEST && !text.contains('\0') => Ok(Some(text.clone())),
            _ => Err(wrong("it is a text of 1,024 octets at most")),
        };
        match (property.as_str(), value) {
            ("name", _) => facts.display_name = text()?,
            ("description", _) => facts.description = text()?,
            ("color", Value::Null) => facts.colour = Some(String::new()),
            ("color", Value::String(colour)) if is_colour(colour) => facts.colour = Some(colour.clone()),
            ("color", _) => return Err(wrong("it is #rrggbb here")),
            ("sortOrder", order) => {
                let order = order.as_u64().and_then(|it| u32::try_from(it).ok());
                facts.order = Some(order.ok_or_else(|| wrong("it is a number"))?.to_string());
            }
            // What everybody is told, said back.
            ("isSubscribed", Value::Bool(true)) => {}
            ("role", Value::Null) if what == What::Tasks => {}
            _ if what == What::Tasks => return Err(wrong("it cannot be said of a task list here")),
            _ if what == What::Notes => return Err(wrong("it cannot be said of a notebook here")),
            ("includeInAvailability", Value::String(which)) if which == "all" => facts.is_transparent = Some(false),
            ("includeInAvailability", Value::String(which)) if which == "none" => facts.is_transparent = Some(true),
            ("isVisible", Value::Bool(true)) => {}
            ("defaultAlertsWithTime" | "defaultAlertsWithoutTime", Value::Null) => {}
            _ => return Err(wrong("it cannot be said of a calendar here")),
        }
    }
    Ok((facts, sharing))
}

/// `#rrggbb`
fn is_colour(text: &str) -> bool {
    text.len() == 7 && text.strip_prefix('#').is_some_and(|digits| digits.bytes().all(|it| it.is_ascii_hexdigit()))
}
