//! `grant.list`, `grant.set` and `grant.remove`.

use super::administered;
use crate::{
    fault::Refusal,
    values::{
        Struct, account, grantee, grantee_value, one, rights, structure, target, text, texts, until, until_value,
    },
};
use dxr::{TryFromValue, Value};
use passerelle_core::{Session, ports::state::Granted};
use passerelle_model::{Account, Grant};

pub(super) async fn list(session: &Session, params: Vec<Value>) -> Result<Value, Refusal> {
    let institution = administered(session).await?;
    let members: Struct = one(params)?;
    let granted = match (members.len(), members.get("owner")) {
        (1, Some(owner)) => institution.granted_by(&account(session, &String::try_from_value(owner)?)?).await?,
        _ => institution.grants_on(&target(session, &members)?).await?,
    };
    Ok(Value::Array(granted.iter().map(|granted| row(session, granted)).collect()))
}

pub(super) async fn set(session: &Session, params: Vec<Value>) -> Result<Value, Refusal> {
    let institution = administered(session).await?;
    let mut params = params.into_iter();
    let (Some(at), Some(to), Some(what), end, None) =
        (params.next(), params.next(), params.next(), params.next(), params.next())
    else {
        return Err(Refusal::Params("a target, a grantee, rights and, if wanted, an end are needed".to_owned()));
    };
    let at = target(session, &Struct::try_from_value(&at)?)?;
    let to = grantee(session, &Struct::try_from_value(&to)?)?;
    let rights = rights(&what)?;
    if rights.is_empty() {
        return Err(Refusal::Params("no right is named: use grant.remove to take a grant back".to_owned()));
    }
    institution.set_grant(&at, &Grant { to, rights, until: until(end.as_ref())? }).await?;
    Ok(Value::Boolean(true))
}

pub(super) async fn remove(session: &Session, params: Vec<Value>) -> Result<Value, Refusal> {
    let institution = administered(session).await?;
    let [at, to] = <[Value; 2]>::try_from(params)
        .map_err(|params| Refusal::Params(format!("a target and a grantee are needed, {} came", params.len())))?;
    let at = target(session, &Struct::try_from_value(&at)?)?;
    let to = grantee(session, &Struct::try_from_value(&to)?)?;
    Ok(Value::Boolean(institution.remove_grant(&at, &to).await?))
}

fn row(session: &Session, Granted { target, grant }: &Granted) -> Value {
    let owner = target.owner.as_ref().map(|id| Account { institution: target.institution.clone(), id: id.clone() });
    structure([
        ("owner", text(owner.map(|owner| session.name_of(&owner)).unwrap_or_default())),
        ("kind", text(target.kind.as_str())),
        ("mount", text(&target.tree)),
        ("path", text(&target.path)),
        ("to", grantee_value(session, &grant.to)),
        ("rights", texts(grant.rights.names())),
        ("until", until_value(grant.until)),
    ])
}
