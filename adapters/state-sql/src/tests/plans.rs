//! Every statement finds its rows by an index: none reads a whole table, however large it has become.

use super::{campus::with_database, sqlite_block};
use crate::{
    SqliteState, audit, calls, cards, clients, credentials, database::Sql, external_accounts, gateway_groups, grants,
    leases, links, locks, overlay, places, preferences, properties, renames, revocations, sign_ons, tallies, watch,
};
use sqlx::{AssertSqlSafe, Executor, Row};

fn statements() -> Vec<Sql> {
    let mut all = vec![grants::AT, grants::BELOW, grants::TO, grants::BY, grants::REMOVE, links::TO, links::OF];
    all.extend([locks::AT, locks::BELOW, properties::HERE, properties::REMOVE, properties::COUNT]);
    all.extend([places::ANY, places::DROP_GRANTS, places::DROP_LINKS, places::DROP_PROPERTIES, places::DROP_LOCKS]);
    all.extend([places::MOVE_GRANTS, places::MOVE_LINKS, places::MOVE_PROPERTIES]);
    all.extend([places::COPY_PROPERTIES, places::COPY_PROPERTIES_HERE]);
    let alike = [
        grants::TO_RANGE,
        links::BY_TOKEN,
        links::BY_ID,
        links::COUNT,
        links::REMOVE,
        links::REMOVE_GRANTS,
        credentials::BY_ID,
        credentials::OF,
        credentials::STALE,
        credentials::USED,
        credentials::REMOVE,
        external_accounts::ONE,
        external_accounts::OF,
        external_accounts::AFTER,
        external_accounts::REMOVE,
        external_accounts::NOTE_FAULT,
        external_accounts::NOTE_FOLDERS,
        external_accounts::NOTE_UIDS,
        external_accounts::RESEAL,
        preferences::OF,
        preferences::DROP,
        leases::GIVE,
        locks::REFRESH,
        locks::REMOVE,
        properties::IN,
        overlay::NEWEST,
        overlay::CHANGES,
        overlay::LAST,
        overlay::FORGET,
        audit::LINES,
        audit::LINES_ON,
        calls::KNOWN,
        calls::TAKE_OVER,
        calls::SETTLE,
        calls::RELEASE,
        clients::BY_ID,
        clients::STALE,
        clients::USED,
        clients::REMOVE,
        cards::OF,
        cards::NOTED,
        cards::DUE,
        cards::ACTIVE,
        cards::SETTLE,
        gateway_groups::ONE,
        gateway_groups::OF,
        gateway_groups::DESCRIBE,
        gateway_groups::COUNT,
        gateway_groups::MEMBERS,
        gateway_groups::ALL_JOINED,
        renames::DROP_TO,
        renames::MOVE_TO,
        sign_ons::TAKE_OVER,
        sign_ons::FORGET,
        sign_ons::TOKENS,
        sign_ons::REPLACE,
        sign_ons::DROP,
        tallies::SINCE,
        watch::REVOKED,
        watch::CHANGED,
        watch::SETTINGS_CHANGED,
    ];
    all.extend(alike.map(Sql::from));
    all.extend(revocations::SWEEP_CHANGES.map(Sql::from));
    all.extend([renames::MOVE_LOCKS, gateway_groups::LEAVE, gateway_groups::CROWDED, gateway_groups::JOINED]);
    all.extend(gateway_groups::RENAME.into_iter().chain(gateway_groups::DROP).map(Sql::from));
    all.extend(renames::NAMED.into_iter().flat_map(|(drop, rename)| [Sql::from(drop), Sql::from(rename)]));
    all.extend(revocations::SWEEP_OLD.map(|(sweep, _)| Sql::from(sweep)));
    all.extend(revocations::SWEEP_ENDED.into_iter().chain(revocations::SWEEP_EXPIRED).map(Sql::from));
    all
}

#[tokio::test]
async fn sqlite_plans() {
    let folder = tempfile::tempdir().unwrap();
    let state = SqliteState::open(&sqlite_block(folder.path())).await.unwrap();
    for Sql { sqlite: sql, .. } in statements() {
        let rows = state.database.pool().fetch_all(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"))).await.unwrap();
        for row in rows {
            let step: String = row.get("detail");
            // The list of a parameter is read as a whole, and one row of metadata is.
            let allowed = step.contains("json_each") || step.contains("metadata") || step == "SCAN CONSTANT ROW";
            assert!(!step.starts_with("SCAN") || allowed, "{sql}\n{step}");
        }
    }
}

#[tokio::test]
async fn campus_postgres_plans() {
    with_database(|database| async move {
        let state = database.open().await;
        let mut connection = state.database.pool().acquire().await.unwrap();
        // The plan for any parameters, where an index is taken if one can be.
        for setting in ["SET plan_cache_mode = force_generic_plan", "SET enable_seqscan = off"] {
            connection.execute(setting).await.unwrap();
        }
        for Sql { postgres: sql, .. } in statements() {
            let parameters = (1..=9).take_while(|number| sql.contains(&format!("${number}"))).count();
            let nothing = vec!["NULL"; parameters].join(", ");
            connection.execute(AssertSqlSafe(format!("PREPARE plan AS {sql}"))).await.unwrap();
            let arguments = if parameters == 0 { String::new() } else { format!("({nothing})") };
            let explain = AssertSqlSafe(format!("EXPLAIN EXECUTE plan {arguments}"));
            for row in sqlx::raw_sql(explain).fetch_all(&mut *connection).await.unwrap() {
                let step: String = row.get(0);
                assert!(!step.contains("Seq Scan") || step.contains("metadata"), "{sql}\n{step}");
            }
            connection.execute("DEALLOCATE plan").await.unwrap();
        }
    })
    .await;
}
