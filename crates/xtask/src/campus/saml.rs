//! SimpleSAMLphp as the identity provider of institution A, on PHP's own server.

use super::Site;
use super::ports::{Institution, Service};
use crate::failure::{Failure, Result};
use crate::{files, process};
use std::path::Path;
use std::process::Command;

/// Where the distribution puts its pages.
const PAGES: &str = "/usr/share/simplesamlphp/www";

/// Starts it; makes its key the first time.
pub(super) fn start(site: &mut Site) -> Result<()> {
    let dir = site.folder("saml-a")?;
    for folder in ["config", "metadata", "cert", "data", "tmp", "sessions", "services"] {
        files::make_folder(&dir.join(folder))?;
    }
    let port = site.ports.saml();
    let mut values = site.values_of(Institution::A, &dir);
    values.set("SAML", port).set("LDAP", site.ports.of(Service::Ldap, Institution::A));
    for (file, template) in [
        ("config/config.php", include_str!("../../campus/saml/config.php")),
        ("config/authsources.php", include_str!("../../campus/saml/authsources.php")),
        ("metadata/saml20-idp-hosted.php", include_str!("../../campus/saml/idp-hosted.php")),
        ("metadata/saml20-sp-remote.php", include_str!("../../campus/saml/sp-remote.php")),
    ] {
        files::write(&dir.join(file), values.fill(file, template)?, files::PUBLIC)?;
    }
    let (key, certificate) = (dir.join("cert/idp.key"), dir.join("cert/idp.pem"));
    if !certificate.exists() {
        let mut openssl = process::quiet("openssl");
        openssl.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=idp.a.test"]);
        process::output(openssl.arg("-keyout").arg(&key).arg("-out").arg(&certificate))?;
    }
    site.account.own(&dir)?;
    // Tests leave their services here.
    files::write(&dir.join("services/README"), "Descriptions of services, as JSON.\n", files::PUBLIC)?;
    let mut php = site.account.daemon("php");
    php.args(["-d", "session.cookie_samesite=", "-S", &format!("127.0.0.1:{port}"), "-t", PAGES]);
    // One process: workers of this server outlive it.
    php.env("SIMPLESAMLPHP_CONFIG_DIR", dir.join("config")).current_dir(&dir);
    site.daemons.start("saml-a", &mut php, &dir.join("php.log"), port)?;
    fetch_metadata(port, &dir.join("idp.xml"))
}

/// Its description, for services to read.
fn fetch_metadata(port: u16, file: &Path) -> Result<()> {
    let address = format!("http://127.0.0.1:{port}/saml2/idp/metadata.php");
    let mut curl: Command = process::quiet("curl");
    curl.args(["-sf", "--noproxy", "*", &address]);
    let xml = process::output(&mut curl)?;
    if !xml.contains("IDPSSODescriptor") {
        return Err(Failure::new(format!("no metadata at {address}")));
    }
    files::write(file, xml, files::PUBLIC)
}
