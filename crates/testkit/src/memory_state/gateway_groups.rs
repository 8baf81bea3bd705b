//! Gateway groups in memory.

use super::{MemoryState, Tables, check_room, ready};
use passerelle_core::{
    Error, Result,
    ports::{
        Fut, MemberChange,
        state::{GatewayGroup, GatewayGroups, MOST_GATEWAY_MEMBERS, MOST_JOINED},
    },
};
use passerelle_model::{Account, GroupRef, InstitutionId};

impl GatewayGroups for MemoryState {
    fn add_gateway_group<'a>(&'a self, group: &'a GatewayGroup, members: &'a [Account]) -> Fut<'a, ()> {
        let mut tables = self.tables();
        if tables.gateway_groups.contains_key(&group.group) {
            return ready(Err(Error::Conflict));
        }
        let made = tables.join(&group.group, members);
        if made.is_ok() {
            tables.gateway_groups.insert(group.group.clone(), group.description.clone());
        }
        ready(made)
    }

    fn gateway_group<'a>(&'a self, group: &'a GroupRef) -> Fut<'a, Option<GatewayGroup>> {
        let found = self.tables().gateway_groups.get(group).cloned();
        ready(Ok(found.map(|description| GatewayGroup { group: group.clone(), description })))
    }

    fn gateway_groups<'a>(&'a self, institution: &'a InstitutionId) -> Fut<'a, Vec<GatewayGroup>> {
        let tables = self.tables();
        let theirs = tables.gateway_groups.iter().filter(|(group, _)| group.institution == *institution);
        let theirs = theirs.map(|(group, text)| GatewayGroup { group: group.clone(), description: text.clone() });
        ready(Ok(theirs.collect()))
    }

    fn describe_gateway_group<'a>(&'a self, group: &'a GatewayGroup) -> Fut<'a, bool> {
        let mut tables = self.tables();
        let Some(text) = tables.gateway_groups.get_mut(&group.group) else { return ready(Ok(false)) };
        text.clone_from(&group.description);
        ready(Ok(true))
    }

    fn change_gateway_members<'a>(
        &'a self,
        group: &'a GroupRef,
        change: MemberChange,
        members: &'a [Account],
    ) -> Fut<'a, bool> {
        let mut tables = self.tables();
        if !tables.gateway_groups.contains_key(group) {
            return ready(Ok(false));
        }
        let changed = match change {
            MemberChange::Add => tables.join(group, members),
            MemberChange::Remove => {
                tables.gateway_members.retain(|(of, member)| of != group || !members.contains(member));
                Ok(())
            }
        };
        ready(changed.map(|()| true))
    }

    fn gateway_members<'a>(
        &'a self,
        group: &'a GroupRef,
        after: Option<&'a Account>,
        limit: usize,
    ) -> Fut<'a, Vec<Account>> {
        let tables = self.tables();
        let members = tables.gateway_members.iter().filter(|(of, _)| of == group).map(|(_, member)| member);
        let behind = members.filter(|member| after.is_none_or(|after| *member > after));
        ready(Ok(behind.take(limit).cloned().collect()))
    }

    fn joined<'a>(&'a self, account: &'a Account, groups: &'a [GroupRef]) -> Fut<'a, Vec<GroupRef>> {
        let tables = self.tables();
        let is_in = |group: &&GroupRef| tables.gateway_members.contains(&((*group).clone(), account.clone()));
        let mut joined: Vec<GroupRef> = groups.iter().filter(is_in).cloned().collect();
        joined.sort();
        ready(Ok(joined))
    }

    fn all_joined<'a>(&'a self, account: &'a Account) -> Fut<'a, Vec<GroupRef>> {
        ready(Ok(self.tables().joined_by(account)))
    }

    fn left_all<'a>(&'a self, account: &'a Account) -> Fut<'a, ()> {
        self.tables().gateway_members.retain(|(_, member)| member != account);
        ready(Ok(()))
    }
}

impl Tables {
    fn joined_by(&self, account: &Account) -> Vec<GroupRef> {
        self.gateway_members.iter().filter(|(_, member)| member == account).map(|(of, _)| of.clone()).collect()
    }

    /// All of them or none.
    fn join(&mut self, group: &GroupRef, members: &[Account]) -> Result<()> {
        check_room(self.gateway_members.len())?;
        let before = self.gateway_members.clone();
        self.gateway_members.extend(members.iter().map(|member| (group.clone(), member.clone())));
        let count = self.gateway_members.iter().filter(|(of, _)| of == group).count();
        if count > MOST_GATEWAY_MEMBERS || members.iter().any(|member| self.joined_by(member).len() > MOST_JOINED) {
            self.gateway_members = before;
            return Err(Error::OverQuota);
        }
        Ok(())
    }

    /// What follows an account, a group's name, and what ends with it.
    pub(super) fn rename_member(&mut self, from: &Account, to: &Account) {
        self.gateway_members.retain(|(_, member)| member != to);
        let groups = self.joined_by(from);
        self.gateway_members.retain(|(_, member)| member != from);
        self.gateway_members.extend(groups.into_iter().map(|of| (of, to.clone())));
    }

    pub(super) fn rename_gateway_group(&mut self, from: &GroupRef, to: &GroupRef) -> Result<()> {
        let Some(text) = self.gateway_groups.get(from).cloned() else { return Ok(()) };
        if self.gateway_groups.contains_key(to) {
            return Err(Error::Conflict);
        }
        self.gateway_groups.remove(from);
        self.gateway_groups.insert(to.clone(), text);
        let moved: Vec<_> = self.gateway_members.extract_if(.., |(of, _)| of == from).collect();
        self.gateway_members.extend(moved.into_iter().map(|(_, member)| (to.clone(), member)));
        Ok(())
    }

    pub(super) fn drop_gateway_group(&mut self, group: &GroupRef) {
        self.gateway_groups.remove(group);
        self.gateway_members.retain(|(of, _)| of != group);
    }
}
