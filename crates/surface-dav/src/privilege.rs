//! Our rights in the words of RFC 3744 §3, and back. Surfaces map, they never decide.
//!
//! `DAV:all` is what `MANAGE` lets one do. `DAV:unlock` is not among the privileges: only who holds a lock, and the owner of
//! the tree, may take it away. What is marked abstract in [`SUPPORTED`] is seen, and cannot be granted by itself: reading and
//! changing of access lists go together with everything else, and properties with content.

use passerelle_model::Rights;

/// `DAV:supported-privilege-set` (RFC 3744 §5.3), the same on every resource.
pub(crate) const SUPPORTED: &str = "<D:supported-privilege-set><D:supported-privilege><D:privilege><D:all/></D:privilege>\
    <D:description xml:lang=\"en\">Everything, and give rights to others</D:description>\
    <D:supported-privilege><D:privilege><D:read/></D:privilege>\
    <D:description xml:lang=\"en\">Read</D:description>\
    <D:supported-privilege><D:privilege><D:read-current-user-privilege-set/></D:privilege>\
    <D:description xml:lang=\"en\">See that it is there</D:description></D:supported-privilege></D:supported-privilege>\
    <D:supported-privilege><D:privilege><D:write/></D:privilege>\
    <D:description xml:lang=\"en\">Change, add and remove</D:description>\
    <D:supported-privilege><D:privilege><D:write-content/></D:privilege>\
    <D:description xml:lang=\"en\">Change what is there</D:description></D:supported-privilege>\
    <D:supported-privilege><D:privilege><D:write-properties/></D:privilege><D:abstract/>\
    <D:description xml:lang=\"en\">Change its properties</D:description></D:supported-privilege>\
    <D:supported-privilege><D:privilege><D:bind/></D:privilege>\
    <D:description xml:lang=\"en\">Put something new in</D:description></D:supported-privilege>\
    <D:supported-privilege><D:privilege><D:unbind/></D:privilege>\
    <D:description xml:lang=\"en\">Take something out</D:description></D:supported-privilege></D:supported-privilege>\
    <D:supported-privilege><D:privilege><D:read-acl/></D:privilege><D:abstract/>\
    <D:description xml:lang=\"en\">Read who may do what</D:description></D:supported-privilege>\
    <D:supported-privilege><D:privilege><D:write-acl/></D:privilege><D:abstract/>\
    <D:description xml:lang=\"en\">Say who may do what</D:description></D:supported-privilege>\
    </D:supported-privilege></D:supported-privilege-set>";

/// What `DAV:write` is made of.
const WRITE: Rights = Rights::EDIT.union(Rights::ADD).union(Rights::REMOVE);

/// Every privilege that is held, those that others contain too (RFC 3744 §5.4).
pub(crate) fn held(rights: Rights) -> impl Iterator<Item = &'static str> {
    const WORDS: [(Rights, &str); 10] = [
        (Rights::READ, "read"),
        (Rights::LOOKUP, "read-current-user-privilege-set"),
        (WRITE, "write"),
        (Rights::EDIT, "write-content"),
        (Rights::EDIT, "write-properties"),
        (Rights::ADD, "bind"),
        (Rights::REMOVE, "unbind"),
        (Rights::MANAGE, "read-acl"),
        (Rights::MANAGE, "write-acl"),
        (Rights::MANAGE, "all"),
    ];
    WORDS.into_iter().filter(move |(needed, _)| rights.contains(*needed)).map(|(_, word)| word)
}

/// A grant in as few words as there are for it.
pub(crate) fn granted(rights: Rights) -> Vec<&'static str> {
    if rights.contains(Rights::MANAGE) {
        return vec!["all"];
    }
    let mut words = vec![if rights.contains(Rights::READ) { "read" } else { "read-current-user-privilege-set" }];
    if rights.contains(WRITE) {
        words.push("write");
    } else {
        let parts = [(Rights::EDIT, "write-content"), (Rights::ADD, "bind"), (Rights::REMOVE, "unbind")];
        words.extend(parts.into_iter().filter(|(right, _)| rights.contains(*right)).map(|(_, word)| word));
    }
    words
}

/// A privilege that a client wants granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// That can be.
    Rights(Rights),
    /// That is only ever part of another (RFC 3744 §8.1.1 `no-abstract`).
    Abstract,
    /// That is none of ours (RFC 3744 §8.1.1 `not-supported-privilege`).
    Unknown,
}

/// What the word of a privilege means.
pub(crate) fn wanted(word: &str) -> Wanted {
    match word {
        "all" => Wanted::Rights(Rights::MANAGE),
        "read" => Wanted::Rights(Rights::READ),
        "read-current-user-privilege-set" => Wanted::Rights(Rights::LOOKUP),
        "write" => Wanted::Rights(WRITE),
        "write-content" => Wanted::Rights(Rights::EDIT),
        "bind" => Wanted::Rights(Rights::ADD),
        "unbind" => Wanted::Rights(Rights::REMOVE),
        "write-properties" | "read-acl" | "write-acl" => Wanted::Abstract,
        _ => Wanted::Unknown,
    }
}

/// Which resource a privilege is missing on (RFC 3744 §3, appendix B).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    /// The one itself.
    Itself,
    /// The collection that it is, or would be, a member of.
    Parent,
}

/// The privilege that a right needed here is called, and on what it is wanted.
pub(crate) fn needed(rights: Rights) -> (&'static str, On) {
    if rights.contains(Rights::MANAGE) {
        ("write-acl", On::Itself)
    } else if rights.contains(Rights::EDIT) {
        ("write-content", On::Itself)
    } else if rights.contains(Rights::ADD) {
        ("bind", On::Parent)
    } else if rights.contains(Rights::REMOVE) {
        ("unbind", On::Parent)
    } else {
        ("read", On::Itself)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever can be granted is told by words that mean the same again.
    #[test]
    fn a_grant_comes_back() {
        for bits in 0..=u8::MAX {
            let rights = Rights::from_bits(bits).both(Rights::MANAGE);
            // When somebody is busy is no matter of files.
            let busy_only = rights.contains(Rights::FREEBUSY) && !rights.contains(Rights::READ);
            if !rights.contains(Rights::LOOKUP) || busy_only {
                continue;
            }
            let again = granted(rights).into_iter().fold(Rights::NONE, |all, word| match wanted(word) {
                Wanted::Rights(rights) => all.union(rights),
                Wanted::Abstract | Wanted::Unknown => all,
            });
            assert_eq!(again, rights, "{rights:?}");
        }
    }

    #[test]
    fn every_word_is_supported() {
        for word in held(Rights::ALL) {
            assert!(SUPPORTED.contains(&format!("<D:{word}/>")), "{word}");
            assert_ne!(wanted(word), Wanted::Unknown, "{word}");
            let is_abstract = SUPPORTED.contains(&format!("<D:{word}/></D:privilege><D:abstract/>"));
            assert_eq!(is_abstract, wanted(word) == Wanted::Abstract, "{word}");
        }
        assert_eq!(wanted("unlock"), Wanted::Unknown);
    }

    #[test]
    fn what_is_missing() {
        use passerelle_core::{Add, Edit, Manage, Read, Remove, Right};
        for (needs, word) in [
            (Read::NEEDS, ("read", On::Itself)),
            (Edit::NEEDS, ("write-content", On::Itself)),
            (Add::NEEDS, ("bind", On::Parent)),
            (Remove::NEEDS, ("unbind", On::Parent)),
            (Manage::NEEDS, ("write-acl", On::Itself)),
        ] {
            assert_eq!(needed(needs), word);
        }
    }
}
