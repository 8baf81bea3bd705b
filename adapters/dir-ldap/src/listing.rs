//! Lists page by page. The names of all that match are read once, in pages of the server (RFC 2696), sorted and kept for a
//! while; a page of ours is the entries behind a name. The place in a list is a name, so any node can go on with it.

use crate::{
    directory::LdapDirectory,
    groups::{CLASSES, DYNAMIC},
    people::SHOWN,
    search::{Capped, Question},
};
use ldap3::Scope;
use passerelle_core::{
    Error, Result,
    ports::{Matching, Page, Part},
};
use passerelle_model::{Group, Person};
use passerelle_wire_filter::{Dn, Filter};
use std::sync::Arc;
use tokio::time::{Duration, Instant};

/// Most names of one list.
const MOST_NAMES: usize = 250_000;
/// Names asked for in one question.
const ASKED_AT_ONCE: usize = 100;
/// How many times the deadline of a question the names of all may take.
const LONGER: u32 = 6;

/// Which list: of whose people or groups, and the text that they match.
pub(crate) type Listed = (ListOf, String);

/// What is listed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum ListOf {
    /// People of a part, by login.
    People(Part),
    /// People of a part whom a filter finds, by login. Those who asked not to be listed are found too.
    Matching(Part, String),
    /// Groups below a name, by name.
    Groups(Option<String>),
}

impl LdapDirectory {
    pub(crate) async fn people_behind(
        &self,
        part: &Part,
        text: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Person>> {
        let (logins, next) = self.names_behind(ListOf::People(part.clone()), text, after, limit).await?;
        Ok(Page { items: self.people_of_logins(part, &logins).await?, next })
    }

    /// The people of a part whom a filter finds: how many, and the first `most` by login. The names of all are kept for a
    /// while, as those of a list.
    pub(crate) async fn people_matching(&self, part: &Part, filter: &Filter, most: usize) -> Result<Matching> {
        let names = self.names(ListOf::Matching(part.clone(), filter.to_string()), "").await?;
        let first: Vec<String> = names.iter().take(most).cloned().collect();
        Ok(Matching { count: names.len(), first: self.people_of_logins(part, &first).await? })
    }

    /// The people of a part who have these logins, in their order.
    async fn people_of_logins(&self, part: &Part, logins: &[String]) -> Result<Vec<Person>> {
        let Some((base, theirs)) = self.people_of(part) else { return Ok(Vec::new()) };
        let attribute = &self.settings.account_attribute;
        let deadline = self.deadline();
        let mut people: Vec<Person> = Vec::with_capacity(logins.len());
        for some in logins.chunks(ASKED_AT_ONCE) {
            let called = Filter::Or(some.iter().map(|login| Filter::equal(attribute, login)).collect());
            let known = [self.settings.people_filter.clone()];
            let filter = Filter::And(known.into_iter().chain(theirs.clone()).chain([called]).collect());
            let question = Question {
                base,
                scope: Scope::Subtree,
                filter: &filter,
                attributes: SHOWN,
                // Institutions of a realm may reuse logins.
                most: some.len().saturating_mul(8),
                capped: Capped::Fails,
            };
            let found = self.search("reading a page of people", &question, deadline).await?;
            people
                .extend(found.entries.into_iter().filter_map(|entry| self.person_of(entry)).map(|(person, _)| person));
        }
        people.retain(|person| logins.iter().any(|login| *login == person.account.as_str()));
        people.sort_by(|a, b| a.account.cmp(&b.account));
        Ok(people)
    }

    pub(crate) async fn groups_behind(
        &self,
        within: Option<&str>,
        text: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Group>> {
        let list = ListOf::Groups(within.map(str::to_owned));
        let (names, next) = self.names_behind(list, text, after, limit).await?;
        let mut items = Vec::with_capacity(names.len());
        for some in names.chunks(ASKED_AT_ONCE) {
            let called = Filter::Or(some.iter().map(|name| Filter::equal("cn", name)).collect());
            items.extend(self.shown(within, called).await?);
        }
        items.retain(|group: &Group| names.iter().any(|name| *name == group.id.as_str()));
        items.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Page { items, next })
    }

    async fn names_behind(
        &self,
        of: ListOf,
        text: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<String>, Option<String>)> {
        let names = self.names(of, text).await?;
        let from = after.map_or(0, |after| names.partition_point(|name| name.as_str() <= after));
        let page: Vec<String> = names.iter().skip(from).take(limit).cloned().collect();
        let more = from.saturating_add(page.len()) < names.len();
        let next = if more { page.last().cloned() } else { None };
        Ok((page, next))
    }

    async fn names(&self, of: ListOf, text: &str) -> Result<Arc<[String]>> {
        let key = (of, text.to_lowercase());
        if let Some(known) = self.listings.get(&key) {
            return Ok(known);
        }
        let nobody = || Ok(Arc::from(Vec::new()));
        let (base, attribute, filter) = match &key.0 {
            ListOf::People(part) => {
                let Some((base, theirs)) = self.people_of(part) else { return nobody() };
                let attribute = self.settings.account_attribute.as_str();
                let mut all: Vec<Filter> = [self.settings.people_filter.clone()].into_iter().chain(theirs).collect();
                if !text.is_empty() {
                    let places = ["displayName", "cn", "mail", attribute];
                    let has = Filter::Or(places.iter().map(|place| Filter::contains(place, text)).collect());
                    all.extend([self.settings.listed_filter.clone(), has]);
                }
                (base, attribute, Filter::And(all))
            }
            ListOf::Matching(part, filter) => {
                let Some((base, theirs)) = self.people_of(part) else { return nobody() };
                let asked = Filter::parse(filter).map_err(|error| Error::invalid(format_args!("filter: {error}")))?;
                let all = [self.settings.people_filter.clone()].into_iter().chain(theirs).chain([asked]).collect();
                (base, self.settings.account_attribute.as_str(), Filter::And(all))
            }
            ListOf::Groups(within) => {
                let Some(base) = self.groups_base(within.as_deref()) else { return nobody() };
                let classes = CLASSES.iter().map(|(class, _)| *class).chain([DYNAMIC]);
                let groups = Filter::Or(classes.map(|class| Filter::equal("objectClass", class)).collect());
                let filter = Filter::And(vec![groups, Filter::contains("cn", text)]);
                (base, "cn", filter)
            }
        };
        let question = Question {
            base,
            scope: Scope::Subtree,
            filter: &filter,
            attributes: &[attribute],
            most: MOST_NAMES,
            capped: Capped::Fails,
        };
        let deadline = Instant::now() + self.settings.timeout.saturating_mul(LONGER).min(Duration::from_secs(60));
        let found = self.search("reading the names of all", &question, deadline).await?;
        if found.more {
            let why = format!("there are more than {MOST_NAMES}: ask with a text");
            return Err(Error::unavailable(&self.settings.name, "reading the names of all", why));
        }
        let name_of = |entry: crate::entry::Entry| {
            let own = Dn::parse(&entry.dn).ok().and_then(|name| name.own(attribute).map(str::to_owned));
            own.or_else(|| entry.attributes.first(&passerelle_wire_filter::canonical(attribute)).map(str::to_owned))
        };
        let mut names: Vec<String> = found.entries.into_iter().filter_map(name_of).collect();
        names.sort_unstable();
        names.dedup();
        let names: Arc<[String]> = names.into();
        self.listings.insert(key, Arc::clone(&names));
        Ok(names)
    }
}
