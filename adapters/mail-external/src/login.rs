//! Logging in to a server elsewhere: SASL PLAIN (RFC 4616) where it is offered, LOGIN otherwise.

use crate::connect::{Greeted, Wire, code, is_ok, told};
use base64::{Engine, engine::general_purpose::STANDARD};
use passerelle_core::ports::{ExternalFault, ExternalServer, ExternalTls, RelayConnection};
use passerelle_model::Secret;

/// Most words that a server may announce.
const MOST_WORDS: usize = 200;

/// Logs in.
pub(crate) async fn log_in(
    greeted: Greeted,
    server: &ExternalServer,
    password: &Secret,
) -> Result<RelayConnection, ExternalFault> {
    let Greeted { mut wire, mut capabilities } = greeted;
    if capabilities.is_empty() {
        capabilities = ask(&mut wire).await?;
    }
    let has = |wanted: &str| capabilities.split_ascii_whitespace().any(|word| word == wanted);
    let (answer, announced) = if has("AUTH=PLAIN") {
        plain(&mut wire, server, password, has("SASL-IR")).await?
    } else if has("LOGINDISABLED") {
        // In clear this says that TLS is wanted; under TLS, that there is no way in with a password.
        return Err(if server.tls() == ExternalTls::Clear {
            ExternalFault::Unprotected
        } else {
            ExternalFault::Password
        });
    } else {
        login(&mut wire, server, password).await?
    };
    if !is_ok(&answer) {
        return Err(refused(&answer));
    }
    let told = code(&answer, "CAPABILITY ").map(str::to_ascii_uppercase).or(announced);
    let capabilities = match told {
        Some(capabilities) => capabilities,
        None => ask(&mut wire).await?,
    };
    Ok(RelayConnection { capabilities: words(&capabilities), stream: wire.stream, early: wire.early })
}

async fn ask(wire: &mut Wire) -> Result<String, ExternalFault> {
    wire.send(b"c CAPABILITY\r\n").await.map_err(told)?;
    let (answer, announced) = wire.tagged("c").await?;
    if is_ok(&answer) { Ok(announced.unwrap_or_default()) } else { Err(ExternalFault::Nonsense) }
}

/// Only words that can be capabilities, and not too many.
fn words(capabilities: &str) -> String {
    let is_word =
        |word: &&str| word.len() <= 100 && word.bytes().all(|b| b.is_ascii_graphic() && !b"(){}\"\\".contains(&b));
    capabilities.split_ascii_whitespace().filter(is_word).take(MOST_WORDS).collect::<Vec<_>>().join(" ")
}

async fn plain(
    wire: &mut Wire,
    server: &ExternalServer,
    password: &Secret,
    at_once: bool,
) -> Result<(String, Option<String>), ExternalFault> {
    let message = Secret::new(passerelle_wire_sasl::plain("", server.login(), password.expose()));
    let encoded = Secret::new(STANDARD.encode(message.expose()));
    if at_once {
        let line = [&b"l AUTHENTICATE PLAIN "[..], encoded.expose(), b"\r\n"].concat();
        wire.send(Secret::new(line).expose()).await.map_err(told)?;
        return wire.tagged("l").await;
    }
    wire.send(b"l AUTHENTICATE PLAIN\r\n").await.map_err(told)?;
    if let Some(answer) = wire.asked("l").await? {
        return Ok((answer, None));
    }
    wire.send(Secret::new([encoded.expose(), b"\r\n"].concat()).expose()).await.map_err(told)?;
    wire.tagged("l").await
}

/// `login = "LOGIN" SP userid SP password` (RFC 9051 §6.2.3), each as a literal that waits: no octet of them can be taken
/// for anything else.
async fn login(
    wire: &mut Wire,
    server: &ExternalServer,
    password: &Secret,
) -> Result<(String, Option<String>), ExternalFault> {
    let (user, password) = (server.login().as_bytes(), password.expose());
    let lines = [format!("l LOGIN {{{}}}\r\n", user.len()), format!(" {{{}}}\r\n", password.len())];
    for (line, before) in lines.iter().zip([&b""[..], user]) {
        wire.send(&[before, line.as_bytes()].concat()).await.map_err(told)?;
        if let Some(answer) = wire.asked("l").await? {
            return Ok((answer, None));
        }
    }
    wire.send(Secret::new([password, b"\r\n"].concat()).expose()).await.map_err(told)?;
    wire.tagged("l").await
}

/// Whether a refusal is the password's, or the server's own trouble (RFC 5530 §3).
fn refused(answer: &str) -> ExternalFault {
    let upper = answer.to_ascii_uppercase();
    let passing = ["UNAVAILABLE", "SERVERBUG", "INUSE", "LIMIT"];
    if passing.iter().any(|word| upper.contains(&format!("[{word}]"))) {
        return ExternalFault::Unreachable;
    }
    if upper.starts_with("NO") {
        return ExternalFault::Password;
    }
    ExternalFault::Nonsense
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_refusals_mean() {
        for (answer, expected) in [
            ("NO [AUTHENTICATIONFAILED] no", ExternalFault::Password),
            ("no", ExternalFault::Password),
            ("NO [UNAVAILABLE] later", ExternalFault::Unreachable),
            ("BAD what", ExternalFault::Nonsense),
            ("", ExternalFault::Nonsense),
        ] {
            assert_eq!(refused(answer), expected, "{answer}");
        }
        assert_eq!(words("IMAP4REV1 {3} IDLE \"x\" A\\B"), "IMAP4REV1 IDLE");
    }
}
