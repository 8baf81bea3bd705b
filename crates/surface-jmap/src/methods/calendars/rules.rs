//! What tasks are told in the words of RFC 8984, which draft-ietf-jmap-tasks builds on: `recurrenceRules`, a list, of which there is one
//! at most. Events have JSCalendar 2.0's `recurrenceRule`.

use crate::error::SetError;
use serde_json::{Map, Value, json};

/// The list.
pub(super) const RULES: &str = "recurrenceRules";
/// What is in it.
const RULE: &str = "recurrenceRule";
/// JSCalendar's version, of which the first has none.
const VERSION: &str = "version";

/// Whether the codec's name is none of a task.
pub(super) fn is_other(name: &str) -> bool {
    matches!(name, RULE | VERSION)
}

/// A task of the codec as it is told.
pub(super) fn told(task: &mut Map<String, Value>) {
    task.remove(VERSION);
    if let Some(rule) = task.remove(RULE) {
        task.insert(RULES.to_owned(), json!([rule]));
    }
}

/// The inverse, of what a client says.
pub(super) fn said(task: &mut Map<String, Value>) -> Result<(), SetError> {
    if task.contains_key(RULE) {
        return Err(SetError::properties(&[RULE], "a task has recurrenceRules"));
    }
    match task.remove(RULES) {
        None | Some(Value::Null) => {}
        Some(Value::Array(mut rules)) => match (rules.pop(), rules.is_empty()) {
            (None, _) => {}
            (Some(rule), true) => drop(task.insert(RULE.to_owned(), rule)),
            (Some(_), false) => return Err(SetError::properties(&[RULES], "it recurs by one rule at most")),
        },
        Some(_) => return Err(SetError::properties(&[RULES], "it is a list of one rule")),
    }
    Ok(())
}

/// The name by which a client knows a property that was refused.
pub(super) fn named(property: &str) -> String {
    match property.strip_prefix(RULE) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("{RULES}{rest}"),
        Some(_) | None => property.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn object(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_rule_is_told_in_a_list_and_read_out_of_one() {
        let inner = object(&json!({ "uid": "u", "recurrenceRule": { "frequency": "weekly" } }));
        let mut task = inner.clone();
        task.insert("version".to_owned(), json!("2.0"));
        told(&mut task);
        assert_eq!(task, object(&json!({ "uid": "u", "recurrenceRules": [{ "frequency": "weekly" }] })));
        said(&mut task).unwrap();
        assert_eq!(task, inner);
        for none in [json!({}), json!({ "recurrenceRules": [] }), json!({ "recurrenceRules": null })] {
            let mut none = object(&none);
            said(&mut none).unwrap();
            assert!(none.is_empty());
        }
        for bad in
            [json!({ "recurrenceRule": {} }), json!({ "recurrenceRules": [{}, {}] }), json!({ "recurrenceRules": {} })]
        {
            assert!(said(&mut object(&bad)).is_err(), "{bad}");
        }
        for (inner, outer) in [
            ("recurrenceRule", "recurrenceRules"),
            ("recurrenceRule/frequency", "recurrenceRules/frequency"),
            ("recurrenceRuleless", "recurrenceRuleless"),
            ("title", "title"),
        ] {
            assert_eq!(named(inner), outer);
        }
    }
}
