//! `Email` (RFC 8621 §4).

pub(crate) mod changed;
pub(crate) mod changes;
pub(crate) mod copy;
mod create;
mod delta;
mod filter;
pub(crate) mod get;
pub(crate) mod import;
pub(crate) mod parse;
mod properties;
pub(crate) mod put;
pub(crate) mod query;
pub(crate) mod query_changes;
pub(crate) mod roots;
mod scope;
pub(crate) mod set;
pub(crate) mod snippets;
mod values;

use crate::{
    desk::Desk,
    id::{EmailId, MailboxId},
};
use std::collections::BTreeMap;

pub(crate) use filter::moment;

/// An id as a client says it, and the message that it can be.
type Meant = (String, Option<EmailId>);

/// The messages of these ids, as a client means them, and those that there can be by the mailboxes that they lie in.
fn meant(desk: &Desk<'_>, ids: Vec<String>) -> (Vec<Meant>, BTreeMap<MailboxId, Vec<EmailId>>) {
    let mut by_mailbox: BTreeMap<MailboxId, Vec<EmailId>> = BTreeMap::new();
    let mut all = Vec::with_capacity(ids.len());
    for id in ids {
        let email = desk.meant(&id).and_then(EmailId::parse);
        if let Some(email) = email {
            by_mailbox.entry(email.mailbox).or_default().push(email);
        }
        all.push((id, email));
    }
    (all, by_mailbox)
}

/// What messages can be sorted by (RFC 8621 §4.4.2).
pub(crate) const SORTS: [&str; 7] = ["receivedAt", "sentAt", "size", "from", "to", "subject", "hasKeyword"];
