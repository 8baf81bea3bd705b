//! Accounts: their whole life, and what ends and follows with them.

use super::{Swept, binds, check, search, word};
use crate::{
    harness::{Gateway, Imap, State, curl, eventually},
    nodes::Database,
    xmlrpc::{ADMINISTRATOR, python},
};
use std::fs;

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
    let database = Database::make("lock");
    let state = State::Postgres(database.0.clone());
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
    let dav = curl(&twin, "localhost", Some(&format!("{login}@a.test:{app_password}")), "PROPFIND", "/dav/files/", &[]);
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
