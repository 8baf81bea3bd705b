//! Calendars and contacts as files, into real stores and out of them: what others' readers find in it, what is recognised, and what
//! is told to whom.

use super::{MAKE_BOOK, ask, card, event, files, radicale};
use crate::{
    backup::taken,
    harness::{Answer, Gateway, binary, campus, curl, run, try_run},
    office_api::Office,
    sharing::grants,
};
use serde_json::{Value, json};
use std::{fmt::Write as _, fs, path::Path};

const HOST: &str = "garonne.localhost";
/// The python that khal has its readers in.
const PYTHON: &str = "/usr/bin/python3";
/// What icalendar finds in a calendar: how many of each component, and the summaries in their order.
const CALENDAR: &str = "
import collections, icalendar, sys
whole = icalendar.Calendar.from_ical(open(sys.argv[1], 'rb').read())
count = collections.Counter(it.name for it in whole.subcomponents)
print(*('%s=%d' % it for it in sorted(count.items())))
print(*sorted(str(it.get('SUMMARY')) for it in whole.subcomponents if it.name == 'VEVENT'), sep='|')";
/// The same of cards, by vobject.
const CARDS: &str = "
import sys, vobject
print(*sorted(it.fn.value for it in vobject.readComponents(open(sys.argv[1], encoding='utf-8').read())), sep='|')";

/// Sends a file from a page of this origin.
fn upload(gateway: &Gateway, office: &Office<'_>, origin: &str, path: &str, file: &Path) -> Answer {
    let (data, kind) = (format!("@{}", file.display()), "Content-Type: application/octet-stream");
    let more = ["-b", &office.browser.cookie, "-H", origin, "-H", kind, "--data-binary", &data];
    curl(gateway, HOST, None, "POST", path, &more)
}

/// Sends a file from the office; what is told.
#[track_caller]
fn sent(gateway: &Gateway, office: &Office<'_>, path: &str, file: &Path) -> Value {
    let answer = upload(gateway, office, &office.browser.origin(), path, file);
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

fn counts(told: &Value) -> [u64; 5] {
    ["new", "replaced", "same", "skipped", "failed"].map(|name| told[name].as_u64().unwrap())
}

/// A term: a series with an exception in a zone of its own, a task, and an event that is none.
fn term() -> String {
    let zone = "BEGIN:VTIMEZONE\r\nTZID:Toulouse\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";
    let at = |name: &str, day: u8| format!("{name};TZID=Toulouse:202612{day:02}T090000\r\n");
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nMETHOD:PUBLISH\r\n{zone}\
         BEGIN:VEVENT\r\nUID:serie\r\nDTSTAMP:20261101T080000Z\r\n{}RRULE:FREQ=DAILY;COUNT=3\r\nSUMMARY:Algèbre\r\nEND:VEVENT\r\n\
         BEGIN:VEVENT\r\nUID:serie\r\nDTSTAMP:20261101T080000Z\r\n{}{}SUMMARY:Algèbre déplacée\r\nEND:VEVENT\r\n\
         BEGIN:VEVENT\r\nUID:wrong\r\nDTSTART:soon\r\nEND:VEVENT\r\n\
         BEGIN:VTODO\r\nUID:task\r\nDTSTAMP:20261101T080000Z\r\nSUMMARY:Rendre\r\nEND:VTODO\r\n\
         BEGIN:VEVENT\r\nUID:seul\r\nDTSTAMP:20261101T080000Z\r\n{}CLASS:PRIVATE\r\nSUMMARY:Médecin\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        at("DTSTART", 1),
        at("RECURRENCE-ID", 2),
        at("DTSTART", 3),
        at("DTSTART", 4)
    )
}

/// A calendar by the office and by WebDAV, on the store of a gateway.
fn a_calendar(gateway: &Gateway, login: &str) {
    let who = format!("{login}@a.test:pw-{login}");
    let at = format!("/dav/calendars/{login}/trimestre/");
    ask(gateway, &who, "DELETE", &at, &[], "");
    assert_eq!(ask(gateway, &who, "MKCALENDAR", &at, &[], "").status, 201);
    let office = Office::of(gateway, login);
    let file = gateway.dir.join("term.ics");
    fs::write(&file, term()).unwrap();
    let import = |how: &str| sent(gateway, &office, &format!("/api/calendars/import?name=trimestre&{how}"), &file);
    // What would be is told, and nothing is done.
    let preview = import("mode=dryRun");
    assert_eq!((counts(&preview), &preview["format"]), ([3, 0, 0, 0, 1], &json!("icalendar")), "{preview}");
    let row = preview["rows"].as_array().unwrap().iter().find(|row| row["outcome"] == "failed").unwrap();
    assert!(row["line"] == 29 && row["what"].as_str().unwrap().contains("DTSTART"), "{row}");
    assert_eq!(counts(&import("mode=dryRun")), [3, 0, 0, 0, 1]);
    assert_eq!(counts(&import("mode=write")), [3, 0, 0, 0, 1]);
    // Again, it makes nothing twice.
    assert_eq!(counts(&import("mode=write"))[0], 0);
    fs::write(&file, term().replace("SUMMARY:Rendre", "SUMMARY:Rendre tout")).unwrap();
    let skipped = import("mode=write");
    assert!(skipped["new"] == 0 && skipped["skipped"].as_u64().unwrap() >= 1, "{skipped}");
    let replaced = import("mode=write&duplicates=replace");
    assert!(replaced["new"] == 0 && replaced["replaced"].as_u64().unwrap() >= 1, "{replaced}");

    let whole = |who: &str, to: &str| {
        let answer = ask(gateway, who, "GET", to, &[], "");
        assert_eq!(answer.header("content-type"), Some("text/calendar; charset=utf-8"), "{}", answer.status);
        fs::write(gateway.dir.join("whole.ics"), &answer.body).unwrap();
        run(PYTHON, &["-c", CALENDAR, gateway.dir.join("whole.ics").to_str().unwrap()])
    };
    let expected = "VEVENT=3 VTIMEZONE=1 VTODO=1\nAlgèbre|Algèbre déplacée|Médecin\n";
    assert_eq!(whole(&who, &at), expected);
    let answer = office.browser.get("/api/calendars/export?name=trimestre");
    assert!(answer.body.contains("SUMMARY:Rendre tout"), "{}", answer.body);
    assert!(answer.header("content-disposition").unwrap().contains(".ics"), "{answer:?}");
    assert_eq!(ask(gateway, &who, "HEAD", &at, &[], "").status, 200);
    // Both: the file's own stands beside what is there, where it says something else.
    fs::write(&file, event("task", "another of its UID")).unwrap();
    assert_eq!(counts(&import("mode=write&duplicates=both")), [1, 0, 0, 0, 0]);
    assert_eq!(ask(gateway, &who, "GET", &at, &[], "").body.matches("BEGIN:VEVENT").count(), 4);

    // Of what is private whoever reads by a grant is told when it is.
    let (reader, theirs) = ("u00205@a.test:pw-u00205", format!("/dav/calendars/u00205/{login}@a.test:trimestre/"));
    assert_eq!(ask(gateway, reader, "GET", &theirs, &[], "").status, 404);
    grants(
        gateway,
        "u00001@a.test:pw-u00001",
        &format!(
            "s.grant.set({{'owner': '{login}', 'kind': 'calendar', 'path': 'trimestre'}}, {{'account': 'u00205'}}, ['read'])"
        ),
    );
    let told = whole(reader, &theirs);
    assert!(told.contains("Algèbre") && !told.contains("Médecin"), "{told}");
    // Who may only read puts nothing in.
    let reads = Office::of(gateway, "u00205");
    let to = format!("/api/calendars/import?owner={login}&name=trimestre&mode=write");
    for origin in [reads.browser.origin().as_str(), "Origin: https://evil.test"] {
        assert_eq!(upload(gateway, &reads, origin, &to, &file).status, 403, "{origin}");
    }
    // Who may is refused from elsewhere too.
    let own = "/api/calendars/import?name=trimestre&mode=write";
    assert_eq!(upload(gateway, &office, "Origin: https://evil.test", own, &file).status, 403);
}

#[test]
fn a_calendar_comes_and_goes_as_a_file_on_a_server() {
    a_calendar(&Gateway::start("exchange-radicale"), "u00204");
}

#[test]
fn a_calendar_comes_and_goes_as_a_file_among_files() {
    a_calendar(&files::start("exchange-files"), "u00204");
}

#[test]
fn contacts_come_from_tables_and_go_to_them() {
    let gateway = Gateway::start("exchange-contacts");
    let (who, at) = ("u00205@a.test:pw-u00205", "/dav/contacts/u00205/amis/");
    ask(&gateway, who, "DELETE", at, &[], "");
    assert_eq!(ask(&gateway, who, "MKCOL", at, &[], MAKE_BOOK).status, 201);
    assert_eq!(ask(&gateway, who, "PUT", &format!("{at}zoe.vcf"), &[], &card("zoe", "Zoé Noël")).status, 201);
    let office = Office::of(&gateway, "u00205");
    let file = gateway.dir.join("contacts.csv");
    // French Outlook, in Windows' own charset: one who is there under another UID, and one who is not.
    let table = "Prénom;Nom;Société;Tél. mobile;Adresse de messagerie\r\nZoé;Noël;DSI;06 12;zoe@x.test\r\nLoïc;Lefèvre;=cmd|' /C calc'!A0;+33 6;loic@x.test\r\n;;;;\r\n";
    let windows: Vec<u8> = table.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    fs::write(&file, windows).unwrap();
    let import = |how: &str| sent(&gateway, &office, &format!("/api/contacts/import?name=amis&{how}"), &file);
    let told = import("mode=write");
    assert_eq!((counts(&told), &told["format"]), ([1, 0, 0, 1, 0], &json!("csv")), "{told}");
    let again = import("mode=write&duplicates=replace");
    assert_eq!(again["new"], 0, "{again}");
    // It stays the card that other programs know.
    let zoe = ask(&gateway, who, "GET", &format!("{at}zoe.vcf"), &[], "").body;
    assert!(zoe.contains("UID:zoe") && zoe.contains("ORG:DSI"), "{zoe}");

    let cards = ask(&gateway, who, "GET", at, &[], "");
    assert_eq!(cards.header("content-type"), Some("text/vcard; charset=utf-8"));
    let out = gateway.dir.join("all.vcf");
    fs::write(&out, &cards.body).unwrap();
    assert_eq!(run(PYTHON, &["-c", CARDS, out.to_str().unwrap()]), "Loïc Lefèvre|Zoé Noël\n");
    for format in ["google", "outlook"] {
        let table = office.browser.get(&format!("/api/contacts/export?name=amis&format={format}")).body;
        assert!(table.starts_with('\u{feff}') && table.contains(",\"'=cmd|' /C calc'!A0\","), "{table}");
        fs::write(&file, &table).unwrap();
        let back = import("mode=dryRun");
        assert_eq!((back["new"].as_u64(), back["failed"].as_u64()), (Some(0), Some(0)), "{back}");
    }
    // A calendar is none of theirs, and what is nothing is told.
    for content in [event("x", "x"), "nothing".to_owned()] {
        fs::write(&file, content).unwrap();
        let to = "/api/contacts/import?name=amis&mode=write";
        assert_eq!(upload(&gateway, &office, &office.browser.origin(), to, &file).status, 400);
    }
}

/// What a program does with both by XML-RPC, in parts.
const CALLS: &str = "
import ssl, sys, xmlrpc.client as x
port, ca = sys.argv[1:3]
s = x.ServerProxy('https://u00204%40a.test:pw-u00204@localhost:' + port + '/xmlrpc', context=ssl.create_default_context(cafile=ca))
head, tail = b'BEGIN:VCALENDAR\\r\\nVERSION:2.0\\r\\n', b'END:VCALENDAR\\r\\n'
def part(begin, end):
    one = 'BEGIN:VEVENT\\r\\nUID:p%d\\r\\nDTSTAMP:20261101T080000Z\\r\\nDTSTART:20261201T090000Z\\r\\nSUMMARY:part %d\\r\\nDESCRIPTION:' + 'x' * 20000 + '\\r\\nEND:VEVENT\\r\\n'
    return x.Binary(head + ''.join(one % (n, n) for n in range(begin, end)).encode() + tail)
for begin in range(0, 60, 20):
    dry = getattr(s, 'calendar.import')('parts', part(begin, begin + 20), {'mode': 'dryRun'})
    assert (dry['new'], dry['failed']) == (20, 0), dry
    done = getattr(s, 'calendar.import')('parts', part(begin, begin + 20))
    assert (done['new'], done['failed']) == (20, 0), done
    again = getattr(s, 'calendar.import')('parts', part(begin, begin + 20))
    assert again['new'] == 0, again
found, after, answers = 0, '', 0
while after is not None:
    told = s.calendar.export('parts', {'after': after} if after else {})
    octets = told['octets'].data
    assert octets.startswith(b'BEGIN:VCALENDAR') and octets.endswith(b'END:VCALENDAR\\r\\n') and octets.count(b'BEGIN:VEVENT') == told['items']
    found, after, answers = found + told['items'], told['next'], answers + 1
assert (found, answers > 1) == (60, True), (found, answers)
try:
    getattr(s, 'calendar.import')('parts', x.Binary(b'nothing'), {'firstLine': 12})
    raise SystemExit('nothing is no calendar')
except x.Fault as fault:
    assert fault.faultCode == 400 and 'line 12' in fault.faultString, fault
";

#[test]
fn programs_bring_and_fetch_a_calendar_in_parts() {
    let gateway = Gateway::start("exchange-xmlrpc");
    let (who, at) = ("u00204@a.test:pw-u00204", "/dav/calendars/u00204/parts/");
    ask(&gateway, who, "DELETE", at, &[], "");
    assert_eq!(ask(&gateway, who, "MKCALENDAR", at, &[], "").status, 201);
    run("python3", &["-c", CALLS, &gateway.https.to_string(), campus("CAMPUS_CA")]);
}

#[test]
fn the_operator_takes_a_calendar_away_and_puts_it_back() {
    let gateway = Gateway::start("exchange-command");
    let (who, at) = ("u00204@a.test:pw-u00204", "/dav/calendars/u00204/commande/");
    ask(&gateway, who, "DELETE", at, &[], "");
    assert_eq!(ask(&gateway, who, "MKCALENDAR", at, &[], "").status, 201);
    let (config, from, out) = (gateway.config(), gateway.dir.join("term.ics"), gateway.dir.join("out.ics"));
    fs::write(&from, term()).unwrap();
    let (config, from, out) = (config.to_str().unwrap(), from.to_str().unwrap(), out.to_str().unwrap());
    let command = |arguments: &[&str]| {
        let of = ["--config", config, "--user", "u00204@a.test", "--name", "commande"];
        try_run(binary().to_str().unwrap(), &[&["calendars", arguments[0]], &of[..], &arguments[1..]].concat())
    };
    let told = |output: &std::process::Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let dry = command(&["import", "--dry-run", from]);
    assert!(
        dry.status.code() == Some(1) && told(&dry).contains("line 29: failed") && told(&dry).contains("would be 3 new"),
        "{}",
        told(&dry)
    );
    assert!(!radicale("PROPFIND", "/a-u00204/commande/", "").contains(".ics"));
    let done = command(&["import", from]);
    assert!(told(&done).contains("3 new") && told(&done).contains("1 failed"), "{}", told(&done));
    // What is private is the owner's, in whose name it is done.
    let taken = command(&["export", out]);
    assert!(taken.status.success(), "{}", told(&taken));
    let text = fs::read_to_string(out).unwrap();
    assert!(text.contains("SUMMARY:Médecin"), "{text}");
    assert!(!command(&["export", out]).status.success(), "it is there already");
}

#[test]
fn ten_thousand_events_cost_no_more_memory_than_few() {
    let gateway = files::start("exchange-many");
    let (who, at) = ("u00204@a.test:pw-u00204", "/dav/calendars/u00204/beaucoup/");
    assert_eq!(ask(&gateway, who, "MKCALENDAR", at, &[], "").status, 201);
    let office = Office::of(&gateway, "u00204");
    let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n".to_owned();
    for number in 0..10_000 {
        write!(text, "BEGIN:VEVENT\r\nUID:m{number}\r\nDTSTAMP:20261101T080000Z\r\nDTSTART:20261201T090000Z\r\nSUMMARY:{number}\r\nDESCRIPTION:{}\r\nEND:VEVENT\r\n", "x".repeat(900)).unwrap();
    }
    text += "END:VCALENDAR\r\n";
    let file = gateway.dir.join("many.ics");
    fs::write(&file, &text).unwrap();
    let before = gateway.peak();
    let told = sent(&gateway, &office, "/api/calendars/import?name=beaucoup&mode=write", &file);
    assert_eq!((counts(&told), &told["more"]), ([10_000, 0, 0, 0, 0], &json!(true)));
    let whole = ask(&gateway, who, "GET", at, &[], "");
    assert_eq!(whole.body.matches("BEGIN:VEVENT").count(), 10_000);
    assert_eq!(
        counts(&sent(&gateway, &office, "/api/calendars/import?name=beaucoup&mode=write", &file)),
        [0, 0, 10_000, 0, 0]
    );
    // The file once, its text, what is known of its entries, and what is kept of items: none of it grows with what is written.
    let grown = gateway.peak().saturating_sub(before);
    assert!(grown < 160 * 1024, "{grown} kB");
}

/// What is in an archive, by Python's zipfile: the names of its calendars' members, and what icalendar finds in one.
const ARCHIVE: &str = "
import icalendar, json, sys, vobject, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
print(*sorted(it for it in z.namelist() if it.startswith(('calendars/', 'contacts/'))))
row = [it for it in json.loads(z.read('settings/calendars.json'))['calendars'] if it['name'] == 'cours'][0]
whole = icalendar.Calendar.from_ical(z.read(row['member']))
print(row['displayName'], row['colour'], *sorted(str(it['SUMMARY']) for it in whole.walk('VEVENT')), sep='|')
row = json.loads(z.read('settings/contacts.json'))['contacts'][0]
print(*(it.fn.value for it in vobject.readComponents(z.read(row['member']).decode())))
print(z.read('calendars/cours/odd.ics').decode())";

#[test]
fn a_backup_has_calendars_and_contacts_and_what_nobody_can_read_in_them() {
    let gateway = files::start("exchange-backup");
    let (who, at) = ("u00205@a.test:pw-u00205", "/dav/calendars/u00205/cours/");
    let make = "<C:mkcalendar xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:A='http://apple.com/ns/ical/'><D:set><D:prop>\
        <D:displayname>Cours d’été</D:displayname><A:calendar-color>#8a1538</A:calendar-color></D:prop></D:set></C:mkcalendar>";
    assert_eq!(ask(&gateway, who, "MKCALENDAR", at, &[], make).status, 201);
    assert_eq!(ask(&gateway, who, "MKCOL", "/dav/contacts/u00205/amis/", &[], MAKE_BOOK).status, 201);
    for name in ["a", "b"] {
        let event = event(name, &format!("Cours {name}"));
        assert_eq!(ask(&gateway, who, "PUT", &format!("{at}{name}.ics"), &[], &event).status, 201);
    }
    assert_eq!(ask(&gateway, who, "PUT", "/dav/contacts/u00205/amis/z.vcf", &[], &card("z", "Zoé")).status, 201);
    fs::write(gateway.home("garonne", "u00205").join("Calendars/cours/odd.ics"), "no calendar").unwrap();
    let office = Office::of(&gateway, "u00205");
    let archive = gateway.dir.join("all.zip");
    assert!(taken(&gateway, &office.browser, HOST, &archive), "{}", gateway.log());
    assert_eq!(
        run(PYTHON, &["-c", ARCHIVE, archive.to_str().unwrap()]),
        "calendars/cours.ics calendars/cours/odd.ics contacts/amis.vcf\nCours d’été|#8a1538|Cours a|Cours b\nZoé\nno calendar\n"
    );
}
