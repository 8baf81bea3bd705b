//! No octets make it panic, and nothing that it yields is refused by what stores it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use passerelle_wire_exchange::{Calendar, Family, Reading, Table, cards, table};
use passerelle_wire_ical::{CalendarObject, Card, Zone};
use proptest::prelude::*;

fn tried(octets: Vec<u8>) {
    let Ok(reading) = Reading::of(octets) else { return };
    let family = reading.format().family();
    for entry in reading.entries().flatten() {
        match family {
            Family::Calendars => {
                CalendarObject::read(&entry.octets, Zone::utc()).unwrap().fit().unwrap();
                Calendar::default().object(&entry.octets).unwrap();
            }
            Family::Contacts => {
                Card::read(&entry.octets).unwrap().fit().unwrap();
                cards(&entry.octets).unwrap();
                table(Table::Google, &entry.octets).unwrap();
                table(Table::Outlook, &entry.octets).unwrap();
            }
        }
        // Under another UID it is that, and can be stored too.
        let other = entry.renamed(family, 1);
        assert_eq!(passerelle_wire_exchange::Entry::of_stored(family, &other.octets).unwrap().uid, other.uid);
    }
}

proptest! {
    #[test]
    fn octets(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
        for head in ["", "BEGIN:VCALENDAR\nVERSION:1.0\nBEGIN:VEVENT\n", "BEGIN:VCARD\n", "dn: x\n", "First Name,Last Name\n"] {
            tried([head.as_bytes(), &octets].concat());
        }
    }

    #[test]
    fn calendars(old in any::<bool>(), lines in "((BEGIN|END):(VEVENT|VTODO|VTIMEZONE|VALARM|VCALENDAR)\n|(UID|DTSTART|DALARM|RRULE|SUMMARY|RECURRENCE-ID|EXDATE|TZID)(;TZID=x|;ENCODING=QUOTED-PRINTABLE)?:([a-z=; ]{0,4}|20261201T090000Z?|[DWMPY]{1,2}1( [A-Z0-9+#-]{1,3}){0,2})\n| x\n){0,14}") {
        let version = if old { "1.0" } else { "2.0" };
        tried(format!("BEGIN:VCALENDAR\nVERSION:{version}\n{lines}END:VCALENDAR\n").into_bytes());
        tried(format!("BEGIN:VCALENDAR\nVERSION:{version}\nBEGIN:VEVENT\nDTSTART:20261201T090000\n{lines}END:VEVENT\nEND:VCALENDAR\n").into_bytes());
    }

    #[test]
    fn contacts(lines in "((BEGIN|END):VCARD\n|VERSION:[234].[01]\n|(N|FN|TEL|ADR|PHOTO|UID|ORG|CATEGORIES)(;CELL|;ENCODING=(BASE64|QUOTED-PRINTABLE)|;TYPE=\"a,b\")?:[A-Za-zé=;,\\\\ ]{0,8}\n| x\n){0,14}") {
        tried(format!("BEGIN:VCARD\n{lines}END:VCARD\n").into_bytes());
        tried(format!("BEGIN:VCARD\nVERSION:2.1\nFN:x\n{lines}END:VCARD\n").into_bytes());
    }

    #[test]
    fn tables(cells in "([a-zé=+'@\"; :/0-9-]{0,6}[,\n]){0,30}") {
        tried(format!("First Name,Last Name,Birthday,E-mail 1 - Value,Address 1 - City,Titre,Titre,x\n{cells}").into_bytes());
    }

    #[test]
    fn entries(lines in "((dn|cn|sn|member|birthyear|objectclass|jpegphoto|x):{1,2} ?[a-z=,é0-9]{0,8}\n|\n){0,14}") {
        tried(format!("dn: cn=x\n{lines}").into_bytes());
    }
}
