//! Reaching the MTA: TCP, TLS, its greeting, what it can, the gateway's own log-in.

use crate::settings::{Security, Server, Service};
use base64::{Engine, engine::general_purpose::STANDARD};
use passerelle_core::{
    Error, Result,
    ports::{Abilities, ClientFacts, StoreStream},
};
use passerelle_wire_smtp::{ParsedReply, Reply};
use std::{io, net::IpAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// How each step is called, for messages and for `doctor`.
pub(crate) mod step {
    pub(crate) const TCP: &str = "connecting";
    pub(crate) const TLS: &str = "TLS";
    pub(crate) const GREETING: &str = "reading the greeting";
    pub(crate) const LOGIN: &str = "logging in";
}

/// Octets read at once.
const PIECE: usize = 4096;

/// An MTA that has said hello.
pub(crate) struct Greeted {
    pub(crate) wire: Wire,
    pub(crate) announced: Announced,
}

/// What it announced (RFC 5321 §4.1.1.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Announced {
    pub(crate) name: String,
    pub(crate) abilities: Abilities,
    /// Several commands may be under way (RFC 2920).
    pub(crate) pipelining: bool,
    starttls: bool,
    xforward: bool,
}

/// A stream with what was read and not yet understood.
pub(crate) struct Wire {
    stream: StoreStream,
    early: Vec<u8>,
}

/// Connects within the deadline. `client` is who it is for, where somebody is.
pub(crate) async fn connect(server: &Server, client: Option<&ClientFacts>) -> Result<Greeted> {
    match timeout(server.deadline, steps(server, client)).await {
        Ok(done) => done,
        Err(slow) => Err(Error::unavailable(&server.name, step::TCP, slow)),
    }
}

async fn steps(server: &Server, client: Option<&ClientFacts>) -> Result<Greeted> {
    let failed = |doing: &'static str| move |error: io::Error| Error::unavailable(&server.name, doing, error);
    let stream = TcpStream::connect(&server.address).await.map_err(failed(step::TCP))?;
    stream.set_nodelay(true).map_err(failed(step::TCP))?;
    let helo = match &server.helo {
        Some(name) => name.clone(),
        None => literal(stream.local_addr().map_err(failed(step::TCP))?.ip()),
    };
    let mut wire = match &server.security {
        Security::Implicit(tls) => {
            let stream = tls.connect(server.server_name.clone(), stream).await.map_err(failed(step::TLS))?;
            Wire { stream: StoreStream::Tls(Box::new(stream)), early: Vec::new() }
        }
        Security::Clear | Security::Starttls(_) => Wire { stream: StoreStream::Plain(stream), early: Vec::new() },
    };
    expect(server, step::GREETING, wire.reply().await, 220)?;
    let mut announced = hello(server, &mut wire, &helo).await?;
    if let Security::Starttls(tls) = &server.security {
        if !announced.starttls {
            return Err(Error::unavailable(&server.name, step::TLS, "the MTA does not offer STARTTLS"));
        }
        expect(server, step::TLS, wire.ask("STARTTLS\r\n").await, 220)?;
        // Whatever came in clear behind the answer must not be taken for the MTA's (RFC 3207 §4.2).
        let StoreStream::Plain(stream) = wire.stream else {
            return Err(Error::unavailable(&server.name, step::TLS, "TLS runs already"));
        };
        if !wire.early.is_empty() {
            return Err(Error::unavailable(&server.name, step::TLS, "something came in clear behind STARTTLS"));
        }
        let stream = tls.connect(server.server_name.clone(), stream).await.map_err(failed(step::TLS))?;
        wire = Wire { stream: StoreStream::Tls(Box::new(stream)), early: Vec::new() };
        announced = hello(server, &mut wire, &helo).await?;
    }
    if let Some(Service { user, password }) = &server.login {
        // RFC 4616 §2
        let message = [b"\0", user.as_bytes(), b"\0", password.expose()].concat();
        let command = format!("AUTH PLAIN {}\r\n", STANDARD.encode(message));
        expect(server, step::LOGIN, wire.ask(&command).await, 235)?;
    }
    if let (Some(client), true) = (client, server.forward_client && announced.xforward) {
        // What the MTA makes of it changes nothing for the message.
        let _ = wire.ask(&forwarded(client)).await.map_err(failed(step::GREETING))?;
    }
    Ok(Greeted { wire, announced })
}

async fn hello(server: &Server, wire: &mut Wire, helo: &str) -> Result<Announced> {
    let reply = expect(server, step::GREETING, wire.ask(&format!("EHLO {helo}\r\n")).await, 250)?;
    Ok(Announced::read(&reply))
}

/// The answer, if it has this code.
fn expect(server: &Server, doing: &'static str, reply: io::Result<Reply>, code: u16) -> Result<Reply> {
    match reply {
        Ok(reply) if reply.code == code => Ok(reply),
        Ok(reply) => {
            let said = format!("the MTA says {} {}", reply.code, reply.text());
            Err(Error::unavailable(&server.name, doing, said))
        }
        Err(error) => Err(Error::unavailable(&server.name, doing, error)),
    }
}

/// `address-literal` (RFC 5321 §4.1.3)
fn literal(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => format!("[{address}]"),
        IpAddr::V6(address) => format!("[IPv6:{address}]"),
    }
}

/// Who the client is, for the MTA's log (Postfix's XFORWARD); no header of the message shows it.
fn forwarded(client: &ClientFacts) -> String {
    let address = match client.address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("IPV6:{address}"),
    };
    format!("XFORWARD ADDR={address} PORT={} PROTO=ESMTP SOURCE=REMOTE\r\n", client.port)
}

impl Announced {
    fn read(reply: &Reply) -> Self {
        let mut said = Self::default();
        let mut lines = reply.lines.iter();
        said.name = lines.next().and_then(|line| line.split(' ').next()).unwrap_or_default().to_owned();
        for line in lines {
            let mut words = line.split(' ');
            match words.next().unwrap_or_default().to_ascii_uppercase().as_str() {
                // RFC 1870 §4: no number, or 0, is no limit that is known.
                "SIZE" => said.abilities.size = words.next().and_then(|it| it.parse().ok()).filter(|it| *it > 0),
                "8BITMIME" => said.abilities.eight_bit = true,
                "SMTPUTF8" => said.abilities.utf8 = true,
                "DSN" => said.abilities.reports = true,
                "PIPELINING" => said.pipelining = true,
                "STARTTLS" => said.starttls = true,
                "XFORWARD" => said.xforward = words.any(|word| word.eq_ignore_ascii_case("ADDR")),
                _ => {}
            }
        }
        said
    }
}

impl Wire {
    pub(crate) async fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        let stream = self.stream.duplex();
        stream.write_all(octets).await?;
        stream.flush().await
    }

    /// The next reply.
    pub(crate) async fn reply(&mut self) -> io::Result<Reply> {
        loop {
            match Reply::parse(&self.early) {
                ParsedReply::Whole(reply, taken) => {
                    self.early.drain(..taken);
                    return Ok(reply);
                }
                ParsedReply::Wrong => {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "what came is no reply of SMTP"));
                }
                ParsedReply::Incomplete => {}
            }
            let mut piece = [0; PIECE];
            let length = self.stream.duplex().read(&mut piece).await?;
            if length == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.early.extend_from_slice(piece.get(..length).unwrap_or_default());
        }
    }

    /// A command and its reply.
    pub(crate) async fn ask(&mut self, command: &str) -> io::Result<Reply> {
        self.send(command.as_bytes()).await?;
        self.reply().await
    }
}

/// The same within a time.
pub(crate) async fn within<T>(deadline: Duration, what: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    match timeout(deadline, what).await {
        Ok(outcome) => outcome,
        Err(_slow) => Err(io::ErrorKind::TimedOut.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_announced() {
        let lines = ["mx.test here", "size 1000", "8BITMIME", "DSN", "PIPELINING", "XFORWARD NAME ADDR PROTO", "X"];
        let said = Announced::read(&Reply { code: 250, lines: lines.map(str::to_owned).to_vec() });
        let abilities = Abilities { size: Some(1000), eight_bit: true, utf8: false, reports: true };
        assert_eq!((said.name.as_str(), said.abilities), ("mx.test", abilities));
        assert!(said.pipelining && said.xforward && !said.starttls);
        let said = Announced::read(&Reply { code: 250, lines: vec!["mx.test".into(), "SIZE 0".into()] });
        assert_eq!(said.abilities.size, None);
    }
}
