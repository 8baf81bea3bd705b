//! Bad input, and callers who may not.

use super::{Swept, check, search, word};
use crate::{
    harness::{Answer, Gateway, curl},
    xmlrpc::{ADMINISTRATOR, python},
};
use std::fs;

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
