//! `POST /api/sessions/end`: ends this session, or everything that the person has open on every device.

use super::{Answer, Call, json};
use crate::sign_in;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    #[serde(default)]
    everywhere: bool,
}

/// Tells where the browser goes next: to the provider that signed the person on, where that is to be told, or to a page of ours.
pub(super) async fn end(mut call: Call<'_>) -> Answer {
    let End { everywhere } = call.body().await?;
    let next = sign_in::end(&call.session, call.exchange.origin(), everywhere).await?;
    let next = next.unwrap_or_else(|| sign_in::SIGNED_OUT.to_owned());
    Ok(sign_in::with_cookie(json(StatusCode::OK, &json!({ "next": next })), "", 0, false))
}
