//! Files that are sent in parts.

use crate::{Dav, client::reply, names, server};
use passerelle_core::{Errand, Manage, SettingValue};
use passerelle_model::{InstitutionId, InstitutionRef, Rights};
use passerelle_testkit::house::to_account;
use std::{fs::File, process::Command, time::Duration};
use tokio::io::AsyncWriteExt;

const ME: &str = "u00001@a.test";
const OTHER: &str = "u00006@a.test";
const UPLOAD: &str = "/dav/uploads/u00001/web-file-upload-1";
const GOAL: &str = "/dav/files/u00001/big.bin";
const TO: (&str, &str) = ("destination", GOAL);

/// Where they wait, right below the root of a tree.
const TRANSFERS: &str = ".~passerelle-transfers";

/// What is kept of transfers in somebody's tree.
fn kept(dav: &Dav, who: &str) -> Vec<String> {
    let home = dav.on_disk(who, "x");
    let home = home.parent().unwrap();
    let mut kept: Vec<String> =
        names(home).into_iter().filter(|name| name.starts_with(".~passerelle") && name != TRANSFERS).collect();
    let waiting = if home.join(TRANSFERS).exists() { names(&home.join(TRANSFERS)) } else { Vec::new() };
    kept.extend(waiting.iter().map(|name| format!("{TRANSFERS}/{name}")));
    kept
}

/// Other limits of the institution.
async fn limit(dav: &Dav, name: &str, value: &str) {
    let session = dav.server.house.login(ME, Errand::Administration).await.unwrap();
    let garonne = InstitutionRef(InstitutionId::parse("garonne").unwrap());
    let value = value.parse::<SettingValue>().unwrap();
    let changed = [(name.to_owned(), Some(value))].into();
    session.open::<_, Manage>(garonne).await.unwrap().change_settings(&changed, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_become_a_file_in_the_order_of_their_numbers() {
    let dav = Dav::start().await;
    let me = dav.client(ME);
    assert_eq!(me.send("PUT", &format!("{UPLOAD}/1"), &[TO], "x").await.status, 404);
    assert_eq!(me.ask("MKCOL", UPLOAD, &[TO, ("oc-total-length", "11")]).await.status, 201);
    assert_eq!(me.ask("MKCOL", UPLOAD, &[TO]).await.status, 405);
    for (number, content) in [("2", "b"), ("00001", "a"), ("3", "old"), ("3", "c")] {
        assert_eq!(me.send("PUT", &format!("{UPLOAD}/{number}"), &[TO], content).await.status, 201);
    }
    for number in 4..=11 {
        assert_eq!(me.send("PUT", &format!("{UPLOAD}/{number}"), &[TO], &format!("{}", number % 10)).await.status, 201);
    }
    for (method, path) in [("PUT", "0"), ("PUT", "10001"), ("PUT", "a"), ("PUT", "1/1"), ("DELETE", "x")] {
        assert_eq!(me.send(method, &format!("{UPLOAD}/{path}"), &[TO], "x").await.status, 404, "{method} {path}");
    }
    for (method, path) in
        [("GET", "/1"), ("DELETE", "/1"), ("PROPPATCH", ""), ("LOCK", ""), ("COPY", "/.file"), ("PUT", "")]
    {
        assert_eq!(me.send(method, &format!("{UPLOAD}{path}"), &[TO], "").await.status, 405, "{method} {path}");
    }
    // What there is, for a client that goes on.
    let ask = "<D:propfind xmlns:D='DAV:'><D:prop><D:getcontentlength/><D:resourcetype/></D:prop></D:propfind>";
    let shown = me.send("PROPFIND", UPLOAD, &[("depth", "1")], ask).await;
    assert_eq!(shown.status, 207);
    assert_eq!(shown.body.matches("<D:response>").count(), 12, "{shown:?}");
    assert!(shown.body.contains(&format!("<D:href>{UPLOAD}/</D:href>")), "{shown:?}");
    assert!(shown.body.contains(&format!("<D:href>{UPLOAD}/00003</D:href>")), "{shown:?}");
    assert!(shown.body.contains("<D:getcontentlength>1</D:getcontentlength>"), "{shown:?}");
    assert_eq!(me.ask("PROPFIND", UPLOAD, &[]).await.status, 403);
    let moved = me.ask("MOVE", &format!("{UPLOAD}/.file"), &[TO, ("oc-total-length", "11")]).await;
    assert_eq!(moved.status, 201, "{moved:?}");
    assert!(moved.header("etag").is_some());
    assert_eq!(dav.read(ME, "big.bin").as_deref(), Some("abc45678901"));
    assert_eq!(kept(&dav, ME), Vec::<String>::new());
    assert_eq!(me.ask("MOVE", &format!("{UPLOAD}/.file"), &[TO]).await.status, 404);
    // Again, over what is there; and rclone's names, without a destination before the end.
    assert_eq!(me.ask("MKCOL", &format!("{UPLOAD}/"), &[]).await.status, 201);
    for (name, content) in [("000000000000003-000000000000004", "45"), ("000000000000000-000000000000002", "123")] {
        assert_eq!(me.send("PUT", &format!("{UPLOAD}/{name}"), &[], content).await.status, 201);
    }
    assert_eq!(me.ask("MOVE", &format!("{UPLOAD}/.file"), &[TO]).await.status, 204);
    assert_eq!(dav.read(ME, "big.bin").as_deref(), Some("12345"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_whole_is_refused_and_kept() {
    let dav = Dav::start().await;
    let me = dav.client(ME);
    dav.write(ME, "big.bin", "old");
    assert_eq!(me.ask("MKCOL", UPLOAD, &[TO]).await.status, 201);
    assert_eq!(me.ask("MOVE", &format!("{UPLOAD}/.file"), &[TO]).await.status, 400, "no part at all");
    assert_eq!(dav.read(ME, "big.bin").as_deref(), Some("old"));
    for number in ["1", "3"] {
        assert_eq!(me.send("PUT", &format!("{UPLOAD}/{number}"), &[TO], "abc").await.status, 201);
    }
    let whole = format!("{UPLOAD}/.file");
    assert_eq!(me.ask("MOVE", &whole, &[TO]).await.status, 400, "a gap");
    assert_eq!(me.ask("MOVE", &whole, &[]).await.status, 400, "no destination");
    // A client that is cut at half of a part: the part is not there, by either framing.
    for rest in ["content-length: 6\r\n\r\nxy", "transfer-encoding: chunked\r\n\r\n2\r\nxy\r\n"] {
        let mut stream = me.raw("PUT", &format!("{UPLOAD}/2"), &[TO], rest).await;
        stream.shutdown().await.unwrap();
        reply_or_nothing(&mut stream).await;
        assert_eq!(me.ask("MOVE", &whole, &[TO]).await.status, 400);
    }
    assert_eq!(me.send("PUT", &format!("{UPLOAD}/2"), &[TO], "def").await.status, 201);
    for wrong in ["8", "10", "x"] {
        assert_eq!(me.ask("MOVE", &whole, &[TO, ("oc-total-length", wrong)]).await.status, 400, "{wrong}");
    }
    // What a PUT is held to.
    for (name, value, status) in [
        ("overwrite", "F", 412),
        ("if-match", "\"another\"", 412),
        ("if-none-match", "*", 412),
        ("if", "</dav/files/u00001/big.bin> ([\"another\"])", 412),
        ("oc-checksum", "MD5:00000000000000000000000000000000", 400),
        ("x-oc-mtime", "yesterday", 400),
    ] {
        assert_eq!(me.ask("MOVE", &whole, &[TO, (name, value)]).await.status, status, "{name}");
        assert_eq!(dav.read(ME, "big.bin").as_deref(), Some("old"), "{name}");
    }
    for goal in ["/dav/files/u00001/", "/dav/uploads/u00001/x/.file", "/", "/dav/"] {
        assert_eq!(me.ask("MOVE", &whole, &[("destination", goal)]).await.status, 403, "{goal}");
    }
    // A lock of somebody else's making.
    let lock = "<D:lockinfo xmlns:D='DAV:'><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>";
    let locked = me.send("LOCK", GOAL, &[], lock).await;
    let token = locked.header("lock-token").unwrap().to_owned();
    assert_eq!(me.ask("MOVE", &whole, &[TO]).await.status, 423);
    let etag = me.ask("HEAD", GOAL, &[]).await.header("etag").unwrap().to_owned();
    let held = format!("<{GOAL}> ({token} [{etag}])");
    // The MD5 of "abcdefabc".
    let moved = me
        .ask(
            "MOVE",
            &whole,
            &[
                TO,
                ("if", &held),
                ("oc-total-length", "9"),
                ("x-oc-mtime", "1234567890"),
                ("oc-checksum", "MD5:613c1306a77211cec4338c7a29f9301e"),
            ],
        )
        .await;
    assert_eq!((moved.status, moved.header("x-oc-mtime")), (204, Some("accepted")), "{moved:?}");
    assert_eq!(dav.read(ME, "big.bin").as_deref(), Some("abcdefabc"));
    assert_eq!(kept(&dav, ME), Vec::<String>::new());
}

/// A connection that was cut answers, or not.
async fn reply_or_nothing(stream: &mut tokio::net::TcpStream) {
    use tokio::io::AsyncReadExt;
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    assert!(rest.is_empty() || rest.starts_with(b"HTTP/1.1 4"), "{}", String::from_utf8_lossy(&rest));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_way_leads_to_the_parts_but_their_own() {
    let dav = Dav::start().await;
    let me = dav.client(ME);
    assert_eq!(me.ask("MKCOL", UPLOAD, &[TO]).await.status, 201);
    assert_eq!(me.send("PUT", &format!("{UPLOAD}/1"), &[TO], "secret").await.status, 201);
    let [folder] = &kept(&dav, ME)[..] else { panic!("one folder") };
    let listed = me.ask("PROPFIND", "/dav/files/u00001/", &[("depth", "1")]).await;
    assert!(listed.status == 207 && !listed.body.contains("passerelle-"), "{listed:?}");
    for name in [folder.clone(), folder.to_uppercase(), folder.replace(".~", "%2E%7e")] {
        for (method, below) in [
            ("GET", "/00001"),
            ("PROPFIND", "/"),
            ("PROPFIND", "/00001"),
            ("DELETE", ""),
            ("MOVE", "/00001"),
            ("COPY", "/00001"),
        ] {
            let path = format!("/dav/files/u00001/{name}{below}");
            let headers = [
                ("destination", "/dav/files/u00001/out"),
                ("depth", if method == "PROPFIND" { "0" } else { "infinity" }),
            ];
            assert_eq!(me.ask(method, &path, &headers).await.status, 404, "{method} {path}");
        }
        let path = format!("/dav/files/u00001/{name}/00001");
        assert_eq!(me.send("PUT", &path, &[], "x").await.status, 404);
        assert_eq!(me.ask("MKCOL", &format!("/dav/files/u00001/{name}x"), &[]).await.status, 404);
    }
    // Nor for who may do everything in the tree, by the same word or by the owner's address.
    let all = Rights::MANAGE;
    dav.server.house.grant(ME, "", to_account(OTHER), all).await.unwrap();
    let other = dav.client(OTHER);
    for path in [UPLOAD.to_owned(), "/dav/uploads/u00006/web-file-upload-1".to_owned()] {
        for (method, below) in [("PROPFIND", ""), ("PUT", "/1"), ("MOVE", "/.file"), ("DELETE", "")] {
            let reply = other.ask(method, &format!("{path}{below}"), &[TO, ("depth", "1")]).await;
            assert_eq!(reply.status, 404, "{method} {path}{below}");
        }
    }
    let whole = [("destination", "/dav/files/u00006/copy")];
    assert_eq!(
        other.ask("COPY", "/dav/files/u00001@a.test/", &whole).await.status,
        403,
        "no tree is copied by its root"
    );
    // Given up.
    assert_eq!(me.ask("DELETE", UPLOAD, &[]).await.status, 204);
    assert_eq!(kept(&dav, ME), Vec::<String>::new());
    assert_eq!(me.ask("DELETE", UPLOAD, &[]).await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn into_somebody_elses_folder_for_as_long_as_the_right_is_there() {
    let dav = Dav::start().await;
    dav.write(ME, "shared/f", "old");
    dav.write(OTHER, "x", "");
    let other = dav.client(OTHER);
    let (upload, to) = ("/dav/uploads/u00006/t", ("destination", "/dav/files/u00001@a.test/shared/new"));
    let house = &dav.server.house;
    house.grant(ME, "shared", to_account(OTHER), Rights::READ).await.unwrap();
    assert_eq!(other.ask("MKCOL", upload, &[to]).await.status, 403);
    let write = Rights::READ.union(Rights::ADD);
    house.grant(ME, "shared", to_account(OTHER), write).await.unwrap();
    assert_eq!(other.ask("MKCOL", upload, &[to]).await.status, 201);
    assert_eq!((kept(&dav, ME).len(), kept(&dav, OTHER).len()), (1, 0), "the owner's share holds the parts");
    assert_eq!(other.send("PUT", &format!("{upload}/1"), &[to], "abc").await.status, 201);
    assert!(other.ask("PROPFIND", upload, &[to, ("depth", "1")]).await.body.contains("00001"));
    // What is there may not be changed by who may only add.
    let over = ("destination", "/dav/files/u00001@a.test/shared/f");
    assert_eq!(other.ask("MOVE", &format!("{upload}/.file"), &[over]).await.status, 403);
    house.grant(ME, "shared", to_account(OTHER), Rights::READ).await.unwrap();
    assert_eq!(other.send("PUT", &format!("{upload}/2"), &[to], "def").await.status, 403);
    assert_eq!(other.ask("MOVE", &format!("{upload}/.file"), &[to]).await.status, 403);
    assert!(dav.read(ME, "shared/new").is_none());
    house.grant(ME, "shared", to_account(OTHER), write).await.unwrap();
    assert_eq!(other.ask("MOVE", &format!("{upload}/.file"), &[to]).await.status, 201);
    assert_eq!(dav.read(ME, "shared/new").as_deref(), Some("abc"));
    // As rclone does: the destination is told in the end, and the parts wait at home.
    assert_eq!(other.ask("MKCOL", upload, &[]).await.status, 201);
    assert_eq!((kept(&dav, ME).len(), kept(&dav, OTHER).len()), (0, 1));
    assert_eq!(other.send("PUT", &format!("{upload}/1"), &[], "xyz").await.status, 201);
    let to = ("destination", "/dav/files/u00001@a.test/shared/late");
    assert_eq!(other.ask("MOVE", &format!("{upload}/.file"), &[to]).await.status, 201);
    assert_eq!(dav.read(ME, "shared/late").as_deref(), Some("xyz"));
    assert_eq!((kept(&dav, ME).len(), kept(&dav, OTHER).len()), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_moves_on_two_nodes_one_wins() {
    let dav = Dav::start().await;
    let store = || server::local(dav.folder.path(), false);
    let beside = server::serve_beside(&dav.server, store(), store()).await;
    let (one, two) = (dav.client(ME), crate::Client::new(beside.address, Some(ME)));
    let part = "x".repeat(2_000_000);
    for round in 0..5 {
        let to = format!("/dav/files/u00001/{round}");
        let to = ("destination", to.as_str());
        assert_eq!(one.ask("MKCOL", UPLOAD, &[]).await.status, 201);
        for number in 1..=4 {
            let node = if number % 2 == 0 { &one } else { &two };
            assert_eq!(node.send("PUT", &format!("{UPLOAD}/{number}"), &[], &part).await.status, 201);
        }
        let whole = format!("{UPLOAD}/.file");
        let headers = [to];
        let (first, second) = tokio::join!(one.ask("MOVE", &whole, &headers), two.ask("MOVE", &whole, &headers));
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert!(statuses == [201, 404] || statuses == [201, 423], "{statuses:?}");
        assert_eq!(dav.read(ME, &round.to_string()).unwrap().len(), 8_000_000);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_that_nobody_came_back_for_go_after_a_day() {
    let dav = Dav::start().await;
    let me = dav.client(ME);
    for name in ["old", "young"] {
        assert_eq!(me.ask("MKCOL", &format!("/dav/uploads/u00001/{name}"), &[]).await.status, 201);
        assert_eq!(me.send("PUT", &format!("/dav/uploads/u00001/{name}/1"), &[], "x").await.status, 201);
    }
    let home = dav.on_disk(ME, "x").parent().unwrap().to_owned();
    let hours = |hours: u32| format!("{hours} hours ago");
    let folders = kept(&dav, ME);
    assert_eq!(folders.len(), 2);
    for (folder, age) in folders.iter().zip([hours(25), hours(23)]) {
        assert!(Command::new("touch").args(["-d", &age]).arg(home.join(folder)).status().unwrap().success());
    }
    assert_eq!(me.ask("PROPFIND", "/dav/files/u00001/", &[("depth", "1")]).await.status, 207);
    tokio::time::timeout(Duration::from_secs(30), async {
        while kept(&dav, ME) != [folders[1].clone()] {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the old one goes, the young one stays");
    // Another part makes it young again.
    let cut =
        reply(&mut me.raw("PUT", "/dav/uploads/u00001/none/1", &[], "content-length: 1\r\n\r\nx").await, false).await;
    assert_eq!(cut.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_many_uploads_of_a_writer_and_of_a_tree() {
    let dav = Dav::start().await;
    for name in ["limits.uploads_per_writer", "limits.uploads_per_tree"] {
        limit(&dav, name, if name.ends_with("tree") { "3" } else { "2" }).await;
    }
    let house = &dav.server.house;
    dav.write(ME, "shared/f", "");
    let third = "u00007@a.test";
    for who in [OTHER, third] {
        dav.write(who, "x", "");
        house.grant(ME, "shared", to_account(who), Rights::READ.union(Rights::ADD)).await.unwrap();
    }
    let to = ("destination", "/dav/files/u00001@a.test/shared/new");
    let begin = async |who: &str, number: u32| {
        let login = who.split('@').next().unwrap();
        dav.client(who).ask("MKCOL", &format!("/dav/uploads/{login}/t{number}"), &[to]).await
    };
    // Many at once are counted one after the other.
    let (first, second, more) = tokio::join!(begin(OTHER, 1), begin(OTHER, 2), begin(OTHER, 3));
    let mut statuses = [first.status, second.status, more.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 429]);
    let refused = begin(OTHER, 4).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("60")), "{refused:?}");
    assert_eq!(kept(&dav, ME).len(), 2, "what is refused leaves nothing");
    assert_eq!(begin(third, 1).await.status, 201);
    assert_eq!(begin(third, 2).await.status, 429, "the tree has as many as it takes");
    // The owner is held up by nobody.
    for number in 1..=2 {
        assert_eq!(begin(ME, number).await.status, 201);
    }
    assert_eq!(begin(ME, 3).await.status, 429);
    assert_eq!(kept(&dav, ME).len(), 5);
    // What is done or given up makes room, and what was begun before goes on.
    for number in 1..=4 {
        let _ = dav.client(OTHER).ask("DELETE", &format!("/dav/uploads/u00006/t{number}"), &[to]).await;
    }
    assert_eq!(dav.client(ME).ask("DELETE", "/dav/uploads/u00001/t2", &[to]).await.status, 204);
    assert_eq!(begin(OTHER, 5).await.status, 201);
    assert_eq!(begin(OTHER, 5).await.status, 405, "it is there");
    assert_eq!(kept(&dav, ME).len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_many_octets_of_a_writer_wait_in_a_tree() {
    let dav = Dav::start().await;
    limit(&dav, "limits.uploads_gib", "1").await;
    dav.write(ME, "shared/f", "");
    dav.write(OTHER, "x", "");
    dav.server.house.grant(ME, "shared", to_account(OTHER), Rights::READ.union(Rights::ADD)).await.unwrap();
    let (other, to) = (dav.client(OTHER), ("destination", "/dav/files/u00001@a.test/shared/new"));
    let home = dav.on_disk(ME, "x").parent().unwrap().to_owned();
    let begin = async |name: &str| {
        assert_eq!(other.ask("MKCOL", &format!("/dav/uploads/u00006/{name}"), &[to]).await.status, 201);
        kept(&dav, ME)
    };
    // A file of the disk that has no blocks, as large as all that may wait but for three octets.
    let folder = home.join(&begin("a").await[0]);
    File::create(folder.join("00001")).unwrap().set_len((1 << 30) - 3).unwrap();
    begin("b").await;
    let part = "/dav/uploads/u00006/b/1";
    let chunked = |body: &str| format!("transfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    assert_eq!(other.send("PUT", part, &[to], "abcd").await.status, 507);
    assert_eq!(reply(&mut other.raw("PUT", part, &[to], &chunked("abcd")).await, false).await.status, 507);
    let left = |home: &std::path::Path| {
        let folders = names(&home.join(TRANSFERS));
        folders.iter().map(|folder| names(&home.join(TRANSFERS).join(folder)).len()).sum::<usize>()
    };
    assert_eq!(left(&home), 1, "what is refused leaves nothing");
    // Refused before it is read: no octet of the body is sent.
    let told = reply(&mut other.raw("PUT", part, &[to], "content-length: 5\r\n\r\n").await, false).await;
    assert_eq!(told.status, 507);
    assert_eq!(reply(&mut other.raw("PUT", part, &[to], &chunked("abc")).await, false).await.status, 201);
    assert_eq!(other.send("PUT", "/dav/uploads/u00006/b/2", &[to], "d").await.status, 507, "what was written counts");
    assert_eq!(other.send("PUT", part, &[to], "").await.status, 201, "less in its place");
    assert_eq!(other.send("PUT", "/dav/uploads/u00006/b/2", &[to], "ab").await.status, 201);
    // Whoever else writes there is not held up, and what is given up makes room.
    let (me, own) = (dav.client(ME), "/dav/uploads/u00001/mine");
    assert_eq!(me.ask("MKCOL", own, &[to]).await.status, 201);
    assert_eq!(me.send("PUT", &format!("{own}/1"), &[to], "abcdef").await.status, 201);
    assert_eq!(other.ask("DELETE", "/dav/uploads/u00006/a", &[to]).await.status, 204);
    assert_eq!(other.send("PUT", part, &[to], "abcd").await.status, 201);
    assert_eq!(other.ask("MOVE", "/dav/uploads/u00006/b/.file", &[to]).await.status, 201);
    assert_eq!(dav.read(ME, "shared/new").as_deref(), Some("abcdab"));
}
