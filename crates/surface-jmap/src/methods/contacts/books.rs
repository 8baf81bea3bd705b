//! `AddressBook/get` (RFC 9610 §2.1).

use super::directory;
use crate::{
    collections::Collections,
    desk::Desk,
    error::MethodError,
    id::CollectionId,
    methods::{
        Get, check_count, distinct, properties,
        sharing::{Place, Table, told},
    },
    shares::Kept,
};
use passerelle_core::{SeenCollection, ports::Telling};
use passerelle_model::{CollectionFamily, Rights};
use serde_json::{Map, Value, json};

/// What a client can ask for.
pub(super) const PROPERTIES: [&str; 8] =
    ["id", "name", "description", "sortOrder", "isDefault", "isSubscribed", "shareWith", "myRights"];

/// What each of the rights on an address book is here. Who writes may add, change and remove (RFC 9610 §2).
pub(super) const TABLE: Table = Table {
    rights: &[
        ("mayRead", Rights::READ),
        ("mayWrite", WRITES),
        ("mayShare", Rights::MANAGE),
        ("mayDelete", Rights::MANAGE),
    ],
    never: None,
};
const WRITES: Rights = Rights::EDIT.union(Rights::ADD).union(Rights::REMOVE);

pub(crate) async fn get(desk: &mut Desk<'_>, arguments: Get) -> Result<Value, MethodError> {
    if directory::entered(desk.session, &arguments.account_id).await?.is_some() {
        return directory::books(desk.session, arguments).await;
    }
    desk.enter_for(&arguments.account_id, Kept::Collections(CollectionFamily::Contacts)).await?;
    let wanted = properties(arguments.properties.as_ref(), &PROPERTIES)?;
    let books = desk.collections(CollectionFamily::Contacts, Telling::Facts).await?;
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    match arguments.ids {
        None => found.extend(books.iter()),
        Some(ids) => {
            check_count(ids.len())?;
            for id in distinct(ids) {
                let meant = desk.meant(&id).and_then(CollectionId::parse);
                match meant.and_then(|meant| Some((meant, books.get(meant)?))) {
                    Some(book) => found.push(book),
                    None => missing.push(id),
                }
            }
        }
    }
    let default = default_of(&books);
    let mut list = Vec::new();
    for (id, seen) in found {
        let mut told = json_of(id, seen, default == Some(id), &wanted);
        if let Some(with) = told.get_mut("shareWith").filter(|_| seen.rights.contains(Rights::MANAGE)) {
            *with = place_of(seen).share_with(desk, TABLE).await?;
        }
        list.push(told);
    }
    Ok(json!({
        "accountId": arguments.account_id,
        "state": books.state(CollectionFamily::Contacts).to_text(),
        "list": list,
        "notFound": missing,
    }))
}

/// The one that a new card goes into where a client asks nobody: the first of those that may be written, by order and name.
pub(super) fn default_of(books: &Collections) -> Option<CollectionId> {
    let writable = books.iter().filter(|(_, seen)| seen.rights.contains(WRITES));
    writable.min_by_key(|(_, seen)| (sort_order(seen), seen.at.name().to_owned())).map(|(id, _)| id)
}

pub(super) fn json_of(id: CollectionId, seen: &SeenCollection, is_default: bool, wanted: &[&str]) -> Value {
    let facts = &seen.collection.facts;
    let mut all = Map::new();
    for property in wanted {
        let value = match *property {
            "id" => json!(id.to_string()),
            "name" => json!(facts.display_name.as_deref().filter(|it| !it.is_empty()).unwrap_or(seen.at.name())),
            "description" => json!(facts.description),
            "sortOrder" => json!(sort_order(seen)),
            "isDefault" => json!(is_default),
            // All that there is is shown, in one's own home by CardDAV as well.
            "isSubscribed" => json!(true),
            "myRights" => Value::Object(told(seen.rights, TABLE)),
            _ => Value::Null,
        };
        all.insert((*property).to_owned(), value);
    }
    Value::Object(all)
}

/// What grants on it hang on.
pub(super) fn place_of(seen: &SeenCollection) -> Place {
    Place::Collection(CollectionFamily::Contacts, seen.at.name().to_owned())
}

/// Its place among others, as clients of Apple's keep it.
fn sort_order(seen: &SeenCollection) -> u32 {
    seen.collection.facts.order.as_deref().and_then(|order| order.trim().parse().ok()).unwrap_or(0)
}
