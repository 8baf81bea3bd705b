//! UIDs for the messages of a POP3 account elsewhere ([decision](../../../../docs/decisions/0020-external-pop3.md)).
//!
//! A maildrop has names for its messages and no numbers. The numbers that were given to the names lie in State, by the names'
//! hashes and sealed: no word of a message, and nothing that a provider could be recognised by. Whoever changes them puts
//! the whole in the place of what it has read, so that two nodes never give one number twice. What cannot be read any more
//! begins anew, with another UIDVALIDITY: programs then fetch again what they had.

use super::external::bound;
use crate::{
    Error, Result,
    house::House,
    ports::{Fut, MOST_IN_MAILDROP, MaildropUids, Numbered},
    seal::{Purpose, sha256},
};
use passerelle_model::{ExternalRef, Timestamp};
use std::{collections::HashMap, sync::Arc};

/// Octets of a hash that are kept; two of 10,000 names are alike once in 10^20 accounts.
const HASH: usize = 12;
/// How often a change is tried again that another node was ahead of.
const TRIES: usize = 5;

type Hash = [u8; HASH];

/// The UIDs of one account.
pub(super) struct KeptUids {
    house: Arc<House>,
    at: ExternalRef,
}

impl KeptUids {
    pub(super) fn of(house: &Arc<House>, at: &ExternalRef) -> Arc<dyn MaildropUids> {
        Arc::new(Self { house: Arc::clone(house), at: at.clone() })
    }

    async fn numbered(&self, names: &[Vec<u8>]) -> Result<Numbered> {
        if names.len() > MOST_IN_MAILDROP {
            return Err(Error::OverQuota);
        }
        let names = hashed(names);
        for _ in 0..TRIES {
            let row = self.house.state.external(&self.at.owner, &self.at.id).await?;
            // An account that is only tried has no row, and nothing of it is kept.
            let known = row.as_ref().and_then(|row| {
                let sealed = row.uids.as_ref()?;
                Index::read(&self.house.sealer.open_bound(Purpose::ExternalUids, &bound(row), sealed).ok()?)
            });
            let mut index = known.clone().unwrap_or_else(|| Index::new((self.house.clock)()));
            let Some(uids) = index.number(&names) else {
                // Numbers have run out.
                return Err(Error::OverQuota);
            };
            let numbered = Numbered { validity: index.validity, next: index.next, uids };
            let Some(row) = row.filter(|_| known.as_ref() != Some(&index)) else { return Ok(numbered) };
            let sealed = self.house.sealer.seal_bound(Purpose::ExternalUids, &bound(&row), &index.written())?;
            let ExternalRef { owner, id } = &self.at;
            if self.house.state.note_external_uids(owner, id, row.uids.as_deref(), &sealed).await? {
                return Ok(numbered);
            }
        }
        Err(Error::Conflict)
    }
}

impl MaildropUids for KeptUids {
    fn number<'a>(&'a self, names: &'a [Vec<u8>]) -> Fut<'a, Numbered> {
        Box::pin(self.numbered(names))
    }
}

/// Hashes, one for each message: a name that a server gives twice is told apart by how often it was there before.
fn hashed(names: &[Vec<u8>]) -> Vec<Hash> {
    let mut seen: HashMap<&[u8], u32> = HashMap::new();
    let hash = |name: &'_ [u8], before: u32| {
        let whole = sha256(&[&before.to_be_bytes()[..], name].concat());
        let mut hash = Hash::default();
        hash.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
        hash
    };
    let mut all = Vec::with_capacity(names.len());
    for name in names {
        let before = seen.entry(name).or_default();
        all.push(hash(name, *before));
        *before = before.saturating_add(1);
    }
    all
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Index {
    validity: u32,
    next: u32,
    uids: HashMap<Hash, u32>,
}

impl Index {
    /// Nothing is numbered yet. A UIDVALIDITY has to grow (RFC 9051 §2.3.1.1): the time does.
    fn new(now: Timestamp) -> Self {
        Self { validity: u32::try_from(now.0.max(1)).unwrap_or(1), next: 1, uids: HashMap::new() }
    }

    /// Numbers what is there and forgets the rest; `None` when there are no numbers left.
    fn number(&mut self, names: &[Hash]) -> Option<Vec<u32>> {
        let mut uids = Vec::with_capacity(names.len());
        let mut there = HashMap::with_capacity(names.len());
        for name in names {
            let uid = match self.uids.get(name) {
                Some(uid) => *uid,
                None => {
                    let uid = self.next;
                    self.next = uid.checked_add(1)?;
                    uid
                }
            };
            there.insert(*name, uid);
            uids.push(uid);
        }
        self.uids = there;
        Some(uids)
    }

    /// `validity next *(hash uid)`, numbers as four octets.
    fn written(&self) -> Vec<u8> {
        let mut out = [self.validity.to_be_bytes(), self.next.to_be_bytes()].concat();
        let mut all: Vec<_> = self.uids.iter().collect();
        all.sort_by_key(|(_, uid)| **uid);
        for (hash, uid) in all {
            out.extend_from_slice(hash);
            out.extend_from_slice(&uid.to_be_bytes());
        }
        out
    }

    fn read(octets: &[u8]) -> Option<Self> {
        let (validity, rest) = octets.split_first_chunk::<4>()?;
        let (next, mut rest) = rest.split_first_chunk::<4>()?;
        let mut uids = HashMap::new();
        while !rest.is_empty() {
            let (hash, behind) = rest.split_first_chunk::<HASH>()?;
            let (uid, behind) = behind.split_first_chunk::<4>()?;
            uids.insert(*hash, u32::from_be_bytes(*uid));
            rest = behind;
        }
        Some(Self { validity: u32::from_be_bytes(*validity), next: u32::from_be_bytes(*next), uids })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn names(all: &[&str]) -> Vec<Hash> {
        hashed(&all.iter().map(|name| name.as_bytes().to_vec()).collect::<Vec<_>>())
    }

    #[test]
    fn numbers_only_grow_and_come_back() {
        let mut index = Index::new(Timestamp(1_795_000_000));
        assert_eq!(index.number(&names(&["a", "b", "b"])).unwrap(), [1, 2, 3]);
        let mut index = Index::read(&index.written()).unwrap();
        assert_eq!(index.number(&names(&["b", "c", "a"])).unwrap(), [2, 4, 1]);
        // The second `b` is gone, and its number with it.
        assert_eq!(index.number(&names(&["b", "b"])).unwrap(), [2, 5]);
        assert_eq!((index.validity, index.next), (1_795_000_000, 6));
        index.next = u32::MAX;
        assert_eq!(index.number(&names(&["z"])), None);
    }

    #[test]
    fn what_was_cut_is_nothing() {
        let mut index = Index::new(Timestamp(5));
        index.number(&names(&["a", "b"])).unwrap();
        let written = index.written();
        assert_eq!(Index::read(&written), Some(index));
        for length in [0, 7, 9, written.len() - 1] {
            assert_eq!(Index::read(written.get(..length).unwrap()), None, "{length}");
        }
    }
}
