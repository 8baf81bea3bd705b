//! `audit.list`: the trail of administration.

use super::{
    Effect, Method,
    pages::{CURSOR, page, place},
};
use crate::{
    arguments::Arguments,
    caller::Caller,
    fault::Refusal,
    params::{Kind, optional},
    values::{moment, structure, text},
};
use dxr::Value;
use passerelle_core::ports::state::AuditLine;

/// How many lines are answered when nobody says.
const USUAL: usize = 100;

pub(super) const METHODS: &[Method] = &[Method {
    name: "audit.list",
    params: &[
        optional(
            "target",
            Kind::Text,
            "only what was done to this login, group or place, written as the lines have it",
        ),
        optional("limit", Kind::Number, "how many at most; 500 is the most"),
        CURSOR,
    ],
    answer: "struct",
    help: "What was changed, or refused, the newest first: {lines, next, more}, each line {at, who, from, method, target, outcome, change}. who is account:institution/login, client:id or system:job; outcome is done or why not. Kept for a year. Passwords and tokens are never in it.",
    effect: Effect::Reads,
    run: |caller, arguments| Box::pin(list(caller, arguments)),
}];

async fn list(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let institution = caller.administered(&arguments).await?;
    let (target, limit) = (arguments.maybe_text("target"), arguments.limit("limit", USUAL)?);
    let limit = limit.clamp(1, passerelle_core::MOST_LINES);
    let list = format!("audit.list {} {}", institution.target().0, target.unwrap_or_default());
    let before = place(caller, &arguments, &list)?.and_then(|place| AuditLine::placed(&place));
    let lines = institution.trail(target, before, limit).await?;
    let next = if lines.len() == limit { lines.last().map(AuditLine::place) } else { None };
    page(caller, &list, ("lines", lines.iter().map(row).collect()), next)
}

fn row(line: &AuditLine) -> Value {
    structure([
        ("at", moment(Some(line.at))),
        ("who", text(&line.who)),
        ("from", text(&line.from)),
        ("method", text(&line.method)),
        ("target", text(&line.target)),
        ("outcome", text(&line.outcome)),
        ("change", text(&line.change)),
    ])
}
