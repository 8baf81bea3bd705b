//! PostgreSQL, on the campus.

use super::{
    campus::{connect, value, with_database},
    proxy::{Network, Proxy},
    refuses_nul, sqlite_block,
};
use crate::{POSTGRES, PostgresState, SqliteState};
use futures::StreamExt;
use passerelle_core::{
    Error,
    ports::{
        Health, Verdict,
        state::{Revocation, Revocations, State, StateEvent, Watch},
    },
};
use passerelle_model::Timestamp;
use passerelle_testkit::state_contract;
use sqlx::Executor;
use std::{sync::Arc, time::Duration};

/// How soon a lost watch must be known.
const LOST_WITHIN: Duration = Duration::from_secs(5);

fn session(id: u8) -> Revocation {
    Revocation::Session { id: [id; 16], expires: Timestamp(100) }
}

async fn next(watch: &mut Watch) -> StateEvent {
    tokio::time::timeout(LOST_WITHIN, watch.next()).await.expect("an event within 5 s").expect("a watch does not end")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn campus_postgres_contract() {
    with_database(|database| async move {
        let block = database.block(database.port);
        (POSTGRES.check)(&block).unwrap();
        // Both at once, on an empty database, as two nodes start.
        let (here, there) = tokio::join!((POSTGRES.open)(&block), (POSTGRES.open)(&block));
        state_contract::check_all(here.unwrap(), there.unwrap()).await;
    })
    .await;
}

#[tokio::test]
async fn campus_postgres_refuses_nul_and_prints_no_password() {
    with_database(|database| async move {
        let state = database.open().await;
        refuses_nul(&state).await;
        let feed = crate::database::Database::feed(&state.database).await.unwrap();
        let printed = format!("{state:?} {:?} {feed:?} {:?}", state.database, state.name());
        assert!(!printed.contains("pw-passerelle"), "{printed}");
    })
    .await;
}

#[tokio::test]
async fn campus_postgres_is_examined() {
    with_database(|database| async move {
        let proxy = Proxy::to(database.port).await;
        let state = PostgresState::open(&database.block(proxy.port)).await.unwrap();
        let legs = state.examine().await;
        let names: Vec<_> = legs.iter().map(|leg| leg.name).collect();
        assert_eq!(names, ["tcp", "login", "migrations", "write"]);
        assert!(legs.iter().all(|leg| matches!(leg.verdict, Verdict::Works(_))), "{legs:?}");
        proxy.set(Network::Down);
        let legs = state.examine().await;
        assert!(matches!(legs.last().map(|leg| &leg.verdict), Some(Verdict::Fails { .. })), "{legs:?}");
    })
    .await;
}

/// With `ca` the server must prove who it is, and then the connection is encrypted.
#[tokio::test]
async fn campus_postgres_proves_who_it_is() {
    with_database(|database| async move {
        let ca = value("CAMPUS_CA");
        let block = database.block_with(database.port, &format!("ca = \"{ca}\"\n"));
        let state = PostgresState::open(&block).await.unwrap();
        let encrypted = "SELECT COUNT(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                         WHERE datname = current_database() AND backend_type = 'client backend' AND NOT ssl";
        let plain: i64 = sqlx::query_scalar(encrypted).fetch_one(state.database.pool()).await.unwrap();
        assert_eq!(plain, 0);
        // A certificate that signed nothing.
        let other = ca.replace("ca.pem", "garonne.pem");
        let block = database.block_with(database.port, &format!("ca = \"{other}\"\n"));
        let error = PostgresState::open(&block).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }) && error.chain().contains("certificate"), "{error:?}");
    })
    .await;
}

#[tokio::test]
async fn campus_postgres_refuses_a_wrong_password() {
    with_database(|database| async move {
        std::fs::write(database.folder.path().join("password"), "hunter2").unwrap();
        let error = PostgresState::open(&database.block(database.port)).await.unwrap_err();
        assert!(matches!(&error, Error::Unavailable { .. }), "{error:?}");
        assert!(!format!("{error:?} {}", error.chain()).contains("hunter2"));
    })
    .await;
}

/// A dump of one database is the way to the other.
#[tokio::test]
async fn campus_postgres_takes_over_from_sqlite() {
    with_database(|database| async move {
        let folder = tempfile::tempdir().unwrap();
        let small: Arc<dyn State> = Arc::new(SqliteState::open(&sqlite_block(folder.path())).await.unwrap());
        for (_, check) in state_contract::CHECKS {
            check(Arc::clone(&small)).await;
        }
        let dump = small.dump().await.unwrap();
        assert!(dump.len() > 100, "{}", dump.len());
        let large = database.open().await;
        large.restore(&dump).await.unwrap();
        assert_eq!(large.dump().await.unwrap(), dump);
        small.restore(&dump).await.unwrap();
        assert_eq!(small.dump().await.unwrap(), dump);
    })
    .await;
}

/// Whether the network says so or not, a lost watch is known within 5 s; what was withdrawn meanwhile comes before
/// `Restored`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn campus_postgres_watch_survives_an_outage() {
    with_database(|database| async move {
        let proxy = Proxy::to(database.port).await;
        let near = PostgresState::open(&database.block(proxy.port)).await.unwrap();
        let far = database.open().await;
        let mut watch = near.watch().await.unwrap();
        far.revoke(&session(0)).await.unwrap();
        assert_eq!(next(&mut watch).await, StateEvent::Revoked(session(0)));
        for (round, outage) in [(1, Network::Down), (2, Network::Silent)] {
            proxy.set(outage);
            assert_eq!(next(&mut watch).await, StateEvent::Lost, "{outage:?}");
            far.revoke(&session(round)).await.unwrap();
            let error = near.revoked(Timestamp(0)).await.unwrap_err();
            assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
            proxy.set(Network::Up);
            assert_eq!(next(&mut watch).await, StateEvent::Revoked(session(round)), "{outage:?}");
            assert_eq!(next(&mut watch).await, StateEvent::Restored, "{outage:?}");
        }
        far.revoke(&session(9)).await.unwrap();
        assert_eq!(next(&mut watch).await, StateEvent::Revoked(session(9)));
        assert!(near.revoked(Timestamp(0)).await.unwrap().contains(&session(9)));
    })
    .await;
}

/// A server that restarts, or an administrator who ends connections, costs the watch a reconnection and nothing else.
#[tokio::test]
async fn campus_postgres_watch_survives_terminated_connections() {
    with_database(|database| async move {
        let state = database.open().await;
        let mut watch = state.watch().await.unwrap();
        let mut admin = connect(database.port, &database.name).await;
        let terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                         WHERE datname = current_database() AND pid <> pg_backend_pid()";
        admin.execute(terminate).await.unwrap();
        assert_eq!(next(&mut watch).await, StateEvent::Lost);
        assert_eq!(next(&mut watch).await, StateEvent::Restored);
        let far = database.open().await;
        far.revoke(&session(1)).await.unwrap();
        assert_eq!(next(&mut watch).await, StateEvent::Revoked(session(1)));
    })
    .await;
}

/// Another node restored a dump: this one takes the new epoch over, hears that all is replaced, and again of all that is withdrawn.
#[tokio::test]
async fn campus_postgres_restored_by_another_node() {
    with_database(|database| async move {
        let (here, there) = (database.open().await, database.open().await);
        here.revoke(&session(1)).await.unwrap();
        let dump = there.dump().await.unwrap();
        let mut watch = here.watch().await.unwrap();
        there.restore(&dump).await.unwrap();
        assert_eq!(next(&mut watch).await, StateEvent::Replaced);
        assert_eq!(next(&mut watch).await, StateEvent::Revoked(session(1)));
        assert_eq!(here.epoch(), there.epoch());
    })
    .await;
}

/// Numbers are taken in the order of the commits: a watcher that has seen one has seen all below it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn campus_postgres_misses_no_revocation_of_many_at_once() {
    with_database(|database| async move {
        let (here, there) = (Arc::new(database.open().await), Arc::new(database.open().await));
        let mut watch = here.watch().await.unwrap();
        let writers: Vec<_> = (0_u8..200)
            .map(|n| {
                let state = Arc::clone(if n % 2 == 0 { &here } else { &there });
                tokio::spawn(async move { state.revoke(&session(n)).await.unwrap() })
            })
            .collect();
        let mut heard = std::collections::BTreeSet::new();
        while heard.len() < 200 {
            match next(&mut watch).await {
                StateEvent::Revoked(Revocation::Session { id, .. }) => assert!(heard.insert(id), "told twice"),
                event => panic!("{event:?}"),
            }
        }
        for writer in writers {
            writer.await.unwrap();
        }
    })
    .await;
}
