//! Invitations on real servers: into calendars of another institution and of one's own, on Radicale and as files, to rooms, and by mail.

use super::{ask, element, files::as_files, radicale};
use crate::harness::{Answer, Gateway, Imap, State, campus, eventually, run};
use std::{fmt::Write as _, fs, path::Path};

/// garonne and autan share with each other, and `u00219` of garonne is a room.
fn start(name: &str, change: impl FnOnce(&Path)) -> Gateway {
    Gateway::start_with(name, &State::Sqlite, |config| {
        for (id, other) in [("garonne", "autan"), ("autan", "garonne")] {
            let settings = config.join(format!("institutions/{id}/institution.toml"));
            let text = fs::read_to_string(&settings).unwrap();
            let text = text.replace("shares_with = []", &format!("shares_with = [\"{other}\"]"));
            fs::write(&settings, text + "[scheduling]\nrooms = [\"u00219\"]\n").unwrap();
        }
        change(config);
    })
}

/// Somebody with a calendar of their own that nothing is in.
struct Person<'g> {
    gateway: &'g Gateway,
    who: String,
    at: String,
}

impl<'g> Person<'g> {
    fn new(gateway: &'g Gateway, login: &str, letter: &str) -> Self {
        radicale("DELETE", &format!("/{letter}-{login}/"), "");
        let person = Self::visiting(gateway, login, letter);
        assert_eq!(ask(gateway, &person.who, "MKCALENDAR", &person.at, &[], "").status, 201);
        person
    }

    fn visiting(gateway: &'g Gateway, login: &str, letter: &str) -> Self {
        let at = format!("/dav/calendars/{login}@{letter}.test/agenda/");
        Self { gateway, who: format!("{login}@{letter}.test:pw-{login}"), at }
    }

    #[track_caller]
    fn ask(&self, method: &str, item: &str, headers: &[&str], body: &str) -> Answer {
        ask(self.gateway, &self.who, method, &format!("{}{item}", self.at), headers, body)
    }

    /// What of this UID is in the calendar, unfolded, with its name.
    #[track_caller]
    fn copy(&self, uid: &str) -> Option<(String, String)> {
        let caldav = "urn:ietf:params:xml:ns:caldav";
        let query = format!(
            "<C:calendar-query xmlns:D='DAV:' xmlns:C='{caldav}'><D:prop><D:getetag/><C:schedule-tag/><C:calendar-data/></D:prop><C:filter>\
             <C:comp-filter name='VCALENDAR'><C:comp-filter name='VEVENT'><C:prop-filter name='UID'><C:text-match>{uid}</C:text-match>\
             </C:prop-filter></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
        );
        let told = self.ask("REPORT", "", &["Depth: 1"], &query);
        assert_eq!(told.status, 207, "{}", told.body);
        told.body.contains("<D:href>").then(|| {
            let name = element(&told.body, "D:href").rsplit('/').next().unwrap().to_owned();
            let text = element(&told.body, "C:calendar-data").replace("&#13;", "\r").replace("&quot;", "\"");
            assert!(told.body.contains("<C:schedule-tag"), "{}", told.body);
            (name, text.replace("\r\n ", ""))
        })
    }

    /// The text of what is in the calendar, which is there by now: a write is done when its deliveries are.
    #[track_caller]
    fn text(&self, uid: &str) -> String {
        self.copy(uid).unwrap_or_else(|| panic!("{uid} is not in {}", self.at)).1
    }

    /// Answers as their program does: their own line and nothing else, over what it has read; read again where that has changed.
    #[track_caller]
    fn answer(&self, uid: &str, answer: &str) {
        let mail = self.who.split(':').next().unwrap();
        loop {
            let (name, _) = self.copy(uid).unwrap();
            let read = self.ask("GET", &name, &[], "");
            let lines = read.body.replace("\r\n ", "");
            let lines = lines.lines().map(|line| {
                if line.starts_with("ATTENDEE") && line.ends_with(mail) {
                    format!("ATTENDEE;PARTSTAT={answer}:mailto:{mail}\r\n")
                } else {
                    format!("{line}\r\n")
                }
            });
            let when = format!("If-Match: {}", read.header("etag").unwrap());
            let put = self.ask("PUT", &name, &[&when], &lines.collect::<String>());
            if put.status != 412 {
                assert_eq!(put.status, 204, "{}", put.body);
                return;
            }
        }
    }
}

/// An event that invites.
fn invitation(uid: &str, start: &str, organizer: &str, attendees: &[&str], more: &str) -> String {
    let mut text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T080000Z\r\n\
         DTSTART:{start}\r\nDURATION:PT1H\r\nSUMMARY:Conseil\r\n{more}ORGANIZER:mailto:{organizer}\r\n"
    );
    for attendee in attendees {
        write!(text, "ATTENDEE;RSVP=TRUE:mailto:{attendee}\r\n").unwrap();
    }
    text + "END:VEVENT\r\nEND:VCALENDAR\r\n"
}

/// The line of an attendee.
#[track_caller]
fn line<'t>(text: &'t str, mail: &str) -> &'t str {
    let is_it = |line: &&str| line.starts_with("ATTENDEE") && line.ends_with(mail);
    text.lines().find(is_it).unwrap_or_else(|| panic!("{mail} in {text}"))
}

/// Invited, answered, moved, one instance moved, called off: between an organiser and an attendee wherever their calendars lie.
fn comes_and_goes(organizer: &Person<'_>, attendee: &Person<'_>, uid: &str) {
    let (from, to) = (organizer.who.split(':').next().unwrap(), attendee.who.split(':').next().unwrap());
    let rule = "RRULE:FREQ=WEEKLY;COUNT=4\r\n";
    let first = invitation(uid, "20261201T090000Z", from, &[to], rule);
    // RFC 6638 §3.1, §3.2.1.1, §3.2.3.1, §8.2, §3.2.9, §4.1: created, delivered, and what became of it.
    let put = organizer.ask("PUT", "e.ics", &["If-None-Match: *"], &first);
    assert_eq!(put.status, 201, "{}", put.body);
    let tag = put.header("schedule-tag").expect("it is for scheduling").to_owned();
    assert_eq!(put.header("etag"), None, "what is stored says what became of the invitation");
    assert!(line(&organizer.text(uid), to).contains("SCHEDULE-STATUS=1.2"), "{}", organizer.text(uid));
    let copy = attendee.text(uid);
    assert!(copy.contains("SUMMARY:Conseil") && copy.contains("COUNT=4") && !copy.contains("METHOD"), "{copy}");

    // RFC 6638 §3.2.2.1, §3.2.2.3, §4.2: answered.
    attendee.answer(uid, "ACCEPTED");
    let seen = organizer.text(uid);
    assert!(line(&seen, to).contains("PARTSTAT=ACCEPTED"), "{seen}");
    // RFC 6638 §3.2.10, §8.3, §9.3: an answer leaves the Schedule-Tag as it is, so that a program which saw none of it may write.
    let same = organizer.ask("GET", "e.ics", &[], "");
    assert_eq!(same.header("schedule-tag"), Some(tag.as_str()));
    let wrong = organizer.ask("PUT", "e.ics", &["If-Schedule-Tag-Match: \"other\""], &first);
    assert_eq!(wrong.status, 412);
    let renamed = first.replace("SUMMARY:Conseil", "SUMMARY:Conseil de labo");
    let put = organizer.ask("PUT", "e.ics", &[&format!("If-Schedule-Tag-Match: {tag}")], &renamed);
    assert_eq!(put.status, 204, "{}", put.body);
    assert!(line(&organizer.text(uid), to).contains("PARTSTAT=ACCEPTED"), "the answer is not written over");
    let copy = attendee.text(uid);
    assert!(copy.contains("Conseil de labo") && line(&copy, to).contains("PARTSTAT=ACCEPTED"), "{copy}");

    // RFC 6638 §3.2.1.2, §3.2.8: moved.
    let moved = renamed.replace("20261201T090000Z", "20261201T140000Z");
    assert_eq!(organizer.ask("PUT", "e.ics", &[], &moved).status, 204);
    let copy = attendee.text(uid);
    assert!(copy.contains("DTSTART:20261201T140000Z"), "{copy}");
    assert!(!line(&copy, to).contains("ACCEPTED"), "whoever is asked anew has not answered: {copy}");

    let one = "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:UID1\r\nRECURRENCE-ID:20261208T140000Z\r\nDTSTAMP:20261101T080000Z\r\nDTSTART:20261209T140000Z\r\n\
        DURATION:PT1H\r\nSUMMARY:Mercredi\r\nORGANIZER:mailto:FROM\r\nATTENDEE:mailto:TO\r\nEND:VEVENT\r\nEND:VCALENDAR";
    let one = one.replace("UID1", uid).replace("FROM", from).replace("TO", to);
    let apart = organizer.text(uid).trim_end().replace("END:VEVENT\r\nEND:VCALENDAR", &one) + "\r\n";
    let put = organizer.ask("PUT", "e.ics", &[], &apart);
    assert_eq!(put.status, 204, "{}", put.body);
    let copy = attendee.text(uid);
    assert!(copy.contains("SUMMARY:Mercredi") && copy.contains("20261209T140000Z"), "{copy}");

    // RFC 6638 §3.2.4.4: what is the organiser's is not the attendee's to change.
    let (name, copy) = attendee.copy(uid).unwrap();
    let refused =
        attendee.ask("PUT", &name, &[], &copy.replace("DTSTART:20261201T140000Z", "DTSTART:20261201T150000Z"));
    assert!(
        refused.status == 403 && refused.body.contains("allowed-attendee-scheduling-object-change"),
        "{}",
        refused.body
    );

    // RFC 6638 §3.2.1.3, §3.2.3.2
    assert_eq!(organizer.ask("DELETE", "e.ics", &[], "").status, 204);
    let copy = attendee.text(uid);
    assert!(copy.contains("STATUS:CANCELLED"), "{copy}");
}

#[test]
fn an_invitation_comes_and_goes_between_institutions_on_a_server() {
    let gateway = start("scheduling-radicale", |_| {});
    let (organizer, attendee) = (Person::new(&gateway, "u00206", "a"), Person::new(&gateway, "u00207", "b"));
    comes_and_goes(&organizer, &attendee, "conseil-1");
}

#[test]
fn an_invitation_comes_and_goes_between_files_and_a_server() {
    let gateway = start("scheduling-files", |config| {
        let settings = config.join("institutions/garonne/institution.toml");
        let text = fs::read_to_string(&settings).unwrap();
        fs::write(&settings, as_files(&text)).unwrap();
    });
    let (organizer, attendee) = (Person::new(&gateway, "u00208", "a"), Person::new(&gateway, "u00209", "b"));
    comes_and_goes(&organizer, &attendee, "conseil-2");
    let (organizer, attendee) = (Person::new(&gateway, "u00211", "b"), Person::new(&gateway, "u00210", "a"));
    comes_and_goes(&organizer, &attendee, "conseil-3");
    let folder = gateway.home("garonne", "u00210").join("Calendars/agenda");
    let kept = fs::read_to_string(folder.join("conseil-3.ics")).unwrap();
    assert!(kept.contains("STATUS:CANCELLED"), "{kept}");
}

#[test]
fn a_removed_invitation_is_declined_unless_its_owner_says_not_to() {
    let gateway = start("scheduling-declined", |_| {});
    let (organizer, attendee) = (Person::new(&gateway, "u00212", "a"), Person::new(&gateway, "u00213", "b"));
    let mail = "u00213@b.test";
    for (uid, header, answer) in
        [("quiet", "Schedule-Reply: F", "NEEDS-ACTION"), ("told", "Schedule-Reply: T", "DECLINED")]
    {
        let text = invitation(uid, "20261203T090000Z", "u00212@a.test", &[mail], "");
        assert_eq!(organizer.ask("PUT", &format!("{uid}.ics"), &[], &text).status, 201);
        // RFC 6638 §3.2.2.4, §8.1
        let (name, _) = attendee.copy(uid).unwrap();
        assert_eq!(attendee.ask("DELETE", &name, &[header], "").status, 204);
        let seen = organizer.text(uid);
        let answered = line(&seen, mail).contains("PARTSTAT=DECLINED");
        assert_eq!(answered, answer == "DECLINED", "{seen}");
    }
    // Whom a client speaks to itself, the server leaves alone.
    let text = invitation("mine", "20261203T120000Z", "u00212@a.test", &[mail], "");
    let text = text.replace("ATTENDEE;RSVP=TRUE", "ATTENDEE;SCHEDULE-AGENT=CLIENT");
    assert_eq!(organizer.ask("PUT", "mine.ics", &[], &text).status, 201);
    assert!(attendee.copy("mine").is_none());
    assert!(!organizer.text("mine").contains("SCHEDULE-STATUS"));
}

#[test]
fn a_room_answers_by_itself_and_declines_a_clash() {
    let gateway = start("scheduling-rooms", |_| {});
    radicale("DELETE", "/a-u00219/", "");
    let room = "u00219@a.test";
    let (one, other) = (Person::new(&gateway, "u00214", "a"), Person::new(&gateway, "u00215", "b"));
    let first = invitation("room-1", "20261204T090000Z", "u00214@a.test", &[room], "");
    let put = one.ask("PUT", "r.ics", &[], &first);
    assert_eq!((put.status, put.header("etag")), (201, None), "{}", put.body);
    let seen = one.text("room-1");
    assert!(line(&seen, room).contains("PARTSTAT=ACCEPTED"), "{seen}");
    // A series of which one hour is taken, by somebody of another institution.
    let series = "RRULE:FREQ=DAILY;COUNT=3\r\n";
    let clash = invitation("room-2", "20261203T093000Z", "u00215@b.test", &[room], series);
    assert_eq!(other.ask("PUT", "r.ics", &[], &clash).status, 201);
    let seen = other.text("room-2");
    assert!(line(&seen, room).contains("PARTSTAT=DECLINED"), "{seen}");
    // Moved to where it is free: it is asked anew, and what it was asked for before does not stand in its own way.
    let free = clash.replace("20261203T093000Z", "20261203T103000Z");
    assert_eq!(other.ask("PUT", "r.ics", &[], &free).status, 204);
    let seen = other.text("room-2");
    assert!(line(&seen, room).contains("PARTSTAT=ACCEPTED"), "{seen}");
    // What is called off makes room.
    assert_eq!(one.ask("DELETE", "r.ics", &[], "").status, 204);
    let again = invitation("room-3", "20261204T090000Z", "u00214@a.test", &[room], "");
    assert_eq!(one.ask("PUT", "again.ics", &[], &again).status, 201);
    assert!(line(&one.text("room-3"), room).contains("PARTSTAT=ACCEPTED"));
    let shown =
        ask(&gateway, &one.who, "PROPFIND", "/dav/principals/u00219/", &["Depth: 0"], &asks("calendar-user-type"));
    assert!(shown.body.contains(">ROOM<"), "{}", shown.body);
}

/// Two want one room for one hour at once: one of them has it.
#[test]
fn of_two_at_once_one_has_the_room() {
    let gateway = start("scheduling-race", |_| {});
    radicale("DELETE", "/a-u00219/", "");
    let room = "u00219@a.test";
    let people = ["u00231", "u00232", "u00233", "u00234"].map(|login| Person::new(&gateway, login, "a"));
    std::thread::scope(|scope| {
        for (number, person) in people.iter().enumerate() {
            scope.spawn(move || {
                let from = person.who.split(':').next().unwrap();
                let text = invitation(&format!("race-{number}"), "20261210T090000Z", from, &[room], "");
                assert_eq!(person.ask("PUT", "r.ics", &[], &text).status, 201);
            });
        }
    });
    let answers = people.iter().enumerate().map(|(number, person)| person.text(&format!("race-{number}")));
    let had: Vec<String> = answers.filter(|text| line(text, room).contains("PARTSTAT=ACCEPTED")).collect();
    assert_eq!(had.len(), 1, "{had:?}");
}

fn asks(name: &str) -> String {
    format!(
        "<D:propfind xmlns:D='DAV:'><D:prop><N:{name} xmlns:N='urn:ietf:params:xml:ns:caldav'/></D:prop></D:propfind>"
    )
}

#[test]
fn clients_find_the_trays_and_ask_for_busy_times() {
    let gateway = start("scheduling-trays", |_| {});
    let (me, other) = (Person::new(&gateway, "u00216", "a"), Person::new(&gateway, "u00217", "b"));
    let options = ask(&gateway, &me.who, "OPTIONS", "/dav/", &[], "");
    assert!(options.header("dav").unwrap().contains("calendar-auto-schedule"), "{}", options.head);
    let all = "<D:propfind xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop><C:schedule-inbox-URL/><C:schedule-outbox-URL/>\
        <C:calendar-user-type/><C:calendar-user-address-set/></D:prop></D:propfind>";
    let mine = ask(&gateway, &me.who, "PROPFIND", "/dav/principals/u00216/", &["Depth: 0"], all).body;
    // RFC 6638 §2.1.1, §2.2.1
    let inbox = element(element(&mine, "C:schedule-inbox-URL"), "D:href").to_owned();
    let outbox = element(element(&mine, "C:schedule-outbox-URL"), "D:href").to_owned();
    // RFC 6638 §2.4.1, §2.4.2
    assert!(mine.contains(">INDIVIDUAL<") && mine.contains("mailto:u00216@a.test"), "{mine}");
    let tray = ask(&gateway, &me.who, "PROPFIND", &inbox, &["Depth: 1"], &asks("schedule-default-calendar-URL")).body;
    assert_eq!(element(element(&tray, "C:schedule-default-calendar-URL"), "D:href"), "/dav/calendars/u00216/agenda/");
    assert_eq!(tray.matches("<D:response>").count(), 1, "it is empty: {tray}");
    // RFC 6638 §2.1, §2.2, §6.1, §6.2: what they are, and what their owner may do there.
    for (tray, kind, privilege) in
        [(&inbox, "schedule-inbox", "schedule-deliver"), (&outbox, "schedule-outbox", "schedule-send")]
    {
        let told = ask(
            &gateway,
            &me.who,
            "PROPFIND",
            tray,
            &["Depth: 0"],
            "<D:propfind xmlns:D='DAV:'><D:prop><D:resourcetype/><D:current-user-privilege-set/></D:prop></D:propfind>",
        )
        .body;
        assert!(told.contains(kind) && told.contains(privilege), "{told}");
    }
    // RFC 6638 §2.3: reports on what is never in it.
    let report = "<C:calendar-query xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop><D:getetag/></D:prop><C:filter>\
        <C:comp-filter name='VCALENDAR'/></C:filter></C:calendar-query>";
    let told = ask(&gateway, &me.who, "REPORT", &inbox, &["Depth: 1"], report);
    assert!(told.status == 207 && !told.body.contains("<D:response>"), "{}", told.body);

    // Private events take time as others do, and nothing is said of what it is; another calendar of theirs is looked into too.
    let private =
        invitation("p", "20261205T090000Z", "u00217@b.test", &[], "CLASS:PRIVATE\r\n").replace("Conseil", "secret");
    assert_eq!(other.ask("PUT", "p.ics", &[], &private).status, 201);
    let second = other.at.replace("agenda", "autre");
    assert_eq!(ask(&gateway, &other.who, "MKCALENDAR", &second, &[], "").status, 201);
    let maybe = invitation("t", "20261205T130000Z", "u00217@b.test", &[], "STATUS:TENTATIVE\r\n");
    assert_eq!(ask(&gateway, &other.who, "PUT", &format!("{second}t.ics"), &[], &maybe).status, 201);
    let question = |organizer: &str| {
        format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nMETHOD:REQUEST\r\nBEGIN:VFREEBUSY\r\nUID:q\r\nDTSTAMP:20261101T080000Z\r\n\
             DTSTART:20261205T000000Z\r\nDTEND:20261206T000000Z\r\nORGANIZER:mailto:{organizer}\r\nATTENDEE:mailto:u00217@b.test\r\n\
             ATTENDEE:mailto:nobody@a.test\r\nATTENDEE:mailto:x@elsewhere.example\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n"
        )
    };
    let calendar = ["Content-Type: text/calendar; charset=utf-8"];
    // RFC 6638 §5, §10
    let told = ask(&gateway, &me.who, "POST", &outbox, &calendar, &question("u00216@a.test"));
    assert_eq!(told.status, 200, "{}", told.body);
    for part in [
        "20261205T090000Z/20261205T100000Z",
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20261205T130000Z/20261205T140000Z",
        "METHOD:REPLY",
    ] {
        assert!(told.body.contains(part), "{part} in {}", told.body);
    }
    assert!(!told.body.contains("secret") && told.body.matches("3.7;").count() == 2, "{}", told.body);
    // RFC 6638 §5.2.2, §5.2.1, §5.1: who asks in another's name, and what is no question.
    let forged = ask(&gateway, &me.who, "POST", &outbox, &calendar, &question("u00001@a.test"));
    assert!(forged.status == 403 && forged.body.contains("valid-organizer"), "{}", forged.body);
    let nonsense = ask(&gateway, &me.who, "POST", &outbox, &calendar, "no calendar");
    assert!(nonsense.status == 403 && nonsense.body.contains("valid-calendar-data"), "{}", nonsense.body);
    let no_question = question("u00216@a.test").replace("METHOD:REQUEST\r\n", "");
    let refused = ask(&gateway, &me.who, "POST", &outbox, &calendar, &no_question);
    assert!(refused.status == 400 && refused.body.contains("valid-scheduling-message"), "{}", refused.body);

    // Python's caldav finds them as well, and asks.
    let script = format!(
        "import caldav, datetime\nc = caldav.DAVClient('https://localhost:{}/dav/', username='u00216@a.test', password='pw-u00216', ssl_verify_cert='{}')\n\
         p = c.principal()\nassert len(p.schedule_inbox().get_items()) == 0\n\
         t = datetime.datetime(2026, 12, 5, tzinfo=datetime.timezone.utc)\n\
         p.freebusy_request(t, t + datetime.timedelta(days=1), ['mailto:u00217@b.test'])\n",
        gateway.https,
        campus("CAMPUS_CA"),
    );
    run("/usr/bin/python3", &["-c", &script]);
}

#[test]
fn a_calendar_that_is_away_loses_nothing_and_too_many_are_refused() {
    let gateway = start("scheduling-away", |config| {
        let settings = config.join("institutions/autan/institution.toml");
        let text = fs::read_to_string(&settings).unwrap();
        let there = format!("127.0.0.1:{}", campus("CAMPUS_RADICALE"));
        fs::write(&settings, text.replace(&there, "127.0.0.1:9")).unwrap();
    });
    let organizer = Person::new(&gateway, "u00218", "a");
    let text = invitation("away", "20261206T090000Z", "u00218@a.test", &["u00220@b.test", "nobody@a.test"], "");
    assert_eq!(organizer.ask("PUT", "a.ics", &[], &text).status, 201);
    let seen = organizer.text("away");
    assert!(line(&seen, "u00220@b.test").contains("SCHEDULE-STATUS=5.1"), "{seen}");
    assert!(line(&seen, "nobody@a.test").contains("SCHEDULE-STATUS=3.7"), "{seen}");
    let bomb: Vec<String> = (0..5_000).map(|number| format!("x{number}@elsewhere.example")).collect();
    let bomb: Vec<&str> = bomb.iter().map(String::as_str).collect();
    let text = invitation("bomb", "20261206T090000Z", "u00218@a.test", &bomb, "");
    let file = gateway.dir.join("bomb.ics");
    fs::write(&file, text).unwrap();
    let refused = organizer.ask("PUT", "b.ics", &[], &format!("@{}", file.display()));
    assert!(refused.status == 403 && refused.body.contains("max-attendees-per-instance"), "{}", refused.body);
    assert_eq!(organizer.ask("GET", "b.ics", &[], "").status, 404, "nothing of it is stored");
}

/// Whose calendar opens by their own password alone has mail, as the object says then; what is no address is nobody's.
#[test]
fn a_calendar_that_only_its_owner_opens_is_reached_by_mail() {
    let gateway = start("scheduling-closed", |config| {
        let settings = config.join("institutions/autan/institution.toml");
        let text = fs::read_to_string(&settings).unwrap();
        let (begin, end) = (text.find("[calendars]").unwrap(), text.find("[contacts]").unwrap());
        let url = text[begin..end].lines().find(|line| line.starts_with("url")).unwrap();
        let block = format!("[calendars]\nkind = \"dav\"\n{url}\n");
        fs::write(&settings, format!("{}{block}{}", &text[..begin], &text[end..])).unwrap();
    });
    let organizer = Person::new(&gateway, "u00043", "a");
    let odd = "a@elsewhere.example>, <u00044@a.test";
    let text = invitation("closed", "20261208T090000Z", "u00043@a.test", &["u00044@b.test", odd], "");
    let put = organizer.ask("PUT", "c.ics", &[], &text);
    assert_eq!(put.status, 201, "{}", put.body);
    let seen = organizer.text("closed").replace("&gt;", ">").replace("&lt;", "<");
    assert!(line(&seen, "u00044@b.test").contains("SCHEDULE-STATUS=1.1"), "{seen}");
    assert!(line(&seen, odd).contains("SCHEDULE-STATUS=3.7"), "{seen}");
}

/// Of an institution that has not agreed nobody has a calendar here: it goes by mail.
#[test]
fn an_invitation_goes_by_mail_where_there_is_no_calendar() {
    let gateway = Gateway::start("scheduling-mail");
    let organizer = Person::new(&gateway, "u00041", "a");
    let other = Person::new(&gateway, "u00042", "b");
    let uid = format!("mail-{}", std::process::id());
    let text = invitation(&uid, "20261207T090000Z", "u00041@a.test", &["u00042@b.test"], "LOCATION:Salle d’été\r\n");
    let text = text.replace("SUMMARY:Conseil", "SUMMARY:Réunion d’été");
    let put = organizer.ask("PUT", "m.ics", &[], &text);
    assert_eq!(put.status, 201, "{}", put.body);
    assert!(line(&organizer.text(&uid), "u00042@b.test").contains("SCHEDULE-STATUS=1.1"));
    assert!(other.copy(&uid).is_none(), "who is not to be reached has nothing in their calendar");
    let mut imap = Imap::log_in(gateway.imap, "u00042@b.test", "pw-u00042");
    eventually("the invitation is in the mailbox", || {
        imap.command("s SELECT INBOX").last().unwrap().starts_with("s OK")
            && imap
                .command("f SEARCH HEADER From u00041@a.test")
                .iter()
                .any(|line| line.trim() != "* SEARCH" && line.starts_with("* SEARCH"))
    });
    let script = format!(
        "import ssl, email, email.policy, icalendar, imaplib\n\
         c = imaplib.IMAP4_SSL('localhost', {}, ssl_context=ssl.create_default_context(cafile='{}'))\nc.login('u00042@b.test', 'pw-u00042')\n\
         c.select('INBOX')\nm = c.search(None, 'HEADER', 'From', 'u00041@a.test')[1][0].split()[-1].decode()\n\
         m = email.message_from_bytes(c.fetch(m, '(BODY.PEEK[])')[1][0][1], policy=email.policy.default)\n\
         assert not m.defects, m.defects\nassert 'Réunion d’été' in m['Subject'], m['Subject']\nassert m['To'].addresses[0].addr_spec == 'u00042@b.test'\n\
         p = m.get_body(('plain',)).get_content()\nassert 'Salle d’été' in p and '2026-12-07 09:00' in p, p\n\
         k = [x for x in m.walk() if x.get_content_type() == 'text/calendar'][0]\nassert k['Content-Type'].params['method'] == 'REQUEST'\n\
         i = icalendar.Calendar.from_ical(k.get_content())\nassert i['METHOD'] == 'REQUEST'\ne = i.walk('VEVENT')[0]\n\
         assert e['UID'] == '{uid}' and e['SUMMARY'] == 'Réunion d’été', e\nprint('read')\n",
        gateway.imaps,
        campus("CAMPUS_CA"),
    );
    assert!(run("/usr/bin/python3", &["-c", &script]).contains("read"));
}

#[test]
fn in_a_shared_calendar_it_is_said_in_its_owners_name() {
    let gateway = start("scheduling-shared", |_| {});
    let (owner, guest) = (Person::new(&gateway, "u00237", "a"), Person::new(&gateway, "u00238", "b"));
    for (login, rights) in [("u00239", "['read', 'edit', 'add', 'remove']"), ("u00240", "['read', 'add']")] {
        let grant = format!(
            "s.grant.set({{'owner': 'u00237', 'kind': 'calendar', 'path': 'agenda'}}, {{'account': '{login}'}}, {rights})"
        );
        crate::sharing::grants(&gateway, "u00001@a.test:pw-u00001", &grant);
    }
    let shared = |login: &str| Person { at: owner.at.clone(), ..Person::visiting(&gateway, login, "a") };
    let text = invitation("shared", "20261211T090000Z", "u00237@a.test", &["u00238@b.test"], "");
    let refused = shared("u00240").ask("PUT", "s.ics", &[], &text);
    assert!(refused.status == 403 && refused.body.contains("write-content"), "{}", refused.body);
    assert!(guest.copy("shared").is_none() && owner.copy("shared").is_none(), "nothing is stored, and nothing said");
    let put = shared("u00239").ask("PUT", "s.ics", &[], &text);
    assert_eq!(put.status, 201, "{}", put.body);
    assert!(guest.text("shared").contains("ORGANIZER:mailto:u00237@a.test"), "{}", guest.text("shared"));
    // What somebody writes there in their own name is not for scheduling: it is not their calendar.
    let own = invitation("own", "20261211T120000Z", "u00239@a.test", &["u00238@b.test"], "");
    assert_eq!(shared("u00239").ask("PUT", "o.ics", &[], &own).status, 201);
    assert!(guest.copy("own").is_none());
}

/// The organiser writes while attendees answer: no answer is lost, and no change.
#[test]
fn answers_and_changes_at_once_are_all_kept() {
    let gateway = start("scheduling-writers", |_| {});
    let organizer = Person::new(&gateway, "u00241", "a");
    let guests = ["u00242", "u00243", "u00244"].map(|login| Person::new(&gateway, login, "b"));
    let mails = ["u00242@b.test", "u00243@b.test", "u00244@b.test"];
    let text = invitation("busy-1", "20261212T090000Z", "u00241@a.test", &mails, "");
    assert_eq!(organizer.ask("PUT", "w.ics", &[], &text).status, 201);
    std::thread::scope(|scope| {
        for guest in &guests {
            scope.spawn(move || guest.answer("busy-1", "ACCEPTED"));
        }
        scope.spawn(|| {
            let put = organizer.ask("PUT", "w.ics", &[], &text.replace("SUMMARY:Conseil", "SUMMARY:Conseil élargi"));
            assert_eq!(put.status, 204, "{}", put.body);
        });
    });
    let seen = organizer.text("busy-1");
    assert!(seen.contains("Conseil élargi"), "{seen}");
    for (guest, mail) in guests.iter().zip(mails) {
        assert!(line(&seen, mail).contains("PARTSTAT=ACCEPTED"), "{mail}: {seen}");
        let copy = guest.text("busy-1");
        assert!(copy.contains("Conseil élargi") && line(&copy, mail).contains("PARTSTAT=ACCEPTED"), "{copy}");
    }
}

#[test]
fn invitations_go_to_the_calendar_that_was_chosen() {
    let gateway = start("scheduling-chosen", |_| {});
    let organizer = Person::new(&gateway, "u00269", "a");
    let first = Person::new(&gateway, "u00270", "a");
    let second = Person { at: first.at.replace("agenda", "second"), ..Person::visiting(&gateway, "u00270", "a") };
    assert_eq!(second.ask("MKCALENDAR", "", &[], "").status, 201);
    let inbox = "/dav/scheduling/u00270/inbox/";
    let choose = |step: &str, inside: &str| {
        let body = format!(
            "<D:propertyupdate xmlns:D='DAV:'><D:{step}><D:prop><C:schedule-default-calendar-URL xmlns:C='urn:ietf:params:xml:ns:caldav'>{inside}\
             </C:schedule-default-calendar-URL></D:prop></D:{step}></D:propertyupdate>"
        );
        ask(&gateway, &first.who, "PROPPATCH", inbox, &[], &body)
    };
    let told = || {
        let body = "<D:propfind xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop><C:schedule-default-calendar-URL/></D:prop></D:propfind>";
        let answer = ask(&gateway, &first.who, "PROPFIND", inbox, &["Depth: 0"], body);
        element(element(&answer.body, "C:schedule-default-calendar-URL"), "D:href").to_owned()
    };
    let invited = |uid: &str| {
        let event = invitation(uid, "20261201T090000Z", "u00269@a.test", &["u00270@a.test"], "");
        assert_eq!(organizer.ask("PUT", &format!("{uid}.ics"), &[], &event).status, 201);
        (first.copy(uid).is_some(), second.copy(uid).is_some())
    };
    assert!(told().ends_with("/agenda/"));
    // RFC 6638 §9.2: chosen by PROPPATCH, a calendar of one's own that is there.
    let done = choose("set", &format!("<D:href>{}</D:href>", second.at));
    assert!(done.status == 207 && done.body.contains("200 OK"), "{}: {}", done.status, done.body);
    assert!(told().ends_with("/second/"));
    assert_eq!(invited("to-the-second"), (false, true));
    for wrong in [
        format!("<D:href>{}</D:href>", second.at.replace("second", "none")),
        format!("<D:href>{}</D:href>", organizer.at),
        "<D:href>/dav/files/u00270/</D:href>".to_owned(),
        "<D:href>https://elsewhere.test/dav/calendars/u00270/second/</D:href>".to_owned(),
        String::new(),
    ] {
        let refused = choose("set", &wrong);
        let names_it = refused.body.contains("valid-schedule-default-calendar-URL");
        assert!(refused.status == 403 && names_it, "{wrong}: {}: {}", refused.status, refused.body);
    }
    // RFC 4918 §9.2: all or nothing, and each property told of.
    let two = "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><D:displayname>x</D:displayname><C:schedule-default-calendar-URL xmlns:C='urn:ietf:params:xml:ns:caldav'>\
        <D:href>/dav/calendars/u00270/agenda/</D:href></C:schedule-default-calendar-URL></D:prop></D:set></D:propertyupdate>";
    let refused = ask(&gateway, &first.who, "PROPPATCH", inbox, &[], two);
    assert!(
        refused.status == 207 && refused.body.contains("403 Forbidden") && refused.body.contains("424 Failed"),
        "{}",
        refused.body
    );
    assert_eq!(invited("still-to-the-second"), (false, true));
    // One that is gone is chosen no more.
    assert_eq!(second.ask("DELETE", "", &[], "").status, 204);
    assert!(told().ends_with("/agenda/"));
    assert_eq!(second.ask("MKCALENDAR", "", &[], "").status, 201);
    assert_eq!(choose("remove", "").status, 207);
    assert!(told().ends_with("/agenda/"));
    assert_eq!(invited("to-the-first"), (true, false));
}
