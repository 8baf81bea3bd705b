//! A change of a place that fails midway leaves no half behind, on either database.

use super::{campus::with_database, sqlite_block};
use crate::{SqliteState, database::Database, store::SqlState};
use passerelle_core::ports::state::{
    Grants, Places, Properties, Property, PropertyChange, PropertyName, Sharing, State,
};
use passerelle_model::{Account, AccountId, Grant, Grantee, InstitutionId, ResourceKind, Rights, Target};
use sqlx::Executor;

fn file(path: &str) -> Target {
    Target {
        institution: InstitutionId::parse("a").unwrap(),
        owner: Some(AccountId::parse("u1").unwrap()),
        kind: ResourceKind::Node,
        tree: "home".to_owned(),
        path: path.to_owned(),
    }
}

/// Grants and properties at both places, and one property at the goal.
async fn arrange<D: Database>(state: &SqlState<D>) {
    let to = Grantee::Account(Account { institution: file("").institution, id: AccountId::parse("u2").unwrap() });
    let grant = Grant { to, rights: Rights::READ, until: None };
    for path in ["from", "from/x", "to"] {
        state.set_grant(&file(path), &grant).await.unwrap();
        let name = PropertyName { namespace: String::new(), name: "p".to_owned() };
        let property = Property { name, xml: path.to_owned() };
        state.patch_properties(&file(path), &[PropertyChange::Set(property)]).await.unwrap();
    }
}

/// Each change runs into properties that the database refuses to touch, after the grants have been changed.
async fn check<D: Database>(state: &SqlState<D>) {
    let before = state.dump().await.unwrap();
    let (from, to) = (file("from"), file("to"));
    state.moved(&from, &to, Sharing::Carried).await.unwrap_err();
    state.moved(&from, &to, Sharing::Ended).await.unwrap_err();
    state.moved(&from, &file("new"), Sharing::Carried).await.unwrap_err();
    state.copied(&from, &to, true).await.unwrap_err();
    state.made(&to).await.unwrap_err();
    state.gone(&from).await.unwrap_err();
    assert_eq!(state.dump().await.unwrap(), before);
}

#[tokio::test]
async fn sqlite_changes_places_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let state = SqliteState::open(&sqlite_block(folder.path())).await.unwrap();
    arrange(&state).await;
    for event in ["UPDATE", "DELETE"] {
        let refuse =
            format!("CREATE TRIGGER t{event} BEFORE {event} ON properties BEGIN SELECT RAISE(ABORT, 'no'); END");
        state.database.writer().execute(sqlx::AssertSqlSafe(refuse)).await.unwrap();
    }
    check(&state).await;
}

#[tokio::test]
async fn campus_postgres_changes_places_whole_or_not_at_all() {
    with_database(|database| async move {
        let state = database.open().await;
        arrange(&state).await;
        for refuse in [
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$",
            "CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON properties FOR EACH ROW EXECUTE FUNCTION refuse()",
        ] {
            state.database.pool().execute(refuse).await.unwrap();
        }
        check(&state).await;
    })
    .await;
}
