//! Signing on at LemonLDAP::NG, which French universities run as their CAS server: a third kind beside the campus's own.

use crate::{
    harness::{Gateway, State, campus, eventually, root, try_run},
    servers::{Server, free_port, serve},
    sso::{Jar, extend, hidden_fields, location, service},
};
use std::{fs, path::Path};

/// Runs it with the campus's directory A behind; its port.
fn lemon() -> (Server, u16) {
    let folder = root().join("target/test/gateways").join(format!("lemonldap-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    for name in ["conf", "sessions/lock", "persistent/lock", "cache"] {
        fs::create_dir_all(folder.join(name)).unwrap();
    }
    let port = free_port();
    let at = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let sessions = |name: &str| {
        serde_json::json!({
            "Directory": at(name),
            "LockDirectory": at(&format!("{name}/lock")),
            "generateModule": "Lemonldap::NG::Common::Apache::Session::Generate::SHA256",
        })
    };
    let settings = serde_json::json!({
        "cfgNum": 1,
        "cfgDate": "1",
        "cfgVersion": "2.16.1",
        "domain": "lemon.localhost",
        "portal": format!("http://lemon.localhost:{port}/"),
        "key": "a key of the campus",
        "cookieName": "lemonldap",
        "whatToTrace": "uid",
        "authentication": "LDAP",
        "userDB": "LDAP",
        "passwordDB": "Null",
        "registerDB": "Null",
        "ldapServer": format!("ldap://127.0.0.1:{}", campus("CAMPUS_LDAP_A")),
        "ldapBase": "ou=people,dc=a,dc=test",
        "managerDn": "cn=sso,ou=services,dc=a,dc=test",
        "managerPassword": "svc-sso",
        "AuthLDAPFilter": "(&(uid=$user)(objectClass=inetOrgPerson))",
        "ldapExportedVars": {"uid": "uid", "mail": "mail"},
        "issuerDBCASActivation": 1,
        "issuerDBCASPath": "^/cas/",
        "casAccessControlPolicy": "none",
        "casAttr": "uid",
        "casAttributes": {"uid": "uid", "mail": "mail"},
        "casBackChannelSingleLogout": 1,
        "globalStorage": "Apache::Session::File",
        "globalStorageOptions": sessions("sessions"),
        "persistentStorage": "Apache::Session::File",
        "persistentStorageOptions": sessions("persistent"),
        "localSessionStorage": "Cache::FileCache",
        "localSessionStorageOptions": {"namespace": "lemonldap-ng-sessions", "cache_root": at("cache"), "cache_depth": 3, "default_expires_in": 600, "directory_umask": "007"},
        "locationRules": {"lemon.localhost": {"default": "accept"}},
        "timeout": 72000,
        "trustedDomains": "*",
    });
    fs::write(folder.join("conf/lmConf-1.json"), settings.to_string()).unwrap();
    let log = "Lemonldap::NG::Common::Logger::Std";
    let cache = format!(
        "{{ 'namespace' => 'lemonldap-ng-config', 'default_expires_in' => 600, 'directory_umask' => '007', 'cache_root' => '{}', 'cache_depth' => 3 }}",
        at("cache")
    );
    let ini = format!(
        "[all]\nlogLevel = info\ncheckTime = 1\nlogger = {log}\nuserLogger = {log}\n[configuration]\ntype = File\ndirName = {}\n\
         localStorage = Cache::FileCache\nlocalStorageOptions = {cache}\n[portal]\nstaticPrefix = /static\n\
         templateDir = /usr/share/lemonldap-ng/portal/templates\nlanguages = en, fr\n",
        at("conf")
    );
    fs::write(folder.join("lemonldap-ng.ini"), ini).unwrap();
    let listen = format!("127.0.0.1:{port}");
    let program = "/usr/share/lemonldap-ng/portal/htdocs/index.psgi";
    let environment = [
        ("LLNG_DEFAULTCONFFILE", at("lemonldap-ng.ini")),
        // Its own calls are made to gateways whose certificate the campus's authority signed.
        ("PERL_LWP_SSL_CA_FILE", campus("CAMPUS_CA").to_owned()),
        ("PERL_LWP_SSL_VERIFY_HOSTNAME", "0".to_owned()),
    ];
    let environment: Vec<(&str, &str)> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let server = serve(&folder, port, "starman", &["--listen", &listen, "--workers", "2", program], &environment);
    let url = format!("http://lemon.localhost:{port}/");
    eventually("a log-in page", || try_run("curl", &["-sf", "-o", "/dev/null", &url]).status.success());
    (server, port)
}

/// garonne signs on there. It is also reached by its address, because Perl knows no names below localhost.
fn with_lemon(config: &Path, port: u16) {
    let url = format!("http://lemon.localhost:{port}/cas");
    extend(
        config,
        &format!("[realm.garonne.sso.cas]\nurl = \"{url}\"\nsubject = \"uid\"\ncalls_from = [\"127.0.0.1\"]\n"),
    );
    let file = config.join("institutions/garonne/institution.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(file, text.replacen("hosts = [", "hosts = [\"127.0.0.1\", ", 1)).unwrap();
}

#[test]
fn lemonldap_signs_on_and_its_log_out_ends_the_session() {
    let (_server, port) = lemon();
    let gateway = Gateway::start_with("lemon", &State::Sqlite, |config| with_lemon(config, port));
    let at = |path: &str| format!("https://127.0.0.1:{}{path}", gateway.https);
    let jar = Jar::new();
    let ours = |path: &str| jar.get(&at(path), &["-k"]);
    let begun = location(&ours("/cas/garonne/login?next=/"));
    let here = service(&begun);
    let form = jar.get(&begun, &[]);
    let filled = format!("user=u00017&password=pw-u00017{}", hidden_fields(&form));
    let signed_on = jar.get(&begun, &["-d", &filled]);
    let back = location(&signed_on);
    assert!(back.starts_with(&here) && back.contains("ticket=ST-"), "{signed_on}");
    assert_eq!(location(&jar.get(&back, &["-k"])), "/");
    let home = ours("/basic");
    assert!(home.contains("u00017"), "{home}");
    assert_ne!(location(&Jar::new().get(&back, &["-k"])), "/", "another browser's, and used");
    // The server tells us of its log-out, and it ends here too.
    let out = jar.get(&format!("http://lemon.localhost:{port}/?logout=1"), &[]);
    assert!(out.starts_with("HTTP/1.1 200"), "{out}");
    eventually("the log-out at the server ends the session", || !ours("/basic").contains("u00017"));
    // Nobody is signed on there any more: asked without a prompt, it says so.
    let begun = location(&ours("/cas/garonne/login?gateway=1&next=/"));
    let back = location(&jar.get(&begun, &[]));
    assert!(back.starts_with(&at("/cas/garonne/callback?t=")) && !back.contains("ticket="), "{back}");
}
