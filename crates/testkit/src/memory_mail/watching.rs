//! What happens in memory.

use super::{All, MemoryMail};
use futures::{StreamExt, stream};
use passerelle_core::{
    Error, Permit, Read, Result,
    ports::{Fut, MailEvent, MailEvents, MailWatching},
};
use passerelle_model::{Account, AccountRef, MailboxRef};
use std::future::ready;
use tokio::sync::broadcast::{Receiver, Sender, error::RecvError};

/// Events that one who waits may be behind.
const BEHIND: usize = 256;

impl All {
    pub(super) fn tell(&mut self, owner: &Account, event: MailEvent) {
        if let Some(events) = &self.events {
            // Where nobody waits, nobody is told.
            let _ = events.send((owner.clone(), event));
        }
    }
}

impl MailWatching for MemoryMail {
    fn watch_all<'a>(&'a self, at: &'a Permit<AccountRef, Read>) -> Fut<'a, MailEvents> {
        Box::pin(ready(Ok(self.events(at.target().0.clone()))))
    }

    fn watch<'a>(&'a self, at: &'a Permit<MailboxRef, Read>) -> Fut<'a, MailEvents> {
        let target = at.target().clone();
        if let Err(error) = self.lock().at(&target) {
            return Box::pin(ready(Err(error)));
        }
        let mine = MailEvent::Mailbox(target.name);
        let events =
            self.events(target.owner).filter(move |event| ready(event.as_ref().map_or(true, |it| *it == mine)));
        Box::pin(ready(Ok(Box::pin(events) as MailEvents)))
    }
}

impl MemoryMail {
    fn events(&self, owner: Account) -> MailEvents {
        let receiver = self.lock().events.get_or_insert_with(|| Sender::new(BEHIND)).subscribe();
        Box::pin(stream::unfold((receiver, owner), async |(mut receiver, owner)| {
            let event = next(&mut receiver, &owner).await?;
            Some((event, (receiver, owner)))
        }))
    }
}

async fn next(receiver: &mut Receiver<(Account, MailEvent)>, of: &Account) -> Option<Result<MailEvent>> {
    loop {
        match receiver.recv().await {
            Ok((owner, event)) if owner == *of => return Some(Ok(event)),
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return Some(Ok(MailEvent::Mailboxes)),
            Err(RecvError::Closed) => return Some(Err(Error::unavailable("memory", "waiting", "it is gone"))),
        }
    }
}
