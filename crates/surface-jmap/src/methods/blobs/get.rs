//! `Blob/get` (RFC 9404 §4.2): octets of blobs, or a digest of them.

use super::{DIGESTS, LARGEST};
use crate::{
    blob::Blob,
    desk::Desk,
    error::MethodError,
    methods::{check_count, distinct},
    reference::about,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures::TryStreamExt;
use passerelle_core::Error;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Get {
    account_id: String,
    ids: Vec<String>,
    #[serde(default)]
    properties: Option<Vec<String>>,
    #[serde(default)]
    offset: Option<u64>,
    #[serde(default)]
    length: Option<u64>,
}

/// The part of a blob that is wanted, and how much there is in all.
struct Range {
    octets: Vec<u8>,
    digest: Vec<u8>,
    size: u64,
    is_truncated: bool,
}

pub(crate) async fn get(desk: &mut Desk<'_>, arguments: Get) -> Result<Value, MethodError> {
    desk.enter(&arguments.account_id).await?;
    let wanted = arguments.properties.unwrap_or_else(|| vec!["data".to_owned(), "size".to_owned()]);
    let is_digest = |name: &str| name.strip_prefix("digest:").is_some_and(|it| DIGESTS.contains(&it));
    let is_known =
        |name: &str| matches!(name, "id" | "data" | "data:asText" | "data:asBase64" | "size") || is_digest(name);
    if let Some(unknown) = wanted.iter().find(|it| !is_known(it)) {
        return Err(MethodError::invalid(format!("there is no property {unknown}")));
    }
    let keeps = wanted.iter().any(|it| it.starts_with("data"));
    check_count(arguments.ids.len())?;
    let (from, most) = (arguments.offset.unwrap_or(0), arguments.length);
    let (mut list, mut missing) = (Vec::new(), Vec::new());
    let mut left = desk.left;
    for id in distinct(arguments.ids) {
        let meant = desk.meant(&id).unwrap_or_default().to_owned();
        match range(desk, &meant, from, most, keeps).await {
            Ok(range) => {
                let value = told(&id, &range, &wanted);
                left = left.saturating_sub(about(&value));
                if left == 0 {
                    return Err(MethodError::new("requestTooLarge"));
                }
                list.push(value);
            }
            Err(Error::NotFound) => missing.push(id),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(json!({ "accountId": arguments.account_id, "list": list, "notFound": missing }))
}

async fn range(
    desk: &mut Desk<'_>,
    id: &str,
    from: u64,
    most: Option<u64>,
    keeps: bool,
) -> passerelle_core::Result<Range> {
    let blob = Blob::find(desk, id).await?;
    desk.spend(blob.size)?;
    let mut pieces = blob.decoded().await?;
    let end = most.map(|most| from.saturating_add(most));
    let (mut octets, mut hash, mut size) = (Vec::new(), Sha256::new(), 0_u64);
    while let Some(piece) = pieces.try_next().await? {
        let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        let within = |at: u64| usize::try_from(at.saturating_sub(size).min(length)).unwrap_or(usize::MAX);
        let part = piece.get(within(from)..end.map_or(piece.len(), within)).unwrap_or_default();
        hash.update(part);
        if keeps {
            if octets.len().saturating_add(part.len()) > LARGEST {
                return Err(Error::TooLarge { most: u64::try_from(LARGEST).unwrap_or(u64::MAX) });
            }
            octets.extend_from_slice(part);
        }
        size = size.saturating_add(length);
    }
    let is_truncated = from > size || end.is_some_and(|end| end > size);
    Ok(Range { octets, digest: hash.finalize().to_vec(), size, is_truncated })
}

fn told(id: &str, range: &Range, wanted: &[String]) -> Value {
    let mut all = Map::from_iter([("id".to_owned(), json!(id))]);
    let text = std::str::from_utf8(&range.octets).ok();
    for property in wanted {
        let base64 = || json!(STANDARD.encode(&range.octets));
        match (property.as_str(), text) {
            ("data" | "data:asText", Some(text)) => drop(all.insert("data:asText".to_owned(), json!(text))),
            ("data" | "data:asBase64", _) => drop(all.insert("data:asBase64".to_owned(), base64())),
            // RFC 9404 §4.2: what is no UTF-8 cannot be told as text.
            ("data:asText", None) => drop(all.insert("data:asText".to_owned(), Value::Null)),
            ("size", _) => drop(all.insert("size".to_owned(), json!(range.size))),
            (name, _) if name.starts_with("digest:") => {
                all.insert(name.to_owned(), json!(STANDARD.encode(&range.digest)));
            }
            _ => {}
        }
        if property.starts_with("data") && property != "data:asBase64" && text.is_none() {
            all.insert("isEncodingProblem".to_owned(), json!(true));
        }
    }
    if range.is_truncated {
        all.insert("isTruncated".to_owned(), json!(true));
    }
    Value::Object(all)
}
