//! When do twenty people have time in a week: what a program for calendars asks while a meeting is planned (RFC 6638 §5), of people who have
//! two hundred events each.
//!
//! `busy-load HTTP SIDE TIMES`, where HTTP is an address, SIDE `passerelle`, `cyrus` or `sogo`, and the people are u00002 to u00021 of a.test, the
//! first of whom asks, and whose calendars are filled where they are not. One line of JSON says the median in milliseconds, of how many people it was told, and for
//! how many minutes they have no time, of how many.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use passerelle_benches::{Result, http::Http, median_ms};
use serde_json::json;
use std::{collections::BTreeSet, env, fmt::Write as _, io, time::Instant};

/// Who is asked for. The first account has another benchmark's calendar.
const PEOPLE: std::ops::RangeInclusive<usize> = 2..=21;
/// Events of each of them, one on each of the days from 1 November 2026 on, and then again.
const EVENTS: usize = 200;
const DAYS: usize = 61;
/// The week that is asked for, in days since 1 November 2026: from 7 December on.
const WEEK: std::ops::Range<usize> = 36..43;
const CALENDAR: &str = "Content-Type: text/calendar; charset=utf-8\r\n";

#[tokio::main(worker_threads = 1)]
async fn main() -> Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let [address, side, times] = words.as_slice() else { return Err(usage()) };
    let times: usize = times.parse().map_err(|_| usage())?;
    for person in PEOPLE {
        fill(address, side, person).await?;
    }
    let mut http = sign_on(address, side, *PEOPLE.start()).await?;
    let (path, question, fields) =
        (outbox(side)?, question(), format!("{CALENDAR}Originator: mailto:u00002@a.test\r\n{}", recipients()));
    let (mut took, mut answer) = (Vec::new(), String::new());
    for _ in 0..times {
        let clock = Instant::now();
        let (_, octets) = http.ask_with("POST", path, &fields, &question).await?;
        took.push(clock.elapsed());
        answer = String::from_utf8_lossy(&octets).into_owned();
    }
    let right: usize = PEOPLE.map(busy_minutes).sum();
    let line = json!({
        "busy_ms": median_ms(took), "people": answer.matches("2.0").count(), "minutes": told_minutes(&answer), "minutes_right": right,
    });
    io::Write::write_all(&mut io::stdout(), format!("{line}\n").as_bytes())
}

fn usage() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "see the first lines of busy-load")
}

async fn sign_on(address: &str, side: &str, person: usize) -> Result<Http> {
    let login = STANDARD.encode(format!("u{person:05}:pw-u{person:05}"));
    let mut http = Http::open(address, format!("Authorization: Basic {login}\r\n")).await?;
    // SOGo ends each without a word.
    http.keeps = side != "sogo";
    Ok(http)
}

fn calendar(side: &str, person: usize) -> Result<String> {
    match side {
        "passerelle" => Ok(format!("/dav/calendars/u{person:05}/busy/")),
        "cyrus" => Ok(format!("/dav/calendars/user/u{person:05}/busy/")),
        "sogo" => Ok(format!("/SOGo/dav/u{person:05}/Calendar/personal/")),
        _ => Err(usage()),
    }
}

fn outbox(side: &str) -> Result<&'static str> {
    match side {
        "passerelle" => Ok("/dav/scheduling/u00002/outbox/"),
        "cyrus" => Ok("/dav/calendars/user/u00002/Outbox/"),
        "sogo" => Ok("/SOGo/dav/u00002/Calendar/"),
        _ => Err(usage()),
    }
}

/// Puts a person's events in, unless the last of them is there.
async fn fill(address: &str, side: &str, person: usize) -> Result<()> {
    let (mut http, path) = (sign_on(address, side, person).await?, calendar(side, person)?);
    if http.ask_with("GET", &format!("{path}b{}.ics", EVENTS - 1), "", "").await.is_ok() {
        return Ok(());
    }
    if side != "sogo" {
        // Who has it already says so.
        let _ = http.ask_with("MKCALENDAR", &path, "", "").await;
    }
    for number in 0..EVENTS {
        http.ask_with("PUT", &format!("{path}b{number}.ics"), CALENDAR, &event(person, number)).await?;
    }
    Ok(())
}

/// The day of an event, in days since 1 November 2026, and its hour.
fn when(person: usize, number: usize) -> (usize, usize) {
    (number % DAYS, 8 + (person + 3 * (number / DAYS)) % 10)
}

/// The day of a month on which it is.
fn date(day: usize) -> String {
    if day < 30 { format!("202611{:02}", day + 1) } else { format!("202612{:02}", day - 29) }
}

fn event(person: usize, number: usize) -> String {
    let (day, hour) = when(person, number);
    let date = date(day);
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//passerelle//bench//EN\r\nBEGIN:VEVENT\r\nUID:b{person}-{number}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:{date}T{hour:02}0000Z\r\nDTEND:{date}T{hour:02}3000Z\r\nSUMMARY:Cours {number}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

/// How long a person has no time in the week.
fn busy_minutes(person: usize) -> usize {
    let busy: BTreeSet<(usize, usize)> =
        (0..EVENTS).map(|number| when(person, number)).filter(|(day, _)| WEEK.contains(day)).collect();
    30 * busy.len()
}

fn question() -> String {
    let mut text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//passerelle//bench//EN\r\nMETHOD:REQUEST\r\nBEGIN:VFREEBUSY\r\nUID:question\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:{}T000000Z\r\nDTEND:{}T000000Z\r\nORGANIZER:mailto:u00002@a.test\r\n",
        date(WEEK.start),
        date(WEEK.end)
    );
    for person in PEOPLE {
        // Writing into a String does not fail.
        let _ = write!(text, "ATTENDEE:mailto:u{person:05}@a.test\r\n");
    }
    text + "END:VFREEBUSY\r\nEND:VCALENDAR\r\n"
}

/// As the draft had it before RFC 6638, which some servers want to this day.
fn recipients() -> String {
    PEOPLE.fold(String::new(), |mut all, person| {
        let _ = write!(all, "Recipient: mailto:u{person:05}@a.test\r\n");
        all
    })
}

/// How long they have no time, by an answer: the periods, of which some may be one behind the other, or one twice.
fn told_minutes(answer: &str) -> usize {
    let unfolded = answer.replace("&#13;", "\r").replace("\r\n ", "").replace("\n ", "");
    let mut told = 0;
    for person in unfolded.split("BEGIN:VFREEBUSY").skip(1) {
        let mut minutes = BTreeSet::new();
        for line in person.lines().filter(|line| line.starts_with("FREEBUSY") && !line.contains("FBTYPE=FREE")) {
            let Some((_, periods)) = line.split_once(':') else { continue };
            for (start, end) in periods.trim().split(',').filter_map(period) {
                minutes.extend(start..end);
            }
        }
        told += minutes.len();
    }
    told
}

/// From which minute to which, of December.
fn period(text: &str) -> Option<(usize, usize)> {
    let (start, end) = text.split_once('/')?;
    let moment = |text: &str| {
        let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<usize>().ok();
        Some(number(6..8)? * 1_440 + number(9..11)? * 60 + number(11..13)?)
    };
    let start = moment(start)?;
    match end.strip_prefix("PT") {
        Some(lasts) => {
            let (hours, minutes) = lasts.split_once('H').unwrap_or(("0", lasts));
            let minutes = minutes.strip_suffix('M').unwrap_or("0");
            Some((start, start + 60 * hours.parse::<usize>().ok()? + minutes.parse::<usize>().ok()?))
        }
        None => Some((start, moment(end)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_those_of_the_events() {
        assert_eq!((date(WEEK.start), date(WEEK.end)), ("20261207".to_owned(), "20261214".to_owned()));
        let events: Vec<String> = (0..EVENTS)
            .map(|number| when(3, number))
            .filter(|(day, _)| WEEK.contains(day))
            .map(|(day, hour)| format!("FREEBUSY:{}T{hour:02}0000Z/PT30M", date(day)))
            .collect();
        let answer = format!("BEGIN:VFREEBUSY\r\n{}\r\n", events.join("\r\n"));
        assert_eq!(told_minutes(&answer), busy_minutes(3));
        assert_eq!(
            told_minutes(
                "BEGIN:VFREEBUSY\nFREEBUSY;FBTYPE=BUSY:20261207T080000Z/20261207T09\n 0000Z,20261207T083000Z/PT1H\n"
            ),
            90
        );
    }
}
