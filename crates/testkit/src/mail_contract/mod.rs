//! What every mail store must do, run against the real one. The mailbox has to have messages, some of them unread, and nobody
//! may write to it meanwhile.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

pub mod append;
pub mod changing;
pub mod finding;
pub mod tree;
pub mod watching;

use crate::{house::HouseBuilder, memory_state::MemoryState};
use futures::TryStreamExt;
use passerelle_core::{
    Authorized, Edit, Errand, Error, OpenedMailbox, Read, Remove, Session,
    ports::{Flag, FlagChange, LastingNames, MailStore, Section, Wanted},
};
use passerelle_model::MailboxRef;
use std::{num::NonZeroU32, sync::Arc};

/// A handle on a mailbox of `u00001` at this store, as its owner opens it.
pub async fn mailbox(store: Arc<dyn MailStore>, name: &str) -> Authorized<MailboxRef, Read> {
    let (session, mailbox) = owner(store, "u00001", name).await;
    session.open(mailbox).await.unwrap()
}

/// Somebody of `a.test` who has come for mail at this store, and a mailbox of theirs.
pub async fn owner(store: Arc<dyn MailStore>, login: &str, name: &str) -> (Session, MailboxRef) {
    let house = HouseBuilder::new(Arc::new(MemoryState::new())).mail("garonne", store).open().await.unwrap();
    let session = house.login(&format!("{login}@a.test"), Errand::Mail).await.unwrap();
    let owner = session.principal().unwrap().account().clone();
    (session, MailboxRef { owner, name: name.to_owned() })
}

/// All of a content.
pub async fn read(mailbox: &mut OpenedMailbox, uid: u32, section: Section) -> Result<Vec<u8>, Error> {
    let pieces: Vec<_> = mailbox.read(&Wanted { uid, section, octets: None }).await?.try_collect().await?;
    Ok(pieces.concat())
}

/// A mailbox that is kept open: each message has the size that the listing says, parts are parts of it, what is not there is
/// told as that, and nothing is marked by looking.
pub async fn reads_messages_without_touching(store: Arc<dyn MailStore>) {
    let inbox = mailbox(store, "INBOX").await;
    let before = inbox.status().await.unwrap();
    let mut open = inbox.keep_open(None).await.unwrap();
    let facts = *open.facts();
    assert!(facts.exists == before.messages && facts.uid_validity > 0 && facts.removes, "{facts:?}");
    let listed = open.list(LastingNames::Untold).await.unwrap();
    assert_eq!(listed.len(), usize::try_from(facts.exists).unwrap());
    assert!(listed.is_sorted_by(|a, b| a.uid < b.uid), "in the store's order, each once");
    let unseen = listed.iter().filter(|it| !it.flags.seen).count();
    assert_eq!(unseen, usize::try_from(before.unseen).unwrap());
    let named = open.list(LastingNames::Told).await.unwrap();
    let mut names: Vec<_> = named.iter().map(|it| it.name.clone().unwrap()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), listed.len(), "a lasting name is one message's");
    for it in listed.iter().take(20) {
        let whole = read(&mut open, it.uid, Section::Message).await.unwrap();
        assert_eq!(u64::try_from(whole.len()).unwrap(), it.size, "{it:?}");
        let header = read(&mut open, it.uid, Section::Header).await.unwrap();
        let text = read(&mut open, it.uid, Section::Text).await.unwrap();
        assert!(header.ends_with(b"\r\n\r\n") && [header, text].concat() == whole, "{it:?}");
        let octets = NonZeroU32::new(10).map(|most| (5, most));
        let wanted = Wanted { uid: it.uid, section: Section::Message, octets };
        let some: Vec<_> = open.read(&wanted).await.unwrap().try_collect().await.unwrap();
        assert_eq!(some.concat(), whole[5..15]);
    }
    let beyond = listed.last().unwrap().uid + 1_000;
    assert!(matches!(read(&mut open, beyond, Section::Message).await, Err(Error::NotFound)));
    assert_eq!(inbox.status().await.unwrap(), before, "nothing became seen");
    open.close().await;
}

/// After a content that was not read to its end the connection is not used for anything else.
pub async fn a_content_that_is_left_ends_the_connection(store: Arc<dyn MailStore>) {
    let inbox = mailbox(store, "INBOX").await;
    let mut open = inbox.keep_open(None).await.unwrap();
    let uid = open.list(LastingNames::Untold).await.unwrap()[0].uid;
    let wanted = Wanted { uid, section: Section::Message, octets: None };
    let mut content = open.read(&wanted).await.unwrap();
    assert!(content.try_next().await.unwrap().is_some());
    drop(content);
    let again = read(&mut open, uid, Section::Message).await;
    assert_eq!(again.map_err(|error| error.word()), Err("unavailable"));
}

/// Flags and removal, on a mailbox of three or more messages that nobody else uses: what was named goes and nothing else, also
/// where somebody has marked more.
pub async fn changes_what_was_named(store: Arc<dyn MailStore>, login: &str, name: &str) {
    let (session, mailbox) = owner(store, login, name).await;
    let reading = session.open::<_, Read>(mailbox.clone()).await.unwrap();
    let editing = session.open::<_, Edit>(mailbox.clone()).await.unwrap();
    let removing = session.open::<_, Remove>(mailbox.clone()).await.unwrap();
    let mut open = reading.keep_open(None).await.unwrap();
    let uids: Vec<u32> = open.list(LastingNames::Untold).await.unwrap().iter().map(|it| it.uid).collect();
    let [first, marked, last] = [uids[0], uids[1], *uids.last().unwrap()];
    let flags = |names: &[&str]| names.iter().map(|name| Flag::parse(name).unwrap()).collect::<Vec<_>>();
    open.flag(&editing, &[marked], &FlagChange::Set(flags(&["\\Deleted", "\\Seen"]))).await.unwrap();
    open.flag(&editing, &[marked], &FlagChange::Clear(flags(&["\\Seen"]))).await.unwrap();
    open.remove(&removing, &[last, first]).await.unwrap();
    open.close().await;
    let mut open = reading.keep_open(None).await.unwrap();
    let left = open.list(LastingNames::Untold).await.unwrap();
    let expected: Vec<u32> = uids.iter().copied().filter(|uid| ![first, last].contains(uid)).collect();
    assert_eq!(left.iter().map(|it| it.uid).collect::<Vec<_>>(), expected);
    assert!(left[0].flags.deleted && !left[0].flags.seen, "marked by somebody else, and still there");
    // A handle on another mailbox is no right to this one.
    let elsewhere = MailboxRef { name: "elsewhere".to_owned(), ..mailbox };
    let elsewhere = session.open::<_, Remove>(elsewhere).await.unwrap();
    assert!(matches!(open.remove(&elsewhere, &[marked]).await, Err(Error::Forbidden)));
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
        let opened = mailbox.keep_open(None).await.map(drop);
        for outcome in [mailbox.status().await.map(drop), mailbox.latest(5).await.map(drop), opened] {
            assert_eq!(outcome.map_err(|error: Error| error.word()), Err(expected), "{name}");
        }
    }
}
