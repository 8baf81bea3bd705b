//! GET of a collection: all of a calendar as one iCalendar object, all of an address book as vCards, as clients and people know it
//! from other servers. No RFC says what it answers (RFC 4918 §9.4); private events are told as they are one by one.

use super::{At, open};
use crate::{
    call::Call,
    error::{Answer, bare},
};
use http::{HeaderValue, Method, StatusCode, header::CONTENT_TYPE};
use passerelle_core::Read;
use passerelle_exchange::{Form, Left, whole};
use passerelle_net::http::{set_media_headers, stream_of};

/// Sends it while it is read: it has no length and no tag.
pub(super) async fn get(call: &Call, at: &At) -> Answer {
    let handle = open::<Read>(call, at).await?;
    let form = Form::of(at.family());
    let name = format!("{}{}", handle.target().name(), form.ending());
    let octets = whole(handle, Some(call.session.clone()), form, Left::default()).await?;
    let mut response = bare(StatusCode::OK);
    set_media_headers(response.headers_mut(), &name);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(form.media_type()));
    if call.method == Method::GET {
        *response.body_mut() = stream_of(octets);
    }
    Ok(response)
}
