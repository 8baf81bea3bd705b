//! The MTA's side: LHLO, MAIL, RCPT, DATA, and an answer for each recipient (RFC 2033 §4.2).

use crate::{
    Lmtp, NAME, calendar,
    content::{Finder, Found},
    store::Store,
};
use passerelle_core::DeliveryRules;
use passerelle_net::Connection;
use passerelle_observe::{MailHandedOn, emit};
use passerelle_wire_smtp::{Address, Body, Command, Line, Reply, Wrong, line};
use std::{io, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::OwnedSemaphorePermit,
    time::timeout,
};

/// How long the MTA may be silent (RFC 5321 §4.5.3.2.7).
const SILENCE: Duration = Duration::from_secs(300);
/// Octets read at once.
const PIECE: usize = 32 * 1024;
/// Most recipients of a message.
const MOST_RECIPIENTS: usize = 1_000;
/// Most wrong commands.
const MOST_ERRORS: u32 = 20;

/// An MTA.
struct Talk {
    shared: Lmtp,
    connection: Connection,
    incoming: Vec<u8>,
    outgoing: Vec<u8>,
    has_greeted: bool,
    message: Option<Message>,
    errors: u32,
}

/// A message under way.
struct Message {
    from: Option<Address>,
    eight_bit: bool,
    stores: Vec<Reached>,
    /// Those whom a store takes it for, in their order.
    recipients: Vec<Recipient>,
}

/// A store that the message goes to.
struct Reached {
    address: String,
    /// The connection; what its recipients are told, where it is of no use.
    store: Result<Store, Reply>,
}

struct Recipient {
    address: String,
    rules: Arc<DeliveryRules>,
    /// Which of the stores.
    store: usize,
}

/// The MTA is gone, or everything is said.
struct Ended;

/// Speaks with an MTA to the end.
pub(crate) async fn converse(shared: Lmtp, connection: Connection) {
    let peer = connection.peer;
    let mut talk = Talk {
        shared,
        connection,
        incoming: Vec::new(),
        outgoing: Vec::new(),
        has_greeted: false,
        message: None,
        errors: 0,
    };
    if let Err(error) = talk.run().await {
        tracing::debug!(surface = NAME, %peer, %error, "left in the middle");
    }
}

impl Talk {
    async fn run(&mut self) -> io::Result<()> {
        // What the MTA says of senders is believed: whoever else spoke here could say it too.
        let (peer, own) = (self.connection.peer.ip().to_canonical(), self.connection.local.ip().to_canonical());
        if !peer.is_loopback() && peer != own {
            self.reply(&Reply::new(554, "5.7.1 Only the MTA of this machine delivers here"));
            return self.flush().await;
        }
        self.reply(&Reply::new(220, "Passerelle LMTP"));
        loop {
            let is_idle = self.message.is_none();
            let mut drain = self.connection.drain.clone();
            let line = tokio::select! {
                biased;
                line = self.line() => line?,
                // What is under way may finish.
                () = drain.begun(), if is_idle => {
                    self.reply(&Reply::new(421, "4.3.2 The service is going down, connect again"));
                    return self.flush().await;
                }
            };
            let Some(line) = line else { return Ok(()) };
            if self.command(&line).await?.is_err() {
                return self.flush().await;
            }
        }
    }

    /// Follows a command; an error is the end.
    async fn command(&mut self, line: &[u8]) -> io::Result<Result<(), Ended>> {
        // RFC 2033 §4.1: LHLO in the place of EHLO.
        let is_lhlo = line.get(..5).is_some_and(|verb| verb.eq_ignore_ascii_case(b"LHLO "));
        let said = if is_lhlo { [b"EHLO ", line.get(5..).unwrap_or_default()].concat() } else { line.to_vec() };
        match Command::parse(&said) {
            Ok(Command::Ehlo(_)) if is_lhlo => {
                (self.has_greeted, self.message) = (true, None);
                let lines = ["Passerelle", "PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES"];
                let lines: Vec<String> = lines.map(str::to_owned).to_vec();
                self.hello(&lines);
            }
            Ok(Command::Ehlo(_) | Command::Helo(_)) => self.wrong("5.5.1 This is LMTP: LHLO"),
            Ok(Command::Mail(from, parameters)) if self.has_greeted => {
                let eight_bit = parameters.body == Some(Body::EightBitMime);
                self.message = Some(Message { from, eight_bit, stores: Vec::new(), recipients: Vec::new() });
                self.reply(&Reply::new(250, "2.1.0 Go on"));
            }
            Ok(Command::Recipient(address, _)) => {
                let reply = self.recipient(&address).await;
                self.reply(&reply);
            }
            Ok(Command::Data) => return self.data().await,
            Ok(Command::Reset) => {
                self.message = None;
                self.reply(&Reply::new(250, "2.0.0 Forgotten"));
            }
            Ok(Command::Noop) => self.reply(&Reply::new(250, "2.0.0 Yes")),
            Ok(Command::Verify) => self.reply(&Reply::new(252, "2.5.0 Send a message, and you will know")),
            Ok(Command::Quit) => {
                self.reply(&Reply::new(221, "2.0.0 Goodbye"));
                return Ok(Err(Ended));
            }
            Ok(Command::Mail(..)) => self.wrong("5.5.1 Greet first"),
            Ok(Command::StartTls | Command::Auth { .. } | Command::Chunk { .. } | Command::Expand | Command::Help) => {
                self.wrong("5.5.1 There is no such command here");
            }
            Err(Wrong::Unknown) => self.wrong("5.5.2 There is no such command"),
            Err(Wrong::Sender | Wrong::Recipient) => self.wrong("5.1.3 This is no address"),
            Err(Wrong::Syntax | Wrong::Parameter | Wrong::UnknownParameter) => {
                self.wrong("5.5.4 The command is not written like this");
            }
        }
        if self.errors >= MOST_ERRORS {
            self.reply(&Reply::new(421, "4.7.0 Too many errors"));
            return Ok(Err(Ended));
        }
        Ok(Ok(()))
    }

    /// What the store says of a recipient.
    async fn recipient(&mut self, address: &Address) -> Reply {
        let Some(message) = &mut self.message else { return Reply::new(503, "5.5.1 Name a sender first") };
        if message.recipients.len() >= MOST_RECIPIENTS {
            return Reply::new(452, "4.5.3 Too many recipients");
        }
        let Some(rules) = self.shared.door.delivery_to(address.domain().unwrap_or_default()) else {
            // The MTA leads its mail here: whatever is wrong in our settings, none of it comes back.
            tracing::warn!(surface = NAME, "mail came for a domain of no institution with [deliver]");
            return Reply::new(451, "4.3.5 Where this mail goes is not set");
        };
        let known = message.stores.iter().position(|reached| reached.address == rules.store);
        let at = match known {
            Some(at) => at,
            None => {
                let store = begin(&rules.store, message.from.as_ref(), message.eight_bit).await;
                message.stores.push(Reached { address: rules.store.clone(), store });
                message.stores.len().saturating_sub(1)
            }
        };
        let Some(reached) = message.stores.get_mut(at) else { return away() };
        let store = match &mut reached.store {
            Ok(store) => store,
            Err(reply) => return reply.clone(),
        };
        match store.ask(&format!("RCPT TO:<{address}>\r\n")).await {
            Ok(reply) => {
                if reply.is_positive() {
                    message.recipients.push(Recipient { address: address.to_string(), rules, store: at });
                }
                reply
            }
            Err(error) => {
                let reply = lost(&error);
                reached.store = Err(reply.clone());
                reply
            }
        }
    }

    async fn data(&mut self) -> io::Result<Result<(), Ended>> {
        let Some(mut message) = self.message.take() else {
            self.wrong("5.5.1 Name a sender first");
            return Ok(Ok(()));
        };
        if message.recipients.is_empty() {
            self.wrong("5.5.1 There is no recipient");
            return Ok(Ok(()));
        }
        let mut refused = None;
        for (at, reached) in message.stores.iter_mut().enumerate() {
            let Ok(store) = &mut reached.store else { continue };
            if !message.recipients.iter().any(|one| one.store == at) {
                continue;
            }
            match store.ask("DATA\r\n").await {
                Ok(reply) if reply.code == 354 => {}
                Ok(reply) => reached.store = Err(reply.clone()),
                Err(error) => reached.store = Err(lost(&error)),
            }
            if let Err(reply) = &reached.store {
                refused = Some(reply.clone());
            }
        }
        let is_taken = |one: &Recipient| message.stores.get(one.store).is_some_and(|reached| reached.store.is_ok());
        if !message.recipients.iter().any(is_taken) {
            // RFC 2033 §4.2 has one answer to DATA.
            self.reply(&refused.unwrap_or_else(away));
            return Ok(Ok(()));
        }
        self.reply(&Reply::new(354, "End the message with a dot on a line by itself"));
        let place = Arc::clone(&self.shared.kept).try_acquire_owned().ok();
        let Some(kept) = self.pass(&mut message, place.as_ref()).await? else { return Ok(Err(Ended)) };
        let replies = outcomes(&mut message).await;
        let got = message.recipients.iter().zip(&replies).filter(|(_, reply)| reply.is_positive());
        let got: Vec<_> = got.map(|(one, _)| (one.address.clone(), Arc::clone(&one.rules))).collect();
        if let (Some(octets), false) = (kept, got.is_empty()) {
            calendar::give(&self.shared, octets, got).await;
        }
        for reply in &replies {
            emit(MailHandedOn { code: reply.code });
            self.reply(reply);
        }
        self.flush().await?;
        Ok(Ok(()))
    }

    /// Passes the message on while it comes; what is kept of it for calendars, in `Some`. Nothing where it has no end: then the stores
    /// have none either, and deliver nothing.
    async fn pass(
        &mut self,
        message: &mut Message,
        place: Option<&OwnedSemaphorePermit>,
    ) -> io::Result<Option<Option<Vec<u8>>>> {
        let (mut finder, mut kept) = (Finder::default(), place.map(|_| Vec::new()));
        loop {
            if self.incoming.is_empty() && !self.more().await? {
                return Ok(None);
            }
            let found = finder.take(&self.incoming);
            let rest = match found {
                Found::More => Vec::new(),
                Found::End(taken) => self.incoming.split_off(taken.min(self.incoming.len())),
                Found::Bare => {
                    self.reply(&Reply::new(521, "5.5.2 A line ends with CR and LF, never with one of them"));
                    return Ok(None);
                }
            };
            let piece = std::mem::replace(&mut self.incoming, rest);
            for reached in &mut message.stores {
                let Ok(store) = &mut reached.store else { continue };
                if let Err(error) = store.write(&piece).await {
                    reached.store = Err(lost(&error));
                }
            }
            if let Some(octets) = &mut kept {
                octets.extend_from_slice(&piece);
            }
            // Larger ones pass as all others, and calendars have nothing of them.
            kept = kept.filter(|octets| octets.len() <= calendar::LARGEST);
            if let Found::End(_) = found {
                return Ok(Some(kept));
            }
        }
    }

    fn wrong(&mut self, text: &str) {
        self.errors = self.errors.saturating_add(1);
        let code = if text.starts_with("5.5.1") { 503 } else { 501 };
        self.reply(&Reply::new(code, text));
    }

    /// The next line; nothing where no more comes.
    async fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            match line(&self.incoming) {
                Line::Whole(text, taken) => {
                    let text = text.to_vec();
                    self.incoming.drain(..taken);
                    return Ok(Some(text));
                }
                Line::Incomplete => {}
                Line::Bare | Line::TooLong => {
                    self.reply(&Reply::new(500, "5.5.2 This is no line of LMTP"));
                    self.flush().await?;
                    return Ok(None);
                }
            }
            if !self.more().await? {
                return Ok(None);
            }
        }
    }

    /// Sends what waits, and reads what comes; `false` at the end of the stream.
    async fn more(&mut self) -> io::Result<bool> {
        self.flush().await?;
        let before = self.incoming.len();
        self.incoming.reserve(PIECE);
        match timeout(SILENCE, self.connection.stream.read_buf(&mut self.incoming)).await {
            Ok(read) => drop(read?),
            Err(_slow) => return Err(io::ErrorKind::TimedOut.into()),
        }
        Ok(self.incoming.len() > before)
    }

    fn reply(&mut self, reply: &Reply) {
        self.outgoing.extend_from_slice(reply.to_client().as_bytes());
    }

    /// What is announced has no status (RFC 2034 §4).
    fn hello(&mut self, lines: &[String]) {
        for (at, text) in lines.iter().enumerate() {
            let separator = if at.saturating_add(1) == lines.len() { ' ' } else { '-' };
            self.outgoing.extend_from_slice(format!("250{separator}{text}\r\n").as_bytes());
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        let outgoing = std::mem::take(&mut self.outgoing);
        timeout(SILENCE, self.connection.stream.write_all(&outgoing))
            .await
            .map_err(|_slow| io::ErrorKind::TimedOut)??;
        self.connection.stream.flush().await
    }
}

/// Reaches a store and names the sender; what its recipients are told, where it will not.
async fn begin(address: &str, from: Option<&Address>, eight_bit: bool) -> Result<Store, Reply> {
    let mut store = Store::connect(address, "passerelle").await.map_err(|error| lost(&error))?;
    let body = if eight_bit && store.eight_bit { " BODY=8BITMIME" } else { "" };
    let from = from.map(Address::to_string).unwrap_or_default();
    let reply = store.ask(&format!("MAIL FROM:<{from}>{body}\r\n")).await.map_err(|error| lost(&error))?;
    if reply.is_positive() { Ok(store) } else { Err(reply) }
}

/// What the stores say of each recipient, in their order.
async fn outcomes(message: &mut Message) -> Vec<Reply> {
    let mut replies = Vec::with_capacity(message.recipients.len());
    for one in &message.recipients {
        let Some(reached) = message.stores.get_mut(one.store) else {
            replies.push(away());
            continue;
        };
        let reply = match &mut reached.store {
            Err(reply) => reply.clone(),
            Ok(store) => match store.outcome().await {
                Ok(reply) => reply,
                Err(error) => {
                    let reply = lost(&error);
                    reached.store = Err(reply.clone());
                    reply
                }
            },
        };
        replies.push(reply);
    }
    replies
}

fn away() -> Reply {
    Reply::new(451, "4.4.1 The store cannot be reached")
}

fn lost(error: &io::Error) -> Reply {
    tracing::warn!(surface = NAME, %error, "the store of mail cannot be reached");
    away()
}
