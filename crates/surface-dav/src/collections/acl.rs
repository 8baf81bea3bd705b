//! Who may do what with a calendar or an address book (RFC 3744 §8.1), told and set on the same grants as everywhere else.

use super::{At, open};
use crate::{
    Body,
    acl::{self, Of},
    call::Call,
    error::Answer,
    method::{acl::put_in_force, xml},
    privilege::About,
    props::Ask,
};
use http::StatusCode;
use passerelle_core::{Manage, SeenCollection, ports::Telling};
use passerelle_model::{CollectionFamily, CollectionRef, Rights};

/// Sets the access list of a collection.
pub(super) async fn acl(call: &Call, at: &At, body: &mut Body) -> Answer {
    let root = xml(body).await?.ok_or(StatusCode::BAD_REQUEST)?;
    let handle = open::<Manage>(call, at).await?;
    handle.look(Telling::Facts).await?;
    let about = match at.family() {
        CollectionFamily::Calendars => About::Times,
        CollectionFamily::Contacts => About::Things,
    };
    put_in_force(call, &handle, Of::Collection(handle.target()), acl::read(&root, about)?).await
}

/// `DAV:acl` of a collection, for who manages it and asked.
pub(super) async fn told(call: &Call, ask: &Ask, seen: &SeenCollection) -> Answer<Option<String>> {
    if !ask.needs_acl() || !seen.rights.contains(Rights::MANAGE) {
        return Ok(None);
    }
    let granted = call.session.open::<CollectionRef, Manage>(seen.at.clone()).await?.grants().await?;
    Ok(Some(acl::write(call, Of::Collection(&seen.at), &granted, call.session.now())))
}
