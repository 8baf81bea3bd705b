//! What a gateway that was taken over would send, and what anybody else would.

use super::*;

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
    let raw = scene.of("alice", ALICE);
    let answer = raw.ask(&Request::Stat(vec![name("f")]), &[forged.as_fd()]);
    other.kill().unwrap();
    other.wait().unwrap();
    assert_eq!(answer, Some(Answer::Declined(Declined::Place)));
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
