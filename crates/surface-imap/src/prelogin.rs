//! The conversation before log-in.

use crate::{
    Imap, NAME,
    capability::{ID, before_login},
    codec::{Came, Incoming},
    login,
    refusal::refusal,
    relay::Relay,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use imap_codec::imap_types::{
    auth::AuthMechanism,
    command::{Command, CommandBody},
};
use passerelle_core::{Error, Fault, Proof};
use passerelle_model::Secret;
use passerelle_net::{ClientStream, Connection};
use passerelle_observe::{BackendFault, InternalFault, LoginRefused, emit};
use passerelle_wire_sasl::{Given, INVALID_TOKEN, Mechanism};
use std::{io, time::Duration};
use tokio::{
    io::AsyncWriteExt,
    time::{Instant, timeout, timeout_at},
};

/// Most things that are no command before the connection is closed.
const MOST_GARBAGE: u32 = 5;
/// Most wrong passwords on one connection.
const MOST_REFUSALS: u32 = 3;
/// How long a goodbye may take to be sent.
const GOODBYE: Duration = Duration::from_secs(5);

/// Speaks with a client until it is logged in; `None` when it left or was sent away.
pub(crate) async fn converse(shared: Imap, connection: Connection) -> Option<Box<Relay>> {
    let limits = shared.network.limits();
    let deadline = Instant::now().checked_add(Duration::from_secs(limits.login_seconds))?;
    let mut drain = connection.drain.clone();
    let mut talk = Talk { shared, connection, incoming: Incoming::default(), garbage: 0, refusals: 0 };
    let outcome = tokio::select! {
        outcome = timeout_at(deadline, talk.run()) => outcome,
        () = drain.begun() => {
            talk.goodbye("The service is going down, connect again").await;
            return None;
        }
    };
    match outcome {
        Ok(Ok(Outcome::LoggedIn(relay))) => Some(talk.into_relay(*relay)),
        Ok(Ok(Outcome::Ended)) => None,
        Ok(Err(error)) => {
            tracing::debug!(surface = NAME, peer = %talk.connection.peer, %error, "left before log-in");
            None
        }
        Err(_slow) => {
            talk.goodbye("Log-in took too long").await;
            None
        }
    }
}

/// How the conversation ended.
enum Outcome {
    LoggedIn(Box<login::LoggedIn>),
    Ended,
}

struct Talk {
    shared: Imap,
    connection: Connection,
    incoming: Incoming,
    garbage: u32,
    refusals: u32,
}

impl Talk {
    async fn run(&mut self) -> io::Result<Outcome> {
        let greeting = format!("* OK [CAPABILITY {}] Passerelle ready\r\n", self.announced());
        self.say(&greeting).await?;
        loop {
            let came = self.incoming.command(&mut self.connection.stream).await?;
            let command = match came {
                Came::Command(command) => *command,
                Came::Gone => return Ok(Outcome::Ended),
                Came::Garbage(tag) => {
                    self.garbage = self.garbage.saturating_add(1);
                    if self.garbage >= MOST_GARBAGE {
                        self.goodbye("This is not IMAP").await;
                        return Ok(Outcome::Ended);
                    }
                    let tag = tag.as_deref().unwrap_or("*");
                    self.say(&format!("{tag} BAD This is no command that can be used before log-in\r\n")).await?;
                    continue;
                }
                Came::TooLong { tag, over } => {
                    let tag = tag.as_deref().unwrap_or("*");
                    // RFC 7888 §4: the code for a literal that is not taken.
                    self.say(&format!("{tag} BAD [TOOBIG] A command before log-in is shorter than 12 KiB\r\n")).await?;
                    if over {
                        self.goodbye("The rest cannot be made sense of").await;
                        return Ok(Outcome::Ended);
                    }
                    continue;
                }
            };
            if let Some(outcome) = self.command(command).await? {
                return Ok(outcome);
            }
        }
    }

    async fn command(&mut self, Command { tag, body }: Command<'static>) -> io::Result<Option<Outcome>> {
        let tag = tag.as_ref();
        match body {
            CommandBody::Capability => {
                let words = self.announced();
                self.say(&format!("* CAPABILITY {words}\r\n{tag} OK done\r\n")).await?;
            }
            CommandBody::Noop => self.say(&format!("{tag} OK done\r\n")).await?,
            CommandBody::Id { .. } => self.say(&format!("{ID}{tag} OK done\r\n")).await?,
            CommandBody::Logout => {
                self.say(&format!("* BYE Goodbye\r\n{tag} OK done\r\n")).await?;
                return Ok(Some(Outcome::Ended));
            }
            CommandBody::StartTLS => return self.starttls(tag).await,
            CommandBody::Login { username, password } => {
                let proof = Proof::of_password(username.as_ref(), password.declassify().as_ref());
                return self.log_in(tag, proof).await;
            }
            CommandBody::Authenticate { mechanism, initial_response } => {
                let initial = initial_response.map(|secret| Secret::new(secret.declassify().to_vec()));
                return self.authenticate(tag, &mechanism, initial).await;
            }
            _ => self.say(&format!("{tag} BAD Log in first\r\n")).await?,
        }
        Ok(None)
    }

    async fn starttls(&mut self, tag: &str) -> io::Result<Option<Outcome>> {
        if self.connection.starttls.is_none() || !matches!(self.connection.stream, ClientStream::Plain(_)) {
            self.say(&format!("{tag} BAD TLS runs already, or is not offered\r\n")).await?;
            return Ok(None);
        }
        self.say(&format!("{tag} OK Begin TLS\r\n")).await?;
        // What a man in the middle put behind the command in clear is thrown away (RFC 9051 §11.1).
        self.incoming.forget();
        self.connection.begin_tls().await?;
        Ok(None)
    }

    async fn authenticate(
        &mut self,
        tag: &str,
        mechanism: &AuthMechanism<'_>,
        initial: Option<Secret>,
    ) -> io::Result<Option<Outcome>> {
        let offered = self.mechanisms();
        let Some(mechanism) = Mechanism::named(mechanism.as_ref()).filter(|it| offered.contains(it)) else {
            let names: Vec<&str> = offered.iter().map(|it| it.name()).collect();
            self.say(&format!("{tag} NO [CANNOT] Of mechanisms there is {}\r\n", names.join(", "))).await?;
            return Ok(None);
        };
        if !self.connection.may_log_in {
            return self.refuse_clear(tag).await;
        }
        let response = match initial {
            Some(response) => Some(response),
            None => {
                self.say("+ \r\n").await?;
                self.incoming.sasl(&mut self.connection.stream).await?.map(Secret::new)
            }
        };
        let Some(response) = response else {
            self.say(&format!("{tag} BAD Cancelled, or no base64\r\n")).await?;
            return Ok(None);
        };
        let proof = mechanism.read(response.expose()).and_then(proof);
        if !mechanism.is_of_tokens() {
            return self.log_in(tag, proof).await;
        }
        match self.try_log_in(tag, proof).await? {
            Ok(outcome) => Ok(Some(outcome)),
            Err(refused) => {
                if matches!(refused, Error::Unauthenticated | Error::Forbidden | Error::NotFound) {
                    // RFC 7628 §3.2.3: why, and whatever the client answers to it, the refusal.
                    self.say(&format!("+ {}\r\n", STANDARD.encode(INVALID_TOKEN))).await?;
                    self.incoming.sasl(&mut self.connection.stream).await?;
                }
                self.refuse(tag, &refused).await
            }
        }
    }

    async fn log_in(&mut self, tag: &str, proof: Option<Proof>) -> io::Result<Option<Outcome>> {
        if !self.connection.may_log_in {
            return self.refuse_clear(tag).await;
        }
        match self.try_log_in(tag, proof).await? {
            Ok(outcome) => Ok(Some(outcome)),
            Err(refused) => self.refuse(tag, &refused).await,
        }
    }

    async fn try_log_in(&mut self, tag: &str, proof: Option<Proof>) -> io::Result<Result<Outcome, Error>> {
        let Some(proof) = proof else { return Ok(Err(Error::Unauthenticated)) };
        match login::log_in(&self.shared, &self.connection, &proof).await {
            Ok(logged_in) => {
                let words = &logged_in.capabilities;
                self.say(&format!("{tag} OK [CAPABILITY {words}] Logged in\r\n")).await?;
                Ok(Ok(Outcome::LoggedIn(Box::new(logged_in))))
            }
            Err(error) => Ok(Err(error)),
        }
    }

    /// The mechanisms that are offered to this client.
    fn mechanisms(&self) -> Vec<Mechanism> {
        let mut mechanisms = vec![Mechanism::Plain];
        if self.shared.door.takes_tokens_at(self.connection.host.as_deref()) {
            mechanisms.extend([Mechanism::Oauthbearer, Mechanism::Xoauth2]);
        }
        mechanisms
    }

    fn announced(&self) -> String {
        before_login(&self.connection, &self.mechanisms())
    }

    async fn refuse(&mut self, tag: &str, error: &Error) -> io::Result<Option<Outcome>> {
        let address = self.connection.peer.ip();
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
        self.say(&format!("{tag} {}\r\n", refusal(error))).await?;
        self.refusals = self.refusals.saturating_add(1);
        if self.refusals >= MOST_REFUSALS {
            self.goodbye("Too many refusals").await;
            return Ok(Some(Outcome::Ended));
        }
        Ok(None)
    }

    async fn refuse_clear(&mut self, tag: &str) -> io::Result<Option<Outcome>> {
        emit(LoginRefused { surface: NAME, address: self.connection.peer.ip(), reason: "clear" });
        // RFC 5530 §3
        self.say(&format!("{tag} NO [PRIVACYREQUIRED] Begin TLS first\r\n")).await?;
        Ok(None)
    }

    async fn say(&mut self, text: &str) -> io::Result<()> {
        self.connection.stream.write_all(text.as_bytes()).await?;
        self.connection.stream.flush().await
    }

    async fn goodbye(&mut self, why: &str) {
        let said = async {
            self.say(&format!("* BYE {why}\r\n")).await?;
            self.connection.stream.shutdown().await
        };
        // Whether the goodbye arrives is the client's affair, and one that does not read does without.
        let _ = timeout(GOODBYE, said).await;
    }

    fn into_relay(self, logged_in: login::LoggedIn) -> Box<Relay> {
        Box::new(Relay::new(&self.shared, self.connection, logged_in, &self.incoming.into_rest()))
    }
}

/// What was given, as the door takes it; `None` when the login cannot be one.
fn proof(given: Given<'_>) -> Option<Proof> {
    match given {
        Given::Password { login, password } => Proof::of_password(login.as_bytes(), password),
        Given::Token { login, token } => Proof::of_token(login.as_bytes(), token.as_bytes()),
    }
}
