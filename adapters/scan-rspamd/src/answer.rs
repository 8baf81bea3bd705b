//! What a worker answers: an HTTP response (RFC 9112 §4) that ends with the connection, and JSON in it.

use passerelle_core::ports::{Finding, Looked, Mark};
use serde::Deserialize;

/// The fields that tell of it, as its milter and other filters write them: whether a message is spam, and by what score.
pub(crate) const FLAG: &str = "X-Spam-Flag";
pub(crate) const STATUS: &str = "X-Spam-Status";

#[derive(Deserialize)]
struct Checked {
    action: String,
    score: Option<f64>,
    required_score: Option<f64>,
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
pub(crate) fn read(octets: &[u8]) -> Result<Looked, String> {
    let checked: Checked = serde_json::from_slice(body(octets)?).map_err(|error| error.to_string())?;
    let (finding, is_spam) = match checked.action.as_str() {
        "reject" => (Finding::Bad { what: "spam".to_owned() }, true),
        "soft reject" => (Finding::Later, false),
        // What it would mark or put aside is marked; the subject stays as its author wrote it.
        "add header" | "rewrite subject" | "quarantine" | "discard" => (Finding::Clean, true),
        "no action" | "greylist" => (Finding::Clean, false),
        other => return Err(format!("an action that is not known: {}", other.chars().take(40).collect::<String>())),
    };
    let number = |name: &str, value: Option<f64>| value.map_or_else(String::new, |value| format!(" {name}={value:.2}"));
    let (score, required) = (number("score", checked.score), number("required", checked.required_score));
    let mut marks = vec![Mark::new(STATUS, &format!("{},{score}{required}", if is_spam { "Yes" } else { "No" }))];
    if is_spam {
        marks.push(Mark::new(FLAG, "YES"));
    }
    Ok(Looked { finding, marks })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(action: &str) -> Result<Looked, String> {
        read(
            format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{{\"score\":1.5,\"required_score\":15,\"action\":\"{action}\"}}").as_bytes(),
        )
    }

    #[test]
    fn answers() {
        let yes = "X-Spam-Status: Yes, score=1.50 required=15.00\r\nX-Spam-Flag: YES\r\n";
        let no = "X-Spam-Status: No, score=1.50 required=15.00\r\n";
        let spam = || Finding::Bad { what: "spam".into() };
        for (action, finding, marks) in [
            ("reject", spam(), yes),
            ("soft reject", Finding::Later, no),
            ("add header", Finding::Clean, yes),
            ("rewrite subject", Finding::Clean, yes),
            ("no action", Finding::Clean, no),
        ] {
            let looked = of(action).map(|it| (it.finding, it.marks.iter().map(Mark::to_line).collect::<String>()));
            assert_eq!(looked, Ok((finding, marks.to_owned())), "{action}");
        }
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
