//! The power of a directory to have its accounts and groups made and changed.

use super::{Fut, Page};
use crate::{Permit, Result, rights::Manage};
use passerelle_model::{AccountId, GroupId, InstitutionRef, Person, Secret};
use std::{collections::BTreeMap, future::Future, pin::Pin};

/// Most values of one attribute that an administrator may set.
pub const MOST_VALUES: usize = 64;
/// Longest value that an administrator may set, in octets.
pub const LONGEST_VALUE: usize = 4 * 1024;
/// Most accounts that one call adds to a group or takes out.
pub const MOST_MEMBERS: usize = 1000;

/// Both powers. A directory that has no settings for them, or is a file, has neither.
pub trait Provision: ProvisionAccounts + ProvisionGroups {}
impl<T: ProvisionAccounts + ProvisionGroups> Provision for T {}

/// Making and changing accounts. An entry that is changed comes as the person whom the gate found, so that nothing of
/// another institution of the realm can be meant; after each write nothing old of it is kept in memory.
///
/// A write that the directory does not take is `Invalid`, one that it does not let us make (read only, no rights) is
/// `Unsupported`. When the connection breaks midway the outcome is not known, and that is `Unavailable`.
pub trait ProvisionAccounts: Send + Sync {
    /// Makes accounts, each in one step: of two who make the same one, one gets `Conflict`. Answers what became of each, in
    /// their order: the person as the directory has them, without groups. Of two that claim one login or address the first
    /// gets it, as if they were made one after the other.
    ///
    /// # Errors
    /// For each, `Conflict` when the login or an address is somebody's, a disabled account's too: what is left of theirs in
    /// the stores would be the new one's.
    fn create_accounts<'a>(
        &'a self,
        at: &'a Permit<InstitutionRef, Manage>,
        part: &'a Part,
        new: &'a [&'a NewAccount],
    ) -> Pin<Box<dyn Future<Output = Vec<Result<Person>>> + Send + 'a>>;

    /// Which of these accounts would get `Conflict` if they were made now, one after the other. Writes nothing.
    fn taken<'a>(
        &'a self,
        at: &'a Permit<InstitutionRef, Manage>,
        part: &'a Part,
        new: &'a [&'a NewAccount],
    ) -> Fut<'a, Vec<bool>>;

    /// The people in use who have these logins, as far as there is no doubt whom each means; without groups, and without a
    /// word on whether an account is locked. Who is not told is looked up by [`Directory::lookup`](super::Directory::lookup).
    fn known<'a>(
        &'a self,
        at: &'a Permit<InstitutionRef, Manage>,
        part: &'a Part,
        logins: &'a [&'a AccountId],
    ) -> Fut<'a, Vec<Person>>;

    /// Changes what is named; what is not named stays, and no value at all removes.
    ///
    /// # Errors
    /// `Conflict` when an address is somebody else's.
    fn change_account<'a>(
        &'a self,
        at: &'a Permit<InstitutionRef, Manage>,
        who: &'a Person,
        changes: &'a Details,
    ) -> Fut<'a, ()>;

    /// What is known of a person, in the words of [`Self::change_account`]: fields, and attributes that may be written.
    fn details_of(&self, who: &Person) -> Details;

    /// Locks or unlocks.
    fn lock_account<'a>(
        &'a self,
        at: &'a Permit<InstitutionRef, Manage>,
        who: &'a Person,
        lock: AccountLock,
    ) -> Fut<'a, ()>;

    /// Gives it another login. The entry is the same one, and the groups that named it still do.
    ///
    /// # Errors
    /// `Conflict` when the login is taken.
    fn rename_account<'a>(
        &'a self,
        at: &'a Permit<InstitutionRef, Manage>,
        who: &'a Person,
        to: &'a AccountId,
    ) -> Fut<'a, ()>;

    /// Takes an account out of use: locked, out of its groups and, where the settings name a branch for them, moved there.
    /// The entry stays, so that the login is not given to somebody else.
    fn disable_account<'a>(&'a self, at: &'a Permit<InstitutionRef, Manage>, who: &'a Person) -> Fut<'a, ()>;

    /// The account of this login that was moved out of use.
    fn disabled_account<'a>(
        &'a self,
        at: &'a Permit<InstitutionRef, Manage>,
        id: &'a AccountId,
    ) -> Fut<'a, Option<Person>>;

    /// Brings it back into use, unlocked.
    ///
    /// # Errors
    /// `Conflict` when the login is somebody else's by now.
    fn restore_account<'a>(
        &'a self,
        at: &'a Permit<InstitutionRef, Manage>,
        part: &'a Part,
        who: &'a Person,
    ) -> Fut<'a, ()>;

    /// Sets the password, by the server's own rules for it (RFC 3062).
    fn set_password<'a>(
        &'a self,
        at: &'a Permit<InstitutionRef, Manage>,
        who: &'a Person,
        password: &'a Secret,
    ) -> Fut<'a, ()>;
}

/// Making and changing groups. Faults are those of [`ProvisionAccounts`].
pub trait ProvisionGroups: Send + Sync {
    /// Makes a group: static, or dynamic when it has a filter.
    ///
    /// # Errors
    /// `Conflict` when the name is taken, `Invalid` for what is no filter.
    fn create_group<'a>(
        &'a self,
        at: &'a Permit<InstitutionRef, Manage>,
        part: &'a Part,
        new: &'a NewGroup,
    ) -> Fut<'a, ()>;

    /// Changes what it is for, or the filter of a dynamic one.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for a filter on a static group.
    fn change_group<'a>(
        &'a self,
        at: &'a Permit<InstitutionRef, Manage>,
        part: &'a Part,
        id: &'a GroupId,
        change: &'a GroupChange,
    ) -> Fut<'a, ()>;

    /// Gives it another name; its members stay.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when the name is taken.
    fn rename_group<'a>(
        &'a self,
        at: &'a Permit<InstitutionRef, Manage>,
        part: &'a Part,
        id: &'a GroupId,
        to: &'a GroupId,
    ) -> Fut<'a, ()>;

    /// Removes it. Its members are people, and stay.
    ///
    /// # Errors
    /// `NotFound`.
    fn delete_group<'a>(
        &'a self,
        at: &'a Permit<InstitutionRef, Manage>,
        part: &'a Part,
        id: &'a GroupId,
    ) -> Fut<'a, ()>;

    /// Adds people or takes them out, all or none. Who is in already, or is not in, changes nothing.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for a dynamic group, whose filter says who is in it.
    fn change_members<'a>(
        &'a self,
        at: &'a Permit<InstitutionRef, Manage>,
        part: &'a Part,
        id: &'a GroupId,
        change: MemberChange,
        people: &'a [Person],
    ) -> Fut<'a, ()>;

    /// The filter of a dynamic group; `None` for a static one.
    ///
    /// # Errors
    /// `NotFound`.
    fn group_filter<'a>(
        &'a self,
        at: &'a Permit<InstitutionRef, Manage>,
        part: &'a Part,
        id: &'a GroupId,
    ) -> Fut<'a, Option<String>>;

    /// The people of a part whom a dynamic group of this filter would have: how many, and the first `most` by login.
    ///
    /// # Errors
    /// `Invalid` for what is no filter.
    fn matching<'a>(
        &'a self,
        at: &'a Permit<InstitutionRef, Manage>,
        part: &'a Part,
        filter: &'a str,
        most: usize,
    ) -> Fut<'a, Matching>;

    /// The people whom a static group names, in an order of the directory's own and behind `after`: about `limit` of them.
    /// For administrators' lists, never for a decision.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for a dynamic group; `Unsupported` for a group with more members than are read at once.
    fn members_after<'a>(
        &'a self,
        at: &'a Permit<InstitutionRef, Manage>,
        part: &'a Part,
        id: &'a GroupId,
        after: Option<&'a str>,
        limit: usize,
    ) -> Fut<'a, Page<Person>>;
}

/// Whom a filter finds.
#[derive(Debug, Default)]
pub struct Matching {
    /// How many.
    pub count: usize,
    /// The first of them, by login.
    pub first: Vec<Person>,
}

/// What part of a realm's directory is the institution's, by its membership rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Part {
    /// All of it.
    Whole,
    /// What lies below a distinguished name.
    Below(String),
    /// Its people carry this value of an attribute; groups carry nothing that tells whose they are.
    Marked {
        /// The attribute.
        attribute: String,
        /// Its value.
        value: String,
    },
    /// Its people are told by the domain of their address, one of these; groups carry nothing that tells whose they are.
    ByAddress(Vec<String>),
}

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Its login.
    pub id: AccountId,
    /// What is known of the person.
    pub details: Details,
    /// Its password; without one nobody can sign on by password yet.
    pub password: Option<Secret>,
}

/// What an administrator may say of a person. An empty list removes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// What every directory has, under names that the settings map to attributes.
    pub fields: BTreeMap<Field, Vec<String>>,
    /// Attributes by their own names, as far as the settings list them.
    pub attributes: BTreeMap<String, Vec<String>>,
}

impl Details {
    /// Whether nothing is said at all.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.attributes.is_empty()
    }
}

/// What is known of a person, whatever the directory calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The name to show.
    Name,
    /// The given name.
    GivenName,
    /// The surname.
    Surname,
    /// Mail addresses, the main one first.
    Mails,
    /// Telephone numbers.
    Phone,
    /// The preferred language.
    Language,
    /// What the person is to the institution: `student`, `faculty`.
    Affiliations,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Name, Self::GivenName, Self::Surname, Self::Mails, Self::Phone, Self::Language, Self::Affiliations];

    /// The word that settings and interfaces use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::GivenName => "givenName",
            Self::Surname => "surname",
            Self::Mails => "mails",
            Self::Phone => "phone",
            Self::Language => "language",
            Self::Affiliations => "affiliations",
        }
    }
}

/// Locked or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountLock {
    /// Nobody signs on.
    Lock,
    /// They may again.
    Unlock,
}

/// A group to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGroup {
    /// Its name.
    pub id: GroupId,
    /// What it is for; may be empty.
    pub description: String,
    /// Who is in it, as an LDAP filter (RFC 4515); `None` makes a static group.
    pub filter: Option<String>,
}

/// What changes of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupChange {
    /// What it is for; empty removes.
    pub description: Option<String>,
    /// Who is in it.
    pub filter: Option<String>,
}

/// In or out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberChange {
    /// In.
    Add,
    /// Out.
    Remove,
}
