//! A request as it comes (RFC 8620 §3.3): JSON within bounds, capabilities that we know, calls in their order.

use crate::{error::BadRequest, hub::Types, limits::MOST_CALLS};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The core (RFC 8620 §2).
pub(crate) const CORE: &str = "urn:ietf:params:jmap:core";
/// Mail (RFC 8621 §1.3.1).
pub(crate) const MAIL: &str = "urn:ietf:params:jmap:mail";
/// Sending (RFC 8621 §1.3.2).
pub(crate) const SUBMISSION: &str = "urn:ietf:params:jmap:submission";

/// Calendars (draft-ietf-jmap-calendars §1.5.1).
pub(crate) const CALENDARS: &str = "urn:ietf:params:jmap:calendars";
/// When somebody is busy (draft-ietf-jmap-calendars §1.5.2).
pub(crate) const AVAILABILITY: &str = "urn:ietf:params:jmap:principals:availability";
/// Tasks (draft-ietf-jmap-tasks), and what of them the draft leaves to those who can.
pub(crate) const TASKS: &str = "urn:ietf:params:jmap:tasks";
/// That they recur.
pub(crate) const TASK_RECURRENCES: &str = "urn:ietf:params:jmap:tasks:recurrences";
/// That they have alerts.
pub(crate) const TASK_ALERTS: &str = "urn:ietf:params:jmap:tasks:alerts";
/// Notes: types of our own, as no document has any.
pub(crate) const NOTES: &str = "urn:passerelle:params:jmap:notes";
/// Contacts (RFC 9610 §1.4.1).
pub(crate) const CONTACTS: &str = "urn:ietf:params:jmap:contacts";

/// What is answered in absence (RFC 8621 §1.3.3).
pub(crate) const VACATION: &str = "urn:ietf:params:jmap:vacationresponse";
/// Filter scripts (RFC 9661 §1.3).
pub(crate) const SIEVE: &str = "urn:ietf:params:jmap:sieve";

/// The room that there is (RFC 9425 §2).
pub(crate) const QUOTA: &str = "urn:ietf:params:jmap:quota";

/// Blobs by calls (RFC 9404 §2).
pub(crate) const BLOB: &str = "urn:ietf:params:jmap:blob";

/// Pictures that messages show from elsewhere: no method, but an address at which the office asks for them.
pub(crate) const PICTURES: &str = "urn:passerelle:params:jmap:pictures";

/// People and groups that something can be shared with (RFC 9670 §1.5.1).
pub(crate) const PRINCIPALS: &str = "urn:ietf:params:jmap:principals";
/// Whose account it is, of accounts only (RFC 9670 §1.5.2).
pub(crate) const OWNER: &str = "urn:ietf:params:jmap:principals:owner";
/// With whom mailboxes are shared (draft-ietf-jmap-mail-sharing).
pub(crate) const SHARING: &str = "urn:ietf:params:jmap:mail:share";

/// Requests in a conversation: no method either (RFC 8887 §3).
pub(crate) const WEBSOCKET: &str = "urn:ietf:params:jmap:websocket";

/// All that there are.
const CAPABILITIES: &[&str] = &[
    CORE,
    MAIL,
    CALENDARS,
    TASKS,
    TASK_RECURRENCES,
    TASK_ALERTS,
    NOTES,
    CONTACTS,
    SUBMISSION,
    VACATION,
    SIEVE,
    QUOTA,
    BLOB,
    PICTURES,
    WEBSOCKET,
    PRINCIPALS,
    AVAILABILITY,
    OWNER,
    SHARING,
];

/// A request.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    /// The capabilities that it uses.
    pub(crate) using: Vec<String>,
    /// The calls, in their order.
    pub(crate) method_calls: Vec<Call>,
    /// Ids of what was made, by the ids that the client gave it.
    #[serde(default)]
    pub(crate) created_ids: Option<BTreeMap<String, String>>,
}

/// A method call: its name, its arguments, the client's id for it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Call(pub(crate) String, pub(crate) Map<String, Value>, pub(crate) String);

/// Most values of a request, about: small ones take many times their text in memory.
const MOST_VALUES: usize = 150_000;

/// Whether there are more values in a JSON text, told by what stands between them.
fn has_too_many(octets: &[u8]) -> bool {
    let (mut count, mut in_text, mut escaped) = (0_usize, false, false);
    for octet in octets {
        match octet {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' | b',' if !in_text => count = count.saturating_add(1),
            _ => {}
        }
    }
    count > MOST_VALUES
}

/// Reads a request.
pub(crate) fn parse(octets: &[u8]) -> Result<Request, BadRequest> {
    request(json(octets)?)
}

fn json(octets: &[u8]) -> Result<Value, BadRequest> {
    if has_too_many(octets) {
        return Err(BadRequest::Limit("maxSizeRequest"));
    }
    serde_json::from_slice(octets).map_err(|error| BadRequest::NotJson(error.to_string()))
}

/// What a client says in a conversation (RFC 8887 §4.3).
#[derive(Debug)]
pub(crate) enum Said {
    /// A request, by the client's own id for it.
    Request { id: Option<String>, request: Request },
    /// Changes of these types are to be told, at once what has changed since the push state.
    PushEnable { types: Types, since: Option<String> },
    /// They are not any more.
    PushDisable,
}

/// A message as it comes: `@type` says what it is.
#[derive(Debug, Deserialize)]
#[serde(tag = "@type")]
enum Envelope {
    Request {
        #[serde(default)]
        id: Option<String>,
    },
    #[serde(rename_all = "camelCase")]
    WebSocketPushEnable {
        data_types: Option<Vec<String>>,
        #[serde(default)]
        push_state: Option<String>,
    },
    WebSocketPushDisable,
}

/// Reads a message.
///
/// # Errors
/// Why it is refused, with the client's id for it as far as that can be read.
pub(crate) fn said(octets: &[u8]) -> Result<Said, (Option<String>, BadRequest)> {
    let value = json(octets).map_err(|why| (None, why))?;
    let known_id = || value.get("id").and_then(Value::as_str).map(str::to_owned);
    let wrong = |error: serde_json::Error| (known_id(), BadRequest::NotRequest(error.to_string()));
    match Envelope::deserialize(&value).map_err(wrong)? {
        Envelope::Request { id } => match request(value) {
            Ok(request) => Ok(Said::Request { id, request }),
            Err(why) => Err((id, why)),
        },
        Envelope::WebSocketPushEnable { data_types, push_state } => {
            // Null is each of them (RFC 8887 §4.3.5.2).
            let types = data_types.map_or(Types::ALL, |names| Types::of(names.iter().map(String::as_str)));
            Ok(Said::PushEnable { types, since: push_state })
        }
        Envelope::WebSocketPushDisable => Ok(Said::PushDisable),
    }
}

fn request(json: Value) -> Result<Request, BadRequest> {
    let request: Request = serde_json::from_value(json).map_err(|error| BadRequest::NotRequest(error.to_string()))?;
    if let Some(unknown) = request.using.iter().find(|it| !CAPABILITIES.contains(&it.as_str())) {
        let shown: String = unknown.chars().take(200).collect();
        return Err(BadRequest::UnknownCapability(shown));
    }
    if request.method_calls.len() > MOST_CALLS {
        return Err(BadRequest::Limit("maxCallsInRequest"));
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use super::*;

    #[test]
    fn what_is_a_request_and_what_is_none() {
        let good = r#"{"using":["urn:ietf:params:jmap:core"],"methodCalls":[["Core/echo",{"a":1},"0"]]}"#;
        let request = parse(good.as_bytes()).unwrap();
        assert_eq!(request.method_calls.first().map(|call| call.0.as_str()), Some("Core/echo"));
        let deep = format!("{}1{}", "[".repeat(1000), "]".repeat(1000));
        for bad in ["", "{", "\u{feff}{}", "{\"using\":[\"\\ud800\"],\"methodCalls\":[]}", deep.as_str()] {
            assert!(matches!(parse(bad.as_bytes()), Err(BadRequest::NotJson(_))), "{bad}");
        }
        for bad in [
            "[]",
            "{}",
            r#"{"using":"x","methodCalls":[]}"#,
            r#"{"using":[],"methodCalls":[["a",{}]]}"#,
            r#"{"using":[],"methodCalls":[["a",[],"0"]]}"#,
            r#"{"using":[],"methodCalls":[],"createdIds":{"a":1}}"#,
        ] {
            assert!(matches!(parse(bad.as_bytes()), Err(BadRequest::NotRequest(_))), "{bad}");
        }
        let unknown = parse(br#"{"using":["urn:x"],"methodCalls":[]}"#).unwrap_err();
        assert_eq!(unknown, BadRequest::UnknownCapability("urn:x".to_owned()));
        let small = format!("[{}0]", "{\"\":0},".repeat(MOST_VALUES));
        assert_eq!(parse(small.as_bytes()).unwrap_err(), BadRequest::Limit("maxSizeRequest"));
        let text = serde_json::to_string(&"[,\"{\\".repeat(MOST_VALUES)).unwrap();
        assert!(!has_too_many(text.as_bytes()), "what stands in a text is none");
        let many = vec![r#"["Core/echo",{},"0"]"#; MOST_CALLS + 1].join(",");
        let many = parse(format!(r#"{{"using":[],"methodCalls":[{many}]}}"#).as_bytes());
        assert_eq!(many.unwrap_err(), BadRequest::Limit("maxCallsInRequest"));
    }

    #[test]
    fn what_is_said_in_a_conversation() {
        let request = r#"{"@type":"Request","id":"R1","using":[],"methodCalls":[]}"#;
        assert!(matches!(said(request.as_bytes()), Ok(Said::Request { id: Some(id), .. }) if id == "R1"));
        let enable = r#"{"@type":"WebSocketPushEnable","dataTypes":["Email","Other"],"pushState":"x"}"#;
        let Ok(Said::PushEnable { types, since }) = said(enable.as_bytes()) else { panic!("{enable}") };
        assert_eq!((types, since.as_deref()), (Types::of(["Email"].into_iter()), Some("x")));
        let all = r#"{"@type":"WebSocketPushEnable","dataTypes":null}"#;
        assert!(matches!(said(all.as_bytes()), Ok(Said::PushEnable { types: Types::ALL, since: None })));
        assert!(matches!(said(br#"{"@type":"WebSocketPushDisable"}"#), Ok(Said::PushDisable)));
        for (bad, id) in [
            ("[]", None),
            (r#"{"using":[],"methodCalls":[],"id":"x"}"#, Some("x")),
            (r#"{"@type":"Response","id":"x"}"#, Some("x")),
            (r#"{"@type":"Request","id":"x","using":[]}"#, Some("x")),
            (r#"{"@type":"Request","id":1,"using":[],"methodCalls":[]}"#, None),
        ] {
            let (told, why) = said(bad.as_bytes()).unwrap_err();
            assert!(told.as_deref() == id && matches!(why, BadRequest::NotRequest(_)), "{bad}");
        }
        assert!(matches!(said(b"{"), Err((None, BadRequest::NotJson(_)))));
    }
}
