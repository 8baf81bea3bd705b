//! Calls that may be repeated.

use crate::{
    database::{Database, Keep, Query},
    store::SqlState,
    values::known_call,
};
use passerelle_core::{
    Error,
    ports::{
        Fut,
        state::{CALL_KEPT, CallKey, Calls, Claim, LONGEST_ANSWER},
    },
};
use passerelle_model::Timestamp;

const CLAIM: &str =
    "INSERT INTO calls (key, call, answer, made) VALUES ($1, $2, NULL, $3) ON CONFLICT (key) DO NOTHING";
pub(crate) const KNOWN: &str = "SELECT key, call, answer, made FROM calls WHERE key = $1";
/// What was kept long enough is as good as gone before the sweep has come by.
pub(crate) const TAKE_OVER: &str = "UPDATE calls SET call = $2, answer = NULL, made = $3 WHERE key = $1 AND made <= $4";
pub(crate) const SETTLE: &str = "UPDATE calls SET answer = $2 WHERE key = $1";
pub(crate) const RELEASE: &str = "DELETE FROM calls WHERE key = $1 AND answer IS NULL";

impl<D: Database> Calls for SqlState<D> {
    fn claim_call<'a>(&'a self, key: &'a CallKey, call: &'a [u8; 32], now: Timestamp) -> Fut<'a, Claim> {
        Box::pin(async move {
            let doing = "claiming a call";
            let claim = Query::new(CLAIM).blob(*key).blob(*call).int(now.0);
            let take = Query::new(TAKE_OVER).blob(*key).blob(*call).int(now.0).int(now.plus(-CALL_KEPT).0);
            if self.write(doing, claim, Keep::Brief).await? > 0 || self.write(doing, take, Keep::Brief).await? > 0 {
                return Ok(Claim::New);
            }
            match self.one(doing, Query::new(KNOWN).blob(*key), known_call).await? {
                Some((call, answer)) => Ok(Claim::Known { call, answer }),
                // Given back this very moment.
                None => Err(Error::Locked),
            }
        })
    }

    fn settle_call<'a>(&'a self, key: &'a CallKey, answer: &'a str) -> Fut<'a, ()> {
        Box::pin(async move {
            if answer.len() > LONGEST_ANSWER {
                return Err(Error::invalid("an answer is too long to be kept"));
            }
            let settle = Query::new(SETTLE).blob(*key).text(answer);
            self.write("keeping a call's answer", settle, Keep::Brief).await.map(drop)
        })
    }

    fn release_call<'a>(&'a self, key: &'a CallKey) -> Fut<'a, ()> {
        Box::pin(async move {
            self.write("giving a call back", Query::new(RELEASE).blob(*key), Keep::Brief).await.map(drop)
        })
    }
}
