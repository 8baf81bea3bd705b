//! One tree, seen by every program that people have: rclone, cadaver, GNOME's gio, davfs2 and curl by WebDAV, lftp by FTP, a shell in the
//! mount, and smbclient through the mount and Samba. Each must tell the same names, and the same octets where it reads them. On
//! servers far away by those that speak to the gateway over the network.

use crate::{
    far_files::{self, Kind},
    harness::{Gateway, curl, run, try_run},
    mount::{Mount, PEOPLE, Samba, gateway},
    sharing::grants,
    smb,
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const ME: &str = "u00041";
const WHO: &str = "u00041@a.test:pw-u00041";
/// Whose folder is shared with me.
const OTHER: &str = "u00042";

/// Paths below `/dav/files/`, folders and files.
type Paths = BTreeSet<String>;

/// What is in both homes; of the other's only `commun` is shared.
fn plant(gateway: &Gateway) -> Paths {
    let mine = [
        "Réunion été.txt",
        "naïve/Ünïcode 🎓/x y.txt",
        "naïve/100% sûr.txt",
        "a;b & c=d.txt",
        "#hash.txt",
        "deep/1/2/3/4/5/6/7/bottom",
        "عربي.txt",
        "plus+sign.txt",
    ];
    for path in mine {
        let file = gateway.home("garonne", ME).join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, format!("content of {path}")).unwrap();
    }
    fs::create_dir_all(gateway.home("garonne", ME).join("empty")).unwrap();
    for path in ["commun/plan.txt", "commun/Été/x", "private/secret.txt"] {
        let file = gateway.home("garonne", OTHER).join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "shared").unwrap();
    }
    let mut all = Paths::new();
    for (top, seen) in [(ME, ""), (OTHER, "commun")] {
        let root = gateway.home("garonne", top);
        all.insert(top.to_owned());
        walk(&root.join(seen), &root, &mut |path| {
            all.insert(format!("{top}/{path}"));
        });
    }
    all
}

fn walk(folder: &Path, root: &Path, found: &mut dyn FnMut(&str)) {
    if folder != root {
        found(folder.strip_prefix(root).unwrap().to_str().unwrap());
    }
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, root, found);
        } else {
            found(path.strip_prefix(root).unwrap().to_str().unwrap());
        }
    }
}

/// Lines of paths, as `find` and its like print them.
fn paths(lines: &str) -> Paths {
    let bare = lines.lines().map(|line| line.trim_start_matches("./").trim_end_matches('/'));
    bare.filter(|line| !line.is_empty() && *line != ".").map(str::to_owned).collect()
}

fn by_curl(gateway: &Gateway, who: &str) -> Paths {
    let (mut all, mut open) = (Paths::new(), vec!["/dav/files/".to_owned()]);
    while let Some(folder) = open.pop() {
        let listed = curl(gateway, "localhost", Some(who), "PROPFIND", &folder, &["-H", "Depth: 1"]);
        assert_eq!(listed.status, 207, "{folder}");
        for part in listed.body.split("<D:href>").skip(1) {
            let href = part.split_once("</D:href>").unwrap().0;
            if href == folder {
                continue;
            }
            if href.ends_with('/') {
                open.push(href.to_owned());
            }
            let path = href.strip_prefix("/dav/files/").unwrap().trim_end_matches('/');
            all.insert(percent_encoding::percent_decode_str(path).decode_utf8().unwrap().into_owned());
        }
    }
    all
}

/// cadaver's listing is for the eye: in each folder it must show the last names of what is there, and as many lines.
fn check_cadaver(gateway: &Gateway, who: &str, expected: &Paths) {
    let (login, password) = who.split_once(':').unwrap();
    let home = gateway.dir.join("cadaver-home");
    fs::create_dir_all(&home).unwrap();
    fs::write(home.join(".netrc"), format!("machine 127.0.0.1 login {login} password {password}\n")).unwrap();
    let folders: BTreeSet<&str> = expected.iter().filter_map(|path| Some(path.rsplit_once('/')?.0)).collect();
    for folder in folders {
        let names: Vec<&str> = expected
            .iter()
            .filter_map(|path| path.strip_prefix(folder)?.strip_prefix('/'))
            .filter(|it| !it.contains('/'))
            .collect();
        let encoded: String = folder.split('/').map(|part| format!("{}/", crate::sso::encoded(part))).collect();
        let url = format!("http://127.0.0.1:{}/dav/files/{encoded}", gateway.http);
        let told = run("bash", &["-c", &format!("echo ls | HOME={} LC_ALL=C.UTF-8 cadaver '{url}'", home.display())]);
        // Between the line that says it works and the prompt.
        let (_, lines) = told.split_once("succeeded.\n").unwrap_or_else(|| panic!("{folder}: {told}"));
        let lines: Vec<&str> = lines.lines().take_while(|line| !line.starts_with("dav:")).collect();
        assert_eq!(lines.len(), names.len(), "{folder}: {told}");
        let is_shown = |name: &&str| lines.iter().any(|line| line.contains(*name));
        assert!(names.iter().all(is_shown), "{folder}: {told}");
    }
}

/// GNOME's own client, as its file manager uses it.
fn by_gio(gateway: &Gateway, who: &str) -> Paths {
    let (login, password) = who.split_once(':').unwrap();
    let home = gateway.dir.join("gio");
    fs::create_dir_all(home.join("run")).unwrap();
    run("chmod", &["700", home.join("run").to_str().unwrap()]);
    let url = format!("dav://127.0.0.1:{}/dav/files/", gateway.http);
    let script = format!("printf '{login}\\n{password}\\n' | gio mount {url} > /dev/null && gio tree --hidden {url}");
    let session = ["-u", "DISPLAY", "LC_ALL=C.UTF-8"];
    let folders = [format!("HOME={}", home.display()), format!("XDG_RUNTIME_DIR={}", home.join("run").display())];
    let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
    let whole = [&session[..], &folders, &["dbus-run-session", "--", "bash", "-c", &script]].concat();
    let told = run("env", &whole);
    // Four columns for each level: `|   |-- name`.
    let (mut all, mut way) = (Paths::new(), Vec::new());
    for line in told.lines() {
        let Some((indent, name)) = line.split_once("-- ") else { continue };
        way.truncate(indent.len() / 4);
        way.push(name.to_owned());
        all.insert(way.join("/"));
    }
    all
}

/// A folder that davfs2 has mounted.
struct Davfs(PathBuf);

impl Davfs {
    fn mount(gateway: &Gateway) -> Self {
        let (at, own) = (gateway.dir.join("davfs"), gateway.dir.join("davfs-own"));
        fs::create_dir_all(&at).unwrap();
        fs::create_dir_all(own.join("cache")).unwrap();
        let url = format!("http://127.0.0.1:{}/dav/files/", gateway.http);
        fs::write(own.join("secrets"), format!("{url} {ME}@a.test pw-{ME}\n")).unwrap();
        run("chmod", &["600", own.join("secrets").to_str().unwrap()]);
        // Its daemon has become an account of its own.
        run("chmod", &["777", own.join("cache").to_str().unwrap()]);
        let settings = format!(
            "secrets {0}/secrets\ncache_dir {0}/cache\nask_auth 0\nuse_locks 1\ndelay_upload 0\n",
            own.display()
        );
        fs::write(own.join("conf"), settings).unwrap();
        let options = format!("conf={}/conf,uid=root,gid=root", own.display());
        run("mount.davfs", &[&url, at.to_str().unwrap(), "-o", &options]);
        Self(at)
    }
}

impl Drop for Davfs {
    fn drop(&mut self) {
        let _ = try_run("umount", &[self.0.to_str().unwrap()]);
    }
}

#[test]
fn every_program_sees_the_same() {
    let gateway = gateway("same-tree");
    let expected = plant(&gateway);
    let owner = "u00001@a.test:pw-u00001";
    grants(&gateway, owner, "s.grant.set({'owner': 'u00042', 'path': 'commun'}, {'account': 'u00041'}, ['read'])");

    assert_eq!(by_curl(&gateway, WHO), expected, "curl");
    let remote = format!(
        ":webdav,url='http://127.0.0.1:{}/dav/files/',user='{ME}@a.test',pass='{}':",
        gateway.http,
        run("rclone", &["obscure", &format!("pw-{ME}")]).trim()
    );
    let rclone = |arguments: &[&str]| run("rclone", &[&["--config", "/dev/null"], arguments].concat());
    assert_eq!(paths(&rclone(&["lsf", "-R", &remote])), expected, "rclone");
    let home = gateway.home("garonne", ME);
    rclone(&["check", "--download", home.to_str().unwrap(), &format!("{remote}{ME}")]);
    check_cadaver(&gateway, WHO, &expected);
    assert_eq!(by_gio(&gateway, WHO), expected, "gio");
    let ftp = format!(
        "set ssl:ca-file {}; set ftp:ssl-force true; open -u {ME}@a.test,pw-{ME} ftp://localhost:{}; find",
        crate::harness::campus("CAMPUS_CA"),
        gateway.ftp
    );
    assert_eq!(paths(&run("lftp", &["--norc", "-c", &ftp])), expected, "lftp");

    let Some(mount) = Mount::start(&gateway) else { return };
    let me = PEOPLE.iter().find(|(_, login)| *login == ME).unwrap().0;
    assert_eq!(paths(&mount.says(me, "LC_ALL=C.UTF-8 find .")), expected, "the mount");
    let samba = Samba::start(&gateway.dir.join("samba"), &mount.at);
    let archive = gateway.dir.join("all.tar");
    let mut client = samba.client(ME, "");
    client.args(["-Tc", archive.to_str().unwrap()]);
    assert!(client.status().unwrap().success(), "smbclient");
    let listed = run("tar", &["--quoting-style=literal", "-tf", archive.to_str().unwrap()]);
    assert_eq!(paths(&listed), expected, "smbclient");
    let unpacked = gateway.dir.join("unpacked");
    fs::create_dir_all(&unpacked).unwrap();
    run("tar", &["-xf", archive.to_str().unwrap(), "-C", unpacked.to_str().unwrap()]);
    run("diff", &["-r", home.to_str().unwrap(), unpacked.join(ME).to_str().unwrap()]);

    // Where the kernel is newer than davfs2 knows, no folder is listed, of whatever server; so each name is asked for.
    let davfs = Davfs::mount(&gateway);
    for path in &expected {
        let (seen, near) = (davfs.0.join(path), home.parent().unwrap().join(path));
        assert_eq!(seen.is_dir(), near.is_dir(), "davfs2: {path}");
        assert!(near.is_dir() || fs::read(&seen).unwrap() == fs::read(&near).unwrap(), "davfs2: {path}");
    }
    assert!(!davfs.0.join(OTHER).join("private").exists(), "davfs2");
    // And what one program writes, the others have.
    fs::write(davfs.0.join(ME).join("written by davfs2.txt"), "from davfs2").unwrap();
    crate::harness::eventually("davfs2 has sent it", || {
        fs::read_to_string(home.join("written by davfs2.txt")).is_ok_and(|text| text == "from davfs2")
    });
}

/// What is in two people's trees on a server far away, put there by the first of them; of the other's only `commun` is shared.
fn plant_far(gateway: &Gateway) -> Paths {
    let mut all = Paths::from(["u00001".to_owned(), "u00002".to_owned()]);
    let put = |who: &str, path: &str| {
        let names: Vec<String> = path.split('/').map(crate::sso::encoded).collect();
        for folder in 1..names.len() {
            let made = smb::dav(gateway, who, "MKCOL", &format!("/dav/files/{}/", names[..folder].join("/")), &[]);
            assert!(folder == 1 || matches!(made.status, 201 | 405), "{path}: {made:?}");
        }
        let put = smb::dav(gateway, who, "PUT", &format!("/dav/files/{}", names.join("/")), &["-d", "content"]);
        assert_eq!(put.status, 201, "{path}: {put:?}");
    };
    for path in
        ["Réunion été.txt", "naïve/Ünïcode 🎓/x y.txt", "100% sûr.txt", "a;b & c=d.txt", "#hash.txt", "عربي.txt"]
    {
        put(smb::ME, &format!("u00001/{path}"));
        all.extend(path.match_indices('/').map(|(at, _)| format!("u00001/{}", &path[..at])));
        all.insert(format!("u00001/{path}"));
    }
    for path in ["commun/plan.txt", "commun/Été/x", "private/secret.txt"] {
        put(smb::COLLEAGUE, &format!("u00002/{path}"));
    }
    let shared = ["commun", "commun/plan.txt", "commun/Été", "commun/Été/x"];
    all.extend(shared.map(|path| format!("u00002/{path}")));
    let grant = "s.grant.set({'owner': 'u00002', 'path': 'commun'}, {'account': 'u00001'}, ['read'])";
    smb::administer(gateway, grant);
    all
}

fn far(kind: Kind, name: &str) {
    let gateway = far_files::gateway(name, &kind.as_service(&kind.tree("same")));
    let expected = plant_far(&gateway);
    assert_eq!(by_curl(&gateway, smb::ME), expected, "curl");
    check_cadaver(&gateway, smb::ME, &expected);
    assert_eq!(by_gio(&gateway, smb::ME), expected, "gio");
}

#[test]
fn the_same_on_webdav() {
    far(Kind::Webdav, "same-webdav");
}

#[test]
fn the_same_on_sftp() {
    far(Kind::Sftp, "same-sftp");
}

#[test]
fn the_same_on_ftp() {
    far(Kind::Ftp, "same-ftp");
}
