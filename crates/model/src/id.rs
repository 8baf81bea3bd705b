//! Identifiers. Each is short, bounded text that was checked once and is cheap to clone.

use std::{fmt, sync::Arc};

/// Longest identifier, in octets. A login of a directory is never near it.
const LONGEST: usize = 128;

/// Why a text is not an identifier: it is empty, too long, or has a character that is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidId {
    /// What kind of identifier was wanted.
    pub kind: &'static str,
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a valid {}", self.kind)
    }
}
impl std::error::Error for InvalidId {}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $allowed:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks the text.
            ///
            /// # Errors
            /// [`InvalidId`] when it is empty, longer than 128 octets, or has a character that is not allowed.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                let allowed: fn(&str) -> bool = $allowed;
                if text.is_empty() || text.len() > LONGEST || !allowed(text) {
                    return Err(InvalidId { kind: $kind });
                }
                Ok(Self(text.into()))
            }

            /// The text, as it was parsed.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
}

fn is_label(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// A name that may stand as one segment of a path: no separator, no control character, not `.` or `..`.
fn is_segment(text: &str) -> bool {
    text != "." && text != ".." && !text.contains(|c: char| c.is_control() || c == '/')
}

id! {
    /// One university: its people, stores, look. Lower-case letters, digits and hyphens; the name of its folder in `config/institutions/`.
    InstitutionId, "institution id", is_label
}
id! {
    /// A directory and its ways to sign on, shared by one or more institutions.
    RealmId, "realm id", is_label
}
id! {
    /// The login of an account as its directory spells it. Means nothing without its institution.
    /// `@` is not allowed, because `login@domain` names an account from outside.
    AccountId, "account id", |text| is_segment(text) && !text.contains('@')
}
id! {
    /// A group's name (its `cn`). Means nothing without its institution.
    GroupId, "group id", is_segment
}
id! {
    /// One file tree that an institution offers: `home`, `courses`.
    MountId, "mount id", is_label
}
id! {
    /// The public half of a share link; the token itself is never kept.
    LinkId, "link id", is_label
}
id! {
    /// An account that somebody has elsewhere, as we call it: drawn once, and the same when its owner is renamed.
    ExternalId, "external account id", is_label
}

impl AccountId {
    /// What the id of a space begins with: a file tree that is nobody's own. No person is known under such an id.
    pub const SPACE: char = '~';

    /// The owner of what is in a space.
    pub fn of_space(space: &MountId) -> Self {
        Self(format!("{}{space}", Self::SPACE).into())
    }

    /// The space that this id stands for, if it is no person's.
    pub fn space(&self) -> Option<&str> {
        self.as_str().strip_prefix(Self::SPACE)
    }
}

impl GroupId {
    /// How the names of the gateway's own groups begin. No directory's group is known under such a name.
    pub const GATEWAY: &str = "gateway:";

    /// Whether it is one of the gateway's own groups, kept in State, and not the directory's.
    pub fn is_of_gateway(&self) -> bool {
        self.as_str().starts_with(Self::GATEWAY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<T, E>(parsed: &Result<T, E>, fine: bool) {
        assert_eq!(parsed.is_ok(), fine);
    }

    #[test]
    fn what_may_be_an_account() {
        check(&AccountId::parse("u00001"), true);
        check(&AccountId::parse("Zoë Martin"), true);
        check(&AccountId::parse(""), false);
        check(&AccountId::parse(".."), false);
        check(&AccountId::parse("a/b"), false);
        check(&AccountId::parse("a\0b"), false);
        check(&AccountId::parse("a\nb"), false);
        check(&AccountId::parse("a@b.test"), false);
        check(&AccountId::parse(&"a".repeat(129)), false);
    }

    #[test]
    fn an_institution_is_a_label() {
        check(&InstitutionId::parse("midi-1"), true);
        check(&InstitutionId::parse("Midi"), false);
        check(&InstitutionId::parse("../x"), false);
    }
}
