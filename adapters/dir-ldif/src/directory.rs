//! The port, answered from the tree.

use crate::{
    password,
    tree::{Resident, Tree},
};
use passerelle_core::{
    Error, Manage, Permit, Read, Result,
    ports::{Directory, Fut, Health, Leg, Page, Part, PeoplePage, Verdict},
};
use passerelle_model::{AccountId, Group, GroupId, InstitutionRef, Login, Person, Secret};
use std::{future::Future, pin::Pin};

/// Addresses beside `mail` that a person may send under.
const ALIASES: &str = "mailAlternateAddress";

/// The file as a directory.
pub(crate) struct LdifDirectory {
    name: String,
    tree: Tree,
}

impl LdifDirectory {
    pub(crate) fn new(name: String, tree: Tree) -> Self {
        Self { name, tree }
    }

    fn check(&self, login: &Login, typed: &Secret) -> Result<Person> {
        let resident = self.one(login).ok_or(Error::Unauthenticated)?;
        // Every stored password is compared, so that the time does not tell which one fits.
        let fits = resident.passwords.iter().fold(false, |fits, stored| fits | password::is(stored, typed));
        if fits { Ok(self.tree.whole(resident)) } else { Err(Error::Unauthenticated) }
    }

    /// The one person that a login means: who has the address, else who has the bare login or alias. Two are nobody.
    fn one(&self, login: &Login) -> Option<&Resident> {
        let only = |name: &str| {
            let mut found = self.tree.named(name);
            match (found.next(), found.next()) {
                (None, _) => Ok(None),
                (Some(one), None) => Ok(Some(one)),
                (Some(_), Some(_)) => Err(()),
            }
        };
        match login.address().map_or(Ok(None), |address| only(&address)).ok()? {
            Some(one) => Some(one),
            None => only(login.local()).ok()?,
        }
    }

    fn find_people(&self, part: &Part, text: &str, limit: usize) -> PeoplePage {
        let listed = self.people_with(part, text).filter(|resident| !resident.unlisted);
        let mut people: Vec<&Person> = listed.map(|resident| &resident.person).collect();
        people.sort_by_cached_key(|person| (person.display_name.to_lowercase(), person.account.clone()));
        let more = people.len() > limit;
        PeoplePage { people: people.into_iter().take(limit).cloned().collect(), more }
    }

    fn people_with<'a>(&'a self, part: &'a Part, text: &str) -> impl Iterator<Item = &'a Resident> + use<'a> {
        let text = text.to_lowercase();
        let has = move |value: &str| value.to_lowercase().contains(&text);
        self.tree.people().iter().filter(|resident| resident.is_of(part)).filter(move |resident| {
            let person = &resident.person;
            has(&person.display_name)
                || has(person.account.as_str())
                || person.mails.iter().any(|mail| has(mail))
                || person.attributes.values("cn").iter().any(|name| has(name))
        })
    }

    fn groups_with(&self, within: Option<&str>, text: &str) -> impl Iterator<Item = &Group> {
        let text = text.to_lowercase();
        self.tree.groups(within).filter(move |group| group.id.as_str().to_lowercase().contains(&text))
    }

    fn find_groups(&self, within: Option<&str>, text: &str, limit: usize) -> Vec<Group> {
        self.groups_with(within, text).take(limit).cloned().collect()
    }
}

impl Health for LdifDirectory {
    fn name(&self) -> &str {
        &self.name
    }

    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        let (people, groups) = (self.tree.people().len(), self.tree.groups(None).count());
        let verdict = if people == 0 {
            Verdict::Fails {
                what: format!("no people in {}", self.name),
                remedy: "put entries with objectClass inetOrgPerson and a uid into the file, or correct `base`",
            }
        } else {
            Verdict::Works(format!("{people} people, {groups} groups"))
        };
        Box::pin(std::future::ready(vec![Leg { name: "search", verdict }]))
    }
}

impl Directory for LdifDirectory {
    fn authenticate<'a>(&'a self, login: &'a Login, password: &'a Secret) -> Fut<'a, Person> {
        Box::pin(async move { self.check(login, password) })
    }

    fn lookup<'a>(&'a self, account: &'a AccountId) -> Fut<'a, Vec<Person>> {
        let is_it =
            |resident: &&Resident| resident.person.account.as_str().to_lowercase() == account.as_str().to_lowercase();
        let found = self.tree.named(account.as_str()).filter(is_it).map(|resident| self.tree.whole(resident)).collect();
        Box::pin(std::future::ready(Ok(found)))
    }

    fn addressed<'a>(&'a self, address: &'a str) -> Fut<'a, Vec<Person>> {
        let has = |resident: &&Resident| {
            let person = &resident.person;
            let others = person.attributes.values(ALIASES);
            person.mails.iter().chain(others).any(|mail| mail.eq_ignore_ascii_case(address))
        };
        let found = self.tree.people().iter().filter(has).map(|resident| self.tree.whole(resident)).collect();
        Box::pin(std::future::ready(Ok(found)))
    }

    fn belongs<'a>(
        &'a self,
        person: &'a Person,
        within: Option<&'a str>,
        groups: &'a [GroupId],
    ) -> Fut<'a, Vec<GroupId>> {
        Box::pin(async move { Ok(self.tree.belongs(&person.dn, within, groups)) })
    }

    fn find_people<'a>(
        &'a self,
        _at: &'a Permit<InstitutionRef, Read>,
        part: &'a Part,
        text: &'a str,
        limit: usize,
    ) -> Fut<'a, PeoplePage> {
        Box::pin(async move { Ok(self.find_people(part, text, limit)) })
    }

    fn group<'a>(
        &'a self,
        _at: &'a Permit<InstitutionRef, Read>,
        within: Option<&'a str>,
        id: &'a GroupId,
    ) -> Fut<'a, Option<Group>> {
        Box::pin(async move { Ok(self.tree.group(within, id).cloned()) })
    }

    fn find_groups<'a>(
        &'a self,
        _at: &'a Permit<InstitutionRef, Read>,
        within: Option<&'a str>,
        text: &'a str,
        limit: usize,
    ) -> Fut<'a, Vec<Group>> {
        Box::pin(async move { Ok(self.find_groups(within, text, limit)) })
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
            let found = self.people_with(part, text).filter(|resident| text.is_empty() || !resident.unlisted);
            let mut people: Vec<&Person> = found.map(|resident| &resident.person).collect();
            people.sort_by(|a, b| a.account.cmp(&b.account));
            Ok(page(&people, after, limit, |person| person.account.as_str()))
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
        Box::pin(async move {
            let mut groups: Vec<&Group> = self.groups_with(within, text).collect();
            groups.sort_by(|a, b| a.id.cmp(&b.id));
            Ok(page(&groups, after, limit, |group| group.id.as_str()))
        })
    }
}

/// The part of a sorted list behind a name.
fn page<T: Clone>(sorted: &[&T], after: Option<&str>, limit: usize, name: impl Fn(&T) -> &str) -> Page<T> {
    let rest: Vec<&&T> = sorted.iter().filter(|item| after.is_none_or(|after| name(item) > after)).collect();
    let items: Vec<T> = rest.iter().take(limit).map(|item| (**item).clone()).collect();
    let next = if rest.len() > limit { items.last().map(|last| name(last).to_owned()) } else { None };
    Page { items, next }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
