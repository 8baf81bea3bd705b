//! `/api/admin/groups`: groups of the directory and of the gateway are found and made, and a filter is tried before it is kept.

use super::{Admin, Answer, Change, accounts, group::row, told};
use crate::api::json;
use http::StatusCode;
use passerelle_core::{AskedFor, Error, ports::NewGroup};
use passerelle_model::GroupId;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    /// `gateway:` at its beginning makes one of the gateway's own.
    name: String,
    #[serde(default)]
    description: String,
    /// Makes it dynamic.
    filter: Option<String>,
}

pub(super) async fn list(admin: &Admin<'_>) -> Answer {
    let sought = admin.call.parameter("q");
    let sought = sought.trim();
    let list = format!("admin.groups {} {sought}", admin.of.target().0);
    let after = admin.place(&list)?;
    let found = admin.of.groups_after(sought, after.as_deref(), admin.limit()?).await?;
    admin.page(&list, ("groups", found.items.iter().map(row).collect()), found.next)
}

/// Whom a filter finds: how many, and the first of them. A filter can ask for attributes that are shown nowhere, so that each try is
/// a line in the trail.
pub(super) async fn matching(admin: &Admin<'_>) -> Answer {
    admin.count_filter()?;
    let filter = admin.call.parameter("filter");
    let tried = Change::of("group.matching", "", AskedFor::default().text("filter", &filter));
    let found = async {
        let found = admin.of.matching(&filter).await?;
        let first: Vec<Value> = found.first.iter().map(accounts::row).collect();
        told(&json!({ "count": found.count, "first": first }))
    };
    let found = found.await;
    admin.noted(tried, found).await
}

pub(super) async fn make(mut admin: Admin<'_>) -> Answer {
    let New { name, description, filter } = admin.call.body().await?;
    let filter = filter.filter(|filter| !filter.trim().is_empty());
    let asked = AskedFor::default().text("description", &description);
    let asked = filter.iter().fold(asked, |asked, filter| asked.text("filter", filter));
    let change = Change::of("group.create", &name, asked);
    let made = async {
        let id = new_name(&name)?;
        match (id.is_of_gateway(), filter) {
            (true, Some(_)) => return Err(Error::invalid("filter: a gateway group has members, who are named").into()),
            (true, None) => admin.of.create_gateway_group(&id, &description, &[]).await?,
            (false, filter) => admin.of.create_group(&NewGroup { id: id.clone(), description, filter }).await?,
        }
        Ok(json(StatusCode::CREATED, &json!({ "name": id.as_str() })))
    };
    let made = made.await;
    admin.noted(change, made).await
}

pub(super) fn new_name(text: &str) -> Answer<GroupId> {
    let wrong = |_| Error::invalid("name: 1 to 128 octets without / and control characters");
    Ok(GroupId::parse(text).map_err(wrong)?)
}
