//! `/changes` (RFC 8620 §5.2) of collections, and of what is in them.

use super::{Collections, ContainersState, ItemsState, Shelf, unless_away};
use crate::{desk::Desk, error::MethodError, id::ItemId, methods::Changes, shares::Kept};
use passerelle_core::{
    Authorized, ItemChange, Read,
    ports::{ComponentKind, ListedItem, MOST_READ, Telling},
};
use passerelle_model::CollectionRef;
use passerelle_wire_ical::Zone;
use passerelle_wire_jscalendar::Entry;
use serde_json::{Value, json};
use std::collections::HashSet;

/// What changed among the collections themselves.
pub(crate) async fn containers_changes(
    desk: &mut Desk<'_>,
    shelf: impl Into<Shelf>,
    arguments: Changes,
) -> Result<Value, MethodError> {
    let shelf = shelf.into();
    desk.enter_for(&arguments.account_id, Kept::Collections(shelf.family)).await?;
    let now = desk.collections(shelf.family, Telling::Facts).await?.state(shelf);
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
    shelf: impl Into<Shelf>,
    arguments: Changes,
) -> Result<Value, MethodError> {
    let shelf = shelf.into();
    desk.enter_for(&arguments.account_id, Kept::Collections(shelf.family)).await?;
    let since = ItemsState::from_text(&arguments.since_state).ok_or_else(cannot)?;
    let collections = desk.collections(shelf.family, Telling::States).await?;
    let Since { told, now, more } =
        items_since(desk, shelf, &collections, &since, most(&arguments)).await?.ok_or_else(cannot)?;
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
    shelf: Shelf,
    collections: &Collections,
    since: &ItemsState,
    most: usize,
) -> Result<Option<Since>, MethodError> {
    // What was in a collection that is gone only its store knew.
    if since.0.keys().any(|id| !collections.readable(shelf).any(|(known, _)| known == *id)) {
        return Ok(None);
    }
    let (mut now, mut told, mut more) = (since.clone(), Told::default(), false);
    for (id, seen) in collections.readable(shelf) {
        let known = since.0.get(&id);
        if known.is_some() && seen.sync_token.as_ref() == known {
            continue;
        }
        let handle = desk.collection::<Read>(shelf.family, seen.at.name()).await?;
        let Some(found) = unless_away(seen, handle.changes_since(known.map(String::as_str), None).await)? else {
            continue;
        };
        let Some(found) = found else { return Ok(None) };
        if told.count().saturating_add(found.changes.len()) > most {
            if told.count() == 0 {
                return Ok(None);
            }
            more = true;
            break;
        }
        let mut changed = Vec::new();
        for change in found.changes {
            match change {
                ItemChange::Changed(item) => changed.push(item),
                ItemChange::Gone(name) if known.is_some() => told.destroyed.push(ItemId::of(id, &name).to_string()),
                // A server tells it of its own memory: the client never had it.
                ItemChange::Gone(_) => {}
            }
        }
        if let Some(kind) = shelf.kind {
            changed = of_kind(&handle, kind, changed).await?;
        }
        for item in changed {
            let id = ItemId::of(id, &item.name).to_string();
            if known.is_some() {
                told.updated.push(id.clone());
            }
            told.created.push(id);
        }
        more |= found.more;
        now.0.insert(id, found.token);
    }
    Ok(Some(Since { told, now, more }))
}

/// Those of the items that are of a kind: names do not say what they hold, and of files not even what is said of their folder. What is gone
/// nobody can look into, so that in a calendar of both kinds it is told of both.
async fn of_kind(
    handle: &Authorized<CollectionRef, Read>,
    kind: ComponentKind,
    items: Vec<ListedItem>,
) -> Result<Vec<ListedItem>, MethodError> {
    let mut kept = Vec::new();
    for some in items.chunks(MOST_READ) {
        let contents = handle.contents(some).await?;
        let is_of_kind = |content: &[u8]| {
            let entry = Entry::read(content, Zone::utc()).ok().flatten();
            entry.is_some_and(|entry| kind.as_str() == entry.kind().name())
        };
        let names: HashSet<_> =
            contents.iter().filter(|(_, item)| is_of_kind(&item.content)).map(|(name, _)| name).collect();
        kept.extend(some.iter().filter(|item| names.contains(&item.name)).cloned());
    }
    Ok(kept)
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
