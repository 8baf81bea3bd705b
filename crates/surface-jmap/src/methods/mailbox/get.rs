//! `Mailbox/get` (RFC 8621 §2.1).

use super::share::share_with;
use crate::{
    desk::Desk,
    error::MethodError,
    id::MailboxId,
    mail::{Mailbox, mailbox_properties},
    methods::{Get, check_count, distinct, properties},
};
use serde_json::{Value, json};

pub(crate) async fn get(desk: &mut Desk<'_>, arguments: Get) -> Result<Value, MethodError> {
    desk.enter(&arguments.account_id).await?;
    let wanted = properties(arguments.properties.as_ref(), mailbox_properties(desk.shares))?;
    let mailboxes = desk.mailboxes().await?;
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    match arguments.ids {
        // A client shows the tree of what there is: all of it, however much.
        None => found.extend(mailboxes.iter()),
        Some(ids) => {
            check_count(ids.len())?;
            for id in distinct(ids) {
                match desk.meant(&id).and_then(MailboxId::parse).and_then(|id| mailboxes.get(id)) {
                    Some(mailbox) => found.push(mailbox),
                    None => missing.push(id),
                }
            }
        }
    }
    let mut list = Vec::new();
    for mailbox in found {
        mailbox.check_counted()?;
        let mut told = mailbox.json(&wanted);
        if desk.shares {
            shared(desk, mailbox, &wanted, &mut told).await?;
        }
        list.push(told);
    }
    Ok(json!({
        "accountId": arguments.account_id,
        "state": mailboxes.tree_state().to_text(),
        "list": list,
        "notFound": missing,
    }))
}

/// Adds what only clients hear that know of sharing: with whom a mailbox is shared, and whether it may be.
async fn shared(desk: &mut Desk<'_>, mailbox: &Mailbox, wanted: &[&str], told: &mut Value) -> Result<(), MethodError> {
    let may_share = mailbox.may_share();
    if let Some(rights) = told.get_mut("myRights").and_then(Value::as_object_mut) {
        rights.insert("mayShare".to_owned(), json!(may_share));
    }
    if let (true, Some(told)) = (wanted.contains(&"shareWith"), told.as_object_mut()) {
        let with = if may_share { share_with(desk, &mailbox.name).await? } else { Value::Null };
        told.insert("shareWith".to_owned(), with);
    }
    Ok(())
}
