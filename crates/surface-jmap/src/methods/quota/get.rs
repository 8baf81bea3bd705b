//! `Quota/get` (RFC 9425 §4.1).

use super::{Of, Quotas};
use crate::{
    desk::Desk,
    error::MethodError,
    methods::{Get, check_count, distinct, properties},
};
use serde_json::{Value, json};

const PROPERTIES: [&str; 10] =
    ["id", "resourceType", "used", "hardLimit", "scope", "name", "types", "warnLimit", "softLimit", "description"];

pub(crate) async fn get(desk: &mut Desk<'_>, arguments: Get) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    let wanted = properties(arguments.properties.as_ref(), &PROPERTIES)?;
    let quotas = Quotas::of(desk.session).await?;
    let (mut list, mut missing) = (Vec::new(), Vec::new());
    match arguments.ids {
        None => list.extend(quotas.whole()?.iter().map(|it| it.json(&wanted))),
        Some(ids) => {
            check_count(ids.len())?;
            for id in distinct(ids) {
                let meant = Of::ALL.into_iter().find(|of| of.id() == id);
                let found = quotas.all.iter().find(|it| Some(it.of) == meant);
                let away = quotas.away.iter().find(|(of, _)| Some(*of) == meant);
                match (found, away) {
                    (Some(quota), _) => list.push(quota.json(&wanted)),
                    (None, Some((_, error))) => return Err(error.clone().into()),
                    (None, None) => missing.push(id),
                }
            }
        }
    }
    Ok(json!({ "accountId": arguments.account_id, "state": quotas.state(), "list": list, "notFound": missing }))
}
