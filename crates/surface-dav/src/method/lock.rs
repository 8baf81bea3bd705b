//! LOCK and UNLOCK (RFC 4918 §9.10, §9.11). Locks bind DAV clients only; whoever writes to the share itself sees none.

use super::xml;
use crate::{
    Body,
    call::{Call, Depth},
    conditions::Verdict,
    error::{Answer, Refusal, bare, with_xml},
    guard::{self, Touch},
    props,
    xml::{Element, Writer},
};
use http::{HeaderValue, StatusCode, header::HeaderName};
use passerelle_core::{
    Add, Allows, Authorized, Edit, Error, Lookup, NewLock,
    ports::{
        Precondition,
        state::{Lock, LockDepth, LockScope},
    },
    seal,
};
use passerelle_model::{NodeRef, Timestamp};
use std::fmt::Write;

/// Longest time a lock lasts without being refreshed, in seconds; also what a client gets that names none, or infinity.
const LONGEST: i64 = 3600;
/// Longest word of the client on who it is, in octets.
const LONGEST_OWNER: usize = 4096;
const LOCK_TOKEN: HeaderName = HeaderName::from_static("lock-token");

/// Takes a lock, or prolongs one.
pub(super) async fn lock(call: &Call, body: &mut Body) -> Answer {
    let depth = match call.depth(Depth::Infinity)? {
        Depth::Zero => LockDepth::Zero,
        Depth::Infinity => LockDepth::Infinity,
        // RFC 4918 §9.10.3
        Depth::One => return Err(StatusCode::BAD_REQUEST.into()),
    };
    let node = call.node()?;
    let info = xml(body).await?;
    let (look, seen) = call.look(&node).await?;
    guard::judge_if(call, seen.as_ref()).await?;
    if call.conditions.judge(seen.as_ref(), false) != Verdict::Holds {
        return Err(StatusCode::PRECONDITION_FAILED.into());
    }
    let expires = look.now().plus(timeout(call));
    let Some(info) = info else { return refresh(call, &look, expires).await };
    let (scope, owner) = lock_info(&info)?;
    let new = NewLock { token: token()?, depth, scope, owner, expires };
    if seen.is_some() {
        let handle = call.open::<Edit>(&node).await?;
        let lock = take(call, &handle, new).await?;
        return Ok(answer(call, &node, &lock, StatusCode::OK, look.now()));
    }
    // RFC 4918 §7.3: a lock on a name that is free makes an empty file.
    let handle = call.open::<Add>(&node).await?;
    guard::check_locks(call, &node, Touch::Whole).await?;
    let upload = match handle.create(Some(0)).await {
        Err(Error::Conflict) => return Err(StatusCode::CONFLICT.into()),
        begun => begun?,
    };
    let lock = take(call, &handle, new).await?;
    if let Err(error) = upload.commit(&Precondition::None).await {
        handle.unlock(&lock.token).await?;
        return Err(error.into());
    }
    Ok(answer(call, &node, &lock, StatusCode::CREATED, look.now()))
}

/// Gives a lock back.
pub(super) async fn unlock(call: &Call) -> Answer {
    let node = call.node()?;
    let token = call.header(LOCK_TOKEN).and_then(|value| value.trim_ascii().strip_prefix('<')?.strip_suffix('>'));
    let token = token.ok_or(StatusCode::BAD_REQUEST)?;
    let (handle, seen) = call.look(&node).await?;
    guard::judge_if(call, seen.as_ref()).await?;
    if handle.unlock(token).await? {
        Ok(bare(StatusCode::NO_CONTENT))
    } else {
        // RFC 4918 §9.11.1
        Err(Refusal::Condition(StatusCode::CONFLICT, "lock-token-matches-request-uri"))
    }
}

async fn take<R: Allows<Lookup>>(call: &Call, handle: &Authorized<NodeRef, R>, new: NewLock) -> Answer<Lock> {
    match handle.lock(new).await {
        Err(Error::Locked) => Err(Refusal::Conflicting(guard::conflicting(call, handle).await?)),
        taken => Ok(taken?),
    }
}

/// RFC 4918 §9.10.2: no body, and one token in the `If` header, which held.
async fn refresh(call: &Call, handle: &Authorized<NodeRef, Lookup>, expires: Timestamp) -> Answer {
    let tokens: Vec<&str> = call.conditions.lists.iter().flat_map(|header| header.tokens()).collect();
    let [token] = tokens.as_slice() else { return Err(StatusCode::BAD_REQUEST.into()) };
    let lock = handle.refresh_lock(token, expires).await?.ok_or(StatusCode::PRECONDITION_FAILED)?;
    let mut response = answer(call, handle.target(), &lock, StatusCode::OK, handle.now());
    response.headers_mut().remove(LOCK_TOKEN);
    Ok(response)
}

fn answer(
    call: &Call,
    node: &NodeRef,
    lock: &Lock,
    status: StatusCode,
    now: Timestamp,
) -> passerelle_net::http::Response {
    let mut xml = Writer::begin("D:prop");
    xml.raw("<D:lockdiscovery>");
    props::active_lock(&mut xml, lock, &guard::root_of(call, node, lock), now, true);
    xml.raw("</D:lockdiscovery></D:prop>\n");
    let mut response = with_xml(status, xml.finish());
    let token = HeaderValue::from_str(&format!("<{}>", lock.token)).ok();
    response.headers_mut().extend(token.map(|value| (LOCK_TOKEN, value)));
    response
}

/// `DAV:lockinfo` (RFC 4918 §14.11)
fn lock_info(root: &Element) -> Answer<(LockScope, String)> {
    let bad = || Refusal::Status(StatusCode::BAD_REQUEST);
    if !root.is("lockinfo") || root.child("locktype").and_then(|kind| kind.child("write")).is_none() {
        return Err(bad());
    }
    let scope = root.child("lockscope").ok_or_else(bad)?;
    let scope = match (scope.child("exclusive"), scope.child("shared")) {
        (Some(_), None) => LockScope::Exclusive,
        (None, Some(_)) => LockScope::Shared,
        _ => return Err(bad()),
    };
    let owner = root.child("owner").and_then(|owner| owner.alone.clone()).unwrap_or_default();
    if owner.len() > LONGEST_OWNER { Err(bad()) } else { Ok((scope, owner)) }
}

/// `TimeOut = "Timeout" ":" 1#TimeType`, `TimeType = ("Second-" DAVTimeOutVal | "Infinite")` (RFC 4918 §10.7): the first
/// that we understand, cut to what we give.
fn timeout(call: &Call) -> i64 {
    let asked = call.header(HeaderName::from_static("timeout")).unwrap_or_default();
    parse_timeout(asked)
}

fn parse_timeout(asked: &str) -> i64 {
    let mut kinds = asked.split(',').map(str::trim_ascii);
    kinds.find_map(|kind| kind.strip_prefix("Second-")?.parse::<i64>().ok()).map_or(LONGEST, |it| it.clamp(1, LONGEST))
}

/// A random UUID (RFC 9562 §5.4) as URN: unique for all time (RFC 4918 §6.5).
fn token() -> Answer<String> {
    let mut octets = seal::random::<16>()?;
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut octets;
    *version = *version & 0x0F | 0x40;
    *variant = *variant & 0x3F | 0x80;
    let mut token = "urn:uuid:".to_owned();
    for (at, octet) in octets.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = if matches!(at, 4 | 6 | 8 | 10) { write!(token, "-{octet:02x}") } else { write!(token, "{octet:02x}") };
    }
    Ok(token)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::xml::parse;

    #[test]
    fn timeouts() {
        for (asked, given) in [
            ("Second-60", 60),
            ("Infinite, Second-4100000000", 3600),
            ("Infinite", 3600),
            ("", 3600),
            ("Second-0", 1),
            ("x, Second-5", 5),
        ] {
            assert_eq!(parse_timeout(asked), given, "{asked}");
        }
    }

    #[test]
    fn a_token_is_a_uuid() {
        let (one, other) = (token().unwrap(), token().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.len(), "urn:uuid:".len() + 36);
        assert_eq!(one.get(23..24), Some("4"));
    }

    #[test]
    fn lock_infos() {
        let body = "<D:lockinfo xmlns:D='DAV:'><D:lockscope><D:shared/></D:lockscope><D:locktype><D:write/></D:locktype><D:owner>me</D:owner></D:lockinfo>";
        let (scope, owner) = lock_info(&parse(body.as_bytes()).unwrap()).unwrap();
        assert_eq!(
            (scope, owner.as_str()),
            (LockScope::Shared, "<D:owner xmlns:D='DAV:'>me</D:owner>".replace('\'', "\"").as_str())
        );
        for bad in [
            body.replace("write", "read"),
            body.replace("shared", "other"),
            body.replace("lockinfo", "x"),
            body.replace(">me<", &format!(">{}<", "m".repeat(5000))),
        ] {
            assert!(lock_info(&parse(bad.as_bytes()).unwrap()).is_err());
        }
    }
}
