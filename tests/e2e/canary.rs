//! Nothing of the users' data stays with the gateway: canaries planted in mail, file contents and passwords are found in
//! no file of its own, no log, and no deleted file that is still open. The search has a positive control.

use crate::{
    harness::{Gateway, Imap, curl, run},
    submission::{Smtp, plain},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

const CANARY: &str = "canary-7f3a9c51-in-the-mine";

/// The canary as it could have been written: as it is, in base64 at each alignment, in UTF-16.
fn disguises(canary: &str) -> Vec<Vec<u8>> {
    let mut all = vec![canary.as_bytes().to_vec()];
    for shift in 0..3 {
        let padded = format!("{}{canary}", "x".repeat(shift));
        let encoded = run("bash", &["-c", &format!("printf '{padded}' | base64 -w0")]);
        // The ends depend on the neighbours; the middle does not.
        all.push(encoded.as_bytes()[4..encoded.len() - 4].to_vec());
    }
    all.push(canary.encode_utf16().flat_map(u16::to_le_bytes).collect());
    all.push(canary.encode_utf16().flat_map(u16::to_be_bytes).collect());
    all
}

fn contains(octets: &[u8], wanted: &[u8]) -> bool {
    octets.windows(wanted.len()).any(|window| window == wanted)
}

/// Files below a folder that hold any disguise.
fn found(folder: &Path, disguises: &[Vec<u8>], skip: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path == skip {
            continue;
        }
        if path.is_dir() {
            all.extend(found(&path, disguises, skip));
        } else if let Ok(octets) = fs::read(&path)
            && disguises.iter().any(|wanted| contains(&octets, wanted))
        {
            all.push(path);
        }
    }
    all
}

/// Deleted files that the process still holds open.
fn deleted_but_open(pid: u32, disguises: &[Vec<u8>]) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(format!("/proc/{pid}/fd")).unwrap().flatten() {
        let Ok(target) = fs::read_link(entry.path()) else { continue };
        if target.to_string_lossy().ends_with("(deleted)")
            && let Ok(octets) = fs::read(entry.path())
            && disguises.iter().any(|wanted| contains(&octets, wanted))
        {
            all.push(target);
        }
    }
    all
}

#[test]
fn no_octet_of_the_users_data_stays_with_the_gateway() {
    let mut gateway = Gateway::start("canary");
    let files = gateway.dir.join("files");
    // In a mail, through the relay.
    let mut imap = Imap::log_in(gateway.imap, "u00047@a.test", "pw-u00047");
    let message = format!("Subject: {CANARY}\r\n\r\n{CANARY}\r\n");
    imap.send(format!("a APPEND INBOX {{{}+}}\r\n{message}\r\n", message.len()).as_bytes());
    assert!(imap.answer("a").last().unwrap().starts_with("a OK"));
    imap.command("s SELECT INBOX");
    imap.command("f FETCH * (BODY[] ENVELOPE)");
    // The same by POP3, and in a filter script.
    let mut pop = crate::pop3::Pop::log_in(gateway.pop3, "u00047@a.test", "pw-u00047");
    let last = pop.say("STAT").split(' ').nth(1).unwrap().to_owned();
    assert!(contains(&pop.many(&format!("RETR {last}")), CANARY.as_bytes()));
    let mut sieve = crate::sieve::Sieve::log_in(&gateway, "u00047@a.test", "pw-u00047");
    assert!(sieve.last(&format!("PUTSCRIPT \"canary\" \"# {CANARY}\"")).starts_with("OK"));
    assert!(sieve.last("DELETESCRIPT \"canary\"").starts_with("OK"));
    // In a file, as a login, and as passwords that are wrong and right in form.
    let who = Some("u00047@a.test:pw-u00047");
    assert_eq!(curl(&gateway, "localhost", who, "PUT", "/dav/files/u00047/a.txt", &["-d", CANARY]).status, 201);
    assert_eq!(curl(&gateway, "localhost", who, "GET", "/dav/files/u00047/a.txt", &[]).body, CANARY);
    // The same by FTP, whole and cut, and as a login there.
    let mut ftp = crate::ftp::Ftp::log_in(&gateway, "u00047@a.test", "pw-u00047");
    assert!(ftp.store("/u00047/b.txt", CANARY.as_bytes()).starts_with("226 "));
    assert_eq!(ftp.retrieve("/u00047/b.txt").1, CANARY.as_bytes());
    let mut cut = crate::ftp::Ftp::log_in(&gateway, "u00047@a.test", "pw-u00047");
    let under_way = cut.begin_to_store("/u00047/c.txt", CANARY.as_bytes());
    drop((cut, under_way));
    let mut ftp = crate::ftp::Ftp::connect(&gateway);
    ftp.say(&format!("USER {CANARY}"));
    assert!(ftp.say(&format!("PASS {CANARY}")).starts_with("530 "));
    let wrong = format!("u00047@a.test:{CANARY}");
    assert_eq!(curl(&gateway, "localhost", Some(&wrong), "GET", "/dav/files/u00047/a.txt", &[]).status, 401);
    let (mut imap, _) = Imap::connect(gateway.imap);
    imap.command(&format!("l LOGIN u00047@a.test {CANARY}"));
    let (mut imap, _) = Imap::connect(gateway.imap);
    imap.command(&format!("l LOGIN {CANARY} {CANARY}"));
    crate::web::sign_in(&gateway, "garonne.localhost", "u00047", CANARY);
    let browser = crate::web::Browser::sign_in(&gateway, "garonne.localhost", "u00047", "pw-u00047");
    browser.get("/basic");
    // In a mail that is sent, and in one that is refused.
    for (to, author) in [("u00048@a.test", "u00047@a.test"), ("u00048@a.test", "u00048@a.test")] {
        let mut smtp = Smtp::log_in(gateway.submission, "u00047@a.test", "pw-u00047");
        let message = format!("From: {author}\r\nSubject: {CANARY}\r\n\r\n{CANARY}");
        let reply = smtp.message("u00047@a.test", to, &message);
        assert!(reply.starts_with(if author == to { "550 " } else { "250 " }), "{reply}");
    }
    let mut smtp = Smtp::connect(gateway.submission);
    smtp.says("EHLO canary.test", "250");
    smtp.says(&format!("AUTH PLAIN {}", plain("u00047@a.test", CANARY)), "535 ");
    smtp.ask(CANARY);
    // The right password is a canary too.
    let mut wanted = disguises(CANARY);
    wanted.extend(disguises("pw-u00047"));
    let kept = found(&gateway.dir, &wanted, &files);
    assert!(kept.is_empty(), "the gateway has kept it in {kept:?}");
    assert!(deleted_but_open(gateway.pid(), &wanted).is_empty());
    // The control: the same search finds it where it has to be, and in each disguise.
    assert_eq!(found(&files, &wanted, Path::new("")).len(), 2);
    for (index, disguise) in wanted.iter().enumerate() {
        let file = gateway.dir.join("state").join(format!("control-{index}"));
        fs::write(&file, [b"before ", disguise.as_slice(), b" after"].concat()).unwrap();
        assert_eq!(found(&gateway.dir, &wanted, &files), std::slice::from_ref(&file));
        fs::remove_file(file).unwrap();
    }
    gateway.kill();
}
