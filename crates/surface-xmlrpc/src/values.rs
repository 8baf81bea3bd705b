//! Between XML-RPC's values and ours.
//!
//! A target is a struct: `owner` (a login, or `login@domain`), `kind` (`file`), `mount` (`home` when left out), `path`. A
//! grantee is a struct with one of `account`, `group` or `institution`; a group of another institution has that too, as
//! `group` and `of`.

use crate::fault::Refusal;
use dxr::{TryFromValue, Value};
use passerelle_core::Session;
use passerelle_model::{
    Account, Grantee, Group, GroupId, GroupRef, InstitutionId, MountId, NodePath, NodeRef, Person, Rights, Target,
    Timestamp,
};
use std::collections::HashMap;

/// A struct.
pub(crate) type Struct = HashMap<String, Value>;

/// Makes a struct.
pub(crate) fn structure<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Struct(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Makes a string.
pub(crate) fn text(text: impl Into<String>) -> Value {
    Value::String(text.into())
}

/// Makes an array of strings.
pub(crate) fn texts<T: Into<String>>(all: impl IntoIterator<Item = T>) -> Value {
    Value::Array(all.into_iter().map(text).collect())
}

/// The only parameter.
pub(crate) fn one<T: TryFromValue>(params: Vec<Value>) -> Result<T, Refusal> {
    match <[Value; 1]>::try_from(params) {
        Ok([only]) => Ok(T::try_from_value(&only)?),
        Err(params) => Err(Refusal::Params(format!("one parameter is needed, {} came", params.len()))),
    }
}

/// One parameter, and a number that may be left out.
pub(crate) fn text_and_limit(params: Vec<Value>, limit: usize) -> Result<(String, usize), Refusal> {
    let mut params = params.into_iter();
    let (Some(first), second, None) = (params.next(), params.next(), params.next()) else {
        return Err(Refusal::Params("a text and, if wanted, a limit are needed".to_owned()));
    };
    let limit = match second {
        Some(second) => usize::try_from(i32::try_from_value(&second)?)
            .map_err(|_| Refusal::Params("a limit is not negative".to_owned()))?,
        None => limit,
    };
    Ok((String::try_from_value(&first)?, limit))
}

/// A person, as a struct.
pub(crate) fn person(person: &Person) -> Value {
    structure([
        ("login", text(person.account.as_str())),
        ("name", text(&person.display_name)),
        ("mail", text(person.mails.first().cloned().unwrap_or_default())),
        ("mails", texts(&person.mails)),
        ("groups", texts(person.groups.iter().map(GroupId::as_str))),
        ("affiliations", texts(person.attributes.values("eduPersonAffiliation"))),
    ])
}

/// A group, as a struct.
pub(crate) fn group(group: &Group) -> Value {
    structure([
        ("name", text(group.id.as_str())),
        ("description", text(&group.description)),
        ("dynamic", Value::Boolean(group.dynamic)),
    ])
}

/// A target from its struct.
pub(crate) fn target(session: &Session, members: &Struct) -> Result<Target, Refusal> {
    only(members, &["owner", "kind", "mount", "path"])?;
    if optional(members, "kind")?.is_some_and(|kind| kind != "file") {
        return Err(Refusal::Params("kind: file is the only kind that can be shared yet".to_owned()));
    }
    let wrong = |error: &dyn std::fmt::Display| Refusal::Params(error.to_string());
    let mount = optional(members, "mount")?.unwrap_or_else(|| "home".to_owned());
    let node = NodeRef {
        owner: account(session, &required(members, "owner")?)?,
        mount: MountId::parse(&mount).map_err(|error| wrong(&error))?,
        path: NodePath::parse(&optional(members, "path")?.unwrap_or_default()).map_err(|error| wrong(&error))?,
    };
    Ok(node.target())
}

/// An account by its name.
pub(crate) fn account(session: &Session, name: &str) -> Result<Account, Refusal> {
    session.account_named(name).ok_or_else(|| Refusal::Params(format!("{name} names no account")))
}

/// A grantee from its struct.
pub(crate) fn grantee(session: &Session, members: &Struct) -> Result<Grantee, Refusal> {
    only(members, &["account", "group", "of", "institution"])?;
    let wrong = |error: &dyn std::fmt::Display| Refusal::Params(error.to_string());
    let institution = |name: &str| InstitutionId::parse(name).map_err(|error| wrong(&error));
    let of = optional(members, "of")?;
    match (optional(members, "account")?, optional(members, "group")?, optional(members, "institution")?) {
        (Some(name), None, None) => Ok(Grantee::Account(account(session, &name)?)),
        (None, Some(name), None) => Ok(Grantee::Group(GroupRef {
            institution: match of {
                Some(of) => institution(&of)?,
                None => session.institution()?.id.clone(),
            },
            id: GroupId::parse(&name).map_err(|error| wrong(&error))?,
        })),
        (None, None, Some(name)) => Ok(Grantee::Institution(institution(&name)?)),
        _ => Err(Refusal::Params("a grantee has one of account, group, institution".to_owned())),
    }
}

/// A grantee, as a struct.
pub(crate) fn grantee_value(session: &Session, to: &Grantee) -> Value {
    match to {
        Grantee::Account(account) => structure([("account", text(session.name_of(account)))]),
        Grantee::Group(group) => {
            structure([("group", text(group.id.as_str())), ("of", text(group.institution.as_str()))])
        }
        Grantee::Institution(institution) => structure([("institution", text(institution.as_str()))]),
        Grantee::Link(link) => structure([("link", text(link.as_str()))]),
    }
}

/// Rights from their words.
pub(crate) fn rights(value: &Value) -> Result<Rights, Refusal> {
    let words = Vec::<String>::try_from_value(value)?;
    words.iter().try_fold(Rights::NONE, |held, word| {
        let right = Rights::parse(word).map_err(|error| Refusal::Params(error.to_string()))?;
        Ok(held.union(right))
    })
}

/// An end, in seconds since 1970 UTC; nil is never.
pub(crate) fn until(value: Option<&Value>) -> Result<Option<Timestamp>, Refusal> {
    match value {
        None | Some(Value::Nil) => Ok(None),
        Some(Value::Integer(seconds)) => Ok(Some(Timestamp(i64::from(*seconds)))),
        Some(Value::Long(seconds)) => Ok(Some(Timestamp(*seconds))),
        Some(_) => Err(Refusal::Params("until is a number of seconds since 1970, or nil".to_owned())),
    }
}

/// An end, as a value.
pub(crate) fn until_value(until: Option<Timestamp>) -> Value {
    until.map_or(Value::Nil, |until| i32::try_from(until.0).map_or(Value::Long(until.0), Value::Integer))
}

fn required(members: &Struct, name: &str) -> Result<String, Refusal> {
    optional(members, name)?.ok_or_else(|| Refusal::Params(format!("{name} is missing")))
}

fn optional(members: &Struct, name: &str) -> Result<Option<String>, Refusal> {
    match members.get(name) {
        None | Some(Value::Nil) => Ok(None),
        Some(value) => Ok(Some(String::try_from_value(value)?)),
    }
}

/// A misspelt member is an error: it would silently grant something else.
fn only(members: &Struct, known: &[&str]) -> Result<(), Refusal> {
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(Refusal::Params(format!("{name} is not known: {} are", known.join(", ")))),
        None => Ok(()),
    }
}
