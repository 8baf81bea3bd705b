//! Every page of the server in each language that it speaks: all of it said, from the right where it is written so, and in the
//! language that was chosen.

use crate::{
    harness::{Answer, Gateway, State, curl, root},
    web::Browser,
};
use std::{collections::BTreeSet, fs};

const HOST: &str = "garonne.localhost";
const LANGUAGES: [&str; 8] = ["en", "fr", "nl", "de", "es", "it", "pt", "ar"];

/// The keys of the messages, but for those that are English words.
fn keys() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("crates/surface-web/locales/en.ftl")).unwrap();
    let messages: Vec<_> = text.lines().filter_map(|line| line.split_once(" = ")).collect();
    let words: BTreeSet<&str> = messages.iter().flat_map(|(_, text)| text.split_whitespace()).collect();
    let keys = messages.iter().map(|(key, _)| *key).filter(|key| key.contains('-') && !words.contains(key));
    keys.map(str::to_owned).collect()
}

/// What a page says: its text, and the labels that are read out.
fn said(html: &str) -> Vec<String> {
    let labels = html.split("aria-label=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let texts = html.split('<').filter_map(|rest| rest.split_once('>').map(|(_, text)| text));
    labels.chain(texts).flat_map(str::split_whitespace).map(str::to_owned).collect()
}

fn in_language(gateway: &Gateway, language: &str, path: &str, more: &[&str]) -> Answer {
    let accepted = format!("Accept-Language: {language}");
    let mut arguments = vec!["-H", accepted.as_str()];
    arguments.extend(more);
    curl(gateway, HOST, None, "GET", path, &arguments)
}

#[test]
fn every_page_says_everything_in_every_language() {
    let gateway = Gateway::start_with("languages", &State::Sqlite, |config| {
        let settings = config.join("institutions/garonne/institution.toml");
        let text = fs::read_to_string(&settings).unwrap();
        fs::write(settings, text + "[external_mail]\nkind = \"direct\"\n").unwrap();
    });
    let home = gateway.home("garonne", "u00001");
    fs::create_dir_all(home.join("Cours/empty")).unwrap();
    fs::write(home.join("Cours/plan.txt"), "x".repeat(1_500)).unwrap();
    let mut browser = Browser::sign_in(&gateway, HOST, "u00001", "pw-u00001");
    browser.post("/app-passwords", &[("name", "phone"), ("scope", "mail")]);
    let here = "/share?owner=u00001&folder=Cours";
    browser.post(here, &[("kind", "person"), ("who", "u00002"), ("what", "read"), ("until", "2099-01-31")]);
    let link = |browser: &mut Browser<'_>, password: &str| {
        let form = [("label", "l"), ("what", "read"), ("until", "2099-01-31"), ("password", password)];
        let made = browser.post("/share/link?owner=u00001&folder=Cours", &form).body;
        let (_, address) = made.split_once("<code class=\"secret\">").expect("a link");
        let path = address.split('<').next().unwrap().split(&format!(":{}", gateway.https)).nth(1).unwrap();
        path.to_owned()
    };
    let (open, closed) = (link(&mut browser, ""), link(&mut browser, "longer than 8"));
    let pages = [
        ("/login", 200),
        ("/login?signed=out", 200),
        ("/login?next=%2Fadmin&again=1", 200),
        ("/login?problem=refused", 401),
        ("/login?problem=stray", 403),
        ("/login?problem=unavailable", 503),
        ("/basic", 200),
        ("/basic?owner=u00001&folder=Cours", 200),
        ("/basic?owner=u00001&folder=Cours%2Fempty", 200),
        (here, 200),
        ("/shared", 200),
        ("/search?q=plan", 200),
        ("/search?q=nothing-of-this-name", 200),
        ("/external-mail", 200),
        ("/admin", 200),
        (open.as_str(), 200),
        (closed.as_str(), 200),
        ("/nothing-here", 404),
    ];
    let keys = keys();
    for (path, status) in pages {
        let mut texts = BTreeSet::new();
        for language in LANGUAGES {
            let page = in_language(&gateway, language, path, &["-b", &browser.cookie]);
            assert_eq!(page.status, status, "{path} in {language}: {}", page.head);
            assert_eq!(page.header("content-language"), Some(language), "{path}");
            let direction = if language == "ar" { "rtl" } else { "ltr" };
            let begins = format!("<html lang=\"{language}\" dir=\"{direction}\">");
            assert!(page.body.contains(&begins), "{path}: {}", page.body);
            let said = said(&page.body);
            let missing: Vec<_> = said.iter().filter(|word| keys.contains(*word)).collect();
            assert!(missing.is_empty(), "{path} in {language} says keys: {missing:?}");
            texts.insert(said.join(" "));
        }
        assert_eq!(texts.len(), LANGUAGES.len(), "{path} says the same in two languages");
    }
    let page = in_language(&gateway, "de", "/basic?owner=u00001&folder=Cours", &["-b", &browser.cookie]).body;
    assert!(page.contains("1,5\u{a0}kB"), "sizes as the language writes them: {page}");
    let page = in_language(&gateway, "ar", here, &["-b", &browser.cookie]).body;
    assert!(page.contains("يناير"), "dates too: {page}");
    let problem = |language: &str| {
        let answer = in_language(&gateway, language, "/api/shares?path=..", &["-b", &browser.cookie]);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{answer:?}");
        let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        problem["title"].as_str().unwrap().to_owned()
    };
    assert_eq!(LANGUAGES.map(problem).into_iter().collect::<BTreeSet<_>>().len(), LANGUAGES.len());
}

#[test]
fn a_language_that_is_chosen_stays_chosen() {
    let gateway = Gateway::start("languages-chosen");
    let page = in_language(&gateway, "fr", "/login?next=%2Fbasic", &[]);
    assert!(page.header("set-cookie").is_none(), "what a browser prefers is no choice: {}", page.head);
    assert!(
        page.body.contains("href=\"/login?next=%2Fbasic&#38;lang=ar\" lang=\"ar\" hreflang=\"ar\""),
        "{}",
        page.body
    );
    let page = in_language(&gateway, "fr", "/login?next=%2Fbasic&lang=ar", &[]);
    assert_eq!(page.header("content-language"), Some("ar"));
    assert!(page.body.contains("name=\"next\" value=\"/basic\""), "{}", page.body);
    let set = page.header("set-cookie").expect("a cookie").to_owned();
    assert!(
        set.starts_with("__Host-passerelle-language=ar; Path=/; Max-Age=31536000; Secure; HttpOnly; SameSite=Lax"),
        "{set}"
    );
    let cookie = set.split(';').next().unwrap();
    let spoken = |cookie: &str| {
        in_language(&gateway, "fr", "/login", &["-b", cookie]).header("content-language").unwrap().to_owned()
    };
    assert_eq!(spoken(cookie), "ar");
    for odd in ["xx", "\"><script>", ""] {
        assert_eq!(spoken(&format!("__Host-passerelle-language={odd}")), "fr", "{odd}");
    }
    // The office's page, the manifest and the problems of its JSON are in it too.
    let browser = Browser::sign_in(&gateway, HOST, "u00001", "pw-u00001");
    let both = format!("{}; {cookie}", browser.cookie);
    let office = in_language(&gateway, "fr", "/", &["-b", &both]).body;
    assert!(office.contains("<html lang=\"ar\" dir=\"rtl\" data-language=\"ar\">"), "{office}");
    let me: serde_json::Value =
        serde_json::from_str(&in_language(&gateway, "fr", "/api/me", &["-b", &both]).body).unwrap();
    assert_eq!(me["language"], "ar");
    assert_eq!(me["languages"].as_array().unwrap().len(), LANGUAGES.len());
}

#[test]
fn one_that_the_institution_does_not_offer_is_not_chosen() {
    let gateway = Gateway::start_with("languages-offered", &State::Sqlite, |config| {
        let settings = config.join("institutions/garonne/institution.toml");
        let text = fs::read_to_string(&settings).unwrap();
        let offered = text.replacen("[branding]\n", "[branding]\nlanguages = [\"ar\", \"de\"]\n", 1);
        assert_ne!(text, offered, "the settings have a look");
        fs::write(settings, offered).unwrap();
    });
    let page = in_language(&gateway, "fr", "/login?lang=fr", &[]);
    assert_eq!((page.header("content-language"), page.header("set-cookie")), (Some("ar"), None), "{}", page.head);
    assert_eq!(page.body.matches("hreflang=").count(), 2, "the menu has what is offered: {}", page.body);
    assert_eq!(in_language(&gateway, "de-CH", "/login", &[]).header("content-language"), Some("de"));
}
