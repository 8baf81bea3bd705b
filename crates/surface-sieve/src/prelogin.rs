//! The conversation before log-in.

use crate::{
    NAME, Sieve,
    capability::{before_login, mechanisms},
    client::{Came, Client},
    login::{self, LoggedIn},
    refusal::refusal,
    relay::Relay,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use passerelle_core::{Error, Fault, Proof};
use passerelle_model::Secret;
use passerelle_net::Connection;
use passerelle_observe::{BackendFault, InternalFault, LoginRefused, emit};
use passerelle_wire_sasl::{Given, INVALID_TOKEN, Mechanism};
use passerelle_wire_sieve::{Command, quoted};
use std::{io, time::Duration};
use tokio::time::{Instant, timeout_at};

/// Most lines that are no command before the connection is closed.
const MOST_GARBAGE: u32 = 5;
/// Most wrong passwords on one connection.
const MOST_REFUSALS: u32 = 3;

/// Speaks with a client until it is logged in; `None` when it left or was sent away.
pub(crate) async fn converse(shared: Sieve, connection: Connection) -> Option<Relay> {
    let limits = shared.network.limits();
    let log_in = Duration::from_secs(limits.login_seconds);
    let deadline = Instant::now().checked_add(log_in)?;
    let mut talk = Talk { shared, client: Client::new(connection, log_in), garbage: 0, refusals: 0 };
    let words = match timeout_at(deadline, talk.run()).await {
        Ok(Ok(End::LoggedIn(logged_in))) => {
            let Talk { mut client, .. } = talk;
            client.set_patience(Duration::from_secs(limits.idle_seconds));
            return Some(Relay::new(client, *logged_in));
        }
        Ok(Ok(End::Said(words))) => words,
        Ok(Err(error)) => {
            tracing::debug!(surface = NAME, peer = %talk.client.peer(), %error, "left before log-in");
            None
        }
        Err(_slow) => Some("BYE (TRYLATER) \"Log-in took too long\""),
    };
    talk.client.goodbye(words).await;
    None
}

/// How the conversation ended.
enum End {
    LoggedIn(Box<LoggedIn>),
    /// With these words, if any.
    Said(Option<&'static str>),
}

struct Talk {
    shared: Sieve,
    client: Client,
    garbage: u32,
    refusals: u32,
}

impl Talk {
    async fn run(&mut self) -> io::Result<End> {
        self.announce("OK \"Passerelle ready\"").await?;
        loop {
            let command = match self.client.command().await? {
                Came::Command(command) => command,
                Came::Wrong => {
                    self.garbage = self.garbage.saturating_add(1);
                    if self.garbage >= MOST_GARBAGE {
                        return Ok(End::Said(Some("BYE \"This is not ManageSieve\"")));
                    }
                    self.client.say("NO \"That is no command\"\r\n").await?;
                    continue;
                }
                Came::Lost => return Ok(End::Said(Some("BYE \"This conversation cannot be followed\""))),
                Came::Gone => return Ok(End::Said(None)),
                Came::Silent => return Ok(End::Said(Some("BYE (TRYLATER) \"You were silent for too long\""))),
                Came::Drained => {
                    return Ok(End::Said(Some("BYE (TRYLATER) \"The service is going down, connect again\"")));
                }
            };
            if let Some(end) = self.obey(command).await? {
                return Ok(end);
            }
        }
    }

    async fn obey(&mut self, command: Command) -> io::Result<Option<End>> {
        match command {
            Command::Capability => self.announce("OK").await?,
            Command::Noop(None) => self.client.say("OK\r\n").await?,
            Command::Noop(Some(tag)) => {
                // RFC 5804 §2.13: the tag comes back.
                let answer = [b"OK (TAG ".as_slice(), &tagged(&tag), b")\r\n"].concat();
                self.client.put(&answer).await?;
            }
            Command::Logout => return Ok(Some(End::Said(Some("OK \"Goodbye\"")))),
            Command::StartTls if !self.client.offers_tls() => {
                self.client.say("NO \"TLS runs already, or is not offered\"\r\n").await?;
            }
            Command::StartTls => {
                self.client.say("OK \"Begin TLS\"\r\n").await?;
                self.client.begin_tls().await?;
                self.announce("OK \"TLS runs\"").await?;
            }
            Command::Authenticate { mechanism, initial } => return self.authenticate(&mechanism, initial).await,
            // Octets that follow a command which is refused would be taken for commands.
            refused if refused.follows().is_some() => {
                return Ok(Some(End::Said(Some("BYE \"Log in first\""))));
            }
            Command::HaveSpace(..)
            | Command::PutScript(..)
            | Command::CheckScript(_)
            | Command::ListScripts
            | Command::SetActive(_)
            | Command::GetScript(_)
            | Command::DeleteScript(_)
            | Command::RenameScript(..)
            | Command::Unauthenticate => self.client.say("NO \"Log in first\"\r\n").await?,
        }
        Ok(None)
    }

    async fn announce(&mut self, last: &str) -> io::Result<()> {
        let told = before_login(&self.client, &mechanisms(&self.shared.door, &self.client));
        self.client.say(&format!("{told}{last}\r\n")).await
    }

    async fn authenticate(&mut self, mechanism: &str, initial: Option<Vec<u8>>) -> io::Result<Option<End>> {
        if !self.client.may_log_in() {
            emit(LoginRefused { surface: NAME, address: self.client.peer().ip(), reason: "clear" });
            self.client.say("NO (ENCRYPT-NEEDED) \"Begin TLS first\"\r\n").await?;
            return Ok(None);
        }
        let offered = mechanisms(&self.shared.door, &self.client);
        let Some(mechanism) = Mechanism::named(mechanism).filter(|it| offered.contains(it)) else {
            let names: Vec<&str> = offered.iter().map(|it| it.name()).collect();
            self.client.say(&format!("NO \"Of mechanisms there is {}\"\r\n", names.join(", "))).await?;
            return Ok(None);
        };
        let response = match initial {
            Some(response) => response,
            None => {
                // RFC 5804 §2.1: an empty challenge.
                self.client.say("\"\"\r\n").await?;
                match self.client.answer().await? {
                    Some(response) => response,
                    None => return Ok(Some(End::Said(Some("BYE \"This conversation cannot be followed\"")))),
                }
            }
        };
        if response == b"*" {
            self.client.say("NO \"Cancelled\"\r\n").await?;
            return Ok(None);
        }
        let message = Secret::new(STANDARD.decode(response).unwrap_or_default());
        let refused = match mechanism.read(message.expose()).and_then(proof) {
            Some(proof) => match login::log_in(&self.shared, &self.client, &proof).await {
                Ok(logged_in) => {
                    self.client.say("OK \"Logged in\"\r\n").await?;
                    return Ok(Some(End::LoggedIn(Box::new(logged_in))));
                }
                Err(error) => error,
            },
            None => Error::Unauthenticated,
        };
        let of_the_token = matches!(refused, Error::Unauthenticated | Error::Forbidden | Error::NotFound);
        if mechanism.is_of_tokens() && of_the_token {
            // RFC 7628 §3.2.3: why, and whatever the client answers to it, the refusal.
            self.client.say(&format!("\"{}\"\r\n", STANDARD.encode(INVALID_TOKEN))).await?;
            if self.client.answer().await?.is_none() {
                return Ok(Some(End::Said(Some("BYE \"This conversation cannot be followed\""))));
            }
        }
        self.refuse(&refused).await
    }

    async fn refuse(&mut self, error: &Error) -> io::Result<Option<End>> {
        let address = self.client.peer().ip();
        let reason = match (error, error.fault()) {
            (Error::TooMany { .. }, _) => "too-many",
            (Error::Forbidden, _) => "institution",
            (_, Fault::Client) => "credentials",
            (_, Fault::Backend) => "unavailable",
            (_, Fault::Gateway) => "internal",
        };
        emit(LoginRefused { surface: NAME, address, reason });
        match error.fault() {
            Fault::Client => {}
            Fault::Backend => emit(BackendFault { surface: NAME, chain: &error.chain(), request: "" }),
            Fault::Gateway => emit(InternalFault { surface: NAME, chain: &error.chain(), request: "" }),
        }
        self.client.say(&format!("{}\r\n", refusal(error))).await?;
        self.refusals = self.refusals.saturating_add(1);
        Ok((self.refusals >= MOST_REFUSALS).then_some(End::Said(Some("BYE \"Too many refusals\""))))
    }
}

/// What was given, as the door takes it; `None` when the login cannot be one.
fn proof(given: Given<'_>) -> Option<Proof> {
    match given {
        Given::Password { login, password } => Proof::of_password(login.as_bytes(), password),
        Given::Token { login, token } => Proof::of_token(login.as_bytes(), token.as_bytes()),
    }
}

/// A tag as a server sends it: its literals have no plus (RFC 5804 §4).
fn tagged(tag: &[u8]) -> Vec<u8> {
    let sent = quoted(tag);
    if sent.starts_with(b"{") {
        return [format!("{{{}}}\r\n", tag.len()).as_bytes(), tag].concat();
    }
    sent
}
