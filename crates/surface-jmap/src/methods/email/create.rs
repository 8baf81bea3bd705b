//! A message that is made (RFC 8621 §4.6): written, and put where it shall lie. What is attached passes from the store to the store.

use super::{
    put::{Arriving, now, put},
    set::{Filed, filed},
};
use crate::{
    blob::Blob,
    desk::Desk,
    error::SetError,
    id::{BlobId, EmailId},
    limits::LARGEST_UPLOAD,
    mail::{Fields, Given, Piece, compose, thread_of},
};
use bytes::Bytes;
use futures::{StreamExt, stream};
use passerelle_core::{Error, ports::ByteStream, seal};
use serde_json::{Value, json};

/// Most blobs of one message: each is open while it is sent.
const MOST_BLOBS: usize = 100;

pub(super) async fn create(desk: &mut Desk<'_>, email: &Value) -> Result<(EmailId, Value), SetError> {
    let email = email.as_object().ok_or_else(|| SetError::new("invalidProperties"))?;
    let Filed { mailbox, keywords, received } = filed(desk, email).await?;
    let given = Given { unique: seal::random_hex::<12>()?, domain: desk.domain()?, now: now() };
    let composed = compose(email, &given).map_err(|wrong| SetError::properties(&[&wrong.property], wrong.why))?;
    let header = composed.pieces.iter().find_map(|piece| match piece {
        Piece::Octets(octets) => Some(octets.clone()),
        Piece::Blob(_) => None,
    });
    let (octets, size) = message(desk, composed.pieces).await?;
    let arriving = Arriving { size, octets, keywords, received, message_id: composed.message_id };
    let id = put(desk, &mailbox, arriving).await?;
    let header = header.unwrap_or_default();
    let thread = thread_of(&Fields::of(first_header(&header)), id);
    let value = json!({
        "id": id.to_string(),
        "blobId": BlobId::of_message(id).to_string(),
        "threadId": thread.to_string(),
        "size": size,
    });
    Ok((id, value))
}

/// What stands before the first empty line.
fn first_header(octets: &[u8]) -> &[u8] {
    let end = octets.windows(4).position(|it| it == b"\r\n\r\n").map_or(octets.len(), |at| at.saturating_add(2));
    octets.get(..end).unwrap_or(octets)
}

/// A message's octets, and how many they are.
async fn message(desk: &mut Desk<'_>, pieces: Vec<Piece>) -> Result<(ByteStream, u64), SetError> {
    let (mut size, mut blobs) = (0_u64, 0_usize);
    let mut all: Vec<Source> = Vec::new();
    let length = |octets: &[u8]| u64::try_from(octets.len()).unwrap_or(u64::MAX);
    let mut missing = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Octets(octets) => {
                size = size.saturating_add(length(&octets));
                all.push(Source::Octets(octets.into()));
            }
            Piece::Blob(id) => {
                blobs = blobs.saturating_add(1);
                if blobs > MOST_BLOBS {
                    return Err(SetError::new("tooLarge"));
                }
                let meant = desk.meant(&id).map(str::to_owned);
                let found = match &meant {
                    Some(meant) => Blob::find(desk, meant).await,
                    None => Err(Error::NotFound),
                };
                match found {
                    Ok(blob) => {
                        let encoding = encoding_of(&blob);
                        let fields = format!("Content-Transfer-Encoding: {encoding}\r\n\r\n");
                        size = size.saturating_add(length(fields.as_bytes())).saturating_add(blob.size);
                        all.push(Source::Octets(fields.into()));
                        all.push(Source::Blob(Box::new(blob)));
                    }
                    Err(Error::NotFound) => missing.push(id),
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }
    if !missing.is_empty() {
        return Err(SetError::blobs_not_found(&missing));
    }
    if size > LARGEST_UPLOAD.saturating_mul(2) {
        return Err(SetError::new("tooLarge"));
    }
    let octets = stream::iter(all).then(async |source| match source {
        Source::Octets(octets) => stream::once(async move { Ok(octets) }).boxed(),
        Source::Blob(blob) => match blob.encoded().await {
            Ok(octets) => octets,
            Err(error) => stream::once(async move { Err(error) }).boxed(),
        },
    });
    Ok((octets.flatten().boxed(), size))
}

/// Where octets of a message come from.
enum Source {
    Octets(Bytes),
    Blob(Box<Blob>),
}

/// The transfer encoding that a blob lies in (RFC 2045 §6).
fn encoding_of(blob: &Blob) -> &str {
    let known = ["7bit", "8bit", "quoted-printable", "base64"];
    let said = blob.encoding.as_deref().unwrap_or(if blob.media_type == "message/rfc822" { "8bit" } else { "7bit" });
    known.into_iter().find(|it| it.eq_ignore_ascii_case(said)).unwrap_or("8bit")
}
