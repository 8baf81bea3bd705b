//! Log-in: the door says who it is, the gate opens the account, the store of scripts is reached as its owner.

use crate::{NAME, Sieve, client::Client};
use passerelle_core::{
    Edit, Errand, Error, Proof, Result, Tie, Tool, Visit,
    ports::{ClientFacts, FilterConnection},
};
use passerelle_model::AccountRef;
use passerelle_net::AccountSlot;
use passerelle_observe::{LoginAccepted, emit};

/// A client that is in, with its store connected.
pub(crate) struct LoggedIn {
    pub(crate) tie: Tie,
    pub(crate) store: FilterConnection,
    pub(crate) slot: AccountSlot,
}

/// Logs in.
pub(crate) async fn log_in(shared: &Sieve, client: &Client, given: &Proof) -> Result<LoggedIn> {
    let peer = client.peer();
    let visit = Visit { host: client.host(), from: peer.ip(), errand: Errand::Mail };
    let session = shared.door.login_by(given, visit).await?;
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
