//! The helper before a gateway that was taken over: what it does for anybody who may ask, and what for nobody. Needs root,
//! as the helper does.

use super::*;
use crate::{
    hands::{Hands, Own, Taken},
    place::{BENEATH, FOLDER},
    wire::{Answer, Declined, LONGEST_ANSWER, LONGEST_REQUEST, Name, Opening, Request},
};
use passerelle_core::ports::FileTime;
use rustix::fs::ResolveFlags;
use std::{
    fs,
    os::{
        fd::{AsFd, BorrowedFd},
        unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
    },
    process::{Command, Stdio},
};

mod hostile;
mod person;

/// The account of the gateway, and two people.
const GATEWAY: u32 = 60_001;
const ALICE: u32 = 61_001;
const BOB: u32 = 61_002;
const PEOPLE: u32 = 61_000;

/// A helper in a thread, and a folder with homes that it serves.
pub(crate) struct Scene {
    folder: tempfile::TempDir,
}

/// A connection with nothing of the gateway's code around it.
struct Raw(OwnedFd);

/// A scene, or the reason why there is none.
pub(crate) fn scene(create: bool) -> Option<Scene> {
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
    pub(crate) fn path(&self, name: &str) -> PathBuf {
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
