//! `SieveScript/query` (RFC 9661 §2.5).

use crate::{
    desk::Desk,
    error::MethodError,
    methods::listed::{Compare, Query},
    sieve::{Script, Scripts, handle},
};
use passerelle_core::Read;
use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Condition {
    name: Option<String>,
    is_active: Option<bool>,
}

pub(crate) async fn query(desk: &mut Desk<'_>, arguments: Query<Condition>) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    let scripts = Scripts::of(&handle::<Read>(desk.session).await?).await?;
    arguments.answer(&scripts.all, &scripts.state(), holds, order, Script::id)
}

fn holds(condition: &Condition, script: &Script) -> bool {
    let is_named = |part: &String| script.name.as_str().to_lowercase().contains(&part.to_lowercase());
    condition.name.as_ref().is_none_or(is_named) && condition.is_active.is_none_or(|active| active == script.active)
}

fn order(property: &str) -> Option<Compare<Script>> {
    Some(match property {
        "name" => |one, other| one.name.as_str().to_lowercase().cmp(&other.name.as_str().to_lowercase()),
        "isActive" => |one, other| one.active.cmp(&other.active),
        _ => return None,
    })
}
