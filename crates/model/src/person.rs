//! What a directory says of a person or a group.

use crate::{AccountId, GroupId};
use std::collections::BTreeMap;

/// A directory entry as the gateway knows it. Which institution it belongs to is the gate's to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The login as the directory spells it.
    pub account: AccountId,
    /// The distinguished name.
    pub dn: String,
    /// The name to show.
    pub display_name: String,
    /// Mail addresses, the first one is the main one.
    pub mails: Vec<String>,
    /// The static groups, by name; dynamic ones are asked one by one.
    pub groups: Vec<GroupId>,
    /// Numbers of the Unix account, where the entry has them.
    pub posix: Option<PosixIds>,
    /// What filters and membership rules may look at.
    pub attributes: Attributes,
    /// Whether the account may be used.
    pub standing: Standing,
}

/// Whether an account may be used. Only administrators see one that may not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    #[default]
    Open,
    /// It may not: nobody signs on as it, by whatever proof.
    Locked,
}

/// The numbers that a Unix system knows a person by (RFC 2307 §2.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PosixIds {
    /// `uidNumber`.
    pub uid: u32,
    /// `gidNumber`.
    pub gid: u32,
    /// `gidNumber` of each static group that has one and names the person, in rising order, at most
    /// [`PosixIds::MOST_GROUPS`]. Groups within groups are not among them.
    pub groups: Vec<u32>,
}

impl PosixIds {
    /// Most further groups that count; those with the highest numbers are left out.
    pub const MOST_GROUPS: usize = 1024;

    /// The numbers of an entry, with no further groups yet.
    pub fn new(uid: u32, gid: u32) -> Self {
        Self { uid, gid, groups: Vec::new() }
    }

    /// The same with these groups.
    #[must_use]
    pub fn with_groups(mut self, numbers: impl IntoIterator<Item = u32>) -> Self {
        let numbers: std::collections::BTreeSet<u32> = numbers.into_iter().collect();
        self.groups = numbers.into_iter().take(Self::MOST_GROUPS).collect();
        self
    }
}

/// Attribute values by name. Names compare without regard to case (RFC 4512 §2.5).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes(BTreeMap<String, Vec<String>>);

impl Attributes {
    /// Adds one value.
    pub fn add(&mut self, name: &str, value: impl Into<String>) {
        self.0.entry(name.to_ascii_lowercase()).or_default().push(value.into());
    }

    /// The values of an attribute; none when it is absent.
    pub fn values(&self, name: &str) -> &[String] {
        self.0.get(&name.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
    }

    /// The first value.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.values(name).first().map(String::as_str)
    }
}

impl<N: AsRef<str>, V: Into<String>> FromIterator<(N, V)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut attributes = Self::default();
        for (name, value) in pairs {
            attributes.add(name.as_ref(), value);
        }
        attributes
    }
}

/// A group as it may be shown: never its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub id: GroupId,
    /// What it is for, where the directory says.
    pub description: String,
    /// The address that reaches all of it, where the directory says.
    pub mail: Option<String>,
    /// Whether membership comes from a filter.
    pub dynamic: bool,
}
