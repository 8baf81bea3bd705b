//! `AddressBook/set` (RFC 9610 §2.3).

use super::{
    books::{PROPERTIES, TABLE, default_of, json_of, place_of},
    directory,
};
use crate::{
    desk::Desk,
    error::{MethodError, SetError},
    id::CollectionId,
    methods::{
        arguments::With,
        patch::patched,
        set::{Done, Set},
        sharing::{Change as Sharing, Place, Stopped},
    },
    shares::Kept,
    state::UNKNOWN_STATE,
};
use passerelle_core::{
    Manage, Read,
    ports::{CollectionFacts, Telling},
    seal,
};
use passerelle_model::CollectionFamily;
use serde::Deserialize;
use serde_json::{Map, Value, json};

const CONTACTS: CollectionFamily = CollectionFamily::Contacts;
/// Longest name of an address book, in octets (RFC 9610 §2).
const LONGEST_NAME: usize = 255;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct OnDestroy {
    /// Whether the cards of a book may go with it.
    #[serde(default)]
    on_destroy_remove_contents: bool,
    /// Which one is to be the default. That is the first by their order here, so that this changes nothing (RFC 9610 §2.3 lets a
    /// server pass it over).
    #[serde(default, rename = "onSuccessSetIsDefault")]
    _default: Option<String>,
}

pub(crate) async fn set(desk: &mut Desk<'_>, arguments: With<Set, OnDestroy>) -> Result<Value, MethodError> {
    let With { common: arguments, own } = arguments;
    if directory::entered(desk.session, &arguments.account_id).await?.is_some() {
        return Err(MethodError::new("accountReadOnly"));
    }
    desk.enter_for(&arguments.account_id, Kept::Collections(CONTACTS)).await?;
    let old_state = desk.collections(CONTACTS, Telling::Facts).await?.state(CONTACTS).to_text();
    arguments.check(&old_state)?;
    let mut done = Done::default();
    for (name, book) in arguments.create.unwrap_or_default() {
        match make(desk, &book).await {
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
        match remove(desk, &id, own.on_destroy_remove_contents).await {
            Ok(()) => done.destroyed(id),
            Err(error) => done.not_destroyed(desk, &id, &error),
        }
    }
    desk.look_again();
    // What was done is told, also where the store is gone by now: from such a state changes cannot be told.
    let now = desk.collections(CONTACTS, Telling::Facts).await;
    let new_state = now.map_or_else(|_| UNKNOWN_STATE.to_owned(), |it| it.state(CONTACTS).to_text());
    Ok(done.answer(&arguments.account_id, &old_state, &new_state))
}

/// What is said of a book, where it is otherwise than before.
fn facts(before: &Map<String, Value>, after: &Map<String, Value>) -> Result<CollectionFacts, SetError> {
    let mut facts = CollectionFacts::default();
    for name in before.keys().chain(after.keys()) {
        let value = after.get(name).unwrap_or(&Value::Null);
        if before.get(name).unwrap_or(&Value::Null) == value {
            continue;
        }
        match (name.as_str(), value) {
            ("name", Value::String(text)) if !text.trim().is_empty() && text.len() <= LONGEST_NAME => {
                facts.display_name = Some(text.clone());
            }
            ("name", _) => return Err(SetError::properties(&["name"], "a name has 1 to 255 octets")),
            ("description", Value::String(text)) => facts.description = Some(text.clone()),
            ("description", Value::Null) => facts.description = Some(String::new()),
            ("sortOrder", value) => {
                let order = value.as_u64().and_then(|it| u32::try_from(it).ok());
                let order =
                    order.ok_or_else(|| SetError::properties(&["sortOrder"], "an order is a number from 0 on"))?;
                facts.order = Some(order.to_string());
            }
            // What is there is shown.
            ("isSubscribed", Value::Bool(true)) => {}
            _ => return Err(SetError::properties(&[name], "it cannot be said here")),
        }
    }
    Ok(facts)
}

async fn make(desk: &mut Desk<'_>, book: &Value) -> Result<(CollectionId, Value), SetError> {
    let mut said = book.as_object().cloned().ok_or_else(|| SetError::new("invalidProperties"))?;
    let mut sharing = Sharing::default();
    if let Some(with) = said.remove("shareWith") {
        sharing.take("shareWith", &with)?;
    }
    let facts = facts(&Map::new(), &said)?;
    if facts.display_name.is_none() {
        return Err(SetError::properties(&["name"], "an address book has a name"));
    }
    // What people call it may change, its address stays.
    let name = seal::random_hex::<16>()?;
    let place = Place::Collection(CONTACTS, name.clone());
    // What may be wrong with it is found before anything is made.
    let sharing = sharing.resolve(desk, &place, TABLE).await?;
    let handle = desk.collection::<Manage>(CONTACTS, &name).await?;
    handle.make(&facts).await.map_err(|error| SetError::from(error).partly())?;
    desk.look_again();
    let id = CollectionId::of(&name);
    let books = desk.collections(CONTACTS, Telling::Facts).await?;
    let seen = books.get(id).ok_or_else(|| SetError::saying("serverFail", "the store made another one"))?;
    let told = ["id", "sortOrder", "isDefault", "isSubscribed", "myRights"];
    let mut value = json_of(id, seen, default_of(&books) == Some(id), &told);
    if let (Err(stopped), Some(value)) = (sharing.apply(desk, &place, TABLE, true).await, value.as_object_mut()) {
        stopped.why.note(desk.request);
        value.insert("shareWith".to_owned(), stopped.now.unwrap_or(Value::Null));
    }
    Ok((id, value))
}

/// Changes one; what of it is otherwise than the client takes it for.
async fn change(desk: &mut Desk<'_>, text: &str, patch: &Value) -> Result<Value, SetError> {
    let mut patch = patch.as_object().cloned().ok_or_else(|| SetError::new("invalidPatch"))?;
    let books = desk.collections(CONTACTS, Telling::Facts).await?;
    let id = desk.meant(text).and_then(CollectionId::parse).ok_or_else(|| SetError::new("notFound"))?;
    let seen = books.get(id).ok_or_else(|| SetError::new("notFound"))?;
    let mut sharing = Sharing::default();
    for (path, value) in std::mem::take(&mut patch) {
        if !sharing.take(&path, &value)? {
            patch.insert(path, value);
        }
    }
    let Value::Object(before) = json_of(id, seen, default_of(&books) == Some(id), &PROPERTIES) else {
        return Err(SetError::new("notFound"));
    };
    let facts = facts(&before, &patched(&before, &patch)?)?;
    let place = place_of(seen);
    let sharing = sharing.resolve(desk, &place, TABLE).await?;
    let is_begun = facts != CollectionFacts::default();
    if is_begun {
        let handle = desk.collection::<Manage>(CONTACTS, seen.at.name()).await?;
        handle.change(&facts).await.map_err(|error| SetError::from(error).partly())?;
    }
    match sharing.apply(desk, &place, TABLE, is_begun).await {
        Ok(()) => Ok(Value::Null),
        Err(Stopped { why, now: None }) => Err(why),
        Err(Stopped { why, now: Some(now) }) => {
            why.note(desk.request);
            Ok(json!({ "shareWith": now }))
        }
    }
}

async fn remove(desk: &mut Desk<'_>, text: &str, with_contents: bool) -> Result<(), SetError> {
    let books = desk.collections(CONTACTS, Telling::Facts).await?;
    let id = desk.meant(text).and_then(CollectionId::parse).ok_or_else(|| SetError::new("notFound"))?;
    let seen = books.get(id).ok_or_else(|| SetError::new("notFound"))?;
    let handle = desk.collection::<Manage>(CONTACTS, seen.at.name()).await?;
    if !with_contents {
        let reads = desk.collection::<Read>(CONTACTS, seen.at.name()).await?;
        if !reads.items().await?.is_empty() {
            return Err(SetError::new("addressBookHasContents"));
        }
    }
    handle.delete().await.map_err(|error| SetError::from(error).partly())
}
