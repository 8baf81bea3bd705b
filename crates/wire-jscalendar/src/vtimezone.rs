//! A VTIMEZONE (RFC 5545 §3.6.5) for a zone of IANA's that an object speaks of for the first time: programs that do not know the name
//! follow the rules. What clocks do is found by looking at the zone, so that it is the database's own.

use crate::source::Edits;
use passerelle_wire_ical::{Component, Date, Local, Utc, Zone, line, parameter_value};
use std::collections::BTreeSet;

/// So many years a rule has to hold to be written as one, and of so many changes are listed that follow none.
const YEARS: i64 = 6;
const LISTED_YEARS: i64 = 20;
const DAY: i64 = 86_400;
const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// Clocks change: at a local time of before, by so many seconds east of Greenwich before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Onset {
    local: Local,
    before: i64,
    after: i64,
}

/// The octets of an object with the rules of zones that are spoken of, and were not in the octets that it was made of.
pub(crate) fn added(octets: Vec<u8>, was: &[u8]) -> Vec<u8> {
    let Ok(calendar) = Component::calendar(&octets) else { return octets };
    let known = Component::calendar(was).map(|calendar| spoken_of(&calendar)).unwrap_or_default();
    let brought = |tzid: &str| {
        calendar.inner("VTIMEZONE").any(|it| it.property("TZID").is_some_and(|own| own.value().trim() == tzid))
    };
    let mut edits = Edits::default();
    for (tzid, year) in spoken_of(&calendar) {
        let is_new = !known.iter().any(|(other, _)| *other == tzid) && !brought(&tzid);
        if let Some(zone) = Zone::iana(&tzid).filter(|_| is_new) {
            edits.add_component(&calendar, &rules(&tzid, &zone, year));
        }
    }
    edits.applied(&octets)
}

/// The zones of an object's times, with the year of the earliest of these.
fn spoken_of(calendar: &Component<'_>) -> BTreeSet<(String, i64)> {
    let mut all: Vec<(String, i64)> = Vec::new();
    for property in calendar.components.iter().flat_map(|it| &it.properties) {
        let Some(tzid) = property.parameter("TZID") else { continue };
        let year = property.value().get(..4).and_then(|year| year.parse().ok()).unwrap_or(1970);
        match all.iter_mut().find(|(known, _)| *known == tzid) {
            Some((_, first)) => *first = year.min(*first),
            None => all.push((tzid.into_owned(), year)),
        }
    }
    all.into_iter().collect()
}

/// A VTIMEZONE that is right from the beginning of a year on.
fn rules(tzid: &str, zone: &Zone, year: i64) -> String {
    // The rules of the year before are in force when it begins.
    let first = year.saturating_sub(1).clamp(1900, 9_900);
    let onsets = |from: i64, years: i64| (from..from + years).map(|year| of_year(zone, year)).collect::<Vec<_>>();
    let some = onsets(first, YEARS);
    let mut out = String::new();
    let mut say = |text: &str| line(text, &mut out);
    say("BEGIN:VTIMEZONE");
    say(&format!("TZID:{}", parameter_value(tzid).trim_matches('"')));
    if some.iter().all(Vec::is_empty) {
        let offset = offset(zone, Utc::of(Local::midnight(at(first, 1, 1)).seconds()));
        let still = Onset { local: Local::midnight(at(1970, 1, 1)), before: offset, after: offset };
        observed(&still, &[], &mut say);
    } else if let Some(yearly) = yearly(&some) {
        for (onset, rule) in yearly {
            observed(&onset, &[format!("RRULE:FREQ=YEARLY;{rule}")], &mut say);
        }
    } else {
        let mut listed: Vec<(Onset, Vec<String>)> = Vec::new();
        for onset in onsets(first, LISTED_YEARS).into_iter().flatten() {
            let same =
                |(known, _): &&mut (Onset, Vec<String>)| (known.before, known.after) == (onset.before, onset.after);
            match listed.iter_mut().find(same) {
                Some((_, dates)) => dates.push(format!("RDATE:{}", onset.local)),
                None => listed.push((onset, Vec::new())),
            }
        }
        listed.iter().for_each(|(onset, dates)| observed(onset, dates, &mut say));
    }
    say("END:VTIMEZONE");
    out
}

fn observed(onset: &Onset, more: &[String], say: &mut impl FnMut(&str)) {
    let name = if onset.after > onset.before { "DAYLIGHT" } else { "STANDARD" };
    let written = |seconds: i64| {
        let (sign, whole) = (if seconds < 0 { '-' } else { '+' }, seconds.abs());
        let rest = if whole % 60 == 0 { String::new() } else { format!("{:02}", whole % 60) };
        format!("{sign}{:02}{:02}{rest}", whole / 3_600, whole / 60 % 60)
    };
    say(&format!("BEGIN:{name}"));
    say(&format!("DTSTART:{}", onset.local));
    say(&format!("TZOFFSETFROM:{}", written(onset.before)));
    say(&format!("TZOFFSETTO:{}", written(onset.after)));
    more.iter().for_each(|text| say(text));
    say(&format!("END:{name}"));
}

/// The changes of the first year with the rule that each of them follows in all years; nothing where one follows none.
fn yearly(years: &[Vec<Onset>]) -> Option<Vec<(Onset, String)>> {
    let first = years.first()?;
    if years.iter().any(|year| year.len() != first.len()) {
        return None;
    }
    let mut rules = Vec::new();
    for (place, onset) in first.iter().enumerate() {
        let each: Vec<&Onset> = years.iter().filter_map(|year| year.get(place)).collect();
        let is_like = |other: &&Onset| {
            let date = (
                other.local.date().month,
                weekday(other.local),
                other.local.second_of_day(),
                other.before,
                other.after,
            );
            date == (
                onset.local.date().month,
                weekday(onset.local),
                onset.local.second_of_day(),
                onset.before,
                onset.after,
            )
        };
        let nth = (onset.local.date().day - 1) / 7 + 1;
        let is_nth = each.iter().all(|it| (it.local.date().day - 1) / 7 + 1 == nth);
        let is_last =
            each.iter().all(|it| Local::of(it.local.seconds() + 7 * DAY).date().month != it.local.date().month);
        let which = if is_last { -1 } else { nth };
        if !each.iter().all(is_like) || !(is_last || is_nth) {
            return None;
        }
        rules.push((*onset, format!("BYMONTH={};BYDAY={which}{}", onset.local.date().month, weekday(onset.local))));
    }
    Some(rules)
}

fn weekday(local: Local) -> &'static str {
    let day = (local.seconds().div_euclid(DAY) + 3).rem_euclid(7);
    usize::try_from(day).ok().and_then(|day| DAYS.get(day)).copied().unwrap_or("MO")
}

fn at(year: i64, month: i64, day: i64) -> Date {
    Date::new(year, month, day).unwrap_or(Date { year: 1970, month: 1, day: 1 })
}

fn offset(zone: &Zone, moment: Utc) -> i64 {
    zone.wall(moment).seconds() - moment.seconds()
}

/// The changes of a year, to the second.
fn of_year(zone: &Zone, year: i64) -> Vec<Onset> {
    let mut onsets = Vec::new();
    let (mut day, end) = (Local::midnight(at(year, 1, 1)).seconds(), Local::midnight(at(year + 1, 1, 1)).seconds());
    while day < end {
        let (before, after) = (offset(zone, Utc::of(day)), offset(zone, Utc::of(day + DAY)));
        if before != after {
            let (mut low, mut high) = (day, day + DAY);
            while high - low > 1 {
                let middle = low + (high - low) / 2;
                if offset(zone, Utc::of(middle)) == before { low = middle } else { high = middle }
            }
            onsets.push(Onset { local: Local::of(high + before), before, after });
        }
        day += DAY;
    }
    onsets
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    /// The rules alone say the same as the database, on each day of some years.
    #[test]
    fn the_rules_are_the_databases() {
        for (name, year, years) in [
            ("Europe/Paris", 2026, 30),
            ("America/New_York", 2026, 30),
            ("Australia/Lord_Howe", 2026, 30),
            ("Asia/Tokyo", 2026, 30),
            ("Asia/Kolkata", 1990, 30),
            ("Africa/Casablanca", 2026, 10),
            ("Asia/Jerusalem", 2026, 10),
        ] {
            let zone = Zone::iana(name).unwrap();
            let text = format!("BEGIN:VCALENDAR\r\n{}END:VCALENDAR\r\n", rules(name, &zone, year));
            let calendar = Component::calendar(text.as_bytes()).unwrap();
            let brought = Zone::of_rules(&calendar.components[0]).unwrap();
            let (start, end) =
                (Local::midnight(at(year, 1, 1)).seconds(), Local::midnight(at(year + years, 1, 1)).seconds());
            for moment in (start..end).step_by(43_200) {
                let moment = Utc::of(moment);
                assert_eq!(brought.wall(moment), zone.wall(moment), "{name} at {moment}: {text}");
            }
        }
        let paris = rules("Europe/Paris", &Zone::iana("Europe/Paris").unwrap(), 2026);
        assert!(paris.contains("DTSTART:20250330T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n"), "{paris}");
    }
}
