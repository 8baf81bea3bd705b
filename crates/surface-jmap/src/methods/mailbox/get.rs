//! `Mailbox/get` (RFC 8621 §2.1).

use crate::{
    desk::Desk,
    error::MethodError,
    id::MailboxId,
    mail::MAILBOX_PROPERTIES,
    methods::{Get, check_count, distinct, properties},
};
use serde_json::{Value, json};

pub(crate) async fn get(desk: &mut Desk<'_>, arguments: Get) -> Result<Value, MethodError> {
    desk.enter(&arguments.account_id).await?;
    let wanted = properties(arguments.properties.as_ref(), &MAILBOX_PROPERTIES)?;
    let mailboxes = desk.mailboxes().await?;
    let (mut list, mut missing) = (Vec::new(), Vec::new());
    match arguments.ids {
        // A client shows the tree of what there is: all of it, however much.
        None => {
            for mailbox in mailboxes.iter() {
                mailbox.check_counted()?;
                list.push(mailbox.json(&wanted));
            }
        }
        Some(ids) => {
            check_count(ids.len())?;
            for id in distinct(ids) {
                let found = desk.meant(&id).and_then(MailboxId::parse).and_then(|id| mailboxes.get(id));
                match found {
                    Some(mailbox) => {
                        mailbox.check_counted()?;
                        list.push(mailbox.json(&wanted));
                    }
                    None => missing.push(id),
                }
            }
        }
    }
    Ok(json!({
        "accountId": arguments.account_id,
        "state": mailboxes.tree_state().to_text(),
        "list": list,
        "notFound": missing,
    }))
}
