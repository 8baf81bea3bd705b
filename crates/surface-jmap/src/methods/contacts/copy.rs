//! `ContactCard/copy` (RFC 8620 §5.4, RFC 9610 §3.6): a card of one account as a card of another. Its lines are the original's.

use super::{
    cards::{Card, item, place},
    directory,
    put::{add, book_of, changed, unkept},
};
use crate::{
    desk::Desk,
    error::{MethodError, SetError},
    id::ItemId,
    methods::{
        principal::Directory,
        set::{Copying, Done},
    },
    shares::Kept,
    state::UNKNOWN_STATE,
};
use passerelle_model::CollectionFamily;
use passerelle_wire_jscontact::{Contact, made};
use serde_json::{Map, Value, json};

const CONTACTS: Kept = Kept::Collections(CollectionFamily::Contacts);

pub(crate) async fn copy(desk: &mut Desk<'_>, mut arguments: Copying) -> Result<Value, MethodError> {
    arguments.check_count()?;
    let (from, to) = (arguments.from_account_id.clone(), arguments.account_id.clone());
    if directory::entered(desk.session, &to).await?.is_some() {
        return Err(MethodError::new("accountReadOnly"));
    }
    desk.enter_for(&to, CONTACTS).await?;
    let old_state = desk.items_state(CollectionFamily::Contacts).await?.to_text();
    let directory = directory::entered(desk.session, &from).await?;
    if directory.is_none() {
        desk.enter_for(&from, CONTACTS).await.map_err(MethodError::of_the_other)?;
    }
    let from_state = match directory {
        Some(_) => directory::STATE.to_owned(),
        None => desk.items_state(CollectionFamily::Contacts).await?.to_text(),
    };
    arguments.check(&from_state, &old_state)?;
    let (mut done, mut originals) = (Done::default(), Vec::new());
    for (name, card) in std::mem::take(&mut arguments.create) {
        match one(desk, (&from, directory.as_ref()), &to, &card).await {
            Ok((original, id)) => {
                originals.push(original);
                done.created(desk, &name, id.to_string(), json!({ "id": id.to_string() }));
            }
            Err(error) => done.not_created(desk, &name, &error),
        }
    }
    desk.follow_up = arguments.destroying(&originals).map(|arguments| ("ContactCard/set", arguments));
    desk.look_again();
    // What was done is told, also where the store is gone by now: from such a state changes cannot be told.
    let new_state = match desk.enter_for(&to, CONTACTS).await {
        Ok(()) => desk.items_state(CollectionFamily::Contacts).await.map(|it| it.to_text()).ok(),
        Err(_) => None,
    };
    Ok(done.copied(&from, &to, &old_state, &new_state.unwrap_or_else(|| UNKNOWN_STATE.to_owned())))
}

/// Copies one; the id of its original, and its own.
async fn one(
    desk: &mut Desk<'_>,
    (from, directory): (&str, Option<&Directory>),
    to: &str,
    card: &Value,
) -> Result<(String, ItemId), SetError> {
    let mut given = card.as_object().cloned().ok_or_else(|| SetError::new("invalidProperties"))?;
    let said = given.remove("id");
    let said = said.as_ref().and_then(Value::as_str);
    let said = said.ok_or_else(|| SetError::properties(&["id"], "whose copy it is, is not said"))?;
    let id = desk.meant(said).unwrap_or_default().to_owned();
    let missing = || SetError::new("notFound");
    if let Some(directory) = directory {
        let mut told = directory::person(desk.session, directory, &id).await?.ok_or_else(missing)?.alone();
        enter(desk, to).await?;
        let at = book_of(desk, &mut given)?;
        told.extend(given);
        let octets = made(&told).map_err(|it| unkept(&it))?;
        return Ok((id, add(desk, at, uid_of(&told), octets).await?));
    }
    enter(desk, from).await?;
    let original = ItemId::parse(&id).ok_or_else(missing)?;
    let (handle, name) = place(desk, &original).await?.ok_or_else(missing)?;
    let found = item(&handle, &name).await?.ok_or_else(missing)?;
    let contact = Contact::read(&found.content).map_err(|_| missing())?;
    let card = Card::of(&original, &found).ok_or_else(missing)?;
    enter(desk, to).await?;
    let at = book_of(desk, &mut given)?;
    let mut told = card.alone();
    told.extend(given);
    let octets = changed(&contact, &told)?;
    Ok((id, add(desk, at, uid_of(&told), octets).await?))
}

fn uid_of(told: &Map<String, Value>) -> &str {
    told.get("uid").and_then(Value::as_str).unwrap_or_default()
}

/// Goes to an account that was there when the call began.
async fn enter(desk: &mut Desk<'_>, account: &str) -> Result<(), SetError> {
    let gone = |_| SetError::saying("forbidden", "it is shared no more");
    desk.enter_for(account, CONTACTS).await.map_err(gone)
}
