//! Days as tables tell them.

/// In which order the numbers of a day stand that does not begin with its year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    MonthFirst,
    DayFirst,
}

/// A day as vCard has it (`1980-02-01`, `--02-01`); `None` for what is none, `0/0/00` included.
pub(crate) fn day(text: &str, order: Order) -> Option<String> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix("--") {
        let (month, day) = rest.split_once('-')?;
        return yearless(month, day);
    }
    let separator = ['-', '/', '.'].into_iter().find(|it| text.contains(*it))?;
    let mut parts = text.split(separator).map(str::trim);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (year, month, day) = match (first.len(), order) {
        (4, _) => (first, second, third),
        _ if separator == '.' => (third, second, first),
        (_, Order::MonthFirst) => (third, first, second),
        (_, Order::DayFirst) => (third, second, first),
    };
    of(year, month, day)
}

/// A day by its numbers; without a year by its month and day.
pub(crate) fn of(year: &str, month: &str, day: &str) -> Option<String> {
    if year.is_empty() || year == "0" {
        return yearless(month, day);
    }
    let year: u16 = year.parse().ok().filter(|it| (1800..2200).contains(it))?;
    let monthday = yearless(month, day)?;
    Some(format!("{year:04}{}", monthday.strip_prefix('-')?))
}

fn yearless(month: &str, day: &str) -> Option<String> {
    let month: u8 = month.parse().ok().filter(|it| (1..=12).contains(it))?;
    let day: u8 = day.parse().ok().filter(|it| (1..=31).contains(it))?;
    Some(format!("--{month:02}-{day:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_tables() {
        for (text, order, expected) in [
            ("1980-02-01", Order::MonthFirst, Some("1980-02-01")),
            ("2/1/1980", Order::MonthFirst, Some("1980-02-01")),
            ("01/02/1980", Order::DayFirst, Some("1980-02-01")),
            ("1.2.1980", Order::MonthFirst, Some("1980-02-01")),
            ("--02-01", Order::MonthFirst, Some("--02-01")),
            ("0/0/00", Order::MonthFirst, None),
            ("13/13/1980", Order::DayFirst, None),
            ("soon", Order::DayFirst, None),
        ] {
            assert_eq!(day(text, order).as_deref(), expected, "{text}");
        }
    }
}
