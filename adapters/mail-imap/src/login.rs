//! Logging in to the store as a person.

use crate::{
    connect::{Greeted, Wire, connect, is_ok},
    settings::{AsUser, BearerMechanism, Store},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use passerelle_core::{
    Actor, Delegation, Error, Result,
    ports::{ClientFacts, RelayConnection},
};
use passerelle_model::{Account, Secret};
use passerelle_wire_sasl::{Mechanism, oauthbearer, xoauth2};
use tokio::time::timeout;

/// What is shown to the store, in the words of a SASL mechanism.
struct Credentials {
    mechanism: &'static str,
    message: Secret,
    /// Whether it is the person's own, whose refusal may be the person's fault.
    own: bool,
}

/// Logs in as the owner. `actor` and `delegation` are those of the permit: what is the person's own opens the person's own
/// store only.
pub(crate) async fn log_in(
    store: &Store,
    owner: &Account,
    actor: &Actor,
    delegation: &Delegation,
    client: Option<&ClientFacts>,
) -> Result<RelayConnection> {
    let credentials = match of_sign_on(store, owner, actor, delegation).await? {
        Some(credentials) => credentials,
        None => by_password(store, owner, actor, delegation)?,
    };
    let _entered = match timeout(store.deadline, store.entrance.acquire()).await {
        Ok(entered) => entered.map_err(|closed| Error::unavailable(&store.name, "waiting to log in", closed))?,
        Err(slow) => return Err(Error::unavailable(&store.name, "waiting to log in behind others", slow)),
    };
    let Greeted { wire, greeting } = connect(store).await?;
    match timeout(store.deadline, exchange(store, wire, &greeting, &credentials, client)).await {
        Ok(done) => done,
        Err(slow) => Err(Error::unavailable(&store.name, "logging in", slow)),
    }
}

/// What the person's sign-on gives for the person's own store, where the store takes it: a fresh ticket, which works once, or
/// a token.
async fn of_sign_on(
    store: &Store,
    owner: &Account,
    actor: &Actor,
    delegation: &Delegation,
) -> Result<Option<Credentials>> {
    if actor.account() != Some(owner) {
        return Ok(None);
    }
    let login = owner.id.as_str();
    match (delegation, &store.ticket_service, store.bearer) {
        (Delegation::Tickets(tickets), Some(service), _) => {
            let ticket = tickets.ticket(service).await?;
            Ok(Some(Credentials { mechanism: "PLAIN", message: plain("", login, &ticket), own: false }))
        }
        (Delegation::Tokens(bearer), _, Some(mechanism)) => Ok(Some(token(mechanism, login, &bearer.token().await?))),
        (Delegation::Token(brought), _, Some(mechanism)) => Ok(Some(token(mechanism, login, brought))),
        _ => Ok(None),
    }
}

/// The message for a token.
fn token(mechanism: BearerMechanism, login: &str, token: &Secret) -> Credentials {
    let (mechanism, message) = match mechanism {
        BearerMechanism::Oauthbearer => (Mechanism::Oauthbearer, oauthbearer(login, token.expose())),
        BearerMechanism::Xoauth2 => (Mechanism::Xoauth2, xoauth2(login, token.expose())),
    };
    Credentials { mechanism: mechanism.name(), message: Secret::new(message), own: false }
}

/// The message of SASL PLAIN.
fn plain(authzid: &str, authcid: &str, password: &Secret) -> Secret {
    Secret::new(passerelle_wire_sasl::plain(authzid, authcid, password.expose()))
}

/// A password: the master's, or the person's own.
fn by_password(store: &Store, owner: &Account, actor: &Actor, delegation: &Delegation) -> Result<Credentials> {
    let login = owner.id.as_str();
    let with = |message, own| Ok(Credentials { mechanism: "PLAIN", message, own });
    match &store.as_user {
        AsUser::Authzid { user, password } => with(plain(login, user, password), false),
        AsUser::Separator { separator, .. } if login.contains(*separator) => {
            Err(Error::invalid("this login cannot be used with the mail store"))
        }
        AsUser::Separator { user, password, separator } => {
            with(plain("", &format!("{login}{separator}{user}"), password), false)
        }
        AsUser::OwnPassword => match delegation {
            Delegation::Password(password) if actor.account() == Some(owner) => with(plain("", login, password), true),
            Delegation::Password(_)
            | Delegation::Tickets(_)
            | Delegation::Tokens(_)
            | Delegation::Token(_)
            | Delegation::None => {
                Err(Error::Unsupported { what: "opening the mail store without its owner's password" })
            }
        },
    }
}

async fn exchange(
    store: &Store,
    mut wire: Wire,
    greeting: &str,
    credentials: &Credentials,
    client: Option<&ClientFacts>,
) -> Result<RelayConnection> {
    let failed = |error: std::io::Error| Error::unavailable(&store.name, "logging in", error);
    let (mechanism, own) = (credentials.mechanism, credentials.own);
    let mut command = Vec::new();
    let told = greeting.to_ascii_uppercase();
    if let (true, Some(client)) = (store.forward_client && told.contains(" ID"), client) {
        // What Dovecot takes from a trusted proxy (login_trusted_networks), in the form of RFC 2971 §3.1.
        let address = client.address.to_canonical();
        let id = format!("i ID (\"x-originating-ip\" \"{address}\" \"x-originating-port\" \"{}\")\r\n", client.port);
        command.extend_from_slice(id.as_bytes());
    }
    let encoded = STANDARD.encode(credentials.message.expose());
    if told.contains("SASL-IR") {
        command.extend_from_slice(format!("l AUTHENTICATE {mechanism} {encoded}\r\n").as_bytes());
        wire.send(&command).await.map_err(failed)?;
    } else {
        command.extend_from_slice(format!("l AUTHENTICATE {mechanism}\r\n").as_bytes());
        wire.send(&command).await.map_err(failed)?;
        loop {
            let line = wire.line().await.map_err(failed)?;
            if line.starts_with('+') {
                break;
            }
            if line.starts_with("l ") {
                return Err(refused(store, &line, own));
            }
        }
        wire.send(format!("{encoded}\r\n").as_bytes()).await.map_err(failed)?;
    }
    let mut announced = None;
    let answer = loop {
        let line = wire.line().await.map_err(failed)?;
        if let Some(words) = line.strip_prefix("* CAPABILITY ") {
            announced = Some(words.to_owned());
        } else if line.starts_with('+') {
            // RFC 7628 §3.2.3: why a token was refused; the answer to it brings the NO.
            wire.send(b"AQ==\r\n").await.map_err(failed)?;
        } else if line.starts_with("* BYE") || line.starts_with("l ") {
            break line;
        }
    };
    if !is_ok(&answer, "l") {
        return Err(refused(store, &answer, own));
    }
    let capabilities = match code(&answer, "CAPABILITY ").map(str::to_owned).or(announced) {
        Some(capabilities) => capabilities,
        None => {
            wire.send(b"c CAPABILITY\r\n").await.map_err(failed)?;
            let line = wire.untagged_and_tagged("c").await.map_err(failed)?;
            line.strip_prefix("* CAPABILITY ").unwrap_or("IMAP4rev1").to_owned()
        }
    };
    Ok(RelayConnection { stream: wire.stream, capabilities, early: wire.early })
}

/// The words of a response code: `l OK [CAPABILITY ...] text` (RFC 9051 §7.1).
pub(crate) fn code<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once('[')?;
    let (words, _) = rest.split_once(']')?;
    words.strip_prefix(name)
}

/// Whose fault a refusal is: with the person's own password it may be the person's; the master's has to work.
fn refused(store: &Store, answer: &str, own: bool) -> Error {
    let unavailable = code(answer, "UNAVAILABLE").is_some() || answer.starts_with("* BYE");
    if own && !unavailable {
        return Error::Unauthenticated;
    }
    Error::unavailable(&store.name, "logging in", format!("the store answered {answer}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_codes() {
        assert_eq!(code("l OK [CAPABILITY IMAP4rev1 IDLE] hello", "CAPABILITY "), Some("IMAP4rev1 IDLE"));
        assert_eq!(code("l NO [UNAVAILABLE] later", "UNAVAILABLE"), Some(""));
        assert_eq!(code("l OK hello", "CAPABILITY "), None);
    }
}
