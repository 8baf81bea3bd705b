//! `ContactCard/set` (RFC 9610 §3.5). A card that goes into another address book gets another id, which the answer tells.

use super::{
    cards::{Card, item, place},
    directory,
    put::{add, book_of, changed, check, fresh_uid, name_of_book, unkept, without_id},
};
use crate::{
    desk::Desk,
    error::{MethodError, SetError},
    id::ItemId,
    methods::{
        patch::patched,
        set::{Done, Set},
    },
    shares::Kept,
    state::UNKNOWN_STATE,
};
use bytes::Bytes;
use mail_parser::DateTime;
use passerelle_core::{Add, Edit, Error, Remove, ports::Precondition};
use passerelle_model::CollectionFamily;
use passerelle_wire_jscontact::{Contact, made};
use serde_json::{Value, json};

/// How often a change is begun anew because somebody else was quicker.
const TRIES: usize = 3;

pub(crate) async fn set(desk: &mut Desk<'_>, arguments: Set) -> Result<Value, MethodError> {
    if directory::entered(desk.session, &arguments.account_id).await?.is_some() {
        return Err(MethodError::new("accountReadOnly"));
    }
    desk.enter_for(&arguments.account_id, Kept::Collections(CollectionFamily::Contacts)).await?;
    let old_state = desk.items_state(CollectionFamily::Contacts).await?.to_text();
    arguments.check(&old_state)?;
    let mut done = Done::default();
    for (name, card) in arguments.create.unwrap_or_default() {
        match make(desk, &card).await {
            Ok((id, value)) => done.created(desk, &name, id.to_string(), value),
            Err(error) => done.not_created(desk, &name, &error),
        }
    }
    for (id, patch) in arguments.update.unwrap_or_default() {
        match change(desk, &id, &patch).await {
            Ok(more) => done.updated(id, more),
            Err(error) => done.not_updated(desk, &id, &error),
        }
    }
    for id in arguments.destroy.unwrap_or_default() {
        match remove(desk, &id).await {
            Ok(()) => done.destroyed(id),
            Err(error) => done.not_destroyed(desk, &id, &error),
        }
    }
    desk.look_again();
    // What was done is told, also where the store is gone by now: from such a state changes cannot be told.
    let now = desk.items_state(CollectionFamily::Contacts).await;
    let new_state = now.map_or_else(|_| UNKNOWN_STATE.to_owned(), |it| it.to_text());
    Ok(done.answer(&arguments.account_id, &old_state, &new_state))
}

async fn make(desk: &mut Desk<'_>, card: &Value) -> Result<(ItemId, Value), SetError> {
    let mut told = card.as_object().cloned().ok_or_else(|| SetError::new("invalidProperties"))?;
    if told.contains_key("id") {
        return Err(SetError::properties(&["id"], "it is the server's to say"));
    }
    let at = book_of(desk, &mut told)?;
    let said = told.get("uid").and_then(Value::as_str).map(str::to_owned);
    let uid = match &said {
        Some(uid) => uid.clone(),
        None => fresh_uid()?,
    };
    told.insert("uid".to_owned(), json!(uid));
    let octets = made(&told).map_err(|it| unkept(&it))?;
    let id = add(desk, at, &uid, octets).await?;
    let value = match said {
        Some(_) => json!({ "id": id.to_string() }),
        None => json!({ "id": id.to_string(), "uid": uid }),
    };
    Ok((id, value))
}

async fn change(desk: &mut Desk<'_>, text: &str, patch: &Value) -> Result<Value, SetError> {
    let patch = patch.as_object().ok_or_else(|| SetError::new("invalidPatch"))?;
    let missing = || SetError::new("notFound");
    let id = desk.meant(text).and_then(ItemId::parse).ok_or_else(missing)?;
    let (handle, name) = place(desk, &id).await?.ok_or_else(missing)?;
    for _ in 0..TRIES {
        let found = item(&handle, &name).await?.ok_or_else(missing)?;
        let contact = Contact::read(&found.content);
        let contact =
            contact.map_err(|_| SetError::saying("forbidden", "what lies there is no card that is understood"))?;
        let card = Card::of(&id, &found).ok_or_else(missing)?;
        let mut told = patched(&card.told, patch)?;
        without_id(&mut told, &card)?;
        let to = book_of(desk, &mut told)?;
        if told.get("uid") != card.told.get("uid") {
            return Err(SetError::properties(&["uid"], "by its uid a card is known: it stays"));
        }
        let mut more = None;
        if told != card.alone() && card.told.contains_key("updated") && !patch.contains_key("updated") {
            let now = json!(DateTime::from_timestamp(handle.now().0).to_rfc3339());
            told.insert("updated".to_owned(), now.clone());
            more = Some(json!({ "updated": now }));
        }
        let octets = changed(&contact, &told)?;
        if to != id.collection {
            let uid = told.get("uid").and_then(Value::as_str).unwrap_or_default().to_owned();
            return moved(desk, &id, to, &uid, octets).await;
        }
        if octets == found.content {
            return Ok(Value::Null);
        }
        check(&octets)?;
        let edit = desk.collection::<Edit>(CollectionFamily::Contacts, handle.target().name()).await?;
        match edit
            .replace(&name, &Bytes::from(octets), &Precondition::Matches(vec![found.etag.as_str().to_owned()]))
            .await
        {
            // It is another by now: the patch is of that one as well.
            Err(Error::Conflict) => {}
            replaced => {
                return replaced.map(|_| more.unwrap_or(Value::Null)).map_err(|error| SetError::from(error).partly());
            }
        }
    }
    Err(SetError::saying("serverUnavailable", "others change it faster than it can be changed here"))
}

/// Puts a card into another address book, and takes it out of this one only then.
async fn moved(
    desk: &mut Desk<'_>,
    id: &ItemId,
    to: crate::id::CollectionId,
    uid: &str,
    octets: Vec<u8>,
) -> Result<Value, SetError> {
    // Who may not do the one does not begin with the other.
    let book = name_of_book(desk, to).await?;
    desk.collection::<Add>(CollectionFamily::Contacts, &book).await?;
    let from = name_of_book(desk, id.collection).await?;
    desk.collection::<Remove>(CollectionFamily::Contacts, &from).await?;
    let new = add(desk, to, uid, octets).await?;
    remove(desk, &id.to_string()).await.map_err(|error| {
        error.note(desk.request);
        SetError::saying("serverPartialFail", "it is in the other address book, and in this one too still")
    })?;
    Ok(json!({ "id": new.to_string() }))
}

async fn remove(desk: &mut Desk<'_>, text: &str) -> Result<(), SetError> {
    let missing = || SetError::new("notFound");
    let id = desk.meant(text).and_then(ItemId::parse).ok_or_else(missing)?;
    let (handle, name) = place(desk, &id).await?.ok_or_else(missing)?;
    let remove = desk.collection::<Remove>(CollectionFamily::Contacts, handle.target().name()).await?;
    remove.remove(&name, &Precondition::None).await.map_err(|error| SetError::from(error).partly())
}
