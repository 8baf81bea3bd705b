//! Dead properties.

use crate::{
    database::{Database, Keep, Query, Sql, sql},
    grants::{carried, check_apart, lies_below},
    store::SqlState,
    values::{property, target_text},
};
use passerelle_core::{
    Error, Result,
    ports::{
        Fut,
        state::{Properties, Property, PropertyChange, PropertyName},
    },
};
use passerelle_model::Target;

/// Largest property, in octets of XML.
pub const LARGEST_PROPERTY: usize = 64 * 1024;
/// Most properties of one target.
pub const MOST_PROPERTIES: usize = 64;
/// Longest namespace and longest local name, in octets.
pub const LONGEST_PROPERTY_NAME: usize = 512;

pub(crate) const HERE: Sql =
    sql!("SELECT target, namespace, name, xml FROM properties WHERE " HERE " ORDER BY namespace, name");
pub(crate) const IN: &str =
    "SELECT target, namespace, name, xml FROM properties WHERE folder = $1 ORDER BY target, namespace, name";
const SET: Sql = sql!(
    "INSERT INTO properties (target, namespace, name, xml) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (" KEY ", namespace, name) DO UPDATE SET xml = excluded.xml"
);
pub(crate) const REMOVE: Sql = sql!("DELETE FROM properties WHERE " HERE " AND namespace = $2 AND name = $3");
pub(crate) const COUNT: Sql = sql!("SELECT COUNT(*) FROM properties WHERE " HERE);
/// Each branch by its own index, as for grants.
pub(crate) const ANY: Sql = sql!(
    "SELECT name FROM properties WHERE " ITSELF " UNION ALL SELECT name FROM properties WHERE " BELOW " LIMIT 1"
);
pub(crate) const DROP_HERE: Sql = sql!("DELETE FROM properties WHERE " HERE);
pub(crate) const DROP: Sql = sql!("DELETE FROM properties WHERE " WITHIN);
pub(crate) const MOVE: Sql =
    sql!("UPDATE properties SET target = $4 || substr(target, CAST($5 AS INTEGER)) WHERE " WITHIN);
pub(crate) const COPY: Sql = sql!(
    "INSERT INTO properties (target, namespace, name, xml) \
     SELECT $4 || substr(target, CAST($5 AS INTEGER)), namespace, name, xml FROM properties WHERE " WITHIN
);
pub(crate) const COPY_HERE: Sql = sql!(
    "INSERT INTO properties (target, namespace, name, xml) \
     SELECT $2, namespace, name, xml FROM properties WHERE " HERE
);

impl<D: Database> Properties for SqlState<D> {
    fn properties<'a>(&'a self, target: &'a Target) -> Fut<'a, Vec<Property>> {
        Box::pin(async move {
            let query = Query::new(HERE).key(target_text(target)?);
            self.rows("reading properties", query, |row| property(row).map(|(_, property)| property)).await
        })
    }

    fn properties_in<'a>(&'a self, folder: &'a Target) -> Fut<'a, Vec<(String, Property)>> {
        Box::pin(async move {
            let query = Query::new(IN).key(format!("{}/", target_text(folder)?));
            self.rows("reading properties", query, |row| {
                property(row).map(|(target, property)| (target.path, property))
            })
            .await
        })
    }

    fn patch_properties<'a>(&'a self, target: &'a Target, changes: &'a [PropertyChange]) -> Fut<'a, ()> {
        Box::pin(async move {
            for change in changes {
                check(change)?;
            }
            let place = target_text(target)?;
            let mut open = self.begin("changing properties").await?;
            // Two that set the same properties in different order would wait for each other.
            open.serialise(&place).await?;
            for change in changes {
                match change {
                    PropertyChange::Set(Property { name: PropertyName { namespace, name }, xml }) => {
                        open.write(Query::new(SET).text(&place).text(namespace).text(name).text(xml)).await?
                    }
                    PropertyChange::Remove(PropertyName { namespace, name }) => {
                        open.write(Query::new(REMOVE).key(&place).text(namespace).text(name)).await?
                    }
                };
            }
            let count = open.rows(Query::new(COUNT).key(&place), |mut row| row.int("count")).await?;
            let most = i64::try_from(MOST_PROPERTIES).unwrap_or(i64::MAX);
            if count.first().is_some_and(|count| *count > most) {
                return Err(Error::OverQuota);
            }
            open.commit().await
        })
    }

    fn move_properties<'a>(&'a self, from: &'a Target, to: &'a Target) -> Fut<'a, ()> {
        Box::pin(async move {
            let (source, goal) = (target_text(from)?, target_text(to)?);
            if source == goal {
                return Ok(());
            }
            check_apart(&source, &goal)?;
            if !self.has_properties(&source).await? && !self.has_properties(&goal).await? {
                return Ok(());
            }
            let mut open = self.begin("moving properties").await?;
            open.write(Query::new(DROP).within(&goal)).await?;
            open.write(carried(MOVE, &source, &goal)).await?;
            open.commit().await
        })
    }

    fn copy_properties<'a>(&'a self, from: &'a Target, to: &'a Target, deep: bool) -> Fut<'a, ()> {
        Box::pin(async move {
            let (source, goal) = (target_text(from)?, target_text(to)?);
            if source == goal {
                return Ok(());
            }
            if deep && lies_below(&source, &goal) {
                return Err(Error::invalid("a folder cannot be copied onto what holds it"));
            }
            if !self.has_properties(&source).await? && !self.has_properties(&goal).await? {
                return Ok(());
            }
            let mut open = self.begin("copying properties").await?;
            if deep {
                open.write(Query::new(DROP).within(&goal)).await?;
                open.write(carried(COPY, &source, &goal)).await?;
            } else {
                open.write(Query::new(DROP_HERE).key(&goal)).await?;
                open.write(Query::new(COPY_HERE).key(&source).text(&goal)).await?;
            }
            open.commit().await
        })
    }

    fn drop_properties<'a>(&'a self, target: &'a Target) -> Fut<'a, ()> {
        Box::pin(async move {
            let place = target_text(target)?;
            if self.has_properties(&place).await? {
                self.write("dropping properties", Query::new(DROP).within(&place), Keep::Safe).await?;
            }
            Ok(())
        })
    }
}

impl<D: Database> SqlState<D> {
    async fn has_properties(&self, place: &str) -> Result<bool> {
        let any = Query::new(ANY).within(place);
        Ok(self.one("looking for properties", any, |_| Ok(())).await?.is_some())
    }
}

fn check(change: &PropertyChange) -> Result<()> {
    let (name, size) = match change {
        PropertyChange::Set(property) => (&property.name, property.xml.len()),
        PropertyChange::Remove(name) => (name, 0),
    };
    if name.namespace.len() > LONGEST_PROPERTY_NAME || name.name.len() > LONGEST_PROPERTY_NAME {
        return Err(Error::invalid("a property's namespace and name have at most 512 octets each"));
    }
    if size > LARGEST_PROPERTY { Err(Error::OverQuota) } else { Ok(()) }
}
