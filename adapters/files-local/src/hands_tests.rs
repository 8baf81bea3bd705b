//! Hands that cannot do everything, as a server behind NFS or an account without rights: the ways around.

use crate::{
    hands::{Fresh, Hands, Own, Taken},
    lanes::{Lanes, Whose},
    meta::Stat,
    owner::Owner,
    settings::Settings,
    share::Share,
    store::LocalFiles,
};
use bytes::Bytes;
use passerelle_core::{
    Add, Edit, Errand, Error, Session,
    config::Block,
    ports::{FileStore, FileTime, Node, Precondition, Space},
};
use passerelle_testkit::{
    files_contract,
    house::{HouseBuilder, node, numbers},
    memory_state::MemoryState,
};
use rustix::{
    fd::{BorrowedFd, OwnedFd},
    fs::{Mode, OFlags, ResolveFlags, XattrFlags},
    io::{Errno, Result},
};
use std::{
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

/// What these hands cannot do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lacks {
    Nothing,
    /// Files without a name, and renames that refuse: NFS.
    AsNfs,
    /// Files without a name.
    Nameless,
    /// To read the old file, and so to know what belongs to it.
    ReadingOld,
}

#[derive(Debug)]
struct Limited(Lacks, Arc<dyn Hands>);

impl Hands for Limited {
    fn root(&self, root: &Path, how: ResolveFlags) -> Result<OwnedFd> {
        self.1.root(root, how)
    }
    fn make_root(&self, base: &Path, root: &Path) -> Result<OwnedFd> {
        self.1.make_root(base, root)
    }
    fn stat(&self, at: BorrowedFd<'_>, names: &[&Path]) -> Result<Vec<Result<Stat>>> {
        self.1.stat(at, names)
    }
    fn room(&self, place: BorrowedFd<'_>) -> Result<Space> {
        self.1.room(place)
    }
    fn open(&self, at: BorrowedFd<'_>, path: &Path, flags: OFlags, mode: Mode, how: ResolveFlags) -> Result<OwnedFd> {
        match self.0 {
            Lacks::AsNfs | Lacks::Nameless if flags.contains(OFlags::TMPFILE) => Err(Errno::OPNOTSUPP),
            Lacks::Nothing | Lacks::AsNfs | Lacks::Nameless | Lacks::ReadingOld => {
                self.1.open(at, path, flags, mode, how)
            }
        }
    }
    fn make_folder(&self, at: BorrowedFd<'_>, name: &Path, mode: Mode) -> Result<()> {
        self.1.make_folder(at, name, mode)
    }
    fn link(&self, fresh: Fresh<'_>, name: &str) -> Result<()> {
        self.1.link(fresh, name)
    }
    fn stamp(&self, fresh: Fresh<'_>, at: FileTime) -> Result<()> {
        self.1.stamp(fresh, at)
    }
    fn keep(&self, fresh: Fresh<'_>, old: &str) -> Result<()> {
        if self.0 == Lacks::ReadingOld { Err(Errno::ACCESS) } else { self.1.keep(fresh, old) }
    }
    fn rename(&self, from: BorrowedFd<'_>, old: &str, to: BorrowedFd<'_>, new: &str, taken: Taken) -> Result<()> {
        if self.0 == Lacks::AsNfs && taken == Taken::Refuse {
            return crate::hands::rename_without_flag(from, old, to, new);
        }
        self.1.rename(from, old, to, new, taken)
    }
    fn unlink(&self, at: BorrowedFd<'_>, name: &Path) -> Result<()> {
        self.1.unlink(at, name)
    }
    fn remove_folder(&self, at: BorrowedFd<'_>, name: &Path) -> Result<()> {
        self.1.remove_folder(at, name)
    }
}

/// A store in a folder of its own, and its owner.
struct Home {
    folder: tempfile::TempDir,
    session: Session,
}

fn store(folder: &Path, lacks: Lacks) -> Arc<dyn FileStore> {
    let text = format!("path = {:?}\ncreate = true\nfsync = false\n", folder.join("{login}"));
    let settings = Settings::read(&Block::from_text("files", &folder.join("x.toml"), &text)).unwrap();
    Arc::new(LocalFiles::of(Share::with_hands("files", settings, Arc::new(Limited(lacks, Arc::new(Own))))))
}

impl Home {
    async fn new(lacks: Lacks) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let house = HouseBuilder::new(Arc::new(MemoryState::new())).files("garonne", store(folder.path(), lacks));
        let session = house.open().await.unwrap().login("u00001@a.test", Errand::Files).await.unwrap();
        std::fs::create_dir(folder.path().join("u00001")).unwrap();
        Self { folder, session }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("u00001").join(name)
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path("")).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    async fn replace(&self, name: &str, content: &[u8]) -> passerelle_core::Result<Node> {
        let handle = self.session.open::<_, Edit>(node("u00001@a.test", name)).await?;
        let mut upload = handle.replace(None).await?;
        upload.write(Bytes::copy_from_slice(content)).await?;
        upload.commit(&Precondition::None).await
    }

    async fn create(&self, name: &str, length: Option<u64>, content: &[u8]) -> passerelle_core::Result<Node> {
        let handle = self.session.open::<_, Add>(node("u00001@a.test", name)).await?;
        let mut upload = handle.create(length).await?;
        upload.write(Bytes::copy_from_slice(content)).await?;
        upload.commit(&Precondition::None).await
    }

    async fn stat(&self, name: &str) -> passerelle_core::Result<Node> {
        self.session.open::<_, passerelle_core::Lookup>(node("u00001@a.test", name)).await?.stat().await
    }

    async fn listed(&self) -> Vec<String> {
        use futures::TryStreamExt;
        let handle = self.session.open::<_, passerelle_core::Read>(node("u00001@a.test", "")).await.unwrap();
        let batches: Vec<Vec<Node>> = handle.list().await.unwrap().try_collect().await.unwrap();
        let mut names: Vec<String> = batches.into_iter().flatten().map(|node| node.name).collect();
        names.sort();
        names
    }
}

#[tokio::test]
async fn the_contract_holds_without_nameless_files() {
    let folder = tempfile::tempdir().unwrap();
    files_contract::check(store(folder.path(), Lacks::AsNfs)).await;
}

/// As on NFS with a helper: hidden files have names, and are known by them.
#[tokio::test]
async fn the_contract_holds_without_nameless_files_in_an_owners_hands() {
    let Some(scene) = crate::helper::tests::scene(true) else { return };
    let homes = scene.path("homes");
    let whose = Whose { ids: Arc::new(numbers("u00001@a.test").unwrap()), root: homes.join("u00001").into() };
    let owner = Owner { lanes: Arc::new(Lanes::new(&scene.path("hands"))), whose };
    let text = format!("path = {:?}\ncreate = true\nfsync = false\n", homes.join("{login}"));
    let settings = Settings::read(&Block::from_text("files", &homes.join("x.toml"), &text)).unwrap();
    let limited = Limited(Lacks::Nameless, Arc::new(owner));
    files_contract::check(Arc::new(LocalFiles::of(Share::with_hands("files", settings, Arc::new(limited))))).await;
    let uid = std::fs::metadata(homes.join("u00001")).unwrap().uid();
    assert_eq!(Some(uid), numbers("u00001@a.test").map(|ids| ids.uid));
}

#[tokio::test]
async fn a_dropped_upload_leaves_no_name() {
    let home = Home::new(Lacks::AsNfs).await;
    let handle = home.session.open::<_, Add>(node("u00001@a.test", "f")).await.unwrap();
    let mut upload = handle.create(Some(2_000_000)).await.unwrap();
    upload.write(Bytes::from(vec![0; 600_000])).await.unwrap();
    assert_eq!(home.names().len(), 1, "it is there under a name of our own");
    assert!(home.listed().await.is_empty(), "which nobody sees");
    let own = home.names().remove(0);
    assert!(matches!(home.stat(&own).await, Err(Error::NotFound)));
    assert!(matches!(home.create(&own, None, b"").await, Err(Error::Invalid { .. })));
    drop(upload);
    // The removal runs on another thread: ask until it is done.
    for _ in 0..1000 {
        if home.names().is_empty() {
            return;
        }
        tokio::task::yield_now().await;
        std::thread::yield_now();
    }
    panic!("left behind: {:?}", home.names());
}

#[tokio::test]
async fn a_replaced_file_stays_its_owners() {
    let home = Home::new(Lacks::Nothing).await;
    let path = home.path("f");
    std::fs::write(&path, "1").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o4640)).unwrap();
    let attributes = rustix::fs::setxattr(&path, "user.colour", b"blue", XattrFlags::empty()).is_ok();
    // user::rw- user:1:r-- group::r-- mask::r-- other::---, as the kernel keeps it (posix_acl_xattr.h).
    let entry =
        |tag: u16, perm: u16, id: u32| [&tag.to_le_bytes()[..], &perm.to_le_bytes(), &id.to_le_bytes()].concat();
    let nobody = u32::MAX;
    let acl = [
        2_u32.to_le_bytes().to_vec(),
        entry(1, 6, nobody),
        entry(2, 4, 1),
        entry(4, 4, nobody),
        entry(16, 4, nobody),
        entry(32, 0, nobody),
    ]
    .concat();
    let acls = rustix::fs::setxattr(&path, "system.posix_acl_access", &acl, XattrFlags::empty()).is_ok();
    let privileged = rustix::process::geteuid().is_root();
    if privileged {
        std::os::unix::fs::chown(&path, Some(12), Some(34)).unwrap();
    }
    let before = std::fs::metadata(&path).unwrap();
    home.replace("f", b"22").await.unwrap();
    let after = std::fs::metadata(&path).unwrap();
    assert_ne!(before.ino(), after.ino(), "in one step, by another file");
    assert_eq!((after.uid(), after.gid()), (before.uid(), before.gid()));
    assert_eq!(after.mode() & 0o777, before.mode() & 0o777);
    assert_eq!(after.mode() & 0o7000, 0, "what it may become is not kept");
    let value = |name: &str| {
        let mut value = vec![0; 1000];
        let length = rustix::fs::getxattr(&path, name, value.as_mut_slice()).unwrap();
        value.truncate(length);
        value
    };
    if attributes {
        assert_eq!(value("user.colour"), b"blue");
    }
    if acls {
        assert_eq!(value("system.posix_acl_access"), acl);
    }
    assert!(attributes || acls, "this file system shows nothing of what is tested here");
}

#[tokio::test]
async fn what_cannot_be_kept_is_written_in_place() {
    let home = Home::new(Lacks::ReadingOld).await;
    let path = home.path("old");
    std::fs::write(&path, "a longer content").unwrap();
    let before = std::fs::metadata(&path).unwrap().ino();
    let node = home.replace("old", b"short").await.unwrap();
    assert_eq!((std::fs::read_to_string(&path).unwrap().as_str(), node.size), ("short", 5));
    assert_eq!(std::fs::metadata(&path).unwrap().ino(), before);
    assert_eq!(home.names(), ["old"]);
}

#[tokio::test]
async fn links_and_devices_are_not_there() {
    let home = Home::new(Lacks::Nothing).await;
    std::fs::write(home.folder.path().join("secret"), "secret").unwrap();
    std::fs::create_dir(home.path("inside")).unwrap();
    std::fs::write(home.path("inside/f"), "f").unwrap();
    for (link, to) in [
        ("up", "../secret"),
        ("abs", "/etc/passwd"),
        ("dir", ".."),
        ("in", "inside"),
        ("file", "inside/f"),
        ("dead", "no"),
    ] {
        symlink(to, home.path(link)).unwrap();
    }
    rustix::fs::mknodat(rustix::fs::CWD, home.path("pipe"), rustix::fs::FileType::Fifo, Mode::from_raw_mode(0o600), 0)
        .unwrap();
    std::fs::write(home.path("a\nb"), "").unwrap();
    std::fs::write(home.folder.path().join("u00001").join(crate::place::raw(b"\xff")), "").unwrap();
    assert_eq!(home.listed().await, ["inside"]);
    for hidden in ["up", "abs", "dir", "dir/secret", "in", "in/f", "file", "dead", "pipe"] {
        assert!(matches!(home.stat(hidden).await, Err(Error::NotFound)), "{hidden}");
        let read = home.session.open::<_, passerelle_core::Read>(node("u00001@a.test", hidden)).await.unwrap();
        assert!(matches!(read.open().await.map(drop), Err(Error::NotFound)), "{hidden}");
        assert!(matches!(home.replace(hidden, b"x").await, Err(Error::NotFound | Error::NoParent)), "{hidden}");
        assert!(home.create(hidden, None, b"x").await.is_err(), "{hidden}");
        let remove = home.session.open::<_, passerelle_core::Remove>(node("u00001@a.test", hidden)).await.unwrap();
        assert!(matches!(remove.remove(&Precondition::None).await, Err(Error::NotFound)), "{hidden}");
    }
    // With their folder they go, and what they point to stays.
    std::fs::create_dir(home.path("d")).unwrap();
    symlink("../../secret", home.path("d/up")).unwrap();
    symlink("../inside", home.path("d/in")).unwrap();
    let copy = home.session.open::<_, passerelle_core::Read>(node("u00001@a.test", "d")).await.unwrap();
    let to = home.session.open::<_, Add>(node("u00001@a.test", "e")).await.unwrap();
    copy.copy_to::<Add, passerelle_core::Remove>(&to, None, true).await.unwrap();
    assert_eq!(std::fs::read_dir(home.path("e")).unwrap().count(), 0, "a copy has none of them");
    let remove = home.session.open::<_, passerelle_core::Remove>(node("u00001@a.test", "d")).await.unwrap();
    remove.remove(&Precondition::None).await.unwrap();
    assert_eq!(std::fs::read_to_string(home.path("inside/f")).unwrap(), "f");
    assert_eq!(std::fs::read_to_string(home.folder.path().join("secret")).unwrap(), "secret");
}

#[tokio::test]
async fn a_full_disk_leaves_what_was_there() {
    let home = Home::new(Lacks::Nothing).await;
    std::fs::write(home.path("f"), "old").unwrap();
    let handle = home.session.open::<_, Edit>(node("u00001@a.test", "f")).await.unwrap();
    assert!(matches!(handle.replace(Some(1 << 62)).await.map(drop), Err(Error::OverQuota)));
    assert!(matches!(home.create("g", Some(1 << 62), b"").await, Err(Error::OverQuota)));
    assert_eq!(
        (home.names(), std::fs::read_to_string(home.path("f")).unwrap().as_str()),
        (vec!["f".to_owned()], "old")
    );
}

#[tokio::test]
async fn what_a_crash_left_is_swept() {
    let home = Home::new(Lacks::Nothing).await;
    let (fresh, stale) = (home.path(".~passerelle-fresh"), home.path(".~passerelle-stale"));
    std::fs::write(&fresh, "").unwrap();
    std::fs::write(&stale, "").unwrap();
    let long_ago = SystemTime::now() - Duration::from_secs(2 * 24 * 3600);
    std::fs::File::options().write(true).open(&stale).unwrap().set_modified(long_ago).unwrap();
    assert!(home.listed().await.is_empty());
    assert_eq!(home.names(), [".~passerelle-fresh"]);
}

#[tokio::test]
async fn health_names_what_is_wrong() {
    use passerelle_core::ports::Verdict;
    let folder = tempfile::tempdir().unwrap();
    let good = store(folder.path(), Lacks::Nothing).examine().await;
    assert!(matches!(good.as_slice(), [leg] if leg.name == "share" && matches!(leg.verdict, Verdict::Works(_))));
    let bad = store(&folder.path().join("nowhere"), Lacks::Nothing).examine().await;
    assert!(matches!(&bad[0].verdict, Verdict::Fails { what, .. } if what.contains("nowhere")));
}
