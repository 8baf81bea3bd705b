//! Adding a file by a form (RFC 7578): streamed to the store, committed when its last octet was seen.

use crate::{
    face::Face,
    home::{self, Extra, Notice},
    listing,
};
use futures::TryStreamExt;
use http::{StatusCode, header::CONTENT_TYPE};
use http_body_util::BodyDataStream;
use passerelle_core::{Add, Error, Result, Session, ports::Precondition};
use passerelle_model::NodeRef;
use passerelle_net::http::{Exchange, Response};

/// Longest value of a field that is no file, in octets.
const LONGEST_FIELD: u64 = 1024;

/// Takes one file into the folder that the address names.
pub(crate) async fn upload(session: &Session, exchange: Exchange, face: &Face) -> Result<Response> {
    let query = exchange.uri().query().map(str::to_owned);
    let folder = listing::asked(session, query.as_deref())?;
    let (good, status, text) = match take(session, exchange, folder).await {
        Ok(name) => (true, StatusCode::OK, face.say_with("upload-done", "name", &name)),
        Err(Refused { name, error }) => {
            let (status, key) = match error {
                Error::Conflict => (StatusCode::CONFLICT, "upload-exists"),
                Error::NotFound | Error::Forbidden | Error::NoParent | Error::Locked => {
                    (StatusCode::FORBIDDEN, "upload-refused")
                }
                Error::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "upload-large"),
                Error::OverQuota => (StatusCode::INSUFFICIENT_STORAGE, "upload-full"),
                Error::Invalid { .. } => (StatusCode::BAD_REQUEST, "upload-bad"),
                Error::Unauthenticated
                | Error::TooMany { .. }
                | Error::Unsupported { .. }
                | Error::Unavailable { .. }
                | Error::Unsettled { .. }
                | Error::Internal { .. } => return Err(error),
            };
            (false, status, face.say_with(key, "name", &name))
        }
    };
    home::page(session, face, query.as_deref(), Extra { notice: Some(Notice { good, text }), made: None, status }).await
}

/// Why a file was not taken, and its name as far as it is known.
struct Refused {
    name: String,
    error: Error,
}

async fn take(session: &Session, exchange: Exchange, folder: NodeRef) -> std::result::Result<String, Refused> {
    let unnamed = |error| Refused { name: String::new(), error };
    let cut = |error: multer::Error| unnamed(Error::invalid(error));
    let kind = exchange.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let boundary = multer::parse_boundary(kind).map_err(cut)?;
    let limits = multer::SizeLimit::new().for_field("token", LONGEST_FIELD);
    let constraints = multer::Constraints::new().allowed_fields(vec!["token", "file"]).size_limit(limits);
    let mut parts = multer::Multipart::with_constraints(BodyDataStream::new(exchange.body), boundary, constraints);
    let mut ours = false;
    while let Some(mut part) = parts.next_field().await.map_err(cut)? {
        if part.name() == Some("token") {
            ours = session.form_token_holds(&part.text().await.map_err(cut)?);
            continue;
        }
        // The token comes first in our own form; a form that puts it last is not ours.
        if !ours {
            return Err(unnamed(Error::Forbidden));
        }
        // Some browsers send a whole path.
        let sent = part.file_name().unwrap_or_default().to_owned();
        let name = sent.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        let named = |error| Refused { name: name.clone(), error };
        let path = folder.path.join(&name).map_err(|error| named(Error::invalid(error)))?;
        let node = NodeRef { path, ..folder };
        let opened = session.open::<_, Add>(node).await.map_err(named)?;
        let mut file = opened.create(None).await.map_err(named)?;
        while let Some(piece) = part.try_next().await.map_err(|error| named(Error::invalid(error)))? {
            file.write(piece).await.map_err(named)?;
        }
        drop(part);
        // The closing boundary must have come: a client that vanished leaves nothing behind (invariant 14).
        if parts.next_field().await.map_err(cut)?.is_some() {
            return Err(named(Error::invalid("one file at a time")));
        }
        file.commit(&Precondition::Absent).await.map_err(named)?;
        return Ok(name);
    }
    Err(unnamed(Error::invalid("no file came")))
}
