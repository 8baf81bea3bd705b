//! MKCOL of a transfer: where its parts will be is made, if all of it has room there.

use super::{at_home, check_room, total_length, towards_destination};
use crate::{
    Body,
    call::Call,
    error::{Answer, Refusal, bare},
    method::piece,
};
use http::StatusCode;
use passerelle_core::Error;

/// Begins a transfer.
pub(super) async fn begin(call: &Call, name: &str, body: &mut Body) -> Answer {
    // RFC 4918 §9.3: a body of a kind that is not understood.
    while let Some(octets) = piece(body).await? {
        if !octets.is_empty() {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into());
        }
    }
    let total = total_length(call)?;
    let (transfer, times) = match towards_destination(call, name).await? {
        // The parts and the whole that is made of them are there together for a moment.
        Some(transfer) => (transfer, 2),
        None => (at_home(call, name).await?, 1),
    };
    if let Some(total) = total {
        check_room(&transfer, total.saturating_mul(times)).await?;
    }
    match transfer.begin().await {
        // RFC 4918 §9.3.1: only where nothing is yet.
        Err(Error::Conflict) => Err(Refusal::Method),
        begun => {
            begun?;
            Ok(bare(StatusCode::CREATED))
        }
    }
}
