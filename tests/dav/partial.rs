//! Parts of files, checksums, dates, and answers that say less: what comes with a write besides its content.

use crate::{Dav, client::reply, names};
use passerelle_model::Rights;
use passerelle_testkit::house::to_account;
use tokio::io::AsyncWriteExt;

const ME: &str = "u00001@a.test";
const PATH: &str = "/dav/files/u00001/f.txt";
const PARTIAL: (&str, &str) = ("content-type", "application/x-sabredav-partialupdate");

/// The requests of sabre/dav's own description of its PATCH.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_of_a_file() {
    let dav = Dav::start().await;
    let me = dav.client(ME);
    for (range, body, content) in [
        ("bytes=3-6", "ABCD", "012ABCD789"),
        ("append", "1234", "01234567891234"),
        ("bytes=8-", "ABCD", "01234567ABCD"),
        ("bytes=-2", "AB", "01234567AB"),
        ("bytes=0-0", "A", "A123456789"),
        ("bytes=12-13", "AB", "0123456789\0\0AB"),
        ("append", "", "0123456789"),
    ] {
        dav.write(ME, "f.txt", "0123456789");
        let before = me.ask("HEAD", PATH, &[]).await;
        let done = me.send("PATCH", PATH, &[PARTIAL, ("x-update-range", range)], body).await;
        assert_eq!(done.status, 204, "{range}: {done:?}");
        assert_eq!(dav.read(ME, "f.txt").as_deref(), Some(content), "{range}");
        let now = me.ask("HEAD", PATH, &[]).await;
        assert_eq!(now.header("etag"), done.header("etag"), "{range}");
        assert_ne!(now.header("etag"), before.header("etag"), "{range}");
    }
    let options = me.ask("OPTIONS", "/dav/", &[]).await;
    assert!(options.header("dav").unwrap().contains("sabredav-partialupdate"), "{options:?}");
    assert_eq!(options.header("accept-patch"), Some("application/x-sabredav-partialupdate"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_part_changes_nothing() {
    let dav = Dav::start().await;
    dav.write(ME, "f.txt", "0123456789");
    dav.write(ME, "d/x", "");
    let me = dav.client(ME);
    let range = |range| ("x-update-range", range);
    for (headers, path, status) in [
        (&[PARTIAL, range("bytes=3-7")][..], PATH, 416),
        (&[PARTIAL, range("bytes=99999999-")], PATH, 416),
        (&[PARTIAL, range("bytes=-11")], PATH, 416),
        (&[PARTIAL, range("lines=3-6")], PATH, 400),
        (&[PARTIAL], PATH, 400),
        (&[range("bytes=3-6")], PATH, 415),
        (&[("content-type", "application/json"), range("bytes=3-6")], PATH, 415),
        (&[PARTIAL, range("bytes=3-6"), ("if-match", "\"other\"")], PATH, 412),
        (&[PARTIAL, range("bytes=3-6"), ("if", "([\"other\"])")], PATH, 412),
        (&[PARTIAL, range("bytes=3-6")], "/dav/files/u00001/missing", 404),
        (&[PARTIAL, range("bytes=3-6")], "/dav/files/u00001/d/", 405),
        (&[PARTIAL, range("bytes=3-6")], "/dav/files/u00001/", 405),
    ] {
        let refused = me.send("PATCH", path, headers, "ABCD").await;
        assert_eq!(refused.status, status, "{headers:?} {path}: {refused:?}");
    }
    let mut chunked =
        me.raw("PATCH", PATH, &[PARTIAL, range("append")], "transfer-encoding: chunked\r\n\r\n0\r\n\r\n").await;
    assert_eq!(reply(&mut chunked, false).await.status, 411);
    // Half of a part, and the client is gone.
    let mut half = me.raw("PATCH", PATH, &[PARTIAL, range("bytes=3-6")], "content-length: 4\r\n\r\nAB").await;
    half.shutdown().await.unwrap();
    assert_eq!(reply(&mut half, false).await.status, 400);
    assert_eq!(dav.read(ME, "f.txt").as_deref(), Some("0123456789"));
    let lock = "<D:lockinfo xmlns:D='DAV:'><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>";
    let locked = me.send("LOCK", PATH, &[], lock).await;
    let part = [PARTIAL, range("bytes=3-6")];
    assert_eq!(me.send("PATCH", PATH, &part, "ABCD").await.status, 423);
    let held = format!("({})", locked.header("lock-token").unwrap());
    assert_eq!(me.send("PATCH", PATH, &[part[0], part[1], ("if", &held)], "ABCD").await.status, 204);
    assert_eq!(names(dav.on_disk(ME, "f.txt").parent().unwrap()), ["d", "f.txt"]);
}

/// Somebody writes between the two halves of the old file: the part was meant for another file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_of_another_version_is_refused() {
    let dav = Dav::start().await;
    dav.write(ME, "f.txt", "0123456789");
    let me = dav.client(ME);
    let head = [PARTIAL, ("x-update-range", "bytes=3-6"), ("expect", "100-continue")];
    let mut slow = me.raw("PATCH", PATH, &head, "content-length: 4\r\n\r\n").await;
    // The server asks for the body when it has looked at the file and kept what comes before.
    let mut asked = [0; 25];
    tokio::io::AsyncReadExt::read_exact(&mut slow, &mut asked).await.unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    assert_eq!(me.send("PUT", PATH, &[], "something else").await.status, 204);
    slow.write_all(b"ABCD").await.unwrap();
    assert_eq!(reply(&mut slow, false).await.status, 412);
    assert_eq!(dav.read(ME, "f.txt").as_deref(), Some("something else"));
}

const OF_ABC: &str = "SHA1:a9993e364706816aba3e25717850c26c9cd0d89d";
const ASKED: &str = "<propfind xmlns='DAV:'><prop><checksums xmlns='http://owncloud.org/ns'/></prop></propfind>";

/// As rclone 1.60 sends them to an ownCloud, and asks for them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checksum_is_held_against_what_arrives() {
    let dav = Dav::start().await;
    dav.write(ME, "f.txt", "old");
    let me = dav.client(ME);
    for (sum, status) in [
        ("SHA1:a9993e364706816aba3e25717850c26c9cd0d89e", 400),
        ("MD5:00000000000000000000000000000000", 400),
        ("Adler32:12345678", 400),
        ("MD5:short", 400),
    ] {
        assert_eq!(me.send("PUT", PATH, &[("oc-checksum", sum)], "abc").await.status, status, "{sum}");
        assert_eq!(me.send("PUT", "/dav/files/u00001/new", &[("oc-checksum", sum)], "abc").await.status, status);
    }
    assert_eq!((dav.read(ME, "f.txt").as_deref(), dav.read(ME, "new")), (Some("old"), None));
    assert_eq!(names(dav.on_disk(ME, "f.txt").parent().unwrap()), ["f.txt"]);
    assert_eq!(me.send("PUT", PATH, &[("oc-checksum", OF_ABC)], "abc").await.status, 204);
    let told = async || me.send("PROPFIND", PATH, &[("depth", "0")], ASKED).await.body;
    let known = format!("checksum>{OF_ABC}</X:checksum>");
    assert!(told().await.contains(&known), "{}", told().await);
    let listed = me.send("PROPFIND", "/dav/files/u00001/", &[("depth", "1")], ASKED).await;
    assert!(listed.body.contains(&known), "{listed:?}");
    // It is no property that a client has set, nor one that it can set.
    let all = me.ask("PROPFIND", PATH, &[("depth", "0")]).await;
    assert!(!all.body.contains("checksum"), "{all:?}");
    let set = "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><checksums xmlns='http://owncloud.org/ns'>x</checksums></D:prop></D:set></D:propertyupdate>";
    assert!(me.send("PROPPATCH", PATH, &[], set).await.body.contains("403 Forbidden"));
    assert!(told().await.contains(&known));
    // Another content by any way: the sum is not known any more, rather than wrong.
    dav.write(ME, "f.txt", "abd");
    let other = told().await;
    assert!(!other.contains("SHA1") && other.contains("404 Not Found"), "{other}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_date_from_where_it_comes() {
    let dav = Dav::start().await;
    let me = dav.client(ME);
    let put = async |headers: &[(&str, &str)], body: &str| me.send("PUT", PATH, headers, body).await;
    let done = put(&[("x-oc-mtime", "784111777")], "abc").await;
    assert_eq!((done.status, done.header("x-oc-mtime")), (201, Some("accepted")));
    let head = me.ask("HEAD", PATH, &[]).await;
    assert_eq!(head.header("last-modified"), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
    // Of one date, one size, and others all the same.
    let mut tags = vec![done.header("etag").unwrap().to_owned()];
    for body in ["abd", "abe", "abf"] {
        let done = put(&[("x-oc-mtime", "784111777.5")], body).await;
        assert_eq!((done.status, done.header("x-oc-mtime")), (204, Some("accepted")));
        tags.push(done.header("etag").unwrap().to_owned());
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 4);
    for bad in ["yesterday", "-1", "", "99999999999999"] {
        assert_eq!(put(&[("x-oc-mtime", bad)], "x").await.status, 400, "{bad}");
    }
    assert_eq!(dav.read(ME, "f.txt").as_deref(), Some("abf"));
    assert_eq!(put(&[], "x").await.header("x-oc-mtime"), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn less_is_said_to_who_prefers_it() {
    let dav = Dav::start().await;
    dav.write(ME, "d/a", "");
    let me = dav.client(ME);
    let minimal = ("prefer", "return=minimal");
    let asked = "<propfind xmlns='DAV:'><prop><getetag/><x xmlns='urn:x'/><quota-used-bytes/></prop></propfind>";
    for (header, applied) in [(minimal, "return=minimal"), (("brief", "t"), "return=minimal")] {
        let found = me.send("PROPFIND", "/dav/files/u00001/d/", &[("depth", "1"), header], asked).await;
        assert_eq!((found.status, found.header("preference-applied")), (207, Some(applied)));
        assert!(!found.body.contains(" 404 ") && found.body.matches("<D:getetag>").count() == 2, "{found:?}");
    }
    let members = me
        .send("PROPFIND", "/dav/files/u00001/d/", &[("depth", "1"), ("prefer", "return=minimal, depth-noroot")], asked)
        .await;
    assert_eq!(members.header("preference-applied"), Some("return=minimal, depth-noroot"));
    assert!(members.body.matches("<D:href>").count() == 1 && members.body.contains("/d/a</D:href>"), "{members:?}");
    let itself =
        me.send("PROPFIND", "/dav/files/u00001/d/", &[("depth", "0"), ("prefer", "depth-noroot")], asked).await;
    assert!(itself.header("preference-applied").is_none() && itself.body.contains("<D:href>"), "{itself:?}");
    let set =
        "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><x xmlns='urn:x'>1</x></D:prop></D:set></D:propertyupdate>";
    let done = me.send("PROPPATCH", "/dav/files/u00001/d/a", &[minimal], set).await;
    assert_eq!((done.status, done.body.as_str(), done.header("preference-applied")), (200, "", Some("return=minimal")));
    let refused = set.replace("<x xmlns='urn:x'>1</x>", "<D:getetag/>");
    let refused = me.send("PROPPATCH", "/dav/files/u00001/d/a", &[minimal], &refused).await;
    assert!(refused.status == 207 && refused.body.contains("403 Forbidden"), "{refused:?}");
    let made = me.ask("MKCOL", "/dav/files/u00001/n/", &[minimal]).await;
    assert_eq!((made.status, made.header("preference-applied")), (201, Some("return=minimal")));
    assert_eq!(me.ask("PROPFIND", "/dav/files/u00001/d/", &[("depth", "1")]).await.header("preference-applied"), None);
}

/// Who may only put something in has nobody's checksum to keep, and the upload is as good.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checksum_into_a_drop_box() {
    let dav = Dav::start().await;
    dav.write(ME, "box/x", "");
    dav.server.house.grant(ME, "box", to_account("u00002@a.test"), Rights::ADD).await.unwrap();
    let other = dav.client("u00002@a.test");
    let done = other.send("PUT", "/dav/files/u00001/box/new", &[("oc-checksum", OF_ABC)], "abc").await;
    assert_eq!((done.status, dav.read(ME, "box/new").as_deref()), (201, Some("abc")));
    assert_eq!(
        other.send("PATCH", "/dav/files/u00001/box/new", &[PARTIAL, ("x-update-range", "append")], "x").await.status,
        403
    );
}
