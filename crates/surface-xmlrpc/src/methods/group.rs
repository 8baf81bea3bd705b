//! `group.get` and `group.list`.

use super::administered;
use crate::{
    fault::Refusal,
    values::{group, one, text_and_limit},
};
use dxr::Value;
use passerelle_core::{Error, Session};
use passerelle_model::GroupId;

/// How many groups are answered when nobody says.
const LIMIT: usize = 100;

pub(super) async fn get(session: &Session, params: Vec<Value>) -> Result<Value, Refusal> {
    let institution = administered(session).await?;
    let name: String = one(params)?;
    let id = GroupId::parse(&name).map_err(|_| Error::NotFound)?;
    Ok(group(&institution.group(&id).await?.ok_or(Error::NotFound)?))
}

pub(super) async fn list(session: &Session, params: Vec<Value>) -> Result<Value, Refusal> {
    let institution = administered(session).await?;
    let (text, limit) = text_and_limit(params, LIMIT)?;
    Ok(Value::Array(institution.find_groups(&text, limit).await?.iter().map(group).collect()))
}
