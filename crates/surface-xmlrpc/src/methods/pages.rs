//! Lists page by page: the place where the next page begins goes out sealed and comes back as it went.

use crate::{
    arguments::Arguments,
    caller::Caller,
    fault::Refusal,
    params::{Kind, Param, optional},
    values::{structure, text},
};
use dxr::Value;

pub(super) const LIMIT: Param = optional("limit", Kind::Number, "how many at most; 200 is the most");
pub(super) const CURSOR: Param = optional(
    "cursor",
    Kind::Text,
    "what the answer before said as next, to go on behind it; it belongs to the same question only",
);

/// Where to begin, of a list that is told apart by these words.
pub(super) fn place(caller: &Caller, arguments: &Arguments, list: &str) -> Result<Option<String>, Refusal> {
    match arguments.maybe_text("cursor").filter(|cursor| !cursor.is_empty()) {
        None => Ok(None),
        Some(sealed) => match caller.session.open_place(list, sealed) {
            Some(place) => Ok(Some(place)),
            None => Err(Refusal::Params("cursor: none of this list; begin again without it".to_owned())),
        },
    }
}

/// An answer with items under a name, and where the next page begins; an empty `next` is the end.
pub(super) fn page(
    caller: &Caller,
    list: &str,
    (name, items): (&str, Vec<Value>),
    next: Option<String>,
) -> Result<Value, Refusal> {
    let more = next.is_some();
    let next = next.map(|place| caller.session.seal_place(list, &place)).transpose()?;
    Ok(structure([
        (name, Value::Array(items)),
        ("next", text(next.unwrap_or_default())),
        ("more", Value::Boolean(more)),
    ]))
}
