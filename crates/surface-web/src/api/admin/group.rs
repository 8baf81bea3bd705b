//! `/api/admin/group` and what is done to one group: what it is for, its filter, its name, its end.

use super::{Admin, Answer, Change, groups::new_name, told};
use crate::api::done;
use passerelle_core::{AskedFor, Error, ports::GroupChange};
use passerelle_model::Group;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changed {
    name: String,
    /// Left out, it stays; empty removes.
    description: Option<String>,
    filter: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Renamed {
    name: String,
    new_name: String,
}

/// A group in a list.
pub(super) fn row(group: &Group) -> Value {
    let kind = match (group.id.is_of_gateway(), group.dynamic) {
        (true, _) => "gateway",
        (false, true) => "dynamic",
        (false, false) => "static",
    };
    json!({ "name": group.id.as_str(), "description": group.description, "kind": kind })
}

pub(super) async fn get(admin: &Admin<'_>) -> Answer {
    let id = admin.group(&admin.call.parameter("name"))?;
    let found = admin.of.group(&id).await?.ok_or(Error::NotFound)?;
    let filter = if found.dynamic { admin.of.group_filter(&id).await? } else { None };
    let mut shown = row(&found);
    if let Some(members) = shown.as_object_mut() {
        members.insert("filter".to_owned(), json!(filter));
    }
    told(&shown)
}

pub(super) async fn change(mut admin: Admin<'_>) -> Answer {
    let Changed { name, description, filter } = admin.call.body().await?;
    // As XML-RPC calls the two.
    let method = if filter.is_some() { "group.setFilter" } else { "group.update" };
    let asked = description.iter().fold(AskedFor::default(), |asked, text| asked.text("description", text));
    let asked = filter.iter().fold(asked, |asked, filter| asked.text("filter", filter));
    let change = Change::of(method, &name, asked);
    let changed = async {
        admin.of.change_group(&admin.group(&name)?, &GroupChange { description, filter }).await?;
        done()
    };
    let changed = changed.await;
    admin.noted(change, changed).await
}

pub(super) async fn rename(mut admin: Admin<'_>) -> Answer {
    let Renamed { name, new_name: to } = admin.call.body().await?;
    let change = Change::of("group.rename", &name, AskedFor::default().text("newName", &to));
    let renamed = async {
        admin.of.rename_group(&admin.group(&name)?, &new_name(&to)?).await?;
        done()
    };
    let renamed = renamed.await;
    admin.noted(change, renamed).await
}

/// Its members are people and stay; the grants to it end.
pub(super) async fn delete(mut admin: Admin<'_>) -> Answer {
    let Named { name } = admin.call.body().await?;
    let change = Change::of("group.delete", &name, AskedFor::default());
    let deleted = async {
        admin.of.delete_group(&admin.group(&name)?).await?;
        done()
    };
    let deleted = deleted.await;
    admin.noted(change, deleted).await
}
