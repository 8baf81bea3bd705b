//! How much room there is, where the server tells it (RFC 4331).

use crate::{
    multistatus::WANTED_ROOM,
    place::{Place, check, multistatus},
};
use passerelle_core::{Error, Result, ports::Space};
use passerelle_fetch::dav::Link;

/// Uploads from here on are held against the room before they are read; smaller ones the server refuses early enough.
const WORTH_ASKING: u64 = 64 * 1024;
const DOING: &str = "asking for room";

/// What the server says of a folder to the account that asks; `None` where it says nothing of it.
pub(crate) async fn told(link: &Link, place: &Place) -> Result<Option<Space>> {
    let response = link.propfind(DOING, &place.path, "0", WANTED_ROOM).await?;
    let told = multistatus(link, DOING, response)?.next().await;
    let told = told.map_err(|what| Error::unavailable(link.name(), DOING, what))?.unwrap_or_default();
    check(link, DOING, &told)?;
    let space = |available| Space { available, used: told.facts.used.unwrap_or_default() };
    Ok(told.facts.available.map(space))
}

/// Refuses what cannot fit into the folder above. A server that cannot say will refuse it by itself.
///
/// # Errors
/// `OverQuota`.
pub(crate) async fn check_fits(link: &Link, place: &Place, length: Option<u64>) -> Result<()> {
    let Some(length) = length.filter(|length| *length >= WORTH_ASKING) else { return Ok(()) };
    match told(link, &place.above()).await {
        Ok(Some(space)) if space.available < length => Err(Error::OverQuota),
        _ => Ok(()),
    }
}
