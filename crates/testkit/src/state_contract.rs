//! What every State must do, as checks that an adapter's tests run against a real database.
//!
//! Each check is independent: it makes up its institutions, so that all run side by side on one database, and it lives far
//! in the future, so that the sweep's check takes nothing from the others. Only the restoring ones replace everything and
//! run alone, by [`check_all`] after the others.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a contract check is a test and may panic"
)]

mod access;
mod administration;
mod external_accounts;
mod gateway_groups;
mod grants;
mod leases;
mod locks;
mod overlay;
mod places;
mod preferences;
mod properties;
mod renames;
mod revocations;
mod sign_ons;
mod sync_indexes;
mod tallies;
mod whole;

use futures::future::BoxFuture;
use passerelle_core::ports::state::State;
use passerelle_model::{
    Account, AccountId, Grant, Grantee, GroupId, GroupRef, InstitutionId, ResourceKind, Rights, Target, Timestamp,
};
use std::{
    hash::{BuildHasher, Hasher, RandomState},
    sync::Arc,
};

pub use access::{
    a_link_follows_its_target, a_removed_link_takes_its_grants, an_app_password_is_noted_hourly,
    app_passwords_by_account, links_by_token_and_target, links_of_an_owner_and_their_downloads,
};
pub use administration::{
    a_call_is_made_once, a_card_keeps_text_and_log_ins, api_clients_come_and_go, the_trail_is_read_backwards,
};
pub use external_accounts::external_accounts_come_and_go;
pub use gateway_groups::{
    gateway_groups_follow_renames, gateway_groups_join_people_of_several_institutions,
    members_of_gateway_groups_come_and_go,
};
pub use grants::{
    a_drop_takes_the_subtree_and_no_lookalike, a_grant_is_replaced_as_a_whole,
    a_list_of_grants_is_replaced_in_one_step, a_move_takes_the_subtree_and_no_lookalike, grants_at_a_place_and_above,
    grants_below_in_order, grants_by_an_owner, grants_in_spaces, grants_to_grantees, institutions_never_mix,
    paths_are_octets,
};
pub use leases::{a_lease_has_one_holder, of_two_that_race_for_a_lease_one_wins};
pub use locks::{
    exclusive_locks_keep_others_out, locks_are_dropped_with_the_subtree, locks_end,
    of_many_that_race_one_gets_the_lock, shared_locks_stand_beside_each_other,
};
pub use overlay::{old_changes_are_forgotten, settings_have_a_history, the_quicker_one_changes_settings};
pub use places::{
    changes_that_cross_all_happen, what_cannot_be_moved_stays_whole, what_is_copied_has_properties_only,
    what_is_gone_or_new_has_nothing_hanging_on_it, what_is_moved_takes_along_what_hangs_on_it,
    what_moves_to_another_owner_is_shared_no_more,
};
pub use preferences::preferences_are_ones_own;
pub use properties::{
    properties_are_all_or_nothing, properties_are_bounded, properties_are_copied, properties_are_moved,
    properties_in_a_folder,
};
pub use renames::{grants_to_a_group_follow_it, what_hangs_on_an_account_follows_it};
pub use revocations::{
    a_watcher_hears_of_both_handles, revocations_grow_only, the_sweep_takes_what_has_ended, withdrawn_until_it_expires,
};
pub use sign_ons::{
    of_many_that_claim_one_wins, tokens_are_replaced_by_the_quicker_one, what_is_handed_over_is_taken_once,
    what_works_once_is_claimed_once,
};
pub use sync_indexes::an_index_is_replaced_by_who_has_read_it;
pub use tallies::tallies_add_up;
pub use whole::{a_dump_comes_back_under_a_new_epoch, it_is_in_good_health, the_epoch_is_the_databases};

/// One check of one handle.
pub type Check = fn(Arc<dyn State>) -> BoxFuture<'static, ()>;

macro_rules! checks {
    ($($check:ident)+) => { &[$((stringify!($check), |state| Box::pin($check(state)) as BoxFuture<'static, ()>)),+] };
}

/// The checks that need one handle and mind nobody beside them, by name.
pub const CHECKS: &[(&str, Check)] = checks! {
    grants_at_a_place_and_above
    grants_below_in_order
    grants_to_grantees
    grants_by_an_owner
    grants_in_spaces
    institutions_never_mix
    a_grant_is_replaced_as_a_whole
    a_list_of_grants_is_replaced_in_one_step
    a_move_takes_the_subtree_and_no_lookalike
    a_drop_takes_the_subtree_and_no_lookalike
    paths_are_octets
    links_by_token_and_target
    links_of_an_owner_and_their_downloads
    a_removed_link_takes_its_grants
    a_link_follows_its_target
    app_passwords_by_account
    an_app_password_is_noted_hourly
    withdrawn_until_it_expires
    revocations_grow_only
    the_sweep_takes_what_has_ended
    exclusive_locks_keep_others_out
    shared_locks_stand_beside_each_other
    locks_end
    locks_are_dropped_with_the_subtree
    of_many_that_race_one_gets_the_lock
    a_lease_has_one_holder
    of_two_that_race_for_a_lease_one_wins
    an_index_is_replaced_by_who_has_read_it
    properties_are_all_or_nothing
    properties_are_bounded
    properties_are_moved
    properties_are_copied
    properties_in_a_folder
    what_is_moved_takes_along_what_hangs_on_it
    what_moves_to_another_owner_is_shared_no_more
    what_cannot_be_moved_stays_whole
    what_is_copied_has_properties_only
    what_is_gone_or_new_has_nothing_hanging_on_it
    changes_that_cross_all_happen
    what_works_once_is_claimed_once
    of_many_that_claim_one_wins
    what_is_handed_over_is_taken_once
    tokens_are_replaced_by_the_quicker_one
    settings_have_a_history
    the_quicker_one_changes_settings
    old_changes_are_forgotten
    what_hangs_on_an_account_follows_it
    grants_to_a_group_follow_it
    the_trail_is_read_backwards
    a_call_is_made_once
    api_clients_come_and_go
    a_card_keeps_text_and_log_ins
    external_accounts_come_and_go
    preferences_are_ones_own
    tallies_add_up
    gateway_groups_join_people_of_several_institutions
    members_of_gateway_groups_come_and_go
    gateway_groups_follow_renames
    it_is_in_good_health
};

/// Runs every check on one database, side by side where they allow it. `here` and `there` are two handles on it, as two
/// nodes would hold them.
///
/// # Panics
/// With the names of the checks that failed.
pub async fn check_all(here: Arc<dyn State>, there: Arc<dyn State>) {
    let started: Vec<_> = CHECKS.iter().map(|(name, check)| (*name, tokio::spawn(check(Arc::clone(&here))))).collect();
    let mut failed = Vec::new();
    for (name, check) in started {
        if check.await.is_err() {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "these checks of the State port failed: {failed:?}");
    the_epoch_is_the_databases(Arc::clone(&here), Arc::clone(&there)).await;
    a_watcher_hears_of_both_handles(Arc::clone(&here), there).await;
    a_dump_comes_back_under_a_new_epoch(here).await;
}

/// When the checks take place: far from anything that a sweep of theirs looks at.
const NOW: Timestamp = Timestamp(4_000_000_000);

/// Two institutions that nobody else uses.
struct Campus {
    a: InstitutionId,
    b: InstitutionId,
}

impl Campus {
    fn new() -> Self {
        let word = unique();
        let institution = |letter: char| InstitutionId::parse(&format!("{letter}-{word}")).unwrap();
        Self { a: institution('a'), b: institution('b') }
    }
}

/// A word of letters and digits that nobody else has.
fn unique() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

fn octets<const N: usize>() -> [u8; N] {
    std::array::from_fn(|_| RandomState::new().build_hasher().finish().to_le_bytes()[0])
}

fn account(institution: &InstitutionId, id: &str) -> Account {
    Account { institution: institution.clone(), id: AccountId::parse(id).unwrap() }
}

fn group(institution: &InstitutionId, id: &str) -> Grantee {
    Grantee::Group(GroupRef { institution: institution.clone(), id: GroupId::parse(id).unwrap() })
}

/// A file of `u1`.
fn file(institution: &InstitutionId, path: &str) -> Target {
    node(institution, "u1", "home", path)
}

fn node(institution: &InstitutionId, owner: &str, tree: &str, path: &str) -> Target {
    Target {
        institution: institution.clone(),
        owner: Some(AccountId::parse(owner).unwrap()),
        kind: ResourceKind::Node,
        tree: tree.to_owned(),
        path: path.to_owned(),
    }
}

fn grant(to: Grantee, rights: Rights) -> Grant {
    Grant { to, rights, until: None }
}
