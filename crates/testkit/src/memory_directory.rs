//! A directory in memory: people and groups given as data.

use passerelle_core::{
    Error, Manage, Permit, Read,
    ports::{Directory, Fut, Health, Leg, Page, Part, PeoplePage, Verdict},
};
use passerelle_model::{AccountId, Attributes, Group, GroupId, InstitutionRef, Login, Person, Secret, Standing};
use std::{collections::BTreeMap, future::Future, pin::Pin};

/// A person as a test writes them down.
#[derive(Debug, Clone)]
pub struct MemoryPerson {
    /// The entry.
    pub person: Person,
    /// The password.
    pub password: String,
    /// Groups that the entry does not name, which the directory answers for when asked by member.
    pub dynamic: Vec<GroupId>,
}

impl MemoryPerson {
    /// A person with a login, a mail domain, a password `pw-<login>` and static groups.
    ///
    /// # Panics
    /// When a name is no name.
    #[allow(clippy::expect_used, reason = "a test may panic")]
    pub fn new(login: &str, domain: &str, groups: &[&str]) -> Self {
        let person = Person {
            account: AccountId::parse(login).expect("a login"),
            dn: format!("uid={login},ou=people,dc={domain}"),
            display_name: format!("Person {login}"),
            mails: vec![format!("{login}@{domain}")],
            groups: groups.iter().map(|group| GroupId::parse(group).expect("a group")).collect(),
            posix: None,
            attributes: Attributes::default(),
            standing: Standing::Open,
        };
        Self { person, password: format!("pw-{login}"), dynamic: Vec::new() }
    }

    fn is_called(&self, login: &Login) -> bool {
        let address = login.address();
        match address {
            Some(address) => self.person.mails.iter().any(|mail| mail.eq_ignore_ascii_case(&address)),
            None => self.person.account.as_str().eq_ignore_ascii_case(login.local()),
        }
    }

    fn is_of(&self, part: &Part) -> bool {
        let mails = &self.person.mails;
        match part {
            Part::Whole => true,
            Part::Below(base) => self.person.dn.ends_with(base),
            Part::Marked { attribute, value } => self.person.attributes.values(attribute).contains(value),
            Part::ByAddress(domains) => {
                mails.iter().any(|mail| domains.iter().any(|domain| mail.ends_with(&format!("@{domain}"))))
            }
        }
    }

    fn contains(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let mut places = self.person.mails.iter().map(String::as_str);
        self.person.account.as_str().to_lowercase().contains(&text)
            || self.person.display_name.to_lowercase().contains(&text)
            || places.any(|mail| mail.to_lowercase().contains(&text))
    }
}

/// The directory.
#[derive(Debug, Clone, Default)]
pub struct MemoryDirectory {
    people: Vec<MemoryPerson>,
    groups: Vec<Group>,
    /// What a group lies below; one that is not here lies below every name.
    branches: BTreeMap<GroupId, String>,
}

impl MemoryDirectory {
    /// A directory of these people and groups.
    pub fn new(people: Vec<MemoryPerson>, groups: Vec<Group>) -> Self {
        Self { people, groups, branches: BTreeMap::new() }
    }

    /// Puts a group below a name.
    #[must_use]
    pub fn below(mut self, base: &str, group: GroupId) -> Self {
        self.branches.insert(group, base.to_owned());
        self
    }

    fn is_within(&self, within: Option<&str>, group: &GroupId) -> bool {
        within.is_none_or(|within| self.branches.get(group).is_none_or(|base| base == within))
    }

    fn groups_named(&self, within: Option<&str>, text: &str) -> Vec<Group> {
        let named = |group: &&Group| group.id.as_str().to_lowercase().contains(&text.to_lowercase());
        let here = |group: &&Group| self.is_within(within, &group.id);
        let mut groups: Vec<Group> = self.groups.iter().filter(named).filter(here).cloned().collect();
        groups.sort_by(|a, b| a.id.cmp(&b.id));
        groups
    }
}

impl Health for MemoryDirectory {
    fn name(&self) -> &'static str {
        "directory in memory"
    }
    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        Box::pin(async {
            vec![Leg { name: "search", verdict: Verdict::Works(format!("{} people", self.people.len())) }]
        })
    }
}

impl Directory for MemoryDirectory {
    fn authenticate<'a>(&'a self, login: &'a Login, password: &'a Secret) -> Fut<'a, Person> {
        Box::pin(async move {
            let found = self.people.iter().find(|one| one.is_called(login));
            match found {
                Some(one) if !password.expose().is_empty() && password.expose() == one.password.as_bytes() => {
                    Ok(one.person.clone())
                }
                Some(_) | None => Err(Error::Unauthenticated),
            }
        })
    }

    fn lookup<'a>(&'a self, account: &'a AccountId) -> Fut<'a, Vec<Person>> {
        Box::pin(async move {
            let same = |one: &&MemoryPerson| one.person.account == *account;
            Ok(self.people.iter().filter(same).map(|one| one.person.clone()).collect())
        })
    }

    fn addressed<'a>(&'a self, address: &'a str) -> Fut<'a, Vec<Person>> {
        Box::pin(async move {
            let has = |one: &&MemoryPerson| one.person.mails.iter().any(|mail| mail.eq_ignore_ascii_case(address));
            Ok(self.people.iter().filter(has).map(|one| one.person.clone()).collect())
        })
    }

    fn belongs<'a>(
        &'a self,
        person: &'a Person,
        within: Option<&'a str>,
        groups: &'a [GroupId],
    ) -> Fut<'a, Vec<GroupId>> {
        Box::pin(async move {
            let Some(one) = self.people.iter().find(|one| one.person.dn == person.dn) else { return Ok(Vec::new()) };
            let member = |group: &&GroupId| one.person.groups.contains(group) || one.dynamic.contains(group);
            let here = |group: &&GroupId| self.is_within(within, group);
            Ok(groups.iter().filter(member).filter(here).cloned().collect())
        })
    }

    fn find_people<'a>(
        &'a self,
        _at: &'a Permit<InstitutionRef, Read>,
        part: &'a Part,
        text: &'a str,
        limit: usize,
    ) -> Fut<'a, PeoplePage> {
        Box::pin(async move {
            let mut people: Vec<Person> = self
                .people
                .iter()
                .filter(|one| one.is_of(part) && one.contains(text))
                .map(|one| one.person.clone())
                .collect();
            people.sort_by(|a, b| a.display_name.cmp(&b.display_name));
            let more = people.len() > limit;
            people.truncate(limit);
            Ok(PeoplePage { people, more })
        })
    }

    fn group<'a>(
        &'a self,
        _at: &'a Permit<InstitutionRef, Read>,
        within: Option<&'a str>,
        id: &'a GroupId,
    ) -> Fut<'a, Option<Group>> {
        let found = self.groups.iter().find(|group| group.id == *id && self.is_within(within, id)).cloned();
        Box::pin(std::future::ready(Ok(found)))
    }

    fn find_groups<'a>(
        &'a self,
        _at: &'a Permit<InstitutionRef, Read>,
        within: Option<&'a str>,
        text: &'a str,
        limit: usize,
    ) -> Fut<'a, Vec<Group>> {
        Box::pin(async move {
            let mut groups = self.groups_named(within, text);
            groups.truncate(limit);
            Ok(groups)
        })
    }

    fn people_after<'a>(
        &'a self,
        _at: &'a Permit<InstitutionRef, Manage>,
        part: &'a Part,
        text: &'a str,
        after: Option<&'a str>,
        limit: usize,
    ) -> Fut<'a, Page<Person>> {
        Box::pin(async move {
            let mut people: Vec<Person> = self
                .people
                .iter()
                .filter(|one| one.is_of(part) && one.contains(text))
                .map(|one| one.person.clone())
                .collect();
            people.sort_by(|a, b| a.account.cmp(&b.account));
            Ok(page(people, after, limit, |person| person.account.as_str()))
        })
    }

    fn groups_after<'a>(
        &'a self,
        _at: &'a Permit<InstitutionRef, Manage>,
        within: Option<&'a str>,
        text: &'a str,
        after: Option<&'a str>,
        limit: usize,
    ) -> Fut<'a, Page<Group>> {
        Box::pin(async move { Ok(page(self.groups_named(within, text), after, limit, |group| group.id.as_str())) })
    }
}

/// The part of a sorted list behind a name.
fn page<T>(sorted: Vec<T>, after: Option<&str>, limit: usize, name: impl Fn(&T) -> &str) -> Page<T> {
    let mut rest = sorted.into_iter().filter(|item| after.is_none_or(|after| name(item) > after));
    let items: Vec<T> = rest.by_ref().take(limit).collect();
    let next = rest.next().and_then(|_| items.last().map(|last| name(last).to_owned()));
    Page { items, next }
}
