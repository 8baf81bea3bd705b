//! Leases. Kept by the hash of what is leased: nobody needs to read it, and a path may be long.

use crate::{
    database::{Database, Keep, Query},
    store::SqlState,
};
use passerelle_core::{
    ports::{
        Fut,
        state::{LeaseToken, Leases},
    },
    seal::sha256,
};
use passerelle_model::Timestamp;

/// One statement: of two that come at once the database lets one be second, and the second finds the first's.
const TAKE: &str = "INSERT INTO leases (name, holder, ends) VALUES ($1, $2, $3) ON CONFLICT (name) \
                    DO UPDATE SET holder = excluded.holder, ends = excluded.ends WHERE leases.ends <= $4 \
                    OR leases.holder = excluded.holder";
pub(crate) const GIVE: &str = "DELETE FROM leases WHERE name = $1 AND holder = $2";

impl<D: Database> Leases for SqlState<D> {
    fn take_lease<'a>(&'a self, lease: &'a LeaseToken, until: Timestamp, now: Timestamp) -> Fut<'a, bool> {
        Box::pin(async move {
            let take = Query::new(TAKE).blob(sha256(lease.key.as_bytes())).blob(lease.holder).int(until.0).int(now.0);
            Ok(self.write("taking a lease", take, Keep::Brief).await? == 1)
        })
    }

    fn give_lease<'a>(&'a self, lease: &'a LeaseToken) -> Fut<'a, ()> {
        Box::pin(async move {
            let give = Query::new(GIVE).blob(sha256(lease.key.as_bytes())).blob(lease.holder);
            self.write("giving a lease back", give, Keep::Brief).await.map(drop)
        })
    }
}
