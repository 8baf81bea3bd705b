//! `Core/echo` (RFC 8620 §4): whether somebody is there.

use serde_json::{Map, Value};

pub(crate) fn echo(arguments: Map<String, Value>) -> Value {
    Value::Object(arguments)
}
