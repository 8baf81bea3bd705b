//! From a name to a server that has said hello: DNS, TCP, TLS, the greeting. Each line is bounded; the deadline is the
//! caller's.

use crate::settings::Settings;
use passerelle_core::ports::{ExternalFault, ExternalServer, ExternalTls, StoreStream};
use rustls_pki_types::ServerName;
use std::{
    io,
    net::{IpAddr, SocketAddr},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Longest line before and at log-in, in octets.
const LONGEST_LINE: usize = 16 * 1024;
/// What is read at a time, in octets.
const PIECE: usize = 16 * 1024;
/// Most lines before an answer.
const MOST_LINES: usize = 100;
/// Most addresses of a name that are tried.
const MOST_ADDRESSES: usize = 4;

/// A server that has said hello over a connection that a password may go over.
pub(crate) struct Greeted {
    pub(crate) wire: Wire,
    /// What it announces, in capitals; empty when it has not said.
    pub(crate) capabilities: String,
}

/// A stream with what was read and not yet understood.
pub(crate) struct Wire {
    pub(crate) stream: StoreStream,
    pub(crate) early: Vec<u8>,
}

/// A connection to a server that has said nothing yet, and the name that its certificate has to be good for.
pub(crate) async fn begin(
    settings: &Settings,
    server: &ExternalServer,
) -> Result<(Wire, ServerName<'static>), ExternalFault> {
    if !settings.ports.contains(&server.port()) {
        return Err(ExternalFault::Port);
    }
    if server.tls() == ExternalTls::Clear && !settings.clear {
        return Err(ExternalFault::Unprotected);
    }
    let name = ServerName::try_from(server.host().to_owned()).map_err(|_| ExternalFault::Name)?;
    let stream = dial(settings, server).await?;
    let wire = match server.tls() {
        ExternalTls::Implicit => protect(settings, name.clone(), stream).await?,
        ExternalTls::Starttls | ExternalTls::Clear => Wire { stream: StoreStream::Plain(stream), early: Vec::new() },
    };
    Ok((wire, name))
}

/// TLS over a connection in clear whose server has just agreed to it.
pub(crate) async fn upgrade(settings: &Settings, name: ServerName<'static>, wire: Wire) -> Result<Wire, ExternalFault> {
    match wire {
        // Whatever came in clear behind the answer must not be taken for the server's (RFC 9051 §11.1, RFC 2595 §4).
        Wire { stream: StoreStream::Plain(stream), early } if early.is_empty() => protect(settings, name, stream).await,
        _ => Err(ExternalFault::Nonsense),
    }
}

/// Connects to a server that speaks IMAP.
pub(crate) async fn connect(settings: &Settings, server: &ExternalServer) -> Result<Greeted, ExternalFault> {
    let (mut wire, name) = begin(settings, server).await?;
    let mut greeting = wire.line().await.map_err(told)?;
    check_greeting(&greeting)?;
    if server.tls() == ExternalTls::Starttls {
        wire.send(b"s STARTTLS\r\n").await.map_err(told)?;
        let answer = wire.tagged("s").await?.0;
        if !is_ok(&answer) {
            return Err(ExternalFault::Unprotected);
        }
        wire = upgrade(settings, name, wire).await?;
        // What was announced in clear may have been altered on its way.
        greeting.clear();
    }
    let capabilities = code(&greeting, "CAPABILITY ").unwrap_or_default().to_ascii_uppercase();
    Ok(Greeted { wire, capabilities })
}

/// Looks the name up and connects to one of its addresses, each held against the settings: it is the address that is
/// dialled which counts, and a name may say another one next time.
async fn dial(settings: &Settings, server: &ExternalServer) -> Result<TcpStream, ExternalFault> {
    let addresses: Vec<SocketAddr> = match server.host().parse::<IpAddr>() {
        Ok(address) => vec![(address, server.port()).into()],
        Err(_) => match tokio::net::lookup_host((server.host(), server.port())).await {
            Ok(found) => found.collect(),
            Err(_) => return Err(ExternalFault::Name),
        },
    };
    if addresses.is_empty() {
        return Err(ExternalFault::Name);
    }
    let taken = addresses.into_iter().filter(|address| settings.dialled.takes(address.ip()));
    let mut fault = ExternalFault::Address;
    for address in taken.take(MOST_ADDRESSES) {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                stream.set_nodelay(true).map_err(told)?;
                return Ok(stream);
            }
            Err(_) => fault = ExternalFault::Unreachable,
        }
    }
    Err(fault)
}

async fn protect(settings: &Settings, name: ServerName<'static>, stream: TcpStream) -> Result<Wire, ExternalFault> {
    match settings.tls.connect(name, stream).await {
        Ok(stream) => Ok(Wire { stream: StoreStream::Tls(Box::new(stream)), early: Vec::new() }),
        Err(error) => Err(tls_fault(&error)),
    }
}

/// A certificate that is not good is told apart from a server that speaks no TLS.
fn tls_fault(error: &io::Error) -> ExternalFault {
    match error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(_)) => ExternalFault::Certificate,
        Some(_) => ExternalFault::Unprotected,
        None => told_of(error),
    }
}

fn told_of(error: &io::Error) -> ExternalFault {
    match error.kind() {
        io::ErrorKind::InvalidData => ExternalFault::Nonsense,
        io::ErrorKind::TimedOut => ExternalFault::Slow,
        _ => ExternalFault::Unreachable,
    }
}

/// What a broken conversation means.
#[allow(clippy::needless_pass_by_value, reason = "it stands behind map_err")]
pub(crate) fn told(error: io::Error) -> ExternalFault {
    told_of(&error)
}

fn check_greeting(line: &str) -> Result<(), ExternalFault> {
    let starts = |word: &str| line.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    if starts("* OK") {
        return Ok(());
    }
    // PREAUTH is no greeting for somebody who has a password, and before STARTTLS it is an attack (RFC 9051 §11.1).
    Err(if starts("* BYE") { ExternalFault::Unreachable } else { ExternalFault::Nonsense })
}

/// Whether an answer without its tag is OK.
pub(crate) fn is_ok(answer: &str) -> bool {
    answer.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("OK "))
}

/// The words of a response code: `OK [CAPABILITY ...] text` (RFC 9051 §7.1).
pub(crate) fn code<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let words = line.split_once('[')?.1.split_once(']')?.0;
    let head = words.get(..name.len())?;
    head.eq_ignore_ascii_case(name).then(|| words.get(name.len()..))?
}

fn endless() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "an answer without end")
}

impl Wire {
    pub(crate) async fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        let stream = self.stream.duplex();
        stream.write_all(octets).await?;
        stream.flush().await
    }

    /// Reads what comes next.
    pub(crate) async fn more(&mut self) -> io::Result<()> {
        let mut piece = vec![0; PIECE];
        let length = self.stream.duplex().read(&mut piece).await?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.early.extend_from_slice(piece.get(..length).unwrap_or_default());
        Ok(())
    }

    /// The next line, without its end.
    pub(crate) async fn line(&mut self) -> io::Result<String> {
        let mut looked = 0;
        loop {
            let rest = self.early.get(looked..).unwrap_or_default();
            if let Some(end) = rest.iter().position(|octet| *octet == b'\n') {
                let line: Vec<u8> = self.early.drain(..=looked.saturating_add(end)).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            looked = self.early.len();
            if looked > LONGEST_LINE {
                return Err(endless());
            }
            self.more().await?;
        }
    }

    /// The tagged answer without its tag, and what `* CAPABILITY` said before it.
    pub(crate) async fn tagged(&mut self, tag: &str) -> Result<(String, Option<String>), ExternalFault> {
        let mut announced = None;
        for _ in 0..MOST_LINES {
            let line = self.line().await.map_err(told)?;
            if let Some(answer) = line.strip_prefix(tag).and_then(|rest| rest.strip_prefix(' ')) {
                return Ok((answer.to_owned(), announced));
            }
            let upper = line.to_ascii_uppercase();
            if let Some(words) = upper.strip_prefix("* CAPABILITY ") {
                announced = Some(words.to_owned());
            } else if upper.starts_with("* BYE") {
                return Err(ExternalFault::Unreachable);
            }
        }
        Err(ExternalFault::Nonsense)
    }

    /// Waits until the server asks for more; its answer, when it answers instead.
    pub(crate) async fn asked(&mut self, tag: &str) -> Result<Option<String>, ExternalFault> {
        for _ in 0..MOST_LINES {
            let line = self.line().await.map_err(told)?;
            if line.starts_with('+') {
                return Ok(None);
            }
            if let Some(answer) = line.strip_prefix(tag).and_then(|rest| rest.strip_prefix(' ')) {
                return Ok(Some(answer.to_owned()));
            }
        }
        Err(ExternalFault::Nonsense)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greetings_and_codes() {
        for (line, expected) in [
            ("* OK ready", Ok(())),
            ("* ok [CAPABILITY IMAP4rev1] ready", Ok(())),
            ("* PREAUTH hello", Err(ExternalFault::Nonsense)),
            ("* BYE full", Err(ExternalFault::Unreachable)),
            ("+OK POP3 ready", Err(ExternalFault::Nonsense)),
            ("HTTP/1.1 400 Bad Request", Err(ExternalFault::Nonsense)),
            ("", Err(ExternalFault::Nonsense)),
        ] {
            assert_eq!(check_greeting(line), expected, "{line}");
        }
        assert_eq!(code("OK [capability IMAP4rev1 IDLE] hi", "CAPABILITY "), Some("IMAP4rev1 IDLE"));
        assert_eq!(code("OK [ALERT] hi", "CAPABILITY "), None);
        assert_eq!(code("OK hi", "CAPABILITY "), None);
    }
}
