//! RFC 6578 on folders: a client that follows the differences has what a listing has.

use crate::{
    Dav,
    breaking::Breaking,
    client::{Client, Reply},
    server,
};
use passerelle_model::Rights;
use passerelle_testkit::house::{node, to_account};
use std::sync::Arc;

const ME: &str = "u00001@a.test";
const FOLDER: &str = "/dav/files/u00001/d/";

fn body(token: &str, more: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='utf-8'?><D:sync-collection xmlns:D='DAV:'><D:sync-token>{token}</D:sync-token>\
         <D:sync-level>1</D:sync-level>{more}<D:prop><D:getetag/></D:prop></D:sync-collection>"
    )
}

async fn ask(client: &Client, token: &str, more: &str) -> Reply {
    client.send("REPORT", FOLDER, &[("depth", "0")], &body(token, more)).await
}

fn token(reply: &Reply) -> String {
    let (_, rest) = reply.body.split_once("<D:sync-token>").unwrap_or_else(|| panic!("no token: {reply:?}"));
    rest.split_once('<').unwrap().0.to_owned()
}

/// Names that are told, with their status where that is all: `a`, `b 404`.
fn told(reply: &Reply) -> Vec<String> {
    assert_eq!((reply.status, reply.whole), (207, true), "{reply:?}");
    let one = |part: &str| {
        let href = part.split_once("</D:href>").unwrap().0;
        let name = href.strip_prefix(FOLDER).unwrap_or(href).to_owned();
        let alone = part.split_once("</D:href><D:status>HTTP/1.1 ").map(|(_, status)| &status[..3]);
        alone.map_or(name.clone(), |status| format!("{name} {status}"))
    };
    let mut told: Vec<String> = reply.body.split("<D:response><D:href>").skip(1).map(one).collect();
    told.sort();
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn differences_add_up() {
    let dav = Dav::start().await;
    for path in ["d/a", "d/b", "d/c", "d/é&", "d/sub/x"] {
        dav.write(ME, path, "one");
    }
    let me = dav.client(ME);
    let first = ask(&me, "", "").await;
    assert_eq!(told(&first), ["%C3%A9%26", "a", "b", "c", "sub/"]);
    assert_eq!(first.body.matches("<D:getetag>").count(), 5);
    let one = token(&first);
    assert!(one.starts_with("data:,"), "{one}");
    let nothing = ask(&me, &one, "").await;
    assert!(told(&nothing).is_empty() && token(&nothing) == one, "{nothing:?}");
    // Through the gateway and behind its back alike.
    assert_eq!(me.send("PUT", &format!("{FOLDER}a"), &[], "other").await.status, 204);
    assert_eq!(me.ask("DELETE", &format!("{FOLDER}b"), &[]).await.status, 204);
    std::fs::remove_dir_all(dav.on_disk(ME, "d/sub")).unwrap();
    std::fs::rename(dav.on_disk(ME, "d/c"), dav.on_disk(ME, "d/n")).unwrap();
    let second = ask(&me, &one, "").await;
    assert_eq!(told(&second), ["a", "b 404", "c 404", "n", "sub/ 404"]);
    let two = token(&second);
    assert_ne!(one, two);
    // The first token still tells all that came after it; a beginner hears of nothing that is gone.
    assert_eq!(told(&ask(&me, &one, "").await), told(&second));
    assert_eq!(told(&ask(&me, "", "").await), ["%C3%A9%26", "a", "n"]);
    // A name that comes again is there again.
    dav.write(ME, "d/b", "again");
    assert_eq!(told(&ask(&me, &two, "").await), ["b"]);
    assert_eq!(told(&ask(&me, &one, "").await), ["a", "b", "c 404", "n", "sub/ 404"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn as_many_as_a_client_wants() {
    let dav = Dav::start().await;
    for number in 0..7 {
        dav.write(ME, &format!("d/f{number}"), "");
    }
    let me = dav.client(ME);
    let limit = "<D:limit><D:nresults>3</D:nresults></D:limit>";
    let (mut all, mut last, mut rounds) = (Vec::new(), String::new(), 0);
    loop {
        let reply = ask(&me, &last, limit).await;
        last = token(&reply);
        let more = reply.body.contains("<D:number-of-matches-within-limits/>");
        let names = told(&reply);
        all.extend(names.iter().filter(|name| !name.ends_with(" 507")).cloned());
        assert_eq!(more, names.iter().any(|name| name == " 507"), "{reply:?}");
        rounds += 1;
        if !more {
            break;
        }
    }
    all.sort();
    assert_eq!((rounds, all), (3, (0..7).map(|number| format!("f{number}")).collect()));
    assert!(told(&ask(&me, &last, limit).await).is_empty());
    let none = ask(&me, "", "<D:limit><D:nresults>0</D:nresults></D:limit>").await;
    assert_eq!(none.status, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_token_of_this_folder() {
    let dav = Dav::start().await;
    for path in ["d/a", "e/a"] {
        dav.write(ME, path, "");
    }
    let me = dav.client(ME);
    let good = token(&ask(&me, "", "").await);
    let elsewhere = me.send("REPORT", "/dav/files/u00001/e/", &[], &body("", "")).await;
    let mut altered = good.clone();
    altered.insert(7, '0');
    for bad in
        [token(&elsewhere), altered, good.replace("data:,", ""), "data:,".into(), "data:,1-2-3".into(), "x".into()]
    {
        let reply = ask(&me, &bad, "").await;
        assert_eq!(reply.status, 403, "{bad}");
        assert!(reply.body.contains("<D:valid-sync-token/>"), "{bad}: {reply:?}");
    }
    // The index is lost: the token is worth nothing, and the next one is whole.
    let state = &dav.server.house.state;
    let target = node(ME, "d").target();
    let row = state.sync_index(&target).await.unwrap().unwrap();
    let broken = passerelle_core::ports::state::SyncIndex { version: row.version + 1, sealed: "lost".into(), ..row };
    assert!(state.put_sync_index(&target, Some(broken.version - 1), &broken).await.unwrap());
    assert!(ask(&me, &good, "").await.body.contains("<D:valid-sync-token/>"));
    let anew = ask(&me, "", "").await;
    assert_eq!(told(&anew), ["a"]);
    assert!(ask(&me, &good, "").await.body.contains("<D:valid-sync-token/>"), "of another generation");
    assert!(told(&ask(&me, &token(&anew), "").await).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_must_make_sense() {
    let dav = Dav::start().await;
    dav.write(ME, "d/a", "");
    let me = dav.client(ME);
    let infinite = body("", "").replace("<D:sync-level>1<", "<D:sync-level>infinite<");
    let reply = me.send("REPORT", FOLDER, &[("depth", "0")], &infinite).await;
    assert!(reply.status == 403 && reply.body.contains("<D:sync-traversal-supported/>"), "{reply:?}");
    // Python's caldav says the level twice.
    assert_eq!(me.send("REPORT", FOLDER, &[("depth", "1")], &body("", "")).await.status, 207);
    // The level where drafts had it.
    let draft = body("", "").replace("<D:sync-level>1</D:sync-level>", "");
    assert_eq!(me.send("REPORT", FOLDER, &[("depth", "1")], &draft).await.status, 207);
    assert_eq!(me.send("REPORT", FOLDER, &[], "<D:sync-collection xmlns:D='DAV:'/>").await.status, 400);
    let file = me.send("REPORT", "/dav/files/u00001/d/a", &[], &body("", "")).await;
    assert!(file.status == 403 && file.body.contains("<D:supported-report/>"), "{file:?}");
    let asked = "<D:propfind xmlns:D='DAV:'><D:prop><D:sync-token/><D:supported-report-set/></D:prop></D:propfind>";
    let own = me.send("PROPFIND", FOLDER, &[("depth", "0")], asked).await;
    assert!(own.body.contains("<D:report><D:sync-collection/></D:report>"), "{own:?}");
    let told_there = token(&own);
    assert_eq!(told_there, token(&ask(&me, "", "").await));
    // RFC 6578 §5: the token as a condition of a change.
    let condition = format!("<{FOLDER}> (<{told_there}>)");
    let put = async |name: &str| me.send("PUT", &format!("{FOLDER}{name}"), &[("if", &condition)], "x").await.status;
    assert_eq!((put("n").await, put("m").await), (201, 412));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn for_who_may_read_and_nobody_else() {
    let dav = Dav::start().await;
    dav.write(ME, "d/a", "");
    let house = &dav.server.house;
    house.grant(ME, "d", to_account("u00002@a.test"), Rights::READ).await.unwrap();
    house.grant(ME, "d", to_account("u00003@a.test"), Rights::ADD).await.unwrap();
    let reader = dav.client("u00002@a.test");
    let first = ask(&reader, "", "").await;
    assert_eq!(told(&first), ["a"]);
    assert_eq!(ask(&dav.client("u00003@a.test"), "", "").await.status, 403);
    assert_eq!(ask(&dav.client("u00004@a.test"), "", "").await.status, 404);
    house.state.remove_grant(&node(ME, "d").target(), &to_account("u00002@a.test")).await.unwrap();
    assert_eq!(ask(&reader, &token(&first), "").await.status, 404);
}

/// A token of one node is worth the same on another; of two that look at once none loses a change.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_two_nodes() {
    let dav = Dav::start().await;
    dav.write(ME, "d/a", "");
    let store = || server::local(dav.folder.path(), false);
    let second = server::serve_beside(&dav.server, store(), store()).await;
    let nodes = [dav.client(ME), Client::new(second.address, Some(ME))];
    let mut tokens = [token(&ask(&nodes[0], "", "").await), token(&ask(&nodes[1], "", "").await)];
    assert_eq!(tokens[0], tokens[1]);
    for round in 0..20 {
        let name = format!("d/f{round}");
        dav.write(ME, &name, "x");
        if round > 0 {
            std::fs::remove_file(dav.on_disk(ME, &format!("d/f{}", round - 1))).unwrap();
        }
        // Each client goes to the node that it did not go to before.
        let (there, here) = (&nodes[round % 2], &nodes[(round + 1) % 2]);
        let (one, other) = tokio::join!(ask(there, &tokens[0], ""), ask(here, &tokens[1], ""));
        let mut expected = vec![format!("f{round}")];
        expected.extend((round > 0).then(|| format!("f{} 404", round - 1)));
        expected.sort();
        assert_eq!((told(&one), told(&other)), (expected.clone(), expected), "round {round}");
        tokens = [token(&one), token(&other)];
        assert_eq!(tokens[0], tokens[1]);
    }
}

/// A listing that breaks off takes nothing away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn absent_is_never_a_word_for_unavailable() {
    let dav = Dav::start().await;
    for number in 0..10 {
        dav.write(ME, &format!("d/f{number}"), "x");
    }
    let me = dav.client(ME);
    let before = token(&ask(&me, "", "").await);
    let store = || Arc::new(Breaking(server::local(dav.folder.path(), false)));
    let second = server::serve_beside(&dav.server, store(), store()).await;
    let cut = ask(&Client::new(second.address, Some(ME)), &before, "").await;
    assert_eq!(cut.status, 503, "{cut:?}");
    assert!(told(&ask(&me, &before, "").await).is_empty());
}
