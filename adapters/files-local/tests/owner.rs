//! `act_as = "owner"`: the contract of file stores, with a gateway that has no rights of its own, a helper that is root,
//! and homes that belong to distinct uids. Needs root, and says so where there is none.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may panic, and say why not"
)]

use bytes::Bytes;
use futures::TryStreamExt;
use passerelle_core::{
    Add, Edit, Errand, Error, Lookup, Read, Session,
    config::Block,
    ports::{ByteRange, FileStore, Leg, Precondition, Verdict},
};
use passerelle_files_local::{HandsHelper, HandsOptions};
use passerelle_model::Rights;
use passerelle_testkit::{
    files_contract,
    house::{HouseBuilder, TestHouse, node, numbers, to_account},
    memory_state::MemoryState,
};
use rustix::{
    fs::{Gid, Uid, XattrFlags},
    thread::{CapabilitySet, CapabilitySets},
};
use std::{
    fs,
    future::Future,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Sender, channel},
    },
};

/// The gateway's account: neither root nor anybody's.
const GATEWAY: u32 = 60_001;
const OWNER: &str = "u00001@a.test";

/// A share with a helper, for a test that goes on as the gateway's account.
struct Scene {
    folder: PathBuf,
    create: bool,
    root: Sender<Look>,
}

/// Something that root looks at.
type Look = Box<dyn FnOnce() + Send>;

impl Scene {
    fn options(&self) -> HandsOptions {
        HandsOptions {
            socket: self.folder.join("hands"),
            serve: GATEWAY,
            below: vec![self.folder.join("homes")],
            lowest_uid: 1000,
            lowest_gid: 100,
            create: self.create,
        }
    }

    fn store(&self) -> Arc<dyn FileStore> {
        let path = self.folder.join("homes/{login}");
        let (create, socket) = (self.create, self.folder.join("hands"));
        let text =
            format!("path = {path:?}\ncreate = {create}\nfsync = false\nact_as = \"owner\"\nhands = {socket:?}\n");
        let block = Block::from_text("garonne.files", &self.folder.join("x.toml"), &text);
        (passerelle_files_local::FACTORY.build)(&block).unwrap()
    }

    fn home(&self, name: &str) -> PathBuf {
        self.folder.join("homes").join(name)
    }

    /// What root sees, who may look everywhere.
    fn as_root<T: Send + 'static>(&self, look: impl FnOnce() -> T + Send + 'static) -> T {
        let (seen, is_seen) = channel();
        self.root.send(Box::new(move || seen.send(look()).unwrap())).unwrap();
        is_seen.recv().unwrap()
    }

    /// Of a file in somebody's home: inode, owner, group, mode.
    fn facts(&self, path: &str) -> (u64, u32, u32, u32) {
        let path = self.home(path);
        let seen = self.as_root(move || fs::metadata(path).unwrap());
        (seen.ino(), seen.uid(), seen.gid(), seen.mode() & 0o7777)
    }

    async fn house(&self) -> TestHouse {
        HouseBuilder::new(Arc::new(MemoryState::new())).files("garonne", self.store()).open().await.unwrap()
    }
}

/// Prepares a share as root, then runs a test as the gateway's account.
fn as_gateway<F: Future<Output = ()>>(
    base: &Path,
    create: bool,
    prepare: impl FnOnce(&Scene),
    test: impl FnOnce(Scene) -> F + Send,
) {
    if !rustix::process::geteuid().is_root() {
        eprintln!("not tried: the helper changes its ids, and only root can");
        return;
    }
    let folder = tempfile::tempdir_in(base).unwrap();
    let (root, looks) = channel::<Look>();
    let scene = Scene { folder: folder.path().to_path_buf(), create, root };
    fs::set_permissions(&scene.folder, fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(scene.folder.join("homes")).unwrap();
    prepare(&scene);
    let (options, (ready, is_ready)) = (scene.options(), channel());
    std::thread::spawn(move || {
        let helper = HandsHelper::open(&options).unwrap();
        ready.send(()).unwrap();
        helper.run().unwrap();
    });
    is_ready.recv().unwrap();
    std::thread::scope(|scope| {
        let gateway = scope.spawn(|| {
            become_gateway();
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
            runtime.block_on(test(scene));
        });
        looks.iter().for_each(|look| look());
        if let Err(panic) = gateway.join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// Ids and capabilities are a thread's own, and those that it begins inherit them: this is the whole gateway of a test.
fn become_gateway() {
    let (uid, gid) = (Uid::from_raw(GATEWAY), Gid::from_raw(GATEWAY));
    rustix::thread::set_thread_groups(&[]).unwrap();
    rustix::thread::set_thread_res_gid(gid, gid, gid).unwrap();
    rustix::thread::set_thread_res_uid(uid, uid, uid).unwrap();
    let none = CapabilitySet::empty();
    let none = CapabilitySets { effective: none, permitted: none, inheritable: none };
    assert_eq!(rustix::thread::capabilities(None).unwrap(), none);
}

/// Makes somebody's home, for its owner only.
fn make_home(scene: &Scene, login: &str) {
    let ids = numbers(&format!("{login}@a.test")).unwrap();
    let home = scene.home(login);
    fs::create_dir(&home).unwrap();
    fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).unwrap();
    chown(&home, Some(ids.uid), Some(ids.gid)).unwrap();
}

async fn write(session: &Session, path: &str, content: &str) -> passerelle_core::Result<()> {
    let mut upload = session.open::<_, Add>(node(OWNER, path)).await?.create(None).await?;
    upload.write(Bytes::copy_from_slice(content.as_bytes())).await?;
    upload.commit(&Precondition::None).await.map(drop)
}

async fn replace(session: &Session, path: &str, content: &str) -> passerelle_core::Result<()> {
    let mut upload = session.open::<_, Edit>(node(OWNER, path)).await?.replace(None).await?;
    upload.write(Bytes::copy_from_slice(content.as_bytes())).await?;
    upload.commit(&Precondition::None).await.map(drop)
}

async fn text(session: &Session, path: &str) -> passerelle_core::Result<String> {
    let content = session.open::<_, Read>(node(OWNER, path)).await?.open().await?;
    let pieces: Vec<Bytes> = content.stream(ByteRange::Full).try_collect().await?;
    Ok(String::from_utf8(pieces.concat()).unwrap())
}

#[test]
fn keeps_the_contract() {
    as_gateway(
        &std::env::temp_dir(),
        true,
        |_| {},
        |scene| async move {
            assert!(fs::read_dir(scene.home("u00001")).is_err(), "nothing is there yet");
            files_contract::check(scene.store()).await;
            let refused = fs::read_dir(scene.home("u00001")).unwrap_err();
            assert_eq!(refused.kind(), std::io::ErrorKind::PermissionDenied, "the gateway itself has no way in");
        },
    );
}

#[test]
fn keeps_the_contract_in_memory() {
    as_gateway(Path::new("/dev/shm"), true, |_| {}, |scene| async move { files_contract::check(scene.store()).await });
}

#[test]
fn lists_ten_thousand() {
    as_gateway(
        &std::env::temp_dir(),
        true,
        |_| {},
        |scene| async move {
            files_contract::check_listing(scene.store(), 10_000).await;
        },
    );
}

#[test]
fn what_a_grantee_writes_is_the_owners() {
    let prepare = |scene: &Scene| make_home(scene, "u00001");
    as_gateway(&std::env::temp_dir(), false, prepare, |scene| async move {
        let house = scene.house().await;
        house.grant(OWNER, "", to_account("u00003@a.test"), Rights::ALL).await.unwrap();
        let grantee = house.login("u00003@a.test", Errand::Files).await.unwrap();
        write(&grantee, "f", "1").await.unwrap();
        replace(&grantee, "f", "22").await.unwrap();
        let owner = house.login(OWNER, Errand::Files).await.unwrap();
        let handle = owner.open::<_, Lookup>(node(OWNER, "f")).await.unwrap();
        assert_eq!((handle.stat().await.unwrap().size, text(&owner, "f").await.unwrap().as_str()), (2, "22"));
        assert!(handle.space().await.unwrap().available > 0);
        let ids = numbers(OWNER).unwrap();
        let (_, uid, gid, _) = scene.facts("u00001/f");
        assert_eq!((uid, gid), (ids.uid, ids.gid));
        assert!(fs::metadata(scene.home("u00001/f")).is_err(), "the gateway itself cannot even look");
        // Of a colleague, who has no grant and no rights on the share, nothing is opened with the owner's.
        let colleague = house.login("u00002@a.test", Errand::Files).await.unwrap();
        assert!(matches!(text(&colleague, "f").await, Err(Error::NotFound)));
        // What root took away from the owner is not the gateway's to give.
        let path = scene.home("u00001/f");
        scene.as_root(move || chown(path, Some(0), Some(0)).unwrap());
        assert!(matches!(replace(&grantee, "f", "3").await, Err(Error::Forbidden)));
        assert_eq!(text(&owner, "f").await.unwrap(), "22");
    });
}

#[test]
fn a_replaced_file_keeps_what_belongs_to_it() {
    const ELSEWHERE: u32 = 61_700;
    let ids = numbers("u00003@a.test").unwrap();
    let staff = ids.groups[0];
    let prepare = |scene: &Scene| {
        make_home(scene, "u00003");
        // Of the owner's group, of one that the owner is in, and of one that only root could give it: that one is
        // written in place.
        for (name, gid) in [("own", ids.gid), ("staff", staff), ("elsewhere", ELSEWHERE)] {
            let path = scene.home("u00003").join(name);
            fs::write(&path, "1").unwrap();
            chown(&path, Some(ids.uid), Some(gid)).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
            rustix::fs::setxattr(&path, "user.colour", b"blue", XattrFlags::empty()).unwrap();
        }
    };
    as_gateway(&std::env::temp_dir(), false, prepare, |scene| async move {
        let owner = scene.house().await.login("u00003@a.test", Errand::Files).await.unwrap();
        for (name, gid, in_place) in [("own", ids.gid, false), ("staff", staff, false), ("elsewhere", ELSEWHERE, true)]
        {
            let path = format!("u00003/{name}");
            let before = scene.facts(&path);
            let mut upload =
                owner.open::<_, Edit>(node("u00003@a.test", name)).await.unwrap().replace(None).await.unwrap();
            upload.write(Bytes::from_static(b"a longer content")).await.unwrap();
            upload.commit(&Precondition::None).await.unwrap();
            let after = scene.facts(&path);
            assert_eq!((after.1, after.2, after.3), (ids.uid, gid, 0o664), "{name}");
            assert_eq!(before.0 == after.0, in_place, "{name}");
            let path = scene.home(&path);
            let (content, colour) = scene.as_root(move || {
                let mut colour = [0; 16];
                let length = rustix::fs::getxattr(&path, "user.colour", &mut colour[..]).unwrap();
                (fs::read_to_string(path).unwrap(), colour[..length].to_vec())
            });
            assert_eq!((content.as_str(), colour.as_slice()), ("a longer content", &b"blue"[..]), "{name}");
        }
    });
}

#[test]
fn without_a_helper_everything_is_unavailable_and_doctor_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene { folder: folder.path().to_path_buf(), create: true, root: channel().0 };
    fs::create_dir(scene.folder.join("homes")).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let owner = scene.house().await.login(OWNER, Errand::Files).await.unwrap();
        assert!(matches!(write(&owner, "f", "x").await, Err(Error::Unavailable { .. })));
        assert!(matches!(text(&owner, "f").await, Err(Error::Unavailable { .. })));
        let list = owner.open::<_, Read>(node(OWNER, "")).await.unwrap().list().await;
        assert!(matches!(list.map(drop), Err(Error::Unavailable { .. })), "and never empty");
        let legs = scene.store().examine().await;
        assert!(
            matches!(&legs[0], Leg { name: "hands", verdict: Verdict::Fails { what, remedy } }
                if what.contains("hands") && remedy.contains("passerelle hands")),
            "{legs:?}"
        );
    });
    assert_eq!(fs::read_dir(scene.folder.join("homes")).unwrap().count(), 0, "no home is made as somebody else");
}
