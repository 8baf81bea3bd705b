//! `Mailbox/get` (RFC 8621 §2.1).

use super::share::shares_with;
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
    let shareable: Vec<&str> = if desk.shares && wanted.contains(&"shareWith") {
        found.iter().filter(|it| it.may_share()).map(|it| it.name.as_str()).collect()
    } else {
        Vec::new()
    };
    let shares = shares_with(desk, &shareable).await?;
    let mut list = Vec::new();
    for mailbox in found {
        mailbox.check_counted()?;
        let mut told = mailbox.json(&wanted);
        if desk.shares {
            shared(mailbox, shares.get(&mailbox.name), &wanted, &mut told);
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
fn shared(mailbox: &Mailbox, with: Option<&Value>, wanted: &[&str], told: &mut Value) {
    if let Some(rights) = told.get_mut("myRights").and_then(Value::as_object_mut) {
        rights.insert("mayShare".to_owned(), json!(mailbox.may_share()));
    }
    if let (true, Some(told)) = (wanted.contains(&"shareWith"), told.as_object_mut()) {
        told.insert("shareWith".to_owned(), with.cloned().unwrap_or(Value::Null));
    }
}
