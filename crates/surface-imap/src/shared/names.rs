//! How mailboxes in other stores are called: `Other users/<account>/<mailbox>` what others share, and
//! `External/<label>/<folder>` what is in one's accounts elsewhere.

use passerelle_core::Session;
use passerelle_model::{Account, MailboxRef};
use passerelle_wire_imap::{decoded, encoded};

/// The namespace of other users (RFC 2342 §3), with `/` between levels whatever the own store has.
pub(crate) const NAMESPACE: &str = "Other users";

/// The namespace of a person's accounts elsewhere, one of their personal ones (RFC 2342 §3).
pub(crate) const EXTERNAL: &str = "External";

/// What a name in these namespaces means to a person.
pub(crate) enum Meant {
    Shared(MailboxRef),
    /// An account elsewhere by its label, and the folder in it.
    External {
        label: String,
        folder: String,
    },
}

/// What a name means to a person; `None` for what cannot be there.
pub(crate) fn meant(session: &Session, name: &[u8], utf8: bool) -> Option<Meant> {
    let person = session.principal().ok()?.account();
    if is_in(name, EXTERNAL) {
        let name = if utf8 { String::from_utf8(name.to_vec()).ok()? } else { decoded(name)? };
        let (label, folder) = name.strip_prefix(EXTERNAL)?.strip_prefix('/')?.split_once('/')?;
        // The same bounds as anybody's mailboxes have.
        let folder = MailboxRef::parse(person.clone(), folder).ok()?.name;
        return Some(Meant::External { label: label.to_owned(), folder });
    }
    shared(session, name, utf8).map(Meant::Shared)
}

/// The mailbox of somebody else that a name means.
pub(crate) fn shared(session: &Session, name: &[u8], utf8: bool) -> Option<MailboxRef> {
    let name = if utf8 { String::from_utf8(name.to_vec()).ok()? } else { decoded(name)? };
    let rest = name.strip_prefix(NAMESPACE)?.strip_prefix('/')?;
    let (owner, mailbox) = rest.split_once('/')?;
    let owner = session.account_named(owner)?;
    // One's own mailboxes have their own names.
    (session.principal().ok()?.account() != &owner).then_some(())?;
    MailboxRef::parse(owner, mailbox).ok()
}

/// Whether a name lies where others share.
pub(crate) fn is_ours(name: &[u8]) -> bool {
    is_in(name, NAMESPACE)
}

/// Whether a name lies in a namespace, or is its root.
pub(crate) fn is_in(name: &[u8], namespace: &str) -> bool {
    let rest = name.strip_prefix(namespace.as_bytes());
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
