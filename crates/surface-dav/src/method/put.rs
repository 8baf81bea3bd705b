//! PUT (RFC 9110 §9.3.4, RFC 4918 §9.7): the content streams to the store and is there in one step at the end.

use super::{content_length, piece, tag, upload::Parts};
use crate::{
    Body,
    call::Call,
    checksum::Checksums,
    conditions::Verdict,
    error::{self, Answer, Refusal, bare},
    guard::{self, Touch},
    props,
};
use bytes::Bytes;
use http::{
    HeaderValue, StatusCode,
    header::{CONTENT_RANGE, ETAG, HeaderName},
};
use passerelle_core::{
    Add, Edit, Error,
    ports::{Node, NodeKind, state::PropertyChange},
};
use passerelle_model::NodeRef;

/// The header of ownCloud's and Nextcloud's clients and of rclone.
const OC_MTIME: HeaderName = HeaderName::from_static("x-oc-mtime");
/// The end of the year 9999, the last that a date in a header can name.
const LATEST: i64 = 253_402_300_799;

/// Writes a file.
pub(super) async fn put(call: &Call, body: &mut Body) -> Answer {
    // RFC 9110 §14.5: who does not understand a part must not take it for the whole.
    if call.headers.contains_key(CONTENT_RANGE) {
        return Err(StatusCode::BAD_REQUEST.into());
    }
    write(call, content_length(call)?, Source::Body(body)).await
}

/// Where the octets of a file come from.
pub(super) enum Source<'s> {
    /// The request's body.
    Body(&'s mut Body),
    /// Parts that were sent before.
    Parts(Parts<'s>),
}

impl Source<'_> {
    async fn next(&mut self) -> Answer<Option<Bytes>> {
        match self {
            Self::Body(body) => piece(body).await,
            Self::Parts(parts) => parts.next().await,
        }
    }
}

/// Writes what comes, `length` octets where that is known, to the place that the request is about.
pub(super) async fn write(call: &Call, length: Option<u64>, mut source: Source<'_>) -> Answer {
    let mut sums = Checksums::of(&call.headers)?;
    let dated = dated(call)?;
    let node = call.node()?;
    if node.path.is_root() {
        return Err(Refusal::Method);
    }
    let (_, seen) = call.look(&node).await?;
    // RFC 4918 §9.7.2: a collection's content is not to be put.
    if seen.as_ref().is_some_and(|seen| seen.kind == NodeKind::Folder) {
        return Err(Refusal::Method);
    }
    guard::judge_if(call, seen.as_ref()).await?;
    if call.conditions.judge(seen.as_ref(), false) != Verdict::Holds {
        return Err(StatusCode::PRECONDITION_FAILED.into());
    }
    let mut upload = if seen.is_some() {
        let handle = call.open::<Edit>(&node).await?;
        guard::check_locks(call, &node, Touch::Itself).await?;
        handle.replace(length).await?
    } else {
        let handle = call.open::<Add>(&node).await?;
        guard::check_locks(call, &node, Touch::Whole).await?;
        match handle.create(length).await {
            Err(Error::Conflict) => return Err(StatusCode::CONFLICT.into()),
            begun => begun?,
        }
    };
    let mut received = 0_u64;
    while let Some(octets) = source.next().await? {
        received += u64::try_from(octets.len()).unwrap_or(u64::MAX);
        sums.update(&octets);
        upload.write(octets).await?;
    }
    // The transport has checked this already; what is acknowledged is worth a second look.
    if length.is_some_and(|length| length != received) {
        return Err(StatusCode::BAD_REQUEST.into());
    }
    let sums = sums.finish()?;
    if let Some(seconds) = dated {
        upload.date(seconds);
    }
    // An upload can take hours; what was withdrawn meanwhile does not write.
    call.session.check_in_force()?;
    let written = match upload.commit(&call.conditions.at_commit(seen.as_ref())).await {
        // Without a condition it was another client that made the file first.
        Err(Error::Conflict) if !call.conditions.any() => return Err(StatusCode::CONFLICT.into()),
        committed => committed?,
    };
    if let Some(sums) = sums {
        note(call, &node, &written, &sums).await;
    }
    let mut response = bare(if seen.is_some() { StatusCode::NO_CONTENT } else { StatusCode::CREATED });
    response.headers_mut().extend(tag(&written).map(|value| (ETAG, value)));
    // Only what the store has kept was accepted; clients set it in another way else.
    if dated.is_some_and(|seconds| seconds == written.modified.seconds) {
        response.headers_mut().insert(OC_MTIME, HeaderValue::from_static("accepted"));
    }
    Ok(response)
}

/// `X-OC-MTime = 1*DIGIT [ "." *DIGIT ]`: when the file was last changed where it comes from, in seconds since 1970.
///
/// # Errors
/// 400 for what is no time.
fn dated(call: &Call) -> Answer<Option<i64>> {
    let Some(text) = call.header(OC_MTIME) else { return Ok(None) };
    let whole = text.trim_ascii().split('.').next().unwrap_or_default();
    let seconds: i64 = whole.parse().map_err(|_| Refusal::Status(StatusCode::BAD_REQUEST))?;
    if (0..=LATEST).contains(&seconds) { Ok(Some(seconds)) } else { Err(StatusCode::BAD_REQUEST.into()) }
}

/// Keeps the checksums that were found right, for the file as it is now. The file is there already: that they cannot be kept is no
/// fault of the upload, and they are told only where they are known.
async fn note(call: &Call, node: &NodeRef, written: &Node, sums: &str) {
    let kept = async {
        let handle = call.session.open::<NodeRef, Edit>(node.clone()).await?;
        handle.patch_properties(&[PropertyChange::Set(props::checksums(written, sums))]).await
    };
    match kept.await {
        // Who may only add has nothing to set.
        Ok(()) | Err(Error::Forbidden | Error::NotFound | Error::OverQuota) => {}
        Err(error) => error::note(&error, &call.id),
    }
}
