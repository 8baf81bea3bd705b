//! What a sign-on leaves behind: claims, handovers, tokens.

use crate::{
    database::{Corrupt, Database, Keep, Query},
    store::SqlState,
};
use passerelle_core::{
    Error, Result,
    ports::{
        Fut,
        state::{SealedTokens, SignOns},
    },
};
use passerelle_model::Timestamp;

/// Longest that is handed over, in characters: a proxy-granting ticket, sealed.
const LONGEST_HANDOVER: usize = 4096;
/// Longest tokens, in characters: an access, a refresh and an identity token, sealed.
const LONGEST_TOKENS: usize = 24 * 1024;

/// One statement, as for leases: of two that come at once the second finds the first's.
const CLAIM: &str = "INSERT INTO claims (id, expires) VALUES ($1, $2) ON CONFLICT (id) \
                     DO UPDATE SET expires = excluded.expires WHERE claims.expires <= $3";
const HAND_OVER: &str = "INSERT INTO handovers (name, sealed, expires) VALUES ($1, $2, $3) ON CONFLICT (name) \
                         DO UPDATE SET sealed = excluded.sealed, expires = excluded.expires";
pub(crate) const TAKE_OVER: &str = "SELECT sealed FROM handovers WHERE name = $1 AND expires > $2";
pub(crate) const FORGET: &str = "DELETE FROM handovers WHERE name = $1";
const KEEP: &str = "INSERT INTO tokens (session, sealed, version, expires) VALUES ($1, $2, 1, $3)";
pub(crate) const TOKENS: &str = "SELECT sealed, version FROM tokens WHERE session = $1 AND expires > $2";
pub(crate) const REPLACE: &str = "UPDATE tokens SET sealed = $2, version = $3 WHERE session = $1 AND version = $4";
pub(crate) const DROP: &str = "DELETE FROM tokens WHERE session = $1";

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

    fn keep_tokens<'a>(&'a self, session: &'a [u8; 16], sealed: &'a str, until: Timestamp) -> Fut<'a, ()> {
        Box::pin(async move {
            check_tokens(sealed)?;
            let keep = Query::new(KEEP).blob(*session).text(sealed).int(until.0);
            self.write("keeping tokens", keep, Keep::Safe).await.map(drop)
        })
    }

    fn tokens<'a>(&'a self, session: &'a [u8; 16], now: Timestamp) -> Fut<'a, Option<SealedTokens>> {
        Box::pin(async move {
            let read = Query::new(TOKENS).blob(*session).int(now.0);
            self.one("reading tokens", read, |mut row| {
                let sealed = row.text("sealed")?;
                let version = row.int("version")?.try_into().map_err(|_| Corrupt("version"))?;
                Ok(SealedTokens { sealed, version })
            })
            .await
        })
    }

    fn replace_tokens<'a>(&'a self, session: &'a [u8; 16], new: &'a SealedTokens) -> Fut<'a, bool> {
        Box::pin(async move {
            check_tokens(&new.sealed)?;
            let version = i64::try_from(new.version).map_err(|_| Error::invalid("no such version"))?;
            let replace = Query::new(REPLACE).blob(*session).text(&new.sealed).int(version).int(version - 1);
            Ok(self.write("replacing tokens", replace, Keep::Safe).await? == 1)
        })
    }

    fn drop_tokens<'a>(&'a self, session: &'a [u8; 16]) -> Fut<'a, ()> {
        Box::pin(async move {
            self.write("forgetting tokens", Query::new(DROP).blob(*session), Keep::Brief).await.map(drop)
        })
    }
}

fn check_tokens(sealed: &str) -> Result<()> {
    if sealed.len() > LONGEST_TOKENS { Err(Error::invalid("more than 24 KiB of tokens")) } else { Ok(()) }
}
