//! Templates, new institutions by one command, where values come from, and certificates that are renewed.

use crate::harness::{Gateway, State, binary, campus, curl, eventually, run, try_run};
use std::{fs, path::Path};

fn passerelle(arguments: &[&str]) -> (i32, String) {
    let output = try_run(binary().to_str().unwrap(), arguments);
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap_or(-1), text)
}

/// What the template of these tests says: everything but names and addresses.
fn write_template(config: &Path) {
    fs::create_dir_all(config.join("templates")).unwrap();
    let store = config.parent().unwrap().join("files/{id}/{login}");
    let template = format!(
        "realm = \"nord\"\nadministrators = [\"u00001\"]\n[branding]\ncolour = \"#336699\"\n[branding.sign_in]\nen = \"Welcome to {{domain}}\"\n[files.home]\nkind = \"local\"\npath = {:?}\ncreate = true\n",
        store.to_str().unwrap()
    );
    fs::write(config.join("templates/regional.toml"), template).unwrap();
    let main = config.join("passerelle.toml");
    let text = fs::read_to_string(&main).unwrap();
    let realm = format!("[realm.nord.directory]\nkind = \"ldif\"\nfile = \"{}\"\n", campus("CAMPUS_LDIF_C"));
    fs::write(main, text + &realm).unwrap();
}

#[test]
fn a_new_institution_by_one_command_is_served_by_the_gateway_that_runs() {
    // A realm must serve somebody: it comes with its first institution, while the gateway runs.
    let gateway = Gateway::start("settings-new");
    let config = gateway.config();
    write_template(&config);
    fs::create_dir_all(gateway.dir.join("files/nord")).unwrap();
    gateway.wait_for_log("serves no institution");
    let dir = config.to_str().unwrap();
    let new = |arguments: &[&str]| passerelle(&[&["institution", "new", "--config", dir], arguments].concat());
    let nord = ["--host", "nord.localhost", "--domain", "nord.test", "--name", "en=North \"University\"", "nord"];
    let (code, told) = new(&[&["--template", "no-such"][..], &nord].concat());
    assert!(code == 2 && told.contains("templates/no-such.toml") && told.contains("nothing was made"), "{told}");
    let (code, told) = new(&["--template", "regional", "--host", "garonne.localhost", "--domain", "nord.test", "nord"]);
    assert!(code == 2 && told.contains("belongs to"), "a host that is taken: {told}");
    assert!(!config.join("institutions/nord").exists());
    let (code, told) = new(&[&["--template", "regional"][..], &nord].concat());
    assert_eq!(code, 0, "{told}");
    let (code, told) = new(&[&["--template", "regional"][..], &nord].concat());
    assert!(code == 1 && told.contains("there already"), "{told}");

    let page = || curl(&gateway, "nord.localhost", None, "GET", "/login", &["-k", "-H", "Accept-Language: en"]).body;
    eventually("the new folder is noticed", || page().contains("North &#34;University&#34;"));
    assert!(page().contains("Welcome to nord.test"), "{}", page());
    let who = Some("u00001@nord.test:pw-u00001");
    assert_eq!(curl(&gateway, "localhost", who, "PUT", "/dav/files/u00001/a", &["-d", "x"]).status, 201);
    assert!(gateway.dir.join("files/nord/u00001/a").exists());

    // A change of the template changes who uses it; the file is over it, and what was changed at run time over both.
    let template = config.join("templates/regional.toml");
    let text = fs::read_to_string(&template).unwrap();
    fs::write(&template, text.replace("Welcome to", "Bonjour,").replace("#336699", "#996633")).unwrap();
    eventually("the template's text", || page().contains("Bonjour, nord.test"));
    let json = || curl(&gateway, "nord.localhost", None, "GET", "/branding.json", &["-k"]).body;
    assert!(json().contains("#996633"));
    crate::sharing::grants(
        &gateway,
        "u00001@nord.test:pw-u00001",
        "s.institution.update({'branding.colour': '#010203'})",
    );
    assert!(json().contains("#010203"));
    let (code, told) = passerelle(&["check", "--config", dir, "--show-origin"]);
    assert_eq!(code, 0, "{told}");
    let line = |told: &str, wanted: &str| told.lines().any(|line| line.contains(wanted));
    for wanted in [
        "templates/regional.toml:4 (template): nord: branding.colour = \"#996633\"",
        "institutions/nord/institution.toml:4: hosts = [\"nord.localhost\"]",
        "default: nord: limits.upload_mib = 0",
        "institutions/garonne/institution.toml:10: branding.colour = \"#8a1538\"",
    ] {
        assert!(line(&told, wanted), "{wanted} in {told}");
    }
    let (_, told) = passerelle(&["check", "--config", dir, "--show-origin", "--state"]);
    assert!(line(&told, "changed at run time (1): nord: branding.colour = \"#010203\""), "{told}");
    assert!(!line(&told, "#996633"), "{told}");

    // A fault in the template is told as its own, and the old settings stay.
    fs::write(&template, text.replace("kind = \"local\"", "kind = \"lokal\"")).unwrap();
    let (code, told) = passerelle(&["check", "--config", dir]);
    assert!(code == 2 && told.contains("templates/regional.toml:7"), "{told}");
    assert!(page().contains("Bonjour, nord.test"));
    // A file as template: its text becomes the institution's own.
    fs::write(&template, &text).unwrap();
    let copy = template.to_str().unwrap();
    let (code, told) = new(&["--template", copy, "--host", "sud.localhost", "--domain", "sud.test", "sud"]);
    assert_eq!(code, 0, "{told}");
    let own = fs::read_to_string(config.join("institutions/sud/institution.toml")).unwrap();
    assert!(own.contains("en = \"Welcome to sud.test\"") && !own.contains("template ="), "{own}");
}

#[test]
fn a_renewed_certificate_is_shown_without_a_restart() {
    let place = std::env::temp_dir().join(format!("passerelle-renewed-{}", std::process::id()));
    fs::create_dir_all(&place).unwrap();
    let issue = |name: &str| {
        let (key, certificate) = (place.join("tls.key.new"), place.join("tls.pem.new"));
        let subject = format!("/CN={name}");
        run(
            "openssl",
            &[
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                &subject,
                "-addext",
                "subjectAltName=DNS:garonne.localhost",
                "-keyout",
                key.to_str().unwrap(),
                "-out",
                certificate.to_str().unwrap(),
            ],
        );
        // As a client of ACME does it: new files in the place of the old ones.
        fs::rename(key, place.join("tls.key")).unwrap();
        fs::rename(certificate, place.join("tls.pem")).unwrap();
    };
    issue("first");
    let gateway = Gateway::start_with("settings-tls", &State::Sqlite, |config| {
        let file = config.join("institutions/garonne/institution.toml");
        let text = fs::read_to_string(&file).unwrap();
        let certificates = Path::new(campus("CAMPUS_CA")).parent().unwrap();
        let text =
            text.replace(certificates.join("garonne.pem").to_str().unwrap(), place.join("tls.pem").to_str().unwrap());
        let text =
            text.replace(certificates.join("garonne.key").to_str().unwrap(), place.join("tls.key").to_str().unwrap());
        fs::write(file, text).unwrap();
    });
    let shown = |name: &str| {
        let port = format!("localhost:{}", gateway.https);
        let output = try_run("openssl", &["s_client", "-connect", &port, "-servername", name]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(shown("garonne.localhost").contains("CN = first"), "{}", shown("garonne.localhost"));
    issue("second");
    eventually("the renewed certificate", || shown("garonne.localhost").contains("CN = second"));
    assert!(!shown("autan.localhost").contains("CN = second"), "another institution's stays");
    // Half of a renewal, or nonsense, keeps what is there.
    fs::write(place.join("tls.pem"), "nonsense").unwrap();
    gateway.wait_for_log("give a PEM chain");
    assert!(shown("garonne.localhost").contains("CN = second"));
    issue("third");
    eventually("the next one", || shown("garonne.localhost").contains("CN = third"));
    update_and_look(&gateway);
    fs::remove_dir_all(&place).unwrap();
}

/// The settings of run time have been there all along.
fn update_and_look(gateway: &Gateway) {
    let login = crate::xmlrpc::ADMINISTRATOR;
    crate::sharing::grants(gateway, login, "s.institution.update({'branding.colour': '#0a0b0c'})");
    let body = curl(gateway, "garonne.localhost", None, "GET", "/branding.json", &["-k"]).body;
    assert!(body.contains("#0a0b0c"), "{body}");
}
