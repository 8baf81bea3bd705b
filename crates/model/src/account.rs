//! Who owns things and who may be given rights on them.

use crate::{AccountId, GroupId, InstitutionId, LinkId};
use std::fmt;

/// An owner of data: a person, a group's space, a room, a shared mailbox.
/// The same login in two institutions is two accounts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Account {
    /// Where the account belongs.
    pub institution: InstitutionId,
    /// Its login there.
    pub id: AccountId,
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.institution, self.id)
    }
}

/// A group of one institution: of its directory, static or dynamic, or of the gateway's own, which has members of several
/// institutions ([`GroupId::is_of_gateway`]).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupRef {
    /// Whose directory names the group, or whose administrators answer for it.
    pub institution: InstitutionId,
    /// The group's name there.
    pub id: GroupId,
}

/// Who a grant is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Grantee {
    /// One account.
    Account(Account),
    /// The members of a group, asked by member and never enumerated.
    Group(GroupRef),
    /// Everybody of this institution. Reaches no further, even where institutions share.
    Institution(InstitutionId),
    /// Whoever holds the link.
    Link(LinkId),
}
