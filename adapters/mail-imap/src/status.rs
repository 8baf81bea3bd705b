//! `STATUS` of one mailbox (RFC 9051 §6.3.11).

use crate::{
    connect::is_ok,
    imap::{Imap, Who},
    settings::Store,
};
use passerelle_core::{Permit, Read, Result, ports::MailboxStatus};
use passerelle_model::MailboxRef;
use passerelle_wire_imap::{Value, values};
use std::sync::Arc;

pub(crate) async fn status(store: &Arc<Store>, at: &Permit<MailboxRef, Read>) -> Result<MailboxStatus> {
    let who = Who::of(at, &at.target().owner);
    let mut imap = Imap::of(store, who, None).await?;
    let mailbox = imap.name(&at.target().name).await?;
    let mut counts = None;
    let words = imap
        .converse(&format!("STATUS {mailbox} (MESSAGES UNSEEN)"), |response| {
            counts = parse(response).or(counts);
            Ok(())
        })
        .await?;
    if !is_ok(&words, "") {
        return Err(imap.not_there("STATUS", &words));
    }
    let counts = counts.ok_or_else(|| imap.failed("STATUS", "the store says no counts"))?;
    imap.leave().await;
    Ok(counts)
}

/// `* STATUS "INBOX" (MESSAGES 12 UNSEEN 3)`
pub(crate) fn parse(response: &[u8]) -> Option<MailboxStatus> {
    let all = values(response)?;
    let [star, said, _, Value::List(items)] = all.as_slice() else { return None };
    if !star.is("*") || !said.is("STATUS") {
        return None;
    }
    let value = |name: &str| {
        items.chunks_exact(2).find_map(|pair| pair.first()?.is(name).then(|| pair.get(1)?.number::<u32>())?)
    };
    Some(MailboxStatus { messages: value("MESSAGES")?, unseen: value("UNSEEN")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        let expected = Some(MailboxStatus { messages: 12, unseen: 3 });
        assert_eq!(parse(b"* STATUS \"a (b)\" (MESSAGES 12 UNSEEN 3)\r\n"), expected);
        assert_eq!(parse(b"* STATUS INBOX (UNSEEN 3 MESSAGES 12)\r\n"), expected);
        assert_eq!(parse(b"* STATUS INBOX (MESSAGES 12)\r\n"), None);
    }
}
