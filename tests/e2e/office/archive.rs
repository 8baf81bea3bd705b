//! Mail as files, and files as mail, by the office: `browser/office_archive.mjs` is the visitor. What it took away is what the command
//! line exports too.

use super::{append, empty, visit};
use crate::{
    archive::does,
    harness::{Gateway, Imap, curl, try_run},
    web::Browser,
};
use std::fs;

/// Who is visited: of garonne, and of no other test.
const READER: &str = "u00865";
/// A mailbox of each window's own.
const INTO: [&str; 4] = ["In fr-FR 1440", "In fr-FR 390", "In ar 1440", "In ar 390"];

fn message(number: usize, text: &str) -> String {
    format!(
        "From: a@a.test\nTo: {READER}@a.test\nSubject: Archive {number}\nMessage-ID: <archive{number}@a.test>\n\n{text}\n"
    )
}

#[test]
fn mail_goes_out_as_mbox_and_comes_in_once() {
    let gateway = Gateway::start("office-archive");
    let login = format!("{READER}@a.test");
    let mut imap = Imap::log_in(gateway.imap, &login, &format!("pw-{READER}"));
    empty(&mut imap);
    for name in INTO {
        imap.command(&format!("d DELETE \"{name}\""));
        assert!(imap.command(&format!("c CREATE \"{name}\"")).last().unwrap().starts_with("c OK"));
    }
    append(&mut imap, "INBOX", "\\Seen \\Flagged", &message(1, "From here\n>From there\n\nété"));
    append(&mut imap, "INBOX", "\\Seen \\Answered $office", &message(2, "text"));
    append(&mut imap, "INBOX", "", &message(3, "text"));
    // Larger than what is held of a message at once, and ending in the middle of a line.
    let large = format!("Subject: large\n\n{}From the end", "0123456789abcdef From \nFrom x\n".repeat(60_000));
    append(&mut imap, "INBOX", "\\Seen", &large);
    let folder = gateway.dir.join("archive");
    fs::create_dir_all(&folder).unwrap();
    visit("office_archive.mjs", &gateway, &[READER, folder.to_str().unwrap()]);

    let exported = folder.join("exported.mbox");
    does(&gateway, &["export", "--user", &login, "--mailbox", "INBOX", exported.to_str().unwrap()]);
    let whole = fs::read(&exported).unwrap();
    for name in ["fr-FR-1440", "fr-FR-390", "ar-1440", "ar-390"] {
        assert!(fs::read(folder.join(format!("mailbox-{name}.mbox"))).unwrap() == whole, "{name}: the mailbox");
        // The first two messages are the same octets, as the browser puts them together.
        let some = fs::read(folder.join(format!("selection-{name}.mbox"))).unwrap();
        assert_eq!(String::from_utf8_lossy(&some), String::from_utf8_lossy(&whole[..some.len()]), "{name}");
    }
    // Another's program reads as many.
    let count = "import mailbox, sys; print(len(mailbox.mbox(sys.argv[1])))";
    let read = try_run("python3", &["-c", count, folder.join("mailbox-ar-390.mbox").to_str().unwrap()]);
    assert_eq!(String::from_utf8_lossy(&read.stdout).trim(), "4");
    for name in INTO {
        imap.command(&format!("d DELETE \"{name}\""));
    }
}

#[test]
fn a_mailbox_is_sent_to_who_may_read_it() {
    let gateway = Gateway::start("office-mbox");
    let mut owner = Imap::log_in(gateway.imap, "u00866@a.test", "pw-u00866");
    empty(&mut owner);
    for name in ["Bureau/Ordre", "Bureau"] {
        owner.command(&format!("d DELETE \"{name}\""));
    }
    for command in ["c CREATE Bureau/Ordre", "c CREATE Bureau", "s SETACL Bureau/Ordre u00867 lr"] {
        owner.command(command);
    }
    append(&mut owner, "Bureau/Ordre", "\\Seen", &message(1, "text"));
    append(&mut owner, "INBOX", "\\Seen", &message(2, "text"));
    let get = |login: &str, path: &str| {
        Browser::sign_in(&gateway, "garonne.localhost", login, &format!("pw-{login}")).get(path)
    };
    let own = get("u00866", "/api/mbox?mailbox=Bureau%2FOrdre");
    assert_eq!((own.status, own.header("content-type")), (200, Some("application/mbox")));
    assert!(own.body.contains("\nSubject: Archive 1\n"), "{}", own.body);
    let shown = own.header("content-disposition").unwrap();
    assert_eq!(shown, "attachment; filename*=UTF-8''Ordre.mbox");
    assert!(own.header("content-security-policy").unwrap().contains("sandbox"));
    // The other reads what was given to them, and finds nothing else.
    assert_eq!(get("u00867", "/api/mbox?owner=u00866&mailbox=Bureau%2FOrdre").body, own.body);
    let hidden = get("u00867", "/api/mbox?owner=u00866&mailbox=INBOX");
    let missing = get("u00867", "/api/mbox?owner=u00866&mailbox=Nothing");
    assert_eq!((hidden.status, missing.status), (404, 404));
    assert_eq!(get("u00866", "/api/mbox?mailbox=Nothing").status, 404);
    assert_eq!(get("u00866", "/api/mbox").status, 400);
    assert_eq!(curl(&gateway, "garonne.localhost", None, "GET", "/api/mbox?mailbox=INBOX", &[]).status, 401);
    assert_eq!(
        curl(&gateway, "garonne.localhost", Some("u00866@a.test:pw-u00866"), "GET", "/api/mbox?mailbox=INBOX", &[])
            .status,
        401
    );
}
