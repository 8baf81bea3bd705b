//! The examination: reach it, compare the migrations, try to write. Nothing is changed.

use crate::database::{Database, Query, Transaction};
use passerelle_core::ports::{Leg, Verdict};

const APPLIED: &str = "SELECT COUNT(*) FROM _sqlx_migrations WHERE success";
const TRY: &str = "UPDATE metadata SET swept = swept";

pub(crate) async fn examine<D: Database>(database: &D) -> Vec<Leg> {
    let mut legs = database.reach().await;
    if works(&legs) {
        legs.push(Leg { name: "migrations", verdict: migrations(database).await });
    }
    if works(&legs) {
        legs.push(Leg { name: "write", verdict: write(database).await });
    }
    legs
}

fn works(legs: &[Leg]) -> bool {
    legs.iter().all(|leg| matches!(leg.verdict, Verdict::Works(_)))
}

async fn migrations<D: Database>(database: &D) -> Verdict {
    let known = database.migrations();
    let applied = match database.read(Query::new(APPLIED)).await {
        Ok(mut rows) => rows.first_mut().and_then(|row| row.int("count").ok()),
        Err(error) => {
            return Verdict::Fails {
                what: format!("read which migrations were applied: {error}"),
                remedy: "let the role own its tables",
            };
        }
    };
    match applied.and_then(|count| usize::try_from(count).ok()) {
        Some(count) if count == known => Verdict::Works(format!("{count} applied")),
        count => Verdict::Fails {
            what: format!("{} migrations are applied, this program knows {known}", count.unwrap_or_default()),
            remedy: "run the same version of passerelle on all nodes, the newest first",
        },
    }
}

async fn write<D: Database>(database: &D) -> Verdict {
    let tried = async {
        let mut transaction = database.begin().await?;
        // Dropped without a commit.
        transaction.write(Query::new(TRY)).await
    };
    match tried.await {
        Ok(1) => Verdict::Works("can write".to_owned()),
        Ok(rows) => Verdict::Fails {
            what: format!("metadata has {rows} rows instead of one"),
            remedy: "restore the database from a backup",
        },
        Err(error) => Verdict::Fails {
            what: format!("write: {error}"),
            remedy: "look for a full disk, a read-only mount or a standby server",
        },
    }
}
