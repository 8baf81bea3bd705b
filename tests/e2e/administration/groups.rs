//! Groups, what is shared with them, and lists.

use super::{Swept, check, search, word};
use crate::{
    harness::{Gateway, curl},
    xmlrpc::{ADMINISTRATOR, python},
};
use std::fs;

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
    assert!(search("a", "(uid=u0*)", &["uid"]).len() > 500);
}
