//! A federation's file as `xmlsec1` signs it, and what somebody makes of it on the way: all of that must be refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]

use super::{Provider, read};
use std::{fs, path::Path, process::Command};

const EVIL: &str = "<md:EntityDescriptor entityID=\"https://evil\"><md:IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"><md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"https://evil/sso\"/></md:IDPSSODescriptor></md:EntityDescriptor>";

/// A folder with keys of two who sign, and files that they signed.
struct Signing(tempfile::TempDir);

impl Signing {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["federation", "other"] {
            let at = |ending: &str| folder.path().join(format!("{name}.{ending}"));
            let mut make = Command::new("openssl");
            make.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=x", "-keyout"]);
            assert!(make.arg(at("key")).arg("-out").arg(at("pem")).output().unwrap().status.success());
        }
        Self(folder)
    }

    fn at(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn certificate(&self, name: &str) -> String {
        fs::read_to_string(self.at(&format!("{name}.pem"))).unwrap()
    }

    /// Fills the signature that stands in a file, as a federation does.
    fn sign(&self, template: &str, key: &str, element: &str) -> String {
        let (template_at, signed_at) = (self.at("template.xml"), self.at("signed.xml"));
        fs::write(&template_at, template).unwrap();
        let keys =
            [self.at(&format!("{key}.key")), self.at(&format!("{key}.pem"))].map(|path| path.display().to_string());
        let output = Command::new("xmlsec1")
            .args(["--sign", "--privkey-pem", &keys.join(","), "--id-attr:ID", element, "--output"])
            .arg(&signed_at)
            .arg(&template_at)
            .output()
            .expect("xmlsec1 is needed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        fs::read_to_string(signed_at).unwrap()
    }

    #[track_caller]
    fn refuses(&self, what: &str, xml: &str) {
        let told = read(xml, &[self.certificate("federation")]);
        assert!(told.is_err(), "{what}: {:?}", ids(&told.unwrap()));
        // It is the signature that refuses: without the certificate the file is taken as it is, unless it can be none at all.
        if !what.contains("inside the signature") {
            assert!(read(xml, &[]).is_ok(), "{what}: the file itself is sound");
        }
    }
}

fn ids(found: &[Provider]) -> Vec<&str> {
    found.iter().map(|provider| provider.id.as_str()).collect()
}

/// A signature to be filled.
fn signature(reference: &str, method: &str, digest: &str, more: &str) -> String {
    format!(
        "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/><ds:SignatureMethod Algorithm=\"{method}\"/><ds:Reference URI=\"{reference}\"><ds:Transforms><ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/><ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms><ds:DigestMethod Algorithm=\"{digest}\"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data/></ds:KeyInfo>{more}</ds:Signature>"
    )
}

const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

fn federation(signature: &str) -> String {
    let entity = |id: &str| EVIL.replace("https://evil", id);
    format!(
        "<?xml version=\"1.0\"?>\n<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" ID=\"f1\" validUntil=\"2030-01-01T00:00:00Z\">{signature}{}{}</md:EntitiesDescriptor>",
        entity("https://one"),
        entity("https://two"),
    )
}

#[test]
fn what_the_federation_signed_is_read() {
    let signing = Signing::new();
    let certificates = ["other", "federation"].map(|name| signing.certificate(name));
    for reference in ["#f1", ""] {
        let xml = signing.sign(
            &federation(&signature(reference, RSA_SHA256, SHA256, "")),
            "federation",
            "EntitiesDescriptor",
        );
        for certificates in [&certificates[..], &certificates[1..]] {
            assert_eq!(ids(&read(&xml, certificates).unwrap()), ["https://one", "https://two"]);
        }
    }
    // One provider by itself, signed with its own key.
    let alone = EVIL.replace("https://evil", "https://one").replacen(
        " entityID",
        " xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" ID=\"f1\" entityID",
        1,
    );
    let (tag, rest) = alone.split_once('>').unwrap();
    let alone = format!("{tag}>{}{rest}", signature("#f1", RSA_SHA256, SHA256, ""));
    let xml = signing.sign(&alone, "other", "EntityDescriptor");
    assert_eq!(ids(&read(&xml, &certificates).unwrap()), ["https://one"]);
    assert!(read(&xml, &certificates[1..]).is_err(), "signed by the other");
}

#[test]
fn what_somebody_made_of_it_is_refused() {
    let signing = Signing::new();
    let template = federation(&signature("#f1", RSA_SHA256, SHA256, ""));
    let good = signing.sign(&template, "federation", "EntitiesDescriptor");
    let evil = |before: &str| good.replacen(before, &format!("{EVIL}{before}"), 1);
    let own = EVIL
        .replace("<md:EntityDescriptor ", "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" ");
    let body = good.split_once("?>").unwrap().1;
    let wrapped = |id: &str| {
        format!(
            "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" ID=\"{id}\">{EVIL}{body}</md:EntitiesDescriptor>"
        )
    };
    signing.refuses("not signed", &federation(""));
    signing.refuses("signed by another", &signing.sign(&template, "other", "EntitiesDescriptor"));
    signing.refuses("an address changed", &good.replacen("https://two/sso", "https://evil/sso", 1));
    signing.refuses("until when it holds changed", &good.replacen("2030-", "2999-", 1));
    signing.refuses("one more", &evil("</md:EntitiesDescriptor>"));
    signing.refuses("one more in front", &evil("<md:EntityDescriptor"));
    signing.refuses("wrapped", &wrapped("f0"));
    signing.refuses("wrapped under the same name", &wrapped("f1"));
    signing.refuses("one more inside the signature", &evil("</ds:Signature>"));
    let object = format!("<ds:Object>{own}</ds:Object></ds:Signature>");
    signing.refuses("one more in an object inside the signature", &good.replacen("</ds:Signature>", &object, 1));
    let info = format!("{own}</ds:KeyInfo>");
    signing
        .refuses("one more in what is told of the key inside the signature", &good.replacen("</ds:KeyInfo>", &info, 1));
    let nobody = good.split_once("<ds:SignatureValue>").unwrap();
    let nobody = format!("{}<ds:SignatureValue>AAAA{}", nobody.0, nobody.1.get(4..).unwrap());
    signing.refuses("the signature changed", &nobody);
    // Only one of its entities is signed, and the rest is anybody's.
    let inner = template.replacen(" ID=\"f1\"", " ID=\"f0\"", 1).replacen(
        "entityID=\"https://one\"",
        "ID=\"f1\" entityID=\"https://one\"",
        1,
    );
    signing.refuses("a part of it signed", &signing.sign(&inner, "federation", "EntityDescriptor"));
}

#[test]
fn algorithms_that_are_broken_are_refused() {
    let signing = Signing::new();
    let mut made = 0;
    for (method, digest) in [
        ("http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2000/09/xmldsig#sha1"),
        (RSA_SHA256, "http://www.w3.org/2000/09/xmldsig#sha1"),
        ("http://www.w3.org/2001/04/xmldsig-more#rsa-md5", SHA256),
    ] {
        let template = federation(&signature("#f1", method, digest, ""));
        let keys = format!("{},{}", signing.at("federation.key").display(), signing.at("federation.pem").display());
        let (from, to) = (signing.at("template.xml"), signing.at("signed.xml"));
        fs::write(&from, &template).unwrap();
        let mut sign = Command::new("xmlsec1");
        sign.args(["--sign", "--privkey-pem", &keys, "--id-attr:ID", "EntitiesDescriptor", "--output"])
            .arg(&to)
            .arg(&from);
        // Some builds of xmlsec1 do not make such signatures any more.
        if sign.output().unwrap().status.success() {
            signing.refuses(method, &fs::read_to_string(&to).unwrap());
            made += 1;
        }
    }
    assert!(made > 0, "xmlsec1 makes none of them");
}

#[test]
fn settings_name_the_file_whose_signature_does_not_hold() {
    let signing = Signing::new();
    let good = signing.sign(&federation(&signature("#f1", RSA_SHA256, SHA256, "")), "federation", "EntitiesDescriptor");
    let told = |name: &str, xml: &str, certificate: &str| {
        fs::write(signing.at(name), xml).unwrap();
        let text = format!(
            "entity_id = \"https://x/saml\"\nmetadata = [\"{name}\"]\nmetadata_certificates = [\"{certificate}\"]\nkey = {{ file = \"other.key\" }}\ncertificate = \"other.pem\""
        );
        let block =
            passerelle_core::config::Block::from_text("x.sso.saml", Path::new(&signing.at("passerelle.toml")), &text);
        crate::settings::Settings::read(&block)
            .map(|settings| settings.providers.len())
            .map_err(|fault| fault.to_string())
    };
    assert_eq!(told("good.xml", &good, "federation.pem"), Ok(2));
    for (name, xml, certificate, word) in [
        ("bad.xml", good.replacen("https://two/sso", "https://evil/sso", 1).as_str(), "federation.pem", "bad.xml"),
        ("unsigned.xml", &federation(""), "federation.pem", "not signed"),
        ("good.xml", &good, "other.pem", "good.xml"),
        ("good.xml", &good, "missing.pem", "metadata_certificates"),
        ("good.xml", &good, "other.key", "good.xml"),
    ] {
        let fault = told(name, xml, certificate).unwrap_err();
        assert!(fault.contains("passerelle.toml:") && fault.contains(word), "{fault}");
    }
}
