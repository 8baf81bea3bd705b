//! Handles on an institution, for who manages it: making and changing groups.

use super::accounts::check_value;
use crate::{
    Allows, Authorized, Error, Manage, Result,
    ports::{GroupChange, MOST_MEMBERS, Matching, MemberChange, NewGroup, Page, Part},
};
use futures::future::try_join_all;
use passerelle_model::{Account, Grantee, Group, GroupId, InstitutionRef, Person};

/// Most groups of one page.
const MOST_LISTED: usize = 200;
/// Most people whom the preview of a filter names.
const MOST_PREVIEWED: usize = 20;
/// Accounts looked up at once.
const AT_ONCE: usize = 16;

impl<R: Allows<Manage>> Authorized<InstitutionRef, R> {
    /// Groups in order of their names, behind `after`.
    ///
    /// # Errors
    /// `Unavailable` when the directory cannot say.
    pub async fn groups_after(&self, text: &str, after: Option<&str>, limit: usize) -> Result<Page<Group>> {
        let (within, limit) = (self.groups_within()?, limit.clamp(1, MOST_LISTED));
        let mut page = self.port.groups_after(&self.permit.narrow(), within, text, after, limit).await?;
        page.items.retain(|group| !group.id.is_of_gateway());
        let ours = self.gateway_groups_with(text, after).await?;
        Ok(merged(page, ours, limit))
    }

    /// The filter of a dynamic group; `None` for a static one, and where the directory is only read.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn group_filter(&self, id: &GroupId) -> Result<Option<String>> {
        if id.is_of_gateway() {
            return Ok(None);
        }
        match self.port.as_provision() {
            Some(provision) => {
                let part = self.groups_within()?.map_or(Part::Whole, |base| Part::Below(base.to_owned()));
                provision.group_filter(&self.permit.narrow(), &part, id).await
            }
            None => Ok(None),
        }
    }

    /// The people of this institution whom a dynamic group of this filter would have: how many, and the first few by login.
    ///
    /// # Errors
    /// `Invalid` for what is no filter; `Unavailable` when the directory cannot say, or finds more than it counts.
    pub async fn matching(&self, filter: &str) -> Result<Matching> {
        let part = self.part()?;
        let mut found = self.provision()?.matching(&self.permit.narrow(), &part, filter, MOST_PREVIEWED).await?;
        let facts = self.facts()?;
        found.first.retain(|person| self.house.is_of(&facts, person));
        Ok(found)
    }

    /// The people of this institution whom a static group of the directory names, behind `after`. For administrators' lists,
    /// never for a decision: that is asked by member.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for a dynamic group; `Unsupported` for a group too large to be read at once.
    pub async fn named_members(&self, id: &GroupId, after: Option<&str>, limit: usize) -> Result<Page<Person>> {
        let (provision, part) = (self.provision()?, self.part_of_groups()?);
        let limit = limit.clamp(1, MOST_LISTED);
        let mut page = provision.members_after(&self.permit.narrow(), &part, id, after, limit).await?;
        let facts = self.facts()?;
        page.items.retain(|person| self.house.is_of(&facts, person));
        Ok(page)
    }

    /// Makes a group of the directory.
    ///
    /// # Errors
    /// `Conflict` when the name is taken; `Invalid` for what is no name or filter.
    pub async fn create_group(&self, new: &NewGroup) -> Result<()> {
        check_new_name(&new.id)?;
        if new.id.is_of_gateway() {
            return Err(Error::invalid(format_args!("name: {} is for the gateway's own groups", GroupId::GATEWAY)));
        }
        check_description(&new.description)?;
        self.check_may_touch(Grantee::Group(self.group_of(&new.id))).await?;
        self.provision()?.create_group(&self.permit.narrow(), &self.part_of_groups()?, new).await
    }

    /// Changes what a group is for, or the filter of a dynamic one.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for a filter on a static group.
    pub async fn change_group(&self, id: &GroupId, change: &GroupChange) -> Result<()> {
        if let Some(description) = &change.description {
            check_description(description)?;
        }
        self.check_may_touch(Grantee::Group(self.group_of(id))).await?;
        if id.is_of_gateway() {
            return self.change_gateway_group(id, change).await;
        }
        self.provision()?.change_group(&self.permit.narrow(), &self.part_of_groups()?, id, change).await
    }

    /// Gives a group another name. The grants to it follow.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when the name is taken.
    pub async fn rename_group(&self, id: &GroupId, to: &GroupId) -> Result<()> {
        check_new_name(to)?;
        for name in [id, to] {
            self.check_may_touch(Grantee::Group(self.group_of(name))).await?;
        }
        if id.is_of_gateway() || to.is_of_gateway() {
            return self.rename_gateway_group(id, to).await;
        }
        let (provision, part, at) = (self.provision()?, self.part_of_groups()?, self.permit.narrow());
        if id == to {
            return provision.group_filter(&at, &part, id).await.map(drop);
        }
        provision.rename_group(&at, &part, id, to).await?;
        if let Err(failed) = self.house.state.renamed_group(&self.group_of(id), &self.group_of(to)).await {
            provision.rename_group(&at, &part, to, id).await?;
            return Err(failed);
        }
        Ok(())
    }

    /// Removes a group, and the grants to it.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete_group(&self, id: &GroupId) -> Result<()> {
        self.check_may_touch(Grantee::Group(self.group_of(id))).await?;
        if id.is_of_gateway() {
            self.house.state.gateway_group(&self.group_of(id)).await?.ok_or(Error::NotFound)?;
        } else {
            self.provision()?.delete_group(&self.permit.narrow(), &self.part_of_groups()?, id).await?;
        }
        self.house.state.dropped_group(&self.group_of(id)).await
    }

    /// Adds accounts to a static group, or takes them out: those of this institution, and to a gateway group those of
    /// institutions that this one shares with too.
    ///
    /// # Errors
    /// `NotFound` for a group or an account that is not there; `Forbidden` for an account of an institution that may not be
    /// shared with; `Invalid` for a dynamic group.
    pub async fn change_members(&self, id: &GroupId, change: MemberChange, who: &[Account]) -> Result<()> {
        if who.is_empty() || who.len() > MOST_MEMBERS {
            return Err(Error::invalid(format_args!("members: 1 to {MOST_MEMBERS} logins in one call")));
        }
        self.check_may_touch(Grantee::Group(self.group_of(id))).await?;
        if id.is_of_gateway() {
            return self.change_gateway_members(id, change, who).await;
        }
        if who.iter().any(|account| account.institution != self.target().0) {
            return Err(Error::NotFound);
        }
        let (provision, part) = (self.provision()?, self.part_of_groups()?);
        let mut people: Vec<Person> = Vec::with_capacity(who.len());
        for some in who.chunks(AT_ONCE) {
            let asked: Vec<_> = some.iter().map(|account| self.theirs(&account.id)).collect();
            people.extend(try_join_all(asked).await?);
        }
        provision.change_members(&self.permit.narrow(), &part, id, change, &people).await
    }

    /// The part of the realm whose groups are ours. Where institutions share a branch, the settings must say.
    pub(super) fn part_of_groups(&self) -> Result<Part> {
        match (self.groups_within()?, self.part()?) {
            (Some(base), _) => Ok(Part::Below(base.to_owned())),
            (None, Part::Whole) => Ok(Part::Whole),
            (None, Part::Below(_) | Part::Marked { .. } | Part::ByAddress(_)) => Err(Error::Unsupported {
                what: "changing groups that several institutions have in common: [groups] says where its own are",
            }),
        }
    }
}

/// A page of the directory's groups and of ours together, in order of their names.
fn merged(mut page: Page<Group>, ours: Vec<Group>, limit: usize) -> Page<Group> {
    // What the directory has behind its page is not known: nothing beyond it can be told yet.
    let known = |group: &Group| page.next.as_ref().is_none_or(|last| group.id.as_str() <= last.as_str());
    let ours: Vec<Group> = ours.into_iter().filter(known).collect();
    page.items.extend(ours);
    page.items.sort_by(|a, b| a.id.cmp(&b.id));
    if page.items.len() > limit {
        page.items.truncate(limit);
        page.next = page.items.last().map(|group| group.id.to_string());
    }
    page
}

pub(super) fn check_new_name(id: &GroupId) -> Result<()> {
    let text = id.as_str();
    if text.trim() != text {
        return Err(Error::invalid("name: no space at the beginning or the end"));
    }
    Ok(())
}

pub(super) fn check_description(description: &str) -> Result<()> {
    if description.is_empty() { Ok(()) } else { check_value("description", description) }
}
