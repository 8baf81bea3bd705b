//! Logging in to the store as a person.

use crate::{
    connect::{Greeted, Wire, connect, is_ok},
    settings::{AsUser, Store},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use passerelle_core::{
    Actor, Delegation, Error, Result,
    ports::{ClientFacts, RelayConnection},
};
use passerelle_model::{Account, Secret};
use tokio::time::timeout;

/// Logs in as the owner. `actor` and `delegation` are those of the permit: a person's own password opens the person's own
/// store only.
pub(crate) async fn log_in(
    store: &Store,
    owner: &Account,
    actor: &Actor,
    delegation: &Delegation,
    client: Option<&ClientFacts>,
) -> Result<RelayConnection> {
    let (response, own) = match ticket(store, owner, actor, delegation).await? {
        Some(ticket) => (message("", owner.id.as_str(), &ticket), false),
        None => plain(store, owner, actor, delegation)?,
    };
    let Greeted { wire, greeting } = connect(store).await?;
    match timeout(store.deadline, exchange(store, wire, &greeting, &response, own, client)).await {
        Ok(done) => done,
        Err(slow) => Err(Error::unavailable(&store.name, "logging in", slow)),
    }
}

/// A fresh ticket for the person's own store, where the store takes tickets and the person's sign-on gives them. It works
/// once, so every connection asks for one.
async fn ticket(store: &Store, owner: &Account, actor: &Actor, delegation: &Delegation) -> Result<Option<Secret>> {
    match (&store.ticket_service, delegation) {
        (Some(service), Delegation::Tickets(tickets)) if actor.account() == Some(owner) => {
            tickets.ticket(service).await.map(Some)
        }
        _ => Ok(None),
    }
}

/// The message of SASL PLAIN (RFC 4616 §2).
fn message(authzid: &str, authcid: &str, password: &Secret) -> Secret {
    Secret::new([authzid.as_bytes(), b"\0", authcid.as_bytes(), b"\0", password.expose()].concat())
}

/// The PLAIN message, and whether it is the person's own password.
fn plain(store: &Store, owner: &Account, actor: &Actor, delegation: &Delegation) -> Result<(Secret, bool)> {
    let login = owner.id.as_str();
    match &store.as_user {
        AsUser::Authzid { user, password } => Ok((message(login, user, password), false)),
        AsUser::Separator { separator, .. } if login.contains(*separator) => {
            Err(Error::invalid("this login cannot be used with the mail store"))
        }
        AsUser::Separator { user, password, separator } => {
            Ok((message("", &format!("{login}{separator}{user}"), password), false))
        }
        AsUser::OwnPassword => match delegation {
            Delegation::Password(password) if actor.account() == Some(owner) => {
                Ok((message("", login, password), true))
            }
            Delegation::Password(_) | Delegation::Tickets(_) | Delegation::None => {
                Err(Error::Unsupported { what: "opening the mail store without its owner's password" })
            }
        },
    }
}

async fn exchange(
    store: &Store,
    mut wire: Wire,
    greeting: &str,
    response: &Secret,
    own: bool,
    client: Option<&ClientFacts>,
) -> Result<RelayConnection> {
    let failed = |error: std::io::Error| Error::unavailable(&store.name, "logging in", error);
    let mut command = Vec::new();
    let told = greeting.to_ascii_uppercase();
    if let (true, Some(client)) = (store.forward_client && told.contains(" ID"), client) {
        // What Dovecot takes from a trusted proxy (login_trusted_networks), in the form of RFC 2971 §3.1.
        let address = client.address.to_canonical();
        let id = format!("i ID (\"x-originating-ip\" \"{address}\" \"x-originating-port\" \"{}\")\r\n", client.port);
        command.extend_from_slice(id.as_bytes());
    }
    let encoded = STANDARD.encode(response.expose());
    if told.contains("SASL-IR") {
        command.extend_from_slice(format!("l AUTHENTICATE PLAIN {encoded}\r\n").as_bytes());
        wire.send(&command).await.map_err(failed)?;
    } else {
        command.extend_from_slice(b"l AUTHENTICATE PLAIN\r\n");
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
fn code<'a>(line: &'a str, name: &str) -> Option<&'a str> {
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
