//! Groups that join people of several institutions, made by an administrator over XML-RPC: what is shared with them, by
//! WebDAV on two nodes, and what follows when members are renamed, leave or are taken out.

use crate::{
    administration::{Swept, word},
    harness::{Gateway, State, curl},
    midi::{address, whole, with_midi},
    nodes::Database,
    xmlrpc::python,
};
use std::fs;

fn status(node: &Gateway, who: &str, method: &str, owner: &str, path: &str) -> u16 {
    let path = format!("/dav/files/{owner}/{path}");
    curl(node, "localhost", Some(who), method, &path, if method == "PUT" { &["-d", "new"] } else { &[] }).status
}

#[test]
fn a_gateway_group_joins_people_of_institutions_that_agreed() {
    let (database, w) = (Database::make("gateway_groups"), word("gwy"));
    let _swept = Swept::of(&w);
    let state = State::Postgres(database.0.clone());
    let first =
        Gateway::start_with("joined-a", &state, |config| with_midi(config, &config.parent().unwrap().join("files")));
    let files = first.dir.join("files");
    let second = first.twin_with("joined-b", &state, |config| with_midi(config, &files));
    for (institution, login) in [("midi-1", "u00001"), ("midi-2", "u00009")] {
        fs::create_dir_all(first.home(institution, login).join("project")).unwrap();
        fs::write(first.home(institution, login).join("project/plan.txt"), "the plan").unwrap();
    }
    let nodes = [&first, &second];
    let reads = |who: &str| nodes.map(|node| status(node, who, "GET", &address(1), "project/plan.txt"));

    let told = python(
        &first,
        &whole(1),
        r"
g = 'gateway:project'
print(code(s.group.create, {'name': g, 'members': ['u00004@m4.midi.test']}), code(s.group.create, {'name': g, 'members': ['nobody@m2.midi.test']}), code(s.group.create, {'name': g, 'filter': '(uid=*)'}), code(s.group.create, {'name': 'gateway: '}), code(s.group.create, {'name': 'plain', 'members': ['u00008']}), code(s.group.get, g))
print(sorted(s.group.create({'name': g, 'description': 'of three', 'members': ['u00008', 'u00002@m2.midi.test']}).items()))
print(code(s.group.create, g), s.group.addMembers(g, ['u00003@m3.midi.test', 'u00008']), code(s.group.addMembers, g, ['u00015', 'u00001@a.test']), code(s.group.addMembers, 'team', ['u00002@m2.midi.test']))
got = s.group.get(g); print(got['description'], got['gateway'], got['dynamic'], got['filter'] == '')
page = s.group.members(g, 2); print(page['members'], page['more'], s.group.members(g, 2, page['next']))
print(code(s.group.members, 'team'), code(s.group.members, 'gateway:none'), code(s.group.setFilter, g, '(uid=*)'))
listed = [x['name'] for x in s.group.list('')['groups']]; print(listed == sorted(listed), g in listed, 'team' in listed)
seen, c = [], ''
while True:
    p = s.group.list('', 3, c); seen += [x['name'] for x in p['groups']]; c = p['next']
    if not p['more']: break
print(seen == listed)
print(s.grant.set({'owner': 'u00001', 'path': 'project'}, {'group': g}, ['read', 'edit']), code(s.grant.set, {'owner': 'u00001', 'path': 'project'}, {'group': 'gateway:none'}, ['read']))",
    );
    assert_eq!(
        told.lines().collect::<Vec<_>>(),
        [
            "403 404 -32602 400 -32602 404",
            "[('dynamic', False), ('gateway', True), ('name', 'gateway:project')]",
            "409 True 403 404",
            "of three True False True",
            "['u00008', 'u00002@m2.midi.test'] True {'members': ['u00003@m3.midi.test'], 'more': False, 'next': ''}",
            "501 404 400",
            "True True True",
            "True",
            "True 400",
        ]
    );
    for (number, expected) in [(8, 200), (2, 200), (3, 200), (9, 404), (15, 404), (4, 404)] {
        assert_eq!(reads(&whole(number)), [expected; 2], "{number}");
    }
    assert_eq!(status(&second, &whole(2), "PUT", &address(1), "project/plan.txt"), 204, "what was given, and no more");
    assert_eq!(status(&second, &whole(2), "PUT", &address(1), "project/other.txt"), 403);
    let root = curl(&second, "localhost", Some(&whole(3)), "PROPFIND", "/dav/files/", &["-H", "Depth: 1"]);
    assert!(root.body.contains("u00001@m1.midi.test"), "what is shared is found: {}", root.body);

    // The group is the first institution's: the second one's administrator has none of that name, and may share with it as
    // the second one agreed, which is with the first one's people.
    let told = python(
        &first,
        &whole(2),
        &format!(
            r"
w = '{w}'; g = 'gateway:project'
print([code(f, g, *a) for f, a in ((s.group.get, ()), (s.group.members, ()), (s.group.delete, ()), (s.group.removeMembers, (['u00002'],)), (s.group.rename, ('gateway:mine',)))])
print(s.grant.set({{'owner': 'u00009', 'path': 'project'}}, {{'group': g, 'of': 'midi-1'}}, ['read']))
print(s.account.create({{'login': w, 'mails': [w + '@m2.midi.test'], 'password': 'pw-new-one'}})['login'] == w)"
        ),
    );
    assert_eq!(told, "[404, 404, 404, 404, 404]\nTrue\nTrue\n");
    let theirs = |number| status(&second, &whole(number), "GET", &address(9), "project/plan.txt");
    assert_eq!((theirs(8), theirs(2), theirs(3)), (200, 200, 404), "the third is no partner of the second");

    // Who leaves is out at once on both nodes; who is renamed stays in; who is taken out of use is in no more.
    let add =
        |call: &str| assert_eq!(python(&first, &whole(1), &format!("w = '{w}'\nprint({call})")), "True\n", "{call}");
    add("s.group.removeMembers('gateway:project', ['u00002@m2.midi.test'])");
    assert_eq!(reads(&whole(2)), [404; 2]);
    add("s.group.addMembers('gateway:project', [w + '@m2.midi.test'])");
    assert_eq!(reads(&format!("{w}@m2.midi.test:pw-new-one")), [200; 2]);
    add("s.group.rename('gateway:project', 'gateway:venture')['name'] == 'gateway:venture'");
    assert_eq!(reads(&whole(8)), [200; 2], "the grants follow the name");
    let rename = format!("w = '{w}'\nprint(s.account.rename(w, w + 'n')['login'] == w + 'n')");
    assert_eq!(python(&first, &whole(2), &rename), "True\n");
    assert_eq!(reads(&format!("{w}n:pw-new-one").replacen("n:", "n@m2.midi.test:", 1)), [200; 2]);
    add("w + 'n@m2.midi.test' in s.group.members('gateway:venture')['members']");
    python(&first, &whole(2), &format!("s.account.delete('{w}n')"));
    add("s.group.members('gateway:venture')['members'] == ['u00008', 'u00003@m3.midi.test']");
    add("s.group.delete('gateway:venture')");
    assert_eq!(reads(&whole(8)), [404; 2]);
    add("len(s.grant.list('u00001')) == 0");
}
