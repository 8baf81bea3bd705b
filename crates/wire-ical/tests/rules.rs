//! RFC 5545 §3.8.5.3: each of its examples, in America/New_York as there.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may panic")]

use passerelle_wire_ical::{CalendarObject, Range, Utc, Zone};

/// The starts on the wall, of the first ten years.
fn starts(start: &str, lines: &str) -> Vec<String> {
    let lines = lines.replace('\n', "\r\n");
    let text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=America/New_York:{start}\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    let object = CalendarObject::read(text.as_bytes(), Zone::utc()).unwrap();
    let end = Utc::parse("20080101T000000Z").unwrap();
    let found = object.occurrences(Range { start: Utc::MIN, end });
    assert_eq!(found.truncated, None);
    found.list.iter().map(|one| one.stamp.local.to_string()).collect()
}

/// `expected` is `year month/day,day month/day year ...`, at nine o'clock; an ellipsis at the end says that more follow.
#[track_caller]
fn check(start: &str, lines: &str, expected: &str) {
    let (mut year, mut all) = (0, Vec::new());
    for word in expected.trim_end_matches("...").split_whitespace() {
        match word.split_once('/') {
            None => year = word.parse::<u32>().unwrap(),
            Some((month, days)) => {
                for day in days.split(',') {
                    let (first, last) = day.split_once('-').unwrap_or((day, day));
                    for day in first.parse::<u32>().unwrap()..=last.parse().unwrap() {
                        all.push(format!("{year:04}{:02}{day:02}T090000", month.parse::<u32>().unwrap()));
                    }
                }
            }
        }
    }
    let mut found = starts(start, lines);
    if expected.ends_with("...") {
        assert!(found.len() > all.len(), "{lines}: {found:?}");
        found.truncate(all.len());
    }
    assert_eq!(found, all, "{lines}");
}

#[track_caller]
fn check_times(start: &str, lines: &str, day: &str, expected: &[&str]) {
    let found: Vec<String> =
        starts(start, lines).into_iter().filter_map(|at| Some(at.strip_prefix(day)?.to_owned())).collect();
    assert_eq!(found, expected.iter().map(|time| format!("T{time}00")).collect::<Vec<_>>(), "{lines}");
}

#[test]
fn daily() {
    check("19970902T090000", "RRULE:FREQ=DAILY;COUNT=10", "1997 9/2-11");
    check("19970902T090000", "RRULE:FREQ=DAILY;UNTIL=19971224T000000Z", "1997 9/2-30 10/1-31 11/1-30 12/1-23");
    check(
        "19970902T090000",
        "RRULE:FREQ=DAILY;INTERVAL=2",
        "1997 9/2,4,6,8,10,12,14,16,18,20,22,24,26,28,30 10/2,4,6 ...",
    );
    check("19970902T090000", "RRULE:FREQ=DAILY;INTERVAL=10;COUNT=5", "1997 9/2,12,22 10/2,12");
    let januaries = "1998 1/1-31 1999 1/1-31 2000 1/1-31";
    let yearly = "RRULE:FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA";
    check("19980101T090000", yearly, januaries);
    check("19980101T090000", "RRULE:FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1", januaries);
}

#[test]
fn weekly() {
    check("19970902T090000", "RRULE:FREQ=WEEKLY;COUNT=10", "1997 9/2,9,16,23,30 10/7,14,21,28 11/4");
    check(
        "19970902T090000",
        "RRULE:FREQ=WEEKLY;UNTIL=19971224T000000Z",
        "1997 9/2,9,16,23,30 10/7,14,21,28 11/4,11,18,25 12/2,9,16,23",
    );
    check(
        "19970902T090000",
        "RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU",
        "1997 9/2,16,30 10/14,28 11/11,25 12/9,23 1998 1/6,20 2/3,17 ...",
    );
    let five_weeks = "1997 9/2,4,9,11,16,18,23,25,30 10/2";
    check("19970902T090000", "RRULE:FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", five_weeks);
    check("19970902T090000", "RRULE:FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", five_weeks);
    check(
        "19970901T090000",
        "RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;\n BYDAY=MO,WE,FR",
        "1997 9/1,3,5,15,17,19,29 10/1,3,13,15,17,27,29,31 11/10,12,14,24,26,28 12/8,10,12,22",
    );
    check(
        "19970902T090000",
        "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
        "1997 9/2,4,16,18,30 10/2,14,16",
    );
    check("19970805T090000", "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997 8/5,10,19,24");
    check("19970805T090000", "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997 8/5,17,19,31");
}

#[test]
fn monthly() {
    let first_fridays = "1997 9/5 10/3 11/7 12/5 1998 1/2 2/6 3/6 4/3 5/1 6/5";
    check("19970905T090000", "RRULE:FREQ=MONTHLY;COUNT=10;BYDAY=1FR", first_fridays);
    check("19970905T090000", "RRULE:FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR", "1997 9/5 10/3 11/7 12/5");
    check(
        "19970907T090000",
        "RRULE:FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
        "1997 9/7,28 11/2,30 1998 1/4,25 3/1,29 5/3,31",
    );
    check("19970922T090000", "RRULE:FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "1997 9/22 10/20 11/17 12/22 1998 1/19 2/16");
    check("19970928T090000", "RRULE:FREQ=MONTHLY;BYMONTHDAY=-3", "1997 9/28 10/29 11/28 12/29 1998 1/29 2/26 ...");
    check(
        "19970902T090000",
        "RRULE:FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
        "1997 9/2,15 10/2,15 11/2,15 12/2,15 1998 1/2,15",
    );
    check(
        "19970930T090000",
        "RRULE:FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
        "1997 9/30 10/1,31 11/1,30 12/1,31 1998 1/1,31 2/1",
    );
    check(
        "19970910T090000",
        "RRULE:FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,\n 13,14,15",
        "1997 9/10-15 1999 3/10-13",
    );
    check(
        "19970902T090000",
        "RRULE:FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
        "1997 9/2,9,16,23,30 11/4,11,18,25 1998 1/6,13,20,27 3/3,10,17,24,31 ...",
    );
    check(
        "19970902T090000",
        "EXDATE;TZID=America/New_York:19970902T090000\nRRULE:FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "1998 2/13 3/13 11/13 1999 8/13 2000 10/13 ...",
    );
    check(
        "19970913T090000",
        "RRULE:FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
        "1997 9/13 10/11 11/8 12/13 1998 1/10 2/7 3/7 4/11 5/9 6/13 ...",
    );
    check("19970904T090000", "RRULE:FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997 9/4 10/7 11/6");
    // The Sunday before it is the first of its week, which begins there.
    check("19980108T090000", "RRULE:FREQ=WEEKLY;COUNT=3;WKST=SU;BYDAY=TH,SU;BYSETPOS=2", "1998 1/8,15,22");
    check(
        "19970929T090000",
        "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
        "1997 9/29 10/30 11/27 12/30 1998 1/29 2/26 3/30 ...",
    );
    check("20070115T090000", "RRULE:FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007 1/15,30 2/15 3/15,30");
}

#[test]
fn yearly() {
    check(
        "19970610T090000",
        "RRULE:FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
        "1997 6/10 7/10 1998 6/10 7/10 1999 6/10 7/10 2000 6/10 7/10 2001 6/10 7/10",
    );
    check(
        "19970310T090000",
        "RRULE:FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
        "1997 3/10 1999 1/10 2/10 3/10 2001 1/10 2/10 3/10 2003 1/10 2/10 3/10",
    );
    check(
        "19970101T090000",
        "RRULE:FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
        "1997 1/1 4/10 7/19 2000 1/1 4/9 7/18 2003 1/1 4/10 7/19 2006 1/1",
    );
    check("19970519T090000", "RRULE:FREQ=YEARLY;BYDAY=20MO", "1997 5/19 1998 5/18 1999 5/17 ...");
    check("19970512T090000", "RRULE:FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997 5/12 1998 5/11 1999 5/17 ...");
    check(
        "19970313T090000",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
        "1997 3/13,20,27 1998 3/5,12,19,26 1999 3/4,11,18,25 ...",
    );
    check(
        "19970605T090000",
        "RRULE:FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
        "1997 6/5,12,19,26 7/3,10,17,24,31 8/7,14,21,28 1998 6/4,11,18,25 7/2,9,16,23,30 8/6,13,20,27
         1999 6/3,10,17,24 7/1,8,15,22,29 8/5,12,19,26 ...",
    );
    check(
        "19961105T090000",
        "RRULE:FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;\n BYMONTHDAY=2,3,4,5,6,7,8",
        "1996 11/5 2000 11/7 2004 11/2",
    );
}

#[test]
fn weeks_that_are_in_two_years() {
    check("19990101T090000", "RRULE:FREQ=YEARLY;BYWEEKNO=53;BYDAY=FR", "1999 1/1 2004 12/31");
    check("19990101T090000", "RRULE:FREQ=YEARLY;BYWEEKNO=-1;BYDAY=FR;COUNT=3", "1999 1/1 12/31 2000 12/29");
    check(
        "19971229T090000",
        "RRULE:FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO",
        "1997 12/29 1999 1/4 2000 1/3 2001 1/1 12/31 2002 12/30 2003 12/29 2005 1/3 2006 1/2 2007 1/1 12/31",
    );
    // What is missing is taken from DTSTART: its day of the week.
    check("19970512T090000", "RRULE:FREQ=YEARLY;BYWEEKNO=20;COUNT=3", "1997 5/12 1998 5/11 1999 5/17");
}

#[test]
fn within_a_day() {
    // The RFC prints UNTIL as 17:00Z and means 17:00 in New York, which is 21:00Z.
    check_times(
        "19970902T090000",
        "RRULE:FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z",
        "19970902",
        &["0900", "1200", "1500"],
    );
    check_times(
        "19970902T090000",
        "RRULE:FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000Z",
        "19970902",
        &["0900", "1200"],
    );
    check_times(
        "19970902T090000",
        "RRULE:FREQ=MINUTELY;INTERVAL=15;COUNT=6",
        "19970902",
        &["0900", "0915", "0930", "0945", "1000", "1015"],
    );
    check_times(
        "19970902T090000",
        "RRULE:FREQ=MINUTELY;INTERVAL=90;COUNT=4",
        "19970902",
        &["0900", "1030", "1200", "1330"],
    );
    let every_20_minutes: Vec<String> =
        (9..17).flat_map(|hour| [0, 20, 40].map(|minute| format!("{hour:02}{minute:02}"))).collect();
    let every_20_minutes: Vec<&str> = every_20_minutes.iter().map(String::as_str).collect();
    for rule in [
        "RRULE:FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40;UNTIL=19971001T000000Z",
        "RRULE:FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16;UNTIL=19971001T000000Z",
    ] {
        for day in ["19970902", "19970903", "19970930"] {
            check_times("19970902T090000", rule, day, &every_20_minutes);
        }
    }
}
