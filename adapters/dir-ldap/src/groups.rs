//! Whom somebody belongs to. Always asked by member: no question here grows with the size of a group, nor with the number
//! of groups that nobody named.

use crate::{
    directory::{LdapDirectory, Record},
    search::{Capped, Question},
};
use futures::future::try_join_all;
use ldap3::Scope;
use passerelle_core::{Error, Result};
use passerelle_model::{Group, GroupId, Person};
use passerelle_wire_filter::{Dn, Filter, LdapUrl, Match, Scope as Reach, matches};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tokio::time::Instant;

/// Most static groups of one person; a person in more is in the first ones.
const MOST_GROUPS: usize = 2000;
/// Most levels of groups within groups.
const DEEPEST: usize = 5;
/// Most names that one search asks about.
const MOST_NAMES: usize = 32;
/// Most dynamic groups that one question asks the server about.
const MOST_ASKED: usize = 32;
/// Most groups that a search by name looks at.
const MOST_SEEN: usize = 2000;

pub(crate) const DYNAMIC: &str = "groupOfURLs";
/// The classes of groups, with the attribute that says who is in them.
pub(crate) const CLASSES: [(&str, &str); 3] =
    [("groupOfNames", "member"), ("groupOfUniqueNames", "uniqueMember"), ("posixGroup", "memberUid")];

impl LdapDirectory {
    /// Fills in the static groups of a person: those that the entry names, and those that name the person. Of the latter
    /// the numbers too. Answers the entries of each name, in lower case.
    pub(crate) async fn add_static_groups(
        &self,
        person: &mut Person,
        deadline: Instant,
    ) -> Result<BTreeMap<String, Vec<Dn>>> {
        let mut found = Found::default();
        for text in person.attributes.values("memberof").iter().take(MOST_GROUPS) {
            if let Ok(name) = Dn::parse(text)
                && name.is_within(&self.settings.groups_below, Reach::Sub)
            {
                found.add(&name, text);
            }
        }
        let has = |class: &str, member: &str, value: &str| {
            Filter::And(vec![Filter::equal("objectClass", class), Filter::equal(member, value)])
        };
        let by_member = CLASSES.iter().map(|(class, member)| {
            let value = if *member == "memberUid" { person.account.as_str() } else { &person.dn };
            has(class, member, value)
        });
        self.find_names(Filter::Or(by_member.collect()), &mut found, deadline).await?;
        let numbers = std::mem::take(&mut found.numbers);
        person.posix = person.posix.take().map(|ids| ids.with_groups(numbers));
        if self.settings.nested {
            self.climb(&mut found, deadline).await?;
        }
        person.groups = found.names.into_values().collect();
        Ok(found.entries)
    }

    /// The groups that hold the groups found, level by level: one search a level, each group asked about once, so that a
    /// circle ends.
    async fn climb(&self, found: &mut Found, deadline: Instant) -> Result<()> {
        for _ in 0..DEEPEST {
            let level: Vec<String> = std::mem::take(&mut found.fresh);
            if level.is_empty() {
                return Ok(());
            }
            let parts = level.iter().flat_map(|dn| [Filter::equal("member", dn), Filter::equal("uniqueMember", dn)]);
            self.find_names(Filter::Or(parts.collect()), found, deadline).await?;
        }
        Ok(())
    }

    async fn find_names(&self, filter: Filter, found: &mut Found, deadline: Instant) -> Result<()> {
        let question = Question {
            base: &self.settings.groups_base,
            scope: Scope::Subtree,
            filter: &filter,
            attributes: &["cn", "gidNumber"],
            most: MOST_GROUPS,
            capped: Capped::Fails,
        };
        let answer = self.search("finding the groups of a person", &question, deadline).await?;
        if answer.more {
            tracing::warn!(directory = self.settings.name, "somebody is in more than {MOST_GROUPS} groups");
        }
        for entry in answer.entries {
            if let Ok(name) = Dn::parse(&entry.dn) {
                found.add_called(&name, &entry.dn, entry.attributes.first("cn"));
                found.numbers.extend(entry.attributes.first("gidnumber").and_then(|number| number.parse::<u32>().ok()));
            }
        }
        Ok(())
    }

    /// Those of `groups` that a person is in now: by the entry as it is, not as it was when the person came.
    pub(crate) async fn memberships(
        &self,
        person: &Person,
        within: Option<&str>,
        groups: &[GroupId],
    ) -> Result<Vec<GroupId>> {
        let Some(base) = self.groups_base(within) else { return Ok(Vec::new()) };
        let branch =
            Dn::parse(base).map_err(|error| Error::unavailable(&self.settings.name, "reading groups", error))?;
        if groups.is_empty() {
            return Ok(Vec::new());
        }
        let deadline = self.deadline();
        let records = self.records(&person.account, deadline).await?;
        let name = Dn::parse(&person.dn).ok();
        let is_it = |record: &&Arc<Record>| record.person.dn == person.dn || (name.is_some() && record.name == name);
        let Some(record) = records.iter().find(is_it) else { return Ok(Vec::new()) };
        let here = |entries: &Vec<Dn>| entries.iter().any(|name| name.is_within(&branch, Reach::Sub));
        let fixed: BTreeSet<&String> = record.fixed.iter().filter(|(_, at)| here(at)).map(|(name, _)| name).collect();
        let open: Vec<&GroupId> = groups.iter().filter(|id| !fixed.contains(&folded(id))).collect();
        let definitions = self.definitions_of(base, &open, deadline).await?;
        let (mut members, mut asked) = (BTreeSet::new(), Vec::new());
        for (id, urls) in definitions {
            match judge(record, &urls) {
                Judgement::Member => drop(members.insert(id)),
                Judgement::Stranger => {}
                Judgement::Ask(filter) => asked.push((id, filter)),
            }
        }
        members.extend(self.ask(record, base, asked, deadline).await?);
        let is_in = |id: &&GroupId| fixed.contains(&folded(id)) || members.contains(&folded(id));
        Ok(groups.iter().filter(is_in).cloned().collect())
    }

    /// What those of the groups that are dynamic look for, by name in lower case.
    async fn definitions_of(
        &self,
        base: &str,
        ids: &[&GroupId],
        deadline: Instant,
    ) -> Result<BTreeMap<String, Arc<[LdapUrl]>>> {
        let mut definitions = BTreeMap::new();
        let mut unknown: Vec<String> = Vec::new();
        for id in ids.iter().map(|id| folded(id)) {
            match self.definitions.get(&(base.to_owned(), id.clone())) {
                Some(Some(urls)) => drop(definitions.insert(id, urls)),
                Some(None) => {}
                None => unknown.push(id),
            }
        }
        for names in unknown.chunks(MOST_NAMES) {
            let called = Filter::Or(names.iter().map(|name| Filter::equal("cn", name)).collect());
            let filter = Filter::And(vec![Filter::equal("objectClass", DYNAMIC), called]);
            let question = Question {
                base,
                scope: Scope::Subtree,
                filter: &filter,
                attributes: &["cn", "memberURL"],
                most: MOST_SEEN,
                capped: Capped::Fails,
            };
            let answer = self.search("reading dynamic groups", &question, deadline).await?;
            let mut read: BTreeMap<&String, Vec<LdapUrl>> = BTreeMap::new();
            for entry in answer.entries {
                let urls: Vec<LdapUrl> =
                    entry.attributes.values("memberurl").iter().filter_map(|text| url(&entry.dn, text)).collect();
                let is_called =
                    |name: &&String| entry.attributes.values("cn").iter().any(|cn| cn.to_lowercase() == **name);
                for name in names.iter().filter(is_called) {
                    read.entry(name).or_default().extend(urls.iter().cloned());
                }
            }
            for name in names {
                let urls: Option<Arc<[LdapUrl]>> = read.remove(name).map(Into::into);
                self.definitions.insert((base.to_owned(), name.clone()), urls.clone());
                definitions.extend(urls.map(|urls| (name.clone(), urls)));
            }
        }
        Ok(definitions)
    }

    /// Asks the server about what could not be judged: is the person's own entry of this filter? All at once, over one
    /// connection or few.
    async fn ask(
        &self,
        record: &Record,
        base: &str,
        asked: Vec<(String, Filter)>,
        deadline: Instant,
    ) -> Result<Vec<String>> {
        let key = |dn: &String, id: &String| (dn.clone(), (base.to_owned(), id.clone()));
        let dn = &record.person.dn;
        let (mut members, mut unknown) = (Vec::new(), Vec::new());
        for (id, filter) in asked {
            match self.memberships.get(&key(dn, &id)) {
                Some(true) => members.push(id),
                Some(false) => {}
                None => unknown.push((id, filter)),
            }
        }
        if unknown.len() > MOST_ASKED {
            let what =
                format!("{} dynamic groups can only be judged by the server, {MOST_ASKED} at most", unknown.len());
            return Err(Error::unavailable(&self.settings.name, "judging dynamic groups", what));
        }
        let answers = unknown.into_iter().map(|(id, filter)| async move {
            let question = Question {
                base: dn,
                scope: Scope::Base,
                filter: &filter,
                // RFC 4511 §4.5.1.8: no attributes.
                attributes: &["1.1"],
                most: 1,
                capped: Capped::Fails,
            };
            let answer = self.search("judging a dynamic group", &question, deadline).await?;
            Ok::<_, Error>((id, !answer.entries.is_empty()))
        });
        for (id, is_in) in try_join_all(answers).await? {
            self.memberships.insert(key(dn, &id), is_in);
            members.extend(is_in.then_some(id));
        }
        Ok(members)
    }

    /// One group by its name.
    pub(crate) async fn group_named(&self, within: Option<&str>, id: &GroupId) -> Result<Option<Group>> {
        let groups = self.shown(within, Filter::equal("cn", id.as_str())).await?;
        Ok(groups.into_iter().find(|group| folded(&group.id) == folded(id)))
    }

    /// Groups whose name contains the text, sorted by name.
    pub(crate) async fn groups_with(&self, within: Option<&str>, text: &str, limit: usize) -> Result<Vec<Group>> {
        let mut groups = self.shown(within, Filter::contains("cn", text)).await?;
        groups.truncate(limit);
        Ok(groups)
    }

    /// Groups, never with their members, sorted by name.
    pub(crate) async fn shown(&self, within: Option<&str>, called: Filter) -> Result<Vec<Group>> {
        let Some(base) = self.groups_base(within) else { return Ok(Vec::new()) };
        let classes = CLASSES.iter().map(|(class, _)| *class).chain([DYNAMIC]);
        let is_group = Filter::Or(classes.map(|class| Filter::equal("objectClass", class)).collect());
        let filter = Filter::And(vec![is_group, called]);
        let question = Question {
            base,
            scope: Scope::Subtree,
            filter: &filter,
            attributes: &["cn", "description", "mail", "objectClass"],
            most: MOST_SEEN,
            capped: Capped::More,
        };
        let answer = self.search("searching groups", &question, self.deadline()).await?;
        let mut groups: BTreeMap<GroupId, Group> = BTreeMap::new();
        for entry in answer.entries {
            let own = Dn::parse(&entry.dn).ok().and_then(|name| name.own("cn").map(str::to_owned));
            let Some(cn) = own.as_deref().or_else(|| entry.attributes.first("cn")) else { continue };
            let Ok(id) = GroupId::parse(cn) else { continue };
            let description = entry.attributes.first("description").unwrap_or_default().to_owned();
            let mail = entry.attributes.first("mail").map(str::to_owned);
            let dynamic = entry.attributes.values("objectclass").iter().any(|it| it.eq_ignore_ascii_case(DYNAMIC));
            groups.entry(id.clone()).or_insert(Group { id, description, mail, dynamic });
        }
        Ok(groups.into_values().collect())
    }
}

/// Static groups found so far.
#[derive(Default)]
struct Found {
    /// By name in lower case.
    names: BTreeMap<String, GroupId>,
    /// The entries of each name: institutions of a realm may reuse names.
    entries: BTreeMap<String, Vec<Dn>>,
    /// The numbers of those that have one.
    numbers: Vec<u32>,
    seen: BTreeSet<Dn>,
    /// Names of entries that were not yet asked about.
    fresh: Vec<String>,
}

impl Found {
    fn add(&mut self, name: &Dn, text: &str) {
        self.add_called(name, text, None);
    }

    /// A group's name is the `cn` of its entry's name, or the attribute where the entry is named by something else.
    fn add_called(&mut self, name: &Dn, text: &str, cn: Option<&str>) {
        if self.names.len() >= MOST_GROUPS {
            return;
        }
        if let Some(Ok(id)) = name.own("cn").or(cn).map(GroupId::parse) {
            self.entries.entry(folded(&id)).or_default().push(name.clone());
            // OpenLDAP computes memberOf of names in lower case; the group's own entry has it as it is written.
            match cn {
                Some(_) => drop(self.names.insert(folded(&id), id)),
                None => drop(self.names.entry(folded(&id)).or_insert(id)),
            }
        }
        if self.seen.insert(name.clone()) {
            self.fresh.push(text.to_owned());
        }
    }
}

/// What the person's entry says of a dynamic group.
enum Judgement {
    Member,
    Stranger,
    /// Only the server can tell, by this filter.
    Ask(Filter),
}

fn judge(record: &Record, urls: &[LdapUrl]) -> Judgement {
    let Some(name) = &record.name else { return Judgement::Stranger };
    let mut open = Vec::new();
    for url in urls.iter().filter(|url| name.is_within(&url.base, url.scope)) {
        match matches(&url.filter, record) {
            Match::True => return Judgement::Member,
            Match::False => {}
            Match::CannotJudge => open.push(url.filter.clone()),
        }
    }
    match open.len() {
        0 => Judgement::Stranger,
        1 => Judgement::Ask(open.swap_remove(0)),
        _ => Judgement::Ask(Filter::Or(open)),
    }
}

fn url(group: &str, text: &str) -> Option<LdapUrl> {
    LdapUrl::parse(text)
        .inspect_err(|error| tracing::warn!(group, "a dynamic group's memberURL counts for nobody: {error}"))
        .ok()
}

fn folded(id: &GroupId) -> String {
    id.as_str().to_lowercase()
}
