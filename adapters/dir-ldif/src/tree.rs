//! The entries of the file with the indexes that questions need: none of them walks through all groups.

use crate::person::person;
use passerelle_core::ports::Part;
use passerelle_model::{Attributes, Group, GroupId, Person, Secret};
use passerelle_wire_filter::{Authority, Dn, Entry, LdapUrl, Match, Scope, canonical, matches};
use passerelle_wire_ldif::{Record, Wrong};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The classes that make an entry a group.
const GROUP_CLASSES: [&str; 4] = ["groupOfNames", "groupOfUniqueNames", "posixGroup", DYNAMIC];
/// The class of dynamic groups.
const DYNAMIC: &str = "groupOfURLs";

/// One person of the file.
pub(crate) struct Resident {
    dn: Dn,
    pub(crate) person: Person,
    pub(crate) passwords: Vec<Secret>,
    /// Asked not to be listed.
    pub(crate) unlisted: bool,
    withheld: BTreeSet<String>,
    /// The groups that the entry itself names.
    member_of: Vec<Named>,
}

impl Entry for Resident {
    fn values(&self, attribute: &str) -> Option<&[String]> {
        Some(self.person.attributes.values(attribute)).filter(|values| !values.is_empty())
    }
    fn withheld(&self, attribute: &str) -> bool {
        self.withheld.contains(attribute)
    }
    fn authority(&self) -> Authority {
        Authority::Itself
    }
}

impl Resident {
    /// Whether the entry is in this part of the realm.
    pub(crate) fn is_of(&self, part: &Part) -> bool {
        let ends = |mail: &String, domain: &String| {
            mail.rsplit_once('@').is_some_and(|(_, theirs)| theirs.eq_ignore_ascii_case(domain))
        };
        match part {
            Part::Whole => true,
            Part::Below(base) => is_below(&self.dn, Some(base)),
            Part::Marked { attribute, value } => {
                self.person.attributes.values(attribute).iter().any(|held| held.eq_ignore_ascii_case(value))
            }
            Part::ByAddress(domains) => {
                self.person.mails.iter().any(|mail| domains.iter().any(|domain| ends(mail, domain)))
            }
        }
    }
}

/// A group of the file.
struct Known {
    dn: Dn,
    group: Group,
    /// `gidNumber`, where it has one.
    number: Option<u32>,
    /// What a dynamic group looks for.
    urls: Vec<LdapUrl>,
}

/// The file, understood.
#[derive(Default)]
pub(crate) struct Tree {
    people: Vec<Resident>,
    by_login: HashMap<String, Vec<usize>>,
    by_dn: HashMap<Dn, usize>,
    /// By name in lower case: names of groups compare without case (RFC 4519 §2.3).
    groups: BTreeMap<String, Vec<Known>>,
    groups_of_dn: HashMap<Dn, BTreeSet<Named>>,
    groups_of_login: HashMap<String, BTreeSet<Named>>,
}

/// A group by its name and its entry's: institutions of a realm may reuse names.
type Named = (GroupId, Dn);

impl Tree {
    /// Indexes the entries below `base`.
    pub(crate) fn grow(records: Vec<Record>, base: &Dn) -> Result<Self, Wrong> {
        let mut tree = Self::default();
        for record in records {
            let dn = Dn::parse(&record.dn).map_err(|error| Wrong::at(record.line, error.to_string()))?;
            if dn.is_within(base, Scope::Sub) {
                tree.add(dn, record, base)?;
            }
        }
        Ok(tree)
    }

    fn add(&mut self, dn: Dn, record: Record, base: &Dn) -> Result<(), Wrong> {
        let mut attributes = Attributes::default();
        let (mut passwords, mut withheld) = (Vec::new(), BTreeSet::from(["userpassword".to_owned()]));
        for (name, value) in record.attributes {
            let name = canonical(&name).into_owned();
            if name == "userpassword" {
                passwords.push(Secret::new(value));
                continue;
            }
            match (name.split_once(';'), String::from_utf8(value)) {
                (None, Ok(value)) => attributes.add(&name, value),
                // Values with options, such as a language, and binary ones are not kept.
                (Some((name, _)), _) => drop(withheld.insert(name.to_owned())),
                (None, Err(_)) => drop(withheld.insert(name)),
            }
        }
        self.add_group(&dn, &attributes, record.line)?;
        let Some(mut person) = person(&dn, &record.dn, &attributes) else { return Ok(()) };
        let member_of = member_of(&attributes, base);
        person.groups = member_of.iter().map(|(id, _)| id.clone()).collect();
        let unlisted = attributes.first("supannlisterouge").is_some_and(|value| value.eq_ignore_ascii_case("TRUE"));
        let at = self.people.len();
        let names = attributes.values("uid").iter().chain(attributes.values("supannaliaslogin"));
        for name in names.chain(&person.mails) {
            let found = self.by_login.entry(name.to_lowercase()).or_default();
            if !found.contains(&at) {
                found.push(at);
            }
        }
        if self.by_dn.insert(dn.clone(), at).is_some() {
            return Err(Wrong::at(record.line, format!("a second entry of the name {}", record.dn)));
        }
        self.people.push(Resident { dn, person, passwords, unlisted, withheld, member_of });
        Ok(())
    }

    fn add_group(&mut self, dn: &Dn, attributes: &Attributes, line: usize) -> Result<(), Wrong> {
        let classes = attributes.values("objectclass");
        let is = |class: &str| classes.iter().any(|it| it.eq_ignore_ascii_case(class));
        let name = dn.own("cn").or_else(|| attributes.first("cn"));
        let (true, Some(Ok(id))) = (GROUP_CLASSES.into_iter().any(is), name.map(GroupId::parse)) else {
            return Ok(());
        };
        for member in attributes.values("member").iter().chain(attributes.values("uniquemember")) {
            // A value that is no name is nobody's: `groupOfNames` must have one even when it is empty.
            if let Ok(member) = Dn::parse(member) {
                self.groups_of_dn.entry(member).or_default().insert((id.clone(), dn.clone()));
            }
        }
        for login in attributes.values("memberuid") {
            self.groups_of_login.entry(login.clone()).or_default().insert((id.clone(), dn.clone()));
        }
        let mut urls = Vec::new();
        for url in attributes.values("memberurl").iter().filter(|_| is(DYNAMIC)) {
            urls.push(LdapUrl::parse(url).map_err(|error| Wrong::at(line, format!("memberURL of {id}: {error}")))?);
        }
        let description = attributes.first("description").unwrap_or_default().to_owned();
        let mail = attributes.first("mail").map(str::to_owned);
        let group = Group { id: id.clone(), description, mail, dynamic: is(DYNAMIC) };
        let number = attributes.first("gidnumber").and_then(|number| number.parse().ok());
        let known = Known { dn: dn.clone(), group, number, urls };
        self.groups.entry(id.as_str().to_lowercase()).or_default().push(known);
        Ok(())
    }

    /// The people of a login, an alias or an address, compared without case.
    pub(crate) fn named<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Resident> + use<'a> {
        let found = self.by_login.get(&name.to_lowercase());
        found.into_iter().flatten().filter_map(|at| self.people.get(*at))
    }

    /// Everybody.
    pub(crate) fn people(&self) -> &[Resident] {
        &self.people
    }

    /// Every group below a name, by name.
    pub(crate) fn groups(&self, within: Option<&str>) -> impl Iterator<Item = &Group> {
        self.groups
            .values()
            .filter_map(move |named| named.iter().find(|known| is_below(&known.dn, within)))
            .map(|it| &it.group)
    }

    /// One group below a name.
    pub(crate) fn group(&self, within: Option<&str>, id: &GroupId) -> Option<&Group> {
        self.called(id).find(|known| is_below(&known.dn, within)).map(|known| &known.group)
    }

    fn called(&self, id: &GroupId) -> impl Iterator<Item = &Known> {
        self.groups.get(&id.as_str().to_lowercase()).into_iter().flatten()
    }

    /// The person with their static groups.
    pub(crate) fn whole(&self, resident: &Resident) -> Person {
        let mut person = resident.person.clone();
        let mut groups: BTreeSet<GroupId> = person.groups.drain(..).collect();
        groups.extend(self.groups_of_dn.get(&resident.dn).into_iter().flatten().map(|(id, _)| id.clone()));
        let by_login = self.groups_of_login.get(person.account.as_str());
        groups.extend(by_login.into_iter().flatten().map(|(id, _)| id.clone()));
        person.posix = person.posix.map(|ids| {
            let known = groups.iter().flat_map(|id| self.called(id));
            ids.with_groups(known.filter_map(|known| known.number))
        });
        person.groups = groups.into_iter().collect();
        person
    }

    /// Those of `groups` that a person is in. Looks at no other group.
    pub(crate) fn belongs(&self, dn: &str, within: Option<&str>, groups: &[GroupId]) -> Vec<GroupId> {
        let resident = Dn::parse(dn).ok().and_then(|dn| self.by_dn.get(&dn)).and_then(|at| self.people.get(*at));
        let Some(resident) = resident else { return Vec::new() };
        let person = &resident.person;
        let (by_dn, by_login) =
            (self.groups_of_dn.get(&resident.dn), self.groups_of_login.get(person.account.as_str()));
        let here = |(_, dn): &&Named| is_below(dn, within);
        let naming = by_dn.into_iter().flatten().chain(by_login.into_iter().flatten()).filter(here);
        let named = resident.member_of.iter().filter(here);
        let fixed: BTreeSet<String> = named.chain(naming).map(|(id, _)| id.as_str().to_lowercase()).collect();
        let fits = |url: &LdapUrl| {
            resident.dn.is_within(&url.base, url.scope) && matches(&url.filter, resident) == Match::True
        };
        groups
            .iter()
            .filter(|id| {
                let id = id.as_str().to_lowercase();
                let named = self.groups.get(&id).into_iter().flatten().filter(|known| is_below(&known.dn, within));
                fixed.contains(&id) || named.flat_map(|known| &known.urls).any(fits)
            })
            .cloned()
            .collect()
    }
}

/// The groups that the entry itself names, those of this directory.
fn member_of(attributes: &Attributes, base: &Dn) -> Vec<Named> {
    attributes
        .values("memberof")
        .iter()
        .filter_map(|name| Dn::parse(name).ok())
        .filter(|name| name.is_within(base, Scope::Sub))
        .filter_map(|name| Some((GroupId::parse(name.own("cn")?).ok()?, name)))
        .collect()
}

/// Whether an entry lies below a name, where one is said.
fn is_below(dn: &Dn, within: Option<&str>) -> bool {
    within.is_none_or(|base| Dn::parse(base).is_ok_and(|base| dn.is_within(&base, Scope::Sub)))
}
