//! `Blob/copy` (RFC 8620 §6.3): from the mail of whoever shares theirs to where one's own uploads wait. In one account a blob has its
//! id already.

use crate::{
    blob::{self, Blob},
    desk::Desk,
    error::{MethodError, SetError},
    id::BlobId,
    mail::LARGEST_PARSED,
    methods::{check_count, distinct},
    upload,
};
use bytes::Bytes;
use futures::{StreamExt, stream};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::num::NonZeroU32;

/// Most blobs that are copied by one call: each is held whole meanwhile.
const MOST: usize = 20;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Copy {
    from_account_id: String,
    account_id: String,
    blob_ids: Vec<String>,
}

pub(crate) async fn copy(desk: &mut Desk<'_>, arguments: Copy) -> Result<Value, MethodError> {
    let Copy { from_account_id: from, account_id: to, blob_ids } = arguments;
    // Uploads are one's own: there is nowhere to put one with somebody else.
    desk.check_account(&to)?;
    if !desk.goes_to(&from).await? {
        return Err(MethodError::new("fromAccountNotFound"));
    }
    let most = if from == to { usize::MAX } else { MOST };
    check_count(blob_ids.len())?;
    if blob_ids.len() > most {
        return Err(MethodError::new("requestTooLarge"));
    }
    let (mut copied, mut not_copied) = (Map::new(), Map::new());
    for id in distinct(blob_ids) {
        let meant = desk.meant(&id).unwrap_or_default().to_owned();
        desk.enter(&from).await?;
        let outcome =
            if from == to { Blob::find(desk, &meant).await.map(|_there| meant) } else { one(desk, &meant, &to).await };
        match outcome {
            Ok(new) => copied.insert(id, json!(new)),
            Err(error) => not_copied.insert(id, SetError::from(error).value(desk.request)),
        };
    }
    let some = |all: Map<String, Value>| (!all.is_empty()).then_some(all);
    Ok(json!({ "fromAccountId": from, "accountId": to, "copied": some(copied), "notCopied": some(not_copied) }))
}

/// Copies one from the account that is entered.
async fn one(desk: &mut Desk<'_>, id: &str, to: &str) -> passerelle_core::Result<String> {
    let found = Blob::find(desk, id).await?;
    // An upload's length is said before its first octet, and that of what is decoded is known behind its last.
    let octets = blob::whole(found.decoded().await?, LARGEST_PARSED).await?;
    let size = u64::try_from(octets.len()).unwrap_or(u64::MAX);
    desk.check_account(to).map_err(|_none| passerelle_core::Error::NotFound)?;
    let email = upload::store(desk, stream::once(async move { Ok(Bytes::from(octets)) }).boxed(), size).await?;
    Ok(BlobId { email, part: vec![NonZeroU32::MIN] }.to_string())
}
