//! What clients are known to send, word for word where it matters, from captures and documents of theirs that are public. Each test says
//! of which client, and as documented where. None of these programs runs here.

use crate::{Dav, client::reply};

const ME: &str = "u00001@a.test";
const HOME: &str = "/dav/files/u00001";

/// Windows 10's Mini-Redirector (`Microsoft-WebDAV-MiniRedir/10.0`), as [MS-WDV] and captures have it: it looks for DAV by
/// OPTIONS, lists, locks a new name, writes an empty file and then the whole, sets its own dates and unlocks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn windows_copies_a_file_to_the_share() {
    let dav = Dav::start().await;
    dav.write(ME, "x", "");
    let me = dav.client(ME);
    let agent = ("user-agent", "Microsoft-WebDAV-MiniRedir/10.0.19045");
    let translate = ("translate", "f");
    let options = me.ask("OPTIONS", &format!("{HOME}/"), &[agent, translate]).await;
    assert_eq!((options.status, options.header("ms-author-via")), (200, Some("DAV")));
    let dav_header = options.header("dav").unwrap();
    assert!(dav_header.split(", ").take(2).eq(["1", "2"]), "{dav_header}");
    assert!(["PROPFIND", "LOCK", "PUT"].iter().all(|method| options.header("allow").unwrap().contains(method)));
    // It asks without a body, which means all.
    let listed = me.ask("PROPFIND", &format!("{HOME}/"), &[agent, ("depth", "1"), translate]).await;
    assert!(
        listed.status == 207
            && listed.body.contains("<D:creationdate>")
            && listed.body.contains("<D:getcontentlength>")
    );
    let file = format!("{HOME}/New%20Text%20Document.txt");
    assert_eq!(me.ask("PROPFIND", &file, &[agent, ("depth", "0"), translate]).await.status, 404);
    assert_eq!(me.send("PUT", &file, &[agent, translate], "").await.status, 201);
    let lock = "<?xml version=\"1.0\" encoding=\"utf-8\" ?><D:lockinfo xmlns:D=\"DAV:\"><D:lockscope><D:exclusive/></D:lockscope>\
        <D:locktype><D:write/></D:locktype><D:owner><D:href>GARONNE\\u00001</D:href></D:owner></D:lockinfo>";
    let kind = ("content-type", "text/xml; charset=\"utf-8\"");
    let locked = me
        .send("LOCK", &file, &[agent, kind, ("timeout", "Second-3600"), ("depth", "infinity"), translate], lock)
        .await;
    assert_eq!(locked.status, 200, "{locked:?}");
    assert!(locked.body.contains("GARONNE\\u00001") && locked.body.contains("<D:timeout>Second-3600"), "{locked:?}");
    let token = locked.header("lock-token").unwrap().to_owned();
    let held = format!("({token})");
    let dates = "<?xml version=\"1.0\" encoding=\"utf-8\" ?><D:propertyupdate xmlns:D=\"DAV:\" xmlns:Z=\"urn:schemas-microsoft-com:\">\
        <D:set><D:prop><Z:Win32CreationTime>Fri, 27 Nov 2026 09:00:00 GMT</Z:Win32CreationTime><Z:Win32LastAccessTime>Fri, 27 Nov 2026 09:00:00 GMT\
        </Z:Win32LastAccessTime><Z:Win32LastModifiedTime>Fri, 27 Nov 2026 09:00:00 GMT</Z:Win32LastModifiedTime><Z:Win32FileAttributes>00000020\
        </Z:Win32FileAttributes></D:prop></D:set></D:propertyupdate>";
    let set = me.send("PROPPATCH", &file, &[agent, ("if", &held), kind, translate], dates).await;
    assert!(set.status == 207 && set.body.contains("200 OK") && !set.body.contains("HTTP/1.1 4"), "{set:?}");
    assert!(me.ask("HEAD", &file, &[agent, translate]).await.status == 200);
    assert_eq!(me.send("PUT", &file, &[agent, ("if", &held), translate], "content").await.status, 204);
    assert_eq!(me.send("PUT", &file, &[agent, translate], "without the lock").await.status, 423);
    assert_eq!(me.ask("UNLOCK", &file, &[agent, ("lock-token", &token), translate]).await.status, 204);
    let again = me.ask("PROPFIND", &file, &[agent, ("depth", "0")]).await;
    assert!(again.body.contains("Win32FileAttributes") && again.body.contains("00000020"), "{again:?}");
    assert_eq!(dav.read(ME, "New Text Document.txt").as_deref(), Some("content"));
    // It renames with a Destination of the whole address, with the port.
    let goal = format!("http://{}{HOME}/Renamed.txt", dav.server.address);
    let headers = [agent, ("destination", goal.as_str()), ("overwrite", "F"), translate];
    assert_eq!(me.ask("MOVE", &file, &headers).await.status, 201);
    // Windows shows no name that ends with a dot, and others may have made one.
    dav.write(ME, "trailing.", "dot");
    let dot = me.ask("GET", &format!("{HOME}/trailing."), &[agent]).await;
    assert_eq!((dot.status, dot.body.as_str()), (200, "dot"));
}

/// macOS Finder (`WebDAVFS/3.0.0`), as captures of 10.15 to 14 have it: it asks for the room, looks for its own files, locks
/// a new name before it writes, and sends files in chunks whose length it says in a header of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_finder_copies_a_file_to_the_share() {
    let dav = Dav::start().await;
    dav.write(ME, "x", "");
    let me = dav.client(ME);
    let agent = ("user-agent", "WebDAVFS/3.0.0 (03008000) Darwin/23.5.0 (x86_64)");
    let kind = ("content-type", "text/xml");
    assert!(me.ask("OPTIONS", &format!("{HOME}/"), &[agent]).await.header("dav").unwrap().contains('2'));
    let room = "<?xml version=\"1.0\" encoding=\"utf-8\"?><D:propfind xmlns:D=\"DAV:\"><D:prop><D:quota-available-bytes/><D:quota-used-bytes/>\
        <D:quota/><D:quotaused/></D:prop></D:propfind>";
    let told = me.send("PROPFIND", &format!("{HOME}/"), &[agent, kind, ("depth", "0")], room).await;
    assert!(told.status == 207 && told.body.contains("<D:quota-available-bytes>"), "{told:?}");
    let asked = "<?xml version=\"1.0\" encoding=\"utf-8\"?><D:propfind xmlns:D=\"DAV:\"><D:prop><D:getlastmodified/><D:getcontentlength/>\
        <D:creationdate/><D:resourcetype/></D:prop></D:propfind>";
    for name in ["/._.", "/.DS_Store", "/._report.pdf", "/Contents"] {
        let none = me.send("PROPFIND", &format!("{HOME}{name}"), &[agent, kind, ("depth", "0")], asked).await;
        assert_eq!(none.status, 404, "{name}");
    }
    let lock = "<?xml version=\"1.0\" encoding=\"utf-8\"?><D:lockinfo xmlns:D=\"DAV:\"><D:lockscope><D:exclusive/></D:lockscope><D:locktype>\
        <D:write/></D:locktype><D:owner><D:href>http://www.apple.com/webdav_fs/</D:href></D:owner></D:lockinfo>";
    for (name, content) in [("/report.pdf", "chunks of a file"), ("/._report.pdf", "its fork")] {
        let file = format!("{HOME}{name}");
        assert_eq!(me.send("PUT", &file, &[agent], "").await.status, 201, "{name}");
        let locked = me.send("LOCK", &file, &[agent, kind, ("depth", "0"), ("timeout", "Second-600")], lock).await;
        assert_eq!(locked.status, 200, "{locked:?}");
        let token = locked.header("lock-token").unwrap().to_owned();
        let length = content.len().to_string();
        let held = format!("({token})");
        let headers =
            [agent, ("if", held.as_str()), ("x-expected-entity-length", &length), ("transfer-encoding", "chunked")];
        let (one, other) = content.split_at(5);
        let body = format!("\r\n{:x}\r\n{one}\r\n{:x}\r\n{other}\r\n0\r\n\r\n", one.len(), other.len());
        let mut stream = me.raw("PUT", &file, &headers, &body).await;
        assert_eq!(reply(&mut stream, false).await.status, 204);
        // It refreshes with an empty body and the token in If.
        let fresh = me.ask("LOCK", &file, &[agent, ("if", &held), ("timeout", "Second-600")]).await;
        assert_eq!(fresh.status, 200, "{fresh:?}");
        assert_eq!(me.ask("UNLOCK", &file, &[agent, ("lock-token", &token)]).await.status, 204);
        assert_eq!(dav.read(ME, name.trim_start_matches('/')).as_deref(), Some(content));
    }
}

/// Microsoft Office on a mounted folder and LibreOffice 7 on an address, as their own documents of locking have it: exclusive, with a
/// refresh, and saving by a new file that is moved over the old one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_office_saves_under_its_lock() {
    let dav = Dav::start().await;
    dav.write(ME, "letter.docx", "draft");
    let (me, file) = (dav.client(ME), format!("{HOME}/letter.docx"));
    let lock = "<?xml version=\"1.0\" encoding=\"utf-8\"?><lockinfo xmlns='DAV:'><lockscope><exclusive/></lockscope><locktype><write/></locktype>\
        <owner>LibreOffice - Zoë</owner></lockinfo>";
    let locked = me.send("LOCK", &file, &[("depth", "0"), ("timeout", "Infinite, Second-4100000000")], lock).await;
    assert!(locked.status == 200 && locked.body.contains("LibreOffice - Zoë"), "{locked:?}");
    let token = locked.header("lock-token").unwrap().to_owned();
    // A second program is told whose lock it is.
    let second = dav.client(ME).send("LOCK", &file, &[("depth", "0")], lock).await;
    assert!(second.status == 423 && second.body.contains("<D:no-conflicting-lock>"), "{second:?}");
    let asked = "<propfind xmlns='DAV:'><prop><lockdiscovery/><supportedlock/></prop></propfind>";
    let seen = me.send("PROPFIND", &file, &[("depth", "0")], asked).await;
    assert!(seen.body.contains("LibreOffice - Zoë"), "{seen:?}");
    let tagged = format!("<http://{}{file}> ({token})", dav.server.address);
    assert_eq!(me.ask("LOCK", &file, &[("if", &tagged), ("timeout", "Second-180")]).await.status, 200);
    assert_eq!(me.send("PUT", &file, &[("if", &tagged)], "final").await.status, 204);
    // By a file beside it, which takes the locked one's place.
    assert_eq!(me.send("PUT", &format!("{HOME}/~wrd0001.tmp"), &[], "saved again").await.status, 201);
    let over = [("destination", file.as_str()), ("overwrite", "T")];
    assert_eq!(me.ask("MOVE", &format!("{HOME}/~wrd0001.tmp"), &over).await.status, 423);
    let over = [over[0], over[1], ("if", tagged.as_str())];
    assert_eq!(me.ask("MOVE", &format!("{HOME}/~wrd0001.tmp"), &over).await.status, 204);
    assert_eq!(dav.read(ME, "letter.docx").as_deref(), Some("saved again"));
}

/// gvfs 1.50 (`gvfs/1.50`) and KIO 5.103, as their sources ask: named properties without a prefix, names with every character
/// that a URL escapes, and a folder with and without a `/` at its end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_desktops_of_linux_browse() {
    let dav = Dav::start().await;
    for path in ["d/naïve (1) [a]#b%20c&d;e.txt", "d/sub/x"] {
        dav.write(ME, path, "content");
    }
    let me = dav.client(ME);
    let gvfs = "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n <D:propfind xmlns:D=\"DAV:\">\n  <D:prop>\n<D:creationdate/>\n<D:displayname/>\n\
        <D:getcontentlength/>\n<D:getcontenttype/>\n<D:getetag/>\n<D:getlastmodified/>\n<D:resourcetype/>\n  </D:prop>\n </D:propfind>";
    let kio = "<?xml version=\"1.0\" encoding=\"utf-8\" ?><D:propfind xmlns:D=\"DAV:\" xmlns:cs=\"http://calendarserver.org/ns/\"><D:prop><D:creationdate/>\
        <D:getcontentlength/><D:displayname/><D:source/><D:getcontentlanguage/><D:getcontenttype/><D:getlastmodified/><D:getetag/><D:supportedlock/>\
        <D:lockdiscovery/><D:resourcetype/></D:prop></D:propfind>";
    let kind = ("content-type", "application/xml");
    for (agent, asked) in [("gvfs/1.50.3", gvfs), ("Mozilla/5.0 (X11; Linux x86_64) KIO/5.103", kio)] {
        for folder in ["d", "d/"] {
            let path = format!("{HOME}/{folder}");
            let listed = me.send("PROPFIND", &path, &[("user-agent", agent), kind, ("depth", "1")], asked).await;
            assert_eq!((listed.status, listed.whole), (207, true), "{agent}: {listed:?}");
            assert!(listed.body.contains(&format!("<D:href>{HOME}/d/</D:href>")), "{agent}: {listed:?}");
            let hrefs = listed.body.split("<D:href>").filter_map(|part| part.split_once("</D:href>"));
            let file = hrefs.map(|(href, _)| href).find(|href| href.ends_with(".txt")).expect("the file");
            let got = me.ask("GET", file, &[]).await;
            assert_eq!((got.status, got.body.as_str()), (200, "content"), "{agent}: {file}");
        }
    }
}

/// davfs2 1.6 (`davfs2/1.6.1 neon/0.32.2`), as its source has it: it makes an empty file on the condition that there is none, locks
/// it, writes under the lock after asking for a go-ahead, and compares tags before it reads again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn davfs2_writes_a_file() {
    let dav = Dav::start().await;
    dav.write(ME, "x", "");
    let (me, file) = (dav.client(ME), format!("{HOME}/f"));
    let agent = ("user-agent", "davfs2/1.6.1 neon/0.32.2");
    let made = me.send("PUT", &file, &[agent, ("if-none-match", "*")], "").await;
    assert_eq!(made.status, 201);
    assert_eq!(me.send("PUT", &file, &[agent, ("if-none-match", "*")], "").await.status, 412);
    let lock = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<lockinfo xmlns='DAV:'>\n <lockscope><exclusive/></lockscope>\n<locktype><write/></locktype>\
        <owner>u00001</owner>\n</lockinfo>\n";
    let locked = me.send("LOCK", &file, &[agent, ("depth", "0"), ("timeout", "Second-1800")], lock).await;
    let token = locked.header("lock-token").unwrap().to_owned();
    let held = format!("<{file}> ({token})");
    let mut stream =
        me.raw("PUT", &file, &[agent, ("expect", "100-continue"), ("if", &held)], "content-length: 7\r\n\r\n").await;
    let mut asked = [0; 25];
    tokio::io::AsyncReadExt::read_exact(&mut stream, &mut asked).await.unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    tokio::io::AsyncWriteExt::write_all(&mut stream, b"content").await.unwrap();
    let written = reply(&mut stream, false).await;
    assert_eq!(written.status, 204);
    let tag = written.header("etag").unwrap();
    assert_eq!(me.ask("GET", &file, &[agent, ("if-none-match", tag)]).await.status, 304);
    // Refused before a single octet of the body was asked for.
    let mut refused = me.raw("PUT", &file, &[agent, ("expect", "100-continue")], "content-length: 7\r\n\r\n").await;
    assert_eq!(reply(&mut refused, false).await.status, 423);
    assert_eq!(me.ask("UNLOCK", &file, &[agent, ("lock-token", &token)]).await.status, 204);
}

/// The same, before it goes to the address that was typed: it asks the root of the server whether that is DAV, and gives up where
/// it is not. `PROPFIND /` comes with depth 0 before the log-in and after it (captures of `net use`).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn windows_looks_at_the_root_first() {
    let dav = Dav::start().await;
    dav.write(ME, "x", "");
    let agent = ("user-agent", "Microsoft-WebDAV-MiniRedir/10.0.19045");
    let translate = ("translate", "f");
    let nobody = crate::Client::new(dav.server.address, None);
    let options = nobody.ask("OPTIONS", "/", &[agent, translate]).await;
    assert_eq!((options.status, options.header("ms-author-via")), (200, Some("DAV")));
    assert!(
        options.header("dav").unwrap().starts_with("1, 2") && options.header("allow").unwrap().contains("PROPFIND")
    );
    let asked = nobody.ask("PROPFIND", "/", &[agent, ("depth", "0"), translate]).await;
    assert_eq!(asked.status, 401);
    assert!(asked.header("www-authenticate").unwrap().starts_with("Basic"), "{asked:?}");
    let me = dav.client(ME);
    let root = me.ask("PROPFIND", "/", &[agent, ("depth", "0"), translate]).await;
    assert_eq!(root.status, 207);
    assert!(root.body.contains("<D:href>/</D:href>") && root.body.contains("<D:collection/>"), "{root:?}");
    assert!(!root.body.contains("/dav/<"), "{root:?}");
    let inside = me.ask("PROPFIND", "/", &[agent, ("depth", "1"), translate]).await;
    assert_eq!(inside.body.matches("<D:response>").count(), 2, "{inside:?}");
    assert!(inside.body.contains("<D:href>/dav/</D:href>"), "{inside:?}");
    for path in ["/dav", "/dav/files", "/dav/files/u00001"] {
        assert_eq!(me.ask("PROPFIND", path, &[agent, ("depth", "0"), translate]).await.status, 207, "{path}");
    }
    // By every other method the root is somebody else's, who is not here.
    for method in ["GET", "HEAD", "PUT", "MKCOL", "DELETE", "PROPPATCH", "POST"] {
        assert_eq!(me.ask(method, "/", &[agent]).await.status, 404, "{method}");
    }
    assert_eq!(me.ask("PROPFIND", "/other", &[agent, ("depth", "0")]).await.status, 404);
}
