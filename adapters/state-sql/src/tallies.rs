//! How often what happened.

use crate::{
    database::{Database, Query},
    store::SqlState,
    values::tally,
};
use passerelle_core::ports::{
    Fut,
    state::{Tallies, Tally},
};
use passerelle_model::{InstitutionId, Timestamp};

const ADD: &str = "INSERT INTO tallies (institution, hour, what, count) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (institution, hour, what) DO UPDATE SET count = tallies.count + excluded.count";
pub(crate) const SINCE: &str = "SELECT institution, hour, what, count FROM tallies WHERE institution = $1 AND hour >= $2 \
     ORDER BY hour, what";

impl<D: Database> Tallies for SqlState<D> {
    fn tally<'a>(&'a self, tallies: &'a [Tally]) -> Fut<'a, ()> {
        Box::pin(async move {
            let mut open = self.begin("adding to tallies").await?;
            for Tally { institution, hour, what, count } in tallies {
                let count = i64::try_from(*count).unwrap_or(i64::MAX);
                open.write(Query::new(ADD).text(institution.as_str()).int(hour.0).text(what).int(count)).await?;
            }
            open.commit().await
        })
    }

    fn tallies<'a>(&'a self, institution: &'a InstitutionId, since: Timestamp) -> Fut<'a, Vec<Tally>> {
        Box::pin(async move {
            let query = Query::new(SINCE).text(institution.as_str()).int(since.0).unbounded();
            self.rows("reading tallies", query, tally).await
        })
    }
}
