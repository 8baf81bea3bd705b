//! When two cards of JSContact say the same: defaults, nulls and what is empty say nothing.

use serde_json::{Map, Value};

/// A card without what says nothing: the types of its objects, `false`, null, and what is empty. An entry stays, be it empty.
pub(crate) fn normal(card: &Map<String, Value>) -> Map<String, Value> {
    let tops = card.iter().filter(|(name, _)| !matches!(name.as_str(), "@type" | "version"));
    tops.filter_map(|(name, value)| Some((name.clone(), top(name, value)?))).collect()
}

fn top(name: &str, value: &Value) -> Option<Value> {
    let Value::Object(entries) = value else { return plain(value) };
    if name == "name" || name == "speakToAs" {
        return plain(value);
    }
    let entry = |value: &Value| match (value, plain(value)) {
        (Value::Object(_), None) => Some(Value::Object(Map::new())),
        (_, said) => said,
    };
    let mut all: Map<String, Value> =
        entries.iter().filter_map(|(id, value)| Some((id.clone(), entry(value)?))).collect();
    if name == "titles" {
        // RFC 9553 §2.2.5: the default.
        for title in all.values_mut().filter_map(Value::as_object_mut) {
            title.retain(|name, value| name != "kind" || *value != "title");
        }
    }
    (!all.is_empty()).then_some(Value::Object(all))
}

fn plain(value: &Value) -> Option<Value> {
    match value {
        Value::Null | Value::Bool(false) => None,
        Value::Bool(true) | Value::Number(_) | Value::String(_) => Some(value.clone()),
        Value::Array(all) => {
            let all: Vec<Value> = all.iter().filter_map(plain).collect();
            (!all.is_empty()).then_some(Value::Array(all))
        }
        Value::Object(all) => {
            let said = all.iter().filter(|(name, _)| *name != "@type");
            let mut all: Map<String, Value> =
                said.filter_map(|(name, value)| Some((name.clone(), plain(value)?))).collect();
            // RFC 9553 §2.2.1.1: the order of parts says nothing where it is not told that it does.
            if !all.contains_key("isOrdered")
                && let Some(Value::Array(parts)) = all.get_mut("components")
            {
                parts.sort_by_key(|part| part.get("kind").map(ToString::to_string));
            }
            (!all.is_empty()).then_some(Value::Object(all))
        }
    }
}
