//! `ContactCard/get` (RFC 9610 §3.1).

use super::{
    cards::{Card, all, book},
    directory,
};
use crate::{
    collections::name_of,
    desk::Desk,
    error::MethodError,
    id::{CollectionId, ItemId},
    methods::{Get, check_count, distinct},
    shares::Kept,
};
use passerelle_core::ports::MOST_READ;
use passerelle_model::{CollectionFamily, ItemName};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) async fn get(desk: &mut Desk<'_>, arguments: Get) -> Result<Value, MethodError> {
    if let Some(directory) = directory::entered(desk.session, &arguments.account_id).await? {
        return directory::get(desk.session, &directory, arguments).await;
    }
    let Get { account_id, ids, properties } = arguments;
    desk.enter_for(&account_id, Kept::Collections(CollectionFamily::Contacts)).await?;
    let state = desk.items_state(CollectionFamily::Contacts).await?.to_text();
    let (cards, missing) = match ids {
        None => {
            let all = all(desk, None).await?;
            check_count(all.len())?;
            (all, Vec::new())
        }
        Some(ids) => named(desk, ids).await?,
    };
    let list: Vec<Value> = cards.iter().map(|card| card.json(properties.as_ref())).collect();
    Ok(json!({ "accountId": account_id, "state": state, "list": list, "notFound": missing }))
}

/// The cards of these ids, book by book, and the ids of none.
async fn named(desk: &mut Desk<'_>, ids: Vec<String>) -> Result<(Vec<Card>, Vec<String>), MethodError> {
    let ids = distinct(ids);
    check_count(ids.len())?;
    let (mut by_book, mut missing): (BTreeMap<CollectionId, Vec<(String, ItemId)>>, _) = (BTreeMap::new(), Vec::new());
    for text in ids {
        match desk.meant(&text).and_then(ItemId::parse) {
            Some(id) => by_book.entry(id.collection).or_default().push((text, id)),
            None => missing.push(text),
        }
    }
    let mut cards = Vec::new();
    for (at, wanted) in by_book {
        let Some(handle) = book(desk, at).await? else {
            missing.extend(wanted.into_iter().map(|(text, _)| text));
            continue;
        };
        let mut there: Vec<(String, ItemId, ItemName)> = Vec::new();
        for (text, id) in wanted {
            match name_of(&handle, &id.which).await? {
                Some(name) => there.push((text, id, name)),
                None => missing.push(text),
            }
        }
        for some in there.chunks(MOST_READ) {
            let names: Vec<ItemName> = some.iter().map(|(.., name)| name.clone()).collect();
            for ((text, id, _), item) in some.iter().zip(handle.read(&names).await?) {
                match item.and_then(|item| Card::of(id, &item)) {
                    Some(card) => cards.push(card),
                    None => missing.push(text.clone()),
                }
            }
        }
    }
    Ok((cards, missing))
}
