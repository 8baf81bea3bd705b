//! `CalendarEvent/copy` (draft-ietf-jmap-calendars §5.14) and `Task/copy`, `Note/copy`: from one account to another, or from one calendar to another.

use super::draft::{Draft, refused};
use super::id::EventId;
use super::set::{calendar_name, put};
use super::stored::stored;
use super::written::Messages;
use super::{What, enter};
use crate::{
    desk::Desk,
    error::{MethodError, SetError},
    methods::set::{Copying, Done},
    state::UNKNOWN_STATE,
};
use passerelle_wire_ical::Zone;
use passerelle_wire_jscalendar::Entry;
use serde_json::{Value, json};

pub(crate) async fn copy(desk: &mut Desk<'_>, what: What, mut arguments: Copying) -> Result<Value, MethodError> {
    arguments.check_count()?;
    let (from, to) = (arguments.from_account_id.clone(), arguments.account_id.clone());
    enter(desk, &to).await?;
    let old_state = desk.items_state(what).await?.to_text();
    enter(desk, &from).await.map_err(|_| MethodError::new("fromAccountNotFound"))?;
    let from_state = desk.items_state(what).await?.to_text();
    arguments.check(&from_state, &old_state)?;
    let (mut done, mut originals) = (Done::default(), Vec::new());
    for (name, event) in std::mem::take(&mut arguments.create) {
        match one(desk, what, &from, &to, event).await {
            Ok((original, id)) => {
                originals.push(original);
                done.created(desk, &name, id.to_string(), json!({ "id": id.to_string() }));
            }
            Err(error) => done.not_created(desk, &name, &error),
        }
    }
    desk.follow_up = arguments.destroying(&originals).map(|arguments| (what.set(), arguments));
    desk.look_again();
    let new_state = match enter(desk, &to).await {
        Ok(()) => desk.items_state(what).await.map(|it| it.to_text()).ok(),
        Err(_) => None,
    };
    let new_state = new_state.unwrap_or_else(|| UNKNOWN_STATE.to_owned());
    Ok(done.copied(&from, &to, &old_state, &new_state))
}

/// Copies one; the id of its original and its own.
async fn one(
    desk: &mut Desk<'_>,
    what: What,
    from: &str,
    to: &str,
    event: Value,
) -> Result<(String, EventId), SetError> {
    let gone = |_: MethodError| SetError::saying("forbidden", "it is shared no more");
    let Value::Object(mut said) = event else { return Err(SetError::new("invalidProperties")) };
    let original = said.remove("id");
    let original = original.as_ref().and_then(Value::as_str).and_then(|id| desk.meant(id)).map(str::to_owned);
    let original = original.ok_or_else(|| SetError::properties(&["id"], "whose copy it is, is not said"))?;
    enter(desk, from).await.map_err(gone)?;
    let missing = || SetError::new("notFound");
    let id = EventId::parse(&original).filter(|id| id.instance.is_none()).ok_or_else(missing)?;
    let object = stored(desk, std::slice::from_ref(&id)).await?.remove(&id.item.to_string()).ok_or_else(missing)?;
    if object.hides {
        return Err(SetError::saying("forbidden", "it is private"));
    }
    enter(desk, to).await.map_err(gone)?;
    let entry = Entry::read(&object.item.content, Zone::utc()).ok().flatten();
    let entry = entry.filter(|it| it.kind() == what.kind()).ok_or_else(missing)?;
    let mut whole = what.told(entry.whole());
    whole.extend(said);
    let draft = Draft::of(what, whole, |id| desk.meant(id).map(str::to_owned))?;
    let calendar = draft.calendar(what)?;
    let name = calendar_name(desk, what, calendar).await?;
    let octets = entry.changed(&draft.object).map_err(|it| refused(what, &it))?;
    Ok((original, put(desk, calendar, &name, octets, Messages::None).await?))
}
