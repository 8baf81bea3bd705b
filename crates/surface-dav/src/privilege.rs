//! Our rights in the words of RFC 3744 §3 and RFC 4791 §6.1.1, and back; each word is the name of its element. Surfaces map, they never decide.
//!
//! `DAV:all` is what `MANAGE` lets one do. `DAV:unlock` is not among the privileges: only who holds a lock, and the owner of
//! the tree, may take it away. What is marked abstract in [`SUPPORTED`] is seen, and cannot be granted by itself: reading and
//! changing of access lists go together with everything else, and properties with content.

use crate::xml::{CALDAV, DAV, Name};
use passerelle_model::Rights;

/// To see when a calendar's owner has no time, and not what takes it (RFC 4791 §6.1.1); of calendars alone.
const BUSY: &str = "C:read-free-busy xmlns:C=\"urn:ietf:params:xml:ns:caldav\"";

/// `DAV:supported-privilege-set` (RFC 3744 §5.3) as far as `DAV:read`, what calendars have in it besides, and the rest.
const SUPPORTED: [&str; 3] = [
    "<D:supported-privilege-set><D:supported-privilege><D:privilege><D:all/></D:privilege>\
    <D:description xml:lang=\"en\">Everything, and give rights to others</D:description>\
    <D:supported-privilege><D:privilege><D:read/></D:privilege>\
    <D:description xml:lang=\"en\">Read</D:description>\
    <D:supported-privilege><D:privilege><D:read-current-user-privilege-set/></D:privilege>\
    <D:description xml:lang=\"en\">See that it is there</D:description></D:supported-privilege>",
    "<D:supported-privilege><D:privilege><C:read-free-busy xmlns:C=\"urn:ietf:params:xml:ns:caldav\"/></D:privilege>\
    <D:description xml:lang=\"en\">See when time is taken</D:description></D:supported-privilege>",
    "</D:supported-privilege>\
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
    </D:supported-privilege></D:supported-privilege-set>",
];

/// What of a resource privileges are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// What it is.
    Things,
    /// What it is, and when it takes its owner's time: a calendar.
    Times,
}

/// The parts of `DAV:supported-privilege-set` of a resource.
pub(crate) fn supported(about: About) -> impl Iterator<Item = &'static str> {
    SUPPORTED.into_iter().enumerate().filter(move |(part, _)| *part != 1 || about == About::Times).map(|(_, part)| part)
}

/// What `CALDAV:read-free-busy` gives: whoever can ask for times sees what to ask.
const SEES_BUSY: Rights = Rights::FREEBUSY.union(Rights::LOOKUP);
/// What `DAV:write` is made of.
const WRITE: Rights = Rights::EDIT.union(Rights::ADD).union(Rights::REMOVE);

/// Every privilege that is held, those that others contain too (RFC 3744 §5.4).
pub(crate) fn held(rights: Rights, about: About) -> impl Iterator<Item = &'static str> {
    const WORDS: [(Rights, &str); 11] = [
        (Rights::READ, "D:read"),
        (Rights::FREEBUSY, BUSY),
        (Rights::LOOKUP, "D:read-current-user-privilege-set"),
        (WRITE, "D:write"),
        (Rights::EDIT, "D:write-content"),
        (Rights::EDIT, "D:write-properties"),
        (Rights::ADD, "D:bind"),
        (Rights::REMOVE, "D:unbind"),
        (Rights::MANAGE, "D:read-acl"),
        (Rights::MANAGE, "D:write-acl"),
        (Rights::MANAGE, "D:all"),
    ];
    let is_meant = move |word: &str| word != BUSY || about == About::Times;
    WORDS.into_iter().filter(move |(needed, word)| rights.contains(*needed) && is_meant(word)).map(|(_, word)| word)
}

/// A grant in as few words as there are for it.
pub(crate) fn granted(rights: Rights) -> Vec<&'static str> {
    if rights.contains(Rights::MANAGE) {
        return vec!["D:all"];
    }
    let reads = [(Rights::READ, "D:read"), (Rights::FREEBUSY, BUSY)];
    let most = reads.into_iter().find(|(right, _)| rights.contains(*right));
    let mut words = vec![most.map_or("D:read-current-user-privilege-set", |(_, word)| word)];
    if rights.contains(WRITE) {
        words.push("D:write");
    } else {
        let parts = [(Rights::EDIT, "D:write-content"), (Rights::ADD, "D:bind"), (Rights::REMOVE, "D:unbind")];
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

/// What the element of a privilege means.
pub(crate) fn wanted(name: &Name, about: About) -> Wanted {
    match (name.namespace.as_str(), name.name.as_str()) {
        (DAV, "all") => Wanted::Rights(Rights::MANAGE),
        (DAV, "read") => Wanted::Rights(Rights::READ),
        (CALDAV, "read-free-busy") if about == About::Times => Wanted::Rights(SEES_BUSY),
        (DAV, "read-current-user-privilege-set") => Wanted::Rights(Rights::LOOKUP),
        (DAV, "write") => Wanted::Rights(WRITE),
        (DAV, "write-content") => Wanted::Rights(Rights::EDIT),
        (DAV, "bind") => Wanted::Rights(Rights::ADD),
        (DAV, "unbind") => Wanted::Rights(Rights::REMOVE),
        (DAV, "write-properties" | "read-acl" | "write-acl") => Wanted::Abstract,
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
        ("D:write-acl", On::Itself)
    } else if rights.contains(Rights::EDIT) {
        ("D:write-content", On::Itself)
    } else if rights.contains(Rights::ADD) {
        ("D:bind", On::Parent)
    } else if rights.contains(Rights::REMOVE) {
        ("D:unbind", On::Parent)
    } else if rights.contains(Rights::FREEBUSY) && !rights.contains(Rights::READ) {
        (BUSY, On::Itself)
    } else {
        ("D:read", On::Itself)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(word: &str) -> Name {
        let namespace = if word.starts_with("C:") { CALDAV } else { DAV };
        let name = word.split([':', ' ']).nth(1).unwrap_or_default();
        Name { namespace: namespace.to_owned(), name: name.to_owned() }
    }

    /// Whatever can be granted is told by words that mean the same again.
    #[test]
    fn a_grant_comes_back() {
        for bits in 0..=u8::MAX {
            let rights = Rights::from_bits(bits).both(Rights::MANAGE);
            if !rights.contains(Rights::LOOKUP) {
                continue;
            }
            let meant = |word| match wanted(&name(word), About::Times) {
                Wanted::Rights(rights) => rights,
                Wanted::Abstract | Wanted::Unknown => Rights::NONE,
            };
            let again = granted(rights).into_iter().map(meant).fold(Rights::NONE, Rights::union);
            assert_eq!(again, rights, "{rights:?}");
        }
    }

    #[test]
    fn every_word_is_supported() {
        for about in [About::Things, About::Times] {
            let all: String = supported(about).collect();
            for word in held(Rights::ALL, about) {
                assert!(all.contains(&format!("<{word}/>")), "{word}");
                assert_ne!(wanted(&name(word), about), Wanted::Unknown, "{word}");
                let is_abstract = all.contains(&format!("<{word}/></D:privilege><D:abstract/>"));
                assert_eq!(is_abstract, wanted(&name(word), about) == Wanted::Abstract, "{word}");
            }
            assert_eq!(wanted(&name("D:unlock"), about), Wanted::Unknown);
        }
        // When somebody is busy is no matter of files.
        assert_eq!(wanted(&name(BUSY), About::Things), Wanted::Unknown);
        assert!(!held(Rights::ALL, About::Things).any(|word| word == BUSY));
    }

    #[test]
    fn what_is_missing() {
        use passerelle_core::{Add, Edit, FreeBusy, Manage, Read, Remove, Right};
        for (needs, word) in [
            (Read::NEEDS, ("D:read", On::Itself)),
            (FreeBusy::NEEDS, (BUSY, On::Itself)),
            (Edit::NEEDS, ("D:write-content", On::Itself)),
            (Add::NEEDS, ("D:bind", On::Parent)),
            (Remove::NEEDS, ("D:unbind", On::Parent)),
            (Manage::NEEDS, ("D:write-acl", On::Itself)),
        ] {
            assert_eq!(needed(needs), word);
        }
    }
}
