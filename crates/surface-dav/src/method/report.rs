//! REPORT (RFC 3253 §3.6): the reports there are, each where it means something.

use super::{report_principals as principals, sync, xml};
use crate::{
    Body,
    call::{Call, Depth},
    error::{Answer, Refusal},
    guard,
    place::Place,
};
use http::StatusCode;
use passerelle_core::{Error, ports::NodeKind};

/// Sends a report to its function.
pub(super) async fn report(call: Call, body: &mut Body) -> Answer {
    let root = xml(body).await?.ok_or(StatusCode::BAD_REQUEST)?;
    let name = if root.is(&root.name.name) { root.name.name.as_str() } else { "" };
    // RFC 3253 §3.6: no Depth means 0. Each of the reports of RFC 3744 §9 is for that alone.
    let depth = call.depth(Depth::Zero)?;
    match (&call.place, name) {
        (Place::Node { .. } | Place::Linked { .. }, _) => {
            let node = call.node()?;
            let (handle, seen) = call.look(&node).await?;
            let seen = seen.ok_or(Error::NotFound)?;
            match name {
                "sync-collection" if seen.kind == NodeKind::Folder => {
                    guard::judge_if(&call, Some(&seen)).await?;
                    sync::sync(call, &handle, &root, depth).await
                }
                "acl-principal-prop-set" => principals::of_acl(&call, &node, &root).await,
                _ => Err(not_here()),
            }
        }
        (Place::Root | Place::Files | Place::Principals, "principal-property-search") => {
            let is_here = call.place == Place::Principals || root.child("apply-to-principal-collection-set").is_some();
            if depth != Depth::Zero || !is_here {
                return Err(StatusCode::BAD_REQUEST.into());
            }
            principals::search(&call, &root).await
        }
        (Place::Root | Place::Files | Place::Principals, "principal-match") => principals::matching(&call, &root),
        (Place::Root | Place::Files | Place::Principals, "principal-search-property-set") => {
            Ok(principals::searchable())
        }
        (Place::Top | Place::Root | Place::Files | Place::Principals, _) => Err(not_here()),
        (Place::Principal(who), _) => {
            crate::principal::shown(&call, who).await?.ok_or(Error::NotFound)?;
            Err(not_here())
        }
        (Place::Collections(_) | Place::Trays(_) | Place::Directory(_) | Place::Upload { .. } | Place::Nowhere, _) => {
            Err(Error::NotFound.into())
        }
    }
}

/// RFC 3253 §3.6 `DAV:supported-report`.
fn not_here() -> Refusal {
    Refusal::Condition(StatusCode::FORBIDDEN, "supported-report")
}
