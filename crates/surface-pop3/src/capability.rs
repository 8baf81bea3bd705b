//! What CAPA announces (RFC 2449 §6). Nothing that is not done, and no version for strangers to search by.
//!
//! Not UTF8 (RFC 6856): what a message has in UTF-8 is for the store to tell or to downgrade, and a POP3 client cannot ask
//! it by us. Not EXPIRE or LOGIN-DELAY: the institution's store has such rules, and does not tell them.

use crate::client::Client;

/// The mechanisms of AUTH (RFC 5034 §4).
pub(crate) const MECHANISMS: &str = "PLAIN";

/// The whole answer to CAPA. After log-in neither STLS nor a way to log in is there (RFC 2595 §4, RFC 2449 §6).
pub(crate) fn capabilities(client: &Client, logged_in: bool) -> String {
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
    let sasl = format!("SASL {MECHANISMS}");
    if !logged_in && client.may_log_in() {
        lines.extend(["USER", &sasl]);
    }
    lines.push(".\r\n");
    lines.join("\r\n")
}
