//! The `[realm.<id>.sso.saml]` table.

use crate::federation::{self, LARGEST_FILE, Provider};
use passerelle_core::config::{Block, ConfigFault, SecretSource};
use passerelle_model::Secret;
use saml_rs::{CertificatePem, Credentials, EntityId, PrivateKeyPem};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

/// The attribute that most federations agree on: eduPersonPrincipalName, by its OID.
const PRINCIPAL_NAME: &str = "urn:oid:1.3.6.1.4.1.5923.1.1.1.6";

/// Checked settings.
pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) label: BTreeMap<String, String>,
    pub(crate) entity_id: EntityId,
    /// The attribute with the login, by its name.
    pub(crate) subject: String,
    pub(crate) providers: Vec<Provider>,
    /// Whether the descriptions were signed by whom the settings name.
    pub(crate) signed: bool,
    key: Secret,
    certificate: String,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Settings({}, {} providers)", self.name, self.providers.len())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    entity_id: String,
    metadata: Vec<PathBuf>,
    /// Who signs the files: the federation's certificates, of which there are several while one replaces another.
    #[serde(default)]
    metadata_certificates: Vec<PathBuf>,
    key: SecretSource,
    certificate: PathBuf,
    #[serde(default = "principal_name")]
    subject: String,
    #[serde(default)]
    label: BTreeMap<String, String>,
}

fn principal_name() -> String {
    PRINCIPAL_NAME.to_owned()
}

impl Settings {
    pub(crate) fn read(block: &Block) -> Result<Self, ConfigFault> {
        let table: Table = block.parse()?;
        let entity_id = EntityId::try_new(table.entity_id.clone())
            .map_err(|error| block.fault(format!("entity_id: {error}"), "write an address of ours, for good"))?;
        let pem = |key: &str, path: &Path| {
            let path = block.resolve(path);
            let told = |what| block.fault(format!("{key} {}: {what}", path.display()), "name a PEM file");
            text(&path, 64 * 1024).map_err(told)
        };
        let signers = table.metadata_certificates.iter().map(|path| pem("metadata_certificates", path));
        let signers = signers.collect::<Result<Vec<_>, _>>()?;
        let mut providers: Vec<Provider> = Vec::new();
        for path in &table.metadata {
            let path = block.resolve(path);
            let told = |what: String| {
                let remedy = match signers.as_slice() {
                    [] => "fetch the metadata of the identity provider or the federation into this file",
                    _ => "fetch the file again; do not use it before you know why its signature does not hold",
                };
                block.fault(format!("metadata {}: {what}", path.display()), remedy)
            };
            providers.extend(federation::read(&text(&path, LARGEST_FILE).map_err(told)?, &signers).map_err(told)?);
        }
        if providers.is_empty() {
            return Err(block.fault("metadata is empty: nobody can sign anybody on", "name a metadata file"));
        }
        let certificate = pem("certificate", &table.certificate)?;
        Ok(Self {
            name: format!("{} ({})", block.name(), table.entity_id),
            label: table.label,
            entity_id,
            subject: table.subject,
            providers,
            signed: !signers.is_empty(),
            key: block.secret(&table.key)?,
            certificate,
        })
    }

    /// The provider of an id.
    pub(crate) fn provider(&self, id: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.id == id)
    }

    /// Our key and certificate, for signatures and for what is encrypted to us.
    pub(crate) fn credentials(&self) -> Credentials {
        let key = || Some(PrivateKeyPem::new(self.key.expose_str().unwrap_or_default()));
        let certificate = || Some(CertificatePem::new(self.certificate.as_str()));
        Credentials {
            signing_key: key(),
            signing_certificate: certificate(),
            encryption_certificate: certificate(),
            decryption_key: key(),
            ..Credentials::default()
        }
    }
}

fn text(path: &Path, largest: u64) -> Result<String, String> {
    let told = |error: std::io::Error| error.to_string();
    if std::fs::metadata(path).map_err(told)?.len() > largest {
        return Err(format!("is larger than {} MiB", largest / (1024 * 1024)));
    }
    std::fs::read_to_string(path).map_err(told)
}
