//! Files that are sent in parts, on the campus: by rclone as it does with Nextcloud, over a node that is killed, on every kind of
//! share, on a full one; and what has no room, which is refused before it is read.

use crate::{
    far_files::{self, Kind},
    ftp::Ftp,
    harness::{Answer, Gateway, State, campus, curl, eventually, run, try_run},
    nodes::Database,
    smb,
};
use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::Command,
};

const OWNER: &str = "u00001@a.test:pw-u00001";
const COLLEAGUE: &str = "u00005@a.test:pw-u00005";
const UPLOAD: &str = "/dav/uploads/u00001/part-by-part";

/// Where uploads wait, right below the root of a tree.
const TRANSFERS: &str = ".~passerelle-transfers";

fn dav(gateway: &Gateway, method: &str, path: &str, more: &[&str]) -> Answer {
    curl(gateway, "localhost", Some(OWNER), method, path, more)
}

/// The folders of transfers in a tree on the disk.
fn kept(home: &Path) -> usize {
    let own = |folder: &Path| fs::read_dir(folder).map(|entries| entries.flatten().count()).unwrap_or_default();
    let entries = fs::read_dir(home).unwrap().flatten();
    let others = entries.filter(|entry| {
        let name = entry.file_name();
        name != TRANSFERS && name.to_string_lossy().starts_with(".~passerelle")
    });
    others.count() + own(&home.join(TRANSFERS))
}

#[test]
fn rclone_sends_a_large_file_in_parts() {
    let gateway = Gateway::start("uploads-rclone");
    let near = gateway.dir.join("near");
    fs::create_dir_all(&near).unwrap();
    let content: Vec<u8> = (0..5_300_001_u32).map(|at| (at % 251) as u8).collect();
    fs::write(near.join("large é.bin"), &content).unwrap();
    fs::write(near.join("small.txt"), "small").unwrap();
    // The distribution's own rclone does not send parts yet.
    let program = Path::new(campus("CAMPUS_PYTHON")).with_file_name("rclone");
    let secret = run(program.to_str().unwrap(), &["obscure", "pw-u00001"]);
    let rclone = |arguments: &[&str]| {
        Command::new(&program)
            .args(["-vv", "--retries", "1", "--config", "/dev/null", "--ca-cert", campus("CAMPUS_CA")])
            .args(arguments)
            .env("RCLONE_CONFIG_G_TYPE", "webdav")
            .env("RCLONE_CONFIG_G_URL", format!("https://localhost:{}/dav/files/u00001/", gateway.https))
            .env("RCLONE_CONFIG_G_VENDOR", "nextcloud")
            .env("RCLONE_CONFIG_G_NEXTCLOUD_CHUNK_SIZE", "1Mi")
            .env("RCLONE_CONFIG_G_USER", "u00001@a.test")
            .env("RCLONE_CONFIG_G_PASS", secret.trim())
            .output()
            .unwrap()
    };
    let near = near.to_str().unwrap();
    let home = gateway.home("garonne", "u00001");
    for round in ["new", "over what is there"] {
        let copied = rclone(&["copy", "--ignore-times", near, "g:backup"]);
        assert!(copied.status.success(), "{round}: {}", String::from_utf8_lossy(&copied.stderr));
        let checked = rclone(&["check", "--download", near, "g:backup"]);
        assert!(checked.status.success(), "{round}: {}", String::from_utf8_lossy(&checked.stderr));
        assert!(fs::read(home.join("backup/large é.bin")).unwrap() == content, "{round}");
        assert_eq!(kept(&home), 0, "{round}");
    }
    // It did send parts.
    let dumped = rclone(&["copy", "--ignore-times", "--dump", "headers", near, "g:again"]);
    let said = String::from_utf8_lossy(&dumped.stderr);
    assert!(said.matches("PUT /dav/uploads/u00001/rclone-chunked-upload-").count() == 6, "{said}");
}

#[test]
fn a_node_is_killed_between_parts_and_another_goes_on() {
    let database = Database::make("uploads");
    let state = State::Postgres(database.0.clone());
    let mut first = Gateway::start_with("uploads-a", &state, |_| {});
    let second = first.twin("uploads-b", &state);
    let home = first.home("garonne", "u00001");
    fs::create_dir_all(&home).unwrap();
    let part = "p".repeat(300_000);
    let file = first.dir.join("part");
    fs::write(&file, &part).unwrap();
    let body = format!("@{}", file.display());
    let data = ["--data-binary", body.as_str()];
    let to = ["-H", "Destination: /dav/files/u00001/whole.bin"];
    assert_eq!(dav(&first, "MKCOL", UPLOAD, &to).status, 201);
    assert_eq!(dav(&first, "PUT", &format!("{UPLOAD}/1"), &[data, to].concat()).status, 201);
    // The first is killed while the second part comes.
    let authorization = run("bash", &["-c", &format!("printf '{OWNER}' | base64 -w0")]);
    let mut stream = TcpStream::connect(("127.0.0.1", first.http)).unwrap();
    let head = format!(
        "PUT {UPLOAD}/2 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {authorization}\r\nContent-Length: 9000000\r\n\r\n"
    );
    stream.write_all((head + &"h".repeat(4_000_000)).as_bytes()).unwrap();
    let folder = fs::read_dir(home.join(TRANSFERS)).unwrap().flatten().next().unwrap().path();
    eventually("the part is under way", || {
        let open = fs::read_dir(format!("/proc/{}/fd", first.pid())).unwrap().flatten();
        open.filter_map(|entry| fs::read_link(entry.path()).ok())
            .any(|target| target.starts_with(folder.canonicalize().unwrap()) && target != folder)
    });
    first.kill();
    drop(stream);
    let shown = dav(&second, "PROPFIND", UPLOAD, &["-H", "Depth: 1"]);
    assert!(shown.status == 207 && shown.body.contains("/00001<") && !shown.body.contains("/00002<"), "{shown:?}");
    assert_eq!(dav(&second, "PUT", &format!("{UPLOAD}/2"), &data).status, 201);
    let moved =
        dav(&second, "MOVE", &format!("{UPLOAD}/.file"), &[&to[..], &["-H", "OC-Total-Length: 600000"]].concat());
    assert_eq!(moved.status, 201, "{moved:?}");
    assert!(fs::read_to_string(home.join("whole.bin")).unwrap() == part.repeat(2));
    assert_eq!(kept(&home), 0);
}

/// The whole way on a share of `centre`, of which `home` is where u00001's tree lies, if that can be looked at.
fn on_a_share(gateway: &Gateway, home: Option<&Path>) {
    let me = |method: &str, path: &str, more: &[&str]| smb::dav(gateway, smb::ME, method, path, more);
    let to = ["-H", "Destination: /dav/files/u00001/whole.bin"];
    for (status, content) in [(201, ["one ", "two ", "three"]), (204, ["un ", "deux ", "trois"])] {
        assert_eq!(me("MKCOL", UPLOAD, &to).status, 201);
        for (number, part) in [3, 1, 2].into_iter().zip([content[2], content[0], content[1]]) {
            assert_eq!(me("PUT", &format!("{UPLOAD}/{number}"), &["-d", "to be sent again"]).status, 201);
            assert_eq!(me("PUT", &format!("{UPLOAD}/{number}"), &["-d", part]).status, 201);
        }
        let shown = me("PROPFIND", UPLOAD, &["-H", "Depth: 1"]);
        assert!(shown.status == 207 && shown.body.matches("<D:response>").count() == 4, "{shown:?}");
        let listed = me("PROPFIND", "/dav/files/u00001/", &["-H", "Depth: 1"]);
        assert!(listed.status == 207 && !listed.body.contains("passerelle-"), "{listed:?}");
        let moved = me("MOVE", &format!("{UPLOAD}/.file"), &to);
        assert_eq!(moved.status, status, "{moved:?}");
        assert_eq!(me("GET", "/dav/files/u00001/whole.bin", &[]).body, content.concat());
        assert_eq!(me("PROPFIND", UPLOAD, &["-H", "Depth: 1"]).status, 404);
    }
    // Given up by the client, and by nobody's word.
    assert_eq!(me("MKCOL", UPLOAD, &[]).status, 201);
    assert_eq!(me("PUT", &format!("{UPLOAD}/1"), &["-d", "x"]).status, 201);
    assert_eq!(me("DELETE", UPLOAD, &[]).status, 204);
    let Some(home) = home else { return };
    assert_eq!(kept(home), 0);
    assert_eq!(me("MKCOL", UPLOAD, &[]).status, 201);
    assert_eq!(me("PUT", &format!("{UPLOAD}/1"), &["-d", "x"]).status, 201);
    assert_eq!(kept(home), 1);
    run("bash", &["-c", &format!("touch -d '25 hours ago' {}/{TRANSFERS}/*", home.display())]);
    // Whoever begins another sweeps; a listing of the root does too, once an hour.
    let another = "/dav/uploads/u00001/another";
    assert_eq!(me("MKCOL", another, &[]).status, 201);
    assert_eq!(me("PROPFIND", UPLOAD, &["-H", "Depth: 1"]).status, 404, "it was given up");
    assert_eq!(me("DELETE", another, &[]).status, 204);
    eventually("nothing of it is left", || kept(home) == 0);
}

#[test]
fn in_parts_to_webdav() {
    far(Kind::Webdav);
}

#[test]
fn in_parts_to_sftp() {
    far(Kind::Sftp);
}

#[test]
fn in_parts_to_ftp() {
    far(Kind::Ftp);
}

#[test]
fn in_parts_to_a_bucket() {
    far(Kind::S3);
}

fn far(kind: Kind) {
    let tree = kind.tree("uploads");
    let gateway = far_files::gateway(&tree, &kind.as_service(&tree));
    let home = kind.on_disk(&tree, "u00001");
    on_a_share(&gateway, (kind != Kind::S3).then_some(home.as_path()));
}

#[test]
fn in_parts_to_samba() {
    let lines = smb::as_service().replace("e2e-", "e2e-uploads-");
    let gateway = Gateway::start_with("uploads-smb", &State::Sqlite, |config| smb::on_samba(config, &lines));
    let put = smb::dav(&gateway, smb::ME, "PUT", "/dav/files/u00001/here", &["-d", "x"]);
    assert_eq!(put.status, 201, "{put:?}");
    let folder = format!("e2e-uploads-{}", std::process::id());
    let found = run("find", &[campus("CAMPUS_DIR"), "-type", "d", "-name", &folder]);
    on_a_share(&gateway, Some(&Path::new(found.trim()).join("u00001")));
}

/// A file system of 2 MiB in somebody's place, for as long as `test` runs.
pub fn on_a_small_disk(home: &Path, test: impl FnOnce() + std::panic::UnwindSafe) {
    fs::create_dir_all(home).unwrap();
    let mounted = try_run("mount", &["-t", "tmpfs", "-o", "size=2m", "tmpfs", home.to_str().unwrap()]);
    assert!(mounted.status.success(), "{}", String::from_utf8_lossy(&mounted.stderr));
    let done = std::panic::catch_unwind(test);
    run("umount", &["-l", home.to_str().unwrap()]);
    done.unwrap();
}

/// What a client is told that waits for "100 Continue" before it sends 8 MB.
#[track_caller]
fn announces(gateway: &Gateway, host: &str, who: &str, path: &str) -> String {
    let authorization = run("bash", &["-c", &format!("printf '{who}' | base64 -w0")]);
    let mut stream = TcpStream::connect(("127.0.0.1", gateway.http)).unwrap();
    let head = format!(
        "PUT {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Basic {authorization}\r\nContent-Length: 8000000\r\n\
         Expect: 100-continue\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
    let mut told = Vec::new();
    let _ = stream.read_to_end(&mut told);
    String::from_utf8_lossy(&told).lines().next().unwrap_or_default().to_owned()
}

#[test]
fn a_full_share_refuses_what_cannot_fit_before_it_is_read() {
    let gateway = Gateway::start("uploads-full");
    let home = gateway.home("garonne", "u00001");
    on_a_small_disk(&home, || {
        fs::create_dir_all(home.join("common")).unwrap();
        fs::write(home.join("common/old"), "old").unwrap();
        crate::sharing::grants(
            &gateway,
            OWNER,
            "s.grant.set({'owner': 'u00001', 'path': 'common'}, {'account': 'u00005'}, ['read', 'add', 'edit'])",
        );
        // One's own, and in a folder of somebody else, whose room it is that counts.
        for (who, path) in [
            (OWNER, "/dav/files/u00001/new"),
            (OWNER, "/dav/files/u00001/common/old"),
            (COLLEAGUE, "/dav/files/u00001@a.test/common/new"),
            (COLLEAGUE, "/dav/files/u00001@a.test/common/old"),
        ] {
            let told = announces(&gateway, "localhost", who, path);
            assert!(told.starts_with("HTTP/1.1 507"), "{who} {path}: {told}");
        }
        let told = announces(&gateway, "localhost", COLLEAGUE, "/dav/files/u00005/new");
        assert!(told.starts_with("HTTP/1.1 100"), "where there is room: {told}");
        // In parts: at the beginning, at a part, and when the whole has no room beside its parts.
        let to = ["-H", "Destination: /dav/files/u00001/common/old"];
        let total = |octets: u32| format!("OC-Total-Length: {octets}");
        assert_eq!(dav(&gateway, "MKCOL", UPLOAD, &[&to[..], &["-H", &total(1_500_000)]].concat()).status, 507);
        assert_eq!(dav(&gateway, "MKCOL", UPLOAD, &[&to[..], &["-H", &total(500_000)]].concat()).status, 201);
        assert!(announces(&gateway, "localhost", OWNER, &format!("{UPLOAD}/1")).starts_with("HTTP/1.1 507"));
        let file = gateway.dir.join("part");
        fs::write(&file, "x".repeat(1_300_000)).unwrap();
        let body = format!("@{}", file.display());
        assert_eq!(dav(&gateway, "PUT", &format!("{UPLOAD}/1"), &["--data-binary", &body]).status, 201);
        assert_eq!(dav(&gateway, "MOVE", &format!("{UPLOAD}/.file"), &to).status, 507);
        assert_eq!(fs::read_to_string(home.join("common/old")).unwrap(), "old");
        assert_eq!(kept(&home), 1, "the parts are there still");
        assert_eq!(dav(&gateway, "DELETE", UPLOAD, &[]).status, 204);
        // By FTP a client says ALLO.
        let mut ftp = Ftp::log_in(&gateway, "u00001@a.test", "pw-u00001");
        ftp.says("ALLO 8000000", "200 ");
        ftp.port();
        ftp.says("STOR /u00001/common/old", "552 ");
        ftp.says("ALLO 8000000", "200 ");
        ftp.port();
        ftp.says("STOR /u00001/new", "552 ");
        // What was announced is of the next STOR only, also where that is refused before anybody looks at the room.
        for refused in ["STOR /u00001/a\tb", "STOR", "SIZE /u00001/none"] {
            ftp.says("ALLO 8000000", "200 ");
            ftp.says(refused, "5");
            assert!(ftp.store("/u00001/new", b"new").starts_with("226 "), "{refused}");
            ftp.says("DELE /u00001/new", "250 ");
        }
        ftp.says("ALLO 3", "200 ");
        assert!(ftp.store("/u00001/new", b"new").starts_with("226 "));
        assert_eq!(fs::read_to_string(home.join("new")).unwrap(), "new");
    });
}

#[test]
fn a_part_is_held_to_the_limit_of_uploads_with_or_without_a_length() {
    let gateway = Gateway::start_with("uploads-limit", &State::Sqlite, |config| {
        let file = config.join("institutions/garonne/institution.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(file, text + "[limits]\nupload_mib = 1\n").unwrap();
    });
    let file = gateway.dir.join("part");
    fs::write(&file, "x".repeat(2_000_000)).unwrap();
    let body = format!("@{}", file.display());
    assert_eq!(dav(&gateway, "MKCOL", UPLOAD, &[]).status, 201);
    for framing in [&[][..], &["-H", "Transfer-Encoding: chunked"]] {
        let put = dav(&gateway, "PUT", &format!("{UPLOAD}/1"), &[framing, &["--data-binary", &body]].concat());
        assert_eq!(put.status, 413, "{framing:?}: {put:?}");
    }
    assert_eq!(dav(&gateway, "PUT", &format!("{UPLOAD}/1"), &["--data-binary", "small"]).status, 201);
}

/// A WebDAV server that tells its room (RFC 4331): another gateway.
#[test]
fn a_webdav_server_that_tells_its_room_is_believed() {
    let server = Gateway::start("uploads-room");
    on_a_small_disk(&server.home("garonne", "u00001"), || {
        let url = format!("kind = \"webdav\"\nurl = \"http://127.0.0.1:{}/dav/files/{{login}}/\"\n", server.http);
        let gateway = far_files::gateway("uploads-before", &url);
        let me = "u00001:pw-u00001";
        let told = announces(&gateway, "centre.localhost", me, "/dav/files/u00001/new");
        assert!(told.starts_with("HTTP/1.1 507"), "{told}");
        let told = announces(&gateway, "centre.localhost", "u00002:pw-u00002", "/dav/files/u00002/new");
        assert!(told.starts_with("HTTP/1.1 100"), "where there is room: {told}");
    });
}
