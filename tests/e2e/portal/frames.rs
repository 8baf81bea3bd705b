//! The office in the frames of portals, in Chromium: on our own site, on a foreign one, with cookies of third parties blocked, and
//! on one that is not listed. `browser/frames.mjs` is the visitor.

use super::{begin, extend, free_port, replace};
use crate::{
    browser,
    harness::{Gateway, State, campus, curl, root, try_run},
};
use std::{fs, path::Path};

#[test]
#[allow(clippy::print_stdout, reason = "what the visitor saw belongs to what a run tells")]
fn listed_portals_frame_the_office_on_both_kinds_of_site_and_nobody_else_does() {
    let [own, foreign, unlisted, front] = [free_port(), free_port(), free_port(), free_port()];
    let gateway = Gateway::start_with("portal-frames", &State::Sqlite, |config| {
        extend(
            &config.join("passerelle.toml"),
            &format!(
                "[realm.garonne.sso.cas]\nurl = \"https://127.0.0.1:{front}/cas\"\nca = \"{}\"\n",
                campus("CAMPUS_CA")
            ),
        );
        let portals = format!("portals = [\"https://127.0.0.1:{own}\", \"https://autan.localhost:{foreign}\"]");
        begin(config, "garonne", &portals);
        replace(config, "garonne", "hosts = [\"garonne.localhost\"]", "hosts = [\"garonne.localhost\", \"127.0.0.1\"]");
    });
    let login = "u00030";
    fs::create_dir_all(gateway.home("garonne", login)).unwrap();
    let folder = root().join("tests/e2e/browser");
    browser::install(&folder);
    let certificates = Path::new(campus("CAMPUS_CA")).parent().unwrap().to_str().unwrap();
    let script = folder.join("frames.mjs");
    let ports = [gateway.https, own, foreign, unlisted, front].map(|port| port.to_string());
    let [office, own, foreign, unlisted, front] = ports.each_ref().map(String::as_str);
    let visit = try_run(
        "node",
        &[script.to_str().unwrap(), certificates, office, campus("CAMPUS_CAS_A"), front, login, own, foreign, unlisted],
    );
    let said = String::from_utf8_lossy(&visit.stdout).into_owned();
    println!("{said}");
    assert!(visit.status.success(), "{said}\n{}", String::from_utf8_lossy(&visit.stderr));
    assert_eq!(said.lines().count(), 4, "{said}");
}

#[test]
fn who_may_frame_is_in_every_answer_and_a_frame_is_never_asked_for_a_password() {
    let gateway = Gateway::start_with("portal-policy", &State::Sqlite, |config| {
        begin(config, "garonne", "portals = [\"https://ent.test\", \"https://ENT2.test:8443/\"]");
    });
    let policy = |host: &str, path: &str, more: &[&str]| {
        let answer = curl(&gateway, host, None, "GET", path, more);
        answer.header("content-security-policy").unwrap().to_owned()
    };
    let listed = "frame-ancestors 'self' https://ent.test https://ent2.test:8443";
    for path in ["/", "/login", "/nowhere", "/branding.css", "/framed", "/cas/garonne/login"] {
        let policy = policy("garonne.localhost", path, &[]);
        assert!(policy.ends_with(listed), "{path}: {policy}");
        assert_eq!(policy.contains("script-src"), path == "/framed", "{path}: {policy}");
    }
    assert!(policy("autan.localhost", "/", &[]).ends_with("frame-ancestors 'self'"), "another institution's");
    let framed = ["-H", "Sec-Fetch-Dest: iframe", "-H", "Sec-Fetch-Site: cross-site"];
    let home = curl(&gateway, "garonne.localhost", None, "GET", "/?folder=Cours", &framed);
    assert_eq!(home.header("location"), Some("/framed?next=%2F%3Ffolder%3DCours"), "no CAS server to ask");
    for path in ["/framed?next=%2F", "/login", "/login?problem=refused"] {
        let page = curl(&gateway, "garonne.localhost", None, "GET", path, &framed).body;
        assert!(page.contains("/framed/window") && !page.contains("type=\"password\""), "{path}: {page}");
    }
    assert!(curl(&gateway, "garonne.localhost", None, "GET", "/login", &[]).body.contains("type=\"password\""));
    assert_eq!(curl(&gateway, "autan.localhost", None, "GET", "/framed", &[]).status, 404, "no portals, no frames");
    let window = curl(&gateway, "garonne.localhost", None, "GET", "/framed/window", &[]);
    assert_eq!(window.header("location"), Some("/login?next=%2Fframed%2Fwindow"));
    assert_eq!(window.header("cross-origin-opener-policy"), Some("unsafe-none"));
    assert_eq!(
        curl(&gateway, "garonne.localhost", None, "GET", "/", &[]).header("cross-origin-opener-policy"),
        Some("same-origin")
    );
    assert_eq!(
        curl(&gateway, "autan.localhost", None, "GET", "/login", &[]).header("cross-origin-opener-policy"),
        Some("same-origin")
    );

    // The code: once, from our own page only, and gone with the session.
    let ours = format!("Origin: https://garonne.localhost:{}", gateway.https);
    let form = ["-H", &ours, "-d", "login=u00031&password=pw-u00031"];
    let signed_in = curl(&gateway, "garonne.localhost", None, "POST", "/login", &form);
    let cookie = format!("Cookie: {}", signed_in.header("set-cookie").unwrap().split(';').next().unwrap());
    assert!(!signed_in.head.contains("__Host-passerelle-frame"), "outside of a frame there is one cookie");
    let code = || {
        let page = curl(&gateway, "garonne.localhost", None, "GET", "/framed/window", &["-H", &cookie]).body;
        page.split_once("data-code=\"").unwrap().1.split('"').next().unwrap().to_owned()
    };
    let enter = |code: &str, origin: &str| {
        let form = format!("code={code}&next=https://evil.test/");
        curl(&gateway, "garonne.localhost", None, "POST", "/framed/enter", &["-H", origin, "-d", &form])
    };
    let first = code();
    assert_eq!(enter(&first, "Origin: https://ent.test").status, 403, "from a portal's page");
    assert_eq!(enter(&first, "Origin: null").status, 403);
    let entered = enter(&first, &ours);
    assert_eq!((entered.status, entered.header("location")), (303, Some("/")));
    let set = entered.header("set-cookie").unwrap().to_owned();
    assert!(set.starts_with("__Host-passerelle-frame=") && set.ends_with("SameSite=None; Partitioned"), "{set}");
    assert_eq!(enter(&first, &ours).status, 403, "a code works once");
    let in_frame = format!("Cookie: {}", set.split(';').next().unwrap());
    let home = |cookie: &str| curl(&gateway, "garonne.localhost", None, "GET", "/basic", &["-H", cookie]);
    let page = home(&in_frame);
    assert_eq!(page.status, 200);
    // The frame's cookie signs no write from elsewhere.
    let token = page.body.split_once("name=\"token\" value=\"").unwrap().1.split('"').next().unwrap();
    let write = |origin: &str, site: &str| {
        let (form, site) = (format!("token={token}&name=x&scope=all"), format!("Sec-Fetch-Site: {site}"));
        let more = ["-H", &in_frame, "-H", origin, "-H", &site, "-d", &form];
        curl(&gateway, "garonne.localhost", None, "POST", "/app-passwords", &more).status
    };
    assert_eq!(write("Origin: https://ent.test", "cross-site"), 403);
    assert_eq!(write(&ours, "cross-site"), 403);
    assert_eq!(write(&ours, "same-origin"), 201);
    let second = code();
    let out = format!("token={token}");
    assert_eq!(
        curl(&gateway, "garonne.localhost", None, "POST", "/logout", &["-H", &in_frame, "-H", &ours, "-d", &out])
            .status,
        303
    );
    assert_eq!((home(&in_frame).status, home(&cookie).status), (303, 303), "one session, ended");
    assert_eq!(enter(&second, &ours).status, 403, "and a code that was on its way with it");
}
