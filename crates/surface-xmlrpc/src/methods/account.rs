//! `account.get` and `account.find`.

use super::administered;
use crate::{
    fault::Refusal,
    values::{one, person, structure, text_and_limit},
};
use dxr::Value;
use passerelle_core::{Error, Session};
use passerelle_model::AccountId;

/// How many people are answered when nobody says.
const LIMIT: usize = 50;

pub(super) async fn get(session: &Session, params: Vec<Value>) -> Result<Value, Refusal> {
    let institution = administered(session).await?;
    let login: String = one(params)?;
    // What cannot be a login is nobody's.
    let id = AccountId::parse(&login).map_err(|_| Error::NotFound)?;
    let found = institution.person(&id).await?.ok_or(Error::NotFound)?;
    Ok(person(&found))
}

pub(super) async fn find(session: &Session, params: Vec<Value>) -> Result<Value, Refusal> {
    let institution = administered(session).await?;
    let (text, limit) = text_and_limit(params, LIMIT)?;
    let page = institution.find_people(&text, limit).await?;
    Ok(structure([
        ("people", Value::Array(page.people.iter().map(person).collect())),
        ("more", Value::Boolean(page.more)),
    ]))
}
