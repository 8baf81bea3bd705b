//! A shared folder, read and written by FTP, and taken back while it is used.

use super::Ftp;
use crate::{
    harness::{Gateway, curl},
    sharing::grants,
};
use std::fs;

const OWNER: &str = "u00001@a.test:pw-u00001";

#[test]
fn a_shared_folder_is_read_and_written_until_it_is_taken_back() {
    let gateway = Gateway::start("ftp-sharing");
    let home = gateway.home("garonne", "u00001");
    fs::create_dir_all(home.join("projets/alpha")).unwrap();
    fs::write(home.join("projets/alpha/plan"), "the plan").unwrap();
    fs::write(home.join("secret"), "not for you").unwrap();
    let mut ftp = Ftp::log_in(&gateway, "u00031@a.test", "pw-u00031");
    assert_eq!(ftp.fetch("NLST /").1, b"u00031\r\n");
    ftp.says("RETR /u00001/projets/alpha/plan", "550");
    let share = |rights: &str| {
        grants(
            &gateway,
            OWNER,
            &format!("s.grant.set({{'owner': 'u00001', 'path': 'projets/alpha'}}, {{'account': 'u00031'}}, {rights})"),
        );
    };
    share("['read']");
    // The same connection sees it at the next command, the way there, and nothing beside it.
    assert_eq!(ftp.fetch("NLST /").1, b"u00031\r\nu00001\r\n");
    assert_eq!(ftp.fetch("NLST /u00001").1, b"projets\r\n");
    assert_eq!(ftp.retrieve("/u00001/projets/alpha/plan").1, b"the plan");
    assert_eq!(ftp.say("RETR /u00001/secret"), ftp.say("RETR /u00001/missing"), "hidden is missing");
    ftp.says("STOR /u00001/projets/alpha/plan", "550 You may not do that here");
    share("['read', 'edit', 'add', 'remove']");
    assert!(ftp.store("/u00001/projets/alpha/plan", b"a better plan").starts_with("226 "));
    assert!(ftp.store("/u00001/projets/alpha/new", b"new").starts_with("226 "));
    ftp.says("RNFR /u00001/projets/alpha/new", "350");
    ftp.says("RNTO /u00031/taken home", "250");
    // The tree is that of WebDAV.
    let by_dav = curl(
        &gateway,
        "localhost",
        Some("u00031@a.test:pw-u00031"),
        "GET",
        "/dav/files/u00001/projets/alpha/plan",
        &[],
    );
    assert_eq!(by_dav.body, "a better plan");
    assert_eq!(fs::read_to_string(gateway.home("garonne", "u00031").join("taken home")).unwrap(), "new");
    // Taken back in the middle of an upload: what was begun is not committed.
    let data = ftp.begin_to_store("/u00001/projets/alpha/plan", b"a worse plan");
    grants(&gateway, OWNER, "s.grant.remove({'owner': 'u00001', 'path': 'projets/alpha'}, {'account': 'u00031'})");
    drop(data);
    assert!(ftp.reply().starts_with("550 "));
    assert_eq!(fs::read_to_string(home.join("projets/alpha/plan")).unwrap(), "a better plan");
    ftp.says("RETR /u00001/projets/alpha/plan", "550");
    assert_eq!(ftp.fetch("NLST /").1, b"u00031\r\n");
}
