//! Recurrence rules as they are written (RFC 5545 §3.3.10).
//!
//! ```text
//! recur = recur-rule-part *( ";" recur-rule-part )      ; FREQ is required, COUNT and UNTIL exclude each other
//! ```

use crate::{Local, Utc, Wrong};

/// Most numbers in one BY part; BYYEARDAY has 732 at most.
const MOST_IN_A_PART: usize = 800;

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the words of the RFC")]
pub enum Frequency {
    Secondly,
    Minutely,
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// Up to when, the moment itself included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// A date: the whole of that day where the start is.
    Date(Local),
    /// A time on the wall where the start is.
    Local(Local),
    /// A moment.
    Utc(Utc),
}

/// A day of the week, and which of them in the month or year: 0 for each, -1 for the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByDay {
    pub(crate) nth: i64,
    /// 0 for Monday.
    pub(crate) weekday: i64,
}

/// A recurrence rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub(crate) frequency: Frequency,
    pub(crate) interval: i64,
    pub(crate) count: Option<u32>,
    pub(crate) until: Option<Until>,
    /// Bits, the first for 0.
    pub(crate) seconds: u64,
    pub(crate) minutes: u64,
    pub(crate) hours: u64,
    pub(crate) months: u64,
    pub(crate) days: Vec<ByDay>,
    pub(crate) month_days: Vec<i64>,
    pub(crate) year_days: Vec<i64>,
    pub(crate) weeks: Vec<i64>,
    pub(crate) positions: Vec<i64>,
    /// 0 for Monday.
    pub(crate) week_start: i64,
}

impl Rule {
    /// Reads the value of RRULE or EXRULE.
    ///
    /// # Errors
    /// Which part is wrong.
    pub fn parse(line: usize, value: &str) -> Result<Self, Wrong> {
        parts(value).map_err(|what| Wrong::malformed(line, what))
    }

    /// How often.
    pub fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// Whether neither COUNT nor UNTIL ends it.
    pub fn is_endless(&self) -> bool {
        self.count.is_none() && self.until.is_none()
    }
}

fn parts(value: &str) -> Result<Rule, String> {
    let mut rule = Rule {
        frequency: Frequency::Yearly,
        interval: 1,
        count: None,
        until: None,
        seconds: 0,
        minutes: 0,
        hours: 0,
        months: 0,
        days: Vec::new(),
        month_days: Vec::new(),
        year_days: Vec::new(),
        weeks: Vec::new(),
        positions: Vec::new(),
        week_start: 0,
    };
    let mut seen: Vec<String> = Vec::new();
    for part in value.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').ok_or("a part of the recurrence rule without `=`")?;
        let name = name.trim().to_ascii_uppercase();
        let value = value.trim();
        if seen.contains(&name) {
            return Err(format!("{name} twice in a recurrence rule"));
        }
        set(&mut rule, &name, value).ok_or_else(|| format!("{name} of a recurrence rule cannot be read"))?;
        seen.push(name);
    }
    if !seen.iter().any(|name| name == "FREQ") {
        return Err("a recurrence rule without FREQ".to_owned());
    }
    Ok(rule)
}

fn set(rule: &mut Rule, name: &str, value: &str) -> Option<()> {
    match name {
        "FREQ" => rule.frequency = frequency(value)?,
        "INTERVAL" => rule.interval = i64::from(value.parse::<u32>().ok().filter(|interval| *interval > 0)?),
        "COUNT" => rule.count = Some(value.parse().ok().filter(|count| *count > 0)?),
        "UNTIL" => rule.until = Some(until(value)?),
        "BYSECOND" => rule.seconds = bits(value, 0, 60)?,
        "BYMINUTE" => rule.minutes = bits(value, 0, 59)?,
        "BYHOUR" => rule.hours = bits(value, 0, 23)?,
        "BYMONTH" => rule.months = bits(value, 1, 12)?,
        "BYDAY" => rule.days = list(value, by_day)?,
        "BYMONTHDAY" => rule.month_days = signed(value, 31)?,
        "BYYEARDAY" => rule.year_days = signed(value, 366)?,
        "BYWEEKNO" => rule.weeks = signed(value, 53)?,
        "BYSETPOS" => rule.positions = signed(value, 366)?,
        "WKST" => rule.week_start = weekday(value)?,
        // RFC 7529: other calendars than Gregory's are not counted here, and guessing would be wrong.
        "RSCALE" if !value.eq_ignore_ascii_case("GREGORIAN") => return None,
        "SKIP" if !value.eq_ignore_ascii_case("OMIT") => return None,
        _ => {}
    }
    Some(())
}

fn frequency(value: &str) -> Option<Frequency> {
    Some(match value.to_ascii_uppercase().as_str() {
        "SECONDLY" => Frequency::Secondly,
        "MINUTELY" => Frequency::Minutely,
        "HOURLY" => Frequency::Hourly,
        "DAILY" => Frequency::Daily,
        "WEEKLY" => Frequency::Weekly,
        "MONTHLY" => Frequency::Monthly,
        "YEARLY" => Frequency::Yearly,
        _ => return None,
    })
}

fn until(value: &str) -> Option<Until> {
    Local::parse_date(value)
        .map(Until::Date)
        .or_else(|| Local::parse(value).map(Until::Local))
        .or_else(|| Utc::parse(value).map(Until::Utc))
}

fn list<T>(value: &str, one: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    if value.split(',').count() > MOST_IN_A_PART {
        return None;
    }
    value.split(',').map(|part| one(part.trim())).collect()
}

/// Numbers from 1 to `most` that may count from the end.
fn signed(value: &str, most: i64) -> Option<Vec<i64>> {
    list(value, |one| one.parse().ok().filter(|number: &i64| (1..=most).contains(&number.abs())))
}

fn bits(value: &str, least: u32, most: u32) -> Option<u64> {
    let all = list(value, |one| one.parse().ok().filter(|number| (least..=most).contains(number)))?;
    // A leap second is the second before it for whoever has none.
    Some(all.into_iter().fold(0, |bits, one| bits | 1 << if most == 60 { one.min(59) } else { one }))
}

fn by_day(one: &str) -> Option<ByDay> {
    let (nth, name) = one.split_at_checked(one.len().checked_sub(2)?)?;
    let nth = if nth.is_empty() { 0 } else { nth.parse().ok().filter(|nth: &i64| (1..=53).contains(&nth.abs()))? };
    Some(ByDay { nth, weekday: weekday(name)? })
}

fn weekday(name: &str) -> Option<i64> {
    let at = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].iter().position(|known| known.eq_ignore_ascii_case(name))?;
    i64::try_from(at).ok()
}
