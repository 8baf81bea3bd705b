//! What a worker answers: an HTTP response (RFC 9112 §4) that ends with the connection, and JSON in it.

use passerelle_core::ports::Finding;
use serde::Deserialize;

#[derive(Deserialize)]
struct Checked {
    action: String,
}

/// The body of a response with status 200; what is wrong when it is none.
pub(crate) fn body(octets: &[u8]) -> Result<&[u8], String> {
    let end = octets.windows(4).position(|four| four == b"\r\n\r\n").ok_or("no HTTP")?;
    let (head, body) = octets.split_at_checked(end.saturating_add(4)).ok_or("no HTTP")?;
    let status: String = String::from_utf8_lossy(head)
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|it| !it.is_control())
        .collect();
    let mut words = status.split(' ');
    let is_http = words.next().is_some_and(|version| version.starts_with("HTTP/1."));
    if is_http && words.next() == Some("200") { Ok(body) } else { Err(status) }
}

/// The finding of a whole response; what is wrong when it is none.
pub(crate) fn read(octets: &[u8]) -> Result<Finding, String> {
    let checked: Checked = serde_json::from_slice(body(octets)?).map_err(|error| error.to_string())?;
    match checked.action.as_str() {
        "reject" => Ok(Finding::Bad { what: "spam".to_owned() }),
        "soft reject" => Ok(Finding::Later),
        "no action" | "greylist" | "add header" | "rewrite subject" | "quarantine" | "discard" => Ok(Finding::Clean),
        other => Err(format!("an action that is not known: {}", other.chars().take(40).collect::<String>())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(action: &str) -> Result<Finding, String> {
        read(
            format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{{\"score\":1.5,\"action\":\"{action}\"}}").as_bytes(),
        )
    }

    #[test]
    fn answers() {
        assert_eq!(of("reject"), Ok(Finding::Bad { what: "spam".into() }));
        assert_eq!(of("soft reject"), Ok(Finding::Later));
        assert_eq!(of("add header"), Ok(Finding::Clean));
        assert!(of("explode").is_err());
        // Nothing but its own words is a yes.
        for wrong in [
            &b""[..],
            b"HTTP/1.1 200 OK\r\n\r\n",
            b"HTTP/1.1 403 no\r\n\r\n{\"action\":\"no action\"}",
            b"{\"action\":\"no action\"}",
        ] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_a_value(octets in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(read(&octets).is_err());
        }
    }
}
