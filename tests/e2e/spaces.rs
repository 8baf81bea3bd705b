//! File trees that are nobody's own: a share of the campus's Samba that everybody opens with their own password, and a folder
//! of a dynamic group, seen by WebDAV, by FTP, on the pages, by a link, and by another institution that they are shared with.

use crate::{
    harness::{Answer, Gateway, State, campus, curl, run},
    sharing::grants,
    smb::{COLLEAGUE, ME},
};
use std::{fs, path::Path};

const MANAGER: &str = "u00001@a.test:pw-u00001";

/// A folder of garonne's: students of one faculty read, and whoever is granted more on it does more.
fn with_course(config: &Path) {
    let file = config.join("institutions/garonne/institution.toml");
    let text = fs::read_to_string(&file).unwrap();
    let folder = config.parent().unwrap().join("files/cours-ufr01");
    fs::create_dir_all(folder.join("TD")).unwrap();
    fs::write(folder.join("TD/feuille 1.txt"), "exercices").unwrap();
    let space = format!(
        "[spaces.cours]\nname = {{ fr = \"Cours de l'UFR 1\", en = \"Courses of faculty 1\" }}\n\
         [spaces.cours.groups]\ndyn-student = [\"read\"]\n[spaces.cours.store]\nkind = \"local\"\npath = {folder:?}\n"
    );
    fs::write(file, text + &space).unwrap();
}

/// The share of all on the campus's Samba, with each person's own password.
fn with_common_share(config: &Path) {
    let file = config.join("institutions/centre/institution.toml");
    let text = fs::read_to_string(&file).unwrap();
    let space = format!(
        "[files.home]\nkind = \"local\"\npath = {:?}\ncreate = true\n[spaces.commun]\nname = {{ fr = \"Commun\" }}\n\
         everybody = [\"read\", \"add\", \"edit\", \"remove\"]\n[spaces.commun.store]\nkind = \"smb\"\n\
         server = \"127.0.0.1:{}\"\nshare = \"commun\"\npath = \"\"\n",
        config.parent().unwrap().join("files/centre/{login}"),
        campus("CAMPUS_SMB")
    );
    fs::write(file, text + &space).unwrap();
}

/// A student of garonne's by the directory itself: of this faculty.
fn student_of(faculty: &str) -> String {
    let filter = format!("(&(eduPersonPrimaryAffiliation=student)(supannEntiteAffectation={faculty}))");
    let address = format!("ldap://127.0.0.1:{}", campus("CAMPUS_LDAP_A"));
    let bind = ["-D", "cn=gateway,ou=services,dc=a,dc=test", "-w", "svc-gateway"];
    let whole = [&["-LLL", "-x", "-H", &address], &bind[..], &["-b", "ou=people,dc=a,dc=test", &filter, "uid"]];
    let found = run("ldapsearch", &whole.concat());
    let uid = found.lines().find_map(|line| line.strip_prefix("uid: ").filter(|uid| *uid != "u00001")).unwrap();
    format!("{uid}@a.test:pw-{uid}")
}

fn list(gateway: &Gateway, host: &str, who: &str, path: &str) -> Answer {
    curl(gateway, host, Some(who), "PROPFIND", path, &["-H", "Depth: 1"])
}

#[test]
fn a_course_is_its_groups_and_follows_every_door() {
    let gateway = Gateway::start_with("spaces-course", &State::Sqlite, with_course);
    let (student, stranger) = (student_of("UFR01"), student_of("UFR02"));
    let at = |who: &str, method: &str, path: &str, more: &[&str]| {
        curl(&gateway, "localhost", Some(who), method, &format!("/dav/files/~cours/{path}"), more)
    };
    let sheet = "TD/feuille%201.txt";
    // Members see it among their trees, by its name; nobody else does, and hidden is the same as missing.
    let trees = list(&gateway, "localhost", &student, "/dav/files/");
    assert!(trees.body.contains("<D:href>/dav/files/~cours/</D:href>"), "{trees:?}");
    assert!(trees.body.contains("Courses of faculty 1") || trees.body.contains("Cours de l"), "{trees:?}");
    assert_eq!(at(&student, "GET", sheet, &[]).body, "exercices");
    assert_eq!(at(&student, "PUT", "TD/mine.txt", &["-d", "x"]).status, 403);
    assert!(!list(&gateway, "localhost", &stranger, "/dav/files/").body.contains("~cours"));
    let hidden = at(&stranger, "GET", sheet, &[]);
    let missing = curl(&gateway, "localhost", Some(&stranger), "GET", "/dav/files/~none/TD/feuille%201.txt", &[]);
    assert_eq!((hidden.status, hidden.body), (404, missing.body));
    assert_eq!(list(&gateway, "localhost", &stranger, "/dav/files/~cours/").status, 404);
    // An administrator says who looks after it; the administrator alone may not even look.
    assert_eq!(at(MANAGER, "GET", sheet, &[]).status, 404);
    grants(
        &gateway,
        MANAGER,
        "s.grant.set({'owner': '~cours'}, {'account': 'u00001'}, ['read', 'add', 'edit', 'remove', 'manage'])",
    );
    assert_eq!(at(MANAGER, "PUT", "TD/feuille%202.txt", &["-d", "suite"]).status, 201);
    assert_eq!(at(&student, "GET", "TD/feuille%202.txt", &[]).body, "suite");
    // By FTP the same tree, and no writing for who reads.
    let ftp = |who: &str, more: &[&str]| {
        let url = format!("ftp://127.0.0.1:{}/~cours/TD/", gateway.ftp);
        let common = ["-sS", "--ssl-reqd", "--cacert", campus("CAMPUS_CA"), "--user", who];
        crate::harness::try_run("curl", &[&common[..], more, &[&url]].concat())
    };
    let listed = ftp(&student, &["--list-only"]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains("feuille 2.txt"), "{listed:?}");
    assert!(!ftp(&stranger, &["--list-only"]).status.success());
    // On the page, by its name in the reader's language.
    let (login, password) = student.split_once(':').unwrap();
    let browser = crate::web::Browser::sign_in(&gateway, "localhost", login, password);
    let page = browser.get("/basic").body;
    assert!(page.contains("Courses of faculty 1"), "{page}");
    let page = browser.get("/basic?owner=~cours&folder=TD").body;
    assert!(page.contains("feuille 1.txt") && page.contains("Courses of faculty 1"), "{page}");
    let found = browser.get("/search?q=feuille").body;
    assert!(found.contains("feuille 2.txt"), "{found}");
    let (login, password) = stranger.split_once(':').unwrap();
    let other = crate::web::Browser::sign_in(&gateway, "localhost", login, password);
    assert!(!other.get("/search?q=feuille").body.contains("feuille 2.txt"));
    assert_eq!(other.get("/search?q=feuille&owner=~cours&folder=").status, 404);
    assert_eq!(other.get("/preview?owner=~cours&folder=TD/feuille%201.txt&as=text").status, 404);
    assert!(browser.get("/preview?owner=~cours&folder=TD/feuille%201.txt&as=text").body.contains("exercices"));
    // A picture is drawn for each reader: on a share with each person's password one may read what another may not.
    image::RgbImage::new(4, 4).save(gateway.dir.join("files/cours-ufr01/TD/plan.png")).unwrap();
    for who in [student.as_str(), student.as_str(), MANAGER] {
        let (login, password) = who.split_once(':').unwrap();
        let browser = crate::web::Browser::sign_in(&gateway, "localhost", login, password);
        assert_eq!(browser.get("/preview?owner=~cours&folder=TD/plan.png&size=96").status, 200);
    }
    let metrics = run("curl", &["-sS", &format!("http://127.0.0.1:{}/metrics", gateway.metrics)]);
    let drawn = "passerelle_pictures_total{kind=\"png\",result=\"drawn\"} 2";
    assert!(metrics.contains(drawn), "{:?}", metrics.lines().find(|line| line.contains("pictures_total")));
    // Who looks after it makes a link to a part of it, and nothing above is reached by that.
    let mut manager = crate::web::Browser::sign_in(&gateway, "localhost", "u00001@a.test", "pw-u00001");
    let made = manager.post("/share/link?owner=~cours&folder=TD", &[("what", "read"), ("label", "amphi")]);
    assert_eq!(made.status, 201, "{made:?}");
    let token = made.body.split_once("/s/").unwrap().1.split('<').next().unwrap().to_owned();
    let by_link = |path: &str| curl(&gateway, "localhost", None, "GET", &format!("/s/{token}/files/{path}"), &[]);
    assert_eq!(by_link("feuille%201.txt").body, "exercices");
    // Taken back at once: who read may not, and what was made by who may no longer manage leads nowhere, until somebody who
    // may takes it over.
    let heir = "s.grant.set({'owner': '~cours'}, {'account': 'u00046'}, ['read', 'manage'])";
    grants(&gateway, MANAGER, heir);
    grants(&gateway, MANAGER, "s.grant.remove({'owner': '~cours'}, {'account': 'u00001'})");
    assert_eq!(by_link("feuille%201.txt").status, 404);
    let mut next = crate::web::Browser::sign_in(&gateway, "localhost", "u00046@a.test", "pw-u00046");
    let place = "owner=~cours&folder=TD";
    let page = next.get(&format!("/share?{place}")).body;
    assert!(page.contains("/share/link/take?") && page.contains("amphi"), "{page}");
    let id = page.split_once("/share/link/take?").unwrap().1.split_once("name=\"id\" value=\"").unwrap().1;
    let id = id.split('"').next().unwrap().to_owned();
    assert_eq!(next.post(&format!("/share/link/take?{place}"), &[("id", &id)]).status, 200);
    assert!(!next.get(&format!("/share?{place}")).body.contains("/share/link/take?"), "it works, so nobody has to");
    assert_eq!(by_link("feuille%201.txt").body, "exercices");
    // Whoever is locked shares nothing either.
    grants(&gateway, MANAGER, "s.account.lock('u00046')");
    assert_eq!(by_link("feuille%201.txt").status, 404);
    grants(&gateway, MANAGER, "s.account.unlock('u00046')");
    // Sessions of the second of a withdrawal are withdrawn too.
    crate::harness::eventually("it leads there again", || by_link("feuille%201.txt").body == "exercices");
    grants(&gateway, MANAGER, "s.grant.remove({'owner': '~cours'}, {'account': 'u00046'})");
    assert_eq!(by_link("feuille%201.txt").status, 404);
    assert_eq!(at(MANAGER, "GET", sheet, &[]).status, 404);
    assert_eq!(at(&student, "GET", sheet, &[]).body, "exercices");
}

/// What hangs on a space that was taken out of the settings is told, and can be dropped before one of its name is made anew.
#[test]
fn a_space_that_is_gone_leaves_nothing_unsaid() {
    let gateway = Gateway::start_with("spaces-gone", &State::Sqlite, with_course);
    let at = || curl(&gateway, "localhost", Some(MANAGER), "GET", "/dav/files/~cours/TD/feuille%201.txt", &[]);
    grants(&gateway, MANAGER, "s.grant.set({'owner': '~cours'}, {'account': 'u00001'}, ['read', 'manage'])");
    let mut manager = crate::web::Browser::sign_in(&gateway, "localhost", "u00001@a.test", "pw-u00001");
    assert_eq!(manager.post("/share/link?owner=~cours&folder=TD", &[("what", "read")]).status, 201);
    let (config, file) = (gateway.config(), gateway.config().join("institutions/garonne/institution.toml"));
    let with = fs::read_to_string(&file).unwrap();
    let (without, _) = with.split_once("[spaces.cours]").unwrap();
    let run = |arguments: &[&str]| {
        let whole = [&["state", "--config", config.to_str().unwrap()], arguments].concat();
        let ran = std::process::Command::new(crate::harness::binary()).args(whole).output().unwrap();
        (ran.status.success(), String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned())
    };
    let doctor = || {
        let mut doctor = std::process::Command::new(crate::harness::binary());
        let told = doctor.args(["doctor", "--institution", "garonne", "--config"]).arg(&config).output().unwrap();
        String::from_utf8(told.stdout).unwrap()
    };
    assert!(!doctor().contains("~cours"));
    let (dropped, said) = run(&["forget", "garonne", "cours"]);
    assert!(!dropped && said.contains("in the settings"), "{said}");
    fs::write(&file, without).unwrap();
    gateway.signal("HUP");
    gateway.wait_for_log("a space that is not in the settings has grants or links still");
    assert!(doctor().contains("~cours is not in the settings and has 1 grants and 1 links"), "{}", doctor());
    // Made anew as it was, it has them: that is what was told.
    let made_anew = || {
        fs::write(&file, &with).unwrap();
        gateway.signal("HUP");
    };
    made_anew();
    crate::harness::eventually("it is back", || at().status == 200);
    fs::write(&file, without).unwrap();
    gateway.signal("HUP");
    crate::harness::eventually("it is gone", || at().status == 404);
    assert_eq!(
        run(&["forget", "garonne", "cours"]),
        (true, "garonne: nothing hangs on the space cours any more\n".to_owned())
    );
    assert!(!doctor().contains("~cours"));
    made_anew();
    let student = student_of("UFR01");
    let theirs = || curl(&gateway, "localhost", Some(&student), "GET", "/dav/files/~cours/TD/feuille%201.txt", &[]);
    crate::harness::eventually("it is back", || theirs().status == 200);
    assert_eq!(at().status, 404, "and has nothing of what was granted in the old one");
}

#[test]
fn another_institution_sees_a_space_while_both_say_so() {
    let shares = |config: &Path, before: &str, after: &str| {
        let file = config.join("institutions/garonne/institution.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace(&format!("shares_with = {before}"), &format!("shares_with = {after}"))).unwrap();
    };
    let gateway = Gateway::start_with("spaces-abroad", &State::Sqlite, |config| {
        with_course(config);
        shares(config, "[]", "[\"autan\"]");
    });
    let guest = "u00007@b.test:pw-u00007";
    let theirs = || curl(&gateway, "localhost", Some(guest), "GET", "/dav/files/~cours@a.test/TD/feuille%201.txt", &[]);
    assert_eq!(theirs().status, 404);
    grants(&gateway, MANAGER, "s.grant.set({'owner': '~cours', 'path': 'TD'}, {'account': 'u00007@b.test'}, ['read'])");
    assert_eq!(theirs().body, "exercices");
    assert!(list(&gateway, "localhost", guest, "/dav/files/").body.contains("~cours@a.test"));
    shares(&gateway.config(), "[\"autan\"]", "[]");
    gateway.signal("HUP");
    crate::harness::eventually("the agreement ends", || theirs().status == 404);
}

#[test]
fn a_common_share_is_opened_with_each_persons_own_password() {
    let gateway = Gateway::start_with("spaces-commun", &State::Sqlite, with_common_share);
    let at = |who: &str, method: &str, path: &str, more: &[&str]| {
        curl(&gateway, "centre.localhost", Some(who), method, &format!("/dav/files/~commun/{path}"), more)
    };
    let name = format!("e2e-space-{}.txt", std::process::id());
    assert!(list(&gateway, "centre.localhost", ME, "/dav/files/").body.contains("~commun"));
    assert!(list(&gateway, "centre.localhost", ME, "/dav/files/~commun/").body.contains("R%C3%A9union"));
    assert_eq!(at(ME, "PUT", &name, &["-d", "pour tous"]).status, 201);
    assert_eq!(at(COLLEAGUE, "GET", &name, &[]).body, "pour tous");
    // What smbclient sees is the same file.
    let port = campus("CAMPUS_SMB");
    let direct = run(
        "smbclient",
        &[
            "-s",
            "/dev/null",
            "-p",
            port,
            "//127.0.0.1/commun",
            "-U",
            "u00002%pw-u00002",
            "-c",
            &format!("get {name} -"),
        ],
    );
    assert!(direct.contains("pour tous"), "{direct}");
    // The share's own list of users is a second lock: whom Samba does not let in is let in by nobody.
    let outside = "u00003@c.test:pw-u00003";
    assert!(at(outside, "GET", &name, &[]).status >= 400);
    // Without a password of the person's own there is no way in, and that is said.
    let phone = crate::smb::app_password(&gateway);
    assert_eq!(at(&phone, "GET", &name, &[]).status, 501);
    assert_eq!(at(COLLEAGUE, "DELETE", &name, &[]).status, 204);
}
