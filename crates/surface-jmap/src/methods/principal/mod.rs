//! `Principal` (RFC 9670 §2): people and groups that something may be shared with. Who they are is said by the directory, to whoever
//! may read it and by name only: nobody hears of all of them.

pub(crate) mod get;
pub(crate) mod query;
pub(crate) mod set;

use crate::{session, shares};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use passerelle_core::{Authorized, CalendarUserKind, Error, Read, Result, Session};
use passerelle_model::{Account, AccountId, Grantee, Group, GroupId, GroupRef, InstitutionId, InstitutionRef, Person};
use serde_json::{Map, Value, json};

/// What a client can ask for.
const PROPERTIES: [&str; 8] = ["id", "type", "name", "description", "email", "timeZone", "capabilities", "accounts"];

/// Somebody, or some people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Principal {
    pub(crate) to: Grantee,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    /// What it is (RFC 9670 §2).
    kind: &'static str,
}

const INDIVIDUAL: &str = "individual";
const GROUP: &str = "group";
/// A room, which is invited as people are.
const LOCATION: &str = "location";

/// The id of whoever something may be shared with; none of a link's.
pub(crate) fn id_of(to: &Grantee) -> Option<String> {
    let text = match to {
        Grantee::Account(account) => format!("person/{}/{}", account.institution, account.id),
        Grantee::Group(group) => format!("group/{}/{}", group.institution, group.id),
        Grantee::Institution(id) => format!("everybody/{id}/"),
        Grantee::Link(_) => return None,
    };
    Some(format!("U{}", BASE64.encode(text)))
}

/// The reverse of [`id_of`].
pub(crate) fn meant(id: &str) -> Option<Grantee> {
    let text = String::from_utf8(BASE64.decode(id.strip_prefix('U')?).ok()?).ok()?;
    let (kind, rest) = text.split_once('/')?;
    let (institution, id) = rest.split_once('/')?;
    let institution = InstitutionId::parse(institution).ok()?;
    match kind {
        "person" => Some(Grantee::Account(Account { institution, id: AccountId::parse(id).ok()? })),
        "group" => Some(Grantee::Group(GroupRef { institution, id: GroupId::parse(id).ok()? })),
        "everybody" if id.is_empty() => Some(Grantee::Institution(institution)),
        _ => None,
    }
}

impl Principal {
    fn person(session: &Session, home: &InstitutionId, person: Person) -> Self {
        let account = Account { institution: home.clone(), id: person.account };
        let name = if person.display_name.is_empty() { account.id.to_string() } else { person.display_name };
        let kind = kind_of(session, &account);
        Self { to: Grantee::Account(account), name, email: person.mails.into_iter().next(), kind }
    }

    fn group(home: &InstitutionId, group: Group) -> Self {
        let name = if group.description.is_empty() { group.id.to_string() } else { group.description };
        Self {
            to: Grantee::Group(GroupRef { institution: home.clone(), id: group.id }),
            name,
            email: None,
            kind: GROUP,
        }
    }

    /// The one of an id, as far as this person may know of it; `None` for nobody.
    ///
    /// # Errors
    /// `Unavailable` where the directory cannot say.
    async fn find(session: &Session, directory: &Directory, to: &Grantee) -> Result<Option<Self>> {
        let own = session.principal()?.account();
        let home = &own.institution;
        match to {
            Grantee::Account(account) if account == own => {
                Ok(directory.person(&account.id).await?.map(|person| Self::person(session, home, person)))
            }
            Grantee::Account(account) if account.institution == *home => {
                Ok(directory.listed(&account.id).await?.map(|person| Self::person(session, home, person)))
            }
            // Of people elsewhere it is known whether they are there, where something may be shared with them.
            Grantee::Account(account) => {
                if session.may_share_with()?.iter().all(|it| it.id != account.institution) {
                    return Ok(None);
                }
                let found = session.person_named(&account.id.to_string(), &account.institution).await?;
                Ok(found.map(|it| Self::unlisted(session, it, None)))
            }
            Grantee::Group(group) if group.institution == *home => {
                Ok(directory.group(&group.id).await?.map(|group| Self::group(home, group)))
            }
            Grantee::Institution(id) if id == home => Ok(Some(Self::everybody(session)?)),
            Grantee::Group(_) | Grantee::Institution(_) | Grantee::Link(_) => Ok(None),
        }
    }

    /// Somebody of whom no more is told than that they are there: of another institution, or not listed.
    fn unlisted(session: &Session, account: Account, email: Option<String>) -> Self {
        let kind = kind_of(session, &account);
        Self { name: session.name_of(&account), to: Grantee::Account(account), email, kind }
    }

    /// All people of one's own institution.
    fn everybody(session: &Session) -> Result<Self> {
        let own = session.institution()?;
        let name = own.name.values().next().cloned().unwrap_or_else(|| own.id.to_string());
        Ok(Self { to: Grantee::Institution(own.id.clone()), name, email: None, kind: GROUP })
    }

    async fn json(&self, session: &Session, properties: &[&str]) -> Result<Value> {
        let mut all = Map::new();
        for property in properties {
            let value = match *property {
                "id" => json!(id_of(&self.to)),
                "type" => json!(self.kind),
                "name" => json!(self.name),
                "email" => json!(self.email),
                "capabilities" => json!({}),
                "accounts" => accounts(session, &self.to).await?,
                // Nobody says it.
                _ => Value::Null,
            };
            all.insert((*property).to_owned(), value);
        }
        Ok(Value::Object(all))
    }
}

fn kind_of(session: &Session, account: &Account) -> &'static str {
    match session.calendar_kind(account) {
        CalendarUserKind::Individual => INDIVIDUAL,
        CalendarUserKind::Room => LOCATION,
    }
}

/// The accounts of somebody that this person may see something of.
async fn accounts(session: &Session, to: &Grantee) -> Result<Value> {
    let Grantee::Account(owner) = to else { return Ok(Value::Null) };
    let shared = shares::owners(session).await?;
    let is_known = owner == session.principal()?.account() || shared.contains_key(owner);
    if !is_known {
        return Ok(Value::Null);
    }
    let id = crate::id::of_account(&session.name_of(owner));
    let told = session::object(session, "").await?.get_mut("accounts").map(Value::take);
    let account = told.and_then(|mut all| all.get_mut(&id).map(Value::take));
    Ok(json!({ id: account }))
}

/// One's own institution's directory.
pub(crate) type Directory = Authorized<InstitutionRef, Read>;

/// The same, for who may read it.
pub(crate) async fn directory(session: &Session) -> Result<Option<Directory>> {
    let home = InstitutionRef(session.principal()?.account().institution.clone());
    match session.open::<InstitutionRef, Read>(home).await {
        Err(Error::NotFound | Error::Forbidden) => Ok(None),
        opened => Ok(Some(opened?)),
    }
}

/// Looks whether somebody may be given rights on what is this person's own, and is there, before anything is done. The gate looks
/// again when they are given, and at those that only it can say.
pub(crate) async fn check_may_have(session: &Session, to: &Grantee) -> Result<()> {
    let home = &session.principal()?.account().institution;
    let is_met = |of: &InstitutionId| session.may_share_with().map(|all| all.iter().any(|it| it.id == *of));
    let at = match to {
        Grantee::Account(account) => &account.institution,
        Grantee::Group(group) => &group.institution,
        Grantee::Institution(id) => return if id == home { Ok(()) } else { Err(Error::Forbidden) },
        Grantee::Link(_) => return Ok(()),
    };
    if !is_met(at)? {
        return Err(Error::Forbidden);
    }
    let is_there = match to {
        Grantee::Account(account) if at != home => session.person_named(account.id.as_str(), at).await?.is_some(),
        Grantee::Account(account) => match directory(session).await? {
            Some(directory) => directory.person(&account.id).await?.is_some(),
            None => true,
        },
        Grantee::Group(group) if at == home => match directory(session).await? {
            Some(directory) => directory.group(&group.id).await?.is_some(),
            None => true,
        },
        Grantee::Group(_) | Grantee::Institution(_) | Grantee::Link(_) => true,
    };
    if is_there { Ok(()) } else { Err(Error::invalid("the grantee is not there")) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn ids_are_read_as_they_were_written() {
        for text in ["person/garonne/u00001", "group/autan/staff", "everybody/garonne/"] {
            let id = format!("U{}", BASE64.encode(text));
            assert_eq!(id_of(&meant(&id).unwrap()), Some(id));
        }
        for text in ["", "person", "person/garonne", "link/garonne/x", "person//u1", "everybody/garonne/x"] {
            assert_eq!(meant(&format!("U{}", BASE64.encode(text))), None, "{text}");
        }
        assert_eq!(meant("Mxyz"), None);
    }
}
