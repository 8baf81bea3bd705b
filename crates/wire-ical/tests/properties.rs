//! What must hold of all rules: another implementation finds the same instances, and a window shows those that are in it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may panic")]

mod shared;

use passerelle_wire_ical::{CalendarObject, Occurrence, Range, Utc, Zone};
use proptest::prelude::*;
use rrule::RRuleSet;
use shared::range;

/// Instances that are compared of each rule.
const COMPARED: usize = 25;

fn numbers(name: &'static str, of: Vec<i32>, most: usize) -> impl Strategy<Value = String> {
    let some = prop::sample::subsequence(of, 1..=most);
    some.prop_map(move |some| format!(";{name}={}", some.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")))
}

fn maybe(part: impl Strategy<Value = String> + 'static, weight: f64) -> BoxedStrategy<String> {
    if weight == 0.0 {
        return Just(String::new()).boxed();
    }
    prop::option::weighted(weight, part).prop_map(Option::unwrap_or_default).boxed()
}

fn by_day(counted: bool) -> impl Strategy<Value = String> {
    let days = vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
    let nth = prop::sample::select(if counted { vec!["", "", "1", "2", "-1", "-2"] } else { vec![""] });
    (prop::sample::subsequence(days, 1..=4), nth).prop_map(|(days, nth)| {
        format!(";BYDAY={}", days.iter().map(|day| format!("{nth}{day}")).collect::<Vec<_>>().join(","))
    })
}

fn signed(most: i32) -> Vec<i32> {
    (-most..=most).filter(|number| *number != 0).collect()
}

fn rule() -> impl Strategy<Value = String> {
    let frequency =
        prop::sample::select(vec!["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"]);
    (frequency, 1..5_u32, prop::sample::select(vec!["", ";WKST=SU", ";WKST=MO", ";WKST=WE"])).prop_flat_map(
        |(frequency, interval, week_start)| {
            let within = matches!(frequency, "HOURLY" | "MINUTELY" | "SECONDLY");
            let yearly = frequency == "YEARLY";
            let weekly = frequency == "WEEKLY";
            let counted = matches!(frequency, "YEARLY" | "MONTHLY");
            // The other one counts positions in the first week from DTSTART, a Monday, and not from its beginning; `rules.rs` has that.
            let whole_week = !weekly || !matches!(week_start, ";WKST=SU" | ";WKST=WE");
            let weight = |there: bool, weight: f64| if there { weight } else { 0.0 };
            (
                maybe(numbers("BYMONTH", (1..=12).collect(), 4), 0.3),
                maybe(numbers("BYMONTHDAY", signed(31), 5), weight(!weekly, 0.3)),
                maybe(numbers("BYYEARDAY", signed(366), 20), weight(yearly, 0.2)),
                maybe(by_day(counted), 0.4),
                // Of minutes and seconds the other one skips the first day that a month opens, where BYHOUR is there too.
                maybe(numbers("BYHOUR", (0..24).collect(), 3), weight(!within, 0.2)),
                maybe(numbers("BYMINUTE", (0..60).collect(), 3), weight(!within, 0.2)),
                maybe(numbers("BYSETPOS", signed(4), 2), weight(whole_week, 0.2)),
            )
                .prop_map(move |(month, month_day, year_day, day, hour, minute, position)| {
                    format!("FREQ={frequency};INTERVAL={interval}{week_start}{month}{month_day}{year_day}{day}{hour}{minute}{position}")
                })
        },
    )
}

fn weekly_by_number() -> impl Strategy<Value = String> {
    // The other one loses days of the first and last week that are in the other year; `rules.rs` has those.
    let weeks = signed(51).into_iter().filter(|week| week.abs() > 1).collect();
    (numbers("BYWEEKNO", weeks, 3), by_day(false), prop::sample::select(vec!["", ";WKST=SU"]))
        .prop_map(|(week, day, start)| format!("FREQ=YEARLY{week}{day}{start}"))
}

fn object(start: &str, rule: &str) -> CalendarObject<'static> {
    shared::event(&format!("DTSTART{start}\nDURATION:PT90M\nRRULE:{rule}"))
}

/// The instances that another implementation finds; nothing where it does not take the rule, or gives up.
fn oracle(start: &str, rule: &str) -> Option<Vec<i64>> {
    let set: RRuleSet = format!("DTSTART{start}\nRRULE:{rule};UNTIL=20340101T000000Z").parse().ok()?;
    let found = set.all(u16::try_from(COMPARED + 1).unwrap());
    let seconds: Vec<i64> = found.dates.iter().map(chrono_seconds).collect();
    (!seconds.is_empty()).then_some(seconds)
}

fn chrono_seconds(date: &impl ToString) -> i64 {
    // `2026-01-05 08:00:00 UTC`
    let digits: String = date.to_string().chars().filter(char::is_ascii_digit).take(14).collect();
    let (date, time) = digits.split_at(8);
    Utc::parse(&format!("{date}T{time}Z")).unwrap().seconds()
}

fn compare(start: &str, rule: &str) -> Result<(), TestCaseError> {
    let Some(expected) = oracle(start, rule) else {
        return Err(TestCaseError::reject("the other one does not take it"));
    };
    let last = *expected.last().unwrap();
    let found = object(start, rule).occurrences(Range { start: Utc::MIN, end: Utc::of(last) });
    prop_assert_eq!(found.truncated, None);
    let mut found: Vec<i64> = found.list.iter().map(|one| one.start.seconds()).collect();
    // RFC 5545 §3.8.5.3: DTSTART is an instance, which the other one says only where the rule makes it.
    if found.first() != expected.first() {
        found.remove(0);
    }
    prop_assert_eq!(found, expected);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, max_global_rejects: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn another_implementation_finds_the_same(rule in rule()) {
        compare(":20260105T083000Z", &rule)?;
    }

    #[test]
    fn weeks_are_numbered_alike(rule in weekly_by_number(), day in 1..29_u32) {
        compare(&format!(":202601{day:02}T083000Z"), &rule)?;
    }

    #[test]
    fn a_window_shows_what_is_in_it(rule in rule(), count in prop::option::of(1..200_u32), from in 0..4_000_i64, long in 1..60_i64) {
        let rule = count.map_or(rule.clone(), |count| format!("{rule};COUNT={count}"));
        let object = object(";TZID=Europe/Paris:20260105T083000", &rule);
        let start = Utc::parse("20260101T000000Z").unwrap().seconds() + from * 43_200;
        let window = Range { start: Utc::of(start), end: Utc::of(start + long * 3_600) };
        let shown = object.occurrences(window);
        let all = object.occurrences(Range { start: Utc::MIN, end: window.end });
        // What is beyond the limits is told, and compared with nothing.
        prop_assume!(shown.truncated.is_none() && all.truncated.is_none());
        let inside: Vec<Occurrence> = all.list.into_iter().filter(|one| one.end >= window.start).collect();
        prop_assert_eq!(shown.list, inside);
    }

    #[test]
    fn no_instance_is_outside_of_the_span(
        rule in rule(),
        ends in prop::sample::select(vec!["", ";COUNT=1", ";COUNT=7", ";UNTIL=20261101T000000Z", ";UNTIL=20270301"]),
        start in prop::sample::select(vec![
            ":20260105T083000", ":20260105T083000Z", ";TZID=Pacific/Kiritimati:20260105T083000", ";VALUE=DATE:20260105", ";TZID=Nowhere:20260105T083000",
        ]),
        length in prop::sample::select(vec!["DURATION:PT90M", "DURATION:P9D", "DTEND:20260201T000000Z", "SUMMARY:long"]),
        other in prop::sample::select(vec![
            "", "EXDATE:20260112T083000Z\nRDATE:20250101T083000,20300101T083000\n",
            "END:VEVENT\nBEGIN:VEVENT\nUID:1\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260112T083000\nDTSTART:20260110T083000\nDURATION:P3D\n",
            "END:VEVENT\nBEGIN:VEVENT\nUID:2\nDTSTART:20200110T083000\nDURATION:P1D\n",
        ]),
        zone in prop::sample::select(vec!["Pacific/Kiritimati", "Etc/GMT+12", "Europe/Paris"]),
    ) {
        let text = format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART{start}\n{length}\nRRULE:{rule}{ends}\n{other}END:VEVENT\nEND:VCALENDAR\n").replace('\n', "\r\n");
        let Ok(object) = CalendarObject::read(text.as_bytes(), Zone::iana(zone).unwrap()) else {
            return Err(TestCaseError::reject("it cannot be read"));
        };
        let (first, last) = passerelle_wire_ical::span(text.as_bytes()).unwrap();
        // Those of some years: what has no end is at all times.
        let found = object.occurrences(range("20190101T000000Z/20280101T000000Z")).list;
        prop_assert!(!found.is_empty());
        for one in found {
            prop_assert!(first <= one.start && one.end <= last, "{one:?} is outside of {first} to {last}");
        }
    }

    #[test]
    fn nothing_panics(octets in prop::collection::vec(any::<u8>(), 0..200), lines in "((RRULE:FREQ|DTSTART|EXDATE|;|=|:|,|[A-Z0-9]{1,8}|\r\n| ){1,12}){0,8}") {
        for octets in [octets, format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n").into_bytes()] {
            if let Ok(object) = CalendarObject::read(&octets, Zone::utc()) {
                let _ = (passerelle_wire_ical::span(&octets), object.fit(), object.facts(), object.occurrences(range("20260101T000000Z/20260201T000000Z")));
            }
        }
    }
}
