//! The addresses of sign-on. They belong to nobody: whoever asks brings a browser's cookies, and only the browser that began a
//! sign-on may end it. The provider here believes everybody, so that only the gate stands between an asker and the session.

use crate::{Browser, OWNER, Site, WHO, client::Reply};
use passerelle_surface_sso::KINDS;
use std::collections::BTreeSet;

struct Row {
    kind: &'static str,
    method: &'static str,
    /// What follows the kind; `{begun}` is the number of a sign-on that the owner's browser has begun.
    rest: &'static str,
    /// The same for all six, however they are signed in, but for the owner's browser.
    others: u16,
    owner: u16,
}

const fn row(kind: &'static str, method: &'static str, rest: &'static str, others: u16, owner: u16) -> Row {
    Row { kind, method, rest, others, owner }
}

/// What the owner would be let in as.
const BACK: &str = "/garonne/callback?t={begun}&who=u00001&index=ST-1";

const TABLE: &[Row] = &[
    row("cas", "GET", "/garonne/login", 303, 303),
    row("cas", "GET", "/garonne/login?next=https://evil.test/", 303, 303),
    row("cas", "POST", "/garonne/login", 404, 404),
    row("cas", "GET", BACK, 403, 303),
    row("cas", "GET", "/garonne/callback?t={begun}&who=u00001@b.test&index=ST-1", 403, 403),
    row("cas", "GET", "/garonne/callback?t={begun}&who=nobody&index=ST-1", 403, 403),
    row("cas", "GET", "/garonne/callback?who=u00001&index=ST-1", 403, 403),
    row("cas", "GET", "/garonne/callback?t=&who=u00001&index=ST-1", 403, 403),
    row("cas", "DELETE", BACK, 405, 405),
    row("cas", "GET", "/garonne/nothing?t={begun}", 404, 404),
    // Realms without this provider, and none at all.
    row("cas", "GET", "/nowhere/login", 404, 404),
    row("oidc", "GET", "/garonne/login", 404, 404),
    row("oidc", "GET", BACK, 404, 404),
    row("oidc", "POST", "/garonne/backchannel", 404, 404),
    row("saml", "GET", "/garonne/metadata", 404, 404),
    row("saml", "POST", "/garonne/acs", 404, 404),
    row("header", "GET", BACK, 404, 404),
];

/// What the table attacks: the kinds of provider.
pub(crate) fn attacked() -> BTreeSet<String> {
    TABLE.iter().map(|row| row.kind.to_owned()).collect()
}

/// What there is to attack. What each provider does with a forged answer of its own protocol is tested beside it.
pub(crate) fn operations() -> BTreeSet<String> {
    KINDS.iter().map(|kind| (*kind).to_owned()).collect()
}

async fn visit(browser: &Browser, method: &str, path: &str) -> Reply {
    let mut headers = vec![("host", "garonne.localhost")];
    headers.extend(browser.cookie.as_deref().map(|cookie| ("cookie", cookie)));
    browser.client.send(method, path, &headers, "").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_sign_on_address_as_everybody() {
    let site = Site::start().await;
    let mut wrong = Vec::new();
    for row in TABLE {
        for who in WHO {
            let mut owner = Browser::of(&site, None).await;
            let begun = visit(&owner, "GET", "/cas/garonne/login").await;
            owner.cookie = begun.header("set-cookie").and_then(|set| set.split(';').next()).map(str::to_owned);
            let to = begun.header("location").unwrap_or_else(|| panic!("{begun:?}"));
            let id = to.split_once("t=").unwrap().1.split('&').next().unwrap().to_owned();
            let (asker, expected) =
                if who == Some(OWNER) { (owner, row.owner) } else { (Browser::of(&site, who).await, row.others) };
            let path = format!("/{}{}", row.kind, row.rest.replace("{begun}", &id));
            let reply = visit(&asker, row.method, &path).await;
            let name = format!("{} {path} as {who:?}", row.method);
            if reply.status != expected {
                wrong.push(format!("{name}: {} and not {expected}", reply.status));
            }
            let mut set = reply.headers.iter().filter(|(name, _)| name == "set-cookie");
            let signed_on = set.any(|(_, cookie)| cookie.starts_with("__Host-passerelle="));
            if signed_on != (row.rest == BACK && row.kind == "cas" && row.method == "GET" && who == Some(OWNER)) {
                wrong.push(format!("{name}: a session: {signed_on}"));
            }
            let leads = reply.header("location").unwrap_or_default();
            assert!(!leads.contains("evil.test"), "{name} leads to {leads}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
