//! RFC 3744 on our grants: who may do what, told and set; principals, as far as the directory lets see.

use crate::{Dav, client::Reply};
use passerelle_model::{Grant, Rights, Timestamp};
use passerelle_testkit::house::{account, node, to_account, to_institution, to_staff};

const OWNER: &str = "u00001@a.test";
const OTHER: &str = "u00002@a.test";

fn propfind(names: &str) -> String {
    format!("<D:propfind xmlns:D='DAV:' xmlns:S='http://sabredav.org/ns'><D:prop>{names}</D:prop></D:propfind>")
}

fn ace(principal: &str, words: &[&str]) -> String {
    let words: String = words.iter().map(|word| format!("<D:privilege><D:{word}/></D:privilege>")).collect();
    format!("<D:ace><D:principal><D:href>{principal}</D:href></D:principal><D:grant>{words}</D:grant></D:ace>")
}

async fn set(dav: &Dav, who: &str, path: &str, aces: &str) -> Reply {
    let body = format!("<D:acl xmlns:D='DAV:'>{aces}</D:acl>");
    dav.client(who).send("ACL", &format!("/dav/files/{path}"), &[], &body).await
}

/// The element `DAV:acl` of a resource.
async fn list(dav: &Dav, who: &str, path: &str) -> String {
    let reply =
        dav.client(who).send("PROPFIND", &format!("/dav/files/{path}"), &[("depth", "0")], &propfind("<D:acl/>")).await;
    assert_eq!(reply.status, 207, "{reply:?}");
    let begin = reply.body.find("<D:acl>").unwrap_or(reply.body.len());
    reply.body[begin..].split_inclusive("</D:acl>").next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_shares_by_acl() {
    let dav = Dav::start().await;
    dav.write(OWNER, "shared/f", "content");
    let read = async |who: &str| dav.client(who).ask("GET", "/dav/files/u00001/shared/f", &[]).await.status;
    assert_eq!(read(OTHER).await, 404);
    let aces =
        [ace("/dav/principals/u00002/", &["read"]), ace("/dav/principals/groups/garonne/staff/", &["read", "write"])];
    let done = set(&dav, OWNER, "u00001/shared", &aces.concat()).await;
    assert_eq!(done.status, 200, "{done:?}");
    assert_eq!((read(OTHER).await, read("u00003@a.test").await, read("u00005@a.test").await), (200, 200, 404));
    let write = dav.client("u00003@a.test").send("PUT", "/dav/files/u00001/shared/f", &[], "more").await;
    assert_eq!(write.status, 204);
    let told = list(&dav, OWNER, "u00001/shared").await;
    for part in [
        "<D:property><D:owner/></D:property></D:principal><D:grant><D:privilege><D:all/></D:privilege></D:grant><D:protected/>",
        &aces[0],
        &aces[1],
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
    // What is inside has it from above, and says from where.
    let inherited = list(&dav, OWNER, "u00001/shared/f").await;
    assert_eq!(inherited.matches("<D:inherited><D:href>/dav/files/u00001/shared/</D:href></D:inherited>").count(), 2);
    // Sent back as it was told, with one line less.
    let less = told.replace(&aces[0], "").replace("<D:acl>", "").replace("</D:acl>", "");
    assert_eq!(set(&dav, OWNER, "u00001/shared", &less).await.status, 200);
    assert_eq!((read(OTHER).await, read("u00003@a.test").await), (404, 200));
    // What comes from above stays, whatever is set below.
    assert_eq!(set(&dav, OWNER, "u00001/shared/f", "").await.status, 200);
    assert_eq!(read("u00003@a.test").await, 200);
    assert_eq!(set(&dav, OWNER, "u00001/shared", "").await.status, 200);
    assert_eq!(read("u00003@a.test").await, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_manage_neither_sees_nor_sets() {
    let dav = Dav::start().await;
    dav.write(OWNER, "shared/f", "");
    let house = &dav.server.house;
    house.grant(OWNER, "shared", to_account(OTHER), Rights::EDIT).await.unwrap();
    let refused = dav
        .client(OTHER)
        .send("PROPFIND", "/dav/files/u00001/shared/f", &[("depth", "0")], &propfind("<D:acl/><D:owner/>"))
        .await;
    assert!(refused.body.contains("<D:owner><D:href>/dav/principals/u00001/</D:href></D:owner>"), "{refused:?}");
    assert!(refused.body.contains("<D:prop><D:acl/></D:prop><D:status>HTTP/1.1 403 Forbidden"), "{refused:?}");
    let reply = set(&dav, OTHER, "u00001/shared/f", &ace("/dav/principals/u00005/", &["read"])).await;
    assert_eq!(reply.status, 403);
    let needs = "<D:need-privileges><D:resource><D:href>/dav/files/u00001/shared/f</D:href><D:privilege><D:write-acl/>";
    assert!(reply.body.contains(needs), "{}", reply.body);
    // The same words for what another method lacks: RFC 3744, appendix B.
    let put = dav.client(OTHER).send("PUT", "/dav/files/u00001/shared/new", &[], "x").await;
    assert!(put.body.contains("<D:href>/dav/files/u00001/shared</D:href><D:privilege><D:bind/>"), "{put:?}");
    // What may not be known to be there has no such body.
    let hidden = set(&dav, "u00005@a.test", "u00001/shared/f", "").await;
    assert_eq!((hidden.status, hidden.body.as_str()), (404, ""));
    house.grant(OWNER, "shared", to_account(OTHER), Rights::MANAGE).await.unwrap();
    assert_eq!(set(&dav, OTHER, "u00001/shared/f", &ace("/dav/principals/u00005/", &["read"])).await.status, 200);
    assert_eq!(dav.client("u00005@a.test").ask("GET", "/dav/files/u00001/shared/f", &[]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_set_says_why_and_changes_nothing() {
    let dav = Dav::start().await;
    dav.write(OWNER, "f", "");
    dav.server.house.grant(OWNER, "f", to_account(OTHER), Rights::READ).await.unwrap();
    let fine = ace("/dav/principals/u00005/", &["read"]);
    for (aces, status, condition) in [
        (fine.replace("D:grant", "D:deny"), 403, "grant-only"),
        (ace("/dav/principals/u00005/", &["read-acl"]), 403, "no-abstract"),
        (ace("/dav/principals/u00404/", &["read"]), 403, "recognized-principal"),
        (ace("/dav/principals/groups/garonne/none/", &["read"]), 403, "recognized-principal"),
        (ace("/dav/files/u00005/", &["read"]), 403, "recognized-principal"),
        (ace("http://elsewhere.test/dav/principals/u00005/", &["read"]), 403, "recognized-principal"),
        // What garonne has is not shared with autan.
        (ace("/dav/principals/u00005@b.test/", &["read"]), 403, "allowed-principal"),
        (ace("/dav/principals/institutions/autan/", &["read"]), 403, "allowed-principal"),
        (ace("/dav/principals/u00005/", &["write"]), 409, "no-ace-conflict"),
    ] {
        let reply = set(&dav, OWNER, "u00001/f", &[fine.clone(), aces.clone()].concat()).await;
        assert_eq!(reply.status, status, "{aces}: {reply:?}");
        assert!(reply.body.contains(&format!("<D:{condition}/>")), "{aces}: {reply:?}");
        assert!(!list(&dav, OWNER, "u00001/f").await.contains("u00005"), "{aces}");
    }
    assert_eq!(set(&dav, OWNER, "u00001/missing", &fine).await.status, 404);
    assert_eq!(dav.client(OWNER).send("ACL", "/dav/files/u00001/f", &[], "<x/>").await.status, 400);
    // Somebody else's lock is in the way, as of any change.
    let me = dav.client(OWNER);
    let lock = "<D:lockinfo xmlns:D='DAV:'><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>";
    assert_eq!(me.send("LOCK", "/dav/files/u00001/f", &[], lock).await.status, 200);
    assert_eq!(set(&dav, OWNER, "u00001/f", &fine).await.status, 423);
}

/// A grant keeps its end when a client sends it back; what has ended is not told, and set again has no end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ends_and_links_stay() {
    let dav = Dav::start().await;
    dav.write(OWNER, "f", "");
    let state = &dav.server.house.state;
    let target = node(OWNER, "f").target();
    let later = Timestamp(4_000_000_000);
    for (to, until) in [(OTHER, later), ("u00005@a.test", Timestamp(1))] {
        let grant = Grant { to: to_account(to), rights: Rights::READ, until: Some(until) };
        state.set_grant(&target, &grant).await.unwrap();
    }
    let link = passerelle_model::Grantee::Link(passerelle_model::LinkId::parse("l1").unwrap());
    state.set_grant(&target, &Grant { to: link, rights: Rights::READ, until: None }).await.unwrap();
    let told = list(&dav, OWNER, "u00001/f").await;
    assert!(told.contains("u00002") && !told.contains("u00005"), "{told}");
    assert!(told.contains("/dav/principals/links/l1/</D:href></D:principal><D:grant><D:privilege><D:read/></D:privilege></D:grant><D:protected/>"), "{told}");
    let aces = [ace("/dav/principals/u00002/", &["read"]), ace("/dav/principals/u00005/", &["read"])].concat();
    assert_eq!(set(&dav, OWNER, "u00001/f", &aces).await.status, 200);
    let mut ends: Vec<_> = state.grants_at(&target).await.unwrap().into_iter().map(|it| it.grant.until).collect();
    ends.sort();
    assert_eq!(ends, [None, None, Some(later)], "the link, the renewed one, the one with an end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_tell_their_lists_too() {
    let dav = Dav::start().await;
    for path in ["d/a", "d/b"] {
        dav.write(OWNER, path, "");
    }
    let house = &dav.server.house;
    house.grant(OWNER, "d", to_institution("garonne"), Rights::READ).await.unwrap();
    house.grant(OWNER, "d/a", to_staff("garonne"), Rights::EDIT).await.unwrap();
    let ask = propfind("<D:acl/><D:acl-restrictions/><D:supported-privilege-set/>");
    let reply = dav.client(OWNER).send("PROPFIND", "/dav/files/u00001/d/", &[("depth", "1")], &ask).await;
    assert!(reply.whole);
    let of = |href: &str| {
        let part = reply
            .body
            .split("<D:response>")
            .find(|part| part.contains(&format!("<D:href>{href}</D:href><D:propstat>")));
        part.unwrap_or_default().to_owned()
    };
    let (a, b) = (of("/dav/files/u00001/d/a"), of("/dav/files/u00001/d/b"));
    assert!(a.contains("groups/garonne/staff/") && a.contains("institutions/garonne/"), "{a}");
    assert!(!b.contains("groups/garonne/staff/") && b.contains("institutions/garonne/"), "{b}");
    assert!(b.contains("<D:grant-only/><D:no-invert/>") && b.contains("<D:supported-privilege-set>"), "{b}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn privileges_as_they_are_held() {
    let dav = Dav::start().await;
    dav.write(OWNER, "f", "");
    for (rights, has, lacks) in [
        (Rights::READ, "<D:read/>", "<D:write-content/>"),
        (Rights::EDIT.union(Rights::ADD).union(Rights::REMOVE), "<D:write/>", "<D:write-acl/>"),
        (Rights::MANAGE, "<D:all/>", "<D:unlock/>"),
    ] {
        dav.server.house.grant(OWNER, "f", to_account(OTHER), rights).await.unwrap();
        let ask = propfind("<D:current-user-privilege-set/>");
        let told = dav.client(OTHER).send("PROPFIND", "/dav/files/u00001/f", &[("depth", "0")], &ask).await.body;
        assert!(told.contains(has) && !told.contains(lacks), "{rights:?}: {told}");
    }
}

fn hrefs(reply: &Reply) -> Vec<&str> {
    let parts = reply.body.split("<D:response><D:href>").skip(1);
    parts.filter_map(|part| part.split_once("</D:href>").map(|(href, _)| href)).collect()
}

async fn search(dav: &Dav, who: &str, test: &str, terms: &[(&str, &str)]) -> Reply {
    let terms: String = terms
        .iter()
        .map(|(of, text)| {
            format!("<D:property-search><D:prop>{of}</D:prop><D:match>{text}</D:match></D:property-search>")
        })
        .collect();
    let body = format!(
        "<D:principal-property-search xmlns:D='DAV:' xmlns:S='http://sabredav.org/ns' {test}>{terms}<D:prop><D:displayname/>\
         <S:email-address/></D:prop></D:principal-property-search>"
    );
    dav.client(who).send("REPORT", "/dav/principals/", &[("depth", "0")], &body).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_and_groups_are_found() {
    let dav = Dav::start().await;
    let found = search(&dav, OTHER, "", &[("<D:displayname/>", "person U0000")]).await;
    assert_eq!((found.status, hrefs(&found).len()), (207, 9), "{found:?}");
    assert!(found.body.contains("<D:displayname>Person u00005</D:displayname>"), "{found:?}");
    assert!(found.body.contains(">u00005@a.test</X:email-address>"), "{found:?}");
    // Of one's own institution only.
    assert!(!found.body.contains("b.test"), "{found:?}");
    let one = search(&dav, OTHER, "", &[("<D:displayname/>", "person"), ("<S:email-address/>", "u00005@")]).await;
    assert_eq!(hrefs(&one), ["/dav/principals/u00005/"]);
    let any = [("<D:displayname/>", "staff"), ("<D:alternate-URI-set/>", "u00004@a")];
    let two = search(&dav, OTHER, "test='anyof'", &any).await;
    assert_eq!(hrefs(&two), ["/dav/principals/groups/garonne/staff/", "/dav/principals/u00004/"]);
    assert!(hrefs(&search(&dav, OTHER, "test='allof'", &any).await).is_empty());
    // The letters of a URL are nobody's name.
    assert!(hrefs(&search(&dav, OTHER, "", &[("<D:displayname/>", "principals")]).await).is_empty());
    // A letter would list everybody.
    let much = search(&dav, OTHER, "", &[("<D:displayname/>", "u")]).await;
    assert!(much.status == 403 && much.body.contains("<D:number-of-matches-within-limits/>"), "{much:?}");
    assert_eq!(search(&dav, OTHER, "", &[]).await.status, 400);
    let me = dav.client(OTHER);
    let own = me
        .send("REPORT", "/dav/principals/", &[], "<D:principal-match xmlns:D='DAV:'><D:self/></D:principal-match>")
        .await;
    assert_eq!(hrefs(&own), ["/dav/principals/u00002/"]);
    let set = me.send("REPORT", "/dav/principals/", &[], "<D:principal-search-property-set xmlns:D='DAV:'/>").await;
    assert!(set.status == 200 && set.body.contains("<D:displayname/>"), "{set:?}");
    let none = me.send("REPORT", "/dav/principals/", &[], "<D:expand-property xmlns:D='DAV:'/>").await;
    assert!(none.status == 403 && none.body.contains("<D:supported-report/>"), "{none:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_whom_a_list_names() {
    let dav = Dav::start().await;
    dav.write(OWNER, "f", "");
    let house = &dav.server.house;
    house.grant(OWNER, "f", to_account(OTHER), Rights::READ).await.unwrap();
    house.grant(OWNER, "f", to_staff("garonne"), Rights::READ).await.unwrap();
    let body = "<D:acl-principal-prop-set xmlns:D='DAV:'><D:prop><D:displayname/></D:prop></D:acl-principal-prop-set>";
    let path = "/dav/files/u00001/f";
    let found = dav.client(OWNER).send("REPORT", path, &[("depth", "0")], body).await;
    assert_eq!(
        hrefs(&found),
        ["/dav/principals/groups/garonne/staff/", "/dav/principals/u00001/", "/dav/principals/u00002/"],
        "{found:?}"
    );
    assert_eq!(dav.client(OTHER).send("REPORT", path, &[], body).await.status, 403);
    assert_eq!(dav.client("u00005@a.test").send("REPORT", path, &[], body).await.status, 404);
    assert_eq!(account(OWNER).id.as_str(), "u00001");
}
