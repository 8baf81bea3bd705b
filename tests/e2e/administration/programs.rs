//! Programs with a token of their own; calls that are repeated; the trail.

use super::{Swept, binds, check, search, word};
use crate::{
    harness::{Gateway, curl},
    xmlrpc::{ADMINISTRATOR, python},
};

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

/// Accounts that are made together in one multicall: each has an answer, a key and a line of the trail of its own, in the
/// order of the calls, and two after one login or address come out as if they were made one after the other.
#[test]
fn accounts_of_one_multicall_come_out_one_by_one() {
    let (gateway, w) = (Gateway::start("admin-many"), word("many"));
    let _swept = Swept::of(&w);
    let told = python(
        &gateway,
        ADMINISTRATOR,
        &format!(
            r"
w='{w}'
def many(*calls):
    got = s.system.multicall([{{'methodName': m, 'params': [a]}} for m, a in calls])
    return [g[0].get('login', g[0]).replace(w, '') if isinstance(g, list) and isinstance(g[0], dict) else g[0] if isinstance(g, list) else g['faultCode'] for g in got]
new = lambda n, **more: ('account.create', {{'login': w + n, **more}})
calls = [new('1', mails=w + '@a.test'), new('2', mails=w.upper() + '@A.test'), new('1'), new('3', idempotencyKey='k3'), new('4', mails='x@b.test'), ('account.create', {{'name': 'x'}}),
    new('3', idempotencyKey='k3'), new('5', idempotencyKey='k3'), new('6', institution='autan'), ('account.lock', {{'login': w + '1'}}), new('7', password='a word'), ('account.create', {{'login': 'u00002'}}), ('no.method', {{}})]
print(many(*calls)); print(many(*calls))
print(len(many(*[new(f'n{{n:02}}') for n in range(100)])), code(s.system.multicall, [{{'methodName': 'account.create', 'params': [w]}}] * 101))
lines = [l for l in reversed(s.audit.list({{'limit': 500}})['lines']) if l['method'] != 'account.lock']
print([(l['target'].replace(w, ''), l['outcome']) for l in lines][:10])
print([l['target'].replace(w, '') for l in lines][-100:] == [f'n{{n:02}}' for n in range(100)])"
        ),
    );
    check(
        &told,
        &[
            "['1', 409, 409, '3', 400, -32602, '3', 422, 404, True, '7', 409, -32601]",
            "[409, 409, 409, '3', 400, -32602, '3', 422, 404, False, 409, 409, -32601]",
            "100 -32602",
            "[('1', 'done'), ('2', 'conflict'), ('1', 'conflict'), ('3', 'done'), ('4', 'invalid'), ('', 'invalid'), ('5', 'repeated'), ('6', 'not found'), ('7', 'done'), ('u00002', 'conflict')]",
            "True",
        ],
    );
    assert_eq!(search("a", &format!("(uid={w}*)"), &[]).len(), 103);
    assert!(binds(&format!("{w}7"), "a word"));
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
