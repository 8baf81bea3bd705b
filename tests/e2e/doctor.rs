//! `passerelle doctor` names the leg that is broken: faults are put into the campus one at a time, and each run must find
//! that one and no other.

use crate::{
    harness::{Gateway, binary, campus, eventually, root, run, try_run},
    servers::{Server, campus_folder, free_port, serve},
    smb::{as_service, on_samba},
    sso::{describe, extend, make_key, register, with_saml},
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Who is examined: somebody with mail and files.
const USER: &str = "u00001@a.test";

/// A leg that failed, as doctor tells it.
#[derive(Debug)]
struct Failed {
    back_end: String,
    leg: String,
    what: String,
    remedy: String,
}

/// What doctor finds broken. `clock` moves the gateway's clock.
fn examine(config: &Path, clock: Option<&str>) -> Vec<Failed> {
    let arguments = ["doctor", "--config", config.to_str().unwrap(), "--user", USER, "--json"];
    let binary = binary();
    let output = match clock {
        None => try_run(binary.to_str().unwrap(), &arguments),
        Some(moved) => try_run("faketime", &[&["-f", moved, binary.to_str().unwrap()], &arguments[..]].concat()),
    };
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines: Vec<serde_json::Value> = told.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert!(lines.len() > 10, "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    let text = |line: &serde_json::Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let failed: Vec<Failed> = lines
        .iter()
        .filter(|line| line["ok"] == false)
        .map(|line| Failed {
            back_end: text(line, "back_end"),
            leg: text(line, "leg"),
            what: text(line, "what"),
            remedy: text(line, "remedy"),
        })
        .collect();
    assert_eq!(output.status.code(), Some(i32::from(!failed.is_empty())), "{told}");
    failed
}

/// Whether doctor finds exactly this.
#[track_caller]
fn finds(fault: &str, failed: &[Failed], back_end: &str, leg: &str, what: &str, remedy: &str) {
    let [one] = failed else { panic!("{fault}: {failed:#?}") };
    let told = one.back_end.contains(back_end) && one.leg == leg && one.what.contains(what);
    assert!(told && one.remedy.contains(remedy), "{fault}: {one:#?}");
}

/// The campus's CAS server A once more, over TLS. `faketime` moves its clock, `change` is Python that changes its data.
fn cas(folder: &Path, change: &str, faketime: Option<&str>) -> (Server, u16) {
    let from = campus_folder("cas-a");
    fs::create_dir_all(folder).unwrap();
    for name in ["cas_settings.py", "cas_urls.py", "cas_wsgi.py", "cas.sqlite3"] {
        fs::copy(from.join(name), folder.join(name)).unwrap();
    }
    let certificates = Path::new(campus("CAMPUS_CA")).parent().unwrap();
    let ldap = format!("ldap://127.0.0.1:{}", campus("CAMPUS_LDAP_A"));
    let here = folder.to_str().unwrap();
    let environment = [
        ("CAS_DIR", here),
        ("CAS_INST", "a"),
        ("CAS_LDAP", &ldap),
        ("CAS_CA", campus("CAMPUS_CA")),
        ("DJANGO_SETTINGS_MODULE", "cas_settings"),
        ("PYTHONPATH", here),
        ("HOME", here),
    ];
    let python = campus("CAMPUS_PYTHON");
    if !change.is_empty() {
        let script = format!("import django\ndjango.setup()\nfrom cas_server.models import *\n{change}\n");
        let mut command = Command::new(python);
        command.args(["-c", &script]).envs(environment.iter().copied()).current_dir(folder);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let port = free_port();
    let address = format!("127.0.0.1:{port}");
    let (certificate, key) = (certificates.join("srv.pem"), certificates.join("srv.key"));
    let gunicorn = Path::new(python).with_file_name("gunicorn");
    let arguments = [
        "-b",
        &address,
        "--threads",
        "4",
        "--no-control-socket",
        "--certfile",
        certificate.to_str().unwrap(),
        "--keyfile",
        key.to_str().unwrap(),
        "cas_wsgi:application",
    ];
    let gunicorn = gunicorn.to_str().unwrap();
    let server = match faketime {
        None => serve(folder, port, gunicorn, &arguments, &environment),
        Some(moved) => {
            serve(folder, port, "faketime", &[&["-f", moved, gunicorn], &arguments[..]].concat(), &environment)
        }
    };
    let url = format!("https://127.0.0.1:{port}/cas/login");
    // The master listens before its worker has loaded the application.
    eventually("a log-in form", || {
        try_run("curl", &["-sf", "--cacert", campus("CAMPUS_CA"), "-o", "/dev/null", &url]).status.success()
    });
    (server, port)
}

/// The campus's store A once more, with its settings changed.
fn dovecot(folder: &Path, change: impl FnOnce(String) -> String) -> (Server, u16) {
    let from = campus_folder("dovecot-a");
    fs::create_dir_all(folder).unwrap();
    let port = free_port();
    let text = fs::read_to_string(from.join("dovecot.conf")).unwrap();
    let (here, there) = (folder.to_str().unwrap(), from.to_str().unwrap());
    let imap = campus("CAMPUS_IMAP_A");
    let lines = text.lines().map(|line| match line.trim().strip_prefix("port = ") {
        Some(number) if number == imap => format!("port = {port}"),
        Some(_) => "port = 0".to_owned(),
        None if ["base_dir", "state_dir", "log_path", "info_log_path"].iter().any(|name| line.starts_with(name)) => {
            line.replace(there, here)
        }
        None => line.to_owned(),
    });
    let text = change(lines.collect::<Vec<_>>().join("\n") + "\n");
    fs::write(folder.join("dovecot.conf"), text).unwrap();
    let settings = folder.join("dovecot.conf");
    let server = serve(folder, port, "dovecot", &["-F", "-c", settings.to_str().unwrap()], &[]);
    (server, port)
}

/// The campus's directory A once more, without a certificate and without anybody in it.
fn slapd_without_tls(folder: &Path) -> (Server, u16) {
    let from = campus_folder("ldap-a");
    fs::create_dir_all(folder.join("db")).unwrap();
    let port = free_port();
    let text = fs::read_to_string(from.join("slapd.conf")).unwrap();
    let text = text.replace(from.join("db").to_str().unwrap(), folder.join("db").to_str().unwrap());
    let text = text.replace(from.join("slapd.").to_str().unwrap(), folder.join("slapd.").to_str().unwrap());
    let lines = text.lines().filter(|line| !line.starts_with("TLS")).collect::<Vec<_>>();
    fs::write(folder.join("slapd.conf"), lines.join("\n") + "\n").unwrap();
    let listen = format!("ldap://127.0.0.1:{port}/");
    let settings = folder.join("slapd.conf");
    let server = serve(folder, port, "slapd", &["-d", "0", "-h", &listen, "-f", settings.to_str().unwrap()], &[]);
    (server, port)
}

/// A gateway with CAS and SAML at garonne and OpenID at autan, and a copy of its settings for each fault.
struct Scene {
    gateway: Gateway,
    cas: u16,
    _cas: Server,
}

impl Scene {
    fn new() -> Self {
        let folder = Self::folder("cas");
        let (server, cas) = cas(&folder, "", None);
        let mut gateway = Gateway::start("doctor-faults");
        gateway.kill();
        let client = register(&[gateway.https], "doctor");
        let config = gateway.config();
        on_samba(&config, &as_service());
        let entity = format!("https://garonne.localhost/saml/{}", std::process::id());
        make_key(&config);
        with_saml(&config, &entity);
        describe(&entity, &[gateway.https], &config);
        fs::write(config.join("oidc-secret"), &client.1).unwrap();
        extend(
            &config,
            &format!(
                "[realm.garonne.sso.cas]\nurl = \"https://127.0.0.1:{cas}/cas\"\nca = {:?}\nproxy = \"callback\"\n\
                 [realm.autan.sso.oidc]\nissuer = \"http://127.0.0.1:{}\"\nclient_id = \"{}\"\nclient_secret = {{ file = \"oidc-secret\" }}\n",
                campus("CAMPUS_CA"),
                campus("CAMPUS_OIDC"),
                client.0
            ),
        );
        gateway.run();
        Self { gateway, cas, _cas: server }
    }

    fn folder(name: &str) -> PathBuf {
        let folder = root().join("target/test/gateways").join(format!("doctor-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// The settings with something replaced in one of the files.
    fn with(&self, file: &str, from: &str, to: &str) -> PathBuf {
        let folder = self.gateway.dir.join("changed");
        let _ = fs::remove_dir_all(&folder);
        run("cp", &["-r", self.gateway.config().to_str().unwrap(), folder.to_str().unwrap()]);
        let file = folder.join(file);
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{from} is not in {}", file.display());
        fs::write(&file, text.replacen(from, to, 1)).unwrap();
        folder
    }
}

const MAIN: &str = "passerelle.toml";
const GARONNE: &str = "institutions/garonne/institution.toml";

#[test]
fn each_fault_is_named_and_no_other() {
    let scene = Scene::new();
    let well = examine(&scene.gateway.config(), None);
    assert!(well.is_empty(), "nothing is wrong yet: {well:#?}");
    let cas_at = |port: u16| format!("url = \"https://127.0.0.1:{port}/cas\"");
    let url = cas_at(scene.cas);

    let changed = scene.with(MAIN, &format!("{url}\nca = {:?}", campus("CAMPUS_CA")), &url);
    finds("CAS certificate", &examine(&changed, None), "garonne.sso.cas", "answers", "certificate", "as ca");

    let folder = Scene::folder("cas-late");
    let (late, port) = cas(&folder, "", Some("-10m"));
    let changed = scene.with(MAIN, &url, &cas_at(port));
    finds("clock", &examine(&changed, None), "garonne.sso.cas", "clock", "s apart", "NTP");
    drop(late);

    let folder = Scene::folder("cas-strict");
    let (strict, port) = cas(&folder, "ServicePattern.objects.update(pattern=r'^https://other\\.example/.*$')", None);
    let changed = scene.with(MAIN, &url, &cas_at(port));
    let service = format!("https://garonne.localhost:{}/cas/garonne/callback", scene.gateway.https);
    finds("service URL", &examine(&changed, None), "garonne.sso.cas", "service", &service, "register this address");
    drop(strict);

    let nobody = format!("proxy = \"callback\"\ncallback = \"https://127.0.0.1:{}\"", free_port());
    let changed = scene.with(MAIN, "proxy = \"callback\"", &nobody);
    finds("callback", &examine(&changed, None), "garonne.sso.cas", "callback", "/cas/garonne/pgt", "callback");

    let changed = scene.with("imap-master", "gw-secret", "wrong");
    let failed = examine(&changed, None);
    finds("master password", &failed, "garonne.mail", "login", "AUTHENTICATIONFAILED", "[mail.master]");

    let folder = Scene::folder("dovecot");
    let (store, port) = dovecot(&folder, |text| text.replace("  acl_user = %u\n", ""));
    let (old, new) = (format!("127.0.0.1:{}", campus("CAMPUS_IMAP_A")), format!("127.0.0.1:{port}"));
    let changed = scene.with(GARONNE, &old, &new);
    finds("ACL on the master", &examine(&changed, None), "garonne.mail", "inbox", "lets the gateway in", "acl_user");
    drop(store);

    let changed = scene.with(MAIN, "bind_dn = \"cn=gateway,ou=services,dc=a", "bind_dn = \"cn=nobody,ou=services,dc=a");
    finds("bind DN", &examine(&changed, None), "garonne.directory", "bind", "cn=nobody", "bind_dn");

    let changed = scene.with(MAIN, "people_base = \"ou=people,dc=a", "people_base = \"ou=policies,dc=a");
    finds(
        "base DN",
        &examine(&changed, None)[..1],
        "garonne.directory",
        "search",
        "nobody below ou=policies",
        "people_base",
    );

    let folder = Scene::folder("slapd");
    let (directory, port) = slapd_without_tls(&folder);
    let old = format!("ldap://127.0.0.1:{}", campus("CAMPUS_LDAP_A"));
    let changed = scene.with(MAIN, &old, &format!("ldap://127.0.0.1:{port}"));
    finds("StartTLS", &examine(&changed, None), "garonne.directory", "tls", "refuses StartTLS", "a certificate");
    drop(directory);

    let metadata = fs::read_to_string(campus_folder("saml-a").join("idp.xml")).unwrap();
    let changed = scene.with(MAIN, campus_folder("saml-a").join("idp.xml").to_str().unwrap(), "old.xml");
    let ended = metadata.replacen("entityID=", "validUntil=\"2026-01-01T00:00:00Z\" entityID=", 1);
    fs::write(changed.join("old.xml"), ended).unwrap();
    finds(
        "SAML metadata",
        &examine(&changed, None),
        "garonne.sso.saml",
        "metadata",
        "has run out",
        "fetch the metadata",
    );

    let stranger = register(&[1], "elsewhere");
    let config = fs::read_to_string(scene.gateway.config().join(MAIN)).unwrap();
    let id = config.split_once("client_id = \"").unwrap().1.split('"').next().unwrap();
    let changed = scene.with(MAIN, id, &stranger.0);
    let redirect = format!("https://autan.localhost:{}/oidc/autan/callback", scene.gateway.https);
    finds(
        "OpenID redirect",
        &examine(&changed, None),
        "autan.sso.oidc",
        "redirect",
        &redirect,
        "register this address",
    );

    let changed = scene.with("smb", "pw-gateway", "wrong");
    finds("SMB account", &examine(&changed, None), "centre.files.home", "account", "gateway", "user, password");

    // The other way round: the gateway's own clock is wrong, and each provider with a clock shows it.
    let failed = examine(&scene.gateway.config(), Some("+10m"));
    assert_eq!(failed.iter().map(|it| it.leg.as_str()).collect::<Vec<_>>(), ["clock", "clock"], "{failed:#?}");
}
