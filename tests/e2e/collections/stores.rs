//! Calendars and address books as files, on each kind of store; and when a node dies while it writes.

use super::{
    SYNC, ask, changes,
    clients::names,
    element, event,
    files::{BOTH, as_files, start},
    hrefs,
};
use crate::{
    far_files::{self, Kind},
    harness::{Gateway, State, binary, campus, eventually, try_run},
    people,
    sharing::grants,
    smb,
};
use std::{
    collections::BTreeMap,
    fs,
    sync::{Arc, Mutex},
};

#[test]
fn a_node_killed_between_writes_loses_nothing() {
    let mut gateway = start("files-killed");
    let (who, at) = ("u00129@a.test:pw-u00129", "/dav/calendars/u00129/cours/");
    assert_eq!(ask(&gateway, who, "MKCALENDAR", at, &[], "").status, 201);
    let (_, token) = changes(&gateway, who, at, "");
    let url = format!("https://localhost:{}{at}", gateway.https);
    let (done, folder) =
        (Arc::new(Mutex::new(BTreeMap::new())), gateway.home("garonne", "u00129").join("Calendars/cours"));
    let writer = std::thread::spawn({
        let (done, dir) = (Arc::clone(&done), gateway.dir.clone());
        move || {
            for number in 0.. {
                // A new one each time, and one that is replaced again and again.
                for name in [format!("n{number}.ics"), "same.ics".to_owned()] {
                    let content = event(&name, &format!("summary {number}"));
                    let file = dir.join("body");
                    fs::write(&file, &content).unwrap();
                    let body = format!("@{}", file.display());
                    let put = [
                        "-s",
                        "--cacert",
                        campus("CAMPUS_CA"),
                        "-u",
                        who,
                        "-X",
                        "PUT",
                        "--data-binary",
                        &body,
                        "-w",
                        "%{http_code}",
                        &format!("{url}{name}"),
                    ];
                    let put = try_run("curl", &put);
                    match String::from_utf8_lossy(&put.stdout).as_ref() {
                        "201" | "204" => drop(done.lock().unwrap().insert(name, number)),
                        // The node is gone.
                        _ => return (name, number),
                    }
                }
            }
            unreachable!()
        }
    });
    eventually("some are written", || done.lock().unwrap().len() > 20);
    gateway.kill();
    let (doubtful, last) = writer.join().unwrap();
    gateway.run();
    let done = done.lock().unwrap().clone();
    let (since, _) = changes(&gateway, who, at, &token);
    for (name, number) in &done {
        let read = ask(&gateway, who, "GET", &format!("{at}{name}"), &[], "");
        let told = |number: &usize| event(name, &format!("summary {number}"));
        // Of the one that nobody answered either is there, and each of them whole.
        assert!(read.body == told(number) || (*name == doubtful && read.body == told(&last)), "{name}: {}", read.body);
        assert!(since.body.contains(&format!("{at}{name}<")), "{name} in {}", since.body);
    }
    let kept = names(&folder);
    let unknown: Vec<&String> = kept
        .iter()
        .filter(|name| !done.contains_key(*name) && **name != doubtful && *name != "collection.txt")
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    // A token of before the end is good after it, and the kept index is no more than a help.
    let again = ask(&gateway, who, "REPORT", at, &[], &SYNC.replace("TOKEN", &token));
    assert_eq!(again.status, 207, "{}", again.body);
}

#[test]
fn collections_lie_on_samba_as_well() {
    let gateway = Gateway::start_with("files-on-samba", &State::Sqlite, |config| {
        smb::on_samba(config, &smb::as_service());
        let settings = config.join("institutions/centre/institution.toml");
        let text = fs::read_to_string(&settings).unwrap();
        fs::write(&settings, text + BOTH).unwrap();
    });
    lie_there(&gateway);
}

#[test]
fn collections_lie_on_webdav_as_well() {
    lie_far(Kind::Webdav);
}

#[test]
fn collections_lie_on_sftp_as_well() {
    lie_far(Kind::Sftp);
}

#[test]
fn collections_lie_on_ftp_as_well() {
    lie_far(Kind::Ftp);
}

#[test]
fn collections_lie_in_an_object_store_as_well() {
    lie_far(Kind::S3);
}

fn lie_far(kind: Kind) {
    let table = kind.as_service(&kind.tree("collections"));
    lie_there(&far_files::gateway(&kind.tree("collections-gateway"), &format!("{table}{BOTH}")));
}

/// Centre's calendars lie in files on a server.
fn lie_there(gateway: &Gateway) {
    let centre = |who: &str, method: &str, path: &str, headers: &[&str], body: &str| {
        let mut more: Vec<&str> = headers.iter().flat_map(|header| ["-H", header]).collect();
        if !body.is_empty() {
            more.extend(["--data-binary", body]);
        }
        smb::dav(gateway, who, method, path, &more)
    };
    let home = "/dav/calendars/u00001/";
    let at = format!("{home}Cours:%20%C3%A9t%C3%A9/");
    assert_eq!(centre(smb::ME, "MKCALENDAR", &at, &[], "").status, 201);
    let sync = |token: &str| {
        let answer = centre(smb::ME, "REPORT", &at, &[], &SYNC.replace("TOKEN", token));
        assert_eq!(answer.status, 207, "{}", answer.body);
        (element(&answer.body, "D:sync-token").to_owned(), answer)
    };
    let (token, _) = sync("");
    // Names that the share cannot have, and two that it would take for one.
    let items = ["5D3A.ics", "5d3a.ics", "a:b%3F.ics", "con.ics", "bare", "%C3%89.ics", "%C3%A9.ics"];
    for item in items {
        let path = format!("{at}{item}");
        let content = event(item, item);
        let put = centre(smb::ME, "PUT", &path, &["If-None-Match: *"], &content);
        assert_eq!(put.status, 201, "{item}: {put:?}");
        let when = format!("If-Match: {}", put.header("etag").unwrap());
        let read = centre(smb::ME, "GET", &path, &[], "");
        assert_eq!((read.body.as_str(), read.header("etag")), (content.as_str(), put.header("etag")), "{item}");
        assert_eq!(centre(smb::ME, "PUT", &path, &[&when], &event(item, "new")).status, 204, "{item}");
        assert_eq!(centre(smb::ME, "PUT", &path, &[&when], &content).status, 412, "{item}");
        assert!(centre(smb::ME, "GET", &path, &[], "").body.contains("SUMMARY:new\r\n"), "{item}");
    }
    let (token, all) = sync(&token);
    assert_eq!(hrefs(&all.body).len(), items.len(), "{}", all.body);
    // Put there by hand, by another way to the same share.
    let by_hand = "/dav/files/u00001/Calendars";
    let listed = centre(smb::ME, "PROPFIND", &format!("{by_hand}/"), &["Depth: 1"], "").body;
    let folder = hrefs(&listed).into_iter().find(|href| href.len() > by_hand.len() + 1).unwrap().to_owned();
    let put = centre(smb::ME, "PUT", &format!("{folder}Meeting.ics"), &[], &event("m", "by hand"));
    assert_eq!(put.status, 201, "{put:?}");
    let (_, since) = sync(&token);
    assert_eq!(hrefs(&since.body), [format!("{at}Meeting.ics").as_str()].into(), "{}", since.body);
    assert!(centre(smb::ME, "GET", &format!("{at}Meeting.ics"), &[], "").body.contains("SUMMARY:by hand"));
    assert_eq!(centre(smb::COLLEAGUE, "GET", &format!("{at}Meeting.ics"), &[], "").status, 404);
    assert_eq!(centre(smb::ME, "DELETE", &at, &[], "").status, 204);
    assert_eq!(hrefs(&centre(smb::ME, "PROPFIND", home, &["Depth: 1"], "").body), [home].into());
}

#[test]
fn what_somebody_writes_in_another_ones_calendar_is_the_owners_file() {
    let Some((gateway, _helper)) = people::start_with("files-owner", &[], as_files) else { return };
    let (owner, other) = ("u00130@a.test:pw-u00130", "u00131@a.test:pw-u00131");
    // A home that is missing is an error, as with files.
    let (person, _) = (people::Person::find(&gateway, "u00130"), people::Person::find(&gateway, "u00131"));
    assert_eq!(ask(&gateway, owner, "MKCALENDAR", "/dav/calendars/u00130/cours/", &[], "").status, 201);
    grants(
        &gateway,
        "u00001@a.test:pw-u00001",
        "s.grant.set({'owner': 'u00130', 'kind': 'calendar', 'path': 'cours'}, {'account': 'u00131'}, ['read', 'add', 'edit'])",
    );
    let home = ask(&gateway, other, "PROPFIND", "/dav/calendars/u00131/", &["Depth: 1"], "").body;
    assert!(home.contains("u00130@a.test:cours/"), "{home}");
    let item = "/dav/calendars/u00131/u00130@a.test:cours/theirs.ics";
    assert_eq!(ask(&gateway, other, "PUT", item, &[], &event("t", "theirs")).status, 201);
    assert_eq!(ask(&gateway, other, "PUT", item, &[], &event("t", "again")).status, 204);
    let own = format!("{}:{}", person.uid, person.gid);
    for path in ["Calendars", "Calendars/cours", "Calendars/cours/collection.txt", "Calendars/cours/theirs.ics"] {
        assert_eq!(person.facts(path).owner, own, "{path}");
    }
    // The owner's own shell, and what is seen of it.
    person.shell("sed -i s/again/shell/ Calendars/cours/theirs.ics");
    assert!(ask(&gateway, other, "GET", item, &[], "").body.contains("SUMMARY:shell"));
}

#[test]
fn the_doctor_says_where_they_are() {
    let gateway = start("files-doctor");
    let told = try_run(
        binary().to_str().unwrap(),
        &["doctor", "--config", gateway.config().to_str().unwrap(), "--institution", "garonne"],
    );
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    for line in
        ["garonne.calendars", "folder: Calendars in each tree of garonne.files.home", "folder: Contacts in each tree"]
    {
        assert!(told.contains(line), "{line} in {told}");
    }
    // One folder for both is refused before anything starts.
    let settings = gateway.config().join("institutions/garonne/institution.toml");
    let text = fs::read_to_string(&settings).unwrap();
    let one =
        text.replace("[contacts]\nkind = \"files\"\n", "[contacts]\nkind = \"files\"\nfolder = \"calendars/books\"\n");
    assert_ne!(one, text);
    fs::write(&settings, one).unwrap();
    let refused = try_run(binary().to_str().unwrap(), &["check", "--config", gateway.config().to_str().unwrap()]);
    let said = format!("{}{}", String::from_utf8_lossy(&refused.stdout), String::from_utf8_lossy(&refused.stderr));
    assert!(!refused.status.success() && said.contains("calendars/books is where the calendars lie as well"), "{said}");
}
