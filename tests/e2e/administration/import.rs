//! `passerelle import`: a file onto the campus's slapd, tried, cut off and run again.

use super::{Swept, binds, search, word};
use crate::{
    harness::{Gateway, binary, try_run},
    xmlrpc::{ADMINISTRATOR, python},
};
use std::{fs, path::Path};

/// What it says on both outputs, and whether every line went well.
fn import(gateway: &Gateway, file: &Path, more: &[&str]) -> (String, String, bool) {
    let config = gateway.config();
    let mut arguments = vec!["import", "--config", config.to_str().unwrap(), "--institution", "garonne"];
    arguments.extend(more);
    arguments.push(file.to_str().unwrap());
    let output = try_run(binary().to_str().unwrap(), &arguments);
    let text = |octets: Vec<u8>| String::from_utf8(octets).unwrap().replace(&format!("{}:", file.display()), "");
    (text(output.stdout), text(output.stderr), output.status.success())
}

#[test]
fn a_table_is_tried_then_written_then_written_again() {
    let (gateway, w) = (Gateway::start("import-csv"), word("csv"));
    let _swept = Swept::of(&w);
    let file = gateway.dir.join("people.csv");
    let head = "login;name;surname;mails;password;affiliations;roomNumber\n";
    let good =
        format!("{w}1;\"Martin; Zoë\";Martin;{w}1@a.test|{w}1.m@a.test;a word;student|member;B 1\n{w}2;Paul;;;;;\n");
    let bad =
        format!("{w},x;x;;;;;\n{w}3;x;;x@b.test;;;\n{w}4;x;;no address;hunter2;;\n{w}1;again;;;;;\n{w}5;x;;;;;;;\n");
    fs::write(&file, format!("{head}{good}{bad}")).unwrap();

    let (out, err, fine) = import(&gateway, &file, &["--dry-run"]);
    assert!(!fine);
    assert_eq!(
        out,
        format!(
            "2: make {w}1\n3: make {w}2\n2 made, 0 changed, 0 unchanged, 5 failed (dry run: nothing was written)\n"
        )
    );
    let lines: Vec<&str> = err.lines().collect();
    for (line, (number, what)) in lines.iter().zip([
        ("4:", "login"),
        ("5:", "another institution"),
        ("6:", "no mail address"),
        ("7:", "twice"),
        ("8:", "9 cells"),
    ]) {
        assert!(line.starts_with(number) && line.contains(what), "{line}");
    }
    assert!(lines.len() == 5 && !err.contains("hunter2"), "{err}");
    assert!(search("a", &format!("(uid={w}*)"), &[]).is_empty(), "a dry run writes nothing");

    // Cut off after its first line, and started again with the whole file.
    let first = good.lines().next().unwrap();
    fs::write(&file, format!("{head}{first}\n")).unwrap();
    assert_eq!(import(&gateway, &file, &[]).0, format!("2: make {w}1\n1 made, 0 changed, 0 unchanged, 0 failed\n"));
    fs::write(&file, format!("{head}{good}")).unwrap();
    assert_eq!(import(&gateway, &file, &[]).0, format!("3: make {w}2\n1 made, 0 changed, 1 unchanged, 0 failed\n"));
    let (out, err, fine) = import(&gateway, &file, &[]);
    assert_eq!((out.as_str(), err.as_str(), fine), ("0 made, 0 changed, 2 unchanged, 0 failed\n", "", true));
    let seen = search("a", &format!("(uid={w}1)"), &["mail", "roomNumber", "eduPersonAffiliation"]);
    let entry = seen.values().next().unwrap();
    assert_eq!(entry["mail"], [format!("{w}1.m@a.test"), format!("{w}1@a.test")]);
    assert_eq!((entry["roomNumber"][0].as_str(), entry["eduPersonAffiliation"].len()), ("B 1", 2));
    assert!(binds(&format!("{w}1"), "a word"));

    // What an empty cell does not say stays; what differs is changed. The trail has it.
    fs::write(&file, format!("login,name,roomNumber\n{w}1,Zoë Durand,\n{w}2,Paul,C 2\n")).unwrap();
    assert_eq!(
        import(&gateway, &file, &[]).0,
        format!("2: change {w}1: name\n3: change {w}2: roomNumber\n0 made, 2 changed, 0 unchanged, 0 failed\n")
    );
    let told = python(
        &gateway,
        ADMINISTRATOR,
        &format!(
            "g = s.account.get('{w}1'); print(g['name'], g['surname'], g['attributes'])\nprint([(l['who'], l['method']) for l in s.audit.list({{'target': '{w}1'}})['lines']])"
        ),
    );
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "Zoë Durand Martin {'roomNumber': ['B 1']}");
    assert_eq!(lines[1], "[('system:import', 'account.update'), ('system:import', 'account.create')]");
}

#[test]
fn entries_of_another_directory() {
    let (gateway, w) = (Gateway::start("import-ldif"), word("ldif"));
    let _swept = Swept::of(&w);
    let file = gateway.dir.join("people.ldif");
    let text = format!(
        "dn: ou=people,dc=old\nobjectClass: organizationalUnit\nou: people\n\ndn: uid={w}1,ou=people,dc=old\nobjectClass: inetOrgPerson\nuid: {w}1\ncn: Carl\nsn:: w4ZzdGVy\nmail: {w}1@a.test\nuserPassword: a word\n\ndn: uid={w}2,ou=people,dc=old\nuid: {w}2\nuserPassword: {{SSHA}}x\n\ndn: uid={w}3,ou=people,dc=old\nuid: {w}3\ncn: x\nuidNumber: 1\n"
    );
    fs::write(&file, text).unwrap();
    let (out, err, fine) = import(&gateway, &file, &[]);
    assert_eq!(out, format!("5: make {w}1\n1 made, 0 changed, 0 unchanged, 2 failed\n"));
    assert!(!fine && err.contains("hashed") && err.contains("uidNumber is not among"), "{err}");
    assert!(binds(&format!("{w}1"), "a word"));
    let (_, err, fine) = import(&gateway, &gateway.dir.join("log"), &[]);
    assert!(!fine && err.contains("login"), "{err}");
    fs::write(&file, "dn: x\nchangetype: delete\n").unwrap();
    assert!(import(&gateway, &file, &[]).1.contains("2: a change record"));
}

/// A file in parts, over XML-RPC: tried, written, written again; each row is told by its line in the whole file.
#[test]
fn a_file_comes_in_parts_over_xml_rpc() {
    let (gateway, w) = (Gateway::start("import-xmlrpc"), word("imp"));
    let _swept = Swept::of(&w);
    let told = python(
        &gateway,
        ADMINISTRATOR,
        &format!(
            r"
w = '{w}'
head = 'login,name,mails,password'
rows = [f'{{w}}{{n:03}},Name {{n}},{{w}}{{n:03}}@a.test,a word' for n in range(250)]
rows[120] = f'{{w}}120,X,{{w}}@b.test,hunter2'; rows[121] = ',nobody,,'
def whole(mode):
    counts = dict(made=0, changed=0, same=0, failed=0); wrong = []
    for at in range(0, len(rows), 100):
        part = '\n'.join([head] + rows[at:at + 100])
        got = getattr(s.account, 'import')({{'file': w + '.csv', 'text': part, 'firstLine': 2 + at, 'mode': mode}})
        for k in counts: counts[k] += got[k]
        wrong += [(r['line'], r['login'].replace(w, ''), r['what']) for r in got['rows'] if r['outcome'] == 'failed']
    return counts, wrong
for mode in ('dryRun', 'write', 'write'): print(*whole(mode), sep='\n')
rows[5] = f'{{w}}005,Another,{{w}}005@a.test,'
print(whole('write')[0])
i = getattr(s.account, 'import')
print(code(i, 'x', 'name\nx'), code(i, 'x', head + '\n' + 'u\n' * 1001), code(i, {{'file': 'x', 'text': head, 'mode': 'maybe'}}), i('x', head)['made'])
lines = s.audit.list({{'target': w + '007'}})['lines'] if isinstance(s.audit.list(), dict) else s.audit.list({{'target': w + '007'}})
print([(l['method'], l['outcome']) for l in lines])"
        ),
    );
    let failed =
        "[(122, '120', \"invalid: mails: an address is of another institution's domain\"), (123, '', 'no login')]";
    let counts = |made, changed, same| format!("{{'made': {made}, 'changed': {changed}, 'same': {same}, 'failed': 2}}");
    let expected = [
        &counts(248, 0, 0),
        failed,
        &counts(248, 0, 0),
        failed,
        &counts(0, 0, 248),
        failed,
        &counts(0, 1, 247),
        "-32602 -32602 -32602 0",
        "[('account.create', 'done')]",
    ];
    assert_eq!(told.lines().collect::<Vec<_>>(), expected);
    assert_eq!(search("a", &format!("(uid={w}*)"), &[]).len(), 248);
    assert!(binds(&format!("{w}007"), "a word") && !gateway.log().contains("hunter2"));
    let refused =
        python(&gateway, "u00002@a.test:pw-u00002", "print(code(getattr(s.account, 'import'), 'x', 'login\\nu1'))");
    assert_eq!(refused.trim(), "403");
}

/// The same with entries of a directory, which name groups too: a group that is not there is told by its line before
/// anything is written.
#[test]
fn entries_come_in_parts_over_xml_rpc() {
    let (gateway, w) = (Gateway::start("import-entries"), word("ent"));
    let _swept = Swept::of(&w);
    let told = python(
        &gateway,
        ADMINISTRATOR,
        &format!(
            r"
w = '{w}'; i = getattr(s.account, 'import')
for g in ('a', 'b'): s.group.create({{'name': w + g}})
def entry(n, *more):
    return '\n'.join((f'dn: uid={{w}}{{n}},ou=people,dc=old', f'uid: {{w}}{{n}}', f'cn: Name {{n}}', f'mail: {{w}}{{n}}@a.test', 'userPassword: a word') + more) + '\n'
of = lambda *names: [f'memberOf: cn={{w}}{{g}},ou=groups,dc=old' for g in names]
first = 'version: 1\n\n' + entry(1, *of('a')) + '\n' + entry(2, *of('a', 'b')); second = entry(3, *of('nobodys')) + '\n' + entry(4, 'userPassword: {{SSHA}}hunter2') + '\n' + entry(5)
at = len(first.splitlines()) + 2
def whole(mode):
    for text, line in ((first, 1), (second, at)):
        got = i({{'file': 'old.ldif', 'text': text, 'firstLine': line, 'mode': mode}})
        print([got[k] for k in ('made', 'changed', 'same', 'failed')], [(r['line'] - at, r['login'].replace(w, ''), r['what']) for r in got['rows'] if r['outcome'] == 'failed'])
members = lambda: [[n for n in '12' if code(s.account.get, w + n) is None and w + g in s.account.get(w + n)['groups']] for g in ('a', 'b')]
whole('dryRun'); print(members()); whole('write'); print(members()); whole('write')
s.group.removeMembers(w + 'a', [w + '1'])
print([(r['line'], r['what']) for r in i({{'file': 'x', 'text': first, 'format': 'ldif'}})['rows']], members())
print(code(i, {{'file': 'x.ldif', 'text': 'dn: x\nchangetype: delete\n'}}), code(i, {{'file': 'x.csv', 'text': first}}), code(i, {{'file': 'x', 'text': first, 'format': 'xls'}}), code(i, {{'file': 'x.ldif', 'text': first, 'firstLine': 0}}))
print([(l['method'], l['change'].replace(w, 'W1')) for l in s.audit.list({{'target': w + '1'}})['lines']])
# A program fills groups when it is made for that, by a file too.
def program(*methods):
    made = s.apiClient.make('files', list(methods)); c = x.ServerProxy('https://' + URL.split('@')[-1], headers=[('Authorization', 'Bearer ' + made['token'])], context=context)
    told = code(getattr(c.account, 'import'), {{'file': 'x.ldif', 'text': entry(6, *of('a'))}}); s.apiClient.remove(made['id']); return told
print(program('account.*'), program('account.*', 'group.addMembers'))"
        ),
    );
    let failed = "[(0, '3', 'invalid: groups: number 1: there is none of this name'), (7, '', 'userPassword is hashed: only one in clear can be set')]";
    let expected = [
        "[2, 0, 0, 0] []",
        &format!("[1, 0, 0, 2] {failed}"),
        "[[], []]",
        "[2, 0, 0, 0] []",
        &format!("[1, 0, 0, 2] {failed}"),
        "[['1', '2'], ['2']]",
        "[0, 0, 2, 0] []",
        &format!("[0, 0, 1, 2] {failed}"),
        "[(3, 'groups')] [['1', '2'], ['2']]",
        "-32602 -32602 -32602 -32602",
        "[('account.update', 'groups=W1a'), ('account.create', 'groups=W1a')]",
        "403 None",
    ];
    assert_eq!(told.lines().collect::<Vec<_>>(), expected);
    assert!(search("a", &format!("(uid={w}3)"), &[]).is_empty() && binds(&format!("{w}2"), "a word"));
    assert!(!gateway.log().contains("hunter2"));
}

/// The column of groups, and an address that somebody has: a dry run of the command sees both.
#[test]
fn a_dry_run_sees_what_only_the_directory_knows() {
    let (gateway, w) = (Gateway::start("import-groups"), word("grp"));
    let _swept = Swept::of(&w);
    python(
        &gateway,
        ADMINISTRATOR,
        &format!("s.group.create({{'name': '{w} one'}}); s.group.create({{'name': '{w}two'}})"),
    );
    let file = gateway.dir.join("people.csv");
    let text = format!(
        "login,name,mails,groups\n{w}1,A,,{w} one | {w}two\n{w}2,B,,{w}two|{w}three\n{w}3,C,u00002@a.test,\n{w}4,D,{w}@a.test,{w}two\n{w}5,E,{w}@A.test,\n"
    );
    fs::write(&file, text).unwrap();
    let wrong = [
        "3: {w}2: invalid: groups: number 2: there is none of this name",
        "4: {w}3: the condition does not hold",
        "6: : an address stands in the file twice",
    ];
    let wrong = wrong.map(|line| line.replace("{w}", &w));
    for (more, written) in [(&["--dry-run"][..], 0), (&[], 2)] {
        let (out, err, fine) = import(&gateway, &file, more);
        assert!(!fine && out.contains("2 made, 0 changed, 0 unchanged, 3 failed"), "{out}");
        assert_eq!(err.lines().collect::<Vec<_>>(), wrong);
        let members = search("a", &format!("(cn={w}two)"), &["member"]);
        let there = members.values().next().unwrap()["member"].iter().filter(|dn| !dn.is_empty()).count();
        assert_eq!((there, search("a", &format!("(uid={w}*)"), &[]).len()), (written, written));
    }
    let told = python(&gateway, ADMINISTRATOR, &format!("print(sorted(s.account.get('{w}1')['groups']))"));
    assert_eq!(told.trim(), format!("['{w} one', '{w}two']"));
}
