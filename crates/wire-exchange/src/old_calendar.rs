//! vCalendar 1.0 (versit, 1996), as telephones and old organisers write it, as iCalendar: values in quoted-printable, alarms as
//! properties, and rules of a grammar of their own.

use crate::{Entry, Wrong, blocks::Block, calendar, names};
use passerelle_wire_ical::{Component, Property, escaped, line, pieces, unescaped};

/// Days of the week as both name them.
const DAYS: [&str; 7] = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

/// The entry of a VEVENT or VTODO of version 1.0.
pub(crate) fn entry(block: &Block<'_>) -> Result<Entry, Wrong> {
    // Its lines are those of vCard 2.1: bare parameters, soft line breaks.
    let read = Component::cards(block.octets);
    let place = |at: usize| block.line.saturating_add(at.saturating_sub(1));
    let mut all = read.map_err(|wrong| Wrong::at(place(wrong.line), wrong.what))?.into_iter();
    let component = all.next().ok_or_else(|| Wrong::at(block.line, "an entry that is empty"))?;
    let is_task = component.is("VTODO");
    if !is_task && !component.is("VEVENT") {
        return Err(Wrong::at(block.line, "no event and no task of vCalendar 1.0"));
    }
    let name = if is_task { "VTODO" } else { "VEVENT" };
    let uid = component.property("UID").map(|it| it.decoded().trim().to_owned()).filter(|it| !it.is_empty());
    let uid = uid.unwrap_or_else(|| names::uid(&[block.octets]));
    let start = value_of(&component, "DTSTART").or_else(|| value_of(&component, "DUE"));
    let stamp = value_of(&component, "LAST-MODIFIED").filter(|it| it.len() == 16 && it.ends_with('Z'));
    let mut out = String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Passerelle//EN\r\n");
    line(&format!("BEGIN:{name}"), &mut out);
    line(&format!("UID:{}", escaped(&uid)), &mut out);
    line(&format!("DTSTAMP:{}", stamp.unwrap_or_else(|| "19700101T000000Z".to_owned())), &mut out);
    let mut alarms = String::new();
    for property in &component.properties {
        if property.is("DALARM") || property.is("AALARM") {
            alarm(property, start.as_deref(), &mut alarms);
        } else {
            for text in converted(property, is_task).map_err(|what| Wrong::at(place(property.line()), what))? {
                line(&text, &mut out);
            }
        }
    }
    out.push_str(&alarms);
    line(&format!("END:{name}"), &mut out);
    line("END:VCALENDAR", &mut out);
    let (uid, title) = calendar::checked(out.as_bytes(), |_| block.line)?;
    Ok(Entry { line: block.line, uid, title, known_by: Vec::new(), octets: out.into_bytes() })
}

fn value_of(component: &Component<'_>, name: &str) -> Option<String> {
    component.property(name).map(|it| it.decoded().trim().to_owned())
}

/// A property as iCalendar has it; nothing for what it has not.
fn converted(property: &Property<'_>, is_task: bool) -> Result<Vec<String>, String> {
    let decoded = property.decoded();
    let value = decoded.trim();
    let name = property.name().to_ascii_uppercase();
    let text = |name: &str| vec![format!("{name}:{}", escaped(unescaped(&decoded).trim()))];
    let list = |name: &str| {
        let all: Vec<String> = pieces(value, ';').map(|it| escaped(unescaped(it).trim())).collect();
        vec![format!("{name}:{}", all.join(","))]
    };
    Ok(match name.as_str() {
        "SUMMARY" | "DESCRIPTION" | "LOCATION" | "CONTACT" => text(&name),
        "DTSTART" | "DTEND" | "DUE" => vec![time(&name, value)],
        "COMPLETED" | "LAST-MODIFIED" | "DCREATED" if value.ends_with('Z') => {
            vec![format!("{}:{value}", if name == "DCREATED" { "CREATED" } else { &name })]
        }
        "RRULE" => vec![format!("RRULE:{}", rule(value)?)],
        "EXDATE" | "RDATE" => pieces(value, ';').map(|it| time(&name, it.trim())).collect(),
        "CATEGORIES" | "RESOURCES" => list(&name),
        "CLASS" => vec![format!("CLASS:{}", value.to_ascii_uppercase())],
        "PRIORITY" if value.parse::<u8>().is_ok_and(|it| it <= 9) => vec![format!("PRIORITY:{value}")],
        "SEQUENCE" if value.parse::<u32>().is_ok() => vec![format!("SEQUENCE:{value}")],
        "TRANSP" if !is_task => vec![format!("TRANSP:{}", if value == "0" { "OPAQUE" } else { "TRANSPARENT" })],
        "STATUS" => status(value, is_task).map(|it| format!("STATUS:{it}")).into_iter().collect(),
        "URL" => vec![format!("URL:{value}")],
        "ATTENDEE" => attendee(property, value).into_iter().collect(),
        _ if name.starts_with("X-") => text(&name),
        _ => Vec::new(),
    })
}

/// A time; midnight to the second with nothing else is a day, since 1.0 has no days.
fn time(name: &str, value: &str) -> String {
    if value.len() == 8 { format!("{name};VALUE=DATE:{value}") } else { format!("{name}:{value}") }
}

fn status(value: &str, is_task: bool) -> Option<&'static str> {
    Some(match (value.to_ascii_uppercase().as_str(), is_task) {
        ("NEEDS ACTION", true) => "NEEDS-ACTION",
        ("COMPLETED", true) => "COMPLETED",
        ("ACCEPTED" | "CONFIRMED", true) => "IN-PROCESS",
        ("DECLINED", _) => "CANCELLED",
        ("CONFIRMED" | "ACCEPTED", false) => "CONFIRMED",
        ("TENTATIVE" | "NEEDS ACTION", false) => "TENTATIVE",
        _ => return None,
    })
}

fn attendee(property: &Property<'_>, value: &str) -> Option<String> {
    let address = value.rsplit_once('<').map_or(value, |(_, it)| it.trim_end_matches('>')).trim();
    let address = address.strip_prefix("MAILTO:").unwrap_or(address);
    if !address.contains('@') || address.contains(char::is_whitespace) {
        return None;
    }
    let status = property.parameter("STATUS").map(|it| it.to_ascii_uppercase());
    let status = match status.as_deref() {
        Some("ACCEPTED" | "CONFIRMED") => ";PARTSTAT=ACCEPTED",
        Some("DECLINED") => ";PARTSTAT=DECLINED",
        Some("TENTATIVE") => ";PARTSTAT=TENTATIVE",
        _ => "",
    };
    Some(format!("ATTENDEE{status}:mailto:{address}"))
}

/// `DALARM:time;snooze;repeat;text`
fn alarm(property: &Property<'_>, start: Option<&str>, out: &mut String) {
    let decoded = property.decoded();
    let mut parts = pieces(&decoded, ';').map(str::trim);
    let when = parts.next().unwrap_or_default().to_owned();
    let said = parts.nth(2).map(|it| unescaped(it).into_owned()).unwrap_or_default();
    let trigger = if when.len() == 16 && when.ends_with('Z') {
        format!("TRIGGER;VALUE=DATE-TIME:{when}")
    } else {
        let Some(minutes) = start.and_then(|start| Some(minutes(start)?.saturating_sub(minutes(&when)?))) else {
            return;
        };
        let sign = if minutes >= 0 { "-" } else { "" };
        format!("TRIGGER:{sign}PT{}M", minutes.unsigned_abs())
    };
    line("BEGIN:VALARM", out);
    line(if property.is("AALARM") { "ACTION:AUDIO" } else { "ACTION:DISPLAY" }, out);
    line(&trigger, out);
    if property.is("DALARM") {
        line(&format!("DESCRIPTION:{}", escaped(if said.is_empty() { "!" } else { &said })), out);
    }
    line("END:VALARM", out);
}

/// Minutes since some day, of a time without a zone.
fn minutes(time: &str) -> Option<i64> {
    let number = |from: usize, to: usize| time.get(from..to)?.parse::<i64>().ok().filter(|it| (0..=9999).contains(it));
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    let (hour, minute) = if time.len() >= 13 { (number(9, 11)?, number(11, 13)?) } else { (0, 0) };
    // Days as Howard Hinnant counts them ("chrono-Compatible Low-Level Date Algorithms", 2013).
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + of_year;
    Some((days * 24 + hour) * 60 + minute)
}

/// A rule of 1.0: `D1 #10`, `W2 MO WE 19990101T000000Z`, `MP1 1+ SU 1- FR`, `MD1 1 15 LD`, `YM1 6 7`, `YD1 100`.
fn rule(value: &str) -> Result<String, String> {
    let mut words = value.split_ascii_whitespace();
    let head = words.next().unwrap_or_default().to_ascii_uppercase();
    let odd = || "an RRULE that is none of vCalendar 1.0".to_owned();
    let digits = head.find(|c: char| c.is_ascii_digit()).ok_or_else(odd)?;
    let (kind, interval) = head.split_at_checked(digits).ok_or_else(odd)?;
    let interval: u32 = interval.parse().map_err(|_| odd())?;
    let (frequency, by) = match kind {
        "D" => ("DAILY", ""),
        "W" => ("WEEKLY", "BYDAY"),
        "MP" => ("MONTHLY", "BYDAY"),
        "MD" => ("MONTHLY", "BYMONTHDAY"),
        "YM" => ("YEARLY", "BYMONTH"),
        "YD" => ("YEARLY", "BYYEARDAY"),
        _ => return Err(odd()),
    };
    let (mut list, mut places, mut ends): (Vec<String>, Vec<String>, _) =
        (Vec::new(), Vec::new(), String::from(";COUNT=2"));
    for word in words.map(str::to_ascii_uppercase) {
        if let Some(count) = word.strip_prefix('#') {
            let count: u32 = count.parse().map_err(|_| odd())?;
            ends = if count == 0 { String::new() } else { format!(";COUNT={count}") };
        } else if word.len() >= 8 && word.bytes().take(8).all(|it| it.is_ascii_digit()) {
            ends = format!(";UNTIL={word}");
        } else if DAYS.contains(&word.as_str()) && by == "BYDAY" {
            if places.is_empty() {
                list.push(word);
            } else {
                list.extend(places.iter().map(|place| format!("{place}{word}")));
            }
        } else if kind == "MP" && word.ends_with(['+', '-']) {
            // A day behind it ends a list of places: the next one begins anew.
            if list.last().is_some_and(|last| places.iter().any(|place| last.starts_with(place.as_str()))) {
                places.clear();
            }
            let (number, sign) = word.split_at_checked(word.len() - 1).ok_or_else(odd)?;
            let number: u8 = number.parse().map_err(|_| odd())?;
            places.push(if sign == "-" { format!("-{number}") } else { number.to_string() });
        } else if kind == "MD" && word == "LD" {
            list.push("-1".to_owned());
        } else if matches!(kind, "MD" | "YM" | "YD") {
            let (number, sign) = word.strip_suffix('-').map_or((word.trim_end_matches('+'), ""), |it| (it, "-"));
            let number: u16 = number.parse().map_err(|_| odd())?;
            list.push(format!("{sign}{number}"));
        } else if !(word.len() == 4 && word.bytes().all(|it| it.is_ascii_digit())) {
            // Four digits are an hour of the day, which the start tells too.
            return Err(odd());
        }
    }
    let by = if list.is_empty() || by.is_empty() { String::new() } else { format!(";{by}={}", list.join(",")) };
    Ok(format!("FREQ={frequency};INTERVAL={interval}{by}{ends}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_old() {
        for (old, new) in [
            ("D1 #10", Some("FREQ=DAILY;INTERVAL=1;COUNT=10")),
            ("D2", Some("FREQ=DAILY;INTERVAL=2;COUNT=2")),
            ("W1 TU TH #0", Some("FREQ=WEEKLY;INTERVAL=1;BYDAY=TU,TH")),
            ("W2 MO 20261224T000000Z", Some("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;UNTIL=20261224T000000Z")),
            ("MP1 1+ FR 1- SU #4", Some("FREQ=MONTHLY;INTERVAL=1;BYDAY=1FR,-1SU;COUNT=4")),
            ("MD1 2 LD #3", Some("FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=2,-1;COUNT=3")),
            ("YM1 6 7 #8", Some("FREQ=YEARLY;INTERVAL=1;BYMONTH=6,7;COUNT=8")),
            ("YD1 1 100 #0", Some("FREQ=YEARLY;INTERVAL=1;BYYEARDAY=1,100")),
            ("X1", None),
            ("D", None),
            ("W1 XX", None),
        ] {
            assert_eq!(rule(old).ok().as_deref(), new, "{old}");
        }
    }
}
