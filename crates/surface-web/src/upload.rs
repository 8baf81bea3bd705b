//! Adding a file by a form (RFC 7578): streamed to the store, committed when its last octet was seen.

use crate::{
    face::Face,
    home::{self, Extra, Notice},
    listing,
};
use futures::TryStreamExt;
use http::{StatusCode, header::CONTENT_TYPE};
use http_body_util::BodyDataStream;
use passerelle_core::{Add, Authorized, Error, Result, Session, ports::Precondition};
use passerelle_model::NodeRef;
use passerelle_net::http::{Exchange, Response};

/// Longest value of a field that is no file, in octets.
const LONGEST_FIELD: u64 = 1024;
/// How many files of one name are told apart by a number.
const MOST_NUMBERS: u32 = 200;

/// Takes one file into the folder that the address names.
pub(crate) async fn upload(session: &Session, exchange: Exchange, face: &Face) -> Result<Response> {
    let query = exchange.uri().query().map(str::to_owned);
    let folder = listing::asked(session, query.as_deref())?;
    let (good, status, text) = match take(session, exchange, folder, Form::OfSession).await {
        Ok(name) => (true, StatusCode::OK, face.say_with("upload-done", "name", &name)),
        Err(refused) => {
            let (status, text) = refused.told(face)?;
            (false, status, text)
        }
    };
    home::page(session, face, query.as_deref(), Extra { notice: Some(Notice { good, text }), made: None, status }).await
}

/// Why a file was not taken, and its name as far as it is known.
pub(crate) struct Refused {
    pub(crate) name: String,
    pub(crate) error: Error,
}

impl Refused {
    /// The status and what the person is told; an error that is no doing of theirs comes back.
    pub(crate) fn told(self, face: &Face) -> Result<(StatusCode, String)> {
        let (status, key) = match self.error {
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
            | Error::Internal { .. } => return Err(self.error),
        };
        Ok((status, face.say_with(key, "name", &self.name)))
    }
}

/// What makes a form ours, and what becomes of a name that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// The session's token comes first in it; a name that is taken is refused.
    OfSession,
    /// Whoever knows the link's address may send it; a name that is taken gets a number, so that it is not told who sent what.
    OfLink,
}

/// Takes one file into a folder; its name.
pub(crate) async fn take(
    session: &Session,
    exchange: Exchange,
    folder: NodeRef,
    form: Form,
) -> std::result::Result<String, Refused> {
    let unnamed = |error| Refused { name: String::new(), error };
    let cut = |error: multer::Error| unnamed(Error::invalid(error));
    let kind = exchange.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let boundary = multer::parse_boundary(kind).map_err(cut)?;
    let limits = multer::SizeLimit::new().for_field("token", LONGEST_FIELD);
    let constraints = multer::Constraints::new().allowed_fields(vec!["token", "file"]).size_limit(limits);
    let mut parts = multer::Multipart::with_constraints(BodyDataStream::new(exchange.body), boundary, constraints);
    let mut ours = form == Form::OfLink;
    while let Some(mut part) = parts.next_field().await.map_err(cut)? {
        if part.name() == Some("token") {
            ours = ours || session.form_token_holds(&part.text().await.map_err(cut)?);
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
        let opened = open(session, &folder, &name, form).await.map_err(named)?;
        let mut file = opened.create(None).await.map_err(named)?;
        while let Some(piece) = part.try_next().await.map_err(|error| named(Error::invalid(error)))? {
            file.write(piece).await.map_err(named)?;
        }
        drop(part);
        // The closing boundary must have come: a client that vanished leaves nothing behind (invariant 14).
        if parts.next_field().await.map_err(cut)?.is_some() {
            return Err(named(Error::invalid("one file at a time")));
        }
        session.check_in_force().map_err(named)?;
        file.commit(&Precondition::Absent).await.map_err(named)?;
        return Ok(name);
    }
    Err(unnamed(Error::invalid("no file came")))
}

/// Opens the place of a new file.
async fn open(session: &Session, folder: &NodeRef, name: &str, form: Form) -> Result<Authorized<NodeRef, Add>> {
    for try_ in 1..=MOST_NUMBERS {
        let path = folder.path.join(&numbered(name, try_)).map_err(Error::invalid)?;
        let opened = session.open::<_, Add>(NodeRef { path, ..folder.clone() }).await?;
        if form == Form::OfSession {
            return Ok(opened);
        }
        match opened.stat().await {
            Err(Error::NotFound) => return Ok(opened),
            there => there?,
        };
    }
    Err(Error::Conflict)
}

/// `report.pdf`, `report (2).pdf`, ...
fn numbered(name: &str, number: u32) -> String {
    match name.rsplit_once('.') {
        _ if number == 1 => name.to_owned(),
        Some((stem, extension)) if !stem.is_empty() => format!("{stem} ({number}).{extension}"),
        _ => format!("{name} ({number})"),
    }
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn a_number_goes_before_the_extension() {
        for (name, number, expected) in [
            ("a.pdf", 1, "a.pdf"),
            ("a.pdf", 2, "a (2).pdf"),
            ("a", 3, "a (3)"),
            (".a", 2, ".a (2)"),
            ("é.b.c", 2, "é.b (2).c"),
        ] {
            assert_eq!(numbered(name, number), expected);
        }
    }
}
