//! Until somebody is logged in: AUTH TLS, USER, PASS, and what may be asked by anybody.

use crate::{
    Ftp, NAME,
    channel::{Channel, wrong},
    client::{Came, Client},
    refusal::{At, record, refusal},
    transaction::{LoggedIn, Transaction},
};
use passerelle_core::{Errand, Error, Fault, Proof, Result, Tool, Visit};
use passerelle_net::Connection;
use passerelle_observe::{LoginAccepted, LoginRefused, emit};
use passerelle_wire_ftp::{Command, Reply, Security};
use std::{io, time::Duration};
use tokio::time::{Instant, timeout_at};

/// Most lines that are no command before the connection is closed.
const MOST_GARBAGE: u32 = 5;
/// Most wrong passwords on one connection.
const MOST_REFUSALS: u32 = 3;
/// Longest silence of a client that is logged in and transfers nothing.
const LONGEST_SILENCE: Duration = Duration::from_secs(900);

/// Speaks with a client until it is logged in; `None` when it left or was sent away.
pub(crate) async fn converse(shared: Ftp, connection: Connection) -> Option<Transaction> {
    let limits = shared.network.limits();
    let log_in = Duration::from_secs(limits.login_seconds);
    let deadline = Instant::now().checked_add(log_in)?;
    let channel = Channel::new(Client::new(connection, log_in), shared.network.clone());
    let mut talk = Talk { shared, channel, user: None, garbage: 0, refusals: 0 };
    match timeout_at(deadline, talk.run()).await {
        Ok(Ok(Some(logged_in))) => {
            let Talk { shared, mut channel, .. } = talk;
            channel.client.set_patience(LONGEST_SILENCE.min(Duration::from_secs(limits.idle_seconds)));
            return Some(Transaction::new(shared, channel, *logged_in));
        }
        Ok(Ok(None)) => {}
        Ok(Err(error)) => {
            tracing::debug!(surface = NAME, peer = %talk.channel.client.peer(), %error, "left before log-in");
        }
        Err(_slow) => {
            // A client that does not read its goodbye does without.
            let _ = talk.channel.client.say(&Reply::new(421, "Log-in took too long")).await;
        }
    }
    talk.channel.client.end().await;
    None
}

struct Talk {
    shared: Ftp,
    channel: Channel,
    /// What USER said; the next PASS is for it.
    user: Option<Vec<u8>>,
    garbage: u32,
    refusals: u32,
}

/// What follows a command.
enum Next {
    Say(Reply),
    /// The reply was said already.
    Said,
    LoggedIn(Box<LoggedIn>),
    End(Reply),
}

impl Talk {
    async fn run(&mut self) -> io::Result<Option<Box<LoggedIn>>> {
        self.channel.client.say(&Reply::new(220, "Passerelle ready")).await?;
        loop {
            let line = match self.channel.client.line().await? {
                Came::Line(line) => line,
                Came::Gone => return Ok(None),
                Came::TooLong => {
                    self.channel.client.say(&Reply::new(421, "A line is shorter than 8 KiB")).await?;
                    return Ok(None);
                }
                Came::Silent | Came::Drained => {
                    self.channel.client.say(&Reply::new(421, "Connect again")).await?;
                    return Ok(None);
                }
            };
            let next = match Command::parse(&line) {
                Ok(command) => self.command(command).await?,
                Err(what) => {
                    self.garbage = self.garbage.saturating_add(1);
                    let is_enough = self.garbage >= MOST_GARBAGE;
                    if is_enough { Next::End(Reply::new(421, "This is not FTP")) } else { Next::Say(wrong(what)) }
                }
            };
            match next {
                Next::Say(reply) => self.channel.client.say(&reply).await?,
                Next::Said => {}
                Next::LoggedIn(logged_in) => return Ok(Some(logged_in)),
                Next::End(reply) => {
                    self.channel.client.say(&reply).await?;
                    return Ok(None);
                }
            }
        }
    }

    async fn command(&mut self, command: Command) -> io::Result<Next> {
        let user = self.user.take();
        if let Some(reply) = self.channel.reply(&command) {
            return Ok(Next::Say(reply));
        }
        Ok(match command {
            Command::Quit => Next::End(Reply::new(221, "Goodbye")),
            Command::Auth(Security::Tls) if self.channel.client.offers_tls() => {
                self.channel.client.say(&Reply::new(234, "Begin TLS")).await?;
                self.channel.client.begin_tls().await?;
                self.channel.forget();
                Next::Said
            }
            Command::Auth(Security::Tls) => Next::Say(Reply::new(534, "TLS runs already, or is not offered")),
            Command::Auth(Security::Other) => Next::Say(Reply::new(504, "The mechanism is TLS")),
            Command::User(_) | Command::Pass(_) if !self.channel.client.may_log_in() => {
                let address = self.channel.client.peer().ip();
                emit(LoginRefused { surface: NAME, address, reason: "clear" });
                Next::Say(Reply::new(530, "Begin TLS first (AUTH TLS)"))
            }
            // Whether there is such a person is not said before the password is.
            Command::User(name) => {
                self.user = Some(name);
                Next::Say(Reply::new(331, "And the password"))
            }
            Command::Pass(password) => match user {
                Some(user) => match log_in(&self.shared, &self.channel.client, &user, &password).await {
                    Ok(logged_in) => Next::LoggedIn(Box::new(logged_in)),
                    Err(error) => self.refuse(&error),
                },
                None => Next::Say(Reply::new(503, "USER comes first")),
            },
            _ => Next::Say(Reply::new(530, "Log in first")),
        })
    }

    fn refuse(&mut self, error: &Error) -> Next {
        let address = self.channel.client.peer().ip();
        let reason = match (error, error.fault()) {
            (Error::TooMany { .. }, _) => "too-many",
            (Error::Forbidden, _) => "institution",
            (_, Fault::Client) => "credentials",
            (_, Fault::Backend) => "unavailable",
            (_, Fault::Gateway) => "internal",
        };
        emit(LoginRefused { surface: NAME, address, reason });
        record(error);
        self.refusals = self.refusals.saturating_add(1);
        let reply = refusal(error, At::LogIn);
        if self.refusals >= MOST_REFUSALS { Next::End(reply) } else { Next::Say(reply) }
    }
}

/// Logs in: the door says who it is.
async fn log_in(shared: &Ftp, client: &Client, user: &[u8], password: &[u8]) -> Result<LoggedIn> {
    let proof = Proof::of_password(user, password).ok_or(Error::Unauthenticated)?;
    let peer = client.peer();
    let visit = Visit { host: client.host(), from: peer.ip(), errand: Errand::Files };
    let session = shared.door.login_by(&proof, visit).await?;
    let account = session.principal()?.account().clone();
    let institution = session.institution()?;
    // An institution without files has nothing to be logged in for.
    if session.home_of(&account).is_none() && session.shared_with_me().await?.is_empty() {
        return Err(Error::Unsupported { what: "files" });
    }
    let most = shared.network.limits().connections_per_account;
    let most = institution.limits.connections_per_account.map_or(most, |theirs| theirs.min(most));
    let slot = shared.accounts.take(&account, most).ok_or(Error::OverQuota)?;
    emit(LoginAccepted { institution: &account.institution, surface: NAME, address: peer.ip() });
    Ok(LoggedIn { tie: session.tie().of_tool(Tool::Files), session, slot })
}
