//! One look at a maildrop: log-in by POP3 (RFC 1939), the messages' unique-ids and sizes, and what is fetched or deleted.
//!
//! Deletions happen at QUIT only, and all of them in one session that does nothing else. A cut before QUIT was sent deletes
//! nothing; what a cut behind it has done is not known.

use crate::{
    connect::{self, Wire, told},
    settings::Settings,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use passerelle_core::ports::{ExternalFault, ExternalServer, ExternalTls, MOST_IN_MAILDROP};
use passerelle_model::Secret;
use passerelle_wire_pop3::{Unstuffing, is_ok, refusal_code, scan_listing, unique_id_listing};
use std::{collections::HashMap, time::Duration};
use tokio::time::timeout;

/// Most lines of CAPA.
const MOST_CAPABILITIES: usize = 100;
/// Longest header that is taken, in octets; what stands behind is not seen.
const LONGEST_HEADER: usize = 256 * 1024;
/// How much more of an answer is read away to keep the session, in octets.
const MOST_AWAY: usize = 4 * 1024 * 1024;

/// A session past log-in.
pub(crate) struct Pop {
    wire: Wire,
    patience: Duration,
    pub(crate) messages: Vec<Listed>,
}

/// A message as the server lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Its number in this session.
    pub(crate) number: u32,
    /// Its size as the server says, in octets.
    pub(crate) size: u64,
    /// Its unique-id.
    pub(crate) name: Vec<u8>,
}

/// A message that comes in pieces.
pub(crate) struct Coming<'a> {
    pop: &'a mut Pop,
    unstuffing: Unstuffing,
}

impl Pop {
    /// Connects, logs in and lists, within the settings' deadline.
    pub(crate) async fn open(
        settings: &Settings,
        server: &ExternalServer,
        password: &Secret,
    ) -> Result<Self, ExternalFault> {
        let opened = timeout(settings.deadline, Self::steps(settings, server, password)).await;
        opened.unwrap_or(Err(ExternalFault::Slow))
    }

    async fn steps(settings: &Settings, server: &ExternalServer, password: &Secret) -> Result<Self, ExternalFault> {
        let (wire, name) = connect::begin(settings, server).await?;
        let mut pop = Self { wire, patience: settings.deadline, messages: Vec::new() };
        if !pop.status().await?.0 {
            return Err(ExternalFault::Unreachable);
        }
        if server.tls() == ExternalTls::Starttls {
            // RFC 2595 §4: what was announced in clear is asked for again.
            if !pop.ask(b"STLS").await?.0 {
                return Err(ExternalFault::Unprotected);
            }
            pop.wire = connect::upgrade(settings, name, pop.wire).await?;
        }
        pop.log_in(server, password).await?;
        pop.list().await?;
        Ok(pop)
    }

    async fn log_in(&mut self, server: &ExternalServer, password: &Secret) -> Result<(), ExternalFault> {
        let capabilities = match self.ask(b"CAPA").await?.0 {
            true => Some(self.lines(MOST_CAPABILITIES).await?),
            false => None,
        };
        let has = |wanted: &str, word: &str| {
            let is_it = |line: &Vec<u8>| {
                let line = String::from_utf8_lossy(line).to_ascii_uppercase();
                let mut words = line.split_ascii_whitespace();
                words.next() == Some(wanted) && (word.is_empty() || words.any(|it| it == word))
            };
            capabilities.as_ref().is_some_and(|lines| lines.iter().any(is_it))
        };
        let answer = if has("SASL", "PLAIN") {
            self.send(b"AUTH PLAIN").await?;
            let line = self.line().await?;
            if line.starts_with(b"+ ") || line == b"+" {
                let message = Secret::new(passerelle_wire_sasl::plain("", server.login(), password.expose()));
                let encoded = Secret::new(STANDARD.encode(message.expose()));
                self.ask(encoded.expose()).await?
            } else {
                (is_ok(&line).filter(|it| !it).ok_or(ExternalFault::Nonsense)?, line)
            }
        } else if capabilities.is_some() && !has("USER", "") {
            // In clear this says that TLS is wanted; under TLS, that there is no way in with a password.
            let is_clear = server.tls() == ExternalTls::Clear;
            return Err(if is_clear { ExternalFault::Unprotected } else { ExternalFault::Password });
        } else {
            let user = self.ask(&[b"USER ", server.login().as_bytes()].concat()).await?;
            match user.0 {
                true => self.ask(Secret::new([b"PASS ", password.expose()].concat()).expose()).await?,
                false => user,
            }
        };
        if answer.0 { Ok(()) } else { Err(refused(&answer.1)) }
    }

    async fn list(&mut self) -> Result<(), ExternalFault> {
        if !self.ask(b"UIDL").await?.0 {
            return Err(ExternalFault::Unnumbered);
        }
        let names = self.lines(MOST_IN_MAILDROP).await?;
        if !self.ask(b"LIST").await?.0 {
            return Err(ExternalFault::Nonsense);
        }
        let sizes: Option<HashMap<u32, u64>> =
            self.lines(MOST_IN_MAILDROP).await?.iter().map(|line| scan_listing(line)).collect();
        let sizes = sizes.ok_or(ExternalFault::Nonsense)?;
        let listed = |line: &Vec<u8>| {
            let (number, name) = unique_id_listing(line)?;
            Some(Listed { number, size: *sizes.get(&number)?, name: name.to_vec() })
        };
        let messages: Option<Vec<Listed>> = names.iter().map(listed).collect();
        self.messages = messages.ok_or(ExternalFault::Nonsense)?;
        if self.messages.len() != sizes.len() {
            return Err(ExternalFault::Nonsense);
        }
        Ok(())
    }

    /// The header of a message (RFC 1939 §7, TOP), with the empty line that ends it.
    pub(crate) async fn header(&mut self, number: u32) -> Result<Vec<u8>, ExternalFault> {
        let is_there = self.ask(format!("TOP {number} 0").as_bytes()).await?.0;
        if !is_there {
            return Err(ExternalFault::Unreachable);
        }
        let (mut header, mut away) = (Vec::new(), 0_usize);
        let mut coming = Coming { pop: self, unstuffing: Unstuffing::default() };
        while let Some(piece) = coming.next().await? {
            if header.len() < LONGEST_HEADER {
                header.extend_from_slice(&piece);
            } else {
                away = away.saturating_add(piece.len());
            }
            if away > MOST_AWAY {
                return Err(ExternalFault::Nonsense);
            }
        }
        // Servers that send more than was asked for are many.
        let end = header.windows(4).position(|octets| octets == b"\r\n\r\n").map(|at| at.saturating_add(4));
        header.truncate(end.unwrap_or(header.len()).min(LONGEST_HEADER));
        Ok(header)
    }

    /// A whole message.
    pub(crate) async fn retrieve(&mut self, number: u32) -> Result<Coming<'_>, ExternalFault> {
        match self.ask(format!("RETR {number}").as_bytes()).await?.0 {
            true => Ok(Coming { pop: self, unstuffing: Unstuffing::default() }),
            false => Err(ExternalFault::Unreachable),
        }
    }

    /// Marks one to be deleted at QUIT; `false` when the server does not want to.
    pub(crate) async fn delete(&mut self, number: u32) -> Result<bool, ExternalFault> {
        Ok(self.ask(format!("DELE {number}").as_bytes()).await?.0)
    }

    /// Ends the session. What was marked is deleted when this answers `true`; some of it may not be when `false`, and what an
    /// error means is not known.
    pub(crate) async fn quit(mut self) -> Result<bool, ExternalFault> {
        Ok(self.ask(b"QUIT").await?.0)
    }

    async fn send(&mut self, line: &[u8]) -> Result<(), ExternalFault> {
        let line = Secret::new([line, b"\r\n"].concat());
        match timeout(self.patience, self.wire.send(line.expose())).await {
            Ok(sent) => sent.map_err(told),
            Err(_) => Err(ExternalFault::Slow),
        }
    }

    async fn line(&mut self) -> Result<Vec<u8>, ExternalFault> {
        match timeout(self.patience, self.wire.line()).await {
            Ok(line) => line.map(String::into_bytes).map_err(told),
            Err(_) => Err(ExternalFault::Slow),
        }
    }

    async fn status(&mut self) -> Result<(bool, Vec<u8>), ExternalFault> {
        let line = self.line().await?;
        Ok((is_ok(&line).ok_or(ExternalFault::Nonsense)?, line))
    }

    async fn ask(&mut self, line: &[u8]) -> Result<(bool, Vec<u8>), ExternalFault> {
        if !self.wire.early.is_empty() {
            // More than was asked for: whatever it answers, it is not this.
            return Err(ExternalFault::Nonsense);
        }
        self.send(line).await?;
        self.status().await
    }

    /// A list up to its dot; a longer one than `most` is more than can be numbered.
    async fn lines(&mut self, most: usize) -> Result<Vec<Vec<u8>>, ExternalFault> {
        let mut all = Vec::new();
        loop {
            let line = self.line().await?;
            if line == b"." {
                return Ok(all);
            }
            if all.len() >= most {
                return Err(ExternalFault::Unnumbered);
            }
            all.push(line);
        }
    }
}

impl Coming<'_> {
    /// The next piece, without stuffing; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<u8>>, ExternalFault> {
        while !self.unstuffing.is_done() {
            let wire = &mut self.pop.wire;
            if wire.early.is_empty() {
                match timeout(self.pop.patience, wire.more()).await {
                    Ok(read) => read.map_err(told)?,
                    Err(_) => return Err(ExternalFault::Slow),
                }
            }
            let mut piece = Vec::with_capacity(wire.early.len());
            let taken = self.unstuffing.take(&wire.early, &mut piece);
            wire.early.drain(..taken);
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
        Ok(None)
    }
}

/// Whether a refusal of log-in is the password's, or passes (RFC 2449 §8.1, RFC 3206 §4).
fn refused(line: &[u8]) -> ExternalFault {
    match refusal_code(line).as_deref() {
        Some("IN-USE" | "LOGIN-DELAY" | "SYS/TEMP" | "SYS/PERM") => ExternalFault::Unreachable,
        _ => ExternalFault::Password,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_refusals_mean() {
        for (line, expected) in [
            ("-ERR [AUTH] no", ExternalFault::Password),
            ("-ERR no", ExternalFault::Password),
            ("-ERR [IN-USE] locked", ExternalFault::Unreachable),
            ("-ERR [login-delay] wait", ExternalFault::Unreachable),
        ] {
            assert_eq!(refused(line.as_bytes()), expected, "{line}");
        }
    }
}
