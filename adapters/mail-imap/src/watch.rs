//! Waiting for what happens: IDLE in one mailbox (RFC 2177), NOTIFY for all of them (RFC 5465). Each on a connection of its own,
//! which is renewed before a store would take it for dead.

use crate::{
    connect::is_ok,
    imap::{Imap, LONGEST_RESPONSE, Who, is_goodbye, said, tagged},
    settings::Store,
    tree::{listed, plain_name},
};
use futures::stream;
use passerelle_core::{
    Error, Permit, Read, Result,
    ports::{MailEvent, MailEvents},
};
use passerelle_model::{AccountRef, MailboxRef};
use passerelle_wire_imap::values;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// Most who wait on one store at once.
pub(crate) const MOST_WATCHES: usize = 10_000;
/// When waiting is begun anew: a store may hang up after 30 minutes of silence (RFC 9051 §5.4, RFC 2177 §3).
const RENEWED: Duration = if cfg!(test) { SOON } else { Duration::from_mins(28) };
/// Nobody waits for half an hour in a test.
const SOON: Duration = Duration::from_millis(50);
/// What is asked to be told (RFC 5465 §5).
const NOTIFY: &str = "NOTIFY SET (personal (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange))";

/// Somebody who waits.
struct Watch {
    imap: Imap,
    kind: Kind,
    _place: OwnedSemaphorePermit,
}

enum Kind {
    /// In this mailbox, under the tag of its IDLE.
    One { name: String, tag: String },
    /// For all.
    All,
}

pub(crate) async fn watch(store: &Arc<Store>, at: &Permit<MailboxRef, Read>) -> Result<MailEvents> {
    let place = place(&store.watches)?;
    let mut imap = Imap::of(store, Who::of(at, &at.target().owner), None).await?;
    if !imap.has("IDLE") {
        return Err(Error::Unsupported { what: "waiting for what happens (IDLE)" });
    }
    let mailbox = imap.name(&at.target().name).await?;
    imap.selected = true;
    let words = imap.converse(&format!("EXAMINE {mailbox}"), |_| Ok(())).await?;
    if !is_ok(&words, "") {
        return Err(imap.not_there("watching a mailbox", &words));
    }
    let tag = idle(&mut imap).await?;
    let kind = Kind::One { name: at.target().name.clone(), tag };
    Ok(events(Watch { imap, kind, _place: place }))
}

pub(crate) async fn watch_all(store: &Arc<Store>, at: &Permit<AccountRef, Read>) -> Result<MailEvents> {
    let place = place(&store.watches)?;
    let mut imap = Imap::of(store, Who::of(at, &at.target().0), None).await?;
    if !imap.has("NOTIFY") {
        return Err(Error::Unsupported { what: "watching all mailboxes (NOTIFY)" });
    }
    // Names that are told have to be read.
    imap.delimiter().await?;
    notify(&mut imap).await?;
    Ok(events(Watch { imap, kind: Kind::All, _place: place }))
}

fn place(watches: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit> {
    Arc::clone(watches).try_acquire_owned().map_err(|_| Error::OverQuota)
}

fn events(watch: Watch) -> MailEvents {
    Box::pin(stream::try_unfold(watch, async |mut watch| {
        let event = watch.next().await?;
        Ok(Some((event, watch)))
    }))
}

/// Begins to wait; the tag under which it will end.
async fn idle(imap: &mut Imap) -> Result<String> {
    let tag = imap.begin("IDLE").await?;
    loop {
        let response = imap.response().await?;
        if response.starts_with(b"+") {
            return Ok(tag);
        }
        if let Some(words) = tagged(&response, &tag) {
            return Err(imap.refused("watching a mailbox", &words));
        }
    }
}

async fn notify(imap: &mut Imap) -> Result<()> {
    let words = imap.converse(NOTIFY, |_| Ok(())).await?;
    match words {
        words if is_ok(&words, "") => Ok(()),
        // RFC 5465 §8: BADEVENT is about events that the store does not know.
        words if words.contains("BADEVENT") => Err(Error::Unsupported { what: "watching all mailboxes (NOTIFY)" }),
        words => Err(imap.refused("watching mailboxes", &words)),
    }
}

impl Watch {
    async fn next(&mut self) -> Result<MailEvent> {
        loop {
            let came = timeout(RENEWED, self.imap.wire.response(LONGEST_RESPONSE)).await;
            let response = match came {
                Ok(came) => came.map_err(|error| self.imap.failed("waiting for what happens", error))?,
                Err(_) => match self.renew().await? {
                    Some(event) => return Ok(event),
                    None => continue,
                },
            };
            if is_goodbye(&response) {
                return Err(self.imap.failed("waiting for what happens", said(&response)));
            }
            if is_overflow(&response) {
                notify(&mut self.imap).await?;
                return Ok(MailEvent::Mailboxes);
            }
            if let Some(event) = self.event(&response) {
                return Ok(event);
            }
        }
    }

    fn event(&self, response: &[u8]) -> Option<MailEvent> {
        match &self.kind {
            Kind::One { name, .. } => tells_change(response).then(|| MailEvent::Mailbox(name.clone())),
            Kind::All if listed(response).is_some() => Some(MailEvent::Mailboxes),
            Kind::All => {
                let all = values(response)?;
                let [_, verb, name, ..] = all.as_slice() else { return None };
                let name = name.text().filter(|_| verb.is("STATUS"))?;
                let delimiter = self.imap.store.delimiter.get().copied().flatten().or(Some('/'));
                // What has no name that can be said is told as all.
                Some(plain_name(name, delimiter).map_or(MailEvent::Mailboxes, MailEvent::Mailbox))
            }
        }
    }

    /// Begins anew, and says whether something happened meanwhile.
    async fn renew(&mut self) -> Result<Option<MailEvent>> {
        match &mut self.kind {
            Kind::One { name, tag } => {
                self.imap.send(b"DONE\r\n").await?;
                let mut changed = false;
                loop {
                    let response = self.imap.response().await?;
                    if tagged(&response, tag).is_some() {
                        break;
                    }
                    changed |= tells_change(&response);
                }
                self.imap.at_rest = true;
                *tag = idle(&mut self.imap).await?;
                Ok(changed.then(|| MailEvent::Mailbox(name.clone())))
            }
            Kind::All => {
                let mut told = false;
                let words = self
                    .imap
                    .converse("NOOP", |response| {
                        told |= response.starts_with(b"* STATUS")
                            || response.starts_with(b"* LIST")
                            || is_overflow(response);
                        Ok(())
                    })
                    .await?;
                if !is_ok(&words, "") {
                    return Err(self.imap.refused("waiting for what happens", &words));
                }
                Ok(told.then_some(MailEvent::Mailboxes))
            }
        }
    }
}

/// Whether a response says that messages or flags of the open mailbox have changed.
fn tells_change(response: &[u8]) -> bool {
    let all = values(response).unwrap_or_default();
    match all.as_slice() {
        [_, verb, ..] if verb.is("VANISHED") => true,
        [_, _, verb, ..] => ["EXISTS", "EXPUNGE", "FETCH"].iter().any(|it| verb.is(it)),
        _ => false,
    }
}

/// `* OK [NOTIFICATIONOVERFLOW]`: the store has stopped to tell (RFC 5465 §5.8).
fn is_overflow(response: &[u8]) -> bool {
    response.starts_with(b"* ") && response.windows(21).any(|it| it == b"[NOTIFICATIONOVERFLOW")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use super::*;
    use futures::StreamExt;
    use passerelle_core::config::Block;
    use passerelle_testkit::mail_contract::mailbox;
    use std::{
        io::{BufRead, BufReader, Write},
        net::TcpListener,
        path::Path,
        thread,
    };

    /// A store that says something in the moment in which waiting is begun anew, and hangs up at the third time.
    fn store() -> Arc<dyn passerelle_core::ports::MailStore> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let mut reader = BufReader::new(listener.accept().unwrap().0);
            reader.get_mut().write_all(b"* OK [CAPABILITY IMAP4rev1 SASL-IR] hello\r\n").unwrap();
            let (mut line, mut waits, mut times) = (String::new(), String::new(), 0);
            while reader.read_line(&mut line).is_ok_and(|length| length > 0) {
                let (tag, command) = line.trim_end().split_once(' ').unwrap_or((waits.as_str(), "DONE"));
                let said = match command.split(' ').next().unwrap_or_default() {
                    "AUTHENTICATE" => format!("{tag} OK [CAPABILITY IMAP4rev1 IDLE] in\r\n"),
                    "LIST" => format!("* LIST () \"/\" \"\"\r\n{tag} OK\r\n"),
                    "IDLE" if times == 3 => "* BYE enough\r\n".to_owned(),
                    "IDLE" => "+ idling\r\n".to_owned(),
                    "DONE" if times == 1 => format!("* 3 EXISTS\r\n{tag} OK\r\n"),
                    _ => format!("{tag} OK\r\n"),
                };
                if command == "IDLE" {
                    waits = tag.to_owned();
                    times += 1;
                }
                if reader.get_mut().write_all(said.as_bytes()).is_err() {
                    break;
                }
                line.clear();
            }
        });
        let text = format!("address = '{address}'\ntls = 'none'\n");
        (crate::FACTORY.build)(&Block::from_text("x.mail", Path::new("x.toml"), &text)).unwrap()
    }

    #[tokio::test]
    async fn waiting_is_begun_anew_and_nothing_is_missed() {
        let mut events = mailbox(store(), "INBOX").await.watch().await.unwrap();
        assert_eq!(events.next().await.unwrap().unwrap(), MailEvent::Mailbox("INBOX".to_owned()));
        assert_eq!(events.next().await.unwrap().map_err(|error| error.word()), Err("unavailable"));
        assert!(events.next().await.is_none());
    }

    #[test]
    fn what_is_a_change() {
        for yes in ["* 3 EXISTS\r\n", "* 2 EXPUNGE\r\n", "* VANISHED 41\r\n", "* 3 FETCH (FLAGS (\\Seen))\r\n"] {
            assert!(tells_change(yes.as_bytes()), "{yes}");
        }
        for no in ["* OK Still here\r\n", "* 1 RECENT\r\n", "* FLAGS (\\Seen)\r\n", "+ idling\r\n", "(\r\n"] {
            assert!(!tells_change(no.as_bytes()), "{no}");
        }
        assert!(is_overflow(b"* OK [NOTIFICATIONOVERFLOW] ...cannot accept any more\r\n"));
    }
}
