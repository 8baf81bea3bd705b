//! What a method takes, as data: the reference, introspection, the check of a call and what the trail may show all come
//! from it.

/// A parameter, or a member of a struct.
#[derive(Debug)]
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) needed: Needed,
    pub(crate) help: &'static str,
}

/// What a parameter is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// A string.
    Text,
    /// A string that is shown nowhere.
    Secret,
    /// Octets in base64, shown nowhere.
    Octets,
    /// A whole number.
    Number,
    /// A moment: seconds since 1970 UTC, or a dateTime.iso8601 in UTC.
    Moment,
    /// An array of strings; one string stands for an array of it.
    Texts,
    /// A struct with these members and no others.
    Members(&'static [Param]),
    /// A struct of strings or arrays of strings, under names that are not ours.
    Named,
    /// A struct of settings that may be changed at run time, by their dotted names; the gate knows them.
    Settings,
}

/// Whether it may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needed {
    Always,
    IfWanted,
}

impl Kind {
    /// The type's name in the protocol.
    pub(crate) const fn type_name(self) -> &'static str {
        match self {
            Self::Text | Self::Secret => "string",
            Self::Octets => "base64",
            Self::Number | Self::Moment => "int",
            Self::Texts => "array",
            Self::Members(_) | Self::Named | Self::Settings => "struct",
        }
    }

    pub(crate) const fn is_struct(self) -> bool {
        matches!(self, Self::Members(_) | Self::Named | Self::Settings)
    }
}

/// A parameter that every call needs.
pub(crate) const fn needed(name: &'static str, kind: Kind, help: &'static str) -> Param {
    Param { name, kind, needed: Needed::Always, help }
}

/// One that may be left out.
pub(crate) const fn optional(name: &'static str, kind: Kind, help: &'static str) -> Param {
    Param { name, kind, needed: Needed::IfWanted, help }
}

/// What a call may say of itself, beside the parameters of its method.
pub(crate) const OF_ANY_CALL: &[Param] = &[
    optional(
        "institution",
        Kind::Text,
        "the id of the institution meant; left out, it is the caller's own, or the one of a login@domain",
    ),
    optional(
        "idempotencyKey",
        Kind::Text,
        "any text of at most 255 octets that is drawn for this call alone: a repetition within 24 hours gets the answer of the first one, and nothing is done twice",
    ),
];

/// The name of the member that names the institution.
pub(crate) const INSTITUTION: &str = "institution";
/// The name of the member that makes a call repeatable.
pub(crate) const KEY: &str = "idempotencyKey";
