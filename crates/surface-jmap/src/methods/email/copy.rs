//! `Email/copy` (RFC 8620 §5.4, RFC 8621 §4.7): a message of one account as a message of another. It passes through in pieces, from
//! the owner's store to the other's, and is looked at there like all that comes. A message here lies in one mailbox, so that in one
//! account it is copied too, from one mailbox to another.

use super::{
    filter::word,
    put::{Arriving, put},
    set::{Filed, filed},
};
use crate::{
    blob::Blob,
    desk::Desk,
    error::{MethodError, SetError},
    id::{BlobId, EmailId},
    mail::{Fields, ROOT_FIELDS, first_message_id, thread_of},
    methods::set::{Copying, Done},
    state::UNKNOWN_STATE,
};
use futures::TryStreamExt;
use mail_parser::DateTime;
use passerelle_core::{
    Error,
    ports::{HeaderName, Item, Items, Summary},
};
use serde_json::{Map, Value, json};

/// What of a copy may be otherwise than its original is (RFC 8621 §4.7), and which message it is of.
const KNOWN: [&str; 4] = ["id", "mailboxIds", "keywords", "receivedAt"];

pub(crate) async fn copy(desk: &mut Desk<'_>, mut arguments: Copying) -> Result<Value, MethodError> {
    arguments.check_count()?;
    let (from, to) = (arguments.from_account_id.clone(), arguments.account_id.clone());
    desk.enter(&to).await?;
    let old_state = desk.mailboxes().await?.mail_state().to_text();
    if !desk.goes_to(&from).await? {
        return Err(MethodError::new("fromAccountNotFound"));
    }
    let from_state = desk.mailboxes().await?.mail_state().to_text();
    arguments.check(&from_state, &old_state)?;
    let (mut done, mut originals) = (Done::default(), Vec::new());
    for (name, email) in std::mem::take(&mut arguments.create) {
        match one(desk, &from, &to, &email).await {
            Ok((original, id, value)) => {
                originals.push(original);
                done.created(desk, &name, id.to_string(), value);
            }
            Err(error) => done.not_created(desk, &name, &error),
        }
    }
    desk.follow_up = arguments.destroying(&originals).map(|arguments| ("Email/set", arguments));
    desk.look_again();
    // What was done is told, also where the store is gone by now: from such a state changes cannot be told.
    let new_state = match desk.goes_to(&to).await {
        Ok(true) => desk.mailboxes().await.map(|it| it.mail_state().to_text()).ok(),
        Ok(false) | Err(_) => None,
    };
    let new_state = new_state.unwrap_or_else(|| UNKNOWN_STATE.to_owned());
    Ok(done.copied(&from, &to, &old_state, &new_state))
}

/// Copies one; the id of its original, its own, and what the client does not know of it.
async fn one(desk: &mut Desk<'_>, from: &str, to: &str, email: &Value) -> Result<(String, EmailId, Value), SetError> {
    let given = email.as_object().ok_or_else(|| SetError::new("invalidProperties"))?;
    if let Some(unknown) = given.keys().find(|it| !KNOWN.contains(&it.as_str())) {
        return Err(SetError::properties(&[unknown], "a copy differs in mailboxIds, keywords and receivedAt only"));
    }
    let said = given.get("id").and_then(Value::as_str);
    let said = said.ok_or_else(|| SetError::properties(&["id"], "whose copy it is, is not said"))?;
    let original = desk.meant(said).unwrap_or_default().to_owned();
    enter(desk, from).await?;
    let id = EmailId::parse(&original).ok_or_else(|| SetError::new("notFound"))?;
    let summary = look(desk, id).await?;
    let octets = Blob::find(desk, &BlobId::of_message(id).to_string()).await?;
    let size = octets.size;
    enter(desk, to).await?;
    let Filed { mailbox, keywords, received } = filed(desk, &with_originals(given, &summary)).await?;
    let header = summary.headers.unwrap_or_default();
    let message_id = first_message_id(&header);
    let octets = octets.decoded().await?;
    let copy = put(desk, &mailbox, Arriving { size, octets, keywords, received, message_id }).await?;
    let value = json!({
        "id": copy.to_string(),
        "blobId": BlobId::of_message(copy).to_string(),
        "threadId": thread_of(&Fields::of(&header), copy).to_string(),
        "size": size,
    });
    Ok((original, copy, value))
}

/// Goes to an account that was there when the call began.
async fn enter(desk: &mut Desk<'_>, account: &str) -> Result<(), SetError> {
    if desk.goes_to(account).await? { Ok(()) } else { Err(SetError::saying("forbidden", "it is shared no more")) }
}

/// What is to be known of a message that is copied.
async fn look(desk: &mut Desk<'_>, id: EmailId) -> Result<Summary, SetError> {
    let name = desk.name_of(id.mailbox).await?.ok_or_else(|| SetError::new("notFound"))?;
    let opened = desk.open(&name).await?;
    if opened.facts().uid_validity != id.uid_validity {
        return Err(SetError::new("notFound"));
    }
    let headers = ROOT_FIELDS.iter().filter_map(|name| HeaderName::parse(name)).collect();
    let items = Items { items: vec![Item::Flags, Item::Received], headers };
    let found: Vec<Summary> = opened.show(&[id.uid], &items).await?.try_collect().await?;
    found.into_iter().next().ok_or_else(|| Error::NotFound.into())
}

/// What is said of the copy, and of its original where nothing is said. In which mailbox it lies has to be said: another
/// account's are others.
fn with_originals(given: &Map<String, Value>, original: &Summary) -> Map<String, Value> {
    let mut filed = given.clone();
    if !filed.contains_key("keywords") {
        let flags = original.flags.iter().flatten();
        let keywords: Map<String, Value> = flags.filter_map(word).map(|word| (word, json!(true))).collect();
        filed.insert("keywords".to_owned(), Value::Object(keywords));
    }
    if let (false, Some(at)) = (filed.contains_key("receivedAt"), original.received) {
        filed.insert("receivedAt".to_owned(), json!(DateTime::from_timestamp(at.0).to_rfc3339()));
    }
    filed
}
