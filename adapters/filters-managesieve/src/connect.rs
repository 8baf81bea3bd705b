//! Reaching the store: TCP, the greeting with its capabilities, TLS (RFC 5804 §1.7, §2.2).

use crate::settings::{Security, Store};
use passerelle_core::{Error, Result, ports::StoreStream};
use passerelle_wire_sieve::{Capability, Ended, Responses, capabilities};
use std::io;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Longest response before and at log-in, in octets.
pub(crate) const LONGEST_ANSWER: usize = 16 * 1024;

/// A stream with what was read and not yet understood.
pub(crate) struct Wire {
    pub(crate) stream: StoreStream,
    pub(crate) early: Vec<u8>,
}

/// A whole response.
pub(crate) struct Response {
    pub(crate) octets: Vec<u8>,
    pub(crate) ended: Ended,
}

impl Response {
    /// What it says, on one line, for messages.
    pub(crate) fn words(&self) -> String {
        let text = String::from_utf8_lossy(&self.octets);
        text.lines().last().unwrap_or_default().chars().filter(|c| !c.is_control()).take(200).collect()
    }
}

/// Connects within the deadline; what the store can, as it says behind TLS where there is TLS.
pub(crate) async fn connect(store: &Store) -> Result<(Wire, Vec<Capability>)> {
    match timeout(store.deadline, steps(store)).await {
        Ok(done) => done,
        Err(slow) => Err(Error::unavailable(&store.name, "connecting", slow)),
    }
}

async fn steps(store: &Store) -> Result<(Wire, Vec<Capability>)> {
    let failed = |doing: &'static str| move |error: io::Error| Error::unavailable(&store.name, doing, error);
    let refused = |doing: &'static str, response: &Response| {
        Error::unavailable(&store.name, doing, format!("the store answered {}", response.words()))
    };
    let stream = TcpStream::connect(&store.address).await.map_err(failed("connecting"))?;
    stream.set_nodelay(true).map_err(failed("connecting"))?;
    let mut wire = Wire { stream: StoreStream::Plain(stream), early: Vec::new() };
    let mut greeting = wire.response(LONGEST_ANSWER).await.map_err(failed("reading the greeting"))?;
    if greeting.ended != Ended::Ok {
        return Err(refused("reading the greeting", &greeting));
    }
    if let Security::Starttls(tls) = &store.security {
        wire.send(b"STARTTLS\r\n").await.map_err(failed("STARTTLS"))?;
        let answer = wire.response(LONGEST_ANSWER).await.map_err(failed("STARTTLS"))?;
        // Whatever came in clear behind the answer must not be taken for the store's.
        let injected = !wire.early.is_empty();
        wire = match wire.stream {
            StoreStream::Plain(stream) if answer.ended == Ended::Ok && !injected => {
                let stream = tls.connect(store.server_name.clone(), stream).await.map_err(failed("TLS"))?;
                Wire { stream: StoreStream::Tls(Box::new(stream)), early: Vec::new() }
            }
            StoreStream::Plain(_) | StoreStream::Tls(_) | StoreStream::Memory(_) => {
                return Err(refused("STARTTLS", &answer));
            }
        };
        // RFC 5804 §2.2: behind TLS the store says again what it can; what it said in clear may have been altered.
        greeting = wire.response(LONGEST_ANSWER).await.map_err(failed("TLS"))?;
        if greeting.ended != Ended::Ok {
            return Err(refused("TLS", &greeting));
        }
    }
    Ok((wire, capabilities(&greeting.octets)))
}

impl Wire {
    pub(crate) async fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        let stream = self.stream.duplex();
        stream.write_all(octets).await?;
        stream.flush().await
    }

    /// The next response whole, of at most so many octets.
    pub(crate) async fn response(&mut self, most: usize) -> io::Result<Response> {
        let (mut responses, mut looked) = (Responses::default(), 0_usize);
        loop {
            let (taken, ended) = responses.pass(self.early.get(looked..).unwrap_or_default());
            looked = looked.saturating_add(taken);
            if let Some(ended) = ended {
                return Ok(Response { octets: self.early.drain(..looked).collect(), ended });
            }
            if self.early.len() > most {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "an answer without end"));
            }
            let mut piece = [0; 4096];
            let length = self.stream.duplex().read(&mut piece).await?;
            if length == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.early.extend_from_slice(piece.get(..length).unwrap_or_default());
        }
    }
}
