//! What was withdrawn, and the sweep of what has ended.

use crate::{
    database::{Database, Keep, Query},
    store::SqlState,
    values::{revocation, revocation_parts},
    watch,
};
use passerelle_core::ports::{
    Fut,
    state::{AUDIT_KEPT, CALL_KEPT, Revocation, Revocations, TALLIES_KEPT, Watch},
};
use passerelle_model::Timestamp;

/// How long what has ended is still shown, in seconds: a day.
const SHOWN_ENDED: i64 = 86_400;

const REVOKE: &str = "INSERT INTO revocations (kind, subject, up_to, expires, seq) \
     SELECT $1, $2, $3, $4, sequence FROM metadata WHERE one = 1 ON CONFLICT (kind, subject) DO UPDATE SET \
     up_to = CASE WHEN excluded.up_to > revocations.up_to THEN excluded.up_to ELSE revocations.up_to END, \
     expires = CASE WHEN excluded.expires > revocations.expires THEN excluded.expires ELSE revocations.expires END, \
     seq = excluded.seq";
const IN_FORCE: &str = "SELECT kind, subject, up_to, expires FROM revocations WHERE expires > $1 ORDER BY seq";

/// A link's grants go with it.
const SWEEP_LINK_GRANTS: &str =
    "DELETE FROM grants WHERE grantee IN (SELECT 'link:' || id FROM links WHERE ends IS NOT NULL AND ends <= $1)";
/// What is kept for a day after its end.
pub(crate) const SWEEP_ENDED: [&str; 4] = [
    "DELETE FROM grants WHERE ends IS NOT NULL AND ends <= $1",
    "DELETE FROM links WHERE ends IS NOT NULL AND ends <= $1",
    "DELETE FROM app_passwords WHERE ends IS NOT NULL AND ends <= $1",
    "DELETE FROM api_clients WHERE ends IS NOT NULL AND ends <= $1",
];
/// What is gone at its end.
pub(crate) const SWEEP_EXPIRED: [&str; 7] = [
    "DELETE FROM revocations WHERE expires <= $1",
    "DELETE FROM locks WHERE expires <= $1",
    "DELETE FROM leases WHERE ends <= $1",
    "DELETE FROM sync_indexes WHERE ends <= $1",
    "DELETE FROM claims WHERE expires <= $1",
    "DELETE FROM handovers WHERE expires <= $1",
    "DELETE FROM tokens WHERE expires <= $1",
];
/// What is kept for a time of its own, in seconds.
pub(crate) const SWEEP_OLD: [(&str, i64); 3] = [
    ("DELETE FROM audit WHERE made <= $1", AUDIT_KEPT),
    ("DELETE FROM calls WHERE made <= $1", CALL_KEPT),
    ("DELETE FROM tallies WHERE hour <= $1", TALLIES_KEPT),
];
/// Changed grants and settings are remembered from one sweep to the one after the next.
pub(crate) const SWEEP_CHANGES: [&str; 2] = [
    "DELETE FROM grant_changes WHERE seq <= (SELECT swept FROM metadata WHERE one = 1)",
    "DELETE FROM overlay_changes WHERE seq <= (SELECT swept FROM metadata WHERE one = 1)",
];
const HOLD_SEQUENCE: &str = "UPDATE metadata SET swept = swept";
const MARK_SWEPT: &str = "UPDATE metadata SET swept = sequence";

impl<D: Database> Revocations for SqlState<D> {
    fn revoke<'a>(&'a self, revocation: &'a Revocation) -> Fut<'a, ()> {
        Box::pin(async move {
            let (kind, subject, up_to, expires) = revocation_parts(revocation);
            let mut open = self.begin("withdrawing").await?;
            open.next_number().await?;
            open.write(Query::new(REVOKE).text(kind).text(subject).maybe_int(up_to).int(expires)).await?;
            open.commit().await
        })
    }

    fn revoked(&self, now: Timestamp) -> Fut<'_, Vec<Revocation>> {
        Box::pin(async move {
            // A list cut short would let withdrawn sessions live on.
            let query = Query::new(IN_FORCE).int(now.0).unbounded();
            self.rows("reading what was withdrawn", query, revocation).await
        })
    }

    fn watch(&self) -> Fut<'_, Watch> {
        Box::pin(watch::watch(self))
    }

    fn sweep(&self, now: Timestamp) -> Fut<'_, u64> {
        Box::pin(async move {
            // A statement each: a sweep that kept rows locked while it waits for others would be in everybody's way, and half
            // a sweep is as good as a whole one.
            let sweep = |query| self.write("sweeping", query, Keep::Safe);
            let ended = now.plus(-SHOWN_ENDED).0;
            let mut swept = sweep(Query::new(SWEEP_LINK_GRANTS).int(ended)).await?;
            for ends in SWEEP_ENDED {
                swept += sweep(Query::new(ends).int(ended)).await?;
            }
            for expires in SWEEP_EXPIRED {
                swept += sweep(Query::new(expires).int(now.0)).await?;
            }
            for (made, kept) in SWEEP_OLD {
                swept += sweep(Query::new(made).int(now.plus(-kept).0)).await?;
            }
            let mut open = self.begin("sweeping").await?;
            // Whoever notes a change holds the sequence first, then the change.
            open.write(Query::new(HOLD_SEQUENCE)).await?;
            for changes in SWEEP_CHANGES {
                open.write(Query::new(changes)).await?;
            }
            open.write(Query::new(MARK_SWEPT)).await?;
            open.commit().await?;
            Ok(swept)
        })
    }
}
