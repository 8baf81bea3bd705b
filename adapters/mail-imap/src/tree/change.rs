//! Making, renaming, deleting mailboxes and subscribing to them (RFC 9051 §6.3.4 to §6.3.8, RFC 6154 §3).

use crate::{
    connect::is_ok,
    imap::{Imap, Who},
    login::code,
    settings::Store,
};
use passerelle_core::{
    Error, Manage, Permit, Result,
    ports::{SpecialUse, Subscription},
};
use passerelle_model::MailboxRef;
use std::sync::Arc;

async fn connect(store: &Arc<Store>, at: &Permit<MailboxRef, Manage>) -> Result<Imap> {
    let who = Who::of(at, &at.target().owner);
    Imap::of(store, who, None).await
}

pub(crate) async fn create(
    store: &Arc<Store>,
    at: &Permit<MailboxRef, Manage>,
    use_for: Option<SpecialUse>,
) -> Result<()> {
    let mut imap = connect(store, at).await?;
    let name = imap.name(&at.target().name).await?;
    if use_for.is_some() && !imap.has("CREATE-SPECIAL-USE") {
        return Err(Error::Unsupported { what: "saying what a new mailbox is for (CREATE-SPECIAL-USE)" });
    }
    let used = use_for.map(|it| format!(" (USE ({}))", it.as_str())).unwrap_or_default();
    let words = imap.converse(&format!("CREATE {name}{used}"), |_| Ok(())).await?;
    if is_ok(&words, "") {
        imap.leave().await;
        return Ok(());
    }
    if code(&words, "ALREADYEXISTS").is_some() || is_there(&mut imap, &name).await? {
        return Err(Error::Conflict);
    }
    Err(refusal(&imap, "making a mailbox", &words))
}

pub(crate) async fn rename(
    store: &Arc<Store>,
    from: &Permit<MailboxRef, Manage>,
    to: &Permit<MailboxRef, Manage>,
) -> Result<()> {
    if from.target().owner != to.target().owner || from.target().name == "INBOX" {
        return Err(Error::invalid("this mailbox cannot have another name"));
    }
    let mut imap = connect(store, from).await?;
    let (old, new) = (imap.name(&from.target().name).await?, imap.name(&to.target().name).await?);
    let words = imap.converse(&format!("RENAME {old} {new}"), |_| Ok(())).await?;
    if is_ok(&words, "") {
        imap.leave().await;
        return Ok(());
    }
    if code(&words, "NONEXISTENT").is_some() || !is_there(&mut imap, &old).await? {
        return Err(Error::NotFound);
    }
    if code(&words, "ALREADYEXISTS").is_some() || is_there(&mut imap, &new).await? {
        return Err(Error::Conflict);
    }
    Err(refusal(&imap, "renaming a mailbox", &words))
}

pub(crate) async fn delete(store: &Arc<Store>, at: &Permit<MailboxRef, Manage>) -> Result<()> {
    if at.target().name == "INBOX" {
        return Err(Error::invalid("INBOX cannot be deleted"));
    }
    let mut imap = connect(store, at).await?;
    let name = imap.name(&at.target().name).await?;
    let words = imap.converse(&format!("DELETE {name}"), |_| Ok(())).await?;
    if is_ok(&words, "") {
        imap.leave().await;
        return Ok(());
    }
    if code(&words, "NONEXISTENT").is_some() || !is_there(&mut imap, &name).await? {
        return Err(Error::NotFound);
    }
    // RFC 5530 §3.
    if code(&words, "HASCHILDREN").is_some() {
        return Err(Error::Conflict);
    }
    Err(refusal(&imap, "deleting a mailbox", &words))
}

pub(crate) async fn subscribe(store: &Arc<Store>, at: &Permit<MailboxRef, Manage>, to: Subscription) -> Result<()> {
    let mut imap = connect(store, at).await?;
    let name = imap.name(&at.target().name).await?;
    let verb = match to {
        Subscription::Subscribed => "SUBSCRIBE",
        Subscription::Unsubscribed => "UNSUBSCRIBE",
    };
    // RFC 9051 §6.3.7: a store may take a name that no mailbox has.
    if to == Subscription::Subscribed && !is_there(&mut imap, &name).await? {
        return Err(Error::NotFound);
    }
    let words = imap.converse(&format!("{verb} {name}"), |_| Ok(())).await?;
    if !is_ok(&words, "") {
        return Err(refusal(&imap, "subscribing", &words));
    }
    imap.leave().await;
    Ok(())
}

/// Whether a mailbox of this name is there: older stores refuse without a code that says why.
async fn is_there(imap: &mut Imap, name: &str) -> Result<bool> {
    let mut found = false;
    // RFC 9051 §6.3.9: what could be a pattern is not asked for as one, it only may find more than itself.
    let words = imap
        .converse(&format!("LIST \"\" {name}"), |response| {
            found |= super::listed(response).is_some_and(|it| !it.attributes.iter().any(|it| it == "\\NonExistent"));
            Ok(())
        })
        .await?;
    if is_ok(&words, "") { Ok(found) } else { Err(imap.refused("looking for a mailbox", &words)) }
}

/// What a refusal of such a command is, when it is neither that something is there nor that it is not.
fn refusal(imap: &Imap, doing: &'static str, words: &str) -> Error {
    match imap.refused(doing, words) {
        // RFC 5530 §3: CANNOT is what can never be; without a code it is most often a name.
        Error::Unavailable { .. } if words.starts_with(" NO") && code(words, "UNAVAILABLE").is_none() => {
            Error::invalid("the store does not take this")
        }
        error => error,
    }
}
