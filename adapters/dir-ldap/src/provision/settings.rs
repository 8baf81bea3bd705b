//! `[realm.x.directory.provision]`: how accounts and groups are written. Without the table the directory is only read.

use crate::dial::{Server, Service};
use passerelle_core::{
    config::{Block, ConfigFault, SecretSource},
    ports::Field,
};
use passerelle_wire_filter::{Dn, Scope, same_attribute};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What the file says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    urls: Option<Vec<String>>,
    bind_dn: Option<String>,
    bind_password: Option<SecretSource>,
    people: Option<String>,
    groups: Option<String>,
    disabled: Option<String>,
    #[serde(default = "person_classes")]
    person_classes: Vec<String>,
    rdn: Option<String>,
    #[serde(default)]
    attributes: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    defaults: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    writable: Vec<String>,
    lock: Option<LockTable>,
    #[serde(default = "group_classes")]
    group_classes: Vec<String>,
    #[serde(default = "dynamic_classes")]
    dynamic_classes: Vec<String>,
    #[serde(default)]
    empty_member: String,
    #[serde(default)]
    memberships: Memberships,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LockTable {
    attribute: String,
    value: String,
    unlocked: Option<String>,
}

fn person_classes() -> Vec<String> {
    vec!["inetOrgPerson".to_owned()]
}
fn group_classes() -> Vec<String> {
    vec!["groupOfNames".to_owned()]
}
fn dynamic_classes() -> Vec<String> {
    vec!["groupOfURLs".to_owned()]
}

/// Who keeps the groups true when a member gets another name.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Memberships {
    /// We do: the groups that named the old one name the new one.
    #[default]
    Gateway,
    /// The server does, by an overlay or plugin of referential integrity.
    Server,
}

/// The attribute that locks.
#[derive(Debug, Clone)]
pub(crate) struct LockRule {
    pub(crate) attribute: String,
    pub(crate) value: String,
    /// The value of an account that is not locked; left out, the attribute is then absent.
    pub(crate) unlocked: Option<String>,
}

/// What they mean.
#[derive(Debug)]
pub(crate) struct ProvisionSettings {
    /// Servers that take writes, where they are not those that are asked.
    pub(crate) servers: Option<Vec<Server>>,
    /// Who writes, where it is not who searches.
    pub(crate) service: Option<Service>,
    pub(crate) people: String,
    pub(crate) groups: String,
    /// Where accounts out of use go.
    pub(crate) disabled: Option<String>,
    pub(crate) person_classes: Vec<String>,
    /// The attribute of an entry's own part.
    pub(crate) rdn: String,
    pub(crate) attributes: BTreeMap<Field, Vec<String>>,
    /// What every new person has; `{login}` stands for the login.
    pub(crate) defaults: BTreeMap<String, Vec<String>>,
    pub(crate) writable: Vec<String>,
    pub(crate) lock: Option<LockRule>,
    pub(crate) group_classes: Vec<String>,
    pub(crate) dynamic_classes: Vec<String>,
    /// The member of a group that has none: `groupOfNames` wants one (RFC 4519 §3.5).
    pub(crate) empty_member: String,
    pub(crate) memberships: Memberships,
}

/// Whose places the defaults are.
pub(crate) struct Around<'a> {
    pub(crate) people_base: &'a str,
    pub(crate) groups_base: &'a str,
    pub(crate) account_attribute: &'a str,
    pub(crate) login_filter: &'a str,
    pub(crate) starttls: bool,
}

/// What no list of attributes may hold: passwords have a method of their own, and the rest would change what an entry is.
const NEVER: [&str; 5] = ["userPassword", "objectClass", "member", "uniqueMember", "memberURL"];

impl ProvisionSettings {
    pub(crate) fn read(block: &Block, written: Written, around: &Around<'_>) -> Result<Self, ConfigFault> {
        let fault = |what: String, remedy: &str| block.fault(format_args!("`provision`: {what}"), remedy);
        let name = |key: &str, text: String| match Dn::parse(&text) {
            Ok(_) => Ok(text),
            Err(error) => Err(fault(format!("`{key}`: {error}"), "write it as in `ou=people,dc=example,dc=org`")),
        };
        let service = match (written.bind_dn, &written.bind_password) {
            (Some(dn), Some(password)) => Some(Service { dn: name("bind_dn", dn)?, password: block.secret(password)? }),
            (None, None) => None,
            _ => {
                let remedy = "set both, or none to write as who searches";
                return Err(fault("only one of `bind_dn` and `bind_password` is set".to_owned(), remedy));
            }
        };
        let servers = written.urls.map(|urls| {
            let all = urls.iter().map(|url| Server::parse(url, around.starttls));
            all.collect::<Result<Vec<_>, _>>()
                .map_err(|what| fault(format!("`urls`: {what}"), "write it as `ldap://host:port`"))
        });
        let people = name("people", written.people.unwrap_or_else(|| around.people_base.to_owned()))?;
        let groups = name("groups", written.groups.unwrap_or_else(|| around.groups_base.to_owned()))?;
        for (key, place, base) in [("people", &people, around.people_base), ("groups", &groups, around.groups_base)] {
            if !is_below(place, base) {
                return Err(fault(format!("`{key}` does not lie below {base}"), "new entries would never be found"));
            }
        }
        let disabled = written.disabled.map(|text| name("disabled", text)).transpose()?;
        if disabled.as_ref().is_some_and(|place| is_below(place, around.people_base)) {
            let what = format!("`disabled` lies below {}", around.people_base);
            return Err(fault(what, "name a branch beside it, where nobody who signs on is looked for"));
        }
        let rdn = written.rdn.unwrap_or_else(|| around.account_attribute.to_owned());
        let attributes = mapped(written.attributes, &fault)?;
        let lists = attributes.values().flatten().chain(&written.writable).chain(written.defaults.keys());
        for attribute in lists.clone().chain([&rdn]).chain(written.lock.iter().map(|lock| &lock.attribute)) {
            if !is_attribute(attribute) {
                return Err(fault(format!("{attribute:?} is no attribute's name"), "write it as in `telephoneNumber`"));
            }
        }
        let barred = NEVER.iter().copied().chain([around.account_attribute, &rdn]);
        let barred: Vec<&str> = barred.chain(written.lock.iter().map(|lock| lock.attribute.as_str())).collect();
        if let Some(attribute) = lists.clone().find(|it| barred.iter().any(|barred| same_attribute(barred, it))) {
            return Err(fault(format!("{attribute} cannot be written as an attribute"), "take it out of the lists"));
        }
        // Whoever could write what a login is looked up by could give somebody else's login to an account.
        let asked = around.login_filter.to_ascii_lowercase();
        if let Some(attribute) =
            written.writable.iter().find(|name| asked.contains(&format!("({}=", name.to_ascii_lowercase())))
        {
            let remedy = "take it out of `writable`, or out of `login_filter`";
            return Err(fault(format!("{attribute} is what a login is looked up by"), remedy));
        }
        let odd = written.defaults.values().flatten().find(|value| value.replace("{login}", "").contains(['{', '}']));
        if let Some(value) = odd {
            return Err(fault(format!("`defaults`: {value:?} has a brace"), "write {login} for the login"));
        }
        if !written.empty_member.is_empty() {
            name("empty_member", written.empty_member.clone())?;
        }
        Ok(Self {
            servers: servers.transpose()?,
            service,
            people,
            groups,
            disabled,
            person_classes: written.person_classes,
            rdn,
            attributes,
            defaults: written.defaults,
            writable: written.writable,
            lock: written.lock.map(|LockTable { attribute, value, unlocked }| LockRule { attribute, value, unlocked }),
            group_classes: written.group_classes,
            dynamic_classes: written.dynamic_classes,
            empty_member: written.empty_member,
            memberships: written.memberships,
        })
    }
}

/// The attributes of each field: the usual ones (RFC 2798, eduPerson), and what the file says instead.
fn mapped(
    written: BTreeMap<String, Vec<String>>,
    fault: &dyn Fn(String, &str) -> ConfigFault,
) -> Result<BTreeMap<Field, Vec<String>>, ConfigFault> {
    let usual: [(Field, &[&str]); 7] = [
        (Field::Name, &["cn", "displayName"]),
        (Field::GivenName, &["givenName"]),
        (Field::Surname, &["sn"]),
        (Field::Mails, &["mail"]),
        (Field::Phone, &["telephoneNumber"]),
        (Field::Language, &["preferredLanguage"]),
        (Field::Affiliations, &["eduPersonAffiliation"]),
    ];
    let mut attributes: BTreeMap<Field, Vec<String>> =
        usual.into_iter().map(|(field, names)| (field, names.iter().map(|it| (*it).to_owned()).collect())).collect();
    for (name, names) in written {
        let field = Field::ALL.into_iter().find(|field| field.as_str() == name).ok_or_else(|| {
            let known = Field::ALL.map(Field::as_str).join(", ");
            fault(format!("`attributes` has no field {name}"), &format!("write one of: {known}"))
        })?;
        attributes.insert(field, names);
    }
    Ok(attributes)
}

fn is_attribute(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
}

/// Whether a name is another or lies below it.
pub(crate) fn is_below(name: &str, base: &str) -> bool {
    match (Dn::parse(name), Dn::parse(base)) {
        (Ok(name), Ok(base)) => name.is_within(&base, Scope::Sub),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use crate::settings::Settings;
    use passerelle_core::config::{Block, ConfigFault};
    use std::path::Path;

    const LEAST: &str = "urls = ['ldap://127.0.0.1:389']\nbase = 'dc=a'\npeople_base = 'ou=people,dc=a'\n[provision]\n";

    fn read(more: &str) -> Result<Settings, ConfigFault> {
        Settings::read(&Block::from_text("garonne.directory", Path::new("x.toml"), &format!("{LEAST}{more}")))
    }

    #[test]
    fn defaults_are_the_usual_schema() {
        let provision = read("").unwrap().provision.unwrap();
        assert_eq!((provision.people.as_str(), provision.groups.as_str()), ("ou=people,dc=a", "dc=a"));
        assert_eq!((provision.rdn.as_str(), provision.person_classes.len()), ("uid", 1));
        assert!(provision.lock.is_none() && provision.disabled.is_none() && provision.service.is_none());
    }

    #[test]
    fn each_fault_names_its_key() {
        for (more, word) in [
            ("people = 'ou=elsewhere,dc=b'", "people"),
            ("people = 'x'", "people"),
            ("disabled = 'ou=old,ou=people,dc=a'", "disabled"),
            ("bind_dn = 'cn=x'", "bind_password"),
            ("attributes = { nmae = ['cn'] }", "nmae"),
            ("attributes = { name = ['c n'] }", "c n"),
            ("writable = ['userPassword']", "userPassword"),
            ("writable = ['userid']", "userid"),
            ("writable = ['supannAliasLogin']", "supannAliasLogin"),
            ("writable = ['OBJECTCLASS']", "OBJECTCLASS"),
            ("writable = ['employeeType']\nlock = { attribute = 'employeeType', value = 'x' }", "employeeType"),
            ("defaults = { homeDirectory = ['/home/{uid}'] }", "{uid}"),
            ("memberships = 'nobody'", "nobody"),
            ("lcok = 1", "lcok"),
        ] {
            let fault = read(more).unwrap_err();
            assert!(fault.to_string().contains(word), "{more}: {fault}");
        }
    }
}
