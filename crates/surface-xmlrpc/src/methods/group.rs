//! `group.*`: static and dynamic groups of the directory.

use super::{
    Effect, Method,
    pages::{CURSOR, LIMIT, page, place},
};
use crate::{
    arguments::Arguments,
    caller::Caller,
    fault::Refusal,
    params::{Kind, Param, needed, optional},
    values::{group, group_with, structure, text},
};
use dxr::Value;
use passerelle_core::{
    Error,
    ports::{GroupChange, MemberChange, NewGroup},
};
use passerelle_model::{AccountId, GroupId};

/// How many groups are answered when nobody says.
const USUAL: usize = 100;

const NAME: Param = needed("name", Kind::Text, "a group of the institution");
const DESCRIPTION: &str = "what the group is for";
const FILTER: &str =
    "who is in it, as an LDAP filter (RFC 4515) over the institution's people: (eduPersonAffiliation=student)";
const MEMBERS: Param = needed("members", Kind::Texts, "logins of the institution: 1 to 1000");

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "group.addMembers",
        params: &[NAME, MEMBERS],
        answer: "boolean",
        help: "Adds accounts to a static group, all or none. Who is in already stays in.",
        effect: Effect::Changes("name"),
        run: |caller, arguments| Box::pin(members(caller, arguments, MemberChange::Add)),
    },
    Method {
        name: "group.create",
        params: &[
            needed("name", Kind::Text, "1 to 128 octets without / and control characters"),
            optional("description", Kind::Text, DESCRIPTION),
            optional("filter", Kind::Text, FILTER),
        ],
        answer: "struct",
        help: "Makes a group: static, or dynamic when it has a filter. Answers {name, dynamic}.",
        effect: Effect::Changes("name"),
        run: |caller, arguments| Box::pin(create(caller, arguments)),
    },
    Method {
        name: "group.delete",
        params: &[NAME],
        answer: "boolean",
        help: "Removes a group, and the grants to it. Its members are people and stay; so does what was shared with it, with its owners.",
        effect: Effect::Changes("name"),
        run: |caller, arguments| Box::pin(delete(caller, arguments)),
    },
    Method {
        name: "group.get",
        params: &[NAME],
        answer: "struct",
        help: "One group: {name, description, dynamic, filter}. The filter of a static group is empty.",
        effect: Effect::Reads,
        run: |caller, arguments| Box::pin(get(caller, arguments)),
    },
    Method {
        name: "group.list",
        params: &[needed("text", Kind::Text, "what the name contains; empty is every group"), LIMIT, CURSOR],
        answer: "struct",
        help: "Groups whose name contains the text, in order of their names. Answers {groups, next, more}: next is the cursor of the next page, and empty at the end.",
        effect: Effect::Reads,
        run: |caller, arguments| Box::pin(list(caller, arguments)),
    },
    Method {
        name: "group.removeMembers",
        params: &[NAME, MEMBERS],
        answer: "boolean",
        help: "Takes accounts out of a static group, all or none. Who is not in changes nothing.",
        effect: Effect::Changes("name"),
        run: |caller, arguments| Box::pin(members(caller, arguments, MemberChange::Remove)),
    },
    Method {
        name: "group.rename",
        params: &[NAME, needed("newName", Kind::Text, "1 to 128 octets without / and control characters")],
        answer: "struct",
        help: "Gives a group another name. Its members and the grants to it follow. Answers {name}.",
        effect: Effect::Changes("name"),
        run: |caller, arguments| Box::pin(rename(caller, arguments)),
    },
    Method {
        name: "group.setFilter",
        params: &[NAME, needed("filter", Kind::Text, FILTER)],
        answer: "boolean",
        help: "Says who is in a dynamic group.",
        effect: Effect::Changes("name"),
        run: |caller, arguments| Box::pin(set_filter(caller, arguments)),
    },
    Method {
        name: "group.update",
        params: &[NAME, needed("description", Kind::Text, DESCRIPTION)],
        answer: "boolean",
        help: "Says what a group is for; an empty text says nothing.",
        effect: Effect::Changes("name"),
        run: |caller, arguments| Box::pin(update(caller, arguments)),
    },
];

async fn members(caller: &Caller, arguments: Arguments, change: MemberChange) -> Result<Value, Refusal> {
    let (institution, id) = caller.group(&arguments, "name").await?;
    let logins = arguments.texts("members");
    let parsed: Result<Vec<AccountId>, _> = logins.iter().map(|login| AccountId::parse(login)).collect();
    institution.change_members(&id, change, &parsed.map_err(|_| Error::NotFound)?).await?;
    Ok(Value::Boolean(true))
}

async fn create(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let institution = caller.administered(&arguments).await?;
    let id = new_name(arguments.text("name"))?;
    let filter = arguments.maybe_text("filter").filter(|filter| !filter.is_empty()).map(str::to_owned);
    let dynamic = filter.is_some();
    let new = NewGroup { id: id.clone(), description: arguments.text("description").to_owned(), filter };
    institution.create_group(&new).await?;
    Ok(structure([("name", text(id.as_str())), ("dynamic", Value::Boolean(dynamic))]))
}

async fn delete(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let (institution, id) = caller.group(&arguments, "name").await?;
    institution.delete_group(&id).await?;
    Ok(Value::Boolean(true))
}

async fn get(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let (institution, id) = caller.group(&arguments, "name").await?;
    let found = institution.group(&id).await?.ok_or(Error::NotFound)?;
    let filter = if found.dynamic { institution.group_filter(&id).await? } else { None };
    Ok(group_with(&found, &filter.unwrap_or_default()))
}

async fn list(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let institution = caller.administered(&arguments).await?;
    let (sought, limit) = (arguments.text("text"), arguments.limit("limit", USUAL)?);
    let list = format!("group.list {} {sought}", institution.target().0);
    let after = place(caller, &arguments, &list)?;
    let found = institution.groups_after(sought, after.as_deref(), limit).await?;
    page(caller, &list, ("groups", found.items.iter().map(group).collect()), found.next)
}

async fn rename(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let (institution, id) = caller.group(&arguments, "name").await?;
    let to = new_name(arguments.text("newName"))?;
    institution.rename_group(&id, &to).await?;
    Ok(structure([("name", text(to.as_str()))]))
}

async fn set_filter(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let (institution, id) = caller.group(&arguments, "name").await?;
    let change = GroupChange { description: None, filter: Some(arguments.text("filter").to_owned()) };
    institution.change_group(&id, &change).await?;
    Ok(Value::Boolean(true))
}

async fn update(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let (institution, id) = caller.group(&arguments, "name").await?;
    let change = GroupChange { description: Some(arguments.text("description").to_owned()), filter: None };
    institution.change_group(&id, &change).await?;
    Ok(Value::Boolean(true))
}

fn new_name(text: &str) -> Result<GroupId, Refusal> {
    Ok(GroupId::parse(text).map_err(|_| Error::invalid("name: 1 to 128 octets without / and control characters"))?)
}
