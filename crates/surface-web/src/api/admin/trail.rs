//! `GET /api/admin/trail`: what was changed or refused, by whom, the newest first.

use super::{Admin, Answer};
use crate::api::moment;
use passerelle_core::{MOST_LINES, ports::state::AuditLine};
use serde_json::{Value, json};

/// Lines of the target that is named, written as the lines have it; of all, when none is.
pub(super) async fn list(admin: &Admin<'_>) -> Answer {
    let target = admin.call.parameter("target");
    let target = Some(target.trim()).filter(|target| !target.is_empty());
    let list = format!("admin.trail {} {}", admin.of.target().0, target.unwrap_or_default());
    let before = admin.place(&list)?.and_then(|place| AuditLine::placed(&place));
    let limit = admin.limit()?.clamp(1, MOST_LINES);
    let lines = admin.of.trail(target, before, limit).await?;
    let next = if lines.len() == limit { lines.last().map(AuditLine::place) } else { None };
    admin.page(&list, ("lines", lines.iter().map(row).collect()), next)
}

fn row(line: &AuditLine) -> Value {
    json!({
        "at": moment(line.at),
        "who": line.who,
        "from": line.from,
        "method": line.method,
        "target": line.target,
        "outcome": line.outcome,
        "change": line.change,
        // What tells lines of one second apart.
        "id": line.place(),
    })
}
