//! Claims and handovers in memory.

use super::{MemoryState, check_room, ready};
use passerelle_core::{
    Error,
    ports::{Fut, state::SignOns},
};
use passerelle_model::Timestamp;

/// Longest that is handed over, in characters.
const LONGEST_HANDOVER: usize = 4096;

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
}
