//! What is in memory of a folder is what is in the folder, whoever changed it.

use crate::{
    LocalFiles,
    hands::{Fresh, Hands, Own, Taken},
    meta::Stat,
    settings::Settings,
    share::Share,
};
use futures::TryStreamExt;
use passerelle_core::{
    Errand, Read, Session,
    config::Block,
    ports::{FileTime, Node, Space},
};
use passerelle_testkit::{
    house::{HouseBuilder, node},
    memory_state::MemoryState,
};
use proptest::prelude::*;
use rustix::{
    fd::{BorrowedFd, OwnedFd},
    fs::{Mode, OFlags, ResolveFlags},
    io::Result,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Enough names of enough letters for a folder that is worth watching.
const MANY: usize = 400;

/// The service's own, and how many names were looked at.
#[derive(Debug, Default)]
struct Counting(AtomicUsize);

impl Hands for Counting {
    fn root(&self, root: &Path, how: ResolveFlags) -> Result<OwnedFd> {
        Own.root(root, how)
    }
    fn make_root(&self, base: &Path, root: &Path) -> Result<OwnedFd> {
        Own.make_root(base, root)
    }
    fn stat(&self, at: BorrowedFd<'_>, names: &[&Path]) -> Result<Vec<Result<Stat>>> {
        self.0.fetch_add(names.len(), Ordering::Relaxed);
        Own.stat(at, names)
    }
    fn room(&self, place: BorrowedFd<'_>) -> Result<Space> {
        Own.room(place)
    }
    fn open(&self, at: BorrowedFd<'_>, path: &Path, flags: OFlags, mode: Mode, how: ResolveFlags) -> Result<OwnedFd> {
        Own.open(at, path, flags, mode, how)
    }
    fn make_folder(&self, at: BorrowedFd<'_>, name: &Path, mode: Mode) -> Result<()> {
        Own.make_folder(at, name, mode)
    }
    fn link(&self, fresh: Fresh<'_>, name: &str) -> Result<()> {
        Own.link(fresh, name)
    }
    fn stamp(&self, fresh: Fresh<'_>, at: FileTime) -> Result<()> {
        Own.stamp(fresh, at)
    }
    fn keep(&self, fresh: Fresh<'_>, old: &str) -> Result<()> {
        Own.keep(fresh, old)
    }
    fn rename(&self, from: BorrowedFd<'_>, old: &str, to: BorrowedFd<'_>, new: &str, taken: Taken) -> Result<()> {
        Own.rename(from, old, to, new, taken)
    }
    fn unlink(&self, at: BorrowedFd<'_>, name: &Path) -> Result<()> {
        Own.unlink(at, name)
    }
    fn remove_folder(&self, at: BorrowedFd<'_>, name: &Path) -> Result<()> {
        Own.remove_folder(at, name)
    }
}

/// A large folder, and a store that has listed it often enough to have it in memory.
struct Scene {
    folder: tempfile::TempDir,
    session: Session,
    looked_at: Arc<Counting>,
}

impl Scene {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("u00001/cours/inner")).unwrap();
        let looked_at = Arc::new(Counting::default());
        let hands: Arc<dyn Hands> = Arc::<Counting>::clone(&looked_at);
        let session = session(folder.path(), hands).await;
        let scene = Self { folder, session, looked_at };
        for number in 0..MANY {
            std::fs::write(scene.path(&name(number)), "x").unwrap();
        }
        for _ in 0..3 {
            listed(&scene.session).await;
        }
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("u00001/cours").join(name)
    }

    /// The names that are looked at for a listing, which must be what a store finds that remembers nothing.
    async fn check(&self) -> usize {
        let before = self.looked_at.0.load(Ordering::Relaxed);
        let known = listed(&self.session).await;
        let looked_at = self.looked_at.0.load(Ordering::Relaxed) - before;
        assert_eq!(known, listed(&session(self.folder.path(), Arc::new(Own)).await).await);
        looked_at
    }
}

fn name(number: usize) -> String {
    format!("an-event-of-a-calendar-{number}.ics")
}

async fn session(folder: &Path, hands: Arc<dyn Hands>) -> Session {
    let text = format!("path = {:?}\nfsync = false\n", folder.join("{login}"));
    let settings = Settings::read(&Block::from_text("files", &folder.join("x.toml"), &text)).unwrap();
    let store = Arc::new(LocalFiles::of(Share::with_hands("files", settings, hands)));
    let house = HouseBuilder::new(Arc::new(MemoryState::new())).files("garonne", store);
    house.open().await.unwrap().login("u00001@a.test", Errand::Files).await.unwrap()
}

async fn listed(session: &Session) -> BTreeMap<String, Node> {
    let handle = session.open::<_, Read>(node("u00001@a.test", "cours")).await.unwrap();
    let batches: Vec<Vec<Node>> = handle.list().await.unwrap().try_collect().await.unwrap();
    batches.into_iter().flatten().map(|node| (node.name.clone(), node)).collect()
}

#[tokio::test]
async fn a_folder_that_is_listed_again_costs_what_has_changed_in_it() {
    let scene = Scene::new().await;
    // The folder in it is looked at each time.
    assert_eq!(scene.check().await, 1);
    std::fs::write(scene.path(&name(7)), "longer").unwrap();
    std::fs::remove_file(scene.path(&name(8))).unwrap();
    std::fs::rename(scene.path(&name(9)), scene.path("moved.ics")).unwrap();
    assert_eq!(scene.check().await, 5);
    assert_eq!(scene.check().await, 1);
    // What is made further below changes a folder's tag, and the one above hears nothing of it.
    std::fs::write(scene.path("inner/new"), "x").unwrap();
    assert_eq!(scene.check().await, 1);
}

#[tokio::test]
async fn more_changes_than_are_worth_it_and_more_than_the_kernel_tells() {
    let scene = Scene::new().await;
    for number in 0..MANY {
        std::fs::write(scene.path(&format!("another-{number}.ics")), "x").unwrap();
        std::fs::write(scene.path(&name(number)), "changed").unwrap();
    }
    assert!(scene.check().await > 2 * MANY, "it is read whole");
    for _ in 0..20_000 {
        std::fs::write(scene.path(&name(1)), "1").unwrap();
        std::fs::write(scene.path(&name(2)), "2").unwrap();
    }
    std::fs::write(scene.path(&name(3)), "after the queue was full").unwrap();
    scene.check().await;
}

#[tokio::test]
async fn another_folder_of_the_same_name_is_another() {
    let scene = Scene::new().await;
    std::fs::rename(scene.path(""), scene.folder.path().join("u00001/old")).unwrap();
    std::fs::create_dir(scene.path("")).unwrap();
    std::fs::write(scene.path("only.ics"), "x").unwrap();
    scene.check().await;
    std::fs::remove_dir_all(scene.path("")).unwrap();
    std::fs::rename(scene.folder.path().join("u00001/old"), scene.path("")).unwrap();
    std::fs::write(scene.path(&name(1)), "after it was away").unwrap();
    scene.check().await;
}

#[derive(Debug, Clone)]
enum Step {
    Write(usize, u8),
    Append(usize),
    Remove(usize),
    Rename(usize, usize),
    Folder(usize),
    Within(usize),
    Touch(usize),
    Link(usize),
    List,
}

fn step() -> impl Strategy<Value = Step> {
    let which = || 0..6_usize;
    prop_oneof![
        (which(), any::<u8>()).prop_map(|(which, content)| Step::Write(which, content)),
        which().prop_map(Step::Append),
        which().prop_map(Step::Remove),
        (which(), which()).prop_map(|(from, to)| Step::Rename(from, to)),
        which().prop_map(Step::Folder),
        which().prop_map(Step::Within),
        which().prop_map(Step::Touch),
        which().prop_map(Step::Link),
        Just(Step::List),
    ]
}

impl Step {
    /// Does it by other ways than the gateway. What cannot be done is not.
    fn take(&self, scene: &Scene) {
        let at = |number: &usize| scene.path(&name(*number));
        let _ = match self {
            Self::Write(which, content) => std::fs::write(at(which), [*content]),
            Self::Append(which) => std::fs::OpenOptions::new()
                .append(true)
                .open(at(which))
                .and_then(|mut file| std::io::Write::write_all(&mut file, b"more")),
            Self::Remove(which) => std::fs::remove_file(at(which)).or_else(|_| std::fs::remove_dir_all(at(which))),
            Self::Rename(from, to) => std::fs::rename(at(from), at(to)),
            Self::Folder(which) => std::fs::create_dir(at(which)),
            Self::Within(which) => std::fs::write(at(which).join("inner"), "x"),
            Self::Touch(which) => {
                std::fs::File::open(at(which)).and_then(|file| file.set_modified(std::time::SystemTime::UNIX_EPOCH))
            }
            Self::Link(which) => std::os::unix::fs::symlink("/", at(which)),
            Self::List => Ok(()),
        };
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_others_do_is_seen(steps in prop::collection::vec(step(), 1..60)) {
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap().block_on(async {
            let scene = Scene::new().await;
            for step in steps {
                step.take(&scene);
                if matches!(step, Step::List) {
                    scene.check().await;
                }
            }
            let looked_at = scene.check().await;
            assert!(looked_at < MANY, "{looked_at} names were looked at");
        });
    }
}
