//! `SieveScript/query` (RFC 9661 §2.5).

use crate::{
    desk::Desk,
    error::MethodError,
    methods::{
        conditions::{Filter, Logic},
        paging::Start,
    },
    sieve::{Script, Scripts, handle},
};
use passerelle_core::Read;
use serde::Deserialize;
use serde_json::{Value, json};
use std::cmp::Ordering;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Query {
    account_id: String,
    #[serde(default)]
    filter: Option<Filter<Condition>>,
    #[serde(default)]
    sort: Option<Vec<Comparator>>,
    #[serde(default)]
    position: i64,
    #[serde(default)]
    anchor: Option<String>,
    #[serde(default)]
    anchor_offset: i64,
    #[serde(default)]
    limit: Option<u64>,
    #[serde(default)]
    calculate_total: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Condition {
    name: Option<String>,
    is_active: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Comparator {
    property: String,
    #[serde(default)]
    is_ascending: Option<bool>,
}

pub(crate) async fn query(desk: &mut Desk<'_>, arguments: Query) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    let scripts = Scripts::of(&handle::<Read>(desk.session).await?).await?;
    let mut found: Vec<&Script> =
        scripts.all.iter().filter(|it| arguments.filter.as_ref().is_none_or(|filter| holds(filter, it))).collect();
    for comparator in arguments.sort.iter().flatten().rev() {
        let compare: fn(&Script, &Script) -> Ordering = match comparator.property.as_str() {
            "name" => |one, other| one.name.as_str().to_lowercase().cmp(&other.name.as_str().to_lowercase()),
            "isActive" => |one, other| one.active.cmp(&other.active),
            other => return Err(MethodError::saying("unsupportedSort", other)),
        };
        let is_ascending = comparator.is_ascending.unwrap_or(true);
        found.sort_by(|one, other| if is_ascending { compare(one, other) } else { compare(other, one) });
    }
    let ids: Vec<String> = found.into_iter().map(Script::id).collect();
    let Query { position, anchor_offset, .. } = arguments;
    let start = Start { position, anchor: arguments.anchor.as_deref(), anchor_offset };
    let skip = start.index(ids.len(), |anchor| ids.iter().position(|id| id == anchor))?;
    let most = arguments.limit.and_then(|it| usize::try_from(it).ok()).unwrap_or(usize::MAX);
    let part: Vec<&String> = ids.iter().skip(skip).take(most).collect();
    let mut answer = json!({
        "accountId": arguments.account_id,
        "queryState": scripts.state(),
        "canCalculateChanges": false,
        "position": skip,
        "ids": part,
    });
    if let (true, Some(answer)) = (arguments.calculate_total, answer.as_object_mut()) {
        answer.insert("total".to_owned(), json!(ids.len()));
    }
    Ok(answer)
}

fn holds(filter: &Filter<Condition>, script: &Script) -> bool {
    match filter {
        Filter::One(it) => {
            let is_named = |part: &String| script.name.as_str().to_lowercase().contains(&part.to_lowercase());
            it.name.as_ref().is_none_or(is_named) && it.is_active.is_none_or(|active| active == script.active)
        }
        Filter::Joined(Logic::And, all) => all.iter().all(|it| holds(it, script)),
        Filter::Joined(Logic::Or, all) => all.iter().any(|it| holds(it, script)),
        Filter::Joined(Logic::Not, all) => !all.iter().any(|it| holds(it, script)),
    }
}
