//! Log-in: the door says who it is, the gate opens INBOX, the store lists it.

use crate::{NAME, Pop3, client::Client, maildrop::Maildrop};
use passerelle_core::{
    Errand, Error, OpenedMailbox, Proof, Read, Result, Session, Tie, Tool, Visit,
    ports::{ClientFacts, LastingNames},
};
use passerelle_model::MailboxRef;
use passerelle_net::AccountSlot;
use passerelle_observe::{LoginAccepted, emit};

/// The one mailbox that POP3 knows (RFC 9051 §5.1).
const INBOX: &str = "INBOX";

/// A client that is in, with its maildrop.
pub(crate) struct LoggedIn {
    pub(crate) session: Session,
    pub(crate) tie: Tie,
    pub(crate) mailbox: MailboxRef,
    pub(crate) opened: OpenedMailbox,
    pub(crate) maildrop: Maildrop,
    pub(crate) slot: AccountSlot,
}

/// Logs in.
pub(crate) async fn log_in(shared: &Pop3, client: &Client, given: &Proof) -> Result<LoggedIn> {
    let peer = client.peer();
    let visit = Visit { host: client.host(), from: peer.ip(), errand: Errand::Mail };
    let session = shared.door.login_by(given, visit).await?;
    let account = session.principal()?.account().clone();
    let institution = session.institution()?;
    let most = shared.network.limits().connections_per_account;
    let most = institution.limits.connections_per_account.map_or(most, |theirs| theirs.min(most));
    let slot = shared.accounts.take(&account, most).ok_or(Error::OverQuota)?;
    let format = institution.uidl_format.clone();
    let mailbox = MailboxRef { owner: account.clone(), name: INBOX.to_owned() };
    let inbox = session.open::<_, Read>(mailbox.clone()).await?;
    let facts = ClientFacts { address: peer.ip(), port: peer.port() };
    let mut opened = inbox.keep_open(Some(&facts)).await?;
    let names = if format.wants_names() { LastingNames::Told } else { LastingNames::Untold };
    let listed = opened.list(names).await?;
    emit(LoginAccepted { institution: &account.institution, surface: NAME, address: peer.ip() });
    let maildrop = Maildrop::new(listed, opened.facts().uid_validity, format);
    Ok(LoggedIn { tie: session.tie().of_tool(Tool::Mail), session, mailbox, opened, maildrop, slot })
}
