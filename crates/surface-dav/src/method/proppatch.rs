//! PROPPATCH (RFC 4918 §9.2): all changes or none.

use super::xml;
use crate::{
    Body,
    call::Call,
    conditions::Verdict,
    error::{Answer, bare, with_xml},
    guard::{self, Touch},
    props,
    xml::{Element, Name, Writer},
};
use http::StatusCode;
use passerelle_core::{
    Edit, Error,
    ports::state::{Property, PropertyChange},
};

/// Largest value of a property, in octets, with its element.
pub(crate) const LARGEST: usize = 64 * 1024;
/// Most changes in one request.
const MOST_CHANGES: usize = 1_000;

/// Changes dead properties.
pub(super) async fn proppatch(call: &Call, body: &mut Body) -> Answer {
    let node = call.node()?;
    let root = xml(body).await?.ok_or(StatusCode::BAD_REQUEST)?;
    let changes = changes(&root).ok_or(StatusCode::BAD_REQUEST)?;
    let (_, seen) = call.look(&node).await?;
    let seen = seen.ok_or(Error::NotFound)?;
    let handle = call.open::<Edit>(&node).await?;
    guard::judge_if(call, Some(&seen)).await?;
    if call.conditions.judge(Some(&seen), false) != Verdict::Holds {
        return Err(StatusCode::PRECONDITION_FAILED.into());
    }
    guard::check_locks(call, &node, Touch::Itself).await?;
    let mut refused: Vec<Option<Refused>> = changes.iter().map(refusal).collect();
    if refused.iter().all(Option::is_none) {
        match handle.patch_properties(&changes).await {
            Err(Error::OverQuota) => refused.fill(Some(Refused::NoRoom)),
            done => done?,
        }
    }
    // RFC 8144 §2.2
    if call.preferences().minimal && refused.iter().all(Option::is_none) {
        return Ok(bare(StatusCode::OK));
    }
    Ok(with_xml(StatusCode::MULTI_STATUS, answer(&call.place.href(), &changes, &refused)))
}

/// Why a change cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    Protected,
    NoRoom,
}

fn refusal(change: &PropertyChange) -> Option<Refused> {
    let name = name_of(change);
    match change {
        _ if props::is_protected(name) => Some(Refused::Protected),
        PropertyChange::Set(property) if property.xml.len() > LARGEST => Some(Refused::NoRoom),
        PropertyChange::Set(_) | PropertyChange::Remove(_) => None,
    }
}

/// `DAV:propertyupdate` (RFC 4918 §14.19), in document order.
fn changes(root: &Element) -> Option<Vec<PropertyChange>> {
    if !root.is("propertyupdate") {
        return None;
    }
    let mut changes = Vec::new();
    for step in &root.children {
        let sets = step.is("set");
        if !sets && !step.is("remove") {
            // RFC 4918 §17: what is not understood is passed over.
            continue;
        }
        for property in &step.child("prop")?.children {
            let name = property.name.clone();
            changes.push(if sets {
                PropertyChange::Set(Property { name, xml: property.alone.clone()? })
            } else {
                PropertyChange::Remove(name)
            });
        }
    }
    (!changes.is_empty() && changes.len() <= MOST_CHANGES).then_some(changes)
}

fn name_of(change: &PropertyChange) -> &Name {
    match change {
        PropertyChange::Set(property) => &property.name,
        PropertyChange::Remove(name) => name,
    }
}

fn answer(href: &str, changes: &[PropertyChange], refused: &[Option<Refused>]) -> Vec<u8> {
    let mut xml = Writer::begin("D:multistatus");
    xml.raw("<D:response><D:href>").raw(href).raw("</D:href>");
    let done = refused.iter().all(Option::is_none);
    for (why, status) in [
        (None, if done { "200 OK" } else { "424 Failed Dependency" }),
        (Some(Refused::Protected), "403 Forbidden"),
        (Some(Refused::NoRoom), "507 Insufficient Storage"),
    ] {
        let mut names =
            changes.iter().zip(refused).filter(|(_, it)| **it == why).map(|(change, _)| name_of(change)).peekable();
        if names.peek().is_none() {
            continue;
        }
        xml.raw("<D:propstat><D:prop>");
        for name in names {
            xml.empty(name);
        }
        xml.raw("</D:prop><D:status>HTTP/1.1 ").raw(status).raw("</D:status>");
        if why == Some(Refused::Protected) {
            xml.raw("<D:error><D:cannot-modify-protected-property/></D:error>");
        }
        xml.raw("</D:propstat>");
    }
    xml.raw("</D:response></D:multistatus>\n");
    xml.finish()
}
