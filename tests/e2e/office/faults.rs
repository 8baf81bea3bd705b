//! What the office says when something is wrong: a wrong password, a mailbox and a share that are full, a store that dies under
//! one's eyes and comes back. `browser/office_faults.mjs` is the visitor; the store is a Dovecot of the test's own, which it has killed.

use crate::{
    browser::install,
    cut::by,
    harness::{Gateway, Imap, State, campus, root},
    own_store::Dovecot,
    uploads::on_a_small_disk,
};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpListener},
    panic::AssertUnwindSafe,
    path::Path,
    process::{Command, Stdio},
};

/// Of garonne, and of no other test.
const WHO: &str = "u00899";
/// A store with room for little, and the mailboxes that a store of today has.
const SETTINGS: &str = r"
mail_plugins = quota
protocol imap {
  mail_plugins = quota imap_quota
}
plugin {
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage=200K
  quota_grace = 0
}
namespace inbox {
  inbox = yes
  mailbox Drafts {
    auto = subscribe
    special_use = \Drafts
  }
  mailbox Sent {
    auto = subscribe
    special_use = \Sent
  }
  mailbox Trash {
    auto = subscribe
    special_use = \Trash
  }
}
";

#[test]
fn what_goes_wrong_is_told_and_nothing_is_lost() {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let gateway = Gateway::start_with("office-faults", &State::Sqlite, |config| by(config, port));
    let mut store = Dovecot::start(gateway.dir.join("dovecot"), port, SETTINGS);
    let mut imap = Imap::log_in(gateway.imap, &format!("{WHO}@a.test"), &format!("pw-{WHO}"));
    let texts = ["Bienvenue à la bibliothèque", "Salle B204 indisponible jeudi", "اجتماع القسم يوم الإثنين"];
    for (number, subject) in texts.into_iter().enumerate() {
        super::append(
            &mut imap,
            "INBOX",
            "",
            &format!(
                "From: Amina Benali <amina@a.test>\nTo: {WHO}@a.test\nSubject: {subject}\nMessage-ID: <f{number}@a.test>\n\nBonjour.\n"
            ),
        );
    }
    let visited = AssertUnwindSafe(|| visit(&gateway, &mut store));
    on_a_small_disk(&gateway.home("garonne", WHO), visited);
}

/// Does what the visitor says on its standard output: `kill` or `start` of the store, and says `done` to it.
fn visit(gateway: &Gateway, store: &mut Dovecot) {
    let folder = root().join("tests/e2e/browser");
    install(&folder);
    let shots = root().join("target/test/office-faults");
    fs::create_dir_all(&shots).unwrap();
    let mut visitor = Command::new("node")
        .arg(folder.join("office_faults.mjs"))
        .arg(Path::new(campus("CAMPUS_CA")).parent().unwrap())
        .arg(gateway.https.to_string())
        .arg(&shots)
        .arg(WHO)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut asked = visitor.stdin.take().unwrap();
    let mut faults = Vec::new();
    for line in BufReader::new(visitor.stdout.take().unwrap()).lines() {
        match line.unwrap().as_str() {
            "kill" => store.kill(),
            "start" => store.run(),
            fault => {
                faults.push(fault.to_owned());
                continue;
            }
        }
        asked.write_all(b"done\n").unwrap();
    }
    assert!(visitor.wait().unwrap().success() && faults.is_empty(), "{}", faults.join("\n"));
}
