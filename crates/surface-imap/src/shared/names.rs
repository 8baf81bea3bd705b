//! How a shared mailbox is called: `Other users/<account>/<mailbox>`.

use passerelle_core::Session;
use passerelle_model::{Account, MailboxRef};
use passerelle_wire_imap::{decoded, encoded};

/// The namespace of other users (RFC 2342 §3), with `/` between levels whatever the own store has.
pub(crate) const NAMESPACE: &str = "Other users";

/// What a name in this namespace means to a person; `None` for what cannot be there.
pub(crate) fn meant(session: &Session, name: &[u8], utf8: bool) -> Option<MailboxRef> {
    let name = if utf8 { String::from_utf8(name.to_vec()).ok()? } else { decoded(name)? };
    let rest = name.strip_prefix(NAMESPACE)?.strip_prefix('/')?;
    let (owner, mailbox) = rest.split_once('/')?;
    let owner = session.account_named(owner)?;
    // One's own mailboxes have their own names.
    (session.principal().ok()?.account() != &owner).then_some(())?;
    MailboxRef::parse(owner, mailbox).ok()
}

/// Whether a name lies in this namespace.
pub(crate) fn is_ours(name: &[u8]) -> bool {
    let rest = name.strip_prefix(NAMESPACE.as_bytes());
    rest.is_some_and(|rest| rest.is_empty() || rest.first() == Some(&b'/'))
}

/// The name of an owner's place.
pub(crate) fn of_owner(session: &Session, owner: &Account) -> String {
    format!("{NAMESPACE}/{}", session.name_of(owner))
}

/// A name as it goes over the wire.
pub(crate) fn wire(name: &str, utf8: bool) -> Vec<u8> {
    if utf8 { name.as_bytes().to_vec() } else { encoded(name) }
}
