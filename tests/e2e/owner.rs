//! Homes that belong to distinct uids: the gateway as an account without rights, the helper as root, and each file edited
//! in turn by its owner's own shell and by WebDAV.

use crate::{
    harness::{Gateway, binary, eventually, run, try_run},
    people::{ACCOUNT, Helper, Person, as_numbers, dav, start, to},
    sharing::grants,
};
use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    process::Output,
};

const MARTIN: &str = "u00001@a.test:pw-u00001";
const DURAND: &str = "u00002@a.test:pw-u00002";

#[test]
fn the_owners_shell_and_dav_edit_in_turn() {
    let Some((gateway, _helper)) = start("owner-turns", &[]) else { return };
    let (martin, durand) = (Person::find(&gateway, "u00001"), Person::find(&gateway, "u00002"));
    assert_ne!(martin.uid, durand.uid);
    for (who, person, login) in [(MARTIN, &martin, "u00001"), (DURAND, &durand, "u00002")] {
        let own = format!("{}:{}", person.uid, person.gid);
        let other = if login == "u00001" { &durand.uid } else { &martin.uid };
        let at = |path: &str| format!("{login}/{path}");
        let is_owns = |path: &str| assert_eq!(person.facts(path).owner, own, "{path}");
        // The shell makes a file with all that can belong to it, and it is there over DAV.
        person.shell(&format!(
            "mkdir docs && echo one > docs/plan && chmod 640 docs/plan && setfacl -m u:{other}:r docs/plan && setfattr -n user.colour -v blue docs/plan"
        ));
        let made = person.facts("docs/plan");
        assert!(
            made.acl.contains(&format!("user:{other}:r")) && made.attributes == "blue" && made.owner == own,
            "{made:?}"
        );
        assert_eq!(dav(&gateway, who, "GET", &at("docs/plan"), &[]).body, "one\n");
        // DAV replaces it, the shell edits it, DAV again.
        assert_eq!(dav(&gateway, who, "PUT", &at("docs/plan"), &["-d", "two"]).status, 204);
        assert_eq!(person.facts("docs/plan"), made);
        assert_eq!(person.shell("cat docs/plan && echo three >> docs/plan"), "two");
        assert_eq!(person.facts("docs/plan"), made);
        assert_eq!(dav(&gateway, who, "PUT", &at("docs/plan"), &["-d", "four"]).status, 204);
        assert_eq!((person.facts("docs/plan"), person.shell("cat docs/plan").as_str()), (made, "four"));
        // New from DAV, as if the owner had made it; the shell goes on with it.
        assert_eq!(dav(&gateway, who, "MKCOL", &at("new"), &[]).status, 201);
        assert_eq!(dav(&gateway, who, "PUT", &at("new/file"), &["-d", "dav"]).status, 201);
        assert_eq!((person.facts("new").mode, person.facts("new/file").mode), (0o755, 0o644), "by the helper's mask");
        is_owns("new");
        is_owns("new/file");
        person.shell("echo shell >> new/file && chmod 600 new/file && touch new/other && chmod 700 new");
        assert_eq!(dav(&gateway, who, "GET", &at("new/file"), &[]).body, "davshell\n");
        let listed = dav(&gateway, who, "PROPFIND", &at("new"), &["-H", "Depth: 1"]);
        assert!(
            listed.status == 207 && listed.body.contains("new/other") && listed.body.contains("new/file"),
            "{listed:?}"
        );
        // Moved it is the same file, copied it is the owner's too.
        let before = person.facts("docs/plan");
        let moved = dav(&gateway, who, "MOVE", &at("docs/plan"), &["-H", &to(&gateway, &at("new/plan"))]);
        assert_eq!((moved.status, person.facts("new/plan")), (201, before));
        let copied = dav(&gateway, who, "COPY", &at("new"), &["-H", &to(&gateway, &at("copy"))]);
        assert_eq!(copied.status, 201);
        for path in ["copy", "copy/plan", "copy/file", "copy/other"] {
            is_owns(path);
        }
        assert_eq!(person.shell("cat copy/plan && mv copy/plan docs/plan"), "four");
        assert_eq!(dav(&gateway, who, "GET", &at("docs/plan"), &[]).body, "four");
        for path in ["copy", "new", "docs/plan"] {
            assert_eq!(dav(&gateway, who, "DELETE", &at(path), &[]).status, 204, "{path}");
        }
        assert_eq!(person.shell("find . -mindepth 1"), "./docs\n");
        let quota = "<propfind xmlns=\"DAV:\"><prop><quota-available-bytes/></prop></propfind>";
        let quota = dav(&gateway, who, "PROPFIND", &at(""), &["-H", "Depth: 0", "-d", quota]);
        assert!(quota.body.contains("200 OK") && quota.body.contains("quota-available-bytes>"), "{quota:?}");
    }
    // Whom the share belongs to, the gateway's account does not count.
    let own = run("id", &["-u", ACCOUNT]);
    let tried = as_numbers(own.trim(), own.trim(), &format!("ls {:?}", martin.home));
    assert!(!tried.status.success(), "the gateway's account reads a home");
    // What the kernel refuses the owner, it refuses over DAV.
    run("touch", &[martin.home.join("roots").to_str().unwrap()]);
    run("chmod", &["600", martin.home.join("roots").to_str().unwrap()]);
    assert_eq!(dav(&gateway, MARTIN, "GET", "u00001/roots", &[]).status, 403);
    assert_eq!(dav(&gateway, MARTIN, "PUT", "u00001/roots", &["-d", "x"]).status, 403);
}

#[test]
fn what_a_grantee_does_is_done_as_the_owner() {
    let Some((gateway, _helper)) = start("owner-grantee", &[]) else { return };
    let (martin, durand) = (Person::find(&gateway, "u00001"), Person::find(&gateway, "u00002"));
    let own = format!("{}:{}", martin.uid, martin.gid);
    martin.shell("mkdir shared && echo secret > secret");
    durand.shell("mkdir box && echo mine > box/mine");
    let rights = "['read', 'add', 'edit', 'remove']";
    grants(
        &gateway,
        MARTIN,
        &format!("s.grant.set({{'owner': 'u00001', 'path': 'shared'}}, {{'account': 'u00002'}}, {rights})"),
    );
    assert_eq!(dav(&gateway, DURAND, "PUT", "u00001/shared/new", &["-d", "1"]).status, 201);
    assert_eq!(dav(&gateway, DURAND, "PUT", "u00001/shared/new", &["-d", "2"]).status, 204);
    assert_eq!(dav(&gateway, DURAND, "MKCOL", "u00001/shared/folder", &[]).status, 201);
    // From one owner to the other: it becomes the other's.
    let moved = dav(&gateway, DURAND, "MOVE", "u00002/box", &["-H", &to(&gateway, "u00001/shared/box")]);
    assert_eq!(moved.status, 201);
    for path in ["shared/new", "shared/folder", "shared/box", "shared/box/mine"] {
        assert_eq!(martin.facts(path).owner, own, "{path}");
    }
    assert_eq!(durand.shell("ls"), "");
    assert_eq!(martin.shell("cat shared/new shared/box/mine"), "2mine\n");
    let back = dav(&gateway, DURAND, "COPY", "u00001/shared/new", &["-H", &to(&gateway, "u00002/back")]);
    assert_eq!((back.status, durand.facts("back").owner), (201, format!("{}:{}", durand.uid, durand.gid)));
    assert_eq!(dav(&gateway, DURAND, "DELETE", "u00001/shared/new", &[]).status, 204);
    // The owner's numbers open nothing that was not granted.
    assert_eq!(dav(&gateway, DURAND, "GET", "u00001/secret", &[]).status, 404);
    assert_eq!(dav(&gateway, DURAND, "PUT", "u00001/new", &["-d", "x"]).status, 404);
}

#[test]
fn without_the_helper_503_and_back_with_it() {
    let Some((gateway, mut helper)) = start("owner-killed", &[]) else { return };
    let martin = Person::find(&gateway, "u00001");
    martin.shell("echo old > f");
    let get = || dav(&gateway, MARTIN, "GET", "u00001/f", &[]);
    assert_eq!(get().body, "old\n");
    // An upload is under way when the helper dies: the old content stays.
    let mut upload = TcpStream::connect(("127.0.0.1", gateway.http)).unwrap();
    let credentials = "dTAwMDAxQGEudGVzdDpwdy11MDAwMDE=";
    write!(upload, "PUT /dav/files/u00001/f HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {credentials}\r\nContent-Length: 700000\r\n\r\n").unwrap();
    upload.write_all(&vec![b'n'; 600_000]).unwrap();
    let open = || {
        let descriptors = fs::read_dir(format!("/proc/{}/fd", gateway.pid())).unwrap().flatten();
        descriptors
            .filter_map(|entry| fs::read_link(entry.path()).ok())
            .any(|it| it.starts_with(&martin.home) && it != martin.home)
    };
    eventually("the upload begins", open);
    helper.kill();
    upload.write_all(&vec![b'n'; 100_000]).unwrap();
    let mut answer = [0; 12];
    upload.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 503");
    for (method, path) in [
        ("GET", "u00001/f"),
        ("PUT", "u00001/f"),
        ("PUT", "u00001/new"),
        ("MKCOL", "u00001/d"),
        ("DELETE", "u00001/f"),
        ("PROPFIND", "u00001/"),
    ] {
        let answered = dav(&gateway, MARTIN, method, path, &["-H", "Depth: 1"]);
        assert_eq!(answered.status, 503, "{method} {path}: {answered:?}");
    }
    assert_eq!(martin.shell("ls -A; cat f"), "f\nold\n");
    // Other institutions live on, and the operator is told what to do.
    let elsewhere = dav(&gateway, "u00001@b.test:pw-u00001", "PUT", "u00001@b.test/f", &["-d", "x"]);
    assert_eq!(elsewhere.status, 201);
    let doctor = doctor(&gateway);
    assert!(!doctor.status.success());
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(said.contains("FAILS  garonne.files.home: hands:") && said.contains("start `passerelle hands`"), "{said}");
    // Started again where the old socket lies, it serves the next request.
    let again = Helper::start(&gateway.dir, &gateway.dir.join("files/garonne"), &["--create"]);
    assert_eq!(get().body, "old\n");
    assert_eq!(dav(&gateway, MARTIN, "PUT", "u00001/f", &["-d", "new"]).status, 204);
    assert_eq!(martin.shell("cat f"), "new");
    let said = String::from_utf8_lossy(&self::doctor(&gateway).stdout).into_owned();
    assert!(said.contains("ok     garonne.files.home: hands:"), "{said}");
    drop(again);
}

fn doctor(gateway: &Gateway) -> Output {
    let (binary, config) = (binary(), gateway.config());
    try_run(
        "setpriv",
        &[
            "--reuid",
            ACCOUNT,
            "--regid",
            ACCOUNT,
            "--clear-groups",
            binary.to_str().unwrap(),
            "doctor",
            "--institution",
            "garonne",
            "--config",
            config.to_str().unwrap(),
        ],
    )
}

#[test]
fn a_missing_home_is_made_as_its_owners() {
    let Some((gateway, _helper)) = start("owner-create", &["--create"]) else { return };
    let home = gateway.home("garonne", "u00001");
    let martin = Person::find(&gateway, "u00001");
    fs::remove_dir(&home).unwrap();
    assert_eq!(dav(&gateway, MARTIN, "PUT", "u00001/f", &["-d", "x"]).status, 201);
    assert_eq!((martin.facts("").owner, martin.facts("").mode), (format!("{}:{}", martin.uid, martin.gid), 0o700));
    assert_eq!(martin.shell("cat f"), "x");
}

/// What the helper says to whom it should not serve, over its own socket, without a line of the gateway's code.
#[test]
fn the_helper_refuses_what_a_gateway_that_was_taken_over_would_ask() {
    let Some((gateway, helper)) = start("owner-hostile", &["--lowest-uid", "10002"]) else { return };
    let (martin, durand) = (Person::find(&gateway, "u00001"), Person::find(&gateway, "u00002"));
    // By the directory, one of them is below the lowest.
    assert_eq!((martin.uid.as_str(), durand.uid.as_str()), ("10001", "10002"));
    assert_eq!(dav(&gateway, MARTIN, "GET", "u00001/", &[]).status, 503);
    assert_eq!(dav(&gateway, DURAND, "PROPFIND", "u00002/", &["-H", "Depth: 1"]).status, 207);
    assert!(helper.log().contains("asked to act for somebody that no call is made for"), "{}", helper.log());
    let ask = |who: &str, uid: u32, root: &str| {
        let script = format!(
            "import socket, struct, sys\n\
             s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)\n\
             s.connect({:?})\n\
             root = {root:?}.encode()\n\
             s.send(struct.pack('<BBIIHH', 1, 1, {uid}, 10000, 0, len(root)) + root)\n\
             print(s.recv(100).hex())",
            gateway.dir.join("hands")
        );
        let numbers = run("id", &["-u", who]);
        let output =
            try_run("setpriv", &["--reuid", numbers.trim(), "--clear-groups", "/usr/bin/python3", "-c", &script]);
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    let home = durand.home.to_str().unwrap();
    assert_eq!(ask(ACCOUNT, 10002, home), "0101", "done");
    assert_eq!(ask(ACCOUNT, 0, home), "010701", "nobody is root");
    assert_eq!(ask(ACCOUNT, 10001, home), "010701");
    for outside in ["/", "/etc", "/root", &format!("{home}/../../../config"), gateway.config().to_str().unwrap()] {
        assert_eq!(ask(ACCOUNT, 10002, outside), "010702", "{outside}");
    }
    assert_eq!(ask("nobody", 10002, home), "", "not the gateway");
    // It has next to nothing of root's powers, and an owner cannot end it, by none of its threads.
    let pid = helper.child.id();
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let powers = status.lines().find_map(|line| line.strip_prefix("CapEff:\t")).unwrap();
    // CAP_CHOWN, CAP_SETGID, CAP_SETUID: bits 0, 6, 7.
    assert_eq!(u64::from_str_radix(powers, 16).unwrap(), 0b1100_0001);
    let threads: Vec<String> = fs::read_dir(format!("/proc/{pid}/task"))
        .unwrap()
        .flatten()
        .map(|it| it.file_name().to_string_lossy().into_owned())
        .collect();
    assert!(threads.len() > 1, "a connection that waits is a thread");
    for thread in &threads {
        for intrusion in ["kill -9 {}", "cat /proc/{}/environ", "cat /proc/{}/maps", "ls -l /proc/{}/fd/"] {
            let tried = as_numbers(&durand.uid, &durand.gid, &intrusion.replace("{}", thread));
            assert!(!tried.status.success(), "{intrusion} with {thread} of {threads:?}");
        }
    }
    assert_eq!(dav(&gateway, DURAND, "PROPFIND", "u00002/", &["-H", "Depth: 1"]).status, 207);
    assert!(
        !try_run(
            binary().to_str().unwrap(),
            &["hands", "--socket", "/nowhere/x", "--serve", "root", "--below", "/srv"]
        )
        .status
        .success()
    );
    let unprivileged = as_numbers(
        &durand.uid,
        &durand.gid,
        &format!("{:?} hands --socket /tmp/x --serve {ACCOUNT} --below /srv", binary()),
    );
    assert!(String::from_utf8_lossy(&unprivileged.stderr).contains("only root"), "{unprivileged:?}");
    // A root that lies elsewhere: nobody is served, and the operator is told.
    let settings = gateway.config().join("institutions/garonne/institution.toml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, text.replace("files/garonne/{login}", "elsewhere/{login}")).unwrap();
    gateway.signal("HUP");
    gateway.wait_for_log("new settings are in force");
    assert_eq!(dav(&gateway, DURAND, "PROPFIND", "u00002/", &["-H", "Depth: 1"]).status, 503);
    let said = String::from_utf8_lossy(&doctor(&gateway).stdout).into_owned();
    assert!(said.contains("acts below") && said.contains("start it with --below"), "{said}");
}
