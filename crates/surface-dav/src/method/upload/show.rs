//! PROPFIND of a transfer: which parts are there, for a client that goes on after a break.

use super::located;
use crate::{
    Body,
    call::{Call, Depth},
    error::{Answer, Refusal},
    method::propfind::{asked, plain_setting, whole},
    props::{Thing, response},
    xml::Writer,
};
use http::StatusCode;

/// Describes a transfer, and its parts.
pub(super) async fn propfind(call: &Call, name: &str, body: &mut Body) -> Answer {
    let depth = call.depth(Depth::Infinity)?;
    let ask = asked(body).await?;
    if depth == Depth::Infinity {
        return Err(Refusal::Condition(StatusCode::FORBIDDEN, "propfind-finite-depth"));
    }
    let transfer = located(call, name).await?;
    let (mut xml, at) = (Writer::begin("D:multistatus"), plain_setting(call, call.me()));
    let href = format!("{}/", call.place.href());
    response(&mut xml, &href, None, &ask, &at, &Thing::node(name, &transfer.stat().await?));
    if depth == Depth::One {
        for part in transfer.parts().await? {
            response(&mut xml, &href, Some(&part.name), &ask, &at, &Thing::node(&part.name, &part.node));
        }
    }
    Ok(whole(xml))
}
