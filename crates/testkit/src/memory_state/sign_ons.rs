//! Claims, handovers and tokens in memory.

use super::{MemoryState, check_room, ready};
use passerelle_core::{
    Error,
    ports::{
        Fut,
        state::{SealedTokens, SignOns},
    },
};
use passerelle_model::Timestamp;

/// Longest that is handed over, in characters.
const LONGEST_HANDOVER: usize = 4096;
/// Longest tokens, in characters.
const LONGEST_TOKENS: usize = 24 * 1024;

impl SignOns for MemoryState {
    fn claim<'a>(&'a self, id: &'a [u8; 32], until: Timestamp, now: Timestamp) -> Fut<'a, bool> {
        let mut tables = self.tables();
        if let Err(full) = check_room(tables.claims.len()) {
            return ready(Err(full));
        }
        if tables.claims.get(id).is_some_and(|expires| *expires > now) {
            return ready(Ok(false));
        }
        tables.claims.insert(*id, until);
        ready(Ok(true))
    }

    fn hand_over<'a>(&'a self, name: &'a [u8; 32], sealed: &'a str, until: Timestamp) -> Fut<'a, ()> {
        if sealed.len() > LONGEST_HANDOVER {
            return ready(Err(Error::invalid("more than 4 KiB to hand over")));
        }
        let mut tables = self.tables();
        if let Err(full) = check_room(tables.handovers.len()) {
            return ready(Err(full));
        }
        tables.handovers.insert(*name, (sealed.to_owned(), until));
        ready(Ok(()))
    }

    fn take_over<'a>(&'a self, name: &'a [u8; 32], now: Timestamp) -> Fut<'a, Option<String>> {
        let taken = self.tables().handovers.remove(name);
        ready(Ok(taken.filter(|(_, until)| *until > now).map(|(sealed, _)| sealed)))
    }

    fn keep_tokens<'a>(&'a self, session: &'a [u8; 16], sealed: &'a str, until: Timestamp) -> Fut<'a, ()> {
        if sealed.len() > LONGEST_TOKENS {
            return ready(Err(Error::invalid("more than 24 KiB of tokens")));
        }
        let mut tables = self.tables();
        if let Err(full) = check_room(tables.tokens.len()) {
            return ready(Err(full));
        }
        if tables.tokens.contains_key(session) {
            return ready(Err(Error::Conflict));
        }
        tables.tokens.insert(*session, (SealedTokens { sealed: sealed.to_owned(), version: 1 }, until));
        ready(Ok(()))
    }

    fn tokens<'a>(&'a self, session: &'a [u8; 16], now: Timestamp) -> Fut<'a, Option<SealedTokens>> {
        let tables = self.tables();
        let kept = tables.tokens.get(session).filter(|(_, until)| *until > now);
        ready(Ok(kept.map(|(tokens, _)| tokens.clone())))
    }

    fn replace_tokens<'a>(&'a self, session: &'a [u8; 16], new: &'a SealedTokens) -> Fut<'a, bool> {
        if new.sealed.len() > LONGEST_TOKENS {
            return ready(Err(Error::invalid("more than 24 KiB of tokens")));
        }
        let mut tables = self.tables();
        let kept = tables.tokens.get_mut(session).filter(|(old, _)| old.version.checked_add(1) == Some(new.version));
        ready(Ok(kept.map(|(old, _)| old.clone_from(new)).is_some()))
    }

    fn drop_tokens<'a>(&'a self, session: &'a [u8; 16]) -> Fut<'a, ()> {
        self.tables().tokens.remove(session);
        ready(Ok(()))
    }
}
