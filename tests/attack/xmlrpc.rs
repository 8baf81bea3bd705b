//! XML-RPC. The askers' part on the institution itself, which is what most methods are about: nobody; the administrator of
//! another institution; somebody of this one; who may read it; who may edit it; its administrator.

use crate::{EDITOR, OWNER, READER, Site, client};
use passerelle_core::{Resource, ports::state::GatewayGroup};
use passerelle_model::{Grant, GroupId, GroupRef, InstitutionId, InstitutionRef, Rights};
use passerelle_testkit::house::{account, to_account};
use std::collections::BTreeSet;

const WHO: [Option<&str>; 6] =
    [None, Some("u00001@b.test"), Some("u00005@a.test"), Some(READER), Some(EDITOR), Some(OWNER)];

/// A call: `expected` is a status of HTTP (401), a code of XML-RPC, or 200 for an answer.
struct Row {
    name: &'static str,
    /// The values of the parameters, in XML.
    params: &'static [&'static str],
    expected: [i32; 6],
}

const fn row(name: &'static str, params: &'static [&'static str], expected: [i32; 6]) -> Row {
    Row { name, params, expected }
}

/// For its administrator alone. The other institution's gets an answer about their own people, which holds nothing of ours.
const ADMINISTRATOR: [i32; 6] = [401, 200, 403, 403, 403, 200];
/// About something of ours by its whole name: for the other institution's administrator it is not there.
const OURS: [i32; 6] = [401, 404, 403, 403, 403, 200];
/// About something that the institution has and the other one has not.
const THERE: [i32; 6] = [401, 404, 403, 403, 403, 200];
/// A change of the directory; that of the tests is only read. Whoever may not is refused before that shows.
const WRITES: [i32; 6] = [401, 501, 403, 403, 403, 501];
/// The same on somebody of ours by the whole name.
const WRITES_OURS: [i32; 6] = [401, 404, 403, 403, 403, 501];
/// What is its owner's, who is none of these.
const NOBODYS: [i32; 6] = [401, 404, 404, 404, 404, 404];
/// Everybody's own.
const THEIRS: [i32; 6] = [401, 200, 200, 200, 200, 200];
/// What says nothing of anybody.
const ANYBODY: [i32; 6] = [401, 200, 200, 200, 200, 200];

const FILE: &str = "<struct><member><name>owner</name><value><string>u00002@a.test</string></value></member><member><name>path</name><value><string>x</string></value></member></struct>";
const OWNED: &str = "<struct><member><name>owner</name><value><string>u00002@a.test</string></value></member></struct>";
const TO: &str = "<struct><member><name>account</name><value><string>u00003@a.test</string></value></member></struct>";
const READ: &str = "<array><data><value><string>read</string></value></data></array>";
const COMMENT: &str = "<struct><member><name>comment</name><value><string>x</string></value></member></struct>";
const METHODS: &str = "<array><data><value><string>account.get</string></value></data></array>";
const GARONNE: &str = "<array><data><value><string>garonne</string></value></data></array>";
const COLOUR: &str =
    "<struct><member><name>branding.colour</name><value><string>#123456</string></value></member></struct>";
const OF_GARONNE: &str = "<struct><member><name>settings</name><value><struct><member><name>tools.mail</name><value><boolean>1</boolean></value></member></struct></value></member><member><name>institution</name><value><string>garonne</string></value></member></struct>";
const LOGINS: &str = "<array><data><value><string>u00003</string></value></data></array>";
const BEARER: &str = "<struct><member><name>bearer</name><value><string>x</string></value></member></struct>";
const HOLDER: &str =
    "<struct><member><name>login</name><value><string>u00002@a.test</string></value></member></struct>";
const MESSAGE: &str = "<base64>U3ViamVjdDogeA0KDQp4DQo=</base64>";
const EVENTS: &str = "<base64>QkVHSU46VkNBTEVOREFSDQpWRVJTSU9OOjIuMA0KQkVHSU46VkVWRU5UDQpVSUQ6bg0KRFRTVEFSVDoyMDI2MTIwMVQwOTAwMDBaDQpFTkQ6VkVWRU5UDQpFTkQ6VkNBTEVOREFSDQo=</base64>";
const CARDS: &str = "<base64>QkVHSU46VkNBUkQNClZFUlNJT046My4wDQpVSUQ6bg0KRk46Tg0KTjpOOzs7Ow0KRU5EOlZDQVJEDQo=</base64>";
const SHARED: &str = "<string>shared</string>";
const PRIVATE: &str = "<string>private</string>";
const OF_OWNER: &str = "<string>u00001@a.test</string>";
/// What its owner shares with the one to read and with the other to write; and what they share with nobody.
const READS: [i32; 6] = [401, 404, 404, 200, 200, 200];
const ADDS: [i32; 6] = [401, 404, 404, 403, 200, 200];
const OWNERS: [i32; 6] = [401, 404, 404, 404, 404, 200];
const CALLS: &str = "<array><data><value><struct><member><name>methodName</name><value><string>grant.list</string></value></member><member><name>params</name><value><array><data><value><struct><member><name>owner</name><value><string>u00002@a.test</string></value></member></struct></value></data></array></value></member></struct></value></data></array>";

const TABLE: &[Row] = &[
    // First, because everybody's refused calls are lines of their own institution's trail.
    row("audit.list", &[], ADMINISTRATOR),
    row("account.card", &["<string>u00002@a.test</string>"], OURS),
    row("account.card", &["<string>u00002@a.test</string>", COMMENT], OURS),
    row("account.create", &["<string>u09999</string>"], WRITES),
    row("account.delete", &["<string>u00002@a.test</string>"], WRITES_OURS),
    row("account.expire", &["<string>u00002@a.test</string>", "<int>2000000000</int>"], OURS),
    row("account.find", &["<string>u0000</string>"], ADMINISTRATOR),
    // Each row is answered for itself: the directory of the tests is only read.
    row("account.import", &["<string>x.csv</string>", "<string>login\nu09999\n</string>"], ADMINISTRATOR),
    row("account.get", &["<string>u00002</string>"], ADMINISTRATOR),
    row("account.get", &["<string>u00002@a.test</string>"], OURS),
    row("account.lock", &["<string>u00002@a.test</string>"], WRITES_OURS),
    row("account.rename", &["<string>u00002@a.test</string>", "<string>u09998</string>"], WRITES_OURS),
    row("account.setPassword", &["<string>u00002@a.test</string>", "<string>another</string>"], WRITES_OURS),
    row("account.unlock", &["<string>u00002@a.test</string>"], WRITES_OURS),
    row("account.update", &["<string>u00002@a.test</string>", "<string>Name</string>"], WRITES_OURS),
    row("apiClient.list", &[], ADMINISTRATOR),
    row("apiClient.make", &["<string>portal</string>", METHODS], ADMINISTRATOR),
    row("apiClient.make", &["<string>portal</string>", METHODS, GARONNE], [401, 404, 403, 403, 403, 200]),
    row("apiClient.remove", &["<string>none</string>"], ADMINISTRATOR),
    row("appPassword.list", &["<string>u00002@a.test</string>"], OURS),
    row("appPassword.make", &["<string>u00002@a.test</string>", "<string>phone</string>"], OURS),
    row("appPassword.remove", &["<string>u00002@a.test</string>", "<string>none</string>"], OURS),
    row("grant.list", &[OWNED], OURS),
    row("grant.list", &[FILE], OURS),
    row("grant.set", &[FILE, TO, READ], OURS),
    row("grant.remove", &[FILE, TO], OURS),
    row("group.addMembers", &["<string>staff</string>", LOGINS], WRITES),
    row("group.create", &["<string>new</string>"], WRITES),
    row("group.delete", &["<string>staff</string>"], WRITES),
    row("group.get", &["<string>staff</string>"], ADMINISTRATOR),
    row("group.list", &["<string>st</string>"], ADMINISTRATOR),
    // Gateway groups are the institution's whose administrator asks: another's of the same name is not there.
    row("group.members", &["<string>gateway:ours</string>"], THERE),
    row("group.get", &["<string>gateway:ours</string>"], THERE),
    row("group.addMembers", &["<string>gateway:ours</string>", LOGINS], THERE),
    row("group.removeMembers", &["<string>gateway:ours</string>", LOGINS], THERE),
    row("group.update", &["<string>gateway:ours</string>", "<string>x</string>"], THERE),
    row("group.rename", &["<string>gateway:ours</string>", "<string>gateway:other</string>"], THERE),
    row("group.delete", &["<string>gateway:ours</string>"], THERE),
    row("group.create", &["<string>gateway:new</string>"], ADMINISTRATOR),
    row("group.removeMembers", &["<string>staff</string>", LOGINS], WRITES),
    row("group.rename", &["<string>staff</string>", "<string>crew</string>"], WRITES),
    row("group.setFilter", &["<string>students</string>", "<string>(uid=u00003)</string>"], WRITES),
    row("group.update", &["<string>staff</string>", "<string>Staff</string>"], WRITES),
    row("institution.get", &[], ADMINISTRATOR),
    row("institution.history", &[], ADMINISTRATOR),
    // There is no change yet.
    row("institution.undo", &["<int>1</int>"], [401, 404, 403, 403, 403, 404]),
    row("institution.update", &[COLOUR], ADMINISTRATOR),
    row("institution.update", &[OF_GARONNE], OURS),
    // Somebody else's mail is nobody's to read: to administer, or to read and edit the institution, is not enough.
    row("mail.export", &["<string>INBOX</string>", "<string>u00002@a.test</string>"], NOBODYS),
    row("mail.export", &["<string>INBOX</string>"], THEIRS),
    row("mail.import", &["<string>INBOX</string>", MESSAGE, "<string>u00002@a.test</string>"], NOBODYS),
    row("mail.import", &["<string>INBOX</string>", MESSAGE], THEIRS),
    row("mail.unread", &[LOGINS], ADMINISTRATOR),
    row("calendar.export", &[SHARED, OF_OWNER], READS),
    row("calendar.export", &[PRIVATE, OF_OWNER], OWNERS),
    row("calendar.import", &[SHARED, EVENTS, OF_OWNER], ADDS),
    row("calendar.import", &[PRIVATE, EVENTS, OF_OWNER], OWNERS),
    row("contacts.export", &[SHARED, OF_OWNER], READS),
    row("contacts.export", &[PRIVATE, OF_OWNER], OWNERS),
    row("contacts.import", &[SHARED, CARDS, OF_OWNER], ADDS),
    row("contacts.import", &[PRIVATE, CARDS, OF_OWNER], OWNERS),
    row("session.check", &[BEARER], ADMINISTRATOR),
    row("session.check", &[HOLDER], OURS),
    row("system.listMethods", &[], ANYBODY),
    row("system.methodHelp", &["<string>account.get</string>"], ANYBODY),
    row("system.methodSignature", &["<string>account.get</string>"], ANYBODY),
    // What is in it is refused one by one.
    row("system.multicall", &[CALLS], ANYBODY),
];

/// What the table attacks, by name.
pub(crate) fn attacked() -> BTreeSet<String> {
    TABLE.iter().map(|row| row.name.to_owned()).collect()
}

/// What there is to attack: the surface tells its methods itself.
pub(crate) async fn operations(site: &Site) -> BTreeSet<String> {
    let (_, told) = call(site, Some(OWNER), "system.listMethods", &[]).await;
    let names = told.split("<string>").skip(1).filter_map(|rest| rest.split("</string>").next());
    names.map(str::to_owned).collect()
}

/// Calls; the code as in [`Row`], and the answer.
async fn call(site: &Site, who: Option<&str>, name: &str, params: &[&str]) -> (i32, String) {
    let params: String = params.iter().map(|value| format!("<param><value>{value}</value></param>")).collect();
    let body = format!("<methodCall><methodName>{name}</methodName><params>{params}</params></methodCall>");
    let reply = client(site, who).send("POST", "/xmlrpc", &[("content-type", "text/xml")], &body).await;
    if reply.status != 200 {
        return (i32::from(reply.status), reply.body);
    }
    let code = reply.body.split_once("<fault>").map_or(200, |(_, fault)| fault_code(fault));
    (code, reply.body)
}

fn fault_code(fault: &str) -> i32 {
    let number = fault.split(['>', '<']).find_map(|word| word.parse().ok());
    number.unwrap_or_else(|| panic!("a fault without a code: {fault}"))
}

async fn arrange(site: &Site) {
    let state = &site.server.house.state;
    site.write("u00002@a.test", "x", "content");
    crate::collections::arrange(site).await;
    let institution = InstitutionRef(InstitutionId::parse("garonne").unwrap());
    for (who, rights) in [(READER, Rights::READ), (EDITOR, Rights::EDIT)] {
        let grant = Grant { to: to_account(who), rights, until: None };
        state.set_grant(&institution.target(), &grant).await.unwrap();
    }
    for id in ["gateway:ours", "gateway:other", "gateway:new"] {
        let group = GroupRef { institution: institution.0.clone(), id: GroupId::parse(id).unwrap() };
        state.dropped_group(&group).await.unwrap();
        if id == "gateway:ours" {
            let members = [account("u00004@a.test")];
            state.add_gateway_group(&GatewayGroup { group, description: String::new() }, &members).await.unwrap();
        }
    }
    site.server.house.grant("u00002@a.test", "x", to_account("u00003@a.test"), Rights::READ).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_method_as_everybody() {
    let site = Site::start().await;
    let mut wrong = Vec::new();
    for row in TABLE {
        for (who, expected) in WHO.into_iter().zip(row.expected) {
            arrange(&site).await;
            let (code, answer) = call(&site, who, row.name, row.params).await;
            if code != expected {
                wrong.push(format!("{} as {who:?}: {code} and not {expected}", row.name));
            }
            // Neither a person nor a grant of ours in any answer to who does not administer us.
            if who != Some(OWNER) {
                assert!(!answer.contains("@a.test"), "{} as {who:?}: {answer}", row.name);
                let kept = site.server.house.state.granted_by(&account("u00002@a.test")).await.unwrap();
                assert_eq!(kept.len(), 1, "{} as {who:?} changed a grant", row.name);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
