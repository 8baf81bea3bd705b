//! Handles on an institution, for who manages it: groups of the gateway's own, whose members are people of this institution
//! and of those that it agreed to share with. State keeps them; the directory never hears of them.

use super::groups::{check_description, check_new_name};
use crate::{
    Allows, Authorized, Error, Manage, Result, Right, door,
    ports::{
        GroupChange, MOST_MEMBERS, MemberChange, Page,
        state::{GatewayGroup, MOST_GATEWAY_GROUPS},
    },
};
use futures::future::try_join_all;
use passerelle_model::{Account, Grantee, Group, GroupId, GroupRef, InstitutionRef};

/// Most members of one page.
const MOST_MEMBERS_LISTED: usize = 1000;
/// Accounts looked up at once.
const AT_ONCE: usize = 16;

impl<R: Allows<Manage>> Authorized<InstitutionRef, R> {
    /// Makes a gateway group, with its first members.
    ///
    /// # Errors
    /// `Conflict` when the name is taken; `NotFound` for an account that is not there, `Forbidden` for one of an institution
    /// that may not be shared with; `OverQuota` beyond what an institution or an account may have.
    pub async fn create_gateway_group(&self, id: &GroupId, description: &str, members: &[Account]) -> Result<()> {
        check_name(id)?;
        check_description(description)?;
        let group = GatewayGroup { group: self.group_of(id), description: description.to_owned() };
        self.check_may_touch(Grantee::Group(group.group.clone())).await?;
        self.check_members(members).await?;
        if self.house.state.gateway_groups(&self.target().0).await?.len() >= MOST_GATEWAY_GROUPS {
            return Err(Error::OverQuota);
        }
        self.house.state.add_gateway_group(&group, members).await
    }

    /// The members of a gateway group, in order and behind `after`.
    ///
    /// # Errors
    /// `NotFound`; `Unsupported` for a group of the directory, whose members nobody enumerates.
    pub async fn members_after(&self, id: &GroupId, after: Option<&Account>, limit: usize) -> Result<Page<Account>> {
        if !id.is_of_gateway() {
            return Err(Error::Unsupported { what: "listing the members of a directory's group" });
        }
        let (group, limit) = (self.group_of(id), limit.clamp(1, MOST_MEMBERS_LISTED));
        self.house.state.gateway_group(&group).await?.ok_or(Error::NotFound)?;
        let mut items = self.house.state.gateway_members(&group, after, limit.saturating_add(1)).await?;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(ToString::to_string) } else { None };
        Ok(Page { items, next })
    }

    pub(super) async fn change_gateway_group(&self, id: &GroupId, change: &GroupChange) -> Result<()> {
        if change.filter.is_some() {
            return Err(Error::invalid("filter: a group of the gateway has members, who are named"));
        }
        let description = change.description.clone().unwrap_or_default();
        let described = GatewayGroup { group: self.group_of(id), description };
        if self.house.state.describe_gateway_group(&described).await? { Ok(()) } else { Err(Error::NotFound) }
    }

    pub(super) async fn rename_gateway_group(&self, id: &GroupId, to: &GroupId) -> Result<()> {
        check_name(id)?;
        check_name(to)?;
        self.house.state.gateway_group(&self.group_of(id)).await?.ok_or(Error::NotFound)?;
        self.house.state.renamed_group(&self.group_of(id), &self.group_of(to)).await
    }

    pub(super) async fn change_gateway_members(
        &self,
        id: &GroupId,
        change: MemberChange,
        who: &[Account],
    ) -> Result<()> {
        if change == MemberChange::Add {
            self.check_members(who).await?;
        }
        let changed = self.house.state.change_gateway_members(&self.group_of(id), change, who).await?;
        if changed { Ok(()) } else { Err(Error::NotFound) }
    }

    /// Whether all of them are there, and of institutions whose people may be shared with.
    async fn check_members(&self, who: &[Account]) -> Result<()> {
        if who.len() > MOST_MEMBERS {
            return Err(Error::invalid(format_args!("members: at most {MOST_MEMBERS} in one call")));
        }
        let facts = &self.house.tenant(&self.target().0)?.facts;
        let may =
            |account: &Account| account.institution == facts.id || facts.shares_with.contains(&account.institution);
        if !who.iter().all(may) {
            return Err(Error::Forbidden);
        }
        for some in who.chunks(AT_ONCE) {
            let found = try_join_all(some.iter().map(|account| door::find_any(&self.house, account))).await?;
            if found.iter().any(Option::is_none) {
                return Err(Error::NotFound);
            }
        }
        Ok(())
    }
}

impl<R: Right> Authorized<InstitutionRef, R> {
    /// The institution's gateway groups whose name contains a text, behind `after`.
    pub(super) async fn gateway_groups_with(&self, text: &str, after: Option<&str>) -> Result<Vec<Group>> {
        let text = text.to_lowercase();
        let all = self.house.state.gateway_groups(&self.target().0).await?;
        let wanted = |group: &GatewayGroup| {
            let name = group.group.id.as_str();
            after.is_none_or(|after| name > after) && name.to_lowercase().contains(&text)
        };
        Ok(all.into_iter().filter(wanted).map(shown).collect())
    }

    pub(super) fn group_of(&self, id: &GroupId) -> GroupRef {
        GroupRef { institution: self.target().0.clone(), id: id.clone() }
    }
}

/// A gateway group as groups are shown.
pub(super) fn shown(group: GatewayGroup) -> Group {
    Group { id: group.group.id, description: group.description, mail: None, dynamic: false }
}

fn check_name(id: &GroupId) -> Result<()> {
    check_new_name(id)?;
    let name = id.as_str().strip_prefix(GroupId::GATEWAY).map(str::trim);
    if name.is_none_or(str::is_empty) {
        let what = format_args!("name: a group of the gateway is called {}and something behind it", GroupId::GATEWAY);
        return Err(Error::invalid(what));
    }
    Ok(())
}
