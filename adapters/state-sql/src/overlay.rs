//! Settings changed at run time. Nothing is overwritten.

use crate::{
    database::{Database, Keep, Query},
    store::SqlState,
    values::overlay_value,
};
use passerelle_core::{
    Error,
    ports::{
        Fut,
        state::{Overlay, OverlayValue},
    },
};
use passerelle_model::InstitutionId;

pub(crate) const NEWEST: &str = "SELECT institution, name, version, value, author, made FROM overlay AS newest \
                                 WHERE institution = $1 AND version = (SELECT MAX(version) FROM overlay \
                                 WHERE institution = newest.institution AND name = newest.name) ORDER BY name";
pub(crate) const HISTORY: &str = "SELECT institution, name, version, value, author, made FROM overlay \
                                  WHERE institution = $1 AND name = $2 ORDER BY version DESC";
/// Adds nothing unless the version is the next one. Two that come at once with the same meet in the primary key.
pub(crate) const SET: &str = "INSERT INTO overlay (institution, name, version, value, author, made) \
                              SELECT $1, $2, $3, $4, $5, $6 WHERE $3 = (SELECT COALESCE(MAX(version), 0) + 1 \
                              FROM overlay WHERE institution = $1 AND name = $2)";

impl<D: Database> Overlay for SqlState<D> {
    fn overlay<'a>(&'a self, institution: &'a InstitutionId) -> Fut<'a, Vec<OverlayValue>> {
        Box::pin(async move {
            self.rows("reading settings", Query::new(NEWEST).text(institution.as_str()), overlay_value).await
        })
    }

    fn overlay_history<'a>(&'a self, institution: &'a InstitutionId, name: &'a str) -> Fut<'a, Vec<OverlayValue>> {
        Box::pin(async move {
            let query = Query::new(HISTORY).text(institution.as_str()).text(name);
            self.rows("reading a setting's history", query, overlay_value).await
        })
    }

    fn set_overlay<'a>(&'a self, institution: &'a InstitutionId, value: &'a OverlayValue) -> Fut<'a, ()> {
        Box::pin(async move {
            let version = i64::try_from(value.version).map_err(|_| Error::Conflict)?;
            let set = Query::new(SET).text(institution.as_str()).text(&value.name).int(version);
            let set = set.maybe_text(value.value.clone()).text(&value.by).int(value.at.0);
            match self.write("changing a setting", set, Keep::Safe).await? {
                0 => Err(Error::Conflict),
                _ => Ok(()),
            }
        })
    }
}
