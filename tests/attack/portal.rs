//! The portal's addresses. Each asker is tried with all that they could bring: their password, the cookie of their web session,
//! and a bearer of a portal. What is shown is always the asker's own: there is no address with somebody else's name in it.

use crate::{Browser, OWNER, Site, WHO, client, client::Reply};
use passerelle_surface_portal::addresses;
use passerelle_testkit::house::{PORTAL, PROXY};
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
};

struct Row {
    method: &'static str,
    /// `{t}` is the owner's login, which no address takes notice of.
    path: &'static str,
    /// With a password, which is for programs of other kinds.
    password: [u16; 6],
    /// With the cookie of a web session, on our own page.
    cookie: [u16; 6],
    /// With a portal's bearer.
    bearer: [u16; 6],
}

/// Nobody has a bearer, and asks without.
const OWN: [u16; 6] = [401, 200, 200, 200, 200, 200];
const NOBODY: [u16; 6] = [401; 6];

const fn shows(path: &'static str) -> Row {
    Row { method: "GET", path, password: NOBODY, cookie: OWN, bearer: OWN }
}

const fn other(method: &'static str, path: &'static str, status: u16) -> Row {
    Row { method, path, password: [status; 6], cookie: [status; 6], bearer: [status; 6] }
}

const TABLE: &[Row] = &[
    shows("/portal/counts"),
    shows("/portal/counts?login={t}&account={t}&institution=autan"),
    shows("/portal/fragment.html"),
    // The house of these tests has no mail: there is no feed, and no empty one.
    Row {
        method: "GET",
        path: "/portal/feed.atom",
        password: NOBODY,
        cookie: [401, 501, 501, 501, 501, 501],
        bearer: [401, 501, 501, 501, 501, 501],
    },
    // A link leads on, whoever follows it.
    other("GET", "/portal/open?to=https%3A%2F%2Fevil.test%2F", 303),
    other("GET", "/portal/open?to=%2F%2Fevil.test", 303),
    // What was signed in here is no word of a portal's.
    other("POST", "/portal/session", 400),
    other("GET", "/portal/session", 405),
    other("POST", "/portal/counts", 405),
    other("DELETE", "/portal/session", 405),
    other("GET", "/portal/counts/u00001", 404),
    other("GET", "/portal/", 404),
];

/// What the table attacks, by name.
pub(crate) fn attacked() -> BTreeSet<String> {
    let done = TABLE.iter().filter(|row| row.bearer.iter().any(|status| !matches!(status, 404 | 405)));
    done.map(|row| format!("{} {}", row.method, row.path.split('?').next().unwrap_or_default())).collect()
}

/// What there is to attack: the surface is dispatched by this very table.
pub(crate) fn operations() -> BTreeSet<String> {
    addresses().collect()
}

fn host(who: &str) -> &'static str {
    if who.ends_with("@a.test") { "garonne.localhost" } else { "autan.localhost" }
}

/// What a portal changes a ticket of this person's for.
async fn bearer(site: &Site, who: &str) -> String {
    static TICKETS: AtomicUsize = AtomicUsize::new(0);
    let number = TICKETS.fetch_add(1, Ordering::SeqCst);
    let login = who.split('@').next().unwrap();
    let form = format!("ticket=PT-{login}+{number}+{PROXY}");
    let headers = [("host", host(who)), ("content-type", "application/x-www-form-urlencoded")];
    let reply = client(site, None).send("POST", "/portal/session", &headers, &form).await;
    let (_, token) = reply.body.split_once("\"access_token\":\"").unwrap_or_else(|| panic!("{reply:?}"));
    token.split('"').next().unwrap().to_owned()
}

async fn ask(site: &Site, who: Option<&str>, row: &Row, headers: &[(&str, &str)]) -> Reply {
    let at = [("host", who.map_or("garonne.localhost", host))];
    let path = row.path.replace("{t}", "u00001");
    client(site, None).send(row.method, &path, &[&at[..], headers].concat(), "").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_address_as_everybody_by_every_means() {
    let site = Site::start().await;
    let mut wrong = Vec::new();
    for row in TABLE {
        for (at, who) in WHO.into_iter().enumerate() {
            let cookie = Browser::of(&site, who).await.cookie;
            let bearer = match who {
                Some(who) => Some(format!("Bearer {}", bearer(&site, who).await)),
                None => None,
            };
            let basic = who.map(|who| {
                let login = who.split('@').next().unwrap();
                format!("Basic {}", client::base64(format!("{who}:pw-{login}").as_bytes()))
            });
            for (what, name, value, expected) in [
                ("password", "authorization", &basic, row.password[at]),
                ("cookie", "cookie", &cookie, row.cookie[at]),
                ("bearer", "authorization", &bearer, row.bearer[at]),
            ] {
                let headers: Vec<(&str, &str)> = value.iter().map(|value| (name, value.as_str())).collect();
                let reply = ask(&site, who, row, &headers).await;
                let name = format!("{} {} as {who:?} by {what}", row.method, row.path);
                if reply.status != expected {
                    wrong.push(format!("{name}: {} and not {expected}", reply.status));
                }
                let leads = reply.header("location").unwrap_or_default();
                assert!(!leads.contains("evil.test"), "{name} leads to {leads}");
                if reply.status == 200 && row.path.contains("counts") {
                    let own = format!("\"login\":\"{}\"", who.unwrap().split('@').next().unwrap());
                    assert!(reply.body.contains(&own), "{name}: {}", reply.body);
                }
                assert!(reply.header("set-cookie").is_none(), "{name} sets a cookie");
                assert_eq!(reply.header("cache-control"), Some("private, no-store"), "{name}");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The owner's own bearer, at everything else that the owner could open.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bearer_opens_nothing_else() {
    let site = Site::start().await;
    site.write(OWNER, "mine", "content");
    let bearer = bearer(&site, OWNER).await;
    let (as_bearer, as_cookie) = (format!("Bearer {bearer}"), format!("__Host-passerelle={bearer}"));
    let as_password = format!("Basic {}", client::base64(format!("{OWNER}:{bearer}").as_bytes()));
    let call = "<methodCall><methodName>account.get</methodName><params><param><value>u00002</value></param></params></methodCall>";
    for headers in [("authorization", &as_bearer), ("cookie", &as_cookie), ("authorization", &as_password)] {
        let (name, value) = headers;
        for (method, path, kind, body, expected) in [
            ("GET", "/dav/files/u00001/mine", "", "", &[401][..]),
            ("PUT", "/dav/files/u00001/mine", "", "x", &[401]),
            ("PROPFIND", "/dav/", "", "", &[401]),
            ("POST", "/xmlrpc", "text/xml", call, &[401]),
            // To the sign-in page.
            ("GET", "/", "", "", &[303]),
            ("POST", "/app-passwords", "application/x-www-form-urlencoded", "name=x&scope=all", &[303, 403]),
            ("POST", "/logout", "application/x-www-form-urlencoded", "everywhere=1", &[303, 403]),
        ] {
            let origin = format!("http://{}", site.server.address);
            let headers = [(name, value.as_str()), ("content-type", kind), ("depth", "0"), ("origin", origin.as_str())];
            let headers: Vec<_> = headers.into_iter().filter(|(_, value)| !value.is_empty()).collect();
            let reply = client(&site, None).send(method, path, &headers, body).await;
            assert!(expected.contains(&reply.status), "{method} {path} with {name}: {}", reply.status);
            assert!(!reply.body.contains("content"), "{method} {path}");
        }
    }
    assert_eq!(site.read(OWNER, "mine").as_deref(), Some("content"));
    let kept = site.server.house.state.app_passwords_of(&passerelle_testkit::house::account(OWNER)).await.unwrap();
    assert!(kept.is_empty(), "and it has made nothing");
}

/// Pages of other sites: who may read is said by name, and no cookie is believed that another site made a browser send.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_sites_read_nothing() {
    let site = Site::start().await;
    let bearer = format!("Bearer {}", bearer(&site, OWNER).await);
    let cookie = Browser::of(&site, Some(OWNER)).await.cookie.unwrap();
    for (origin, listed) in
        [(PORTAL, true), ("https://evil.test", false), ("null", false), ("https://portal.test:444", false)]
    {
        let headers = [("authorization", bearer.as_str()), ("origin", origin)];
        let reply = ask(&site, Some(OWNER), &TABLE[0], &headers).await;
        assert_eq!(reply.header("access-control-allow-origin"), listed.then_some(origin), "{origin}");
        assert!(reply.header("access-control-allow-credentials").is_none());
        assert!(reply.headers.iter().any(|(name, value)| name == "vary" && value.contains("Origin")));
        let reply = ask(&site, Some(OWNER), &TABLE[0], &[("cookie", cookie.as_str()), ("origin", origin)]).await;
        assert_eq!(reply.status, 401, "a cookie from {origin}");
        let preflight = client(&site, None);
        let asked = [("host", "garonne.localhost"), ("origin", origin)];
        let reply = preflight.ask("OPTIONS", "/portal/counts", &asked).await;
        assert_eq!(reply.header("access-control-allow-headers").is_some(), listed, "{origin}");
    }
    for fetched in ["cross-site", "same-site"] {
        let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", fetched)];
        assert_eq!(ask(&site, Some(OWNER), &TABLE[0], &headers).await.status, 401, "{fetched}");
    }
}
