//! A tool that is off is off on every surface, also for what is open.

use super::{administer, look, update};
use crate::{
    harness::{Gateway, Imap, campus, curl},
    web::Browser,
};
use std::fs;

#[test]
fn mail_that_is_off_is_refused_in_the_protocols_words() {
    let gateway = Gateway::start("settings-mail");
    let mut open = Imap::log_in(gateway.imap, "u00005@a.test", "pw-u00005");
    open.send(b"i IDLE\r\n");
    let _ = open.line();
    let mut other = Imap::log_in(gateway.imap, "u00005@b.test", "pw-u00005");
    update(&gateway, "{'tools.mail': False}");
    assert_eq!(open.line(), "* BYE Your access was withdrawn", "what is open ends");
    let (mut imap, _) = Imap::connect(gateway.imap);
    let refused = imap.command("l LOGIN u00005@a.test pw-u00005");
    assert_eq!(refused.last().unwrap(), "l NO [CANNOT] There is no mail for this account here");
    let wrong = imap.command("m LOGIN u00005@a.test wrong");
    assert!(wrong.last().unwrap().starts_with("m NO [AUTHENTICATIONFAILED]"), "{wrong:?}");
    assert!(other.command("n NOOP").last().unwrap().starts_with("n OK"), "another institution's mail goes on");
    let browser = Browser::sign_in(&gateway, "garonne.localhost", "u00005", "pw-u00005");
    let home = browser.get("/basic");
    assert!(!home.body.contains("id=\"mail\"") && home.body.contains("id=\"files\""), "{}", home.body);
    let json: serde_json::Value = serde_json::from_str(&look(&gateway, "/branding.json").body).unwrap();
    assert_eq!((json["tools"]["mail"].as_bool(), json["tools"]["files"].as_bool()), (Some(false), Some(true)));
    administer(&gateway, "s.institution.undo(1)");
    let mut imap = Imap::log_in(gateway.imap, "u00005@a.test", "pw-u00005");
    assert!(imap.command("n NOOP").last().unwrap().starts_with("n OK"));
}

#[test]
fn files_that_are_off_are_not_there() {
    let gateway = Gateway::start_with("settings-files", &crate::harness::State::Sqlite, |config| {
        let file = config.join("institutions/autan/institution.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(file, text.replace("shares_with = []", "shares_with = [\"garonne\"]")).unwrap();
    });
    for (institution, login) in [("garonne", "u00001"), ("garonne", "u00005"), ("autan", "u00001")] {
        fs::create_dir_all(gateway.home(institution, login)).unwrap();
        fs::write(gateway.home(institution, login).join("a.txt"), "a").unwrap();
    }
    let share = "s.grant.set({'owner': 'u00001'}, {'account': 'u00005@a.test'}, ['read'])";
    crate::sharing::grants(&gateway, "u00001@a.test:pw-u00001", share);
    crate::sharing::grants(&gateway, "u00001@b.test:pw-u00001", share);
    let me = "u00005@a.test:pw-u00005";
    let paths = ["/dav/files/u00005/a.txt", "/dav/files/u00001/a.txt", "/dav/files/u00001@b.test/a.txt"];
    let answers = |gateway: &Gateway| paths.map(|path| curl(gateway, "localhost", Some(me), "GET", path, &[]).status);
    assert_eq!(answers(&gateway), [200; 3]);
    update(&gateway, "{'tools.files': False}");
    assert_eq!(answers(&gateway), [404; 3], "own ones, a colleague's, and what another institution shares");
    let missing = curl(&gateway, "localhost", Some(me), "GET", "/dav/files/u00005/never.txt", &[]);
    let hidden = curl(&gateway, "localhost", Some(me), "GET", paths[0], &[]);
    assert_eq!(missing.body, hidden.body);
    assert_eq!(curl(&gateway, "localhost", Some(me), "PUT", "/dav/files/u00005/b.txt", &["-d", "b"]).status, 404);
    let listed = curl(&gateway, "localhost", Some(me), "PROPFIND", "/dav/files/", &["-H", "Depth: 1"]);
    assert!(!listed.body.contains("/dav/files/u0000"), "{}", listed.body);
    let mut browser = Browser::sign_in(&gateway, "garonne.localhost", "u00005", "pw-u00005");
    let home = browser.get("/basic");
    for part in ["id=\"files\"", "id=\"shared\"", "/dav/", "a.txt"] {
        assert!(home.status == 200 && !home.body.contains(part), "{part} in {}", home.body);
    }
    assert_eq!(browser.post("/upload?folder=", &[]).status, 404);
    update(&gateway, "{'tools.files': True}");
    assert_eq!(answers(&gateway), [200; 3]);
    assert!(gateway.home("garonne", "u00005").join("a.txt").exists());
}

#[test]
fn app_passwords_that_are_off_open_nothing_until_they_are_on_again() {
    let gateway = Gateway::start("settings-app");
    let secret = administer(&gateway, "print(s.appPassword.make('u00006', 'phone')['password'])").remove(0);
    let mut open = Imap::log_in(gateway.imap, "u00006@a.test", &secret);
    open.send(b"i IDLE\r\n");
    let _ = open.line();
    let mut typed = Imap::log_in(gateway.imap, "u00006@a.test", "pw-u00006");
    update(&gateway, "{'tools.app_passwords': False}");
    assert_eq!(open.line(), "* BYE Your access was withdrawn");
    assert!(typed.command("n NOOP").last().unwrap().starts_with("n OK"), "the directory's password is another matter");
    let (mut imap, _) = Imap::connect(gateway.imap);
    let refused = imap.command(&format!("l LOGIN u00006@a.test {secret}"));
    assert!(refused.last().unwrap().starts_with("l NO [AUTHENTICATIONFAILED]"), "{refused:?}");
    let mut browser = Browser::sign_in(&gateway, "garonne.localhost", "u00006", "pw-u00006");
    assert!(!browser.get("/basic").body.contains("id=\"app-passwords\""));
    assert_eq!(browser.post("/app-passwords", &[("name", "x"), ("scope", "all")]).status, 404);
    let made = administer(&gateway, "print(code(s.appPassword.make, 'u00006', 'other'))");
    assert_eq!(made, ["501"]);
    update(&gateway, "{'tools.app_passwords': True}");
    Imap::log_in(gateway.imap, "u00006@a.test", &secret);
    assert!(!campus("CAMPUS_CA").is_empty());
}
