//! A message on its way into a mailbox (RFC 9051 §6.3.12, RFC 4315 §3, RFC 7888).
//!
//! The connection is closed before the literal is complete whenever anything is wrong with what comes in, so that the store
//! never has a whole command to obey. The last octets are held back until the stream has ended where it said it would.

use crate::{
    connect::is_ok,
    imap::{Imap, PIECE, Who, is_goodbye, said, tagged},
    login::code,
    settings::Store,
};
use bytes::Bytes;
use futures::StreamExt;
use passerelle_core::{
    Add, Error, Permit, Result,
    ports::{Appended, Flag, NewMessage},
};
use passerelle_model::MailboxRef;
use passerelle_wire_imap::date_time;
use std::sync::Arc;
use tokio::time::timeout;

/// A message of up to so many octets goes out together with its command: that saves a round trip, and costs no more than
/// this when the store refuses.
const SMALL: u64 = 4096;

pub(crate) async fn append(store: &Arc<Store>, at: &Permit<MailboxRef, Add>, message: NewMessage) -> Result<Appended> {
    let who = Who::of(at, &at.target().owner);
    let mut imap = Imap::of(store, who, None).await?;
    let size = message.size.get();
    if let Some(most) = imap.number_of("APPENDLIMIT").filter(|most| size > *most) {
        return Err(Error::TooLarge { most });
    }
    let name = imap.name(&at.target().name).await?;
    let tag = imap.next_tag()?;
    let follows = size <= SMALL && imap.takes_at_once(size);
    let plus = if follows { "+" } else { "" };
    let flags = match message.flags.as_slice() {
        [] => String::new(),
        flags => format!("({}) ", flags.iter().map(Flag::as_str).collect::<Vec<_>>().join(" ")),
    };
    let date = message.received.map(|at| format!("\"{}\" ", date_time(at.0))).unwrap_or_default();
    let command = format!("{tag} APPEND {name} {flags}{date}{{{size}{plus}}}\r\n");
    let mut body = Body { message, left: size, held: Bytes::new(), pending: Bytes::new() };
    if follows {
        // Nothing is sent before all of it is there: a small message that is cut costs the store nothing.
        let mut whole = command.into_bytes();
        while let Some(piece) = body.next().await? {
            whole.extend_from_slice(&piece);
        }
        whole.extend_from_slice(&body.last());
        return done(imap, &tag, &whole, size).await;
    }
    imap.send(command.as_bytes()).await?;
    go_on(&mut imap, &tag, size).await?;
    while let Some(piece) = body.next().await? {
        if imap.send(&piece).await.is_err() {
            // A store that closes or refuses in the middle may have said why.
            return Err(early(&mut imap, &tag, size).await);
        }
    }
    done(imap, &tag, &body.last(), size).await
}

async fn done(mut imap: Imap, tag: &str, last: &[u8], size: u64) -> Result<Appended> {
    let appended = settle(&mut imap, tag, last, size).await?;
    imap.leave().await;
    Ok(appended)
}

/// Waits until the store wants the octets, or hears why it does not.
async fn go_on(imap: &mut Imap, tag: &str, size: u64) -> Result<()> {
    loop {
        let response = imap.response().await?;
        if response.starts_with(b"+") {
            return Ok(());
        }
        if let Some(words) = tagged(&response, tag) {
            imap.at_rest = true;
            return Err(refusal(imap, &words, size));
        }
    }
}

/// What comes in, counted and looked at, with the last octets held back.
struct Body {
    message: NewMessage,
    /// How many octets are to come.
    left: u64,
    held: Bytes,
    pending: Bytes,
}

impl Body {
    /// The next piece that may be sent; `None` when the stream has ended where it said it would.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            if !self.pending.is_empty() {
                let some = self.pending.split_to(self.pending.len().min(PIECE));
                let before = std::mem::replace(&mut self.held, some);
                if !before.is_empty() {
                    return Ok(Some(before));
                }
                continue;
            }
            let Some(piece) = self.message.octets.next().await else {
                if self.left > 0 {
                    return Err(Error::invalid("the message is shorter than was said"));
                }
                return Ok(None);
            };
            let piece = piece?;
            let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
            let left = self.left.checked_sub(length);
            self.left = left.ok_or_else(|| Error::invalid("the message is longer than was said"))?;
            // RFC 9051 §9: CHAR8 is any octet but NUL; stores that take one change it.
            if memchr::memchr(0, &piece).is_some() {
                return Err(Error::invalid("the message has a NUL in it"));
            }
            self.pending = piece;
        }
    }

    /// The last octets, with the end of the command.
    fn last(&self) -> Vec<u8> {
        [&self.held[..], b"\r\n"].concat()
    }
}

/// Sends what completes the command, and hears what became of it. From here on the store may have all of it, so that whatever
/// fails leaves the outcome open.
async fn settle(imap: &mut Imap, tag: &str, last: &[u8], size: u64) -> Result<Appended> {
    let name = imap.store.name.clone();
    let open = |cause: passerelle_core::Cause| Error::unsettled(&name, "keeping a message", cause);
    match timeout(imap.store.deadline, imap.wire.send(last)).await {
        Ok(sent) => sent.map_err(|error| open(error.into()))?,
        Err(slow) => return Err(open(slow.into())),
    }
    loop {
        let response = imap.response().await.map_err(|error| open(error.into()))?;
        // A literal that did not wait may be asked for all the same.
        let Some(words) = tagged(&response, tag) else { continue };
        imap.at_rest = true;
        if is_ok(&words, "") {
            return Ok(Appended { place: place(&words) });
        }
        return Err(refusal(imap, &words, size));
    }
}

/// Why a store that took no more octets did so, where it said it.
async fn early(imap: &mut Imap, tag: &str, size: u64) -> Error {
    let gone = imap.failed("taking a message", "the store ended the connection");
    loop {
        match timeout(imap.store.deadline, imap.wire.response(1024)).await {
            Ok(Ok(response)) => {
                if let Some(words) = tagged(&response, tag) {
                    return refusal(imap, &words, size);
                }
                if is_goodbye(&response) {
                    return imap.failed("taking a message", said(&response));
                }
            }
            Ok(Err(_)) | Err(_) => return gone,
        }
    }
}

/// What a refusal of APPEND is.
fn refusal(imap: &Imap, words: &str, size: u64) -> Error {
    let has = |name: &str| code(words, name).is_some();
    if has("TRYCREATE") || has("NONEXISTENT") {
        Error::NotFound
    } else if has("TOOBIG") {
        // RFC 4469 §4.2: how much would do it does not say.
        Error::TooLarge { most: size.saturating_sub(1) }
    } else {
        imap.refused("putting a message in", words)
    }
}

/// `[APPENDUID 38505 3955]` (RFC 4315 §3).
fn place(words: &str) -> Option<(u32, u32)> {
    let (validity, uid) = code(words, "APPENDUID ")?.split_once(' ')?;
    Some((validity.parse().ok()?, uid.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        assert_eq!(place(" OK [APPENDUID 38505 3955] done"), Some((38505, 3955)));
        assert_eq!(place(" OK [APPENDUID 38505 3955:3956] done"), None);
        assert_eq!(place(" OK done"), None);
    }
}
