//! What hangs on places, and what becomes of it when they change: several tables in one transaction.

use crate::{
    database::{Database, Query, Sql, sql},
    store::{Open, SqlState},
    values::{target_text, tree_text},
};
use passerelle_core::{
    Error, Result,
    ports::{
        Fut,
        state::{Places, Sharing},
    },
};
use passerelle_model::Target;

/// Each branch by its own index: for one row of an OR, PostgreSQL would rather read the table until it meets one.
pub(crate) const ANY: Sql = sql!(
    "SELECT target FROM grants WHERE " ITSELF " UNION ALL SELECT target FROM grants WHERE " BELOW
    " UNION ALL SELECT target FROM links WHERE " ITSELF " UNION ALL SELECT target FROM links WHERE " BELOW
    " UNION ALL SELECT target FROM properties WHERE " ITSELF " UNION ALL SELECT target FROM properties WHERE " BELOW
    " UNION ALL SELECT target FROM locks WHERE " ITSELF " UNION ALL SELECT target FROM locks WHERE " BELOW " LIMIT 1"
);
pub(crate) const DROP_GRANTS: Sql = sql!("DELETE FROM grants WHERE " WITHIN);
pub(crate) const DROP_LINKS: Sql = sql!("DELETE FROM links WHERE " WITHIN);
pub(crate) const DROP_PROPERTIES: Sql = sql!("DELETE FROM properties WHERE " WITHIN);
pub(crate) const DROP_LOCKS: Sql = sql!("DELETE FROM locks WHERE " WITHIN);
pub(crate) const MOVE_GRANTS: Sql =
    sql!("UPDATE grants SET target = $4 || substr(target, CAST($5 AS INTEGER)) WHERE " WITHIN);
pub(crate) const MOVE_LINKS: Sql =
    sql!("UPDATE links SET target = $4 || substr(target, CAST($5 AS INTEGER)) WHERE " WITHIN);
pub(crate) const MOVE_PROPERTIES: Sql =
    sql!("UPDATE properties SET target = $4 || substr(target, CAST($5 AS INTEGER)) WHERE " WITHIN);
pub(crate) const COPY_PROPERTIES: Sql = sql!(
    "INSERT INTO properties (target, namespace, name, xml) \
     SELECT $4 || substr(target, CAST($5 AS INTEGER)), namespace, name, xml FROM properties WHERE " WITHIN
);
pub(crate) const COPY_PROPERTIES_HERE: Sql = sql!(
    "INSERT INTO properties (target, namespace, name, xml) \
     SELECT $2, namespace, name, xml FROM properties WHERE " HERE
);

impl<D: Database> Places for SqlState<D> {
    fn made<'a>(&'a self, target: &'a Target) -> Fut<'a, ()> {
        Box::pin(async move {
            let Some(mut change) = self.change("noting what is new", &[target]).await? else { return Ok(()) };
            change.end_sharing(target).await?;
            change.drop(DROP_PROPERTIES, target).await?;
            change.finish().await
        })
    }

    fn gone<'a>(&'a self, target: &'a Target) -> Fut<'a, ()> {
        Box::pin(async move {
            let Some(mut change) = self.change("noting what is gone", &[target]).await? else { return Ok(()) };
            change.clear(target).await?;
            change.finish().await
        })
    }

    fn moved<'a>(&'a self, from: &'a Target, to: &'a Target, sharing: Sharing) -> Fut<'a, ()> {
        Box::pin(async move {
            if from == to {
                return Ok(());
            }
            let (source, goal) = (target_text(from)?, target_text(to)?);
            if lies_below(&source, &goal) || lies_below(&goal, &source) {
                return Err(Error::invalid("a place cannot be moved into itself or onto what holds it"));
            }
            let Some(mut change) = self.change("noting a move", &[from, to]).await? else { return Ok(()) };
            change.clear(to).await?;
            match sharing {
                Sharing::Carried => change.carry_sharing(from, to).await?,
                Sharing::Ended => change.end_sharing(from).await?,
            }
            change.open.write(carried(MOVE_PROPERTIES, &source, &goal)).await?;
            change.drop(DROP_LOCKS, from).await?;
            change.finish().await
        })
    }

    fn copied<'a>(&'a self, from: &'a Target, to: &'a Target, deep: bool) -> Fut<'a, ()> {
        Box::pin(async move {
            if from == to {
                return Ok(());
            }
            let (source, goal) = (target_text(from)?, target_text(to)?);
            if lies_below(&source, &goal) {
                return Err(Error::invalid("a place cannot be copied onto what holds it"));
            }
            let Some(mut change) = self.change("noting a copy", &[from, to]).await? else { return Ok(()) };
            change.clear(to).await?;
            let copy = match deep {
                true => carried(COPY_PROPERTIES, &source, &goal),
                false => Query::new(COPY_PROPERTIES_HERE).key(source).text(goal),
            };
            change.open.write(copy).await?;
            change.finish().await
        })
    }
}

impl<D: Database> SqlState<D> {
    /// Begins a change of these places; nothing, where nothing hangs on any of them. Nearly always that is so, and then
    /// nobody has to wait for a turn to write.
    async fn change<'a>(&'a self, doing: &'static str, places: &[&'a Target]) -> Result<Option<Change<'a, D>>> {
        let mut trees = Vec::new();
        let mut any = false;
        for place in places {
            any = any || self.one(doing, Query::new(ANY).within(&target_text(place)?), |_| Ok(())).await?.is_some();
            trees.push(tree_text(place)?);
        }
        if !any {
            return Ok(None);
        }
        let mut open = self.begin(doing).await?;
        // Two changes of one tree would meet rows in different order and wait for each other. Trees have an order.
        trees.sort_unstable();
        trees.dedup();
        for tree in &trees {
            open.serialise(tree).await?;
        }
        Ok(Some(Change { open, changed: Vec::new() }))
    }
}

/// A transaction over places.
struct Change<'a, D: Database> {
    open: Open<'a, D>,
    /// Whose grants are others now; watchers are told at the end, because all who tell them wait for each other.
    changed: Vec<&'a Target>,
}

impl<'a, D: Database> Change<'a, D> {
    async fn drop(&mut self, sql: Sql, target: &Target) -> Result<u64> {
        self.open.write(Query::new(sql).within(&target_text(target)?)).await
    }

    /// Grants and links end.
    async fn end_sharing(&mut self, target: &'a Target) -> Result<()> {
        let grants = self.drop(DROP_GRANTS, target).await?;
        let links = self.drop(DROP_LINKS, target).await?;
        if grants > 0 || links > 0 {
            self.changed.push(target);
        }
        Ok(())
    }

    /// Grants and links go along.
    async fn carry_sharing(&mut self, from: &'a Target, to: &'a Target) -> Result<()> {
        let (source, goal) = (target_text(from)?, target_text(to)?);
        let grants = self.open.write(carried(MOVE_GRANTS, &source, &goal)).await?;
        let links = self.open.write(carried(MOVE_LINKS, &source, &goal)).await?;
        if grants > 0 || links > 0 {
            self.changed.extend([from, to]);
        }
        Ok(())
    }

    /// Everything ends.
    async fn clear(&mut self, target: &'a Target) -> Result<()> {
        self.end_sharing(target).await?;
        self.drop(DROP_PROPERTIES, target).await?;
        self.drop(DROP_LOCKS, target).await.map(|_| ())
    }

    async fn finish(mut self) -> Result<()> {
        for target in &self.changed {
            self.open.grants_changed(target).await?;
        }
        self.open.commit().await
    }
}

/// Carries what hangs within `source` to `goal`: `$4` takes the place of what `$5` leaves out.
pub(crate) fn carried(sql: Sql, source: &str, goal: &str) -> Query {
    // Both databases count the characters of a text from 1.
    let rest = i64::try_from(source.chars().count()).unwrap_or(i64::MAX).saturating_add(1);
    Query::new(sql).within(source).text(goal).int(rest)
}

/// Whether `inner` lies below `outer`.
fn lies_below(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
}
