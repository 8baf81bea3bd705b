//! PUT of a part. It is there in one step when it is whole; a part that is sent again takes the place of the first.

use super::located;
use crate::{
    Body,
    call::Call,
    error::{Answer, bare},
    method::{content_length, piece},
    part::Part,
};
use http::{StatusCode, header::CONTENT_RANGE};
use passerelle_core::{Error, ports::Precondition};

/// Writes a part.
pub(super) async fn put(call: &Call, name: &str, part: Part, body: &mut Body) -> Answer {
    // RFC 9110 §14.5
    if call.headers.contains_key(CONTENT_RANGE) {
        return Err(StatusCode::BAD_REQUEST.into());
    }
    let length = content_length(call)?;
    let transfer = located(call, name).await?;
    let mut upload = transfer.write(&part.to_string(), length).await?;
    let mut received = 0_u64;
    while let Some(octets) = piece(body).await? {
        received += u64::try_from(octets.len()).unwrap_or(u64::MAX);
        upload.write(octets).await?;
    }
    if length.is_some_and(|length| length != received) {
        return Err(StatusCode::BAD_REQUEST.into());
    }
    // A part can take long; what was withdrawn meanwhile does not write.
    call.session.check_in_force()?;
    match upload.commit(&Precondition::None).await {
        // The same part came another way at the same time, or the transfer was given up.
        Err(Error::Conflict | Error::NoParent) => Err(StatusCode::CONFLICT.into()),
        written => {
            written?;
            Ok(bare(StatusCode::CREATED))
        }
    }
}
