//! Cards written: what `ContactCard/set` and `copy` have in common.

use super::cards::Card;
use crate::{
    desk::Desk,
    error::SetError,
    id::{CollectionId, ItemId},
};
use bytes::Bytes;
use passerelle_core::{
    Add, Error,
    ports::{LARGEST_ITEM, Telling},
    seal,
};
use passerelle_model::{CollectionFamily, ItemName};
use passerelle_wire_ical::Card as VCard;
use passerelle_wire_jscontact::{Contact, Unkept};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Longest uid that an item is named after.
const LONGEST_UID: usize = 100;

/// The address book that a card is to lie in, taken out of what is said of it. It lies in one.
pub(super) fn book_of(desk: &Desk<'_>, told: &mut Map<String, Value>) -> Result<CollectionId, SetError> {
    let wrong = |why: &str| SetError::properties(&["addressBookIds"], why);
    let said = told.remove("addressBookIds");
    let said = said.as_ref().and_then(Value::as_object).ok_or_else(|| wrong("a card lies in an address book"))?;
    let mut wanted = said.iter().filter(|(_, value)| **value == json!(true)).map(|(id, _)| id);
    match (wanted.next(), wanted.next()) {
        (Some(id), None) => {
            let id = desk.meant(id).and_then(CollectionId::parse);
            id.ok_or_else(|| wrong("there is no such address book"))
        }
        (Some(_), Some(_)) => Err(wrong("a card lies in one address book")),
        (None, _) => Err(wrong("a card lies in an address book")),
    }
}

/// The name of an address book of this id, which has to be there.
pub(super) async fn name_of_book(desk: &mut Desk<'_>, id: CollectionId) -> Result<String, SetError> {
    let books = desk.collections(CollectionFamily::Contacts, Telling::Facts).await?;
    let seen =
        books.get(id).ok_or_else(|| SetError::properties(&["addressBookIds"], "there is no such address book"))?;
    Ok(seen.at.name().to_owned())
}

/// Puts a new card into an address book; its id.
pub(super) async fn add(desk: &mut Desk<'_>, at: CollectionId, uid: &str, octets: Vec<u8>) -> Result<ItemId, SetError> {
    check(&octets)?;
    let book = name_of_book(desk, at).await?;
    let handle = desk.collection::<Add>(CollectionFamily::Contacts, &book).await?;
    let name = item_name(uid)?;
    let id = ItemId::of(at, &name);
    match handle.add(&name, &Bytes::from(octets)).await {
        // Its name is made of its uid: it is there already.
        Err(Error::Conflict) => Err(SetError::exists(&id.to_string())),
        added => added.map(|_| id).map_err(|error| SetError::from(error).partly()),
    }
}

/// Whether a card may be stored (RFC 6352 §6.3.2.1).
pub(super) fn check(octets: &[u8]) -> Result<(), SetError> {
    if octets.len() > LARGEST_ITEM {
        return Err(SetError::new("tooLarge"));
    }
    let card = VCard::read(octets).map_err(|wrong| SetError::saying("invalidProperties", wrong.to_string()))?;
    card.fit().map(drop).map_err(|unfit| SetError::saying("invalidProperties", unfit.to_string()))
}

/// What a card that cannot be kept is answered with.
pub(super) fn unkept(unkept: &Unkept) -> SetError {
    let names: Vec<&str> = unkept.properties.iter().map(String::as_str).collect();
    SetError::properties(&names, unkept.what.clone())
}

/// The octets of a card as it is to be.
pub(super) fn changed(contact: &Contact<'_>, told: &Map<String, Value>) -> Result<Vec<u8>, SetError> {
    contact.changed(told).map_err(|it| unkept(&it))
}

/// A uid that nobody has.
pub(super) fn fresh_uid() -> Result<String, SetError> {
    let mut octets: [u8; 16] = seal::random()?;
    // RFC 9562 §5.4: version 4.
    octets[6] = octets[6] & 0x0f | 0x40;
    octets[8] = octets[8] & 0x3f | 0x80;
    let digits = seal::hex(&octets);
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default().to_owned();
    Ok(format!("urn:uuid:{}", [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")))
}

/// The name of the item of a uid: one uid lies once in an address book.
fn item_name(uid: &str) -> Result<ItemName, SetError> {
    let plain = uid.strip_prefix("urn:uuid:").unwrap_or(uid);
    let is_plain = (1..=LONGEST_UID).contains(&plain.len())
        && plain.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_'));
    let stem = if is_plain { plain.to_owned() } else { seal::hex(Sha256::digest(uid).get(..16).unwrap_or_default()) };
    ItemName::parse(&format!("{stem}.vcf")).map_err(|error| SetError::saying("invalidProperties", error.to_string()))
}

/// Takes out of what is said of a card what is no part of it: its id, which stays.
pub(super) fn without_id(told: &mut Map<String, Value>, card: &Card) -> Result<(), SetError> {
    match told.remove("id") {
        Some(id) if id == json!(card.id) => Ok(()),
        Some(_) | None => Err(SetError::properties(&["id"], "an id stays what it is")),
    }
}
