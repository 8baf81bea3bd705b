//! Log-in: the door says who it is, the gate opens the account, the store is reached as its owner.

use crate::{Imap, NAME};
use passerelle_core::{
    Errand, Error, Proof, Read, Result, Tie, Tool, Visit, Visitor,
    ports::{ClientFacts, StoreStream},
};
use passerelle_model::AccountRef;
use passerelle_net::{AccountSlot, Connection};
use passerelle_observe::{LoginAccepted, emit};
use passerelle_wire_imap::Offer;

/// A client that is in, with its store connected.
pub(crate) struct LoggedIn {
    /// What tells when it ends; nothing else of the session is kept.
    pub(crate) tie: Tie,
    /// Who it is, for what others share.
    pub(crate) visitor: Visitor,
    pub(crate) store: StoreStream,
    /// Octets of the store that are the client's already.
    pub(crate) early: Vec<u8>,
    /// What can be offered of what the store announced.
    pub(crate) capabilities: String,
    /// Whether the client may change nothing.
    pub(crate) only_reads: bool,
    /// How the store differs from what it announces: the largest message that is taken, and whether scanners look at what the
    /// client puts into its mailboxes. That may change while it is there: this is only what is announced.
    pub(crate) offer: Offer,
    /// Whether accounts elsewhere may be among the person's mailboxes.
    pub(crate) offers_external: bool,
    pub(crate) slot: AccountSlot,
}

/// Logs in.
pub(crate) async fn log_in(shared: &Imap, connection: &Connection, given: &Proof) -> Result<LoggedIn> {
    let visit = Visit { host: connection.host.as_deref(), from: connection.peer.ip(), errand: Errand::Mail };
    let session = shared.door.login_by(given, visit).await?;
    let account = session.principal()?.account().clone();
    let most = shared.network.limits().connections_per_account;
    let most = session.institution()?.limits.connections_per_account.map_or(most, |theirs| theirs.min(most));
    let slot = shared.accounts.take(&account, most).ok_or(Error::OverQuota)?;
    let own = session.open::<_, Read>(AccountRef(account.clone())).await?;
    let client = ClientFacts { address: connection.peer.ip(), port: connection.peer.port() };
    let relay = own.relay(&client).await?;
    let largest = shared.network.limits().appended_mib.checked_mul(1024 * 1024);
    let offer = Offer { screened: own.is_screened(), largest };
    emit(LoginAccepted { institution: &account.institution, surface: NAME, address: client.address });
    Ok(LoggedIn {
        tie: session.tie().of_tool(Tool::Mail),
        visitor: session.visitor()?,
        store: relay.stream,
        early: relay.early,
        capabilities: offer.of(&relay.capabilities),
        only_reads: own.only_reads(),
        offer,
        offers_external: own.offers_external(),
        slot,
    })
}
