//! Mail accounts elsewhere: a person of garonne adds the account that they have at autan's Dovecot, by the page, and uses it by
//! IMAP. What a server elsewhere can do to others than its own folder is in `hostile`.

mod hostile;
mod pop3;
mod programs;

use crate::{
    administration::{Swept, word},
    harness::{Answer, Gateway, Imap, State, binary, campus, run},
    shared_mail::{mailbox, ok},
    web::Browser,
    xmlrpc::{ADMINISTRATOR, python},
};
use std::{fs, path::Path};

const HOST: &str = "garonne.localhost";

/// The table of the settings that lets people of garonne reach these ports of the campus.
fn offer(config: &Path, ports: &[u16], more: &str) {
    let file = config.join("institutions/garonne/institution.toml");
    let text = fs::read_to_string(&file).unwrap();
    let table = format!(
        "[external_mail]\nkind = \"direct\"\nports = {ports:?}\nallow_networks = [\"127.0.0.0/8\"]\nca = \"{}\"\ntimeout_ms = 3000\n{more}\n",
        campus("CAMPUS_CA")
    );
    fs::write(&file, text + &table).unwrap();
}

/// Autan's Dovecot, by TLS.
pub fn elsewhere() -> u16 {
    campus("CAMPUS_IMAPS_B").parse().unwrap()
}

/// A gateway whose people of garonne may have accounts at autan's Dovecot, and on these ports.
pub fn gateway(name: &str, ports: &[u16], more: &str) -> Gateway {
    let ports: Vec<u16> = ports.iter().copied().chain([elsewhere()]).collect();
    Gateway::start_with(name, &State::Sqlite, |config| offer(config, &ports, more))
}

fn try_to_add(
    browser: &mut Browser<'_>,
    label: &str,
    (host, port, tls): (&str, u16, &str),
    who: (&str, &str),
) -> Answer {
    let port = port.to_string();
    let fields =
        [("label", label), ("host", host), ("port", &port), ("tls", tls), ("login", who.0), ("password", who.1)];
    browser.post("/external-mail", &fields)
}

/// A person's browser, with an account at autan's Dovecot of the same login, called `Autan`.
fn with_account<'g>(gateway: &'g Gateway, login: &str) -> Browser<'g> {
    let password = format!("pw-{login}");
    let mut browser = Browser::sign_in(gateway, HOST, login, &password);
    let added = try_to_add(&mut browser, "Autan", ("127.0.0.1", elsewhere(), "implicit"), (login, &password));
    assert_eq!(added.status, 201, "{}", added.body);
    assert!(!added.body.contains(&password), "no password is shown");
    browser
}

/// The account as its own server shows it.
fn directly(login: &str) -> Imap {
    Imap::log_in(campus("CAMPUS_IMAP_B").parse().unwrap(), login, &format!("pw-{login}"))
}

fn log_in(gateway: &Gateway, login: &str) -> Imap {
    Imap::log_in(gateway.imap, login, &format!("pw-{login}"))
}

#[track_caller]
fn no(imap: &mut Imap, command: &str) -> String {
    let told = imap.command(command);
    let tag = command.split(' ').next().unwrap();
    assert!(told.last().unwrap().starts_with(&format!("{tag} NO")), "{command}: {told:?}");
    told.last().unwrap().clone()
}

#[test]
fn an_account_is_tried_before_it_is_kept_and_every_fault_has_its_word() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = nobody.local_addr().unwrap().port();
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let gateway = gateway("external-add", &[silent, gone], "");
    let mut browser = Browser::sign_in(&gateway, HOST, "u00041", "pw-u00041");
    assert!(browser.get("/basic").body.contains("href=\"/external-mail\""));
    let good = ("u00041", "pw-u00041");
    for (host, port, tls, who, expected) in [
        ("127.0.0.1", elsewhere(), "implicit", ("u00041", "wrong"), "does not take this login"),
        ("127.0.0.1", elsewhere(), "clear", good, "does not offer the protection"),
        ("127.0.0.1", elsewhere(), "starttls", good, ""),
        ("10.0.0.1", elsewhere(), "implicit", good, "may not be reached from here"),
        ("169.254.169.254", elsewhere(), "implicit", good, "may not be reached from here"),
        ("::1", elsewhere(), "implicit", good, "may not be reached from here"),
        ("0x7f.1", 25, "implicit", good, "This port may not be used"),
        // Where names are asked of nobody who answers, this one takes too long instead.
        ("nowhere.invalid", elsewhere(), "implicit", good, ""),
        ("127.0.0.1", gone, "implicit", good, "does not answer"),
        ("127.0.0.1", silent, "implicit", good, "did not answer in time"),
        ("a b", elsewhere(), "implicit", good, "cannot be"),
    ] {
        let answer = try_to_add(&mut browser, "x", (host, port, tls), who);
        assert!(answer.status == 422 || answer.status == 400, "{host}:{port}: {}", answer.status);
        assert!(
            answer.body.contains("role=\"alert\"") && answer.body.contains(expected),
            "{host}:{port} {expected}: {}",
            answer.body
        );
    }
    assert!(browser.get("/external-mail").body.contains("You have added none yet"));

    let added = try_to_add(&mut browser, "Autan", ("127.0.0.1", elsewhere(), "implicit"), good);
    assert_eq!(added.status, 201, "{}", added.body);
    let again = try_to_add(&mut browser, "autan", ("127.0.0.1", elsewhere(), "implicit"), good);
    assert_eq!(again.status, 409);
    // Neither the database nor the log has the password.
    let state = fs::read(gateway.dir.join("state/state.sqlite")).unwrap();
    let wal = fs::read(gateway.dir.join("state/state.sqlite-wal")).unwrap_or_default();
    for kept in [&state[..], &wal, gateway.log().as_bytes()] {
        assert!(!kept.windows(9).any(|octets| octets == b"pw-u00041"));
    }
    // Autan does not offer it, and a person of garonne sees nothing of others'.
    let other = Browser::sign_in(&gateway, HOST, "u00042", "pw-u00042");
    assert!(!other.get("/external-mail").body.contains("Autan"));
    let abroad = Browser::sign_in(&gateway, "autan.localhost", "u00041", "pw-u00041");
    assert_eq!(abroad.get("/external-mail").status, 404);
    assert!(!abroad.get("/basic").body.contains("/external-mail"));
}

#[test]
fn a_certificate_that_nobody_trusted_vouches_for_is_refused() {
    let gateway = Gateway::start_with("external-certificate", &State::Sqlite, |config| {
        offer(config, &[elsewhere()], "");
        let file = config.join("institutions/garonne/institution.toml");
        let text = fs::read_to_string(&file).unwrap();
        let (before, table) = text.split_once("[external_mail]").unwrap();
        // Of the campus, and no authority.
        let other = Path::new(campus("CAMPUS_CA")).with_file_name("garonne.pem");
        let table = table.replace(campus("CAMPUS_CA"), other.to_str().unwrap());
        fs::write(&file, format!("{before}[external_mail]{table}")).unwrap();
    });
    let mut browser = Browser::sign_in(&gateway, HOST, "u00049", "pw-u00049");
    let place = ("127.0.0.1", elsewhere(), "implicit");
    let answer = try_to_add(&mut browser, "x", place, ("u00049", "pw-u00049"));
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("certificate is not good for its name"), "{}", answer.body);
}

#[test]
fn by_default_nothing_of_this_machine_is_dialled_and_starttls_is_a_way_in() {
    let in_clear: u16 = campus("CAMPUS_IMAP_B").parse().unwrap();
    let with = |name: &str, more: &str| {
        Gateway::start_with(name, &State::Sqlite, |config| {
            let file = config.join("institutions/garonne/institution.toml");
            let text = fs::read_to_string(&file).unwrap();
            let table = format!(
                "[external_mail]\nkind = \"direct\"\nports = [{in_clear}]\nca = \"{}\"\n{more}\n",
                campus("CAMPUS_CA")
            );
            fs::write(&file, text + &table).unwrap();
        })
    };
    for (name, more, expected) in [
        ("external-default", "", Some("may not be reached from here")),
        (
            "external-refused",
            "allow_networks = [\"127.0.0.0/8\"]\nrefuse_networks = [\"127.0.0.1\"]",
            Some("may not be reached from here"),
        ),
        ("external-starttls", "allow_networks = [\"127.0.0.0/8\"]", None),
    ] {
        let gateway = with(name, more);
        let mut browser = Browser::sign_in(&gateway, HOST, "u00040", "pw-u00040");
        for host in ["127.0.0.1", "localhost"] {
            let label = if host == "localhost" { "Name" } else { "Number" };
            let answer = try_to_add(&mut browser, label, (host, in_clear, "starttls"), ("u00040", "pw-u00040"));
            match expected {
                Some(expected) => {
                    assert!(answer.status == 422 && answer.body.contains(expected), "{name}: {}", answer.body);
                }
                None => assert_eq!(answer.status, 201, "{name} {host}: {}", answer.body),
            }
        }
        if expected.is_none() {
            ok(&mut log_in(&gateway, "u00040"), "s SELECT External/Name/INBOX");
        }
    }
}

#[test]
fn its_folders_are_read_and_changed_beside_ones_own() {
    let gateway = gateway("external-use", &[], "");
    let _browser = with_account(&gateway, "u00043");
    let mut there = directly("u00043");
    mailbox(&mut there, "Projets", 3);
    there.command("c CREATE Projets/Sous");
    let mut imap = log_in(&gateway, "u00043");

    let told = ok(&mut imap, "n NAMESPACE");
    assert!(told.contains("(\"External/\" \"/\")"), "{told}");
    let listed = ok(&mut imap, "l LIST \"\" *");
    for line in [
        "* LIST (\\Noselect \\HasChildren) \"/\" \"External\"",
        "\"External/Autan\"",
        "\"External/Autan/INBOX\"",
        "\"External/Autan/Projets\"",
        "\"External/Autan/Projets/Sous\"",
        " INBOX",
    ] {
        assert!(listed.contains(line), "{line} in {listed}");
    }
    let listed = ok(&mut imap, "l LIST \"\" External/%");
    assert!(listed.contains("\"External/Autan\"") && !listed.contains("Projets"), "{listed}");
    let listed = ok(&mut imap, "l LIST \"\" External/Autan/* RETURN (STATUS (MESSAGES))");
    assert!(listed.contains("* STATUS \"External/Autan/Projets\" (MESSAGES 3)"), "{listed}");
    assert!(ok(&mut imap, "l LSUB \"\" *").contains("External/Autan/Projets"));
    let name = "\"External/Autan/Projets\"";
    assert!(ok(&mut imap, &format!("t STATUS {name} (MESSAGES UIDNEXT)")).contains("(MESSAGES 3"));
    assert!(ok(&mut imap, &format!("r MYRIGHTS {name}")).contains("lrswipte"));
    for refused in [&format!("r SETACL {name} u00044 lr"), &format!("g GETMETADATA {name} /shared/comment")] {
        assert!(no(&mut imap, refused).contains("CANNOT"), "{refused}");
    }
    assert!(ok(&mut imap, &format!("q GETQUOTAROOT {name}")).contains(&format!("* QUOTAROOT {name}")));

    ok(&mut imap, "s SELECT INBOX");
    let told = ok(&mut imap, &format!("s SELECT {name}"));
    assert!(told.contains("* 3 EXISTS") && told.contains("UIDVALIDITY") && told.contains("[READ-WRITE]"), "{told}");
    assert!(ok(&mut imap, "f FETCH 1 (ENVELOPE BODY[])").contains("Subject: shared"));
    assert!(ok(&mut imap, "f STORE 2 +FLAGS (\\Flagged)").contains("\\Flagged"));
    assert!(ok(&mut imap, "f SEARCH FLAGGED").contains("* SEARCH 2\n"));
    // A word that is no ASCII goes as a literal.
    imap.send("f SEARCH CHARSET UTF-8 SUBJECT {3+}\r\né!\r\n".as_bytes());
    assert!(imap.answer("f").last().unwrap().starts_with("f OK"));
    // Between the two, both ways.
    assert!(ok(&mut imap, "f COPY 2 INBOX").contains("COPYUID"));
    ok(&mut imap, "f MOVE 3 INBOX");
    ok(&mut there, "s SELECT Projets");
    assert!(ok(&mut there, "f SEARCH ALL").contains("* SEARCH 1 2\n"));
    // IDLE: what comes there is seen here.
    imap.send(b"i IDLE\r\n");
    assert!(imap.line().starts_with('+'));
    there.send(b"p APPEND Projets {12+}\r\nSubject: x\r\n\r\n");
    assert!(there.answer("p").join("").contains("p OK"));
    while !imap.line().ends_with("3 EXISTS") {}
    imap.send(b"DONE\r\n");
    assert!(imap.answer("i").last().unwrap().starts_with("i OK"));
    // The own store is at hand meanwhile, and takes a message.
    assert!(ok(&mut imap, "t STATUS INBOX (MESSAGES)").contains("STATUS INBOX"));
    imap.send(b"p APPEND INBOX {12+}\r\nSubject: y\r\n\r\n");
    assert!(imap.answer("p").join("").contains("p OK"));
    imap.send(b"p APPEND External/Autan/Projets (\\Seen) {12+}\r\nSubject: z\r\n\r\n");
    let told = imap.answer("p").join("\n");
    assert!(told.contains("p OK [APPENDUID"), "{told}");
    ok(&mut imap, "f UID STORE 1:* +FLAGS.SILENT (\\Deleted)");
    ok(&mut imap, "c CLOSE");
    assert!(ok(&mut imap, &format!("t STATUS {name} (MESSAGES)")).contains("(MESSAGES 0)"));
    // While one's own is selected, nothing of the other's count is told.
    ok(&mut imap, "s SELECT INBOX");
    imap.send(b"p APPEND External/Autan/Projets {12+}\r\nSubject: z\r\n\r\n");
    let told = imap.answer("p").join("\n");
    assert!(told.starts_with("p OK [APPENDUID") || told.starts_with("+ "), "{told}");
    assert!(ok(&mut imap, "f COPY 1 External/Autan/Projets").contains("COPYUID"));
    assert!(ok(&mut imap, &format!("t STATUS {name} (MESSAGES)")).contains("(MESSAGES 2)"));
    // Folders there.
    ok(&mut imap, "c CREATE External/Autan/Neuf");
    ok(&mut imap, "c RENAME External/Autan/Neuf External/Autan/Ancien");
    assert!(ok(&mut imap, "l LIST \"\" External/Autan/*").contains("\"External/Autan/Ancien\""));
    ok(&mut imap, "c DELETE External/Autan/Ancien");
    let listed = ok(&mut imap, "l LIST \"\" External/Autan/*");
    assert!(!listed.contains("Ancien") && !listed.contains("Neuf"), "{listed}");
    assert!(no(&mut imap, "c RENAME External/Autan/Projets Projets").contains("CANNOT"));
    ok(&mut imap, &format!("s SUBSCRIBE {name}"));
    for nothing in ["s SELECT External/Autan/Rien", "s SELECT External/Nobody/INBOX", "s SELECT External/Autan"] {
        assert!(no(&mut imap, nothing).contains("NONEXISTENT"), "{nothing}");
    }
}

#[test]
fn an_app_password_that_only_reads_changes_nothing_there() {
    let gateway = gateway("external-read", &[], "");
    let mut browser = with_account(&gateway, "u00044");
    mailbox(&mut directly("u00044"), "Lu", 1);
    let made = browser.post("/app-passwords", &[("name", "x"), ("scope", "mail-reading")]);
    let password = made.body.split_once("<code class=\"secret\">").unwrap().1.split('<').next().unwrap();
    let mut imap = Imap::log_in(gateway.imap, "u00044", password);
    let told = ok(&mut imap, "s SELECT External/Autan/Lu");
    assert!(told.contains("[READ-ONLY]"), "{told}");
    assert!(ok(&mut imap, "f FETCH 1 BODY[]").contains("Subject: shared"));
    for refused in ["f STORE 1 +FLAGS (\\Seen)", "f EXPUNGE", "f COPY 1 INBOX", "c CREATE External/Autan/x"] {
        let told = imap.command(refused);
        assert!(!told.last().unwrap().starts_with("f OK") && !told.last().unwrap().starts_with("c OK"), "{told:?}");
    }
    ok(&mut imap, "u UNSELECT");
    assert!(!ok(&mut directly("u00044"), "s SELECT Lu").contains("[UNSEEN 0]"));
}

#[test]
fn what_is_removed_is_gone_and_a_renewed_password_opens() {
    let gateway = gateway("external-gone", &[], "");
    let mut browser = with_account(&gateway, "u00045");
    mailbox(&mut directly("u00045"), "Ailleurs", 1);
    let mut imap = log_in(&gateway, "u00045");
    ok(&mut imap, "s SELECT External/Autan/Ailleurs");
    let page = browser.get("/external-mail").body;
    let id = page.split_once("name=\"id\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let wrong = browser.post("/external-mail/password", &[("id", &id), ("password", "wrong")]);
    assert_eq!(wrong.status, 422, "{}", wrong.body);
    let right = browser.post("/external-mail/password", &[("id", &id), ("password", "pw-u00045")]);
    assert_eq!(right.status, 200, "{}", right.body);
    ok(&mut imap, "n NOOP");
    let mut waiting = log_in(&gateway, "u00045");
    ok(&mut waiting, "s SELECT External/Autan/Ailleurs");
    waiting.send(b"i IDLE\r\n");
    assert!(waiting.line().starts_with('+'));
    let removed = browser.post("/external-mail/remove", &[("id", &id)]);
    assert_eq!(removed.status, 303);
    assert_eq!(waiting.line(), "* BYE The account of the selected mailbox was removed");
    assert_eq!(imap.line(), "* BYE The account of the selected mailbox was removed");
    let mut imap = log_in(&gateway, "u00045");
    assert!(no(&mut imap, "s SELECT External/Autan/Ailleurs").contains("NONEXISTENT"));
    assert!(!ok(&mut imap, "l LIST \"\" *").contains("External"));
}

#[test]
fn a_changed_key_opens_what_the_old_one_sealed_and_seals_it_anew() {
    let mut gateway = gateway("external-keys", &[], "");
    drop(with_account(&gateway, "u00046"));
    mailbox(&mut directly("u00046"), "Ici", 1);
    let config = gateway.config();
    fs::write(config.join("new.key"), b"another key of thirty-two octets").unwrap();
    let file = config.join("passerelle.toml");
    let text = fs::read_to_string(&file).unwrap();
    let (old, new) = ("{ file = \"session.key\" }", "{ file = \"new.key\" }");
    gateway.kill();
    fs::write(&file, text.replace(old, &format!("{new}, {old}"))).unwrap();
    gateway.run();
    gateway.wait_for_log("are under the newest key");
    gateway.kill();
    // The old one is gone for good.
    fs::write(&file, text.replace(old, new)).unwrap();
    gateway.run();
    ok(&mut log_in(&gateway, "u00046"), "s SELECT External/Autan/Ici");
}

#[test]
fn an_account_elsewhere_follows_its_owner_and_ends_with_them() {
    let (gateway, w) = (gateway("external-renamed", &[], ""), word("ext"));
    let _swept = Swept::of(&w);
    let make = format!(
        "s.account.create({{'login': '{w}', 'name': 'Zoë', 'surname': 'Z', 'mails': ['{w}@a.test'], 'password': 'first word', 'affiliations': ['student']}})"
    );
    python(&gateway, ADMINISTRATOR, &make);
    let mut browser = Browser::sign_in(&gateway, HOST, &w, "first word");
    let added = try_to_add(&mut browser, "Autan", ("127.0.0.1", elsewhere(), "implicit"), ("u00050", "pw-u00050"));
    assert_eq!(added.status, 201, "{}", added.body);
    let reads = |login: &str| {
        let mut imap = Imap::connect(gateway.imap).0;
        ok(&mut imap, &format!("l LOGIN {login} \"first word\""));
        ok(&mut imap, "s SELECT External/Autan/INBOX");
        assert!(ok(&mut imap, "l LIST \"\" External/*").contains("External/Autan/INBOX"));
    };
    reads(&w);
    python(&gateway, ADMINISTRATOR, &format!("s.account.rename('{w}', '{w}r')"));
    reads(&format!("{w}r"));
    let kept = || {
        let (config, backup) = (gateway.config(), gateway.dir.join("backup"));
        let _ = fs::remove_file(&backup);
        let arguments = ["state", "--config", config.to_str().unwrap(), "backup", backup.to_str().unwrap()];
        run(binary().to_str().unwrap(), &arguments);
        fs::read_to_string(backup).unwrap()
    };
    let is_row = |line: &&str| line.contains("\"table\":\"external_accounts\"");
    let dump = kept();
    let row = dump.lines().find(is_row).unwrap();
    assert!(row.contains(&format!("garonne/{w}r")) && !row.contains("pw-u00050") && !row.contains("INBOX"), "{row}");
    python(&gateway, ADMINISTRATOR, &format!("s.account.delete('{w}r')"));
    assert_eq!(kept().lines().find(is_row), None);
}
