//! RFC 4791: what reports find, and which parts of it they tell.

use super::{super::files, Desk};
use crate::{collections::event, harness::Gateway};

const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";

fn desk(gateway: &Gateway) -> Desk<'_> {
    Desk { gateway, who: "u00218@a.test:pw-u00218".to_owned(), at: "/dav/calendars/u00218/tout/".to_owned() }
}

/// One component in an object of its own, without the lines that all have.
fn object(kind: &str, uid: &str, lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:{kind}\r\nUID:{uid}\r\nDTSTAMP:20261101T080000Z\r\n{lines}\
         END:{kind}\r\nEND:VCALENDAR\r\n"
    )
}

fn query(more: &str, data: &str, filter: &str) -> String {
    format!(
        "<C:calendar-query xmlns:D='DAV:' xmlns:C='{CALDAV}'><D:prop><D:getetag/>{data}</D:prop><C:filter>\
         <C:comp-filter name='VCALENDAR'>{filter}</C:comp-filter></C:filter>{more}</C:calendar-query>"
    )
}

/// The names of what a query finds.
fn found(desk: &Desk<'_>, filter: &str) -> Vec<String> {
    let told = desk.report(&query("", "", filter));
    let mut names: Vec<String> = crate::collections::hrefs(&told)
        .iter()
        .filter_map(|href| href.strip_prefix(desk.at.as_str()).and_then(|name| name.strip_suffix(".ics")))
        .map(str::to_owned)
        .collect();
    names.sort();
    names
}

#[test]
fn filters_find_what_they_say() {
    let gateway = files::start("clauses-filters");
    let desk = desk(&gateway);
    assert_eq!(desk.ask("MKCALENDAR", "", &[], "").status, 201);
    let meeting = "DTSTART:20261201T090000Z\r\nDTEND:20261201T100000Z\r\nSUMMARY:Réunion\r\nLOCATION:Salle 12\r\n\
        ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:x@x.test\r\n";
    for (name, content) in [
        ("meeting", object("VEVENT", "meeting", meeting)),
        ("day", object("VEVENT", "day", "DTSTART;VALUE=DATE:20261202\r\nSUMMARY:Fête\r\nTRANSP:TRANSPARENT\r\n")),
        ("float", object("VEVENT", "float", "DTSTART:20261203T003000\r\nDURATION:PT1H\r\nSUMMARY:nuit\r\n")),
        ("due", object("VTODO", "due", "DUE:20261205T120000Z\r\nSUMMARY:Rendre\r\n")),
        ("done", object("VTODO", "done", "COMPLETED:20261101T000000Z\r\nSTATUS:COMPLETED\r\nSUMMARY:Rendu\r\n")),
        ("note", object("VJOURNAL", "note", "DTSTART;VALUE=DATE:20261206\r\nSUMMARY:Notes\r\n")),
        (
            "alarm",
            object(
                "VTODO",
                "alarm",
                "DUE:20261220T120000Z\r\nSUMMARY:Plus tard\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\n\
                 TRIGGER;VALUE=DATE-TIME:20261210T080000Z\r\nEND:VALARM\r\n",
            ),
        ),
    ] {
        desk.put(&format!("{name}.ics"), &content);
    }
    let within = |kind: &str, start: &str, end: &str| {
        format!("<C:comp-filter name='{kind}'><C:time-range start='{start}' end='{end}'/></C:comp-filter>")
    };
    let text = |attributes: &str, words: &str| {
        format!(
            "<C:comp-filter name='VEVENT'><C:prop-filter name='SUMMARY'><C:text-match {attributes}>{words}</C:text-match></C:prop-filter></C:comp-filter>"
        )
    };
    let all = ["alarm", "day", "done", "due", "float", "meeting", "note"];
    for (filter, names) in [
        // RFC 4791 §7.8, §9.5: everything; RFC 4791 §9.7, §9.7.1: of one kind.
        (String::new(), all.as_slice()),
        ("<C:comp-filter name='VEVENT'/>".to_owned(), &["day", "float", "meeting"]),
        ("<C:comp-filter name='VJOURNAL'/>".to_owned(), &["note"]),
        // RFC 4791 §9.7.4: a component and a property that are not there.
        (
            "<C:comp-filter name='VTODO'><C:prop-filter name='COMPLETED'><C:is-not-defined/></C:prop-filter></C:comp-filter>".to_owned(),
            &["alarm", "due"],
        ),
        (
            "<C:comp-filter name='VTODO'><C:comp-filter name='VALARM'><C:is-not-defined/></C:comp-filter></C:comp-filter>".to_owned(),
            &["done", "due"],
        ),
        // RFC 4791 §7.4, §9.9: events, days, tasks, notes and alarms in a time.
        (within("VEVENT", "20261201T093000Z", "20261201T100000Z"), &["meeting"]),
        (within("VEVENT", "20261201T100000Z", "20261201T110000Z"), &[]),
        (within("VEVENT", "20261202T120000Z", "20261202T130000Z"), &["day"]),
        (within("VTODO", "20261205T110000Z", "20261205T130000Z"), &["due"]),
        (within("VJOURNAL", "20261206T000000Z", "20261206T120000Z"), &["note"]),
        (
            format!(
                "<C:comp-filter name='VTODO'>{}</C:comp-filter>",
                within("VALARM", "20261210T000000Z", "20261211T000000Z")
            ),
            &["alarm"],
        ),
        // RFC 4791 §9.7.2: a property that is there.
        ("<C:comp-filter name='VEVENT'><C:prop-filter name='LOCATION'/></C:comp-filter>".to_owned(), &["meeting"]),
        // RFC 4791 §9.7.3: one of its parameters.
        (
            "<C:comp-filter name='VEVENT'><C:prop-filter name='ATTENDEE'><C:param-filter name='PARTSTAT'><C:text-match>needs-action</C:text-match>\
             </C:param-filter></C:prop-filter></C:comp-filter>".to_owned(),
            &["meeting"],
        ),
        // RFC 4791 §9.7.5, §7.5: within a text, by its collation, and negated.
        (text("", "ÉUNION"), &[]),
        (text("", "UNION"), &["meeting"]),
        (text("collation='i;octet'", "UNION"), &[]),
        (text("collation='i;octet'", "union"), &["meeting"]),
        (text("negate-condition='yes'", "union"), &["day", "float"]),
    ] {
        assert_eq!(found(&desk, &filter), names, "{filter}");
    }
    // RFC 4791 §7.3, §9.8: a time without a zone is in the zone of the query.
    let zone = "<C:timezone>BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\nBEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:19700101T000000\n\
        TZOFFSETFROM:+0300\nTZOFFSETTO:+0300\nEND:STANDARD\nEND:VTIMEZONE\nEND:VCALENDAR\n</C:timezone>";
    let evening = within("VEVENT", "20261202T213000Z", "20261202T214500Z");
    assert!(desk.report(&query(zone, "", &evening)).contains("float.ics"));
    // The day before is a day in UTC without a zone, and ends at nine in the evening in that one.
    assert_eq!(found(&desk, &evening), ["day"]);
    // RFC 4791 §7.8, §7.5: what is no filter, and what is no collation.
    let refused = |filter: &str| desk.ask("REPORT", "", &["Depth: 1"], &query("", "", filter));
    desk.refused(&refused("<C:prop-filter/>"), 403, "valid-filter");
    desk.refused(&refused(&text("collation='i;none'", "x")), 403, "supported-collation");
    // RFC 4791 §7.2: no report of calendars on other folders.
    let files = Desk { gateway: &gateway, who: desk.who.clone(), at: "/dav/files/u00218/".to_owned() };
    desk.refused(&files.ask("REPORT", "", &["Depth: 1"], &query("", "", "")), 403, "supported-report");
}

#[test]
fn reports_tell_the_parts_that_are_asked_for() {
    let gateway = files::start("clauses-parts");
    let desk = Desk { at: "/dav/calendars/u00218/parts/".to_owned(), ..desk(&gateway) };
    assert_eq!(desk.ask("MKCALENDAR", "", &[], "").status, 201);
    let weekly = object(
        "VEVENT",
        "weekly",
        "DTSTART:20261207T090000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;COUNT=10\r\nEXDATE:20261221T090000Z\r\nSUMMARY:Cours\r\nLOCATION:A\r\n",
    );
    let moved = "BEGIN:VEVENT\r\nUID:weekly\r\nDTSTAMP:20261101T080000Z\r\nRECURRENCE-ID:20261214T090000Z\r\nDTSTART:20261215T140000Z\r\n\
        DURATION:PT1H\r\nSUMMARY:Ailleurs\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:weekly\r\nDTSTAMP:20261101T080000Z\r\n\
        RECURRENCE-ID:20270118T090000Z\r\nDTSTART:20270118T100000Z\r\nDURATION:PT1H\r\nSUMMARY:Janvier\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    desk.put("weekly.ics", &weekly.replace("END:VCALENDAR\r\n", moved));
    desk.put("once.ics", &event("once", "Une fois"));
    let data = |inner: &str| {
        format!(
            "<C:calendar-multiget xmlns:D='DAV:' xmlns:C='{CALDAV}'><D:prop><C:calendar-data>{inner}</C:calendar-data></D:prop>\
             <D:href>{}weekly.ics</D:href></C:calendar-multiget>",
            desk.at
        )
    };
    // RFC 4791 §7.9, §9.10, §9.6: as it is; what is not there is told as such.
    let whole = desk.report(&data(""));
    assert!(["RRULE", "EXDATE", "Janvier", "Ailleurs"].iter().all(|part| whole.contains(part)), "{whole}");
    let gone = desk.report(&data("").replace("weekly.ics", "none.ics"));
    assert!(gone.contains("404 Not Found"), "{gone}");
    // RFC 4791 §7.6, §9.6.1, §9.6.4: these components and properties.
    let part = desk.report(&data(
        "<C:comp name='VCALENDAR'><C:prop name='VERSION'/><C:comp name='VEVENT'><C:prop name='SUMMARY'/><C:prop name='UID'/></C:comp></C:comp>",
    ));
    assert!(part.contains("SUMMARY:Cours") && !part.contains("LOCATION") && !part.contains("RRULE"), "{part}");
    // RFC 4791 §9.6.2, §9.6.3: all of either.
    let all = desk.report(&data("<C:comp name='VCALENDAR'><C:allprop/><C:allcomp/></C:comp>"));
    assert!(all.contains("PRODID") && all.contains("LOCATION"), "{all}");
    // RFC 4791 §9.6.4: a property's name without its value.
    let named = desk.report(&data(
        "<C:comp name='VCALENDAR'><C:comp name='VEVENT'><C:prop name='SUMMARY' novalue='yes'/></C:comp></C:comp>",
    ));
    assert!(named.contains("SUMMARY:\r\n") && !named.contains("Cours"), "{named}");
    // RFC 4791 §9.6.5: the instances of a time, in UTC, and no rule.
    let expanded = desk.report(&data("<C:expand start='20261201T000000Z' end='20261229T000000Z'/>"));
    for start in ["20261207T090000Z", "20261215T140000Z", "20261228T090000Z"] {
        assert!(expanded.contains(&format!("DTSTART:{start}")), "{start}: {expanded}");
    }
    assert!(!expanded.contains("RRULE") && !expanded.contains("DTSTART:20261221"), "{expanded}");
    // RFC 4791 §9.6.6: the rule, and the exceptions of a time alone.
    let limited = desk.report(&data("<C:limit-recurrence-set start='20261201T000000Z' end='20261229T000000Z'/>"));
    assert!(limited.contains("RRULE") && limited.contains("Ailleurs") && !limited.contains("Janvier"), "{limited}");
    // RFC 4791 §9.6.7: the periods of a time alone.
    let busy = object(
        "VFREEBUSY",
        "busy",
        "DTSTART:20261201T000000Z\r\nDTEND:20261231T000000Z\r\nFREEBUSY:20261202T090000Z/PT1H,20261220T090000Z/PT1H\r\n",
    );
    desk.put("busy.ics", &busy);
    let limit = data("<C:limit-freebusy-set start='20261201T000000Z' end='20261210T000000Z'/>");
    let told = desk.report(&limit.replace("weekly.ics", "busy.ics"));
    assert!(told.contains("20261202T090000Z") && !told.contains("20261220T090000Z"), "{told}");

    // RFC 4791 §7.10, §9.11: busy times are merged, and what is transparent takes none.
    desk.put(
        "free.ics",
        &object("VEVENT", "free", "DTSTART:20261208T090000Z\r\nDURATION:PT1H\r\nTRANSP:TRANSPARENT\r\n"),
    );
    desk.put(
        "perhaps.ics",
        &object("VEVENT", "perhaps", "DTSTART:20261209T090000Z\r\nDURATION:PT1H\r\nSTATUS:TENTATIVE\r\n"),
    );
    let answer = desk.ask(
        "REPORT",
        "",
        &["Depth: 1"],
        &format!("<C:free-busy-query xmlns:C='{CALDAV}'><C:time-range start='20261207T000000Z' end='20261211T000000Z'/></C:free-busy-query>"),
    );
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.header("content-type").unwrap().starts_with("text/calendar"));
    assert!(answer.body.contains("FREEBUSY:20261207T090000Z/20261207T100000Z"), "{}", answer.body);
    assert!(answer.body.contains("FREEBUSY;FBTYPE=BUSY-TENTATIVE:20261209T090000Z"), "{}", answer.body);
    assert!(!answer.body.contains("20261208"), "{}", answer.body);
}
