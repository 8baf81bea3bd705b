//! PROPFIND and PROPPATCH.

use crate::Dav;

const ME: &str = "u00001@a.test";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_is_answered() {
    let dav = Dav::start().await;
    dav.write(ME, "a & b/é<.txt", "12345");
    let me = dav.client(ME);
    let all = me.ask("PROPFIND", "/dav/files/u00001/a%20%26%20b", &[("depth", "1")]).await;
    assert_eq!(all.header("content-type"), Some("application/xml; charset=utf-8"));
    assert_eq!(all.body.matches("<D:response>").count(), 2);
    for part in [
        "<D:href>/dav/files/u00001/a%20%26%20b/</D:href>",
        "<D:href>/dav/files/u00001/a%20%26%20b/%C3%A9%3C.txt</D:href>",
        "<D:displayname>é&lt;.txt</D:displayname>",
        "<D:getcontentlength>5</D:getcontentlength>",
        "<D:getcontenttype>text/plain</D:getcontenttype>",
        "<D:resourcetype/>",
        "<D:resourcetype><D:collection/></D:resourcetype>",
    ] {
        assert!(all.body.contains(part), "{part} in {}", all.body);
    }
    let path = "/dav/files/u00001/a%20%26%20b/%C3%A9%3C.txt";
    let tag = me.ask("HEAD", path, &[]).await.header("etag").unwrap().to_owned();
    assert!(all.body.contains(&format!("<D:getetag>{tag}</D:getetag>")), "the tag has its quotes");
    let body =
        "<propfind xmlns='DAV:'><prop><getetag/><nothing/><x xmlns='urn:x'/><quota-used-bytes/></prop></propfind>";
    let some = me.send("PROPFIND", path, &[("depth", "0")], body).await;
    let missing = "<D:propstat><D:prop><D:quota-used-bytes/><D:nothing/><X:x xmlns:X=\"urn:x\"/></D:prop>\
                   <D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>";
    assert!(some.body.contains(missing) && some.body.contains(&tag), "{}", some.body);
    let body = "<propfind xmlns='DAV:'><prop><quota-used-bytes/><quota-available-bytes/><owner/><current-user-principal/></prop></propfind>";
    let folder = me.send("PROPFIND", "/dav/files/u00001/", &[("depth", "0")], body).await;
    assert!(!folder.body.contains(" 404 "), "{}", folder.body);
    assert_eq!(folder.body.matches("/dav/principals/u00001/").count(), 2);
    let names = me.send("PROPFIND", path, &[("depth", "0")], "<propfind xmlns='DAV:'><propname/></propfind>").await;
    assert!(names.body.contains("<D:getetag/>") && !names.body.contains(&tag));
    for (body, depth, status) in [
        ("<x/>", "0", 400),
        ("<propfind xmlns='DAV:'/>", "0", 400),
        ("<propfind xmlns='DAV:'><prop/><allprop/></propfind>", "0", 400),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><propfind xmlns='DAV:'><allprop/></propfind>", "0", 400),
        ("", "2", 400),
        ("", "infinity", 403),
    ] {
        assert_eq!(me.send("PROPFIND", path, &[("depth", depth)], body).await.status, status, "{body}");
    }
    assert!(me.ask("PROPFIND", path, &[]).await.body.contains("<D:propfind-finite-depth/>"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dead_ones_are_kept_as_they_came() {
    let dav = Dav::start().await;
    dav.write(ME, "d/f", "");
    let (me, path) = (dav.client(ME), "/dav/files/u00001/d/f");
    let set = "<D:propertyupdate xmlns:D='DAV:' xmlns:z='urn:z' xml:lang='fr'><D:set><D:prop>\
               <z:author q='1'>Zoé &amp; <z:b>x</z:b></z:author></D:prop></D:set></D:propertyupdate>";
    let reply = me.send("PROPPATCH", path, &[], set).await;
    assert_eq!(reply.status, 207);
    assert!(reply.body.contains("<X:author xmlns:X=\"urn:z\"/></D:prop><D:status>HTTP/1.1 200 OK"), "{}", reply.body);
    let ask = "<propfind xmlns='DAV:'><prop><author xmlns='urn:z'/></prop></propfind>";
    let kept = "<z:author q='1' xmlns:z=\"urn:z\" xmlns:D=\"DAV:\" xml:lang=\"fr\">Zoé &amp; <z:b>x</z:b></z:author>";
    let found = me.send("PROPFIND", path, &[("depth", "0")], ask).await;
    assert!(found.body.contains(kept), "{}", found.body);
    // Also in the listing of the folder, in a copy, and after a move.
    assert_eq!(me.ask("COPY", path, &[("destination", "/dav/files/u00001/d/copy")]).await.status, 201);
    assert_eq!(me.ask("MOVE", path, &[("destination", "/dav/files/u00001/d/moved")]).await.status, 201);
    let listed = me.ask("PROPFIND", "/dav/files/u00001/d/", &[("depth", "1")]).await;
    assert_eq!(listed.body.matches(kept).count(), 2, "{}", listed.body);
    // All or none: one is not to be set, so none is.
    let both = "<D:propertyupdate xmlns:D='DAV:'><D:remove><D:prop><author xmlns='urn:z'/></D:prop></D:remove>\
                <D:set><D:prop><D:getetag>x</D:getetag></D:prop></D:set></D:propertyupdate>";
    let moved = "/dav/files/u00001/d/moved";
    let reply = me.send("PROPPATCH", moved, &[], both).await;
    assert!(reply.body.contains("424 Failed Dependency") && reply.body.contains("403 Forbidden"), "{}", reply.body);
    assert!(reply.body.contains("<D:cannot-modify-protected-property/>"));
    assert!(me.send("PROPFIND", moved, &[("depth", "0")], ask).await.body.contains(kept));
    let large = set.replace("Zoé", &"z".repeat(70_000));
    let reply = me.send("PROPPATCH", moved, &[], &large).await;
    assert!(reply.body.contains("507 Insufficient Storage"));
    let removed = both.replace("<D:set><D:prop><D:getetag>x</D:getetag></D:prop></D:set>", "");
    assert_eq!(me.send("PROPPATCH", moved, &[], &removed).await.status, 207);
    assert!(me.send("PROPFIND", moved, &[("depth", "0")], ask).await.body.contains("404 Not Found"));
    // What is written anew under the name of a removed file has none of its properties.
    assert_eq!(me.ask("DELETE", "/dav/files/u00001/d/copy", &[]).await.status, 204);
    assert_eq!(me.send("PUT", "/dav/files/u00001/d/copy", &[], "x").await.status, 201);
    assert!(
        me.send("PROPFIND", "/dav/files/u00001/d/copy", &[("depth", "0")], ask).await.body.contains("404 Not Found")
    );
    for bad in [
        "",
        "<x/>",
        "<D:propertyupdate xmlns:D='DAV:'/>",
        "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><p:x/></D:prop></D:set></D:propertyupdate>",
    ] {
        assert_eq!(me.send("PROPPATCH", moved, &[], bad).await.status, 400, "{bad}");
    }
}
