//! XML-RPC, by Python's own client.

use crate::harness::{Gateway, campus, curl, try_run};

/// Runs a script with `s` as the server of this person; its standard output.
#[track_caller]
pub(crate) fn python(gateway: &Gateway, who: &str, script: &str) -> String {
    let whole = format!(
        r"
import ssl, xmlrpc.client as x
context = ssl.create_default_context(cafile='{}')
URL = 'https://{}@localhost:{}/xmlrpc'
s = x.ServerProxy(URL, context=context, allow_none=True)
def code(f, *a):
    try: f(*a)
    except x.Fault as e: return e.faultCode
    except x.ProtocolError as e: return e.errcode
{script}
",
        campus("CAMPUS_CA"),
        who.replacen('@', "%40", 1),
        gateway.https
    );
    let output = try_run("python3", &["-c", &whole]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) const ADMINISTRATOR: &str = "u00001@a.test:pw-u00001";

#[test]
fn introspection_tells_every_method() {
    let gateway = Gateway::start("xmlrpc-system");
    let told = python(
        &gateway,
        ADMINISTRATOR,
        "
names = s.system.listMethods()
for n in names: assert s.system.methodHelp(n) and s.system.methodSignature(n), n
print(' '.join(names))
print(code(s.system.methodHelp, 'no.such'), code(s.no.such))
m = x.MultiCall(s); m.system.methodHelp('account.get'); m.no.such(); m.account.get('u00002')
r = m(); print(type(r[0]).__name__)
try: r[1]
except x.Fault as e: print(e.faultCode)
print(r[2]['login'])",
    );
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(
        lines,
        [
            "account.card account.create account.delete account.expire account.find account.get account.import account.lock account.rename account.setPassword account.unlock account.update apiClient.list apiClient.make apiClient.remove appPassword.list appPassword.make appPassword.remove audit.list calendar.export calendar.import contacts.export contacts.import grant.list grant.remove grant.set group.addMembers group.create group.delete group.get group.list group.members group.removeMembers group.rename group.setFilter group.update institution.get institution.history institution.undo institution.update mail.export mail.import mail.unread session.check system.listMethods system.methodHelp system.methodSignature system.multicall",
            "-32601 -32601",
            "str",
            "-32601",
            "u00002"
        ]
    );
}

#[test]
fn people_and_groups_of_ones_own_institution() {
    let gateway = Gateway::start("xmlrpc-people");
    let told = python(
        &gateway,
        ADMINISTRATOR,
        "
p = s.account.get('u00001'); print(p['login'], p['mail'], 'g0001' in p['groups'])
print(code(s.account.get, 'nobody'), code(s.account.get, '*'), code(s.account.get, 'a/b'))
f = s.account.find('u0000', 5); print(len(f['people']), f['more'])
print(code(s.account.find, 'u'), code(s.account.find, 'u0000', -1), code(s.account.get))
print(len(s.account.find('u00050')['people']), 'listed-out people are not found')
print(s.group.get('g0001')['name'], code(s.group.get, 'no-such'))
print(len(s.group.list('g00', 7)['groups']))",
    );
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(
        lines,
        [
            "u00001 u00001@a.test True",
            "404 404 404",
            "5 True",
            "400 -32602 -32602",
            "0 listed-out people are not found",
            "g0001 404",
            "7"
        ]
    );
}

#[test]
fn only_administrators_and_only_at_home() {
    let gateway = Gateway::start("xmlrpc-rights");
    std::fs::create_dir_all(gateway.home("garonne", "u00002").join("x")).unwrap();
    let told = python(
        &gateway,
        "u00002@a.test:pw-u00002",
        "print(code(s.account.get, 'u00001'), code(s.grant.list, {'owner': 'u00002'}), len(s.system.listMethods()))",
    );
    assert_eq!(told.trim(), "403 403 48");
    assert_eq!(python(&gateway, "u00001@a.test:wrong", "print(code(s.system.listMethods))").trim(), "401");
    let told = python(
        &gateway,
        ADMINISTRATOR,
        "
t = {'owner': 'u00001@b.test', 'path': ''}
print(code(s.grant.set, t, {'account': 'u00001'}, ['read']), code(s.grant.list, t), code(s.grant.remove, t, {'account': 'u00001'}))
t = {'owner': 'u00002', 'path': 'x'}
print(code(s.grant.set, t, {'account': 'u00001@b.test'}, ['read']), 'garonne does not share with autan')
print(code(s.grant.set, t, {'acount': 'u00003'}, ['read']), code(s.grant.set, t, {'account': 'u00003'}, ['raed']), code(s.grant.set, {'owner': 'u00002', 'path': '../x'}, {'account': 'u00003'}, ['read']))
print(s.grant.set(t, {'group': 'g0001'}, ['read', 'add'], 2000000000), s.grant.list({'owner': 'u00002'}))
print(s.grant.remove(t, {'group': 'g0001'}), s.grant.remove(t, {'group': 'g0001'}))",
    );
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "404 404 404");
    assert_eq!(lines[1], "403 garonne does not share with autan");
    assert_eq!(lines[2], "-32602 -32602 -32602");
    assert!(
        lines[3].starts_with("True [{") && lines[3].contains("'until': 2000000000") && lines[3].contains("'path': 'x'"),
        "{}",
        lines[3]
    );
    assert_eq!(lines[4], "True False");
}

#[test]
fn hostile_calls_get_an_answer() {
    let gateway = Gateway::start("xmlrpc-hostile");
    let post = |body: &str| {
        let file = gateway.dir.join("call.xml");
        std::fs::write(&file, body).unwrap();
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
    let nested = format!("<methodCall>{}{}</methodCall>", "<value>".repeat(10_000), "</value>".repeat(10_000));
    let bomb =
        "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]><methodCall><methodName>&c;</methodName></methodCall>";
    for body in ["", "no xml", &nested, bomb, "<methodCall></methodCall>"] {
        let answer = post(body);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(answer.body.contains("-32700"), "{}", answer.body);
    }
    assert_eq!(post(&"x".repeat(10 * 1024 * 1024)).status, 413);
    assert_eq!(curl(&gateway, "localhost", Some(ADMINISTRATOR), "GET", "/xmlrpc", &[]).status, 405);
    // A page of another site, in the browser of an administrator who has typed the password there once.
    let call = "<methodCall><methodName>system.listMethods</methodName></methodCall>";
    let from = |more: &[&str]| {
        curl(&gateway, "localhost", Some(ADMINISTRATOR), "POST", "/xmlrpc", &[&["-d", call], more].concat()).status
    };
    assert_eq!(from(&["-H", "Content-Type: text/plain"]), 415, "what a form can send");
    assert_eq!(from(&["-H", "Content-Type: text/xml", "-H", "Origin: https://evil.test"]), 403);
    assert_eq!(from(&["-H", "Content-Type: text/xml", "-H", "Sec-Fetch-Site: cross-site"]), 403);
    assert_eq!(from(&["-H", "Content-Type: text/xml"]), 200);
    // The next caller is unharmed.
    python(&gateway, ADMINISTRATOR, "assert s.system.listMethods()");
}
