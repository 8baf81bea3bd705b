//! The rights that can be granted. Surfaces map RFC 4314, RFC 3744 and RFC 9670 onto these.

use std::fmt;

/// A set of rights. Closed under implication: whoever may read may also look up.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Rights(u8);

/// A word that names no right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidRight(pub String);

impl fmt::Display for InvalidRight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no such right: one of {} is meant", NAMES.map(|(name, _)| name).join(", "))
    }
}
impl std::error::Error for InvalidRight {}

const LOOKUP: u8 = 1;
const FREEBUSY: u8 = 1 << 1;
const READ: u8 = 1 << 2;
const ADD: u8 = 1 << 3;
const EDIT: u8 = 1 << 4;
const REMOVE: u8 = 1 << 5;
const MANAGE: u8 = 1 << 6;
const SEND_AS: u8 = 1 << 7;

const NAMES: [(&str, Rights); 8] = [
    ("lookup", Rights::LOOKUP),
    ("freebusy", Rights::FREEBUSY),
    ("read", Rights::READ),
    ("add", Rights::ADD),
    ("edit", Rights::EDIT),
    ("remove", Rights::REMOVE),
    ("manage", Rights::MANAGE),
    ("send-as", Rights::SEND_AS),
];

impl Rights {
    /// No right at all.
    pub const NONE: Self = Self(0);
    /// See that it exists, and its properties.
    pub const LOOKUP: Self = Self(LOOKUP);
    /// See when somebody is busy, not why.
    pub const FREEBUSY: Self = Self(FREEBUSY);
    /// Read what is inside.
    pub const READ: Self = Self(READ | FREEBUSY | LOOKUP);
    /// Put something new in. Without `READ` it is a drop box.
    pub const ADD: Self = Self(ADD | LOOKUP);
    /// Change what is there.
    pub const EDIT: Self = Self(EDIT | READ | FREEBUSY | LOOKUP);
    /// Take something out.
    pub const REMOVE: Self = Self(REMOVE | LOOKUP);
    /// Everything, and give rights to others. Does not include sending in another's name.
    pub const MANAGE: Self = Self(MANAGE | REMOVE | EDIT | ADD | READ | FREEBUSY | LOOKUP);
    /// Send mail in the owner's name.
    pub const SEND_AS: Self = Self(SEND_AS);
    /// What an owner holds.
    pub const ALL: Self = Self(u8::MAX);

    /// Whether every right of `other` is here.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The rights that are in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The rights that are in both.
    #[must_use]
    pub const fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether there is no right at all.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// One right by its word, with what it implies.
    ///
    /// # Errors
    /// [`InvalidRight`] when the word names none.
    pub fn parse(word: &str) -> Result<Self, InvalidRight> {
        NAMES
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, right)| *right)
            .ok_or_else(|| InvalidRight(word.to_owned()))
    }

    /// The words of every right that is held, in a fixed order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES.iter().filter(move |(_, right)| self.contains(*right)).map(|(name, _)| *name)
    }

    /// The set as a number, for storage.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The set from storage, closed again under implication.
    pub fn from_bits(bits: u8) -> Self {
        const SINGLE: [u8; 8] = [LOOKUP, FREEBUSY, READ, ADD, EDIT, REMOVE, MANAGE, SEND_AS];
        SINGLE
            .iter()
            .zip(NAMES)
            .filter(|(bit, _)| bits & **bit != 0)
            .fold(Self::NONE, |held, (_, (_, right))| held.union(right))
    }
}

impl fmt::Debug for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn each_right_says_its_word_and_back() {
        for (name, right) in NAMES {
            assert_eq!(Rights::parse(name).unwrap(), right);
            assert!(right.names().any(|it| it == name));
        }
        assert!(Rights::parse("Read").is_err());
    }

    #[test]
    fn storage_keeps_every_set_closed() {
        for bits in 0..=u8::MAX {
            let rights = Rights::from_bits(bits);
            assert_eq!(Rights::from_bits(rights.bits()), rights);
            assert!(rights.bits() & bits == bits);
        }
        assert_eq!(Rights::from_bits(READ), Rights::READ);
    }

    #[test]
    fn manage_does_not_speak_for_the_owner() {
        assert!(!Rights::MANAGE.contains(Rights::SEND_AS));
        assert!(Rights::ALL.contains(Rights::SEND_AS));
        assert!(!Rights::ADD.contains(Rights::READ));
    }
}
