//! By a token that the portal signs.

use super::{HOST, bearer, begin, change, counts, extend, get};
use crate::harness::{Gateway, State, campus, curl, run, try_run};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use std::{
    fs,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

/// A portal's key; its public half is among the settings.
pub(super) fn with_key(config: &Path) {
    with_key_of(config, "garonne");
}

/// The same for a realm.
pub(super) fn with_key_of(config: &Path, realm: &str) {
    let at = |name: &str| config.join(name).to_str().unwrap().to_owned();
    run("openssl", &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", &at("portal.key")]);
    run("openssl", &["pkey", "-in", &at("portal.key"), "-pubout", "-out", &at("portal.pem")]);
    extend(
        &config.join("passerelle.toml"),
        &format!(
            "[realm.{realm}.sso.jwt]\nissuer = \"https://ent.test\"\naudience = \"https://office.test\"\nkeys = [\"portal.pem\"]\n"
        ),
    );
}

pub(super) fn token(config: &Path, login: &str, id: &str) -> String {
    signed(config, &json!({"sub": login, "jti": id}))
}

fn signed(config: &Path, changes: &Value) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut claims = json!({"iss": "https://ent.test", "aud": "https://office.test", "iat": now, "exp": now + 120});
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let key = EncodingKey::from_rsa_pem(&fs::read(config.join("portal.key")).unwrap()).unwrap();
    encode(&Header::new(Algorithm::RS256), &claims, &key).unwrap()
}

#[test]
fn a_signed_token_works_once_and_ends_with_the_account() {
    let gateway = Gateway::start_with("portal-jwt", &State::Sqlite, |config| {
        with_key(config);
        begin(config, "garonne", "portals = [\"https://ent.test\"]");
    });
    let config = gateway.config();
    let good = token(&config, "u00023", "one");
    let asked = bearer(&gateway, "jwt", &good);
    assert_eq!(change(&gateway, "jwt", &good).status, 401, "a token works once");
    let seen = counts(&gateway, &asked);
    assert!(seen["mail"]["total"].as_u64().is_some_and(|total| total >= 200), "by the master log-in: {seen}");
    assert_eq!(seen["errorCause"], Value::Null);
    // As JSON too, and in the words of the person's language.
    let body = json!({"jwt": token(&config, "nobody", "two")}).to_string();
    let more = ["-H", "Content-Type: application/json", "-H", "Accept-Language: fr", "--data", &body];
    let unknown = curl(&gateway, HOST, None, "POST", "/portal/session", &more);
    assert_eq!(unknown.status, 403);
    assert!(unknown.body.contains("inconnu ici"), "{}", unknown.body);
    for (what, refused) in [
        ("of another institution", token(&config, "u00023@b.test", "three")),
        ("expired", signed(&config, &json!({"sub": "u00023", "jti": "four", "exp": 1}))),
        ("for another", signed(&config, &json!({"sub": "u00023", "jti": "five", "aud": "https://x"}))),
        ("not signed", good.rsplit_once('.').unwrap().0.to_owned() + "."),
        ("no token", "x".to_owned()),
    ] {
        assert!(matches!(change(&gateway, "jwt", &refused).status, 401 | 403), "{what}");
    }
    let both = curl(&gateway, HOST, None, "POST", "/portal/session", &["--data", "jwt=a&ticket=b"]);
    assert_eq!(both.status, 400, "{}", both.body);
    assert_eq!(curl(&gateway, HOST, None, "POST", "/portal/session", &["--data", "a=b"]).status, 400);
    assert_eq!(change(&gateway, "ticket", "PT-1").status, 501, "this realm has no CAS server");

    // Pages of the listed portal may ask, those of others may not, and no cookie is taken along.
    let from = |origin: &str| {
        let origin = format!("Origin: {origin}");
        let answer =
            curl(&gateway, HOST, None, "GET", "/portal/counts", &["-H", &super::authorization(&asked), "-H", &origin]);
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        answer.header("access-control-allow-origin").map(str::to_owned)
    };
    assert_eq!(from("https://ent.test").as_deref(), Some("https://ent.test"));
    for other in ["https://evil.test", "https://ent.test.evil.test", "null", "http://ent.test"] {
        assert_eq!(from(other), None, "{other}");
    }
    let preflight = ["-H", "Origin: https://ent.test", "-H", "Access-Control-Request-Method: GET"];
    let preflight = curl(&gateway, HOST, None, "OPTIONS", "/portal/counts", &preflight);
    assert_eq!((preflight.status, preflight.header("access-control-allow-headers").is_some()), (204, true));
    let preflight = curl(&gateway, HOST, None, "OPTIONS", "/portal/counts", &["-H", "Origin: https://evil.test"]);
    assert_eq!(preflight.header("access-control-allow-headers"), None);

    // The person signs out everywhere: what the portal holds ends too.
    let jar = gateway.dir.join("jar");
    let (jar, origin) = (jar.to_str().unwrap(), format!("Origin: https://{HOST}:{}", gateway.https));
    let at = |path: &str| format!("https://{HOST}:{}{path}", gateway.https);
    let browse = |path: &str, more: &[&str]| {
        let mut arguments = vec!["-s", "--cacert", campus("CAMPUS_CA"), "-b", jar, "-c", jar];
        let url = at(path);
        arguments.push(&url);
        arguments.extend(more);
        String::from_utf8_lossy(&try_run("curl", &arguments).stdout).into_owned()
    };
    browse("/login", &["-d", "login=u00023&password=pw-u00023", "-H", &origin]);
    // The office's own page asks with its cookie, other sites do not.
    let own: Value = serde_json::from_str(&browse("/portal/counts", &["-H", "Sec-Fetch-Site: same-origin"])).unwrap();
    assert_eq!(own["mail"]["total"], seen["mail"]["total"]);
    assert!(browse("/portal/counts", &["-H", "Sec-Fetch-Site: cross-site"]).contains("\"code\":\"refused\""));
    assert!(browse("/portal/counts", &["-H", "Origin: https://ent.test"]).contains("\"code\":\"refused\""));
    let home = browse("/basic", &[]);
    let form = home.split_once("name=\"token\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    assert_eq!(get(&gateway, &asked, "/portal/counts").status, 200);
    browse("/logout", &["-d", &format!("token={form}&everywhere=1"), "-H", &origin]);
    assert_eq!(get(&gateway, &asked, "/portal/counts").status, 401, "at once on this node");
    let log = gateway.log();
    assert!(!log.contains("eyJ") && !log.contains(&asked), "no token is in the log");
}

#[test]
fn deep_links_sign_on_and_lead_to_our_own_pages_only() {
    let gateway = Gateway::start_with("portal-links", &State::Sqlite, |config| super::with_cas(config, ""));
    let open = |to: &str, more: &[&str]| {
        let answer = curl(&gateway, HOST, None, "GET", &format!("/portal/open?to={to}"), more);
        assert_eq!(answer.status, 303);
        answer.header("location").unwrap().to_owned()
    };
    assert_eq!(open("%2F%23mail", &[]), "/cas/garonne/login?gateway=true&next=%2F%23mail");
    for evil in
        ["https%3A%2F%2Fevil.test", "%2F%2Fevil.test", "%2F%5Cevil.test", "javascript%3A1", "%2F%0D%0ALocation%3A%20x"]
    {
        assert_eq!(open(evil, &[]), "/cas/garonne/login?gateway=true&next=%2F", "{evil}");
    }
    // A realm without a CAS server asks on its own page.
    let other = curl(&gateway, "autan.localhost", None, "GET", "/portal/open?to=%2F%23files", &[]);
    assert_eq!(other.header("location"), Some("/login?next=%2F%23files"));
    let signed_in = curl(
        &gateway,
        HOST,
        None,
        "POST",
        "/login",
        &["-H", &format!("Origin: https://{HOST}:{}", gateway.https), "-d", "login=u00024&password=pw-u00024"],
    );
    let cookie = signed_in.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    assert_eq!(open("%2F%23mail%2FINBOX%2F1%2F2", &["-H", &format!("Cookie: {cookie}")]), "/#mail/INBOX/1/2");
    assert_eq!(open("%2F%2Fevil.test", &["-H", &format!("Cookie: {cookie}")]), "/");
}
