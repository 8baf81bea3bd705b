//! The campus's own certificate authority, one certificate for its servers, one for each institution's gateway.

use crate::failure::Result;
use crate::{files, process};
use std::path::Path;
use std::process::Command;

/// The hosts of the demo, and the mail domains at each: those of the seven that share the last one lie below its.
pub(crate) const GATEWAYS: [(&str, &str); 4] =
    [("garonne", "a.test"), ("autan", "b.test"), ("centre", "c.test"), ("midi", "midi.test")];
const SERVER_DOMAINS: [&str; 3] = ["a.test", "b.test", "c.test"];
const DAYS: &str = "3650";

/// Makes what is missing in `folder`: `ca.pem`, `srv.{pem,key}`, `garonne.{pem,key}` and so on, and
/// `bundle.pem` (the system's authorities and ours, for programs that take only one file).
pub(crate) fn make(folder: &Path) -> Result<()> {
    files::make_folder(folder)?;
    if !folder.join("ca.pem").exists() {
        let mut request = openssl(folder);
        request.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]);
        request.args(["-days", DAYS, "-subj", "/CN=Campus Test CA", "-keyout", "ca.key", "-out", "ca.pem"]);
        request.args(["-addext", "keyUsage=critical,keyCertSign,cRLSign"]);
        process::output(&mut request)?;
    }
    // RSA, as most campuses still have it on their servers.
    let domains = SERVER_DOMAINS.iter().flat_map(|domain| [(*domain).to_owned(), format!("*.{domain}")]);
    certificate(folder, "srv", &["rsa:2048"], domains)?;
    for (institution, domain) in GATEWAYS {
        let host = format!("{institution}.localhost");
        let names = [format!("*.{host}"), host, domain.to_owned(), format!("*.{domain}")];
        certificate(folder, institution, &["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"], names)?;
    }
    let system = files::read_if_there(Path::new("/etc/ssl/certs/ca-certificates.crt"))?.unwrap_or_default();
    let own = files::read(&folder.join("ca.pem"))?;
    files::write(&folder.join("bundle.pem"), system + &own, files::PUBLIC)
}

/// A key and a certificate for these names, `localhost` and 127.0.0.1.
fn certificate(folder: &Path, file: &str, key: &[&str], names: impl IntoIterator<Item = String>) -> Result<()> {
    let (pem, request, extensions) = (format!("{file}.pem"), format!("{file}.csr"), format!("{file}.ext"));
    if folder.join(&pem).exists() {
        return Ok(());
    }
    let mut alternatives = "subjectAltName=DNS:localhost,IP:127.0.0.1".to_owned();
    for name in names {
        alternatives.push_str(",DNS:");
        alternatives.push_str(&name);
    }
    // Strict verifiers (RFC 5280 §4.2.1) want the two key identifiers and a purpose.
    let text = format!(
        "{alternatives}\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n\
         subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
    );
    files::write(&folder.join(&extensions), text, files::PUBLIC)?;
    let mut ask = openssl(folder);
    ask.args(["req", "-newkey"]).args(key).args(["-nodes", "-subj", &format!("/CN={file}")]);
    process::output(ask.args(["-keyout", &format!("{file}.key"), "-out", &request]))?;
    let mut sign = openssl(folder);
    sign.args(["x509", "-req", "-in", &request, "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"]);
    process::output(sign.args(["-days", DAYS, "-extfile", &extensions, "-out", &pem]))?;
    files::remove(&folder.join(request))?;
    files::remove(&folder.join(extensions))
}

fn openssl(folder: &Path) -> Command {
    let mut command = process::quiet("openssl");
    command.current_dir(folder);
    command
}
