//! How the results of a query have become others (RFC 8620 §5.6): what a client takes out of its list, and what it puts in, where.

use super::changed::Changed;
use crate::{
    id::{EmailId, ThreadId},
    methods::listed::Difference,
};
use std::collections::{HashMap, HashSet};

/// Whether a message can come into the results or leave them, or its place in them, while it stays the same message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hangs {
    /// On what never changes: dates, sizes, texts, the mailbox.
    OnWhatStays,
    /// On keywords too.
    OnKeywords,
}

/// The difference that these changes make, of the results now. Of what is gone it may name what was no result: that only its store
/// knew.
pub(super) fn delta(results: &[EmailId], changed: &Changed, hangs: Hangs) -> Difference<EmailId> {
    let mut touched: HashSet<EmailId> = changed.created.iter().copied().collect();
    let mut removed = changed.destroyed.clone();
    if hangs == Hangs::OnKeywords {
        // What may have moved is taken out, and put in where it is now.
        touched.extend(&changed.updated);
        removed.extend(&changed.updated);
    }
    let now = results.iter().copied().enumerate();
    Difference { removed, added: now.filter(|(_, email)| touched.contains(email)).collect() }
}

/// The same where of each thread only the first message is a result. Which others a message hid that is gone nobody remembers:
/// then there is no answer.
pub(super) fn delta_of_threads(
    results: &[EmailId],
    threads: &HashMap<EmailId, ThreadId>,
    changed: &Changed,
    hangs: Hangs,
) -> Option<Difference<EmailId>> {
    if !changed.destroyed.is_empty() || (hangs == Hangs::OnKeywords && !changed.updated.is_empty()) {
        return None;
    }
    let created: HashSet<EmailId> = changed.created.iter().copied().collect();
    // Nothing went and nothing moved: without what has come, the list is the old one.
    let before = firsts(results.iter().copied().filter(|it| !created.contains(it)), threads);
    let now = firsts(results.iter().copied(), threads);
    let (was, is): (HashSet<&EmailId>, HashSet<&EmailId>) = (before.iter().collect(), now.iter().collect());
    Some(Difference {
        removed: before.iter().copied().filter(|it| !is.contains(it)).collect(),
        added: now.iter().copied().enumerate().filter(|(_, it)| !was.contains(it)).collect(),
    })
}

/// The first message of each thread.
pub(super) fn firsts(results: impl Iterator<Item = EmailId>, threads: &HashMap<EmailId, ThreadId>) -> Vec<EmailId> {
    let mut seen: HashSet<&ThreadId> = HashSet::new();
    results.filter(|email| threads.get(email).is_some_and(|thread| seen.insert(thread))).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use crate::id::MailboxId;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// What a client does (RFC 8620 §5.6).
    fn applied(old: &[EmailId], delta: &Difference<EmailId>) -> Vec<EmailId> {
        let mut list: Vec<EmailId> = old.iter().copied().filter(|it| !delta.removed.contains(it)).collect();
        for (at, email) in &delta.added {
            list.insert(*at, *email);
        }
        list
    }

    fn email(uid: u32) -> EmailId {
        EmailId { mailbox: MailboxId([0; 8]), uid_validity: 1, uid }
    }

    /// A message: whether it is flagged, by what it is sorted, its thread.
    type Message = (bool, u8, u8);

    /// The results: those that are flagged, or all, sorted by flag or not.
    fn results(all: &BTreeMap<u32, Message>, only_flagged: bool, by_flag: bool) -> Vec<EmailId> {
        let mut found: Vec<(&u32, &Message)> = all.iter().filter(|(_, it)| it.0 || !only_flagged).collect();
        found.sort_by_key(|(uid, it)| (by_flag && it.0, it.1, **uid));
        found.into_iter().map(|(uid, _)| email(*uid)).collect()
    }

    fn threads(all: &BTreeMap<u32, Message>) -> HashMap<EmailId, ThreadId> {
        all.iter().map(|(uid, it)| (email(*uid), ThreadId::of(&it.2.to_string()))).collect()
    }

    proptest! {
        #[test]
        fn what_is_told_makes_the_new_list_of_the_old_one(
            first in proptest::collection::vec(any::<Message>(), 0..20),
            steps in proptest::collection::vec((0..3_u8, any::<u8>(), any::<Message>()), 0..20),
            only_flagged: bool, by_flag: bool,
        ) {
            let mut all: BTreeMap<u32, Message> = (1..).zip(first).map(|(uid, (flag, key, thread))| (uid, (flag, key % 8, thread % 4))).collect();
            let before = all.clone();
            let mut next = u32::try_from(all.len()).unwrap() + 1;
            let mut changed = Changed::default();
            for (what, which, (flag, key, thread)) in steps {
                let uid = all.keys().copied().nth(usize::from(which) % all.len().max(1));
                match (what, uid) {
                    (0, _) | (_, None) => {
                        all.insert(next, (flag, key % 8, thread % 4));
                        changed.created.push(email(next));
                        next += 1;
                    }
                    (1, Some(uid)) => {
                        all.get_mut(&uid).unwrap().0 = flag;
                        changed.updated.push(email(uid));
                    }
                    (_, Some(uid)) => {
                        all.remove(&uid);
                        changed.destroyed.push(email(uid));
                    }
                }
            }
            // As a store tells it: of what came and went nothing, of what came that it came.
            changed.created.retain(|it| all.contains_key(&it.uid));
            changed.destroyed.retain(|it| before.contains_key(&it.uid));
            changed.updated.retain(|it| before.contains_key(&it.uid) && all.contains_key(&it.uid));
            changed.updated.sort();
            changed.updated.dedup();
            let hangs = if only_flagged || by_flag { Hangs::OnKeywords } else { Hangs::OnWhatStays };
            let (old, new) = (results(&before, only_flagged, by_flag), results(&all, only_flagged, by_flag));
            prop_assert_eq!(applied(&old, &delta(&new, &changed, hangs)), new.clone());

            let known = threads(&all);
            let (old, now) = (firsts(old.into_iter(), &threads(&before)), firsts(new.iter().copied(), &known));
            match delta_of_threads(&new, &known, &changed, hangs) {
                Some(told) => prop_assert_eq!(applied(&old, &told), now),
                None => prop_assert!(!changed.destroyed.is_empty() || !changed.updated.is_empty()),
            }
        }
    }
}
