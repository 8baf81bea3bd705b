//! Whom a static group names, page by page: the entry's values are read once for each page, and the people of the page one by
//! one, because no filter that every server knows finds entries by their names.

use super::entries::GroupEntry;
use crate::{
    directory::LdapDirectory,
    search::{Capped, Question},
};
use futures::{StreamExt, TryStreamExt, stream};
use ldap3::Scope;
use passerelle_core::{
    Error, Result,
    ports::{Page, Part},
};
use passerelle_model::{GroupId, Person};
use passerelle_wire_filter::{Filter, canonical};
use tokio::time::Instant;

/// People of a page who are read at once.
const AT_ONCE: usize = 8;

impl LdapDirectory {
    pub(super) async fn members_behind(
        &self,
        part: &Part,
        id: &GroupId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Person>> {
        let deadline = self.deadline();
        let GroupEntry { dn, member, .. } = self.group_entry(part, id, deadline).await?;
        let dynamic = || Error::invalid("the group is a dynamic one: its filter says who is in it");
        let member = member.ok_or_else(dynamic)?;
        let mut values = self.values_of(&dn, member, deadline).await?;
        values.sort_unstable();
        let mut behind = values.into_iter().filter(|value| after.is_none_or(|after| value.as_str() > after));
        let page: Vec<String> = behind.by_ref().take(limit).collect();
        let next = behind.next().and_then(|_| page.last().cloned());
        let people = stream::iter(page).map(|value| async move { self.member(member, &value, deadline).await });
        let people: Vec<Option<Person>> = people.buffered(AT_ONCE).try_collect().await?;
        Ok(Page { items: people.into_iter().flatten().collect(), next })
    }

    /// All values of the attribute that names members, or none: a part would be taken for the whole.
    async fn values_of(&self, group: &str, member: &str, deadline: Instant) -> Result<Vec<String>> {
        let question = Question {
            base: group,
            scope: Scope::Base,
            filter: &Filter::present("objectClass"),
            attributes: &[member],
            most: 1,
            capped: Capped::Fails,
        };
        let found = self.search("reading the members of a group", &question, deadline).await?;
        let entry = found.entries.into_iter().next().ok_or(Error::NotFound)?;
        if entry.withheld.holds(&canonical(member)) {
            return Err(Error::Unsupported { what: "listing a group with so many members" });
        }
        Ok(entry.attributes.values(&canonical(member)).to_vec())
    }

    /// The person whom a value names; `None` for the member that nobody is, another group, and who is gone.
    async fn member(&self, member: &str, value: &str, deadline: Instant) -> Result<Option<Person>> {
        let (base, scope) = if member == "memberUid" {
            (self.settings.people_base.as_str(), Scope::Subtree)
        } else if value.is_empty() {
            return Ok(None);
        } else {
            (value, Scope::Base)
        };
        let is_it = Filter::equal(&self.settings.account_attribute, value);
        let known = self.settings.people_filter.clone();
        let filter = if scope == Scope::Base { known } else { Filter::And(vec![known, is_it]) };
        let question = Question { base, scope, filter: &filter, attributes: &["*"], most: 8, capped: Capped::Fails };
        let found = self.search("reading a member of a group", &question, deadline).await?;
        Ok(found.entries.into_iter().next().and_then(|entry| self.person_of(entry)).map(|(person, _)| person))
    }
}
