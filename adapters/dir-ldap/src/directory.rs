//! The port, and what answers it.

use crate::{
    binds::Binders,
    cache::{Lives, cache},
    dial::Dialer,
    entry::{Entry, Withheld},
    failure::Failure,
    listing::Listed,
    provision::{LockRule, ProvisionSettings, Writer, is_below},
    search::{Answer, Question},
    searchers::Searchers,
    settings::Settings,
};
use moka::sync::Cache;
use passerelle_core::{
    Error, Manage, Permit, Read, Result,
    ports::{Directory, Fut, Page, Part, PeoplePage, Provision},
};
use passerelle_model::{AccountId, Group, GroupId, InstitutionRef, Login, Person, Secret, Standing};
use passerelle_wire_filter::{Dn, Entry as Judged, Filter, LdapUrl, Pieces, canonical};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::time::Instant;

/// Octets of entries kept.
const MOST_OCTETS_KEPT: u64 = 64 * 1024 * 1024;
/// Definitions of dynamic groups kept.
const MOST_DEFINITIONS_KEPT: u64 = 20_000;
/// Answers of the server on dynamic groups kept.
const MOST_ANSWERS_KEPT: u64 = 100_000;

/// Octets of lists kept.
const MOST_OCTETS_LISTED: u64 = 32 * 1024 * 1024;
/// How long a list is kept at most: what others make is seen by then.
const LISTED_FOR: Duration = Duration::from_secs(30);
/// What keeping an entry, or a name of a list, takes beside its octets.
const OF_AN_ENTRY: usize = 512;
const KEEPING: usize = 24;

/// A directory over LDAP.
#[derive(Debug)]
pub(crate) struct LdapDirectory {
    pub(crate) settings: Settings,
    pub(crate) dialer: Arc<Dialer>,
    pub(crate) searchers: Searchers,
    pub(crate) binders: Binders,
    /// By login in lower case.
    pub(crate) people: Cache<String, Arc<[Arc<Record>]>>,
    /// What dynamic groups look for, by their branch and their name in lower case; `None` for what is no dynamic group.
    pub(crate) definitions: Cache<(String, String), Option<Arc<[LdapUrl]>>>,
    /// What the server said of a person (by name) and a dynamic group (branch and name).
    pub(crate) memberships: Cache<(String, (String, String)), bool>,
    /// The names of all that match a text, sorted.
    pub(crate) listings: Cache<Listed, Arc<[String]>>,
    /// What writes; `None` where the directory is only read.
    pub(crate) writer: Option<Writer>,
}

/// A person with what is known of their entry.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) person: Person,
    /// The name, understood; `None` when it cannot be, and then no dynamic group has this person.
    pub(crate) name: Option<Dn>,
    pub(crate) withheld: Withheld,
    /// The static groups: the name in lower case, and the entries of that name.
    pub(crate) fixed: BTreeMap<String, Vec<Dn>>,
    /// The octets of its values.
    pub(crate) octets: usize,
}

impl Judged for Record {
    fn values(&self, attribute: &str) -> Option<&[String]> {
        Some(self.person.attributes.values(attribute)).filter(|values| !values.is_empty())
    }
    fn withheld(&self, attribute: &str) -> bool {
        self.withheld.holds(attribute)
    }
}

impl LdapDirectory {
    pub(crate) fn new(settings: Settings) -> Self {
        let dialer = Arc::new(Dialer::new(
            settings.servers.clone(),
            settings.tls.clone(),
            settings.trust.clone(),
            settings.service.clone(),
        ));
        let (found, missing) = (settings.cache, settings.negative_cache);
        Self {
            searchers: Searchers::new(Arc::clone(&dialer), settings.connections, settings.page_size),
            binders: Binders::new(Arc::clone(&dialer), settings.bind_connections),
            people: cache(
                MOST_OCTETS_KEPT,
                |key, records| weigh(key, records),
                Lives { found, missing, is_missing: |records| records.is_empty() },
            ),
            definitions: cache(MOST_DEFINITIONS_KEPT, |_, _| 1, Lives { found, missing, is_missing: Option::is_none }),
            memberships: cache(MOST_ANSWERS_KEPT, |_, _| 1, Lives { found, missing, is_missing: |is_in| !is_in }),
            listings: cache(
                MOST_OCTETS_LISTED,
                |_, names| names.iter().map(|name| u32::try_from(name.len() + KEEPING).unwrap_or(u32::MAX)).sum(),
                Lives { found: found.min(LISTED_FOR), missing, is_missing: |names| names.is_empty() },
            ),
            writer: settings.provision.as_ref().map(|provision| Writer::new(writing_dialer(&settings, provision))),
            dialer,
            settings,
        }
    }

    /// When a question that begins now must be answered.
    pub(crate) fn deadline(&self) -> Instant {
        Instant::now() + self.settings.timeout
    }

    /// Searches; `doing` is for the error.
    pub(crate) async fn search(&self, doing: &str, question: &Question<'_>, deadline: Instant) -> Result<Answer> {
        self.searchers.search(question, deadline).await.map_err(|failure| self.unavailable(doing, failure))
    }

    /// Forgets who a login is.
    pub(crate) fn forget_login(&self, account: &AccountId) {
        self.people.invalidate(&account.as_str().to_lowercase());
    }

    /// Where groups are looked for: below the settings' base, and below `within` where an institution has its own there;
    /// `None` when no group can be below both.
    pub(crate) fn groups_base<'a>(&'a self, within: Option<&'a str>) -> Option<&'a str> {
        within.map_or(Some(&self.settings.groups_base), |within| narrower(&self.settings.groups_base, within))
    }

    /// Where the people of a part are looked for, and what else a filter must ask of them; `None` when nobody can be there.
    pub(crate) fn people_of<'a>(&'a self, part: &'a Part) -> Option<(&'a str, Option<Filter>)> {
        let base = self.settings.people_base.as_str();
        Some(match part {
            Part::Whole => (base, None),
            Part::Below(below) => (narrower(base, below)?, None),
            Part::Marked { attribute, value } => (base, Some(Filter::equal(attribute, value))),
            Part::ByAddress(domains) => {
                let last = |domain: &String| Some(format!("@{domain}").into_bytes());
                let ends = |domain| Filter::Substring {
                    attribute: "mail".to_owned(),
                    pieces: Pieces { initial: None, any: Vec::new(), last: last(domain) },
                };
                (base, Some(Filter::Or(domains.iter().map(ends).collect())))
            }
        })
    }

    /// The person of an entry, without groups, and whether the account is locked.
    pub(crate) fn person_of(&self, entry: Entry) -> Option<(Person, Withheld)> {
        let (mut person, withheld) = entry.into_person(&self.settings.account_attribute)?;
        let rule = self.settings.provision.as_ref().and_then(|provision| provision.lock.as_ref());
        let holds = |rule: &LockRule| {
            let held = person.attributes.values(&canonical(&rule.attribute));
            held.iter().any(|value| value.eq_ignore_ascii_case(&rule.value))
        };
        if rule.is_some_and(holds) {
            person.standing = Standing::Locked;
        }
        Some((person, withheld))
    }

    pub(crate) fn unavailable(&self, doing: &str, failure: Failure) -> Error {
        Error::unavailable(&self.settings.name, doing, failure)
    }
}

/// The deeper of two names, one of which lies below the other.
fn narrower<'a>(one: &'a str, other: &'a str) -> Option<&'a str> {
    if is_below(other, one) {
        return Some(other);
    }
    is_below(one, other).then_some(one)
}

/// To the servers that take writes, as who may write.
fn writing_dialer(settings: &Settings, provision: &ProvisionSettings) -> Arc<Dialer> {
    let servers = provision.servers.clone().unwrap_or_else(|| settings.servers.clone());
    let service = provision.service.clone().or_else(|| settings.service.clone());
    Arc::new(Dialer::new(servers, settings.tls.clone(), settings.trust.clone(), service))
}

/// An entry's weight: its octets, and those of keeping it.
fn weigh(key: &str, records: &[Arc<Record>]) -> u32 {
    let of = |record: &Arc<Record>| {
        let groups: usize = record.person.groups.iter().map(|group| group.as_str().len() + 32).sum();
        record.octets + record.person.dn.len() + groups + OF_AN_ENTRY
    };
    u32::try_from(key.len() + OF_AN_ENTRY + records.iter().map(of).sum::<usize>()).unwrap_or(u32::MAX)
}

impl Directory for LdapDirectory {
    fn authenticate<'a>(&'a self, login: &'a Login, password: &'a Secret) -> Fut<'a, Person> {
        Box::pin(self.sign_on(login, password))
    }

    fn lookup<'a>(&'a self, account: &'a AccountId) -> Fut<'a, Vec<Person>> {
        Box::pin(async move {
            let records = self.records(account, self.deadline()).await?;
            Ok(records.iter().map(|record| record.person.clone()).collect())
        })
    }

    fn addressed<'a>(&'a self, address: &'a str) -> Fut<'a, Vec<Person>> {
        Box::pin(self.people_addressed(address))
    }

    fn belongs<'a>(
        &'a self,
        person: &'a Person,
        within: Option<&'a str>,
        groups: &'a [GroupId],
    ) -> Fut<'a, Vec<GroupId>> {
        Box::pin(self.memberships(person, within, groups))
    }

    fn find_people<'a>(
        &'a self,
        _at: &'a Permit<InstitutionRef, Read>,
        part: &'a Part,
        text: &'a str,
        limit: usize,
    ) -> Fut<'a, PeoplePage> {
        Box::pin(self.people_with(part, text, limit))
    }

    fn group<'a>(
        &'a self,
        _at: &'a Permit<InstitutionRef, Read>,
        within: Option<&'a str>,
        id: &'a GroupId,
    ) -> Fut<'a, Option<Group>> {
        Box::pin(self.group_named(within, id))
    }

    fn find_groups<'a>(
        &'a self,
        _at: &'a Permit<InstitutionRef, Read>,
        within: Option<&'a str>,
        text: &'a str,
        limit: usize,
    ) -> Fut<'a, Vec<Group>> {
        Box::pin(self.groups_with(within, text, limit))
    }

    fn people_after<'a>(
        &'a self,
        _at: &'a Permit<InstitutionRef, Manage>,
        part: &'a Part,
        text: &'a str,
        after: Option<&'a str>,
        limit: usize,
    ) -> Fut<'a, Page<Person>> {
        Box::pin(self.people_behind(part, text, after, limit))
    }

    fn groups_after<'a>(
        &'a self,
        _at: &'a Permit<InstitutionRef, Manage>,
        within: Option<&'a str>,
        text: &'a str,
        after: Option<&'a str>,
        limit: usize,
    ) -> Fut<'a, Page<Group>> {
        Box::pin(self.groups_behind(within, text, after, limit))
    }

    fn forget(&self, account: &AccountId) {
        self.forget_login(account);
    }

    fn as_provision(&self) -> Option<&dyn Provision> {
        self.writer.as_ref().map(|_| self as &dyn Provision)
    }
}
