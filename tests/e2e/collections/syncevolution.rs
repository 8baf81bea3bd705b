//! SyncEvolution: a calendar and an address book of the gateway kept the same as files near somebody, both ways.

use super::{MAKE_BOOK, ask, card, event, files, radicale};
use crate::{harness::Gateway, sharing::grants};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Somebody's SyncEvolution, with settings and files of its own.
pub(super) struct Evolution {
    home: PathBuf,
}

impl Evolution {
    /// Set up for one calendar and one address book.
    pub(super) fn set_up(gateway: &Gateway, login: &str, calendar: &str, book: &str) -> Self {
        let it = Self { home: gateway.dir.join(format!("evolution-{login}")) };
        let url = |path: &str| format!("https://localhost:{}{path}", gateway.https);
        let near = |family: &str| {
            let folder = it.near(family);
            fs::create_dir_all(&folder).unwrap();
            format!("{family}/database=file://{}", folder.display())
        };
        it.run(&[
            "--configure",
            "--template",
            "none",
            "keyring=no",
            // Its library knows the system's authorities alone.
            "SSLVerifyServer=0",
            &format!("username={login}@a.test"),
            &format!("password=pw-{login}"),
            &format!("syncURL={}", url("/dav/")),
            "calendar/backend=caldav",
            &format!("calendar/database={}", url(calendar)),
            "addressbook/backend=carddav",
            &format!("addressbook/database={}", url(book)),
            "target-config@far",
            "calendar",
            "addressbook",
        ]);
        it.run(&[
            "--configure",
            "--template",
            "SyncEvolution_Client",
            "keyring=no",
            "syncURL=local://@far",
            "username=",
            "password=",
            "calendar/backend=file",
            "calendar/databaseFormat=text/calendar",
            &near("calendar"),
            "addressbook/backend=file",
            "addressbook/databaseFormat=text/vcard",
            &near("addressbook"),
            "near@default",
            "calendar",
            "addressbook",
        ]);
        it.run(&["--sync", "slow", "near@default"]);
        it
    }

    /// Where the items of a family are near them.
    pub(super) fn near(&self, family: &str) -> PathBuf {
        self.home.join("near").join(family)
    }

    /// Synchronises both, both ways.
    #[track_caller]
    pub(super) fn sync(&self) {
        self.run(&["near@default"]);
    }

    /// All items of a family near them, one after the other.
    pub(super) fn all(&self, family: &str) -> String {
        read_all(&self.near(family))
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) {
        let mut command = Command::new("syncevolution");
        command.arg("--daemon=no").args(arguments).env("HOME", &self.home);
        for (name, folder) in [("XDG_CONFIG_HOME", "config"), ("XDG_CACHE_HOME", "cache"), ("XDG_DATA_HOME", "data")] {
            command.env(name, self.home.join(folder));
        }
        let output = command.output().expect("syncevolution is installed by the tests");
        let told = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&told));
    }
}

fn read_all(folder: &Path) -> String {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

/// One's own calendar and address book, and the calendar in the home of whom it is shared with.
pub(super) fn keeps_own_and_shared_the_same(gateway: &Gateway, owner: &str, other: &str) {
    let who = |login: &str| format!("{login}@a.test:pw-{login}");
    let calendar = format!("/dav/calendars/{owner}/cours/");
    let books = [owner, other].map(|login| format!("/dav/contacts/{login}/amis/"));
    assert_eq!(ask(gateway, &who(owner), "MKCALENDAR", &calendar, &[], "").status, 201);
    for (login, book) in [owner, other].iter().zip(&books) {
        assert_eq!(ask(gateway, &who(login), "MKCOL", book, &[], MAKE_BOOK).status, 201);
    }
    grants(
        gateway,
        "u00001@a.test:pw-u00001",
        &format!(
            "s.grant.set({{'owner': '{owner}', 'kind': 'calendar', 'path': 'cours'}}, {{'account': '{other}'}}, ['read', 'add', 'edit', 'remove'])"
        ),
    );
    let at = format!("{calendar}a.ics");
    assert_eq!(ask(gateway, &who(owner), "PUT", &at, &[], &event("a", "far")).status, 201);
    let shared = format!("/dav/calendars/{other}/{owner}@a.test:cours/");
    let [mine, theirs] = [(owner, &calendar, &books[0]), (other, &shared, &books[1])]
        .map(|(login, calendar, book)| Evolution::set_up(gateway, login, calendar, book));
    for it in [&mine, &theirs] {
        assert!(it.all("calendar").contains("SUMMARY:far"), "{}", it.all("calendar"));
    }

    // Both write near themselves, and see what the other wrote.
    fs::write(mine.near("calendar").join("mine"), event("b", "by the owner")).unwrap();
    fs::write(theirs.near("calendar").join("theirs"), event("c", "by the other")).unwrap();
    fs::write(theirs.near("addressbook").join("zoe"), card("zoe", "Zoë Martin")).unwrap();
    for it in [&mine, &theirs, &mine] {
        it.sync();
    }
    for it in [&mine, &theirs] {
        let all = it.all("calendar");
        assert!(["far", "by the owner", "by the other"].iter().all(|one| all.contains(one)), "{all}");
    }
    let listed = ask(gateway, &who(other), "REPORT", &books[1], &["Depth: 1"], super::CARDS).body;
    assert!(listed.contains("Zoë Martin"), "{listed}");

    // What is changed and removed on either side is so on the other.
    let tag = ask(gateway, &who(owner), "GET", &at, &[], "");
    let when = format!("If-Match: {}", tag.header("etag").unwrap());
    assert_eq!(ask(gateway, &who(owner), "PUT", &at, &[&when], &event("a", "changed far")).status, 204);
    let near = theirs.near("calendar");
    let file = fs::read_dir(&near).unwrap().map(|entry| entry.unwrap().path());
    let file = file.into_iter().find(|file| fs::read_to_string(file).unwrap().contains("by the owner")).unwrap();
    fs::remove_file(file).unwrap();
    for it in [&theirs, &mine] {
        it.sync();
    }
    for it in [&mine, &theirs] {
        let all = it.all("calendar");
        assert!(all.contains("changed far") && !all.contains("by the owner"), "{all}");
    }
}

#[test]
fn syncevolution_keeps_collections_on_radicale_the_same() {
    let gateway = Gateway::start("evolution-radicale");
    for login in ["u00245", "u00246"] {
        radicale("DELETE", &format!("/a-{login}/"), "");
    }
    keeps_own_and_shared_the_same(&gateway, "u00245", "u00246");
}

#[test]
fn syncevolution_keeps_collections_of_files_the_same() {
    keeps_own_and_shared_the_same(&files::start("evolution-files"), "u00245", "u00246");
}
