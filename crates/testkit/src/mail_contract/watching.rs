//! What happens in mailboxes is told to who waits, and to nobody whose right has ended.

use super::{
    append::{arriving, message},
    owner,
    tree::managed,
};
use futures::StreamExt;
use passerelle_core::{
    Edit, Error, Manage, Read, Remove,
    ports::{Flag, FlagChange, LastingNames, MailEvent, MailEvents, MailStore},
};
use passerelle_model::AccountRef;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long what has to come may take. A Dovecot that the kernel does not tell of a change looks every 30 seconds.
const PATIENCE: Duration = Duration::from_secs(70);

async fn until(events: &mut MailEvents, expected: &MailEvent, what: &str) {
    let came = async {
        while let Some(event) = events.next().await {
            if event.unwrap() == *expected {
                return;
            }
        }
        panic!("{what}: the stream has ended");
    };
    timeout(PATIENCE, came).await.unwrap_or_else(|_| panic!("{what}: {expected:?} did not come"));
}

/// Messages that come, change and go are told of the mailbox that is watched; of all mailboxes where the store can. A
/// withdrawal ends it.
pub async fn tells_what_happens(store: Arc<dyn MailStore>, login: &str, name: &str) {
    let (session, mailbox) = owner(store, login, name).await;
    let here = managed(&session, name).await;
    let other = managed(&session, &format!("{name} other")).await;
    for it in [&here, &other] {
        let _ = it.delete().await;
    }
    here.create(None).await.unwrap();
    let account = AccountRef(mailbox.owner.clone());
    let reading = session.open::<_, Read>(mailbox.clone()).await.unwrap();
    let mut one = reading.watch().await.unwrap();
    let all = session.open::<_, Read>(account.clone()).await.unwrap().watch_mailboxes().await;
    let mut all = match all {
        Ok(all) => Some(all),
        Err(error) => {
            assert_eq!(error.word(), "unsupported");
            None
        }
    };
    let changed = MailEvent::Mailbox(name.to_owned());

    let text = message("watched", 100);
    here.append(arriving(text.len(), vec![Ok(text)], &[])).await.unwrap();
    until(&mut one, &changed, "a message comes").await;
    if let Some(all) = &mut all {
        until(all, &changed, "a message comes, watched with all").await;
    }
    let editing = session.open::<_, Edit>(mailbox.clone()).await.unwrap();
    let removing = session.open::<_, Remove>(mailbox.clone()).await.unwrap();
    let mut open = reading.keep_open(None).await.unwrap();
    let uid = open.list(LastingNames::Untold).await.unwrap()[0].uid;
    open.flag(&editing, &[uid], &FlagChange::Set(vec![Flag::parse("\\Seen").unwrap()])).await.unwrap();
    until(&mut one, &changed, "a flag changes").await;
    if let Some(all) = &mut all {
        until(all, &changed, "a flag changes, watched with all").await;
    }
    open.remove(&removing, &[uid]).await.unwrap();
    until(&mut one, &changed, "a message goes").await;
    if let Some(all) = &mut all {
        other.create(None).await.unwrap();
        until(all, &MailEvent::Mailboxes, "a mailbox is made").await;
        other.delete().await.unwrap();
    }
    let nowhere = managed(&session, &format!("{name} nowhere")).await;
    assert_eq!(nowhere.watch().await.map(drop).map_err(|it| it.word()), Err("not found"));

    open.close().await;
    here.delete().await.unwrap();
    // After its mailbox is gone a store may say so, or nothing: a fresh one shows the end of the right.
    let inbox = managed(&session, "INBOX").await;
    let mut ended = inbox.watch().await.unwrap();
    session.open::<_, Manage>(account).await.unwrap().end_everything().await.unwrap();
    let end = async {
        loop {
            match ended.next().await {
                Some(Ok(_)) => {}
                Some(Err(error)) => {
                    assert!(matches!(error, Error::Unauthenticated), "{error:?}");
                    assert!(ended.next().await.is_none(), "nothing comes after the end");
                    return;
                }
                None => panic!("it ended without a word"),
            }
        }
    };
    timeout(PATIENCE, end).await.unwrap_or_else(|_| panic!("the withdrawal was not heard"));
}
