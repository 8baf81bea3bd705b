//! Mail at a desk that others change too, and where the network or the store is away: `browser/office_desk.mjs` and
//! `browser/office_away.mjs` are the visitors.

use super::{append, empty, visit};
use crate::{
    cut::by,
    harness::{Gateway, Imap, State, campus},
    shared_mail::ok,
};
use std::net::TcpListener;

/// Who is visited: of garonne, and of no other test.
const READER: &str = "u00868";
/// Who shares a mailbox with them.
const SHARER: &str = "u00869";
const WRITER: &str = "u00870";

#[test]
fn what_others_bring_is_there_and_what_one_does_is_done() {
    let gateway = Gateway::start("office-desk");
    let mut owner = Imap::log_in(gateway.imap, &format!("{SHARER}@a.test"), &format!("pw-{SHARER}"));
    owner.command("d DELETE Bureau");
    ok(&mut owner, "c CREATE Bureau");
    append(
        &mut owner,
        "Bureau",
        "\\Seen",
        "From: b@a.test\nSubject: =?utf-8?q?Partag=C3=A9?=\nMessage-ID: <shared@a.test>\n\ntext\n",
    );
    ok(&mut owner, &format!("s SETACL Bureau {READER} lr"));
    let mut imap = Imap::log_in(gateway.imap, &format!("{READER}@a.test"), &format!("pw-{READER}"));
    empty(&mut imap);
    for name in ["Dossier", "Junk"] {
        imap.command(&format!("d DELETE {name}"));
        ok(&mut imap, &format!("c CREATE {name}"));
    }
    append(&mut imap, "INBOX", "\\Seen", &format!("From: a@a.test\nTo: {READER}@a.test\nSubject: first\n\ntext\n"));
    visit("office_desk.mjs", &gateway, &[READER, &gateway.imap.to_string()]);
}

#[test]
fn nothing_typed_is_lost_while_the_store_or_the_network_is_away() {
    let way = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let gateway = Gateway::start_with("office-away", &State::Sqlite, |config| by(config, way));
    let mut imap = Imap::log_in(campus("CAMPUS_IMAP_A").parse().unwrap(), WRITER, &format!("pw-{WRITER}"));
    empty(&mut imap);
    append(&mut imap, "INBOX", "\\Seen", &format!("From: a@a.test\nTo: {WRITER}@a.test\nSubject: first\n\ntext\n"));
    visit("office_away.mjs", &gateway, &[WRITER, &way.to_string(), campus("CAMPUS_IMAP_A")]);
}
