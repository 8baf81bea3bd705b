//! The conversation: lines come in, replies go out, each command to its file.

use crate::{
    NAME, Smtp,
    announce::{extensions, plain},
    transaction::State,
};
use passerelle_core::{SendingRules, Session};
use passerelle_model::Account;
use passerelle_net::{AccountSlot, ClientStream, Connection};
use passerelle_observe::{Withdrawn, emit};
use passerelle_wire_smtp::{Command, Line, Reply, Wrong, line};
use std::{future::Future, io, pin::Pin, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{Instant, timeout},
};

/// How long a client may be silent (RFC 5321 §4.5.3.2.7).
const SILENCE: Duration = Duration::from_secs(300);
/// How long a goodbye may take to be sent, and what a client still sends to be read away.
const GOODBYE: Duration = Duration::from_secs(5);
/// Most wrong commands before log-in, and after it.
const MOST_ERRORS_OUTSIDE: u32 = 5;
const MOST_ERRORS: u32 = 20;
/// Octets read at once: of a message, of commands.
const PIECE: usize = 32 * 1024;
const COMMAND: usize = 1024;
/// Octets of replies that wait to be sent together.
const MOST_WAITING: usize = 8 * 1024;

/// A client.
pub(crate) struct Talk {
    pub(crate) shared: Smtp,
    pub(crate) connection: Connection,
    /// Octets that came and are not understood yet.
    pub(crate) incoming: Vec<u8>,
    outgoing: Vec<u8>,
    pub(crate) hello: Option<Hello>,
    pub(crate) signed: Option<Signed>,
    pub(crate) state: State,
    pub(crate) refusals: u32,
    errors: u32,
    begun: Instant,
    /// A message is coming in.
    pub(crate) receiving: bool,
}

/// How the client has greeted.
pub(crate) struct Hello {
    pub(crate) name: String,
    /// By EHLO.
    pub(crate) extended: bool,
}

/// Who is logged in.
pub(crate) struct Signed {
    pub(crate) session: Session,
    pub(crate) account: Account,
    pub(crate) rules: SendingRules,
    pub(crate) withdrawn: Pin<Box<dyn Future<Output = ()> + Send>>,
    pub(crate) _slot: AccountSlot,
}

/// What came.
pub(crate) enum Came {
    Line(Vec<u8>),
    Ended(Ended),
}

/// Why a conversation is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The client is gone.
    Gone,
    /// Everything is said; what the client still sends is not read as commands.
    Closed,
}

/// Speaks with a client to the end.
pub(crate) async fn converse(shared: Smtp, connection: Connection) {
    let peer = connection.peer;
    let mut talk = Talk {
        shared,
        connection,
        incoming: Vec::new(),
        outgoing: Vec::new(),
        hello: None,
        signed: None,
        state: State::Idle,
        refusals: 0,
        errors: 0,
        begun: Instant::now(),
        receiving: false,
    };
    match talk.run().await {
        Ok(Ended::Gone) => {}
        Ok(Ended::Closed) => talk.close().await,
        Err(error) => tracing::debug!(surface = NAME, %peer, %error, "left in the middle"),
    }
}

impl Talk {
    async fn run(&mut self) -> io::Result<Ended> {
        let greeting = format!("220 {} ESMTP Passerelle\r\n", self.host());
        self.say(&greeting);
        loop {
            let line = match self.command_line().await? {
                Came::Line(line) => line,
                Came::Ended(ended) => return Ok(ended),
            };
            let ended = match Command::parse(&line) {
                Ok(command) => self.command(command).await?,
                Err(wrong) => self.wrong(wrong),
            };
            if let Some(ended) = ended {
                return Ok(ended);
            }
        }
    }

    async fn command(&mut self, command: Command) -> io::Result<Option<Ended>> {
        match command {
            Command::Ehlo(name) => {
                self.state = State::Idle;
                self.hello = Some(Hello { name, extended: true });
                let offer = self.shared.door.sending_at(self.connection.host.as_deref()).await;
                let told = plain(&extensions(&self.host(), &self.connection, &offer, self.mechanisms()));
                self.say(&told);
                Ok(None)
            }
            Command::Helo(name) => {
                self.state = State::Idle;
                self.hello = Some(Hello { name, extended: false });
                let told = format!("250 {}\r\n", self.host());
                self.say(&told);
                Ok(None)
            }
            Command::StartTls => self.starttls().await,
            Command::Auth { mechanism, initial } => self.auth(&mechanism, initial).await,
            Command::Mail(address, parameters) => self.mail(address, parameters).await,
            Command::Recipient(address, parameters) => self.recipients(address, parameters).await,
            Command::Data => self.data().await,
            Command::Chunk { size, last } => self.chunk(size, last).await,
            Command::Reset => {
                self.state = State::Idle;
                self.answer(250, "2.0.0 Forgotten")
            }
            Command::Noop => self.answer(250, "2.0.0 Yes"),
            // Who there is, is not told (RFC 5321 §7.3).
            Command::Verify => self.answer(252, "2.5.0 Send a message, and you will know"),
            Command::Expand => self.answer(502, "5.5.1 Lists are not told"),
            Command::Help => self.answer(214, "2.0.0 This is submission of mail, see RFC 6409"),
            Command::Quit => {
                self.reply(&Reply::new(221, "2.0.0 Goodbye"));
                Ok(Some(Ended::Closed))
            }
        }
    }

    fn wrong(&mut self, wrong: Wrong) -> Option<Ended> {
        let (code, text) = match wrong {
            Wrong::Unknown => (500, "5.5.2 There is no such command"),
            Wrong::Syntax => (501, "5.5.4 The command is not written like this"),
            Wrong::Sender => (553, "5.1.7 This is no address"),
            Wrong::Recipient => (553, "5.1.3 This is no address"),
            Wrong::Parameter => (501, "5.5.4 The parameter does not take this"),
            Wrong::UnknownParameter => (555, "5.5.4 There is no such parameter"),
        };
        self.reply(&Reply::new(code, text));
        self.errors = self.errors.saturating_add(1);
        let most = if self.signed.is_some() { MOST_ERRORS } else { MOST_ERRORS_OUTSIDE };
        if self.errors < most {
            return None;
        }
        self.reply(&Reply::new(421, "4.7.0 Too many errors"));
        Some(Ended::Closed)
    }

    async fn starttls(&mut self) -> io::Result<Option<Ended>> {
        if self.connection.starttls.is_none() || !matches!(self.connection.stream, ClientStream::Plain(_)) {
            return self.answer(503, "5.5.1 TLS runs already, or is not offered");
        }
        self.say("220 2.0.0 Begin TLS\r\n");
        self.flush().await?;
        // What a man in the middle put behind the command in clear is thrown away, and what was said before it is as if it
        // had not been (RFC 3207 §4.2).
        self.incoming.clear();
        (self.hello, self.signed, self.state) = (None, None, State::Idle);
        self.connection.begin_tls().await?;
        Ok(None)
    }

    /// The next command, unless something else ends the conversation first.
    async fn command_line(&mut self) -> io::Result<Came> {
        let (idle, mut drain) = (self.state.is_idle(), self.connection.drain.clone());
        if idle && drain.has_begun() && !matches!(line(&self.incoming), Line::Whole(..)) {
            return Ok(self.goodbye("4.3.2 The service is going down, connect again"));
        }
        self.flush_much().await?;
        if !matches!(line(&self.incoming), Line::Whole(..)) {
            // Sent before the wait that may be broken off.
            self.flush().await?;
        }
        let mut signed = self.signed.take();
        let came = tokio::select! {
            biased;
            () = withdrawn(signed.as_mut()) => None,
            came = self.line() => Some(came),
            // What is under way may finish; the drain's own deadline ends what does not.
            () = drain.begun(), if idle => {
                self.signed = signed;
                return Ok(self.goodbye("4.3.2 The service is going down, connect again"));
            }
        };
        self.signed = signed;
        match came {
            Some(came) => came,
            None => {
                emit(Withdrawn { surface: NAME });
                Ok(self.goodbye("4.7.0 Your access was withdrawn"))
            }
        }
    }

    fn goodbye(&mut self, text: &str) -> Came {
        self.reply(&Reply::new(421, text));
        Came::Ended(Ended::Closed)
    }

    /// The next line. Nothing is lost when it is not waited for to the end.
    pub(crate) async fn line(&mut self) -> io::Result<Came> {
        loop {
            match line(&self.incoming) {
                Line::Whole(text, taken) => {
                    let text = text.to_vec();
                    self.incoming.drain(..taken);
                    return Ok(Came::Line(text));
                }
                Line::Incomplete => {}
                Line::Bare => {
                    self.reply(&Reply::new(521, "5.5.2 A line ends with CR and LF, never with one of them"));
                    return Ok(Came::Ended(Ended::Closed));
                }
                Line::TooLong => {
                    self.reply(&Reply::new(500, "5.5.6 The line is too long"));
                    return Ok(Came::Ended(Ended::Closed));
                }
            }
            if let Some(ended) = self.some().await? {
                return Ok(Came::Ended(ended));
            }
        }
    }

    /// Waits until something more has come; how it ended when nothing more comes.
    pub(crate) async fn some(&mut self) -> io::Result<Option<Ended>> {
        match timeout(self.patience(), self.more()).await {
            Ok(Ok(true)) => Ok(None),
            Ok(Ok(false)) => Ok(Some(Ended::Gone)),
            Ok(Err(error)) => Err(error),
            Err(_slow) => {
                self.reply(&Reply::new(421, "4.4.2 You were silent for too long"));
                Ok(Some(Ended::Closed))
            }
        }
    }

    /// How long the client may be silent now; logging in has an end as a whole.
    fn patience(&self) -> Duration {
        // While a message comes, who sends it is held elsewhere.
        if self.signed.is_some() || self.receiving || !self.state.is_idle() {
            return SILENCE;
        }
        let whole = Duration::from_secs(self.shared.network.limits().login_seconds);
        whole.saturating_sub(self.begun.elapsed()).min(SILENCE)
    }

    /// Sends what waits, and reads what comes; `false` at the end of the stream.
    async fn more(&mut self) -> io::Result<bool> {
        self.flush().await?;
        let before = self.incoming.len();
        if self.receiving {
            self.incoming.reserve(PIECE);
        } else {
            // A client that says nothing holds the room for a command, and not that of the message before.
            self.incoming.shrink_to(COMMAND);
            self.incoming.reserve(COMMAND);
        }
        self.connection.stream.read_buf(&mut self.incoming).await?;
        Ok(self.incoming.len() > before)
    }

    /// One reply of one line.
    pub(crate) fn answer(&mut self, code: u16, text: &str) -> io::Result<Option<Ended>> {
        self.reply(&Reply::new(code, text));
        Ok(None)
    }

    pub(crate) fn reply(&mut self, reply: &Reply) {
        let told = reply.to_client();
        self.say(&told);
    }

    /// Replies to commands that came together go out together (RFC 2920 §3.2).
    pub(crate) fn say(&mut self, text: &str) {
        self.outgoing.extend_from_slice(text.as_bytes());
    }

    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        if self.outgoing.is_empty() {
            return Ok(());
        }
        let outgoing = std::mem::take(&mut self.outgoing);
        self.connection.stream.write_all(&outgoing).await?;
        self.connection.stream.flush().await
    }

    /// Sends what waits when that has become much.
    pub(crate) async fn flush_much(&mut self) -> io::Result<()> {
        if self.outgoing.len() > MOST_WAITING { self.flush().await } else { Ok(()) }
    }

    /// The name that we go by here.
    pub(crate) fn host(&self) -> String {
        let own = self.connection.host.clone();
        let of_institution =
            || self.shared.door.institution_at(None).and_then(|institution| institution.hosts.first().cloned());
        own.or_else(of_institution).unwrap_or_else(|| "localhost".to_owned())
    }

    /// Says what is left to say and closes. What the client is still sending is read away for a moment: a connection that is
    /// closed over unread octets takes the last reply with it.
    async fn close(&mut self) {
        self.state = State::Idle;
        let said = async {
            self.flush().await?;
            self.connection.stream.shutdown().await?;
            let mut piece = vec![0; PIECE];
            while self.connection.stream.read(&mut piece).await? > 0 {}
            Ok::<_, io::Error>(())
        };
        // Whether the goodbye arrives is the client's affair, and one that does not read does without.
        let _ = timeout(GOODBYE, said).await;
    }
}

/// Ends when the log-in is withdrawn; never, where nobody is logged in.
async fn withdrawn(signed: Option<&mut Signed>) {
    match signed {
        Some(signed) => signed.withdrawn.as_mut().await,
        None => std::future::pending().await,
    }
}
