//! `Email/parse` (RFC 8621 §4.9): a message that is attached to another, or was uploaded, as if it were one of the mailbox.

use super::{
    get::Content,
    import::first_header,
    properties::Wanted,
    values::{self, Bodies},
};
use crate::{
    blob::{self, Blob},
    desk::Desk,
    error::MethodError,
    mail::{Fields, LARGEST_PARSED, Parsed},
    methods::{self, distinct},
    reference::about,
};
use passerelle_core::{Error, ports::MailPart};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Most messages of one call: each is read whole.
const MOST: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Parse {
    account_id: String,
    blob_ids: Vec<String>,
    #[serde(default)]
    properties: Option<Vec<String>>,
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

pub(crate) async fn parse(desk: &mut Desk<'_>, arguments: Parse) -> Result<Value, MethodError> {
    desk.enter(&arguments.account_id).await?;
    let wanted = Wanted::of(arguments.properties, arguments.body_properties)?;
    let bodies = Bodies {
        text: arguments.fetch_text_body_values,
        html: arguments.fetch_html_body_values,
        all: arguments.fetch_all_body_values,
        most: arguments.max_body_value_bytes,
    };
    let ids = distinct(arguments.blob_ids);
    if ids.len() > MOST {
        return Err(MethodError::new("requestTooLarge"));
    }
    let (mut parsed, mut wrong, mut missing) = (Map::new(), Vec::new(), Vec::new());
    let mut left = desk.left;
    for id in ids {
        let meant = desk.meant(&id).unwrap_or_default().to_owned();
        let octets = match read(desk, &meant).await {
            Ok(octets) => octets,
            Err(Error::NotFound) => {
                missing.push(id);
                continue;
            }
            Err(Error::TooLarge { .. }) => {
                wrong.push(id);
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let message = first_header(&octets).is_some().then_some(octets).and_then(Parsed::of);
        let Some(message) = message else {
            wrong.push(id);
            continue;
        };
        let value = told(&meant, &message, &wanted, &bodies, left);
        left = left.saturating_sub(about(&value));
        if left == 0 {
            return Err(MethodError::new("requestTooLarge"));
        }
        parsed.insert(id, value);
    }
    Ok(methods::parsed(&arguments.account_id, parsed, wrong, missing))
}

async fn read(desk: &mut Desk<'_>, id: &str) -> passerelle_core::Result<Vec<u8>> {
    let blob = Blob::find(desk, id).await?;
    blob::whole(blob.decoded().await?, LARGEST_PARSED).await
}

fn told(id: &str, message: &Parsed, wanted: &Wanted, bodies: &Bodies, left: usize) -> Value {
    let fields = Fields::of(message.header());
    let headers = if wanted.has_headers_of_parts() { message.headers() } else { Default::default() };
    let blob = |part: &MailPart| blob::id_within(id, &part.path);
    let content = Content::of(&fields, Some(&message.structure), &headers, wanted, &blob);
    let mut all = Map::new();
    for property in &wanted.properties {
        let value = match property.as_str() {
            // It lies in no mailbox.
            "id" | "mailboxIds" | "keywords" | "receivedAt" | "threadId" => Value::Null,
            "blobId" => json!(id),
            "size" => json!(message.len()),
            "preview" => json!(values::preview_of(message)),
            "bodyValues" => values::of_parsed(message, bodies, left),
            other => match content.property(other) {
                Some(value) => value,
                None => continue,
            },
        };
        all.insert(property.clone(), value);
    }
    Value::Object(all)
}
