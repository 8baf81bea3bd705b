//! The office's JSON against the campus: what is given to whom is so on every surface, and an archive is read by another's program.

use crate::{
    harness::{Answer, Gateway, curl, run},
    web::Browser,
};
use serde_json::{Value, json};
use std::fs;

const HOST: &str = "garonne.localhost";

/// The office in a browser.
pub(crate) struct Office<'g> {
    gateway: &'g Gateway,
    pub(crate) browser: Browser<'g>,
}

impl<'g> Office<'g> {
    pub(crate) fn of(gateway: &'g Gateway, login: &str) -> Self {
        Self { gateway, browser: Browser::sign_in(gateway, HOST, login, &format!("pw-{login}")) }
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Value {
        let answer = self.browser.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    pub(crate) fn post(&self, path: &str, content: &Value) -> Answer {
        self.post_as(path, content, &self.browser.origin(), "application/json")
    }

    fn post_as(&self, path: &str, content: &Value, origin: &str, kind: &str) -> Answer {
        let (content, kind) = (content.to_string(), format!("Content-Type: {kind}"));
        let more = ["-b", &self.browser.cookie, "-H", origin, "-H", &kind, "-d", &content];
        curl(self.gateway, HOST, None, "POST", path, &more)
    }

    /// What must be made.
    #[track_caller]
    pub(crate) fn make(&self, path: &str, content: &Value) -> Value {
        let answer = self.post(path, content);
        assert_eq!(answer.status, 201, "{path}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }
}

#[test]
fn who_is_found_is_given_a_folder_and_loses_it() {
    let gateway = Gateway::start("office-api-shares");
    let folder = gateway.home("garonne", "u00092").join("Cours");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("plan.txt"), "the plan").unwrap();
    let (owner, other) = (Office::of(&gateway, "u00092"), Office::of(&gateway, "u00093"));
    let me = owner.get("/api/me");
    assert_eq!(
        (&me["login"], &me["tools"]["files"], &me["administers"]),
        (&json!("u00092"), &json!(true), &json!(false))
    );
    let found = owner.get("/api/people?q=u00093");
    let to = found["found"][0]["to"].clone();
    assert_eq!(to, json!("person/garonne/u00093"), "{found}");
    let file = "/dav/files/u00092/Cours/plan.txt";
    assert_eq!(other.browser.get(file).status, 404);
    let share = json!({ "path": "Cours", "to": to, "what": "read", "until": "2098-12-31" });
    // From elsewhere, or as a form could send it, nothing is done.
    let elsewhere = owner.post_as("/api/shares", &share, "Origin: https://evil.test", "application/json");
    let form = owner.post_as("/api/shares", &share, &owner.browser.origin(), "text/plain");
    let bare = owner.post_as("/api/shares", &share, &owner.browser.origin(), "");
    assert_eq!((elsewhere.status, form.status, bare.status), (403, 403, 415), "{}", bare.body);
    assert_eq!(other.browser.get(file).status, 404);
    let made = owner.make("/api/shares", &share);
    assert_eq!((&made["what"], &made["until"]), (&json!("read"), &json!("2099-01-01T00:00:00Z")));
    assert_ne!(made["name"], json!("u00093"), "people have names");
    assert_eq!(other.browser.get(file).body, "the plan");
    let seen = other.get("/api/shared-with-me");
    assert_eq!(
        (&seen["places"][0]["owner"], &seen["places"][0]["path"]),
        (&json!("u00092"), &json!("Cours")),
        "{seen}"
    );
    assert_eq!(owner.get("/api/shares?path=Cours")["shares"][0]["to"], to);
    assert_eq!(owner.get("/api/shared-by-me")["places"][0]["with"][0]["to"], to);
    assert_eq!(other.get("/api/search?q=plan")["hits"][0]["path"], json!("Cours/plan.txt"));
    // Who may read may not give on, and is told why in words.
    let refused = other.post("/api/shares", &json!({ "owner": "u00092", "path": "Cours", "to": to, "what": "manage" }));
    let problem: Value = serde_json::from_str(&refused.body).unwrap();
    assert_eq!((refused.status, &problem["kind"]), (403, &json!("forbidden")));
    assert!(problem["title"].as_str().unwrap().contains("change it"), "{problem}");
    let nobody =
        owner.post("/api/shares", &json!({ "path": "Cours", "kind": "person", "who": "u99999", "what": "read" }));
    assert_eq!(nobody.status, 422, "{}", nobody.body);
    // A word that is not known here is not passed over.
    assert_eq!(
        owner.post("/api/shares", &json!({ "path": "Cours", "to": to, "what": "read", "untill": "x" })).status,
        400
    );
    assert_eq!(owner.post("/api/shares/remove", &json!({ "path": "Cours", "to": to })).status, 204);
    assert_eq!(other.browser.get(file).status, 404);
}

#[test]
fn a_link_and_an_app_password_are_told_once_and_work() {
    let gateway = Gateway::start("office-api-secrets");
    let home = gateway.home("garonne", "u00094");
    fs::create_dir_all(&home).unwrap();
    fs::write(home.join("note.txt"), "noted").unwrap();
    let owner = Office::of(&gateway, "u00094");
    let link = owner.make(
        "/api/links",
        &json!({ "path": "note.txt", "what": "read", "password": "eight letters", "mostDownloads": 3, "label": "exam" }),
    );
    let address = link["address"].as_str().unwrap();
    let path = &address[address.find("/s/").unwrap()..];
    let page = curl(&gateway, HOST, None, "GET", path, &[]);
    assert!(page.status == 200 && page.body.contains("password") && !page.body.contains("noted"), "{}", page.body);
    let listed = owner.get("/api/shares?path=note.txt")["links"][0].clone();
    assert_eq!(
        (&listed["hasPassword"], &listed["mostDownloads"], &listed["label"]),
        (&json!(true), &json!(3), &json!("exam"))
    );
    assert!(!listed.to_string().contains(path.trim_start_matches("/s/")), "the token is shown once");
    assert_eq!(owner.post("/api/links/remove", &json!({ "path": "note.txt", "id": link["id"] })).status, 204);
    assert_eq!(curl(&gateway, HOST, None, "GET", path, &[]).status, 404);
    let made = owner.make("/api/app-passwords", &json!({ "name": "Téléphone", "scope": "files" }));
    let who = format!("u00094@a.test:{}", made["password"].as_str().unwrap());
    let read = || curl(&gateway, HOST, Some(&who), "GET", "/dav/files/u00094/note.txt", &[]);
    assert_eq!(read().body, "noted");
    let rows = owner.get("/api/app-passwords");
    assert!(rows["passwords"][0]["name"] == "Téléphone" && rows["passwords"][0]["password"].is_null(), "{rows}");
    assert_eq!(owner.post("/api/app-passwords/remove", &json!({ "id": made["id"] })).status, 204);
    assert_eq!(read().status, 401);
    assert_eq!(owner.post("/api/sessions/end", &json!({ "everywhere": true })).status, 200);
    assert_eq!(owner.browser.get("/api/me").status, 401);
}

#[test]
fn a_folder_comes_as_an_archive_that_others_read() {
    let gateway = Gateway::start("office-api-zip");
    let home = gateway.home("garonne", "u00095").join("Été");
    fs::create_dir_all(home.join("vide")).unwrap();
    fs::create_dir_all(home.join("plus bas/encore")).unwrap();
    fs::write(home.join("plus bas/encore/محاضرة.txt"), "text").unwrap();
    fs::write(home.join("..\\..\\evil.txt"), "it stays here").unwrap();
    let large: Vec<u8> = (0..5_000_000_u32).flat_map(|number| number.to_le_bytes()).take(5_000_001).collect();
    fs::write(home.join("large.bin"), &large).unwrap();
    let owner = Office::of(&gateway, "u00095");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zip");
    let zip = curl(
        &gateway,
        HOST,
        None,
        "GET",
        "/api/zip?path=%C3%89t%C3%A9",
        &["-b", &owner.browser.cookie, "-o", path.to_str().unwrap(), "-D", "-"],
    );
    assert_eq!(
        zip.header("content-disposition"),
        Some("attachment; filename*=UTF-8''%C3%89t%C3%A9.zip"),
        "{}",
        zip.head
    );
    let script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nz.extractall(sys.argv[2])\n\
                  print('\\n'.join(sorted(z.namelist())))";
    let out = folder.path().join("out");
    let names = run("python3", &["-c", script, path.to_str().unwrap(), out.to_str().unwrap()]);
    let mut names: Vec<&str> = names.lines().collect();
    let odd = names.iter().position(|name| name.starts_with(".._")).expect("a name that leads nowhere");
    assert!(!names.remove(odd).contains('\\'));
    assert_eq!(names, ["large.bin", "plus bas/", "plus bas/encore/", "plus bas/encore/محاضرة.txt", "vide/"]);
    assert!(fs::read(out.join("large.bin")).unwrap() == large);
}
