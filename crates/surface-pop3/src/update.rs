//! The UPDATE state (RFC 1939 §6): what was marked goes, and only after QUIT. The right is asked for again, and a mailbox
//! that was replaced since log-in loses nothing.

use passerelle_core::{OpenedMailbox, Remove, Result, Session};
use passerelle_model::MailboxRef;

/// Removes the messages of these UIDs.
pub(crate) async fn update(
    session: &Session,
    mailbox: &MailboxRef,
    opened: &mut OpenedMailbox,
    uids: &[u32],
) -> Result<()> {
    if uids.is_empty() {
        return Ok(());
    }
    let with = session.open::<_, Remove>(mailbox.clone()).await?;
    opened.remove(&with, uids).await
}
