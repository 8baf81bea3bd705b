//! Whoever signed on at the real CAS server shares a folder on the real Samba with a dynamic group, with a group of another
//! institution and by a link, and takes all three back; what a link's page and its WebDAV show; what a scanner finds in what
//! is put in.

use crate::{
    harness::{Gateway, State, campus, curl, run, try_run},
    sso::{Jar, encoded, extend, location, service},
    submission::scanners::{EICAR, both},
    web::token,
};
use std::fs;

const SHARER: &str = "u00013";

/// The first person that a directory of the campus finds.
fn one(ldap: &str, base: &str, filter: &str, attribute: &str) -> String {
    let server = format!("ldap://127.0.0.1:{}", campus(ldap));
    let service = format!("cn=gateway,ou=services,{}", base.split_once(',').unwrap().1);
    let found = run(
        "ldapsearch",
        &["-LLL", "-x", "-H", &server, "-D", &service, "-w", "svc-gateway", "-b", base, filter, attribute],
    );
    let values = found.lines().filter_map(|line| line.strip_prefix(&format!("{attribute}: ")));
    let logins = values.map(|value| value.strip_prefix("uid=").unwrap_or(value).split(',').next().unwrap().to_owned());
    logins.filter(|login| login != SHARER).min().unwrap_or_else(|| panic!("nobody is {filter}: {found}"))
}

fn gateway() -> Gateway {
    Gateway::start_with("links", &State::Sqlite, |config| {
        let cas = campus("CAMPUS_CAS_A");
        extend(
            config,
            &format!(
                "[realm.garonne]\npasswords = \"programs\"\n[realm.garonne.sso.cas]\nurl = \"http://127.0.0.1:{cas}/cas\"\n"
            ),
        );
        fs::write(config.join("smb"), "pw-gateway\n").unwrap();
        let file = config.join("institutions/garonne/institution.toml");
        let text = fs::read_to_string(&file).unwrap().replace("shares_with = []", "shares_with = [\"autan\"]");
        let (before, _) = text.split_once("[files.home]").unwrap();
        let share = format!(
            "[files.home]\nkind = \"smb\"\nserver = \"127.0.0.1:{}\"\ncreate = true\nshare = \"users\"\npath = \"links-{}/{{login}}\"\nuser = \"gateway\"\npassword = {{ file = \"../../smb\" }}\n",
            campus("CAMPUS_SMB"),
            std::process::id()
        );
        fs::write(&file, both(&format!("{before}{share}")) + "\n[scanning]\nfiles = [\"virus\"]\n").unwrap();
    })
}

/// A browser that has signed on at the CAS server.
struct SignedOn<'a> {
    gateway: &'a Gateway,
    jar: Jar,
}

impl<'a> SignedOn<'a> {
    fn new(gateway: &'a Gateway) -> Self {
        let signed_on = Self { gateway, jar: Jar::new() };
        let begun = signed_on.jar.get(&signed_on.at("/cas/garonne/login"), &[]);
        let service = service(&location(&begun));
        let ticket = signed_on.jar.ticket(campus("CAMPUS_CAS_A"), &service, SHARER);
        let back = signed_on.jar.get(&format!("{service}&ticket={ticket}"), &[]);
        assert_eq!(location(&back), "/", "{back}");
        signed_on
    }

    fn at(&self, path: &str) -> String {
        format!("https://garonne.localhost:{}{path}", self.gateway.https)
    }

    fn get(&self, path: &str) -> String {
        self.jar.get(&self.at(path), &[])
    }

    /// Sends a form of a page.
    fn post(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let mut form = format!("token={}", token(&self.get("/basic")));
        for (name, value) in fields {
            form += &format!("&{name}={}", encoded(value));
        }
        let origin = format!("Origin: {}", self.at(""));
        self.jar.get(&self.at(path), &["-d", &form, "-H", &origin])
    }
}

fn status(answer: &str) -> u16 {
    answer.split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0)
}

#[test]
fn who_signed_on_shares_from_samba_and_takes_it_back_at_once() {
    let gateway = gateway();
    let program = format!("{SHARER}@a.test:pw-{SHARER}");
    let put = |path: &str, body: &str| {
        curl(&gateway, "garonne.localhost", Some(&program), "PUT", path, &["--data-binary", body])
    };
    let made =
        curl(&gateway, "garonne.localhost", Some(&program), "MKCOL", &format!("/dav/files/{SHARER}/projet"), &[]);
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(put(&format!("/dav/files/{SHARER}/projet/plan.txt"), "the plan").status, 201);
    assert_eq!(put(&format!("/dav/files/{SHARER}/elsewhere.txt"), "not for you").status, 201);

    let me = SignedOn::new(&gateway);
    assert!(
        me.get(&format!("/dav/files/{SHARER}/projet/plan.txt")).ends_with("the plan"),
        "the share is read by who signed on"
    );
    let place = format!("owner={SHARER}&folder=projet");
    let shared = |fields: &[(&str, &str)]| {
        let answer = me.post(&format!("/share?{place}"), fields);
        assert_eq!(status(&answer), 201, "{answer}");
    };
    shared(&[("kind", "group"), ("who", "dyn-student"), ("at", "garonne"), ("what", "read")]);
    shared(&[("kind", "group"), ("who", "g0001"), ("at", "autan"), ("what", "read")]);
    let nobody =
        me.post(&format!("/share?{place}"), &[("kind", "group"), ("who", "g9999"), ("at", "autan"), ("what", "read")]);
    assert_eq!(status(&nobody), 422, "{nobody}");
    let made = me.post(&format!("/share/link?{place}"), &[("what", "read"), ("label", "for the jury")]);
    assert_eq!(status(&made), 201, "{made}");
    let link = made.split_once("/s/").unwrap().1.split('<').next().unwrap().to_owned();

    let student = one(
        "CAMPUS_LDAP_A",
        "ou=people,dc=a,dc=test",
        "(&(eduPersonPrimaryAffiliation=student)(supannEntiteAffectation=UFR01))",
        "uid",
    );
    let abroad = one("CAMPUS_LDAP_B", "ou=groups,dc=b,dc=test", "(cn=g0001)", "member");
    let file = format!("/dav/files/{SHARER}@a.test/projet/plan.txt");
    let as_student =
        || curl(&gateway, "garonne.localhost", Some(&format!("{student}@a.test:pw-{student}")), "GET", &file, &[]);
    let as_abroad =
        || curl(&gateway, "autan.localhost", Some(&format!("{abroad}@b.test:pw-{abroad}")), "GET", &file, &[]);
    let by_link = || curl(&gateway, "garonne.localhost", None, "GET", &format!("/s/{link}/files/plan.txt"), &[]);
    for answer in [as_student(), as_abroad(), by_link()] {
        assert_eq!((answer.status, answer.body.as_str()), (200, "the plan"), "{answer:?}");
    }
    let page = curl(&gateway, "garonne.localhost", None, "GET", &format!("/s/{link}"), &[]);
    assert!(page.status == 200 && page.body.contains("plan.txt") && page.body.contains("for the jury"), "{page:?}");
    assert!(!page.body.contains(SHARER) && !page.body.contains("elsewhere"), "{page:?}");
    let all = me.get("/shared");
    assert!(all.contains("projet") && all.contains("dyn-student") && all.contains("g0001 (autan)"), "{all}");

    // Each is taken back, and ends at once.
    let id = me.get(&format!("/share?{place}"));
    let id = id.split_once("name=\"id\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let taken = |path: &str, name: &str, value: &str| {
        let answer = me.post(&format!("{path}?{place}"), &[(name, value)]);
        assert_eq!(status(&answer), 200, "{answer}");
    };
    taken("/share/remove", "to", "group/garonne/dyn-student");
    assert_eq!((as_student().status, as_abroad().status, by_link().status), (404, 200, 200));
    taken("/share/remove", "to", "group/autan/g0001");
    assert_eq!((as_abroad().status, by_link().status), (404, 200));
    taken("/share/link/remove", "id", &id);
    assert_eq!(by_link().status, 404);
    assert_eq!(curl(&gateway, "garonne.localhost", None, "GET", &format!("/s/{link}"), &[]).status, 404);
    assert!(!gateway.log().contains(&link), "a link's token is not in the log");
}

#[test]
fn what_a_scanner_finds_in_a_file_is_not_kept() {
    let gateway = gateway();
    let me = format!("{SHARER}@a.test:pw-{SHARER}");
    let put = |body: &str| {
        curl(
            &gateway,
            "garonne.localhost",
            Some(&me),
            "PUT",
            &format!("/dav/files/{SHARER}/scanned"),
            &["--data-binary", body],
        )
    };
    let get = || curl(&gateway, "garonne.localhost", Some(&me), "GET", &format!("/dav/files/{SHARER}/scanned"), &[]);
    assert_eq!(put(EICAR).status, 400);
    assert_eq!(get().status, 404, "nothing of it is there");
    assert_eq!(put("clean").status, 201);
    assert_eq!(put(EICAR).status, 400);
    assert_eq!(get().body, "clean", "the old content stays");
    // By a link it is the same.
    let signed_on = SignedOn::new(&gateway);
    let made = signed_on.post(&format!("/share/link?owner={SHARER}&folder="), &[("what", "upload")]);
    let link = made.split_once("/s/").unwrap().1.split('<').next().unwrap().to_owned();
    let folder = tempfile::tempdir().unwrap();
    let send = |name: &str, content: &str| {
        let file = folder.path().join(name);
        fs::write(&file, content).unwrap();
        let address = format!("https://garonne.localhost:{}/s/{link}/upload", gateway.https);
        let form = format!("file=@{}", file.to_str().unwrap());
        let sent = try_run("curl", &["-s", "-i", "--cacert", campus("CAMPUS_CA"), "-F", &form, &address]);
        status(&String::from_utf8_lossy(&sent.stdout))
    };
    assert_eq!((send("bad.com", EICAR), send("good.txt", "one"), send("good.txt", "two")), (400, 200, 200));
    let read = |name: &str| {
        let answer = curl(&gateway, "garonne.localhost", Some(&me), "GET", &format!("/dav/files/{SHARER}/{name}"), &[]);
        (answer.status, answer.body)
    };
    assert_eq!(read("bad.com").0, 404);
    assert_eq!(
        (read("good.txt").1.as_str(), read("good%20(2).txt").1.as_str()),
        ("one", "two"),
        "nobody's is replaced"
    );
    assert_eq!(curl(&gateway, "garonne.localhost", None, "GET", &format!("/s/{link}/files/good.txt"), &[]).status, 403);
}

#[test]
fn a_folder_of_sound_is_a_podcast() {
    let gateway = Gateway::start("links-podcast");
    let home = gateway.home("garonne", "u00001");
    fs::create_dir_all(home.join("Cours enregistrés")).unwrap();
    for name in ["1 – début.mp3", "2 <fin> & suite.mp4", "notes.pdf"] {
        fs::write(home.join("Cours enregistrés").join(name), name).unwrap();
    }
    let mut browser = crate::web::Browser::sign_in(&gateway, "garonne.localhost", "u00001", "pw-u00001");
    let place = "owner=u00001&folder=Cours+enregistr%C3%A9s";
    let made = browser.post(&format!("/share/link?{place}"), &[("what", "read"), ("password", "correct horse")]);
    assert_eq!(made.status, 201, "{made:?}");
    let link = made.body.split_once("/s/").unwrap().1.split('<').next().unwrap().to_owned();
    let feed = |who: Option<&str>| curl(&gateway, "garonne.localhost", who, "GET", &format!("/s/{link}/feed.xml"), &[]);
    assert_eq!(feed(None).status, 401);
    let told = feed(Some("x:correct horse"));
    assert_eq!((told.status, told.header("content-type")), (200, Some("application/rss+xml; charset=utf-8")));
    // Read as a program of somebody else's reads it.
    let script = "import sys, xml.etree.ElementTree as e\nc = e.fromstring(sys.argv[1]).find('channel')\n\
                  print(c.findtext('title'), *[(i.findtext('title'), i.find('enclosure').get('url'), i.find('enclosure').get('length'), i.find('enclosure').get('type')) for i in sorted(c.findall('item'), key=lambda i: i.findtext('title'))], sep='\\n')";
    let read = run("python3", &["-c", script, told.body.trim()]);
    let base = format!("https://garonne.localhost:{}/s/{link}/files", gateway.https);
    let expected = format!(
        "Cours enregistrés\n('1 – début', '{base}/1%20%E2%80%93%20d%C3%A9but.mp3', '16', 'audio/mpeg')\n('2 <fin> & suite', '{base}/2%20%3Cfin%3E%20%26%20suite.mp4', '19', 'video/mp4')"
    );
    assert_eq!(read.trim(), expected);
    let url = expected
        .split('\'')
        .nth(3)
        .unwrap()
        .strip_prefix(&format!("https://garonne.localhost:{}", gateway.https))
        .unwrap();
    let episode = curl(&gateway, "garonne.localhost", Some("x:correct horse"), "GET", url, &["-H", "Range: bytes=0-0"]);
    assert_eq!((episode.status, episode.body.as_str()), (206, "1"));
}
