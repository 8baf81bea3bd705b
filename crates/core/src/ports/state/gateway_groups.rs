//! Groups of the gateway's own, which join people of several institutions. No directory has them; a directory's groups are
//! never here.

use crate::ports::{Fut, MemberChange};
use passerelle_model::{Account, GroupRef, InstitutionId};

/// Most gateway groups of an institution.
pub const MOST_GATEWAY_GROUPS: usize = 5_000;
/// Most members of one.
pub const MOST_GATEWAY_MEMBERS: usize = 100_000;
/// Most gateway groups that one account is in.
pub const MOST_JOINED: usize = 1_000;

/// A gateway group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayGroup {
    /// Its name, and the institution whose administrators answer for it.
    pub group: GroupRef,
    /// What it is for; may be empty.
    pub description: String,
}

/// The gateway groups. Their names follow renames, and end, by [`super::Renames`].
pub trait GatewayGroups: Send + Sync {
    /// Makes one, with its first members.
    ///
    /// # Errors
    /// `Conflict` when the name is taken; `OverQuota` when somebody is in [`MOST_JOINED`] already.
    fn add_gateway_group<'a>(&'a self, group: &'a GatewayGroup, members: &'a [Account]) -> Fut<'a, ()>;

    /// One by its name.
    fn gateway_group<'a>(&'a self, group: &'a GroupRef) -> Fut<'a, Option<GatewayGroup>>;

    /// All of an institution, in order of their names: at most [`MOST_GATEWAY_GROUPS`].
    fn gateway_groups<'a>(&'a self, institution: &'a InstitutionId) -> Fut<'a, Vec<GatewayGroup>>;

    /// Says what one is for; `false` when there is none.
    fn describe_gateway_group<'a>(&'a self, group: &'a GatewayGroup) -> Fut<'a, bool>;

    /// Adds members or takes them out, all or none; `false` when there is no such group. Who is in already, or is not in,
    /// changes nothing.
    ///
    /// # Errors
    /// `OverQuota` beyond [`MOST_GATEWAY_MEMBERS`] or [`MOST_JOINED`].
    fn change_gateway_members<'a>(
        &'a self,
        group: &'a GroupRef,
        change: MemberChange,
        members: &'a [Account],
    ) -> Fut<'a, bool>;

    /// Its members in order, behind `after`; at most `limit`. For administrators' lists, never for a decision.
    fn gateway_members<'a>(
        &'a self,
        group: &'a GroupRef,
        after: Option<&'a Account>,
        limit: usize,
    ) -> Fut<'a, Vec<Account>>;

    /// Those of `groups` that an account is in: asked by member, whatever their size.
    fn joined<'a>(&'a self, account: &'a Account, groups: &'a [GroupRef]) -> Fut<'a, Vec<GroupRef>>;

    /// All that an account is in: at most [`MOST_JOINED`].
    fn all_joined<'a>(&'a self, account: &'a Account) -> Fut<'a, Vec<GroupRef>>;

    /// Takes an account out of all of them.
    fn left_all<'a>(&'a self, account: &'a Account) -> Fut<'a, ()>;
}
