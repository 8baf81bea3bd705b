//! `Email/import` (RFC 8621 §4.8): a message that was uploaded, or is attached to another, as a message of its own, octet for octet
//! but for the ends of its lines, which mail has as CRLF.

use super::{
    put::{Arriving, put},
    set::{Filed, filed},
};
use crate::{
    blob::Blob,
    desk::Desk,
    error::{MethodError, SetError},
    id::{BlobId, EmailId},
    limits::MOST_SET,
    mail::{Fields, thread_of},
    methods::set::Done,
    state::UNKNOWN_STATE,
};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use passerelle_core::{Error, ports::ByteStream};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// How much of a message is looked at for its header, in octets.
const LOOKED_AT: usize = 256 * 1024;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Import {
    account_id: String,
    #[serde(default)]
    if_in_state: Option<String>,
    emails: Map<String, Value>,
}

pub(crate) async fn import(desk: &mut Desk<'_>, arguments: Import) -> Result<Value, MethodError> {
    desk.enter(&arguments.account_id).await?;
    if arguments.emails.len() > MOST_SET {
        return Err(MethodError::new("requestTooLarge"));
    }
    let old_state = desk.mailboxes().await?.mail_state().to_text();
    if arguments.if_in_state.is_some_and(|wanted| wanted != old_state) {
        return Err(MethodError::new("stateMismatch"));
    }
    let mut done = Done::default();
    for (name, email) in arguments.emails {
        match one(desk, &email).await {
            Ok((id, value)) => done.created(desk, &name, id.to_string(), value),
            Err(error) => done.not_created(desk, &name, &error),
        }
    }
    desk.look_again();
    // What was done is told, also where the store is gone by now: from such a state changes cannot be told.
    let now = desk.mailboxes().await;
    let new_state = now.map_or_else(|_| UNKNOWN_STATE.to_owned(), |it| it.mail_state().to_text());
    Ok(done.made(&arguments.account_id, &old_state, &new_state))
}

async fn one(desk: &mut Desk<'_>, email: &Value) -> Result<(EmailId, Value), SetError> {
    let email = email.as_object().ok_or_else(|| SetError::new("invalidProperties"))?;
    let known = ["blobId", "mailboxIds", "keywords", "receivedAt"];
    if let Some(unknown) = email.keys().find(|it| !known.contains(&it.as_str())) {
        return Err(SetError::properties(&[unknown], "there is no such property"));
    }
    let Filed { mailbox, keywords, received } = filed(desk, email).await?;
    let blob = email.get("blobId").and_then(Value::as_str).unwrap_or_default().to_owned();
    let meant = desk.meant(&blob).map(str::to_owned).unwrap_or_default();
    let found = |error| match error {
        Error::NotFound => SetError::properties(&["blobId"], "there is no such blob"),
        error => error.into(),
    };
    // Read twice: once for how long it is, which the store has to know before its first octet.
    let first = crlf(Blob::find(desk, &meant).await.map_err(found)?.decoded().await.map_err(found)?);
    let (size, beginning) = measured(first).await?;
    let header = first_header(&beginning).ok_or_else(|| SetError::new("invalidEmail"))?;
    let octets = crlf(Blob::find(desk, &meant).await.map_err(found)?.decoded().await.map_err(found)?);
    let message_id = crate::mail::first_message_id(header);
    let id = put(desk, &mailbox, Arriving { size, octets, keywords, received, message_id }).await?;
    let value = json!({
        "id": id.to_string(),
        "blobId": BlobId::of_message(id).to_string(),
        "threadId": thread_of(&Fields::of(header), id).to_string(),
        "size": size,
    });
    Ok((id, value))
}

/// How long a content is, and how it begins. A message has no NUL (RFC 5322 §2.2).
async fn measured(mut octets: ByteStream) -> Result<(u64, Vec<u8>), SetError> {
    let (mut size, mut beginning) = (0_u64, Vec::new());
    while let Some(piece) = octets.try_next().await? {
        if piece.contains(&0) {
            return Err(SetError::saying("invalidEmail", "there is a NUL in it"));
        }
        size = size.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        let room = LOOKED_AT.saturating_sub(beginning.len()).min(piece.len());
        beginning.extend_from_slice(piece.get(..room).unwrap_or_default());
    }
    Ok((size, beginning))
}

/// The header, if there is one: fields, and an empty line or the end behind them.
pub(super) fn first_header(octets: &[u8]) -> Option<&[u8]> {
    let end = octets.windows(4).position(|it| it == b"\r\n\r\n").map(|at| at.saturating_add(2));
    let header = octets.get(..end.unwrap_or(octets.len()))?;
    let first = header.split(|octet| *octet == b'\n').next()?;
    let name = first.get(..first.iter().position(|octet| *octet == b':')?)?;
    (!name.is_empty() && name.iter().all(u8::is_ascii_graphic)).then_some(header)
}

/// With CRLF at the end of each line.
pub(crate) fn crlf(octets: ByteStream) -> ByteStream {
    let state = (octets, false);
    stream::unfold(state, async |(mut octets, mut after_cr)| {
        let piece = match octets.next().await? {
            Ok(piece) => piece,
            Err(error) => return Some((Err(error), (octets, after_cr))),
        };
        let mut out = Vec::with_capacity(piece.len().saturating_add(16));
        for octet in piece.iter().copied() {
            match octet {
                b'\n' if after_cr => out.push(b'\n'),
                b'\n' => out.extend_from_slice(b"\r\n"),
                // A CR alone ends a line too.
                other if after_cr => out.extend_from_slice(&[b'\n', other]),
                other => out.push(other),
            }
            after_cr = octet == b'\r';
        }
        Some((Ok(Bytes::from(out)), (octets, after_cr)))
    })
    .boxed()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[tokio::test]
    async fn line_ends() {
        for cut in 1..8 {
            let pieces: Vec<_> =
                b"a: 1\nb: 2\r\n\r\nx\ry\r\r\n".chunks(cut).map(|it| Ok(Bytes::copy_from_slice(it))).collect();
            let all: Vec<Bytes> = crlf(stream::iter(pieces).boxed()).try_collect().await.unwrap();
            assert_eq!(all.concat(), b"a: 1\r\nb: 2\r\n\r\nx\r\ny\r\n\r\n", "{cut}");
        }
    }

    #[test]
    fn what_is_a_message() {
        assert_eq!(first_header(b"A: 1\r\n\r\nx"), Some(&b"A: 1\r\n"[..]));
        assert_eq!(first_header(b"A: 1\r\n"), Some(&b"A: 1\r\n"[..]));
        for bad in [&b""[..], b"no field\r\n\r\n", b": x\r\n", b"\x89PNG\r\n\x1a\n:"] {
            assert_eq!(first_header(bad), None);
        }
    }
}
