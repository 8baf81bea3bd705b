//! Two gateways on one PostgreSQL: any node answers any request, and either may be killed at any step.

use crate::{
    harness::{Gateway, Imap, State, campus, curl, eventually, try_run},
    web::Browser,
};
use std::{fs, process::Output};

/// A database of a test's own, dropped at the end.
pub struct Database(pub String);

impl Database {
    pub fn make(name: &str) -> Self {
        let name = format!("{name}_{}", std::process::id());
        let made = psql(&format!("CREATE DATABASE {name}"));
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Self(name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.0);
        // FORCE is denied while a worker of autovacuum, which is PostgreSQL's own, looks at the database.
        eventually("the database is dropped", || psql(&drop).status.success());
    }
}

fn psql(statement: &str) -> Output {
    let target = format!("postgres://passerelle:pw-passerelle@127.0.0.1:{}/passerelle", campus("CAMPUS_POSTGRES"));
    try_run("psql", &["-q", "-v", "ON_ERROR_STOP=1", "-d", &target, "-c", statement])
}

/// Which node is killed and started again between steps.
struct Nodes {
    nodes: [Gateway; 2],
    turn: usize,
}

impl Nodes {
    /// The node whose turn it is; the other one is killed and started again meanwhile.
    fn next(&mut self) -> &Gateway {
        self.turn += 1;
        let here = self.turn % 2;
        let other = &mut self.nodes[1 - here];
        other.kill();
        other.run();
        &self.nodes[here]
    }
}

#[test]
fn a_whole_scenario_with_one_node_killed_at_each_step() {
    let database = Database::make("scenario");
    let state = State::Postgres(database.0.clone());
    let first = Gateway::start_with("node-a", &state, |_| {});
    let second = first.twin("node-b", &state);
    fs::create_dir_all(first.home("garonne", "u00001")).unwrap();
    let cookie = Browser::sign_in(&first, "garonne.localhost", "u00001", "pw-u00001").cookie;
    let mut nodes = Nodes { nodes: [first, second], turn: 0 };
    let owner = "u00001@a.test:pw-u00001";
    let colleague = "u00005@a.test:pw-u00005";
    let dav = |node: &Gateway, who: &str, method: &str, path: &str, more: &[&str]| {
        curl(node, "localhost", Some(who), method, path, more)
    };

    // The session of one node holds on the other.
    assert_eq!(curl(nodes.next(), "garonne.localhost", None, "GET", "/", &["-b", &cookie]).status, 200);
    assert_eq!(dav(nodes.next(), owner, "MKCOL", "/dav/files/u00001/shared/", &[]).status, 201);
    assert_eq!(dav(nodes.next(), owner, "PUT", "/dav/files/u00001/shared/a.txt", &["-d", "one"]).status, 201);
    crate::sharing::grants(
        nodes.next(),
        owner,
        "s.grant.set({'owner': 'u00001', 'path': 'shared'}, {'account': 'u00005'}, ['read', 'edit'])",
    );
    assert_eq!(dav(nodes.next(), colleague, "GET", "/dav/files/u00001/shared/a.txt", &[]).body, "one");
    // A lock of one node is seen by the other.
    let body = "<?xml version=\"1.0\"?><lockinfo xmlns=\"DAV:\"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>";
    let locked =
        dav(nodes.next(), owner, "LOCK", "/dav/files/u00001/shared/a.txt", &["-H", "Timeout: Second-600", "-d", body]);
    assert_eq!(locked.status, 200, "{locked:?}");
    let lock = locked.header("lock-token").unwrap().to_owned();
    assert_eq!(dav(nodes.next(), colleague, "PUT", "/dav/files/u00001/shared/a.txt", &["-d", "two"]).status, 423);
    let held = format!("If: ({lock})");
    assert_eq!(
        dav(nodes.next(), owner, "PUT", "/dav/files/u00001/shared/a.txt", &["-H", &held, "-d", "two"]).status,
        204
    );
    let unlock = format!("Lock-Token: {lock}");
    assert_eq!(dav(nodes.next(), owner, "UNLOCK", "/dav/files/u00001/shared/a.txt", &["-H", &unlock]).status, 204);
    // Conditions hold over nodes.
    let etag =
        dav(nodes.next(), colleague, "HEAD", "/dav/files/u00001/shared/a.txt", &[]).header("etag").unwrap().to_owned();
    let same = format!("If-Match: {etag}");
    assert_eq!(
        dav(nodes.next(), colleague, "PUT", "/dav/files/u00001/shared/a.txt", &["-H", &same, "-d", "three"]).status,
        204
    );
    assert_eq!(
        dav(nodes.next(), colleague, "PUT", "/dav/files/u00001/shared/a.txt", &["-H", &same, "-d", "four"]).status,
        412
    );
    // A dead property is seen by the other, and follows a move.
    let patch = "<propertyupdate xmlns=\"DAV:\"><set><prop><colour xmlns=\"urn:x\">green</colour></prop></set></propertyupdate>";
    assert_eq!(dav(nodes.next(), owner, "PROPPATCH", "/dav/files/u00001/shared/a.txt", &["-d", patch]).status, 207);
    let to = format!("Destination: https://localhost:{}/dav/files/u00001/shared/b.txt", nodes.nodes[0].https);
    let mover = &nodes.nodes[0];
    assert_eq!(dav(mover, owner, "MOVE", "/dav/files/u00001/shared/a.txt", &["-H", &to]).status, 201);
    let ask = "<propfind xmlns=\"DAV:\"><prop><colour xmlns=\"urn:x\"/></prop></propfind>";
    assert!(
        dav(nodes.next(), colleague, "PROPFIND", "/dav/files/u00001/shared/b.txt", &["-H", "Depth: 0", "-d", ask])
            .body
            .contains("green")
    );
    // What is withdrawn at one node has ended at the other.
    crate::sharing::grants(
        nodes.next(),
        owner,
        "s.grant.remove({'owner': 'u00001', 'path': 'shared'}, {'account': 'u00005'})",
    );
    assert_eq!(dav(nodes.next(), colleague, "GET", "/dav/files/u00001/shared/b.txt", &[]).status, 404);
    let token =
        crate::web::token(&curl(nodes.next(), "garonne.localhost", None, "GET", "/basic", &["-b", &cookie]).body);
    let node = nodes.next();
    let origin = format!("Origin: https://garonne.localhost:{}", node.https);
    let token = format!("token={token}");
    let out = curl(
        node,
        "garonne.localhost",
        None,
        "POST",
        "/logout",
        &["-b", &cookie, "-H", &origin, "--data-urlencode", &token],
    );
    assert_eq!(out.status, 303);
    assert_eq!(curl(nodes.next(), "garonne.localhost", None, "GET", "/", &["-b", &cookie]).status, 303);
}

#[test]
fn a_withdrawal_at_one_node_ends_a_relay_at_the_other() {
    let database = Database::make("withdraw");
    let state = State::Postgres(database.0.clone());
    let first = Gateway::start_with("withdraw-a", &state, |_| {});
    let second = first.twin("withdraw-b", &state);
    let mut imap = crate::harness::Imap::log_in(first.imap, "u00045@a.test", "pw-u00045");
    imap.send(b"i IDLE\r\n");
    let _ = imap.line();
    let mut browser = Browser::sign_in(&second, "garonne.localhost", "u00045", "pw-u00045");
    browser.post("/logout", &[("everywhere", "1")]);
    assert_eq!(imap.line(), "* BYE Your access was withdrawn");
}

/// What one node withdraws is refused on both at the next command or request, and nothing else is.
#[test]
fn an_app_password_that_is_withdrawn_is_refused_on_both_nodes() {
    let database = Database::make("app_password");
    let state = State::Postgres(database.0.clone());
    let first = Gateway::start_with("withdrawn-a", &state, |_| {});
    let second = first.twin("withdrawn-b", &state);
    fs::create_dir_all(first.home("garonne", "u00007")).unwrap();
    let mut browser = Browser::sign_in(&first, "garonne.localhost", "u00007", "pw-u00007");
    let mut make = || {
        let made = browser.post("/app-passwords", &[("name", "phone"), ("scope", "all")]);
        made.body.split_once("class=\"secret\">").unwrap().1.split('<').next().unwrap().to_owned()
    };
    let (lost, kept) = (make(), make());
    let nodes = [&first, &second];
    let log_in = |secret: &str| nodes.map(|node| Imap::log_in(node.imap, "u00007@a.test", secret));
    let asks = |secret: &str| {
        let who = format!("u00007@a.test:{secret}");
        nodes.map(|node| {
            curl(node, "localhost", Some(&who), "PROPFIND", "/dav/files/u00007/", &["-H", "Depth: 0"]).status
        })
    };
    let (mut ending, mut going_on) = (log_in(&lost), log_in(&kept));
    assert_eq!(asks(&lost), [207, 207]);
    assert_eq!(browser.post("/app-passwords/remove", &[("id", &lost[..8])]).status, 303);
    // A request names its password anew: it is refused at once. A connection is told, within the time that news takes.
    assert_eq!(asks(&lost), [401, 401]);
    for imap in &mut ending {
        assert_eq!(imap.line(), "* BYE Your access was withdrawn");
    }
    assert_eq!(asks(&kept), [207, 207]);
    for imap in &mut going_on {
        assert!(imap.command("n NOOP").last().unwrap().starts_with("n OK"));
    }
}
