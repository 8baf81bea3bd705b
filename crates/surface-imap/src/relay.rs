//! The relay between a logged-in client and its own store, and between it and the store of whoever shares with it.
//!
//! Nearly all commands pass as they are. Those that concern more than the client's own store stop, wait until all before
//! them is answered, and are [routed](crate::shared). While a shared mailbox is selected every command stops, so that each
//! is decided on by itself.

use crate::{
    Imap, NAME,
    login::LoggedIn,
    pipes::{Pipes, Turn},
    shared::{EXTERNAL, Enabled, NAMESPACE, Side},
};
use passerelle_core::{
    Door, Tie, Visitor,
    ports::{ClientFacts, ExternalFault, StoreStream},
};
use passerelle_model::Rights;
use passerelle_net::{AccountSlot, ClientStream, Connection, Drain, Held};
use passerelle_observe::{RelayEnded, Withdrawn, emit};
use passerelle_wire_imap::{Kept, Offer, Stops};
use std::{
    future::{pending, poll_fn},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::AsyncWriteExt,
    time::{Instant, timeout},
};

/// How long a goodbye may take to be sent.
const GOODBYE: Duration = Duration::from_secs(5);

/// Over how long the goodbyes are spread when a store goes away under clients that only wait, so that they do not all come
/// back at one moment, in milliseconds.
const SPREAD: u64 = 2_000;

/// A client and its store.
pub(crate) struct Relay {
    pub(crate) client: ClientStream,
    pub(crate) own: StoreStream,
    /// The store of somebody who shares, while it is needed.
    pub(crate) side: Option<Box<Side>>,
    pub(crate) with: With,
    pub(crate) pipes: Pipes,
    pub(crate) door: Arc<Door>,
    pub(crate) visitor: Visitor,
    pub(crate) facts: ClientFacts,
    pub(crate) enabled: Enabled,
    /// The namespaces whose names are not the own store's.
    pub(crate) namespaces: &'static [&'static str],
    /// What may be done in the mailbox that an APPEND is passing to.
    pub(crate) adding: Option<Rights>,
    /// What was announced, and the largest message that is taken.
    pub(crate) offer: Offer,
    /// Whether the own store was asked for notices (RFC 5465).
    pub(crate) notified: bool,
    /// When the own store was last spoken with while a shared mailbox is selected.
    pub(crate) own_used: Instant,
    tie: Tie,
    drain: Drain,
    pub(crate) idle: Duration,
    _places: (AccountSlot, Held),
}

/// Which store the client's octets go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum With {
    Own,
    Side,
}

/// Why a relay ends in the middle.
pub(crate) struct End {
    /// For the metric.
    pub(crate) reason: &'static str,
    /// For the client.
    pub(crate) words: &'static str,
}

impl Relay {
    /// Puts client and store together. `rest` is what the client sent behind its log-in.
    pub(crate) fn new(shared: &Imap, connection: Connection, logged_in: LoggedIn, rest: &[u8]) -> Self {
        let LoggedIn { tie, visitor, store, early, slot, only_reads, offer, offers_external, .. } = logged_in;
        let namespaces: &[&str] = if offers_external { &[NAMESPACE, EXTERNAL] } else { &[NAMESPACE] };
        let mut pipes = Pipes::new(rest);
        pipes.stop(Stops::Naming(namespaces));
        if only_reads {
            pipes.let_read_only();
        }
        pipes.offer(offer);
        if !early.is_empty() {
            pipes.pass_down(&early);
        }
        let Connection { stream, drain, held, peer, .. } = connection;
        Self {
            client: stream,
            own: store,
            side: None,
            with: With::Own,
            pipes,
            door: Arc::clone(&shared.door),
            visitor,
            facts: ClientFacts { address: peer.ip(), port: peer.port() },
            enabled: Enabled::default(),
            namespaces,
            adding: None,
            offer,
            notified: false,
            own_used: Instant::now(),
            tie,
            drain,
            idle: Duration::from_secs(shared.network.limits().idle_seconds),
            _places: (slot, held),
        }
    }

    /// Runs to the end, whichever side or reason brings it.
    pub(crate) async fn run(mut self: Box<Self>) {
        let withdrawn = self.tie.clone().withdrawn();
        tokio::pin!(withdrawn);
        let reason = loop {
            let silent = self.next_look();
            let kept = self.kept();
            self.pipes.sift(kept);
            let draining = self.pipes.draining;
            let Self { client, own, side, with, pipes, drain, door, visitor, .. } = self.as_mut();
            let (store, selected) = match (*with, side) {
                // The owner's store is open in the owner's name: it is spoken with for what was decided on, and only then.
                (With::Side, Some(side)) if side.broken.is_none() && (side.selected.is_some() || pipes.once) => {
                    (&mut side.stream, side.selected.as_mut())
                }
                (_, side) => (own, side.as_mut().and_then(|side| side.selected.as_mut())),
            };
            tokio::select! {
                biased;
                () = withdrawn.as_mut() => {
                    emit(Withdrawn { surface: NAME });
                    self.goodbye("Your access was withdrawn").await;
                    break "withdrawn";
                }
                () = async { match selected { Some(selected) => selected.changed().await, None => pending().await } } => {
                    if let Err(end) = Box::pin(self.look_again()).await {
                        self.goodbye(end.words).await;
                        break end.reason;
                    }
                }
                turn = poll_fn(|cx| {
                    // By the settings in force when something comes, not by those at log-in.
                    pipes.screen(door.screens(visitor));
                    pipes.poll(cx, client, store)
                }) => match turn {
                    Ok(Turn::HalfClosed) => {}
                    Ok(Turn::Stopped) => {
                        let routed = tokio::select! {
                            biased;
                            () = withdrawn.as_mut() => Err(End { reason: "withdrawn", words: "Your access was withdrawn" }),
                            routed = Box::pin(self.route()) => routed,
                        };
                        self.pipes.last_heard = Instant::now();
                        if let Err(end) = routed.and_then(|()| self.has_its_side()) {
                            self.goodbye(end.words).await;
                            break end.reason;
                        }
                    }
                    Ok(Turn::Rested) => self.come_back(),
                    Ok(Turn::Client) => break "client",
                    // A server elsewhere takes nothing down with it but its own folder.
                    Ok(Turn::Store) | Err(_) if kept.is_some() => {
                        if let Err(end) = self.lose_side(ExternalFault::Unreachable) {
                            self.goodbye(end.words).await;
                            break end.reason;
                        }
                    }
                    Ok(Turn::Store) => {
                        self.store_is_gone().await;
                        break "store";
                    }
                    Ok(Turn::Rest) => {
                        self.goodbye("The service is going down, connect again").await;
                        break "drain";
                    }
                    Err(error) => {
                        tracing::debug!(surface = NAME, %error, "a relay broke");
                        self.goodbye("This conversation cannot be followed").await;
                        break "broken";
                    }
                },
                // What is under way may finish; the drain's own deadline ends what does not.
                () = drain.begun(), if !draining => self.pipes.draining = true,
                () = tokio::time::sleep_until(silent) => {
                    // The deadline moves with each octet; only who was silent all along has reached it.
                    if let Some((reason, words)) = self.pipes.overdue(self.idle) {
                        self.goodbye(words).await;
                        break reason;
                    }
                    if let Err(end) = Box::pin(self.look_around()).await {
                        self.goodbye(end.words).await;
                        break end.reason;
                    }
                }
            }
        };
        let (up, down) = self.pipes.octets();
        // Whether the last octets and the close arrive is the client's affair.
        let _ = timeout(GOODBYE, self.client.shutdown()).await;
        emit(RelayEnded { surface: NAME, reason, up, down });
    }

    /// When to look around again: for silence, and for what a shared mailbox demands.
    fn next_look(&self) -> Instant {
        let silent = self.pipes.next_look(self.idle);
        let silent = self.pipes.due().map_or(silent, |due| silent.min(due));
        self.side.as_ref().map_or(silent, |side| silent.min(side.next_look()))
    }

    /// Whether the store of a shared mailbox that is selected can still be heard. One elsewhere may be lost: its folder
    /// answers that it is.
    fn has_its_side(&self) -> Result<(), End> {
        match &self.side {
            Some(side) if side.selected.is_some() && side.broken.is_some() && !side.home.is_external() => {
                Err(End { reason: "side", words: "The mail store does not answer" })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// What may pass of what is spoken with, where that is a server elsewhere.
    fn kept(&self) -> Option<Kept> {
        let side = self.side.as_ref().filter(|side| side.home.is_external() && side.broken.is_none())?;
        match (self.with, side.selected.is_some(), self.pipes.once) {
            (With::Side, true, _) => Some(Kept::Mailbox),
            (With::Side, false, true) => Some(Kept::Answers),
            (With::Side, false, false) | (With::Own, _, _) => None,
        }
    }

    /// Which store the client's octets go to from now on.
    pub(crate) fn turn_to(&mut self, with: With) {
        self.with = with;
        let kept = self.kept();
        self.pipes.sift(kept);
    }

    /// The one command for another store is answered: the client is again where it was.
    pub(crate) fn come_back(&mut self) {
        self.pipes.once = false;
        self.adding = None;
        let is_shared = self.is_shared();
        self.turn_to(if is_shared { With::Side } else { With::Own });
        self.pipes.stop(if is_shared { Stops::Always } else { Stops::Naming(self.namespaces) });
    }

    /// The store hung up. What it was doing for the client may be done or not: that is never a tagged answer of ours.
    async fn store_is_gone(&mut self) {
        if self.pipes.store_said_goodbye() {
            return;
        }
        if !self.pipes.is_waiting_for_news() {
            return self.goodbye("The mail store hung up; whether it did what was under way is not known").await;
        }
        // Ports are as good as chance.
        tokio::time::sleep(Duration::from_millis(u64::from(self.facts.port) % SPREAD)).await;
        self.goodbye("The mail store hung up, connect again").await;
    }

    /// Says goodbye where IMAP allows it: between two responses. Inside one, the connection just ends.
    async fn goodbye(&mut self, why: &str) {
        if self.pipes.may_speak() {
            let text = format!("* BYE {why}\r\n");
            let said = async {
                self.client.write_all(text.as_bytes()).await?;
                self.client.flush().await
            };
            // A client that does not read its goodbye does without.
            let _ = timeout(GOODBYE, said).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size_of_future<F>(_: impl Fn(Box<Relay>) -> F) -> usize {
        size_of::<F>()
    }

    /// Tens of thousands of clients wait in IDLE: what each of them keeps is worth a look before it grows.
    #[test]
    fn an_idle_client_keeps_little() {
        assert!(size_of::<Relay>() + size_of_future(Relay::run) <= 2048);
    }
}
