//! `passerelle.toml`: what belongs to the installation as a whole.

use crate::{
    Network, Settings, Source,
    ftp::Ftp,
    institution::{Group, front_look},
    mount::MountTable,
    portal,
};
use passerelle_core::{
    Front, Passwords,
    config::{Block, ConfigFault, SecretSource, Step},
    seal,
};
use passerelle_model::{InstitutionId, RealmId};
use serde::{Deserialize, de::IgnoredAny};
use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};
use toml::Spanned;

/// Where each surface listens; what is left out does not.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Listen {
    /// Web, DAV, XML-RPC over TLS.
    pub https: Option<SocketAddr>,
    /// The same in clear; log-in only from `plain_login_from`.
    pub http: Option<SocketAddr>,
    /// IMAP with STARTTLS.
    pub imap: Option<SocketAddr>,
    /// IMAP over TLS (RFC 8314).
    pub imaps: Option<SocketAddr>,
    /// POP3 with STLS.
    pub pop3: Option<SocketAddr>,
    /// POP3 over TLS (RFC 8314).
    pub pop3s: Option<SocketAddr>,
    /// ManageSieve with STARTTLS.
    pub sieve: Option<SocketAddr>,
    /// Submission of mail with STARTTLS (RFC 6409).
    pub submission: Option<SocketAddr>,
    /// Submission of mail over TLS (RFC 8314).
    pub submissions: Option<SocketAddr>,
    /// Delivery of mail, for the institutions' own MTAs (LMTP, RFC 2033): on a network where nobody else is.
    pub lmtp: Option<SocketAddr>,
    /// FTP with AUTH TLS (RFC 4217).
    pub ftp: Option<SocketAddr>,
    /// FTP over TLS from the first octet, as some clients still want it.
    pub ftps: Option<SocketAddr>,
    /// Metrics and health; for the operator only.
    pub metrics: Option<SocketAddr>,
}

/// Limits on connections. Defaults suit a node of 50,000 clients.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Most connections of one address, all surfaces together.
    pub connections_per_address: u32,
    /// Most connections of one account on this node, by IMAP, by POP3, and so on for each protocol of mail, and by FTP.
    pub connections_per_account: u32,
    /// Most connections of the process.
    pub connections: u32,
    /// How long a client may take to log in, in seconds.
    pub login_seconds: u64,
    /// Largest message that is put into a mailbox by IMAP, in MiB; a store may take less.
    pub appended_mib: u64,
    /// How long a logged-in client may be silent, in seconds (RFC 9051 §5.4: at least 30 minutes).
    pub idle_seconds: u64,
    /// How long a drain waits for what runs, in seconds.
    pub drain_seconds: u64,
    /// How long a wrong password takes to be refused, in milliseconds.
    pub refusal_millis: u64,
    /// Wrong passwords of one address in ten minutes, whoever it tries to be, before it has to wait.
    pub wrong_passwords_per_address: u32,
    /// Memory for a message that waits for its scanner's mark, in MiB.
    pub marking_message_mib: u32,
    /// Memory for all such messages of the process, in MiB.
    pub marking_mib: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_per_address: 2_000,
            connections_per_account: 50,
            connections: 100_000,
            login_seconds: 60,
            appended_mib: 256,
            idle_seconds: 1_860,
            drain_seconds: 30,
            refusal_millis: 1_500,
            wrong_passwords_per_address: 500,
            marking_message_mib: 10,
            marking_mib: 256,
        }
    }
}

/// How the log is written to standard error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For a person.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

/// A certificate chain and its key, as PEM files.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// The chain, the server's own certificate first.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// A `[tls]` table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsTable {
    certificate: Spanned<PathBuf>,
    key: Spanned<PathBuf>,
}

impl TlsTable {
    pub(crate) fn check(&self, source: &Source) -> Result<TlsFiles, ConfigFault> {
        Ok(TlsFiles { certificate: source.existing(&self.certificate)?, key: source.existing(&self.key)? })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    default_institution: Option<Spanned<String>>,
    #[serde(default)]
    log: LogFormat,
    #[serde(default)]
    listen: Listen,
    #[serde(default)]
    ftp: Ftp,
    mount: Option<MountTable>,
    tls: Option<TlsTable>,
    #[serde(default)]
    network: NetworkTable,
    #[serde(default)]
    limits: Limits,
    session: SessionTable,
    #[allow(dead_code, reason = "the adapter reads it from its block")]
    state: IgnoredAny,
    realm: BTreeMap<Spanned<String>, RealmTable>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct NetworkTable {
    plain_login_from: Vec<Network>,
    proxies: Vec<Network>,
    client_ca: Option<Spanned<PathBuf>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionTable {
    keys: Spanned<Vec<SecretSource>>,
}

/// A realm: who its people are, and how they sign on.
#[derive(Debug, Clone)]
pub struct RealmSettings {
    /// Its id.
    pub id: RealmId,
    /// Its directory.
    pub directory: Block,
    /// Its sign-on providers, by kind.
    pub providers: Vec<(String, Block)>,
    /// Where the directory's password is taken.
    pub passwords: Passwords,
    /// The hosts that its institutions share, and how they look before somebody has signed on.
    pub front: Option<Front>,
    /// The certificate of these hosts.
    pub tls: Option<TlsFiles>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RealmTable {
    #[allow(dead_code, reason = "the adapter reads it from its block")]
    directory: IgnoredAny,
    #[serde(default)]
    sso: BTreeMap<String, IgnoredAny>,
    #[serde(default)]
    passwords: PasswordsWord,
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    name: BTreeMap<String, String>,
    branding: Option<Group>,
    #[serde(default)]
    portals: Vec<Spanned<String>>,
    tls: Option<TlsTable>,
}

#[derive(Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PasswordsWord {
    #[default]
    Everywhere,
    Programs,
    Nowhere,
}

/// Reads the file; the institutions come from theirs.
pub(crate) fn read(source: &Source) -> Result<Settings, ConfigFault> {
    let file: File = source.parse()?;
    let block = |steps: &[&str], name: String| {
        let at: Vec<Step> = steps.iter().map(|key| Step::Key((*key).to_owned())).collect();
        Block::within(&source.0, at, name)
    };
    let mut realms = Vec::new();
    for (name, realm) in &file.realm {
        let (at, name) = (name.span().start, name.get_ref().as_str());
        let id = RealmId::parse(name)
            .map_err(|error| source.fault(at, error, "use lower-case letters, digits and hyphens"))?;
        let providers = realm.sso.keys();
        let providers: Vec<_> = providers
            .map(|kind| (kind.clone(), block(&["realm", name, "sso", kind], format!("{name}.sso.{kind}"))))
            .collect();
        let passwords = match realm.passwords {
            PasswordsWord::Everywhere => Passwords::Everywhere,
            PasswordsWord::Programs => Passwords::Programs,
            PasswordsWord::Nowhere => Passwords::Nowhere,
        };
        if providers.is_empty() && passwords != Passwords::Everywhere {
            return Err(source.fault(
                at,
                format!("nobody of realm {name} can sign on to the pages"),
                "add [realm.<id>.sso.<kind>], or take passwords everywhere",
            ));
        }
        let directory = block(&["realm", name, "directory"], format!("{name}.directory"));
        let front = front(source, at, &id, realm)?;
        let tls = realm.tls.as_ref().map(|tls| tls.check(source)).transpose()?;
        realms.push(RealmSettings { id, directory, providers, passwords, front, tls });
    }
    let default_institution = file.default_institution.as_ref().map(|id| {
        InstitutionId::parse(id.get_ref()).map_err(|error| source.fault(id.span().start, error, "name an institution"))
    });
    Ok(Settings {
        listen: file.listen,
        ftp: file.ftp,
        mount: file.mount.map(|mount| mount.check(source)).transpose()?,
        tls: file.tls.map(|tls| tls.check(source)).transpose()?,
        plain_login_from: file.network.plain_login_from,
        proxies: file.network.proxies,
        client_ca: file.network.client_ca.as_ref().map(|path| source.existing(path)).transpose()?,
        limits: file.limits,
        log: file.log,
        session_keys: session_keys(source, &file.session.keys)?,
        state: block(&["state"], "state".to_owned()),
        realms,
        institutions: Vec::new(),
        default_institution: default_institution.transpose()?,
    })
}

/// What is shown at the hosts that institutions share; looks without hosts would be seen nowhere.
fn front(source: &Source, at: usize, id: &RealmId, realm: &RealmTable) -> Result<Option<Front>, ConfigFault> {
    if realm.hosts.is_empty() {
        if !realm.name.is_empty() || realm.branding.is_some() || realm.tls.is_some() || !realm.portals.is_empty() {
            let remedy = "add hosts = [..], the names that its institutions share, or take the rest away";
            return Err(source.fault(at, "a realm without hosts has a name, branding, portals or certificate", remedy));
        }
        return Ok(None);
    }
    if realm.name.is_empty() {
        let remedy = "add [realm.<id>.name] with the name in each language: en = \"..\"";
        return Err(source.fault(at, "a realm with hosts has no name to show there", remedy));
    }
    Ok(Some(Front {
        hosts: realm.hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
        name: realm.name.clone(),
        branding: front_look(source, id, realm.branding.as_ref().unwrap_or(&Group::new()))?,
        portals: portal::origins(source, &realm.portals)?,
    }))
}

fn session_keys(
    source: &Source,
    keys: &Spanned<Vec<SecretSource>>,
) -> Result<Vec<passerelle_model::Secret>, ConfigFault> {
    let at = keys.span().start;
    if keys.get_ref().is_empty() || keys.get_ref().len() > seal::MOST_KEYS {
        return Err(source.fault(at, "session.keys has one key, or two while one runs out", "list one or two"));
    }
    let folder = source.0.folder();
    keys.get_ref()
        .iter()
        .map(|key| {
            let remedy = "write 32 random octets: head -c 32 /dev/urandom > session.key";
            let secret = key.read(folder).map_err(|what| source.fault(at, what, remedy))?;
            if secret.expose().len() < seal::SHORTEST_KEY {
                return Err(source.fault(at, "a session key is shorter than 32 octets", remedy));
            }
            Ok(secret)
        })
        .collect()
}
