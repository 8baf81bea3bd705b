//! Pictures that messages show from elsewhere, in Chromium: `browser/office_pictures.mjs` is the visitor, and has the server.

use super::{append, empty, visit};
use crate::harness::{Gateway, Imap, State};
use std::{fmt::Write, fs, net::TcpListener};

/// Who is visited: of garonne, and of no other test.
const READER: &str = "u00862";

fn message(subject: &str, html: &str) -> String {
    format!(
        "From: Association <asso@b.test>\nTo: {READER}@a.test\nSubject: {subject}\nMessage-ID: <{subject}@b.test>\n\
         MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n{html}\n"
    )
}

#[test]
fn pictures_of_elsewhere_come_by_the_gateway_when_they_are_wanted() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let gateway = Gateway::start_with("office-pictures", &State::Sqlite, |config| {
        let file = config.join("institutions/garonne/institution.toml");
        let table =
            format!("[remote_images]\nkind = \"direct\"\nports = [{server}]\nallow_networks = [\"127.0.0.0/8\"]\n");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{text}\n{table}")).unwrap();
    });
    let mut imap = Imap::log_in(gateway.imap, &format!("{READER}@a.test"), &format!("pw-{READER}"));
    empty(&mut imap);
    let at = format!("http://127.0.0.1:{server}");
    let letter = format!(
        "<style>h1 {{ background-image: url('{at}/title.png') }}</style><h1>La lettre</h1>\n\
         <img class=\"one\" src=\"{at}/one.png\"> <img class=\"one\" src=\"{at}/one.png\" width=\"64\">\n\
         <p style=\"background-image: url({at}/style.png)\">Bonjour</p><table><tr><td background=\"{at}/cell.png\">Lundi<td>8 h<tr><td colspan=\"2\" bgcolor=\"#eeeeee\">Mardi</table>\n\
         <img src=\"{at}/none\" alt=\"Le plan\"> <img src=\"{at}/page\" width=\"120\" height=\"60\">"
    );
    append(&mut imap, "INBOX", "", &message("Lettre", &letter));
    let mut album = "<h1>Album</h1>".to_owned();
    for number in 0..60 {
        write!(album, "\n<img src=\"{at}/{number}.png\">").unwrap();
    }
    append(&mut imap, "INBOX", "", &message("Album", &album));
    visit("office_pictures.mjs", &gateway, &[READER, &server.to_string()]);
}
