//! `Mailbox/queryChanges` (RFC 8621 §2.4): which mailboxes have come, gone and become others is in the two states, and where they are
//! now is known, so that the answer makes the new list of the old one exactly.

use super::query::{AsTree, Comparator, Condition, Wish, above, sorted};
use crate::{
    desk::Desk,
    error::MethodError,
    id::MailboxId,
    mail::{Mailbox, Mailboxes},
    methods::{
        arguments::With,
        listed::{Difference, QueryChanges},
    },
    state::TreeState,
};
use serde_json::Value;
use std::collections::HashSet;

/// Roles change, and with them the order, so that nothing is left out behind `upToId`.
pub(crate) async fn changes(
    desk: &mut Desk<'_>,
    arguments: With<QueryChanges<Condition, Comparator>, AsTree>,
) -> Result<Value, MethodError> {
    let cannot = || MethodError::new("cannotCalculateChanges");
    let With { common: arguments, own: AsTree { sort_as_tree, filter_as_tree } } = arguments;
    desk.enter(&arguments.account_id).await?;
    let (filter, sort) = (arguments.filter.as_ref(), arguments.sort.as_deref().unwrap_or_default());
    let wish = Wish { filter, sort, sort_as_tree, filter_as_tree }.check()?;
    let mailboxes = desk.mailboxes().await?;
    let now = mailboxes.tree_state();
    let before = TreeState::from_text(&arguments.since_query_state).filter(|_| now.can_be_compared());
    let difference = difference(&before.ok_or_else(cannot)?, &now, &mailboxes, wish);
    let total = arguments.calculate_total.then(|| sorted(&mailboxes, wish).len());
    arguments.told(&now.to_text(), &difference, total)
}

/// What a client takes out of its list, and what it puts in at which places. How many messages there are orders and filters nothing.
fn difference(before: &TreeState, now: &TreeState, mailboxes: &Mailboxes, wish: Wish<'_>) -> Difference<MailboxId> {
    let is_other = |(id, (what, _)): &(&MailboxId, &([u8; 4], [u8; 4]))| {
        before.0.get(*id).is_none_or(|(what_before, _)| what_before != what)
    };
    let others: HashSet<MailboxId> = now.0.iter().filter(is_other).map(|(id, _)| *id).collect();
    let as_tree = wish.sort_as_tree || wish.filter_as_tree;
    // In a tree what lies in another mailbox goes where that one goes.
    let is_moved = |it: &Mailbox| others.contains(&it.id) || (as_tree && above(it).any(|id| others.contains(&id)));
    let mut removed: Vec<MailboxId> = before.0.keys().filter(|id| !now.0.contains_key(*id)).copied().collect();
    removed.extend(mailboxes.iter().filter(|it| before.0.contains_key(&it.id) && is_moved(it)).map(|it| it.id));
    let list = sorted(mailboxes, wish).into_iter().enumerate();
    Difference { removed, added: list.filter(|(_, it)| is_moved(it)).map(|(at, it)| (at, it.id)).collect() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::methods::conditions::Filter;
    use passerelle_core::ports::{ListedMailbox, MailboxListing, MailboxPlace, SpecialUse, Subscription};
    use proptest::prelude::*;
    use serde_json::json;

    fn all_of(names: &std::collections::BTreeMap<String, (bool, u8)>) -> Mailboxes {
        let uses = [None, Some(SpecialUse::Sent), Some(SpecialUse::Trash), None];
        let listed = names.iter().map(|(name, (subscribed, use_for))| ListedMailbox {
            name: name.clone(),
            opens: true,
            has_children: false,
            subscription: if *subscribed { Subscription::Subscribed } else { Subscription::Unsubscribed },
            use_for: uses.get(usize::from(*use_for % 4)).copied().flatten(),
            place: MailboxPlace::Own,
            counts: None,
        });
        Mailboxes::own(MailboxListing { mailboxes: listed.collect(), unnamable: 0 }, false)
    }

    proptest! {
        #[test]
        fn what_is_told_makes_the_new_list_of_the_old_one(
            before in proptest::collection::btree_map("[a-c](/[a-c]){0,2}", (any::<bool>(), any::<u8>()), 0..12),
            more in proptest::collection::btree_map("[a-c](/[a-c]){0,2}", (any::<bool>(), any::<u8>()), 0..6),
            kept: Vec<bool>, which in 0..4_usize, sort_as_tree: bool, filter_as_tree: bool,
        ) {
            let mut now = before.clone();
            for (name, keep) in before.keys().zip(kept.iter().chain(std::iter::repeat(&true))) {
                if !keep { now.remove(name); }
            }
            now.extend(more);
            let (old, new) = (all_of(&before), all_of(&now));
            let filters = [json!({}), json!({ "isSubscribed": true }), json!({ "hasAnyRole": false }), json!({ "name": "a" })];
            let filter: Filter<Condition> = serde_json::from_value(filters.get(which).cloned().unwrap()).unwrap();
            let sort: Vec<Comparator> =
                serde_json::from_value(json!([{ "property": "sortOrder" }, { "property": "name", "isAscending": false }])).unwrap();
            let wish = Wish { filter: Some(&filter), sort: &sort, sort_as_tree, filter_as_tree };
            let ids = |all: &Mailboxes| sorted(all, wish).into_iter().map(|it| it.id).collect::<Vec<_>>();
            let Difference { removed, added } = difference(&old.tree_state(), &new.tree_state(), &new, wish);
            let mut list = ids(&old);
            list.retain(|id| !removed.contains(id));
            for (at, id) in added {
                list.insert(at, id);
            }
            prop_assert_eq!(list, ids(&new));
        }
    }
}
