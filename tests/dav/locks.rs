//! LOCK, UNLOCK, and what they keep from happening.

use crate::{
    Dav,
    client::{Client, Reply},
};
use passerelle_model::Rights;
use passerelle_testkit::house::to_account;

const ME: &str = "u00001@a.test";
const OTHER: &str = "u00002@a.test";

async fn lock(client: &Client, path: &str, scope: &str, depth: &str) -> Reply {
    let body = format!(
        "<D:lockinfo xmlns:D='DAV:'><D:lockscope><D:{scope}/></D:lockscope><D:locktype><D:write/></D:locktype>\
         <D:owner><D:href>mailto:{ME}</D:href></D:owner></D:lockinfo>"
    );
    client.send("LOCK", path, &[("depth", depth), ("timeout", "Second-100")], &body).await
}

fn token(reply: &Reply) -> String {
    reply.header("lock-token").unwrap().to_owned()
}

async fn two() -> (Dav, Client, Client) {
    let dav = Dav::start().await;
    dav.write(ME, "d/f", "f");
    dav.write(ME, "d/e/g", "g");
    dav.server.house.grant(ME, "d", to_account(OTHER), Rights::MANAGE).await.unwrap();
    let (me, other) = (dav.client(ME), dav.client(OTHER));
    (dav, me, other)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_holder_writes() {
    let (dav, me, other) = two().await;
    let path = "/dav/files/u00001/d/f";
    let taken = lock(&me, path, "exclusive", "0").await;
    assert_eq!(taken.status, 200);
    let token = token(&taken);
    assert!(taken.body.contains("<D:timeout>Second-100</D:timeout>") || taken.body.contains("Second-99"));
    assert!(
        taken.body.contains("mailto:u00001@a.test")
            && taken.body.contains("<D:lockroot><D:href>/dav/files/u00001/d/f</D:href>")
    );
    for client in [&me, &other] {
        for (method, headers) in
            [("PUT", &[][..]), ("DELETE", &[]), ("MOVE", &[("destination", "/dav/files/u00001/d/x")])]
        {
            let reply = client.send(method, path, headers, "").await;
            assert_eq!(reply.status, 423, "{method}");
            assert!(
                reply.body.contains("<D:lock-token-submitted><D:href>/dav/files/u00001/d/f</D:href>"),
                "{}",
                reply.body
            );
        }
    }
    assert_eq!(me.ask("DELETE", "/dav/files/u00001/d/", &[]).await.status, 423, "a lock below");
    let conflict = lock(&other, path, "shared", "0").await;
    assert_eq!(conflict.status, 423);
    assert!(conflict.body.contains("no-conflicting-lock"));
    // A token is no secret: who did not take it cannot use it.
    let named = format!("({token})");
    assert_eq!(other.send("PUT", path, &[("if", &named)], "x").await.status, 423);
    assert_eq!(other.ask("UNLOCK", path, &[("lock-token", &token)]).await.status, 403);
    assert_eq!(me.send("PUT", path, &[("if", &named)], "mine").await.status, 204);
    assert_eq!(me.send("PUT", path, &[("if", "(<urn:uuid:wrong>)")], "x").await.status, 412);
    let tagged = format!("<http://{}{path}> ({token}) (Not <DAV:no-lock>)", dav.server.address);
    assert_eq!(me.send("PUT", path, &[("if", &tagged)], "mine").await.status, 204);
    // Prolonged by naming it, without a body (RFC 4918 §9.10.2).
    let longer = me.ask("LOCK", path, &[("if", &named), ("timeout", "Infinite")]).await;
    assert_eq!((longer.status, longer.header("lock-token")), (200, None));
    assert!(longer.body.contains("Second-3600") || longer.body.contains("Second-3599"));
    assert_eq!(me.ask("UNLOCK", path, &[("lock-token", "<urn:uuid:wrong>")]).await.status, 409);
    assert_eq!(me.ask("UNLOCK", path, &[("lock-token", &token)]).await.status, 204);
    assert_eq!(other.send("PUT", path, &[], "theirs").await.status, 204);
    assert_eq!(dav.read(ME, "d/f").as_deref(), Some("theirs"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_with_all_below() {
    let (_dav, me, other) = two().await;
    let folder = "/dav/files/u00001/d/";
    let taken = lock(&me, folder, "exclusive", "infinity").await;
    assert_eq!(taken.status, 200);
    let named = format!("<{folder}> ({})", token(&taken));
    for path in ["/dav/files/u00001/d/f", "/dav/files/u00001/d/e/g", "/dav/files/u00001/d/e/new"] {
        assert_eq!(other.send("PUT", path, &[], "x").await.status, 423, "{path}");
        assert_eq!(lock(&other, path, "exclusive", "0").await.status, 423, "{path}");
        assert!(me.send("PUT", path, &[("if", &named)], "x").await.status < 300, "{path}");
    }
    let found = me.ask("PROPFIND", folder, &[("depth", "1")]).await;
    let root = "<D:lockroot><D:href>/dav/files/u00001/d</D:href></D:lockroot>";
    assert_eq!(found.body.matches(root).count(), 3, "the folder and each member show the lock");
    assert_eq!(me.ask("UNLOCK", "/dav/files/u00001/d/e/g", &[("lock-token", &token(&taken))]).await.status, 204);
    assert_eq!(other.send("PUT", "/dav/files/u00001/d/f", &[], "x").await.status, 204);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_by_itself_keeps_its_members_names() {
    let (_dav, me, other) = two().await;
    let taken = lock(&me, "/dav/files/u00001/d/", "exclusive", "0").await;
    assert_eq!(other.send("PUT", "/dav/files/u00001/d/new", &[], "x").await.status, 423);
    assert_eq!(other.ask("DELETE", "/dav/files/u00001/d/f", &[]).await.status, 423);
    assert_eq!(other.ask("MKCOL", "/dav/files/u00001/d/c", &[]).await.status, 423);
    assert_eq!(other.send("PUT", "/dav/files/u00001/d/f", &[], "x").await.status, 204, "content is not membership");
    let named = format!("</dav/files/u00001/d/> ({})", token(&taken));
    assert_eq!(me.send("PUT", "/dav/files/u00001/d/new", &[("if", &named)], "x").await.status, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shared_locks_stand_beside_each_other() {
    let (_dav, me, other) = two().await;
    let path = "/dav/files/u00001/d/f";
    let (mine, theirs) = (lock(&me, path, "shared", "0").await, lock(&other, path, "shared", "0").await);
    assert_eq!((mine.status, theirs.status), (200, 200));
    assert_eq!(lock(&me, path, "exclusive", "0").await.status, 423);
    assert_eq!(me.send("PUT", path, &[], "x").await.status, 423);
    assert_eq!(me.send("PUT", path, &[("if", &format!("({})", token(&mine)))], "x").await.status, 204);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_free_name() {
    let (dav, me, other) = two().await;
    let path = "/dav/files/u00001/d/new";
    let taken = lock(&me, path, "exclusive", "infinity").await;
    assert_eq!(taken.status, 201);
    assert_eq!(dav.read(ME, "d/new").as_deref(), Some(""));
    assert_eq!(other.send("PUT", path, &[], "x").await.status, 423);
    assert_eq!(me.send("PUT", path, &[("if", &format!("({})", token(&taken)))], "x").await.status, 204);
    assert_eq!(lock(&me, "/dav/files/u00001/no/new", "exclusive", "0").await.status, 409);
    for bad in ["", "<x/>", "<D:lockinfo xmlns:D='DAV:'/>", "<D:lockinfo xmlns:D='DAV:'><!DOCTYPE x></D:lockinfo>"] {
        assert_eq!(me.send("LOCK", "/dav/files/u00001/d/f", &[], bad).await.status, 400, "{bad}");
    }
}
