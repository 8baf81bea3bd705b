//! Recurrence rules (RFC 8984 §4.3.3, of which JSCalendar 2.0 has one in an object): RRULE.

use crate::facets::{Change, Part, only};
use crate::zones::{Place, name_of};
use crate::{Refused, due, source::Edits, time, times};
use passerelle_wire_ical::{Local, Rule, Utc};
use serde_json::{Map, Value, json};

/// What a part of a rule is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Is {
    /// A word, in lower case.
    Word,
    Number,
    /// Numbers.
    Numbers,
    /// Numbers that JSCalendar writes as texts: months, of which other calendars have leap ones.
    Texts,
    /// Days, each of them or the so manieth.
    Days,
    /// A time.
    Until,
}

/// RFC 5545 §3.3.10 beside RFC 8984 §4.3.3.
const PARTS: [(&str, &str, Is); 16] = [
    ("FREQ", "frequency", Is::Word),
    ("INTERVAL", "interval", Is::Number),
    ("RSCALE", "rscale", Is::Word),
    ("SKIP", "skip", Is::Word),
    ("WKST", "firstDayOfWeek", Is::Word),
    ("BYDAY", "byDay", Is::Days),
    ("BYMONTHDAY", "byMonthDay", Is::Numbers),
    ("BYMONTH", "byMonth", Is::Texts),
    ("BYYEARDAY", "byYearDay", Is::Numbers),
    ("BYWEEKNO", "byWeekNo", Is::Numbers),
    ("BYHOUR", "byHour", Is::Numbers),
    ("BYMINUTE", "byMinute", Is::Numbers),
    ("BYSECOND", "bySecond", Is::Numbers),
    ("BYSETPOS", "bySetPosition", Is::Numbers),
    ("COUNT", "count", Is::Number),
    ("UNTIL", "until", Is::Until),
];

pub(crate) fn read(part: &Part<'_, '_>, told: &mut Map<String, Value>) {
    // Programs write tasks that recur and have no start; their rule is told, and makes no instances.
    let (Some(property), Some(start)) = (part.component.property("RRULE"), due::leading(part)) else { return };
    let local = |moment: Utc| Some(part.zones().local(start.form, moment));
    if let Some(rule) = self::told(property.value().trim(), &local) {
        told.insert("recurrenceRule".to_owned(), rule);
    }
}

/// A rule as it is told; `local` says what a moment is where the start is.
pub(crate) fn told(value: &str, local: &dyn Fn(Utc) -> Option<Local>) -> Option<Value> {
    let mut rule = Map::new();
    rule.insert("@type".to_owned(), json!("RecurrenceRule"));
    for said in value.split(';').filter(|said| !said.trim().is_empty()) {
        let (name, value) = said.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        let Some((_, known, is)) = PARTS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name)) else { continue };
        let numbers = || value.split(',').map(|it| it.trim().parse::<i64>().ok());
        let value = match is {
            Is::Word => json!(value.to_ascii_lowercase()),
            Is::Number => json!(value.parse::<u64>().ok()?),
            Is::Numbers => json!(numbers().collect::<Option<Vec<_>>>()?),
            Is::Texts => json!(value.split(',').map(str::trim).collect::<Vec<_>>()),
            Is::Days => value.split(',').map(|it| day(it.trim())).collect::<Option<Vec<_>>>()?.into(),
            Is::Until => {
                // A date is the whole of that day (RFC 8984 §4.3.3: up to and with this time).
                let whole = |date: Local| Local::of(date.seconds() + time::DAY - 1);
                let read = Local::parse_date(value).map(whole).or_else(|| Local::parse(value));
                json!(times::local_text(read.or_else(|| local(Utc::parse(value)?))?))
            }
        };
        rule.insert((*known).to_owned(), value);
    }
    Some(rule.into())
}

fn day(said: &str) -> Option<Value> {
    let (nth, day) = said.split_at_checked(said.len().checked_sub(2)?)?;
    let mut told = json!({ "@type": "NDay", "day": day.to_ascii_lowercase() });
    if !nth.is_empty() {
        told.as_object_mut()?.insert("nthOfPeriod".to_owned(), json!(nth.parse::<i64>().ok()?));
    }
    Some(told)
}

pub(crate) fn write(part: &Part<'_, '_>, change: Change<'_>, edits: &mut Edits) -> Result<(), Refused> {
    let component = part.component;
    if component.all("RRULE").nth(1).is_some() {
        return Err(Refused::new("recurrenceRule", "it recurs by several rules, which cannot be changed here"));
    }
    let value = match change.new.get("recurrenceRule") {
        None | Some(Value::Null) => None,
        Some(Value::Object(rule)) => Some(written(rule, part, change)?),
        Some(_) => return Err(Refused::new("recurrenceRule", "it is one rule")),
    };
    if value.is_some() && change.new.get("start").is_none_or(Value::is_null) {
        return Err(Refused::new("recurrenceRule", "what recurs has a start"));
    }
    edits.set(component, "RRULE", value.as_deref());
    Ok(())
}

/// A rule as RRULE has it.
fn written(rule: &Map<String, Value>, part: &Part<'_, '_>, change: Change<'_>) -> Result<String, Refused> {
    let path = "recurrenceRule";
    only(rule, path, &PARTS.map(|(_, name, _)| name))?;
    let mut parts = Vec::new();
    for (name, known, is) in PARTS {
        let Some(said) = rule.get(known).filter(|it| !it.is_null()) else { continue };
        let wrong = || Refused::new(format!("{path}/{known}"), "it cannot be a part of a rule");
        let value = part_of(said, is).ok_or_else(wrong)?;
        let value = if is == Is::Until { until(&value, part, change).ok_or_else(wrong)? } else { value };
        parts.push(format!("{name}={value}"));
    }
    let value = parts.join(";");
    Rule::parse(0, &value).map_err(|wrong| Refused::new(path, wrong.what))?;
    Ok(value)
}

fn part_of(said: &Value, is: Is) -> Option<String> {
    let word = |said: &Value| {
        let is_word =
            |it: &&str| !it.is_empty() && it.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-');
        Some(said.as_str().filter(is_word)?.to_ascii_uppercase())
    };
    let list = |one: &dyn Fn(&Value) -> Option<String>| {
        let all = said.as_array().filter(|all| !all.is_empty())?;
        Some(all.iter().map(one).collect::<Option<Vec<_>>>()?.join(","))
    };
    match is {
        Is::Word => word(said),
        Is::Number => Some(said.as_u64()?.to_string()),
        Is::Numbers => list(&|it| Some(it.as_i64()?.to_string())),
        Is::Texts => list(&word),
        Is::Days => list(&|it| {
            let nth = match it.get("nthOfPeriod") {
                None | Some(Value::Null) => String::new(),
                Some(nth) => nth.as_i64()?.to_string(),
            };
            Some(format!("{nth}{}", word(it.get("day")?)?))
        }),
        Is::Until => said.as_str().map(str::to_owned),
    }
}

/// The end as RFC 5545 §3.3.10 wants it: a date where the start is one, in UTC where it has a zone.
fn until(said: &str, part: &Part<'_, '_>, change: Change<'_>) -> Option<String> {
    let local = times::read_local(said)?;
    if change.new.get("showWithoutTime") == Some(&Value::Bool(true)) {
        return Some(local.to_date_text());
    }
    let name = change.new.get("timeZone").and_then(Value::as_str);
    let place = match name {
        None => return Some(local.to_string()),
        Some(name) => {
            // A zone by the name that the object gives it comes first: it may be one of its own.
            let own = time::stamp(part, "DTSTART").filter(|it| name_of(part.zones(), it.form).as_deref() == Some(name));
            let own = own.map(|it| Place::as_written(part.zones(), it.form));
            own.or_else(|| crate::zones::resolve(part, name))?
        }
    };
    Some(place.moment(local).to_string())
}
