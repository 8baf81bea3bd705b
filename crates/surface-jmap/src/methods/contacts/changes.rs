//! `AddressBook/changes` and `ContactCard/changes` (RFC 9610 §2.2, §3.2).

use crate::{
    collections::{containers_changes, items_changes},
    desk::Desk,
    error::MethodError,
    methods::Changes,
};
use passerelle_model::CollectionFamily;
use serde_json::Value;

pub(crate) async fn of_books(desk: &mut Desk<'_>, arguments: Changes) -> Result<Value, MethodError> {
    containers_changes(desk, CollectionFamily::Contacts, arguments).await
}

pub(crate) async fn of_cards(desk: &mut Desk<'_>, arguments: Changes) -> Result<Value, MethodError> {
    items_changes(desk, CollectionFamily::Contacts, arguments).await
}
