//! Handles on an institution, for who manages it: making and changing groups.

use super::accounts::check_value;
use crate::{
    Allows, Authorized, Error, Manage, Result,
    ports::{GroupChange, MOST_MEMBERS, MemberChange, NewGroup, Page, Part},
};
use futures::future::try_join_all;
use passerelle_model::{AccountId, Grantee, Group, GroupId, GroupRef, InstitutionRef, Person};

/// Most groups of one page.
const MOST_LISTED: usize = 200;
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
        Ok(page)
    }

    /// The filter of a dynamic group; `None` for a static one, and where the directory is only read.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn group_filter(&self, id: &GroupId) -> Result<Option<String>> {
        match self.port.as_provision() {
            Some(provision) => {
                let part = self.groups_within()?.map_or(Part::Whole, |base| Part::Below(base.to_owned()));
                provision.group_filter(&self.permit.narrow(), &part, id).await
            }
            None => Ok(None),
        }
    }

    /// Makes a group.
    ///
    /// # Errors
    /// `Conflict` when the name is taken; `Invalid` for what is no name or filter.
    pub async fn create_group(&self, new: &NewGroup) -> Result<()> {
        check_new_name(&new.id)?;
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
        self.provision()?.delete_group(&self.permit.narrow(), &self.part_of_groups()?, id).await?;
        self.house.state.dropped_group(&self.group_of(id)).await
    }

    /// Adds accounts of this institution to a static group, or takes them out.
    ///
    /// # Errors
    /// `NotFound` for a group or an account that is not there; `Invalid` for a dynamic group.
    pub async fn change_members(&self, id: &GroupId, change: MemberChange, who: &[AccountId]) -> Result<()> {
        if who.is_empty() || who.len() > MOST_MEMBERS {
            return Err(Error::invalid(format_args!("members: 1 to {MOST_MEMBERS} logins in one call")));
        }
        self.check_may_touch(Grantee::Group(self.group_of(id))).await?;
        let (provision, part) = (self.provision()?, self.part_of_groups()?);
        let mut people: Vec<Person> = Vec::with_capacity(who.len());
        for some in who.chunks(AT_ONCE) {
            let asked: Vec<_> = some.iter().map(|login| self.theirs(login)).collect();
            people.extend(try_join_all(asked).await?);
        }
        provision.change_members(&self.permit.narrow(), &part, id, change, &people).await
    }

    /// The part of the realm whose groups are ours. Where institutions share a branch, the settings must say.
    fn part_of_groups(&self) -> Result<Part> {
        match (self.groups_within()?, self.part()?) {
            (Some(base), _) => Ok(Part::Below(base.to_owned())),
            (None, Part::Whole) => Ok(Part::Whole),
            (None, Part::Below(_) | Part::Marked { .. } | Part::ByAddress(_)) => Err(Error::Unsupported {
                what: "changing groups that several institutions have in common: [groups] says where its own are",
            }),
        }
    }

    fn group_of(&self, id: &GroupId) -> GroupRef {
        GroupRef { institution: self.target().0.clone(), id: id.clone() }
    }
}

fn check_new_name(id: &GroupId) -> Result<()> {
    let text = id.as_str();
    if text.trim() != text {
        return Err(Error::invalid("name: no space at the beginning or the end"));
    }
    Ok(())
}

fn check_description(description: &str) -> Result<()> {
    if description.is_empty() { Ok(()) } else { check_value("description", description) }
}
