//! One message on its connection.

use crate::{
    connect::{Greeted, Wire, within},
    settings::Server,
};
use passerelle_core::{
    Error, Result,
    ports::{Begun, Envelope, Fut, MtaReply, Recipient, Returned, Transaction},
};
use passerelle_model::IdentityRef;
use passerelle_wire_smtp::{Address, Body, Impure, MailParameters, Reply, Return, Stuffer};
use std::{fmt, io, time::Duration};

/// How long the MTA may take to take a piece (RFC 5321 §4.5.3.2.5).
const PIECE_TAKEN: Duration = Duration::from_secs(180);
/// How long is waited for what an MTA says that has closed its ear.
const LAST_WORD: Duration = Duration::from_secs(2);

/// A message under way.
struct Message {
    name: String,
    wire: Wire,
    pipelining: bool,
    reports: bool,
    deadline: Duration,
    final_deadline: Duration,
    stuffer: Stuffer,
}

/// Announces the sender.
pub(crate) async fn begin(server: &Server, mta: Greeted, from: &IdentityRef, envelope: &Envelope) -> Result<Begun> {
    let Greeted { wire, announced } = mta;
    let can = announced.abilities;
    for (asked, there, what) in [
        (envelope.utf8, can.utf8, "SMTPUTF8"),
        (envelope.eight_bit, can.eight_bit, "8BITMIME"),
        (envelope.wants_reports(), can.reports, "DSN"),
    ] {
        if asked && !there {
            return Err(Error::Unsupported { what });
        }
    }
    let address = match &from.address {
        // The permit's address is written as it is parsed, so that nothing in it can end the command.
        Some(address) => Address::parse(address).map_err(Error::invalid)?.to_string(),
        None => String::new(),
    };
    let parameters = MailParameters {
        size: envelope.size.filter(|_| can.size.is_some()),
        body: (envelope.eight_bit).then_some(Body::EightBitMime),
        utf8: envelope.utf8,
        returned: envelope.returned.map(|part| match part {
            Returned::Full => Return::Full,
            Returned::Headers => Return::Headers,
        }),
        envelope_id: envelope.envelope_id.as_deref().map(printable).transpose()?.map(str::to_owned),
    };
    let mut message = Message {
        name: server.name.clone(),
        wire,
        pipelining: announced.pipelining,
        reports: can.reports,
        deadline: server.deadline,
        final_deadline: server.final_deadline,
        stuffer: Stuffer::default(),
    };
    let reply = message.ask("MAIL", &format!("MAIL FROM:<{address}>{parameters}\r\n")).await?;
    Ok(if reply.is_positive() { Begun::Open(Box::new(message), reply) } else { Begun::Refused(reply) })
}

impl Message {
    fn lost<'a>(&'a self, doing: impl fmt::Display + 'a) -> impl FnOnce(io::Error) -> Error + 'a {
        move |error| Error::unavailable(&self.name, doing, error)
    }

    async fn ask(&mut self, doing: &str, command: &str) -> Result<MtaReply> {
        let reply = within(self.deadline, self.wire.ask(command)).await;
        reply.map(told).map_err(self.lost(doing))
    }

    /// All at once where the MTA takes that, each after the other's answer where not.
    async fn name(&mut self, some: &[Recipient]) -> Result<Vec<MtaReply>> {
        let doing = "RCPT";
        let commands = some.iter().map(|one| self.command(one)).collect::<Result<Vec<_>>>()?;
        let mut replies = Vec::new();
        if !self.pipelining {
            for command in &commands {
                replies.push(self.ask(doing, command).await?);
            }
            return Ok(replies);
        }
        let sent = within(self.deadline, self.wire.send(commands.concat().as_bytes())).await;
        sent.map_err(self.lost(doing))?;
        for _ in &commands {
            let reply = within(self.deadline, self.wire.reply()).await;
            replies.push(told(reply.map_err(self.lost(doing))?));
        }
        Ok(replies)
    }

    fn command(&self, one: &Recipient) -> Result<String> {
        let address = match one.address.as_str() {
            "postmaster" => "postmaster".to_owned(),
            other => Address::parse(other).map_err(Error::invalid)?.to_string(),
        };
        if !self.reports && (one.notify.is_some() || one.original.is_some()) {
            return Err(Error::Unsupported { what: "DSN" });
        }
        let mut command = format!("RCPT TO:<{address}>");
        for (name, value) in [("NOTIFY", &one.notify), ("ORCPT", &one.original)] {
            if let Some(value) = value {
                command.push_str(&format!(" {name}={}", printable(value)?));
            }
        }
        command.push_str("\r\n");
        Ok(command)
    }

    async fn write(&mut self, piece: &[u8]) -> Result<Option<MtaReply>> {
        let mut out = Vec::with_capacity(piece.len().saturating_add(64));
        self.stuffer.take(piece, &mut out).map_err(|Impure| Error::invalid(Impure))?;
        let doing = "sending the message";
        let Err(error) = within(PIECE_TAKEN, self.wire.send(&out)).await else { return Ok(None) };
        // It may have said why before it hung up.
        match within(LAST_WORD, self.wire.reply()).await {
            Ok(reply) if matches!(reply.code, 400..=599) => Ok(Some(told(reply))),
            Ok(_) | Err(_) => Err(self.lost(doing)(error)),
        }
    }

    async fn commit(mut self) -> Result<MtaReply> {
        let mut out = Vec::new();
        self.stuffer.end(&mut out).map_err(|Impure| Error::invalid(Impure))?;
        let ended = async {
            self.wire.send(&out).await?;
            self.wire.reply().await
        };
        let reply = within(self.final_deadline, ended).await;
        let reply = reply.map_err(self.lost("waiting for what became of the message"))?;
        // Whether the goodbye arrives changes nothing.
        let _ = within(LAST_WORD, self.wire.send(b"QUIT\r\n")).await;
        Ok(told(reply))
    }
}

impl Transaction for Message {
    fn recipients<'a>(&'a mut self, some: &'a [Recipient]) -> Fut<'a, Vec<MtaReply>> {
        Box::pin(self.name(some))
    }

    fn content(&mut self) -> Fut<'_, MtaReply> {
        Box::pin(self.ask("DATA", "DATA\r\n"))
    }

    fn write<'a>(&'a mut self, piece: &'a [u8]) -> Fut<'a, Option<MtaReply>> {
        Box::pin(Self::write(self, piece))
    }

    fn commit<'a>(self: Box<Self>) -> Fut<'a, MtaReply>
    where
        Self: 'a,
    {
        Box::pin(Self::commit(*self))
    }
}

fn told(reply: Reply) -> MtaReply {
    MtaReply { code: reply.code, lines: reply.lines }
}

/// A value that can stand in a command.
fn printable(text: &str) -> Result<&str> {
    let fits = !text.is_empty() && text.bytes().all(|octet| matches!(octet, b'!'..=b'~'));
    if fits { Ok(text) } else { Err(Error::invalid("a parameter with a space or a character that is not ASCII")) }
}
