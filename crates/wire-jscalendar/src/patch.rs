//! Patches (RFC 8984 §1.4.9, RFC 8620 §5.3): which members of an object have other values, by JSON pointers without their first solidus.

use serde_json::{Map, Value};

/// Deepest member that a patch names.
const DEEPEST: usize = 12;

/// The object with a patch applied; null takes a member away.
///
/// # Errors
/// The pointer that leads nowhere, into an array, or into what another one sets.
pub fn patched(object: &Map<String, Value>, patch: &Map<String, Value>) -> Result<Map<String, Value>, String> {
    for path in patch.keys() {
        let above = |other: &&String| path.strip_prefix(other.as_str()).is_some_and(|rest| rest.starts_with('/'));
        if patch.keys().any(|other| above(&other)) {
            return Err(path.clone());
        }
    }
    let mut object = object.clone();
    for (path, value) in patch {
        set(&mut object, path, value).ok_or_else(|| path.clone())?;
    }
    Ok(object)
}

fn set(object: &mut Map<String, Value>, path: &str, value: &Value) -> Option<()> {
    let names: Vec<String> = path.split('/').map(|name| name.replace("~1", "/").replace("~0", "~")).collect();
    if names.len() > DEEPEST {
        return None;
    }
    let (last, parents) = names.split_last()?;
    let mut at = object;
    for name in parents {
        at = at.get_mut(name)?.as_object_mut()?;
    }
    if value.is_null() {
        at.remove(last);
    } else {
        at.insert(last.clone(), value.clone());
    }
    Some(())
}

/// The patch that makes one object of another. Objects in both are compared member by member, everything else whole.
pub(crate) fn difference(old: &Map<String, Value>, new: &Map<String, Value>) -> Map<String, Value> {
    let mut patch = Map::new();
    compare("", old, new, &mut patch, DEEPEST);
    patch
}

fn compare(
    above: &str,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    patch: &mut Map<String, Value>,
    left: usize,
) {
    let path = |name: &str| format!("{above}{}", name.replace('~', "~0").replace('/', "~1"));
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        patch.insert(path(name), Value::Null);
    }
    for (name, value) in new {
        match (old.get(name), value) {
            (Some(same), value) if same == value => {}
            (Some(Value::Object(old)), Value::Object(new)) if left > 1 => {
                compare(&format!("{}/", path(name)), old, new, patch, left - 1);
            }
            _ => drop(patch.insert(path(name), value.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use serde_json::json;

    fn object(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_difference_makes_one_of_the_other() {
        for (old, new, patch) in [
            (json!({"a": 1}), json!({"a": 2, "b": null}), json!({"a": 2, "b": null})),
            (json!({"a": {"b": {"c": 1, "d": 2}}}), json!({"a": {"b": {"c": 1}}}), json!({"a/b/d": null})),
            (json!({"a/b": {"~": 1}}), json!({"a/b": {"~": 2}}), json!({"a~1b/~0": 2})),
            (json!({"a": [1]}), json!({"a": [1, 2]}), json!({"a": [1, 2]})),
        ] {
            let (old, new) = (object(&old), object(&new));
            let found = difference(&old, &new);
            assert_eq!(found, object(&patch));
            let without =
                new.iter().filter(|(_, value)| !value.is_null()).map(|(k, v)| (k.clone(), v.clone())).collect();
            assert_eq!(patched(&old, &found), Ok(without));
        }
    }

    #[test]
    fn a_pointer_leads_somewhere() {
        let whole = object(&json!({"a": {"b": 1}, "list": [1]}));
        for bad in [json!({"x/y": 1}), json!({"list/0": 2}), json!({"a": {}, "a/b": 2}), json!({"a/b/c": 1})] {
            assert!(patched(&whole, &object(&bad)).is_err(), "{bad}");
        }
        assert_eq!(patched(&whole, &object(&json!({"a/b": null}))), Ok(object(&json!({"a": {}, "list": [1]}))));
    }
}
