//! Settings changed at run time. Nothing is overwritten.

use crate::{
    database::{Database, Query},
    store::SqlState,
    values::overlay_value,
};
use passerelle_core::{
    Error,
    ports::{
        Fut,
        state::{MOST_CHANGES_KEPT, Overlay, OverlayChange, OverlayValue},
    },
};
use passerelle_model::InstitutionId;

pub(crate) const NEWEST: &str = "SELECT institution, name, version, value, author, made FROM overlay AS newest \
                                 WHERE institution = $1 AND version = (SELECT MAX(version) FROM overlay \
                                 WHERE institution = newest.institution AND name = newest.name AND version <= $2) \
                                 ORDER BY name";
pub(crate) const CHANGES: &str = "SELECT institution, name, version, value, author, made FROM overlay \
                                  WHERE institution = $1 AND version BETWEEN $2 AND $3 ORDER BY version DESC, name";
pub(crate) const LAST: &str = "SELECT COALESCE(MAX(version), 0) AS version FROM overlay WHERE institution = $1";
const ADD: &str =
    "INSERT INTO overlay (institution, name, version, value, author, made) VALUES ($1, $2, $3, $4, $5, $6)";
/// What was replaced by a change that is itself too old to be undone.
pub(crate) const FORGET: &str = "DELETE FROM overlay WHERE institution = $1 AND version <= $2 AND EXISTS \
                                 (SELECT 1 FROM overlay AS later WHERE later.institution = overlay.institution \
                                 AND later.name = overlay.name AND later.version > overlay.version \
                                 AND later.version <= $2)";
const TELL: &str = "INSERT INTO overlay_changes (institution, seq) SELECT $1, sequence FROM metadata WHERE one = 1 \
                    ON CONFLICT (institution) DO UPDATE SET seq = excluded.seq";

impl<D: Database> Overlay for SqlState<D> {
    fn overlay<'a>(&'a self, institution: &'a InstitutionId, up_to: Option<u64>) -> Fut<'a, Vec<OverlayValue>> {
        Box::pin(async move {
            let query = Query::new(NEWEST).text(institution.as_str()).int(number(up_to.unwrap_or(u64::MAX)));
            self.rows("reading settings", query, overlay_value).await
        })
    }

    fn overlay_changes<'a>(
        &'a self,
        institution: &'a InstitutionId,
        from: u64,
        to: u64,
    ) -> Fut<'a, Vec<OverlayChange>> {
        Box::pin(async move {
            let query = Query::new(CHANGES).text(institution.as_str()).int(number(from)).int(number(to));
            let rows = self.rows("reading the history of settings", query, overlay_value).await?;
            let mut changes: Vec<OverlayChange> = Vec::new();
            for OverlayValue { name, value, version, by, at } in rows {
                match changes.last_mut() {
                    Some(change) if change.version == version => change.values.push((name, value)),
                    _ => changes.push(OverlayChange { version, by, at, values: vec![(name, value)] }),
                }
            }
            Ok(changes)
        })
    }

    fn change_overlay<'a>(&'a self, institution: &'a InstitutionId, change: &'a OverlayChange) -> Fut<'a, ()> {
        Box::pin(async move {
            let OverlayChange { version, by, at, values } = change;
            let version = i64::try_from(*version).map_err(|_| Error::Conflict)?;
            let mut open = self.begin("changing settings").await?;
            // Two that come at once with settings of other names would not meet in the primary key.
            open.serialise(&format!("settings {institution}")).await?;
            let last = Query::new(LAST).text(institution.as_str());
            let last = open.rows(last, |mut row| row.int("version")).await?.into_iter().next().unwrap_or(0);
            if last.checked_add(1) != Some(version) {
                return Err(Error::Conflict);
            }
            for (name, value) in values {
                let add = Query::new(ADD).text(institution.as_str()).text(name).int(version);
                open.write(add.maybe_text(value.clone()).text(by).int(at.0)).await?;
            }
            let old = version.saturating_sub(number(MOST_CHANGES_KEPT));
            if old > 0 {
                open.write(Query::new(FORGET).text(institution.as_str()).int(old)).await?;
            }
            open.next_number().await?;
            open.write(Query::new(TELL).text(institution.as_str())).await?;
            open.commit().await
        })
    }
}

/// A version as the database counts; beyond its largest there is none.
fn number(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}
