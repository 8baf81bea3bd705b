//! Bad input: a clear answer in the protocol's own words, and the next connection unharmed.

use crate::harness::{Gateway, Imap, curl, try_run};
use std::{
    io::{Read, Write},
    net::TcpStream,
};

fn raw(port: u16, octets: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(crate::harness::PATIENCE)).unwrap();
    // A server that has closed already may make the write fail; what it said counts.
    let _ = stream.write_all(octets);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said);
    String::from_utf8_lossy(&said).into_owned()
}

#[test]
fn imap_before_log_in() {
    let gateway = Gateway::start("hostile-imap");
    let garbage: Vec<u8> = (0..=255_u8).cycle().take(20_000).collect();
    for (what, octets, expected) in [
        ("garbage", garbage.as_slice(), "BAD"),
        ("an endless line", &[b'a'; 200_000][..], "BAD [TOOBIG]"),
        ("a literal of 4 GiB", b"l LOGIN {4294967295}\r\n", "l BAD [TOOBIG]"),
        ("one without waiting", b"l LOGIN {4294967295+}\r\nabc", "BYE"),
        ("a literal of more than that", b"l LOGIN {99999999999999999999}\r\n", "BAD"),
        ("TLS to a plain port", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n", "BAD"),
        ("half a line", b"l LOG", "* OK"),
        ("NUL in a login", b"l LOGIN {3+}\r\na\0b {1+}\r\nx\r\n", "l BAD"),
        ("overlong UTF-8", b"l LOGIN {2+}\r\n\xc0\x80 {1+}\r\nx\r\n", "l NO [AUTHENTICATIONFAILED]"),
        ("filter characters", b"l LOGIN \"*)(uid=*\" pw-u00001\r\n", "l NO [AUTHENTICATIONFAILED]"),
        ("the master's separator", b"l LOGIN \"u00001*gateway\" gw-secret\r\n", "l NO [AUTHENTICATIONFAILED]"),
        ("a command of later", b"l SELECT INBOX\r\n", "l BAD"),
    ] {
        let said = raw(gateway.imap, octets);
        assert!(said.contains(expected), "{what}: {said}");
        Imap::log_in(gateway.imap, "u00001@a.test", "pw-u00001");
    }
    // A password of 1 MiB, to each protocol.
    let long = "x".repeat(1024 * 1024);
    let said = raw(gateway.imap, format!("l LOGIN u00001@a.test {{{}+}}\r\n{long}\r\n", long.len()).as_bytes());
    assert!(said.contains("TOOBIG"), "{said}");
    assert_eq!(
        raw(gateway.imaps, b"l NOOP\r\n").chars().filter(|c| *c == '*').count(),
        0,
        "no clear words on a TLS port"
    );
    Imap::log_in(gateway.imap, "u00001@a.test", "pw-u00001");
}

#[test]
fn what_comes_in_clear_before_tls_is_thrown_away() {
    let gateway = Gateway::start("hostile-starttls");
    let (mut imap, _) = Imap::connect(gateway.imap);
    imap.send(b"s STARTTLS\r\nl LOGIN u00001@a.test pw-u00001\r\n");
    assert_eq!(imap.line(), "s OK Begin TLS");
    // The injected command is not answered: what follows is TLS, and clear words end the connection.
    imap.send(b"n NOOP\r\n");
    assert!(!imap.line().starts_with("l "));
}

#[test]
fn paths_that_lead_out_of_a_home() {
    let gateway = Gateway::start("hostile-paths");
    let who = Some("u00002@a.test:pw-u00002");
    let home = gateway.home("garonne", "u00002");
    std::fs::create_dir_all(&home).unwrap();
    std::fs::write(gateway.home("garonne", "u00002").parent().unwrap().join("outside.txt"), "what lies outside")
        .unwrap();
    std::os::unix::fs::symlink("/etc", home.join("link")).unwrap();
    std::os::unix::fs::symlink("../outside.txt", home.join("up.txt")).unwrap();
    for path in [
        "/dav/files/u00002/../outside.txt",
        "/dav/files/u00002/%2e%2e/outside.txt",
        "/dav/files/u00002/%2e%2e%2foutside.txt",
        "/dav/files/u00002/a/..%2f..%2foutside.txt",
        "/dav/files/u00002/link/passwd",
        "/dav/files/u00002/up.txt",
        "/dav/files/u00002/%00",
        "/dav/files/u00002/%ff%fe",
        "/dav/files/../files/u00003/",
        "/dav/files/u00002%2f..%2fu00003/",
    ] {
        for method in ["GET", "PROPFIND", "PUT", "DELETE", "MKCOL"] {
            let answer = curl(&gateway, "localhost", who, method, path, &[]);
            assert!((400..500).contains(&answer.status), "{method} {path}: {}", answer.status);
            assert!(!answer.body.contains("what lies outside") && !answer.body.contains("root:"), "{method} {path}");
        }
    }
    assert_eq!(std::fs::read_to_string(home.parent().unwrap().join("outside.txt")).unwrap(), "what lies outside");
}

#[test]
fn hostile_dav_bodies_and_headers() {
    let gateway = Gateway::start("hostile-dav");
    let who = Some("u00002@a.test:pw-u00002");
    let send = |method: &str, body: &str| {
        let file = gateway.dir.join("body");
        std::fs::write(&file, body).unwrap();
        let data = format!("@{}", file.display());
        curl(&gateway, "localhost", who, method, "/dav/files/u00002/", &["-H", "Depth: 0", "--data-binary", &data])
            .status
    };
    let nested = format!("<propfind xmlns=\"DAV:\">{}{}</propfind>", "<prop>".repeat(10_000), "</prop>".repeat(10_000));
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bb\">]><propfind xmlns=\"DAV:\"><prop>&b;</prop></propfind>";
    for method in ["PROPFIND", "PROPPATCH", "LOCK"] {
        for body in ["<", "<a></b>", &nested, bomb] {
            assert_eq!(send(method, body), 400, "{method} {}", &body[..20.min(body.len())]);
        }
        assert_eq!(send(method, &"x".repeat(10 * 1024 * 1024)), 413, "{method}");
    }
    // A password that is far too long is wrong, and nothing worse.
    {
        let (who, status) = (format!("u00002@a.test:{}", "x".repeat(40_000)), "401");
        let file = gateway.dir.join("curlrc");
        std::fs::write(&file, format!("user = \"{who}\"")).unwrap();
        let url = format!("https://localhost:{}/dav/", gateway.https);
        let ca = crate::harness::campus("CAMPUS_CA");
        let arguments = [
            "-s",
            "-o",
            "/dev/null",
            "-w",
            "%{http_code}",
            "--http1.1",
            "-K",
            file.to_str().unwrap(),
            "--cacert",
            ca,
            &url,
        ];
        assert_eq!(String::from_utf8_lossy(&try_run("curl", &arguments).stdout), status);
    }
    assert_eq!(curl(&gateway, "localhost", who, "PROPFIND", "/dav/files/u00002/", &["-H", "Depth: 0"]).status, 207);
}
