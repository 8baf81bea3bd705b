//! What a sign-on leaves behind for seconds or minutes.

use crate::{
    database::{Database, Keep, Query},
    store::SqlState,
};
use passerelle_core::{
    Error,
    ports::{Fut, state::SignOns},
};
use passerelle_model::Timestamp;

/// Longest that is handed over, in characters: a proxy-granting ticket, sealed.
const LONGEST_HANDOVER: usize = 4096;

/// One statement, as for leases: of two that come at once the second finds the first's.
const CLAIM: &str = "INSERT INTO claims (id, expires) VALUES ($1, $2) ON CONFLICT (id) \
                     DO UPDATE SET expires = excluded.expires WHERE claims.expires <= $3";
const HAND_OVER: &str = "INSERT INTO handovers (name, sealed, expires) VALUES ($1, $2, $3) ON CONFLICT (name) \
                         DO UPDATE SET sealed = excluded.sealed, expires = excluded.expires";
pub(crate) const TAKE_OVER: &str = "SELECT sealed FROM handovers WHERE name = $1 AND expires > $2";
pub(crate) const FORGET: &str = "DELETE FROM handovers WHERE name = $1";

impl<D: Database> SignOns for SqlState<D> {
    fn claim<'a>(&'a self, id: &'a [u8; 32], until: Timestamp, now: Timestamp) -> Fut<'a, bool> {
        Box::pin(async move {
            let claim = Query::new(CLAIM).blob(*id).int(until.0).int(now.0);
            Ok(self.write("claiming what works once", claim, Keep::Safe).await? == 1)
        })
    }

    fn hand_over<'a>(&'a self, name: &'a [u8; 32], sealed: &'a str, until: Timestamp) -> Fut<'a, ()> {
        Box::pin(async move {
            if sealed.len() > LONGEST_HANDOVER {
                return Err(Error::invalid("more than 4 KiB to hand over"));
            }
            let hand_over = Query::new(HAND_OVER).blob(*name).text(sealed).int(until.0);
            self.write("handing over", hand_over, Keep::Brief).await.map(drop)
        })
    }

    fn take_over<'a>(&'a self, name: &'a [u8; 32], now: Timestamp) -> Fut<'a, Option<String>> {
        Box::pin(async move {
            let doing = "taking over";
            let taken = self.one(doing, Query::new(TAKE_OVER).blob(*name).int(now.0), |mut row| row.text("sealed"));
            let Some(sealed) = taken.await? else { return Ok(None) };
            // Whoever removes it has it: of two nodes that read it at once, one comes too late.
            let mine = self.write(doing, Query::new(FORGET).blob(*name), Keep::Brief).await? == 1;
            Ok(mine.then_some(sealed))
        })
    }
}
