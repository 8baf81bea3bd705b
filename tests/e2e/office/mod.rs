//! The office in Chromium, on real stores: mail is read, filed, searched, written and sent, in French and in Arabic, on a desk and
//! on a phone; hostile mail neither runs nor calls out. `browser/office.mjs` and `browser/office_hostile.mjs` are the visitors.

mod alarms;
mod archive;
mod backup;
mod calendar;
mod colleagues;
mod contacts;
mod conversations;
mod desk;
mod faults;
mod feeds;
mod filters;
mod keyboard;
mod many;
mod meeting;
mod notes;
mod pdf;
mod pictures;
mod publication;
mod series;
mod tasks;

use crate::{
    browser::install,
    collections::radicale,
    harness::{Gateway, Imap, campus, root, run, try_run},
};
use std::{
    fs,
    net::TcpListener,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

/// Who is visited: of garonne, and of no other test.
const READER: &str = "u00860";
const VICTIM: &str = "u00861";

static SECONDS: AtomicUsize = AtomicUsize::new(0);

/// Takes away what an earlier run on the same campus has left.
fn empty(imap: &mut Imap) {
    for mailbox in ["Sent", "Drafts", "Trash", "Archive", "INBOX"] {
        imap.command(&format!("s SELECT {mailbox}"));
        imap.command("d STORE 1:* +FLAGS.SILENT (\\Deleted)");
        imap.command("c CLOSE");
    }
}

fn append(imap: &mut Imap, mailbox: &str, flags: &str, message: &str) {
    let message = message.replace('\n', "\r\n");
    // A second later than the one before: their order is known.
    let second = SECONDS.fetch_add(1, Ordering::Relaxed);
    let (minute, second) = (second / 60, second % 60);
    let head = format!(
        "p APPEND {mailbox} ({flags}) \"01-Mar-2020 10:{minute:02}:{second:02} +0000\" {{{}+}}\r\n",
        message.len()
    );
    imap.send(head.as_bytes());
    imap.send(message.as_bytes());
    imap.send(b"\r\n");
    let answer = imap.answer("p");
    assert!(answer.last().is_some_and(|line| line.starts_with("p OK")), "{answer:?}");
}

/// Nothing in somebody's calendars and address books, and one message: the office begins at mail.
fn begin_anew(gateway: &Gateway, login: &str) {
    radicale("DELETE", &format!("/a-{login}/"), "");
    let mut imap = Imap::log_in(gateway.imap, &format!("{login}@a.test"), &format!("pw-{login}"));
    empty(&mut imap);
    append(&mut imap, "INBOX", "\\Seen", "From: a@a.test\nTo: b@a.test\nSubject: first\n\ntext\n");
}

/// Another program: Python's caldav as somebody, whose principal is `p`.
fn python(gateway: &Gateway, login: &str, script: &str) {
    let ready = format!(
        "import caldav\nc = caldav.DAVClient('https://localhost:{}/dav/', username='{login}@a.test', password='pw-{login}', ssl_verify_cert='{}')\n\
         p = c.principal()\n{script}",
        gateway.https,
        campus("CAMPUS_CA"),
    );
    run("/usr/bin/python3", &["-c", &ready]);
}

pub(crate) fn visit(script: &str, gateway: &Gateway, more: &[&str]) {
    let folder = root().join("tests/e2e/browser");
    install(&folder);
    let certificates = Path::new(campus("CAMPUS_CA")).parent().unwrap();
    let (script, port) = (folder.join(script), gateway.https.to_string());
    let shots = root().join("target/test/office");
    fs::create_dir_all(&shots).unwrap();
    let mut arguments = vec![script.to_str().unwrap(), certificates.to_str().unwrap(), &port, shots.to_str().unwrap()];
    arguments.extend(more);
    let done = try_run("node", &arguments);
    let said = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{}\n{}", said.0, said.1);
}

/// A message of the time, of which a picture and a file belong to it.
fn with_parts() -> String {
    let picture = "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAJElEQVR42mP4cOchHHWJWsARLnGGQaiBGEXI4oNRw2g8DAoNAGvvwhA0X6f1AAAAAElFTkSuQmCC";
    format!(
        "From: =?utf-8?q?Biblioth=C3=A8que?= <biblio@a.test>\nTo: {READER}@a.test\nSubject: =?utf-8?q?Horaires_d=E2=80=99hiver?=\n\
         Message-ID: <parts@a.test>\nDate: Fri, 20 Nov 2026 09:00:00 +0100\nMIME-Version: 1.0\n\
         Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: multipart/related; boundary=r\n\n--r\n\
         Content-Type: text/html; charset=utf-8\n\n<h1 style=\"color:#8a1538\">Horaires</h1><p>Le plan : <img src=\"cid:plan@a\" alt=\"plan\">\n\
         <img src=\"https://tracker.test/x.png\"></p><table><tr><th>Lundi<td>8 h – 20 h</table>\n\n--r\n\
         Content-Type: image/png; name=plan.png\nContent-ID: <plan@a>\nContent-Disposition: inline\nContent-Transfer-Encoding: base64\n\n{picture}\n\n\
         --r--\n--m\nContent-Type: application/pdf; name=\"Règlement.pdf\"\nContent-Disposition: attachment; filename=\"reglement.pdf\"\n\
         Content-Transfer-Encoding: base64\n\nJVBERi0xLjQK\n--m--\n"
    )
}

fn fill(gateway: &Gateway) {
    let mut imap = Imap::log_in(gateway.imap, &format!("{READER}@a.test"), &format!("pw-{READER}"));
    empty(&mut imap);
    let subjects = [
        "Compte rendu de la réunion",
        "Inscription aux examens",
        "Salle B204 indisponible jeudi",
        "اجتماع القسم يوم الإثنين",
        "Votre prêt arrive à échéance",
        "Maintenance du réseau samedi",
        "Jury de thèse : convocation",
    ];
    for number in 0..120 {
        let subject = subjects.iter().cycle().nth(number).unwrap();
        let flags = if number < 100 { "\\Seen" } else { "" };
        append(
            &mut imap,
            "INBOX",
            flags,
            &format!(
                "From: Amina Benali <amina{number}@a.test>\nTo: {READER}@a.test\nSubject: {subject}\nMessage-ID: <n{number}@a.test>\n\
                 Date: Mon, 16 Nov 2026 09:00:00 +0100\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n\
                 Bonjour,\n\nVoici le document numéro {number} : https://a.test/{number}\n\n> Quand aurez-vous le document ?\n\nAmina\n"
            ),
        );
    }
    append(&mut imap, "INBOX", "", &with_parts());
    let thread = |from: &str, to: &str, id: &str, reply: &str, text: &str| {
        format!(
            "From: {from}\nTo: {to}\nSubject: Projet commun\nMessage-ID: <{id}@a.test>\n{reply}Date: Tue, 24 Nov 2026 10:00:00 +0100\n\
             MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
        )
    };
    let (ada, own) = ("Ada Roux <u00001@a.test>", format!("{READER}@a.test"));
    let answers = "In-Reply-To: <t1@a.test>\nReferences: <t1@a.test>\n";
    append(&mut imap, "INBOX", "\\Seen", &thread(ada, &own, "t1", "", "On commence quand ?"));
    append(&mut imap, "Sent", "\\Seen", &thread(&own, ada, "t2", answers, "Lundi, si cela vous va."));
    append(
        &mut imap,
        "INBOX",
        "",
        &thread(
            ada,
            &own,
            "t3",
            "In-Reply-To: <t2@a.test>\nReferences: <t1@a.test> <t2@a.test>\n",
            "Parfait, à lundi.",
        ),
    );
}

#[test]
fn mail_is_read_filed_searched_and_written() {
    let gateway = Gateway::start("office");
    fill(&gateway);
    visit("office.mjs", &gateway, &[READER]);
}

/// Each family with its messages' texts, from a file in which a line `## family -- source` begins one and `%%` ends a text.
fn hostile() -> Vec<(String, String)> {
    let text = include_str!("hostile.txt");
    let families = text.split("\n## ").skip(1);
    let of = |family: &str| {
        let (name, texts) = family.split_once('\n').unwrap();
        texts
            .split("\n%%")
            .map(|it| (name.to_owned(), it.trim().to_owned()))
            .filter(|(_, it)| !it.is_empty())
            .collect::<Vec<_>>()
    };
    families.flat_map(of).collect()
}

#[test]
fn hostile_mail_neither_runs_nor_calls_out() {
    let gateway = Gateway::start("office-hostile");
    let tracker = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut imap = Imap::log_in(gateway.imap, &format!("{VICTIM}@a.test"), &format!("pw-{VICTIM}"));
    empty(&mut imap);
    let hostile = hostile();
    assert!(hostile.len() > 60, "{}", hostile.len());
    for (number, (family, text)) in hostile.iter().enumerate() {
        let text = text.replace("{tracker}", &format!("127.0.0.1:{tracker}"));
        append(
            &mut imap,
            "INBOX",
            "",
            &format!(
                "From: \"<img src=x onerror=ran()>\" <x{number}@b.test>\nTo: {VICTIM}@a.test\nSubject: {number} {family}\nMessage-ID: <h{number}@b.test>\n\
                 MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n{text}\n"
            ),
        );
    }
    let (tracker, count) = (tracker.to_string(), hostile.len().to_string());
    visit("office_hostile.mjs", &gateway, &[VICTIM, &tracker, &count]);
}
