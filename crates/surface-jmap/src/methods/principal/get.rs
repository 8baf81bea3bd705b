//! `Principal/get`, `changes` (RFC 9670 §2.1, §2.2).

use super::{PROPERTIES, Principal, directory, meant};
use crate::{
    desk::Desk,
    error::MethodError,
    methods::{Changes, Get, check_count, distinct, properties},
    state::UNKNOWN_STATE,
};
use serde_json::{Value, json};

/// Most principals of one call: the directory is asked for each.
const MOST: usize = 100;

pub(crate) async fn get(desk: &mut Desk<'_>, arguments: Get) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    let wanted = properties(arguments.properties.as_ref(), &PROPERTIES)?;
    let all_of_them = || MethodError::saying("requestTooLarge", "they are asked for by their ids, and found by name");
    let ids = distinct(arguments.ids.ok_or_else(all_of_them)?);
    check_count(ids.len())?;
    if ids.len() > MOST {
        return Err(MethodError::new("requestTooLarge"));
    }
    let (mut list, mut missing) = (Vec::new(), Vec::new());
    let directory = directory(desk.session).await?;
    for id in ids {
        let found = match (&directory, desk.meant(&id).and_then(meant)) {
            (Some(directory), Some(to)) => Principal::find(desk.session, directory, &to).await?,
            (None, _) | (_, None) => None,
        };
        match found {
            Some(principal) => list.push(principal.json(desk.session, &wanted).await?),
            None => missing.push(id),
        }
    }
    Ok(json!({ "accountId": arguments.account_id, "state": UNKNOWN_STATE, "list": list, "notFound": missing }))
}

/// What changes in a directory nobody is told.
pub(crate) fn changes(desk: &mut Desk<'_>, arguments: &Changes) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    Err(MethodError::new("cannotCalculateChanges"))
}
