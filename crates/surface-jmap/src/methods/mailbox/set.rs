//! `Mailbox/set` (RFC 8621 §2.5). A mailbox that gets another name gets another id, which the answer tells.

use super::share::{Change as Sharing, Stopped, Wanted, apply, resolve};
use crate::{
    desk::Desk,
    error::{MethodError, SetError, note},
    id::MailboxId,
    mail::{UPLOADS, use_for},
    methods::{
        arguments::With,
        set::{Done, Set},
    },
    state::UNKNOWN_STATE,
};
use passerelle_core::{Manage, Result as CoreResult, ports::Subscription};
use passerelle_model::MailboxRef;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Whether the messages of a mailbox may go with it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct OnDestroy {
    #[serde(default)]
    on_destroy_remove_emails: bool,
}

pub(crate) async fn set(desk: &mut Desk<'_>, arguments: With<Set, OnDestroy>) -> Result<Value, MethodError> {
    let With { common: arguments, own: OnDestroy { on_destroy_remove_emails } } = arguments;
    desk.enter(&arguments.account_id).await?;
    let old_state = desk.mailboxes().await?.tree_state().to_text();
    arguments.check(&old_state)?;
    let mut done = Done::default();
    // One may be made in another that is made too: whose parent is not known yet waits for it.
    let mut waiting: Vec<(String, Value)> = arguments.create.unwrap_or_default().into_iter().collect();
    while !waiting.is_empty() {
        let (ready, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(_, it)| {
            let parent = it.get("parentId").and_then(Value::as_str);
            parent.is_none_or(|parent| desk.meant(parent).is_some())
        });
        if ready.is_empty() {
            for (name, _) in &later {
                done.not_created(desk, name, &SetError::properties(&["parentId"], "there is no such mailbox"));
            }
            break;
        }
        for (name, mailbox) in ready {
            match make(desk, &mailbox).await {
                Ok((id, value)) => done.created(desk, &name, id.to_string(), value),
                Err(error) => done.not_created(desk, &name, &error),
            }
        }
        waiting = later;
    }
    for (id, patch) in arguments.update.unwrap_or_default() {
        match change(desk, &id, &patch).await {
            Ok(more) => done.updated(id, more),
            Err(error) => done.not_updated(desk, &id, &error),
        }
    }
    for id in arguments.destroy.unwrap_or_default() {
        match remove(desk, &id, on_destroy_remove_emails).await {
            Ok(()) => done.destroyed(id),
            Err(error) => done.not_destroyed(desk, &id, &error),
        }
    }
    desk.look_again();
    // What was done is told, also where the store is gone by now: from such a state changes cannot be told.
    let now = desk.mailboxes().await;
    let new_state = now.map_or_else(|_| UNKNOWN_STATE.to_owned(), |it| it.tree_state().to_text());
    Ok(done.answer(&arguments.account_id, &old_state, &new_state))
}

/// The whole name of a mailbox that has this one in this other.
async fn whole_name(desk: &mut Desk<'_>, name: &str, parent: Option<&str>) -> Result<String, SetError> {
    if name.is_empty() || name.contains('/') || name.chars().any(char::is_control) || name.len() > 255 {
        return Err(SetError::properties(
            &["name"],
            "a name has no / and no control characters, and 255 octets at most",
        ));
    }
    let Some(parent) = parent else {
        let is_ours = name.eq_ignore_ascii_case(UPLOADS);
        return if is_ours { Err(SetError::properties(&["name"], "this name is taken")) } else { Ok(name.to_owned()) };
    };
    let no_parent = || SetError::properties(&["parentId"], "there is no such mailbox");
    let parent = desk.meant(parent).and_then(MailboxId::parse).ok_or_else(no_parent)?;
    let mailboxes = desk.mailboxes().await?;
    let parent = mailboxes.get(parent).ok_or_else(no_parent)?;
    let whole = format!("{}/{name}", parent.name);
    if whole.len() > MailboxRef::LONGEST {
        return Err(SetError::properties(&["name"], "the name is too long with those above it"));
    }
    Ok(whole)
}

async fn make(desk: &mut Desk<'_>, mailbox: &Value) -> Result<(MailboxId, Value), SetError> {
    let facts = mailbox.as_object().ok_or_else(|| SetError::new("invalidProperties"))?;
    let known = ["name", "parentId", "role", "sortOrder", "isSubscribed"];
    let mut sharing = Sharing::default();
    if let (true, Some(with)) = (desk.shares, facts.get("shareWith")) {
        sharing.take("shareWith", with)?;
    }
    let is_known = |it: &&String| known.contains(&it.as_str()) || (desk.shares && *it == "shareWith");
    if let Some(unknown) = facts.keys().find(|it| !is_known(it)) {
        return Err(SetError::properties(&[unknown], "it cannot be said of a new mailbox"));
    }
    let said = |name: &str| facts.get(name).and_then(Value::as_str);
    let name = said("name").ok_or_else(|| SetError::properties(&["name"], "a mailbox has a name"))?;
    let whole = whole_name(desk, name, said("parentId")).await?;
    if desk.mailboxes().await?.named(&whole).is_some() {
        return Err(SetError::properties(&["name"], "there is one of this name"));
    }
    let use_for = match said("role") {
        Some(role) => {
            Some(use_for(role).ok_or_else(|| SetError::properties(&["role"], "no mailbox can have this role"))?)
        }
        None => None,
    };
    let handle = desk.handle::<Manage>(&whole).await?;
    let wants = facts.get("isSubscribed").and_then(Value::as_bool).unwrap_or(false);
    check_may_subscribe(desk, wants)?;
    // What may be wrong with it is found before anything is made.
    let sharing = resolve(desk, &whole, &sharing).await?;
    handle.create(use_for).await?;
    desk.look_again();
    let mut more = Map::new();
    share(desk, &whole, sharing, &mut more).await;
    if wants && let Err(error) = handle.subscribe(Subscription::Subscribed).await {
        // It is told as it is.
        note(Some(&error), desk.request);
    }
    let id = MailboxId::of(&whole);
    let mailboxes = match desk.mailboxes().await {
        Ok(mailboxes) => mailboxes,
        Err(error) => {
            // It is made, also where the store is gone by now.
            note(Some(&error), desk.request);
            more.insert("id".to_owned(), json!(id.to_string()));
            return Ok((id, Value::Object(more)));
        }
    };
    let made = mailboxes.named(&whole).ok_or_else(|| SetError::saying("serverFail", "the store made another one"))?;
    let told = [
        "id",
        "role",
        "sortOrder",
        "totalEmails",
        "unreadEmails",
        "totalThreads",
        "unreadThreads",
        "myRights",
        "isSubscribed",
    ];
    let mut value = made.json(&told);
    if let Some(value) = value.as_object_mut() {
        value.append(&mut more);
    }
    Ok((made.id, value))
}

/// Puts in force who is to have what, of a mailbox that was made just now: that it was is told, so that where this fails `shareWith`
/// is told as it is (RFC 8620 §5.3).
async fn share(desk: &mut Desk<'_>, name: &str, sharing: Wanted, more: &mut Map<String, Value>) {
    if let Err(stopped) = apply(desk, name, sharing, true).await {
        stopped.why.note(desk.request);
        more.insert("shareWith".to_owned(), stopped.now.unwrap_or(Value::Null));
    }
}

/// Which mailboxes are subscribed is its owner's list.
fn check_may_subscribe(desk: &Desk<'_>, wants: bool) -> Result<(), SetError> {
    if wants && !desk.is_own() { Err(SetError::new("forbidden")) } else { Ok(()) }
}

async fn change(desk: &mut Desk<'_>, id: &str, patch: &Value) -> Result<Value, SetError> {
    let patch = patch.as_object().ok_or_else(|| SetError::new("invalidPatch"))?;
    let mailboxes = desk.mailboxes().await?;
    let found = desk.meant(id).and_then(MailboxId::parse).and_then(|id| mailboxes.get(id));
    let mailbox = found.ok_or_else(|| SetError::new("notFound"))?.clone();
    let (mut name, mut parent) = (mailbox.leaf().to_owned(), mailbox.parent().map(|it| it.to_string()));
    let (mut subscription, mut sharing) = (None, Sharing::default());
    for (property, value) in patch {
        if desk.shares && sharing.take(property, value)? {
            continue;
        }
        match (property.as_str(), value) {
            ("name", Value::String(new)) => name.clone_from(new),
            ("parentId", Value::String(new)) => parent = Some(new.clone()),
            ("parentId", Value::Null) => parent = None,
            ("isSubscribed", Value::Bool(true)) => subscription = Some(Subscription::Subscribed),
            ("isSubscribed", Value::Bool(false)) => subscription = Some(Subscription::Unsubscribed),
            // What the client was told, said back.
            ("role", value) if *value == json!(mailbox.role) => {}
            ("sortOrder", value) if *value == json!(mailbox.sort_order()) => {}
            _ => return Err(SetError::properties(&[property], "the store keeps it, and does not let it be changed")),
        }
    }
    let whole = whole_name(desk, &name, parent.as_deref()).await?;
    if whole.starts_with(&format!("{}/", mailbox.name)) {
        return Err(SetError::properties(&["parentId"], "a mailbox does not lie in itself"));
    }
    check_may_subscribe(desk, subscription.is_some())?;
    let sharing = resolve(desk, &mailbox.name, &sharing).await?;
    let (mut more, mut is_begun) = (Map::new(), false);
    if whole != mailbox.name {
        let (from, to) = (desk.handle::<Manage>(&mailbox.name).await?, desk.handle::<Manage>(&whole).await?);
        desk.drop_open(&mailbox.name);
        from.rename(&to).await?;
        desk.look_again();
        is_begun = true;
        more.insert("id".to_owned(), json!(MailboxId::of(&whole).to_string()));
    }
    if let Some(subscription) = subscription {
        match subscribe(desk, &whole, subscription).await {
            Ok(()) => is_begun = true,
            Err(error) if is_begun => {
                note(Some(&error), desk.request);
                let mailboxes = desk.mailboxes().await.ok();
                let is_so = mailboxes.and_then(|it| it.named(&whole).map(|it| it.is_subscribed));
                let as_before = subscription != Subscription::Subscribed;
                more.insert("isSubscribed".to_owned(), json!(is_so.unwrap_or(as_before)));
            }
            Err(error) => return Err(error.into()),
        }
    }
    match apply(desk, &whole, sharing, is_begun).await {
        Ok(()) => {}
        Err(Stopped { why, now: None }) => return Err(why),
        // A part of it is done: that is told, and the rest as it is.
        Err(Stopped { why, now: Some(now) }) => {
            why.note(desk.request);
            more.insert("shareWith".to_owned(), now);
        }
    }
    Ok(if more.is_empty() { Value::Null } else { Value::Object(more) })
}

async fn subscribe(desk: &mut Desk<'_>, name: &str, to: Subscription) -> CoreResult<()> {
    desk.handle::<Manage>(name).await?.subscribe(to).await?;
    desk.look_again();
    Ok(())
}

async fn remove(desk: &mut Desk<'_>, id: &str, with_emails: bool) -> Result<(), SetError> {
    // What it holds is looked at now, and not as it was when the request began.
    desk.look_again();
    let mailboxes = desk.mailboxes().await?;
    let found = desk.meant(id).and_then(MailboxId::parse).and_then(|id| mailboxes.get(id));
    let mailbox = found.ok_or_else(|| SetError::new("notFound"))?;
    if mailboxes.iter().any(|it| it.parent() == Some(mailbox.id)) {
        return Err(SetError::new("mailboxHasChild"));
    }
    let is_empty = mailbox.counts.as_ref().is_some_and(|counts| counts.messages == 0);
    if mailbox.opens && !is_empty && !with_emails {
        return Err(SetError::new("mailboxHasEmail"));
    }
    let handle = desk.handle::<Manage>(&mailbox.name).await?;
    desk.drop_open(&mailbox.name);
    handle.delete().await?;
    desk.look_again();
    Ok(())
}
