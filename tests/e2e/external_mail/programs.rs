//! Mail programs of the distribution with a folder of an account elsewhere: mutt and mbsync.

use super::{directly, gateway, with_account};
use crate::{
    harness::{campus, run},
    mail_clients::mutt,
    shared_mail::{mailbox, ok},
};
use std::fs;

#[test]
fn mutt_reads_marks_and_copies() {
    let gateway = gateway("external-mutt", &[], "");
    let _browser = with_account(&gateway, "u00047");
    let mut there = directly("u00047");
    mailbox(&mut there, "Bureau", 3);
    let home = gateway.dir.join("mutt");
    let file = home.join("read.txt");
    let keys = format!(
        "<first-entry><pipe-message>cat > {}<enter><next-entry><flag-message><next-entry><copy-message>=INBOX<enter><sync-mailbox><quit>",
        file.display()
    );
    mutt(&gateway, &home, ("u00047", "External/Autan/Bureau"), &keys);
    assert!(fs::read_to_string(&file).unwrap().contains("Subject: shared"));
    ok(&mut there, "s SELECT Bureau");
    assert!(ok(&mut there, "f SEARCH FLAGGED").contains("* SEARCH 2\n"));
}

#[test]
fn mbsync_keeps_a_folder_elsewhere_in_step_both_ways() {
    let gateway = gateway("external-mbsync", &[], "");
    let _browser = with_account(&gateway, "u00048");
    let mut there = directly("u00048");
    mailbox(&mut there, "Bureau", 3);
    let home = gateway.dir.join("home");
    fs::create_dir_all(home.join("mail")).unwrap();
    let file = home.join("mbsyncrc");
    let settings = format!(
        "IMAPAccount g\nHost localhost\nPort {}\nUser u00048@a.test\nPass pw-u00048\nSSLType IMAPS\nCertificateFile {}\n\nIMAPStore far\nAccount g\nUseNamespace no\n\nMaildirStore near\nPath {mail}/\nInbox {mail}/INBOX\nSubFolders Verbatim\n\nChannel all\nFar :far:\nNear :near:\nPatterns INBOX \"External/Autan/Bureau\"\nCreate Near\nExpunge Both\nSyncState *\n",
        gateway.imaps,
        campus("CAMPUS_CA"),
        mail = home.join("mail").display(),
    );
    fs::write(&file, settings).unwrap();
    let sync = || run("mbsync", &["-q", "-c", file.to_str().unwrap(), "all"]);
    sync();
    let near = home.join("mail/External/Autan/Bureau");
    let messages = || -> Vec<String> {
        let of = |folder| fs::read_dir(near.join(folder)).unwrap().map(|it| it.unwrap().path().display().to_string());
        of("cur").chain(of("new")).collect()
    };
    let here = messages();
    assert_eq!(here.len(), 3, "{here:?}");
    fs::write(near.join("cur/1.new:2,S"), "Subject: from here\r\n\r\nx\r\n").unwrap();
    fs::remove_file(here.iter().find(|it| it.contains(",U=1")).unwrap()).unwrap();
    ok(&mut there, "s SELECT Bureau");
    ok(&mut there, "f UID STORE 3 +FLAGS (\\Flagged)");
    sync();
    assert!(ok(&mut there, "t STATUS Bureau (MESSAGES)").contains("MESSAGES 3"));
    ok(&mut there, "n NOOP");
    assert!(ok(&mut there, "f SEARCH SUBJECT here").contains("* SEARCH 3\n"));
    assert!(messages().len() == 3 && messages().iter().any(|it| it.contains(",F")));
}
