//! The page of administrators, as a browser without script uses it. What it looks like, `browser.rs` tries.

use super::{administer, look};
use crate::{
    harness::{Answer, Gateway, curl},
    web::{Browser, token},
};
use std::fs;

/// The version that the page's forms are made for.
fn version(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"version\" value=\"").expect("a form with a version");
    rest.split('"').next().unwrap().to_owned()
}

#[test]
fn an_administrator_changes_the_institution_without_a_server() {
    let gateway = Gateway::start("settings-admin");
    let mut browser = Browser::sign_in(&gateway, "garonne.localhost", "u00001", "pw-u00001");
    assert!(browser.get("/basic").body.contains("href=\"/admin\""), "the way is shown");
    let page = browser.get("/admin");
    assert_eq!(page.status, 200);
    assert_eq!(version(&page.body), "0");

    let saved = browser.post(
        "/admin",
        &[
            ("section", "look"),
            ("version", "0"),
            ("name.en", "Page <University>"),
            ("name.fr", ""),
            ("branding.colour", "#135724"),
        ],
    );
    assert_eq!((saved.status, saved.header("location")), (303, Some("/admin?done=1")));
    assert!(look(&gateway, "/branding.css").body.contains("--brand: #135724"));
    let page = browser.get("/admin?done=1").body;
    assert!(page.contains("Page &#60;University&#62;") && page.contains("class=\"message good\""), "{page}");
    assert_eq!(version(&page), "1");

    let colour =
        |version, colour| [("section", "look"), ("version", version), ("name.en", "X"), ("branding.colour", colour)];
    let stale = browser.post("/admin", &colour("0", "#000000"));
    assert_eq!(stale.status, 409);
    let bad = browser.post("/admin", &colour("1", "red"));
    assert!(bad.status == 400 && bad.body.contains("role=\"alert\""), "{bad:?}");
    assert_eq!(browser.post("/admin", &[("section", "nowhere"), ("version", "1")]).status, 404);
    assert!(look(&gateway, "/branding.css").body.contains("--brand: #135724"), "nothing of these was done");

    // A box that is not ticked is not sent: mail and app passwords go, files stay.
    let tools = browser.post("/admin", &[("section", "tools"), ("version", "1"), ("tools.files", "1")]);
    assert_eq!(tools.status, 303);
    let told = administer(
        &gateway,
        "
i = s.institution.get(); print([i['settings']['tools.' + t] for t in ('mail', 'files', 'app_passwords')], i['version'])
print([(l['who'], l['method'], l['outcome']) for l in s.audit.list('garonne')['lines']][:2], '127.0.0.1' in s.audit.list('garonne')['lines'][0]['from'])
print(s.audit.list('garonne')['lines'][-1]['change'])",
    );
    assert_eq!(told[0], "[False, True, False] 2");
    let line = "('account:garonne/u00001', 'institution.update', ";
    assert_eq!(told[1], format!("[{line}'done'), {line}'invalid')] True"));
    assert!(told[2].contains("branding.colour=\"#135724\""), "{}", told[2]);
    let reset = browser.post("/admin", &[("section", "tools"), ("version", "2"), ("reset", "1")]);
    assert_eq!(reset.status, 303);
    assert_eq!(browser.post("/admin/undo", &[("change", "2")]).status, 409, "it was changed since");
    assert_eq!(browser.post("/admin/undo", &[("change", "1")]).status, 303);
    assert_eq!(browser.post("/admin/undo", &[("change", "99")]).status, 404);
    assert!(look(&gateway, "/login").body.contains("Garonne University"));
}

/// Sends the form of an image with the file.
fn send(gateway: &Gateway, browser: &Browser<'_>, image: &str, file: &std::path::Path) -> Answer {
    let page = browser.get("/admin").body;
    let (token, version) = (format!("token={}", token(&page)), format!("version={}", version(&page)));
    let (image, file, origin) = (format!("image={image}"), format!("file=@{}", file.display()), browser.origin());
    let form = ["-b", &browser.cookie, "-H", &origin, "-F", &token, "-F", &version, "-F", &image, "-F", &file];
    curl(gateway, "garonne.localhost", None, "POST", "/admin/image", &form)
}

#[test]
fn images_by_the_page_are_checked_too() {
    let gateway = Gateway::start("settings-images");
    let browser = Browser::sign_in(&gateway, "garonne.localhost", "u00001", "pw-u00001");
    let write = |name: &str, content: &[u8]| {
        let path = gateway.dir.join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let good = write("good.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"><rect width=\"9\" height=\"9\"/></svg>");
    let hostile = write("x.png", b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>");
    let large = write("large.png", &vec![b'x'; 300_000]);
    let empty = write("empty.png", b"");
    for bad in [&hostile, &large, &empty] {
        let answer = send(&gateway, &browser, "logo", bad);
        assert!(answer.status == 400 && answer.body.contains("role=\"alert\""), "{}: {answer:?}", bad.display());
    }
    assert_eq!(look(&gateway, "/branding/logo").status, 404);
    assert_eq!(send(&gateway, &browser, "logo", &good).status, 303);
    let shown = look(&gateway, "/branding/logo");
    assert_eq!((shown.status, shown.header("content-type")), (200, Some("image/svg+xml")));
    assert_eq!(send(&gateway, &browser, "nothing", &good).status, 404);
}

#[test]
fn it_is_for_administrators_alone() {
    let gateway = Gateway::start("settings-admin-rights");
    let mut browser = Browser::sign_in(&gateway, "garonne.localhost", "u00002", "pw-u00002");
    let (page, missing) = (browser.get("/admin"), browser.get("/no-such-page"));
    assert_eq!((page.status, page.body), (404, missing.body), "hidden equals missing");
    assert!(!browser.get("/basic").body.contains("/admin"));
    assert_eq!(browser.post("/admin", &[("section", "look"), ("version", "0")]).status, 404);
    let nobody = curl(&gateway, "garonne.localhost", None, "GET", "/admin", &[]);
    assert_eq!((nobody.status, nobody.header("location")), (303, Some("/login?next=%2Fadmin")));
    // An administrator of another institution of this installation.
    let other = Browser::sign_in(&gateway, "autan.localhost", "u00001", "pw-u00001");
    assert!(other.get("/admin").body.contains("Autan University"));
    assert_eq!(administer(&gateway, "print(s.institution.get()['version'])"), ["0"]);
}
