//! The port to a directory: who somebody is and what groups they are in.

use super::{Fut, Health, Part, Provision};
use crate::{
    Permit,
    rights::{Manage, Read},
};
use passerelle_model::{AccountId, Group, GroupId, InstitutionRef, Login, Person, Secret};

/// A directory that serves one realm. Which institution a person belongs to is decided by the gate, from the entry.
///
/// `authenticate`, `lookup`, `addressed` and `belongs` are the gate's own questions; what a surface can ask takes a permit.
///
/// Where several institutions share the realm, `part` says which people are the one's that asks, so that limits count those
/// only; the gate looks at each entry all the same. `within` is the distinguished name that its groups lie below: groups
/// elsewhere, of the same name too, are others. `None` is every group.
pub trait Directory: Health {
    /// Checks a password. The login may be a bare one, an alias or a mail address.
    ///
    /// # Errors
    /// `Unauthenticated` for an unknown login, an ambiguous one and a wrong password alike; an empty password is always
    /// wrong (RFC 4513 §5.1.2: it would be an unauthenticated bind). `Unavailable` when the directory cannot say.
    fn authenticate<'a>(&'a self, login: &'a Login, password: &'a Secret) -> Fut<'a, Person>;

    /// The entries whose canonical login is this one, compared as the directory compares. More than one only when
    /// institutions of a realm reuse logins.
    fn lookup<'a>(&'a self, account: &'a AccountId) -> Fut<'a, Vec<Person>>;

    /// The entries that have this mail address, as their own or as another one that the settings of the directory name.
    /// Addresses are compared as the directory compares them.
    fn addressed<'a>(&'a self, address: &'a str) -> Fut<'a, Vec<Person>>;

    /// Those of `groups` that the person is a member of, static or dynamic. Asked by member: the cost does not depend on
    /// the size of a group.
    fn belongs<'a>(
        &'a self,
        person: &'a Person,
        within: Option<&'a str>,
        groups: &'a [GroupId],
    ) -> Fut<'a, Vec<GroupId>>;

    /// People whose name, login or mail contains `text`; at most `limit`. Entries that asked not to be listed
    /// (`supannListeRouge`) are never among them. `more` says that there were more.
    fn find_people<'a>(
        &'a self,
        at: &'a Permit<InstitutionRef, Read>,
        part: &'a Part,
        text: &'a str,
        limit: usize,
    ) -> Fut<'a, PeoplePage>;

    /// One group by its name.
    fn group<'a>(
        &'a self,
        at: &'a Permit<InstitutionRef, Read>,
        within: Option<&'a str>,
        id: &'a GroupId,
    ) -> Fut<'a, Option<Group>>;

    /// Groups whose name contains `text`, sorted by name; at most `limit`.
    fn find_groups<'a>(
        &'a self,
        at: &'a Permit<InstitutionRef, Read>,
        within: Option<&'a str>,
        text: &'a str,
        limit: usize,
    ) -> Fut<'a, Vec<Group>>;

    /// People whose name, login or mail contains `text`, in order of their logins and behind `after`: about `limit` of
    /// them. No text finds those who asked not to be listed; an empty one is everybody, them too.
    fn people_after<'a>(
        &'a self,
        at: &'a Permit<InstitutionRef, Manage>,
        part: &'a Part,
        text: &'a str,
        after: Option<&'a str>,
        limit: usize,
    ) -> Fut<'a, Page<Person>>;

    /// Groups whose name contains `text`, in order of their names and behind `after`; an empty text is every group.
    fn groups_after<'a>(
        &'a self,
        at: &'a Permit<InstitutionRef, Manage>,
        within: Option<&'a str>,
        text: &'a str,
        after: Option<&'a str>,
        limit: usize,
    ) -> Fut<'a, Page<Group>>;

    /// Forgets what is kept in memory of an account: it was changed elsewhere.
    fn forget(&self, _account: &AccountId) {}

    /// The power to make and change accounts and groups.
    fn as_provision(&self) -> Option<&dyn Provision> {
        None
    }
}

/// Some of a list that is read page by page.
#[derive(Debug)]
pub struct Page<T> {
    /// What is on the page.
    pub items: Vec<T>,
    /// Where the next one begins: what `after` is to be then. `None` at the end. A page that is short, or empty, is not
    /// the end.
    pub next: Option<String>,
}

/// Some of the people that a search found.
#[derive(Debug, Default)]
pub struct PeoplePage {
    /// The people, sorted by name.
    pub people: Vec<Person>,
    /// Whether the limit cut the answer short.
    pub more: bool,
}
