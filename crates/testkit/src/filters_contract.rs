//! What every store of filter scripts must do, run against the real one, with scripts that nobody else uses.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::{house::HouseBuilder, memory_state::MemoryState};
use passerelle_core::{
    Edit, Errand, Error,
    ports::{Filters, LARGEST_SCRIPT, ScriptName},
};
use passerelle_model::AccountRef;
use std::sync::Arc;

/// The whole life of a script of somebody at this store.
pub async fn keeps_and_activates_scripts(store: Arc<dyn Filters>, login: &str) {
    let house = HouseBuilder::new(Arc::new(MemoryState::new())).filters("garonne", store).open().await.unwrap();
    let session = house.login(&format!("{login}@a.test"), Errand::Mail).await.unwrap();
    let own = AccountRef(session.principal().unwrap().account().clone());
    let handle = session.open::<_, Edit>(own).await.unwrap();
    let name = |text: &str| ScriptName::parse(text).unwrap();
    let (one, two) = (name("one \"é\""), name("two"));
    handle.activate_script(None).await.unwrap();
    for script in handle.scripts().await.unwrap() {
        handle.remove_script(&script.name).await.unwrap();
    }
    assert_eq!(handle.scripts().await.unwrap(), []);

    let text = "/* \"quotes\" \\ and\r\n.\r\nOK\r\n */\r\nkeep;\r\n";
    handle.put_script(&one, text.as_bytes()).await.unwrap();
    handle.put_script(&two, b"discard;").await.unwrap();
    handle.put_script(&two, b"stop;").await.unwrap();
    assert_eq!(handle.script(&one).await.unwrap(), text.as_bytes());
    assert_eq!(handle.script(&two).await.unwrap(), b"stop;");
    let listed = |all: Vec<passerelle_core::ports::FilterScript>| {
        let mut all: Vec<_> = all.into_iter().map(|it| (it.name.as_str().to_owned(), it.active)).collect();
        all.sort();
        all
    };
    let both = |active: Option<&str>| ["one \"é\"", "two"].map(|name| (name.to_owned(), active == Some(name))).to_vec();
    assert_eq!(listed(handle.scripts().await.unwrap()), both(None));
    handle.activate_script(Some(&two)).await.unwrap();
    assert_eq!(listed(handle.scripts().await.unwrap()), both(Some("two")));

    let mut whole = handle.whole_scripts().await.unwrap();
    whole.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
    let whole: Vec<_> = whole.into_iter().map(|(script, text)| (script.active, text)).collect();
    assert_eq!(whole, [(false, text.as_bytes().to_vec()), (true, b"stop;".to_vec())]);
    assert!(handle.has_filters() && handle.filter_powers().await.unwrap().has("fileinto"));
    handle.check_script(b"keep;").await.unwrap();

    // What cannot be is told as what it is, and changes nothing.
    let word = |outcome: Result<(), Error>| outcome.map_err(|error| error.word());
    let Err(Error::Invalid { what }) = handle.put_script(&two, b"nono;").await else {
        panic!("a script that cannot be compiled is kept");
    };
    assert!(what.contains("nono"), "the compiler's words: {what}");
    assert!(matches!(handle.check_script(b"nono;").await, Err(Error::Invalid { what }) if what.contains("nono")));
    assert_eq!(word(handle.put_script(&two, &vec![b' '; LARGEST_SCRIPT + 1]).await), Err("too large"));
    assert_eq!(word(handle.remove_script(&two).await), Err("conflict"), "the active one");
    assert_eq!(word(handle.remove_script(&name("three")).await), Err("not found"));
    assert_eq!(word(handle.activate_script(Some(&name("three"))).await), Err("not found"));
    assert_eq!(word(handle.script(&name("three")).await.map(drop)), Err("not found"));
    assert_eq!(handle.script(&two).await.unwrap(), b"stop;");

    handle.activate_script(None).await.unwrap();
    handle.remove_script(&one).await.unwrap();
    handle.remove_script(&two).await.unwrap();
    assert_eq!(handle.scripts().await.unwrap(), []);
}
