//! Share links by WebDAV: what a link opens, for how long, how often, and who makes and withdraws it.

use crate::{
    Dav,
    client::{Client, Reply, base64},
};
use passerelle_core::ports::state::Revocation;
use passerelle_core::{Errand, LinkUse, LinkVisit, MadeLink, Manage, NewLink, Result};
use passerelle_model::{LinkId, Secret, Timestamp};
use passerelle_testkit::house::{node, now};
use std::net::{IpAddr, Ipv4Addr};

const PATCH: &str =
    "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><x xmlns='urn:x'>1</x></D:prop></D:set></D:propertyupdate>";
const LOCK: &str = "<D:lockinfo xmlns:D='DAV:'><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>";
const OWNER: &str = "u00001@a.test";

fn link(what: LinkUse) -> NewLink {
    NewLink { label: String::new(), what, until: None, password: None, most_downloads: None }
}

async fn make(dav: &Dav, path: &str, new: NewLink) -> Result<MadeLink> {
    let session = dav.server.house.login(OWNER, Errand::Web).await?;
    session.open::<_, Manage>(node(OWNER, path)).await?.make_link(new).await
}

async fn withdraw(dav: &Dav, path: &str, id: &LinkId) -> Result<bool> {
    let session = dav.server.house.login(OWNER, Errand::Web).await?;
    session.open::<_, Manage>(node(OWNER, path)).await?.remove_link(id).await
}

fn address(made: &MadeLink) -> String {
    format!("/s/{}/files", made.token.expose_str().unwrap())
}

/// Whoever has the address and no account.
fn anybody(dav: &Dav) -> Client {
    Client::new(dav.server.address, None)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_use_opens_what_it_says() {
    let dav = Dav::start().await;
    dav.write(OWNER, "shared/sub/f", "content");
    dav.write(OWNER, "other", "not for you");
    let client = anybody(&dav);
    // What a request answers by a link to read, to upload and to write.
    let table: &[(&str, &str, &str, [u16; 3])] = &[
        ("GET", "/sub/f", "", [200, 403, 200]),
        ("HEAD", "/sub/f", "", [200, 403, 200]),
        ("PROPFIND", "", "", [207, 403, 207]),
        ("PUT", "/sub/new", "x", [403, 201, 204]),
        ("PUT", "/sub/f", "content", [403, 403, 204]),
        ("MKCOL", "/folder", "", [403, 201, 405]),
        ("DELETE", "/sub/new", "", [404, 403, 204]),
        ("DELETE", "", "", [403, 403, 403]),
        ("PROPPATCH", "/sub/f", PATCH, [403, 403, 207]),
        ("LOCK", "/sub/f", LOCK, [403, 403, 403]),
        ("GET", "/none", "", [404, 403, 404]),
        ("GET", "/../other", "", [400, 400, 400]),
    ];
    for (at, what) in LinkUse::OF_FILES.into_iter().enumerate() {
        let made = make(&dav, "shared", link(what)).await.unwrap();
        for (method, path, body, expected) in table {
            let path = format!("{}{path}", address(&made));
            let depth = if *method == "PROPFIND" { "1" } else { "infinity" };
            let reply = client.send(method, &path, &[("depth", depth)], body).await;
            assert_eq!(reply.status, expected[at], "{what:?}: {method} {path} {}", reply.body);
        }
        // A token is for its own address: it opens no account's.
        assert_eq!(client.ask("GET", "/dav/files/u00001/shared/sub/f", &[]).await.status, 401);
    }
    // Nothing goes out of what the link leads to, and nothing comes in.
    let made = make(&dav, "shared", link(LinkUse::Write)).await.unwrap();
    let from = format!("{}/sub/f", address(&made));
    for (to, status) in
        [("/dav/files/u00001/stolen", 404), ("/dav/files/u00002/stolen", 404), ("/s/nobody/files/x", 403)]
    {
        assert_eq!(client.ask("COPY", &from, &[("destination", to)]).await.status, status, "{to}");
    }
    let inside = format!("{}/sub/copy", address(&made));
    assert_eq!(client.ask("MOVE", &from, &[("destination", &inside)]).await.status, 201);
    assert_eq!(dav.read(OWNER, "shared/sub/copy").as_deref(), Some("content"));
    let root = address(&made);
    assert_eq!(client.ask("MOVE", &root, &[("destination", &inside)]).await.status, 403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listing_shows_the_links_own_addresses_and_nobodys_name() {
    let dav = Dav::start().await;
    dav.write(OWNER, "secret-above/shared/ä b/f", "");
    let made = make(&dav, "secret-above/shared", link(LinkUse::Read)).await.unwrap();
    let root = address(&made);
    let all = "<propfind xmlns='DAV:'><prop><owner/><current-user-principal/><displayname/><principal-URL/></prop></propfind>";
    let listed = anybody(&dav).send("PROPFIND", &root, &[("depth", "1")], all).await;
    for part in [format!("<D:href>{root}/</D:href>"), format!("<D:href>{root}/%C3%A4%20b/</D:href>")] {
        assert!(listed.body.contains(&part), "{part} in {}", listed.body);
    }
    assert!(listed.body.contains("<D:unauthenticated/>"), "{}", listed.body);
    assert!(!listed.body.contains("u00001") && !listed.body.contains("secret-above"), "{}", listed.body);
    // A link to a file is that file.
    let made = make(&dav, "secret-above/shared/ä b/f", link(LinkUse::Read)).await.unwrap();
    assert_eq!(anybody(&dav).ask("GET", &address(&made), &[]).await.status, 200);
    assert_eq!(anybody(&dav).ask("GET", &format!("{}/x", address(&made)), &[]).await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_is_asked_for_and_remembered_by_proof() {
    let dav = Dav::start().await;
    dav.write(OWNER, "f", "content");
    let new = NewLink { password: Some(Secret::new("correct horse")), ..link(LinkUse::Read) };
    let made = make(&dav, "f", new).await.unwrap();
    let token = made.token.expose_str().unwrap();
    let (path, client) = (address(&made), anybody(&dav));
    let with = async |plain: &str| {
        let header = format!("Basic {}", base64(plain.as_bytes()));
        client.ask("GET", &path, &[("authorization", &header)]).await
    };
    let bare: Reply = client.ask("GET", &path, &[]).await;
    assert!(bare.status == 401 && bare.header("www-authenticate").is_some_and(|it| it.starts_with("Basic")));
    assert_eq!(with("x:wrong").await.status, 401);
    assert_eq!(with("x:correct horse").await.body, "content");
    assert_eq!(with(":correct horse").await.body, "content");
    let from = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let typed = Secret::new("correct horse");
    let entered = dav.server.house.door.enter_link(LinkVisit { token, password: Some(&typed), proof: None, from });
    let proof = entered.await.unwrap().link().unwrap().proof().unwrap().to_owned();
    let cookie =
        async |proof: &str| client.ask("GET", &path, &[("cookie", &format!("passerelle-link={proof}"))]).await.status;
    assert_eq!((cookie(&proof).await, cookie("x").await, cookie("").await), (200, 401, 401));
    // Another link's proof proves nothing here, and what is not a link is missing with or without a password.
    let new = NewLink { password: Some(Secret::new("correct horse")), ..link(LinkUse::Read) };
    let other = address(&make(&dav, "f", new).await.unwrap());
    let strange = client.ask("GET", &other, &[("cookie", &format!("passerelle-link={proof}"))]).await;
    assert_eq!(strange.status, 401);
    let short = NewLink { password: Some(Secret::new("1234567")), ..link(LinkUse::Read) };
    assert!(make(&dav, "f", short).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_many_downloads_and_no_more() {
    let dav = Dav::start().await;
    dav.write(OWNER, "f", "content");
    let made = make(&dav, "f", NewLink { most_downloads: Some(2), ..link(LinkUse::Read) }).await.unwrap();
    let (path, client) = (address(&made), anybody(&dav));
    assert_eq!(client.ask("HEAD", &path, &[]).await.status, 200, "looking is not reading");
    // A part is a download too: the whole could be had in parts.
    assert_eq!(client.ask("GET", &path, &[("range", "bytes=1-")]).await.status, 206);
    let (one, other) = tokio::join!(client.ask("GET", &path, &[]), client.ask("GET", &path, &[]));
    let mut both = [one.status, other.status];
    both.sort_unstable();
    assert_eq!(both, [200, 404]);
    let past = NewLink { until: Some(Timestamp(now().0 - 1)), ..link(LinkUse::Read) };
    assert!(make(&dav, "f", past).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_follows_its_file_and_ends_with_it() {
    let dav = Dav::start().await;
    for path in ["a/f", "b/g"] {
        dav.write(OWNER, path, "content");
    }
    let (one, other) =
        (make(&dav, "a", link(LinkUse::Read)).await.unwrap(), make(&dav, "b/g", link(LinkUse::Read)).await.unwrap());
    let (owner, client) = (dav.client(OWNER), anybody(&dav));
    let moved = owner.ask("MOVE", "/dav/files/u00001/a", &[("destination", "/dav/files/u00001/moved")]).await;
    assert_eq!(moved.status, 201);
    assert_eq!(client.ask("GET", &format!("{}/f", address(&one)), &[]).await.status, 200);
    assert_eq!(owner.ask("DELETE", "/dav/files/u00001/b", &[]).await.status, 204);
    dav.write(OWNER, "b/g", "another file of that name");
    assert_eq!(client.ask("GET", &address(&other), &[]).await.status, 404);
    // Withdrawn, it is as one that never was; by its own place only.
    let missing = client.ask("GET", "/s/abcdefghijklmnopqrstuvwxyz/files/f", &[]).await.plain();
    assert!(!withdraw(&dav, "b", &one.link.id).await.unwrap());
    assert!(withdraw(&dav, "moved", &one.link.id).await.unwrap());
    let gone = client.ask("GET", &format!("{}/f", address(&one)), &[]).await.plain();
    assert_eq!(gone, missing);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_manage_makes_no_link() {
    let dav = Dav::start().await;
    dav.write(OWNER, "shared/f", "");
    let house = &dav.server.house;
    let to = passerelle_testkit::house::to_account("u00002@a.test");
    house.grant(OWNER, "shared", to, LinkUse::Write.rights()).await.unwrap();
    let editor = house.login("u00002@a.test", Errand::Web).await.unwrap();
    assert!(editor.open::<_, Manage>(node(OWNER, "shared")).await.is_err());
    assert!(make(&dav, "nothing", link(LinkUse::Read)).await.is_err(), "a link leads to what is there");
    let long = NewLink { label: "x".repeat(81), ..link(LinkUse::Read) };
    assert!(make(&dav, "shared", long).await.is_err());
    for _ in 0..passerelle_core::MOST_LINKS_TO_ONE {
        make(&dav, "shared/f", link(LinkUse::Read)).await.unwrap();
    }
    assert!(make(&dav, "shared/f", link(LinkUse::Read)).await.is_err());
}

/// Whoever holds a link follows what changes as others do, manages nothing, and is told nobody's login.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_tells_changes_and_no_login() {
    let dav = Dav::start().await;
    dav.write(OWNER, "a/f", "content");
    let made = make(&dav, "a", link(LinkUse::Read)).await.unwrap();
    let (client, path) = (anybody(&dav), address(&made));
    let sync =
        "<D:sync-collection xmlns:D='DAV:'><D:sync-token/><D:sync-level>1</D:sync-level><D:prop/></D:sync-collection>";
    let told = client.send("REPORT", &format!("{path}/"), &[("depth", "0")], sync).await;
    assert!(told.status == 207 && told.body.contains(&format!("<D:href>{path}/f</D:href>")), "{told:?}");
    let acl = "<D:acl xmlns:D='DAV:'/>";
    let asked = "<D:propfind xmlns:D='DAV:'><D:prop><D:acl/><D:owner/></D:prop></D:propfind>";
    for reply in [
        client.send("ACL", &path, &[], acl).await,
        client.send("PUT", &format!("{path}/f"), &[], "x").await,
        client.send("PUT", &format!("{path}/new"), &[], "x").await,
        client.send("PROPFIND", &path, &[("depth", "1")], asked).await,
        told,
    ] {
        assert!(reply.status == 403 || reply.status == 207, "{reply:?}");
        assert!(!reply.body.contains("u00001"), "{reply:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ends_the_owner_ends_what_is_under_way() {
    let dav = Dav::start().await;
    dav.write(OWNER, "f", "");
    let made = make(&dav, "f", link(LinkUse::Read)).await.unwrap();
    let token = made.token.expose_str().unwrap();
    let (house, from) = (&dav.server.house, IpAddr::V4(Ipv4Addr::LOCALHOST));
    let enter = || house.door.enter_link(LinkVisit { token, password: None, proof: None, from });
    let tie = enter().await.unwrap().tie();
    assert!(!tie.is_withdrawn());
    let account = passerelle_testkit::house::account(OWNER);
    let revocation =
        Revocation::Account { account, before: Timestamp(now().0 + 1), expires: Timestamp(now().0 + 1000) };
    house.state.revoke(&revocation).await.unwrap();
    tie.withdrawn().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_shows_and_not_whose_it_is() {
    let dav = Dav::start().await;
    dav.write(OWNER, "shared/f", "");
    let made = make(&dav, "shared", link(LinkUse::Read)).await.unwrap();
    let body = LOCK.replace("</D:lockinfo>", "<D:owner>u00001 at home</D:owner></D:lockinfo>");
    assert_eq!(dav.client(OWNER).send("LOCK", "/dav/files/u00001/shared/f", &[], &body).await.status, 200);
    let shown = anybody(&dav).ask("PROPFIND", &address(&made), &[("depth", "1")]).await.body;
    assert!(
        shown.contains("<D:activelock>") && !shown.contains("at home") && !shown.contains("<D:locktoken>"),
        "{shown}"
    );
    let drop_box = make(&dav, "shared", link(LinkUse::Upload)).await.unwrap();
    let all = "<D:propfind xmlns:D='DAV:'><D:prop><D:quota-used-bytes/><o:checksums xmlns:o='http://owncloud.org/ns'/></D:prop></D:propfind>";
    dav.client(OWNER)
        .send("PUT", "/dav/files/u00001/shared/g", &[("oc-checksum", "MD5:d41d8cd98f00b204e9800998ecf8427e")], "")
        .await;
    let told = anybody(&dav).send("PROPFIND", &format!("{}/g", address(&drop_box)), &[("depth", "0")], all).await.body;
    assert!(!told.contains("d41d8cd9") && told.contains("404"), "what is in it cannot be found out: {told}");
    let told = anybody(&dav).send("PROPFIND", &address(&made), &[("depth", "0")], all).await.body;
    assert!(told.contains("<D:quota-used-bytes/>") && !told.contains("<D:quota-used-bytes>"), "{told}");
}
