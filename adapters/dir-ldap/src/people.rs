//! Who somebody is: signing on, finding by login, finding by name.

use crate::{
    binds::Bound,
    directory::{LdapDirectory, Record},
    entry::Entry,
    search::{Capped, Question},
};
use ldap3::Scope;
use passerelle_core::{
    Error, Result,
    ports::{Part, PeoplePage},
};
use passerelle_model::{AccountId, Login, Person, Secret};
use passerelle_wire_filter::{Dn, Filter};
use std::sync::Arc;
use tokio::time::Instant;

/// Most entries that one login may lead to: institutions of a realm that reuse logins.
const MOST_NAMESAKES: usize = 32;
/// Most people of one answer.
const MOST_PEOPLE: usize = 1000;
/// What is read of a person: all that filters may look at, so that what is absent is known to be (RFC 4511 §4.5.1.8,
/// RFC 3673). `memberOf` is operational in some servers that do not know `+`.
const WHOLE: &[&str] = &["*", "+", "memberOf"];
/// What is read of people who are only shown.
pub(crate) const SHOWN: &[&str] = &["*"];

impl LdapDirectory {
    /// Finds the one entry that a login means, then binds as it.
    pub(crate) async fn sign_on(&self, login: &Login, password: &Secret) -> Result<Person> {
        let deadline = self.deadline();
        if password.expose().is_empty() {
            return Err(Error::Unauthenticated);
        }
        let filter = self.settings.login.fill(login).ok_or(Error::Unauthenticated)?;
        let found = self.search("finding who signs on", &self.of_people(&filter, MOST_NAMESAKES), deadline).await?;
        if found.more {
            return Err(Error::Unauthenticated);
        }
        let entry = only_one(found.entries, login).ok_or(Error::Unauthenticated)?;
        let bound = self.binders.check(&entry.dn, password, deadline).await;
        match bound.map_err(|failure| self.unavailable("checking a password", failure))? {
            Bound::Right => {}
            Bound::Wrong => return Err(Error::Unauthenticated),
        }
        let record = self.record(entry, deadline).await?.ok_or_else(|| {
            tracing::warn!(directory = self.settings.name, "a person who signed on has no login of an account");
            Error::Unauthenticated
        })?;
        Ok(record.person)
    }

    /// The entries of a canonical login, with their static groups.
    pub(crate) async fn records(&self, account: &AccountId, deadline: Instant) -> Result<Arc<[Arc<Record>]>> {
        let key = account.as_str().to_lowercase();
        if let Some(known) = self.people.get(&key) {
            return Ok(known);
        }
        let is_it = Filter::equal(&self.settings.account_attribute, account.as_str());
        let filter = Filter::And(vec![self.settings.people_filter.clone(), is_it]);
        let found = self.search("looking up a person", &self.of_people(&filter, MOST_NAMESAKES), deadline).await?;
        let mut records: Vec<Arc<Record>> = Vec::new();
        for entry in found.entries {
            let record = self.record(entry, deadline).await?;
            // An entry may have the login as an alias beside its own.
            records.extend(record.filter(|it| it.person.account.as_str().to_lowercase() == key).map(Arc::new));
        }
        let records: Arc<[Arc<Record>]> = records.into();
        self.people.insert(key, Arc::clone(&records));
        Ok(records)
    }

    /// The entries that have an address, as their own or as another one.
    pub(crate) async fn people_addressed(&self, address: &str) -> Result<Vec<Person>> {
        let others = self.settings.alias_attributes.iter().map(String::as_str);
        let has = std::iter::once("mail").chain(others).map(|attribute| Filter::equal(attribute, address)).collect();
        let filter = Filter::And(vec![self.settings.people_filter.clone(), Filter::Or(has)]);
        let found =
            self.search("looking up an address", &self.of_people(&filter, MOST_NAMESAKES), self.deadline()).await?;
        Ok(found.entries.into_iter().filter_map(|entry| self.person_of(entry)).map(|(person, _)| person).collect())
    }

    /// People whose name, login or address contains the text, but none who asked not to be listed.
    pub(crate) async fn people_with(&self, part: &Part, text: &str, limit: usize) -> Result<PeoplePage> {
        let Some((base, theirs)) = self.people_of(part) else { return Ok(PeoplePage::default()) };
        let places = ["displayName", "cn", "mail", &self.settings.account_attribute];
        let contains = Filter::Or(places.iter().map(|place| Filter::contains(place, text)).collect());
        let known = [self.settings.people_filter.clone(), self.settings.listed_filter.clone()];
        let filter = Filter::And(known.into_iter().chain(theirs).chain([contains]).collect());
        let limit = limit.min(MOST_PEOPLE);
        let question = Question { base, attributes: SHOWN, capped: Capped::More, ..self.of_people(&filter, limit) };
        let found = self.search("searching people", &question, self.deadline()).await?;
        let mut people: Vec<Person> =
            found.entries.into_iter().filter_map(|entry| self.person_of(entry)).map(|(person, _)| person).collect();
        people.sort_by_cached_key(|person| (person.display_name.to_lowercase(), person.account.clone()));
        Ok(PeoplePage { people, more: found.more })
    }

    fn of_people<'a>(&'a self, filter: &'a Filter, most: usize) -> Question<'a> {
        let base = &self.settings.people_base;
        Question { base, scope: Scope::Subtree, filter, attributes: WHOLE, most, capped: Capped::Fails }
    }

    /// The person of an entry, with static groups.
    async fn record(&self, entry: Entry, deadline: Instant) -> Result<Option<Record>> {
        let octets = entry.octets;
        let Some((mut person, withheld)) = self.person_of(entry) else {
            return Ok(None);
        };
        let fixed = self.add_static_groups(&mut person, deadline).await?;
        Ok(Some(Record { name: Dn::parse(&person.dn).ok(), person, withheld, fixed, octets }))
    }
}

/// The one entry that a login means. Of several, the one that has the whole address: logins are reused between the
/// institutions of a realm, addresses are not. Otherwise nobody: a guess would be somebody else's account.
fn only_one(mut entries: Vec<Entry>, login: &Login) -> Option<Entry> {
    if entries.len() > 1 {
        let address = login.address()?;
        let has =
            |entry: &Entry| entry.attributes.values("mail").iter().any(|mail| mail.eq_ignore_ascii_case(&address));
        entries.retain(has);
    }
    if entries.len() == 1 { entries.pop() } else { None }
}
