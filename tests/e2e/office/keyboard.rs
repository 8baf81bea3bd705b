//! The office by keys alone: no click, no mouse, and the focus never out of sight. `browser/office_keyboard.mjs` is the visitor.

use super::{append, empty, visit};
use crate::{
    harness::{Gateway, Imap},
    shared_mail::ok,
};

/// Who is visited: of garonne, and of no other test.
const READER: &str = "u00880";
/// Who is given a folder.
const COLLEAGUE: &str = "u00097";

#[test]
fn all_that_matters_is_done_by_keys_alone() {
    let gateway = Gateway::start("office-keyboard");
    let mut imap = Imap::log_in(gateway.imap, &format!("{READER}@a.test"), &format!("pw-{READER}"));
    empty(&mut imap);
    imap.command("d DELETE Dossier");
    ok(&mut imap, "c CREATE Dossier");
    // One of each for a language of the visitor; an answer comes back to who writes it.
    for subject in ["Reunion fr-FR", "Archives fr-FR", "Reunion ar", "Archives ar"] {
        let id = subject.replace(' ', "-");
        append(
            &mut imap,
            "INBOX",
            "",
            &format!(
                "From: Ada Roux <u00001@a.test>\nReply-To: {READER}@a.test\nTo: {READER}@a.test\nSubject: {subject}\nMessage-ID: <{id}@keys.a.test>\n\
                 MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nBonjour,\n\nà lundi ?\n"
            ),
        );
    }
    visit("office_keyboard.mjs", &gateway, &[READER, COLLEAGUE]);
}
