//! Scripts in what people upload, opened by somebody else in Chromium: by WebDAV's address, by a link and as a preview. Nothing
//! runs. `browser/xss.mjs` is the visitor.

use crate::{
    browser::install,
    harness::{Gateway, campus, root, try_run},
    web::Browser,
};
use std::{fs, path::Path};

#[test]
fn a_script_in_a_file_runs_for_nobody() {
    let folder = root().join("tests/e2e/browser");
    install(&folder);
    let gateway = Gateway::start("xss");
    let home = gateway.home("garonne", "u00001").join("trap");
    fs::create_dir_all(&home).unwrap();
    let script = "alert('ran'); fetch('/ran')";
    let svg = format!("<svg xmlns='http://www.w3.org/2000/svg' onload=\"{script}\"><script>{script}</script></svg>");
    let html = format!("<!doctype html><title>x</title><script>{script}</script><img src=x onerror=\"{script}\">");
    for (name, content) in [
        ("a.svg", &svg),
        ("a.html", &html),
        ("a.xhtml", &html),
        ("a.txt", &html),
        ("svg.png", &svg),
        ("html.jpg", &html),
        ("none", &html),
    ] {
        fs::write(home.join(name), content).unwrap();
    }
    let mut owner = Browser::sign_in(&gateway, "garonne.localhost", "u00001", "pw-u00001");
    let place = "owner=u00001&folder=trap";
    let shared = owner.post(&format!("/share?{place}"), &[("kind", "person"), ("who", "u00002"), ("what", "read")]);
    assert_eq!(shared.status, 201, "{shared:?}");
    let link = owner.post(&format!("/share/link?{place}"), &[("what", "read")]);
    let link = link.body.split_once("/s/").unwrap().1.split('<').next().unwrap().to_owned();
    let certificates = Path::new(campus("CAMPUS_CA")).parent().unwrap();
    let arguments = [folder.join("xss.mjs"), certificates.to_owned(), gateway.https.to_string().into(), link.into()];
    let visit = try_run("node", &arguments.iter().map(|it| it.to_str().unwrap()).collect::<Vec<_>>());
    let said = (String::from_utf8_lossy(&visit.stdout), String::from_utf8_lossy(&visit.stderr));
    assert!(visit.status.success(), "{}\n{}", said.0, said.1);
}
