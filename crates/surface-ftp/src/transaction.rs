//! Somebody who is logged in: one command after the other, each with a session as directory and settings say it now.

use crate::{
    Ftp, NAME, ask, change,
    channel::{Channel, wrong},
    client::Came,
    data::DataStream,
    listing::{self, Form, Listing},
    refusal::{At, record, refusal},
    retrieve,
    store::{self, Begun, Way},
    transfer::{Cut, Ended, beside},
};
use passerelle_core::{Error, Result, Session, Tie, ports::FileContent};
use passerelle_model::{NodeRef, Timestamp};
use passerelle_net::{AccountSlot, DataPort, DataTls};
use passerelle_observe::{FileTransferred, Withdrawn, emit};
use passerelle_wire_ftp::{Command, Extended, Reply, TreePath, extended_passive, passive, quoted};
use std::{
    io,
    net::IpAddr,
    time::{SystemTime, UNIX_EPOCH},
};

/// Most lines that are no command before the connection is closed.
const MOST_GARBAGE: u32 = 20;

/// A client that is in.
pub(crate) struct LoggedIn {
    pub(crate) session: Session,
    pub(crate) tie: Tie,
    pub(crate) slot: AccountSlot,
}

/// A client that is in, where it stands, and what it said of the next command.
pub(crate) struct Transaction {
    shared: Ftp,
    channel: Channel,
    session: Session,
    tie: Tie,
    here: TreePath,
    /// The port that the next transfer is for.
    port: Option<DataPort>,
    /// Whether EPSV ALL was said (RFC 2428 §4).
    extended_only: bool,
    /// Where the next transfer begins.
    offset: u64,
    /// What ALLO said of the next file.
    announced: Option<u64>,
    /// What RNFR named.
    renamed: Option<NodeRef>,
    garbage: u32,
    _slot: AccountSlot,
}

/// What follows a command.
enum Next {
    Say(Reply),
    /// The connection ends, with these words where there are any.
    End(Option<Reply>),
}

/// What is transferred, opened already.
enum Work {
    List(Listing, Form),
    Retrieve(Box<dyn FileContent>, u64),
    Store(Begun),
}

impl Transaction {
    pub(crate) fn new(shared: Ftp, channel: Channel, logged_in: LoggedIn) -> Self {
        let LoggedIn { session, tie, slot } = logged_in;
        Self {
            shared,
            channel,
            session,
            tie,
            here: TreePath::default(),
            port: None,
            extended_only: false,
            offset: 0,
            announced: None,
            renamed: None,
            garbage: 0,
            _slot: slot,
        }
    }

    /// Runs to the end, whatever brings it.
    pub(crate) async fn run(mut self) {
        let withdrawn = self.tie.clone().withdrawn();
        let goodbye = tokio::select! {
            biased;
            () = withdrawn => {
                emit(Withdrawn { surface: NAME });
                Some(Reply::new(421, "Log in again"))
            }
            served = self.serve() => served.unwrap_or_else(|error| {
                tracing::debug!(surface = NAME, %error, "a client broke off");
                None
            }),
        };
        if let Some(goodbye) = goodbye {
            // A client that does not read its goodbye does without.
            let _ = self.channel.client.say(&goodbye).await;
        }
        self.channel.client.end().await;
    }

    async fn serve(&mut self) -> io::Result<Option<Reply>> {
        self.channel.client.say(&Reply::new(230, "You are logged in")).await?;
        loop {
            let line = match self.channel.client.line().await? {
                Came::Line(line) => line,
                Came::Gone => return Ok(None),
                Came::TooLong => return Ok(Some(Reply::new(421, "A line is shorter than 8 KiB"))),
                Came::Silent => return Ok(Some(Reply::new(421, "Nothing was said for too long"))),
                Came::Drained => return Ok(Some(Reply::new(421, "Connect again"))),
            };
            let next = match Command::parse(&line) {
                Ok(command) => Box::pin(self.command(command)).await?,
                Err(what) => {
                    (self.announced, self.offset) = (None, 0);
                    self.garbage = self.garbage.saturating_add(1);
                    let is_enough = self.garbage >= MOST_GARBAGE;
                    if is_enough { Next::End(Some(Reply::new(421, "This is not FTP"))) } else { Next::Say(wrong(what)) }
                }
            };
            match next {
                Next::Say(reply) => self.channel.client.say(&reply).await?,
                Next::End(reply) => return Ok(reply),
            }
        }
    }

    async fn command(&mut self, command: Command) -> io::Result<Next> {
        // RFC 959 §4.1.3: RNTO follows RNFR immediately.
        let renamed = self.renamed.take();
        if let Some(reply) = self.channel.reply(&command) {
            return Ok(Next::Say(reply));
        }
        if let Some((code, text)) = Channel::told(&command) {
            return Ok(Next::Say(Reply::new(code, text)));
        }
        Ok(Next::Say(match command {
            Command::Quit => return Ok(Next::End(Some(Reply::new(221, "Goodbye")))),
            Command::User(_) | Command::Pass(_) | Command::Auth(_) => Reply::new(503, "You are logged in"),
            Command::Pwd => Reply::new(257, &quoted(&self.here.to_string())),
            Command::Pasv => self.passive().await,
            Command::Epsv(extended) => self.extended_passive(extended).await,
            Command::Rest(offset) => {
                self.offset = offset;
                Reply::new(350, "Go on with RETR")
            }
            // RFC 959 §4.1.3: room is not kept for anybody, but what has none is refused before it is sent.
            Command::Allo(octets) => {
                self.announced = Some(octets);
                Reply::new(200, "That much has to fit")
            }
            Command::Abor => {
                self.port = None;
                Reply::new(226, "Nothing is under way")
            }
            Command::Stat(None) => self.status(),
            Command::Stat(Some(_)) => Reply::new(504, "Use MLST or MLSD"),
            other => return self.in_the_tree(other, renamed).await,
        }))
    }

    /// A command that the gate has to be asked for.
    async fn in_the_tree(&mut self, command: Command, renamed: Option<NodeRef>) -> io::Result<Next> {
        let refused = |error: Error| {
            record(&error);
            // Who has left, or was withdrawn, is not spoken with any more.
            let is_over = matches!(error, Error::Unauthenticated);
            let reply = refusal(&error, At::File);
            if is_over { Next::End(Some(Reply::new(421, "Log in again"))) } else { Next::Say(reply) }
        };
        // A port is for one transfer, also for one that is refused: its client has connected already.
        let port = if is_transfer(&command) { self.port.take() } else { None };
        match self.shared.door.renewed(&self.session).await {
            Ok(session) => self.session = session,
            Err(error) => {
                (self.announced, self.offset) = (None, 0);
                return Ok(refused(error));
            }
        }
        let answered = self.answer(command, renamed).await;
        // RFC 959 §4.1.3: ALLO is followed by STOR or APPE, and REST by the transfer (RFC 3659 §5.3). What was said before one that
        // is refused, or before anything else in the tree, is not said of the next.
        (self.announced, self.offset) = (None, 0);
        match answered {
            Ok(Some(work)) => self.transfer(work, port).await,
            Ok(None) => Ok(Next::Say(Reply::new(500, "There is no such command"))),
            Err(Refused::Protocol(reply)) => Ok(Next::Say(reply)),
            Err(Refused::Gate(error)) => Ok(refused(error)),
        }
    }

    /// Commits an upload as whoever the client is now: it can have taken hours.
    async fn commit(&mut self, received: store::Received) -> passerelle_core::Result<u64> {
        self.session = self.shared.door.renewed(&self.session).await?;
        store::commit(&self.session, received).await
    }

    /// What there is to transfer, or the reply.
    async fn answer(&mut self, command: Command, renamed: Option<NodeRef>) -> Result<Option<Work>, Refused> {
        let here = self.here.clone();
        let at = |text: &str| here.resolve(text).map_err(|_| Reply::new(553, "That is no name"));
        let or_here = |text: Option<String>| text.map_or_else(|| Ok(here.clone()), |text| at(&text));
        let session = &self.session;
        let reply = match command {
            Command::Cwd(path) => return self.stand(at(&path)?).await,
            Command::Cdup => return self.stand(here.above()).await,
            Command::Size(path) => ask::size(session, &at(&path)?).await?,
            Command::Mdtm(path) => ask::modified(session, &at(&path)?).await?,
            Command::Mlst(path) => ask::facts(session, &or_here(path)?, self.channel.facts).await?,
            Command::Dele(path) => change::delete(session, &at(&path)?).await?,
            Command::Rmd(path) => change::remove_folder(session, &at(&path)?).await?,
            Command::Mkd(path) => change::make_folder(session, &at(&path)?).await?,
            Command::Rnfr(path) => {
                self.renamed = Some(change::rename_from(session, &at(&path)?).await?);
                Reply::new(350, "And the new name")
            }
            Command::Rnto(path) => match renamed {
                Some(from) => change::rename_to(session, &from, &at(&path)?).await?,
                None => Reply::new(503, "RNFR comes first"),
            },
            Command::List(path) => return self.list(or_here(path)?, Form::Long(now())).await,
            Command::Nlst(path) => return self.list(or_here(path)?, Form::Names).await,
            Command::Mlsd(path) => return self.list(or_here(path)?, Form::Facts(self.channel.facts)).await,
            Command::Retr(path) => {
                let offset = std::mem::take(&mut self.offset);
                let content = retrieve::open(session, &at(&path)?, offset).await??;
                return Ok(Some(Work::Retrieve(content, offset)));
            }
            Command::Stor(path) => return self.store(at(&path)?, Way::Whole).await,
            Command::Appe(path) => return self.store(at(&path)?, Way::Behind).await,
            Command::Stou => return self.store(at(&store::unique_name()?)?, Way::Whole).await,
            _ => return Ok(None),
        };
        Err(reply.into())
    }

    async fn stand(&mut self, path: TreePath) -> Result<Option<Work>, Refused> {
        let reply = ask::stand(&self.session, &path).await?;
        if reply.code() == 250 {
            self.here = path;
        }
        Err(reply.into())
    }

    async fn list(&mut self, path: TreePath, form: Form) -> Result<Option<Work>, Refused> {
        self.offset = 0;
        match listing::open(&self.session, &path, form).await {
            Err(Error::Invalid { .. }) => Err(Reply::new(501, "That is a file").into()),
            opened => Ok(Some(Work::List(opened?, form))),
        }
    }

    async fn store(&mut self, path: TreePath, way: Way) -> Result<Option<Work>, Refused> {
        let announced = self.announced.take();
        if std::mem::take(&mut self.offset) > 0 {
            return Err(store::refuse_offset().into());
        }
        Ok(Some(Work::Store(store::begin(&self.session, &path, way, announced).await??)))
    }

    /// Says that it begins, and transfers.
    async fn transfer(&mut self, work: Work, port: Option<DataPort>) -> io::Result<Next> {
        let tls = match self.protection() {
            Ok(tls) => tls,
            Err(reply) => return Ok(Next::Say(reply)),
        };
        let Some(port) = port else { return Ok(Next::Say(Reply::new(425, "Use EPSV or PASV first"))) };
        let begins = match &work {
            // RFC 1123 §4.1.2.9: the name that was chosen.
            Work::Store(begun) => format!("FILE: {}", begun.name()),
            Work::List(..) | Work::Retrieve(..) => "It comes".to_owned(),
        };
        self.channel.client.say(&Reply::new(150, &begins)).await?;
        let way = if matches!(work, Work::Store(_)) { "up" } else { "down" };
        let passing = async {
            let stream = port.accept(tls.as_ref()).await.map_err(Cut::Absent)?;
            let data = DataStream::new(stream);
            match work {
                Work::List(listing, form) => listing::send(data, listing, form).await.map(Passed::Sent),
                Work::Retrieve(content, from) => retrieve::send(data, content, from).await.map(Passed::Sent),
                Work::Store(begun) => store::receive(data, begun).await.map(|it| Passed::Received(Box::new(it))),
            }
        };
        let ended = beside(&mut self.channel.client, passing).await?;
        let told = |result, octets| emit(FileTransferred { surface: NAME, way, result, octets });
        Ok(match ended {
            Ended::Done(Ok(Passed::Sent(octets))) => {
                told("whole", octets);
                Next::Say(Reply::new(226, "That was all"))
            }
            Ended::Done(Ok(Passed::Received(received))) => match self.commit(*received).await {
                Ok(octets) => {
                    told("whole", octets);
                    Next::Say(Reply::new(226, "It is there"))
                }
                Err(error) => {
                    record(&error);
                    told("refused", 0);
                    Next::Say(refusal(&error, At::File))
                }
            },
            Ended::Done(Err(Cut::Absent(error))) => {
                tracing::debug!(surface = NAME, %error, "no data connection");
                told("cut", 0);
                Next::Say(Reply::new(425, "The data connection did not come about"))
            }
            Ended::Done(Err(Cut::Client(error))) => {
                tracing::debug!(surface = NAME, %error, "a data connection was cut");
                told("cut", 0);
                Next::Say(Reply::new(426, "The data connection was cut"))
            }
            Ended::Done(Err(Cut::Store(error))) => {
                record(&error);
                told("failed", 0);
                Next::Say(refusal(&error, At::File))
            }
            Ended::Aborted => {
                told("cut", 0);
                // RFC 959 §4.1.3: one reply for the transfer, one for ABOR.
                self.channel.client.say(&Reply::new(426, "The transfer was ended")).await?;
                Next::Say(Reply::new(226, "Nothing is under way any more"))
            }
            Ended::Gone => {
                told("cut", 0);
                Next::End(None)
            }
        })
    }

    /// What the data connection begins TLS with; `Err` where it may not pass as it was agreed.
    fn protection(&self) -> Result<Option<DataTls>, Reply> {
        let client = &self.channel.client;
        if !client.is_tls() {
            return Ok(None);
        }
        if self.channel.is_private {
            return client.data_tls().map(Some).ok_or_else(|| Reply::new(431, "There is no TLS for data"));
        }
        if self.channel.network.ftp().clear_data {
            return Ok(None);
        }
        // RFC 4217 §10: not with this setting of PROT.
        Err(Reply::new(521, "Data passes within TLS only: PBSZ 0 and PROT P first"))
    }

    async fn passive(&mut self) -> Reply {
        if self.extended_only {
            return Reply::new(503, "EPSV ALL was said");
        }
        let address =
            match (self.channel.network.ftp().passive_address, self.channel.client.local().ip().to_canonical()) {
                (Some(address), _) | (None, IpAddr::V4(address)) => address,
                (None, IpAddr::V6(_)) => return Reply::new(425, "Use EPSV over IPv6"),
            };
        match self.open_port().await {
            Ok(port) => passive(address, port),
            Err(reply) => reply,
        }
    }

    async fn extended_passive(&mut self, extended: Extended) -> Reply {
        let is_v4 = self.channel.client.local().ip().to_canonical().is_ipv4();
        match extended {
            Extended::All => {
                self.extended_only = true;
                return Reply::new(200, "EPSV only");
            }
            Extended::Same => {}
            Extended::V4 if is_v4 => {}
            Extended::V6 if !is_v4 => {}
            // RFC 2428 §3.
            _ if is_v4 => return Reply::new(522, "Network protocol not supported, use (1)"),
            _ => return Reply::new(522, "Network protocol not supported, use (2)"),
        }
        match self.open_port().await {
            Ok(port) => extended_passive(port),
            Err(reply) => reply,
        }
    }

    async fn open_port(&mut self) -> Result<u16, Reply> {
        self.port = None;
        match self.channel.client.data_port(&self.channel.network).await {
            Ok(port) => {
                let number = port.port();
                self.port = Some(port);
                Ok(number)
            }
            Err(error) => {
                tracing::warn!(surface = NAME, %error, "no port for a data connection");
                Err(Reply::new(425, "No port is free, try again later"))
            }
        }
    }

    fn status(&self) -> Reply {
        let control = if self.channel.client.is_tls() { "within TLS" } else { "in clear" };
        let data = if self.channel.is_private { "within TLS" } else { "in clear" };
        let lines =
            [format!("Control connection {control}"), format!("Data {data}"), format!("You are in {}", self.here)];
        Reply::lines(211, "Passerelle", lines, "End")
    }
}

/// Whether a command needs a data connection.
const fn is_transfer(command: &Command) -> bool {
    matches!(
        command,
        Command::List(_)
            | Command::Nlst(_)
            | Command::Mlsd(_)
            | Command::Retr(_)
            | Command::Stor(_)
            | Command::Stou
            | Command::Appe(_)
    )
}

/// What came of a transfer.
enum Passed {
    Sent(u64),
    Received(Box<store::Received>),
}

/// Why a command transfers nothing: its reply, or an error of the gate.
enum Refused {
    Protocol(Reply),
    Gate(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Gate(error)
    }
}
impl From<Reply> for Refused {
    fn from(reply: Reply) -> Self {
        Self::Protocol(reply)
    }
}

/// The time, to which a listing is written.
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Timestamp(i64::try_from(since).unwrap_or(i64::MAX))
}
