//! What must be known of entries before they are written: whose a login is, which groups name somebody.

use super::{looks::LOOKING, settings::is_below};
use crate::{
    directory::LdapDirectory,
    entry::Entry,
    groups::{CLASSES, DYNAMIC},
    search::{Capped, Question},
};
use futures::future::try_join;
use ldap3::Scope;
use passerelle_core::{Error, Result, ports::Part};
use passerelle_model::{AccountId, GroupId, Person};
use passerelle_wire_filter::{Dn, Filter};
use tokio::time::Instant;

/// Most entries that are looked at to tell whether a login or address is taken.
const MOST_CLAIMS: usize = 100;
/// Most groups of one person that a new name is carried to.
const MOST_CARRIED: usize = 5000;

impl LdapDirectory {
    /// Whether a login, or one of these addresses, is somebody's who is not this person: within the whole realm, because
    /// whoever signs on is looked for in all of it.
    pub(super) async fn is_taken(
        &self,
        id: Option<&AccountId>,
        mails: &[String],
        except: &Person,
        deadline: Instant,
    ) -> Result<bool> {
        let claims = self.claims(id, mails);
        if claims.is_empty() {
            return Ok(false);
        }
        let filter = Filter::Or(claims);
        let question = Question {
            base: &self.settings.people_base,
            scope: Scope::Subtree,
            filter: &filter,
            attributes: &["1.1"],
            most: MOST_CLAIMS,
            capped: Capped::More,
        };
        let out_of_use = Box::pin(async {
            match id {
                Some(id) => Ok(self.out_of_use(id, deadline).await?.is_some()),
                None => Ok(false),
            }
        });
        let looked = Box::pin(self.search(LOOKING, &question, deadline));
        let (found, out_of_use) = try_join(looked, out_of_use).await?;
        Ok(out_of_use || found.entries.iter().any(|entry| !same_name(&except.dn, &entry.dn)))
    }

    /// The account of this login in the branch of those that are out of use.
    pub(super) async fn out_of_use(&self, id: &AccountId, deadline: Instant) -> Result<Option<Person>> {
        let (settings, _) = self.writing()?;
        let Some(branch) = &settings.disabled else { return Ok(None) };
        let filter = Filter::equal(&self.settings.account_attribute, id.as_str());
        let question = Question {
            base: branch,
            scope: Scope::Subtree,
            filter: &filter,
            attributes: &["*", "+"],
            most: 1,
            capped: Capped::Fails,
        };
        let found = self.search("looking for an account out of use", &question, deadline).await?;
        Ok(found.entries.into_iter().next().and_then(|entry| self.person_of(entry)).map(|(person, _)| person))
    }

    /// The entry that was just made, as a sign-on would find it; without the groups, which cost a server more than all else.
    pub(super) async fn made(&self, dn: &str, deadline: Instant) -> Result<Person> {
        let doing = "reading an account that was just made";
        let question = Question {
            base: dn,
            scope: Scope::Base,
            filter: &self.settings.people_filter,
            attributes: &["*"],
            most: 1,
            capped: Capped::Fails,
        };
        let found = self.search(doing, &question, deadline).await?;
        let person = found.entries.into_iter().next().and_then(|entry| self.person_of(entry));
        person.map(|(person, _)| person).ok_or_else(|| {
            let why = "nobody would find it: let new entries match `people_filter`, and let `bind_dn` read them";
            Error::unavailable(&self.settings.name, doing, why)
        })
    }

    /// The one group of this name that is ours to change.
    pub(super) async fn group_entry(&self, part: &Part, id: &GroupId, deadline: Instant) -> Result<GroupEntry> {
        let classes = CLASSES.iter().map(|(class, _)| *class).chain([DYNAMIC]);
        let is_group = Filter::Or(classes.map(|class| Filter::equal("objectClass", class)).collect());
        let filter = Filter::And(vec![is_group, Filter::equal("cn", id.as_str())]);
        let question = Question {
            base: &self.settings.groups_base,
            scope: Scope::Subtree,
            filter: &filter,
            attributes: &["cn", "objectClass", "memberURL"],
            most: MOST_CLAIMS,
            capped: Capped::Fails,
        };
        let found = self.search("looking up a group", &question, deadline).await?;
        let mut ours = found.entries.into_iter().filter(|entry| is_in(part, entry)).filter_map(GroupEntry::of);
        match (ours.next(), ours.next()) {
            (Some(one), None) => Ok(one),
            (None, _) => Err(Error::NotFound),
            // Two of one name: changing either would be a guess.
            (Some(_), Some(_)) => Err(Error::Conflict),
        }
    }

    /// The groups that name somebody as a member, with the attribute and the value that do.
    pub(super) async fn memberships_of(&self, who: &Person, deadline: Instant) -> Result<Vec<(String, &'static str)>> {
        let named = CLASSES.iter().map(|(class, member)| {
            let value = member_value(member, who);
            Filter::And(vec![Filter::equal("objectClass", class), Filter::equal(member, value)])
        });
        let filter = Filter::Or(named.collect());
        let question = Question {
            base: &self.settings.groups_base,
            scope: Scope::Subtree,
            filter: &filter,
            attributes: &["objectClass"],
            most: MOST_CARRIED,
            capped: Capped::Fails,
        };
        let found = self.search("finding the groups that name an account", &question, deadline).await?;
        if found.more {
            let why = format!("more than {MOST_CARRIED} groups name the account");
            return Err(Error::unavailable(&self.settings.name, "finding the groups that name an account", why));
        }
        let memberships = found.entries.into_iter().filter_map(|entry| {
            let member = member_attribute(&entry)?;
            Some((entry.dn, member))
        });
        Ok(memberships.collect())
    }
}

/// A group as it is written to.
#[derive(Debug)]
pub(super) struct GroupEntry {
    pub(super) dn: String,
    /// The attribute of its members; `None` for a dynamic one.
    pub(super) member: Option<&'static str>,
    pub(super) urls: Vec<String>,
}

impl GroupEntry {
    fn of(entry: Entry) -> Option<Self> {
        let is_dynamic = entry.attributes.values("objectclass").iter().any(|it| it.eq_ignore_ascii_case(DYNAMIC));
        let member = if is_dynamic { None } else { Some(member_attribute(&entry)?) };
        Some(Self { member, urls: entry.attributes.values("memberurl").to_vec(), dn: entry.dn })
    }
}

fn member_attribute(entry: &Entry) -> Option<&'static str> {
    let classes = entry.attributes.values("objectclass");
    let has = |class: &str| classes.iter().any(|it| it.eq_ignore_ascii_case(class));
    CLASSES.iter().find(|(class, _)| has(class)).map(|(_, member)| *member)
}

/// How a group names somebody: by the entry's name, or by login (RFC 2307 §2.2).
pub(super) fn member_value<'a>(member: &str, who: &'a Person) -> &'a str {
    if member == "memberUid" { who.account.as_str() } else { &who.dn }
}

/// Whether an entry is in the institution's part of the realm.
pub(super) fn is_in(part: &Part, entry: &Entry) -> bool {
    match part {
        Part::Whole | Part::ByAddress(_) => true,
        Part::Below(base) => is_below(&entry.dn, base),
        Part::Marked { attribute, value } => {
            entry.attributes.values(attribute).iter().any(|held| held.eq_ignore_ascii_case(value))
        }
    }
}

/// Whether two texts name one entry.
pub(super) fn same_name(one: &str, other: &str) -> bool {
    one == other || matches!((Dn::parse(one), Dn::parse(other)), (Ok(one), Ok(other)) if one == other)
}
