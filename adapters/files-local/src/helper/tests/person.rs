//! As whom the helper acts, and that it may what that person may.

use super::*;

#[test]
fn nobody_of_the_system_is_acted_for() {
    let Some(scene) = scene(false) else { return };
    let begin = |uid, gid, root: &Path| Request::Begin { ids: PosixIds::new(uid, gid), root: root.to_path_buf() };
    let home = scene.path("homes/alice");
    for (uid, gid) in
        [(0, PEOPLE), (1, PEOPLE), (999, PEOPLE), (u32::MAX, PEOPLE), (ALICE, 0), (ALICE, 99), (ALICE, u32::MAX)]
    {
        scene.raw().declines(&begin(uid, gid, &home), &[], Declined::Ids);
    }
    for root in
        ["/", "/etc", "homes/alice", "", scene.path("other").to_str().unwrap(), home.join("../../..").to_str().unwrap()]
    {
        scene.raw().declines(&begin(ALICE, PEOPLE, Path::new(root)), &[], Declined::Place);
    }
    // Once somebody, never anybody else.
    scene.of("alice", ALICE).declines(&begin(BOB, PEOPLE, &scene.path("homes/bob")), &[], Declined::Garbled);
    assert_eq!(scene.raw().ask(&begin(1000, 100, &home), &[]), Some(Answer::Done));
}

#[test]
fn a_thread_is_the_person_and_has_no_power_left() {
    let Some(scene) = scene(false) else { return };
    let raw = scene.raw();
    let ids = PosixIds::new(ALICE, PEOPLE).with_groups([0, 27, 99, 100, 61_500]);
    assert_eq!(raw.ask(&Request::Begin { ids, root: scene.path("homes/alice") }, &[]), Some(Answer::Done));
    let threads = fs::read_dir("/proc/self/task").unwrap().flatten();
    let statuses: Vec<String> =
        threads.filter_map(|task| fs::read_to_string(task.path().join("status")).ok()).collect();
    let fact = |status: &str, name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    };
    let is_alice = |status: &&String| fact(status, "Uid:") == format!("{GATEWAY} {ALICE} {GATEWAY} {ALICE}");
    let alice = statuses.iter().find(is_alice).expect("a thread is alice");
    assert_eq!(fact(alice, "Gid:"), [PEOPLE.to_string().as_str(); 4].join(" "));
    assert_eq!(fact(alice, "Groups:"), "100 61500", "none of the system's groups");
    for set in ["CapInh:", "CapPrm:", "CapEff:", "CapAmb:"] {
        assert_eq!(fact(alice, set), "0000000000000000", "{set}");
    }
    assert_eq!(fact(alice, "NoNewPrivs:"), "1");
    // The one that accepts has only what it needs to become others.
    let accepts = statuses.iter().find(|it| fact(it, "Uid:") == "0 0 0 0" && fact(it, "NoNewPrivs:") == "1").unwrap();
    assert_eq!(fact(accepts, "CapEff:"), format!("{:016x}", KEPT.bits()));
}

#[test]
fn the_person_may_what_the_person_may() {
    let Some(scene) = scene(false) else { return };
    scene.file_of_alice(&scene.path("homes/alice/f"), "hers");
    fs::write(scene.path("secret"), "root's").unwrap();
    fs::set_permissions(scene.path("secret"), fs::Permissions::from_mode(0o600)).unwrap();
    symlink(scene.path("secret"), scene.path("homes/alice/link")).unwrap();
    let (alice, bob) = (scene.of("alice", ALICE), scene.of("bob", BOB));
    let (her, his) = (alice.root(), bob.root());
    let failed = |errno| Some(Answer::Failed(errno));
    let read = |path: &str| opening(path, OFlags::RDONLY);
    assert!(matches!(alice.ask(&read("f"), &[her.as_fd()]), Some(Answer::Opened)));
    // Her folder in his hands is of no use.
    assert_eq!(bob.ask(&read("f"), &[her.as_fd()]), failed(Errno::ACCESS));
    assert_eq!(bob.ask(&Request::Stat(vec![name("f")]), &[her.as_fd()]), failed(Errno::ACCESS));
    assert_eq!(bob.ask(&read("f"), &[his.as_fd()]), failed(Errno::NOENT));
    for (way_out, errno) in
        [("..", Errno::XDEV), ("/etc/passwd", Errno::XDEV), ("../bob", Errno::XDEV), ("link", Errno::LOOP)]
    {
        assert_eq!(alice.ask(&read(way_out), &[her.as_fd()]), failed(errno), "{way_out}");
    }
    let taken = Request::Rename { old: name("f"), new: name("f"), taken: Taken::Replace };
    assert_eq!(alice.ask(&taken, &[her.as_fd(), his.as_fd()]), failed(Errno::ACCESS));
    // A home that is a link is none.
    symlink(scene.path("homes/alice"), scene.path("homes/carol")).unwrap();
    assert_eq!(scene.of("carol", ALICE).ask(&Request::Root { make: false }, &[]), failed(Errno::LOOP));
}

#[test]
fn homes_are_made_where_they_may_be_and_as_their_owners() {
    let Some(scene) = scene(true) else { return };
    let make = Request::Root { make: true };
    let (dave, ids) = (scene.path("homes/dave"), PosixIds::new(61_004, PEOPLE));
    let of = |root: &Path| {
        let raw = scene.raw();
        assert_eq!(raw.ask(&Request::Begin { ids: ids.clone(), root: root.to_path_buf() }, &[]), Some(Answer::Done));
        raw
    };
    assert_eq!(of(&dave).ask(&Request::Root { make: false }, &[]), Some(Answer::Failed(Errno::NOENT)));
    assert!(!dave.exists());
    assert_eq!(of(&dave).ask(&make, &[]), Some(Answer::Opened));
    let made = fs::metadata(&dave).unwrap();
    assert_eq!((made.uid(), made.gid(), made.mode() & 0o7777), (61_004, PEOPLE, 0o700));
    // Not deeper, and not over what is there.
    assert_eq!(of(&dave.join("files")).ask(&make, &[]), Some(Answer::Failed(Errno::NOENT)));
    assert_eq!(of(&scene.path("homes/eve/files")).ask(&make, &[]), Some(Answer::Failed(Errno::NOENT)));
    assert_eq!(of(&scene.path("homes/alice")).ask(&make, &[]), Some(Answer::Opened), "to look through, as anybody may");
    let hers = fs::metadata(scene.path("homes/alice")).unwrap();
    assert_eq!((hers.uid(), hers.gid()), (ALICE, PEOPLE));
    fs::write(scene.path("homes/file"), "").unwrap();
    assert_eq!(of(&scene.path("homes/file")).ask(&make, &[]), Some(Answer::Failed(Errno::NOTDIR)));
    assert_eq!(fs::metadata(scene.path("homes/file")).unwrap().uid(), 0);
    let left: Vec<_> = fs::read_dir(scene.path("homes")).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left.len(), 4, "{left:?}");
}

#[test]
fn names_that_are_no_text_can_be_removed() {
    let Some(scene) = scene(false) else { return };
    let odd = crate::place::raw(b"\xff\n");
    scene.file_of_alice(&scene.path("homes/alice").join(odd), "");
    let (alice, name) = (scene.of("alice", ALICE), Name::parse(b"\xff\n").unwrap());
    let root = alice.root();
    let stats = alice.ask(&Request::Stat(vec![name.clone(), self::name("none")]), &[root.as_fd()]);
    assert!(matches!(stats, Some(Answer::Stats(stats)) if stats[0].is_ok() && stats[1] == Err(Errno::NOENT)));
    assert_eq!(alice.ask(&Request::Unlink(name), &[root.as_fd()]), Some(Answer::Done));
    assert!(Own.open(root.as_fd(), odd, OFlags::PATH, Mode::empty(), BENEATH).is_err());
}
