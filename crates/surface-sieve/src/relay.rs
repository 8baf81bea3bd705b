//! The relay between a logged-in client and the store of its own scripts: one command at a time, each sent on as it was
//! understood, each response passed back in pieces.

use crate::{
    NAME,
    capability::offered,
    client::{Came, Client},
    login::LoggedIn,
};
use passerelle_core::{
    Tie,
    ports::{FilterConnection, StoreStream},
};
use passerelle_net::AccountSlot;
use passerelle_observe::{BackendFault, RelayEnded, Withdrawn, emit};
use passerelle_wire_sieve::{Command, Ended, Responses};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

/// Largest piece of a response, in octets.
const PIECE: usize = 8 * 1024;
/// Longest answer to CAPABILITY, in octets.
const LONGEST_ANSWER: usize = 16 * 1024;
/// Most lines that are no command before the connection is closed.
const MOST_GARBAGE: u32 = 20;

/// A client and its store.
pub(crate) struct Relay {
    client: Client,
    store: Store,
    tie: Tie,
    /// Whether a response was begun and not ended: then nothing else may be said.
    in_response: bool,
    garbage: u32,
    octets: (u64, u64),
    _slot: AccountSlot,
}

struct Store {
    stream: StoreStream,
    early: Vec<u8>,
    deadline: Duration,
    name: String,
}

/// How a relay ends: the reason for the log, and the last words where they may be said.
struct Ending(&'static str, Option<&'static str>);

const STORE_GONE: Ending = Ending("store", Some("BYE (TRYLATER) \"The store of filters has ended the connection\""));

/// Whose fault it is that a relay cannot go on.
enum Broken {
    Client(io::Error),
    Store(io::Error),
}

impl Relay {
    pub(crate) fn new(client: Client, logged_in: LoggedIn) -> Self {
        let LoggedIn { tie, store: FilterConnection { stream, early, deadline, name }, slot } = logged_in;
        let store = Store { stream, early, deadline, name };
        Self { client, store, tie, in_response: false, garbage: 0, octets: (0, 0), _slot: slot }
    }

    /// Runs to the end, whatever brings it.
    pub(crate) async fn run(mut self) {
        let withdrawn = self.tie.clone().withdrawn();
        let Ending(reason, words) = tokio::select! {
            biased;
            () = withdrawn => {
                emit(Withdrawn { surface: NAME });
                Ending("withdrawn", Some("BYE \"Your access was withdrawn\""))
            }
            ended = self.serve() => match ended {
                Ok(ending) => ending,
                Err(Broken::Client(error)) => {
                    tracing::debug!(surface = NAME, %error, "a client broke off");
                    Ending("client", None)
                }
                Err(Broken::Store(error)) => {
                    let chain = format!("{}: passing a command on: {error}", self.store.name);
                    emit(BackendFault { surface: NAME, chain: &chain, request: "" });
                    STORE_GONE
                }
            },
        };
        self.client.goodbye(words.filter(|_| !self.in_response)).await;
        let (up, down) = self.octets;
        emit(RelayEnded { surface: NAME, reason, up, down });
    }

    async fn serve(&mut self) -> Result<Ending, Broken> {
        loop {
            let came = tokio::select! {
                came = self.client.command() => came.map_err(Broken::Client)?,
                // At rest the store has nothing to say but goodbye.
                () = self.store.speaks() => return Ok(STORE_GONE),
            };
            let command = match came {
                Came::Command(command) => command,
                Came::Wrong => {
                    self.garbage = self.garbage.saturating_add(1);
                    if self.garbage >= MOST_GARBAGE {
                        return Ok(Ending("broken", Some("BYE \"This is not ManageSieve\"")));
                    }
                    self.client.say("NO \"That is no command\"\r\n").await.map_err(Broken::Client)?;
                    continue;
                }
                Came::Lost => return Ok(Ending("broken", Some("BYE \"This conversation cannot be followed\""))),
                Came::Gone => return Ok(Ending("client", None)),
                Came::Silent => return Ok(Ending("idle", Some("BYE (TRYLATER) \"You were silent for too long\""))),
                Came::Drained => {
                    let words = "BYE (TRYLATER) \"The service is going down, connect again\"";
                    return Ok(Ending("drain", Some(words)));
                }
            };
            if let Some(ending) = self.obey(&command).await? {
                return Ok(ending);
            }
        }
    }

    async fn obey(&mut self, command: &Command) -> Result<Option<Ending>, Broken> {
        match command {
            Command::Logout => {
                // The store's goodbye is not waited for: the connection is ours alone.
                let _ = self.store.send(&command.to_octets()).await;
                Ok(Some(Ending("client", Some("OK \"Goodbye\""))))
            }
            // They would make the connection somebody else's, or blind us.
            Command::StartTls | Command::Authenticate { .. } | Command::Unauthenticate => {
                self.client.say("NO \"You are logged in\"\r\n").await.map_err(Broken::Client)?;
                Ok(None)
            }
            Command::Capability => {
                self.store.send(&command.to_octets()).await.map_err(Broken::Store)?;
                self.announce().await
            }
            Command::Noop(_)
            | Command::ListScripts
            | Command::HaveSpace(..)
            | Command::PutScript(..)
            | Command::CheckScript(_)
            | Command::SetActive(_)
            | Command::GetScript(_)
            | Command::DeleteScript(_)
            | Command::RenameScript(..) => {
                self.store.send(&command.to_octets()).await.map_err(Broken::Store)?;
                if let Some(length) = command.follows() {
                    self.script(length).await?;
                }
                self.respond().await
            }
        }
    }

    /// Passes a script on. A client that vanishes in it leaves the store with a command that never ended: nothing changes.
    async fn script(&mut self, length: u64) -> Result<(), Broken> {
        let mut left = length;
        while left > 0 {
            let piece = self.client.octets(left).await.map_err(Broken::Client)?;
            let passed = u64::try_from(piece.len()).unwrap_or(u64::MAX);
            left = left.saturating_sub(passed);
            self.octets.0 = self.octets.0.saturating_add(passed);
            self.store.send(&piece).await.map_err(Broken::Store)?;
        }
        self.client.line_end().await.map_err(Broken::Client)?;
        self.store.send(b"\r\n").await.map_err(Broken::Store)
    }

    /// Passes one response back.
    async fn respond(&mut self) -> Result<Option<Ending>, Broken> {
        let mut responses = Responses::default();
        loop {
            let piece = self.store.in_time().await.map_err(Broken::Store)?;
            let (taken, ended) = responses.pass(&piece);
            let (ours, behind) = piece.split_at_checked(taken).unwrap_or((&piece, &[]));
            self.store.early.extend_from_slice(behind);
            self.in_response = true;
            self.octets.1 = self.octets.1.saturating_add(u64::try_from(ours.len()).unwrap_or(u64::MAX));
            self.client.put(ours).await.map_err(Broken::Client)?;
            if let Some(ended) = ended {
                self.in_response = false;
                return Ok((ended == Ended::Bye).then_some(Ending("store", None)));
            }
        }
    }

    /// Passes the answer to CAPABILITY back, without what a relay cannot honour.
    async fn announce(&mut self) -> Result<Option<Ending>, Broken> {
        let (mut responses, mut told) = (Responses::default(), Vec::new());
        let ended = loop {
            let piece = self.store.in_time().await.map_err(Broken::Store)?;
            let (taken, ended) = responses.pass(&piece);
            let (ours, behind) = piece.split_at_checked(taken).unwrap_or((&piece, &[]));
            told.extend_from_slice(ours);
            self.store.early.extend_from_slice(behind);
            if told.len() > LONGEST_ANSWER {
                return Err(Broken::Store(io::Error::new(io::ErrorKind::InvalidData, "an answer without end")));
            }
            if let Some(ended) = ended {
                break ended;
            }
        };
        let last = match ended {
            Ended::Ok => "OK\r\n",
            Ended::No => "NO (TRYLATER)\r\n",
            Ended::Bye => return Ok(Some(STORE_GONE)),
        };
        self.client.say(&format!("{}{last}", offered(&told))).await.map_err(Broken::Client)?;
        Ok(None)
    }
}

impl Store {
    async fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        let deadline = self.deadline;
        let stream = self.stream.duplex();
        let sent = async {
            stream.write_all(octets).await?;
            stream.flush().await
        };
        timeout(deadline, sent).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// Waits until the store says something that nobody asked for, or closes.
    async fn speaks(&mut self) {
        if self.early.is_empty() {
            // One octet is enough to know, and an idle relay holds no buffer.
            let mut first = [0; 1];
            let _ = self.stream.duplex().read(&mut first).await;
        }
    }

    /// What the store says next, within its deadline.
    async fn in_time(&mut self) -> io::Result<Vec<u8>> {
        if !self.early.is_empty() {
            return Ok(std::mem::take(&mut self.early));
        }
        let mut piece = Vec::with_capacity(PIECE);
        let deadline = self.deadline;
        let read = timeout(deadline, self.stream.duplex().read_buf(&mut piece)).await;
        match read.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(piece),
        }
    }
}
