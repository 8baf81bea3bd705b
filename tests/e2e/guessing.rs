//! Who guesses passwords has to wait, on every surface; whom they guess at does not.

use crate::harness::{Answer, Gateway, Imap, curl};

/// One try at IMAP, on a connection of its own.
fn tries(gateway: &Gateway, login: &str, password: &str) -> String {
    let (mut imap, _) = Imap::connect(gateway.imap);
    imap.command(&format!("l LOGIN {login} {password}")).last().cloned().unwrap_or_default()
}

fn asks(gateway: &Gateway, who: &str, method: &str, path: &str, more: &[&str]) -> Answer {
    curl(gateway, "garonne.localhost", Some(who), method, path, more)
}

#[test]
fn whoever_guesses_waits_and_nobody_else() {
    let gateway = Gateway::start("guessing");
    for guess in 0..5 {
        let said = tries(&gateway, "u00001@a.test", &format!("guess-{guess}"));
        assert!(said.starts_with("l NO [AUTHENTICATIONFAILED]"), "{said}");
    }
    // One account and address, whatever it speaks: guesses are not free on the next surface.
    let said = tries(&gateway, "U00001@A.test", "guess-5");
    assert!(said.starts_with("l NO [LIMIT]"), "{said}");
    let dav = asks(&gateway, "u00001@a.test:guess-6", "PROPFIND", "/dav/files/u00001/", &["-H", "Depth: 0"]);
    assert_eq!(dav.status, 429, "{dav:?}");
    let wait: u64 = dav.header("Retry-After").unwrap().parse().unwrap();
    assert!((1..=4).contains(&wait), "{wait}");
    let body = "<methodCall><methodName>system.listMethods</methodName></methodCall>";
    let call =
        asks(&gateway, "u00001@a.test:guess-7", "POST", "/xmlrpc", &["-H", "Content-Type: text/xml", "-d", body]);
    assert_eq!((call.status, call.header("Retry-After").is_some()), (429, true));
    let origin = format!("Origin: https://garonne.localhost:{}", gateway.https);
    let form = ["-H", &origin, "-d", "login=u00001&password=guess-8&next="];
    let page = curl(&gateway, "garonne.localhost", None, "POST", "/login", &form);
    assert_eq!(page.status, 429, "{page:?}");
    assert!(page.body.contains("too many wrong passwords"), "{}", page.body);
    gateway.wait_for_log("too-many");
    // Others behind the same address get in, and so does the person itself once the wait is over.
    Imap::log_in(gateway.imap, "u00002@a.test", "pw-u00002");
    Imap::log_in(gateway.imap, "u00001@b.test", "pw-u00001");
    std::thread::sleep(std::time::Duration::from_secs(wait));
    Imap::log_in(gateway.imap, "u00001@a.test", "pw-u00001");
    // From now on the right password is known: no guesses of anybody keep it out, not even from here.
    for guess in 10..16 {
        tries(&gateway, "u00001@a.test", &format!("guess-{guess}"));
    }
    let said = tries(&gateway, "u00001@a.test", "guess-17");
    assert!(said.starts_with("l NO [LIMIT]"), "{said}");
    Imap::log_in(gateway.imap, "u00001@a.test", "pw-u00001");
    let dav = asks(&gateway, "u00001@a.test:pw-u00001", "PROPFIND", "/dav/files/u00001/", &["-H", "Depth: 0"]);
    assert_eq!(dav.status, 207);
}

#[test]
fn an_address_that_tries_everybody_waits() {
    let gateway = Gateway::start_with("spraying", &crate::harness::State::Sqlite, |config| {
        let file = config.join("passerelle.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.replace("refusal_millis = 200", "refusal_millis = 0\nwrong_passwords_per_address = 20");
        std::fs::write(file, text).unwrap();
    });
    Imap::log_in(gateway.imap, "u00001@a.test", "pw-u00001");
    let refused = (2..40)
        .position(|person| tries(&gateway, &format!("u{person:05}@a.test"), "azerty").starts_with("l NO [LIMIT]"));
    assert_eq!(refused, Some(20), "so many wrong passwords, whoever it was");
    Imap::log_in(gateway.imap, "u00001@a.test", "pw-u00001");
}
