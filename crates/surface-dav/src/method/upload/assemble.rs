//! MOVE of a transfer's `.file` to its destination: the parts, in their order, are the body of a PUT there, with all that a PUT is
//! held to: rights, locks, conditions, room, checksums, scanners, and one step at the end. Then they are gone.
//!
//! `If-Match` and its like are of the destination: of `.file`, which is not there, nothing could be asked.

use super::{check_room, located, total_length};
use crate::{
    call::Call,
    error::{Answer, note},
    method::{DESTINATION, put},
    part::{self, Part},
    place::Place,
};
use bytes::Bytes;
use futures::StreamExt;
use http::StatusCode;
use passerelle_core::{
    Transfer,
    ports::{ByteRange, ByteStream},
};

/// Puts a transfer together.
pub(super) async fn assemble(call: Call, name: &str) -> Answer {
    let overwrite = call.overwrite()?;
    let total = total_length(&call)?;
    let reference = call.header(DESTINATION).ok_or(StatusCode::BAD_REQUEST)?;
    let place: Place = call.place_of(reference)?;
    let transfer = located(&call, name).await?;
    // One at a time: the second is told 423, and finds nothing any more once the first is done.
    let assembly = transfer.assembly().await?;
    let outcome = put_together(call, &transfer, (place, overwrite), total).await;
    assembly.end().await;
    outcome
}

async fn put_together(
    call: Call,
    transfer: &Transfer,
    (place, overwrite): (Place, bool),
    total: Option<u64>,
) -> Answer {
    let listed = transfer.parts().await?;
    let named = |one: &passerelle_core::Part| Some((one.name.parse().ok()?, one.node.size));
    // A gap, or a sum that is another: what would be put together is not what the client has.
    let parts = listed.iter().map(named).collect::<Option<Vec<(Part, u64)>>>().ok_or(StatusCode::BAD_REQUEST)?;
    let (parts, whole) = part::ordered(parts).map_err(|_| StatusCode::BAD_REQUEST)?;
    // Nothing is no file: an empty one is sent by itself.
    if parts.is_empty() || total.is_some_and(|total| total != whole) {
        return Err(StatusCode::BAD_REQUEST.into());
    }
    check_room(transfer, whole).await?;
    let to = call.towards(place);
    let (_, there) = to.look(&to.node()?).await?;
    if there.is_some() && !overwrite {
        return Err(StatusCode::PRECONDITION_FAILED.into());
    }
    let parts = Parts { transfer, left: parts.into_iter(), reading: None };
    let response = put::write(&to, Some(whole), put::Source::Parts(parts)).await?;
    if let Err(error) = transfer.remove().await {
        // The file is there. The parts are swept a day later.
        note(&error, &to.id);
    }
    Ok(response)
}

/// The octets of the parts, one after the other.
pub(in crate::method) struct Parts<'t> {
    transfer: &'t Transfer,
    left: std::vec::IntoIter<Part>,
    reading: Option<ByteStream>,
}

impl Parts<'_> {
    /// The next octets; `None` after the last part.
    pub(in crate::method) async fn next(&mut self) -> Answer<Option<Bytes>> {
        loop {
            if let Some(reading) = &mut self.reading
                && let Some(octets) = reading.next().await
            {
                return Ok(Some(octets?));
            }
            let Some(part) = self.left.next() else { return Ok(None) };
            self.reading = Some(self.transfer.open(&part.to_string()).await?.stream(ByteRange::Full));
        }
    }
}
