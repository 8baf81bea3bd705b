//! `group.*`: static and dynamic groups of the directory, and the gateway's own, which join people of several institutions and
//! are told by their names: `gateway:` and something behind it.

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
use passerelle_model::{Account, AccountId, GroupId, InstitutionId};

/// How many groups are answered when nobody says.
const USUAL: usize = 100;

const NAME: Param = needed("name", Kind::Text, "a group of the institution");
const DESCRIPTION: &str = "what the group is for";
const FILTER: &str =
    "who is in it, as an LDAP filter (RFC 4515) over the institution's people: (eduPersonAffiliation=student)";
const MEMBERS: Param = needed(
    "members",
    Kind::Texts,
    "1 to 1000 logins of the institution; in a gateway group also login@domain of institutions that it shares with",
);
const NEW_NAME: &str =
    "1 to 128 octets without / and control characters; gateway: at its beginning makes a gateway group";

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
            needed("name", Kind::Text, NEW_NAME),
            optional("description", Kind::Text, DESCRIPTION),
            optional("filter", Kind::Text, FILTER),
            optional("members", Kind::Texts, "the first members of a gateway group, at most 1000"),
        ],
        answer: "struct",
        help: "Makes a group: static, or dynamic when it has a filter, in the directory; or a gateway group, which the gateway keeps and no directory has: its members are of the institution and of those that it shares with. Answers {name, dynamic, gateway}.",
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
        help: "One group: {name, description, dynamic, gateway, filter}. The filter of a static group is empty.",
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
        name: "group.members",
        params: &[NAME, LIMIT, CURSOR],
        answer: "struct",
        help: "The members of a gateway group. Answers {members, next, more}. A directory's groups are never enumerated.",
        effect: Effect::Reads,
        run: |caller, arguments| Box::pin(list_members(caller, arguments)),
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
        help: "Gives a group another name; a gateway group stays one. Its members and the grants to it follow. Answers {name}.",
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
    let who = caller.session.accounts_named(&institution.target().0, &arguments.texts("members"))?;
    institution.change_members(&id, change, &who).await?;
    Ok(Value::Boolean(true))
}

async fn create(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let institution = caller.administered(&arguments).await?;
    let id = new_name(arguments.text("name"))?;
    let filter = arguments.maybe_text("filter").filter(|filter| !filter.is_empty()).map(str::to_owned);
    let dynamic = filter.is_some();
    if id.is_of_gateway() {
        if dynamic {
            return Err(Refusal::Params("filter: a gateway group has members, who are named".to_owned()));
        }
        let members = caller.session.accounts_named(&institution.target().0, &arguments.texts("members"))?;
        institution.create_gateway_group(&id, arguments.text("description"), &members).await?;
        return Ok(made(&id, false));
    }
    if arguments.has("members") {
        return Err(Refusal::Params("members: group.addMembers adds them to a directory's group".to_owned()));
    }
    let new = NewGroup { id: id.clone(), description: arguments.text("description").to_owned(), filter };
    institution.create_group(&new).await?;
    Ok(made(&id, dynamic))
}

fn made(id: &GroupId, dynamic: bool) -> Value {
    let gateway = Value::Boolean(id.is_of_gateway());
    structure([("name", text(id.as_str())), ("dynamic", Value::Boolean(dynamic)), ("gateway", gateway)])
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

async fn list_members(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let (institution, id) = caller.group(&arguments, "name").await?;
    let limit = arguments.limit("limit", USUAL)?;
    let list = format!("group.members {} {id}", institution.target().0);
    let after = place(caller, &arguments, &list)?;
    let after = after.as_deref().and_then(|place| {
        let (of, id) = place.split_once('/')?;
        Some(Account { institution: InstitutionId::parse(of).ok()?, id: AccountId::parse(id).ok()? })
    });
    let found = institution.members_after(&id, after.as_ref(), limit).await?;
    let members = found.items.iter().map(|account| text(caller.session.name_of(account))).collect();
    page(caller, &list, ("members", members), found.next)
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
