//! Start, check, reload, drain, doctor, backup: what an administrator does.

use crate::harness::{Gateway, Imap, State, binary, campus, curl, eventually, try_run};
use std::fs;

fn passerelle(arguments: &[&str]) -> (i32, String) {
    let output = try_run(binary().to_str().unwrap(), arguments);
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap_or(-1), text)
}

#[test]
fn a_fault_in_the_settings_says_file_line_and_remedy() {
    let gateway = Gateway::start("check");
    let config = gateway.config();
    let dir = config.to_str().unwrap();
    let (code, told) = passerelle(&["check", "--config", dir]);
    assert_eq!(code, 0, "{told}");
    let (_, shown) = passerelle(&["check", "--config", dir, "--show-origin"]);
    assert!(shown.contains("passerelle.toml:1: default_institution = \"garonne\""), "{shown}");
    assert!(!shown.contains("svc-gateway") && !shown.contains("gw-secret"));
    let main = fs::read_to_string(config.join("passerelle.toml")).unwrap();
    for (wrong, right) in [
        (main.replace("[limits]", "[limits]\nconections = 3"), "passerelle.toml:"),
        (main.replace("kind = \"ldif\"", "kind = \"ldiff\""), "write one of: ldap, ldif"),
        (main.replace("session.key", "missing.key"), "missing.key"),
        (main.replace("default_institution = \"garonne\"", "default_institution = \"nowhere\""), "nowhere"),
        ("not toml at all".to_owned(), "passerelle.toml:1"),
    ] {
        fs::write(config.join("passerelle.toml"), wrong).unwrap();
        let (code, told) = passerelle(&["check", "--config", dir]);
        assert_eq!(code, 2, "{told}");
        assert!(told.contains(right), "{right} in {told}");
    }
}

#[test]
fn a_reload_keeps_connections_and_a_bad_file_keeps_the_old_settings() {
    let gateway = Gateway::start("reload");
    let mut imap = Imap::log_in(gateway.imap, "u00001@a.test", "pw-u00001");
    let file = gateway.config().join("institutions/garonne/institution.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("Garonne University", "Renamed University")).unwrap();
    // A changed file is noticed without a signal.
    let page = || curl(&gateway, "garonne.localhost", None, "GET", "/login", &["-H", "Accept-Language: en"]).body;
    eventually("the new name shows", || page().contains("Renamed University"));
    fs::write(&file, "hosts = 3\n").unwrap();
    gateway.signal("HUP");
    gateway.wait_for_log("the old settings stay in force");
    assert!(gateway.log().contains("institution.toml:1"));
    assert!(page().contains("Renamed University"));
    assert!(imap.command("n NOOP").last().unwrap().starts_with("n OK"), "the connection lives through it all");
}

#[test]
fn a_drain_finishes_what_runs_and_says_goodbye() {
    let mut gateway = Gateway::start("drain");
    let mut imap = Imap::log_in(gateway.imap, "u00001@a.test", "pw-u00001");
    imap.send(b"i IDLE\r\n");
    let _ = imap.line();
    gateway.signal("TERM");
    assert!(imap.line().starts_with("* BYE The service is going down"));
    assert!(gateway.wait(), "it ends by itself, and well");
}

#[test]
fn doctor_names_the_broken_leg() {
    let gateway = Gateway::start("doctor");
    let config = gateway.config();
    let dir = config.to_str().unwrap();
    let (code, told) = passerelle(&["doctor", "--config", dir, "--user", "u00001@a.test"]);
    assert_eq!(code, 0, "{told}");
    let (code, told) = passerelle(&["doctor", "--config", dir, "--user", "nobody@a.test", "--json"]);
    assert_eq!(code, 1);
    for line in told.lines() {
        let _: serde_json::Value = serde_json::from_str(line).unwrap();
    }
    let institution = config.join("institutions/garonne/institution.toml");
    let whole = fs::read_to_string(&institution).unwrap();
    let main = fs::read_to_string(config.join("passerelle.toml")).unwrap();
    let imap = format!("127.0.0.1:{}", campus("CAMPUS_IMAP_A"));
    let broken = [
        (whole.replace(&imap, "127.0.0.1:9"), main.clone(), "tcp"),
        (
            whole.replace("tls = \"starttls\"", "tls = \"starttls\"\nserver_name = \"wrong.example\""),
            main.clone(),
            "tls",
        ),
        (
            whole.clone(),
            main.replace("bind_dn = \"cn=gateway,ou=services,dc=a", "bind_dn = \"cn=nobody,ou=services,dc=a"),
            "bind",
        ),
        (
            whole.replace("create = true", "create = false").replace("files/garonne/{login}", "nowhere/{login}"),
            main.clone(),
            "share",
        ),
    ];
    for (institution_text, main_text, leg) in broken {
        fs::write(&institution, institution_text).unwrap();
        fs::write(config.join("passerelle.toml"), main_text).unwrap();
        let (code, told) = passerelle(&["doctor", "--config", dir]);
        assert_eq!(code, 1, "{leg}: {told}");
        assert!(
            told.lines().any(|line| line.starts_with("FAILS") && line.contains("garonne") && line.contains(leg)),
            "{leg}: {told}"
        );
        assert!(
            told.lines().any(|line| line.starts_with("ok") && line.contains("autan")),
            "the others are well: {told}"
        );
    }
}

#[test]
fn metrics_health_and_readiness() {
    let gateway = Gateway::start("metrics");
    Imap::log_in(gateway.imap, "u00001@a.test", "pw-u00001");
    let get = |path: &str| {
        let output =
            try_run("curl", &["-s", "-w", " %{http_code}", &format!("http://127.0.0.1:{}{path}", gateway.metrics)]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(get("/healthz").ends_with("200"));
    let ready = get("/readyz");
    assert!(ready.ends_with("200") && ready.contains("garonne.directory"), "{ready}");
    let metrics = get("/metrics");
    assert!(
        metrics.contains("passerelle_logins_total{institution=\"garonne\",surface=\"imap\",result=\"accepted\"} 1"),
        "{metrics}"
    );
    // The operator's port shows nothing to the world's.
    assert_ne!(curl(&gateway, "localhost", None, "GET", "/metrics", &[]).status, 200);
}

#[test]
fn a_backup_is_restored_and_sessions_of_before_end() {
    let mut gateway = Gateway::start_with("backup", &State::Sqlite, |_| {});
    let owner = "u00001@a.test:pw-u00001";
    fs::create_dir_all(gateway.home("garonne", "u00001")).unwrap();
    fs::write(gateway.home("garonne", "u00001").join("a.txt"), "a").unwrap();
    crate::sharing::grants(&gateway, owner, "s.grant.set({'owner': 'u00001'}, {'account': 'u00005'}, ['read'])");
    let cookie = crate::web::Browser::sign_in(&gateway, "garonne.localhost", "u00001", "pw-u00001").cookie;
    let config = gateway.config();
    let (dir, file) = (config.to_str().unwrap(), gateway.dir.join("backup.jsonl"));
    let file = file.to_str().unwrap();
    assert_eq!(passerelle(&["state", "--config", dir, "backup", file]).0, 0);
    assert_ne!(passerelle(&["state", "--config", dir, "backup", file]).0, 0, "never over another file");
    crate::sharing::grants(&gateway, owner, "s.grant.remove({'owner': 'u00001'}, {'account': 'u00005'})");
    let read = |gateway: &Gateway| {
        curl(gateway, "localhost", Some("u00005@a.test:pw-u00005"), "GET", "/dav/files/u00001/a.txt", &[]).status
    };
    assert_eq!(read(&gateway), 404);
    gateway.kill();
    let (code, told) = passerelle(&["state", "--config", dir, "restore", file]);
    assert_eq!(code, 0, "{told}");
    gateway.run();
    assert_eq!(read(&gateway), 200, "the grant is back");
    assert_eq!(
        curl(&gateway, "garonne.localhost", None, "GET", "/", &["-b", &cookie]).status,
        303,
        "the session is not"
    );
}

#[test]
fn the_commented_reference_is_a_configuration() {
    let dir = crate::harness::root().join("target/test/reference");
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(dir.parent().unwrap()).unwrap();
    let (from, to) = (crate::harness::root().join("config"), dir.to_str().unwrap());
    crate::harness::run("cp", &["-r", from.to_str().unwrap(), to]);
    let secrets = dir.join("secrets");
    fs::create_dir_all(&secrets).unwrap();
    let authority = std::path::Path::new(campus("CAMPUS_CA"));
    fs::copy(authority, secrets.join("campus-ca.pem")).unwrap();
    for (name, file) in [("office.pem", "garonne.pem"), ("office.key", "garonne.key")] {
        fs::copy(authority.with_file_name(file), secrets.join(name)).unwrap();
    }
    for name in ["ldap", "imap-master"] {
        fs::write(secrets.join(name), "secret").unwrap();
    }
    let (code, told) = passerelle(&["check", "--config", to]);
    assert!(code == 2 && told.contains("secrets/session.key"), "what is missing is named: {told}");
    fs::write(secrets.join("session.key"), [7; 32]).unwrap();
    fs::create_dir(dir.join("state")).unwrap();
    let (code, told) = passerelle(&["check", "--config", to]);
    assert_eq!(code, 0, "{told}");
}
