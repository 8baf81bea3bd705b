//! Uploads (RFC 8620 §6.1). What a client sends waits in the person's own mail store, as a message in a mailbox that is not shown
//! here: in base64 whose length is known before the first octet, and for a day.

use crate::{
    answer,
    desk::Desk,
    error::BadRequest,
    id::{BlobId, EmailId},
    limits::{Crowd, Doing, LARGEST_UPLOAD},
    mail::UPLOADS,
    methods::email::put::{Arriving, now, put},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};
use http::{StatusCode, header};
use http_body::Body;
use http_body_util::BodyExt;
use passerelle_core::{
    Error, Manage, Remove, Result, Session,
    ports::{ByteStream, HeaderName, Place, Query, Search},
    seal,
};
use passerelle_model::Timestamp;
use passerelle_net::http::{Exchange, RequestBody, Response, Unread, read_whole};
use serde_json::json;
use std::{collections::BTreeMap, num::NonZeroU32, sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long an upload waits, in seconds.
const WAITS: i64 = 24 * 60 * 60;
/// How the message ids of uploads end.
const OF_UPLOADS: &str = "@uploads.passerelle.invalid";
/// How much is taken from a client that does not say how much comes, in octets.
const UNSAID: usize = 1024 * 1024;
/// How long a client may be silent in the middle.
const SILENCE: Duration = Duration::from_secs(60);
/// Octets of a line of base64, and what they come to with the line's end (RFC 2045 §6.8).
const LINE: u64 = 57;
const LINE_ENCODED: u64 = 78;

pub(crate) async fn take(session: &Session, crowd: &Crowd, exchange: Exchange) -> Response {
    let request = Arc::clone(&exchange.id);
    let who = match session.principal() {
        Ok(principal) => principal.account().clone(),
        Err(error) => return answer::refused(&error, &request),
    };
    let Some(_place) = crowd.enter(&who, Doing::Uploads) else {
        return answer::bad(&BadRequest::crowded(Doing::Uploads));
    };
    let account = exchange.uri().path().trim_start_matches("/jmap/upload/").trim_end_matches('/').to_owned();
    let kind = exchange.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or("application/octet-stream").to_owned();
    let mut desk = Desk::new(session, &request, BTreeMap::new());
    if desk.check_account(&account).is_err() {
        return answer::none(StatusCode::NOT_FOUND);
    }
    // Asked before the body is, so that a client which waits for "100 Continue" sends nothing in vain.
    let (octets, size) = match content(exchange.body).await {
        Ok(content) => content,
        Err(refused) => return refused,
    };
    let outcome = store(&mut desk, octets, size).await;
    desk.leave();
    match outcome {
        Ok(email) => {
            let blob = BlobId { email, part: vec![NonZeroU32::MIN] };
            let value = json!({ "accountId": account, "blobId": blob.to_string(), "type": kind, "size": size });
            answer::json(StatusCode::CREATED, &value)
        }
        Err(error) => answer::refused(&error, &request),
    }
}

/// The body and its length.
async fn content(body: RequestBody) -> std::result::Result<(ByteStream, u64), Response> {
    if let Some(size) = body.size_hint().exact() {
        if size > LARGEST_UPLOAD {
            return Err(answer::bad(&BadRequest::Limit("maxSizeUpload")));
        }
        let pieces = stream::try_unfold(body, async |mut body: RequestBody| {
            loop {
                let gone = |error| Error::invalid(format!("the upload was cut: {error}"));
                let frame =
                    timeout(SILENCE, body.frame()).await.map_err(|_slow| gone("the client is silent".to_owned()))?;
                let Some(frame) = frame else { return Ok(None) };
                let frame = frame.map_err(|error| gone(error.to_string()))?;
                if let Ok(piece) = frame.into_data() {
                    return Ok(Some((piece, body)));
                }
            }
        });
        return Ok((pieces.boxed(), size));
    }
    match read_whole(body, UNSAID).await {
        Ok(octets) => {
            let size = u64::try_from(octets.len()).unwrap_or(u64::MAX);
            Ok((stream::once(async { Ok(octets) }).boxed(), size))
        }
        Err(Unread::TooLarge) => Err(answer::none(StatusCode::LENGTH_REQUIRED)),
        Err(Unread::Gone) => Err(answer::none(StatusCode::BAD_REQUEST)),
    }
}

/// Puts octets where uploads wait, of which so many come.
///
/// # Errors
/// As the store says.
pub(crate) async fn store(desk: &mut Desk<'_>, octets: ByteStream, size: u64) -> Result<EmailId> {
    if !desk.has_uploads().await? {
        match desk.handle::<Manage>(UPLOADS).await?.create(None).await {
            // Two uploads at once make it once.
            Ok(()) | Err(Error::Conflict) => desk.look_again(),
            Err(error) => return Err(error),
        }
    }
    let message_id = format!("{}{OF_UPLOADS}", seal::random_hex::<12>()?);
    let head = format!(
        "Message-ID: <{message_id}>\r\nSubject: upload\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n\
        Content-Transfer-Encoding: base64\r\n\r\n"
    );
    let length = u64::try_from(head.len()).unwrap_or(u64::MAX).saturating_add(encoded_length(size));
    let octets = stream::once(async move { Ok(Bytes::from(head)) }).chain(encoded(octets)).boxed();
    let arriving = Arriving { size: length, octets, keywords: vec!["$seen".to_owned()], received: None, message_id };
    let email = put(desk, UPLOADS, arriving).await;
    desk.look_again();
    let email = email?;
    sweep(desk).await;
    Ok(email)
}

/// How long so many octets are in base64, with the ends of its lines.
fn encoded_length(size: u64) -> u64 {
    let (lines, rest) = (size / LINE, size % LINE);
    let last = if rest == 0 { 0 } else { rest.div_ceil(3).saturating_mul(4).saturating_add(2) };
    lines.saturating_mul(LINE_ENCODED).saturating_add(last)
}

/// Lines of base64.
fn encoded(octets: ByteStream) -> ByteStream {
    let state = Some((octets, BytesMut::new()));
    stream::unfold(state, async |state| {
        let (mut octets, mut left) = state?;
        let whole_lines = |left: &mut BytesMut| {
            let line = usize::try_from(LINE).unwrap_or(usize::MAX);
            left.split_to(left.len().saturating_sub(left.len() % line))
        };
        while let Some(piece) = octets.next().await {
            match piece {
                Ok(piece) => left.extend_from_slice(&piece),
                Err(error) => return Some((Err(error), None)),
            }
            let lines = whole_lines(&mut left);
            if !lines.is_empty() {
                return Some((Ok(to_lines(&lines)), Some((octets, left))));
            }
        }
        (!left.is_empty()).then(|| (Ok(to_lines(&left)), None))
    })
    .boxed()
}

fn to_lines(octets: &[u8]) -> Bytes {
    let line = usize::try_from(LINE).unwrap_or(usize::MAX);
    let mut out = String::with_capacity(octets.len().saturating_mul(3) / 2);
    for line in octets.chunks(line) {
        STANDARD.encode_string(line, &mut out);
        out.push_str("\r\n");
    }
    Bytes::from(out)
}

/// Takes away what has waited too long. What cannot be taken away now, is the next time.
async fn sweep(desk: &mut Desk<'_>) {
    let swept = async {
        let old = Search::Before(Timestamp(now().saturating_sub(WAITS)));
        // What somebody has put there by another way stays.
        let name = HeaderName::parse("Message-ID").ok_or(Error::NotFound)?;
        let ours = Search::Text(Place::Header(name), OF_UPLOADS.to_owned());
        let search = Search::And(vec![old, ours]);
        let remove = desk.handle::<Remove>(UPLOADS).await?;
        let opened = desk.open(UPLOADS).await?;
        let old = opened.find(&Query { search, sort: Vec::new(), window: None }).await?.uids;
        if old.is_empty() { Ok(()) } else { opened.remove(&remove, &old).await }
    };
    if let Err(error) = swept.await {
        tracing::debug!(error = error.chain(), "uploads that have waited long were not taken away");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use futures::TryStreamExt;

    #[tokio::test]
    async fn the_length_is_known_before() {
        for size in (0..200).chain([57 * 20, 57 * 20 + 1, 100_000]) {
            let octets = vec![b'x'; size];
            for cut in [1, 7, 57, 58, 100_000] {
                let pieces: Vec<Result<Bytes>> = octets.chunks(cut).map(|it| Ok(Bytes::copy_from_slice(it))).collect();
                let all: Vec<Bytes> = encoded(stream::iter(pieces).boxed()).try_collect().await.unwrap();
                let all = all.concat();
                assert_eq!(u64::try_from(all.len()).unwrap(), encoded_length(u64::try_from(size).unwrap()), "{size}");
                let text = String::from_utf8(all).unwrap();
                assert!(text.lines().all(|line| line.len() <= 76));
                assert_eq!(STANDARD.decode(text.replace("\r\n", "")).unwrap(), octets);
            }
            if size > 3 {
                let broken = vec![Ok(Bytes::from_static(b"abc")), Err(Error::NotFound)];
                let all: Result<Vec<Bytes>> = encoded(stream::iter(broken).boxed()).try_collect().await;
                assert!(all.is_err(), "what is cut never looks whole");
            }
        }
    }
}
