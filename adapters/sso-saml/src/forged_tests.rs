//! Answers that somebody altered, wrapped, made for another service or another request, or signed with another key. All must
//! be refused, and what is believed must be what was signed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::string_slice, reason = "a test may panic")]

use super::Saml2;
use crate::settings::Settings;
use base64::{Engine, engine::general_purpose::STANDARD};
use passerelle_core::{
    Error, Result,
    config::Block,
    ports::{Answer, Call, Destination, Headers, Parameters, Prompt, SignOnStart},
};
use passerelle_model::Timestamp;
use saml_rs::{
    AuthnRequest, BrowserInput, CertificatePem, Credentials, EntityId, Idp, IdpConfig, IdpValidationPolicy,
    MetadataTrustPolicy, NameId, PrivateKeyPem, ReplayPolicy, RespondSso, Saml, SamlValidationContext, SpDescriptor,
    SsoEndpoint, Subject,
};
use std::{net::Ipv4Addr, path::Path, process::Command, sync::Mutex, time::SystemTime};

const BASE: &str = "https://garonne.localhost/saml/garonne";
const IDP: &str = "https://idp.test/idp";

#[derive(Debug)]
struct NoHeaders;
impl Headers for NoHeaders {
    fn single(&self, _name: &str) -> Option<&str> {
        None
    }
}

fn make_key(folder: &Path, name: &str) {
    let at = |ending: &str| folder.join(format!("{name}.{ending}"));
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=x", "-keyout"]);
    assert!(openssl.arg(at("key")).arg("-out").arg(at("pem")).output().unwrap().status.success());
}

fn identity_provider(folder: &Path, key: &str) -> Saml<Idp> {
    let read = |ending: &str| std::fs::read_to_string(folder.join(format!("{key}.{ending}"))).unwrap();
    let credentials = Credentials {
        signing_key: Some(PrivateKeyPem::new(read("key"))),
        signing_certificate: Some(CertificatePem::new(read("pem"))),
        ..Credentials::default()
    };
    let config = IdpConfig::builder(EntityId::try_new(IDP).unwrap())
        .sso_endpoint(SsoEndpoint::redirect("https://idp.test/sso").unwrap())
        .credentials(credentials)
        .validation(IdpValidationPolicy::recommended());
    Saml::idp(config.build().unwrap()).unwrap()
}

struct Federation {
    folder: tempfile::TempDir,
    saml: Saml2,
    idp: Saml<Idp>,
}

impl Federation {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        make_key(folder.path(), "sp");
        make_key(folder.path(), "idp");
        let idp = identity_provider(folder.path(), "idp");
        std::fs::write(folder.path().join("idp.xml"), idp.metadata_xml()).unwrap();
        let saml = Self::service(folder.path(), "https://garonne.localhost/saml");
        Self { folder, saml, idp }
    }

    fn service(folder: &Path, entity: &str) -> Saml2 {
        let text = format!(
            "entity_id = \"{entity}\"\nmetadata = [\"idp.xml\"]\nkey = {{ file = \"sp.key\" }}\ncertificate = \"sp.pem\"\nsubject = \"NameID\""
        );
        let block = Block::from_text("x.sso.saml", &folder.join("passerelle.toml"), &text);
        Saml2 { settings: Settings::read(&block).unwrap(), services: Mutex::default() }
    }

    /// Begins a sign-on: the facts, and the request's query.
    fn begin(saml: &Saml2, id: &str) -> (Vec<u8>, String) {
        let none = Parameters::default();
        let start = SignOnStart { base: BASE, id, prompt: Prompt::AsNeeded, parameters: &none };
        match saml.go(&start).unwrap() {
            Answer::Go { to: Destination::Address(address), facts } => {
                (facts, address.split_once('?').unwrap().1.to_owned())
            }
            other => panic!("{other:?}"),
        }
    }

    /// What an identity provider answers to a request of a service, as XML.
    fn answer(idp: &Saml<Idp>, saml: &Saml2, query: &str) -> String {
        let metadata = saml.service(BASE, super::Manner::Plain).unwrap().metadata_xml().to_owned();
        let sp = SpDescriptor::from_metadata_xml(&metadata, MetadataTrustPolicy::UnsignedForCompatibility).unwrap();
        let validation = SamlValidationContext::new(SystemTime::now(), ReplayPolicy::DisabledForCompatibility);
        let request = idp.receive_sso(&sp, BrowserInput::<AuthnRequest>::redirect(query), validation).unwrap();
        let subject = Subject::new(NameId::new("u00003", None), Vec::new());
        let response = idp.respond_sso(&sp, &request, subject, RespondSso::post()).unwrap();
        let answer = response.post_form().unwrap().value("SAMLResponse").unwrap().to_owned();
        String::from_utf8(STANDARD.decode(answer).unwrap()).unwrap()
    }

    fn back(&self, facts: Option<&[u8]>, id: &str, xml: &str, now: Timestamp) -> Result<String> {
        let fields = [("SAMLResponse", STANDARD.encode(xml)), ("RelayState", id.to_owned())];
        let form = Parameters::new(fields.map(|(name, value)| (name.to_owned(), value)));
        let none = Parameters::default();
        let call = Call {
            base: BASE,
            step: "acs",
            is_post: true,
            query: &none,
            raw_query: "",
            form: &form,
            body: b"",
            headers: &NoHeaders,
            peer: Ipv4Addr::LOCALHOST.into(),
            now,
            begun: facts,
        };
        match self.saml.back(&call)? {
            Answer::Proved(assertion) => {
                assert!(assertion.once.is_some_and(|once| !once.id.is_empty()), "the gate lets it through once");
                Ok(assertion.subject.local().to_owned())
            }
            other => panic!("{other:?}"),
        }
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp(i64::try_from(since.as_secs()).unwrap())
}

/// The text from one mark to the end of another.
fn part<'x>(xml: &'x str, from: &str, to: &str) -> &'x str {
    let start = xml.find(from).unwrap_or_else(|| panic!("{from} in {xml}"));
    let end = xml[start..].find(to).unwrap_or_else(|| panic!("{to} in {xml}")) + start + to.len();
    &xml[start..end]
}

#[test]
fn campus_forged_answers_are_refused() {
    let federation = Federation::new();
    let id = "0123456789abcdef0123456789abcdef";
    let (facts, query) = Federation::begin(&federation.saml, id);
    let good = Federation::answer(&federation.idp, &federation.saml, &query);
    assert_eq!(federation.back(Some(&facts), id, &good, now()).unwrap(), "u00003");

    let assertion = part(&good, "<saml:Assertion", "</saml:Assertion>");
    let signature = part(&good, "<ds:Signature", "</ds:Signature>");
    let unsigned = assertion.replace(signature, "");
    let evil = unsigned.replace("u00003", "admin").replace("ID=\"", "ID=\"evil");
    let signed_whole = part(&good, "<samlp:Response", "</samlp:Response>");
    let status = part(&good, "<samlp:Status>", "</samlp:Status>");
    let other_service = Federation::service(federation.folder.path(), "https://other.test/saml");
    let (_, other_query) = Federation::begin(&other_service, id);
    make_key(federation.folder.path(), "stranger");
    let stranger = identity_provider(federation.folder.path(), "stranger");
    let (other_facts, _) = Federation::begin(&federation.saml, id);

    let refused = |what: &str, facts: Option<&[u8]>, relay: &str, xml: &str, now: Timestamp| {
        let outcome = federation.back(facts, relay, xml, now);
        assert!(matches!(outcome, Err(Error::Unauthenticated)), "{what}: {outcome:?}");
    };
    let with_facts = |what: &str, xml: &str| refused(what, Some(&facts), id, xml, now());
    with_facts("altered", &good.replace("u00003", "admin"));
    with_facts("unsigned", &good.replace(signature, ""));
    with_facts("an evil assertion before the signed one", &good.replace(assertion, &format!("{evil}{assertion}")));
    with_facts("an evil assertion behind the signed one", &good.replace(assertion, &format!("{assertion}{evil}")));
    with_facts("the signed one inside of the evil one", &{
        let wrapped = evil.replace("</saml:Assertion>", &format!("{assertion}</saml:Assertion>"));
        good.replace(assertion, &wrapped)
    });
    with_facts("the signature moved to the evil one", &{
        let stolen = evil.replacen("<saml:Subject>", &format!("{signature}<saml:Subject>"), 1);
        good.replace(assertion, &stolen)
    });
    with_facts("the signed answer among extensions", &{
        let extended = format!("<samlp:Extensions>{signed_whole}</samlp:Extensions>{status}");
        good.replace(signature, "").replace(&unsigned, &evil).replacen(status, &extended, 1)
    });
    with_facts("a document type", &format!("<!DOCTYPE x [<!ENTITY e \"admin\">]>{}", good.replace("u00003", "&e;")));
    with_facts("for another service", &Federation::answer(&federation.idp, &other_service, &other_query));
    with_facts("another's key", &Federation::answer(&stranger, &federation.saml, &query));
    with_facts("SHA-1", &good.replace("xmldsig-more#rsa-sha256", "xmldsig#rsa-sha1"));
    with_facts("nothing", "");
    with_facts("no XML", "<");
    refused("of yesterday", Some(&facts), id, &good, now().plus(86_400));
    refused("of tomorrow", Some(&facts), id, &good, now().plus(-86_400));
    refused("to another request", Some(&other_facts), id, &good, now());
    refused("that nobody asked for", None, id, &good, now());

    // A comment inside of a name is no part of what is signed; the name must be read whole all the same, or not at all.
    match federation.back(Some(&facts), id, &good.replace("u00003", "u0<!-- -->0003"), now()) {
        Ok(subject) => assert_eq!(subject, "u00003"),
        Err(error) => assert!(matches!(error, Error::Unauthenticated), "{error:?}"),
    }
}
