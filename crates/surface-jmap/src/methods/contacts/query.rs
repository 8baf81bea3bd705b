//! `ContactCard/query` and `queryChanges` (RFC 9610 §3.3, §3.4). A query looks into every card of the books that it may be about.

use super::{
    cards::{Card, all},
    directory,
    filter::{Condition, only_book, order},
};
use crate::{
    desk::Desk,
    error::MethodError,
    methods::listed::{Query, QueryChanges},
    shares::Kept,
};
use passerelle_model::CollectionFamily;
use serde_json::Value;

pub(crate) async fn query(desk: &mut Desk<'_>, arguments: Query<Condition>) -> Result<Value, MethodError> {
    if let Some(directory) = directory::entered(desk.session, &arguments.account_id).await? {
        return directory::query(desk.session, &directory, &arguments).await;
    }
    desk.enter_for(&arguments.account_id, Kept::Collections(CollectionFamily::Contacts)).await?;
    // Before what is looked at: what changes meanwhile is told as a change.
    let state = desk.items_state(CollectionFamily::Contacts).await?.to_text();
    let mut cards = all(desk, only_book(arguments.filter.as_ref())).await?;
    // Where no key decides, the order is the same each time.
    cards.sort_by(|one, other| one.id.cmp(&other.id));
    arguments.answer(&cards, &state, Condition::holds, order, |card: &Card| card.id.clone())
}

/// Whether anything has changed: what, nobody remembers.
pub(crate) async fn changes(desk: &mut Desk<'_>, arguments: QueryChanges<Condition>) -> Result<Value, MethodError> {
    if directory::entered(desk.session, &arguments.account_id).await?.is_some() {
        return directory::query_changes(&arguments);
    }
    desk.enter_for(&arguments.account_id, Kept::Collections(CollectionFamily::Contacts)).await?;
    arguments.answer(&desk.items_state(CollectionFamily::Contacts).await?.to_text())
}
