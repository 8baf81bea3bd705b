//! What was granted, to whom, until when, and on what.

use crate::{AccountId, Grantee, InstitutionId, ResourceKind, Rights, Timestamp};

/// One line of an access list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Who holds it.
    pub to: Grantee,
    /// What they may do.
    pub rights: Rights,
    /// When it ends; `None` is never. At this very second it holds no more.
    pub until: Option<Timestamp>,
}

/// What a grant, a lock or a property hangs on, as State keeps it. Rights on a target hold for all that lies below it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    /// The owner's institution.
    pub institution: InstitutionId,
    /// The owner; `None` when the target is the institution itself.
    pub owner: Option<AccountId>,
    /// What kind of thing it is.
    pub kind: ResourceKind,
    /// Which of the owner's trees: a mount; empty where there is only one.
    pub tree: String,
    /// The place in the tree, parts joined by `/`; empty is its root.
    pub path: String,
}

impl Target {
    /// The target and everything above it in its tree, the nearest first.
    pub fn and_above(&self) -> impl Iterator<Item = &str> {
        let mut rest = Some(self.path.as_str());
        std::iter::from_fn(move || {
            let here = rest?;
            rest = match here.rfind('/') {
                Some(cut) => here.get(..cut),
                None if here.is_empty() => None,
                None => Some(""),
            };
            Some(here)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn above_ends_at_the_root() {
        let at = |path: &str| Target {
            institution: InstitutionId::parse("garonne").unwrap(),
            owner: None,
            kind: ResourceKind::Node,
            tree: "home".into(),
            path: path.into(),
        };
        assert_eq!(at("a/b/c").and_above().collect::<Vec<_>>(), ["a/b/c", "a/b", "a", ""]);
        assert_eq!(at("").and_above().collect::<Vec<_>>(), [""]);
    }
}
