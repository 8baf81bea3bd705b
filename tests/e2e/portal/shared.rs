//! On a host that several institutions share: whose counts they are is told by the person's entry, who may frame and ask by
//! the realm, and whose proxy tickets are believed by each institution.

use super::{Portal, authorization, extend, free_port, tokens};
use crate::{
    harness::{Answer, Gateway, State, campus, curl},
    midi::{HOST, with_midi},
};
use serde_json::Value;
use std::fs;

#[track_caller]
fn change(gateway: &Gateway, field: &str, word: &str) -> Answer {
    curl(gateway, HOST, None, "POST", "/portal/session", &["--data", &format!("{field}={word}")])
}

/// The bearer for what a portal brought, and the institution that the answer names.
#[track_caller]
fn bearer(gateway: &Gateway, field: &str, word: &str) -> (String, String) {
    let answer = change(gateway, field, word);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    (text("access_token"), text("institution"))
}

#[track_caller]
fn counts(gateway: &Gateway, bearer: &str) -> Value {
    let answer = curl(gateway, HOST, None, "GET", "/portal/counts", &["-H", &authorization(bearer)]);
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

#[test]
fn each_person_gets_the_counts_of_their_own_institution() {
    let port = free_port();
    let gateway = Gateway::start_with("portal-shared", &State::Sqlite, |config| {
        with_midi(config, &config.parent().unwrap().join("files"));
        let main = config.join("passerelle.toml");
        let text = fs::read_to_string(&main).unwrap();
        let text = text.replace("[realm.midi]\n", "[realm.midi]\nportals = [\"https://ent.midi.test\"]\n");
        let cas = format!("[realm.midi.sso.cas]\nurl = \"http://127.0.0.1:{}/cas\"\n", campus("CAMPUS_CAS_MIDI"));
        assert!(text.contains(&cas), "{text}");
        fs::write(&main, text.replace(&cas, &format!("{cas}proxy = \"callback\"\n"))).unwrap();
        tokens::with_key_of(config, "midi");
        for institution in ["midi-1", "midi-2"] {
            let chain = format!("[portal]\nproxies = [[\"https://localhost:{port}/proxy\"]]\n");
            extend(&config.join(format!("institutions/{institution}/institution.toml")), &chain);
        }
        // Of its own, this one believes another portal only.
        let other = "[portal]\nproxies = [[\"https://ent.test/proxy\"]]\n";
        extend(&config.join("institutions/midi-3/institution.toml"), other);
    });
    let config = gateway.config();
    let service = format!("https://{HOST}:{}/portal/session", gateway.https);
    for (login, institution) in [("u00001", "midi-1"), ("u00002", "midi-2")] {
        let mut portal = Portal::at(campus("CAMPUS_CAS_MIDI"), port, login);
        let ticket = portal.ask(&format!("ticket {service}"));
        let by_ticket = bearer(&gateway, "ticket", &ticket);
        let by_token = bearer(&gateway, "jwt", &tokens::token(&config, login, login));
        for (bearer, named) in [by_ticket, by_token] {
            assert_eq!(named, institution);
            let seen = counts(&gateway, &bearer);
            assert_eq!((&seen["institution"], &seen["login"]), (&institution.into(), &login.into()), "{seen}");
            assert_eq!((&seen["mail"]["total"], &seen["errorCause"]), (&20.into(), &Value::Null), "{seen}");
            assert!(
                seen["link"].as_str().unwrap().starts_with(&format!("https://{HOST}:{}/", gateway.https)),
                "{seen}"
            );
        }
        drop(portal);
    }
    // One without mail, by a token that names their institution; and what is none of the realm's.
    let (without, named) = bearer(&gateway, "jwt", &tokens::token(&config, "u00004@m4.midi.test", "four"));
    assert_eq!(named, "midi-4");
    assert_eq!(counts(&gateway, &without)["mail"], Value::Null);
    for (stranger, id) in
        [("u00002@m1.midi.test", "wrong"), ("u00002@a.test", "garonne"), ("stray", "stray"), ("both", "both")]
    {
        let refused = change(&gateway, "jwt", &tokens::token(&config, stranger, id));
        assert!(matches!(refused.status, 401 | 403), "{stranger}: {}", refused.body);
    }
    // The chain is each institution's own, although the CAS server is the realm's.
    let mut portal = Portal::at(campus("CAMPUS_CAS_MIDI"), port, "u00003");
    let refused = change(&gateway, "ticket", &portal.ask(&format!("ticket {service}")));
    assert_eq!(refused.status, 401, "{}", refused.body);
    assert!(refused.body.contains("\"leg\":\"sign-on\""), "{}", refused.body);
}

#[test]
fn who_may_frame_and_ask_is_the_realms() {
    let gateway = Gateway::start_with("portal-shared-frames", &State::Sqlite, |config| {
        with_midi(config, &config.parent().unwrap().join("files"));
        let main = config.join("passerelle.toml");
        let text = fs::read_to_string(&main).unwrap();
        let portals = "[realm.midi]\nportals = [\"https://ent.midi.test\", \"https://ENT2.test:8443/\"]\n";
        fs::write(&main, text.replace("[realm.midi]\n", portals)).unwrap();
        tokens::with_key_of(config, "midi");
    });
    let policy = |path: &str, more: &[&str]| {
        let answer = curl(&gateway, HOST, None, "GET", path, more);
        answer.header("content-security-policy").unwrap_or_default().to_owned()
    };
    let listed = "frame-ancestors 'self' https://ent.midi.test https://ent2.test:8443";
    for path in ["/", "/login", "/nowhere", "/branding.css", "/branding.css?of=midi-2", "/framed", "/cas/midi/login"] {
        let policy = policy(path, &[]);
        assert!(policy.ends_with(listed), "{path}: {policy}");
    }
    // Signed on, at whichever institution.
    let ours = format!("Origin: https://{HOST}:{}", gateway.https);
    for login in ["u00001", "u00002"] {
        let form = format!("login={login}&password=pw-{login}");
        let signed_in = curl(&gateway, HOST, None, "POST", "/login", &["-H", &ours, "-d", &form]);
        let cookie = format!("Cookie: {}", signed_in.header("set-cookie").unwrap().split(';').next().unwrap());
        assert!(policy("/", &["-H", &cookie]).ends_with(listed), "{login}");
        // A frame's own cookie comes from the realm's page.
        let window = curl(&gateway, HOST, None, "GET", "/framed/window", &["-H", &cookie]);
        assert!(window.body.contains("data-code=\""), "{login}: {}", window.body);
    }
    let (asked, _) = bearer(&gateway, "jwt", &tokens::token(&gateway.config(), "u00002", "one"));
    let from = |origin: &str| {
        let origin = format!("Origin: {origin}");
        let answer =
            curl(&gateway, HOST, None, "GET", "/portal/counts", &["-H", &authorization(&asked), "-H", &origin]);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.header("access-control-allow-origin").map(str::to_owned)
    };
    assert_eq!(from("https://ent.midi.test").as_deref(), Some("https://ent.midi.test"));
    assert_eq!(from("https://ent.test"), None);
    // Elsewhere nothing of it counts.
    for host in ["garonne.localhost", "autan.localhost"] {
        let answer = curl(&gateway, host, None, "GET", "/login", &[]);
        assert!(answer.header("content-security-policy").unwrap().ends_with("frame-ancestors 'self'"), "{host}");
    }
}
