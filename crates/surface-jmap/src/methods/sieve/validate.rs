//! `SieveScript/validate` (RFC 9661 §2.6): what the store's own compiler says.

use super::set::content;
use crate::{desk::Desk, error::MethodError, sieve::handle};
use passerelle_core::{Error, Read};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Validate {
    account_id: String,
    blob_id: String,
}

pub(crate) async fn validate(desk: &mut Desk<'_>, arguments: Validate) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    let handle = handle::<Read>(desk.session).await?;
    let text = match content(desk, &arguments.blob_id).await {
        Ok(text) => text,
        Err(error) => {
            return Ok(json!({ "accountId": arguments.account_id, "error": error.value(desk.request) }));
        }
    };
    let error = match handle.check_script(&text).await {
        Ok(()) => Value::Null,
        Err(Error::Invalid { what }) => json!({ "type": "invalidSieve", "description": what }),
        Err(error) => return Err(error.into()),
    };
    Ok(json!({ "accountId": arguments.account_id, "error": error }))
}
