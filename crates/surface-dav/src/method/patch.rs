//! PATCH (RFC 5789) as sabre/dav has it: `application/x-sabredav-partialupdate`, with the place in `X-Update-Range`.
//!
//! The file is written anew, of what stays and what came, and is there in one step: whoever reads meanwhile has the old one,
//! and a client that vanishes leaves it. So it costs what the whole file costs, on the share and not on the client's line. It is
//! always on the condition that nobody else has changed the file since.

use super::{piece, tag};
use crate::{
    Body,
    call::Call,
    conditions::Verdict,
    error::{Answer, Refusal, bare},
    guard::{self, Touch},
};
use bytes::Bytes;
use futures::StreamExt;
use http::{
    StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderName},
};
use passerelle_core::{
    Authorized, Edit, Error,
    ports::{ByteRange, Node, NodeKind, Precondition, Upload},
};
use passerelle_model::NodeRef;
use std::ops::Range;

/// The media type (RFC 5789 §2.2 `Accept-Patch`).
pub(super) const PARTIAL_UPDATE: &str = "application/x-sabredav-partialupdate";
const UPDATE_RANGE: HeaderName = HeaderName::from_static("x-update-range");
/// Most octets between the end of a file and a place behind it: a short request must not fill a share with nothing.
const MOST_GAP: u64 = 64 * 1024 * 1024;
/// What lies between the end of a file and a place behind it.
static ZEROS: [u8; 64 * 1024] = [0; 64 * 1024];

/// Changes a part of a file.
pub(super) async fn patch(call: &Call, body: &mut Body) -> Answer {
    let node = call.node()?;
    let (_, seen) = call.look(&node).await?;
    let seen = seen.ok_or(Error::NotFound)?;
    let handle = call.open::<Edit>(&node).await?;
    if seen.kind == NodeKind::Folder {
        return Err(Refusal::Method);
    }
    let media = call.header(CONTENT_TYPE).and_then(|value| value.split(';').next()).unwrap_or_default();
    if !media.trim_ascii().eq_ignore_ascii_case(PARTIAL_UPDATE) {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into());
    }
    let length = call.header(CONTENT_LENGTH).ok_or(StatusCode::LENGTH_REQUIRED)?;
    let length: u64 = length.parse().map_err(|_| Refusal::Status(StatusCode::BAD_REQUEST))?;
    let place = call.header(UPDATE_RANGE).ok_or(StatusCode::BAD_REQUEST)?;
    let place = place_in(place, seen.size, length).map_err(|status| match status {
        StatusCode::RANGE_NOT_SATISFIABLE => Refusal::Range(seen.size),
        other => Refusal::Status(other),
    })?;
    guard::judge_if(call, Some(&seen)).await?;
    if call.conditions.judge(Some(&seen), false) != Verdict::Holds {
        return Err(StatusCode::PRECONDITION_FAILED.into());
    }
    guard::check_locks(call, &node, Touch::Itself).await?;
    let size = place.end.max(seen.size);
    let mut upload = handle.replace(Some(size)).await?;
    keep(&handle, &seen, 0..place.start.min(seen.size), upload.as_mut()).await?;
    let mut gap = place.start.saturating_sub(seen.size);
    while gap > 0 {
        let some = usize::try_from(gap).unwrap_or(usize::MAX).min(ZEROS.len());
        upload.write(Bytes::from_static(ZEROS.get(..some).unwrap_or_default())).await?;
        gap = gap.saturating_sub(u64::try_from(some).unwrap_or(u64::MAX));
    }
    let mut received = 0_u64;
    while let Some(octets) = piece(body).await? {
        received += u64::try_from(octets.len()).unwrap_or(u64::MAX);
        upload.write(octets).await?;
    }
    if received != length {
        return Err(StatusCode::BAD_REQUEST.into());
    }
    if place.end < seen.size {
        keep(&handle, &seen, place.end..seen.size, upload.as_mut()).await?;
    }
    call.session.check_in_force()?;
    let unchanged = Precondition::Matches(vec![seen.etag.as_str().to_owned()]);
    let written = upload.commit(&unchanged).await?;
    let mut response = bare(StatusCode::NO_CONTENT);
    response.headers_mut().extend(tag(&written).map(|value| (ETAG, value)));
    Ok(response)
}

/// Copies a part of the file as it was seen.
///
/// # Errors
/// 412 when it is another by now.
async fn keep(
    handle: &Authorized<NodeRef, Edit>,
    seen: &Node,
    part: Range<u64>,
    upload: &mut dyn Upload,
) -> Answer<()> {
    if part.is_empty() {
        return Ok(());
    }
    let content = handle.open().await?;
    if content.node().etag != seen.etag {
        return Err(StatusCode::PRECONDITION_FAILED.into());
    }
    let mut octets = content.stream(ByteRange::Part(part));
    while let Some(piece) = octets.next().await {
        upload.write(piece?).await?;
    }
    Ok(())
}

/// `X-Update-Range = "append" / "bytes=" ( first "-" [ last ] / "-" suffix )`: where in a file of this size so many octets go.
/// A place behind the end is one, with zeros before it.
///
/// # Errors
/// 400 for what is none; 416 for a part that is not as long as the body, or begins before the file does.
fn place_in(text: &str, size: u64, length: u64) -> Result<Range<u64>, StatusCode> {
    let from = |start: u64| Ok(start..start.checked_add(length).ok_or(StatusCode::RANGE_NOT_SATISFIABLE)?);
    let place = place_anywhere(text.trim_ascii(), size, &from)?;
    if place.start.saturating_sub(size) > MOST_GAP { Err(StatusCode::RANGE_NOT_SATISFIABLE) } else { Ok(place) }
}

fn place_anywhere(
    text: &str,
    size: u64,
    from: &dyn Fn(u64) -> Result<Range<u64>, StatusCode>,
) -> Result<Range<u64>, StatusCode> {
    if text.eq_ignore_ascii_case("append") {
        return from(size);
    }
    let (unit, part) = text.split_once('=').ok_or(StatusCode::BAD_REQUEST)?;
    if !unit.trim_ascii().eq_ignore_ascii_case("bytes") {
        return Err(StatusCode::BAD_REQUEST);
    }
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
        if digits {
            text.parse::<u64>().map_err(|_| StatusCode::RANGE_NOT_SATISFIABLE)
        } else {
            Err(StatusCode::BAD_REQUEST)
        }
    };
    match part.trim_ascii().split_once('-').ok_or(StatusCode::BAD_REQUEST)? {
        ("", suffix) => from(size.checked_sub(number(suffix)?).ok_or(StatusCode::RANGE_NOT_SATISFIABLE)?),
        (first, "") => from(number(first)?),
        (first, last) => {
            let place = from(number(first)?)?;
            let end = number(last)?.checked_add(1).ok_or(StatusCode::RANGE_NOT_SATISFIABLE)?;
            if place.end == end { Ok(place) } else { Err(StatusCode::RANGE_NOT_SATISFIABLE) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn places() {
        const BAD: Result<Range<u64>, StatusCode> = Err(StatusCode::BAD_REQUEST);
        const NONE: Result<Range<u64>, StatusCode> = Err(StatusCode::RANGE_NOT_SATISFIABLE);
        for (text, place) in [
            ("append", Ok(10..14)),
            ("bytes=3-6", Ok(3..7)),
            ("bytes=3-", Ok(3..7)),
            ("bytes=-2", Ok(8..12)),
            ("bytes=20-23", Ok(20..24)),
            ("Bytes = 0-3", Ok(0..4)),
            ("bytes=67108874-", Ok(67_108_874..67_108_878)),
            ("bytes=67108875-", NONE),
            ("bytes=3-7", NONE),
            ("bytes=3-2", NONE),
            ("bytes=-11", NONE),
            ("bytes=18446744073709551615-", NONE),
            ("bytes=99999999999999999999-", NONE),
            ("bytes=", BAD),
            ("bytes=-", BAD),
            ("bytes=a-b", BAD),
            ("bytes=+3-6", BAD),
            ("lines=3-6", BAD),
            ("bytes=0-1,3-4", BAD),
            ("", BAD),
        ] {
            assert_eq!(place_in(text, 10, 4), place, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_place_is_as_long_as_the_body(text in "(append|bytes=[0-9]{0,20}-[0-9]{0,20})", size in 0..100_u64, length in 0..100_u64) {
            if let Ok(place) = place_in(&text, size, length) {
                prop_assert_eq!(place.end - place.start, length);
            }
        }
    }
}
