//! What is announced (RFC 5804 §1.7).

use crate::client::Client;
use passerelle_core::Door;
use passerelle_wire_sasl::Mechanism;
use passerelle_wire_sieve::capabilities;

/// The mechanisms of AUTHENTICATE: those of tokens where the realm of the host that the client came to takes them.
pub(crate) fn mechanisms(door: &Door, client: &Client) -> Vec<Mechanism> {
    let mut mechanisms = vec![Mechanism::Plain];
    if door.takes_tokens_at(client.host()) {
        mechanisms.extend([Mechanism::Oauthbearer, Mechanism::Xoauth2]);
    }
    mechanisms
}

/// The capabilities before log-in. Whose store it will be is not known yet, nor what its Sieve can: the list of extensions,
/// which must be there, is empty, and a client asks again when it is in. No mechanism where no password is taken.
pub(crate) fn before_login(client: &Client, mechanisms: &[Mechanism]) -> String {
    let mut lines = vec!["\"IMPLEMENTATION\" \"Passerelle\"".to_owned(), "\"SIEVE\" \"\"".to_owned()];
    let names: Vec<&str> = mechanisms.iter().filter(|_| client.may_log_in()).map(|it| it.name()).collect();
    lines.push(format!("\"SASL\" \"{}\"", names.join(" ")));
    if client.offers_tls() {
        lines.push("\"STARTTLS\"".to_owned());
    }
    lines.push("\"VERSION\" \"1.0\"\r\n".to_owned());
    lines.join("\r\n")
}

/// What the store announces, without what a relay cannot honour: its ways to log in, and to become somebody else.
pub(crate) fn offered(response: &[u8]) -> String {
    const NOT: [&str; 5] = ["SASL", "STARTTLS", "UNAUTHENTICATE", "XCLIENT", "OWNER"];
    let told = capabilities(response);
    told.iter().filter(|it| !NOT.contains(&it.name.as_str())).map(|it| format!("{}\r\n", it.line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left() {
        let told = b"\"SIEVE\" \"fileinto\"\r\n\"Sasl\" \"PLAIN\"\r\n\"STARTTLS\"\r\n\"MAXREDIRECTS\" \"4\"\r\nOK\r\n";
        assert_eq!(offered(told), "\"SIEVE\" \"fileinto\"\r\n\"MAXREDIRECTS\" \"4\"\r\n");
    }
}
