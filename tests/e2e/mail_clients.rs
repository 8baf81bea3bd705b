//! Mail programs of the distribution with a mailbox that somebody of another institution shares: mutt, mbsync, offlineimap,
//! imapclient. Each reads and writes it beside the person's own.

use crate::{
    harness::{Gateway, Imap, campus, run, try_run},
    shared_mail::{agreed, mailbox, ok},
};
use std::{fs, path::Path, process::Command};

/// A gateway, and the owner's connection: `Bureau` with three messages, which this person of garonne may change. Each test
/// has an owner of its own.
fn shared(name: &str, owner: &str, person: &str) -> (Gateway, Imap, String) {
    let gateway = agreed(name);
    let mut imap = Imap::log_in(gateway.imap, &format!("{owner}@b.test"), &format!("pw-{owner}"));
    mailbox(&mut imap, "Bureau", 3);
    ok(&mut imap, &format!("s SETACL Bureau {person}@a.test lrswite"));
    (gateway, imap, format!("Other users/{owner}@b.test/Bureau"))
}

/// Runs mutt on a terminal of its own with these keys.
pub fn mutt(gateway: &Gateway, home: &Path, (person, mailbox): (&str, &str), keys: &str) -> String {
    let (login, password) = (format!("{person}@a.test"), format!("pw-{person}"));
    fs::create_dir_all(home).unwrap();
    let settings = format!(
        "set imap_user=\"{login}\"\nset imap_pass=\"{password}\"\nset folder=\"imaps://localhost:{}/\"\nset ssl_ca_certificates_file=\"{}\"\nset imap_delim_chars=\"/\"\nset sort=mailbox-order\nset delete=yes\nset move=no\nset confirmappend=no\nset confirmcreate=no\nset record=\"\"\nset quit=yes\nset wait_key=no\nset header_cache=\"\"\nset copy=no\nset sleep_time=0\npush \"{keys}\"\n",
        gateway.imaps,
        campus("CAMPUS_CA"),
    );
    let file = home.join("muttrc");
    fs::write(&file, settings).unwrap();
    let command = format!("mutt -n -F {} -f '={mailbox}'", file.display());
    let log = home.join("screen");
    let ended = Command::new("timeout")
        .args(["30", "script", "-qec", &command, log.to_str().unwrap()])
        .env("TERM", "xterm")
        .env("HOME", home)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    let screen = String::from_utf8_lossy(&fs::read(log).unwrap_or_default()).into_owned();
    assert!(ended.success(), "{ended}: {screen}");
    screen
}

#[test]
fn mutt_reads_a_mailbox_of_autan_which_is_gone_when_the_grant_ends() {
    let (gateway, mut owner, shared) = shared("mutt", "u00034", "u00034");
    let home = gateway.dir.join("mutt");
    let file = home.join("read.txt");
    // Reads the first, marks the second, copies the third to the own INBOX, and leaves.
    let keys = format!(
        "<first-entry><pipe-message>cat > {}<enter><next-entry><flag-message><next-entry><copy-message>=INBOX<enter><sync-mailbox><quit>",
        file.display()
    );
    mutt(&gateway, &home, ("u00034", &shared), &keys);
    assert!(fs::read_to_string(&file).unwrap().contains("Subject: shared"));
    ok(&mut owner, "s SELECT Bureau");
    assert!(ok(&mut owner, "f SEARCH FLAGGED").contains("* SEARCH 2\n"));
    ok(&mut owner, "s DELETEACL Bureau u00034@a.test");
    fs::remove_file(&file).unwrap();
    let screen =
        mutt(&gateway, &home, ("u00034", &shared), &format!("<pipe-message>cat > {}<enter><quit>", file.display()));
    assert!(!file.exists() && screen.contains("There is no such mailbox"), "{screen}");
}

#[test]
fn mbsync_keeps_a_shared_mailbox_in_step_both_ways() {
    let (gateway, mut owner, shared) = shared("mbsync-shared", "u00035", "u00035");
    let home = gateway.dir.join("home");
    fs::create_dir_all(home.join("mail")).unwrap();
    let file = home.join("mbsyncrc");
    let settings = format!(
        "IMAPAccount g\nHost localhost\nPort {}\nUser u00035@a.test\nPass pw-u00035\nSSLType IMAPS\nCertificateFile {}\n\nIMAPStore far\nAccount g\nUseNamespace no\n\nMaildirStore near\nPath {mail}/\nInbox {mail}/INBOX\nSubFolders Verbatim\n\nChannel all\nFar :far:\nNear :near:\nPatterns INBOX \"Other users/*\"\nCreate Near\nExpunge Both\nSyncState *\n",
        gateway.imaps,
        campus("CAMPUS_CA"),
        mail = home.join("mail").display(),
    );
    fs::write(&file, settings).unwrap();
    run("mbsync", &["-q", "-c", file.to_str().unwrap(), "all"]);
    let near = home.join("mail").join(&shared);
    let messages =
        |folder: &str| fs::read_dir(near.join(folder)).unwrap().map(|it| it.unwrap().path()).collect::<Vec<_>>();
    let mut here = messages("cur");
    here.extend(messages("new"));
    assert_eq!(here.len(), 3, "{here:?}");
    // One new here, one gone here, one marked by the owner.
    fs::write(near.join("cur/1.new:2,S"), "Subject: from here\r\n\r\nx\r\n").unwrap();
    let first = here.iter().find(|it| it.to_string_lossy().contains(",U=1")).unwrap();
    fs::remove_file(first).unwrap();
    ok(&mut owner, "s SELECT Bureau");
    ok(&mut owner, "f UID STORE 3 +FLAGS (\\Flagged)");
    run("mbsync", &["-q", "-c", file.to_str().unwrap(), "all"]);
    ok(&mut owner, "n NOOP");
    assert!(ok(&mut owner, "t STATUS Bureau (MESSAGES)").contains("MESSAGES 3"));
    assert!(ok(&mut owner, "f SEARCH SUBJECT here").contains("* SEARCH 3\n"));
    let mut after = messages("cur");
    after.extend(messages("new"));
    assert!(after.len() == 3 && after.iter().any(|it| it.to_string_lossy().contains(",F")), "{after:?}");
    // The grant ends: what is here stays here.
    ok(&mut owner, "s DELETEACL Bureau u00035@a.test");
    try_run("mbsync", &["-q", "-c", file.to_str().unwrap(), "all"]);
    assert_eq!(messages("cur").len() + messages("new").len(), 3);
}

#[test]
fn offlineimap_keeps_a_shared_mailbox_in_step_both_ways() {
    let (gateway, mut owner, shared) = shared("offlineimap", "u00036", "u00036");
    let home = gateway.dir.join("home");
    fs::create_dir_all(&home).unwrap();
    let file = home.join("offlineimaprc");
    let settings = format!(
        "[general]\naccounts = a\nmetadata = {home}/state\nui = quiet\n[Account a]\nlocalrepository = near\nremoterepository = far\n[Repository near]\ntype = Maildir\nlocalfolders = {home}/mail\nsep = /\n[Repository far]\ntype = IMAP\nremotehost = localhost\nremoteport = {}\nremoteuser = u00036@a.test\nremotepass = pw-u00036\nssl = yes\nsslcacertfile = {}\nfolderfilter = lambda name: name.startswith('Other users/u00036')\n",
        gateway.imaps,
        campus("CAMPUS_CA"),
        home = home.display(),
    );
    fs::write(&file, settings).unwrap();
    let sync = || run("offlineimap", &["-o", "-c", file.to_str().unwrap()]);
    sync();
    let near = home.join("mail").join(&shared);
    let count = || fs::read_dir(near.join("cur")).unwrap().count() + fs::read_dir(near.join("new")).unwrap().count();
    assert_eq!(count(), 3);
    fs::write(near.join("new/1.new"), "Subject: from here\r\n\r\nx\r\n").unwrap();
    sync();
    ok(&mut owner, "s SELECT Bureau");
    assert!(ok(&mut owner, "f SEARCH SUBJECT here").contains("* SEARCH 4\n"));
    assert_eq!(count(), 4);
}

#[test]
fn imapclient_uses_own_and_shared_mailboxes() {
    let (gateway, mut owner, shared) = shared("imapclient-shared", "u00037", "u00037");
    let script = format!(
        "import ssl\nfrom imapclient import IMAPClient\nc = IMAPClient('localhost', port={}, ssl_context=ssl.create_default_context(cafile='{}'))\nc.login('u00037@a.test', 'pw-u00037')\nassert any(x and any(p[0] == 'Other users/' for p in x) for x in c.namespace()), c.namespace()\nn = '{shared}'\nassert n in [f[2] for f in c.list_folders()], c.list_folders()\ni = c.select_folder(n)\nassert i[b'EXISTS'] == 3\nc.append(n, b'Subject: appended\\r\\n\\r\\nx\\r\\n', flags=[rb'\\Seen'])\nassert len(c.search('ALL')) == 4\nassert c.get_flags(c.search(['SUBJECT', 'appended']))\nc.copy(c.search(['SUBJECT', 'appended']), 'INBOX')\nc.idle()\nc.idle_check(timeout=0.1)\nc.idle_done()\nc.delete_messages(c.search(['SUBJECT', 'shared'])[:1])\nc.expunge()\nassert c.folder_status(n)[b'MESSAGES'] == 3\nc.select_folder('INBOX')\nassert c.search(['SUBJECT', 'appended'])\nc.logout()\n",
        gateway.imaps,
        campus("CAMPUS_CA")
    );
    run(campus("CAMPUS_PYTHON"), &["-c", &script]);
    ok(&mut owner, "s SELECT Bureau");
    assert!(ok(&mut owner, "f SEARCH SUBJECT appended").contains("* SEARCH 3\n"));
}
