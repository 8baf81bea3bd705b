//! What the gateway itself announces before log-in. Nothing that it would not do.

use passerelle_net::{ClientStream, Connection};
use passerelle_wire_sasl::Mechanism;

/// The capabilities before log-in: no STARTTLS on TLS, no password in clear from where none is taken (RFC 9051 §6.1.1, §6.2.3).
pub(crate) fn before_login(connection: &Connection, mechanisms: &[Mechanism]) -> String {
    let mut words = vec!["IMAP4rev1", "LITERAL+", "ID", "ENABLE", "IDLE"];
    if connection.starttls.is_some() && matches!(connection.stream, ClientStream::Plain(_)) {
        words.push("STARTTLS");
    }
    if connection.may_log_in {
        words.push("SASL-IR");
        words.extend(mechanisms.iter().map(|mechanism| authentication(*mechanism)));
    } else {
        words.push("LOGINDISABLED");
    }
    words.join(" ")
}

/// How a mechanism is announced (RFC 9051 §6.1.1).
const fn authentication(mechanism: Mechanism) -> &'static str {
    match mechanism {
        Mechanism::Plain => "AUTH=PLAIN",
        Mechanism::Oauthbearer => "AUTH=OAUTHBEARER",
        Mechanism::Xoauth2 => "AUTH=XOAUTH2",
    }
}

/// The answer to ID (RFC 2971 §3.1): the product, and no version for strangers to search by.
pub(crate) const ID: &str = "* ID (\"name\" \"Passerelle\")\r\n";
