//! Lines, parameters and texts as programs write them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may panic")]

use passerelle_wire_ical::{Component, Fault, LONGEST_LINE, Property, escaped, parameter_value, pieces, unescaped};

fn one(line: &[u8]) -> Component<'static> {
    let octets: &'static [u8] = [b"BEGIN:VCALENDAR\n", line, b"\nEND:VCALENDAR\n"].concat().leak();
    Component::calendar(octets).unwrap()
}

#[track_caller]
fn check(line: &[u8], name: &str, parameters: &[(&str, &[&str])], value: &str) {
    let calendar = one(line);
    let property = &calendar.properties[0];
    assert_eq!((property.name(), property.value()), (name, value));
    let found: Vec<(&str, Vec<String>)> =
        property.parameters().map(|one| (one.name, one.values().map(|value| value.into_owned()).collect())).collect();
    let expected: Vec<(&str, Vec<String>)> = parameters
        .iter()
        .map(|(name, values)| (*name, values.iter().map(|value| (*value).to_owned()).collect()))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn lines() {
    check(b"SUMMARY:Cours", "SUMMARY", &[], "Cours");
    check(b"SUMMARY:", "SUMMARY", &[], "");
    check(b"SUMMARY:a\r\n b\r\n\tc", "SUMMARY", &[], "abc");
    // A fold in the middle of a character, as octets are counted.
    check(b"SUMMARY:caf\xc3\r\n \xa9", "SUMMARY", &[], "café");
    check(b"SUM\n MARY;LANG\n UAGE=fr:x", "SUMMARY", &[("LANGUAGE", &["fr"])], "x");
    check(
        b"ATTENDEE;CN=\"Dupont; Jean: x\";ROLE=CHAIR:mailto:j@a.test",
        "ATTENDEE",
        &[("CN", &["Dupont; Jean: x"]), ("ROLE", &["CHAIR"])],
        "mailto:j@a.test",
    );
    check(
        b"ATTENDEE;MEMBER=\"mailto:a@a.test\",\"mailto:b@a.test\":x",
        "ATTENDEE",
        &[("MEMBER", &["mailto:a@a.test", "mailto:b@a.test"])],
        "x",
    );
    check(b"X;CN=^'quoted^' a^^b^nc^d:x", "X", &[("CN", &["\"quoted\" a^b\nc^d"])], "x");
    check(b"DTSTART;TZID=Europe/Paris:20260101T120000", "DTSTART", &[("TZID", &["Europe/Paris"])], "20260101T120000");
    check(b"X;EMPTY=:x", "X", &[("EMPTY", &[""])], "x");
    check(b"\n\r\n  \r\nX:y", "X", &[], "y");
}

#[test]
fn broken_text_is_told_where_it_harms() {
    let calendar = one(b"SUMMARY:caf\xe9");
    assert_eq!(calendar.properties[0].value(), "caf\u{fffd}");
    assert!(calendar.properties[0].is_broken());
    refused(b"BEGIN:VCALENDAR\nX;CN=\xe9:x\nEND:VCALENDAR\n", 2, "a name or a parameter that is not UTF-8");
}

#[track_caller]
fn refused(octets: &[u8], line: usize, what: &str) {
    let wrong = Component::calendar(octets).unwrap_err();
    assert_eq!((wrong.line, wrong.what.as_str()), (line, what));
}

#[test]
fn what_is_wrong_has_a_line() {
    refused(b"", 0, "no VCALENDAR");
    refused(b"BEGIN:VCARD\nEND:VCARD\n", 1, "a component that is not VCALENDAR");
    refused(
        b"BEGIN:VCALENDAR\nEND:VCALENDAR\nBEGIN:VCALENDAR\nEND:VCALENDAR\n",
        3,
        "a second component: one VCALENDAR is read",
    );
    refused(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n", 3, "an END of another component than the open VEVENT");
    refused(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n", 2, "a VEVENT without an END");
    refused(b"X:y\n", 1, "a line outside of a component: BEGIN is missing");
    refused(b"BEGIN:VCALENDAR\n\nDTSTART\nEND:VCALENDAR\n", 3, "no `:` after the property's name");
    refused(b"BEGIN:VCALENDAR\nA B:c\nEND:VCALENDAR\n", 2, "an octet in the property's name that no name has");
    refused(b"BEGIN:VCALENDAR\n:c\nEND:VCALENDAR\n", 2, "no property's name at the beginning of the line");
    refused(b"BEGIN:VCALENDAR\nA;B:c\nEND:VCALENDAR\n", 2, "a parameter without a value");
    refused(b"BEGIN:VCALENDAR\nA;=b:c\nEND:VCALENDAR\n", 2, "a parameter without a name");
    refused(b"BEGIN:VCALENDAR\nA;B=\"c:d\nEND:VCALENDAR\n", 2, "a quote in a parameter that is not closed");
}

#[test]
fn what_is_too_large_is_refused() {
    let mut long = b"BEGIN:VCALENDAR\nX:".to_vec();
    for _ in 0..=LONGEST_LINE / 64 {
        long.extend([b'x'; 64]);
        long.extend(b"\n ");
    }
    assert_eq!(Component::calendar(&long).unwrap_err().fault, Fault::TooLarge);
    let deep = b"BEGIN:VCALENDAR\n".repeat(9);
    assert_eq!(Component::calendar(&deep).unwrap_err().fault, Fault::TooLarge);
    let many = [b"BEGIN:VCALENDAR\n".to_vec(), b"BEGIN:V\nEND:V\n".repeat(50_000)].concat();
    assert_eq!(Component::calendar(&many).unwrap_err().fault, Fault::TooLarge);
    let many = [b"BEGIN:VCALENDAR\n".to_vec(), b"X:\n".repeat(500_001)].concat();
    assert_eq!(Component::calendar(&many).unwrap_err().fault, Fault::TooLarge);
}

#[test]
fn texts() {
    for (value, text) in [
        (r"a\, b\; c\\ d\nE\NF", "a, b; c\\ d\nE\nF"),
        (r"C:\temp", r"C:\temp"),
        (r"end\", r"end\"),
        ("plain", "plain"),
        (r"\\n", r"\n"),
    ] {
        assert_eq!(unescaped(value), text);
        assert_eq!(unescaped(&escaped(text)), text);
    }
    assert_eq!(escaped("a\r\nb\rc\nd"), r"a\nb\nc\nd");
    assert_eq!(pieces(r"a\,b,c,", ',').collect::<Vec<_>>(), [r"a\,b", "c", ""]);
    assert_eq!(parameter_value("a\"b^c\nd"), "a^'b^^c^nd");
    assert_eq!(parameter_value("a:b"), "\"a:b\"");
}

fn card(lines: &[u8]) -> Component<'static> {
    let octets: &'static [u8] = [b"BEGIN:VCARD\r\n", lines, b"\r\nEND:VCARD\r\n"].concat().leak();
    Component::cards(octets).unwrap().remove(0)
}

#[test]
fn cards_of_old() {
    let decoded = |lines: &[u8]| {
        card(lines).properties.iter().map(Property::decoded).map(|text| text.into_owned()).collect::<Vec<_>>()
    };
    assert_eq!(decoded(b"N;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Dupr=C3=A9;Zo=C3=AB"), ["Dupré;Zoë"]);
    assert_eq!(decoded(b"N;QUOTED-PRINTABLE;CHARSET=ISO-8859-1:Dupr=E9"), ["Dupré"]);
    assert_eq!(
        decoded(b"NOTE;ENCODING=QUOTED-PRINTABLE:one=\r\ntwo=3D=\r\n=0D=0Athree\r\nTEL;HOME;VOICE:1"),
        ["onetwo=\r\nthree", "1"]
    );
    assert_eq!(decoded(b"NOTE;CHARSET=ISO-8859-1:caf\xe9"), ["café"]);
    let tel = card(b"item1.TEL;HOME;VOICE:1");
    let tel = &tel.properties[0];
    assert_eq!((tel.group(), tel.name()), (Some("item1"), "TEL"));
    assert_eq!(
        tel.parameters().map(|one| (one.name, one.values().next().unwrap().into_owned())).collect::<Vec<_>>(),
        [("TYPE", "HOME".to_owned()), ("TYPE", "VOICE".to_owned())]
    );
}
