//! Mailboxes shared through plain IMAP, in front of the real Dovecots: Maildir at garonne, mdbox at autan.

use crate::harness::{Gateway, Imap, State, eventually};
use std::fs;

const MESSAGE: &str = "From: a@a.test\r\nSubject: shared\r\n\r\nbody\r\n";

/// A gateway where autan has agreed to share with garonne.
pub fn agreed(name: &str) -> Gateway {
    Gateway::start_with(name, &State::Sqlite, |config| {
        let file = config.join("institutions/autan/institution.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace("shares_with = []", "shares_with = [\"garonne\"]")).unwrap();
    })
}

/// The last line of an answer, with what came before joined.
#[track_caller]
pub fn ok(imap: &mut Imap, command: &str) -> String {
    let told = imap.command(command);
    let tag = command.split(' ').next().unwrap();
    assert!(told.last().unwrap().starts_with(&format!("{tag} OK")), "{command}: {told:?}");
    told.join("\n")
}

#[track_caller]
fn no(imap: &mut Imap, command: &str) -> String {
    let told = imap.command(command);
    let tag = command.split(' ').next().unwrap();
    assert!(told.last().unwrap().starts_with(&format!("{tag} NO")), "{command}: {told:?}");
    told.last().unwrap().strip_prefix(tag).unwrap().to_owned()
}

#[track_caller]
fn append(imap: &mut Imap, mailbox: &str, flags: &str) -> String {
    imap.send(format!("p APPEND \"{mailbox}\" {flags}{{{}+}}\r\n{MESSAGE}\r\n", MESSAGE.len()).as_bytes());
    imap.answer("p").join("\n")
}

/// The owner's mailbox, fresh, with so many messages.
pub fn mailbox(owner: &mut Imap, name: &str, messages: usize) {
    owner.command(&format!("d DELETE \"{name}\""));
    ok(owner, &format!("c CREATE \"{name}\""));
    for _ in 0..messages {
        assert!(append(owner, name, "").contains("p OK"));
    }
}

#[test]
fn a_mailbox_of_another_institution_is_read_and_gone_when_the_grant_ends() {
    let gateway = agreed("shared-read");
    let mut owner = Imap::log_in(gateway.imap, "u00021@b.test", "pw-u00021");
    mailbox(&mut owner, "Projet", 2);
    owner.command("c CREATE Projet/Sous");
    ok(&mut owner, "s SETACL Projet u00022@a.test lr");
    assert!(ok(&mut owner, "g GETACL Projet").contains("\"u00022@a.test\" lr"));

    let mut reader = Imap::log_in(gateway.imap, "u00022@a.test", "pw-u00022");
    let told = ok(&mut reader, "n NAMESPACE");
    assert!(told.contains("(\"Other users/\" \"/\")"), "{told}");
    let listed = ok(&mut reader, "l LIST \"\" *");
    for (line, there) in [
        ("* LIST (\\Noselect \\HasChildren) \"/\" \"Other users\"", true),
        ("\"Other users/u00021@b.test\"", true),
        ("\"Other users/u00021@b.test/Projet\"", true),
        ("\"Other users/u00021@b.test/Projet/Sous\"", true),
        ("\"Other users/u00021@b.test/INBOX\"", false),
        (" INBOX", true),
    ] {
        assert_eq!(listed.contains(line), there, "{line} in {listed}");
    }
    let name = "\"Other users/u00021@b.test/Projet\"";
    let listed = ok(&mut reader, "l LIST \"\" \"Other users/%\"");
    assert!(listed.contains("\"Other users/u00021@b.test\"") && !listed.contains("Projet"), "{listed}");
    let listed = ok(&mut reader, "l LIST \"\" \"Other users/u00021@b.test/*\" RETURN (STATUS (MESSAGES))");
    assert!(listed.contains(&format!("* STATUS {name} (MESSAGES 2)")), "{listed}");
    assert!(ok(&mut reader, "l LSUB \"\" *").contains(&format!("* LSUB (\\HasChildren) \"/\" {name}")));
    assert!(ok(&mut reader, &format!("t STATUS {name} (MESSAGES)")).contains(&format!("* STATUS {name} (MESSAGES 2)")));
    assert!(ok(&mut reader, &format!("r MYRIGHTS {name}")).contains(&format!("* MYRIGHTS {name} lr\n")));
    ok(&mut reader, "s SELECT INBOX");
    let told = ok(&mut reader, &format!("s SELECT {name}"));
    assert!(told.contains("* 2 EXISTS") && told.contains("[READ-ONLY]"), "{told}");
    assert!(ok(&mut reader, "f FETCH 1 (ENVELOPE)").contains("\"shared\""));
    for refused in ["f STORE 1 +FLAGS (\\Seen)", "f EXPUNGE", "f UID MOVE 1 INBOX", &format!("f UID COPY 1 {name}")] {
        assert_eq!(no(&mut reader, refused), " NO [NOPERM] You may not do this here", "{refused}");
    }
    // The own store is at hand meanwhile.
    assert!(ok(&mut reader, "t STATUS INBOX (MESSAGES)").contains("STATUS INBOX"));
    assert!(append(&mut reader, "INBOX", "").contains("p OK"));
    assert!(append(&mut reader, "Other users/u00021@b.test/Projet", "").contains("p NO [NOPERM]"));
    ok(&mut reader, "f UID SEARCH ALL");
    // IDLE: what the owner does is seen.
    reader.send(b"i IDLE\r\n");
    assert!(reader.line().starts_with('+'));
    assert!(append(&mut owner, "Projet", "").contains("p OK"));
    assert!(reader.line().ends_with("3 EXISTS"));
    reader.send(b"DONE\r\n");
    assert!(reader.answer("i").last().unwrap().starts_with("i OK"));
    // Back in the own mailbox, and in the other again.
    assert!(ok(&mut reader, "s SELECT INBOX").contains("[READ-WRITE]"));
    ok(&mut reader, &format!("s EXAMINE {name}"));
    ok(&mut reader, "u UNSELECT");
    assert!(reader.command("f FETCH 1 FLAGS").last().unwrap().starts_with("f BAD"));

    // The grant ends: at the next command it is not there, as what was never there.
    ok(&mut owner, "s DELETEACL Projet u00022@a.test");
    let gone = no(&mut reader, &format!("s SELECT {name}"));
    assert_eq!(gone, no(&mut reader, "s SELECT \"Other users/u00021@b.test/Nothing\""));
    assert_eq!(gone, no(&mut reader, "s SELECT \"Other users/nobody@nowhere.test/INBOX\""));
    assert!(!ok(&mut reader, "l LIST \"\" *").contains("Other users"));
}

#[test]
fn what_is_selected_or_idled_in_ends_with_the_grant() {
    let gateway = Gateway::start("shared-gone");
    let mut owner = Imap::log_in(gateway.imap, "u00023@a.test", "pw-u00023");
    mailbox(&mut owner, "Commun", 1);
    for idles in [false, true] {
        ok(&mut owner, "s SETACL Commun u00024 lr");
        let mut reader = Imap::log_in(gateway.imap, "u00024@a.test", "pw-u00024");
        ok(&mut reader, "s SELECT \"Other users/u00023/Commun\"");
        if idles {
            reader.send(b"i IDLE\r\n");
            assert!(reader.line().starts_with('+'));
        }
        ok(&mut owner, "s DELETEACL Commun u00024");
        if !idles {
            reader.send(b"n NOOP\r\n");
        }
        assert_eq!(reader.line(), "* BYE The selected mailbox is not shared with you any more", "idles: {idles}");
        assert!(reader.is_closed());
    }
}

#[test]
fn who_may_change_changes_and_who_may_not_does_not() {
    let gateway = Gateway::start("shared-write");
    let mut owner = Imap::log_in(gateway.imap, "u00025@a.test", "pw-u00025");
    let wire = "Other users/u00025/&AMk-quipe &--- co";
    mailbox(&mut owner, "&AMk-quipe &--- co", 2);
    let mut writer = Imap::log_in(gateway.imap, "u00026@a.test", "pw-u00026");
    for (letters, edits, adds, removes) in [
        ("lr", false, false, false),
        ("lrsw", true, false, false),
        ("lri", false, true, false),
        ("lrswite", true, true, true),
    ] {
        ok(&mut owner, &format!("s SETACL \"&AMk-quipe &--- co\" u00026 {letters}"));
        let told = ok(&mut writer, &format!("s SELECT \"{wire}\""));
        assert_eq!(told.contains("[READ-WRITE]"), edits, "{letters}: {told}");
        let check = |writer: &mut Imap, command: &str, may: bool| {
            let told = if may { ok(writer, command) } else { no(writer, command) };
            assert!(may || told.contains("NOPERM"), "{letters}: {command}: {told}");
        };
        check(&mut writer, "t STORE 1 +FLAGS (\\Flagged)", edits);
        check(&mut writer, "t STORE 1 FLAGS (\\Flagged \\Deleted)", edits && removes);
        check(&mut writer, "t STORE 1 -FLAGS.SILENT (\\Deleted)", removes);
        check(&mut writer, "t EXPUNGE", removes);
        check(&mut writer, &format!("t COPY 1 \"{wire}\""), adds);
        check(&mut writer, &format!("t MOVE 1 \"{wire}\""), adds && removes);
        assert_eq!(append(&mut writer, wire, "").contains("p OK"), adds, "{letters}");
        assert_eq!(append(&mut writer, wire, "(\\Seen) ").contains("p OK"), adds && edits, "{letters}");
        check(&mut writer, &format!("t CREATE \"{wire}/x\""), false);
        check(&mut writer, &format!("t DELETE \"{wire}\""), false);
        check(&mut writer, &format!("t SETACL \"{wire}\" u00027 lr"), false);
        check(&mut writer, &format!("t GETACL \"{wire}\""), false);
        check(&mut writer, "c CLOSE", true);
    }
    // Names by literals, and letters that come one by one.
    writer.send(format!("s SELECT {{{}}}\r\n", wire.len()).as_bytes());
    assert!(writer.line().starts_with('+'));
    for octet in format!("{wire}\r\n").bytes() {
        writer.send(&[octet]);
    }
    assert!(writer.answer("s").last().unwrap().starts_with("s OK"));
    // Who manages hands on, and what is deleted takes its grants along.
    ok(&mut writer, "c CLOSE");
    ok(&mut owner, "s SETACL \"&AMk-quipe &--- co\" u00026 +a");
    ok(&mut writer, &format!("s SETACL \"{wire}\" u00027 lr"));
    assert!(ok(&mut owner, "g GETACL \"&AMk-quipe &--- co\"").contains("\"u00027\" lr"));
    owner.command("d DELETE Renommee");
    ok(&mut owner, "r RENAME \"&AMk-quipe &--- co\" Renommee");
    let told = ok(&mut writer, "t STATUS \"Other users/u00025/Renommee\" (MESSAGES)");
    assert!(told.contains("\"Other users/u00025/Renommee\""), "{told}");
    ok(&mut owner, "d DELETE Renommee");
    ok(&mut owner, "c CREATE Renommee");
    assert!(no(&mut writer, "s SELECT \"Other users/u00025/Renommee\"").contains("NONEXISTENT"));
}

#[test]
fn a_store_that_is_away_makes_no_list_short() {
    let gateway = agreed("shared-away");
    let mut owner = Imap::log_in(gateway.imap, "u00028@b.test", "pw-u00028");
    mailbox(&mut owner, "Loin", 1);
    ok(&mut owner, "s SETACL Loin u00029@a.test lr");
    let mut reader = Imap::log_in(gateway.imap, "u00029@a.test", "pw-u00029");
    assert!(ok(&mut reader, "l LIST \"\" *").contains("Loin"));
    let file = gateway.config().join("institutions/autan/institution.toml");
    let text = fs::read_to_string(&file).unwrap();
    // Port 9 of loopback: nobody listens there.
    let away = text.replace(&format!("127.0.0.1:{}", crate::harness::campus("CAMPUS_IMAPS_B")), "127.0.0.1:9");
    fs::write(&file, &away).unwrap();
    gateway.signal("HUP");
    eventually("the list to be refused", || {
        reader.command("l LIST \"\" *").last().unwrap().starts_with("l NO [UNAVAILABLE]")
    });
    // What cannot be in the other store is listed as ever.
    assert!(ok(&mut reader, "l LIST \"\" INBOX").contains("INBOX"));
    assert!(no(&mut reader, "s SELECT \"Other users/u00028@b.test/Loin\"").contains("UNAVAILABLE"));
    ok(&mut reader, "s SELECT INBOX");
}

#[test]
fn messages_are_copied_and_moved_between_stores() {
    let gateway = agreed("shared-copy");
    let mut owner = Imap::log_in(gateway.imap, "u00030@b.test", "pw-u00030");
    let mut other = Imap::log_in(gateway.imap, "u00032@a.test", "pw-u00032");
    let mut person = Imap::log_in(gateway.imap, "u00031@a.test", "pw-u00031");
    mailbox(&mut owner, "Croise", 1);
    mailbox(&mut other, "Tiers", 0);
    mailbox(&mut person, "Mien", 3);
    ok(&mut owner, "s SETACL Croise u00031@a.test lrswite");
    ok(&mut other, "s SETACL Tiers u00031 lri");
    let (there, third) = ("\"Other users/u00030@b.test/Croise\"", "\"Other users/u00032/Tiers\"");

    // From the own store: flags come along, the whole answer says where to.
    ok(&mut person, "s SELECT Mien");
    ok(&mut person, "f STORE 2 +FLAGS (\\Flagged)");
    let told = ok(&mut person, &format!("c COPY 1:2 {there}"));
    assert!(told.contains("c OK [COPYUID ") && told.contains(" 1:2 2:3]"), "{told}");
    let told = ok(&mut person, &format!("c UID MOVE 3 {there}"));
    assert!(told.contains("* OK [COPYUID ") && told.contains("* 3 EXPUNGE\n"), "{told}");
    ok(&mut owner, "s SELECT Croise");
    let told = ok(&mut owner, "f FETCH 1:* (FLAGS BODY.PEEK[TEXT])");
    assert_eq!((told.matches("body").count(), told.matches("\\Flagged").count()), (4, 1), "{told}");
    // What is not there.
    assert!(no(&mut person, "c COPY 1 \"Other users/u00030@b.test/Rien\"").contains("NONEXISTENT"));
    assert!(ok(&mut person, &format!("c UID COPY 99 {there}")).contains("nothing"));
    assert!(person.command(&format!("c COPY 99 {there}")).last().unwrap().starts_with("c BAD"));

    // From the shared one to the own, and to that of a third, in which nothing may be marked.
    ok(&mut person, &format!("s SELECT {there}"));
    assert!(ok(&mut person, "c COPY 3 Mien").contains("[COPYUID "));
    assert!(no(&mut person, "c COPY 3 Nowhere").contains("NONEXISTENT"));
    assert!(ok(&mut person, &format!("c UID COPY 1:* {third}")).contains("[COPYUID "));
    let told = ok(&mut person, "c MOVE 1:2 Mien");
    assert!(told.contains("EXPUNGE"), "{told}");
    assert!(ok(&mut person, "n NOOP").len() < 100);
    assert!(ok(&mut person, "t STATUS Mien (MESSAGES)").contains("MESSAGES 5"));
    ok(&mut other, "s SELECT Tiers");
    let told = ok(&mut other, "f FETCH 1:* FLAGS");
    assert!(told.contains("* 4 FETCH") && !told.contains("\\Flagged"), "{told}");
    ok(&mut owner, "n NOOP");
    assert!(ok(&mut owner, "t STATUS Croise (MESSAGES)").contains("MESSAGES 2"));

    // Large ones pass in pieces, and as they were.
    let body: String = (0..200_000).map(|line| format!("line {line:08} of a large message\r\n")).collect();
    let message = format!("Subject: large\r\n\r\n{body}");
    ok(&mut person, "u UNSELECT");
    person.send(format!("a APPEND {there} {{{}}}\r\n", message.len()).as_bytes());
    assert!(person.line().starts_with('+'));
    person.send(format!("{message}\r\n").as_bytes());
    assert!(person.answer("a").last().unwrap().starts_with("a OK [APPENDUID"));
    ok(&mut person, &format!("s EXAMINE {there}"));
    assert!(ok(&mut person, "c COPY 3 Mien").contains("[COPYUID "));
    ok(&mut person, "s SELECT Mien");
    person.send(b"f FETCH 6 BODY.PEEK[TEXT]\r\n");
    let fetched = person.answer("f").join("\r\n");
    assert!(fetched.contains(&body), "the message is not whole");
}

/// Every command that can name somebody else's mailbox, as a stranger, a colleague, one who may look up, a reader, an editor
/// and one who manages: whether it is done (`y`), forbidden (`f`), or not there (`n`).
const TABLE: [(&str, &str); 22] = [
    ("SELECT {m}", "nnfyyy"),
    ("EXAMINE {m}", "nnfyyy"),
    ("STATUS {m} (MESSAGES)", "nnfyyy"),
    ("APPEND {m} {3+}\r\nabc", "nnffyy"),
    ("COPY 1 {m}", "nnffyy"),
    ("UID COPY 1 {m}", "nnffyy"),
    ("MOVE 1 {m}", "nnffyy"),
    ("UID MOVE 1:* {m}", "nnffyy"),
    ("SUBSCRIBE {m}", "nnyyyy"),
    ("CREATE {m}/new", "nnfffy"),
    ("DELETE {m}/new", "nnfffy"),
    ("RENAME {m}/old {m}/older", "nnfffy"),
    ("GETACL {m}", "nnfffy"),
    ("SETACL {m} u00041 lr", "nnfffy"),
    ("DELETEACL {m} u00041", "nnfffy"),
    ("LISTRIGHTS {m} u00041", "nnfffy"),
    ("MYRIGHTS {m}", "nnyyyy"),
    ("GETQUOTAROOT {m}", "nnfyyy"),
    ("GETMETADATA {m} /shared/comment", "nnfyyy"),
    ("GETMETADATA (DEPTH infinity) {m} (/shared)", "nnfyyy"),
    ("SETMETADATA {m} (/shared/comment \"x\")", "nnffyy"),
    ("SETMETADATA {m} (/shared/comment NIL)", "nnffyy"),
];

#[test]
fn every_command_on_anothers_mailbox_as_everybody() {
    let gateway = Gateway::start("shared-table");
    let mut owner = Imap::log_in(gateway.imap, "u00040@a.test", "pw-u00040");
    for left in ["T/new", "T/old", "T/older", "T"] {
        owner.command(&format!("d DELETE {left}"));
    }
    mailbox(&mut owner, "T", 1);
    ok(&mut owner, "c CREATE T/old");
    let askers = [
        // Autan has agreed to nothing here.
        ("u00042@b.test", ""),
        ("u00042@a.test", ""),
        ("u00043@a.test", "l"),
        ("u00044@a.test", "lr"),
        ("u00045@a.test", "lrswi"),
        ("u00046@a.test", "lrswikxtea"),
    ];
    for (at, (login, letters)) in askers.into_iter().enumerate() {
        if !letters.is_empty() {
            ok(&mut owner, &format!("s SETACL T {login} {letters}"));
        }
        let password = format!("pw-{}", login.split('@').next().unwrap());
        let mut imap = Imap::log_in(gateway.imap, login, &password);
        for (command, expected) in TABLE {
            // Two messages to copy and move from, of one's own. What is selected cannot be deleted.
            imap.command("u UNSELECT");
            mailbox(&mut imap, "Mine", 2);
            ok(&mut imap, "s SELECT Mine");
            let name =
                if login.ends_with("b.test") { "\"Other users/u00040@a.test/T\"" } else { "\"Other users/u00040/T\"" };
            let below = |command: &str| {
                let inside = name.trim_matches('"');
                let whole = ["new", "older", "old"].iter().fold(command.to_owned(), |text, level| {
                    text.replace(&format!("{{m}}/{level}"), &format!("\"{inside}/{level}\""))
                });
                whole.replace("{m}", name)
            };
            let told = imap.command(&format!("t {}", below(command)));
            let told = told.last().unwrap();
            let begins = match expected.as_bytes()[at] {
                b'y' => "t OK",
                b'f' => "t NO [NOPERM] You may not do this here",
                _ => "t NO [NONEXISTENT] There is no such mailbox",
            };
            assert!(told.starts_with(begins), "{command} as {login}: {told}");
        }
    }
}

/// What is annotated for all who see a mailbox is theirs to read; what is private stays the owner's, who is somebody else
/// here. The owner's room is told to who may fill it.
#[test]
fn annotations_and_room_of_a_shared_mailbox() {
    let gateway = agreed("shared-metadata");
    let mut owner = Imap::log_in(gateway.imap, "u00080@b.test", "pw-u00080");
    mailbox(&mut owner, "Notes", 1);
    ok(&mut owner, "m SETMETADATA Notes (/shared/comment \"for all\" /private/comment \"mine\")");
    ok(&mut owner, "s SETACL Notes u00080@a.test lrswi");
    let mut other = Imap::log_in(gateway.imap, "u00080@a.test", "pw-u00080");
    let name = "\"Other users/u00080@b.test/Notes\"";
    let told = ok(&mut other, &format!("g GETMETADATA {name} /shared/comment"));
    assert!(told.contains(&format!("* METADATA {name} (/shared/comment")) && told.contains("for all"), "{told}");
    for private in ["/private/comment", "(/shared/comment /private/comment)", "/private", "\"/Private/comment\""] {
        let told = no(&mut other, &format!("g GETMETADATA {name} {private}"));
        assert!(told.contains("NOPRIVATE") && !told.contains("mine"), "{private}: {told}");
    }
    assert!(no(&mut other, &format!("g SETMETADATA {name} (/private/comment \"x\")")).contains("NOPRIVATE"));
    ok(&mut other, &format!("g SETMETADATA {name} (/shared/comment {{5+}}\r\nother)"));
    let told = ok(&mut owner, "g GETMETADATA Notes (/shared/comment /private/comment)");
    assert!(told.contains("other") && told.contains("mine"), "{told}");

    let told = ok(&mut other, &format!("q GETQUOTAROOT {name}"));
    let root = "\"Other users/u00080@b.test/0\"";
    assert!(told.contains(&format!("* QUOTAROOT {name} {root}\n* QUOTA {root} (STORAGE ")), "{told}");
    ok(&mut owner, "s SETACL Notes u00080@a.test lr");
    assert!(ok(&mut other, &format!("q GETQUOTAROOT {name}")).starts_with(&format!("* QUOTAROOT {name}\nq OK")));
}

/// Nothing but what was decided on reaches the owner's store, which is open in the owner's name.
#[test]
fn what_is_sent_along_with_an_append_does_not_reach_the_owners_store() {
    let gateway = Gateway::start("shared-along");
    let mut owner = Imap::log_in(gateway.imap, "u00053@a.test", "pw-u00053");
    mailbox(&mut owner, "Boite", 0);
    mailbox(&mut owner, "Secret", 1);
    ok(&mut owner, "s SETACL Boite u00054 i");
    let there = "\"Other users/u00053/Boite\"";
    for waits in ["+", ""] {
        let mut imap = Imap::log_in(gateway.imap, "u00054@a.test", "pw-u00054");
        imap.send(
            format!("a APPEND {there} {{3{waits}}}\r\nabc\r\nb SELECT Secret\r\nc LIST \"\" Secret\r\nd NOOP\r\n")
                .as_bytes(),
        );
        let told = imap.answer("d").join("\n");
        assert!(told.contains("a OK") && told.contains("\nb NO ") && !told.contains("* LIST"), "{told}");
    }
    for along in
        [" CATENATE (URL \"/Secret/;UID=1\")", " (\\Flagged) {3+}\r\nabc", " x {3+}\r\nabc", " UTF8 (~{3+}\r\nabc)"]
    {
        let mut imap = Imap::log_in(gateway.imap, "u00054@a.test", "pw-u00054");
        imap.send(format!("a APPEND {there} {{3+}}\r\nabc{along}\r\n").as_bytes());
        assert_eq!(imap.line(), "* BYE A message like this may not be put there", "{along}");
        let mut imap = Imap::log_in(gateway.imap, "u00054@a.test", "pw-u00054");
        imap.send(format!("a APPEND {there}{along}\r\nb NOOP\r\n").as_bytes());
        let told = imap.answer("b").join("\n");
        assert!((told.starts_with("a NO") || told.starts_with("a BAD")) && told.contains("\nb OK"), "{along}: {told}");
    }
    // Several messages by one command, as a store takes them.
    let mut imap = Imap::log_in(gateway.imap, "u00054@a.test", "pw-u00054");
    imap.send(format!("a APPEND {there} {{3+}}\r\nabc \"24-Nov-2026 10:00:00 +0100\" {{3+}}\r\nabc\r\n").as_bytes());
    assert!(imap.answer("a").last().unwrap().starts_with("a OK [APPENDUID"));
    assert!(ok(&mut owner, "t STATUS Boite (MESSAGES)").contains("MESSAGES 4"));
}

/// Whatever is sent while a shared mailbox is selected or named: the owner's other mailboxes stay as they are, and unseen.
#[test]
fn no_octet_of_the_client_is_a_command_at_the_owners_store() {
    let gateway = Gateway::start("shared-octets");
    let mut owner = Imap::log_in(gateway.imap, "u00055@a.test", "pw-u00055");
    for name in ["Boite", "Secret", "Doomed"] {
        mailbox(&mut owner, name, 1);
    }
    owner.command("x DELETE Made");
    ok(&mut owner, "s SETACL Boite u00056 lri");
    let there = "\"Other users/u00055/Boite\"";
    let (select, smuggled) = ("x SELECT Secret\r\ny DELETE Doomed\r\nz CREATE Made", "SELECT Secret");
    let n = select.len() + 2;
    for attack in [
        // A mailbox that cannot be selected leaves nothing behind.
        "a SELECT \"Other users/u00055/Nothing\"\r\nb SELECT Secret\r\nc CREATE Made".to_owned(),
        // Words that two parsers may read differently.
        "a[ SELECT Secret ] FETCH 1 FLAGS".to_owned(),
        "a[ DELETE Doomed ] FETCH 1 FLAGS".to_owned(),
        format!("a[ DELETE Doomed ] APPEND {there} {{3+}}\r\nabc"),
        format!("a SELECT{there} Secret"),
        format!("a SELECT {there} Secret"),
        "a  SELECT Secret FETCH 1 FLAGS".to_owned(),
        // Literals that a store does not read.
        format!("a COPY {{{n}+}}\r\n{select}\r\n INBOX"),
        format!("a NOOP {{{n}+}}\r\n{select}\r\n"),
        format!("a IDLE {{{}+}}\r\nDONE\r\n{select}\r\n", n + 6),
        format!("a FETCH 1 x{{{n}+}}\r\n{select}\r\n"),
        format!("a CHECK {{{n}+}}\r\n{select}\r\n"),
        format!("a UID EXPUNGE 1 {{{n}+}}\r\n{select}\r\n"),
        format!("a SEARCH SUBJECT ~{{{n}+}}\r\n{select}\r\n"),
        format!("a SEARCH SUBJECT x{{{n}+}}\r\n{select}\r\n"),
        format!("a SEARCH SUBJECT {{{n}+}}\r\n{select}\r\n"),
        format!("a SEARCH ( {{{n}+}}\r\n{select}\r\n"),
        "a UID {5+}\r\nFETCH SELECT Secret".to_owned(),
        format!("a COPY 1 {there} {{{n}+}}\r\n{select}\r\n"),
        format!("a COPY 1 {there} {smuggled}"),
        format!("a STATUS {there} (MESSAGES) {{{n}+}}\r\n{select}\r\n"),
        format!("a STATUS {there} {{{n}+}}\r\n{select}\r\n"),
        format!("a EXAMINE {there} {{{n}+}}\r\n{select}\r\n"),
        format!("a CREATE {there} {{{n}+}}\r\n{select}\r\n"),
        format!("a APPEND {there} x{{{n}+}}\r\n{select}\r\n"),
        format!("a APPEND {there} \"x\" {{{n}+}}\r\n{select}\r\n"),
        format!("a APPEND {there} {{3+}}\r\nabc CATENATE (URL \"/Secret/;UID=1\" TEXT {{1+}}\r\nx) {{3+}}\r\nabc"),
        format!("a APPEND {there}"),
        format!("a GETACL {{{n}+}}\r\n{select}\r\n"),
        format!("a NAMESPACE {{{n}+}}\r\n{select}\r\n"),
    ] {
        for selected in [true, false] {
            let mut imap = Imap::log_in(gateway.imap, "u00056@a.test", "pw-u00056");
            if selected {
                ok(&mut imap, &format!("s SELECT {there}"));
            }
            imap.send(format!("{attack}\r\nq NOOP\r\nr STATUS Secret (MESSAGES)\r\nzz LOGOUT\r\n").as_bytes());
            let told = imap.answer("zz").join("\n");
            assert!(!told.contains("[READ-WRITE]") && !told.contains("STATUS Secret"), "{attack} ({selected}): {told}");
            let listed = ok(&mut owner, "l LIST \"\" *");
            assert!(listed.contains(" Doomed") && !listed.contains(" Made"), "{attack} ({selected}): {told}");
        }
    }
    // After all of that only messages were added to the one mailbox, and none of them is Secret's.
    ok(&mut owner, "s EXAMINE Boite");
    assert!(ok(&mut owner, "f SEARCH SUBJECT shared").contains("* SEARCH 1\n"), "nothing came from elsewhere");
    // Withdrawn while it is selected: selecting it again leaves nothing behind either.
    let mut imap = Imap::log_in(gateway.imap, "u00056@a.test", "pw-u00056");
    ok(&mut imap, &format!("s SELECT {there}"));
    ok(&mut owner, "s DELETEACL Boite u00056");
    imap.send(format!("a SELECT {there}\r\nb SELECT Secret\r\nzz LOGOUT\r\n").as_bytes());
    let told = imap.answer("zz").join("\n");
    assert!(!told.contains("[READ-"), "{told}");
    // What is sought may be any text.
    ok(&mut owner, "s SETACL Boite u00056 lr");
    let mut imap = Imap::log_in(gateway.imap, "u00056@a.test", "pw-u00056");
    ok(&mut imap, &format!("s SELECT {there}"));
    for text in ["shared", "élève", "shared"] {
        imap.send(
            format!("a UID SEARCH CHARSET UTF-8 SUBJECT {{{}+}}\r\n{text} NOT DELETED\r\n", text.len()).as_bytes(),
        );
        let told = imap.answer("a").join("\n");
        assert!(told.contains("a OK") && told.contains("* SEARCH 1") == (text == "shared"), "{text}: {told}");
    }
}

#[test]
fn a_move_from_a_mailbox_that_is_only_read_says_so() {
    let gateway = Gateway::start("shared-examine");
    let mut owner = Imap::log_in(gateway.imap, "u00057@a.test", "pw-u00057");
    mailbox(&mut owner, "But", 0);
    ok(&mut owner, "s SETACL But u00058 lrswite");
    let mut imap = Imap::log_in(gateway.imap, "u00058@a.test", "pw-u00058");
    mailbox(&mut imap, "Source", 1);
    ok(&mut imap, "s EXAMINE Source");
    no(&mut imap, "m MOVE 1 \"Other users/u00057/But\"");
    ok(&mut imap, "s SELECT Source");
    ok(&mut imap, "m MOVE 1 \"Other users/u00057/But\"");
    assert!(ok(&mut imap, "t STATUS Source (MESSAGES)").contains("MESSAGES 0"));
}
