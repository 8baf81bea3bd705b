//! Conversations in a list, suggestions of addresses, and what a quote keeps: `browser/office_conversations.mjs` is the visitor.

use super::{append, empty, visit};
use crate::harness::{Gateway, Imap};

/// Who is visited: of garonne, and of no other test.
const READER: &str = "u00863";

fn message(from: &str, to: &str, subject: &str, id: &str, fields: &str, text: &str) -> String {
    format!(
        "From: {from}\nTo: {to}\nSubject: {subject}\nMessage-ID: <{id}@a.test>\n{fields}Date: Tue, 24 Nov 2026 10:00:00 +0100\n\
         MIME-Version: 1.0\nContent-Type: text/{}; charset=utf-8\n\n{text}\n",
        if text.starts_with('<') { "html" } else { "plain" }
    )
}

#[test]
fn a_row_is_a_conversation_and_letters_suggest_people() {
    let gateway = Gateway::start("office-conversations");
    let mut imap = Imap::log_in(gateway.imap, &format!("{READER}@a.test"), &format!("pw-{READER}"));
    empty(&mut imap);
    let own = format!("{READER}@a.test");
    let ada = "Ada Roux <u00001@a.test>";
    for number in 0..10 {
        let text = format!("Bonjour, voici le document {number}.");
        append(
            &mut imap,
            "INBOX",
            "\\Seen",
            &message("Amina <amina@a.test>", &own, &format!("Note {number}"), &format!("n{number}"), "", &text),
        );
    }
    let answers = "In-Reply-To: <c1@a.test>\nReferences: <c1@a.test>\n";
    append(&mut imap, "INBOX", "", &message(ada, &own, "Projet commun", "c1", "", "On commence quand ?"));
    append(&mut imap, "Sent", "\\Seen", &message(&own, ada, "Re: Projet commun", "c2", answers, "Lundi."));
    append(&mut imap, "Drafts", "\\Seen \\Draft", &message(&own, ada, "Re: Projet commun", "c5", answers, "Ou"));
    append(&mut imap, "INBOX", "\\Seen", &message(ada, &own, "Re: Projet commun", "c3", answers, "Parfait."));
    append(
        &mut imap,
        "INBOX",
        "\\Seen",
        &message("=?utf-8?q?L=C3=A9o?= Martin <leo@a.test>", &own, "Re: Projet commun", "c4", answers, "J’y serai."),
    );
    let table = "<table width=\"320\"><tr><td colspan=\"2\" align=\"center\">Horaires</td></tr><tr><td>8 h</td><td>9 h</td></tr></table>\n\
                 <p dir=\"rtl\">مرحبا</p><p><a href=\"javascript:ran()\">ici</a></p>";
    append(&mut imap, "INBOX", "\\Seen", &message(ada, &own, "Tableau", "c6", "", table));
    append(
        &mut imap,
        "Sent",
        "\\Seen",
        &message(&own, "=?utf-8?q?Zo=C3=A9?= Quillien <zoe@elsewhere.test>", "Bonjour", "c7", "", "Bonjour Zoé"),
    );
    visit("office_conversations.mjs", &gateway, &[READER]);
}
