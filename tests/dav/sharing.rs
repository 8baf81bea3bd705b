//! What others share: by its real path, with the way to it and nothing beside.

use crate::{Dav, client::Reply};
use passerelle_core::{Errand, SearchStop};
use passerelle_model::Rights;
use passerelle_testkit::house::{node, to_account, to_institution, to_staff};

const OWNER: &str = "u00001@a.test";

fn hrefs(reply: &Reply) -> Vec<&str> {
    let mut hrefs: Vec<&str> = reply
        .body
        .split("<D:response><D:href>")
        .skip(1)
        .filter_map(|part| part.split_once("</D:href>").map(|(href, _)| href))
        .collect();
    hrefs.sort_unstable();
    hrefs
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_to_what_is_shared() {
    let dav = Dav::start().await;
    for path in ["a/b/shared/f", "a/b/private", "a/private", "private/x", "a/one"] {
        dav.write(OWNER, path, "");
    }
    let house = &dav.server.house;
    house.grant(OWNER, "a/b/shared", to_account("u00002@a.test"), Rights::READ).await.unwrap();
    house.grant(OWNER, "a/one", to_account("u00002@a.test"), Rights::READ).await.unwrap();
    house.grant(OWNER, "private", to_account("u00003@a.test"), Rights::READ).await.unwrap();
    let list = async |who: &str, path: &str| dav.client(who).ask("PROPFIND", path, &[("depth", "1")]).await;
    let two = "u00002@a.test";
    for (path, found) in [
        ("/dav/files/", &["/dav/files/", "/dav/files/u00001/", "/dav/files/u00002/"][..]),
        ("/dav/files/u00001", &["/dav/files/u00001/", "/dav/files/u00001/a/"]),
        ("/dav/files/u00001/a/", &["/dav/files/u00001/a/", "/dav/files/u00001/a/b/", "/dav/files/u00001/a/one"]),
        ("/dav/files/u00001/a/b/", &["/dav/files/u00001/a/b/", "/dav/files/u00001/a/b/shared/"]),
        ("/dav/files/u00001/a/b/shared/", &["/dav/files/u00001/a/b/shared/", "/dav/files/u00001/a/b/shared/f"]),
    ] {
        let listed = list(two, path).await;
        assert_eq!((listed.status, hrefs(&listed).as_slice()), (207, found), "{path}");
    }
    for path in [
        "/dav/files/u00001/private/",
        "/dav/files/u00001/a/private",
        "/dav/files/u00001/a/b/private",
        "/dav/files/u00009/",
    ] {
        assert_eq!(list(two, path).await.status, 404, "{path}");
    }
    // What is on the way can be passed and nothing else.
    let client = dav.client(two);
    for (method, path) in
        [("PUT", "/dav/files/u00001/a"), ("DELETE", "/dav/files/u00001/a/b"), ("GET", "/dav/files/u00001/a/")]
    {
        assert_eq!(client.ask(method, path, &[]).await.status, 403, "{method} {path}");
    }
    assert_eq!(client.ask("MKCOL", "/dav/files/u00001/a/new", &[]).await.status, 404);
    // A folder on the way says nothing of itself but its name.
    let passing = list(two, "/dav/files/u00001/a/b/").await;
    assert_eq!(passing.body.matches("<D:getlastmodified>").count(), 1, "{}", passing.body);
    // Another colleague's way is another one.
    assert_eq!(
        hrefs(&list("u00003@a.test", "/dav/files/u00001/").await),
        ["/dav/files/u00001/", "/dav/files/u00001/private/"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_and_institutions() {
    let dav = Dav::start().await;
    for owner in [OWNER, "u00001@b.test"] {
        dav.write(owner, "staff/f", "");
        dav.write(owner, "all/f", "");
    }
    let house = &dav.server.house;
    house.grant(OWNER, "staff", to_staff("garonne"), Rights::READ).await.unwrap();
    house.grant(OWNER, "all", to_institution("garonne"), Rights::READ).await.unwrap();
    house.grant("u00001@b.test", "staff", to_staff("garonne"), Rights::READ).await.unwrap();
    house.grant("u00001@b.test", "all", to_institution("autan"), Rights::READ).await.unwrap();
    let status = async |who: &str, path: &str| dav.client(who).ask("GET", path, &[]).await.status;
    for (who, path, expected) in [
        ("u00003@a.test", "/dav/files/u00001/staff/f", 200),
        ("u00005@a.test", "/dav/files/u00001/staff/f", 404),
        ("u00005@a.test", "/dav/files/u00001/all/f", 200),
        ("u00003@b.test", "/dav/files/u00001@a.test/staff/f", 404),
        ("u00003@b.test", "/dav/files/u00001@a.test/all/f", 404),
        ("u00003@a.test", "/dav/files/u00001@b.test/staff/f", 200),
        ("u00003@a.test", "/dav/files/u00001@b.test/all/f", 404),
        ("u00003@b.test", "/dav/files/u00001@b.test/staff/f", 404),
        ("u00003@b.test", "/dav/files/u00001/all/f", 200),
        // The same login elsewhere is somebody else.
        ("u00001@b.test", "/dav/files/u00001@a.test/all/f", 404),
    ] {
        assert_eq!(status(who, path).await, expected, "{who} {path}");
    }
    let listed = dav.client("u00003@a.test").ask("PROPFIND", "/dav/files/", &[("depth", "1")]).await;
    assert_eq!(
        hrefs(&listed),
        ["/dav/files/", "/dav/files/u00001/", "/dav/files/u00001@b.test/", "/dav/files/u00003/"],
        "from home and from abroad"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn principals_as_the_directory_lets_see() {
    let dav = Dav::start().await;
    let me = dav.client("u00002@a.test");
    let own = me.ask("PROPFIND", "/dav/principals/u00002/", &[("depth", "0")]).await;
    assert!(own.status == 207 && own.body.contains("Person u00002") && own.body.contains("<D:principal/>"));
    for (path, name) in [
        ("/dav/principals/u00001/", "Person u00001"),
        ("/dav/principals/groups/garonne/staff/", "Staff"),
        ("/dav/principals/institutions/garonne/", "Garonne University"),
    ] {
        let shown = me.ask("PROPFIND", path, &[("depth", "0")]).await;
        assert!(shown.status == 207 && shown.body.contains(name), "{path}: {shown:?}");
        assert_eq!(hrefs(&shown), [path]);
    }
    for path in [
        "/dav/principals/u00404/",
        "/dav/principals/u00002@b.test/",
        "/dav/principals/groups/garonne/none/",
        "/dav/principals/groups/autan/staff/",
        "/dav/principals/institutions/autan/",
        "/dav/principals/links/any/",
    ] {
        let hidden = me.ask("PROPFIND", path, &[("depth", "0")]).await;
        assert_eq!((hidden.status, hidden.body.as_str()), (404, ""), "{path}");
    }
    assert_eq!(
        hrefs(&me.ask("PROPFIND", "/dav/principals/", &[("depth", "1")]).await),
        ["/dav/principals/", "/dav/principals/u00002/"]
    );
    assert_eq!(
        hrefs(&me.ask("PROPFIND", "/dav/", &[("depth", "1")]).await),
        [
            "/dav/",
            "/dav/calendars/",
            "/dav/contacts/",
            "/dav/directory/",
            "/dav/files/",
            "/dav/principals/",
            "/dav/scheduling/"
        ]
    );
}

/// Somebody with whom everybody shares has as many places to search as there are people.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_begins_with_so_many_places_and_says_that_there_are_more() {
    let dav = Dav::start().await;
    let me = "u00001@a.test";
    dav.write(me, "1000", "");
    let session = dav.server.house.login(me, Errand::Web).await.unwrap();
    let found = async |places: std::ops::RangeInclusive<u32>| {
        let roots = places.map(|place| node(me, &place.to_string())).collect();
        let mut search = session.search_names(roots, "1000").unwrap();
        let mut hits = 0;
        while search.next().await.unwrap().is_some() {
            hits += 1;
        }
        (hits, search.stopped())
    };
    assert_eq!(found(1..=1_000).await, (1, None));
    assert_eq!(found(0..=1_000).await, (0, Some(SearchStop::Size)));
}
