//! Signing on at the campus's real providers, in Chromium, on two nodes: what opens, and what ends it.

use crate::{
    browser,
    harness::{Gateway, Imap, State, campus, curl, root, run, try_run},
    nodes::Database,
};
use std::{fs, path::Path};

/// Puts lines behind a table of the main settings.
pub fn extend(config: &Path, lines: &str) {
    let file = config.join("passerelle.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}\n{lines}")).unwrap();
}

/// Both institutions sign on at their CAS servers; garonne's store takes tickets and nothing else, autan's the master.
fn with_cas(config: &Path) {
    for (realm, port) in [("garonne", campus("CAMPUS_CAS_A")), ("autan", campus("CAMPUS_CAS_B"))] {
        let proxy = if realm == "garonne" { "proxy = \"callback\"" } else { "" };
        extend(
            config,
            &format!(
                "[realm.{realm}]\npasswords = \"programs\"\n[realm.{realm}.sso.cas]\nurl = \"http://127.0.0.1:{port}/cas\"\n{proxy}\n"
            ),
        );
    }
    let settings = config.join("institutions/garonne/institution.toml");
    let text = fs::read_to_string(&settings).unwrap();
    let (before, after) = text.split_once("[mail.master]").unwrap();
    let (_, files) = after.split_once("[files.home]").unwrap();
    fs::write(&settings, format!("{before}ticket_service = \"imap://127.0.0.1/\"\n[files.home]{files}")).unwrap();
}

/// What the visitor printed, line by line.
#[allow(clippy::print_stdout, reason = "how long a log-out took belongs to what a run tells")]
pub(crate) fn visit(nodes: [&Gateway; 2], host: &str, login: &str, kind: &str) -> Vec<serde_json::Value> {
    let folder = root().join("tests/e2e/browser");
    browser::install(&folder);
    let certificates = Path::new(campus("CAMPUS_CA")).parent().unwrap().to_str().unwrap();
    let script = folder.join("sign_on.mjs");
    let [first, second] = nodes.map(|node| node.https.to_string());
    let visit = try_run("node", &[script.to_str().unwrap(), certificates, host, login, kind, &first, &second]);
    let said = String::from_utf8_lossy(&visit.stdout).into_owned();
    assert!(visit.status.success(), "{said}\n{}", String::from_utf8_lossy(&visit.stderr));
    println!("{said}");
    said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn cas_opens_mail_and_files_and_one_log_out_ends_it_on_both_nodes() {
    let database = Database::make("sso_cas");
    let state = State::Postgres(database.0.clone());
    let first = Gateway::start_with("cas-a", &state, with_cas);
    let second = first.twin_with("cas-b", &state, with_cas);
    for (host, login) in [("garonne", "u00011"), ("autan", "u00012")] {
        fs::create_dir_all(first.home(host, login)).unwrap();
        let said = visit([&first, &second], host, login, "cas");
        assert_eq!(said[0]["files"], true, "{}", said[0]["shown"]);
        assert_eq!(said[0]["mail"], true, "{}", said[0]["shown"]);
        if host == "autan" {
            // The log-out at the provider left the app password, the one everywhere ended it.
            let secret = said[1]["secret"].as_str().unwrap();
            assert!(refused(&second, &format!("{login}@b.test"), secret));
        }
    }
    assert!(!first.log().contains("PGT-") && !first.log().contains("ST-"), "no ticket is in the log");
}

/// A client of the campus's OpenID provider, registered for these gateways; its id and secret.
pub fn register(ports: &[u16], name: &str) -> (String, String) {
    let at = |port: &u16, path: &str| format!("https://autan.localhost:{port}{path}");
    let all = |path: &str| ports.iter().map(|port| at(port, path)).collect::<Vec<_>>();
    let client = serde_json::json!({
        "client_name": name,
        "redirect_uris": all("/oidc/autan/callback"),
        "post_logout_redirect_uris": all("/login?signed=out"),
        "backchannel_logout_uri": at(&ports[0], "/oidc/autan/backchannel"),
        "backchannel_logout_session_required": true,
        "grant_types": ["authorization_code", "refresh_token"],
    });
    let url = format!("http://127.0.0.1:{}/reg", campus("CAMPUS_OIDC"));
    let answer = run("curl", &["-sf", "-H", "Content-Type: application/json", "-d", &client.to_string(), &url]);
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    (text("client_id"), text("client_secret"))
}

/// autan signs on at the OpenID provider, and its store takes the tokens and nothing else.
pub fn with_oidc(config: &Path, (id, secret): &(String, String)) {
    fs::write(config.join("oidc-secret"), secret).unwrap();
    let port = campus("CAMPUS_OIDC");
    extend(
        config,
        &format!(
            "[realm.autan]\npasswords = \"programs\"\n[realm.autan.sso.oidc]\nissuer = \"http://127.0.0.1:{port}\"\nclient_id = \"{id}\"\nclient_secret = {{ file = \"oidc-secret\" }}\nsubject = \"preferred_username\"\ntokens = true\nresource = \"urn:campus:imap\"\n"
        ),
    );
    let settings = config.join("institutions/autan/institution.toml");
    let text = fs::read_to_string(&settings).unwrap();
    let (before, after) = text.split_once("[mail.master]").unwrap();
    let (_, files) = after.split_once("[files.home]").unwrap();
    fs::write(&settings, format!("{before}bearer = \"oauthbearer\"\n[files.home]{files}")).unwrap();
}

#[test]
fn openid_connect_opens_mail_by_token_and_one_log_out_ends_it_on_both_nodes() {
    let database = Database::make("sso_oidc");
    let state = State::Postgres(database.0.clone());
    // The provider must know the addresses before the gateways can know their client.
    let mut first = Gateway::start_with("oidc-a", &state, |_| {});
    let mut second = first.twin("oidc-b", &state);
    let client = register(&[first.https, second.https], "short");
    for node in [&mut first, &mut second] {
        node.kill();
        with_oidc(&node.config(), &client);
        node.run();
    }
    fs::create_dir_all(first.home("autan", "u00015")).unwrap();
    let said = visit([&first, &second], "autan", "u00015", "oidc");
    assert_eq!((&said[0]["files"], &said[0]["mail"]), (&true.into(), &true.into()), "{}", said[0]["shown"]);
    assert!(refused(&second, "u00015@b.test", said[1]["secret"].as_str().unwrap()));
    let log = Path::new(campus("CAMPUS_CA")).parent().unwrap().with_file_name("oidc-b/server.log");
    assert!(fs::read_to_string(log).unwrap().contains("refresh_token"), "a token that ran out was changed");
    for node in [&first, &second] {
        assert!(!node.log().contains("eyJ"), "no token is in the log");
    }
}

/// garonne signs on at SimpleSAMLphp, which knows the service by what the test leaves there.
pub fn with_saml(config: &Path, entity: &str) {
    let metadata = Path::new(campus("CAMPUS_CA")).parent().unwrap().with_file_name("saml-a/idp.xml");
    extend(
        config,
        &format!(
            "[realm.garonne]\npasswords = \"programs\"\n[realm.garonne.sso.saml]\nentity_id = \"{entity}\"\nmetadata = [{metadata:?}]\nkey = {{ file = \"saml.key\" }}\ncertificate = \"saml.pem\"\nsubject = \"urn:oid:0.9.2342.19200300.100.1.1\"\n"
        ),
    );
}

/// A key for a service provider and its certificate.
pub fn make_key(config: &Path) {
    let at = |name: &str| config.join(name).to_str().unwrap().to_owned();
    let made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=gateway"];
    run("openssl", &[&made[..], &["-keyout", &at("saml.key"), "-out", &at("saml.pem")]].concat());
}

/// Tells the identity provider of these gateways.
pub fn describe(entity: &str, ports: &[u16], config: &Path) {
    let at = |port: &u16, path: &str| format!("https://garonne.localhost:{port}{path}");
    let pem = fs::read_to_string(config.join("saml.pem")).unwrap();
    let service = serde_json::json!({
        "entityId": entity,
        "acs": ports.iter().map(|port| at(port, "/saml/garonne/acs")).collect::<Vec<_>>(),
        "slo": at(&ports[0], "/saml/garonne/slo"),
        "certificate": pem.lines().filter(|line| !line.starts_with('-')).collect::<String>(),
    });
    let services = Path::new(campus("CAMPUS_CA")).parent().unwrap().with_file_name("saml-a/services");
    fs::write(services.join(format!("{}.json", std::process::id())), service.to_string()).unwrap();
}

#[test]
fn saml_opens_mail_and_files_and_one_log_out_ends_it_on_both_nodes() {
    let database = Database::make("sso_saml");
    let state = State::Postgres(database.0.clone());
    let entity = format!("https://garonne.localhost/saml/{}", std::process::id());
    let first = Gateway::start_with("saml-a", &state, |config| {
        make_key(config);
        with_saml(config, &entity);
    });
    let second = first.twin_with("saml-b", &state, |config| {
        let other = config.parent().unwrap().with_file_name(format!("saml-a-{}", std::process::id())).join("config");
        for name in ["saml.key", "saml.pem"] {
            fs::copy(other.join(name), config.join(name)).unwrap();
        }
        with_saml(config, &entity);
    });
    describe(&entity, &[first.https, second.https], &first.config());
    fs::create_dir_all(first.home("garonne", "u00016")).unwrap();
    let said = visit([&first, &second], "garonne", "u00016", "saml");
    assert_eq!((&said[0]["files"], &said[0]["mail"]), (&true.into(), &true.into()), "{}", said[0]["shown"]);
    assert!(refused(&second, "u00016@a.test", said[1]["secret"].as_str().unwrap()));
    let metadata = curl(&first, "garonne.localhost", None, "GET", "/saml/garonne/metadata", &[]);
    assert!(metadata.body.contains(&entity) && metadata.body.contains("/saml/garonne/acs"), "{}", metadata.body);
    assert!(!first.log().contains("SAMLResponse"));
}

pub(crate) fn refused(gateway: &Gateway, login: &str, secret: &str) -> bool {
    let (mut imap, _) = Imap::connect(gateway.imap);
    imap.command(&format!("l LOGIN {login} {secret}")).last().unwrap().starts_with("l NO")
}

/// A browser of curl's, with a cookie jar.
pub struct Jar(tempfile::TempDir);

impl Jar {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// One request; the head and the body.
    pub fn get(&self, url: &str, more: &[&str]) -> String {
        let jar = self.0.path().join("jar");
        let jar = jar.to_str().unwrap();
        let mut arguments = vec!["-s", "-i", "--cacert", campus("CAMPUS_CA"), "-b", jar, "-c", jar];
        arguments.extend(["-H", "Accept: text/html", url]);
        arguments.extend(more);
        String::from_utf8_lossy(&try_run("curl", &arguments).stdout).into_owned()
    }

    /// A service ticket of a CAS server for an address.
    pub(crate) fn ticket(&self, cas: &str, service: &str, login: &str) -> String {
        let page_url = format!("http://127.0.0.1:{cas}/cas/login?service={}", encoded(service));
        let page = self.get(&page_url, &[]);
        let answer = if page.starts_with("HTTP/1.1 302") {
            page
        } else {
            let form = format!("username={login}&password=pw-{login}{}", hidden_fields(&page));
            self.get(&page_url, &["-d", &form, "-H", &format!("Referer: {page_url}")])
        };
        location(&answer).split_once("ticket=").unwrap_or_else(|| panic!("{answer}")).1.to_owned()
    }
}

/// A page's hidden fields, each behind an ampersand.
pub fn hidden_fields(page: &str) -> String {
    let mut form = String::new();
    for input in page.split("<input").skip(1).map(|rest| rest.split('>').next().unwrap()) {
        let value = |name: &str| input.split_once(&format!("{name}=\""))?.1.split('"').next();
        if let (Some("hidden"), Some(name), Some(text)) = (value("type"), value("name"), value("value")) {
            form += &format!("&{name}={}", encoded(text));
        }
    }
    form
}

pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(
            |octet| if octet.is_ascii_alphanumeric() { char::from(octet).to_string() } else { format!("%{octet:02X}") },
        )
        .collect()
}

pub fn location(answer: &str) -> String {
    let line = answer.lines().find(|line| line.to_ascii_lowercase().starts_with("location:"));
    line.and_then(|line| line.split_once(": ")).map(|(_, address)| address.trim().to_owned()).unwrap_or_default()
}

/// The service address in the one that a sign-on begins with.
pub fn service(begun: &str) -> String {
    let (_, service) = begun.split_once("service=").unwrap();
    let service = service.split('&').next().unwrap();
    service.replace("%3A", ":").replace("%2F", "/").replace("%3F", "?").replace("%3D", "=")
}

#[test]
fn forged_foreign_and_replayed_tickets_open_nothing() {
    let gateway = Gateway::start_with("cas-hostile", &State::Sqlite, with_cas);
    let at = |host: &str, path: &str| format!("https://{host}.localhost:{}{path}", gateway.https);
    let (jar, cas) = (Jar::new(), campus("CAMPUS_CAS_A"));
    let begin =
        |jar: &Jar| service(&location(&jar.get(&at("garonne", "/cas/garonne/login?next=https://evil.test/"), &[])));
    let back = |jar: &Jar, service: &str, ticket: &str| location(&jar.get(&format!("{service}&ticket={ticket}"), &[]));
    let refused = "/login?problem=refused";

    let here = begin(&jar);
    assert!(here.starts_with(&at("garonne", "/cas/garonne/callback?t=")), "{here}");
    assert_eq!(back(&jar, &here, "ST-forged"), refused);
    assert_eq!(back(&jar, &here, &"ST-".repeat(1000)), refused);
    assert_eq!(back(&jar, &here, "PT-1"), refused);
    let other = jar.ticket(cas, &at("garonne", "/elsewhere"), "u00013");
    assert_eq!(back(&jar, &here, &other), refused, "a ticket for another address");
    let foreign = Jar::new().ticket(campus("CAMPUS_CAS_B"), &here, "u00013");
    assert_eq!(back(&jar, &here, &foreign), refused, "a ticket of another server");
    let ticket = jar.ticket(cas, &here, "u00013");
    assert_eq!(back(&Jar::new(), &here, &ticket), refused, "another browser than the one that began");
    let last = if here.ends_with('0') { '1' } else { '0' };
    let altered = format!("{}{last}", &here[..here.len() - 1]);
    assert_eq!(back(&jar, &altered, &ticket), refused, "another sign-on");
    // The attacker's own ticket was not used up by any of it: with the browser that began, it signs on.
    assert_eq!(back(&jar, &here, &ticket), "/", "and never to another site");
    assert_eq!(back(&jar, &begin(&jar), &ticket), refused, "a ticket works once");
    // Session fixation: a cookie that came before the sign-on is not the one after it.
    let home = jar.get(&at("garonne", "/basic"), &[]);
    assert!(home.contains("u00013"), "{home}");

    let notice = "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\"><samlp:SessionIndex>ST-x</samlp:SessionIndex></samlp:LogoutRequest>";
    // As the provider's own server calls.
    let server = |path: &str, more: &[&str]| {
        let answer =
            curl(&gateway, "garonne.localhost", None, if more.contains(&"-d") { "POST" } else { "GET" }, path, more);
        answer.status
    };
    let post = |body: &str, more: &[&str]| {
        server("/cas/garonne/callback", &[&["-d", body, "-H", "Content-Type: text/xml"], more].concat())
    };
    let stranger = ["--interface", "127.0.0.2"];
    assert_eq!(post(notice, &[]), 200, "an unknown session is harmless");
    assert_eq!(post("<x/>", &[]), 400);
    assert_eq!(post(&notice.replace("ST-x", &ticket), &stranger), 403);
    assert!(jar.get(&at("garonne", "/basic"), &[]).contains("u00013"), "and so nobody was signed out");
    let granting = "/cas/garonne/pgt?pgtId=PGT-1&pgtIou=PGTIOU-1";
    assert_eq!((server(granting, &stranger), server(granting, &[])), (403, 200));
    assert_eq!(post(&notice.replace("ST-x", &ticket), &[]), 200);
    assert!(!jar.get(&at("garonne", "/basic"), &[]).contains("u00013"), "told by the server, it ends at once");
    for (host, path) in
        [("garonne", "/cas/nowhere/login"), ("garonne", "/saml/garonne/login"), ("autan", "/cas/garonne/login")]
    {
        assert!(jar.get(&at(host, path), &[]).starts_with("HTTP/2 404"), "{host} {path}");
    }
    assert!(!gateway.log().contains(&ticket), "no ticket is in the log");
}

#[test]
fn a_provider_that_is_down_keeps_to_itself_and_a_header_counts_from_its_proxy_only() {
    let gateway = Gateway::start_with("sso-down", &State::Sqlite, |config| {
        extend(config, "[realm.garonne.sso.cas]\nurl = \"http://127.0.0.1:9/cas\"\ntimeout_ms = 1000\n");
        extend(
            config,
            "[realm.garonne.sso.header]\nheader = \"X-Remote-User\"\nproxies = [\"127.0.0.3\"]\nlogout = \"https://sso.test/Shibboleth.sso/Logout?return={back}\"\n",
        );
    });
    let at = |path: &str| format!("https://garonne.localhost:{}{path}", gateway.https);
    let jar = Jar::new();
    let here = service(&location(&jar.get(&at("/cas/garonne/login"), &[])));
    assert_eq!(location(&jar.get(&format!("{here}&ticket=ST-1"), &[])), "/login?problem=unavailable");
    // The password still works, and the other way to sign on does.
    assert!(jar.get(&at("/login"), &[]).contains("name=\"password\""));
    let begin = || location(&jar.get(&at("/header/garonne/login?next=/?folder=Cours"), &[]));
    let user = ["-H", "X-Remote-User: u00014"];
    let from_proxy = ["--interface", "127.0.0.3"];
    assert_eq!(location(&jar.get(&begin(), &user)), "/login?problem=unknown", "not the proxy");
    assert_eq!(location(&jar.get(&begin(), &from_proxy)), "/login?problem=refused", "the proxy says nothing");
    let twice = [&user[..], &["-H", "X-Remote-User: u00001"], &from_proxy].concat();
    assert_eq!(location(&jar.get(&begin(), &twice)), "/login?problem=refused", "two headers are none");
    let nobody = [&["-H", "X-Remote-User: nobody"][..], &from_proxy].concat();
    assert_eq!(location(&jar.get(&begin(), &nobody)), "/login?problem=unknown");
    assert!(!jar.get(&at("/basic"), &[&user[..], &from_proxy].concat()).contains("u00014"), "elsewhere it is not read");
    assert_eq!(location(&jar.get(&begin(), &[&user[..], &from_proxy].concat())), "/?folder=Cours");
    let home = jar.get(&at("/basic"), &[]);
    assert!(home.contains("u00014"), "{home}");
    let token = home.split_once("name=\"token\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let origin = format!("Origin: https://garonne.localhost:{}", gateway.https);
    let left = jar.get(&at("/logout"), &["-d", &format!("token={token}"), "-H", &origin]);
    assert!(left.contains("https://sso.test/Shibboleth.sso/Logout?return=https%3A%2F%2Fgaronne"), "{left}");
}
