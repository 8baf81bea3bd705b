//! Administration over XML-RPC onto the campus's slapd, as a portal does it; what `ldapsearch` sees afterwards counts. The
//! campus is shared: every test has names of its own and takes them away.

mod accounts;
mod certificates;
mod groups;
mod hostile;
mod import;
mod programs;

use crate::harness::{campus, run, try_run};

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
        for letter in ["a", "b", "midi"] {
            for dn in search(letter, &format!("(|(uid={0}*)(cn={0}*))", self.0), &[]).keys() {
                try_run("ldapdelete", &[&["-x", "-H", &url(letter)], &as_admin(letter)[..], &[dn.as_str()]].concat());
            }
        }
    }
}

fn url(letter: &str) -> String {
    let port = match letter {
        "a" => "CAMPUS_LDAP_A",
        "b" => "CAMPUS_LDAP_B",
        _ => "CAMPUS_LDAP_MIDI",
    };
    format!("ldap://127.0.0.1:{}", campus(port))
}

fn as_admin(letter: &str) -> [&'static str; 4] {
    match letter {
        "a" => ["-D", "cn=admin,dc=a,dc=test", "-w", "admin-a"],
        "b" => ["-D", "cn=admin,dc=b,dc=test", "-w", "admin-b"],
        _ => ["-D", "cn=admin,dc=midi,dc=test", "-w", "admin-midi"],
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
