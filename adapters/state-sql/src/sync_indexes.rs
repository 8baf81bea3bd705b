//! Indexes of folders, kept by the hash of the folder: nobody needs to read it, and a path may be long.

use crate::{
    database::{Corrupt, Database, Keep, Query},
    store::SqlState,
    values::target_text,
};
use passerelle_core::{
    Error,
    ports::{
        Fut,
        state::{SyncIndex, SyncIndexes},
    },
    seal::sha256,
};
use passerelle_model::{Target, Timestamp};

pub(crate) const OF: &str = "SELECT version, sealed, ends FROM sync_indexes WHERE folder = $1";
const ADD: &str =
    "INSERT INTO sync_indexes (folder, version, sealed, ends) VALUES ($1, $2, $3, $4) ON CONFLICT (folder) DO NOTHING";
const REPLACE: &str = "UPDATE sync_indexes SET version = $2, sealed = $3, ends = $4 WHERE folder = $1 AND version = $5";

impl<D: Database> SyncIndexes for SqlState<D> {
    fn sync_index<'a>(&'a self, folder: &'a Target) -> Fut<'a, Option<SyncIndex>> {
        Box::pin(async move {
            let query = Query::new(OF).blob(sha256(target_text(folder)?.as_bytes()));
            self.one("reading an index", query, |mut row| {
                let version = u64::try_from(row.int("version")?).map_err(|_| Corrupt("version"))?;
                Ok(SyncIndex { version, sealed: row.text("sealed")?, ends: Timestamp(row.int("ends")?) })
            })
            .await
        })
    }

    fn put_sync_index<'a>(&'a self, folder: &'a Target, from: Option<u64>, index: &'a SyncIndex) -> Fut<'a, bool> {
        Box::pin(async move {
            let number =
                |number: u64| i64::try_from(number).map_err(|_| Error::invalid("an index of too many versions"));
            let query = Query::new(if from.is_some() { REPLACE } else { ADD });
            let query = query.blob(sha256(target_text(folder)?.as_bytes())).int(number(index.version)?);
            let query = query.text(&index.sealed).int(index.ends.0);
            let query = match from {
                Some(from) => query.int(number(from)?),
                None => query,
            };
            // It can be rebuilt, but not go back: a token of a change that was lost would be taken for one of another change.
            Ok(self.write("keeping an index", query, Keep::Safe).await? == 1)
        })
    }
}
