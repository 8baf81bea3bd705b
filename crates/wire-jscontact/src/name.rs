//! The name (RFC 9555 §2.5): N has its parts, FN the whole. A whole that was made of the parts is marked so (RFC 9554).

use crate::{
    components, parameters,
    tables::{NAME_PARTS, NAME_REPEATED},
};
use passerelle_wire_ical::{Property, escaped, parameter_value, unescaped};
use serde_json::{Map, Value, json};

/// How many parts a name of RFC 6350 has.
const SHORT: usize = 5;

/// The name that these lines say; `None` where they say none.
pub(crate) fn read(parts: Option<&Property<'_>>, full: Option<&Property<'_>>) -> Option<Value> {
    let mut name = Map::new();
    if let Some((parts, places)) = parts.and_then(|parts| Some((parts, components::places(&parts.decoded())?))) {
        let order = parts.parameter("JSCOMPS");
        components::told(places, order.as_deref(), NAME_PARTS, NAME_REPEATED, &mut name);
    }
    let is_derived = |full: &&Property<'_>| full.parameter("DERIVED").is_some_and(|it| it.eq_ignore_ascii_case("true"));
    if let Some(full) = full.filter(|full| !is_derived(full)) {
        let text = full.decoded();
        let text = unescaped(&text);
        if !text.is_empty() {
            name.insert("full".to_owned(), json!(text));
        }
    }
    (!name.is_empty()).then_some(Value::Object(name))
}

/// The lines of a name: N, and FN.
pub(crate) fn written(
    name: &Map<String, Value>,
    parts: Option<&Property<'_>>,
    full: Option<&Property<'_>>,
) -> Option<Vec<String>> {
    let (places, order) = components::placed(name, NAME_PARTS, SHORT, NAME_REPEATED)?;
    let order = order.map(|order| format!(";JSCOMPS={}", parameter_value(&order))).unwrap_or_default();
    let n = format!("N{}{order}:{}", parameters::others(parts, "name"), components::value(&places));
    let kept = parameters::others(full, "name");
    let fnl = match name.get("full").and_then(Value::as_str) {
        Some(full) => format!("FN{kept}:{}", escaped(full)),
        None => format!("FN;DERIVED=TRUE{kept}:{}", escaped(&derived(name))),
    };
    Some(vec![n, fnl])
}

/// The whole of the parts, in their order.
pub(crate) fn derived(name: &Map<String, Value>) -> String {
    let parts = name.get("components").and_then(Value::as_array);
    let said = |part: &Value, member: &str| part.get(member).and_then(Value::as_str).map(str::to_owned);
    let parts: Vec<(String, String)> = parts
        .into_iter()
        .flatten()
        .filter_map(|part| Some((said(part, "kind")?, said(part, "value")?)))
        .filter(|(kind, _)| kind != "separator")
        .collect();
    if name.get("isOrdered").and_then(Value::as_bool) == Some(true) {
        return parts.into_iter().map(|(_, value)| value).collect::<Vec<_>>().join(" ");
    }
    // As most people of Europe say them: N has the surname first.
    let order = ["title", "given", "given2", "surname", "surname2", "generation", "credential"];
    let of = |kind: &str| {
        parts.iter().filter(move |(known, _)| known == kind).map(|(_, value)| value.as_str()).collect::<Vec<_>>()
    };
    order.iter().flat_map(|kind| of(kind)).collect::<Vec<_>>().join(" ")
}
