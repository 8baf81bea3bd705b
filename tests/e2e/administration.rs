//! Administration over XML-RPC onto the campus's slapd, as a portal does it; what `ldapsearch` sees afterwards counts. The
//! campus is shared: every test has names of its own and takes them away.

use crate::{
    harness::{Answer, Gateway, Imap, State, campus, curl, eventually, run, try_run},
    xmlrpc::{ADMINISTRATOR, python},
};
use std::{fs, path::Path};

/// A word for names that no other run uses.
pub(crate) fn word(test: &str) -> String {
    format!("t{}{test}", std::process::id())
}

/// Takes what a test made out of the directory, whatever came of it.
pub(crate) struct Swept(String);

impl Swept {
    pub(crate) fn of(word: &str) -> Self {
        Self(word.to_owned())
    }
}

impl Drop for Swept {
    fn drop(&mut self) {
        for letter in ["a", "b"] {
            for dn in search(letter, &format!("(|(uid={0}*)(cn={0}*))", self.0), &[]).keys() {
                try_run("ldapdelete", &[&["-x", "-H", &url(letter)], &as_admin(letter)[..], &[dn.as_str()]].concat());
            }
        }
    }
}

fn url(letter: &str) -> String {
    format!("ldap://127.0.0.1:{}", campus(if letter == "a" { "CAMPUS_LDAP_A" } else { "CAMPUS_LDAP_B" }))
}

fn as_admin(letter: &str) -> [&'static str; 4] {
    if letter == "a" {
        ["-D", "cn=admin,dc=a,dc=test", "-w", "admin-a"]
    } else {
        ["-D", "cn=admin,dc=b,dc=test", "-w", "admin-b"]
    }
}

/// What the directory itself holds: values by name, sorted, for each entry. Values that LDIF encodes stay so.
pub(crate) fn search(
    letter: &str,
    filter: &str,
    attributes: &[&str],
) -> std::collections::BTreeMap<String, std::collections::BTreeMap<String, Vec<String>>> {
    let base = format!("dc={letter},dc=test");
    let url = url(letter);
    let mut arguments = vec!["-x", "-LLL", "-o", "ldif-wrap=no", "-H", &url];
    arguments.extend(as_admin(letter));
    arguments.extend(["-b", &base, filter]);
    arguments.extend(attributes);
    let mut entries = std::collections::BTreeMap::new();
    for block in run("ldapsearch", &arguments).split("\n\n") {
        let mut lines = block.lines().filter(|line| !line.is_empty());
        let Some(dn) = lines.next().and_then(|line| line.strip_prefix("dn: ")) else { continue };
        let mut values: std::collections::BTreeMap<String, Vec<String>> = std::collections::BTreeMap::new();
        for line in lines {
            let (name, value) = line.split_once(':').unwrap();
            values.entry(name.to_owned()).or_default().push(value.trim_start_matches(':').trim().to_owned());
        }
        values.values_mut().for_each(|values| values.sort());
        entries.insert(dn.to_owned(), values);
    }
    entries
}

pub(crate) fn binds(login: &str, password: &str) -> bool {
    let dn = format!("uid={login},ou=people,dc=a,dc=test");
    try_run("ldapwhoami", &["-x", "-H", &url("a"), "-D", &dn, "-w", password]).status.success()
}

#[track_caller]
fn check(told: &str, expected: &[&str]) {
    assert_eq!(told.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn an_accounts_whole_life() {
    let (gateway, w) = (Gateway::start("admin-life"), word("life"));
    let _swept = Swept::of(&w);
    let told = python(
        &gateway,
        ADMINISTRATOR,
        &format!(
            r"
w='{w}'
print(s.account.create({{'login': w, 'name': 'Zoë Martin', 'givenName': 'Zoë', 'surname': 'Martin', 'mails': [w + '@a.test'], 'password': 'first word', 'affiliations': ['student', 'member'], 'attributes': {{'employeeNumber': '42'}}}}) == {{'login': w, 'name': 'Zoë Martin'}})
print(code(s.account.create, {{'login': w}}), code(s.account.create, w.upper()), code(s.account.create, {{'login': w + 'x', 'mails': w + '@a.test'}}))
g = s.account.get(w); print(g['name'], g['mail'] == w + '@a.test', g['affiliations'], g['locked'], g['disabled'])
print(s.account.update(w, {{'name': 'Zoë Durand', 'attributes': {{'roomNumber': ['B 12'], 'employeeNumber': []}}}})['name'])
print(s.account.lock(w), s.account.lock(w), s.account.get(w)['locked'])"
        ),
    );
    check(
        &told,
        &["True", "409 409 409", "Zoë Martin True ['student', 'member'] False False", "Zoë Durand", "True False True"],
    );
    let seen = search("a", &format!("(uid={w})"), &["*", "+"]);
    let entry = &seen[&format!("uid={w},ou=people,dc=a,dc=test")];
    assert_eq!(entry["roomNumber"], ["B 12"]);
    assert!(!entry.contains_key("employeeNumber"));
    assert_eq!(entry["pwdAccountLockedTime"], ["000001010000Z"]);
    assert!(entry["creatorsName"][0].starts_with("cn=provision,"));
    assert!(!binds(&w, "first word"));
    let told = python(
        &gateway,
        ADMINISTRATOR,
        &format!(
            r"
w='{w}'
print(s.account.unlock(w), s.account.unlock(w), s.account.setPassword(w, 'second word'))
r = s.account.rename(w, w + 'r'); print(r['login'] == w + 'r', [d['kind'] for d in r['data']], r['newData'][1]['place'].endswith('/' + w + 'r'))
print(code(s.account.get, w), s.account.get(w + 'r')['name'], code(s.account.rename, w + 'r', 'u00002'))
d = s.account.delete(w + 'r'); print([x['kind'] for x in d['data']], d['data'][1]['place'].endswith('/' + w + 'r'))
g = s.account.get(w + 'r'); print(g['locked'], g['disabled'], code(s.account.create, w + 'r'), code(s.account.delete, 'nobody'))"
        ),
    );
    check(
        &told,
        &[
            "True False True",
            "True ['mail', 'files'] True",
            "404 Zoë Durand 409",
            "['mail', 'files'] True",
            "True True 409 404",
        ],
    );
    assert!(search("a", &format!("(uid={w}r)"), &[]).contains_key(&format!("uid={w}r,ou=disabled,dc=a,dc=test")));
    python(&gateway, ADMINISTRATOR, &format!("assert s.account.unlock('{w}r')"));
    assert!(binds(&format!("{w}r"), "second word"));
    // Nothing of a password anywhere but in the directory.
    let state = fs::read(gateway.dir.join("state/state.sqlite")).unwrap();
    let wal = fs::read(gateway.dir.join("state/state.sqlite-wal")).unwrap_or_default();
    for octets in [state.as_slice(), &wal, gateway.log().as_bytes()] {
        for secret in ["first word", "second word"] {
            assert!(!octets.windows(secret.len()).any(|it| it == secret.as_bytes()), "{secret} is kept");
        }
    }
}

#[test]
fn what_a_locked_account_has_open_ends_on_every_node() {
    let w = word("lock");
    let _swept = Swept::of(&w);
    let database = format!("passerelle_{w}");
    let state = State::Postgres(database.clone());
    let psql = |sql: &str| {
        let url = format!("postgres://passerelle:pw-passerelle@127.0.0.1:{}/passerelle", campus("CAMPUS_POSTGRES"));
        run("psql", &["-q", "-d", &url, "-c", sql]);
    };
    psql(&format!("CREATE DATABASE {database}"));
    {
        let gateway = Gateway::start_with("admin-lock-1", &state, |_| {});
        let twin = gateway.twin("admin-lock-2", &state);
        // A person who has mail: the campus's own.
        let login = "u00033";
        let told = python(
            &gateway,
            ADMINISTRATOR,
            &format!(
                "p = s.appPassword.make('{login}', 'phone'); print(p['password'])\nl = s.appPassword.list('{login}'); print(len(l), 'password' in l[0], l[0]['name'])"
            ),
        );
        let app_password = told.lines().next().unwrap().to_owned();
        assert_eq!(told.lines().nth(1).unwrap(), "1 False phone");
        // On the other node, in its cache too.
        let mut by_app_password = Imap::log_in(twin.imap, &format!("{login}@a.test"), &app_password);
        let mut by_password = Imap::log_in(twin.imap, &format!("{login}@a.test"), &format!("pw-{login}"));
        by_app_password.command("a NOOP");
        assert_eq!(python(&gateway, ADMINISTRATOR, &format!("print(s.account.lock('{login}'))")).trim(), "True");
        assert!(by_app_password.is_closed() && by_password.is_closed());
        for password in [&app_password, &format!("pw-{login}")] {
            let (mut again, _) = Imap::connect(twin.imap);
            let answer = again.command(&format!("l LOGIN {login}@a.test {password}"));
            assert!(answer.last().unwrap().starts_with("l NO"), "{answer:?}");
        }
        let dav =
            curl(&twin, "localhost", Some(&format!("{login}@a.test:{app_password}")), "PROPFIND", "/dav/files/", &[]);
        assert_eq!(dav.status, 401);
        python(&gateway, ADMINISTRATOR, &format!("assert s.account.unlock('{login}')"));
        let told = python(
            &gateway,
            ADMINISTRATOR,
            &format!(
                "i = s.appPassword.list('{login}')[0]['id']; print(s.appPassword.remove('{login}', i), s.appPassword.remove('{login}', i))"
            ),
        );
        assert_eq!(told.trim(), "True False");
    }
    psql(&format!("DROP DATABASE {database} WITH (FORCE)"));
}

#[test]
fn groups_and_what_is_shared_with_them() {
    let (gateway, w) = (Gateway::start("admin-groups"), word("grp"));
    let _swept = Swept::of(&w);
    fs::create_dir_all(gateway.home("garonne", "u00002").join("course")).unwrap();
    let told = python(
        &gateway,
        ADMINISTRATOR,
        &format!(
            r"
w='{w}'; odd = w + ' A, B + \x22C\x22 <d>; #=é'
print(s.group.create({{'name': odd, 'description': 'odd'}})['name'] == odd, code(s.group.create, odd))
print(s.group.addMembers(odd, ['u00003', 'u00004']), s.group.addMembers(odd, 'u00003'), code(s.group.addMembers, odd, ['u00005', 'nobody']))
print(odd in s.account.get('u00003')['groups'], odd in s.account.get('u00005')['groups'])
t = {{'owner': 'u00002', 'path': 'course'}}
print(s.grant.set(t, {{'group': odd}}, ['read']), code(s.grant.set, {{'owner': 'u00002', 'path': 'nothing'}}, {{'group': odd}}, ['read']), code(s.grant.set, t, {{'group': 'no-such'}}, ['read']), code(s.grant.set, t, {{'account': 'nobody'}}, ['read']))
print(s.group.rename(odd, w)['name'] == w, [g['to'] for g in s.grant.list('u00002')] == [{{'group': w, 'of': 'garonne'}}])
print(s.group.removeMembers(w, ['u00003']), s.group.update(w, 'what for'), s.group.get(w)['description'])
print(s.group.create(w + 'd', 'dynamic', '(&(uid=u00005)(objectClass=inetOrgPerson))')['dynamic'], s.group.get(w + 'd')['filter'])
print(s.group.setFilter(w + 'd', '(uid=u00006)'), code(s.group.setFilter, w + 'd', '(uid=u00006'), code(s.group.setFilter, w, '(uid=*)'), code(s.group.addMembers, w + 'd', ['u00003']))
print([g['name'] for g in s.group.list(w)['groups']] == [w, w + 'd'])"
        ),
    );
    check(
        &told,
        &[
            "True 409",
            "True True 404",
            "True False",
            "True 404 400 400",
            "True True",
            "True True what for",
            "True (&(uid=u00005)(objectClass=inetOrgPerson))",
            "True 400 400 400",
            "True",
        ],
    );
    let people = "ou=people,dc=a,dc=test";
    assert_eq!(
        search("a", &format!("(cn={w})"), &["member"]).values().next().unwrap()["member"],
        ["", &format!("uid=u00004,{people}")]
    );
    // The directory's own computation agrees with the filter.
    assert_eq!(
        search("a", &format!("(cn={w}d)"), &["member"]).values().next().unwrap()["member"],
        [format!("uid=u00006,{people}")]
    );
    // Who is in it may read; who was taken out may not.
    let reads = |who: &str| {
        let path = "/dav/files/u00002/course/";
        curl(&gateway, "localhost", Some(&format!("{who}@a.test:pw-{who}")), "PROPFIND", path, &["-H", "Depth: 0"])
            .status
    };
    assert_eq!((reads("u00004"), reads("u00003")), (207, 404));
    let told = python(
        &gateway,
        ADMINISTRATOR,
        &format!(
            "print(s.group.delete('{w}'), code(s.group.get, '{w}'), len(s.grant.list('u00002')), s.group.delete('{w}d'))"
        ),
    );
    assert_eq!(told.trim(), "True 404 0 True");
    assert_eq!(reads("u00004"), 404);
}

#[test]
fn what_hung_on_a_renamed_account_follows_it() {
    let (gateway, w) = (Gateway::start("admin-rename"), word("ren"));
    let _swept = Swept::of(&w);
    for login in [&w, "u00002"] {
        fs::create_dir_all(gateway.home("garonne", login).join("x")).unwrap();
    }
    let told = python(
        &gateway,
        ADMINISTRATOR,
        &format!(
            r"
w='{w}'
s.account.create({{'login': w, 'password': 'a word'}}); s.group.create(w + 'g'); s.group.addMembers(w + 'g', [w])
p = s.appPassword.make(w, 'phone')
s.grant.set({{'owner': w, 'path': 'x'}}, {{'account': 'u00002'}}, ['read']); s.grant.set({{'owner': 'u00002', 'path': 'x'}}, {{'account': w}}, ['edit'])
s.account.card(w, {{'owner': 'the dean', 'comment': 'two\nlines'}})
s.account.rename(w, w + 'n')
print([g['to'] for g in s.grant.list(w + 'n')], [g['to']['account'] == w + 'n' for g in s.grant.list('u00002')], s.grant.list(w))
print([x['id'] for x in s.appPassword.list(w + 'n')] == [p['id']], s.account.card(w + 'n')['owner'], s.account.get(w + 'n')['groups'] == [w + 'g'])
print(p['password'])
s.account.create(w)
print(s.account.get(w)['groups'], s.appPassword.list(w), s.account.card(w)['owner'] == '')"
        ),
    );
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "[{'account': 'u00002'}] [True] []");
    assert_eq!(lines[1], "True the dean True");
    assert_eq!(lines[3], "[] [] True");
    let as_new = |login: &str| {
        curl(
            &gateway,
            "localhost",
            Some(&format!("{login}@a.test:{}", lines[2])),
            "PROPFIND",
            "/dav/files/",
            &["-H", "Depth: 0"],
        )
    };
    // A rename ends what was begun before it, for some seconds also what a node may not have heard of.
    eventually("the app password opens the new login", || as_new(&format!("{w}n")).status == 207);
    assert_eq!(as_new(&w).status, 401);
}

#[test]
fn two_portals_at_once() {
    let (gateway, w) = (Gateway::start("admin-race"), word("race"));
    let _swept = Swept::of(&w);
    let told = python(
        &gateway,
        ADMINISTRATOR,
        &format!(
            r"
import threading
w='{w}'; outcomes = []
def portal(n):
    own = x.ServerProxy(URL, context=context, allow_none=True)
    for i in range(6):
        try: own.account.create({{'login': w + str(i), 'name': 'Portal ' + str(n), 'password': 'word ' + str(n)}}); outcomes.append((i, 'won', n))
        except x.Fault as e: outcomes.append((i, e.faultCode, n))
threads = [threading.Thread(target=portal, args=(n,)) for n in range(6)]
[t.start() for t in threads]; [t.join() for t in threads]
for i in range(6):
    mine = [o for o in outcomes if o[0] == i]
    winners = [o[2] for o in mine if o[1] == 'won']
    assert len(winners) == 1 and sorted(set(o[1] for o in mine if o[1] != 'won')) == [409], mine
    assert s.account.get(w + str(i))['name'] == 'Portal ' + str(winners[0])
    print(winners[0])"
        ),
    );
    for (number, winner) in told.lines().enumerate() {
        assert!(binds(&format!("{w}{number}"), &format!("word {winner}")), "the winner's password, and nobody else's");
    }
}

#[test]
fn bad_input_is_refused_by_name_and_changes_nothing() {
    let (gateway, w) = (Gateway::start("admin-bad"), word("bad"));
    let _swept = Swept::of(&w);
    let before = search("a", "(objectClass=*)", &["*"]);
    let told = python(
        &gateway,
        ADMINISTRATOR,
        &format!(
            r"
w='{w}'; big = 'x' * 900000
bad = ['x,ou=services', 'x+cn=y', '*', 'a)(uid=*', '\\2a', 'a\tb', 'a\nb', '#x', ' x', 'x ', '', '.', '..', 'a/b', 'é', 'x@a.test', big, 'x' * 65, '-x', 'x;y', 'x<y']
print(sorted(set(code(s.account.create, b) for b in bad)))
print(sorted(set(code(s.account.rename, 'u00002', b) for b in bad)))
print(sorted(set(code(f, b) for b in bad for f in (s.account.get, s.account.lock, s.account.unlock, s.account.delete, s.appPassword.list, s.account.card))))
values = ['', ' ', 'a\nuserPassword: x', 'a\tb', big, 'x' * 4097]
print(sorted(set(code(s.account.create, {{'login': w, f: [v]}}) for v in values for f in ('mails', 'phone', 'affiliations') if v)))
print(sorted(set(code(s.account.create, {{'login': w, f: v}}) for v in values[1:] for f in ('name', 'surname', 'givenName', 'language'))))
print(sorted(set(code(s.account.create, {{'login': w, 'attributes': {{a: 'x'}}}}) for a in ('userPassword', 'objectClass', 'uid', 'pwdAccountLockedTime', 'memberOf', 'x;y', 'a=b', 'employeeNumber;lang-fr'))))
print(sorted(set(code(s.group.create, b) for b in ['', '.', '..', 'a/b', 'a\nb', ' x', 'x ', big, 'x' * 129])))
print(sorted(set(code(s.group.create, w, '', f) for f in ['x', '(', '(a=b', '(&(uid=*)', 'uid=*)(x', '(uid=\\zz)', '(' * 50 + 'a=b' + ')' * 50])))
print(sorted(set(code(s.account.setPassword, 'u00002', p) for p in ['', 'a\nb', 'x' * 1025, big])))
print(code(s.account.create, {{'login': w, 'mails': ['x@b.test']}}), 'an address of another institution')"
        ),
    );
    check(
        &told,
        &[
            "[400]",
            "[400]",
            "[404]",
            "[400]",
            "[400]",
            "[400]",
            "[400]",
            "[400]",
            "[400]",
            "400 an address of another institution",
        ],
    );
    let told = python(
        &gateway,
        ADMINISTRATOR,
        &format!(
            r"
w='{w}'
def said(f, *a):
    try: f(*a)
    except x.Fault as e: return str(e.faultCode) + ' ' + e.faultString
print(said(s.account.create, {{'login': w, 'passwrod': 'hunter2'}}))
print(said(s.account.create, {{'login': 1}})); print(said(s.account.create, w, ['a'])); print(said(s.account.create, {{'login': w, 'mails': [1]}})); print(said(s.account.create, {{'login': w, 'attributes': 'x'}}))
print(said(s.account.create)); print(said(s.account.lock, 'a', 'b', 'c')); print(said(s.account.update, 'u00002')); print(said(s.grant.set, {{'owner': 'u00002', 'pth': 'x'}}, {{'account': 'u00003'}}, ['read']))"
        ),
    );
    let expected = [
        ("-32602", "passwrod is not known"),
        ("-32602", "login: a string"),
        ("-32602", "name: a string"),
        ("-32602", "mails: an array of strings"),
        ("-32602", "attributes: a struct"),
        ("-32602", "login is missing"),
        ("-32602", "at most 1 parameters"),
        ("-32602", "nothing is named"),
        ("-32602", "target: pth is not known"),
    ];
    for (line, (code, words)) in told.lines().zip(expected) {
        assert!(line.starts_with(code) && line.contains(words) && !line.contains("hunter2"), "{line}");
    }
    // What no XML library would send.
    let call = |login: &[u8]| -> Answer {
        let mut body = b"<methodCall><methodName>account.create</methodName><params><param><value><string>".to_vec();
        body.extend(login);
        body.extend(b"</string></value></param></params></methodCall>");
        let file = gateway.dir.join("bad.xml");
        fs::write(&file, body).unwrap();
        let data = format!("@{}", file.display());
        curl(
            &gateway,
            "localhost",
            Some(ADMINISTRATOR),
            "POST",
            "/xmlrpc",
            &["-H", "Content-Type: text/xml", "--data-binary", &data],
        )
    };
    for (octets, code) in [
        (&b"\xff\xfe"[..], "-32700"),
        (b"a\0b", "400"),
        (b"a&#0;b", "-32700"),
        (b"a&nbsp;b", "-32700"),
        (b"<![CDATA[</string>]]>", "400"),
        (b"</string></value></param></params></methodCall><methodCall>", "-32700"),
        (b"a&#13;&#10;b", "400"),
    ] {
        let answer = call(octets);
        assert!(answer.status == 200 && answer.body.contains(&format!(">{code}<")), "{octets:?}: {}", answer.body);
    }
    let mut after = search("a", "(objectClass=*)", &["*"]);
    // Other tests use the same campus: what is not theirs is as it was.
    after.retain(|dn, _| before.contains_key(dn));
    let mine = |dn: &String| dn.contains("uid=u00002,") || dn.contains("ou=services") || !dn.contains("uid=");
    for (dn, entry) in
        before.iter().filter(|(dn, _)| mine(dn)).filter(|(dn, _)| !dn.starts_with("cn=t") && !dn.contains("pwd"))
    {
        if let Some(now) = after.get(dn) {
            assert_eq!(now, entry, "{dn}");
        }
    }
    assert!(search("a", &format!("(|(uid={w}*)(cn={w}*))"), &[]).is_empty());
}

#[test]
fn who_may_administer_what() {
    let (gateway, w) = (Gateway::start("admin-who"), word("who"));
    let _swept = Swept::of(&w);
    // Nobody, a person without power, an app password, another institution's administrator.
    assert_eq!(python(&gateway, "u00001@a.test:wrong", "print(code(s.account.lock, 'u00002'))").trim(), "401");
    let told = python(
        &gateway,
        "u00002@a.test:pw-u00002",
        "print(code(s.account.lock, 'u00003'), code(s.account.create, 'zz'), code(s.audit.list), code(s.apiClient.make, 'x', ['*']), code(s.institution.get), code(s.account.setPassword, 'u00002', 'mine'))",
    );
    assert_eq!(told.trim(), "403 403 403 403 403 403");
    let app_password = python(&gateway, ADMINISTRATOR, "print(s.appPassword.make('u00001', 'x')['password'])");
    let who = format!("u00001@a.test:{}", app_password.trim());
    assert_eq!(
        python(&gateway, &who, "print(code(s.account.lock, 'u00003'), code(s.system.listMethods))").trim(),
        "401 401"
    );
    let told = python(
        &gateway,
        ADMINISTRATOR,
        r"
other = {'institution': 'autan'}; none = {'institution': 'nowhere'}
for o in (other, none): print(*[code(f, *a, o) for f, a in ((s.account.get, ('u00002',)), (s.account.lock, ('u00002',)), (s.account.create, ('zz',)), (s.account.delete, ('u00002',)), (s.group.create, ('zz',)), (s.audit.list, ()), (s.institution.get, ()), (s.apiClient.make, ('x', ['*'])))])
print(code(s.account.lock, 'u00002@b.test'), code(s.account.lock, 'u00002@nowhere.test'), code(s.account.lock, 'u00002@a.test', other), s.account.get('u00002@a.test')['login'])
print(code(s.apiClient.make, {'name': 'x', 'methods': ['*'], 'institutions': ['autan']}))",
    );
    check(&told, &["404 404 404 404 404 404 404 404", "404 404 404 404 404 404 404 404", "404 404 404 u00002", "404"]);
    assert!(search("b", "(&(uid=u00002)(pwdAccountLockedTime=*))", &["+"]).is_empty());
    // A directory that is a file is only read.
    let centre = "u00001@c.test:pw-u00001";
    let told = python(
        &gateway,
        centre,
        "print(code(s.account.create, 'zz'), code(s.account.lock, 'u00002'), code(s.group.create, 'zz'), s.account.get('u00002')['login'], s.institution.get()['id'])",
    );
    assert_eq!(told.trim(), "501 501 501 u00002 centre");
}

#[test]
fn a_program_with_its_token() {
    let (gateway, w) = (Gateway::start("admin-client"), word("cli"));
    let _swept = Swept::of(&w);
    let told = python(
        &gateway,
        ADMINISTRATOR,
        "m = s.apiClient.make('Portal', ['account.*', 'system.*'], {'until': 2000000000}); print(m['token'])\nl = s.apiClient.list(); print(len(l), 'token' in l[0], l[0]['methods'], l[0]['institutions'], l[0]['lastUsed'])\nprint(m['id'])",
    );
    let lines: Vec<&str> = told.lines().collect();
    let (token, id) = (lines[0], lines[2]);
    assert_eq!(lines[1], "1 False ['account.*', 'system.*'] ['garonne'] None");
    let by = |token: &str, script: &str| {
        let script = format!(
            r"
class Bearer(x.SafeTransport):
    def send_headers(self, connection, headers):
        connection.putheader('Authorization', 'Bearer {token}'); super().send_headers(connection, headers)
c = x.ServerProxy(URL.replace(URL.split('//')[1].split('@')[0] + '@', ''), transport=Bearer(context=context), allow_none=True)
{script}"
        );
        python(&gateway, ADMINISTRATOR, &script)
    };
    let told = by(
        token,
        &format!(
            r"
w='{w}'
print(c.account.create({{'login': w, 'name': 'By a program'}})['name'], c.account.lock(w), c.account.get(w)['locked'])
print(*[code(f, *a) for f, a in ((c.group.list, ('',)), (c.audit.list, ()), (c.apiClient.make, ('x', ['*'])), (c.apiClient.list, ()), (c.appPassword.make, ('u00002', 'x')), (c.grant.list, ('u00002',)))])
print(code(c.account.get, 'u00002', {{'institution': 'autan'}}), code(c.account.get, 'u00002@b.test'))
print(code(c.no.such), len(c.system.listMethods()) > 30)
print(*[code(f, *a) for f, a in ((c.account.setPassword, ('u00001', 'mine')), (c.account.rename, ('u00001', w + 'x')), (c.account.rename, (w, 'u00001')), (c.account.lock, ('u00001',)), (c.account.delete, ('u00001',)), (c.account.update, ('u00001', 'x')))], c.account.get('u00001')['login'])"
        ),
    );
    check(
        &told,
        &[
            "By a program True True",
            "403 403 403 403 403 403",
            "404 404",
            "-32601 True",
            // Else a program would become an administrator.
            "403 403 403 403 403 403 u00001",
        ],
    );
    // The token opens administration alone.
    for (method, path) in [("PROPFIND", "/dav/files/u00002/"), ("GET", "/")] {
        let answer =
            curl(&gateway, "localhost", None, method, path, &["-H", &format!("Authorization: Bearer {token}")]);
        assert!(matches!(answer.status, 401 | 303 | 302), "{method} {path}: {}", answer.status);
    }
    assert!(by(token, "print(code(c.system.listMethods))").contains("None"));
    for wrong in ["", "x", &token[..59], &format!("{}a", &token[..59])] {
        if wrong != token {
            assert!(by(wrong, "print(code(c.system.listMethods))").contains("401"), "{wrong}");
        }
    }
    // The trail says who; a program's refusals too.
    let told = python(
        &gateway,
        ADMINISTRATOR,
        &format!(
            "ls = s.audit.list()['lines']\nprint([(l['method'], l['outcome']) for l in ls if l['who'] == 'client:{id}'])\nprint(s.apiClient.remove('{id}'), s.apiClient.remove('{id}'))"
        ),
    );
    let lines: Vec<&str> = told.lines().collect();
    for line in [
        "('account.lock', 'done')",
        "('account.create', 'done')",
        "('apiClient.make', 'forbidden')",
        "('appPassword.make', 'forbidden')",
    ] {
        assert!(lines[0].contains(line), "{}", lines[0]);
    }
    assert_eq!(lines[1], "True False");
    assert!(by(token, "print(code(c.system.listMethods))").contains("401"));
    let log = gateway.log();
    assert!(!log.contains(token));
}

#[test]
fn a_repetition_does_nothing_twice() {
    let (gateway, w) = (Gateway::start("admin-again"), word("again"));
    let _swept = Swept::of(&w);
    let told = python(
        &gateway,
        ADMINISTRATOR,
        &format!(
            r"
w='{w}'; k = {{'idempotencyKey': 'key-1'}}
call = lambda: s.account.create({{'login': w, 'name': 'One', 'password': 'a word', **k}})
a = call(); b = call(); print(a == b, code(s.account.create, {{'login': w, 'name': 'One', 'password': 'another', **k}}), code(s.account.lock, w, k))
print(s.account.lock(w, {{'idempotencyKey': 'key-2'}}), s.account.lock(w, {{'idempotencyKey': 'key-2'}}), s.account.lock(w))
# A refusal is an answer too.
print(code(s.account.create, {{'login': 'u00002', 'idempotencyKey': 'key-3'}}), code(s.account.create, {{'login': 'u00002', 'idempotencyKey': 'key-3'}}))
# What opens an account is shown once, and kept nowhere.
p = s.appPassword.make('u00044', 'phone', {{'idempotencyKey': 'key-4'}}); print(code(s.appPassword.make, 'u00044', 'phone', {{'idempotencyKey': 'key-4'}}), len(s.appPassword.list('u00044')))
s.appPassword.remove('u00044', p['id'])
print(code(s.account.lock, w, {{'idempotencyKey': ''}}), code(s.account.lock, w, {{'idempotencyKey': 'x' * 256}}))
# Inside a multicall, each with its own.
m = x.MultiCall(s)
for i in (1, 1, 2): m.group.create({{'name': w + str(i), 'idempotencyKey': 'g' + str(i)}})
print([r['name'] == w + n for r, n in zip(m(), '112')], len(s.group.list(w)['groups']))
print(sum(1 for l in s.audit.list({{'target': w}})['lines'] if l['method'] == 'account.create' and l['outcome'] == 'done'))
for i in (1, 2): s.group.delete(w + str(i))"
        ),
    );
    check(
        &told,
        &["True 422 422", "True True False", "409 409", "410 1", "-32602 -32602", "[True, True, True] 2", "1"],
    );
    // By the header, as an HTTP client sets it.
    let call = |login: &str, key: &str| {
        let body = format!(
            "<methodCall><methodName>account.create</methodName><params><param><value>{login}</value></param></params></methodCall>"
        );
        curl(
            &gateway,
            "localhost",
            Some(ADMINISTRATOR),
            "POST",
            "/xmlrpc",
            &["-H", "Content-Type: text/xml", "-H", &format!("Idempotency-Key: {key}"), "-d", &body],
        )
        .body
    };
    let login = format!("{w}h");
    let first = call(&login, "\"8e03978e-40d5-43e8-bc93-6894a57f9324\"");
    assert!(first.contains("<member>"), "{first}");
    assert_eq!(call(&login, "8e03978e-40d5-43e8-bc93-6894a57f9324"), first);
    assert!(call(&login, "other").contains(">409<"));
}

#[test]
fn the_trail_has_all_that_changed_and_no_secret() {
    let (gateway, w) = (Gateway::start("admin-trail"), word("trail"));
    let _swept = Swept::of(&w);
    let told = python(
        &gateway,
        ADMINISTRATOR,
        &format!(
            r"
w='{w}'
s.account.create({{'login': w, 'name': 'A\'B', 'password': 'hunter2'}}); s.account.setPassword(w, 'hunter3'); code(s.account.create, {{'login': w, 'password': 'hunter4'}})
code(s.account.create, {{'login': w, 'passwrod': 'hunter5'}}); code(s.account.lock, 'nobody'); code(s.account.lock, w, {{'institution': 'autan'}}); s.account.get(w); s.account.card(w); s.account.card(w, {{'comment': 'c'}})
ls = s.audit.list()['lines']
for l in reversed(ls): print(l['method'], l['target'].replace(w, 'W'), l['outcome'], l['change'])
print(all(l['who'] == 'account:garonne/u00001' and l['from'] == '127.0.0.1' and l['at'] > 1700000000 for l in ls), any('hunter' in str(l) for l in ls))
# Page by page, the same lines; a cursor of another list opens nothing.
seen, c = [], ''
while True:
    p = s.audit.list({{'limit': 2, 'cursor': c}}); seen += p['lines']; c = p['next']
    if not p['more']: break
print(seen == ls, len(s.audit.list({{'target': w}})['lines']))
c = s.audit.list({{'limit': 2}})['next']
print(code(s.audit.list, {{'cursor': c, 'target': w}}), code(s.group.list, '', 5, c), code(s.audit.list, {{'cursor': c[:-2]}}), code(s.audit.list, {{'cursor': 'x'}}))"
        ),
    );
    check(
        &told,
        &[
            "account.create W done name=\"A'B\" password=(hidden)",
            "account.setPassword W done password=(hidden)",
            "account.create W conflict password=(hidden)",
            "account.create  invalid ",
            "account.lock nobody not found ",
            "account.lock W not found ",
            "account.card W done changes={comment=\"c\"}",
            "True False",
            "True 5",
            "-32602 -32602 -32602 -32602",
        ],
    );
    let log = gateway.log();
    assert!((2..=5).all(|number| !log.contains(&format!("hunter{number}"))));
}

#[test]
fn lists_go_page_by_page() {
    let gateway = Gateway::start("admin-pages");
    let told = python(
        &gateway,
        ADMINISTRATOR,
        r"
def whole(f, name, *a):
    seen, c = [], ''
    while True:
        p = f(*a, 37, c); seen += p[name]; c = p['next']
        if not p['more']: return seen
names = [p['login'] for p in whole(s.account.find, 'people', '') if p['login'].startswith('u0')]
print(names == sorted(names), len(names) == len(set(names)), 'u00050' in names)
listed = [p['login'] for p in whole(s.account.find, 'people', 'u000')]
print(len(listed), 'u00050' in listed)
groups = [g['name'] for g in whole(s.group.list, 'groups', 'g0')]
print(groups == sorted(groups), len(groups) == len(set(groups)), 'g0001' in groups)",
    );
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "True True True");
    assert_eq!(lines[1], "98 False");
    assert_eq!(lines[2], "True True True");
    // slapd gives 500 entries at once to anybody but the gateway, and 1,000 of people are there.
    assert!(search("a", "(uid=u0*)", &["uid"]).len() > 500 || Path::new("/nonexistent").exists());
}

#[test]
fn a_card_and_the_end_of_a_subscription() {
    let (gateway, w) = (Gateway::start("admin-card"), word("card"));
    let _swept = Swept::of(&w);
    let told = python(
        &gateway,
        ADMINISTRATOR,
        &format!(
            r"
w='{w}'
s.account.create({{'login': w, 'name': 'Carl', 'mails': [w + '@a.test'], 'password': 'a word'}})
c = s.account.card(w); print(c['loginCount'], c['lastLogin'], c['subscriptionEnds'], c['customerAdministrator'], c['internalAddress'] == w + '@a.test')
s.account.card(w, {{'owner': 'the dean', 'customer': 'Garonne', 'country': 'FR', 'subscription': 'staff', 'state': 'trial', 'externalAddress': 'x@y.example', 'comment': 'é'}})
c = s.account.card(w, {{'country': ''}}); print(c['owner'], c['customer'], repr(c['country']), c['subscription'], c['state'], c['externalAddress'], c['comment'])
print(s.account.card('u00001')['customerAdministrator'], code(s.account.card, 'nobody'), code(s.account.card, 'nobody', {{'owner': 'x'}}), code(s.account.card, w, {{'ownr': 'x'}}), code(s.account.card, w, {{'owner': 'x' * 1025}}))
e = s.account.expire(w, 2000000000); print(e['ends'], e['locked'], s.account.card(w)['subscriptionEnds'])
print(s.account.card(w, {{'subscriptionEnds': 0}})['subscriptionEnds'])"
        ),
    );
    check(
        &told,
        &[
            "0 None None False True",
            "the dean Garonne '' staff trial x@y.example é",
            "True 404 404 -32602 400",
            "2000000000 False 2000000000",
            "None",
        ],
    );
    let who = format!("{w}@a.test:a word");
    assert_eq!(curl(&gateway, "localhost", Some(&who), "PROPFIND", "/dav/files/", &["-H", "Depth: 0"]).status, 207);
    let card = |what: &str| {
        python(&gateway, ADMINISTRATOR, &format!("print(s.account.card('{w}')['{what}'])")).trim().to_owned()
    };
    eventually("the log-in is noted", || card("loginCount") == "1");
    assert_ne!(card("lastLogin"), "None");
    // By the sweep, which a start runs at once.
    python(&gateway, ADMINISTRATOR, &format!("import time\ns.account.expire('{w}', int(time.time()) + 1)"));
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let mut gateway = gateway;
    gateway.kill();
    gateway.run();
    eventually("the account is locked", || {
        python(&gateway, ADMINISTRATOR, &format!("print(s.account.get('{w}')['locked'])")).trim() == "True"
    });
    let told = python(
        &gateway,
        ADMINISTRATOR,
        &format!(
            "print(s.audit.list({{'target': '{w}'}})['lines'][0]['who'], s.account.expire('u00045')['locked'], s.account.unlock('u00045'))"
        ),
    );
    assert_eq!(told.trim(), "system:expiry True True");
    assert!(!binds(&w, "a word"));
}

#[test]
fn a_program_that_has_run_wild_is_slowed() {
    let (gateway, w) = (Gateway::start("admin-wild"), word("wild"));
    let _swept = Swept::of(&w);
    let told = python(
        &gateway,
        ADMINISTRATOR,
        &format!(
            r"
s.group.create('{w}')
seen = []
for _ in range(2):
    m = x.MultiCall(s)
    for i in range(70): m.group.update('{w}', str(i))
    for r in m().results: seen.append(r['faultCode'] if isinstance(r, dict) else 200)
print(seen.count(200), seen.count(429), s.group.get('{w}')['name'] == '{w}')"
        ),
    );
    assert_eq!(told.trim(), "119 21 True");
}
