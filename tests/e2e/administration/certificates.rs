//! Programs that are known by a client certificate in place of a token.

use crate::{
    harness::{Answer, Gateway, State, curl, run},
    xmlrpc::{ADMINISTRATOR, python},
};
use std::{fs, path::Path};

/// An authority, and certificates of it for these names.
fn authority(folder: &Path, names: &[&str]) {
    fs::create_dir_all(folder).unwrap();
    let at = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let ca = ["req", "-x509", "-days", "2", "-subj", "/CN=portals", "-keyout", &at("ca.key"), "-out", &at("ca.pem")];
    run("openssl", &[&ca[..], &key].concat());
    // Of version 3: what has no extensions at all is of version 1, which TLS libraries take no more.
    fs::write(folder.join("of-clients"), "basicConstraints=CA:FALSE\nextendedKeyUsage=clientAuth\n").unwrap();
    for name in names {
        let (request, own) = (at(&format!("{name}.csr")), at(&format!("{name}.key")));
        let subject = format!("/CN={name}");
        run("openssl", &[&["req", "-new", "-subj", &subject, "-keyout", &own, "-out", &request][..], &key].concat());
        let (ca, ca_key, out) = (at("ca.pem"), at("ca.key"), at(&format!("{name}.pem")));
        let sign = ["x509", "-req", "-days", "2", "-in", &request, "-CA", &ca, "-CAkey", &ca_key, "-CAcreateserial"];
        run("openssl", &[&sign[..], &["-extfile", &at("of-clients"), "-out", &out]].concat());
    }
}

#[test]
fn a_program_with_its_certificate() {
    let gateway = Gateway::start_with("admin-certificate", &State::Sqlite, |config| {
        authority(&config.join("portals"), &["portal", "other"]);
        authority(&config.join("strangers"), &["portal"]);
        let file = config.join("passerelle.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(file, text.replace("[network]", "[network]\nclient_ca = \"portals/ca.pem\"")).unwrap();
    });
    let at = |name: &str| gateway.config().join(name).to_str().unwrap().to_owned();
    let printed = run("openssl", &["x509", "-noout", "-fingerprint", "-sha256", "-in", &at("portals/portal.pem")]);
    let fingerprint = printed.trim().split_once('=').unwrap().1.to_owned();
    let make = format!("s.apiClient.make('Portal', ['account.*'], {{'certificate': '{fingerprint}'}})");
    let told = python(
        &gateway,
        ADMINISTRATOR,
        &format!(
            "m = {make}; print(repr(m['token']), m['methods'])\nprint(code(s.apiClient.make, 'Twice', ['*'], {{'certificate': '{fingerprint}'}}), code(s.apiClient.make, 'x', ['*'], {{'certificate': 'abc'}}))\nprint(m['id'])"
        ),
    );
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(&lines[..2], ["'' ['account.*']", "409 -32602"]);

    let call = |shown: &[&str], method: &str, parameter: &str| -> Answer {
        let body = format!(
            "<methodCall><methodName>{method}</methodName><params><param><value><string>{parameter}</string></value></param></params></methodCall>"
        );
        curl(
            &gateway,
            "garonne.localhost",
            None,
            "POST",
            "/xmlrpc",
            &[&["-H", "Content-Type: text/xml", "-d", &body], shown].concat(),
        )
    };
    let (certificate, key) = (at("portals/portal.pem"), at("portals/portal.key"));
    let own = ["--cert", certificate.as_str(), "--key", key.as_str()];
    let answer = call(&own, "account.get", "u00002");
    assert!(answer.status == 200 && answer.body.contains("u00002") && !answer.body.contains("fault"), "{answer:?}");
    assert!(call(&own, "group.get", "g0001").body.contains("403"), "not among its methods");
    // A password or a token that is shown counts, and nothing in its place.
    assert_eq!(call(&[&own[..], &["-H", "Authorization: Bearer x"]].concat(), "account.get", "u00002").status, 401);
    assert_eq!(call(&[], "account.get", "u00002").status, 401, "no certificate");
    let (certificate, key) = (at("portals/other.pem"), at("portals/other.key"));
    assert_eq!(
        call(&["--cert", &certificate, "--key", &key], "account.get", "u00002").status,
        401,
        "another of the same authority"
    );
    let (certificate, key) = (at("strangers/portal.pem"), at("strangers/portal.key"));
    assert_eq!(
        call(&["--cert", &certificate, "--key", &key], "account.get", "u00002").status,
        0,
        "of another authority"
    );
    // It opens administration alone, and people are asked for nothing.
    for (method, path) in [("PROPFIND", "/dav/files/u00002/"), ("GET", "/")] {
        let answer = curl(&gateway, "garonne.localhost", None, method, path, &own);
        assert!(matches!(answer.status, 401 | 303), "{method} {path}: {}", answer.status);
    }
    assert_eq!(curl(&gateway, "garonne.localhost", None, "GET", "/login", &[]).status, 200);
    assert!(python(&gateway, ADMINISTRATOR, &format!("print(s.apiClient.remove('{}'))", lines[2])).contains("True"));
    assert_eq!(call(&own, "account.get", "u00002").status, 401, "removed, and refused at its next call");
}
