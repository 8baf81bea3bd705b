//! Log-in: the door says who it is, the gate opens the account, the store of scripts is reached as its owner.

use crate::{NAME, Sieve, client::Client};
use base64::{Engine, engine::general_purpose::STANDARD};
use passerelle_core::{
    Edit, Errand, Error, Result, Tie, Tool, Visit,
    ports::{ClientFacts, FilterConnection},
};
use passerelle_model::{AccountRef, Login, Secret};
use passerelle_net::AccountSlot;
use passerelle_observe::{LoginAccepted, emit};

/// What the client gave.
pub(crate) struct Credentials {
    login: Login,
    password: Secret,
}

/// A client that is in, with its store connected.
pub(crate) struct LoggedIn {
    pub(crate) tie: Tie,
    pub(crate) store: FilterConnection,
    pub(crate) slot: AccountSlot,
}

impl Credentials {
    /// From a response of SASL PLAIN in base64: `[authzid] NUL authcid NUL passwd` (RFC 4616 §2). Acting as somebody else is
    /// not offered.
    pub(crate) fn from_plain(response: &[u8]) -> Option<Self> {
        let message = Secret::new(STANDARD.decode(response).ok()?);
        let mut parts = message.expose().split(|octet| *octet == 0);
        let (authzid, login, password) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || !(authzid.is_empty() || authzid == login) {
            return None;
        }
        Some(Self { login: Login::parse(login).ok()?, password: Secret::new(password) })
    }
}

/// Logs in.
pub(crate) async fn log_in(shared: &Sieve, client: &Client, given: &Credentials) -> Result<LoggedIn> {
    let peer = client.peer();
    let visit = Visit { host: client.host(), from: peer.ip(), errand: Errand::Mail };
    let session = shared.door.login(&given.login, &given.password, visit).await?;
    let account = session.principal()?.account().clone();
    let most = shared.network.limits().connections_per_account;
    let most = session.institution()?.limits.connections_per_account.map_or(most, |theirs| theirs.min(most));
    let slot = shared.accounts.take(&account, most).ok_or(Error::OverQuota)?;
    // Who changes filters forwards and discards mail: an app password that only reads is not enough.
    let own = session.open::<_, Edit>(AccountRef(account.clone())).await?;
    let store = own.filter_relay(&ClientFacts { address: peer.ip(), port: peer.port() }).await?;
    emit(LoginAccepted { institution: &account.institution, surface: NAME, address: peer.ip() });
    Ok(LoggedIn { tie: session.tie().of_tool(Tool::Mail), store, slot })
}
