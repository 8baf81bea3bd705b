//! WebDAV against the gateway's binary: the public suite, and what a crash or a vanished client leaves behind.

use crate::harness::{Gateway, curl, eventually, run, try_run};
use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    process::{Command, Stdio},
};

const OWNER: &str = "u00001@a.test:pw-u00001";

#[test]
fn litmus_passes_whole_on_ones_own_files() {
    let gateway = Gateway::start("litmus-own");
    fs::create_dir_all(gateway.home("garonne", "u00001")).unwrap();
    litmus(&gateway, "u00001@a.test", "/dav/files/u00001/");
}

#[test]
fn litmus_passes_whole_on_a_shared_folder() {
    let gateway = Gateway::start("litmus-shared");
    fs::create_dir_all(gateway.home("garonne", "u00001").join("common")).unwrap();
    crate::sharing::grants(
        &gateway,
        OWNER,
        "s.grant.set({'owner': 'u00001', 'path': 'common'}, {'account': 'u00006'}, ['read', 'add', 'edit', 'remove'])",
    );
    litmus(&gateway, "u00006@a.test", "/dav/files/u00001@a.test/common/");
}

/// Runs every suite of litmus; none may fail or be skipped.
#[track_caller]
pub fn litmus(gateway: &Gateway, login: &str, path: &str) {
    let work = gateway.dir.join("litmus");
    fs::create_dir_all(&work).unwrap();
    let url = format!("http://127.0.0.1:{}{path}", gateway.http);
    let output = Command::new("litmus")
        .args(["-k", &url, login, &format!("pw-{}", login.split('@').next().unwrap())])
        .current_dir(&work)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{told}");
    for suite in ["basic", "copymove", "props", "locks", "http"] {
        let summary = format!("summary for `{suite}'");
        let line =
            told.lines().find(|line| line.contains(&summary)).unwrap_or_else(|| panic!("{suite} did not run: {told}"));
        assert!(line.contains(" 0 failed") && line.contains("100.0%"), "{line}");
    }
    assert!(!told.contains("SKIPPED"), "{told}");
}

#[test]
fn a_client_that_vanishes_leaves_the_old_content() {
    let gateway = Gateway::start("dav-vanish");
    let home = gateway.home("garonne", "u00001");
    fs::create_dir_all(&home).unwrap();
    fs::write(home.join("a.txt"), "old").unwrap();
    let authorization = run("bash", &["-c", &format!("printf '{OWNER}' | base64 -w0")]);
    let piece = "h".repeat(4_000_000);
    for (name, head) in [
        ("a.txt", "Content-Length: 10000000\r\n\r\n".to_owned()),
        ("a.txt", format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", piece.len())),
        ("new.txt", "Content-Length: 10000000\r\n\r\n".to_owned()),
        ("new.txt", format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", piece.len())),
    ] {
        let mut stream = TcpStream::connect(("127.0.0.1", gateway.http)).unwrap();
        let request = format!(
            "PUT /dav/files/u00001/{name} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {authorization}\r\n{head}{piece}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        // The upload has begun once its temporary file is open.
        eventually("the upload begins", || open_below(&gateway, &home));
        drop(stream);
        eventually("the temporary file is gone", || !open_below(&gateway, &home));
        assert_eq!(temporary_files(&home), 0);
        assert_eq!(fs::read_to_string(home.join("a.txt")).unwrap(), "old");
        assert!(!home.join("new.txt").exists());
    }
}

/// Whether the gateway has a file open below a folder, with a name or without.
fn open_below(gateway: &Gateway, folder: &std::path::Path) -> bool {
    let folder = folder.canonicalize().unwrap();
    fs::read_dir(format!("/proc/{}/fd", gateway.pid()))
        .unwrap()
        .flatten()
        .filter_map(|entry| fs::read_link(entry.path()).ok())
        .any(|target| target.starts_with(&folder) && target != folder)
}

/// Files that an upload under way keeps beside the others, and that no listing shows.
fn temporary_files(folder: &std::path::Path) -> usize {
    fs::read_dir(folder)
        .unwrap()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(".~passerelle"))
        .count()
}

#[test]
fn kill_9_during_uploads_leaves_the_old_or_the_new_file() {
    let mut gateway = Gateway::start("dav-kill");
    let home = gateway.home("garonne", "u00001");
    fs::create_dir_all(&home).unwrap();
    let (old, new) = ("o".repeat(3_000_000), "n".repeat(4_000_000));
    let file = gateway.dir.join("new");
    fs::write(&file, &new).unwrap();
    let browser = crate::web::Browser::sign_in(&gateway, "garonne.localhost", "u00001", "pw-u00001").cookie;
    for round in 0..8_u64 {
        for index in 0..4 {
            fs::write(home.join(format!("{index}.bin")), &old).unwrap();
        }
        let uploads: Vec<_> = (0..4)
            .map(|index| {
                let url = format!("http://127.0.0.1:{}/dav/files/u00001/{index}.bin", gateway.http);
                Command::new("curl")
                    .args(["-s", "--limit-rate", "20M", "-u", OWNER, "-T"])
                    .arg(&file)
                    .arg(url)
                    .stdout(Stdio::null())
                    .spawn()
                    .unwrap()
            })
            .collect();
        std::thread::sleep(std::time::Duration::from_millis(30 * round));
        gateway.kill();
        for mut upload in uploads {
            upload.wait().unwrap();
        }
        for index in 0..4 {
            let mut content = String::new();
            fs::File::open(home.join(format!("{index}.bin"))).unwrap().read_to_string(&mut content).unwrap();
            assert!(
                content == old || content == new,
                "round {round}: neither the old nor the new file: {} octets",
                content.len()
            );
        }
        gateway.run();
    }
    // The browser's session is still valid.
    assert_eq!(curl(&gateway, "garonne.localhost", None, "GET", "/", &["-b", &browser]).status, 200);
}

#[test]
fn a_full_disk_is_507_and_the_old_content_stays() {
    let gateway = Gateway::start("dav-full");
    let home = gateway.home("garonne", "u00001");
    fs::create_dir_all(&home).unwrap();
    let mounted = try_run("mount", &["-t", "tmpfs", "-o", "size=2m", "tmpfs", home.to_str().unwrap()]);
    assert!(
        mounted.status.success(),
        "a small file system can be mounted: {}",
        String::from_utf8_lossy(&mounted.stderr)
    );
    let done = std::panic::catch_unwind(|| {
        fs::write(home.join("a.txt"), "old").unwrap();
        let file = gateway.dir.join("large");
        fs::write(&file, "x".repeat(8_000_000)).unwrap();
        let url = format!("http://127.0.0.1:{}/dav/files/u00001/a.txt", gateway.http);
        for chunked in [&[][..], &["-H", "Transfer-Encoding: chunked"]] {
            let mut arguments =
                vec!["-s", "-o", "/dev/null", "-w", "%{http_code}", "-u", OWNER, "-T", file.to_str().unwrap(), &url];
            arguments.extend(chunked);
            let output = try_run("curl", &arguments);
            assert_eq!(String::from_utf8_lossy(&output.stdout), "507");
            assert_eq!(fs::read_to_string(home.join("a.txt")).unwrap(), "old");
            assert_eq!(temporary_files(&home), 0);
        }
    });
    run("umount", &["-l", home.to_str().unwrap()]);
    done.unwrap();
}

#[test]
fn what_people_uploaded_never_runs_as_us() {
    let gateway = Gateway::start("dav-active");
    let put = |name: &str| {
        curl(
            &gateway,
            "localhost",
            Some(OWNER),
            "PUT",
            &format!("/dav/files/u00001/{name}"),
            &["-d", "<script>alert(1)</script>"],
        )
        .status
    };
    for name in ["a.svg", "a.html", "a.xhtml", "a.pdf", "a.bin"] {
        assert_eq!(put(name), 201);
        let got = curl(&gateway, "localhost", Some(OWNER), "GET", &format!("/dav/files/u00001/{name}"), &[]);
        assert_eq!(got.header("x-content-type-options"), Some("nosniff"), "{name}");
        assert!(got.header("content-security-policy").unwrap().contains("sandbox"), "{name}");
        assert!(got.header("content-disposition").unwrap().starts_with("attachment"), "{name}");
    }
    assert_eq!(put("a.txt"), 201);
    let text = curl(&gateway, "localhost", Some(OWNER), "GET", "/dav/files/u00001/a.txt", &[]);
    assert!(text.header("content-disposition").is_none_or(|value| value.starts_with("inline")));
}
