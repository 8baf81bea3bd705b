//! `SieveScript/get` (RFC 9661 §2.3).

use crate::{
    desk::Desk,
    error::MethodError,
    methods::{Get, check_count, distinct, properties},
    sieve::{Script, Scripts, handle},
};
use passerelle_core::Read;
use serde_json::{Map, Value, json};

const PROPERTIES: [&str; 4] = ["id", "name", "blobId", "isActive"];

pub(crate) async fn get(desk: &mut Desk<'_>, arguments: Get) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    let wanted = properties(arguments.properties.as_ref(), &PROPERTIES)?;
    let scripts = Scripts::of(&handle::<Read>(desk.session).await?).await?;
    let (mut list, mut missing) = (Vec::new(), Vec::new());
    match arguments.ids {
        None => list.extend(scripts.all.iter().map(|it| told(it, &wanted))),
        Some(ids) => {
            check_count(ids.len())?;
            for id in distinct(ids) {
                match desk.meant(&id).and_then(|id| scripts.get(id)) {
                    Some(script) => list.push(told(script, &wanted)),
                    None => missing.push(id),
                }
            }
        }
    }
    Ok(json!({ "accountId": arguments.account_id, "state": scripts.state(), "list": list, "notFound": missing }))
}

fn told(script: &Script, wanted: &[&str]) -> Value {
    let mut all = Map::new();
    for property in wanted {
        let value = match *property {
            "id" => json!(script.id()),
            "name" => json!(script.name.as_str()),
            "blobId" => json!(script.blob_id()),
            "isActive" => json!(script.active),
            _ => continue,
        };
        all.insert((*property).to_owned(), value);
    }
    Value::Object(all)
}
