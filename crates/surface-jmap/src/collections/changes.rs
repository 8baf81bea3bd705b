//! `/changes` (RFC 8620 §5.2) of collections, and of what is in them.

use super::{Collections, ContainersState, ItemsState};
use crate::{desk::Desk, error::MethodError, id::ItemId, methods::Changes, shares::Kept};
use passerelle_core::{ItemChange, Read, ports::Telling};
use passerelle_model::CollectionFamily;
use serde_json::{Value, json};

/// What changed among the collections themselves.
pub(crate) async fn containers_changes(
    desk: &mut Desk<'_>,
    family: CollectionFamily,
    arguments: Changes,
) -> Result<Value, MethodError> {
    desk.enter_for(&arguments.account_id, Kept::Collections(family)).await?;
    let now = desk.collections(family, Telling::Facts).await?.state();
    let mut told = Told::default();
    if now.to_text() != arguments.since_state {
        let before = ContainersState::from_text(&arguments.since_state).ok_or_else(cannot)?;
        ContainersState::from_text(&now.to_text()).ok_or_else(cannot)?;
        for (id, what) in &now.0 {
            match before.0.get(id) {
                None => told.created.push(id.to_string()),
                Some(known) if known != what => told.updated.push(id.to_string()),
                Some(_) => {}
            }
        }
        told.destroyed.extend(before.0.keys().filter(|id| !now.0.contains_key(id)).map(ToString::to_string));
        // A state between two listings is nothing that a store could be asked for.
        if told.count() > most(&arguments) {
            return Err(cannot());
        }
    }
    Ok(told.answer(&arguments, &now.to_text(), false))
}

/// What changed among the items of all collections. Stores tell that an item is new or other, and not which of the two: such a one is
/// among `created` and `updated` both, as RFC 8620 lets one be that was made and changed.
pub(crate) async fn items_changes(
    desk: &mut Desk<'_>,
    family: CollectionFamily,
    arguments: Changes,
) -> Result<Value, MethodError> {
    desk.enter_for(&arguments.account_id, Kept::Collections(family)).await?;
    let since = ItemsState::from_text(&arguments.since_state).ok_or_else(cannot)?;
    let collections = desk.collections(family, Telling::States).await?;
    let Since { told, now, more } =
        items_since(desk, family, &collections, &since, most(&arguments)).await?.ok_or_else(cannot)?;
    // Of too many collections the new state would be good for nothing.
    ItemsState::from_text(&now.to_text()).ok_or_else(cannot)?;
    Ok(told.answer(&arguments, &now.to_text(), more))
}

/// What a state leads to.
#[derive(Debug)]
pub(crate) struct Since {
    pub(crate) told: Told,
    pub(crate) now: ItemsState,
    /// Whether there is more behind that.
    pub(crate) more: bool,
}

/// What changed since a state, about so many at most; `None` where nobody knows: a store has forgotten, a collection is gone, or one
/// has more changes than that.
pub(crate) async fn items_since(
    desk: &mut Desk<'_>,
    family: CollectionFamily,
    collections: &Collections,
    since: &ItemsState,
    most: usize,
) -> Result<Option<Since>, MethodError> {
    // What was in a collection that is gone only its store knew.
    if since.0.keys().any(|id| !collections.readable().any(|(known, _)| known == *id)) {
        return Ok(None);
    }
    let (mut now, mut told, mut more) = (since.clone(), Told::default(), false);
    for (id, seen) in collections.readable() {
        let known = since.0.get(&id);
        if known.is_some() && seen.sync_token.as_ref() == known {
            continue;
        }
        let handle = desk.collection::<Read>(family, seen.at.name()).await?;
        let Some(found) = handle.changes_since(known.map(String::as_str), None).await? else { return Ok(None) };
        if told.count().saturating_add(found.changes.len()) > most {
            if told.count() == 0 {
                return Ok(None);
            }
            more = true;
            break;
        }
        for change in found.changes {
            match change {
                ItemChange::Changed(item) => {
                    let id = ItemId::of(id, &item.name).to_string();
                    if known.is_some() {
                        told.updated.push(id.clone());
                    }
                    told.created.push(id);
                }
                ItemChange::Gone(name) => told.destroyed.push(ItemId::of(id, &name).to_string()),
            }
        }
        more |= found.more;
        now.0.insert(id, found.token);
    }
    Ok(Some(Since { told, now, more }))
}

/// Ids, by what became of what they name.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) created: Vec<String>,
    pub(crate) updated: Vec<String>,
    pub(crate) destroyed: Vec<String>,
}

impl Told {
    /// How many things changed: one that is told as made and changed is one.
    fn count(&self) -> usize {
        self.created.len().max(self.updated.len()).saturating_add(self.destroyed.len())
    }

    fn answer(self, arguments: &Changes, state: &str, more: bool) -> Value {
        let Self { created, updated, destroyed } = self;
        json!({
            "accountId": arguments.account_id,
            "oldState": arguments.since_state,
            "newState": state,
            "hasMoreChanges": more,
            "created": created,
            "updated": updated,
            "destroyed": destroyed,
        })
    }
}

fn most(arguments: &Changes) -> usize {
    arguments.max_changes.and_then(|most| usize::try_from(most.get()).ok()).unwrap_or(usize::MAX)
}

fn cannot() -> MethodError {
    MethodError::new("cannotCalculateChanges")
}
