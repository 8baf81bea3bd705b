//! Another logo or favicon, by a form with a file (RFC 7578). It is checked by its octets and goes to State; nothing of it
//! touches the disk here.

use super::{
    administered,
    change::{Changes, change},
    check_fresh, shown,
};
use crate::{face::Face, home::Notice};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{StatusCode, header::CONTENT_TYPE};
use http_body_util::BodyDataStream;
use passerelle_core::{Error, LARGEST_IMAGE, Result, Session, SettingValue};
use passerelle_net::http::{Exchange, Response};
use std::collections::HashMap;

/// Longest field that is no file, in octets.
const LONGEST_FIELD: u64 = 1024;
/// The file is read a little beyond the largest image, so that the gate says what is wrong with it.
const LARGEST_FILE: u64 = LARGEST_IMAGE as u64 + 1;

/// Takes an image, or with `reset` falls back to the file's.
pub(crate) async fn replace_image(session: &Session, exchange: Exchange, face: &Face) -> Result<Response> {
    let from = exchange.peer.ip();
    let cut = |error: multer::Error| Error::invalid(error);
    let kind = exchange.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let boundary = multer::parse_boundary(kind).map_err(cut)?;
    let limits = multer::SizeLimit::new()
        .whole_stream(LARGEST_FILE + 8 * LONGEST_FIELD)
        .per_field(LONGEST_FIELD)
        .for_field("file", LARGEST_FILE);
    let fields = vec!["token", "version", "image", "reset", "file"];
    let constraints = multer::Constraints::new().allowed_fields(fields).size_limit(limits);
    let mut parts = multer::Multipart::with_constraints(BodyDataStream::new(exchange.body), boundary, constraints);
    let (mut texts, mut octets) = (HashMap::<String, String>::new(), Vec::new());
    while let Some(part) = parts.next_field().await.map_err(cut)? {
        match part.name().unwrap_or_default().to_owned().as_str() {
            "file" => match part.bytes().await {
                Ok(read) => octets = read.to_vec(),
                // The token comes first in our own form.
                Err(_) if session.form_token_holds(texts.get("token").map_or("", String::as_str)) => {
                    let text = face.say("admin-image-large");
                    return shown(session, face, StatusCode::BAD_REQUEST, Some(Notice { good: false, text })).await;
                }
                Err(error) => return Err(cut(error)),
            },
            name => drop(texts.insert(name.to_owned(), part.text().await.map_err(cut)?)),
        }
    }
    let text = |name: &str| texts.get(name).map(String::as_str).unwrap_or_default();
    if !session.form_token_holds(text("token")) {
        return Err(Error::Forbidden);
    }
    check_fresh(session)?;
    let institution = administered(session).await?;
    let name = match text("image") {
        "logo" => "branding.logo",
        "favicon" => "branding.favicon",
        _ => return Err(Error::NotFound),
    };
    let version = text("version").parse().map_err(|_| Error::invalid("the form has no version"))?;
    let value = (text("reset") != "1").then(|| SettingValue::String(STANDARD.encode(&octets)));
    let changes = Changes::from([(name.to_owned(), value)]);
    change(session, face, &institution, &changes, version, from).await
}
