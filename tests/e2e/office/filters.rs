//! Filters that are made on a page, and what they do to mail that the campus's MTA delivers: `browser/office_filters.mjs` is the visitor.

use super::visit;
use crate::{
    harness::{Gateway, Imap},
    sieve::{Sieve, scripts::deliver},
};

/// Who is visited: of garonne, and of no other test.
const READER: &str = "u00864";
const BY_HAND: &str = "# by hand\r\nkeep;\r\n";

/// How many messages of a mailbox have this subject, and are flagged.
fn found(imap: &mut Imap, mailbox: &str, subject: &str) -> (usize, usize) {
    assert!(imap.command(&format!("e EXAMINE {mailbox}")).last().unwrap().starts_with("e OK"), "{mailbox}");
    let mut count = |search: &str| {
        let told = imap.command(&format!("f SEARCH {search} SUBJECT \"{subject}\""));
        told.iter().find_map(|line| line.strip_prefix("* SEARCH")).unwrap_or_default().split_whitespace().count()
    };
    (count("ALL"), count("FLAGGED"))
}

#[test]
fn a_rule_of_the_page_sorts_the_next_mail_and_another_script_stays() {
    let gateway = Gateway::start("office-filters");
    let login = format!("{READER}@a.test");
    let mut sieve = Sieve::log_in(&gateway, &login, &format!("pw-{READER}"));
    sieve.clear();
    let mut imap = Imap::log_in(gateway.imap, &login, &format!("pw-{READER}"));
    imap.command("d DELETE Filtered");
    assert!(imap.command("c CREATE Filtered").last().unwrap().starts_with("c OK"));
    super::append(&mut imap, "INBOX", "\\Seen", &format!("From: a@a.test\nTo: {login}\nSubject: first\n\ntext\n"));
    visit("office_filters.mjs", &gateway, &[READER, "make"]);

    let mark = format!("mark-{}", std::process::id());
    for subject in [format!("sorted {mark}"), format!("other {mark}")] {
        deliver("sender@a.test", &login, &subject);
    }
    assert_eq!(found(&mut imap, "Filtered", &format!("sorted {mark}")), (1, 1));
    assert_eq!(found(&mut imap, "INBOX", &format!("sorted {mark}")), (0, 0));
    assert_eq!(found(&mut imap, "INBOX", &format!("other {mark}")), (1, 0));

    let put = format!("PUTSCRIPT \"mine\" {{{}+}}\r\n{BY_HAND}", BY_HAND.len());
    assert!(sieve.last(&put).starts_with("OK"));
    assert!(sieve.last("SETACTIVE \"mine\"").starts_with("OK"));
    visit("office_filters.mjs", &gateway, &[READER, "foreign"]);
    let listed = sieve.say("LISTSCRIPTS");
    assert!(listed.contains(&"\"mine\" ACTIVE".to_owned()), "{listed:?}");
    assert!(listed.contains(&"\"Passerelle rules\"".to_owned()), "{listed:?}");
    assert_eq!(sieve.say("GETSCRIPT \"mine\"")[0], BY_HAND);
    sieve.clear();
}
