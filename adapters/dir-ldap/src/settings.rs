//! The settings of the kind `ldap`, checked.

use crate::{
    dial::{Security, Server, Service},
    login::Template,
    provision::{self, Around, ProvisionSettings},
};
use passerelle_core::config::{self, Block, ConfigFault, SecretSource};
use passerelle_wire_filter::{Dn, Filter};
use rustls::ClientConfig;
use serde::Deserialize;
use std::{fmt::Display, ops::RangeInclusive, path::PathBuf, sync::Arc, time::Duration};

/// Most servers of one directory.
pub(crate) const MOST_SERVERS: usize = 8;

/// What the file says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    urls: Vec<String>,
    #[serde(default)]
    starttls: bool,
    ca: Option<PathBuf>,
    base: String,
    bind_dn: Option<String>,
    bind_password: Option<SecretSource>,
    people_base: Option<String>,
    groups_base: Option<String>,
    #[serde(default = "login_filter")]
    login_filter: String,
    #[serde(default = "account_attribute")]
    account_attribute: String,
    #[serde(default = "alias_attributes")]
    alias_attributes: Vec<String>,
    #[serde(default = "people_filter")]
    people_filter: String,
    #[serde(default = "listed_filter")]
    listed_filter: String,
    #[serde(default = "timeout_ms")]
    timeout_ms: u64,
    #[serde(default = "cache_seconds")]
    cache_seconds: u64,
    #[serde(default = "negative_cache_seconds")]
    negative_cache_seconds: u64,
    #[serde(default = "connections")]
    connections: usize,
    #[serde(default = "bind_connections")]
    bind_connections: usize,
    #[serde(default = "page_size")]
    page_size: i32,
    #[serde(default)]
    nested: bool,
    provision: Option<provision::Written>,
}

fn login_filter() -> String {
    "(&(objectClass=inetOrgPerson)(|(uid={login})(mail={address})(supannAliasLogin={login})))".to_owned()
}
fn account_attribute() -> String {
    "uid".to_owned()
}
fn alias_attributes() -> Vec<String> {
    vec!["mailAlternateAddress".to_owned()]
}
fn people_filter() -> String {
    "(objectClass=inetOrgPerson)".to_owned()
}
fn listed_filter() -> String {
    "(!(supannListeRouge=TRUE))".to_owned()
}
const fn timeout_ms() -> u64 {
    5000
}
const fn cache_seconds() -> u64 {
    60
}
const fn negative_cache_seconds() -> u64 {
    10
}
const fn connections() -> usize {
    2
}
const fn bind_connections() -> usize {
    8
}
const fn page_size() -> i32 {
    500
}

/// What they mean.
#[derive(Debug)]
pub(crate) struct Settings {
    /// How messages call the directory: `garonne.directory (ldap://...)`.
    pub(crate) name: String,
    /// In the order of preference.
    pub(crate) servers: Vec<Server>,
    /// How the servers' certificates are checked; `None` when all is in clear.
    pub(crate) tls: Option<Arc<ClientConfig>>,
    /// Where the trusted certificates come from, in words.
    pub(crate) trust: String,
    /// Who searches; `None` means nobody in particular.
    pub(crate) service: Option<Service>,
    pub(crate) people_base: String,
    pub(crate) groups_base: String,
    /// `groups_base`, understood.
    pub(crate) groups_below: Dn,
    pub(crate) login: Template,
    pub(crate) account_attribute: String,
    /// Attributes beside `mail` with addresses that a person may send under.
    pub(crate) alias_attributes: Vec<String>,
    pub(crate) people_filter: Filter,
    pub(crate) listed_filter: Filter,
    /// The deadline of each question, all its steps together.
    pub(crate) timeout: Duration,
    pub(crate) cache: Duration,
    pub(crate) negative_cache: Duration,
    pub(crate) connections: usize,
    pub(crate) bind_connections: usize,
    pub(crate) page_size: i32,
    /// Whether groups may be members of groups.
    pub(crate) nested: bool,
    /// How accounts and groups are written; `None` where they are only read.
    pub(crate) provision: Option<ProvisionSettings>,
}

impl Settings {
    pub(crate) fn read(block: &Block) -> Result<Self, ConfigFault> {
        let written: Written = block.parse()?;
        if written.urls.is_empty() || written.urls.len() > MOST_SERVERS {
            let what = format!("`urls` has {} servers", written.urls.len());
            return Err(block.fault(what, format_args!("name 1 to {MOST_SERVERS}, as in `ldap://ldap.example.org`")));
        }
        let servers = written.urls.iter().map(|url| {
            Server::parse(url, written.starttls)
                .map_err(|what| block.fault(format_args!("`urls`: {what}"), "write it as `ldap://host:port`"))
        });
        let servers: Vec<Server> = servers.collect::<Result<_, _>>()?;
        let (tls, trust) = trust(block, &servers, written.ca)?;
        let service = match (written.bind_dn, &written.bind_password) {
            (Some(dn), Some(password)) => {
                name(block, "bind_dn", &dn)?;
                Some(Service { dn, password: block.secret(password)? })
            }
            (None, None) => None,
            _ => {
                let remedy = "set both, or none to search without a bind";
                return Err(block.fault("only one of `bind_dn` and `bind_password` is set", remedy));
            }
        };
        name(block, "base", &written.base)?;
        let people_base = written.people_base.unwrap_or_else(|| written.base.clone());
        name(block, "people_base", &people_base)?;
        let groups_base = written.groups_base.unwrap_or(written.base);
        let groups_below = name(block, "groups_base", &groups_base)?;
        let login = Template::parse(&written.login_filter).map_err(|what| {
            block.fault(format_args!("`login_filter`: {what}"), "write it as in the default, with {login} as a value")
        })?;
        let is_name = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-';
        let is_attribute = |text: &String| !text.is_empty() && text.bytes().all(is_name);
        if !is_attribute(&written.account_attribute) {
            return Err(block.fault("`account_attribute` is no attribute's name", "write it as in `uid`"));
        }
        if !written.alias_attributes.iter().all(is_attribute) {
            let remedy = "write them as in `[\"mailAlternateAddress\"]`";
            return Err(block.fault("`alias_attributes` has what is no attribute's name", remedy));
        }
        let around = Around {
            people_base: &people_base,
            groups_base: &groups_base,
            account_attribute: &written.account_attribute,
            login_filter: &written.login_filter,
            starttls: written.starttls,
        };
        let provision = written.provision.map(|table| ProvisionSettings::read(block, table, &around));
        let urls: Vec<&str> = servers.iter().map(|server| server.url.as_str()).collect();
        Ok(Self {
            name: format!("{} ({})", block.name(), urls.join(", ")),
            servers,
            tls,
            trust,
            service,
            people_base,
            groups_base,
            groups_below,
            login,
            account_attribute: written.account_attribute,
            alias_attributes: written.alias_attributes,
            people_filter: filter(block, "people_filter", &written.people_filter)?,
            listed_filter: filter(block, "listed_filter", &written.listed_filter)?,
            timeout: Duration::from_millis(within(block, "timeout_ms", written.timeout_ms, 100..=60_000)?),
            cache: Duration::from_secs(within(block, "cache_seconds", written.cache_seconds, 0..=3600)?),
            negative_cache: Duration::from_secs(within(
                block,
                "negative_cache_seconds",
                written.negative_cache_seconds,
                0..=3600,
            )?),
            connections: within(block, "connections", written.connections, 1..=32)?,
            bind_connections: within(block, "bind_connections", written.bind_connections, 1..=256)?,
            page_size: within(block, "page_size", written.page_size, 1..=10_000)?,
            nested: written.nested,
            provision: provision.transpose()?,
        })
    }
}

fn trust(
    block: &Block,
    servers: &[Server],
    ca: Option<PathBuf>,
) -> Result<(Option<Arc<ClientConfig>>, String), ConfigFault> {
    let ca = ca.map(|path| block.resolve(&path));
    let trust = ca.as_ref().map_or_else(|| "the system's authorities".to_owned(), |path| path.display().to_string());
    if servers.iter().all(|server| server.security == Security::Clear) {
        if ca.is_some() {
            let remedy = "write ldaps:// in `urls`, or set `starttls = true`";
            return Err(block.fault("`ca` is set and no connection is encrypted", remedy));
        }
        return Ok((None, trust));
    }
    let config = config::trust(ca.as_deref()).map_err(|what| {
        block.fault(format_args!("`ca`: {what}"), "name a PEM file with the authority's certificate")
    })?;
    Ok((Some(config), trust))
}

fn name(block: &Block, key: &str, text: &str) -> Result<Dn, ConfigFault> {
    Dn::parse(text).map_err(|error| block.fault(format_args!("`{key}`: {error}"), "write it as in `dc=example,dc=org`"))
}

fn filter(block: &Block, key: &str, text: &str) -> Result<Filter, ConfigFault> {
    Filter::parse(text)
        .map_err(|error| block.fault(format_args!("`{key}`: {error}"), "write it as in `(objectClass=inetOrgPerson)`"))
}

fn within<T: PartialOrd + Display>(
    block: &Block,
    key: &str,
    value: T,
    allowed: RangeInclusive<T>,
) -> Result<T, ConfigFault> {
    if allowed.contains(&value) {
        return Ok(value);
    }
    let remedy = format!("write {} to {}", allowed.start(), allowed.end());
    Err(block.fault(format_args!("`{key}` is {value}"), remedy))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use std::path::Path;

    const LEAST: &str = "kind = 'ldap'\nurls = ['ldap://127.0.0.1:389']\nbase = 'dc=a,dc=test'\n";

    fn read(more: &str) -> Result<Settings, ConfigFault> {
        Settings::read(&Block::from_text("garonne.directory", Path::new("x.toml"), &format!("{LEAST}{more}")))
    }

    #[test]
    fn defaults() {
        let settings = read("").unwrap();
        assert_eq!(settings.name, "garonne.directory (ldap://127.0.0.1:389)");
        assert_eq!(settings.people_base, "dc=a,dc=test");
        assert_eq!((settings.timeout, settings.cache), (Duration::from_secs(5), Duration::from_secs(60)));
        assert_eq!((settings.connections, settings.bind_connections, settings.page_size), (2, 8, 500));
        assert!(settings.service.is_none() && settings.tls.is_none() && !settings.nested);
    }

    #[test]
    fn each_fault_names_its_key() {
        for (more, word) in [
            ("basis = 'x'", "basis"),
            ("bind_dn = 'cn=x'", "bind_password"),
            ("bind_dn = 'cn=x'\nbind_password = { env = 'PASSERELLE_NO_SUCH' }", "PASSERELLE_NO_SUCH"),
            ("people_base = 'x'", "people_base"),
            ("people_filter = 'x'", "people_filter"),
            ("listed_filter = '(x'", "listed_filter"),
            ("login_filter = '(uid=x)'", "login_filter"),
            ("account_attribute = 'a=b'", "account_attribute"),
            ("alias_attributes = ['']", "alias_attributes"),
            ("timeout_ms = 10", "timeout_ms"),
            ("connections = 0", "connections"),
            ("bind_connections = 1000", "bind_connections"),
            ("page_size = 0", "page_size"),
            ("ca = 'x.pem'", "encrypted"),
            ("starttls = true\nca = 'no-such.pem'", "no-such.pem"),
        ] {
            let fault = read(more).unwrap_err();
            assert!(fault.to_string().contains(word), "{more}: {fault}");
        }
    }

    #[test]
    fn a_secret_never_prints() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("secret"), "hunter2\n").unwrap();
        let text = format!("{LEAST}bind_dn = 'cn=x'\nbind_password = {{ file = 'secret' }}\n");
        let settings = Settings::read(&Block::from_text("x", &folder.path().join("x.toml"), &text)).unwrap();
        assert_eq!(settings.service.as_ref().unwrap().password.expose(), b"hunter2");
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
