//! `Thread/get` (RFC 8621 §3.1): the messages that a message id began, wherever they lie. The store searches the headers for that id.

use crate::{
    desk::Desk,
    error::MethodError,
    id::{EmailId, MailboxId, ThreadId},
    mail::{Fields, ROOT_FIELDS, thread_of},
    methods::{Get, check_count, distinct, properties},
};
use futures::TryStreamExt;
use passerelle_core::ports::{HeaderName, Item, Items, Place, Query, Search};
use passerelle_model::Timestamp;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// Most messages that are looked at for one request, of each mailbox.
const MOST_LOOKED_AT: usize = 5_000;
/// How many threads the store is asked for in one search: each is three conditions.
const AT_ONCE: usize = 50;

pub(crate) async fn get(desk: &mut Desk<'_>, arguments: Get) -> Result<Value, MethodError> {
    desk.enter(&arguments.account_id).await?;
    properties(arguments.properties.as_ref(), &["id", "emailIds"])?;
    let ids = distinct(arguments.ids.ok_or_else(|| MethodError::new("requestTooLarge"))?);
    check_count(ids.len())?;
    let mailboxes = desk.mailboxes().await?;
    let state = mailboxes.mail_state().to_text();
    let wanted: Vec<(String, Option<ThreadId>)> =
        ids.into_iter().map(|id| (id.clone(), ThreadId::parse(&id))).collect();
    let threads: HashSet<ThreadId> = wanted.iter().filter_map(|(_, thread)| thread.clone()).collect();
    let mut found: HashMap<ThreadId, Vec<(Timestamp, EmailId)>> = HashMap::new();
    mailboxes.iter().try_for_each(crate::mail::Mailbox::check_counted)?;
    // What lies in a mailbox of everything lies in another one too.
    let searched: Vec<(MailboxId, String)> = mailboxes
        .iter()
        .filter(|it| it.opens && it.counts.as_ref().is_some_and(|counts| counts.messages > 0))
        .filter(|it| !matches!(it.role, Some("all" | "flagged" | "important")))
        .map(|it| (it.id, it.name.clone()))
        .collect();
    for (mailbox, name) in searched {
        look(desk, mailbox, &name, &threads, &mut found).await?;
    }
    let (mut list, mut missing) = (Vec::new(), Vec::new());
    for (id, thread) in wanted {
        match thread.and_then(|thread| found.remove(&thread)) {
            Some(mut emails) => {
                emails.sort_unstable();
                let emails: Vec<String> = emails.into_iter().map(|(_, email)| email.to_string()).collect();
                list.push(json!({ "id": id, "emailIds": emails }));
            }
            None => missing.push(id),
        }
    }
    Ok(json!({ "accountId": arguments.account_id, "state": state, "list": list, "notFound": missing }))
}

/// Looks for threads in one mailbox.
async fn look(
    desk: &mut Desk<'_>,
    mailbox: MailboxId,
    name: &str,
    threads: &HashSet<ThreadId>,
    found: &mut HashMap<ThreadId, Vec<(Timestamp, EmailId)>>,
) -> Result<(), MethodError> {
    let opened = match desk.open(name).await {
        Ok(opened) => opened,
        // It was there a moment ago: then nothing is in it now.
        Err(passerelle_core::Error::NotFound) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let uid_validity = opened.facts().uid_validity;
    let alone = threads.iter().filter_map(|thread| match thread {
        ThreadId::Alone(email) if (email.mailbox, email.uid_validity) == (mailbox, uid_validity) => Some(email.uid),
        ThreadId::Alone(_) | ThreadId::Root(_) | ThreadId::Long { .. } => None,
    });
    let mut uids: Vec<u32> = alone.collect();
    let sought: Vec<String> = threads.iter().filter_map(ThreadId::sought).collect();
    let names: Vec<HeaderName> = ROOT_FIELDS.iter().filter_map(|name| HeaderName::parse(name)).collect();
    for some in sought.chunks(AT_ONCE) {
        let each = |text: &String| {
            let text = text.clone();
            names.iter().map(move |name| Search::Text(Place::Header(name.clone()), text.clone()))
        };
        let search = Search::Or(some.iter().flat_map(each).collect());
        uids.extend(opened.find(&Query { search, sort: Vec::new(), window: None }).await?.uids);
    }
    uids.sort_unstable();
    uids.dedup();
    if uids.is_empty() {
        return Ok(());
    }
    if uids.len() > MOST_LOOKED_AT {
        return Err(MethodError::saying("requestTooLarge", "too many messages belong to these threads"));
    }
    let items = Items { items: vec![Item::Received], headers: names };
    let mut summaries = opened.show(&uids, &items).await?;
    while let Some(summary) = summaries.try_next().await? {
        let email = EmailId { mailbox, uid_validity, uid: summary.uid };
        let header = summary.headers.unwrap_or_default();
        let thread = thread_of(&Fields::of(&header), email);
        if threads.contains(&thread) {
            found.entry(thread).or_default().push((summary.received.unwrap_or(Timestamp(0)), email));
        }
    }
    Ok(())
}
