//! Logging in to the store as a person (RFC 5804 §2.1).

use crate::{
    connect::{LONGEST_ANSWER, Wire, connect},
    settings::{AsUser, Store},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use passerelle_core::{Actor, Delegation, Error, Result};
use passerelle_model::{Account, Secret};
use passerelle_wire_sieve::{Command, Ended};
use tokio::time::timeout;

/// What is shown to the store: a message of SASL PLAIN.
struct Credentials {
    message: Secret,
    /// Whether it is the person's own password, whose refusal may be the person's fault.
    own: bool,
}

/// Logs in as the owner. `actor` and `delegation` are those of the permit: what is the person's own opens the person's own
/// scripts only.
pub(crate) async fn log_in(store: &Store, owner: &Account, actor: &Actor, delegation: &Delegation) -> Result<Wire> {
    let credentials = credentials(store, owner, actor, delegation)?;
    let (mut wire, told) = connect(store).await?;
    let mechanisms = told.iter().find(|it| it.name == "SASL").and_then(|it| it.value()).unwrap_or_default();
    if !mechanisms.split_ascii_whitespace().any(|it| it.eq_ignore_ascii_case("PLAIN")) {
        let told = format!("the store offers \"{mechanisms}\" and no PLAIN");
        return Err(Error::unavailable(&store.name, "logging in", told));
    }
    let initial = Some(STANDARD.encode(credentials.message.expose()).into_bytes());
    let command = Command::Authenticate { mechanism: "PLAIN".to_owned(), initial }.to_octets();
    let exchange = async {
        wire.send(&command).await?;
        wire.response(LONGEST_ANSWER).await
    };
    let answer = match timeout(store.deadline, exchange).await {
        Ok(answer) => answer.map_err(|error| Error::unavailable(&store.name, "logging in", error))?,
        Err(slow) => return Err(Error::unavailable(&store.name, "logging in", slow)),
    };
    match answer.ended {
        Ended::Ok => Ok(wire),
        // RFC 5804 §1.3: the code says that it is not the password.
        Ended::No if credentials.own && !answer.words().contains("(TRYLATER") => Err(Error::Unauthenticated),
        Ended::No | Ended::Bye => {
            Err(Error::unavailable(&store.name, "logging in", format!("the store answered {}", answer.words())))
        }
    }
}

/// The master's password, or the person's own.
fn credentials(store: &Store, owner: &Account, actor: &Actor, delegation: &Delegation) -> Result<Credentials> {
    let login = owner.id.as_str();
    match &store.as_user {
        AsUser::Authzid { user, password } => Ok(Credentials { message: plain(login, user, password), own: false }),
        AsUser::Separator { separator, .. } if login.contains(*separator) => {
            Err(Error::invalid("this login cannot be used with the store of filters"))
        }
        AsUser::Separator { user, password, separator } => {
            Ok(Credentials { message: plain("", &format!("{login}{separator}{user}"), password), own: false })
        }
        AsUser::OwnPassword => match delegation {
            Delegation::Password(password) if actor.account() == Some(owner) => {
                Ok(Credentials { message: plain("", login, password), own: true })
            }
            Delegation::Password(_)
            | Delegation::Tickets(_)
            | Delegation::Tokens(_)
            | Delegation::Token(_)
            | Delegation::None => Err(Error::Unsupported { what: "opening filters without their owner's password" }),
        },
    }
}

/// The message of SASL PLAIN.
fn plain(authzid: &str, authcid: &str, password: &Secret) -> Secret {
    Secret::new(passerelle_wire_sasl::plain(authzid, authcid, password.expose()))
}
