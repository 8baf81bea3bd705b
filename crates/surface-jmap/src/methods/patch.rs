//! A patch of an object (RFC 8620 §5.3): values by pointers into it, without their first solidus.

use crate::error::SetError;
use serde_json::{Map, Value};

/// Deepest member that a patch names.
const DEEPEST: usize = 16;

/// The object with a patch applied; null takes a member away.
///
/// # Errors
/// `invalidPatch` for a pointer that leads nowhere, into an array, or into what another one sets.
pub(crate) fn patched(object: &Map<String, Value>, patch: &Map<String, Value>) -> Result<Map<String, Value>, SetError> {
    let wrong = |path: &str| SetError::saying("invalidPatch", format!("{path} is nothing that can be set"));
    let mut object = object.clone();
    for (path, value) in patch {
        let sets_again = |other: &String| path.strip_prefix(other.as_str()).is_some_and(|rest| rest.starts_with('/'));
        let names: Vec<String> = path.split('/').map(|name| name.replace("~1", "/").replace("~0", "~")).collect();
        let Some((last, parents)) = names.split_last().filter(|_| names.len() <= DEEPEST) else {
            return Err(wrong(path));
        };
        let mut at = Some(&mut object);
        for name in parents {
            at = at.and_then(|it| it.get_mut(name)?.as_object_mut());
        }
        let at = at.filter(|_| !patch.keys().any(sets_again)).ok_or_else(|| wrong(path))?;
        if value.is_null() {
            at.remove(last);
        } else {
            at.insert(last.clone(), value.clone());
        }
    }
    Ok(object)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_patch_changes() {
        let object = json!({ "a": { "x/y": 1, "z": { "q": 2 } }, "b": [1], "c": 3 });
        let apply = |patch: Value| patched(object.as_object().unwrap(), patch.as_object().unwrap()).map(Value::Object);
        let good = apply(json!({ "a/x~1y": null, "a/z/q": 5, "a/new": {}, "c": null })).unwrap();
        assert_eq!(good, json!({ "a": { "z": { "q": 5 }, "new": {} }, "b": [1] }));
        for bad in [json!({ "n/x": 1 }), json!({ "b/0": 1 }), json!({ "a": {}, "a/z": 1 }), json!({ "c/x": 1 })] {
            assert!(apply(bad.clone()).is_err(), "{bad}");
        }
    }
}
