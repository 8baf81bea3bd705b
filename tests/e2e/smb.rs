//! Files on the campus's Samba, through WebDAV: with the service account in front of which our rights stand, and with each
//! person's own password.

use crate::harness::{Answer, Gateway, State, campus, curl, run};
use std::{fs, path::Path};

pub(crate) const ME: &str = "u00001@c.test:pw-u00001";
pub(crate) const COLLEAGUE: &str = "u00002@c.test:pw-u00002";

/// Gives centre its files on Samba. `lines` say which share, and as whom.
pub fn on_samba(config: &Path, lines: &str) {
    fs::write(config.join("smb"), "pw-gateway\n").unwrap();
    let file = config.join("institutions/centre/institution.toml");
    let text = fs::read_to_string(&file).unwrap();
    let server = format!("server = \"127.0.0.1:{}\"", campus("CAMPUS_SMB"));
    let table = format!("[files.home]\nkind = \"smb\"\n{server}\ncreate = true\n{lines}\n");
    fs::write(file, text + &table).unwrap();
}

/// A folder of this test's own on the share of all homes, as the service account.
pub fn as_service() -> String {
    let path = format!("path = \"e2e-{}/{{login}}\"", std::process::id());
    format!("share = \"users\"\n{path}\nuser = \"gateway\"\npassword = {{ file = \"../../smb\" }}")
}

pub(crate) fn dav(gateway: &Gateway, who: &str, method: &str, path: &str, more: &[&str]) -> Answer {
    curl(gateway, "centre.localhost", Some(who), method, path, more)
}

/// What the administrator is answered by XML-RPC.
pub(crate) fn administer(gateway: &Gateway, call: &str) -> String {
    let script = format!(
        "import ssl, xmlrpc.client as x\nc = ssl.create_default_context(cafile='{}')\n\
         s = x.ServerProxy('https://{}@localhost:{}/xmlrpc', context=c, allow_none=True)\nprint({call})",
        campus("CAMPUS_CA"),
        ME.replacen('@', "%40", 1),
        gateway.https
    );
    run("python3", &["-c", &script]).trim().to_owned()
}

pub(crate) fn app_password(gateway: &Gateway) -> String {
    format!("u00001@c.test:{}", administer(gateway, "s.appPassword.make('u00001', 'phone')['password']"))
}

#[test]
fn a_share_is_ones_own_and_others_see_what_was_granted() {
    let gateway = Gateway::start_with("smb-service", &State::Sqlite, |config| on_samba(config, &as_service()));
    let at = |path: &str| format!("/dav/files/u00001/{path}");
    assert_eq!(dav(&gateway, ME, "MKCOL", &at("cours"), &[]).status, 201);
    let path = at("cours/R%C3%A9union%20%C3%A9t%C3%A9.txt");
    let put = dav(&gateway, ME, "PUT", &path, &["-d", "bonjour"]);
    assert_eq!(put.status, 201, "{put:?}");
    let tag = put.header("ETag").unwrap().to_owned();
    // Nobody else, then whoever was let in, to read and no more.
    let theirs = "/dav/files/u00001@c.test/cours/";
    assert_eq!(dav(&gateway, COLLEAGUE, "PROPFIND", theirs, &["-H", "Depth: 1"]).status, 404);
    administer(&gateway, "s.grant.set({'owner': 'u00001', 'path': 'cours'}, {'account': 'u00002'}, ['read'])");
    let listed = dav(&gateway, COLLEAGUE, "PROPFIND", theirs, &["-H", "Depth: 1"]);
    assert!(listed.status == 207 && listed.body.contains("R%C3%A9union"), "{listed:?}");
    assert_eq!(dav(&gateway, COLLEAGUE, "GET", &path, &[]).body, "bonjour");
    assert_eq!(dav(&gateway, COLLEAGUE, "PUT", &path, &["-d", "x"]).status, 403);
    // Conditions, ranges, room, copies.
    assert_eq!(dav(&gateway, ME, "PUT", &path, &["-H", "If-Match: \"other\"", "-d", "x"]).status, 412);
    let same = format!("If-Match: {tag}");
    assert_eq!(dav(&gateway, ME, "PUT", &path, &["-H", &same, "-d", "au revoir"]).status, 204);
    assert_eq!(dav(&gateway, ME, "GET", &path, &["-H", "Range: bytes=3-8"]).body, "revoir");
    let quota = "<D:propfind xmlns:D='DAV:'><D:prop><D:quota-available-bytes/></D:prop></D:propfind>";
    let room = dav(&gateway, ME, "PROPFIND", &at(""), &["-H", "Depth: 0", "-d", quota]);
    assert!(room.status == 207 && room.body.contains("HTTP/1.1 200"), "{room:?}");
    let to = format!("Destination: https://centre.localhost:{}{}", gateway.https, at("copie"));
    assert_eq!(dav(&gateway, ME, "COPY", &at("cours"), &["-H", &to]).status, 201);
    assert_eq!(dav(&gateway, ME, "DELETE", &at("cours"), &[]).status, 204);
    assert_eq!(dav(&gateway, ME, "GET", &path.replace("cours", "copie"), &[]).body, "au revoir");
    assert_eq!(dav(&gateway, ME, "DELETE", &at("copie"), &[]).status, 204);
    assert!(!gateway.log().contains("pw-gateway"));
}

#[test]
fn litmus_passes_whole_on_a_share() {
    let gateway = Gateway::start_with("smb-litmus", &State::Sqlite, |config| on_samba(config, &as_service()));
    crate::dav::litmus(&gateway, "u00002@c.test", "/dav/files/u00002@c.test/");
    assert_eq!(dav(&gateway, ME, "MKCOL", "/dav/files/u00001/common", &[]).status, 201);
    administer(
        &gateway,
        "s.grant.set({'owner': 'u00001', 'path': 'common'}, {'account': 'u00002'}, ['read', 'add', 'edit', 'remove'])",
    );
    crate::dav::litmus(&gateway, "u00002@c.test", "/dav/files/u00001@c.test/common/");
}

#[test]
fn without_a_password_of_ones_own_the_service_account_opens_the_share() {
    let service = Gateway::start_with("smb-app", &State::Sqlite, |config| on_samba(config, &as_service()));
    let program = app_password(&service);
    assert_eq!(dav(&service, &program, "PUT", "/dav/files/u00001/phone.txt", &["-d", "x"]).status, 201);
    assert_eq!(dav(&service, ME, "GET", "/dav/files/u00001/phone.txt", &[]).body, "x");

    let own = format!("share = \"commun\"\npath = \"e2e-own-{}/{{login}}\"", std::process::id());
    let own = Gateway::start_with("smb-own", &State::Sqlite, |config| on_samba(config, &own));
    let path = "/dav/files/u00001/mine.txt";
    assert_eq!(dav(&own, ME, "PUT", path, &["-d", "x"]).status, 201);
    assert_eq!(dav(&own, ME, "GET", path, &[]).body, "x");
    // What cannot be, says so: this store needs the person's own password.
    assert_eq!(dav(&own, &app_password(&own), "GET", path, &[]).status, 501);
    assert_eq!(dav(&own, ME, "DELETE", path, &[]).status, 204);
}
