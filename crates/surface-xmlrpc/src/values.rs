//! Between XML-RPC's values and ours.

use crate::{arguments::text_of, fault::Refusal};
use base64::{Engine, engine::general_purpose::STANDARD};
use dxr::Value;
use passerelle_core::{
    Administered, Mount, Session, SettingValue, Whereabouts,
    ports::{Details, Field},
};
use passerelle_model::{
    Account, CollectionFamily, CollectionRef, Grantee, Group, GroupId, GroupRef, InstitutionId, MailboxRef, MountId,
    NodePath, NodeRef, Person, ResourceKind, Rights, Standing, Target, Timestamp,
};
use std::collections::BTreeMap;

/// A struct.
pub(crate) type Struct = BTreeMap<String, Value>;

/// Makes a struct.
pub(crate) fn structure<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Struct(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// A setting's value as a file would hold it; `None` for a kind that no file holds.
pub(crate) fn setting(value: &Value) -> Option<SettingValue> {
    Some(match value {
        Value::String(text) => SettingValue::String(text.clone()),
        Value::Integer(number) => SettingValue::Integer(i64::from(*number)),
        Value::Long(number) => SettingValue::Integer(*number),
        Value::Boolean(flag) => SettingValue::Boolean(*flag),
        // Images: the only octets there are.
        Value::Base64(octets) => SettingValue::String(STANDARD.encode(octets)),
        Value::Array(values) => SettingValue::Array(values.iter().map(setting).collect::<Option<_>>()?),
        Value::Struct(members) => {
            let member = |(name, value): (&String, &Value)| Some((name.clone(), setting(value)?));
            SettingValue::Table(members.iter().map(member).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

/// The other way; nil where there is none.
pub(crate) fn setting_value(value: Option<SettingValue>) -> Value {
    match value {
        None => Value::Nil,
        Some(SettingValue::String(text)) => self::text(text),
        Some(SettingValue::Integer(number)) => moment(Some(Timestamp(number))),
        Some(SettingValue::Boolean(flag)) => Value::Boolean(flag),
        Some(SettingValue::Array(values)) => {
            Value::Array(values.into_iter().map(|value| setting_value(Some(value))).collect())
        }
        Some(SettingValue::Table(members)) => {
            Value::Struct(members.into_iter().map(|(name, value)| (name, setting_value(Some(value)))).collect())
        }
        Some(other @ (SettingValue::Float(_) | SettingValue::Datetime(_))) => self::text(other.to_string()),
    }
}

/// Makes a string. What XML cannot hold (XML 1.0 §2.2) becomes U+FFFD: a directory may have it in a value.
pub(crate) fn text(text: impl Into<String>) -> Value {
    let text = text.into();
    let odd =
        |c: char| (c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}');
    Value::String(if text.contains(odd) { text.replace(odd, "\u{fffd}") } else { text })
}

/// Makes an array of strings.
pub(crate) fn texts<T: Into<String>>(all: impl IntoIterator<Item = T>) -> Value {
    Value::Array(all.into_iter().map(text).collect())
}

/// A moment in seconds since 1970 UTC; nil where there is none.
pub(crate) fn moment(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Nil, |at| i32::try_from(at.0).map_or(Value::Long(at.0), Value::Integer))
}

/// A person, as a struct.
pub(crate) fn person(person: &Person) -> Value {
    Value::Struct(person_members(person))
}

/// An account as administrators see it.
pub(crate) fn administered(account: &Administered, details: &Details) -> Value {
    let locked = account.disabled || account.person.standing == Standing::Locked;
    let mut members = person_members(&account.person);
    let said = |field| details.fields.get(&field).cloned().unwrap_or_default();
    for (name, field) in [("givenName", Field::GivenName), ("surname", Field::Surname), ("language", Field::Language)] {
        members.insert(name.to_owned(), text(said(field).into_iter().next().unwrap_or_default()));
    }
    members.insert("phone".to_owned(), texts(said(Field::Phone)));
    let affiliations = said(Field::Affiliations);
    if !affiliations.is_empty() {
        members.insert("affiliations".to_owned(), texts(affiliations));
    }
    let attributes = details.attributes.iter().map(|(name, values)| (name.clone(), texts(values)));
    members.insert("attributes".to_owned(), Value::Struct(attributes.collect()));
    members.insert("locked".to_owned(), Value::Boolean(locked));
    members.insert("disabled".to_owned(), Value::Boolean(account.disabled));
    Value::Struct(members)
}

fn person_members(person: &Person) -> Struct {
    let members = [
        ("login", text(person.account.as_str())),
        ("name", text(&person.display_name)),
        ("mail", text(person.mails.first().cloned().unwrap_or_default())),
        ("mails", texts(&person.mails)),
        ("groups", texts(person.groups.iter().map(GroupId::as_str))),
        ("affiliations", texts(person.attributes.values("eduPersonAffiliation"))),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Where data are, as an array of structs.
pub(crate) fn whereabouts(all: &[Whereabouts]) -> Value {
    let places = all.iter().map(|Whereabouts { kind, store, place }| {
        structure([("kind", text(*kind)), ("store", text(store)), ("place", text(place))])
    });
    Value::Array(places.collect())
}

/// A group, as a struct.
pub(crate) fn group(group: &Group) -> Value {
    structure([
        ("name", text(group.id.as_str())),
        ("description", text(&group.description)),
        ("dynamic", Value::Boolean(group.dynamic)),
        ("gateway", Value::Boolean(group.id.is_of_gateway())),
    ])
}

/// A group with its filter.
pub(crate) fn group_with(group: &Group, filter: &str) -> Value {
    structure([
        ("name", text(group.id.as_str())),
        ("description", text(&group.description)),
        ("dynamic", Value::Boolean(group.dynamic)),
        ("gateway", Value::Boolean(group.id.is_of_gateway())),
        ("filter", text(filter)),
    ])
}

/// A place in somebody's files, one of their mailboxes or collections, or their account, from its words.
pub(crate) fn target(
    owner: Account,
    kind: Option<&str>,
    mount: Option<&str>,
    path: Option<&str>,
) -> Result<Target, Refusal> {
    match kind.map(ResourceKind::parse) {
        None | Some(Some(ResourceKind::Node)) => {}
        Some(Some(ResourceKind::Mailbox)) => {
            return Ok(match path.unwrap_or_default() {
                "" => MailboxRef::all_of(owner).target(),
                name => MailboxRef::parse(owner, name).map_err(|error| wrong("path", &error))?.target(),
            });
        }
        Some(Some(kind @ (ResourceKind::Calendar | ResourceKind::AddressBook))) if mount.is_none() => {
            let of_kind = |family: &CollectionFamily| family.kind() == kind;
            let family = CollectionFamily::ALL.into_iter().find(of_kind).unwrap_or(CollectionFamily::Contacts);
            return Ok(match path.unwrap_or_default() {
                "" => CollectionRef::all_of(owner, family).target(),
                name => CollectionRef::parse(owner, family, name).map_err(|error| wrong("path", &error))?.target(),
            });
        }
        Some(Some(kind @ ResourceKind::Account)) if mount.is_none() && path.is_none() => {
            let Account { institution, id } = owner;
            return Ok(Target { institution, owner: Some(id), kind, tree: String::new(), path: String::new() });
        }
        Some(
            None
            | Some(
                ResourceKind::Account | ResourceKind::Institution | ResourceKind::Calendar | ResourceKind::AddressBook,
            ),
        ) => {
            let kinds = "file, mailbox, calendar or addressbook without mount, or account without mount and path";
            return Err(Refusal::Params(format!("kind: {kinds}")));
        }
    }
    let tree = mount.or(owner.id.space()).unwrap_or(Mount::HOME);
    let node = NodeRef {
        mount: MountId::parse(tree).map_err(|error| wrong("mount", &error))?,
        owner,
        path: NodePath::parse(path.unwrap_or_default()).map_err(|error| wrong("path", &error))?,
    };
    Ok(node.target())
}

/// A grantee from its struct. A group belongs to the institution at hand unless `of` names another.
pub(crate) fn grantee(session: &Session, home: &InstitutionId, members: &Struct) -> Result<Grantee, Refusal> {
    let said = |name: &str| members.get(name).and_then(text_of);
    let institution = |name: &str, text: &str| InstitutionId::parse(text).map_err(|error| wrong(name, &error));
    match (said("account"), said("group"), said("institution")) {
        (Some(name), None, None) => {
            let at_home = || {
                let id = passerelle_model::AccountId::parse(name).ok()?;
                Some(Account { institution: home.clone(), id })
            };
            let account = if name.contains('@') { session.account_named(name) } else { at_home() };
            let none = || Refusal::Params(format!("account: {} names no account", printable(name)));
            Ok(Grantee::Account(account.ok_or_else(none)?))
        }
        (None, Some(name), None) => Ok(Grantee::Group(GroupRef {
            institution: said("of").map_or_else(|| Ok(home.clone()), |of| institution("of", of))?,
            id: GroupId::parse(name).map_err(|error| wrong("group", &error))?,
        })),
        (None, None, Some(name)) => Ok(Grantee::Institution(institution("institution", name)?)),
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
pub(crate) fn rights(words: &[String]) -> Result<Rights, Refusal> {
    words.iter().try_fold(Rights::NONE, |held, word| {
        let right = Rights::parse(word).map_err(|error| Refusal::Params(format!("rights: {error}")))?;
        Ok(held.union(right))
    })
}

fn wrong(name: &str, error: &dyn std::fmt::Display) -> Refusal {
    Refusal::Params(format!("{name}: {error}"))
}

/// The beginning of a text from outside, as it may stand in a fault.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(64).collect()
}
