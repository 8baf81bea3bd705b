//! `Email/get` (RFC 8621 §4.2): what is to be seen of messages, in one question to the store for each mailbox, and the texts in
//! them where they are wanted.

use super::{
    filter::word,
    properties::Wanted,
    values::{self, Bodies},
};
use crate::{
    desk::Desk,
    error::MethodError,
    id::{BlobId, EmailId, MailboxId},
    mail::{Body, Fields, Parts, Telling, convenient, part_json, thread_of},
    methods::{Get, arguments::With, check_count, distinct},
    reference::about,
};
use futures::TryStreamExt;
use mail_parser::DateTime;
use passerelle_core::{
    Error, OpenedMailbox,
    ports::{MailPart, Section, Structure, Summary, Wanted as Octets},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    num::NonZeroU32,
};

/// Longest header that is told whole, in octets.
const LONGEST_HEADER: usize = 1024 * 1024;
/// Most parts whose headers are read.
const MOST_HEADERS: usize = 50;

/// The headers of parts, by their numbers.
pub(super) type HeadersOfParts = BTreeMap<Vec<NonZeroU32>, Vec<u8>>;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct OfBodies {
    #[serde(default)]
    body_properties: Option<Vec<String>>,
    #[serde(default)]
    fetch_text_body_values: bool,
    #[serde(default, rename = "fetchHTMLBodyValues")]
    fetch_html_body_values: bool,
    #[serde(default)]
    fetch_all_body_values: bool,
    #[serde(default)]
    max_body_value_bytes: u64,
}

pub(crate) async fn get(desk: &mut Desk<'_>, arguments: With<Get, OfBodies>) -> Result<Value, MethodError> {
    let With { common: arguments, own } = arguments;
    desk.enter(&arguments.account_id).await?;
    let wanted = Wanted::of(arguments.properties, own.body_properties)?;
    let bodies = Bodies {
        text: own.fetch_text_body_values,
        html: own.fetch_html_body_values,
        all: own.fetch_all_body_values,
        most: own.max_body_value_bytes,
    };
    let ids = distinct(arguments.ids.ok_or_else(|| MethodError::new("requestTooLarge"))?);
    check_count(ids.len())?;
    // The state comes before what is read: what happens in between is told again rather than missed.
    let state = desk.mailboxes().await?.mail_state().to_text();
    let (meant, by_mailbox) = super::meant(desk, ids);
    let mut found: HashMap<EmailId, Value> = HashMap::new();
    for (mailbox, emails) in by_mailbox {
        let Some(name) = desk.name_of(mailbox).await? else { continue };
        match in_mailbox(desk, &name, &emails, &wanted, &bodies).await {
            Ok(all) => found.extend(all),
            Err(Error::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let (mut list, mut missing) = (Vec::new(), Vec::new());
    for (id, email) in meant {
        match email.and_then(|email| found.remove(&email)) {
            Some(value) => list.push(value),
            None => missing.push(id),
        }
    }
    Ok(json!({ "accountId": arguments.account_id, "state": state, "list": list, "notFound": missing }))
}

async fn in_mailbox(
    desk: &mut Desk<'_>,
    name: &str,
    emails: &[EmailId],
    wanted: &Wanted,
    bodies: &Bodies,
) -> passerelle_core::Result<Vec<(EmailId, Value)>> {
    let left = desk.left;
    let opened = desk.open(name).await?;
    let uid_validity = opened.facts().uid_validity;
    let mailbox = MailboxId::of(name);
    let uids: Vec<u32> = emails.iter().filter(|it| it.uid_validity == uid_validity).map(|it| it.uid).collect();
    if uids.is_empty() {
        return Ok(Vec::new());
    }
    let (mut all, mut left) = (Vec::new(), left);
    for summary in summaries(opened, &uids, wanted).await? {
        let email = EmailId { mailbox, uid_validity, uid: summary.uid };
        match whole(opened, email, &summary, wanted, bodies, left).await {
            Ok(value) => {
                left = left.saturating_sub(about(&value));
                all.push((email, value));
            }
            // It has gone since it was listed; the others are there.
            Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
        if left == 0 {
            return Err(Error::TooLarge { most: 0 });
        }
    }
    desk.left = left;
    Ok(all)
}

/// A message with all that is wanted of it, of so many octets at most, about.
async fn whole(
    opened: &mut OpenedMailbox,
    email: EmailId,
    summary: &Summary,
    wanted: &Wanted,
    bodies: &Bodies,
    left: usize,
) -> passerelle_core::Result<Value> {
    let header = if wanted.has("headers") {
        whole_header(opened, summary.uid).await?
    } else {
        summary.headers.clone().unwrap_or_default()
    };
    let headers = match &summary.structure {
        Some(Structure::Known(structure)) if wanted.has_headers_of_parts() => {
            headers_of_parts(opened, summary.uid, structure).await?
        }
        _ => BTreeMap::new(),
    };
    let mut value = told(email, summary, &header, &headers, wanted);
    if let Some(Structure::Known(structure)) = &summary.structure {
        if wanted.has("bodyValues") {
            let values = values::read(opened, summary.uid, structure, bodies, left).await?;
            value.insert("bodyValues".to_owned(), values);
        }
        if wanted.has("preview") && summary.preview.is_none() {
            let preview = values::preview(opened, summary.uid, structure).await?;
            value.insert("preview".to_owned(), json!(preview));
        }
    }
    Ok(Value::Object(value))
}

/// What the store tells of the messages; it may have no first words of them.
async fn summaries(opened: &mut OpenedMailbox, uids: &[u32], wanted: &Wanted) -> passerelle_core::Result<Vec<Summary>> {
    let with_previews = wanted.items(true);
    match opened.show(uids, &with_previews).await {
        Ok(summaries) => return summaries.try_collect().await,
        Err(Error::Unsupported { .. }) => {}
        Err(error) => return Err(error),
    }
    opened.show(uids, &wanted.items(false)).await?.try_collect().await
}

async fn whole_header(opened: &mut OpenedMailbox, uid: u32) -> passerelle_core::Result<Vec<u8>> {
    header(opened, uid, Section::Header).await
}

/// The headers of the first parts, by their numbers. A message that is one part has one header.
async fn headers_of_parts(
    opened: &mut OpenedMailbox,
    uid: u32,
    structure: &MailPart,
) -> passerelle_core::Result<HeadersOfParts> {
    let mut headers = BTreeMap::new();
    for (at, part) in Parts::of(structure).take(MOST_HEADERS).enumerate() {
        let section = if at == 0 { Section::Header } else { Section::Mime(part.path.clone()) };
        headers.insert(part.path.clone(), header(opened, uid, section).await?);
    }
    Ok(headers)
}

async fn header(opened: &mut OpenedMailbox, uid: u32, section: Section) -> passerelle_core::Result<Vec<u8>> {
    let what = Octets { uid, section, octets: None };
    let mut content = opened.read(&what).await?;
    let mut header = Vec::new();
    while let Some(piece) = content.try_next().await? {
        // What is longer is read to its end: the connection is needed for the next message.
        let room = LONGEST_HEADER.saturating_sub(header.len()).min(piece.len());
        header.extend_from_slice(piece.get(..room).unwrap_or_default());
    }
    Ok(header)
}

/// All that needs no further look at the store.
fn told(
    email: EmailId,
    summary: &Summary,
    header: &[u8],
    headers: &HeadersOfParts,
    wanted: &Wanted,
) -> Map<String, Value> {
    let fields = Fields::of(header);
    let unknown = unknown_structure();
    let structure = match &summary.structure {
        Some(Structure::Known(structure)) => Some(structure.as_ref()),
        // What the store tells in a way that cannot be read, can be downloaded.
        Some(Structure::Unreadable) => Some(&unknown),
        None => None,
    };
    let blob = |part: &MailPart| BlobId { email, part: part.path.clone() }.to_string();
    let content = Content::of(&fields, structure, headers, wanted, &blob);
    let mut all = Map::new();
    for property in &wanted.properties {
        let value = match property.as_str() {
            "id" => json!(email.to_string()),
            "blobId" => json!(BlobId::of_message(email).to_string()),
            "threadId" => json!(thread_of(&fields, email).to_string()),
            "mailboxIds" => json!({ email.mailbox.to_string(): true }),
            "keywords" => {
                let flags = summary.flags.as_deref().unwrap_or_default();
                Value::Object(flags.iter().filter_map(word).map(|word| (word, json!(true))).collect())
            }
            "size" => json!(summary.size.unwrap_or(0)),
            "receivedAt" => json!(summary.received.map(|at| DateTime::from_timestamp(at.0).to_rfc3339())),
            "preview" => json!(summary.preview.as_deref().unwrap_or_default()),
            "bodyValues" => json!({}),
            other => match content.property(other) {
                Some(value) => value,
                None => continue,
            },
        };
        all.insert(property.clone(), value);
    }
    all
}

/// What follows from a message's own octets, wherever they lie.
pub(super) struct Content<'a> {
    fields: &'a Fields<'a>,
    structure: Option<&'a MailPart>,
    body: Body<'a>,
    telling: Telling<'a>,
    wanted: &'a Wanted,
}

impl<'a> Content<'a> {
    pub(super) fn of(
        fields: &'a Fields<'a>,
        structure: Option<&'a MailPart>,
        headers: &'a HeadersOfParts,
        wanted: &'a Wanted,
        blob: &'a dyn Fn(&MailPart) -> String,
    ) -> Self {
        let telling = Telling { properties: &wanted.of_parts, fields: &wanted.fields_of_parts, headers, blob };
        Self { fields, structure, body: structure.map(Body::of).unwrap_or_default(), telling, wanted }
    }

    /// A property; `None` for one that does not follow from the octets.
    pub(super) fn property(&self, name: &str) -> Option<Value> {
        let list =
            |parts: &[&MailPart]| -> Value { parts.iter().map(|part| part_json(part, self.telling, false)).collect() };
        Some(match name {
            "headers" => self.fields.json(),
            "hasAttachment" => json!(self.body.has_attachment()),
            "textBody" => list(&self.body.text),
            "htmlBody" => list(&self.body.html),
            "attachments" => list(&self.body.attachments),
            "bodyStructure" => self.structure.map_or(Value::Null, |it| part_json(it, self.telling, true)),
            other => match (convenient(other), self.wanted.fields.iter().find(|(property, _)| property == other)) {
                (Some((field, form)), _) => self.fields.last(field, form),
                (None, Some((_, field))) => field.of(self.fields),
                (None, None) => return None,
            },
        })
    }
}

/// A message whose parts nobody can tell.
fn unknown_structure() -> MailPart {
    MailPart {
        path: Vec::new(),
        media_type: "application/octet-stream".to_owned(),
        parameters: Vec::new(),
        disposition: Some("attachment".to_owned()),
        file_name: Some("message.eml".to_owned()),
        content_id: None,
        languages: Vec::new(),
        location: None,
        encoding: None,
        size: None,
        parts: Vec::new(),
    }
}
