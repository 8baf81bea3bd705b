//! Grants. What hangs on a target holds for all below it, so that a decision asks for the target and all above at once.

use crate::{
    database::{Database, Query, Sql, sql},
    store::SqlState,
    values::{account_text, granted, grantee_text, groups_of, target_and_above, target_text},
};
use passerelle_core::{
    Error, Result,
    ports::{
        Fut,
        state::{Granted, Grants},
    },
};
use passerelle_model::{Account, Grant, Grantee, InstitutionId, Target};

pub(crate) const AT: Sql =
    sql!("SELECT target, grantee, rights, ends FROM grants WHERE " AT " ORDER BY target, grantee");
pub(crate) const BELOW: Sql = sql!(
    "SELECT target, grantee, rights, ends FROM grants WHERE " BELOW " ORDER BY target, grantee LIMIT $3"
);
pub(crate) const TO: Sql =
    sql!("SELECT target, grantee, rights, ends FROM grants WHERE grantee " ONE_OF " ORDER BY target, grantee");
pub(crate) const BY: Sql =
    sql!("SELECT target, grantee, rights, ends FROM grants WHERE " BELOW " ORDER BY target, grantee");
pub(crate) const TO_RANGE: &str =
    "SELECT target, grantee, rights, ends FROM grants WHERE grantee >= $1 AND grantee < $2 ORDER BY target, grantee";
const SET: Sql = sql!(
    "INSERT INTO grants (target, grantee, rights, ends) VALUES ($1, $2, $3, $4) ON CONFLICT (" KEY ", grantee) \
     DO UPDATE SET rights = excluded.rights, ends = excluded.ends"
);
pub(crate) const REMOVE: Sql = sql!("DELETE FROM grants WHERE " HERE " AND grantee = $2");
/// Each branch by its own index: for one row of an OR, PostgreSQL would rather read the table until it meets one.
pub(crate) const ANY: Sql = sql!(
    "SELECT ends FROM grants WHERE " ITSELF " UNION ALL SELECT ends FROM grants WHERE " BELOW
    " UNION ALL SELECT ends FROM links WHERE " ITSELF " UNION ALL SELECT ends FROM links WHERE " BELOW " LIMIT 1"
);
pub(crate) const DROP: Sql = sql!("DELETE FROM grants WHERE " WITHIN);
pub(crate) const DROP_LINKS: Sql = sql!("DELETE FROM links WHERE " WITHIN);
pub(crate) const MOVE: Sql = sql!("UPDATE grants SET target = $4 || substr(target, CAST($5 AS INTEGER)) WHERE " WITHIN);
pub(crate) const MOVE_LINKS: Sql =
    sql!("UPDATE links SET target = $4 || substr(target, CAST($5 AS INTEGER)) WHERE " WITHIN);

impl<D: Database> Grants for SqlState<D> {
    fn grants_at<'a>(&'a self, target: &'a Target) -> Fut<'a, Vec<Granted>> {
        Box::pin(
            async move { self.rows("reading grants", Query::new(AT).keys(target_and_above(target)?), granted).await },
        )
    }

    fn grants_below<'a>(&'a self, target: &'a Target, limit: usize) -> Fut<'a, Vec<Granted>> {
        Box::pin(async move {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let query = Query::new(BELOW).below(&target_text(target)?).int(limit);
            self.rows("reading grants", query, granted).await
        })
    }

    fn granted_to<'a>(&'a self, grantees: &'a [Grantee]) -> Fut<'a, Vec<Granted>> {
        Box::pin(async move {
            let query = Query::new(TO).texts(grantees.iter().map(grantee_text).collect());
            self.rows("reading grants", query, granted).await
        })
    }

    fn granted_by<'a>(&'a self, owner: &'a Account) -> Fut<'a, Vec<Granted>> {
        Box::pin(async move { self.rows("reading grants", Query::new(BY).below(&account_text(owner)), granted).await })
    }

    fn granted_to_groups_of<'a>(&'a self, institution: &'a InstitutionId) -> Fut<'a, Vec<Granted>> {
        Box::pin(async move {
            self.rows("reading grants", Query::new(TO_RANGE).below(&groups_of(institution)), granted).await
        })
    }

    fn set_grant<'a>(&'a self, target: &'a Target, grant: &'a Grant) -> Fut<'a, ()> {
        Box::pin(async move {
            let mut open = self.begin("setting a grant").await?;
            let set = Query::new(SET).text(target_text(target)?).text(grantee_text(&grant.to));
            open.write(set.int(grant.rights.bits().into()).maybe_int(grant.until.map(|until| until.0))).await?;
            open.grants_changed(target).await?;
            open.commit().await
        })
    }

    fn remove_grant<'a>(&'a self, target: &'a Target, to: &'a Grantee) -> Fut<'a, bool> {
        Box::pin(async move {
            let mut open = self.begin("removing a grant").await?;
            let remove = Query::new(REMOVE).key(target_text(target)?).text(grantee_text(to));
            if open.write(remove).await? == 0 {
                return Ok(false);
            }
            open.grants_changed(target).await?;
            open.commit().await?;
            Ok(true)
        })
    }

    fn move_grants<'a>(&'a self, from: &'a Target, to: &'a Target) -> Fut<'a, ()> {
        Box::pin(async move {
            let (source, goal) = (target_text(from)?, target_text(to)?);
            if source == goal {
                return Ok(());
            }
            check_apart(&source, &goal)?;
            if !self.has_grants(&source).await? && !self.has_grants(&goal).await? {
                return Ok(());
            }
            let mut open = self.begin("moving grants").await?;
            let mut gone = 0;
            for drop in [DROP, DROP_LINKS] {
                gone += open.write(Query::new(drop).within(&goal)).await?;
            }
            let mut moved = 0;
            for carry in [MOVE, MOVE_LINKS] {
                moved += open.write(carried(carry, &source, &goal)).await?;
            }
            if moved > 0 {
                open.grants_changed(from).await?;
            }
            if gone > 0 || moved > 0 {
                open.grants_changed(to).await?;
            }
            open.commit().await
        })
    }

    fn drop_grants<'a>(&'a self, target: &'a Target) -> Fut<'a, ()> {
        Box::pin(async move {
            let place = target_text(target)?;
            // Nearly always there are none, and then nobody has to wait for a turn to write.
            if !self.has_grants(&place).await? {
                return Ok(());
            }
            let mut open = self.begin("dropping grants").await?;
            for drop in [DROP, DROP_LINKS] {
                open.write(Query::new(drop).within(&place)).await?;
            }
            open.grants_changed(target).await?;
            open.commit().await
        })
    }
}

impl<D: Database> SqlState<D> {
    /// Whether grants or links hang on a place or below it.
    async fn has_grants(&self, place: &str) -> Result<bool> {
        Ok(self.one("looking for grants", Query::new(ANY).within(place), |_| Ok(())).await?.is_some())
    }
}

/// Moves what hangs within `source` to `goal`: `$4` takes the place of what `$5` leaves out.
pub(crate) fn carried(sql: Sql, source: &str, goal: &str) -> Query {
    // Both databases count the characters of a text from 1.
    let rest = i64::try_from(source.chars().count()).unwrap_or(i64::MAX).saturating_add(1);
    Query::new(sql).within(source).text(goal).int(rest)
}

/// Nothing can be moved into itself, nor onto what holds it.
pub(crate) fn check_apart(source: &str, goal: &str) -> Result<()> {
    if lies_below(source, goal) || lies_below(goal, source) {
        return Err(Error::invalid("a place cannot be moved into itself or onto what holds it"));
    }
    Ok(())
}

/// Whether `inner` lies below `outer`.
pub(crate) fn lies_below(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
}
