//! What members a folder had and in which order they changed: pure, so that it can be tested without a store.
//!
//! Folders have no number that grows with each change. So the gate remembers what it saw: of each member its name, a hash of
//! its entity tag and the number of the look at which it was found to be new or other; of each member that is gone, its name
//! and the number at which it was missed. Numbers grow and are never given twice in one generation.

use crate::{
    ports::{ETag, NodeKind},
    seal::sha256,
};
use std::collections::HashMap;

/// Most octets of an index as it is kept. What does not fit is listed whole by each client instead.
pub(crate) const LONGEST_INDEX: usize = 2_900_000;
/// Most members that are gone and still told of; the oldest are forgotten first, and with them tokens that are as old.
/// Least octets that a member takes beside its name.
pub(crate) const LEAST_MEMBER: usize = 18;
const MOST_GONE: usize = 10_000;
/// Octets of an entity tag's hash that are kept: two tags of one name are alike by chance once in 10^19 changes.
const TAG: usize = 8;
/// The layout of what is written below.
const LAYOUT: u8 = 1;

/// The hash of an entity tag.
pub(crate) type TagHash = [u8; TAG];

/// An index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FolderIndex {
    /// Which: a token of another one says nothing here.
    pub(crate) generation: [u8; 8],
    /// The number of the last change.
    pub(crate) last: u64,
    /// What is gone was forgotten up to this number: older tokens are too old.
    pub(crate) forgotten: u64,
    members: HashMap<String, Member>,
}

/// A member, or the memory of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member {
    /// The number of its last change.
    pub(crate) changed: u64,
    /// Its tag; `None` when it is gone.
    pub(crate) tag: Option<TagHash>,
    /// What it is, or was.
    pub(crate) kind: NodeKind,
}

/// The hash of a tag, of a folder or a file.
pub(crate) fn tag_hash(tag: &ETag) -> TagHash {
    let mut hash = TagHash::default();
    hash.iter_mut().zip(sha256(tag.as_str().as_bytes())).for_each(|(to, from)| *to = from);
    hash
}

impl FolderIndex {
    /// Nothing is known yet.
    pub(crate) fn new(generation: [u8; 8]) -> Self {
        Self { generation, last: 0, forgotten: 0, members: HashMap::new() }
    }

    /// How many members it has, those that are gone too.
    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    /// The octets of their names.
    pub(crate) fn octets(&self) -> usize {
        self.members.keys().map(String::len).sum()
    }

    /// The number of the last change of a member that is as it was; `None` for one that is new or other.
    pub(crate) fn unchanged(&self, name: &str, kind: NodeKind, tag: TagHash) -> Option<u64> {
        let known = self.members.get(name)?;
        ((known.tag, known.kind) == (Some(tag), kind)).then_some(known.changed)
    }

    /// Notes a member that is there. The number of its last change; `None` when numbers have run out.
    pub(crate) fn see(&mut self, name: &str, kind: NodeKind, tag: TagHash) -> Option<u64> {
        if let Some(changed) = self.unchanged(name, kind, tag) {
            return Some(changed);
        }
        self.last = self.last.checked_add(1)?;
        self.members.insert(name.to_owned(), Member { changed: self.last, tag: Some(tag), kind });
        Some(self.last)
    }

    /// Notes that a member is gone.
    pub(crate) fn miss(&mut self, name: &str) -> Option<u64> {
        let known = self.members.get_mut(name)?;
        if known.tag.is_some() {
            self.last = self.last.checked_add(1)?;
            *known = Member { changed: self.last, tag: None, kind: known.kind };
        }
        Some(known.changed)
    }

    /// The names of those that are there.
    pub(crate) fn there(&self) -> impl Iterator<Item = &str> {
        self.members.iter().filter(|(_, member)| member.tag.is_some()).map(|(name, _)| name.as_str())
    }

    /// What is gone since a number, with the number of its going.
    pub(crate) fn gone_since(&self, since: u64) -> impl Iterator<Item = (u64, &str, NodeKind)> {
        let gone = self.members.iter().filter(move |(_, member)| member.tag.is_none() && member.changed > since);
        gone.map(|(name, member)| (member.changed, name.as_str(), member.kind))
    }

    /// Whether everything that happened since a number is known.
    pub(crate) fn knows(&self, since: u64) -> bool {
        (self.forgotten..=self.last).contains(&since)
    }

    /// Forgets the oldest of what is gone, beyond what is kept.
    pub(crate) fn forget(&mut self) {
        let mut gone: Vec<u64> = self.gone_since(0).map(|(changed, _, _)| changed).collect();
        if gone.len() <= MOST_GONE {
            return;
        }
        gone.sort_unstable();
        let keep = gone.len() - MOST_GONE;
        let Some(oldest) = keep.checked_sub(1).and_then(|at| gone.get(at)).copied() else { return };
        self.forgotten = oldest;
        self.members.retain(|_, member| member.tag.is_some() || member.changed > oldest);
    }

    /// Writes it: `layout generation last forgotten *(changed flags [tag] length name)`, numbers big-endian. `None` when it
    /// becomes too long.
    pub(crate) fn written(&self) -> Option<Vec<u8>> {
        let mut out = vec![LAYOUT];
        out.extend_from_slice(&self.generation);
        out.extend_from_slice(&self.last.to_be_bytes());
        out.extend_from_slice(&self.forgotten.to_be_bytes());
        for (name, member) in &self.members {
            out.extend_from_slice(&member.changed.to_be_bytes());
            out.push(u8::from(member.tag.is_some()) | u8::from(member.kind == NodeKind::Folder) << 1);
            out.extend_from_slice(member.tag.as_ref().map_or(&[][..], |tag| tag));
            out.push(u8::try_from(name.len()).ok()?);
            out.extend_from_slice(name.as_bytes());
            if out.len() > LONGEST_INDEX {
                return None;
            }
        }
        Some(out)
    }

    /// Reads what was written; `None` for anything else.
    pub(crate) fn read(octets: &[u8]) -> Option<Self> {
        let mut rest = octets;
        if take::<1>(&mut rest)? != [LAYOUT] {
            return None;
        }
        let generation = take(&mut rest)?;
        let (last, forgotten) = (number(&mut rest)?, number(&mut rest)?);
        let mut members = HashMap::new();
        while !rest.is_empty() {
            let changed = number(&mut rest)?;
            let [flags] = take::<1>(&mut rest)?;
            let tag = if flags & 1 == 0 { None } else { Some(take(&mut rest)?) };
            let kind = if flags & 2 == 0 { NodeKind::File } else { NodeKind::Folder };
            if flags > 3 {
                return None;
            }
            let [length] = take::<1>(&mut rest)?;
            let (name, after) = rest.split_at_checked(length.into())?;
            rest = after;
            members.insert(std::str::from_utf8(name).ok()?.to_owned(), Member { changed, tag, kind });
        }
        Some(Self { generation, last, forgotten, members })
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*first)
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    take(rest).map(u64::from_be_bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use NodeKind::{File, Folder};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn tag(text: u8) -> TagHash {
        tag_hash(&ETag::new(text))
    }

    #[test]
    fn numbers_grow_with_changes_only() {
        let mut index = FolderIndex::new([1; 8]);
        assert_eq!((index.see("a", File, tag(1)), index.see("b", Folder, tag(1))), (Some(1), Some(2)));
        assert_eq!((index.see("a", File, tag(1)), index.last), (Some(1), 2));
        assert_eq!(index.see("a", File, tag(2)), Some(3));
        assert_eq!((index.miss("b"), index.miss("b"), index.miss("never")), (Some(4), Some(4), None));
        assert_eq!(index.gone_since(3).collect::<Vec<_>>(), [(4, "b", Folder)]);
        assert_eq!(index.gone_since(4).count(), 0);
        assert_eq!(index.there().collect::<Vec<_>>(), ["a"]);
        assert_eq!(index.see("b", Folder, tag(1)), Some(5));
        assert!(index.knows(0) && index.knows(5) && !index.knows(6));
    }

    #[test]
    fn what_went_long_ago_is_forgotten() {
        let mut index = FolderIndex::new([0; 8]);
        for at in 0..MOST_GONE + 2 {
            index.see(&at.to_string(), File, tag(0));
        }
        for at in 0..MOST_GONE + 2 {
            index.miss(&at.to_string());
        }
        index.forget();
        assert_eq!(index.gone_since(0).count(), MOST_GONE);
        let (first, second) = (u64::try_from(MOST_GONE).unwrap() + 3, u64::try_from(MOST_GONE).unwrap() + 4);
        assert_eq!(index.forgotten, second);
        assert!(!index.knows(first) && index.knows(second));
    }

    proptest! {
        #[test]
        fn read_what_was_written(names in proptest::collection::btree_map("[^/]{1,20}", (any::<u8>(), any::<bool>()), 0..20)) {
            let mut index = FolderIndex::new([7; 8]);
            for (name, (text, gone)) in &names {
                index.see(name, if *text > 9 { File } else { Folder }, tag(*text));
                if *gone {
                    index.miss(name);
                }
            }
            let written = index.written().unwrap();
            prop_assert_eq!(FolderIndex::read(&written), Some(index));
            prop_assert_eq!(FolderIndex::read(written.get(..written.len() - 1).unwrap()).is_some(), false);
        }

        #[test]
        fn nothing_makes_it_panic(octets in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = FolderIndex::read(&octets);
            let _ = FolderIndex::read(&[&[LAYOUT][..], &octets].concat());
        }

        /// Whoever applies the differences has what a listing has, however often they look.
        #[test]
        fn a_client_that_follows_knows_all(
            steps in proptest::collection::vec((0..5_u8, proptest::option::of(0..3_u8), any::<bool>()), 0..40),
        ) {
            let mut index = FolderIndex::new([0; 8]);
            let (mut folder, mut client) = (BTreeMap::new(), BTreeMap::new());
            let mut since = 0;
            for (name, content, looks) in steps {
                let name = name.to_string();
                match content {
                    Some(content) => folder.insert(name, content),
                    None => folder.remove(&name),
                };
                if !looks {
                    continue;
                }
                let seen: Vec<_> = folder.iter().map(|(name, it)| (name.clone(), *it, index.see(name, File, tag(*it)))).collect();
                let missing: Vec<String> =
                    index.there().filter(|name| !folder.contains_key(*name)).map(str::to_owned).collect();
                for name in missing {
                    index.miss(&name);
                }
                for (name, content, changed) in seen {
                    if changed.unwrap() > since {
                        client.insert(name, content);
                    }
                }
                for (_, name, _) in index.gone_since(since) {
                    client.remove(name);
                }
                since = index.last;
                prop_assert_eq!(&client, &folder);
            }
        }
    }
}
