//! Dead properties.

use crate::{
    database::{Database, Query, Sql, sql},
    store::SqlState,
    values::{property, target_text, tree_text},
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
            // Two that set the same properties in different order would wait for each other, as would one that moves them.
            open.serialise(&tree_text(target)?).await?;
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
