//! What CAPA announces (RFC 2449 §6). Nothing that is not done, and no version for strangers to search by.
//!
//! Not UTF8 (RFC 6856): what a message has in UTF-8 is for the store to tell or to downgrade, and a POP3 client cannot ask
//! it by us. Not EXPIRE or LOGIN-DELAY: the institution's store has such rules, and does not tell them.

use crate::client::Client;
use passerelle_core::Door;
use passerelle_wire_sasl::Mechanism;

/// The mechanisms of AUTH (RFC 5034 §4): those of tokens where the realm of the host that the client came to takes them.
pub(crate) fn mechanisms(door: &Door, client: &Client) -> Vec<Mechanism> {
    let mut mechanisms = vec![Mechanism::Plain];
    if door.takes_tokens_at(client.host()) {
        mechanisms.extend([Mechanism::Oauthbearer, Mechanism::Xoauth2]);
    }
    mechanisms
}

/// The whole answer to CAPA. After log-in neither STLS nor a way to log in is there (RFC 2595 §4, RFC 2449 §6).
/// `mechanisms` are those that a client may use which is not logged in.
pub(crate) fn capabilities(client: &Client, logged_in: bool, mechanisms: &[Mechanism]) -> String {
    let mut lines = vec![
        "+OK Capabilities",
        "TOP",
        "UIDL",
        "RESP-CODES",
        "AUTH-RESP-CODE",
        "PIPELINING",
        "IMPLEMENTATION Passerelle",
    ];
    if !logged_in && client.offers_tls() {
        lines.push("STLS");
    }
    let names: Vec<&str> = mechanisms.iter().map(|mechanism| mechanism.name()).collect();
    let sasl = format!("SASL {}", names.join(" "));
    if !logged_in && client.may_log_in() {
        lines.extend(["USER", &sasl]);
    }
    lines.push(".\r\n");
    lines.join("\r\n")
}
