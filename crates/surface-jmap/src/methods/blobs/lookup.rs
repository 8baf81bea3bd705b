//! `Blob/lookup` (RFC 9404 §4.3): which messages and mailboxes a blob is of. An upload is of none.

use super::TYPES;
use crate::{
    blob::Blob,
    desk::Desk,
    error::MethodError,
    id::{BlobId, MailboxId},
    mail::UPLOADS,
    methods::{check_count, distinct},
};
use passerelle_core::Error;
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Lookup {
    account_id: String,
    type_names: Vec<String>,
    ids: Vec<String>,
}

pub(crate) async fn lookup(desk: &mut Desk<'_>, arguments: Lookup) -> Result<Value, MethodError> {
    desk.enter(&arguments.account_id).await?;
    if let Some(unknown) = arguments.type_names.iter().find(|it| !TYPES.contains(&it.as_str())) {
        return Err(MethodError::saying("unknownDataType", unknown.chars().take(100).collect::<String>()));
    }
    check_count(arguments.ids.len())?;
    let (mut list, mut missing) = (Vec::new(), Vec::new());
    for id in distinct(arguments.ids) {
        let meant = desk.meant(&id).unwrap_or_default().to_owned();
        match Blob::find(desk, &meant).await {
            Ok(_) => {}
            Err(Error::NotFound) => {
                missing.push(id);
                continue;
            }
            Err(error) => return Err(error.into()),
        }
        let email = BlobId::parse(&meant).map(|it| it.email).filter(|it| it.mailbox != MailboxId::of(UPLOADS));
        let matched: Map<String, Value> = arguments
            .type_names
            .iter()
            .map(|name| {
                let found =
                    email.map(|email| if name == "Email" { email.to_string() } else { email.mailbox.to_string() });
                (name.clone(), json!(found.into_iter().collect::<Vec<_>>()))
            })
            .collect();
        list.push(json!({ "id": id, "matchedIds": matched }));
    }
    Ok(json!({ "accountId": arguments.account_id, "list": list, "notFound": missing }))
}
