//! What the methods on cards have in common: which there are, and how one is told.

use crate::{
    desk::Desk,
    error::MethodError,
    id::{CollectionId, ItemId},
};
use passerelle_core::{
    Authorized, Error, Read,
    ports::{CollectionItem, MOST_READ, Telling},
};
use passerelle_model::{CollectionFamily, CollectionRef, ItemName};
use passerelle_wire_jscontact::Contact;
use serde_json::{Map, Value, json};

/// A card, with where it lies.
#[derive(Debug)]
pub(super) struct Card {
    pub(super) id: String,
    /// Its address book's id.
    pub(super) book: String,
    /// What JSContact says of it, and where it lies.
    pub(super) told: Map<String, Value>,
}

impl Card {
    /// The card of an item; `None` for what is no card that can be understood.
    pub(super) fn of(id: &ItemId, item: &CollectionItem) -> Option<Self> {
        let told = Contact::read(&item.content).ok()?.json().clone();
        Some(Self::new(id.to_string(), id.collection.to_string(), told))
    }

    /// A card of these properties.
    pub(super) fn new(id: String, book: String, mut told: Map<String, Value>) -> Self {
        told.insert("id".to_owned(), json!(id));
        told.insert("addressBookIds".to_owned(), json!({ &book: true }));
        Self { id, book, told }
    }

    /// What is said of it without where it lies.
    pub(super) fn alone(&self) -> Map<String, Value> {
        let mut told = self.told.clone();
        told.remove("id");
        told.remove("addressBookIds");
        told
    }

    /// Those of its properties that are wanted, `id` always among them; all where nothing is said.
    pub(super) fn json(&self, wanted: Option<&Vec<String>>) -> Value {
        let is_wanted = |name: &String| wanted.is_none_or(|wanted| name == "id" || wanted.contains(name));
        let said = self.told.iter().filter(|(name, _)| is_wanted(name));
        Value::Object(said.map(|(name, value)| (name.clone(), value.clone())).collect())
    }
}

/// All cards of the address books that may be read, or of one of them. What they take is counted.
pub(super) async fn all(desk: &mut Desk<'_>, only: Option<CollectionId>) -> Result<Vec<Card>, MethodError> {
    let books = desk.collections(CollectionFamily::Contacts, Telling::States).await?;
    let mut cards = Vec::new();
    for (id, seen) in books.readable(CollectionFamily::Contacts).filter(|(id, _)| only.is_none_or(|only| only == *id)) {
        let handle = desk.collection::<Read>(CollectionFamily::Contacts, seen.at.name()).await?;
        for some in handle.items().await?.chunks(MOST_READ) {
            desk.session.check_in_force()?;
            for (name, item) in handle.contents(some).await? {
                desk.spend(u64::try_from(item.content.len()).unwrap_or(u64::MAX))?;
                cards.extend(Card::of(&ItemId::of(id, &name), &item));
            }
        }
    }
    Ok(cards)
}

/// Where a card lies: a handle on its address book, and its name there; `None` where nothing is there, or nothing that may be seen.
pub(super) async fn place(
    desk: &mut Desk<'_>,
    id: &ItemId,
) -> Result<Option<(Authorized<CollectionRef, Read>, ItemName)>, Error> {
    let Some(handle) = book(desk, id.collection).await? else { return Ok(None) };
    let name = crate::collections::name_of(&handle, &id.which).await?;
    Ok(name.map(|name| (handle, name)))
}

/// A handle on an address book that may be read.
pub(super) async fn book(
    desk: &mut Desk<'_>,
    id: CollectionId,
) -> Result<Option<Authorized<CollectionRef, Read>>, Error> {
    let books = desk.collections(CollectionFamily::Contacts, Telling::Facts).await?;
    let Some((_, seen)) = books.readable(CollectionFamily::Contacts).find(|(known, _)| *known == id) else {
        return Ok(None);
    };
    match desk.collection::<Read>(CollectionFamily::Contacts, seen.at.name()).await {
        Ok(handle) => Ok(Some(handle)),
        Err(Error::NotFound | Error::Forbidden) => Ok(None),
        Err(error) => Err(error),
    }
}

/// One card as it is now.
pub(super) async fn item(
    handle: &Authorized<CollectionRef, Read>,
    name: &ItemName,
) -> Result<Option<CollectionItem>, Error> {
    Ok(handle.read(std::slice::from_ref(name)).await?.pop().flatten())
}
