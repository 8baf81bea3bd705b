//! Memory for messages that wait for marks: what a scanner says of a message stands in its header, so that all of the message
//! has to wait for its end. One budget for the process, of which no institution and nobody takes all.

use passerelle_model::{Account, InstitutionId};
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// What of the whole one institution may hold at a time, and one account: a half, an eighth. Whoever sends much is the first to
/// go without marks, and not those who send beside.
const INSTITUTIONS: u64 = 2;
const ACCOUNTS: u64 = 8;
/// Octets that are taken at a time.
const STEP: usize = 64 * 1024;

/// How much memory may be held, in octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkingMemory {
    /// For one message.
    pub message: u64,
    /// In all.
    pub whole: u64,
}

impl Default for MarkingMemory {
    fn default() -> Self {
        Self { message: 10 << 20, whole: 256 << 20 }
    }
}

/// What is held, by whom.
#[derive(Default)]
pub(crate) struct Budget {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    whole: u64,
    institutions: HashMap<InstitutionId, u64>,
    accounts: HashMap<Account, u64>,
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Budget")
    }
}

impl Budget {
    fn take(&self, of: &Account, octets: u64, limits: MarkingMemory) -> bool {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let with = |held: Option<&u64>| held.copied().unwrap_or_default().saturating_add(octets);
        // A share always has room for one message, however small the whole is.
        let share = |parts: u64| limits.whole.checked_div(parts).unwrap_or_default().max(limits.message);
        let fits = held.whole.saturating_add(octets) <= limits.whole
            && with(held.institutions.get(&of.institution)) <= share(INSTITUTIONS)
            && with(held.accounts.get(of)) <= share(ACCOUNTS);
        if fits {
            held.whole = held.whole.saturating_add(octets);
            let institution = held.institutions.entry(of.institution.clone()).or_default();
            *institution = institution.saturating_add(octets);
            let account = held.accounts.entry(of.clone()).or_default();
            *account = account.saturating_add(octets);
        }
        fits
    }

    fn give_back(&self, of: &Account, octets: u64) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.whole = held.whole.saturating_sub(octets);
        if let Some(institution) = held.institutions.get_mut(&of.institution) {
            *institution = institution.saturating_sub(octets);
        }
        if let Some(account) = held.accounts.get_mut(of) {
            *account = account.saturating_sub(octets);
        }
        held.institutions.retain(|_, octets| *octets > 0);
        held.accounts.retain(|_, octets| *octets > 0);
    }
}

/// A message that is held. Dropped, its memory is given back.
pub(crate) struct HeldMessage {
    pieces: Vec<Vec<u8>>,
    taken: u64,
    of: Account,
    limits: MarkingMemory,
    budget: Arc<Budget>,
}

impl HeldMessage {
    /// Nothing yet.
    pub(crate) fn new(of: Account, limits: MarkingMemory, budget: Arc<Budget>) -> Self {
        Self { pieces: Vec::new(), taken: 0, of, limits, budget }
    }

    /// Holds octets; `false` when there is no room for them, and none of these are held.
    pub(crate) fn hold(&mut self, mut octets: &[u8]) -> bool {
        let room = self.pieces.last().map_or(0, |piece| STEP.saturating_sub(piece.len()));
        let steps = octets.len().saturating_sub(room).div_ceil(STEP);
        let more = u64::try_from(steps.saturating_mul(STEP)).unwrap_or(u64::MAX);
        if self.taken.saturating_add(more) > self.limits.message
            || more > 0 && !self.budget.take(&self.of, more, self.limits)
        {
            return false;
        }
        self.taken = self.taken.saturating_add(more);
        while !octets.is_empty() {
            match self.pieces.last_mut() {
                Some(piece) if piece.len() < STEP => {
                    let (here, rest) = octets.split_at(octets.len().min(STEP.saturating_sub(piece.len())));
                    piece.extend_from_slice(here);
                    octets = rest;
                }
                _ => self.pieces.push(Vec::with_capacity(STEP)),
            }
        }
        true
    }

    /// The octets, in order.
    pub(crate) fn pieces(&self) -> &[Vec<u8>] {
        &self.pieces
    }
}

impl Drop for HeldMessage {
    fn drop(&mut self) {
        if self.taken > 0 {
            self.budget.give_back(&self.of, self.taken);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use passerelle_model::AccountId;

    const SMALL: MarkingMemory = MarkingMemory { message: 4 * 64 * 1024, whole: 16 * 64 * 1024 };

    fn message(institution: &str, id: &str, budget: &Arc<Budget>) -> HeldMessage {
        let institution = InstitutionId::parse(institution).unwrap();
        let of = Account { institution, id: AccountId::parse(id).unwrap() };
        HeldMessage::new(of, SMALL, Arc::clone(budget))
    }

    #[test]
    fn what_is_held_is_what_came() {
        let budget = Arc::new(Budget::default());
        let mut held = message("a", "u1", &budget);
        let octets: Vec<u8> = (0_u32..200_000).flat_map(|number| number.to_le_bytes().into_iter().take(1)).collect();
        for piece in octets.chunks(7_001) {
            assert!(held.hold(piece));
        }
        assert_eq!(held.pieces().concat(), octets);
    }

    #[test]
    fn memory_is_bounded_and_given_back() {
        let budget = Arc::new(Budget::default());
        let mut one = message("a", "u1", &budget);
        assert!(one.hold(&vec![0; 4 * STEP]));
        assert!(!one.hold(b"x"), "one message has an end");
        // The same account has its share, however much is free.
        assert!(!message("a", "u1", &budget).hold(b"x"));
        let mut others: Vec<_> = ["u2", "u3", "u4"].iter().map(|id| message("a", id, &budget)).collect();
        // The institution has its half.
        assert_eq!(others.iter_mut().map(|it| it.hold(&vec![0; 4 * STEP])).collect::<Vec<_>>(), [true, false, false]);
        let mut elsewhere = [message("b", "u1", &budget), message("c", "u1", &budget)];
        assert!(elsewhere.iter_mut().all(|it| it.hold(&vec![0; 4 * STEP])));
        assert!(!message("d", "u1", &budget).hold(b"x"), "the whole has an end");
        drop(one);
        assert!(message("a", "u1", &budget).hold(b"x"));
        drop((others, elsewhere));
        let held = budget.held.lock().unwrap();
        assert_eq!((held.whole, held.institutions.len(), held.accounts.len()), (0, 0, 0));
    }
}
