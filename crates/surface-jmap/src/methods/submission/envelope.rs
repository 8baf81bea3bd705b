//! Who sends a message to whom: as the client says, else as its header does (RFC 8621 §7).

use crate::error::SetError;
use passerelle_core::ports::Recipient;
use passerelle_wire_smtp::{Address, Header, addresses, recipients};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// A sender, and who shall have it, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parties {
    pub(super) from: Address,
    pub(super) to: Vec<Address>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Given {
    mail_from: One,
    rcpt_to: Vec<One>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    email: String,
    #[serde(default)]
    parameters: Option<Map<String, Value>>,
}

impl Parties {
    /// Those that a client names.
    pub(super) fn given(envelope: &Value) -> Result<Self, SetError> {
        let wrong = |why: String| SetError::properties(&["envelope"], why);
        let Given { mail_from, rcpt_to } =
            serde_json::from_value(envelope.clone()).map_err(|error| wrong(error.to_string()))?;
        // None is announced (`submissionExtensions`), a delay neither (`maxDelayedSend`).
        let asks = |one: &One| one.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty());
        if asks(&mail_from) || rcpt_to.iter().any(asks) {
            return Err(wrong("parameters of SMTP are not taken".to_owned()));
        }
        let from = Address::parse(&mail_from.email).map_err(|_| SetError::new("forbiddenMailFrom"))?;
        Self::to(from, rcpt_to.into_iter().map(|one| Address::parse(&one.email).map_err(|_| one.email)))
    }

    /// Those that the header names.
    pub(super) fn of_header(header: &Header) -> Result<Self, SetError> {
        let from = header.named("sender").chain(header.named("from")).next();
        let from = from.ok_or_else(|| invalid_email(&["from"], "nobody is named whom it is from"))?;
        let from = addresses(&from.unfolded()).ok().and_then(|all| all.into_iter().next());
        let from = from.ok_or_else(|| invalid_email(&["from"], "whom it is from can be read in two ways"))?;
        let mut to = Vec::new();
        for name in ["to", "cc", "bcc"] {
            for field in header.named(name) {
                let named = recipients(&field.unfolded());
                // Nobody is left out in silence.
                to.extend(named.map_err(|_| invalid_email(&[name], "an address in it is none"))?);
            }
        }
        Self::to(from, to.into_iter().map(Ok))
    }

    fn to(from: Address, named: impl Iterator<Item = Result<Address, String>>) -> Result<Self, SetError> {
        let (mut seen, mut to, mut wrong) = (HashSet::new(), Vec::new(), Vec::new());
        for named in named {
            match named {
                Ok(address) if seen.insert(address.as_str().to_ascii_lowercase()) => to.push(address),
                Ok(_) => {}
                Err(email) => wrong.push(email),
            }
        }
        if !wrong.is_empty() {
            return Err(invalid_recipients(&wrong));
        }
        if to.is_empty() {
            return Err(SetError::new("noRecipients"));
        }
        Ok(Self { from, to })
    }

    pub(super) fn recipients(&self) -> Vec<Recipient> {
        let one = |address: &Address| Recipient { address: address.as_str().to_owned(), notify: None, original: None };
        self.to.iter().map(one).collect()
    }

    /// Whether an address needs SMTPUTF8 (RFC 6531 §3.3).
    pub(super) fn is_international(&self) -> bool {
        std::iter::once(&self.from).chain(&self.to).any(|address| !address.is_ascii())
    }

    pub(super) fn json(&self) -> Value {
        let one = |address: &Address| json!({ "email": address.as_str(), "parameters": null });
        json!({ "mailFrom": one(&self.from), "rcptTo": self.to.iter().map(one).collect::<Vec<_>>() })
    }
}

/// These recipients cannot have it (RFC 8621 §7.5).
pub(super) fn invalid_recipients(which: &[String]) -> SetError {
    SetError::new("invalidRecipients").with("invalidRecipients", json!(which))
}

/// The message is none that can be sent (RFC 8621 §7.5).
pub(super) fn invalid_email(properties: &[&str], why: &str) -> SetError {
    SetError::saying("invalidEmail", why).with("properties", json!(properties))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    fn of(header: &str) -> Result<(String, Vec<String>), Value> {
        let parties =
            Parties::of_header(&Header::parse(header.as_bytes()).unwrap()).map_err(|error| error.value(""))?;
        Ok((parties.from.to_string(), parties.to.iter().map(ToString::to_string).collect()))
    }

    #[test]
    fn as_the_header_says() {
        let (from, to) = of("From: A <a@x.test>, B <b@x.test>\r\nSender: S <s@x.test>\r\nTo: C <c@x.test>,\r\n D@x.test\r\nCc: d@X.test\r\nBcc: e@x.test\r\n").unwrap();
        assert_eq!(from, "s@x.test");
        assert_eq!(to, ["c@x.test", "D@x.test", "e@x.test"], "each once");
        assert_eq!(of("From: a@x.test\r\n").unwrap_err()["type"], "noRecipients");
        assert_eq!(of("To: a@x.test\r\n").unwrap_err()["type"], "invalidEmail");
        let wrong = of("From: a@x.test\r\nTo: b@x.test, nobody\r\n").unwrap_err();
        assert_eq!((&wrong["type"], &wrong["properties"]), (&json!("invalidEmail"), &json!(["to"])));
    }

    #[test]
    fn as_a_client_says() {
        let given = |value: Value| Parties::given(&value).map_err(|error| error.value("")["type"].clone());
        let good =
            json!({ "mailFrom": { "email": "a@x.test", "parameters": null }, "rcptTo": [{ "email": "b@x.test" }] });
        assert_eq!(given(good).unwrap().to.len(), 1);
        let later = json!({ "mailFrom": { "email": "a@x.test", "parameters": { "HOLDFOR": "60" } }, "rcptTo": [{ "email": "b@x.test" }] });
        assert_eq!(given(later).unwrap_err(), "invalidProperties");
        for (from, to, word) in [
            ("a@x.test>\r\nRCPT TO:<c@x.test", "b@x.test", "forbiddenMailFrom"),
            ("a@x.test", "b@x.test\r\nDATA", "invalidRecipients"),
            ("", "b@x.test", "forbiddenMailFrom"),
        ] {
            let value = json!({ "mailFrom": { "email": from }, "rcptTo": [{ "email": to }] });
            assert_eq!(given(value).unwrap_err(), word, "{from} {to}");
        }
        assert_eq!(given(json!({ "mailFrom": { "email": "a@x.test" }, "rcptTo": [] })).unwrap_err(), "noRecipients");
    }
}
