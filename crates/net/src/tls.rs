//! Certificates: one for each institution, chosen by the name that the client asks for (SNI, RFC 6066 §3).

use arc_swap::ArcSwap;
use passerelle_settings::{Settings, TlsFiles};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier},
    sign::CertifiedKey,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use std::{collections::HashMap, fmt, path::PathBuf, sync::Arc};

/// Which protocol a TLS listener speaks, for ALPN (RFC 7301).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/2 and HTTP/1.1.
    Http,
    /// IMAP, in clear until STARTTLS or from the first octet.
    Imap,
    /// POP3, in clear until STLS or from the first octet.
    Pop3,
    /// ManageSieve, in clear until STARTTLS.
    Sieve,
    /// SMTP, in clear until STARTTLS or from the first octet.
    Smtp,
    /// FTP, in clear until AUTH TLS or from the first octet; its data connections too.
    Ftp,
}

/// A certificate that cannot be used.
#[derive(Debug)]
pub struct CertificateFault {
    /// The file.
    pub file: PathBuf,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for CertificateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, give a PEM chain and the key that belongs to it", self.file.display(), self.what)
    }
}
impl std::error::Error for CertificateFault {}

/// The certificates in force; new ones take effect with the next handshake.
#[derive(Clone)]
pub struct Certificates {
    provider: Arc<CryptoProvider>,
    by_name: Arc<ByName>,
    /// Whose client certificates are asked for. A change needs a restart, as [listen] does.
    clients: Option<Arc<RootCertStore>>,
}

#[derive(Default)]
struct ByName(ArcSwap<Names>);

#[derive(Default)]
struct Names {
    named: HashMap<String, Arc<CertifiedKey>>,
    fallback: Option<Arc<CertifiedKey>>,
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificates")
    }
}
impl fmt::Debug for ByName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByName")
    }
}

impl Certificates {
    /// Reads the certificates of the settings.
    ///
    /// # Errors
    /// The first file that is no certificate or key, or a key that does not fit.
    pub fn load(settings: &Settings) -> Result<Self, CertificateFault> {
        let clients = settings.client_ca.as_ref().map(authority).transpose()?;
        let it = Self { provider: Arc::new(aws_lc_rs::default_provider()), by_name: Arc::default(), clients };
        it.reload(settings)?;
        Ok(it)
    }

    /// Puts the certificates of new settings in force; none of them when one is wrong.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn reload(&self, settings: &Settings) -> Result<(), CertificateFault> {
        let mut names = Names::default();
        if let Some(files) = &settings.tls {
            names.fallback = Some(self.read(files)?);
        }
        for realm in &settings.realms {
            let (Some(files), Some(front)) = (&realm.tls, &realm.front) else { continue };
            let key = self.read(files)?;
            names.named.extend(front.hosts.iter().map(|host| (host.clone(), Arc::clone(&key))));
            names.fallback.get_or_insert(key);
        }
        for institution in &settings.institutions {
            let Some(files) = &institution.tls else { continue };
            let key = self.read(files)?;
            for host in institution.facts.hosts.iter().chain(&institution.facts.mail_domains) {
                names.named.insert(host.clone(), Arc::clone(&key));
            }
            names.fallback.get_or_insert(key);
        }
        self.by_name.0.store(Arc::new(names));
        Ok(())
    }

    /// Whether there is any certificate.
    pub fn is_empty(&self) -> bool {
        self.by_name.0.load().fallback.is_none()
    }

    /// A TLS configuration for listeners of this protocol: TLS 1.2 and 1.3 (RFC 9325 §3.1). By HTTPS programs may show a
    /// certificate of the authority that the settings name; whoever shows none is served as without it.
    ///
    /// # Errors
    /// When the crypto provider lacks what TLS needs.
    pub fn server_config(&self, protocol: Protocol) -> Result<Arc<ServerConfig>, rustls::Error> {
        let builder =
            ServerConfig::builder_with_provider(Arc::clone(&self.provider)).with_safe_default_protocol_versions()?;
        let builder = match (&self.clients, protocol) {
            (Some(authority), Protocol::Http) => {
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::clone(authority), Arc::clone(&self.provider));
                let verifier = verifier.allow_unauthenticated().build();
                builder.with_client_cert_verifier(verifier.map_err(|error| rustls::Error::General(error.to_string()))?)
            }
            (None, _) | (_, Protocol::Imap | Protocol::Pop3 | Protocol::Sieve | Protocol::Smtp | Protocol::Ftp) => {
                builder.with_no_client_auth()
            }
        };
        let mut config = builder.with_cert_resolver(Arc::clone(&self.by_name) as _);
        config.ticketer = aws_lc_rs::Ticketer::new()?;
        config.alpn_protocols = match protocol {
            Protocol::Http => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
            // No ALPN id is asked for: mail clients send none, or "imap" or "pop3" (RFC 8314 does not demand it).
            Protocol::Imap | Protocol::Pop3 | Protocol::Sieve | Protocol::Smtp | Protocol::Ftp => Vec::new(),
        };
        Ok(Arc::new(config))
    }

    fn read(&self, files: &TlsFiles) -> Result<Arc<CertifiedKey>, CertificateFault> {
        let fault = |file: &PathBuf, what: String| CertificateFault { file: file.clone(), what };
        let chain = CertificateDer::pem_file_iter(&files.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| fault(&files.certificate, error.to_string()))?;
        if chain.is_empty() {
            return Err(fault(&files.certificate, "there is no certificate in it".to_owned()));
        }
        let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| fault(&files.key, error.to_string()))?;
        CertifiedKey::from_der(chain, key, &self.provider)
            .map(Arc::new)
            .map_err(|error| fault(&files.key, error.to_string()))
    }
}

/// The authority of client certificates.
fn authority(file: &PathBuf) -> Result<Arc<RootCertStore>, CertificateFault> {
    let fault = |what: String| CertificateFault { file: file.clone(), what };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| fault(error.to_string()))? {
        let certificate = certificate.map_err(|error| fault(error.to_string()))?;
        roots.add(certificate).map_err(|error| fault(error.to_string()))?;
    }
    if roots.is_empty() { Err(fault("there is no certificate in it".to_owned())) } else { Ok(Arc::new(roots)) }
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let names = self.0.load();
        let named = hello.server_name().and_then(|name| {
            let name = name.to_ascii_lowercase();
            // A host below an institution's name (imap.a.test) is that institution's too.
            let mut rest = Some(name.as_str());
            std::iter::from_fn(move || {
                let here = rest?;
                rest = here.split_once('.').map(|(_, above)| above);
                Some(here)
            })
            .find_map(|name| names.named.get(name).cloned())
        });
        named.or_else(|| names.fallback.clone())
    }
}
