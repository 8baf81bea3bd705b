//! What one person gives to others, seen by WebDAV, and what nobody else can guess.

use crate::harness::{Answer, Gateway, curl, try_run};
use std::fs;

const OWNER: &str = "u00001@a.test:pw-u00001";

/// Sets or removes a grant as an administrator, by XML-RPC.
#[track_caller]
pub fn grants(gateway: &Gateway, administrator: &str, script: &str) {
    let whole = format!(
        "import ssl, xmlrpc.client as x\nc = ssl.create_default_context(cafile='{}')\ns = x.ServerProxy('https://{}@localhost:{}/xmlrpc', context=c, allow_none=True)\n{script}",
        crate::harness::campus("CAMPUS_CA"),
        administrator.replacen('@', "%40", 1),
        gateway.https
    );
    let output = try_run("python3", &["-c", &whole]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A person of garonne who is a member of g0001 and is not u00001: found in the directory itself.
fn member_of_g0001() -> String {
    let found = crate::harness::run(
        "ldapsearch",
        &[
            "-LLL",
            "-x",
            "-H",
            &format!("ldap://127.0.0.1:{}", crate::harness::campus("CAMPUS_LDAP_A")),
            "-D",
            "cn=gateway,ou=services,dc=a,dc=test",
            "-w",
            "svc-gateway",
            "-b",
            "ou=groups,dc=a,dc=test",
            "(cn=g0001)",
            "member",
        ],
    );
    found
        .lines()
        .filter_map(|line| line.strip_prefix("member: uid=")?.split(',').next())
        .find(|uid| *uid != "u00001")
        .expect("a group has several members")
        .to_owned()
}

fn propfind(gateway: &Gateway, who: &str, path: &str) -> Answer {
    curl(gateway, "localhost", Some(who), "PROPFIND", path, &["-H", "Depth: 1"])
}

#[test]
fn a_group_sees_a_folder_and_loses_it_at_once() {
    let gateway = Gateway::start("sharing-group");
    let folder = gateway.home("garonne", "u00001").join("projets/alpha");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("plan.txt"), "the plan").unwrap();
    fs::write(gateway.home("garonne", "u00001").join("secret.txt"), "not for you").unwrap();
    let member = format!("{}@a.test", member_of_g0001());
    let member = format!("{member}:pw-{}", member.split('@').next().unwrap());
    let file = "/dav/files/u00001@a.test/projets/alpha/plan.txt";
    assert_eq!(curl(&gateway, "localhost", Some(&member), "GET", file, &[]).status, 404);
    grants(&gateway, OWNER, "s.grant.set({'owner': 'u00001', 'path': 'projets/alpha'}, {'group': 'g0001'}, ['read'])");
    assert_eq!(curl(&gateway, "localhost", Some(&member), "GET", file, &[]).body, "the plan");
    // The way there shows what leads there, and nothing beside it.
    let root = propfind(&gateway, &member, "/dav/files/u00001@a.test/");
    assert_eq!(root.status, 207, "{}", root.body);
    assert!(root.body.contains("projets") && !root.body.contains("secret"), "{}", root.body);
    assert!(propfind(&gateway, &member, "/dav/files/").body.contains("u00001"), "what is shared is found");
    let secret = curl(&gateway, "localhost", Some(&member), "GET", "/dav/files/u00001@a.test/secret.txt", &[]);
    let missing = curl(&gateway, "localhost", Some(&member), "GET", "/dav/files/u00001@a.test/missing.txt", &[]);
    assert_eq!((secret.status, &secret.body), (404, &missing.body), "hidden is missing");
    // Reading is not writing.
    let write = |method| curl(&gateway, "localhost", Some(&member), method, file, &["-d", "x"]).status;
    assert_eq!((write("PUT"), write("DELETE")), (403, 403));
    grants(&gateway, OWNER, "s.grant.remove({'owner': 'u00001', 'path': 'projets/alpha'}, {'group': 'g0001'})");
    assert_eq!(curl(&gateway, "localhost", Some(&member), "GET", file, &[]).status, 404);
    assert_eq!(propfind(&gateway, &member, "/dav/files/u00001@a.test/").status, 404);
}

#[test]
fn another_institution_can_neither_see_nor_guess_until_it_is_agreed() {
    let gateway = Gateway::start("sharing-abroad");
    fs::create_dir_all(gateway.home("autan", "u00007")).unwrap();
    fs::write(gateway.home("autan", "u00007").join("note.txt"), "of autan").unwrap();
    let stranger = "u00002@a.test:pw-u00002";
    let there = "/dav/files/u00007@b.test/note.txt";
    let nowhere = "/dav/files/u99999@b.test/note.txt";
    let answer = |path| {
        let answer = curl(&gateway, "localhost", Some(stranger), "GET", path, &[]);
        let head: Vec<String> = answer
            .head
            .lines()
            .filter(|line| !line.starts_with("x-request-id") && !line.starts_with("date"))
            .map(str::to_owned)
            .collect();
        (answer.status, head, answer.body)
    };
    assert_eq!(answer(there), answer(nowhere), "byte for byte the same");
    assert_eq!(answer(there).0, 404);
    // autan's administrator cannot give it away either, before autan agrees to share with garonne.
    let administrator = "u00001@b.test:pw-u00001";
    let give = "s.grant.set({'owner': 'u00007', 'path': ''}, {'account': 'u00002@a.test'}, ['read'])";
    grants(
        &gateway,
        administrator,
        &format!("try:\n  {give}\n  raise SystemExit('granted')\nexcept x.Fault as e: assert e.faultCode == 403, e"),
    );
    assert_eq!(answer(there).0, 404);
    let settings = gateway.config().join("institutions/autan/institution.toml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, text.replace("shares_with = []", "shares_with = [\"garonne\"]")).unwrap();
    gateway.signal("HUP");
    gateway.wait_for_log("new settings are in force");
    grants(&gateway, administrator, give);
    assert_eq!(answer(there).2, "of autan");
    // Only the named one: the same login at home, and others, see nothing.
    assert_eq!(curl(&gateway, "localhost", Some("u00003@a.test:pw-u00003"), "GET", there, &[]).status, 404);
    assert_eq!(curl(&gateway, "localhost", Some("u00002@b.test:pw-u00002"), "GET", there, &[]).status, 404);
    // And no longer than autan agrees.
    fs::write(&settings, text).unwrap();
    gateway.signal("HUP");
    crate::harness::eventually("it is hidden again", || answer(there).0 == 404);
}

#[test]
fn an_end_date_ends_a_grant() {
    let gateway = Gateway::start("sharing-until");
    fs::create_dir_all(gateway.home("garonne", "u00001")).unwrap();
    fs::write(gateway.home("garonne", "u00001").join("a.txt"), "a").unwrap();
    let colleague = "u00005@a.test:pw-u00005";
    let status = || curl(&gateway, "localhost", Some(colleague), "GET", "/dav/files/u00001/a.txt", &[]).status;
    grants(
        &gateway,
        OWNER,
        "import time; s.grant.set({'owner': 'u00001'}, {'account': 'u00005'}, ['read'], int(time.time()) + 3)",
    );
    assert_eq!(status(), 200);
    crate::harness::eventually("the grant ends", || status() == 404);
}

#[test]
fn a_dynamic_group_is_a_filter() {
    let gateway = Gateway::start("sharing-dynamic");
    fs::create_dir_all(gateway.home("garonne", "u00001")).unwrap();
    fs::write(gateway.home("garonne", "u00001").join("a.txt"), "a").unwrap();
    grants(&gateway, OWNER, "s.grant.set({'owner': 'u00001'}, {'group': 'dyn-student'}, ['read'])");
    let ldap = format!("ldap://127.0.0.1:{}", crate::harness::campus("CAMPUS_LDAP_A"));
    let one = |filter: &str| {
        let found = crate::harness::run(
            "ldapsearch",
            &[
                "-LLL",
                "-x",
                "-H",
                &ldap,
                "-D",
                "cn=gateway,ou=services,dc=a,dc=test",
                "-w",
                "svc-gateway",
                "-b",
                "ou=people,dc=a,dc=test",
                filter,
                "uid",
            ],
        );
        found
            .lines()
            .find_map(|line| line.strip_prefix("uid: ").filter(|uid| *uid != "u00001").map(str::to_owned))
            .unwrap()
    };
    let inside = one("(&(eduPersonPrimaryAffiliation=student)(supannEntiteAffectation=UFR01))");
    let outside = one("(&(eduPersonPrimaryAffiliation=student)(supannEntiteAffectation=UFR02))");
    let status = |uid: &str| {
        curl(&gateway, "localhost", Some(&format!("{uid}@a.test:pw-{uid}")), "GET", "/dav/files/u00001/a.txt", &[])
            .status
    };
    assert_eq!((status(&inside), status(&outside)), (200, 404));
}
