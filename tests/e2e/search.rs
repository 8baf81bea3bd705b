//! Finding files by name, on a local folder and on the real Samba: one's own and what others share, until they take it back.

use crate::{
    harness::{Answer, Gateway, State, campus, curl, run},
    web::Browser,
};
use std::{
    fs,
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    thread,
    time::{Duration, Instant},
};

const HOST: &str = "garonne.localhost";

/// The names that a page of results shows, and whether it says that they are all.
#[track_caller]
fn found(answer: &Answer) -> (Vec<String>, bool) {
    assert_eq!(answer.status, 200, "{answer:?}");
    let hits = answer.body.split("<li class=\"hit\">").skip(1);
    let name = |hit: &str| hit.split_once("<bdi>").unwrap().1.split_once("</bdi>").unwrap().0.to_owned();
    let mut names: Vec<String> = hits.map(name).collect();
    names.sort();
    (names, answer.body.contains("data-complete=\"true\""))
}

fn all(names: &[&str]) -> (Vec<String>, bool) {
    (names.iter().map(|name| (*name).to_owned()).collect(), true)
}

/// What two people find, whatever the store is.
#[track_caller]
fn two_people(gateway: &Gateway) {
    let me = "u00001@a.test:pw-u00001";
    for folder in ["projet", "projet/R%C3%A9sum%C3%A9s", "projet/.cach%C3%A9", "private"] {
        let path = format!("/dav/files/u00001/{folder}");
        assert_eq!(curl(gateway, HOST, Some(me), "MKCOL", &path, &[]).status, 201, "{path}");
    }
    // The second is as Finder writes it: e, and an accent for it.
    for file in [
        "projet/R%C3%A9sum%C3%A9s/Re%CC%81sume%CC%81%20final.txt",
        "projet/.cach%C3%A9/resume",
        "private/resume.txt",
        "projet/autre.txt",
    ] {
        let path = format!("/dav/files/u00001/{file}");
        assert_eq!(curl(gateway, HOST, Some(me), "PUT", &path, &["--data-binary", "x"]).status, 201, "{path}");
    }
    let mut owner = Browser::sign_in(gateway, HOST, "u00001", "pw-u00001");
    let other = Browser::sign_in(gateway, HOST, "u00002", "pw-u00002");
    let (named, final_) = ("Résumés", "Re\u{301}sume\u{301} final.txt");
    assert_eq!(found(&owner.get("/search?q=RESUME")), all(&[final_, named, "resume.txt"]));
    assert_eq!(found(&owner.get("/search?q=final+resume")), all(&[final_]));
    assert_eq!(found(&owner.get("/search?q=resume&owner=u00001&folder=private")), all(&["resume.txt"]));
    assert_eq!(found(&owner.get("/search?q=.cach%C3%A9")), all(&[".caché"]));
    assert_eq!(found(&owner.get("/search?q=content")), all(&[]), "contents are not looked into");
    assert_eq!(owner.get("/search?q=+").status, 422);
    assert_eq!(owner.get("/search").status, 200);
    assert_eq!(curl(gateway, HOST, None, "GET", "/search?q=resume", &[]).status, 303);

    let hers = || found(&other.get("/search?q=resume"));
    assert_eq!(hers(), all(&[]), "nothing is shared");
    let place = "owner=u00001&folder=projet";
    let share = |owner: &mut Browser<'_>, what: &str| {
        let made = owner.post(&format!("/share?{place}"), &[("kind", "person"), ("who", "u00002"), ("what", what)]);
        assert_eq!(made.status, 201, "{made:?}");
    };
    share(&mut owner, "upload");
    assert_eq!(hers(), all(&[]), "what may be put in may not be looked through");
    share(&mut owner, "read");
    assert_eq!(hers(), all(&[final_, named]));
    // What is shared has a name of its own; what lies beside it has none.
    assert_eq!(found(&other.get("/search?q=projet")), all(&["projet"]));
    assert_eq!(other.get("/search?q=resume&owner=u00001&folder=private").status, 404);
    assert_eq!(other.get("/search?q=resume&owner=u00001&folder=nothing").status, 404);
    let taken = owner.post(&format!("/share/remove?{place}"), &[("to", "person/garonne/u00002")]);
    assert_eq!(taken.status, 200);
    assert_eq!(hers(), all(&[]), "what was taken back is found no more");
}

#[test]
fn names_in_a_local_folder() {
    let gateway = Gateway::start("search");
    two_people(&gateway);
    // More than one search tells: it says so.
    let home = gateway.home("garonne", "u00001");
    for number in 0..230 {
        fs::write(home.join(format!("projet/many {number}.txt")), "").unwrap();
    }
    let owner = Browser::sign_in(&gateway, HOST, "u00001", "pw-u00001");
    let many = owner.get("/search?q=many");
    let (names, is_all) = found(&many);
    assert_eq!((names.len(), is_all), (200, false));
    assert!(many.body.contains("role=\"alert\""), "{}", many.body);
}

/// A server of files that takes so long for each piece of an answer of the campus's WebDAV server; `None` never answers.
fn slow_server(pause: Option<Duration>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let behind = format!("127.0.0.1:{}", campus("CAMPUS_WEBDAV"));
    thread::spawn(move || {
        let mut kept = Vec::new();
        for client in listener.incoming().flatten() {
            let Some(pause) = pause else {
                kept.push(client);
                continue;
            };
            let server = TcpStream::connect(&behind).unwrap();
            let (mut asks, mut told) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            let mut to = server;
            thread::spawn(move || io::copy(&mut asks, &mut to));
            thread::spawn(move || {
                let (mut client, mut octets) = (client, [0; 65_536]);
                while let Ok(read @ 1..) = told.read(&mut octets) {
                    // What is slow here is the server, and nobody waits for anything.
                    thread::sleep(pause);
                    client.write_all(&octets[..read]).unwrap();
                }
            });
        }
    });
    port
}

/// A gateway with a space on a WebDAV server at this port.
fn with_space(name: &str, port: u16, path: &str) -> Gateway {
    Gateway::start_with(name, &State::Sqlite, |config| {
        fs::write(config.join("space"), "pw-gateway\n").unwrap();
        let file = config.join("institutions/garonne/institution.toml");
        let space = format!(
            "[spaces.loin]\nname = {{ fr = \"Au loin\", en = \"Far away\" }}\neverybody = [\"read\"]\n[spaces.loin.store]\n\
             kind = \"webdav\"\nurl = \"http://127.0.0.1:{port}/homes/{path}\"\nuser = \"gateway\"\n\
             password = {{ file = \"../../space\" }}\ntimeout_ms = 30000\n"
        );
        fs::write(&file, fs::read_to_string(&file).unwrap() + &space).unwrap();
        let home = config.parent().unwrap().join("files/garonne/u00001");
        fs::create_dir_all(&home).unwrap();
        fs::write(home.join("resume.txt"), "x").unwrap();
    })
}

/// A store that is away, or answers nothing, is named; what the others have is shown.
#[test]
fn a_store_that_is_away_is_named_and_holds_up_no_other() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (name, port) in [("search-dead", closed), ("search-mute", slow_server(None))] {
        let gateway = with_space(name, port, "none/");
        let owner = Browser::sign_in(&gateway, HOST, "u00001", "pw-u00001");
        let begun = Instant::now();
        let page = owner.get("/search?q=resume");
        assert_eq!(found(&page), (vec!["resume.txt".to_owned()], false), "{name}");
        let warned = page.body.split("role=\"alert\"").nth(1).unwrap();
        assert!(warned.contains("Far away"), "{name}: {warned}");
        assert!(begun.elapsed() < Duration::from_secs(9), "{name}: {:?}", begun.elapsed());
    }
}

/// A store whose every answer takes its time is left when the time is up, and what was found is shown.
#[test]
fn a_search_ends_when_its_time_is_up() {
    let tree = format!("search-time-{}", std::process::id());
    let folder = Path::new(campus("CAMPUS_DIR")).join("webdav/homes").join(&tree);
    for number in 0..60 {
        fs::create_dir_all(folder.join(format!("{number}"))).unwrap();
    }
    run("chmod", &["-R", "a+rwX", folder.to_str().unwrap()]);
    let gateway = with_space("search-time", slow_server(Some(Duration::from_millis(1_200))), &format!("{tree}/"));
    let owner = Browser::sign_in(&gateway, HOST, "u00001", "pw-u00001");
    let begun = Instant::now();
    let page = owner.get("/search?q=resume");
    assert_eq!(found(&page), (vec!["resume.txt".to_owned()], false));
    assert!(page.body.contains("took too long"), "{}", page.body);
    assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
}

#[test]
fn a_search_ends_after_so_many_folders() {
    let gateway = Gateway::start("search-size");
    let home = gateway.home("garonne", "u00001");
    for number in 0..5_010 {
        fs::create_dir_all(home.join(format!("{number}"))).unwrap();
    }
    fs::write(home.join("resume.txt"), "x").unwrap();
    let owner = Browser::sign_in(&gateway, HOST, "u00001", "pw-u00001");
    let page = owner.get("/search?q=resume");
    assert_eq!(found(&page), (vec!["resume.txt".to_owned()], false));
    assert!(page.body.contains("more than one search can look through"), "{}", page.body);
    let one = owner.get("/search?q=4999");
    assert_eq!(found(&one).0, ["4999"], "what was listed was looked at");
}

#[test]
fn names_on_samba() {
    let gateway = Gateway::start_with("search-smb", &State::Sqlite, |config| {
        fs::write(config.join("smb"), "pw-gateway\n").unwrap();
        let file = config.join("institutions/garonne/institution.toml");
        let text = fs::read_to_string(&file).unwrap();
        let (before, _) = text.split_once("[files.home]").unwrap();
        let share = format!(
            "[files.home]\nkind = \"smb\"\nserver = \"127.0.0.1:{}\"\ncreate = true\nshare = \"users\"\npath = \"search-{}/{{login}}\"\nuser = \"gateway\"\npassword = {{ file = \"../../smb\" }}\n",
            campus("CAMPUS_SMB"),
            std::process::id()
        );
        fs::write(&file, format!("{before}{share}")).unwrap();
    });
    two_people(&gateway);
}
