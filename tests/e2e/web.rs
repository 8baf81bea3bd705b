//! The pages, as a browser without script uses them.

use crate::harness::{Answer, Gateway, curl};
use std::fs;

/// A browser's cookie and our origin.
pub struct Browser<'a> {
    gateway: &'a Gateway,
    host: String,
    pub cookie: String,
}

impl<'a> Browser<'a> {
    /// Signs in by the page's form.
    #[track_caller]
    pub fn sign_in(gateway: &'a Gateway, host: &str, login: &str, password: &str) -> Self {
        let answer = sign_in(gateway, host, login, password);
        assert_eq!(answer.status, 303, "{answer:?}");
        let set = answer.header("set-cookie").expect("a cookie").to_owned();
        for part in ["__Host-passerelle=", "Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(set.contains(part), "{part} in {set}");
        }
        Self { gateway, host: host.to_owned(), cookie: set.split(';').next().unwrap().to_owned() }
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.get_from(self.gateway, path)
    }

    /// The same browser at another node.
    #[track_caller]
    pub fn get_from(&self, gateway: &Gateway, path: &str) -> Answer {
        curl(gateway, &self.host, None, "GET", path, &["-b", &self.cookie])
    }

    /// Sends one of the home page's forms.
    #[track_caller]
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = token(&self.get("/basic").body);
        let mut more = vec![
            "-b".to_owned(),
            self.cookie.clone(),
            "-H".to_owned(),
            self.origin(),
            "--data-urlencode".to_owned(),
            format!("token={token}"),
        ];
        for (name, value) in fields {
            more.extend(["--data-urlencode".to_owned(), format!("{name}={value}")]);
        }
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        curl(self.gateway, &self.host, None, "POST", path, &more)
    }

    pub fn origin(&self) -> String {
        format!("Origin: https://{}:{}", self.host, self.gateway.https)
    }
}

pub fn sign_in(gateway: &Gateway, host: &str, login: &str, password: &str) -> Answer {
    let origin = format!("Origin: https://{host}:{}", gateway.https);
    let (login, password) = (format!("login={login}"), format!("password={password}"));
    curl(
        gateway,
        host,
        None,
        "POST",
        "/login",
        &["-H", &origin, "--data-urlencode", &login, "--data-urlencode", &password],
    )
}

/// The form token of a page.
pub fn token(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"token\" value=\"").expect("a form with a token");
    rest.split('"').next().unwrap().to_owned()
}

#[test]
fn each_host_shows_its_institution_in_the_readers_language() {
    let gateway = Gateway::start("web-face");
    let page = |host, language: &str| {
        curl(&gateway, host, None, "GET", "/login", &["-H", &format!("Accept-Language: {language}")]).body
    };
    assert!(page("garonne.localhost", "fr").contains("Université Garonne"));
    assert!(page("garonne.localhost", "fr").contains("Se connecter"));
    assert!(page("autan.localhost", "en").contains("Autan University"));
    assert!(page("autan.localhost", "ja,en;q=0.5").contains("Sign in"));
    let css = curl(&gateway, "garonne.localhost", None, "GET", "/branding.css", &[]);
    assert!(css.body.contains("--brand: #8a1538"), "{}", css.body);
    let json = curl(&gateway, "garonne.localhost", None, "GET", "/branding.json", &[]);
    let json: serde_json::Value = serde_json::from_str(&json.body).unwrap();
    assert_eq!(json["institution"], "garonne");
}

#[test]
fn signs_in_shows_who_and_signs_out() {
    let gateway = Gateway::start("web-session");
    let asked = curl(&gateway, "garonne.localhost", None, "GET", "/", &[]);
    assert_eq!((asked.status, asked.header("location")), (303, Some("/login")));
    let mut browser = Browser::sign_in(&gateway, "garonne.localhost", "u00001", "pw-u00001");
    let home = browser.get("/basic");
    assert_eq!(home.status, 200);
    assert!(home.body.contains("g0001"), "the groups are shown");
    assert!(home.body.contains("unread message"), "the unread count is shown: {}", home.body);
    for header in ["content-security-policy", "x-content-type-options", "strict-transport-security", "referrer-policy"]
    {
        assert!(home.header(header).is_some(), "{header}");
    }
    assert!(home.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    let out = browser.post("/logout", &[]);
    assert_eq!(out.status, 303);
    // The cookie is of no more use, even to who kept it.
    assert_eq!(browser.get("/").status, 303);
}

#[test]
fn a_wrong_password_and_an_unknown_login_are_told_alike() {
    let gateway = Gateway::start("web-wrong");
    let wrong = sign_in(&gateway, "garonne.localhost", "u00002", "wrong");
    let unknown = sign_in(&gateway, "garonne.localhost", "nobody", "wrong");
    assert_eq!((wrong.status, unknown.status), (401, 401));
    assert_eq!(wrong.body.replace("u00002", "x"), unknown.body.replace("nobody", "x"));
    assert!(wrong.header("set-cookie").is_none());
}

#[test]
fn forms_from_elsewhere_change_nothing() {
    let gateway = Gateway::start("web-csrf");
    let browser = Browser::sign_in(&gateway, "garonne.localhost", "u00001", "pw-u00001");
    let token = format!("token={}", token(&browser.get("/basic").body));
    let post = |more: &[&str]| curl(&gateway, "garonne.localhost", None, "POST", "/logout", more).status;
    let cookie = browser.cookie.as_str();
    let origin = browser.origin();
    assert_eq!(post(&["-b", cookie, "-d", &token]), 403, "no Origin");
    assert_eq!(post(&["-b", cookie, "-H", "Origin: https://evil.test", "-d", &token]), 403, "another Origin");
    assert_eq!(post(&["-b", cookie, "-H", "Origin: null", "-d", &token]), 403, "an opaque Origin");
    assert_eq!(post(&["-b", cookie, "-H", &origin, "-d", "token=0123"]), 403, "no token of ours");
    assert_eq!(browser.get("/basic").status, 200, "the session still stands");
    // A cookie signs no DAV write from elsewhere either.
    let put = |more: &[&str]| curl(&gateway, "garonne.localhost", None, "PUT", "/dav/files/u00001/x.txt", more).status;
    assert_eq!(put(&["-b", cookie, "-H", "Origin: https://evil.test", "-d", "x"]), 403);
    assert_eq!(put(&["-b", cookie, "-H", &origin, "-H", "Content-Type: application/octet-stream", "-d", "x"]), 201);
    // Signing a victim on as somebody else from another site.
    let other = curl(
        &gateway,
        "garonne.localhost",
        None,
        "POST",
        "/login",
        &["-H", "Origin: https://evil.test", "-d", "login=u00001&password=pw-u00001"],
    );
    assert_eq!(other.status, 403);
}

#[test]
fn an_altered_expired_or_foreign_cookie_is_nobodys() {
    let gateway = Gateway::start("web-cookie");
    let browser = Browser::sign_in(&gateway, "garonne.localhost", "u00001", "pw-u00001");
    let with = |cookie: &str| curl(&gateway, "garonne.localhost", None, "GET", "/", &["-b", cookie]).status;
    assert_eq!(with(&browser.cookie), 200);
    let mut altered = browser.cookie.clone().into_bytes();
    let middle = altered.len() / 2;
    altered[middle] = if altered[middle] == b'A' { b'B' } else { b'A' };
    assert_eq!(with(std::str::from_utf8(&altered).unwrap()), 303);
    assert_eq!(with("__Host-passerelle="), 303);
    assert_eq!(with(&format!("__Host-passerelle={}", "A".repeat(3000))), 303);
    // Sealed by a gateway with another key.
    let other = Gateway::start_with("web-cookie-other", &crate::harness::State::Sqlite, |config| {
        fs::write(config.join("session.key"), b"another session key of thirty-two").unwrap();
    });
    let foreign = Browser::sign_in(&other, "garonne.localhost", "u00001", "pw-u00001");
    assert_eq!(with(&foreign.cookie), 303);
}

#[test]
fn keys_are_changed_without_a_prompt() {
    let mut gateway = Gateway::start("web-keys");
    let cookie = Browser::sign_in(&gateway, "garonne.localhost", "u00001", "pw-u00001").cookie;
    let config = gateway.config();
    fs::write(config.join("new.key"), b"a new session key of thirty-two octets!").unwrap();
    let settings = fs::read_to_string(config.join("passerelle.toml")).unwrap();
    let both = settings
        .replace("keys = [{ file = \"session.key\" }]", "keys = [{ file = \"new.key\" }, { file = \"session.key\" }]");
    let only = settings.replace("keys = [{ file = \"session.key\" }]", "keys = [{ file = \"new.key\" }]");
    gateway.kill();
    fs::write(config.join("passerelle.toml"), both).unwrap();
    gateway.run();
    let with = |gateway: &Gateway| curl(gateway, "garonne.localhost", None, "GET", "/", &["-b", &cookie]).status;
    assert_eq!(with(&gateway), 200, "a session of the old key goes on, after a restart");
    gateway.kill();
    fs::write(config.join("passerelle.toml"), only).unwrap();
    gateway.run();
    assert_eq!(with(&gateway), 303, "a key that is no more listed opens nothing");
}

#[test]
fn files_are_added_listed_and_fetched() {
    let gateway = Gateway::start("web-files");
    let browser = Browser::sign_in(&gateway, "garonne.localhost", "u00002", "pw-u00002");
    let token = token(&browser.get("/basic").body);
    let file = gateway.dir.join("Réunion été.txt");
    fs::write(&file, "bonjour\n").unwrap();
    let send = |token: &str| {
        let (token, file) = (format!("token={token}"), format!("file=@{}", file.display()));
        curl(
            &gateway,
            "garonne.localhost",
            None,
            "POST",
            "/upload?folder=",
            &["-b", &browser.cookie, "-H", &browser.origin(), "-F", &token, "-F", &file],
        )
    };
    assert_eq!(send("0000").status, 403);
    let sent = send(&token);
    assert_eq!(sent.status, 200, "{}", sent.body);
    assert_eq!(fs::read_to_string(gateway.home("garonne", "u00002").join("Réunion été.txt")).unwrap(), "bonjour\n");
    assert_eq!(send(&token).status, 409, "what is there is not overwritten");
    let home = browser.get("/basic").body;
    let (_, link) = home.split_once("href=\"/dav/files/").expect("a link to the file");
    let path = format!("/dav/files/{}", link.split('"').next().unwrap());
    let fetched = browser.get(&path);
    assert_eq!((fetched.status, fetched.body.as_str()), (200, "bonjour\n"));
}

#[test]
fn app_passwords_are_shown_once_open_their_scope_and_end_at_once() {
    let gateway = Gateway::start("web-app-passwords");
    let mut browser = Browser::sign_in(&gateway, "garonne.localhost", "u00003", "pw-u00003");
    let made = browser.post("/app-passwords", &[("name", "My phone"), ("scope", "files")]);
    assert_eq!(made.status, 201, "{}", made.body);
    let secret = made.body.split_once("class=\"secret\">").unwrap().1.split('<').next().unwrap().to_owned();
    assert!(!browser.get("/basic").body.contains(&secret), "shown once");
    let who = format!("u00003@a.test:{secret}");
    let files = || {
        curl(&gateway, "garonne.localhost", Some(&who), "PROPFIND", "/dav/files/u00003/", &["-H", "Depth: 0"]).status
    };
    assert_eq!(files(), 207);
    let (mut imap, _) = crate::harness::Imap::connect(gateway.imap);
    assert!(
        imap.command(&format!("l LOGIN u00003@a.test {secret}")).last().unwrap().starts_with("l NO [AUTH"),
        "not for mail"
    );
    let somebody_else = format!("u00004@a.test:{secret}");
    let answer = curl(&gateway, "garonne.localhost", Some(&somebody_else), "PROPFIND", "/dav/files/u00004/", &[]);
    assert_eq!(answer.status, 401, "not for somebody else");
    assert_eq!(sign_in(&gateway, "garonne.localhost", "u00003", &secret).status, 401, "not for the pages");
    let id = &secret[..8];
    assert_eq!(browser.post("/app-passwords/remove", &[("id", id)]).status, 303);
    assert_eq!(files(), 401, "withdrawn at once");
}

#[test]
fn an_app_password_that_is_withdrawn_ends_the_mail_that_it_opened() {
    let gateway = Gateway::start("web-app-password-mail");
    let mut browser = Browser::sign_in(&gateway, "garonne.localhost", "u00004", "pw-u00004");
    let made = browser.post("/app-passwords", &[("name", "Lost phone"), ("scope", "mail")]);
    let secret = made.body.split_once("class=\"secret\">").unwrap().1.split('<').next().unwrap().to_owned();
    let mut phone = crate::harness::Imap::log_in(gateway.imap, "u00004@a.test", &secret);
    let mut desk = crate::harness::Imap::log_in(gateway.imap, "u00004@a.test", "pw-u00004");
    phone.send(b"i IDLE\r\n");
    assert!(phone.line().starts_with('+'));
    assert_eq!(browser.post("/app-passwords/remove", &[("id", &secret[..8])]).status, 303);
    assert_eq!(phone.line(), "* BYE Your access was withdrawn");
    assert!(desk.command("n NOOP").last().unwrap().starts_with("n OK"), "what another password opened goes on");
}

#[test]
fn an_app_password_for_reading_reads_mail_and_files_and_changes_nothing() {
    let gateway = Gateway::start("web-app-password-reading");
    let mut browser = Browser::sign_in(&gateway, "garonne.localhost", "u00005", "pw-u00005");
    let form = [("name", "Display in the hall"), ("scope", "all-reading"), ("until", "2099-12-31")];
    let made = browser.post("/app-passwords", &form);
    assert_eq!(made.status, 201, "{}", made.body);
    assert!(made.body.contains("2099-12-31"), "the page tells the end");
    let secret = made.body.split_once("class=\"secret\">").unwrap().1.split('<').next().unwrap().to_owned();

    let mut imap = crate::harness::Imap::log_in(gateway.imap, "u00005@a.test", &secret);
    let selected = imap.command("s SELECT INBOX");
    assert!(selected.last().unwrap().starts_with("s OK [READ-ONLY]"), "{selected:?}");
    assert!(imap.command("f FETCH 1 (FLAGS BODY[]<0.10>)").last().unwrap().starts_with("f OK"));
    for change in [
        "STORE 1 +FLAGS (\\Deleted)",
        "UID STORE 1:* +FLAGS (\\Seen)",
        "EXPUNGE",
        "COPY 1 Drafts",
        "UID MOVE 1 Trash",
        "CREATE New",
        "DELETE INBOX",
        "RENAME INBOX Old",
        "SUBSCRIBE INBOX",
        "SETACL INBOX u00006 lr",
        "APPEND INBOX {3}",
        // A literal that the store would not read as one.
        "NAMESPACE {17}\r\ny DELETE Drafts\r\n (",
    ] {
        let answer = imap.command(&format!("c {change}"));
        let told = answer.last().unwrap();
        assert!(["c BAD", "c NO [NOPERM]"].iter().any(|no| told.starts_with(no)), "{change}: {answer:?}");
    }
    assert!(imap.command("n NOOP").last().unwrap().starts_with("n OK"), "and the conversation goes on");
    let mut own = crate::harness::Imap::log_in(gateway.imap, "u00005@a.test", "pw-u00005");
    own.command("s EXAMINE INBOX");
    let flags = own.command("f FETCH 1 (FLAGS)");
    assert!(!flags[0].contains("Seen"), "reading left no mark: {flags:?}");

    let who = format!("u00005@a.test:{secret}");
    let dav =
        |who: &str, method, path, more: &[&str]| curl(&gateway, "garonne.localhost", Some(who), method, path, more);
    assert_eq!(dav("u00005@a.test:pw-u00005", "PUT", "/dav/files/u00005/a.txt", &["-d", "x"]).status, 201);
    assert_eq!(dav(&who, "GET", "/dav/files/u00005/a.txt", &[]).body, "x");
    for (method, path) in [
        ("PUT", "/dav/files/u00005/a.txt"),
        ("PUT", "/dav/files/u00005/new.txt"),
        ("DELETE", "/dav/files/u00005/a.txt"),
        ("MKCOL", "/dav/files/u00005/new"),
        ("PROPPATCH", "/dav/files/u00005/a.txt"),
        ("LOCK", "/dav/files/u00005/a.txt"),
    ] {
        let body = match method {
            "PROPPATCH" => {
                "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><D:displayname>x</D:displayname></D:prop></D:set></D:propertyupdate>"
            }
            "LOCK" => {
                "<D:lockinfo xmlns:D='DAV:'><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>"
            }
            _ => "",
        };
        assert_eq!(dav(&who, method, path, &["-d", body]).status, 403, "{method} {path}");
    }
    let another = browser.post("/app-passwords", &[("name", "Phone"), ("scope", "all")]);
    assert_eq!(another.status, 201);
    assert_eq!(browser.post("/app-passwords/remove-all", &[]).status, 303);
    assert_eq!(dav(&who, "GET", "/dav/files/u00005/a.txt", &[]).status, 401, "all are withdrawn");
    assert_eq!(imap.line(), "* BYE Your access was withdrawn");
    assert_eq!(browser.post("/app-passwords", &[("name", "x"), ("scope", "all"), ("until", "soon")]).status, 400);
}
