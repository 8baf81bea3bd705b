//! The helper before a gateway that was taken over: what it does for anybody who may ask, and what for nobody. Needs root,
//! as the helper does.

use super::*;
use crate::{
    hands::{Hands, Own, Taken},
    place::{BENEATH, FOLDER},
    wire::{Answer, Declined, LONGEST_ANSWER, LONGEST_REQUEST, Name, Opening, Request},
};
use passerelle_core::ports::FileTime;
use rustix::fs::{OFlags, ResolveFlags};
use std::{
    fs,
    os::{
        fd::{AsFd, BorrowedFd},
        unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
    },
    process::{Command, Stdio},
};

/// The account of the gateway, and two people.
const GATEWAY: u32 = 60_001;
const ALICE: u32 = 61_001;
const BOB: u32 = 61_002;
const PEOPLE: u32 = 61_000;

/// A helper in a thread, and a folder with homes that it serves.
struct Scene {
    folder: tempfile::TempDir,
}

/// A connection with nothing of the gateway's code around it.
struct Raw(OwnedFd);

/// A scene, or the reason why there is none.
fn scene(create: bool) -> Option<Scene> {
    if !rustix::process::geteuid().is_root() {
        eprintln!("not tried: the helper changes its ids, and only root can");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let scene = Scene { folder };
    for (name, uid) in [("alice", ALICE), ("bob", BOB)] {
        let home = scene.path("homes").join(name);
        fs::create_dir_all(&home).unwrap();
        fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).unwrap();
        chown(&home, Some(uid), Some(PEOPLE)).unwrap();
    }
    let options = HandsOptions {
        socket: scene.path("hands"),
        serve: GATEWAY,
        below: vec![scene.path("homes")],
        lowest_uid: 1000,
        lowest_gid: 100,
        create,
    };
    let (ready, is_ready) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let helper = HandsHelper::open(&options).unwrap();
        ready.send(()).unwrap();
        helper.run().unwrap();
    });
    is_ready.recv().unwrap();
    Some(scene)
}

impl Scene {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn raw(&self) -> Raw {
        let socket = packet::socket().unwrap();
        rustix::net::connect(&socket, &SocketAddrUnix::new(self.path("hands")).unwrap()).unwrap();
        Raw(socket)
    }

    /// A connection that acts as somebody in their own home.
    fn of(&self, name: &str, uid: u32) -> Raw {
        let raw = self.raw();
        let root = self.path("homes").join(name);
        assert_eq!(raw.ask(&Request::Begin { ids: PosixIds::new(uid, PEOPLE), root }, &[]), Some(Answer::Done));
        raw
    }

    /// A file of alice's that is none under way.
    fn file_of_alice(&self, path: &Path, content: &str) -> OwnedFd {
        fs::write(path, content).unwrap();
        chown(path, Some(ALICE), Some(PEOPLE)).unwrap();
        fs::File::options().read(true).write(true).open(path).unwrap().into()
    }
}

impl Raw {
    fn send(&self, octets: &[u8], descriptors: &[BorrowedFd<'_>]) -> Option<(Answer, Option<OwnedFd>)> {
        // What it does not like it may have hung up on already.
        packet::send(&self.0, octets, descriptors).ok()?;
        let mut room = vec![0; LONGEST_ANSWER];
        let (length, opened) = packet::receive(&self.0, &mut room).ok()??;
        Some((Answer::decode(&room[..length]).unwrap(), opened.into_iter().next()))
    }

    /// The answer; `None` when it hung up.
    fn ask(&self, request: &Request, descriptors: &[BorrowedFd<'_>]) -> Option<Answer> {
        self.send(&request.encode(), descriptors).map(|(answer, _)| answer)
    }

    fn open(&self, request: &Request, descriptors: &[BorrowedFd<'_>]) -> OwnedFd {
        let answered = self.send(&request.encode(), descriptors).unwrap();
        answered.1.unwrap_or_else(|| panic!("{request:?}: {:?}", answered.0))
    }

    fn root(&self) -> OwnedFd {
        self.open(&Request::Root { make: false }, &[])
    }

    /// It says why, and hangs up.
    #[track_caller]
    fn declines(&self, request: &Request, descriptors: &[BorrowedFd<'_>], why: Declined) {
        assert_eq!(self.ask(request, descriptors), Some(Answer::Declined(why)), "{request:?}");
        assert_eq!(self.ask(&Request::Examine, &[]), None, "it goes on after {request:?}");
    }
}

fn name(text: &str) -> Name {
    Name::parse(text.as_bytes()).unwrap()
}

fn opening(path: &str, flags: OFlags) -> Request {
    let makes = flags.intersects(OFlags::CREATE | OFlags::TMPFILE.difference(OFlags::DIRECTORY));
    let mode = Mode::from_raw_mode(if makes { 0o600 } else { 0 });
    Request::Open(Opening { path: path.into(), flags, mode, same_device: false })
}

fn look(path: &Path) -> OwnedFd {
    Own.open(CWD, path, FOLDER, Mode::empty(), ResolveFlags::empty()).unwrap()
}

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
fn what_is_no_request_ends_the_connection() {
    let Some(scene) = scene(false) else { return };
    let ends = |raw: &Raw, octets: &[u8], descriptors: &[BorrowedFd<'_>]| {
        let answered = raw.send(octets, descriptors).map(|(answer, _)| answer);
        assert_eq!(answered, Some(Answer::Declined(Declined::Garbled)), "{:?}", &octets[..octets.len().min(8)]);
        assert_eq!(raw.ask(&Request::Examine, &[]), None);
    };
    let folder = look(&scene.path("homes"));
    for begun in [false, true] {
        let raw = || if begun { scene.of("alice", ALICE) } else { scene.raw() };
        ends(&raw(), b"GET / HTTP/1.1\r\n\r\n", &[]);
        ends(&raw(), &[1, 99], &[]);
        ends(&raw(), &vec![b'x'; LONGEST_REQUEST + 1], &[]);
        // More or fewer descriptors than the request has, and more than any has.
        ends(&raw(), &Request::Examine.encode(), &[folder.as_fd()]);
        ends(&raw(), &Request::Room.encode(), &[]);
        ends(&raw(), &Request::Unlink(name("f")).encode(), &[folder.as_fd(), folder.as_fd()]);
    }
    let many = vec![folder.as_fd(); 3];
    let raw = scene.raw();
    let mut room = [const { std::mem::MaybeUninit::uninit() }; rustix::cmsg_space!(ScmRights(3))];
    let mut beside = rustix::net::SendAncillaryBuffer::new(&mut room);
    assert!(beside.push(rustix::net::SendAncillaryMessage::ScmRights(&many)));
    let octets = Request::Room.encode();
    let octets = [std::io::IoSlice::new(&octets)];
    rustix::net::sendmsg(&raw.0, &octets, &mut beside, rustix::net::SendFlags::NOSIGNAL).unwrap();
    let mut answer = vec![0; LONGEST_ANSWER];
    let length = packet::receive(&raw.0, &mut answer).unwrap().unwrap().0;
    assert_eq!(Answer::decode(&answer[..length]), Ok(Answer::Declined(Declined::Garbled)));
}

#[test]
fn a_folder_elsewhere_is_declined_whoever_opened_it() {
    let Some(scene) = scene(false) else { return };
    // What alice may enter anywhere else on this machine.
    let elsewhere = scene.path("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    chown(&elsewhere, Some(ALICE), Some(PEOPLE)).unwrap();
    let outside = look(&elsewhere);
    let inside = scene.of("alice", ALICE).root();
    let file = scene.file_of_alice(&scene.path("homes/alice/f"), "");
    for request in [
        opening("f", OFlags::CREATE | OFlags::RDWR),
        Request::MakeFolder { name: name("d"), mode: Mode::from_raw_mode(0o700) },
        Request::Unlink(name("f")),
        Request::RemoveFolder(name("d")),
        Request::Stat(vec![name("f")]),
        Request::Room,
    ] {
        scene.of("alice", ALICE).declines(&request, &[outside.as_fd()], Declined::Place);
        scene.of("alice", ALICE).declines(&request, &[file.as_fd()], Declined::Place);
        scene.of("alice", ALICE).declines(&request, &[look(Path::new("/")).as_fd()], Declined::Place);
    }
    let rename = Request::Rename { old: name("f"), new: name("g"), taken: Taken::Refuse };
    scene.of("alice", ALICE).declines(&rename, &[inside.as_fd(), outside.as_fd()], Declined::Place);
    scene.of("alice", ALICE).declines(&rename, &[outside.as_fd(), inside.as_fd()], Declined::Place);
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
    // A folder that was moved out since it was opened.
    fs::create_dir(scene.path("homes/alice/d")).unwrap();
    let moved = look(&scene.path("homes/alice/d"));
    assert!(matches!(scene.of("alice", ALICE).ask(&Request::Room, &[moved.as_fd()]), Some(Answer::Room(_))));
    fs::rename(scene.path("homes/alice/d"), elsewhere.join("d")).unwrap();
    scene.of("alice", ALICE).declines(&Request::Room, &[moved.as_fd()], Declined::Place);
}

#[test]
fn a_mount_of_ones_own_leads_nowhere() {
    let Some(scene) = scene(false) else { return };
    let (elsewhere, home) = (scene.path("elsewhere"), scene.path("homes/alice"));
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("f"), "").unwrap();
    // In a name space of its own anybody can put a folder in another's place; its path then looks as if it were below.
    let script = format!("mount --bind {} {} && echo ready && exec sleep 60", elsewhere.display(), home.display());
    let mut other = Command::new("unshare")
        .args(["--mount", "--propagation", "private", "sh", "-c", &script])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = [0; 5];
    std::io::Read::read_exact(other.stdout.as_mut().unwrap(), &mut ready).unwrap();
    let seen_there = PathBuf::from(format!("/proc/{}/root{}", other.id(), home.display()));
    let forged = look(&seen_there);
    assert!(seen_there.join("f").exists(), "it is the folder from elsewhere");
    scene.of("alice", ALICE).declines(&Request::Stat(vec![name("f")]), &[forged.as_fd()], Declined::Place);
    other.kill().unwrap();
    other.wait().unwrap();
}

#[test]
fn only_files_under_way_are_stamped_linked_and_dressed() {
    let Some(scene) = scene(false) else { return };
    let root = scene.of("alice", ALICE).root();
    // Alice's own, opened by a gateway that may: elsewhere, and here but not under way.
    let outside = scene.file_of_alice(&scene.path("outside"), "");
    let inside = scene.file_of_alice(&scene.path("homes/alice/f"), "");
    let hidden = scene.file_of_alice(&scene.path("homes/alice/.~passerelle-1"), "");
    let at = FileTime { seconds: 1, nanos: 2 };
    for file in [&outside, &inside] {
        for own in [None, Some(name("f")), Some(name(".~passerelle-1"))] {
            let both = [root.as_fd(), file.as_fd()];
            let stamp = Request::Stamp { own: own.clone(), at };
            scene.of("alice", ALICE).declines(&stamp, &both, Declined::File);
            let keep = Request::Keep { own, old: name("f") };
            scene.of("alice", ALICE).declines(&keep, &both, Declined::File);
        }
        scene.of("alice", ALICE).declines(
            &Request::Link { name: name("g") },
            &[root.as_fd(), file.as_fd()],
            Declined::File,
        );
    }
    // Somebody else's that is under way, and what is no file.
    fs::set_permissions(scene.path("homes/alice"), fs::Permissions::from_mode(0o777)).unwrap();
    let nameless = |raw: &Raw| raw.open(&opening(".", OFlags::TMPFILE | OFlags::RDWR), &[root.as_fd()]);
    let bobs = nameless(&scene.of("bob", BOB));
    let link = Request::Link { name: name("g") };
    scene.of("alice", ALICE).declines(&link, &[root.as_fd(), bobs.as_fd()], Declined::File);
    scene.of("alice", ALICE).declines(&link, &[root.as_fd(), root.as_fd()], Declined::File);
    assert!(!scene.path("homes/alice/g").exists());
    // And what they are for.
    let alice = scene.of("alice", ALICE);
    let hers = nameless(&alice);
    let both = [root.as_fd(), hers.as_fd()];
    assert_eq!(alice.ask(&Request::Stamp { own: None, at }, &both), Some(Answer::Done));
    assert_eq!(alice.ask(&link, &both), Some(Answer::Done));
    let made = fs::metadata(scene.path("homes/alice/g")).unwrap();
    assert_eq!((made.uid(), made.gid(), made.mtime(), made.mtime_nsec()), (ALICE, PEOPLE, 1, 2));
    let own = Some(name(".~passerelle-1"));
    assert_eq!(alice.ask(&Request::Stamp { own, at }, &[root.as_fd(), hidden.as_fd()]), Some(Answer::Done));
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
fn only_the_gateway_may_ask_and_not_without_end() {
    let Some(scene) = scene(false) else { return };
    let socket = fs::metadata(scene.path("hands")).unwrap();
    assert_eq!((socket.uid(), socket.mode() & 0o777), (GATEWAY, 0o600));
    let as_uid = |uid: u32| {
        let path = scene.path("hands");
        let asked = move || {
            rustix::thread::set_thread_res_uid(Uid::from_raw(uid), Uid::from_raw(uid), Uid::from_raw(uid)).unwrap();
            let socket = packet::socket()?;
            rustix::net::connect(&socket, &SocketAddrUnix::new(path)?)?;
            Ok::<_, Errno>(Raw(socket).ask(&Request::Examine, &[]))
        };
        std::thread::spawn(asked).join().unwrap()
    };
    assert!(matches!(as_uid(GATEWAY), Ok(Some(Answer::Examined(_)))));
    assert_eq!(as_uid(ALICE), Err(Errno::ACCESS));
    // Were the socket open to all, who asks would still be looked at.
    fs::set_permissions(scene.path("hands"), fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(as_uid(ALICE), Ok(None));
    // A second helper does not take the first one's place.
    let mut options = HandsOptions {
        socket: scene.path("hands"),
        serve: GATEWAY,
        below: vec![scene.path("homes")],
        lowest_uid: 1000,
        lowest_gid: 100,
        create: false,
    };
    assert!(HandsHelper::open(&options).unwrap_err().chain().contains("in use"));
    options.socket = scene.path("file");
    fs::write(&options.socket, "").unwrap();
    assert!(HandsHelper::open(&options).is_err(), "nor a file's");
    for wrong in [
        HandsOptions { serve: 0, ..options.clone() },
        HandsOptions { lowest_uid: 0, ..options.clone() },
        HandsOptions { below: vec![], ..options.clone() },
    ] {
        assert!(matches!(HandsHelper::open(&wrong), Err(Error::Invalid { .. })), "{wrong:?}");
    }
    // Each connection is a thread; there is an end to them, and then room again.
    let lanes: Vec<Raw> = (0..MOST_CONNECTIONS).map(|_| scene.raw()).collect();
    let full = || scene.raw().ask(&Request::Examine, &[]);
    assert_eq!(full(), None);
    drop(lanes);
    for _ in 0..1000 {
        if full().is_some() {
            return;
        }
        std::thread::yield_now();
    }
    panic!("no connection came free");
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
