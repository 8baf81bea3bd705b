//! The pages and their forms. Each asker comes with a session of their own and with their own form's token: what is tried
//! here are rights. Without the token, or from another site, no form does anything for anybody.

use crate::{
    EDITOR, OWNER, READER, Site, WHO,
    client::{Client, Reply},
    collections::{CARD, EVENT},
};
use passerelle_core::ports::{
    ExternalServer, ExternalTls,
    state::{ExternalAccount, Link},
};
use passerelle_model::{CollectionFamily, CollectionRef, ExternalId, LinkId, Rights, Timestamp};
use passerelle_surface_web::addresses;
use passerelle_testkit::house::{node, to_account};
use std::collections::BTreeSet;

/// What a form holds beside its token.
enum Content {
    /// Fields; `{id}` is an app password of the owner's, `{link}` a link to what is shared, `{calendar}` one to a calendar.
    Fields(&'static str),
    /// One file of this name.
    File(&'static str),
    /// A document of the office's own, with the same marks.
    Json(&'static str),
    /// A file as it is.
    Octets(&'static str),
    Nothing,
}
use Content::{Fields, File, Json, Nothing, Octets};

struct Row {
    method: &'static str,
    /// `{t}` is the owner as the asker would name them.
    path: &'static str,
    content: Content,
    expected: [u16; 6],
}

const fn row(method: &'static str, path: &'static str, content: Content, expected: [u16; 6]) -> Row {
    Row { method, path, content, expected }
}

/// For its administrator alone: who is sent to the page again.
const ADMINISTRATOR: [u16; 6] = [303, 404, 404, 404, 404, 303];

/// The console's JSON: read, done, not done in a directory that is only read, and not there for its administrator either.
const CONSOLE: [u16; 6] = [401, 404, 404, 404, 404, 200];
const CONSOLE_DONE: [u16; 6] = [401, 404, 404, 404, 404, 204];
const ONLY_READ: [u16; 6] = [401, 404, 404, 404, 404, 501];
const NOT_THERE: [u16; 6] = [401, 404, 404, 404, 404, 404];
const OVERTAKEN: [u16; 6] = [401, 404, 404, 404, 404, 409];

/// Nobody is sent to sign in: 303.
const TABLE: &[Row] = &[
    // The office is the same for everybody whom the institution knows; who it is it asks for.
    row("GET", "/", Nothing, [303, 200, 200, 200, 200, 200]),
    row("GET", "/assets/office/{*name}", Nothing, [404; 6]),
    row("GET", "/sw.js", Nothing, [200; 6]),
    row("GET", "/manifest.webmanifest", Nothing, [200; 6]),
    row("GET", "/message-frame", Nothing, [200; 6]),
    row("GET", "/basic", Nothing, [303, 200, 200, 200, 200, 200]),
    row("GET", "/basic?owner={t}&folder=shared", Nothing, [303, 404, 404, 200, 200, 200]),
    row("GET", "/basic?owner={t}&folder=private", Nothing, [303, 404, 404, 404, 404, 200]),
    row("GET", "/basic?owner={t}&folder=nothing", Nothing, [303, 404, 404, 404, 404, 404]),
    row("GET", "/basic?owner={t}&folder=", Nothing, [303, 404, 404, 404, 404, 200]),
    // The owner is the institution's administrator; for everybody else there is no such page.
    row("GET", "/admin", Nothing, [303, 404, 404, 404, 404, 200]),
    row("POST", "/admin", Fields("section=look&version=0&branding.colour=%23123456&name.en=Garonne"), ADMINISTRATOR),
    row(
        "POST",
        "/admin",
        Fields("section=look&version=0&branding.colour=%23654321&name.en=Garonne"),
        [303, 404, 404, 404, 404, 409],
    ),
    row("POST", "/admin/undo", Fields("change=1"), ADMINISTRATOR),
    // It is not said which image: whoever may not is refused before that shows.
    row("POST", "/admin/image", File("logo.png"), [303, 404, 404, 404, 404, 404]),
    row("GET", "/login", Nothing, [200; 6]),
    // The institution of the tests has no image.
    row("GET", "/branding/favicon", Nothing, [404; 6]),
    // With a token of one's own, and the password of nobody.
    row("POST", "/login", Fields("login={t}&password=pw-u00005"), [401; 6]),
    row("POST", "/upload?owner={t}&folder=shared", File("new"), [303, 404, 404, 403, 200, 200]),
    row("POST", "/upload?owner={t}&folder=shared", File("f"), [303, 404, 404, 403, 409, 409]),
    row("POST", "/upload?owner={t}&folder=private", File("new"), [303, 404, 404, 404, 404, 200]),
    // Everybody has their own; what is tried here is that nobody meets another's. Nothing answers elsewhere: 422.
    row("GET", "/external-mail", Nothing, [303, 200, 200, 200, 200, 200]),
    row(
        "POST",
        "/external-mail",
        Fields("label=x&host=mail.example.org&port=993&tls=implicit&login=x&password=x"),
        [303, 422, 422, 422, 422, 422],
    ),
    row("POST", "/external-mail/password", Fields("id=elsewhere&password=x"), [303, 404, 404, 404, 404, 422]),
    row("POST", "/external-mail/remove", Fields("id=elsewhere"), [303, 404, 404, 404, 404, 303]),
    // What is shared, and by what links, is for who manages it.
    row("GET", "/share?owner={t}&folder=shared", Nothing, [303, 404, 404, 403, 403, 200]),
    row("GET", "/share?owner={t}&folder=private", Nothing, [303, 404, 404, 404, 404, 200]),
    row(
        "POST",
        "/share?owner={t}&folder=shared",
        Fields("kind=person&who=u00003&what=manage"),
        [303, 404, 404, 403, 403, 201],
    ),
    row(
        "POST",
        "/share/remove?owner={t}&folder=shared",
        Fields("to=person/garonne/u00008"),
        [303, 404, 404, 403, 403, 200],
    ),
    row("POST", "/share/link?owner={t}&folder=private", Fields("what=read"), [303, 404, 404, 404, 404, 201]),
    row("POST", "/share/link?owner={t}&folder=shared", Fields("what=read"), [303, 404, 404, 403, 403, 201]),
    row("POST", "/share/link/take?owner={t}&folder=shared", Fields("id={link}"), [303, 404, 404, 403, 403, 200]),
    row("POST", "/share/link/remove?owner={t}&folder=shared", Fields("id={link}"), [303, 404, 404, 403, 403, 200]),
    // Everybody sees what they share themselves.
    row("GET", "/shared", Nothing, [303, 200, 200, 200, 200, 200]),
    // Whoever has a link's address needs to be nobody, and who has none is nobody here (tests/dav/links.rs holds one).
    row("GET", "/s/{token}", Nothing, [404; 6]),
    row("POST", "/s/{token}", Fields("password=x"), [404; 6]),
    row("POST", "/s/{token}/upload", File("new"), [404; 6]),
    row("GET", "/s/{token}/feed.xml", Nothing, [404; 6]),
    row("GET", "/s/{token}/calendar.ics", Nothing, [404; 6]),
    row("GET", "/s/{token}/preview", Nothing, [404; 6]),
    // A preview is for who may read, and everybody else learns what who asks for nothing learns. Nobody is told so: an image
    // that leads to a page of sign-in shows nothing.
    row("GET", "/preview?owner={t}&folder=shared/f&as=text", Nothing, [403, 404, 404, 200, 200, 200]),
    row("GET", "/preview?owner={t}&folder=shared/f&size=256", Nothing, [403, 404, 404, 415, 415, 415]),
    row("GET", "/preview?owner={t}&folder=shared/f&size=257", Nothing, [403, 404, 404, 400, 400, 400]),
    row("GET", "/preview?owner={t}&folder=private/f&as=text", Nothing, [403, 404, 404, 404, 404, 200]),
    row("GET", "/preview?owner={t}&folder=private/nothing&as=text", Nothing, [403, 404, 404, 404, 404, 404]),
    // Everybody looks through what they may read; the owner's hits are held by tests/e2e/search.rs.
    row("GET", "/search?q=f", Nothing, [303, 200, 200, 200, 200, 200]),
    row("GET", "/search?q=f&owner={t}&folder=private", Nothing, [303, 404, 404, 404, 404, 200]),
    row("POST", "/app-passwords", Fields("name=x&scope=all"), [303, 201, 201, 201, 201, 201]),
    row("POST", "/app-passwords/remove", Fields("id={id}"), [303, 404, 404, 404, 404, 303]),
    // Where a frame on another site is signed in: by a code that nobody here was given.
    row("GET", "/framed", Nothing, [200, 303, 303, 303, 303, 303]),
    row("GET", "/framed?next=https://evil.test", Nothing, [200, 303, 303, 303, 303, 303]),
    row("GET", "/framed/window", Nothing, [303, 200, 200, 200, 200, 200]),
    row("POST", "/framed/enter", Fields("code=x"), [403; 6]),
    row("GET", "/assets/framed.js", Nothing, [200; 6]),
    // The office's JSON: the same rights, told by 401 to nobody.
    row("GET", "/api/me", Nothing, [401, 200, 200, 200, 200, 200]),
    row("GET", "/api/people?q=u0000", Nothing, [401, 200, 200, 200, 200, 200]),
    row("GET", "/api/people?q=u", Nothing, [401, 400, 400, 400, 400, 400]),
    row("GET", "/api/shares?owner={t}&path=shared", Nothing, [401, 404, 404, 403, 403, 200]),
    row("GET", "/api/shares?owner={t}&path=private", Nothing, [401, 404, 404, 404, 404, 200]),
    row(
        "POST",
        "/api/shares",
        Json(r#"{"owner":"{t}","path":"shared","to":"person/garonne/u00003","what":"manage"}"#),
        [401, 404, 404, 403, 403, 201],
    ),
    row(
        "POST",
        "/api/shares",
        Json(r#"{"owner":"{t}","path":"private","kind":"everybody","what":"read"}"#),
        [401, 404, 404, 404, 404, 201],
    ),
    row(
        "POST",
        "/api/shares/remove",
        Json(r#"{"owner":"{t}","path":"shared","to":"person/garonne/u00008"}"#),
        [401, 404, 404, 403, 403, 204],
    ),
    row(
        "POST",
        "/api/links",
        Json(r#"{"owner":"{t}","path":"private","what":"read"}"#),
        [401, 404, 404, 404, 404, 201],
    ),
    row("POST", "/api/links", Json(r#"{"owner":"{t}","path":"shared","what":"read"}"#), [401, 404, 404, 403, 403, 201]),
    row(
        "POST",
        "/api/links/take",
        Json(r#"{"owner":"{t}","path":"shared","id":"{link}"}"#),
        [401, 404, 404, 403, 403, 204],
    ),
    row(
        "POST",
        "/api/links/remove",
        Json(r#"{"owner":"{t}","path":"shared","id":"{link}"}"#),
        [401, 404, 404, 403, 403, 204],
    ),
    row("GET", "/api/shared-by-me", Nothing, [401, 200, 200, 200, 200, 200]),
    row("GET", "/api/shared-with-me", Nothing, [401, 200, 200, 200, 200, 200]),
    row("GET", "/api/search?q=f", Nothing, [401, 200, 200, 200, 200, 200]),
    row("GET", "/api/search?q=f&owner={t}&path=shared", Nothing, [401, 404, 404, 200, 200, 200]),
    row("GET", "/api/search?q=f&owner={t}&path=private", Nothing, [401, 404, 404, 404, 404, 200]),
    row("GET", "/api/zip?owner={t}&path=shared", Nothing, [401, 404, 404, 200, 200, 200]),
    row("GET", "/api/zip?owner={t}&path=shared/f", Nothing, [401, 404, 404, 400, 400, 400]),
    row("GET", "/api/zip?owner={t}&path=private", Nothing, [401, 404, 404, 404, 404, 200]),
    row("GET", "/api/zip?owner={t}&path=private/nothing", Nothing, [401, 404, 404, 404, 404, 404]),
    // A mailbox is its owner's, whatever of their files is shared.
    row("GET", "/api/calendars/export?owner={t}&name=shared", Nothing, [401, 404, 404, 200, 200, 200]),
    row("GET", "/api/calendars/export?owner={t}&name=private", Nothing, [401, 404, 404, 404, 404, 200]),
    row("GET", "/api/calendars/export?owner={t}&name=missing", Nothing, [401, 404, 404, 404, 404, 404]),
    row("GET", "/api/calendars/links?owner={t}&name=shared", Nothing, [401, 404, 404, 403, 403, 200]),
    row("GET", "/api/calendars/links?owner={t}&name=private", Nothing, [401, 404, 404, 404, 404, 200]),
    row("GET", "/api/calendars/links?owner={t}&name=", Nothing, [401, 404, 404, 404, 404, 404]),
    row(
        "POST",
        "/api/calendars/links",
        Json(r#"{"owner":"{t}","name":"shared","what":"busy"}"#),
        [401, 404, 404, 403, 403, 201],
    ),
    row(
        "POST",
        "/api/calendars/links",
        Json(r#"{"owner":"{t}","name":"private","what":"read"}"#),
        [401, 404, 404, 404, 404, 201],
    ),
    row(
        "POST",
        "/api/calendars/links",
        Json(r#"{"owner":"{t}","name":"shared","what":"write"}"#),
        [401, 404, 404, 403, 403, 400],
    ),
    row(
        "POST",
        "/api/calendars/links/take",
        Json(r#"{"owner":"{t}","name":"shared","id":"{calendar}"}"#),
        [401, 404, 404, 403, 403, 204],
    ),
    row(
        "POST",
        "/api/calendars/links/remove",
        Json(r#"{"owner":"{t}","name":"shared","id":"{calendar}"}"#),
        [401, 404, 404, 403, 403, 204],
    ),
    // A link to something else is none of this.
    row(
        "POST",
        "/api/calendars/links/remove",
        Json(r#"{"owner":"{t}","name":"shared","id":"{link}"}"#),
        [401, 404, 404, 403, 403, 404],
    ),
    // Each their own; this institution has none from elsewhere.
    row("GET", "/api/calendars/elsewhere", Nothing, [401, 200, 200, 200, 200, 200]),
    row(
        "POST",
        "/api/calendars/elsewhere",
        Json(r#"{"address":"https://cal.example/a.ics"}"#),
        [401, 501, 501, 501, 501, 501],
    ),
    row("POST", "/api/calendars/elsewhere/show", Json(r#"{"name":"timetable.x"}"#), [401, 501, 501, 501, 501, 501]),
    row("GET", "/api/contacts/export?owner={t}&name=shared&format=google", Nothing, [401, 404, 404, 200, 200, 200]),
    row("GET", "/api/contacts/export?owner={t}&name=private", Nothing, [401, 404, 404, 404, 404, 200]),
    row("GET", "/api/contacts/export?owner={t}&name=missing", Nothing, [401, 404, 404, 404, 404, 404]),
    // Also what would be is for who may do it: it tells what is there.
    row(
        "POST",
        "/api/calendars/import?owner={t}&name=shared&mode=dryRun",
        Octets(EVENT),
        [401, 404, 404, 403, 200, 200],
    ),
    row(
        "POST",
        "/api/calendars/import?owner={t}&name=shared&mode=write&duplicates=replace",
        Octets(EVENT),
        [401, 404, 404, 403, 200, 200],
    ),
    row(
        "POST",
        "/api/calendars/import?owner={t}&name=private&mode=write",
        Octets(EVENT),
        [401, 404, 404, 404, 404, 200],
    ),
    row(
        "POST",
        "/api/calendars/import?owner={t}&name=missing&mode=write",
        Octets(EVENT),
        [401, 404, 404, 404, 404, 404],
    ),
    // A form can send none of it.
    row(
        "POST",
        "/api/calendars/import?owner={t}&name=shared&mode=write",
        Fields("x=y"),
        [401, 403, 403, 403, 403, 403],
    ),
    row("POST", "/api/contacts/import?owner={t}&name=shared&mode=write", Octets(CARD), [401, 404, 404, 403, 200, 200]),
    row("POST", "/api/contacts/import?owner={t}&name=private&mode=write", Octets(CARD), [401, 404, 404, 404, 404, 200]),
    row("POST", "/api/contacts/import?owner={t}&name=missing&mode=write", Octets(CARD), [401, 404, 404, 404, 404, 404]),
    row("GET", "/api/mbox?owner={t}&mailbox=INBOX", Nothing, [401, 404, 404, 404, 404, 200]),
    row("GET", "/api/mbox?owner={t}&mailbox=nothing", Nothing, [401, 404, 404, 404, 404, 404]),
    row("GET", "/api/mbox?owner={t}", Nothing, [401, 400, 400, 400, 400, 400]),
    // Everybody takes away what is theirs; whose it is no parameter says.
    row("GET", "/api/backup?owner={t}", Nothing, [401, 200, 200, 200, 200, 200]),
    row("GET", "/api/app-passwords", Nothing, [401, 200, 200, 200, 200, 200]),
    row("POST", "/api/app-passwords", Json(r#"{"name":"x","scope":"all"}"#), [401, 201, 201, 201, 201, 201]),
    row("POST", "/api/app-passwords/remove", Json(r#"{"id":"{id}"}"#), [401, 404, 404, 404, 404, 204]),
    row("GET", "/api/external-mail", Nothing, [401, 200, 200, 200, 200, 200]),
    row(
        "POST",
        "/api/external-mail",
        Json(r#"{"label":"x","host":"mail.example.org","port":993,"tls":"implicit","login":"x","password":"x"}"#),
        [401, 422, 422, 422, 422, 422],
    ),
    row(
        "POST",
        "/api/external-mail/password",
        Json(r#"{"id":"elsewhere","password":"x"}"#),
        [401, 404, 404, 404, 404, 422],
    ),
    row("POST", "/api/external-mail/remove", Json(r#"{"id":"elsewhere"}"#), [401, 404, 404, 404, 404, 204]),
    // The console is its administrator's alone. The directory of the tests is only read: what writes to it is not for anybody.
    row("GET", "/api/admin", Nothing, CONSOLE),
    row("GET", "/api/admin/accounts?q=u0000", Nothing, CONSOLE),
    row("GET", "/api/admin/account?login=u00005", Nothing, CONSOLE),
    row("GET", "/api/admin/account?login=u00001@b.test", Nothing, NOT_THERE),
    row("POST", "/api/admin/accounts", Json(r#"{"login":"somebody","details":{}}"#), ONLY_READ),
    row(
        "POST",
        "/api/admin/accounts/change",
        Json(r#"{"login":"u00005","details":{"fields":{"name":["X"]}}}"#),
        ONLY_READ,
    ),
    row(
        "POST",
        "/api/admin/accounts/card",
        Json(r#"{"login":"u00005","version":"unseen","texts":{"comment":"x"}}"#),
        OVERTAKEN,
    ),
    row("POST", "/api/admin/accounts/rename", Json(r#"{"login":"u00005","newLogin":"u55555"}"#), ONLY_READ),
    row("POST", "/api/admin/accounts/lock", Json(r#"{"login":"u00005","locked":true}"#), ONLY_READ),
    row("POST", "/api/admin/accounts/delete", Json(r#"{"login":"u00005"}"#), ONLY_READ),
    row("POST", "/api/admin/accounts/password", Json(r#"{"login":"u00005","password":"a word"}"#), ONLY_READ),
    row("POST", "/api/admin/accounts/end-sessions", Json(r#"{"login":"u00005"}"#), CONSOLE_DONE),
    row("GET", "/api/admin/app-passwords?login={t}", Nothing, CONSOLE),
    row("POST", "/api/admin/app-passwords/remove", Json(r#"{"login":"{t}","id":"{id}"}"#), CONSOLE_DONE),
    row("POST", "/api/admin/groups", Json(r#"{"name":"gateway:x"}"#), [401, 404, 404, 404, 404, 201]),
    row("POST", "/api/admin/groups", Json(r#"{"name":"x"}"#), ONLY_READ),
    row("GET", "/api/admin/groups", Nothing, CONSOLE),
    row("GET", "/api/admin/group?name=gateway:x", Nothing, CONSOLE),
    row("POST", "/api/admin/groups/change", Json(r#"{"name":"gateway:x","description":"y"}"#), CONSOLE_DONE),
    row("GET", "/api/admin/groups/matching?filter=(uid=u00005)", Nothing, ONLY_READ),
    row("POST", "/api/admin/members/add", Json(r#"{"name":"gateway:x","members":["u00005"]}"#), CONSOLE_DONE),
    row("GET", "/api/admin/members?name=gateway:x", Nothing, CONSOLE),
    row("POST", "/api/admin/members/remove", Json(r#"{"name":"gateway:x","members":["u00005"]}"#), CONSOLE_DONE),
    row("POST", "/api/admin/groups/rename", Json(r#"{"name":"gateway:x","newName":"gateway:y"}"#), CONSOLE_DONE),
    row("POST", "/api/admin/groups/delete", Json(r#"{"name":"gateway:y"}"#), CONSOLE_DONE),
    row("POST", "/api/admin/import", Json(r#"{"file":"x.csv","dryRun":true,"text":"login\nu00005"}"#), CONSOLE),
    row("GET", "/api/admin/trail", Nothing, CONSOLE),
    row("GET", "/api/admin/clients", Nothing, CONSOLE),
    row("POST", "/api/admin/clients", Json(r#"{"name":"x","methods":["group.get"]}"#), [401, 404, 404, 404, 404, 201]),
    row("POST", "/api/admin/clients/remove", Json(r#"{"id":"nothing"}"#), NOT_THERE),
    row("GET", "/api/admin/settings", Nothing, CONSOLE),
    // Others have changed something since that version.
    row("POST", "/api/admin/settings", Json(r#"{"version":0,"settings":{}}"#), OVERTAKEN),
    row("POST", "/api/admin/settings/undo", Json(r#"{"version":0,"change":1}"#), OVERTAKEN),
    row("GET", "/api/admin/settings/history", Nothing, CONSOLE),
    row("GET", "/api/admin/settings/colours?light=%23112233", Nothing, CONSOLE),
    row("GET", "/api/admin/health", Nothing, CONSOLE),
    row("GET", "/api/admin/usage", Nothing, CONSOLE),
    row("POST", "/api/app-passwords/remove-all", Json("{}"), [401, 204, 204, 204, 204, 204]),
    row("POST", "/api/looks", Json(r#"{"theme":"dark"}"#), [401, 204, 204, 204, 204, 204]),
    row("POST", "/api/sessions/end", Json(r#"{"everywhere":true}"#), [401, 200, 200, 200, 200, 200]),
    // Everybody withdraws their own; the owner's are gone only when the owner asks.
    row("POST", "/app-passwords/remove-all", Fields("x=x"), [303; 6]),
    row("POST", "/logout", Fields("everywhere=1"), [303; 6]),
];

/// What the table attacks, by name.
pub(crate) fn attacked() -> BTreeSet<String> {
    TABLE.iter().map(|row| format!("{} {}", row.method, row.path.split('?').next().unwrap_or_default())).collect()
}

/// What there is to attack: the surface is dispatched by this very table.
pub(crate) fn operations() -> BTreeSet<String> {
    addresses().collect()
}

/// A browser: nobody's, or somebody's who has signed in.
pub(crate) struct Browser {
    pub(crate) client: Client,
    origin: String,
    pub(crate) cookie: Option<String>,
}

impl Browser {
    pub(crate) async fn of(site: &Site, who: Option<&str>) -> Self {
        let address = site.server.address;
        let mut browser =
            Self { client: Client::new(address, None), origin: format!("http://{address}"), cookie: None };
        if let Some(who) = who {
            let uid = who.split('@').next().unwrap();
            let form = format!("login={}&password=pw-{uid}", who.replace('@', "%40"));
            let reply = browser.send("POST", "/login", &form, FORM, true).await;
            let set = reply.header("set-cookie").unwrap_or_else(|| panic!("{who} is let in: {reply:?}"));
            browser.cookie = set.split(';').next().map(str::to_owned);
        }
        browser
    }

    async fn send(&self, method: &str, path: &str, body: &str, kind: &str, same_origin: bool) -> Reply {
        let origin = if same_origin { self.origin.as_str() } else { "https://evil.test" };
        let mut headers = vec![("content-type", kind), ("origin", origin)];
        headers.extend(self.cookie.as_deref().map(|cookie| ("cookie", cookie)));
        self.client.send(method, path, &headers, body).await
    }

    /// The token of one's own forms.
    async fn token(&self) -> String {
        let home = self.send("GET", "/basic", "", FORM, true).await.body;
        let token = home.split_once("name=\"token\" value=\"").and_then(|(_, rest)| rest.split('"').next());
        token.unwrap_or_default().to_owned()
    }
}

const JSON: &str = "application/json";
const OCTETS: &str = "application/octet-stream";
const FORM: &str = "application/x-www-form-urlencoded";
const PARTS: &str = "multipart/form-data; boundary=frontier";

/// A form's body and its content type.
fn body(content: &Content, token: &str, at: &Arranged, target: &str) -> (String, &'static str) {
    match content {
        Nothing => (String::new(), FORM),
        Fields(fields) => (
            format!(
                "token={token}&{}",
                fields.replace("{id}", &at.password).replace("{link}", at.link.as_str()).replace("{t}", target)
            ),
            FORM,
        ),
        Octets(octets) => ((*octets).to_owned(), OCTETS),
        Json(document) => {
            let target = target.replace("%40", "@");
            let marks = [
                ("{id}", at.password.as_str()),
                ("{link}", at.link.as_str()),
                ("{calendar}", at.calendar.as_str()),
                ("{t}", &target),
            ];
            (marks.iter().fold((*document).to_owned(), |text, (mark, what)| text.replace(mark, what)), JSON)
        }
        File(name) => {
            let part = |head: &str, content: &str| {
                format!("--frontier\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
            };
            let file = part(&format!("name=\"file\"; filename=\"{name}\""), "sent");
            (format!("{}{file}--frontier--\r\n", part("name=\"token\"", token)), PARTS)
        }
    }
}

/// What the table's forms name.
struct Arranged {
    password: String,
    link: LinkId,
    calendar: LinkId,
}

/// Puts everything where the table expects it.
async fn arrange(site: &Site) -> Arranged {
    let state = &site.server.house.state;
    for granted in state.granted_by(&passerelle_testkit::house::account(OWNER)).await.unwrap() {
        state.remove_grant(&granted.target, &granted.grant.to).await.unwrap();
    }
    crate::collections::arrange(site).await;
    for path in ["shared/f", "private/f"] {
        site.write(OWNER, path, "content");
    }
    for path in ["shared/new", "private/new"] {
        let _ = std::fs::remove_file(site.on_disk(OWNER, path));
    }
    let write = Rights::EDIT.union(Rights::ADD).union(Rights::REMOVE);
    for (who, rights) in [(READER, Rights::READ), (EDITOR, write), ("u00008@a.test", Rights::READ)] {
        site.server.house.grant(OWNER, "shared", to_account(who), rights).await.unwrap();
    }
    let account = passerelle_testkit::house::account(OWNER);
    for kept in state.links_of(&account).await.unwrap() {
        state.remove_link(&kept.id).await.unwrap();
    }
    let link = LinkId::parse("sharedlink").unwrap();
    state.add_link(&Link::new(link.clone(), node(OWNER, "shared").target(), account.clone(), [5; 32])).await.unwrap();
    let calendar = LinkId::parse("calendarlink").unwrap();
    let shared = CollectionRef::parse(account.clone(), CollectionFamily::Calendars, "shared").unwrap().target();
    state.add_link(&Link::new(calendar.clone(), shared, account.clone(), [6; 32])).await.unwrap();
    for kept in state.app_passwords_of(&account).await.unwrap() {
        state.remove_app_password(&account, &kept.id).await.unwrap();
    }
    state.remove_external(&account, &elsewhere().id).await.unwrap();
    state.add_external(&elsewhere()).await.unwrap();
    let owner = Browser::of(site, Some(OWNER)).await;
    let made = format!("token={}&name=mine&scope=all", owner.token().await);
    assert_eq!(owner.send("POST", "/app-passwords", &made, FORM, true).await.status, 201);
    let password = state.app_passwords_of(&account).await.unwrap()[0].id.clone();
    Arranged { password, link, calendar }
}

/// An account that the owner has elsewhere.
fn elsewhere() -> ExternalAccount {
    ExternalAccount {
        id: ExternalId::parse("elsewhere").unwrap(),
        owner: passerelle_testkit::house::account(OWNER),
        label: "private".to_owned(),
        server: ExternalServer::parse("mail.example.org", 993, ExternalTls::Implicit, "private").unwrap(),
        sealed: "sealed".to_owned(),
        made: Timestamp(0),
        fault: None,
        folders: None,
        uids: None,
    }
}

/// Whether nothing of the owner's has changed.
async fn untouched(site: &Site, at: &Arranged) -> bool {
    let state = &site.server.house.state;
    let kept = state.app_password(&at.password).await.unwrap();
    let content = |path| site.read(OWNER, path);
    let same = ["shared/f", "private/f"].iter().all(|path| content(path).as_deref() == Some("content"));
    let account = passerelle_testkit::house::account(OWNER);
    let (links, granted) = (state.links_of(&account).await.unwrap(), state.granted_by(&account).await.unwrap());
    let ids: BTreeSet<&LinkId> = links.iter().map(|link| &link.id).collect();
    let same = same && ids == [&at.link, &at.calendar].into() && granted.len() == 7;
    let accounts = state.externals_of(&account).await.unwrap();
    let same = same && accounts.iter().map(|it| &it.sealed).eq([&elsewhere().sealed]);
    kept.is_some() && same && content("shared/new").is_none() && content("private/new").is_none()
}

/// The owner's name, as somebody of an institution would say it in an address.
fn named(who: Option<&str>) -> String {
    let home = who.is_none_or(|who| who.ends_with("@a.test"));
    if home { "u00001".to_owned() } else { "u00001%40a.test".to_owned() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_and_form_as_everybody() {
    let site = Site::start().await;
    let mut wrong = Vec::new();
    for row in TABLE {
        for (who, expected) in WHO.into_iter().zip(row.expected) {
            let id = arrange(&site).await;
            let browser = Browser::of(&site, who).await;
            let token = if who.is_some() { browser.token().await } else { String::new() };
            let path = row.path.replace("{t}", &named(who)).replace("{token}", "abcdefghijklmnopqrstuvwxyz");
            let (content, kind) = body(&row.content, &token, &id, &named(who));
            let name = format!("{} {} as {who:?}", row.method, row.path);
            if row.method == "POST" && row.path != "/login" {
                for (what, reply) in [
                    ("from another site", browser.send("POST", &path, &content, kind, false).await),
                    ("with another's token, or as a form", {
                        let (content, _) = body(&row.content, &"0".repeat(token.len()), &id, &named(who));
                        let kind = if kind == JSON || kind == OCTETS { "text/plain" } else { kind };
                        browser.send("POST", &path, &content, kind, true).await
                    }),
                ] {
                    // Nobody is sent to sign in first, and what is not there is not there with any token.
                    let refused =
                        matches!(reply.status, 403 | 404) || (who.is_none() && matches!(reply.status, 303 | 401));
                    assert!(refused, "{name} {what}: {}", reply.status);
                    assert!(untouched(&site, &id).await, "{name} {what} left a trace");
                }
            }
            let reply = browser.send(row.method, &path, &content, kind, true).await;
            if reply.status != expected {
                wrong.push(format!("{name}: {} and not {expected}", reply.status));
            }
            if expected >= 400
                || who.is_none()
                || (row.path.ends_with("/app-passwords/remove-all") && who != Some(OWNER))
            {
                assert!(untouched(&site, &id).await, "{name} left a trace");
            }
            if who != Some(OWNER) {
                assert!(!reply.body.contains("private"), "{name} shows what is private");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A folder that cannot be listed is told so; a file that breaks off breaks the archive, which never looks whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archive_is_whole_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let store = || std::sync::Arc::new(crate::breaking::Breaking(crate::server::local(folder.path(), false)));
    let server = crate::server::serve_surfaces(store(), store(), 0, |door| vec![passerelle_surface_web::surface(door)]);
    let site = Site { server: server.await, folder: tempfile::tempdir().unwrap() };
    let home = folder.path().join("garonne/u00001");
    for (path, size) in [("cut/f", 10), ("whole/small/a", 10), ("whole/z", 1_000_000)] {
        std::fs::create_dir_all(home.join(path).parent().unwrap()).unwrap();
        std::fs::write(home.join(path), vec![7; size]).unwrap();
    }
    let owner = Browser::of(&site, Some(OWNER)).await;
    let unlisted = owner.send("GET", "/api/zip?path=cut", "", FORM, true).await;
    assert_eq!((unlisted.status, unlisted.header("content-type")), (503, Some("application/problem+json")));
    assert!(unlisted.body.contains("\"kind\":\"unavailable\""), "{}", unlisted.body);
    let broken = owner.send("GET", "/api/zip?path=whole", "", FORM, true).await;
    assert_eq!((broken.status, broken.whole), (200, false));
    assert!(broken.body.starts_with("PK") && !broken.body.contains("PK\u{5}\u{6}"), "it has no end");
}

/// How far the clock of the test below is ahead, in seconds.
static AHEAD: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(0);

/// Administration wants a sign-on of the last two hours, and says where; the rest of the office goes on. Who administers nothing
/// learns nothing of that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_console_wants_a_sign_on_that_is_fresh() {
    let ahead = || passerelle_testkit::house::now().plus(AHEAD.load(std::sync::atomic::Ordering::SeqCst));
    let folder = tempfile::tempdir().unwrap();
    let store = || crate::server::local(folder.path(), false);
    let surfaces = |door| vec![passerelle_surface_web::surface(door)];
    let server = crate::server::serve_at(ahead, store(), store(), 0, surfaces).await;
    let site = Site { server, folder: tempfile::tempdir().unwrap() };
    let (owner, stranger) = (Browser::of(&site, Some(OWNER)).await, Browser::of(&site, Some("u00003@a.test")).await);
    assert_eq!(owner.send("GET", "/api/admin", "", FORM, true).await.status, 200);
    AHEAD.store(7201, std::sync::atomic::Ordering::SeqCst);
    let asked = |browser: &Browser, path: &'static str| {
        let client = Client::new(site.server.address, None);
        let cookie = browser.cookie.clone().unwrap();
        async move {
            // Until the watch on State has met the new time, nobody is let in.
            loop {
                let reply = client.send("GET", path, &[("cookie", &cookie)], "").await;
                if reply.status != 503 {
                    return reply;
                }
                tokio::task::yield_now().await;
            }
        }
    };
    let stale = asked(&owner, "/api/admin/accounts?q=u0000").await;
    assert_eq!(stale.status, 403, "{}", stale.body);
    assert!(
        stale.body.contains("\"kind\":\"stale\"")
            && stale.body.contains("\"next\":\"/login?next=%2F%23%2Fadmin&again=1\""),
        "{}",
        stale.body
    );
    assert_eq!(asked(&owner, "/api/me").await.status, 200);
    assert_eq!(asked(&stranger, "/api/admin/accounts?q=u0000").await.status, 404);
}
