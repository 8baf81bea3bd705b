//! `passerelle mount` as a real file system: programs that have become somebody's number, and the campus's Samba that publishes it.
//! Needs root and the kernel's FUSE; without them each test says so and tries nothing.

use crate::{
    harness::{Gateway, State, binary, curl, eventually, run, try_run},
    sharing::grants,
};
use std::{
    fs,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

pub(crate) const PEOPLE: [(u32, &str); 3] = [(61_041, "u00041"), (61_042, "u00042"), (61_043, "u00043")];
const NOBODY: u32 = 61_099;

/// A mount beside a gateway of the same settings and State.
pub(crate) struct Mount {
    pub(crate) at: PathBuf,
    child: Child,
}

impl Mount {
    /// `None`, with the reason said, where the machine does not let it.
    pub(crate) fn start(gateway: &Gateway) -> Option<Self> {
        if run("id", &["-u"]).trim() != "0" || !Path::new("/dev/fuse").exists() {
            eprintln!("skipped: a mount for others needs root and /dev/fuse");
            return None;
        }
        let at = gateway.dir.join("mnt");
        fs::create_dir_all(&at).unwrap();
        let log = fs::OpenOptions::new().create(true).append(true).open(gateway.dir.join("mount-log")).unwrap();
        let mut mount = Command::new(binary());
        mount.args(["mount", "--config"]).arg(gateway.config()).arg(&at);
        let child = mount.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let mut mount = Self { at, child };
        eventually("it is mounted", || {
            let log = fs::read_to_string(gateway.dir.join("mount-log")).unwrap();
            assert!(mount.child.try_wait().unwrap().is_none(), "{log}");
            log.contains("mounted at=")
        });
        Some(mount)
    }

    /// Runs a shell in it as somebody's number.
    fn shell(&self, number: u32, script: &str) -> Output {
        let number = number.to_string();
        let mut shell = Command::new("setpriv");
        shell.args(["--reuid", &number, "--regid", &number, "--clear-groups", "bash", "-c", script]);
        shell.current_dir(&self.at).env("LC_ALL", "C").stdin(Stdio::null()).output().unwrap()
    }

    /// What a script says that must succeed.
    #[track_caller]
    pub(crate) fn says(&self, number: u32, script: &str) -> String {
        let told = self.shell(number, script);
        assert!(told.status.success(), "{script}: {}", String::from_utf8_lossy(&told.stderr));
        String::from_utf8(told.stdout).unwrap()
    }

    /// The complaint of a script that must fail.
    #[track_caller]
    fn fails(&self, number: u32, script: &str) -> String {
        let told = self.shell(number, script);
        assert!(!told.status.success(), "{script}: {}", String::from_utf8_lossy(&told.stdout));
        String::from_utf8(told.stderr).unwrap()
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = try_run("kill", &["-TERM", &self.child.id().to_string()]);
        let _ = self.child.wait();
    }
}

pub(crate) fn gateway(name: &str) -> Gateway {
    gateway_with(name, |_| {})
}

fn gateway_with(name: &str, change: impl Fn(&Path)) -> Gateway {
    Gateway::start_with(name, &State::Sqlite, |config| {
        change(config);
        let users = PEOPLE.iter().map(|(number, login)| format!("{number} {login}@a.test\n")).collect::<String>();
        fs::write(config.join("mount-users"), format!("# who is whom\n{users}")).unwrap();
        let file = config.join("passerelle.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replacen("[network]", "[mount]\nusers = \"mount-users\"\n[network]", 1)).unwrap();
    })
}

#[test]
fn programs_work_in_it_as_whom_they_are() {
    let gateway = gateway("mount");
    let Some(mount) = Mount::start(&gateway) else { return };
    let (me, home) = (PEOPLE[0].0, gateway.home("garonne", "u00041"));
    assert_eq!(mount.says(me, "ls"), "u00041\n");
    assert_eq!(
        mount.says(me, "mkdir u00041/d; cd u00041/d; echo one > f; echo two >> f; cat f; stat -c %s f"),
        "one\ntwo\n8\n"
    );
    assert_eq!(fs::read_to_string(home.join("d/f")).unwrap(), "one\ntwo\n");
    // The tree is that of WebDAV.
    let by_dav = curl(&gateway, "localhost", Some("u00041@a.test:pw-u00041"), "GET", "/dav/files/u00041/d/f", &[]);
    assert_eq!(by_dav.body, "one\ntwo\n");
    mount.says(
        me,
        "cd u00041; head -c 30000000 /dev/urandom > large; cp large copy; cmp large copy; tail -c 5 large > /dev/null",
    );
    assert_eq!(fs::read(home.join("large")).unwrap(), fs::read(home.join("copy")).unwrap());
    // What is written over stays around it; going back is refused, and nothing of it is visible.
    mount.says(
        me,
        "cd u00041; printf abcdef > x; printf XY | dd of=x bs=1 seek=2 conv=notrunc status=none; truncate -s 5 x",
    );
    assert_eq!(fs::read_to_string(home.join("x")).unwrap(), "abXYe");
    let back = "import os; f = os.open('u00041/x', os.O_WRONLY); os.pwrite(f, b'1', 3); os.pwrite(f, b'2', 0)";
    assert!(mount.fails(me, &format!("python3 -c \"{back}\"")).contains("Illegal seek"));
    // Less than was said before is a cut.
    let short = "import os; f = os.open('u00041/x', os.O_WRONLY | os.O_TRUNC); os.ftruncate(f, 100); os.write(f, b'half'); os.close(f)";
    assert!(mount.fails(me, &format!("python3 -c \"{short}\"")).contains("Input/output error"));
    assert_eq!(fs::read_to_string(home.join("x")).unwrap()[..2], *"ab");
    // Who is nobody sees nothing.
    assert!(mount.fails(NOBODY, "ls").contains("Permission denied"));
}

/// Samba as root, with the people as its users, publishing the mount.
pub(crate) struct Samba {
    port: u16,
    child: Child,
}

impl Samba {
    pub(crate) fn start(dir: &Path, at: &Path) -> Self {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        for folder in ["private", "lock", "state", "cache", "pid", "ncalrpc", "log"] {
            fs::create_dir_all(dir.join(folder)).unwrap();
        }
        let people = PEOPLE.iter().map(|(number, login)| format!("{login}:x:{number}:{number}::/:/bin/false\n"));
        let passwd = people.collect::<String>() + "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n";
        let groups = PEOPLE.iter().map(|(number, login)| format!("{login}:x:{number}:\n")).collect::<String>();
        fs::write(dir.join("passwd"), passwd).unwrap();
        fs::write(dir.join("group"), groups + "root:x:0:\nnogroup:x:65534:\n").unwrap();
        let d = dir.display();
        // The share's part is the example of docs/MOUNT.md.
        let settings = format!(
            "[global]\nworkgroup = CAMPUS\nserver role = standalone server\ninterfaces = 127.0.0.1\nbind interfaces only = yes\n\
             smb ports = {port}\nprivate dir = {d}/private\nlock directory = {d}/lock\nstate directory = {d}/state\n\
             cache directory = {d}/cache\npid directory = {d}/pid\nncalrpc dir = {d}/ncalrpc\npassdb backend = smbpasswd:{d}/private/smbpasswd\n\
             load printers = no\ndisable spoolss = yes\n{}",
            example().replace("/srv/passerelle", at.to_str().unwrap())
        );
        fs::write(dir.join("smb.conf"), settings).unwrap();
        for (_, login) in PEOPLE {
            let script = format!("printf 'pw-{login}\\npw-{login}\\n' | smbpasswd -c {d}/smb.conf -s -a {login}");
            let told = with_people(dir, "bash", &["-c", &script]).output().unwrap();
            assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        }
        let log = fs::File::create(dir.join("out")).unwrap();
        let (settings, logs) = (format!("{d}/smb.conf"), format!("{d}/log"));
        // In a process group of its own: at its end it ends its whole group.
        let mut smbd = with_people(dir, "smbd", &["-F", "-s", &settings, "-l", &logs]);
        let child = smbd.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        eventually("Samba answers", || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());
        Self { port, child }
    }

    pub(crate) fn client(&self, login: &str, commands: &str) -> Command {
        let mut client = Command::new("smbclient");
        client.args(["//127.0.0.1/files", "-p", &self.port.to_string(), "-U", &format!("{login}%pw-{login}")]);
        client.args(["-c", commands]).stdin(Stdio::null());
        client
    }

    pub(crate) fn says(&self, login: &str, commands: &str) -> String {
        let told = self.client(login, commands).output().unwrap();
        String::from_utf8_lossy(&[told.stdout, told.stderr].concat()).into_owned()
    }
}

impl Drop for Samba {
    fn drop(&mut self) {
        let _ = try_run("kill", &["-TERM", &self.child.id().to_string()]);
        let _ = self.child.wait();
    }
}

fn with_people(dir: &Path, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).env("LD_PRELOAD", "libnss_wrapper.so");
    command.env("NSS_WRAPPER_PASSWD", dir.join("passwd")).env("NSS_WRAPPER_GROUP", dir.join("group"));
    command
}

/// The share of the guide, which this test proves.
fn example() -> String {
    let guide = fs::read_to_string(crate::harness::root().join("docs/MOUNT.md")).unwrap();
    let (_, rest) = guide.split_once("```ini\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

#[test]
fn samba_publishes_what_each_person_sees() {
    let gateway = gateway("mount-samba");
    let Some(mount) = Mount::start(&gateway) else { return };
    let samba = Samba::start(&gateway.dir.join("samba"), &mount.at);
    let (near, back) = (gateway.dir.join("near"), gateway.dir.join("back"));
    fs::write(&near, vec![7; 5_000_000]).unwrap();
    let (near, back) = (near.display(), back.display());
    let told = samba.says(
        "u00041",
        &format!("ls; cd u00041; put {near} f; mkdir d; rename f d\\g; get d\\g {back}; allinfo d\\g; ls d\\*"),
    );
    assert!(!told.contains("NT_STATUS"), "{told}");
    let home = gateway.home("garonne", "u00041");
    assert_eq!(fs::read(home.join("d/g")).unwrap(), vec![7; 5_000_000]);
    assert_eq!(fs::read(gateway.dir.join("back")).unwrap(), vec![7; 5_000_000]);
    // Others see nothing of it until it is shared, and again when it is taken back.
    let there = |login: &str| samba.says(login, "ls u00041\\d\\*");
    assert!(there("u00042").contains("NT_STATUS_OBJECT"), "hidden");
    let owner = "u00001@a.test:pw-u00001";
    grants(&gateway, owner, "s.grant.set({'owner': 'u00041', 'path': 'd'}, {'account': 'u00042'}, ['read'])");
    assert!(there("u00042").contains("5000000"), "{}", there("u00042"));
    assert!(samba.says("u00042", "ls").contains("u00041"));
    assert!(samba.says("u00042", &format!("cd u00041\\d; put {near} h")).contains("NT_STATUS_ACCESS_DENIED"));
    assert!(samba.says("u00042", "cd u00041\\d; del g").contains("NT_STATUS"));
    assert!(!samba.says("u00043", "ls").contains("u00041"));
    grants(&gateway, owner, "s.grant.remove({'owner': 'u00041', 'path': 'd'}, {'account': 'u00042'})");
    assert!(there("u00042").contains("NT_STATUS_OBJECT"), "taken back");
    assert_eq!(fs::read_dir(home.join("d")).unwrap().count(), 1);
    // Replaced whole, removed.
    fs::write(gateway.dir.join("near"), "short").unwrap();
    let told = samba.says("u00041", &format!("cd u00041\\d; put {near} g; get g {back}; del g; cd ..; rmdir d; ls"));
    assert!(!told.contains("NT_STATUS"), "{told}");
    assert_eq!(fs::read_to_string(gateway.dir.join("back")).unwrap(), "short");
    assert!(!home.join("d").exists());
}

/// A tree that is nobody's own: by what the settings say and what is granted, and for nobody else.
#[test]
fn a_space_is_among_the_trees_of_whom_it_is_for() {
    let gateway = gateway_with("mount-space", |config| {
        let file = config.join("institutions/garonne/institution.toml");
        let folder = config.parent().unwrap().join("files/commun");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("plan.txt"), "pour tous").unwrap();
        let space = format!(
            "[spaces.commun]\nname = {{ en = \"Common\" }}\neverybody = [\"read\"]\n[spaces.commun.store]\nkind = \"local\"\n\
             path = {folder:?}\n[spaces.conseil]\nname = {{ en = \"Board\" }}\n[spaces.conseil.store]\nkind = \"local\"\n\
             path = {folder:?}\n"
        );
        fs::write(&file, fs::read_to_string(&file).unwrap() + &space).unwrap();
    });
    let owner = "u00001@a.test:pw-u00001";
    grants(
        &gateway,
        owner,
        "s.grant.set({'owner': '~commun'}, {'account': 'u00041'}, ['read', 'add', 'edit', 'remove'])",
    );
    let Some(mount) = Mount::start(&gateway) else { return };
    let (writer, reader) = (PEOPLE[0].0, PEOPLE[1].0);
    assert_eq!(mount.says(writer, "ls"), "u00041\n~commun\n");
    assert_eq!(mount.says(reader, "cat './~commun/plan.txt'"), "pour tous");
    mount.fails(reader, "echo x > './~commun/new.txt'");
    mount.fails(reader, "rm './~commun/plan.txt'");
    mount.says(writer, "cd './~commun'; mkdir TD; echo exercice > TD/1.txt; mv TD/1.txt TD/2.txt");
    assert_eq!(mount.says(reader, "find './~commun' -type f | sort"), "./~commun/TD/2.txt\n./~commun/plan.txt\n");
    let by_dav = |who: &str| curl(&gateway, "localhost", Some(who), "GET", "/dav/files/~commun/TD/2.txt", &[]).body;
    assert_eq!(by_dav("u00042@a.test:pw-u00042"), "exercice\n");
    // The other space is there for nobody, and neither is for numbers that nobody has.
    let hidden = mount.fails(writer, "ls './~conseil'");
    assert!(hidden.contains("No such file"), "{hidden}");
    mount.fails(NOBODY, "cat './~commun/plan.txt'");
    // What is taken back ends at once.
    grants(&gateway, owner, "s.grant.remove({'owner': '~commun'}, {'account': 'u00041'})");
    mount.fails(writer, "echo x > './~commun/new.txt'");
    assert_eq!(mount.says(writer, "cat './~commun/TD/2.txt'"), "exercice\n");
}
