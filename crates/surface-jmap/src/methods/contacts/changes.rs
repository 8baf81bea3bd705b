//! `AddressBook/changes` and `ContactCard/changes` (RFC 9610 §2.2, §3.2).

use super::directory;
use crate::{
    collections::{containers_changes, items_changes},
    desk::Desk,
    error::MethodError,
    methods::Changes,
};
use passerelle_model::CollectionFamily;
use serde_json::Value;

pub(crate) async fn of_books(desk: &mut Desk<'_>, arguments: Changes) -> Result<Value, MethodError> {
    if directory::entered(desk.session, &arguments.account_id).await?.is_some() {
        return directory::changes(&arguments);
    }
    containers_changes(desk, CollectionFamily::Contacts, arguments).await
}

pub(crate) async fn of_cards(desk: &mut Desk<'_>, arguments: Changes) -> Result<Value, MethodError> {
    if directory::entered(desk.session, &arguments.account_id).await?.is_some() {
        return directory::changes(&arguments);
    }
    items_changes(desk, CollectionFamily::Contacts, arguments).await
}
