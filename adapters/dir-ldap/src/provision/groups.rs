//! Groups: static ones by their members, dynamic ones by the filter in their URL.

use super::{
    entries::{GroupEntry, member_value},
    none,
    settings::is_below,
    write::set,
};
use crate::directory::LdapDirectory;
use ldap3::{Mod, controls::RawControl};
use passerelle_core::{
    Error, Manage, Permit, Result,
    ports::{Fut, GroupChange, Matching, MemberChange, NewGroup, Page, Part, ProvisionGroups},
};
use passerelle_model::{GroupId, InstitutionRef, Person};
use passerelle_wire_filter::{Filter, LdapUrl, rdn, url_below};
use tokio::time::Instant;

/// "Add what is not there, remove what is": a control of Active Directory's that OpenLDAP has too. Servers that do not
/// know it go on without (RFC 4511 §4.1.11: it is not critical).
const PERMISSIVE: &str = "1.2.840.113556.1.4.1413";
// RFC 4511 §4.1.9
const NO_SUCH_ATTRIBUTE: u32 = 16;
const VALUE_EXISTS: u32 = 20;
const CLASS_VIOLATION: u32 = 65;

type At<'a> = &'a Permit<InstitutionRef, Manage>;

impl ProvisionGroups for LdapDirectory {
    fn create_group<'a>(&'a self, _at: At<'a>, part: &'a Part, new: &'a NewGroup) -> Fut<'a, ()> {
        Box::pin(async move {
            let (settings, _) = self.writing()?;
            let deadline = self.deadline();
            match self.group_entry(part, &new.id, deadline).await {
                Err(Error::NotFound) => {}
                Ok(_) | Err(Error::Conflict) => return Err(Error::Conflict),
                Err(error) => return Err(error),
            }
            let mut values = vec![("cn".to_owned(), set([new.id.as_str()]))];
            if !new.description.is_empty() {
                values.push(("description".to_owned(), set([new.description.as_str()])));
            }
            let classes = match &new.filter {
                Some(filter) => {
                    values.push(("memberURL".to_owned(), set([self.url_of(filter)?])));
                    &settings.dynamic_classes
                }
                None => {
                    let is_posix = settings.group_classes.iter().any(|it| it.eq_ignore_ascii_case("posixGroup"));
                    let by_unique =
                        settings.group_classes.iter().any(|it| it.eq_ignore_ascii_case("groupOfUniqueNames"));
                    let member = if by_unique { "uniqueMember" } else { "member" };
                    if !is_posix {
                        values.push((member.to_owned(), set([settings.empty_member.as_str()])));
                    }
                    &settings.group_classes
                }
            };
            values.push(("objectClass".to_owned(), set(classes.clone())));
            let branch = match part {
                Part::Below(base) if !is_below(&settings.groups, base) => base,
                Part::Below(_) | Part::Whole | Part::Marked { .. } | Part::ByAddress(_) => &settings.groups,
            };
            let dn = format!("{},{branch}", rdn("cn", new.id.as_str()));
            let done = self.add("making a group", &dn, values, deadline).await;
            self.forget_groups();
            done.map(drop)
        })
    }

    fn change_group<'a>(
        &'a self,
        _at: At<'a>,
        part: &'a Part,
        id: &'a GroupId,
        change: &'a GroupChange,
    ) -> Fut<'a, ()> {
        Box::pin(async move {
            let deadline = self.deadline();
            let group = self.group_entry(part, id, deadline).await?;
            let mut changes = Vec::new();
            if let Some(description) = &change.description {
                let values = if description.is_empty() { none() } else { set([description.as_str()]) };
                changes.push(Mod::Replace("description".to_owned(), values));
            }
            if let Some(filter) = &change.filter {
                if group.member.is_some() {
                    return Err(Error::invalid("filter: the group is a static one, whose members are named"));
                }
                changes.push(Mod::Replace("memberURL".to_owned(), set([self.url_of(filter)?])));
            }
            if changes.is_empty() {
                return Ok(());
            }
            let done = self.modify("changing a group", &group.dn, changes, deadline).await;
            self.forget_groups();
            done
        })
    }

    fn rename_group<'a>(&'a self, _at: At<'a>, part: &'a Part, id: &'a GroupId, to: &'a GroupId) -> Fut<'a, ()> {
        Box::pin(async move {
            let deadline = self.deadline();
            let group = self.group_entry(part, id, deadline).await?;
            match self.group_entry(part, to, deadline).await {
                Err(Error::NotFound) => {}
                // The same group in another spelling.
                Ok(other) if other.dn == group.dn => {}
                Ok(_) | Err(Error::Conflict) => return Err(Error::Conflict),
                Err(error) => return Err(error),
            }
            let done = self.rename("renaming a group", &group.dn, &rdn("cn", to.as_str()), None, deadline).await;
            self.forget_groups();
            done
        })
    }

    fn delete_group<'a>(&'a self, _at: At<'a>, part: &'a Part, id: &'a GroupId) -> Fut<'a, ()> {
        Box::pin(async move {
            let deadline = self.deadline();
            let group = self.group_entry(part, id, deadline).await?;
            let done = self.delete("removing a group", &group.dn, deadline).await;
            self.forget_groups();
            done
        })
    }

    fn change_members<'a>(
        &'a self,
        _at: At<'a>,
        part: &'a Part,
        id: &'a GroupId,
        change: MemberChange,
        people: &'a [Person],
    ) -> Fut<'a, ()> {
        Box::pin(async move {
            let deadline = self.deadline();
            let GroupEntry { dn, member, .. } = self.group_entry(part, id, deadline).await?;
            let dynamic = || Error::invalid("the group is a dynamic one: its filter says who is in it");
            let member = member.ok_or_else(dynamic)?;
            let values: Vec<&str> = people.iter().map(|who| member_value(member, who)).collect();
            let done = self.change_values(&dn, member, change, &values, deadline).await;
            people.iter().for_each(|who| self.forget_login(&who.account));
            done
        })
    }

    fn group_filter<'a>(&'a self, _at: At<'a>, part: &'a Part, id: &'a GroupId) -> Fut<'a, Option<String>> {
        Box::pin(async move {
            let group = self.group_entry(part, id, self.deadline()).await?;
            if group.member.is_some() {
                return Ok(None);
            }
            let filters: Vec<Filter> =
                group.urls.iter().filter_map(|text| LdapUrl::parse(text).ok()).map(|url| url.filter).collect();
            Ok(Some(match filters.as_slice() {
                [one] => one.to_string(),
                _ => Filter::Or(filters).to_string(),
            }))
        })
    }

    fn matching<'a>(&'a self, _at: At<'a>, part: &'a Part, filter: &'a str, most: usize) -> Fut<'a, Matching> {
        Box::pin(async move { self.people_matching(part, &parsed(filter)?, most).await })
    }

    fn members_after<'a>(
        &'a self,
        _at: At<'a>,
        part: &'a Part,
        id: &'a GroupId,
        after: Option<&'a str>,
        limit: usize,
    ) -> Fut<'a, Page<Person>> {
        Box::pin(self.members_behind(part, id, after, limit))
    }
}

impl LdapDirectory {
    pub(super) async fn put_member(&self, group: &str, member: &str, value: &str, deadline: Instant) -> Result<()> {
        self.change_values(group, member, MemberChange::Add, &[value], deadline).await
    }

    pub(super) async fn take_member(&self, group: &str, member: &str, value: &str, deadline: Instant) -> Result<()> {
        self.change_values(group, member, MemberChange::Remove, &[value], deadline).await
    }

    /// All values in one operation. A server that minds that some are there already, or are not, is told one by one; one
    /// whose group must have a member is given a member that nobody is.
    async fn change_values(
        &self,
        group: &str,
        member: &str,
        change: MemberChange,
        values: &[&str],
        deadline: Instant,
    ) -> Result<()> {
        let (settings, _) = self.writing()?;
        let doing = "changing the members of a group";
        let changed = |values: &[&str]| match change {
            MemberChange::Add => Mod::Add(member.to_owned(), set(values.iter().copied())),
            MemberChange::Remove => Mod::Delete(member.to_owned(), set(values.iter().copied())),
        };
        let keeper = || Mod::Add(member.to_owned(), set([settings.empty_member.as_str()]));
        let result = self.permissive(doing, group, vec![changed(values)], deadline).await?;
        match (result.rc, change) {
            (NO_SUCH_ATTRIBUTE | VALUE_EXISTS, _) if values.len() > 1 => {
                for value in values {
                    Box::pin(self.change_values(group, member, change, &[value], deadline)).await?;
                }
                Ok(())
            }
            (VALUE_EXISTS, MemberChange::Add) | (NO_SUCH_ATTRIBUTE, MemberChange::Remove) => Ok(()),
            (CLASS_VIOLATION, MemberChange::Remove) => {
                let result = self.permissive(doing, group, vec![keeper(), changed(values)], deadline).await?;
                self.judged(doing, &result)
            }
            _ => self.judged(doing, &result),
        }
    }

    async fn permissive(
        &self,
        doing: &'static str,
        dn: &str,
        changes: Vec<Mod<String>>,
        deadline: Instant,
    ) -> Result<ldap3::LdapResult> {
        let dn = dn.to_owned();
        let control = RawControl { ctype: PERMISSIVE.to_owned(), crit: false, val: None };
        self.send(doing, deadline, move |mut ldap| {
            Box::pin(async move { ldap.with_controls(control).modify(&dn, changes).await })
        })
        .await
    }

    /// The URL of a filter, over all people. What cannot be judged or is too long is refused here.
    fn url_of(&self, filter: &str) -> Result<String> {
        Ok(url_below(&self.settings.people_base, &parsed(filter)?))
    }

    /// What a group was is in the entries of its members, whom nobody counts.
    fn forget_groups(&self) {
        self.people.invalidate_all();
        self.definitions.invalidate_all();
        self.memberships.invalidate_all();
        self.listings.invalidate_all();
    }
}

fn parsed(filter: &str) -> Result<Filter> {
    Filter::parse(filter).map_err(|error| Error::invalid(format_args!("filter: {error}")))
}
