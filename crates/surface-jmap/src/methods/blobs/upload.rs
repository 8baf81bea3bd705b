//! `Blob/upload` (RFC 9404 §4.1): a blob of texts, octets and parts of other blobs. It waits where uploads do.

use super::{LARGEST, MOST_SOURCES};
use crate::{
    blob::{self, Blob},
    desk::Desk,
    error::{MethodError, SetError},
    id::BlobId,
    limits::MOST_SET,
    mail::LARGEST_PARSED,
    upload,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures::{StreamExt, stream};
use passerelle_core::Error;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::num::NonZeroU32;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Upload {
    account_id: String,
    create: Map<String, Value>,
}

pub(crate) async fn upload(desk: &mut Desk<'_>, arguments: Upload) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    if arguments.create.len() > MOST_SET {
        return Err(MethodError::new("requestTooLarge"));
    }
    let (mut created, mut not_created) = (Map::new(), Map::new());
    for (name, one) in arguments.create {
        match make(desk, &one).await {
            Ok((id, value)) => {
                desk.created.insert(name.clone(), id);
                created.insert(name, value);
            }
            Err(error) => drop(not_created.insert(name, error.value(desk.request))),
        }
    }
    let some = |all: Map<String, Value>| (!all.is_empty()).then_some(all);
    Ok(json!({ "accountId": arguments.account_id, "created": some(created), "notCreated": some(not_created) }))
}

async fn make(desk: &mut Desk<'_>, one: &Value) -> Result<(String, Value), SetError> {
    let facts = one.as_object().ok_or_else(|| SetError::new("invalidProperties"))?;
    if let Some(unknown) = facts.keys().find(|it| !matches!(it.as_str(), "data" | "type")) {
        return Err(SetError::properties(&[unknown], "there is no such property"));
    }
    let sources = facts.get("data").and_then(Value::as_array);
    let sources = sources.ok_or_else(|| SetError::properties(&["data"], "it has a list of sources"))?;
    if sources.len() > MOST_SOURCES {
        return Err(SetError::new("tooLarge"));
    }
    let mut octets = Vec::new();
    for source in sources {
        octets.extend(content(desk, source).await?);
        if octets.len() > LARGEST {
            return Err(SetError::new("tooLarge"));
        }
    }
    let size = u64::try_from(octets.len()).unwrap_or(u64::MAX);
    let octets = stream::once(async move { Ok(Bytes::from(octets)) }).boxed();
    let email = upload::store(desk, octets, size).await?;
    let id = BlobId { email, part: vec![NonZeroU32::MIN] }.to_string();
    let value = json!({ "id": id, "type": facts.get("type").and_then(Value::as_str), "size": size });
    Ok((id, value))
}

/// The octets of a source.
async fn content(desk: &mut Desk<'_>, source: &Value) -> Result<Vec<u8>, SetError> {
    let wrong = |why: &str| SetError::properties(&["data"], why);
    let source = source.as_object().ok_or_else(|| wrong("a source is an object"))?;
    let said = |name: &str| source.get(name).and_then(Value::as_str);
    let number = |name: &str| match source.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let number = value.as_u64().and_then(|it| usize::try_from(it).ok());
            number.map(Some).ok_or_else(|| wrong("offset and length are numbers"))
        }
    };
    match (said("data:asText"), said("data:asBase64"), said("blobId")) {
        (Some(text), None, None) => Ok(text.as_bytes().to_vec()),
        (None, Some(text), None) => STANDARD.decode(text).map_err(|_other| wrong("this is no base64")),
        (None, None, Some(id)) => {
            let (from, length) = (number("offset")?.unwrap_or(0), number("length")?);
            let meant = desk.meant(id).unwrap_or_default().to_owned();
            let read = async {
                let found = Blob::find(desk, &meant).await?;
                desk.spend(found.size)?;
                blob::whole(found.decoded().await?, LARGEST_PARSED).await
            };
            let whole = read.await.map_err(|error| match error {
                Error::NotFound => SetError::blobs_not_found(&[id.to_owned()]),
                error => error.into(),
            })?;
            let end = length.map_or(whole.len(), |length| from.saturating_add(length));
            whole.get(from..end).map(<[u8]>::to_vec).ok_or_else(|| wrong("the blob ends before"))
        }
        _ => Err(wrong("a source is a text, base64, or a blob")),
    }
}
