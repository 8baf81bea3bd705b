//! Every method as everybody: what each may do is in the table, and what is hidden answers as what is missing.

use crate::{EDITOR, OWNER, READER, Site, WHO, client};
use passerelle_model::Rights;
use passerelle_testkit::house::to_account;
use std::collections::BTreeSet;

/// `{me}` is the asker's own account, `{t}` the owner's.
struct Row {
    method: &'static str,
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    expected: [u16; 6],
}

const LOCK: &str = "<D:lockinfo xmlns:D='DAV:'><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>";
const PATCH: &str =
    "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><x xmlns='urn:x'>1</x></D:prop></D:set></D:propertyupdate>";
const ACL: &str = "<D:acl xmlns:D='DAV:'><D:ace><D:principal><D:href>/dav/principals/u00008/</D:href></D:principal><D:grant>\
    <D:privilege><D:read/></D:privilege></D:grant></D:ace></D:acl>";
const PART: &[(&str, &str)] = &[("content-type", "application/x-sabredav-partialupdate"), ("x-update-range", "append")];
const SYNC: &str =
    "<D:sync-collection xmlns:D='DAV:'><D:sync-token/><D:sync-level>1</D:sync-level><D:prop/></D:sync-collection>";
const NAMED: &str =
    "<D:acl-principal-prop-set xmlns:D='DAV:'><D:prop><D:displayname/></D:prop></D:acl-principal-prop-set>";
const TOKEN: (&str, &str) = ("lock-token", "<urn:uuid:0>");

const TO_NEW: &[(&str, &str)] = &[("destination", "/dav/files/{t}/shared/new")];
const TO_SHARED: &[(&str, &str)] = &[("destination", "/dav/files/{t}/shared/f")];
const TO_PRIVATE: &[(&str, &str)] = &[("destination", "/dav/files/{t}/private/f")];

const fn row(
    method: &'static str,
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    expected: [u16; 6],
) -> Row {
    Row { method, path, headers, body, expected }
}

/// What the table attacks, by name. What is no method is in it as well: nobody may do it.
pub(crate) fn attacked() -> BTreeSet<String> {
    let done = TABLE.iter().filter(|row| row.expected.iter().any(|status| !matches!(status, 401 | 405)));
    done.map(|row| row.method.to_owned()).collect()
}

/// What there is to attack: the server tells its methods itself (RFC 9110 §10.2.1).
pub(crate) async fn operations(site: &Site) -> BTreeSet<String> {
    let told = client(site, Some(OWNER)).ask("OPTIONS", "/dav/", &[]).await;
    told.header("allow").unwrap().split(", ").map(str::to_owned).collect()
}

const TABLE: &[Row] = &[
    row("OPTIONS", "{t}/shared/f", &[], "", [200; 6]),
    row("GET", "{t}/shared/f", &[], "", [401, 404, 404, 200, 200, 200]),
    row("HEAD", "{t}/shared/f", &[], "", [401, 404, 404, 200, 200, 200]),
    row("GET", "{t}/shared/", &[], "", [401, 404, 404, 405, 405, 405]),
    row("PROPFIND", "{t}/shared/f", &[("depth", "0")], "", [401, 404, 404, 207, 207, 207]),
    row("PROPFIND", "{t}/shared/", &[("depth", "1")], "", [401, 404, 404, 207, 207, 207]),
    row("PROPFIND", "{t}/shared/", &[], "", [401, 403, 403, 403, 403, 403]),
    row("PROPFIND", "{t}/", &[("depth", "1")], "", [401, 404, 404, 207, 207, 207]),
    row("PUT", "{t}/shared/f", &[], "x", [401, 404, 404, 403, 204, 204]),
    row("PUT", "{t}/shared/new", &[], "x", [401, 404, 404, 403, 201, 201]),
    row("PUT", "{t}/new", &[], "x", [401, 404, 404, 404, 404, 201]),
    row("DELETE", "{t}/shared/f", &[], "", [401, 404, 404, 403, 204, 204]),
    row("DELETE", "{t}/", &[], "", [401, 404, 404, 403, 403, 403]),
    row("MKCOL", "{t}/shared/new", &[], "", [401, 404, 404, 403, 201, 201]),
    row("MKCOL", "{t}/shared/f", &[], "", [401, 404, 404, 405, 405, 405]),
    row("COPY", "{t}/shared/f", &[("destination", "/dav/files/{t}/shared/new")], "", [401, 404, 404, 403, 201, 201]),
    row("COPY", "{t}/shared/f", &[("destination", "/dav/files/{me}/new")], "", [401, 404, 404, 201, 201, 201]),
    row("COPY", "{me}/mine", &[("destination", "/dav/files/{t}/shared/new")], "", [401, 404, 404, 403, 201, 201]),
    row("COPY", "{me}/mine", &[("destination", "/dav/files/{t}/shared/f")], "", [401, 404, 404, 403, 204, 204]),
    row("MOVE", "{t}/shared/f", &[("destination", "/dav/files/{t}/shared/new")], "", [401, 404, 404, 403, 201, 201]),
    row("MOVE", "{t}/shared/f", &[("destination", "/dav/files/{me}/new")], "", [401, 404, 404, 403, 201, 201]),
    row("MOVE", "{me}/mine", &[("destination", "/dav/files/{t}/shared/f")], "", [401, 404, 404, 403, 204, 204]),
    row("PROPPATCH", "{t}/shared/f", &[], PATCH, [401, 404, 404, 403, 207, 207]),
    row("LOCK", "{t}/shared/f", &[], LOCK, [401, 404, 404, 403, 200, 200]),
    row("LOCK", "{t}/shared/new", &[], LOCK, [401, 404, 404, 403, 201, 201]),
    row("UNLOCK", "{t}/shared/f", &[TOKEN], "", [401, 404, 404, 403, 409, 409]),
    row("ACL", "{t}/shared/f", &[], ACL, [401, 404, 404, 403, 403, 200]),
    row("ACL", "{t}/shared/new", &[], ACL, [401, 404, 404, 404, 404, 404]),
    row("PATCH", "{t}/shared/f", PART, "x", [401, 404, 404, 403, 204, 204]),
    row("PATCH", "{t}/shared/new", PART, "x", [401, 404, 404, 404, 404, 404]),
    row("REPORT", "{t}/shared/", &[], SYNC, [401, 404, 404, 207, 207, 207]),
    row("REPORT", "{t}/", &[], SYNC, [401, 404, 404, 403, 403, 207]),
    row("REPORT", "{t}/shared/f", &[], NAMED, [401, 404, 404, 403, 403, 207]),
    row("POST", "{t}/shared/f", &[], "", [401, 405, 405, 405, 405, 405]),
    // Uploads in parts: one's own, towards one's own or what is shared; of others nothing is there.
    row("MKCOL", "/dav/uploads/{t}/new", &[], "", [401, 404, 404, 404, 404, 201]),
    row("MKCOL", "/dav/uploads/{me}/new", &[], "", [401, 201, 201, 201, 201, 201]),
    row("MKCOL", "/dav/uploads/{me}/new", TO_NEW, "", [401, 404, 404, 403, 201, 201]),
    row("MKCOL", "/dav/uploads/{me}/new", TO_SHARED, "", [401, 404, 404, 403, 201, 201]),
    row("PUT", "/dav/uploads/{t}/begun/2", &[], "x", [401, 404, 404, 404, 404, 201]),
    row("PUT", "/dav/uploads/{me}/begun/2", &[], "x", [401, 201, 201, 201, 201, 201]),
    row("PUT", "/dav/uploads/{me}/begun/2", TO_NEW, "x", [401, 404, 404, 403, 201, 201]),
    row("PUT", "/dav/uploads/{me}/begun/2", TO_SHARED, "x", [401, 404, 404, 403, 201, 201]),
    row("PROPFIND", "/dav/uploads/{t}/begun", &[("depth", "1")], "", [401, 404, 404, 404, 404, 207]),
    row("PROPFIND", "/dav/uploads/{me}/begun", &[("depth", "1")], "", [401, 207, 207, 207, 207, 207]),
    row("MOVE", "/dav/uploads/{t}/begun/.file", TO_NEW, "", [401, 404, 404, 404, 404, 201]),
    row("MOVE", "/dav/uploads/{me}/begun/.file", TO_NEW, "", [401, 404, 404, 403, 201, 201]),
    row("MOVE", "/dav/uploads/{me}/begun/.file", TO_SHARED, "", [401, 404, 404, 403, 204, 204]),
    row("DELETE", "/dav/uploads/{t}/begun", &[], "", [401, 404, 404, 404, 404, 204]),
    row("DELETE", "/dav/uploads/{me}/begun", &[], "", [401, 204, 204, 204, 204, 204]),
    row("GET", "/dav/uploads/{me}/begun/1", &[], "", [401, 405, 405, 405, 405, 405]),
    row("MKCOL", "/dav/uploads/{me}/private", TO_PRIVATE, "", [401, 404, 404, 404, 404, 201]),
    row("PUT", "/dav/uploads/{me}/private/1", TO_PRIVATE, "x", [401, 404, 404, 404, 404, 404]),
    row("MOVE", "/dav/uploads/{me}/private/.file", TO_PRIVATE, "", [401, 404, 404, 404, 404, 404]),
    // The root of all, where only a look is WebDAV's.
    row("OPTIONS", "/", &[], "", [200; 6]),
    row("PROPFIND", "/", &[("depth", "1")], "", [401, 207, 207, 207, 207, 207]),
    // What lies beside what is shared.
    row("GET", "{t}/private/f", &[], "", [401, 404, 404, 404, 404, 200]),
    row("PROPFIND", "{t}/private/", &[("depth", "1")], "", [401, 404, 404, 404, 404, 207]),
    row("PUT", "{t}/private/f", &[], "x", [401, 404, 404, 404, 404, 204]),
    row("PUT", "{t}/private/new", &[], "x", [401, 404, 404, 404, 404, 201]),
    row("DELETE", "{t}/private/f", &[], "", [401, 404, 404, 404, 404, 204]),
    row("MKCOL", "{t}/private/new", &[], "", [401, 404, 404, 404, 404, 201]),
    row("COPY", "{t}/private/f", &[("destination", "/dav/files/{me}/new")], "", [401, 404, 404, 404, 404, 201]),
    row("COPY", "{me}/mine", &[("destination", "/dav/files/{t}/private/new")], "", [401, 404, 404, 404, 404, 201]),
    row("MOVE", "{t}/private/f", &[("destination", "/dav/files/{me}/new")], "", [401, 404, 404, 404, 404, 201]),
    row("PROPPATCH", "{t}/private/f", &[], PATCH, [401, 404, 404, 404, 404, 207]),
    row("LOCK", "{t}/private/f", &[], LOCK, [401, 404, 404, 404, 404, 200]),
    row("ACL", "{t}/private/f", &[], ACL, [401, 404, 404, 404, 404, 200]),
    row("PATCH", "{t}/private/f", PART, "x", [401, 404, 404, 404, 404, 204]),
    row("REPORT", "{t}/private/", &[], SYNC, [401, 404, 404, 404, 404, 207]),
    row("REPORT", "{t}/private/f", &[], NAMED, [401, 404, 404, 404, 404, 207]),
    row("UNLOCK", "{t}/private/f", &[TOKEN], "", [401, 404, 404, 404, 404, 409]),
];

async fn arrange(dav: &Site) {
    for path in ["shared/f", "private/f", "mine"] {
        dav.write(OWNER, path, "content");
    }
    for who in WHO.into_iter().flatten() {
        dav.write(who, "mine", "mine");
        let _ = std::fs::remove_file(dav.on_disk(who, "new"));
    }
    for gone in ["shared/new", "private/new"] {
        let gone = dav.on_disk(OWNER, gone);
        let _ = std::fs::remove_file(&gone).or_else(|_| std::fs::remove_dir(&gone));
    }
    for who in WHO.into_iter().flatten() {
        let home = dav.on_disk(who, "x").parent().unwrap().to_owned();
        for entry in std::fs::read_dir(home).unwrap().flatten() {
            if entry.file_name().to_string_lossy().starts_with(".~passerelle") {
                std::fs::remove_dir_all(entry.path()).unwrap();
            }
        }
        let (them, begun) = (client(dav, Some(who)), format!("/dav/uploads/{who}/begun"));
        assert_eq!(them.ask("MKCOL", &begun, &[]).await.status, 201);
        assert_eq!(them.send("PUT", &format!("{begun}/1"), &[], "x").await.status, 201);
    }
    let state = &dav.server.house.state;
    state.gone(&passerelle_testkit::house::node(OWNER, "").target()).await.unwrap();
    let write = Rights::EDIT.union(Rights::ADD).union(Rights::REMOVE);
    for (who, rights) in [(READER, Rights::READ), (EDITOR, write)] {
        dav.server.house.grant(OWNER, "shared", to_account(who), rights).await.unwrap();
    }
}

fn fill(text: &str, who: Option<&str>) -> String {
    text.replace("{t}", OWNER).replace("{me}", who.unwrap_or("u00009@a.test"))
}

/// A path as it is, or below the files.
fn address(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("/dav/files/{path}") }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_method_as_everybody() {
    let dav = Site::start().await;
    let mut wrong = Vec::new();
    for row in TABLE {
        for (who, expected) in WHO.into_iter().zip(row.expected) {
            arrange(&dav).await;
            let client = client(&dav, who);
            let headers: Vec<(&str, String)> =
                row.headers.iter().map(|(name, value)| (*name, fill(value, who))).collect();
            let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let path = address(&fill(row.path, who));
            let reply = client.send(row.method, &path, &headers, row.body).await;
            if reply.status != expected {
                wrong.push(format!(
                    "{} {} {headers:?} as {who:?}: {} and not {expected}",
                    row.method, row.path, reply.status
                ));
            }
            if expected >= 400 {
                let untouched = dav.read(OWNER, "shared/f").as_deref() == Some("content")
                    && dav.read(OWNER, "private/f").as_deref() == Some("content")
                    && dav.read(OWNER, "shared/new").is_none();
                assert!(untouched, "{} {} as {who:?} left a trace", row.method, row.path);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Octet by octet, but for the date and the request's id.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hidden_answers_as_missing() {
    let dav = Site::start().await;
    for who in WHO.into_iter().flatten().filter(|who| *who != OWNER) {
        for row in TABLE.iter().filter(|row| row.path.contains("private")) {
            arrange(&dav).await;
            let client = client(&dav, Some(who));
            let mut replies = Vec::new();
            // One is there and hidden, one is not there, one is of nobody, one of an institution that is none.
            for owner in [OWNER, "u00404@a.test"] {
                for (path, name) in
                    [(row.path.to_owned(), "private"), (row.path.replace("private", "missing"), "missing")]
                {
                    let own = |text: &str| fill(&text.replace("{t}", owner).replace("private", name), Some(who));
                    let headers: Vec<(&str, String)> =
                        row.headers.iter().map(|(name, value)| (*name, own(value))).collect();
                    let headers: Vec<(&str, &str)> =
                        headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
                    let reply = client.send(row.method, &address(&own(&path)), &headers, row.body).await;
                    replies.push(reply.plain());
                }
            }
            assert_eq!(replies[0].status, 404, "{} {} as {who}", row.method, row.path);
            assert!(
                replies.iter().all(|reply| *reply == replies[0]),
                "{} {} as {who}: {replies:?}",
                row.method,
                row.path
            );
        }
    }
}
