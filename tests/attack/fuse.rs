//! The mount: every operation as everybody, by programs that have become somebody's number. Needs the kernel's FUSE and root, who
//! becomes those numbers; without them it says so and tries nothing.

use crate::{EDITOR, OWNER, READER, WHO};
use passerelle_model::Rights;
use passerelle_testkit::{
    house::{HouseBuilder, TestHouse, node, numbers, to_account},
    memory_state::MemoryState,
};
use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::PathBuf,
    process::{Command, Output, Stdio},
    sync::Arc,
    thread::JoinHandle,
};
use tempfile::TempDir;

/// What is done, by its name, with a command of the shell; `{t}` is the owner.
struct Row {
    operation: &'static str,
    command: &'static str,
    /// Whether it can be done, by each asker.
    expected: [bool; 6],
}

const READERS: [bool; 6] = [false, false, false, true, true, true];
const EDITORS: [bool; 6] = [false, false, false, false, true, true];
const OWNERS: [bool; 6] = [false, false, false, false, false, true];

const fn row(operation: &'static str, command: &'static str, expected: [bool; 6]) -> Row {
    Row { operation, command, expected }
}

const TABLE: &[Row] = &[
    row("list", "ls .", [false, true, true, true, true, true]),
    row("lookup", "test -e {t}/shared/f", READERS),
    row("list", "ls {t}/shared", READERS),
    row("list", "ls {t}", READERS),
    row("read", "cat {t}/shared/f", READERS),
    row("statfs", "stat -f {t}/shared", READERS),
    row("create", "echo x > {t}/shared/new", EDITORS),
    row("write", "echo x > {t}/shared/f", EDITORS),
    row("append", "echo x >> {t}/shared/f", EDITORS),
    row("truncate", "truncate -s 2 {t}/shared/f", EDITORS),
    row("mkdir", "mkdir {t}/shared/made", EDITORS),
    row("unlink", "rm {t}/shared/f", EDITORS),
    row("rmdir", "rmdir {t}/shared/empty", EDITORS),
    row("rename", "mv {t}/shared/f {t}/shared/new", EDITORS),
    // What lies beside what is shared.
    row("lookup", "test -e {t}/private", OWNERS),
    row("list", "ls {t}/private", OWNERS),
    row("read", "cat {t}/private/f", OWNERS),
    row("read", "cat {t}/shared/../private/f", OWNERS),
    row("create", "echo x > {t}/private/new", OWNERS),
    row("create", "echo x > {t}/new", OWNERS),
    row("write", "echo x > {t}/private/f", OWNERS),
    row("truncate", "truncate -s 2 {t}/private/f", OWNERS),
    row("mkdir", "mkdir {t}/private/made", OWNERS),
    row("unlink", "rm {t}/private/f", OWNERS),
    row("rmdir", "rmdir {t}/private/empty", OWNERS),
    row("rename", "mv {t}/private/f {t}/shared/new", OWNERS),
];

/// What the table attacks, by name.
pub(crate) fn attacked() -> BTreeSet<String> {
    TABLE.iter().map(|row| row.operation.to_owned()).collect()
}

/// What there is to attack, as the surface says it.
pub(crate) fn operations() -> BTreeSet<String> {
    passerelle_surface_fuse::operations().iter().map(|it| (*it).to_owned()).collect()
}

struct Place {
    house: TestHouse,
    folder: TempDir,
    unmount: passerelle_surface_fuse::Unmount,
    served: Option<JoinHandle<()>>,
}

/// The number of somebody; of nobody, one that is not mapped.
fn number(who: Option<&str>) -> u32 {
    who.map_or(65_000, |who| numbers(who).unwrap().uid)
}

impl Place {
    /// `None`, with the reason said, where the machine does not let it.
    #[expect(clippy::print_stderr, reason = "why nothing was tried belongs to what a run tells")]
    async fn open() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        if fs::metadata(folder.path()).unwrap().uid() != 0 {
            eprintln!("skipped: only root can become others");
            return None;
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let at = folder.path().join("mnt");
        fs::create_dir(&at).unwrap();
        let store = || crate::server::local(folder.path(), false);
        let house = HouseBuilder::new(Arc::new(MemoryState::new())).files("garonne", store()).files("autan", store());
        let people: Vec<(u32, String)> =
            WHO.into_iter().flatten().map(|who| (number(Some(who)), who.to_owned())).collect();
        let people = house.operator("mount").await.unwrap().mapped(&people).unwrap();
        let house = house.open().await.unwrap();
        let mut mounted = match passerelle_surface_fuse::mount(&at, people, tokio::runtime::Handle::current()) {
            Ok(mounted) => mounted,
            Err(error) => {
                eprintln!("skipped: the kernel does not mount: {error}");
                return None;
            }
        };
        let unmount = mounted.unmount();
        let served = Some(std::thread::spawn(move || mounted.serve().unwrap()));
        Some(Self { house, folder, unmount, served })
    }

    fn on_disk(&self, path: &str) -> PathBuf {
        self.folder.path().join("garonne").join(OWNER.split('@').next().unwrap()).join(path)
    }

    async fn arrange(&self) {
        let _ = fs::remove_dir_all(self.folder.path().join("garonne"));
        for folder in ["shared", "private"] {
            fs::create_dir_all(self.on_disk(folder).join("empty")).unwrap();
            fs::write(self.on_disk(folder).join("f"), "content").unwrap();
        }
        self.house.state.gone(&node(OWNER, "").target()).await.unwrap();
        let write = Rights::EDIT.union(Rights::ADD).union(Rights::REMOVE);
        for (who, rights) in [(READER, Rights::READ), (EDITOR, write)] {
            self.house.grant(OWNER, "shared", to_account(who), rights).await.unwrap();
        }
    }

    fn is_untouched(&self) -> bool {
        ["shared", "private"].iter().all(|folder| {
            fs::read_to_string(self.on_disk(folder).join("f")).is_ok_and(|it| it == "content")
                && fs::read_dir(self.on_disk(folder)).unwrap().count() == 2
        })
    }

    async fn run(&self, who: Option<&str>, command: &str) -> Output {
        let (at, number) = (self.folder.path().join("mnt"), number(who).to_string());
        let command = command.to_owned();
        let run = move || {
            let mut shell = Command::new("setpriv");
            shell.args(["--reuid", &number, "--regid", &number, "--clear-groups", "bash", "-c", &command]);
            shell.current_dir(at).env("LC_ALL", "C").stdin(Stdio::null()).output().unwrap()
        };
        tokio::task::spawn_blocking(run).await.unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = self.unmount.now();
        if let Some(served) = self.served.take() {
            let _ = served.join();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_as_everybody() {
    let Some(place) = Place::open().await else { return };
    let mut wrong = Vec::new();
    for row in TABLE {
        for (who, expected) in WHO.into_iter().zip(row.expected) {
            place.arrange().await;
            let told = place.run(who, &row.command.replace("{t}", OWNER)).await;
            let (out, err) = (String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
            if told.status.success() != expected {
                wrong.push(format!("{} as {who:?}: {} {out} {err}", row.command, told.status));
            }
            if !expected {
                assert!(place.is_untouched(), "{} as {who:?} left a trace", row.command);
                assert!(!out.contains("content"), "{} as {who:?}: {out}", row.command);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A listing by one person leaves nothing for the next one in the kernel's memory, and hidden answers as missing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_kernel_remembers_nothing_for_others() {
    let Some(place) = Place::open().await else { return };
    place.arrange().await;
    let owner = place.run(Some(OWNER), &format!("cat {OWNER}/private/f && stat {OWNER}/private/f")).await;
    assert!(owner.status.success());
    for who in [None, Some("u00005@a.test"), Some(READER)] {
        for command in ["cat {t}/{p}/f", "stat {t}/{p}/f", "ls {t}/{p}", "rm {t}/{p}/f"] {
            let command = command.replace("{t}", OWNER);
            let hidden = place.run(who, &command.replace("{p}", "private")).await;
            let missing = place.run(who, &command.replace("{p}", "missing")).await;
            let told = String::from_utf8_lossy(&hidden.stderr).replace("private", "missing");
            assert_eq!(told, String::from_utf8_lossy(&missing.stderr), "{command} as {who:?}");
            assert!(!hidden.status.success() && hidden.stdout.is_empty());
        }
    }
    let seen = place.run(Some(READER), &format!("ls {OWNER}")).await;
    assert_eq!(String::from_utf8_lossy(&seen.stdout), "shared\n");
}
