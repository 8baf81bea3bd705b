//! Uploads in parts, as ownCloud's and Nextcloud's clients and rclone make them (Nextcloud's developer manual, "Chunked file upload",
//! version 2): MKCOL of a folder below `/dav/uploads/<account>/`, PUT of each part, MOVE of its `.file` to the destination. PROPFIND
//! tells which parts are there, DELETE gives the upload up.
//!
//! The parts are kept on the share of the destination's owner where a request tells the destination, else on the person's own; see
//! `core::Transfer`. With each request the right on the destination is asked for anew.

mod assemble;
mod begin;
mod part;
mod show;

pub(super) use assemble::Parts;

use super::DESTINATION;
use crate::{
    Body,
    call::Call,
    error::{Answer, Refusal, bare},
    place::{Place, Within},
};
use http::{StatusCode, header::HeaderName};
use passerelle_core::{Add, Edit, Error, Transfer, ports::NodeKind};
use passerelle_model::NodeRef;

/// How long the whole will be, in octets.
const OC_TOTAL_LENGTH: HeaderName = HeaderName::from_static("oc-total-length");

/// Sends a request below `/dav/uploads/` to its method. What is somebody else's is not there.
pub(super) async fn answer(call: Call, body: &mut Body) -> Answer {
    let Place::Upload { account, transfer, within } = &call.place else { return Err(Error::NotFound.into()) };
    if !call.is_known(account) {
        return Err(Error::NotFound.into());
    }
    let (name, within) = (transfer.clone(), *within);
    match (call.method.as_str(), within) {
        ("MKCOL", Within::Folder) => begin::begin(&call, &name, body).await,
        ("PUT", Within::Part(part)) => part::put(&call, &name, part, body).await,
        ("MOVE", Within::Whole) => assemble::assemble(call, &name).await,
        ("PROPFIND", Within::Folder) => show::propfind(&call, &name, body).await,
        ("DELETE", Within::Folder) => {
            located(&call, &name).await?.remove().await?;
            Ok(bare(StatusCode::NO_CONTENT))
        }
        _ => Err(Refusal::Method),
    }
}

/// A transfer that was begun: in the tree that the destination is in, where it is told, else in the person's own.
async fn located(call: &Call, name: &str) -> Answer<Transfer> {
    if let Some(transfer) = towards_destination(call, name).await? {
        match transfer.stat().await {
            Ok(_) => return Ok(transfer),
            // rclone tells the destination in the end only.
            Err(Error::NotFound) if Some(transfer.owner()) != call.me() => {}
            Err(error) => return Err(error.into()),
        }
    }
    let transfer = at_home(call, name).await?;
    transfer.stat().await?;
    Ok(transfer)
}

/// The transfer to the destination, if the request tells one.
///
/// # Errors
/// As a PUT of the destination's whole content: 404 and 403 for who may not write there, 405 for a folder.
async fn towards_destination(call: &Call, name: &str) -> Answer<Option<Transfer>> {
    if !call.headers.contains_key(DESTINATION) {
        return Ok(None);
    }
    let node = super::transfer::destination(call)?;
    let (_, seen) = call.look(&node).await?;
    Ok(Some(match seen.map(|seen| seen.kind) {
        Some(NodeKind::Folder) => return Err(Refusal::Method),
        Some(NodeKind::File) => call.open::<Edit>(&node).await?.transfer_of_content(name)?,
        None => call.open::<Add>(&node).await?.transfer_of_new(name)?,
    }))
}

/// The transfer on the person's own share.
async fn at_home(call: &Call, name: &str) -> Answer<Transfer> {
    let home: Option<NodeRef> = call.me().and_then(|me| call.session.home_of(me));
    let home = home.ok_or(Error::NotFound)?;
    Ok(call.open::<Add>(&home).await?.transfer_of_new(name)?)
}

/// `OC-Total-Length = 1*DIGIT`
fn total_length(call: &Call) -> Answer<Option<u64>> {
    let Some(text) = call.header(OC_TOTAL_LENGTH) else { return Ok(None) };
    Ok(Some(text.trim_ascii().parse().map_err(|_| Refusal::Status(StatusCode::BAD_REQUEST))?))
}

/// Refuses what cannot fit where the parts are kept.
///
/// # Errors
/// 507.
async fn check_room(transfer: &Transfer, octets: u64) -> Answer<()> {
    match transfer.room().await? {
        Some(room) if room.available < octets => Err(Error::OverQuota.into()),
        _ => Ok(()),
    }
}
