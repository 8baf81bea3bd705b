//! What every mail store must do, run against the real one. The mailbox has to have messages, some of them unread, and nobody
//! may write to it meanwhile.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::{house::HouseBuilder, memory_state::MemoryState};
use passerelle_core::{Authorized, Errand, Error, Read, ports::MailStore};
use passerelle_model::MailboxRef;
use std::sync::Arc;

/// A handle on a mailbox of `u00001` at this store, as its owner opens it.
pub async fn mailbox(store: Arc<dyn MailStore>, name: &str) -> Authorized<MailboxRef, Read> {
    let house = HouseBuilder::new(Arc::new(MemoryState::new())).mail("garonne", store).open().await.unwrap();
    let session = house.login("u00001@a.test", Errand::Mail).await.unwrap();
    let owner = session.principal().unwrap().account().clone();
    session.open(MailboxRef { owner, name: name.to_owned() }).await.unwrap()
}

/// One look: it agrees with the counts, shows the last messages in order, and changes nothing.
pub async fn looks_without_touching(store: Arc<dyn MailStore>) {
    let inbox = mailbox(Arc::clone(&store), "INBOX").await;
    let before = inbox.status().await.unwrap();
    assert!(before.messages > 5 && before.unseen > 0 && before.unseen < before.messages, "{before:?}");
    let latest = inbox.latest(5).await.unwrap();
    assert_eq!((latest.status, latest.unreadable, latest.headers.len()), (before, 0, 5));
    let uids: Vec<u32> = latest.headers.iter().map(|header| header.uid).collect();
    assert!(uids.is_sorted_by(|a, b| a > b), "the newest first: {uids:?}");
    for header in &latest.headers {
        assert!(!header.subject.is_empty() && !header.subject.contains("=?"), "decoded: {}", header.subject);
        assert!(header.from_address.contains('@') && header.received.0 > 0);
    }
    // The same again: nothing was read by looking, and nothing has another name.
    assert_eq!(inbox.latest(5).await.unwrap(), latest);
    assert_eq!(inbox.status().await.unwrap(), before);
    // Among all of them, so many are unread as the counts say.
    let all = inbox.latest(50).await.unwrap();
    assert_eq!(all.headers.len(), 50.min(usize::try_from(before.messages).unwrap()));
    assert!(all.headers.starts_with(&latest.headers));
    assert!(all.headers.iter().any(|header| header.unseen) && all.headers.iter().any(|header| !header.unseen));
    assert_eq!(inbox.latest(0).await.unwrap().headers, []);
}

/// What is not there, and what cannot be a name.
pub async fn what_is_not_there(store: Arc<dyn MailStore>) {
    for (name, expected) in [("no such mailbox", "not found"), ("a\r\nt LOGOUT", "invalid")] {
        let mailbox = mailbox(Arc::clone(&store), name).await;
        for outcome in [mailbox.status().await.map(drop), mailbox.latest(5).await.map(drop)] {
            assert_eq!(outcome.map_err(|error: Error| error.word()), Err(expected), "{name}");
        }
    }
}
