//! CalDAV's questions: filters, parts of objects, facts, demands, free-busy, and what is told to whom.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may panic")]

mod shared;

use passerelle_wire_ical::*;
use shared::{event, object, range, utc};

const LECTURE: &str = "\
BEGIN:VTIMEZONE\nTZID:Europe/Paris\nX-WHO:secret\nBEGIN:STANDARD\nDTSTART:19701025T030000\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nTZNAME:secret\nEND:STANDARD\nEND:VTIMEZONE
BEGIN:VEVENT\nUID:lecture-1\nDTSTAMP:20260101T000000Z\nDTSTART;TZID=Europe/Paris:20260105T090000\nDTEND;TZID=Europe/Paris:20260105T100000\nRRULE:FREQ=WEEKLY;COUNT=4\nSUMMARY;LANGUAGE=fr:Éléments d'analyse\\, secret\nLOCATION:secret\nSTATUS:CONFIRMED\nSEQUENCE:2\nCLASS:CONFIDENTIAL\nORGANIZER;CN=secret:mailto:prof@a.test\nATTENDEE;PARTSTAT=ACCEPTED;CN=\"secret; too\":mailto:student@a.test\nATTENDEE:mailto:other@a.test\nBEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:secret\nTRIGGER:-PT15M\nEND:VALARM\nEND:VEVENT
BEGIN:VEVENT\nUID:lecture-1\nDTSTAMP:20260101T000000Z\nRECURRENCE-ID;TZID=Europe/Paris:20260119T090000\nDTSTART;TZID=Europe/Paris:20260120T140000\nDTEND;TZID=Europe/Paris:20260120T150000\nSUMMARY:Moved secret\nSEQUENCE:3\nCLASS:CONFIDENTIAL\nEND:VEVENT";

fn of_events(time_range: Option<&str>, props: Vec<PropFilter>, comps: Vec<CompFilter>) -> CompFilter {
    let test = CompTest::Defined { time_range: time_range.map(range), props, comps };
    let event = CompFilter { name: "VEVENT".to_owned(), test };
    let test = CompTest::Defined { time_range: None, props: Vec::new(), comps: vec![event] };
    CompFilter { name: "VCALENDAR".to_owned(), test }
}

fn prop(name: &str, value: ValueTest, params: Vec<ParamFilter>) -> PropFilter {
    PropFilter { name: name.to_owned(), test: PropTest::Defined { value, params } }
}

fn text(wanted: &str) -> TextMatch {
    TextMatch::new(wanted, Collation::default(), MatchType::default())
}

#[test]
fn filters() {
    let lecture = object(LECTURE);
    let check = |filter: CompFilter, expected: bool| assert_eq!(filter.matches(&lecture), Ok(expected), "{filter:?}");
    let not_defined = |name: &str| PropFilter { name: name.to_owned(), test: PropTest::NotDefined };
    check(of_events(None, vec![], vec![]), true);
    check(of_events(Some("20260112T000000Z/20260113T000000Z"), vec![], vec![]), true);
    // The instance of 19 January has moved to the 20th.
    check(of_events(Some("20260119T000000Z/20260120T000000Z"), vec![], vec![]), false);
    check(of_events(Some("20260120T000000Z/20260121T000000Z"), vec![], vec![]), true);
    // All conditions are on one component: the moved one has another title.
    let title = |wanted: &str| vec![prop("SUMMARY", ValueTest::Text(text(wanted)), vec![])];
    check(of_events(Some("20260120T000000Z/20260121T000000Z"), title("analyse"), vec![]), false);
    check(of_events(Some("20260120T000000Z/20260121T000000Z"), title("MOVED"), vec![]), true);
    check(of_events(None, title("analyse, SECRET"), vec![]), true);
    let casemap = TextMatch::new("éléMENTS", Collation::UnicodeCasemap, MatchType::StartsWith);
    check(of_events(None, vec![prop("SUMMARY", ValueTest::Text(casemap.clone()), vec![])], vec![]), true);
    check(
        of_events(
            None,
            vec![prop(
                "SUMMARY",
                ValueTest::Text(TextMatch::new("ÉLÉMENTS", Collation::AsciiCasemap, MatchType::Contains)),
                vec![],
            )],
            vec![],
        ),
        false,
    );
    check(
        of_events(
            None,
            vec![prop(
                "UID",
                ValueTest::Text(TextMatch::new("Lecture-1", Collation::Octet, MatchType::Equals)),
                vec![],
            )],
            vec![],
        ),
        false,
    );
    check(of_events(None, vec![prop("UID", ValueTest::Text(text("lecture").negated()), vec![])], vec![]), false);
    check(of_events(None, vec![not_defined("LOCATION"), not_defined("RRULE")], vec![]), true);
    check(of_events(None, vec![not_defined("UID")], vec![]), false);
    let accepted = ParamFilter { name: "PARTSTAT".to_owned(), test: ParamTest::Text(text("accepted")) };
    let attendee = |who: &str, param: ParamFilter| vec![prop("ATTENDEE", ValueTest::Text(text(who)), vec![param])];
    check(of_events(None, attendee("student@", accepted.clone()), vec![]), true);
    check(of_events(None, attendee("other@", accepted), vec![]), false);
    check(
        of_events(
            None,
            attendee("other@", ParamFilter { name: "PARTSTAT".to_owned(), test: ParamTest::NotDefined }),
            vec![],
        ),
        true,
    );
    let stamped = |of: &str| vec![prop("DTSTAMP", ValueTest::TimeRange(range(of)), vec![])];
    check(of_events(None, stamped("20260101T000000Z/20260101T000001Z"), vec![]), true);
    check(of_events(None, stamped("20251231T000000Z/20260101T000000Z"), vec![]), false);
    let alarm = |time_range: Option<&str>| {
        vec![CompFilter {
            name: "VALARM".to_owned(),
            test: CompTest::Defined { time_range: time_range.map(range), props: vec![], comps: vec![] },
        }]
    };
    check(of_events(None, vec![], alarm(Some("20260112T074500Z/20260112T074501Z"))), true);
    check(of_events(None, vec![], alarm(Some("20260112T074600Z/20260112T090000Z"))), false);
    check(of_events(None, vec![], vec![CompFilter { name: "VALARM".to_owned(), test: CompTest::NotDefined }]), true);
    let tasks = |test: CompTest| {
        let tasks = CompFilter { name: "VTODO".to_owned(), test };
        CompFilter {
            name: "VCALENDAR".to_owned(),
            test: CompTest::Defined { time_range: None, props: vec![], comps: vec![tasks] },
        }
    };
    check(tasks(CompTest::NotDefined), true);
    check(tasks(CompTest::Defined { time_range: None, props: vec![], comps: vec![] }), false);
}

#[test]
fn facts() {
    let facts = object(LECTURE).facts().unwrap();
    assert_eq!((facts.uid.as_str(), facts.kind, facts.sequence), ("lecture-1", Kind::Event, 3));
    assert_eq!(facts.starts, Some(utc("20260105T080000Z")));
    assert!(facts.ends >= Ends::At(utc("20260126T090000Z")) && facts.ends < Ends::At(utc("20260201T000000Z")));
    assert_eq!(
        (facts.recurring, facts.floating, facts.transparent, facts.class),
        (true, false, false, Class::Confidential)
    );
    assert_eq!(facts.status.as_deref(), Some("CONFIRMED"));
    assert_eq!(facts.unknown_zones, [""; 0]);
    assert_eq!(facts.scheduling.organizer.unwrap().address, "mailto:prof@a.test");
    let attendees: Vec<_> =
        facts.scheduling.attendees.iter().map(|one| (one.address.as_str(), one.participation.as_str())).collect();
    assert_eq!(attendees, [("mailto:student@a.test", "ACCEPTED"), ("mailto:other@a.test", "NEEDS-ACTION")]);
    let unknown = event("DTSTART;TZID=Nowhere:20260105T090000\nCLASS:X-ODD\nTRANSP:TRANSPARENT").facts().unwrap();
    assert_eq!((unknown.unknown_zones, unknown.floating), (vec!["Nowhere".to_owned()], true));
    assert_eq!((unknown.class, unknown.transparent), (Class::Private, true));
}

#[test]
fn demands() {
    let read = |text: &str| CalendarObject::read(text.to_owned().leak().as_bytes(), Zone::utc()).unwrap();
    assert_eq!(object(LECTURE).fit(), Ok(Kind::Event));
    let event = "BEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\nDTSTART:20260101T000000Z\n";
    for (inside, line, what) in [
        ("", 1, "no event, task or journal entry"),
        ("METHOD:REQUEST\n", 3, "METHOD is for messages, and not stored"),
        ("BEGIN:VEVENT\nDTSTART:20260101T000000Z\nEND:VEVENT\n", 3, "a VEVENT without UID"),
        ("BEGIN:VEVENT\nUID:1\nEND:VEVENT\n", 3, "a VEVENT without DTSTART"),
        (&format!("{event}END:VEVENT\n{event}END:VEVENT\n"), 8, "a second component without RECURRENCE-ID"),
        (&format!("{event}END:VEVENT\nBEGIN:VTODO\nUID:1\nEND:VTODO\n"), 8, "a VTODO beside a VEVENT"),
        (&format!("{event}END:VEVENT\n{}END:VEVENT\n", event.replace("UID:1", "UID:2")), 9, "a second UID"),
        (
            &format!(
                "{event}RECURRENCE-ID:20260101T000000Z\nEND:VEVENT\n{event}RECURRENCE-ID:20260101T000000Z\nEND:VEVENT\n"
            ),
            13,
            "a second component for the same RECURRENCE-ID",
        ),
        (&format!("{event}DTEND:20260101T000000Z\nDURATION:PT1H\nEND:VEVENT\n"), 8, "DURATION beside DTEND"),
        (&format!("{event}DTSTART:20260101T000000Z\nEND:VEVENT\n"), 7, "a second DTSTART in a VEVENT"),
        (
            &format!("{event}DTEND;TZID=Nowhere:20260101T000000\nEND:VEVENT\n"),
            7,
            "DTEND has a TZID that is not known and that no VTIMEZONE explains",
        ),
        (&format!("{event}END:VEVENT\nBEGIN:X-OWN\nEND:X-OWN\n"), 8, "a component that is not known: X-OWN"),
    ] {
        let unfit = read(&format!("BEGIN:VCALENDAR\nVERSION:2.0\n{inside}END:VCALENDAR\n")).fit().unwrap_err();
        assert_eq!((unfit.line, unfit.what.as_str()), (line, what));
    }
    assert_eq!(
        read(&format!("BEGIN:VCALENDAR\n{event}END:VEVENT\nEND:VCALENDAR\n")).fit().unwrap_err().precondition,
        Precondition::ValidCalendarData
    );
    // Two overrides without a master are what somebody has who is invited to two instances.
    assert_eq!(read(&format!("BEGIN:VCALENDAR\nVERSION:2.0\n{event}RECURRENCE-ID:20260101T000000Z\nEND:VEVENT\n{event}RECURRENCE-ID:20260102T000000Z\nEND:VEVENT\nEND:VCALENDAR\n")).fit(), Ok(Kind::Event));
}

fn lines(text: &str) -> Vec<&str> {
    assert!(text.ends_with("\r\n") && text.split("\r\n").all(|line| line.len() <= FOLDED_LINE && !line.contains('\n')));
    text.split_terminator("\r\n").collect()
}

#[test]
fn expanded() {
    let data = CalendarData {
        recurrence: RecurrenceSet::Expand(range("20260112T000000Z/20260121T000000Z")),
        ..CalendarData::default()
    };
    let told = object(LECTURE).partial(&data).unwrap();
    let found: Vec<&str> = lines(&told)
        .into_iter()
        .filter(|line| ["DT", "REC", "RRU", "TZ", "SUM"].iter().any(|name| line.starts_with(name)))
        .collect();
    assert_eq!(
        found,
        [
            "DTSTAMP:20260101T000000Z",
            "DTSTART:20260112T080000Z",
            "RECURRENCE-ID:20260112T080000Z",
            "DTEND:20260112T090000Z",
            "SUMMARY;LANGUAGE=fr:Éléments d'analyse\\, secret",
            "DTSTAMP:20260101T000000Z",
            "DTSTART:20260120T130000Z",
            "RECURRENCE-ID:20260119T080000Z",
            "DTEND:20260120T140000Z",
            "SUMMARY:Moved secret",
        ]
    );
    // What is told is read again, and is at the same times.
    let again = CalendarObject::read(told.as_bytes(), Zone::utc()).unwrap();
    assert_eq!(
        shared::instances(&again, "/20270101T000000Z"),
        ["20260112T080000Z/20260112T090000Z", "20260120T130000Z/20260120T140000Z"]
    );
    let data = |of: &str| CalendarData { recurrence: RecurrenceSet::Expand(range(of)), ..CalendarData::default() };
    let day = event("DTSTART;VALUE=DATE:20260105\nRRULE:FREQ=DAILY;COUNT=3")
        .partial(&data("20260106T120000Z/20260106T130000Z"))
        .unwrap();
    assert!(day.contains("DTSTART;VALUE=DATE:20260106\r\nRECURRENCE-ID;VALUE=DATE:20260106\r\n"), "{day}");
    let wrong = event("DTSTART:20260105T000000Z\nRRULE:FREQ=SECONDLY").partial(&data("20260106T120000Z/")).unwrap_err();
    assert_eq!(wrong.fault, Fault::TooManyTimes);
}

#[test]
fn limited() {
    let count = |of: &str| {
        let data = CalendarData { recurrence: RecurrenceSet::Limit(range(of)), ..CalendarData::default() };
        object(LECTURE).partial(&data).unwrap().matches("BEGIN:VEVENT").count()
    };
    // The override matters where it is, and where it is no more.
    assert_eq!(count("20260120T000000Z/20260121T000000Z"), 2);
    assert_eq!(count("20260119T000000Z/20260120T000000Z"), 2);
    assert_eq!(count("20260105T000000Z/20260106T000000Z"), 1);
    let busy = object(
        "BEGIN:VFREEBUSY\nUID:1\nFREEBUSY;FBTYPE=BUSY:20260105T100000Z/PT1H,20260105T140000Z/20260105T150000Z\nFREEBUSY:20260106T100000Z/PT1H\nEND:VFREEBUSY",
    );
    let data = CalendarData {
        limit_freebusy_set: Some(range("20260105T140000Z/20260105T160000Z")),
        ..CalendarData::default()
    };
    let told = busy.partial(&data).unwrap();
    let found: Vec<&str> = lines(&told).into_iter().filter(|line| line.starts_with("FREEBUSY")).collect();
    assert_eq!(found, ["FREEBUSY;FBTYPE=BUSY:20260105T140000Z/20260105T150000Z"]);
}

#[test]
fn selected() {
    let named = |names: &[(&str, bool)]| {
        PropsSelect::Named(
            names.iter().map(|(name, novalue)| PropSelect { name: (*name).to_owned(), novalue: *novalue }).collect(),
        )
    };
    let event = CompSelect {
        name: "VEVENT".to_owned(),
        props: named(&[("UID", false), ("summary", true)]),
        comps: CompsSelect::Named(vec![]),
    };
    let select = CompSelect {
        name: "VCALENDAR".to_owned(),
        props: named(&[("VERSION", false)]),
        comps: CompsSelect::Named(vec![event]),
    };
    let told = object(LECTURE).partial(&CalendarData { select: Some(select), ..CalendarData::default() }).unwrap();
    assert_eq!(
        lines(&told),
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "BEGIN:VEVENT",
            "UID:lecture-1",
            "SUMMARY;LANGUAGE=fr:",
            "END:VEVENT",
            "BEGIN:VEVENT",
            "UID:lecture-1",
            "SUMMARY:",
            "END:VEVENT",
            "END:VCALENDAR"
        ]
    );
    // All of it, written anew, is read as the same.
    let long = format!("DTSTART:20260101T000000Z\nSUMMARY:{}", "é€😀x".repeat(40));
    let whole = shared::event(&long);
    let told = whole.partial(&CalendarData::default()).unwrap();
    lines(&told);
    let again = CalendarObject::read(told.as_bytes(), Zone::utc()).unwrap();
    let texts = |object: &CalendarObject<'_>| {
        object.calendar().components[0].properties.iter().map(|one| one.text().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(texts(&again), texts(&whole));
}

#[test]
fn free_busy() {
    let mut busy = FreeBusy::new(range("20260105T000000Z/20260121T000000Z"));
    busy.add(&object(LECTURE)).unwrap();
    busy.add(&event("DTSTART:20260105T083000Z\nDTEND:20260105T093000Z")).unwrap();
    busy.add(&event("DTSTART:20260105T093000Z\nDTEND:20260105T100000Z")).unwrap();
    busy.add(&event("DTSTART:20260105T090000Z\nDTEND:20260105T110000Z\nSTATUS:TENTATIVE")).unwrap();
    busy.add(&event("DTSTART:20260105T120000Z\nDTEND:20260105T130000Z\nTRANSP:TRANSPARENT")).unwrap();
    busy.add(&event("DTSTART:20260105T120000Z\nDTEND:20260105T130000Z\nSTATUS:CANCELLED")).unwrap();
    busy.add(&event("DTSTART:20260106T120000Z")).unwrap();
    busy.add(&object("BEGIN:VTODO\nUID:1\nDTSTART:20260107T120000Z\nDUE:20260107T130000Z\nEND:VTODO")).unwrap();
    busy.add(&event("DTSTART:20260120T230000Z\nDTEND:20260122T000000Z")).unwrap();
    busy.add(&object("BEGIN:VFREEBUSY\nFREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260108T000000Z/P1D\nFREEBUSY;FBTYPE=FREE:20260109T000000Z/P1D\nEND:VFREEBUSY")).unwrap();
    let heading = Heading {
        product: "-//test//EN",
        method: None,
        uid: "1",
        stamp: utc("20260101T000000Z"),
        organizer: Some("mailto:a@a.test"),
        attendee: None,
    };
    let told = busy.write(&heading);
    assert_eq!(
        lines(&told),
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//test//EN",
            "BEGIN:VFREEBUSY",
            "UID:1",
            "DTSTAMP:20260101T000000Z",
            "DTSTART:20260105T000000Z",
            "DTEND:20260121T000000Z",
            "ORGANIZER:mailto:a@a.test",
            "FREEBUSY:20260105T080000Z/20260105T100000Z",
            "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260105T090000Z/20260105T110000Z",
            "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260108T000000Z/20260109T000000Z",
            "FREEBUSY:20260112T080000Z/20260112T090000Z",
            "FREEBUSY:20260120T130000Z/20260120T140000Z",
            "FREEBUSY:20260120T230000Z/20260121T000000Z",
            "END:VFREEBUSY",
            "END:VCALENDAR",
        ]
    );
}

#[test]
fn spans() {
    let span = |components: &str| {
        let text = format!("BEGIN:VCALENDAR\n{components}\nEND:VCALENDAR\n").replace('\n', "\r\n");
        passerelle_wire_ical::span(text.as_bytes()).map(|(first, last)| format!("{first}/{last}"))
    };
    // Two days on either side, wherever it is looked at.
    let lecture = span(LECTURE).unwrap();
    let (first, last) = lecture.split_once('/').unwrap();
    assert_eq!(first, "20260103T080000Z");
    assert!(("20260126".."20260206").contains(&last), "{last}");
    let event = |lines: &str| span(&format!("BEGIN:VEVENT\nUID:1\n{lines}\nEND:VEVENT"));
    assert_eq!(event("DTSTART:20260105T080000Z\nDTEND:20260105T090000Z").unwrap(), "20260103T080000Z/20260107T090000Z");
    let for_ever = event("DTSTART:20260105T080000Z\nRRULE:FREQ=WEEKLY").unwrap();
    assert_eq!(for_ever, format!("20260103T080000Z/{}", Utc::MAX));
    // What may be at any time, or is looked for by other things than its time.
    assert_eq!(event("SUMMARY:nowhere"), None);
    assert_eq!(event("DTSTART:nonsense"), None);
    assert_eq!(span("BEGIN:VTODO\nUID:1\nDTSTART:20260105T080000Z\nEND:VTODO"), None);
    assert_eq!(span(&format!("{LECTURE}\nBEGIN:VTODO\nUID:2\nEND:VTODO")), None);
    assert_eq!(span("BEGIN:X-OWN\nUID:1\nEND:X-OWN"), None);
    assert_eq!(passerelle_wire_ical::span(b"no calendar"), None);
}

#[test]
fn ranges_that_filters_ask_for() {
    let week = "20260112T000000Z/20260119T000000Z";
    assert_eq!(of_events(Some(week), vec![], vec![]).range(), Some(range(week)));
    assert_eq!(of_events(None, vec![], vec![]).range(), None);
    let none = CompFilter { name: "VEVENT".to_owned(), test: CompTest::NotDefined };
    let test = CompTest::Defined { time_range: None, props: Vec::new(), comps: vec![none] };
    assert_eq!(CompFilter { name: "VCALENDAR".to_owned(), test }.range(), None);
}

#[test]
fn times_are_told_and_texts_are_not() {
    let lecture = object(LECTURE);
    for redaction in [Redaction::Everything, Redaction::ByClass] {
        let told = lecture.redacted(redaction, Some("Occupé"));
        lines(&told);
        assert!(!told.contains("secret") && !told.contains("mailto:"), "{told}");
        assert_eq!(told.matches("SUMMARY:Occupé\r\n").count(), 2);
        let again = CalendarObject::read(told.leak().as_bytes(), Zone::utc()).unwrap();
        assert_eq!(again.occurrences(Range::ALL), lecture.occurrences(Range::ALL));
        assert_eq!(again.fit(), Ok(Kind::Event));
    }
    let public = event("DTSTART:20260101T000000Z\nSUMMARY:open\nDESCRIPTION:open");
    assert!(public.redacted(Redaction::ByClass, None).contains("SUMMARY:open\r\nDESCRIPTION:open"));
    assert!(!public.redacted(Redaction::Everything, None).contains("open"));
}
