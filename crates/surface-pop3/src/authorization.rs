//! The AUTHORIZATION state (RFC 1939 §4): who are you?

use crate::{
    NAME, Pop3,
    capability::{capabilities, mechanisms},
    client::{Came, Client},
    login::{self, LoggedIn},
    refusal::{At, refusal},
    transaction::Transaction,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use passerelle_core::{Error, Fault, Proof};
use passerelle_model::Secret;
use passerelle_net::Connection;
use passerelle_observe::{BackendFault, InternalFault, LoginRefused, emit};
use passerelle_wire_pop3::{Command, Wrong};
use passerelle_wire_sasl::{Given, INVALID_TOKEN, Mechanism};
use std::{io, time::Duration};
use tokio::time::{Instant, timeout_at};

/// Most lines that are no command before the connection is closed.
const MOST_GARBAGE: u32 = 5;
/// Most wrong passwords on one connection.
const MOST_REFUSALS: u32 = 3;
/// Longest silence of a client that is logged in. RFC 1939 §3 demands ten minutes at least, and clients that fetch and go
/// need no more: each of them holds a connection to the store.
const LONGEST_SILENCE: Duration = Duration::from_secs(600);

/// Speaks with a client until it is logged in; `None` when it left or was sent away.
pub(crate) async fn converse(shared: Pop3, connection: Connection) -> Option<Transaction> {
    let limits = shared.network.limits();
    let log_in = Duration::from_secs(limits.login_seconds);
    let deadline = Instant::now().checked_add(log_in)?;
    let mut talk = Talk { shared, client: Client::new(connection, log_in), user: None, garbage: 0, refusals: 0 };
    match timeout_at(deadline, talk.run()).await {
        Ok(Ok(Some(logged_in))) => {
            let Talk { mut client, .. } = talk;
            client.set_patience(LONGEST_SILENCE.min(Duration::from_secs(limits.idle_seconds)));
            return Some(Transaction::new(client, *logged_in));
        }
        Ok(Ok(None)) => {}
        Ok(Err(error)) => tracing::debug!(surface = NAME, peer = %talk.client.peer(), %error, "left before log-in"),
        Err(_slow) => {
            // A client that does not read its goodbye does without.
            let _ = talk.client.say("-ERR [SYS/TEMP] Log-in took too long\r\n").await;
        }
    }
    talk.client.end().await;
    None
}

struct Talk {
    shared: Pop3,
    client: Client,
    /// What USER said; the next PASS is for it.
    user: Option<Vec<u8>>,
    garbage: u32,
    refusals: u32,
}

/// What follows a command.
enum Next {
    GoOn,
    LoggedIn(Box<LoggedIn>),
    End,
}

impl Talk {
    async fn run(&mut self) -> io::Result<Option<Box<LoggedIn>>> {
        // No timestamp in it: APOP is not offered (RFC 1939 §7).
        self.client.say("+OK Passerelle ready\r\n").await?;
        loop {
            let line = match self.client.line().await? {
                Came::Line(line) => line,
                Came::Gone => return Ok(None),
                Came::TooLong => {
                    self.client.say("-ERR A line is shorter than 12 KiB\r\n").await?;
                    return Ok(None);
                }
                Came::Silent | Came::Drained => {
                    self.client.say("-ERR [SYS/TEMP] Connect again\r\n").await?;
                    return Ok(None);
                }
            };
            let next = match Command::parse(&line) {
                Ok(command) => self.command(command).await?,
                Err(wrong) => self.wrong(wrong).await?,
            };
            match next {
                Next::GoOn => {}
                Next::LoggedIn(logged_in) => return Ok(Some(logged_in)),
                Next::End => return Ok(None),
            }
        }
    }

    async fn command(&mut self, command: Command) -> io::Result<Next> {
        let user = self.user.take();
        match command {
            Command::Capa => {
                let offered = mechanisms(&self.shared.door, &self.client);
                self.client.say(&capabilities(&self.client, false, &offered)).await?;
            }
            Command::Quit => {
                self.client.say("+OK Goodbye\r\n").await?;
                return Ok(Next::End);
            }
            Command::Stls => return self.stls().await,
            Command::User(_) | Command::Pass(_) | Command::Auth { mechanism: Some(_), .. }
                if !self.client.may_log_in() =>
            {
                return self.refuse_clear().await;
            }
            // Whether there is such a person is not said before the password is (RFC 1939 §7, USER).
            Command::User(name) => {
                self.user = Some(name);
                self.client.say("+OK And the password\r\n").await?;
            }
            Command::Pass(password) => match user {
                Some(user) => return self.log_in(Proof::of_password(&user, &password)).await,
                None => self.client.say("-ERR USER comes first\r\n").await?,
            },
            Command::Apop => {
                // A digest over the password needs it in clear, and a directory does not give it out.
                self.client.say("-ERR APOP cannot be done here: use USER, or AUTH, within TLS\r\n").await?;
            }
            Command::Auth { mechanism: None, .. } => {
                let mut words = String::new();
                if self.client.may_log_in() {
                    let offered = mechanisms(&self.shared.door, &self.client);
                    words.extend(offered.iter().flat_map(|it| [it.name(), "\r\n"]));
                }
                self.client.say(&format!("+OK Mechanisms\r\n{words}.\r\n")).await?;
            }
            Command::Auth { mechanism: Some(mechanism), initial } => return self.auth(&mechanism, initial).await,
            Command::Stat
            | Command::List(_)
            | Command::Uidl(_)
            | Command::Retr(_)
            | Command::Top(..)
            | Command::Dele(_)
            | Command::Rset
            | Command::Noop => self.client.say("-ERR Log in first\r\n").await?,
        }
        Ok(Next::GoOn)
    }

    async fn wrong(&mut self, wrong: Wrong) -> io::Result<Next> {
        self.garbage = self.garbage.saturating_add(1);
        if self.garbage >= MOST_GARBAGE {
            self.client.say("-ERR This is not POP3\r\n").await?;
            return Ok(Next::End);
        }
        self.client.say(wrong_answer(wrong)).await?;
        Ok(Next::GoOn)
    }

    async fn stls(&mut self) -> io::Result<Next> {
        if !self.client.offers_tls() {
            self.client.say("-ERR TLS runs already, or is not offered\r\n").await?;
            return Ok(Next::GoOn);
        }
        self.client.say("+OK Begin TLS\r\n").await?;
        self.client.begin_tls().await?;
        Ok(Next::GoOn)
    }

    async fn auth(&mut self, mechanism: &str, initial: Option<Vec<u8>>) -> io::Result<Next> {
        let offered = mechanisms(&self.shared.door, &self.client);
        let Some(mechanism) = Mechanism::named(mechanism).filter(|it| offered.contains(it)) else {
            let names: Vec<&str> = offered.iter().map(|it| it.name()).collect();
            self.client.say(&format!("-ERR Of mechanisms there is {}\r\n", names.join(", "))).await?;
            return Ok(Next::GoOn);
        };
        let response = match initial {
            Some(initial) => initial,
            None => {
                // RFC 5034 §4: an empty challenge.
                self.client.say("+ \r\n").await?;
                match self.client.line().await? {
                    Came::Line(line) => line,
                    Came::Gone | Came::TooLong | Came::Silent | Came::Drained => return Ok(Next::End),
                }
            }
        };
        if response == b"*" {
            self.client.say("-ERR Cancelled\r\n").await?;
            return Ok(Next::GoOn);
        }
        // RFC 5034 §4: an equals sign is a response without anything in it.
        let response = if response == b"=" { Vec::new() } else { response };
        let message = Secret::new(STANDARD.decode(response).unwrap_or_default());
        let proof = mechanism.read(message.expose()).and_then(proof);
        let refused = match self.try_log_in(proof).await? {
            Ok(logged_in) => return Ok(logged_in),
            Err(refused) => refused,
        };
        let of_the_token = matches!(refused, Error::Unauthenticated | Error::Forbidden | Error::NotFound);
        if mechanism.is_of_tokens() && of_the_token {
            // RFC 7628 §3.2.3: why, and whatever the client answers to it, the refusal.
            self.client.say(&format!("+ {}\r\n", STANDARD.encode(INVALID_TOKEN))).await?;
            match self.client.line().await? {
                Came::Line(_) => {}
                Came::Gone | Came::TooLong | Came::Silent | Came::Drained => return Ok(Next::End),
            }
        }
        self.refuse(&refused).await
    }

    async fn log_in(&mut self, proof: Option<Proof>) -> io::Result<Next> {
        match self.try_log_in(proof).await? {
            Ok(logged_in) => Ok(logged_in),
            Err(refused) => self.refuse(&refused).await,
        }
    }

    async fn try_log_in(&mut self, proof: Option<Proof>) -> io::Result<Result<Next, Error>> {
        // Answers that wait for this one are not held back meanwhile.
        self.client.flush().await?;
        let Some(proof) = proof else { return Ok(Err(Error::Unauthenticated)) };
        match login::log_in(&self.shared, &self.client, &proof).await {
            Ok(logged_in) => {
                let (messages, octets) = logged_in.maildrop.stat();
                self.client.say(&format!("+OK {messages} messages ({octets} octets)\r\n")).await?;
                Ok(Ok(Next::LoggedIn(Box::new(logged_in))))
            }
            Err(error) => Ok(Err(error)),
        }
    }

    async fn refuse(&mut self, error: &Error) -> io::Result<Next> {
        let address = self.client.peer().ip();
        let reason = match (error, error.fault()) {
            (Error::TooMany { .. }, _) => "too-many",
            (Error::Forbidden, _) => "institution",
            (_, Fault::Client) => "credentials",
            (_, Fault::Backend) => "unavailable",
            (_, Fault::Gateway) => "internal",
        };
        emit(LoginRefused { surface: NAME, address, reason });
        record(error);
        self.client.say(&format!("{}\r\n", refusal(error, At::LogIn))).await?;
        self.refusals = self.refusals.saturating_add(1);
        Ok(if self.refusals >= MOST_REFUSALS { Next::End } else { Next::GoOn })
    }

    async fn refuse_clear(&mut self) -> io::Result<Next> {
        emit(LoginRefused { surface: NAME, address: self.client.peer().ip(), reason: "clear" });
        self.client.say("-ERR [AUTH] Begin TLS first (STLS)\r\n").await?;
        Ok(Next::GoOn)
    }
}

/// What was given, as the door takes it; `None` when the login cannot be one.
fn proof(given: Given<'_>) -> Option<Proof> {
    match given {
        Given::Password { login, password } => Proof::of_password(login.as_bytes(), password),
        Given::Token { login, token } => Proof::of_token(login.as_bytes(), token.as_bytes()),
    }
}

/// The answer to a line that is no command.
pub(crate) const fn wrong_answer(wrong: Wrong) -> &'static str {
    match wrong {
        Wrong::Unknown => "-ERR There is no such command\r\n",
        Wrong::Parameters => "-ERR That command has other parameters\r\n",
    }
}

/// Says in the log whose fault it is.
pub(crate) fn record(error: &Error) {
    match error.fault() {
        Fault::Client => {}
        Fault::Backend => emit(BackendFault { surface: NAME, chain: &error.chain(), request: "" }),
        Fault::Gateway => emit(InternalFault { surface: NAME, chain: &error.chain(), request: "" }),
    }
}
