//! Settings changed at run time, through the gate: who may, what they see, and that every door on one State follows.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use passerelle_core::{
    Authorized, Clock, Errand, Error, Manage, Result, SettingValue, Tool,
    ports::state::{MOST_CHANGES_KEPT, OverlayChange},
};
use passerelle_model::{AccountRef, InstitutionId, InstitutionRef, Timestamp};
use passerelle_testkit::{
    house::{HouseBuilder, TestHouse, account},
    memory_state::MemoryState,
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

type Changes = BTreeMap<String, Option<SettingValue>>;

fn garonne() -> InstitutionId {
    InstitutionId::parse("garonne").unwrap()
}

fn changes(values: &[(&str, Option<&str>)]) -> Changes {
    let value = |text: &&str| text.parse::<SettingValue>().unwrap();
    values.iter().map(|(name, text)| ((*name).to_owned(), text.as_ref().map(value))).collect()
}

async fn administered(house: &TestHouse, who: &str) -> Result<Authorized<InstitutionRef, Manage>> {
    let session = house.login(who, Errand::Administration).await.unwrap();
    session.open(InstitutionRef(garonne())).await
}

async fn change(house: &TestHouse, values: &[(&str, Option<&str>)], expected: Option<u64>) -> Result<u64> {
    administered(house, "u00001@a.test").await.unwrap().change_settings(&changes(values), expected).await
}

fn colour(house: &TestHouse) -> String {
    house.door.institution_at(Some("garonne.localhost")).unwrap().branding.colour.clone()
}

fn word<T>(outcome: Result<T>) -> &'static str {
    outcome.map_or_else(|error| error.word(), |_| "done")
}

#[tokio::test]
async fn who_manages_changes_and_every_door_follows() {
    let state = Arc::new(MemoryState::new());
    let (here, there) = (HouseBuilder::new(state.clone()), HouseBuilder::new(state));
    let (here, there) = (here.open().await.unwrap(), there.open().await.unwrap());
    assert_eq!(word(administered(&here, "u00002@a.test").await), "forbidden");
    assert_eq!(word(administered(&here, "u00001@b.test").await), "not found");
    assert_eq!(change(&here, &[("branding.colour", Some("'#AABBCC'"))], Some(0)).await.unwrap(), 1);
    assert_eq!(colour(&here), "#aabbcc", "at once where it was changed");
    tokio::time::timeout(Duration::from_secs(5), async {
        while colour(&there) != "#aabbcc" {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    assert_eq!(word(change(&there, &[("branding.colour", Some("'#000000'"))], Some(0)).await), "conflict");
    assert_eq!(change(&there, &[("branding.colour", Some("'#aabbcc'"))], None).await.unwrap(), 1, "it is so already");
    assert_eq!(word(change(&there, &[("branding.colour", Some("7"))], None).await), "invalid");
    assert_eq!(word(change(&there, &[("hosts", Some("['evil.test']"))], None).await), "invalid");
    assert_eq!(word(change(&there, &[("administrators", Some("['u00002']"))], None).await), "invalid");
    // All or nothing.
    let mixed = [("branding.colour", Some("'#000000'")), ("limits.upload_mib", Some("'many'"))];
    assert_eq!(word(change(&here, &mixed, None).await), "invalid");
    assert_eq!(colour(&here), "#aabbcc");
}

#[tokio::test]
async fn a_change_is_taken_back_as_long_as_nothing_came_over_it() {
    let house = HouseBuilder::new(Arc::new(MemoryState::new())).open().await.unwrap();
    for (number, text) in [(1, "'#000001'"), (2, "'#000002'")] {
        assert_eq!(change(&house, &[("branding.colour", Some(text))], None).await.unwrap(), number);
    }
    assert_eq!(change(&house, &[("limits.upload_mib", Some("5"))], None).await.unwrap(), 3);
    let handle = administered(&house, "u00001@a.test").await.unwrap();
    assert_eq!(word(handle.undo_settings(1, None).await), "conflict");
    assert_eq!(word(handle.undo_settings(2, Some(2)).await), "conflict", "somebody changed something since");
    assert_eq!(handle.undo_settings(2, Some(3)).await.unwrap(), 4);
    assert_eq!(colour(&house), "#000001");
    let largest = house.door.institution_at(Some("garonne.localhost")).unwrap().limits.largest_upload();
    assert_eq!(largest, Some(5 << 20), "the other change stays");
    assert_eq!(handle.undo_settings(4, None).await.unwrap(), 5);
    assert_eq!(colour(&house), "#000002");
    for none in [0, 6, u64::MAX] {
        assert_eq!(word(handle.undo_settings(none, None).await), "not found");
    }
    let history = handle.settings_history(None, 2).await.unwrap();
    assert_eq!(history.iter().map(|change| change.version).collect::<Vec<_>>(), [5, 4]);
    assert!(history.iter().all(|change| change.by == "account:garonne/u00001"));
    // Too old to be known.
    for version in 6..=MOST_CHANGES_KEPT + 6 {
        let values = vec![("x".to_owned(), Some(version.to_string()))];
        let change = OverlayChange { version, by: String::new(), at: Timestamp(0), values };
        house.state.change_overlay(&garonne(), &change).await.unwrap();
    }
    assert_eq!(word(handle.undo_settings(6, None).await), "not found");
}

#[tokio::test]
async fn a_tool_that_is_off_ends_what_is_open_with_it() {
    let house = HouseBuilder::new(Arc::new(MemoryState::new())).open().await.unwrap();
    let session = house.login("u00003@a.test", Errand::Mail).await.unwrap();
    let (tie, other) = (session.tie().of_tool(Tool::Mail), session.tie());
    assert!(!tie.is_withdrawn());
    change(&house, &[("tools.mail", Some("false"))], None).await.unwrap();
    tie.withdrawn().await;
    assert!(!other.is_withdrawn(), "nothing else ends");
    let own = house.login("u00003@a.test", Errand::Web).await.unwrap();
    assert!(own.open::<_, Manage>(AccountRef(account("u00003@a.test"))).await.is_ok(), "the account is still theirs");
    change(&house, &[("tools.app_passwords", Some("false"))], None).await.unwrap();
    let own = house.login("u00003@a.test", Errand::Web).await.unwrap();
    let own = own.open::<_, Manage>(AccountRef(account("u00003@a.test"))).await.unwrap();
    let made = own.make_app_password("phone", passerelle_core::ports::state::Scope::All, None).await;
    assert!(matches!(made, Err(Error::Unsupported { .. })));
}

/// A clock that a test moves.
static SECONDS: AtomicI64 = AtomicI64::new(1_000_000);
const MOVED: Clock = || Timestamp(SECONDS.load(Ordering::SeqCst));

#[tokio::test]
async fn a_sign_on_is_fresh_for_as_long_as_one_says() {
    let house = HouseBuilder::new(Arc::new(MemoryState::new())).clock(MOVED).open().await.unwrap();
    let session = house.door.begin_web(house.login("u00001@a.test", Errand::Web).await.unwrap()).unwrap();
    let cookie = session.seal().unwrap();
    SECONDS.fetch_add(3599, Ordering::SeqCst);
    assert!(house.door.resume(&cookie).await.unwrap().is_fresh(3600));
    SECONDS.fetch_add(1, Ordering::SeqCst);
    assert!(!house.door.resume(&cookie).await.unwrap().is_fresh(3600));
}
