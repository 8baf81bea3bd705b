//! GET, HEAD, PUT: conditions, ranges, what a browser is told, and uploads that do not come to their end.

use crate::{Dav, client::reply, names};
use passerelle_core::ports::state::Revocation;
use tokio::io::AsyncWriteExt;

const ME: &str = "u00001@a.test";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_under_conditions() {
    let dav = Dav::start().await;
    dav.write(ME, "f.txt", "0123456789");
    let (me, path) = (dav.client(ME), "/dav/files/u00001/f.txt");
    let whole = me.ask("GET", path, &[]).await;
    assert_eq!((whole.status, whole.body.as_str(), whole.whole), (200, "0123456789", true));
    let (tag, date) = (whole.header("etag").unwrap(), whole.header("last-modified").unwrap());
    assert!(tag.starts_with('"') && tag.ends_with('"'));
    let (past, other) = ("Sun, 06 Nov 1994 08:49:37 GMT", "\"other\"");
    for (headers, status, body) in [
        (&[("if-none-match", tag)][..], 304, ""),
        (&[("if-none-match", other)], 200, "0123456789"),
        (&[("if-none-match", "*")], 304, ""),
        (&[("if-modified-since", date)], 304, ""),
        (&[("if-modified-since", past)], 200, "0123456789"),
        (&[("if-match", tag)], 200, "0123456789"),
        (&[("if-match", other)], 412, ""),
        (&[("if-unmodified-since", past)], 412, ""),
        (&[("range", "bytes=2-4")], 206, "234"),
        (&[("range", "bytes=-3")], 206, "789"),
        (&[("range", "bytes=8-")], 206, "89"),
        (&[("range", "bytes=10-")], 416, ""),
        (&[("range", "bytes=0-1,4-5")], 200, "0123456789"),
        (&[("range", "bytes=2-4"), ("if-range", tag)], 206, "234"),
        (&[("range", "bytes=2-4"), ("if-range", other)], 200, "0123456789"),
        (&[("range", "bytes=2-4"), ("if-range", past)], 200, "0123456789"),
        (&[("range", "bytes=2-4"), ("if-none-match", tag)], 304, ""),
        (&[("if", &format!("([{tag}])"))], 200, "0123456789"),
        (&[("if", "([\"other\"])")], 412, ""),
    ] {
        let got = me.ask("GET", path, headers).await;
        assert_eq!((got.status, got.body.as_str()), (status, body), "{headers:?}");
    }
    let part = me.ask("GET", path, &[("range", "bytes=2-4")]).await;
    assert_eq!((part.header("content-range"), part.header("content-length")), (Some("bytes 2-4/10"), Some("3")));
    let none = me.ask("GET", path, &[("range", "bytes=10-")]).await;
    assert_eq!(none.header("content-range"), Some("bytes */10"));
    let head = me.ask("HEAD", path, &[("range", "bytes=2-4")]).await;
    assert_eq!((head.status, head.header("content-length"), head.body.as_str()), (200, Some("10"), ""));
    assert_eq!((head.header("etag"), head.header("accept-ranges")), (Some(tag), Some("bytes")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_uploaded_never_runs_as_us() {
    let dav = Dav::start().await;
    let me = dav.client(ME);
    for (name, media, attached) in [
        ("a.html", "text/html", true),
        ("a.svg", "image/svg+xml", true),
        ("a.unknown", "application/octet-stream", true),
        ("a.png", "image/png", false),
        ("a.txt", "text/plain", false),
    ] {
        dav.write(ME, name, "<script>");
        for method in ["GET", "HEAD"] {
            let reply = me.ask(method, &format!("/dav/files/u00001/{name}"), &[]).await;
            assert_eq!(reply.header("content-type"), Some(media));
            assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
            assert_eq!(reply.header("content-security-policy"), Some("sandbox; default-src 'none'"));
            assert_eq!(reply.header("content-disposition"), attached.then_some("attachment"), "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writing_under_conditions() {
    let dav = Dav::start().await;
    let (me, path) = (dav.client(ME), "/dav/files/u00001/f");
    assert_eq!(me.send("PUT", path, &[("if-match", "*")], "1").await.status, 412);
    let made = me.send("PUT", path, &[("if-none-match", "*")], "1").await;
    assert_eq!(made.status, 201);
    assert_eq!(me.send("PUT", path, &[("if-none-match", "*")], "2").await.status, 412);
    let tag = made.header("etag").unwrap();
    let changed = me.send("PUT", path, &[("if-match", tag)], "2").await;
    assert_eq!(changed.status, 204);
    assert_ne!(changed.header("etag"), Some(tag));
    assert_eq!(me.ask("HEAD", path, &[]).await.header("etag"), changed.header("etag"));
    for condition in [("if-match", tag), ("if", &format!("([{tag}])")), ("if-match", "W/\"x\"")] {
        assert_eq!(me.send("PUT", path, &[condition], "3").await.status, 412, "{condition:?}");
        assert_eq!(me.ask("DELETE", path, &[condition]).await.status, 412, "{condition:?}");
    }
    assert_eq!(dav.read(ME, "f").as_deref(), Some("2"));
    for (method, path, headers, status) in [
        ("PUT", "/dav/files/u00001/no/f", &[][..], 409),
        ("PUT", "/dav/files/u00001/", &[], 405),
        ("PUT", "/dav/files/", &[], 405),
        ("PUT", "/dav/elsewhere/f", &[], 404),
        ("PUT", "/dav/files/u00001/f", &[("content-range", "bytes 0-0/5")], 400),
        ("PUT", "/dav/files/u00001/f", &[("if-match", "\"broken")], 400),
        ("PUT", "/dav/files/u00001/f", &[("if", "(<broken")], 400),
        ("MKCOL", "/dav/files/u00001/f", &[], 415),
        ("PUT", "/dav/files/u00001/%2e%2e/u00002/f", &[], 400),
        ("PUT", "/dav/files/u00001/..%2Fu00002%2Ff", &[], 400),
        ("PUT", "/dav/files/u00001/a%00b", &[], 400),
        ("PUT", "/dav/files/u00001/.~passerelle-x", &[], 400),
    ] {
        assert_eq!(me.send(method, path, headers, "x").await.status, status, "{method} {path} {headers:?}");
    }
    assert_eq!(me.ask("MKCOL", "/dav/files/u00001/no/d", &[]).await.status, 409);
    let tag = changed.header("etag").unwrap();
    assert_eq!(me.ask("DELETE", path, &[("if-match", tag)]).await.status, 204);
}

/// Two clients that saw the same version: one of them learns that it is not the newest any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_writers_one_wins() {
    let dav = Dav::start().await;
    let (me, path) = (dav.client(ME), "/dav/files/u00001/f");
    for _ in 0..20 {
        dav.write(ME, "f", "0");
        let seen = me.ask("HEAD", path, &[]).await;
        let condition = [("if-match", seen.header("etag").unwrap())];
        let (one, other) = tokio::join!(me.send("PUT", path, &condition, "1"), me.send("PUT", path, &condition, "2"));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 412]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_vanishes_leaves_the_old_content() {
    let dav = Dav::start().await;
    dav.write(ME, "f", "old");
    let (me, home) = (dav.client(ME), dav.on_disk(ME, "f").parent().unwrap().to_path_buf());
    let half = "x".repeat(700_000);
    for (name, head) in [
        ("f", "content-length: 1400000\r\n\r\n".to_owned()),
        ("new", "content-length: 1400000\r\n\r\n".to_owned()),
        ("f", format!("transfer-encoding: chunked\r\n\r\n{:x}\r\n", half.len())),
        ("new", format!("transfer-encoding: chunked\r\n\r\n{:x}\r\n", half.len())),
    ] {
        let mut stream = me.raw("PUT", &format!("/dav/files/u00001/{name}"), &[], &head).await;
        stream.write_all(half.as_bytes()).await.unwrap();
        // The end of what it sends, where more was announced: the server must answer with a refusal or hang up.
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        let _ = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut answer).await;
        let refused = answer.is_empty() || answer.starts_with(b"HTTP/1.1 4");
        assert!(refused, "{name}: {}", String::from_utf8_lossy(&answer));
        assert_eq!(dav.read(ME, "f").as_deref(), Some("old"));
        assert_eq!(names(&home), ["f"], "nothing is left of {name}");
    }
    let mut stream =
        me.raw("PUT", "/dav/files/u00001/new", &[], "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n").await;
    assert_eq!(reply(&mut stream, false).await.status, 201);
    assert_eq!(dav.read(ME, "new").as_deref(), Some("abc"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_large_is_refused() {
    let dav = Dav::start().await;
    let me = dav.client(ME);
    dav.write(ME, "f", "old");
    // More than any disk has: refused before the first octet. The client hangs up without sending one.
    let mut stream = me.raw("PUT", "/dav/files/u00001/f", &[], "content-length: 4611686018427387904\r\n\r\n").await;
    stream.shutdown().await.unwrap();
    let refused = reply(&mut stream, false).await;
    assert_eq!((refused.status, dav.read(ME, "f").as_deref()), (507, Some("old")));
    let body = " ".repeat(10 * 1024 * 1024);
    let reply = me.send("PROPFIND", "/dav/files/u00001/", &[("depth", "0")], &body).await;
    assert_eq!(reply.status, 413);
}

/// What is withdrawn ends what is under way: a download breaks off, an upload is not taken.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_withdrawn_ends_what_is_under_way() {
    let dav = Dav::start().await;
    let me = dav.client(ME);
    dav.write(ME, "large", &"x".repeat(64 * 1024 * 1024));
    let mut download = me.raw("GET", "/dav/files/u00001/large", &[], "\r\n").await;
    let mut first = [0; 1000];
    tokio::io::AsyncReadExt::read_exact(&mut download, &mut first).await.unwrap();
    let expects = [("expect", "100-continue")];
    let mut upload = me.raw("PUT", "/dav/files/u00001/new", &expects, "transfer-encoding: chunked\r\n\r\n").await;
    // The server asks for the body when it has let the writer in: what is withdrawn from here on was under way.
    let mut go_on = [0; 25];
    tokio::io::AsyncReadExt::read_exact(&mut upload, &mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    upload.write_all(b"1\r\nx\r\n").await.unwrap();
    let now = passerelle_testkit::house::now();
    let account = passerelle_testkit::house::account(ME);
    let session = dav.server.house.login(ME, passerelle_core::Errand::Files).await.unwrap();
    let withdrawn = Revocation::Account { account, before: now.plus(1), expires: now.plus(1000) };
    dav.server.house.state.revoke(&withdrawn).await.unwrap();
    // State tells the gate in its own time; from there on it has to hold.
    session.tie().withdrawn().await;
    let mut rest = Vec::new();
    let _ = tokio::io::AsyncReadExt::read_to_end(&mut download, &mut rest).await;
    assert!(rest.len() < 60 * 1024 * 1024, "the download went on");
    upload.write_all(b"0\r\n\r\n").await.unwrap();
    assert_eq!(reply(&mut upload, false).await.status, 401);
    assert_eq!(dav.read(ME, "new"), None);
}
