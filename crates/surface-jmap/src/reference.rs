//! References of one call to what another has answered (RFC 8620 §3.7): `#ids` is `ids`, of an answer before it, by a pointer
//! (RFC 6901) in which `*` stands for each member of an array.

use crate::error::MethodError;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Most references of one call.
const MOST_REFERENCES: usize = 16;
/// Most octets that all references of one request bring together, about.
pub(crate) const LARGEST_REFERRED: usize = 16 * 1024 * 1024;

/// An answer that can be referred to.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) name: String,
    pub(crate) arguments: Value,
    /// The client's id of the call.
    pub(crate) call: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Reference {
    result_of: String,
    name: String,
    path: String,
}

/// Puts what is referred to in the place of the references. What they bring together is taken from what is left of the request's.
pub(crate) fn resolve(
    arguments: Map<String, Value>,
    answers: &[Answer],
    left: &mut usize,
) -> Result<Map<String, Value>, MethodError> {
    if arguments.keys().filter(|name| name.starts_with('#')).count() > MOST_REFERENCES {
        return Err(MethodError::invalid("there are too many references"));
    }
    let mut resolved = Map::new();
    for (name, value) in arguments {
        let (name, value) = match name.strip_prefix('#') {
            Some(plain) => (plain.to_owned(), found(value, answers, left)?),
            None => (name, value),
        };
        if resolved.insert(name, value).is_some() {
            return Err(MethodError::invalid("an argument is given with and without a reference"));
        }
    }
    Ok(resolved)
}

fn found(reference: Value, answers: &[Answer], left: &mut usize) -> Result<Value, MethodError> {
    let fails = || MethodError::new("invalidResultReference");
    let Reference { result_of, name, path } = serde_json::from_value(reference).map_err(|_unlike| fails())?;
    let answer = answers.iter().find(|answer| answer.call == result_of).filter(|answer| answer.name == name);
    let answer = answer.ok_or_else(fails)?;
    let steps = path.strip_prefix('/').map(|path| path.split('/').collect::<Vec<_>>());
    let steps = match steps {
        Some(steps) => steps,
        None if path.is_empty() => Vec::new(),
        None => return Err(fails()),
    };
    at(&answer.arguments, &steps, left).ok_or_else(fails)
}

fn at(value: &Value, steps: &[&str], left: &mut usize) -> Option<Value> {
    let Some((step, rest)) = steps.split_first() else {
        // Counted before it is copied.
        *left = left.checked_sub(about(value))?;
        return Some(value.clone());
    };
    match value {
        Value::Array(members) if *step == "*" => {
            let mut all = Vec::new();
            for member in members {
                match at(member, rest, left)? {
                    // The members of arrays come one behind the other, without what held them.
                    Value::Array(inner) => all.extend(inner),
                    other => all.push(other),
                }
            }
            Some(Value::Array(all))
        }
        Value::Array(members) => {
            // RFC 6901 §4: digits without a leading zero.
            let is_number = *step == "0" || (!step.starts_with('0') && step.bytes().all(|it| it.is_ascii_digit()));
            let index: usize = step.parse().ok().filter(|_| is_number)?;
            at(members.get(index)?, rest, left)
        }
        Value::Object(members) => {
            let name = step.replace("~1", "/").replace("~0", "~");
            at(members.get(&name)?, rest, left)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// How many octets a value takes, about.
pub(crate) fn about(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 16,
        Value::String(text) => text.len().saturating_add(32),
        Value::Array(members) => members.iter().map(about).fold(32, usize::saturating_add),
        Value::Object(members) => {
            let each = members.iter().map(|(name, member)| name.len().saturating_add(64).saturating_add(about(member)));
            each.fold(64, usize::saturating_add)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use serde_json::json;

    fn answers() -> Vec<Answer> {
        let arguments = json!({
            "ids": ["a", "b"],
            "list": [{"threadId": "t1", "emailIds": ["x", "y"], "a/b": {"~": 7}}, {"threadId": "t2", "emailIds": ["z"]}],
        });
        vec![Answer { name: "Foo/get".to_owned(), arguments, call: "c1".to_owned() }]
    }

    fn of(path: &str) -> Result<Value, MethodError> {
        let arguments = json!({"#it": {"resultOf": "c1", "name": "Foo/get", "path": path}});
        resolve(arguments.as_object().unwrap().clone(), &answers(), &mut { LARGEST_REFERRED })
            .map(|it| it["it"].clone())
    }

    #[test]
    fn pointers() {
        assert_eq!(of("/ids").unwrap(), json!(["a", "b"]));
        assert_eq!(of("/list/*/threadId").unwrap(), json!(["t1", "t2"]));
        assert_eq!(of("/list/*/emailIds").unwrap(), json!(["x", "y", "z"]));
        assert_eq!(of("/list/1/emailIds/0").unwrap(), json!("z"));
        assert_eq!(of("/list/0/a~1b/~0").unwrap(), json!(7));
        for bad in ["ids", "/nothing", "/list/2", "/list/01", "/list/-", "/ids/*/x", "/list/*/nothing", "/ids/+1"] {
            assert_eq!(of(bad).unwrap_err().arguments("")["type"], "invalidResultReference", "{bad}");
        }
    }

    #[test]
    fn who_may_be_referred_to() {
        for (reference, expected) in [
            (json!({"resultOf": "c2", "name": "Foo/get", "path": "/ids"}), "invalidResultReference"),
            (json!({"resultOf": "c1", "name": "Foo/set", "path": "/ids"}), "invalidResultReference"),
            (json!(["c1"]), "invalidResultReference"),
        ] {
            let error = resolve(Map::from_iter([("#ids".to_owned(), reference)]), &answers(), &mut 10_000).unwrap_err();
            assert_eq!(error.arguments("")["type"], expected);
        }
        let both = json!({"ids": [], "#ids": {"resultOf": "c1", "name": "Foo/get", "path": "/ids"}});
        let error = resolve(both.as_object().unwrap().clone(), &answers(), &mut 10_000).unwrap_err();
        assert_eq!(error.arguments("")["type"], "invalidArguments");
    }

    /// What a request holds once would be held as often as it is referred to.
    #[test]
    fn what_multiplies_is_refused() {
        let answers =
            [Answer { name: "x".to_owned(), arguments: json!({ "a": "x".repeat(100_000) }), call: "0".to_owned() }];
        let refer = |count: usize| {
            let one = json!({ "resultOf": "0", "name": "x", "path": "/a" });
            Map::from_iter((0..count).map(|number| (format!("#{number}"), one.clone())))
        };
        let mut left = 1_000_000;
        assert!(resolve(refer(8), &answers, &mut left).is_ok());
        assert!(resolve(refer(8), &answers, &mut left).is_err(), "all calls of a request together");
        assert!(resolve(refer(17), &answers, &mut 100_000_000).is_err());
    }
}
