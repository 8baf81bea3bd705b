//! RFC 4791: calendars, what is said of them, and what is put into them.

use super::{super::files, Desk};
use crate::{collections::event, harness::Gateway};

const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";

fn desk<'g>(gateway: &'g Gateway, login: &str, name: &str) -> Desk<'g> {
    Desk { gateway, who: format!("{login}@a.test:pw-{login}"), at: format!("/dav/calendars/{login}/{name}/") }
}

/// A request body of this method with properties.
fn mkcalendar(properties: &str) -> String {
    format!(
        "<C:mkcalendar xmlns:D='DAV:' xmlns:C='{CALDAV}'><D:set><D:prop>{properties}</D:prop></D:set></C:mkcalendar>"
    )
}

fn patch(properties: &str) -> String {
    format!(
        "<D:propertyupdate xmlns:D='DAV:' xmlns:C='{CALDAV}'><D:set><D:prop>{properties}</D:prop></D:set></D:propertyupdate>"
    )
}

const ZONE: &str = "BEGIN:VCALENDAR&#13;\nVERSION:2.0&#13;\nPRODID:-//test//EN&#13;\nBEGIN:VTIMEZONE&#13;\nTZID:Atlantic/Azores&#13;\n\
    BEGIN:STANDARD&#13;\nDTSTART:19700101T000000&#13;\nTZOFFSETFROM:-0100&#13;\nTZOFFSETTO:-0100&#13;\nEND:STANDARD&#13;\nEND:VTIMEZONE&#13;\n\
    END:VCALENDAR&#13;\n";

#[test]
fn calendars_are_made_and_described() {
    let gateway = files::start("clauses-calendars");
    let desk = desk(&gateway, "u00218", "cours");
    let made = desk.ask(
        "MKCALENDAR",
        "",
        &[],
        &mkcalendar(&format!(
            "<D:displayname>Cours</D:displayname><C:calendar-description>Du lundi</C:calendar-description>\
             <C:calendar-timezone>{ZONE}</C:calendar-timezone>\
             <C:supported-calendar-component-set><C:comp name='VEVENT'/></C:supported-calendar-component-set>"
        )),
    );
    // RFC 4791 §5.3.1, §9.2: made with its properties.
    assert_eq!(made.status, 201, "{}", made.body);
    // RFC 4791 §5.3.1.1, §1.3: where something is already, and where no calendar can be.
    desk.refused(&desk.ask("MKCALENDAR", "", &[], ""), 403, "resource-must-be-null");
    desk.refused(&desk.ask("MKCALENDAR", "below/", &[], ""), 403, "calendar-collection-location-ok");

    // RFC 4791 §5.1: told on calendars.
    let options = desk.ask("OPTIONS", "", &[], "");
    let classes = options.header("dav").unwrap().to_owned();
    assert!(["1", "3", "access-control", "calendar-access"].iter().all(|it| classes.contains(it)), "{classes}");
    // RFC 4791 §2, §7.1: reports are told where they are.
    let reports = desk.property("supported-report-set", "DAV:");
    for report in ["calendar-query", "calendar-multiget", "free-busy-query"] {
        assert!(reports.contains(report), "{reports}");
    }
    // RFC 4791 §4.2, §9.1: what a calendar is.
    let kind = desk.property("resourcetype", "DAV:");
    assert!(kind.contains("<D:collection/>") && kind.contains("calendar"), "{kind}");
    for (name, part) in [
        // RFC 4791 §5.2.1
        ("calendar-description", "Du lundi"),
        // RFC 4791 §5.2.2
        ("calendar-timezone", "TZID:Atlantic/Azores"),
        // RFC 4791 §5.2.3
        ("supported-calendar-component-set", "name=\"VEVENT\""),
        // RFC 4791 §5.2.4
        ("supported-calendar-data", "text/calendar"),
        // RFC 4791 §5.2.5
        ("max-resource-size", "10485760"),
        // RFC 4791 §7.5.1, §9.4
        ("supported-collation-set", "i;ascii-casemap"),
        ("supported-collation-set", "i;octet"),
    ] {
        let told = desk.property(name, CALDAV);
        assert!(told.contains("200 OK") && told.contains(part), "{name}: {told}");
    }
    // RFC 4791 §5.2.3: told, and not to be changed.
    let other =
        patch("<C:supported-calendar-component-set><C:comp name='VTODO'/></C:supported-calendar-component-set>");
    assert!(desk.ask("PROPPATCH", "", &[], &other).body.contains("403 Forbidden"));
    // RFC 6638 §9.1: whether what is in it takes its owner's time.
    let transp = "schedule-calendar-transp";
    assert!(desk.property(transp, CALDAV).contains("opaque"));
    let free = patch(&format!("<C:{transp}><C:transparent/></C:{transp}>"));
    assert!(desk.ask("PROPPATCH", "", &[], &free).body.contains("200 OK"));
    assert!(desk.property(transp, CALDAV).contains("transparent"));
    // RFC 4791 §5.2.10: a time zone is one whole iCalendar object.
    let no_zone = patch("<C:calendar-timezone>Europe/Paris</C:calendar-timezone>");
    desk.refused(&desk.ask("PROPPATCH", "", &[], &no_zone), 403, "valid-calendar-data");
    assert!(desk.property("calendar-timezone", CALDAV).contains("Atlantic/Azores"));

    // RFC 4791 §6.2.1: where somebody's calendars are.
    let principal = Desk { gateway: &gateway, who: desk.who.clone(), at: "/dav/principals/u00218/".to_owned() };
    let homes = principal.property("calendar-home-set", CALDAV);
    assert!(homes.contains("/dav/calendars/u00218/"), "{homes}");
}

#[test]
fn what_is_put_into_a_calendar_is_one_object_of_its_kind() {
    let gateway = files::start("clauses-objects");
    let desk = desk(&gateway, "u00219", "cours");
    let events =
        mkcalendar("<C:supported-calendar-component-set><C:comp name='VEVENT'/></C:supported-calendar-component-set>");
    assert_eq!(desk.ask("MKCALENDAR", "", &[], &events).status, 201);
    let one = event("one", "kept");
    // RFC 4791 §5.3.2: a new one is not written over another.
    assert_eq!(desk.ask("PUT", "one.ics", &["If-None-Match: *"], &one).status, 201);
    assert_eq!(desk.ask("PUT", "one.ics", &["If-None-Match: *"], &one).status, 412);
    // RFC 4791 §5.3.4: a tag that is strong, the same in every answer, and one where the octets are those that were sent.
    let put = desk.put("tagged.ics", &event("tagged", "kept"));
    let read = desk.ask("GET", "tagged.ics", &[], "");
    let tag = read.header("etag").unwrap();
    assert!(tag.starts_with('"') && put.header("etag") == Some(tag), "{tag}");
    let listed = desk.ask("PROPFIND", "tagged.ics", &["Depth: 0"], "");
    assert!(listed.body.contains(&tag.replace('"', "&quot;")) || listed.body.contains(tag), "{}", listed.body);
    // RFC 4791 §5.3.3, §7.7: what nobody knows stays as it was.
    assert_eq!(read.body, event("tagged", "kept"));
    assert!(read.header("content-type").unwrap().starts_with("text/calendar"));

    let method = one.replace("BEGIN:VEVENT", "METHOD:REQUEST\r\nBEGIN:VEVENT");
    let (begin, end) = (one.find("BEGIN:VEVENT").unwrap(), one.find("END:VCALENDAR").unwrap());
    let two = format!("{}{}{}", &one[..end], one[begin..end].replace("UID:one", "UID:two"), &one[end..]);
    let task = one.replace("VEVENT", "VTODO").replace("DTEND", "DUE");
    for (precondition, text) in [
        // RFC 4791 §5.3.2.1
        ("valid-calendar-data", "BEGIN:VCALENDAR\r\nEND:VEVENT\r\n".to_owned()),
        // RFC 4791 §4.1: no METHOD, one UID, one kind.
        ("valid-calendar-object-resource", method),
        ("valid-calendar-object-resource", two),
        ("supported-calendar-component", task),
    ] {
        let refused = desk.ask("PUT", "bad.ics", &[], &text);
        desk.refused(&refused, 403, precondition);
        assert_eq!(desk.ask("GET", "bad.ics", &[], "").status, 404);
    }
    // RFC 4791 §5.2.5: larger than is taken.
    let large = desk.gateway.dir.join("large.ics");
    std::fs::write(&large, one.replace("kept\\, as it", &"x".repeat(10_485_760))).unwrap();
    let sent = desk.ask("PUT", "large.ics", &["Expect:"], &format!("@{}", large.display()));
    desk.refused(&sent, 403, "max-resource-size");
    // RFC 4791 §4.2: a calendar holds no collections.
    desk.refused(&desk.ask("MKCOL", "below/", &[], ""), 403, "calendar-collection-location-ok");
}
