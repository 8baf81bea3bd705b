//! Dates of a card (RFC 6350 §4.3, and with hyphens as RFC 2426 has them) as JSContact's PartialDate and Timestamp (RFC 9553 §2.8.1).

use serde_json::{Map, Value, json};

/// `date = year [month day] / year "-" month / "--" month [day] / "---" day`, or a moment in UTC.
pub(crate) fn read(value: &str) -> Option<Value> {
    let value = value.trim();
    if let Some(moment) = moment(value) {
        return Some(json!({ "@type": "Timestamp", "utc": moment }));
    }
    let date = value.split(['T', 't']).next().filter(|_| value.is_ascii())?;
    let (year, rest) = match date.strip_prefix("--") {
        Some(rest) => (None, rest),
        None => (Some(date.get(..4)?), date.get(4..)?),
    };
    let (month, day) = match (year, rest) {
        (_, "") => (None, None),
        (None, rest) if rest.starts_with('-') => (None, rest.get(1..)),
        (_, rest) => {
            let rest = rest.strip_prefix('-').unwrap_or(rest);
            let day = rest.get(2..).map(|day| day.strip_prefix('-').unwrap_or(day));
            (rest.get(..2), day.filter(|day| !day.is_empty()))
        }
    };
    let mut all = Map::from_iter([("@type".to_owned(), json!("PartialDate"))]);
    for (name, text, length) in [("year", year, 4), ("month", month, 2), ("day", day, 2)] {
        let Some(text) = text else { continue };
        let is_number = text.len() == length && text.bytes().all(|it| it.is_ascii_digit());
        all.insert(name.to_owned(), json!(text.parse::<u16>().ok().filter(|_| is_number)?));
    }
    (all.len() > 1).then_some(Value::Object(all))
}

/// The date as a card has it; with hyphens in 3.0. `None` for what is none.
pub(crate) fn written(date: &Value, hyphens: bool) -> Option<String> {
    if let Some(utc) = date.get("utc").and_then(Value::as_str) {
        return Some(utc.chars().filter(|it| !matches!(it, '-' | ':')).collect());
    }
    let number = |name: &str| date.get(name).and_then(Value::as_u64);
    let between = if hyphens { "-" } else { "" };
    Some(match (number("year"), number("month"), number("day")) {
        (Some(year), Some(month), Some(day)) => format!("{year:04}{between}{month:02}{between}{day:02}"),
        (Some(year), Some(month), None) => format!("{year:04}-{month:02}"),
        (Some(year), None, None) => format!("{year:04}"),
        (None, Some(month), Some(day)) => format!("--{month:02}{between}{day:02}"),
        (None, Some(month), None) => format!("--{month:02}"),
        (None, None, Some(day)) => format!("---{day:02}"),
        (Some(_), None, Some(_)) | (None, None, None) => return None,
    })
}

/// A moment in UTC as JSContact has it, `1997-07-16T19:20:30Z`, of either spelling.
pub(crate) fn moment(value: &str) -> Option<String> {
    let digits: String = value.trim().chars().filter(|it| !matches!(it, '-' | ':')).collect();
    let (date, time) = digits.strip_suffix(['Z', 'z'])?.split_once(['T', 't'])?;
    let is_number = |text: &str, length| text.len() == length && text.bytes().all(|it| it.is_ascii_digit());
    if !is_number(date, 8) || !is_number(time, 6) {
        return None;
    }
    let part = |text: &str, from: usize, to: usize| text.get(from..to).unwrap_or_default().to_owned();
    let date = [part(date, 0, 4), part(date, 4, 6), part(date, 6, 8)].join("-");
    Some(format!("{date}T{}Z", [part(time, 0, 2), part(time, 2, 4), part(time, 4, 6)].join(":")))
}
