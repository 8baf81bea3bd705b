//! Each leg that may fail is named, and takes none of the others along. And how often a store is asked.

use super::{
    HOST, authorization, bearer, by_ticket_only, change, counts, extend, get, replace,
    tokens::{token, with_key},
    within,
};
use crate::harness::{Gateway, State, campus, curl, run};
use serde_json::Value;
use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

#[track_caller]
fn cause(body: &str) -> (String, String) {
    let body: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{body}"));
    let causes = body["errorCause"].as_array().unwrap_or_else(|| panic!("{body}"));
    assert_eq!(causes.len(), 1, "{body}");
    let text = |name: &str| causes[0][name].as_str().unwrap().to_owned();
    assert!(text("text").contains(' '), "{body}");
    (text("leg"), text("code"))
}

fn pair(leg: &str, code: &str) -> (String, String) {
    (leg.to_owned(), code.to_owned())
}

/// The settings with another line in place of one, taken up by the running gateway.
fn reload(gateway: &Gateway, file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from}");
    taken_up(gateway, || fs::write(file, text.replace(from, to)).unwrap());
}

/// Changes settings, and waits until the gateway says that they are in force: each time is told once, and no other time is taken for it.
fn taken_up(gateway: &Gateway, change: impl FnOnce()) {
    let before = gateway.log().matches("new settings are in force").count();
    change();
    gateway.signal("HUP");
    within("the settings are taken up", || gateway.log().matches("new settings are in force").count() > before);
}

#[test]
fn a_leg_that_fails_is_named_and_the_others_answer() {
    let gateway = Gateway::start_with("portal-legs", &State::Sqlite, |config| {
        with_key(config);
        extend(
            &config.join("passerelle.toml"),
            "[realm.garonne.sso.cas]\nurl = \"http://127.0.0.1:9/cas\"\ntimeout_ms = 1000\n",
        );
    });
    let config = gateway.config();
    fs::create_dir_all(gateway.home("garonne", "u00025")).unwrap();
    let asked = bearer(&gateway, "jwt", &token(&config, "u00025", "legs"));
    let institution = config.join("institutions/garonne/institution.toml");
    let mail = format!("127.0.0.1:{}", campus("CAMPUS_IMAP_A"));

    // Mail.
    reload(&gateway, &institution, &mail, "127.0.0.1:9");
    let seen = counts(&gateway, &asked);
    assert_eq!(cause(&seen.to_string()), pair("mail", "unavailable"));
    assert_eq!(seen["mail"], Value::Null, "a count that nobody can tell is no count");
    assert!(seen["files"]["quota"]["used"].as_u64().is_some(), "{seen}");
    let feed = get(&gateway, &asked, "/portal/feed.atom");
    assert_eq!((feed.status, cause(&feed.body)), (503, pair("mail", "unavailable")), "and no empty feed");
    let fragment = get(&gateway, &asked, "/portal/fragment.html?lang=fr").body;
    assert!(fragment.contains("data-leg=\"mail\" data-code=\"unavailable\"") && fragment.contains("ne répond pas"));
    assert!(!fragment.contains("non lu") && fragment.contains("passerelle-files"), "{fragment}");
    reload(&gateway, &institution, "127.0.0.1:9", &mail);
    assert_eq!(counts(&gateway, &asked)["errorCause"], Value::Null);

    // A store that this sign-on has no way to.
    let whole = fs::read_to_string(&institution).unwrap();
    taken_up(&gateway, || by_ticket_only(&config));
    within("the store takes tickets only", || {
        counts(&gateway, &asked)["errorCause"][0]["code"].as_str() == Some("unsupported")
    });
    taken_up(&gateway, || fs::write(&institution, whole).unwrap());
    within("the store takes the master again", || counts(&gateway, &asked)["errorCause"].is_null());

    // Files: what should be a folder is none.
    let home = gateway.home("garonne", "u00025");
    let aside = gateway.dir.join("files/garonne");
    fs::rename(&aside, gateway.dir.join("aside")).unwrap();
    fs::write(&aside, "no folder").unwrap();
    reload(&gateway, &institution, "create = true", "create = false");
    let seen = counts(&gateway, &asked);
    assert_eq!((cause(&seen.to_string()).0, &seen["files"]), ("files".to_owned(), &Value::Null), "{seen}");
    assert!(seen["mail"]["total"].as_u64().is_some(), "{seen}");
    fs::remove_file(&aside).unwrap();
    fs::rename(gateway.dir.join("aside"), &aside).unwrap();
    assert!(home.exists());

    // The directory, and the server that vouches.
    let main = config.join("passerelle.toml");
    let directory = format!("ldap://127.0.0.1:{}", campus("CAMPUS_LDAP_A"));
    reload(&gateway, &main, &directory, "ldap://127.0.0.1:9");
    let down = get(&gateway, &asked, "/portal/counts");
    assert_eq!((down.status, cause(&down.body)), (503, pair("directory", "unavailable")));
    reload(&gateway, &main, "ldap://127.0.0.1:9", &directory);
    let down = change(&gateway, "ticket", "PT-1");
    assert_eq!((down.status, cause(&down.body)), (503, pair("sign-on", "unavailable")));
    assert_eq!(get(&gateway, &asked, "/portal/counts").status, 200);
}

/// Stands before the store and counts what is asked of it. In clear, so that it can be read.
fn counting(store: u16) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let (port, count) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&count);
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let counted = Arc::clone(&counted);
            std::thread::spawn(move || {
                let server = TcpStream::connect((Ipv4Addr::LOCALHOST, store)).unwrap();
                let (mut back, mut to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut back, &mut to_client);
                    let _ = to_client.shutdown(Shutdown::Both);
                });
                let (mut client, mut server, mut piece) = (client, server, [0; 4096]);
                while let Ok(length @ 1..) = client.read(&mut piece) {
                    let text = String::from_utf8_lossy(&piece[..length]).to_ascii_uppercase();
                    counted.fetch_add(text.matches(" STATUS ").count(), Ordering::SeqCst);
                    if server.write_all(&piece[..length]).is_err() {
                        return;
                    }
                }
            });
        }
    });
    (port, count)
}

#[test]
fn fifty_questions_at_once_ask_the_store_once_a_period() {
    let (port, count) = counting(campus("CAMPUS_IMAP_A").parse().unwrap());
    let gateway = Gateway::start_with("portal-once", &State::Sqlite, |config| {
        with_key(config);
        let mail = format!("127.0.0.1:{}\"\ntls = \"starttls\"", campus("CAMPUS_IMAP_A"));
        replace(config, "garonne", &mail, &format!("127.0.0.1:{port}\"\ntls = \"none\""));
        extend(&config.join("institutions/garonne/institution.toml"), "[portal]\ncache_seconds = 3\n");
    });
    let config = gateway.config();
    let asked = bearer(&gateway, "jwt", &token(&config, "u00026", "once"));
    let fifty = || {
        let url = format!("https://{HOST}:{}/portal/counts?[1-50]", gateway.https);
        let more =
            ["-s", "--parallel", "--parallel-immediate", "--parallel-max", "50", "--cacert", campus("CAMPUS_CA")];
        let header = authorization(&asked);
        let said = run("curl", &[&more[..], &["-H", &header, "-w", "\\n", &url]].concat());
        assert_eq!(said.matches("\"errorCause\":null").count(), 50, "{said}");
    };
    fifty();
    assert_eq!(count.load(Ordering::SeqCst), 1, "one for all fifty");
    fifty();
    get(&gateway, &asked, "/portal/feed.atom");
    get(&gateway, &asked, "/portal/fragment.html");
    assert_eq!(count.load(Ordering::SeqCst), 1, "one a period, whatever is asked for");
    within("the period ends", || {
        get(&gateway, &asked, "/portal/counts");
        count.load(Ordering::SeqCst) == 2
    });
    // Signed out everywhere, nothing of the person is remembered: a new session asks anew.
    let script = "s.account.get('u00026')";
    crate::xmlrpc::python(&gateway, crate::xmlrpc::ADMINISTRATOR, script);
    let other = bearer(&gateway, "jwt", &token(&config, "u00026", "another"));
    get(&gateway, &other, "/portal/counts");
    assert_eq!(count.load(Ordering::SeqCst), 2, "another session of the same person is told the same");
    assert_eq!(curl(&gateway, HOST, None, "GET", "/portal/counts", &[]).status, 401);
}
