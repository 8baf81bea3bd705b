//! The overlay lives in State: through restarts, on every node, in backups, beside bad files and bad values.

use super::{administer, look, update};
use crate::harness::{Gateway, State, binary, eventually, run, try_run};
use crate::nodes::Database;
use std::{fs, time::Instant};

fn colour(gateway: &Gateway) -> String {
    let json: serde_json::Value = serde_json::from_str(&look(gateway, "/branding.json").body).unwrap();
    json["colour"].as_str().unwrap().to_owned()
}

#[test]
fn it_outlives_a_restart_and_a_bad_file() {
    let mut gateway = Gateway::start("settings-restart");
    update(&gateway, "{'branding.colour': '#123456'}");
    gateway.kill();
    gateway.run();
    assert_eq!(colour(&gateway), "#123456");
    let file = gateway.config().join("institutions/garonne/institution.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, "hosts = 3\n").unwrap();
    gateway.signal("HUP");
    gateway.wait_for_log("the old settings stay in force");
    assert_eq!(colour(&gateway), "#123456");
    update(&gateway, "{'branding.colour': '#654321'}");
    assert_eq!(colour(&gateway), "#654321", "and it can still be changed");
    fs::write(&file, text.replace("Garonne University", "Renamed University")).unwrap();
    eventually("the good file is in force", || look(&gateway, "/login").body.contains("Renamed University"));
    assert_eq!(colour(&gateway), "#654321");
}

#[test]
fn a_value_that_is_none_is_passed_over() {
    let gateway = Gateway::start("settings-broken");
    update(&gateway, "{'branding.colour': '#123456', 'tools.files': False}");
    // Somebody's hand in the database, or a later version of this program.
    let script = format!(
        "import sqlite3; c = sqlite3.connect({:?}, timeout=10)
for n, v in [('branding.colour', 'no toml'), ('no.such', '1'), ('tools.mail', '7'), ('name', '{{}}')]:
    c.execute('INSERT INTO overlay VALUES (?, ?, 2, ?, ?, 0)', ('garonne', n, v, 'nobody'))
c.execute('UPDATE metadata SET sequence = sequence + 1')
c.execute('INSERT OR REPLACE INTO overlay_changes SELECT ?, sequence FROM metadata', ('garonne',))
c.commit()",
        gateway.dir.join("state/state.sqlite").to_str().unwrap()
    );
    run("python3", &["-c", &script]);
    gateway.wait_for_log("no.such");
    eventually("the file's colour is back", || colour(&gateway) == "#8a1538");
    for name in ["branding.colour", "tools.mail", "name"] {
        let line = gateway.log().lines().any(|line| line.contains("passed over") && line.contains(name));
        assert!(line, "{name}");
    }
    let told = administer(
        &gateway,
        "i = s.institution.get(); print(i['version'], i['settings']['tools.files'], i['settings']['tools.mail'], i['name']['en'])
print(s.institution.update({'branding.colour': '#abcdef'})['version'], s.institution.history()[1]['version'])",
    );
    assert_eq!(told, ["2 False True Garonne University", "3 2"]);
    assert_eq!(colour(&gateway), "#abcdef");
}

#[test]
fn two_nodes_agree_at_once_and_a_restore_brings_it_back() {
    let database = Database::make("settings");
    let state = State::Postgres(database.0.clone());
    let first = Gateway::start_with("settings-a", &state, |_| {});
    let second = first.twin("settings-b", &state);
    let heard = |node: &Gateway, expected: &str| {
        let began = Instant::now();
        eventually(expected, || colour(node) == expected);
        began.elapsed()
    };
    update(&first, "{'branding.colour': '#111111'}");
    assert_eq!(colour(&first), "#111111", "whoever changes it sees it in the next request");
    let took = [heard(&second, "#111111"), {
        update(&second, "{'branding.colour': '#222222'}");
        heard(&first, "#222222")
    }];
    eprintln!("seen by the other node after {took:?}");
    assert!(took.iter().all(|took| took.as_millis() < 2_000), "{took:?}");
    // Many at once, on both: each is made once, and both nodes end at the same.
    let race = "
for n in range(20): s.institution.update({'branding.colour': '#%06x' % (n * 7 + 1)})";
    std::thread::scope(|scope| {
        for node in [&first, &second] {
            scope.spawn(move || administer(node, race));
        }
    });
    let last = administer(&first, "print(s.institution.get()['version'])");
    assert_eq!(last, administer(&second, "print(s.institution.get()['version'])"));
    let same = colour(&first);
    eventually("both show the last one", || colour(&first) == colour(&second));

    let (config, backup) = (first.config(), first.dir.join("backup"));
    let (config, backup) = (config.to_str().unwrap(), backup.to_str().unwrap());
    let passerelle = |arguments: &[&str]| {
        let output = try_run(binary().to_str().unwrap(), arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    passerelle(&["state", "--config", config, "backup", backup]);
    update(&first, "{'branding.colour': '#333333'}");
    heard(&second, "#333333");
    passerelle(&["state", "--config", config, "restore", backup]);
    for node in [&first, &second] {
        eventually("the restored look shows without a restart", || colour(node) == same);
    }
    assert_eq!(last, administer(&second, "print(s.institution.get()['version'])"));
}
