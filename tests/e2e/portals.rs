//! Portals in other languages: PHP by php-xmlrpc and curl, Perl by RPC::XML. Each makes, locks, renames and deletes
//! accounts and groups, and `ldapsearch` sees it. Python's own client is in `administration.rs`.

use crate::{
    administration::{Swept, binds, search, word},
    harness::{Gateway, campus, root, try_run},
    xmlrpc::ADMINISTRATOR,
};

/// What a portal says at each step.
struct Said {
    make: [&'static str; 6],
    change: [&'static str; 3],
    end: [&'static str; 2],
}

fn whole_life(program: &str, script: &str, said: &Said) {
    let (gateway, w) = (Gateway::start(&format!("portal-{program}")), word(program));
    let _swept = Swept::of(&w);
    let script = root().join("tests/e2e/portals").join(script);
    let url = format!("https://localhost:{}/xmlrpc", gateway.https);
    let run = |step: &str| -> Vec<String> {
        let output = try_run(program, &[script.to_str().unwrap(), &url, campus("CAMPUS_CA"), ADMINISTRATOR, &w, step]);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{out}\n{err}");
        out.lines().map(|line| line.replace(&w, "W")).collect()
    };
    let (people, groups) = ("ou=people,dc=a,dc=test", "ou=groups,dc=a,dc=test");
    let (dn, renamed) = (format!("uid={w},{people}"), format!("uid={w}n,{people}"));

    assert_eq!(run("make"), said.make);
    let seen = search("a", &format!("(|(uid={w})(cn={w}-g))"), &["*", "+"]);
    // LDIF has what is not ASCII in base64.
    assert_eq!(seen[&dn]["mail"], [format!("{w}.2@a.test"), format!("{w}@a.test")]);
    assert_eq!(seen[&dn]["displayName"], ["Wm/DqyBPJ05laWwgPCY+"]);
    assert_eq!(seen[&dn]["pwdAccountLockedTime"], ["000001010000Z"]);
    assert_eq!(
        seen[&format!("cn={w}-g,{groups}")]["member"],
        ["", dn.as_str(), "uid=u00007,ou=people,dc=a,dc=test"].map(str::to_owned)
    );
    assert!(!binds(&w, "mot de passe é<&> "));

    assert_eq!(run("change"), said.change);
    let seen = search("a", &format!("(|(uid={w}*)(cn={w}*))"), &["*", "+"]);
    assert!(!seen.contains_key(&dn));
    assert!(!seen[&renamed].contains_key("pwdAccountLockedTime"));
    assert_eq!(seen[&format!("cn={w}-h,{groups}")]["member"], ["", &renamed]);
    assert_eq!(seen[&format!("cn={w}-d,{groups}")]["member"], [renamed.as_str()]);
    // To the octet, with its signs and the space at its end.
    assert!(binds(&format!("{w}n"), "mot de passe é<&> ") && !binds(&format!("{w}n"), "mot de passe é<&>"));

    assert_eq!(run("end"), said.end);
    let seen = search("a", &format!("(|(uid={w}*)(cn={w}*))"), &["*", "+"]);
    assert_eq!(seen.keys().collect::<Vec<_>>(), [&format!("uid={w}n,ou=disabled,dc=a,dc=test")]);
}

#[test]
fn in_php() {
    whole_life(
        "php",
        "portal.php",
        &Said {
            make: [
                "true Zoë O'Neil <&>",
                "409 400 -32602",
                "[\"W@a.test\",\"W.2@a.test\"]",
                "true false true",
                "false true",
                "true",
            ],
            change: ["true true", "true true", "true true"],
            end: ["[\"mail\",\"files\"] true", "true true 404"],
        },
    );
}

#[test]
fn in_perl() {
    whole_life(
        "perl",
        "portal.pl",
        &Said {
            make: ["made Zoë O'Neil <&>", "409 400 -32602", "W@a.test W.2@a.test", "1 0 1", "0 1", "yes"],
            change: ["1 renamed", "renamed yes", "1 1"],
            end: ["mail files 1", "1 1 404"],
        },
    );
}
