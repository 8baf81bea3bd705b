//! Cyrus, on which each person's own password opens their own collections, and nothing else.

use super::{MAKE_BOOK, ask, changes, clients, event, hrefs, syncevolution::Evolution};
use crate::harness::{Gateway, State, campus, run};

fn on_cyrus(name: &str) -> Gateway {
    Gateway::start_with(name, &State::Sqlite, |config| {
        let settings = config.join("institutions/garonne/institution.toml");
        let text = std::fs::read_to_string(&settings).unwrap();
        let (before, there) = text.split_once("[calendars]").unwrap();
        let (_, after) = there.split_once("[filters]").unwrap();
        let own = |family: &str, path: &str| {
            format!(
                "[{family}]\nkind = \"dav\"\nurl = \"http://127.0.0.1:{}/dav/{path}/user/{{login}}/\"\n",
                campus("CAMPUS_CYRUS_HTTP")
            )
        };
        std::fs::write(
            &settings,
            format!("{before}{}{}[filters]{after}", own("calendars", "calendars"), own("contacts", "addressbooks")),
        )
        .unwrap();
    })
}

#[test]
fn a_calendar_on_cyrus_is_made_written_and_followed() {
    let gateway = on_cyrus("collections-cyrus");
    let who = "u00005@a.test:pw-u00005";
    let at = format!("/dav/calendars/u00005/c{}/", std::process::id());
    // Its first look at somebody's mail makes what its calendars need.
    at_cyrus("u00005", "NOOP");
    let made = ask(&gateway, who, "MKCALENDAR", &at, &[], "");
    assert_eq!(made.status, 201, "{}", made.body);
    let (_, empty) = changes(&gateway, who, &at, "");
    let item = format!("{at}a.ics");
    assert_eq!(ask(&gateway, who, "PUT", &item, &["If-None-Match: *"], &event("cyrus-a", "one")).status, 201);
    let read = ask(&gateway, who, "GET", &item, &[], "");
    assert!(read.status == 200 && read.body.contains("SUMMARY:one"), "{}", read.body);
    let when = format!("If-Match: {}", read.header("etag").unwrap());
    assert_eq!(ask(&gateway, who, "PUT", &item, &[&when], &event("cyrus-a", "two")).status, 204);
    assert_eq!(ask(&gateway, who, "PUT", &item, &[&when], &event("cyrus-a", "three")).status, 412);
    let (found, now) = changes(&gateway, who, &at, &empty);
    assert!(hrefs(&found.body).contains(item.as_str()), "{}", found.body);
    assert_eq!(ask(&gateway, who, "DELETE", &item, &[], "").status, 204);
    let (gone, _) = changes(&gateway, who, &at, &now);
    assert!(gone.body.contains("404 Not Found") && hrefs(&gone.body).contains(item.as_str()), "{}", gone.body);
    assert_eq!(ask(&gateway, who, "DELETE", &at, &[], "").status, 204);
}

/// A command of IMAP at Cyrus itself.
fn at_cyrus(login: &str, command: &str) {
    let url = format!("imap://127.0.0.1:{}/", campus("CAMPUS_CYRUS_IMAP"));
    run("curl", &["-s", "-u", &format!("{login}:pw-{login}"), &url, "-X", command]);
}

/// Two people whose calendars are made, one with a calendar that Cyrus itself shares with the other.
fn shared_at_cyrus(gateway: &Gateway, owner: &str, other: &str, name: &str) -> String {
    for login in [owner, other] {
        at_cyrus(login, "NOOP");
        // So does the first look at the calendars.
        let home = format!("/dav/calendars/{login}/");
        assert_eq!(ask(gateway, &who(login), "PROPFIND", &home, &["Depth: 1"], "").status, 207);
    }
    let at = format!("/dav/calendars/{owner}/{name}/");
    assert_eq!(ask(gateway, &who(owner), "MKCALENDAR", &at, &[], "").status, 201);
    at_cyrus(owner, &format!("SETACL \"#calendars/{name}\" {other} lrswipten9"));
    at_cyrus(other, &format!("SUBSCRIBE \"Other Users/{owner}/#calendars/{name}\""));
    format!("/dav/calendars/{other}/{owner}.{name}/")
}

fn who(login: &str) -> String {
    format!("{login}@a.test:pw-{login}")
}

#[test]
fn vdirsyncer_khal_khard_and_pythons_caldav_on_cyrus() {
    let gateway = on_cyrus("cyrus-clients");
    let (owner, other, name) = ("u00002", "u00003", format!("v{}", std::process::id()));
    shared_at_cyrus(&gateway, owner, other, &name);
    let made = ask(&gateway, &who(other), "MKCOL", &format!("/dav/contacts/{other}/amis/"), &[], MAKE_BOOK).status;
    assert!([201, 403, 405, 409].contains(&made), "{made}");
    let [mine, theirs] = [owner, other].map(|login| clients::vdirsyncer(&gateway, login));
    clients::sync(&mine);
    clients::sync(&theirs);
    let near = mine.join(format!("calendars/{name}"));
    let shared = theirs.join(format!("calendars/{owner}.{name}"));
    // Cyrus has a UID once in all of somebody's calendars.
    let [b, c] = ["b", "c"].map(|it| format!("{it}-{name}"));
    std::fs::write(near.join("b.ics"), event(&b, "by the owner")).unwrap();
    std::fs::write(shared.join("c.ics"), event(&c, "by the other")).unwrap();
    let zoe = format!("zoe{}", std::process::id());
    std::fs::write(theirs.join(format!("contacts/amis/{zoe}.vcf")), super::card(&zoe, "Zoë Martin")).unwrap();
    for home in [&mine, &theirs, &mine] {
        clients::sync(home);
    }
    for folder in [&near, &shared] {
        assert_eq!(clients::names(folder).len(), 2, "{:?}", clients::names(folder));
    }
    // A conflict: both change one event, and the far side wins, as asked.
    std::fs::write(near.join("b.ics"), event(&b, "the owner's change")).unwrap();
    let of_b = clients::names(&shared)
        .into_iter()
        .find(|file| std::fs::read_to_string(shared.join(file)).unwrap().contains("by the owner"));
    std::fs::write(shared.join(of_b.unwrap()), event(&b, "the other's change")).unwrap();
    clients::sync(&mine);
    clients::sync(&theirs);
    let listed = clients::khal(&theirs);
    assert!(listed.contains("the owner's change") && listed.contains("by the other"), "{listed}");
    assert!(clients::khard(&theirs).contains("Zoë Martin"));
    clients::python(&gateway, owner, &format!("p{}", std::process::id()));
}

#[test]
fn syncevolution_keeps_collections_on_cyrus_the_same() {
    let gateway = on_cyrus("cyrus-evolution");
    let (owner, other, name) = ("u00008", "u00009", format!("e{}", std::process::id()));
    let shared = shared_at_cyrus(&gateway, owner, other, &name);
    let own = format!("/dav/calendars/{owner}/{name}/");
    let [mine, theirs] = [(owner, &own), (other, &shared)].map(|(login, calendar)| {
        Evolution::set_up(&gateway, login, calendar, &format!("/dav/contacts/{login}/Default/"))
    });
    // Cyrus has a UID once in all of somebody's calendars.
    let [b, c] = ["b", "c"].map(|it| format!("{it}-{name}"));
    std::fs::write(mine.near("calendar").join("mine"), event(&b, "by the owner")).unwrap();
    std::fs::write(theirs.near("calendar").join("theirs"), event(&c, "by the other")).unwrap();
    for it in [&mine, &theirs, &mine] {
        it.sync();
    }
    for it in [&mine, &theirs] {
        let all = it.all("calendar");
        assert!(["by the owner", "by the other"].iter().all(|one| all.contains(one)), "{all}");
    }
}
