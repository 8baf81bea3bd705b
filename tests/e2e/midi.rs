//! The realm of seven institutions on one host: one directory, one sign-on, seven faces, and nothing of one for another.

use crate::{
    administration::{Swept, search, word},
    harness::{Gateway, Imap, State, campus, curl, try_run},
    nodes::Database,
    sso::{Jar, extend, location, refused, service, visit},
    web::{Browser, sign_in},
    xmlrpc::python,
};
use std::{fs, path::Path};

pub(crate) const HOST: &str = "midi.localhost";
/// The names and colours that the tests give the seven, and with whom each shares.
const SEVEN: [(&str, &str, &str); 7] = [
    ("Capitole", "#8a1538", "\"midi-2\", \"midi-3\""),
    ("Jolimont", "#0b5d4e", "\"midi-1\""),
    ("Rangueil", "#7a3e00", ""),
    ("Mirail", "#5b2a86", ""),
    ("Albi", "#005f86", ""),
    ("Tarbes", "#4a5d00", ""),
    ("Foix", "#a01a58", ""),
];

/// Adds the realm and its institutions to a gateway's settings; the first three have mail. Files are in a folder of each
/// below `files`, which two nodes share.
pub(crate) fn with_midi(config: &Path, files: &Path) {
    let (ca, certificates) = (campus("CAMPUS_CA"), Path::new(campus("CAMPUS_CA")).parent().unwrap());
    extend(
        config,
        &format!(
            r##"[realm.midi]
hosts = ["{HOST}"]
name = {{ en = "Universities of the Midi", fr = "Universités du Midi" }}
branding = {{ colour = "#1f4e79" }}
tls = {{ certificate = {:?}, key = {:?} }}
[realm.midi.sso.cas]
url = "http://127.0.0.1:{}/cas"
[realm.midi.directory]
kind = "ldap"
urls = ["ldap://127.0.0.1:{}"]
starttls = true
ca = "{ca}"
base = "dc=midi,dc=test"
people_base = "ou=people,dc=midi,dc=test"
groups_base = "ou=groups,dc=midi,dc=test"
bind_dn = "cn=gateway,ou=services,dc=midi,dc=test"
bind_password = {{ file = "ldap" }}
cache_seconds = 1
[realm.midi.directory.provision]
bind_dn = "cn=provision,ou=services,dc=midi,dc=test"
bind_password = {{ file = "ldap-provision" }}
disabled = "ou=disabled,dc=midi,dc=test"
person_classes = ["inetOrgPerson", "eduPerson", "supannPerson"]
[realm.midi.directory.provision.lock]
attribute = "pwdAccountLockedTime"
value = "000001010000Z""##,
            certificates.join("midi.pem"),
            certificates.join("midi.key"),
            campus("CAMPUS_CAS_MIDI"),
            campus("CAMPUS_LDAP_MIDI"),
        ),
    );
    for (number, (name, colour, shares)) in (1..).zip(SEVEN) {
        let folder = config.join(format!("institutions/midi-{number}"));
        fs::create_dir_all(&folder).unwrap();
        let mail = format!(
            "[mail]\nkind = \"imap\"\naddress = \"127.0.0.1:{}\"\ntls = \"implicit\"\nca = \"{ca}\"\n[mail.master]\nuser = \"gateway\"\npassword = {{ file = \"../../imap-master\" }}\n",
            campus("CAMPUS_IMAPS_MIDI")
        );
        let text = format!(
            r#"mail_domains = ["m{number}.midi.test"]
realm = "midi"
membership = {{ establishment = "{{UAI}}midi-{number}" }}
groups = {{ below = "ou=midi-{number},ou=groups,dc=midi,dc=test" }}
administrators = ["u0000{number}"]
shares_with = [{shares}]
name = {{ en = "{name} University", fr = "Université {name}" }}
branding = {{ colour = "{colour}" }}
{}[files.home]
kind = "local"
path = {:?}
create = true
"#,
            if number <= 3 { mail } else { String::new() },
            files.join(format!("midi-{number}/{{login}}")),
        );
        fs::create_dir_all(files.join(format!("midi-{number}"))).unwrap();
        fs::write(folder.join("institution.toml"), text).unwrap();
    }
}

fn start(name: &str) -> Gateway {
    Gateway::start_with(name, &State::Sqlite, |config| with_midi(config, &config.parent().unwrap().join("files")))
}

/// `u00002@m2.midi.test:pw-u00002`
pub(crate) fn whole(number: usize) -> String {
    format!("{}:pw-u{number:05}", address(number))
}

pub(crate) fn address(number: usize) -> String {
    format!("u{number:05}@m{}.midi.test", (number - 1) % 7 + 1)
}

/// Messages in an inbox, by IMAPS at a host's name.
fn messages(gateway: &Gateway, login: &str) -> String {
    let url = format!("imaps://{HOST}:{}/", gateway.imaps);
    let status = ["-s", "--cacert", campus("CAMPUS_CA"), "-u", login, &url, "-X", "STATUS INBOX (MESSAGES)"];
    String::from_utf8_lossy(&try_run("curl", &status).stdout).trim().to_owned()
}

#[test]
fn by_cas_each_sees_their_own_institution_on_both_nodes() {
    let database = Database::make("midi_cas");
    let state = State::Postgres(database.0.clone());
    let first =
        Gateway::start_with("midi-a", &state, |config| with_midi(config, &config.parent().unwrap().join("files")));
    let files = first.dir.join("files");
    let second = first.twin_with("midi-b", &state, |config| with_midi(config, &files));
    for (number, has_mail) in [(1_usize, true), (9, true), (11, false)] {
        let (login, of) = (format!("u{number:05}"), (number - 1) % 7);
        let said = visit([&first, &second], "midi", &login, "cas");
        let seen = &said[0];
        let (name, colour, _) = SEVEN[of];
        assert_eq!(
            (seen["name"].as_str(), seen["colour"].as_str()),
            (Some(&*format!("{name} University")), Some(colour))
        );
        assert_eq!((&seen["files"], &seen["mail"]), (&true.into(), &has_mail.into()), "{}", seen["shown"]);
        assert!(refused(&second, &address(number), said[1]["secret"].as_str().unwrap()), "signed out everywhere");
    }
}

#[test]
fn by_password_the_host_is_the_realms_and_the_rest_is_their_own() {
    let gateway = start("midi-password");
    let before = curl(&gateway, HOST, None, "GET", "/login", &[]);
    assert!(
        before.body.contains("Universities of the Midi") && before.body.contains("/cas/midi/login"),
        "{}",
        before.body
    );
    let json = curl(&gateway, HOST, None, "GET", "/branding.json", &[]);
    assert!(
        json.body.contains(r#""institution":null"#) && json.body.contains("Universities of the Midi"),
        "{}",
        json.body
    );
    for number in [1_usize, 2, 11] {
        let (login, of) = (format!("u{number:05}"), (number - 1) % 7);
        let (name, colour, _) = SEVEN[of];
        let home = gateway.home(&format!("midi-{}", of + 1), &login);
        fs::create_dir_all(&home).unwrap();
        fs::write(home.join(format!("of-{login}.txt")), name).unwrap();
        let browser = Browser::sign_in(&gateway, HOST, &login, &format!("pw-{login}"));
        let page = browser.get("/basic").body;
        assert!(page.contains(&format!("{name} University")) && page.contains(&format!("of-{login}.txt")), "{page}");
        assert!(!page.contains("Universities of the Midi"));
        let own = browser.get("/branding.json");
        assert!(own.body.contains(&format!(r#""institution":"midi-{}""#, of + 1)), "{}", own.body);
        assert!(own.header("cache-control").unwrap().contains("private"));
        let style = format!("/branding.css?of=midi-{}", of + 1);
        assert!(page.contains(&style));
        assert!(curl(&gateway, HOST, None, "GET", &style, &[]).body.contains(colour));
        let admin = browser.get("/admin");
        if number <= 7 {
            assert!(admin.status == 200 && admin.body.contains(&style), "{}", admin.body);
            assert!(!admin.body.contains("Universities of the Midi"));
        }
        // The bare login, as the host allows it, and the whole address from anywhere.
        let file = format!("/dav/files/{login}/of-{login}.txt");
        let bare = format!("{login}:pw-{login}");
        assert_eq!(curl(&gateway, HOST, Some(&bare), "GET", &file, &[]).body, name);
        let far = format!("/dav/files/{}/of-{login}.txt", address(number));
        assert_eq!(curl(&gateway, "localhost", Some(&whole(number)), "GET", &far, &[]).body, name);
    }
    for stranger in ["garonne", "midi-8", "..", ""] {
        assert_eq!(curl(&gateway, HOST, None, "GET", &format!("/branding.css?of={stranger}"), &[]).status, 404);
    }
    // The realm's own store, and not that of the default institution, where u00002 is somebody else with 200 messages.
    assert_eq!(messages(&gateway, "u00002:pw-u00002"), "* STATUS INBOX (MESSAGES 20)");
    assert_eq!(messages(&gateway, &whole(2)), "* STATUS INBOX (MESSAGES 20)");
    Imap::log_in(gateway.imap, &address(3), "pw-u00003");
    let (mut imap, _) = Imap::connect(gateway.imap);
    assert!(
        imap.command("l LOGIN u00004@m4.midi.test pw-u00004").last().unwrap().contains("[CANNOT]"),
        "no mail there"
    );
    assert!(refused(&gateway, "u00002@m1.midi.test", "pw-u00002"), "another institution's domain");
}

#[test]
fn who_is_of_no_institution_or_of_two_is_told_so_and_nobody_else_is() {
    let gateway = start("midi-stray");
    let told = "belongs to none of the institutions here, or to several";
    for (login, logged) in [("stray", "is of none of the realm's institutions"), ("both", "is of several institutions")]
    {
        let answer = sign_in(&gateway, HOST, login, &format!("pw-{login}"));
        assert!(
            answer.status == 403 && answer.body.contains(told) && answer.header("set-cookie").is_none(),
            "{answer:?}"
        );
        gateway.wait_for_log(logged);
        let wrong = sign_in(&gateway, HOST, login, "wrong");
        assert!(wrong.status == 401 && !wrong.body.contains(told), "who does not know the password learns nothing");
        let who = format!("{login}:pw-{login}");
        assert_eq!(curl(&gateway, HOST, Some(&who), "PROPFIND", "/dav/files/", &[]).status, 403);
        let call = [
            "-H",
            "Content-Type: text/xml",
            "-d",
            "<methodCall><methodName>system.listMethods</methodName></methodCall>",
        ];
        assert_eq!(curl(&gateway, HOST, Some(&who), "POST", "/xmlrpc", &call).status, 403);
        let (mut imap, _) = Imap::connect(gateway.imap);
        let refusal = imap.command(&format!("l LOGIN {login}@m1.midi.test pw-{login}")).pop().unwrap();
        assert!(refusal.starts_with("l NO [AUTHORIZATIONFAILED]"), "{refusal}");
        let jar = Jar::new();
        let at = |path: &str| format!("https://{HOST}:{}{path}", gateway.https);
        let here = service(&location(&jar.get(&at("/cas/midi/login"), &[])));
        let ticket = jar.ticket(campus("CAMPUS_CAS_MIDI"), &here, login);
        let back = location(&jar.get(&format!("{here}&ticket={ticket}"), &[]));
        assert_eq!(back, "/login?problem=stray");
        let page = jar.get(&at(&back), &[]);
        assert!(page.starts_with("HTTP/2 403") && page.contains(told), "{page}");
        assert!(!jar.get(&at("/basic"), &[]).contains("app-passwords"), "and is not in");
    }
    // One login of two people: bare it is nobody's, by the address each is who they are.
    assert_eq!(sign_in(&gateway, HOST, "double", "pw-double").status, 401);
    for number in [1, 2] {
        let page =
            Browser::sign_in(&gateway, HOST, &format!("double@m{number}.midi.test"), "pw-double").get("/basic").body;
        assert!(page.contains(SEVEN[number - 1].0), "{page}");
    }
}

#[test]
fn they_share_as_they_agreed_and_groups_are_each_ones_own() {
    let gateway = start("midi-sharing");
    for number in [1_usize, 2, 4] {
        let home = gateway.home(&format!("midi-{number}"), &format!("u{number:05}"));
        fs::create_dir_all(home.join("given")).unwrap();
        fs::write(home.join("given/a.txt"), "given").unwrap();
    }
    let reads = |who: usize, owner: usize| {
        let path = format!("/dav/files/{}/given/a.txt", address(owner));
        curl(&gateway, HOST, Some(&whole(who)), "GET", &path, &[]).status
    };
    let told = python(
        &gateway,
        &whole(1),
        "
t = {'owner': 'u00001', 'path': 'given'}
print(s.grant.set(t, {'account': 'u00002@m2.midi.test'}, ['read']), code(s.grant.set, t, {'account': 'u00004@m4.midi.test'}, ['read']))
print(s.grant.set(t, {'group': 'team'}, ['read']), code(s.grant.set, t, {'institution': 'midi-2'}, ['read']))
print(code(s.grant.list, 'u00002@m2.midi.test'), code(s.grant.set, {'owner': 'u00002@m2.midi.test', 'path': 'given'}, {'account': 'u00001'}, ['read']))",
    );
    assert_eq!(told, "True 403\nTrue 403\n404 404\n");
    assert_eq!((reads(2, 1), reads(3, 1), reads(4, 1)), (200, 404, 404), "the one who was named");
    assert_eq!(reads(8, 1), 200, "by the group");
    // u00015 is of the first institution, and in the second one's group of the same name.
    assert_eq!(reads(15, 1), 404, "another institution's group gives nothing");
    python(&gateway, &whole(2), "s.grant.set({'owner': 'u00002', 'path': 'given'}, {'group': 'team'}, ['read'])");
    assert_eq!((reads(9, 2), reads(15, 2)), (200, 404), "a group is for people of its own institution");
    let told = python(
        &gateway,
        &whole(4),
        "print(code(s.grant.set, {'owner': 'u00004', 'path': 'given'}, {'account': 'u00001@m1.midi.test'}, ['read']))",
    );
    assert_eq!(told, "403\n", "the fourth shares with nobody");
}

#[test]
fn an_administrator_sees_and_touches_the_own_institution_only() {
    let (gateway, w) = (start("midi-admin"), word("mid"));
    let _swept = Swept::of(&w);
    let told = python(
        &gateway,
        &whole(1),
        &format!(
            r"
w='{w}'
def whole(f, name, *a):
    seen, c = [], ''
    while True:
        p = f(*a, 50, c); seen += p[name]; c = p['next']
        if not p['more']: return seen
all = [p['login'] for p in whole(s.account.find, 'people', '')]
print(all[:1], 'u00008' in all, 'u00002' in all, 'both' in all, 'stray' in all)
first = s.account.find('u000', 10)
print(len(first['people']), [p['login'] for p in first['people'][:3]], first['more'])
for name in ('u00002', 'u00002@m2.midi.test'):
    print([code(f, name, *a) for f, a in ((s.account.get, ()), (s.account.update, ('X',)), (s.account.lock, ()), (s.account.delete, ()), (s.account.rename, (w,)), (s.account.setPassword, ('another1',)), (s.account.card, ()), (s.appPassword.list, ()), (s.appPassword.make, ('x',)))])
print(code(s.account.create, 'u00002'), code(s.account.create, {{'login': w, 'mails': [w + '@m2.midi.test']}}), code(s.account.create, {{'login': w, 'institution': 'midi-2'}}))
print(s.account.create({{'login': w, 'name': 'New One', 'mails': [w + '@m1.midi.test'], 'password': 'pw-new-one'}})['login'] == w)
print(s.group.create(w)['name'] == w, s.group.addMembers(w, [w]), code(s.group.addMembers, w, ['u00002']), s.account.get(w)['groups'] == [w])
print(code(s.group.list, {{'text': 'team', 'institution': 'midi-2'}}), len(s.group.list('team')['groups']), s.group.get('dyn-student')['dynamic'])"
        ),
    );
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(
        lines,
        [
            "['double'] True False False False",
            "10 ['u00001', 'u00008', 'u00015'] True",
            "[404, 404, 404, 404, 404, 404, 404, 404, 404]",
            "[404, 404, 404, 404, 404, 404, 404, 404, 404]",
            "409 400 404",
            "True",
            "True True 404 True",
            "404 1 True",
        ]
    );
    let found = search("midi", &format!("(|(uid={w})(cn={w}))"), &["supannEtablissement", "member"]);
    let person = format!("uid={w},ou=people,dc=midi,dc=test");
    assert_eq!(found[&person]["supannEtablissement"], ["{UAI}midi-1"]);
    let group = format!("cn={w},ou=midi-1,ou=groups,dc=midi,dc=test");
    assert!(found[&group]["member"].contains(&person), "{found:?}");
    // The second institution's administrator neither sees that group nor can take it away, and may have one of that name.
    let told = python(
        &gateway,
        &whole(2),
        &format!(
            "w='{w}'\nprint(code(s.group.get, w), code(s.group.delete, w), code(s.group.removeMembers, w, ['u00009']), code(s.account.get, w))\nprint(s.group.create(w)['name'] == w, s.group.addMembers(w, ['u00009']), s.group.rename(w, w + 'x')['name'] == w + 'x')"
        ),
    );
    assert_eq!(told, "404 404 404 404\nTrue True True\n");
    let told = python(&gateway, &whole(1), &format!("print(s.group.delete('{w}'), code(s.group.get, '{w}x'))"));
    assert_eq!(told, "True 404\n");
}
