//! `config/` becomes typed, checked values. An unknown key, a missing file or a name that nothing bears is a fault with
//! its `file:line` and what to do; all faults of a configuration are found in one go.
//!
//! Back-ends' own tables are handed on as [`Block`]s, because only their adapter understands them.

mod deliver;
mod ftp;
mod institution;
mod main_file;
mod mount;
mod origin;
mod portal;
mod scanning;
mod scheduling;
mod sending;
mod spaces;
mod template;

pub use ftp::{Ftp, PortRange};
pub use institution::InstitutionSettings;
pub use main_file::{Limits, Listen, LogFormat, RealmSettings, TlsFiles};
pub use mount::Mount;
pub use origin::{From as OriginFrom, Origin, origins, with_overlay};
pub use passerelle_core::config::Network;
pub use template::Names as TemplateNames;

use passerelle_core::config::{Block, ConfigFault, Document};
use passerelle_model::{InstitutionId, Secret};
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// Largest settings file, in octets.
const LARGEST_FILE: u64 = 1024 * 1024;

/// The settings of an installation.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where each surface listens.
    pub listen: Listen,
    /// The data connections of FTP.
    pub ftp: Ftp,
    /// Whom `passerelle mount` acts for; `None` without `[mount]`.
    pub mount: Option<Mount>,
    /// The certificate for names that no institution has one for.
    pub tls: Option<TlsFiles>,
    /// Networks from which log-in without TLS is taken.
    pub plain_login_from: Vec<Network>,
    /// Balancers whose PROXY header is believed.
    pub proxies: Vec<Network>,
    /// The authority whose client certificates the HTTPS listener asks for; none are asked for without.
    pub client_ca: Option<PathBuf>,
    /// Limits on connections.
    pub limits: Limits,
    /// How the log is written.
    pub log: LogFormat,
    /// The session keys, the newest first.
    pub session_keys: Vec<Secret>,
    /// Where State is.
    pub state: Block,
    /// The realms.
    pub realms: Vec<RealmSettings>,
    /// The institutions.
    pub institutions: Vec<InstitutionSettings>,
    /// Where a bare login belongs when no host says so.
    pub default_institution: Option<InstitutionId>,
}

/// Why a configuration cannot be used: every fault that was found.
#[derive(Debug, Clone)]
pub struct Faults(pub Vec<ConfigFault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}
impl std::error::Error for Faults {}

impl Settings {
    /// Reads `passerelle.toml` and `institutions/*/institution.toml` of a folder.
    ///
    /// # Errors
    /// Every fault that can be told without talking to a back-end.
    pub fn load(folder: &Path) -> Result<Self, Faults> {
        let mut faults = Vec::new();
        let main = Source::read(&folder.join("passerelle.toml")).and_then(|source| main_file::read(&source));
        let institutions = institution::read_all(folder, &mut faults);
        let mut settings = match main {
            Ok(settings) => settings,
            Err(fault) => {
                faults.insert(0, fault);
                return Err(Faults(faults));
            }
        };
        settings.institutions = institutions;
        settings.cross_check(folder, &mut faults);
        if faults.is_empty() { Ok(settings) } else { Err(Faults(faults)) }
    }

    /// What must agree between files.
    fn cross_check(&self, folder: &Path, faults: &mut Vec<ConfigFault>) {
        let main = folder.join("passerelle.toml");
        let whole =
            |what: String, remedy: &str| ConfigFault { file: main.clone(), line: 1, what, remedy: remedy.into() };
        if self.institutions.is_empty() && faults.is_empty() {
            faults.push(whole("there is no institution".into(), "make institutions/<id>/institution.toml"));
        }
        if let Some(id) = &self.default_institution
            && !self.institutions.iter().any(|it| it.facts.id == *id)
        {
            faults.push(whole(format!("default_institution {id} is none"), "name a folder of institutions/"));
        }
        for RealmSettings { id: realm, .. } in &self.realms {
            if !self.institutions.iter().any(|it| it.facts.realm == *realm) {
                faults.push(whole(format!("realm {realm} serves no institution"), "remove it or name it in one"));
            }
        }
        self.check_shared_hosts(&whole, faults);
        for (index, one) in self.institutions.iter().enumerate() {
            let fault = |what: String, remedy: &str| ConfigFault {
                file: one.file.clone(),
                line: 1,
                what,
                remedy: remedy.to_owned(),
            };
            if !self.realms.iter().any(|realm| realm.id == one.facts.realm) {
                faults.push(fault(
                    format!("realm {} is none", one.facts.realm),
                    "add [realm.<id>.directory] to passerelle.toml",
                ));
            }
            for other in &one.facts.shares_with {
                if !self.institutions.iter().any(|it| it.facts.id == *other) {
                    faults.push(fault(format!("shares_with names {other}, which is none"), "name an institution"));
                }
            }
            for other in self.institutions.iter().skip(index.saturating_add(1)) {
                let both = |ours: &[String], theirs: &[String]| ours.iter().find(|it| theirs.contains(it)).cloned();
                let shared = both(&one.facts.hosts, &other.facts.hosts)
                    .or_else(|| both(&one.facts.mail_domains, &other.facts.mail_domains));
                if let Some(name) = shared {
                    let what = format!("{name} belongs to {} and {}", one.facts.id, other.facts.id);
                    faults.push(fault(what, "give each host and domain to one institution"));
                }
            }
        }
    }

    /// A host that institutions of a realm share is nobody's own, and each of them is known by its mail domain.
    fn check_shared_hosts(&self, whole: &dyn Fn(String, &str) -> ConfigFault, faults: &mut Vec<ConfigFault>) {
        let fronts: Vec<_> = self.realms.iter().filter_map(|realm| Some((realm, realm.front.as_ref()?))).collect();
        for (index, (realm, front)) in fronts.iter().enumerate() {
            let others = fronts.iter().skip(index.saturating_add(1));
            let of_others = others.flat_map(|(other, front)| front.hosts.iter().map(|host| (host, other.id.as_str())));
            let own = self.institutions.iter().flat_map(|it| {
                it.facts.hosts.iter().chain(&it.facts.mail_domains).map(|host| (host, it.facts.id.as_str()))
            });
            for (host, other) in of_others.chain(own).filter(|(host, _)| front.hosts.contains(host)) {
                let what = format!("{host} belongs to realm {} and to {other}", realm.id);
                faults.push(whole(what, "give each host to one institution, or to the realm that shares it"));
            }
            let members = self.institutions.iter().filter(|it| it.facts.realm == realm.id);
            for it in members.filter(|it| it.facts.mail_domains.is_empty()) {
                let what = format!("{} shares a host and has no mail_domains", it.facts.id);
                faults.push(whole(what, "give it one: login@domain is how its accounts are named there"));
            }
        }
    }
}

/// A settings file, read; with the template that it stands on, if it names one.
#[derive(Debug, Clone)]
pub(crate) struct Source(pub(crate) Document);

impl Source {
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigFault> {
        Ok(Self(Document::new(path, read_text(path)?)))
    }

    pub(crate) fn parse<T: serde::de::DeserializeOwned>(&self) -> Result<T, ConfigFault> {
        self.0.parse()
    }

    /// A fault at an offset of the text.
    pub(crate) fn fault(&self, at: usize, what: impl fmt::Display, remedy: impl fmt::Display) -> ConfigFault {
        self.0.fault(at, what, remedy)
    }

    /// A path as written, from the file's folder, which must be there.
    pub(crate) fn existing(&self, path: &toml::Spanned<PathBuf>) -> Result<PathBuf, ConfigFault> {
        let full = self.0.folder().join(path.get_ref());
        match std::fs::File::open(&full) {
            Ok(_) => Ok(full),
            Err(error) => {
                Err(self.fault(path.span().start, format!("{}: {error}", full.display()), "name a readable file"))
            }
        }
    }
}

/// The text of a settings file.
pub(crate) fn read_text(path: &Path) -> Result<String, ConfigFault> {
    let told = |what: String| ConfigFault {
        file: path.to_path_buf(),
        line: 0,
        what,
        remedy: "make the file readable, or start with the commented reference in config/".to_owned(),
    };
    let length = std::fs::metadata(path).map_err(|error| told(error.to_string()))?.len();
    if length > LARGEST_FILE {
        return Err(told("is larger than 1 MiB".to_owned()));
    }
    std::fs::read_to_string(path).map_err(|error| told(error.to_string()))
}
