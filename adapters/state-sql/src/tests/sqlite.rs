//! SQLite.

use super::{refuses_nul, sqlite_block};
use crate::{SQLITE, SqliteState};
use passerelle_core::{
    Error,
    ports::{
        Health, Verdict,
        state::{LeaseToken, Leases, Revocation, Revocations, State},
    },
};
use passerelle_model::Timestamp;
use passerelle_testkit::state_contract;
use std::{os::unix::fs::PermissionsExt, sync::Arc};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sqlite_contract() {
    let folder = tempfile::tempdir().unwrap();
    let block = sqlite_block(folder.path());
    (SQLITE.check)(&block).unwrap();
    let (here, there) = ((SQLITE.open)(&block).await.unwrap(), (SQLITE.open)(&block).await.unwrap());
    state_contract::check_all(here, there).await;
}

/// The gateway and its `doctor`, say, on a file that is not there yet.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sqlite_opened_by_several_at_once() {
    for _ in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        let block = sqlite_block(folder.path());
        let opening: Vec<_> = (0..4)
            .map(|_| {
                let block = block.clone();
                tokio::spawn(async move { SqliteState::open(&block).await.unwrap() })
            })
            .collect();
        let mut epochs = std::collections::BTreeSet::new();
        for opened in opening {
            epochs.insert(opened.await.unwrap().epoch());
        }
        assert_eq!(epochs.len(), 1);
    }
}

#[tokio::test]
async fn sqlite_opened_again_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let block = sqlite_block(folder.path());
    let revocation = Revocation::Session { id: [7; 16], expires: Timestamp(100) };
    let first = SqliteState::open(&block).await.unwrap();
    first.revoke(&revocation).await.unwrap();
    let (epoch, dump) = (first.epoch(), first.dump().await.unwrap());
    drop(first);
    let again = SqliteState::open(&block).await.unwrap();
    assert_eq!((again.epoch(), again.dump().await.unwrap()), (epoch, dump));
    assert_eq!(again.revoked(Timestamp(0)).await.unwrap(), [revocation]);
    let mode = std::fs::metadata(folder.path().join("state.sqlite")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn sqlite_refuses_nul() {
    let folder = tempfile::tempdir().unwrap();
    refuses_nul(&SqliteState::open(&sqlite_block(folder.path())).await.unwrap()).await;
}

#[tokio::test]
async fn sqlite_that_is_none_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("state.sqlite"), "this is no database, whatever its name says").unwrap();
    let error = SqliteState::open(&sqlite_block(folder.path())).await.unwrap_err();
    assert!(matches!(&error, Error::Unavailable { backend, .. } if backend.contains("state.sqlite")), "{error:?}");
}

#[tokio::test]
async fn sqlite_is_examined() {
    let folder = tempfile::tempdir().unwrap();
    let state = SqliteState::open(&sqlite_block(folder.path())).await.unwrap();
    let before = state.dump().await.unwrap();
    let legs = state.examine().await;
    let names: Vec<_> = legs.iter().map(|leg| leg.name).collect();
    assert_eq!(names, ["open", "migrations", "write"]);
    assert_eq!(state.dump().await.unwrap(), before);
    // A version of the future has been here.
    sqlx::query("INSERT INTO _sqlx_migrations VALUES (9999, 'later', '2026-01-01', TRUE, x'00', 1)")
        .execute(&state.database.writer())
        .await
        .unwrap();
    let legs = state.examine().await;
    assert_eq!(legs.len(), 2);
    assert!(matches!(&legs[1].verdict, Verdict::Fails { what, .. } if what.contains("this program knows")), "{legs:?}");
}

/// Many writers at once wait for their turn instead of failing.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sqlite_lets_writers_queue() {
    let folder = tempfile::tempdir().unwrap();
    let state = Arc::new(SqliteState::open(&sqlite_block(folder.path())).await.unwrap());
    let writers: Vec<_> = (0_u8..100)
        .map(|n| {
            let state = Arc::clone(&state);
            tokio::spawn(async move {
                state.revoke(&Revocation::Session { id: [n; 16], expires: Timestamp(100) }).await.unwrap();
                let lease = LeaseToken { key: n.to_string(), holder: [n; 16] };
                assert!(state.take_lease(&lease, Timestamp(2), Timestamp(1)).await.unwrap());
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(state.revoked(Timestamp(0)).await.unwrap().len(), 100);
}
