//! Mail programs that sign on by an access token of the campus's OpenID provider, as curl and mutt do, and by hand: on IMAP, POP3,
//! submission and ManageSieve. What opens, what is refused, and what ends it.

use crate::{
    harness::{Gateway, Imap, State, campus, eventually, run, try_run},
    pop3::Pop,
    sso::{Jar, encoded, extend, hidden_fields, location, register},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, dangerous::insecure_decode, encode};
use serde_json::{Value, json};
use std::{fs, path::Path};

/// A verifier and its challenge (RFC 7636, appendix B).
const PKCE: (&str, &str) =
    ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
/// What our refusal of a token says before the refusal itself.
const WHY: &str = "{\"status\":\"invalid_token\"";

/// The OpenID provider, as a program sees it.
struct Provider {
    client: (String, String),
    redirect: String,
    url: String,
}

impl Provider {
    fn of(gateway: &Gateway, client: &(String, String)) -> Self {
        let redirect = format!("https://autan.localhost:{}/oidc/autan/callback", gateway.https);
        Self { client: client.clone(), redirect, url: format!("http://127.0.0.1:{}", campus("CAMPUS_OIDC")) }
    }

    /// What the provider gives for a person's password: access and identity token.
    fn tokens(&self, jar: &Jar, login: &str) -> Value {
        let begin = format!(
            "{}/auth?client_id={}&response_type=code&scope=openid%20profile&redirect_uri={}&code_challenge={}&code_challenge_method=S256&resource=urn:campus:imap",
            self.url,
            self.client.0,
            encoded(&self.redirect),
            PKCE.1,
        );
        let whole = |address: String| if address.starts_with('/') { format!("{}{address}", self.url) } else { address };
        let asks = whole(location(&jar.get(&begin, &[])));
        let mut next = location(&jar.get(&asks, &["-d", &format!("login={login}&password=pw-{login}")]));
        while !next.starts_with(&self.redirect) {
            assert!(!next.is_empty(), "the provider leads nowhere");
            next = location(&jar.get(&whole(next), &[]));
        }
        let code = next.split_once("code=").unwrap().1.split('&').next().unwrap();
        let form = format!(
            "grant_type=authorization_code&code={code}&redirect_uri={}&code_verifier={}&resource=urn:campus:imap",
            encoded(&self.redirect),
            PKCE.0,
        );
        let basic = format!("{}:{}", self.client.0, self.client.1);
        let given = run("curl", &["-sf", "-u", &basic, "-d", &form, &format!("{}/token", self.url)]);
        serde_json::from_str(&given).unwrap()
    }

    fn access(&self, login: &str) -> String {
        self.tokens(&Jar::new(), login)["access_token"].as_str().unwrap().to_owned()
    }

    /// Signs out at the provider.
    fn leave(&self, jar: &Jar) {
        let page = jar.get(&format!("{}/session/end", self.url), &[]);
        let form = hidden_fields(&page);
        assert!(form.contains("logout=yes"), "{page}");
        jar.get(&format!("{}/session/end/confirm", self.url), &["-d", form.trim_start_matches('&')]);
    }
}

/// A gateway whose autan takes tokens; `change` sees the settings after that. `name` is the client's at the provider.
fn gateway(name: &str, client: &str, change: impl FnOnce(&Path, &(String, String))) -> (Gateway, Provider) {
    // The provider must know the address before the gateway can know its client.
    let mut gateway = Gateway::start_with(name, &State::Sqlite, |_| {});
    let client = register(&[gateway.https], client);
    gateway.kill();
    change(&gateway.config(), &client);
    gateway.run();
    let provider = Provider::of(&gateway, &client);
    (gateway, provider)
}

/// The store takes the token and nothing else.
fn by_token(config: &Path, client: &(String, String)) {
    by_master(config, client);
    let settings = config.join("institutions/autan/institution.toml");
    let text = fs::read_to_string(&settings).unwrap();
    let (before, after) = text.split_once("[mail.master]").unwrap();
    let (_, sending) = after.split_once("[submission]").unwrap();
    fs::write(&settings, format!("{before}bearer = \"oauthbearer\"\n[submission]{sending}")).unwrap();
}

/// The store takes the master.
fn by_master(config: &Path, client: &(String, String)) {
    fs::write(config.join("oidc-secret"), &client.1).unwrap();
    let port = campus("CAMPUS_OIDC");
    let id = &client.0;
    extend(
        config,
        &format!(
            "[realm.autan.sso.oidc]\nissuer = \"http://127.0.0.1:{port}\"\nclient_id = \"{id}\"\nclient_secret = {{ file = \"oidc-secret\" }}\nsubject = \"preferred_username\"\nprograms_audience = \"imap\"\n"
        ),
    );
}

/// curl with a token at one of our mail ports; whether it was let in, and what was said.
fn curl_mail(
    scheme: &str,
    port: u16,
    path: &str,
    login: &str,
    token: &str,
    mechanism: &str,
    more: &[&str],
) -> (bool, String) {
    let url = format!("{scheme}://autan.localhost:{port}/{path}");
    let resolve = format!("autan.localhost:{port}:127.0.0.1");
    let (user, options) = (format!("{login}:"), format!("AUTH={mechanism}"));
    let mut arguments = vec!["-sv", "--max-time", "20", "--cacert", campus("CAMPUS_CA"), "--resolve", &resolve];
    arguments.extend(["-u", &user, "--oauth2-bearer", token, "--login-options", &options]);
    arguments.extend(more);
    arguments.push(&url);
    let said = try_run("curl", &arguments);
    let text = format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    (said.status.success(), text)
}

fn base64(octets: &str) -> String {
    let encoded = run("sh", &["-c", &format!("printf '%b' '{octets}' | base64 -w0")]);
    encoded.trim().to_owned()
}

fn message(login: &str, token: &str) -> String {
    base64(&format!("n,a={login},\\0001auth=Bearer {token}\\0001\\0001"))
}

#[test]
fn a_program_reads_and_sends_by_token() {
    let (gateway, provider) = gateway("tokens", "thunderbird", by_token);
    let (login, token) = ("u00015@b.test", provider.access("u00015"));
    let letter = gateway.dir.join("letter");
    fs::write(&letter, "From: <u00015@b.test>\r\nTo: <u00015@b.test>\r\nSubject: by token\r\n\r\nhello\r\n").unwrap();
    for mechanism in ["OAUTHBEARER", "XOAUTH2"] {
        for more in [&["--sasl-ir"][..], &[]] {
            let (ok, said) = curl_mail("imaps", gateway.imaps, "INBOX?ALL", login, &token, mechanism, more);
            assert!(ok && said.contains("* SEARCH"), "IMAP {mechanism} {more:?}: {said}");
            let (ok, said) = curl_mail("pop3s", gateway.pop3s, "", login, &token, mechanism, more);
            assert!(ok && said.contains("+OK"), "POP3 {mechanism} {more:?}: {said}");
            let mut send = vec!["--mail-from", login, "--mail-rcpt", login, "-T", letter.to_str().unwrap()];
            send.extend(more);
            let (ok, said) = curl_mail("smtps", gateway.submissions, "x", login, &token, mechanism, &send);
            assert!(ok && said.contains("235 "), "SMTP {mechanism} {more:?}: {said}");
        }
    }
    // Whose it is may be left to the token; and the other half of the names does as well.
    for name in ["a=u00015", ""] {
        let (mut imap, _) = Imap::connect(gateway.imap);
        let response = base64(&format!("n,{name},\\0001auth=Bearer {token}\\0001\\0001"));
        // Here, without a name of ours, the default institution is garonne, whose realm takes none.
        assert!(
            imap.command(&format!("a AUTHENTICATE OAUTHBEARER {response}"))
                .last()
                .unwrap()
                .starts_with("a NO [CANNOT]")
        );
    }
    assert!(!gateway.log().contains("eyJ"), "no token is in the log");
}

#[test]
fn mutt_reads_by_token() {
    let (gateway, provider) = gateway("tokens-mutt", "mutt", |config, client| {
        by_token(config, client);
        // mutt looks names up by itself, and the machine knows `localhost` only.
        let file = config.join("passerelle.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace("default_institution = \"garonne\"", "default_institution = \"autan\"")).unwrap();
    });
    let token = provider.access("u00019");
    for mechanism in ["oauthbearer", "xoauth2"] {
        let home = gateway.dir.join(mechanism);
        fs::create_dir_all(&home).unwrap();
        let read = home.join("read.txt");
        let settings = format!(
            "set imap_user=\"u00019@b.test\"\nset imap_authenticators=\"{mechanism}\"\nset imap_oauth_refresh_command=\"echo {token}\"\nset folder=\"imaps://localhost:{}/\"\nset ssl_ca_certificates_file=\"{}\"\nset move=no\nset record=\"\"\nset quit=yes\nset wait_key=no\nset header_cache=\"\"\nset sleep_time=0\npush \"<first-entry><pipe-message>cat > {}<enter><quit>\"\n",
            gateway.imaps,
            campus("CAMPUS_CA"),
            read.display(),
        );
        fs::write(home.join("muttrc"), settings).unwrap();
        let command = format!(
            "HOME={0} TERM=xterm timeout 30 script -qec \"mutt -n -F {0}/muttrc -f '=INBOX'\" {0}/screen",
            home.display()
        );
        let ended = try_run("sh", &["-c", &command]);
        let screen = String::from_utf8_lossy(&fs::read(home.join("screen")).unwrap_or_default()).into_owned();
        assert!(ended.status.success(), "{mechanism}: {screen}");
        let text = fs::read_to_string(&read).unwrap_or_default();
        assert!(text.contains("Subject:"), "{mechanism}: {screen}");
    }
}

#[test]
fn what_is_announced_where_tokens_are_taken_and_where_not() {
    let (gateway, provider) = gateway("tokens-announced", "mutt", by_master);
    let token = provider.access("u00015");
    let (ok, said) = curl_mail("imaps", gateway.imaps, "INBOX?ALL", "u00015@b.test", &token, "OAUTHBEARER", &[]);
    assert!(ok && said.contains("AUTH=PLAIN AUTH=OAUTHBEARER AUTH=XOAUTH2"), "the master opens the store: {said}");
    let (_, said) = curl_mail("pop3s", gateway.pop3s, "", "u00015@b.test", &token, "OAUTHBEARER", &[]);
    assert!(said.contains("SASL PLAIN OAUTHBEARER XOAUTH2"), "{said}");
    let (_, said) =
        curl_mail("smtps", gateway.submissions, "x", "u00015@b.test", &token, "OAUTHBEARER", &["-X", "NOOP"]);
    assert!(said.contains("AUTH PLAIN LOGIN OAUTHBEARER XOAUTH2") && said.contains("235 "), "{said}");
    let said = sieve(&gateway, &message("u00015@b.test", &token));
    assert!(said.contains("\"SASL\" \"PLAIN OAUTHBEARER XOAUTH2\"") && said.contains("OK \"Logged in\""), "{said}");
    let said = sieve(&gateway, &message("u00016@b.test", &token));
    assert!(said.contains("NO \"Login or password is wrong\"") && !said.contains("Logged in"), "{said}");
    // The default institution's realm takes none.
    let (_, greeting) = Imap::connect(gateway.imap);
    assert!(greeting.contains("AUTH=PLAIN") && !greeting.contains("OAUTH"), "{greeting}");
    let (mut pop, _) = Pop::connect(gateway.pop3);
    assert!(!String::from_utf8_lossy(&pop.many("CAPA")).contains("OAUTH"));
}

/// What is said on ManageSieve to a log-in with this message, and to a dummy response behind it.
fn sieve(gateway: &Gateway, message: &str) -> String {
    let script = format!(
        "printf 'AUTHENTICATE \"OAUTHBEARER\" \"{message}\"\\n\"\"\\nLOGOUT\\n' | timeout 20 openssl s_client -quiet -crlf -starttls sieve -servername autan.localhost -CAfile {} -connect 127.0.0.1:{} 2>&1",
        campus("CAMPUS_CA"),
        gateway.sieve,
    );
    String::from_utf8_lossy(&try_run("sh", &["-c", &script]).stdout).into_owned()
}

/// What each of these tokens is, and whose it is said to be.
fn forged(provider: &Provider) -> Vec<(&'static str, String, String)> {
    let mine = "u00015@b.test".to_owned();
    let jar = Jar::new();
    let given = provider.tokens(&jar, "u00015");
    let good = given["access_token"].as_str().unwrap().to_owned();
    let [head, body, signature]: [&str; 3] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
    let claims = insecure_decode::<Value>(&good).unwrap().claims;
    let url = |value: &Value| base64(&value.to_string()).replace('+', "-").replace('/', "_").replace('=', "");
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some("campus".to_owned());
    let stranger = EncodingKey::from_rsa_pem(run("openssl", &["genrsa", "2048"]).as_bytes()).unwrap();
    let published = run("curl", &["-sf", &format!("{}/jwks", provider.url)]);
    let mut mac = Header::new(Algorithm::HS256);
    mac.kid = Some("campus".to_owned());
    let mut other = claims.clone();
    other["sub"] = json!("u00001");
    other["preferred_username"] = json!("u00001");
    vec![
        ("altered", mine.clone(), format!("{head}.{}.{signature}", url(&other))),
        ("without a signature", mine.clone(), format!("{head}.{body}.")),
        ("none", mine.clone(), format!("{}.{body}.", url(&json!({"alg": "none"})))),
        (
            "a MAC under what is published",
            mine.clone(),
            encode(&mac, &claims, &EncodingKey::from_secret(published.as_bytes())).unwrap(),
        ),
        ("an identity token", mine.clone(), given["id_token"].as_str().unwrap().to_owned()),
        ("somebody else's login", "u00016@b.test".to_owned(), good.clone()),
        ("a login of another domain", "u00015@a.test".to_owned(), good.clone()),
        ("another key", mine.clone(), encode(&header, &claims, &stranger).unwrap()),
        ("no token", mine.clone(), "x".to_owned()),
        // As long as one with many groups in it: refused, and not hung up on.
        ("a long one", mine, "A".repeat(8000)),
    ]
}

#[test]
fn forged_and_foreign_tokens_open_nothing_anywhere() {
    let (gateway, provider) = gateway("tokens-forged", "evil", by_master);
    for (what, login, token) in forged(&provider) {
        for (scheme, port, path, no) in [
            ("imaps", gateway.imaps, "INBOX?ALL", " NO ["),
            ("pop3s", gateway.pop3s, "", "-ERR [AUTH]"),
            ("smtps", gateway.submissions, "x", "535 "),
        ] {
            for mechanism in ["OAUTHBEARER", "XOAUTH2"] {
                let (ok, said) = curl_mail(scheme, port, path, &login, &token, mechanism, &["--sasl-ir"]);
                assert!(!ok && said.contains(no), "{what} by {scheme} {mechanism}: {said}");
                let why = base64(WHY);
                assert!(said.contains(why.get(..why.len() - 4).unwrap()), "{what} by {scheme}: {said}");
            }
        }
    }
    let good = provider.access("u00015");
    let (ok, said) = curl_mail("imaps", gateway.imaps, "INBOX?ALL", "u00015@b.test", &good, "OAUTHBEARER", &[]);
    assert!(ok, "and after all that, the right one: {said}");
}

/// A conversation that waits for its end, over TLS with the institution's name.
fn idle(gateway: &Gateway, login: &str, token: &str) -> std::process::Child {
    let certificates = campus("CAMPUS_CA");
    let script = format!(
        "(printf 'a AUTHENTICATE OAUTHBEARER {}\\nb IDLE\\n'; cat) | openssl s_client -quiet -crlf -servername autan.localhost -CAfile {certificates} -connect 127.0.0.1:{} > {}/idle 2>&1",
        message(login, token),
        gateway.imaps,
        gateway.dir.display(),
    );
    std::process::Command::new("sh").args(["-c", &script]).stdin(std::process::Stdio::piped()).spawn().unwrap()
}

fn heard(gateway: &Gateway) -> String {
    fs::read_to_string(gateway.dir.join("idle")).unwrap_or_default()
}

#[test]
fn a_session_ends_when_its_token_does() {
    let (gateway, provider) = gateway("tokens-end", "brief", by_master);
    let token = provider.access("u00017");
    let mut client = idle(&gateway, "u00017@b.test", &token);
    eventually("the client is in", || heard(&gateway).contains("+ idling"));
    assert!(heard(&gateway).contains("a OK"), "{}", heard(&gateway));
    eventually("the token has run out", || heard(&gateway).contains("* BYE"));
    drop(client.stdin.take());
    client.wait().unwrap();
    let (ok, said) = curl_mail("imaps", gateway.imaps, "INBOX?ALL", "u00017@b.test", &token, "OAUTHBEARER", &[]);
    assert!(!ok && said.contains(" NO ["), "{said}");
}

#[test]
fn a_log_out_at_the_provider_ends_what_the_token_opened() {
    let (gateway, provider) = gateway("tokens-out", "phone", by_master);
    let jar = Jar::new();
    let token = provider.tokens(&jar, "u00018")["access_token"].as_str().unwrap().to_owned();
    let mut client = idle(&gateway, "u00018@b.test", &token);
    eventually("the client is in", || heard(&gateway).contains("+ idling"));
    provider.leave(&jar);
    eventually("the provider's notice ended it", || heard(&gateway).contains("* BYE"));
    drop(client.stdin.take());
    client.wait().unwrap();
    let (ok, said) = curl_mail("imaps", gateway.imaps, "INBOX?ALL", "u00018@b.test", &token, "OAUTHBEARER", &[]);
    assert!(!ok && said.contains(" NO ["), "the token holds at the provider's, and not here: {said}");
}
