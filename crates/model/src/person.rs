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

/// `uidNumber` and `gidNumber` (RFC 2307 §2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PosixIds {
    /// `uidNumber`.
    pub uid: u32,
    /// `gidNumber`.
    pub gid: u32,
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
    /// Whether membership comes from a filter.
    pub dynamic: bool,
}
