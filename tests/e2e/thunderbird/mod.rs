//! Thunderbird with a person's own mail and a mailbox that somebody of another institution shares: what the stores and the
//! program say of each other's changes, and sending.

mod calendars;
mod program;

use crate::{
    harness::{Gateway, Imap, eventually},
    shared_mail::{agreed, mailbox, ok},
};
use program::Thunderbird;
use serde_json::{Value, json};

const SHARED: &str = "Other users/u00038@b.test/Bureau";

/// A gateway, the owner's connection with `Bureau` shared, the person's own connection with `Ici`, and the program.
fn desk(name: &str) -> (Gateway, Imap, Imap, Thunderbird) {
    let gateway = agreed(name);
    let mut owner = Imap::log_in(gateway.imap, "u00038@b.test", "pw-u00038");
    mailbox(&mut owner, "Bureau", 0);
    for subject in ["un", "deux"] {
        keep(&mut owner, "Bureau", subject);
    }
    ok(&mut owner, "s SETACL Bureau u00038@a.test lrswite");
    let mut own = Imap::log_in(gateway.imap, "u00038@a.test", "pw-u00038");
    mailbox(&mut own, "Ici", 0);
    keep(&mut own, "Ici", "mien");
    ok(&mut own, "u SUBSCRIBE Ici");
    let program = Thunderbird::start(&gateway, "u00038@a.test", "pw-u00038");
    (gateway, owner, own, program)
}

/// Puts a message there past the program.
fn keep(imap: &mut Imap, mailbox: &str, subject: &str) {
    let message =
        format!("From: a@a.test\r\nSubject: {subject}\r\nMessage-ID: <{subject}@a.test>\r\n\r\nbody of {subject}\r\n");
    imap.send(format!("p APPEND \"{mailbox}\" {{{}+}}\r\n{message}\r\n", message.len()).as_bytes());
    assert!(imap.answer("p").last().unwrap().starts_with("p OK"));
}

/// How many messages a mailbox has that match.
#[track_caller]
fn found(imap: &mut Imap, mailbox: &str, what: &str) -> usize {
    ok(imap, &format!("e EXAMINE \"{mailbox}\""));
    let told = ok(imap, &format!("f SEARCH {what}"));
    ok(imap, "u UNSELECT");
    told.lines().find_map(|line| line.strip_prefix("* SEARCH")).unwrap().split_whitespace().count()
}

#[track_caller]
fn in_both(program: &mut Thunderbird, script: &str) -> Value {
    program.run(script, &[json!(SHARED), json!("Ici")])
}

#[test]
fn thunderbird_reads_and_changes_a_shared_mailbox_beside_its_own() {
    let (_gateway, mut owner, mut own, mut program) = desk("thunderbird");
    // It lists them by itself, when it gets to it.
    let folders = ["INBOX", "Ici", "Other users", SHARED].map(|folder| json!(folder));
    program.run("await until('it has all folders', () => args.every(it => folders().includes(it)))", &folders);
    let told = in_both(
        &mut program,
        "await until('they are there', async () => { await update(args[0]); await update(args[1]); return messages(args[0]).length == 2 && messages(args[1]).length == 1; }); return [messages(args[0]), messages(args[1])]",
    );
    assert_eq!(told, json!([[["un", false, false], ["deux", false, false]], [["mien", false, false]]]));
    let text = in_both(&mut program, "return await text(args[0], 'deux')");
    assert!(text.as_str().unwrap().ends_with("\r\nbody of deux\r\n"), "{text:?}");

    // From here to there, and back.
    in_both(&mut program, "await transfer(args[0], 'un', args[1], false)");
    assert_eq!(found(&mut own, "Ici", "SUBJECT un"), 1);
    in_both(&mut program, "await transfer(args[1], 'mien', args[0], true)");
    assert_eq!((found(&mut own, "Ici", "SUBJECT mien"), found(&mut owner, "Bureau", "SUBJECT mien")), (0, 1));
    in_both(
        &mut program,
        "folder(args[0]).markMessagesRead([message(args[0], 'un')], true); folder(args[0]).markMessagesFlagged([message(args[0], 'deux')], true); await update(args[0])",
    );
    eventually("the marks are in the store", || found(&mut owner, "Bureau", "SEEN SUBJECT un") == 1);
    eventually("both of them", || found(&mut owner, "Bureau", "FLAGGED SUBJECT deux") == 1);
    in_both(&mut program, "await remove(args[0], 'un'); folder(args[0]).compact(null, null)");
    eventually("it is gone for good", || found(&mut owner, "Bureau", "SUBJECT un") == 0);

    // What the owner puts there comes by itself, because the program waits in IDLE.
    keep(&mut owner, "Bureau", "nouveau");
    in_both(&mut program, "await until('it is told of', () => messages(args[0]).some(it => it[0] == 'nouveau'))");

    // The grant ends: the program is told goodbye at its next command, which it takes for the end of its work, is refused
    // when it comes back, and takes the folder off its list.
    ok(&mut owner, "s DELETEACL Bureau u00038@a.test");
    keep(&mut owner, "Bureau", "secret");
    let told = in_both(
        &mut program,
        "const told = alerts(); await until('it is told why', async () => { await update(args[0]).catch(() => {}); return told.length; }); return [messages(args[0]), told]",
    );
    assert!(!told[0].to_string().contains("secret"), "{told}");
    assert!(told[1].to_string().contains("There is no such mailbox"), "{told}");
    in_both(&mut program, "discover(); await until('it is gone', () => !folders().includes(args[0]))");
    in_both(&mut program, "await update(args[1]); await text(args[1], 'un')");
}

#[test]
fn thunderbird_sends_and_receives() {
    let gateway = Gateway::start("thunderbird-sends");
    let mut own = Imap::log_in(gateway.imap, "u00040@a.test", "pw-u00040");
    let mut program = Thunderbird::start(&gateway, "u00040@a.test", "pw-u00040");
    let subject = format!("of-{}", std::process::id());
    program.run("await send('u00040@a.test', args[0], 'Bonjour')", &[json!(subject)]);
    program.run(
        "await until('it came', async () => { await update('INBOX'); return messages('INBOX').some(it => it[0] == args[0]); })",
        &[json!(subject)],
    );
    let text = program.run("return await text('INBOX', args[0])", &[json!(subject)]);
    assert!(text.as_str().unwrap().contains("\r\n\r\nBonjour"), "{text}");
    assert_eq!(found(&mut own, "INBOX", &format!("SUBJECT {subject}")), 1);
}
