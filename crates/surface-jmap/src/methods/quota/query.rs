//! `Quota/query` and `Quota/queryChanges` (RFC 9425 §4.3, §4.4).

use super::{Quota, Quotas};
use crate::{
    desk::Desk,
    error::MethodError,
    methods::listed::{Compare, Query, QueryChanges},
};
use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Condition {
    name: Option<String>,
    scope: Option<String>,
    resource_type: Option<String>,
    #[serde(rename = "type")]
    of_type: Option<String>,
}

pub(crate) async fn query(desk: &mut Desk<'_>, arguments: Query<Condition>) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    let quotas = Quotas::of(desk.session).await?;
    arguments.answer(quotas.whole()?, &quotas.state(), holds, order, |it| it.of.id().to_owned())
}

pub(crate) async fn changes(desk: &mut Desk<'_>, arguments: QueryChanges<Condition>) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    arguments.answer(&Quotas::of(desk.session).await?.state())
}

fn holds(condition: &Condition, quota: &Quota) -> bool {
    let Condition { name, scope, resource_type, of_type } = condition;
    name.as_ref().is_none_or(|part| quota.of.name().to_lowercase().contains(&part.to_lowercase()))
        && scope.as_ref().is_none_or(|it| it == "account")
        && resource_type.as_ref().is_none_or(|it| it == "octets")
        && of_type.as_ref().is_none_or(|it| it == quota.of.of_type())
}

fn order(property: &str) -> Option<Compare<Quota>> {
    Some(match property {
        "name" => |one, other| one.of.name().cmp(other.of.name()),
        "used" => |one, other| one.used.cmp(&other.used),
        _ => return None,
    })
}
