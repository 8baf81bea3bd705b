//! Moments, as FTP writes them. Always UTC.

const DAY: i64 = 86_400;
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// 0000 to 9999: what four digits can say.
const FIRST: i64 = -62_167_219_200;
const LAST: i64 = 253_402_300_799;
/// From when on a listing says the year instead of the hour, in seconds: half a year, as `ls` does.
const LONG_AGO: i64 = 15_778_476;

/// A moment of the calendar. What four digits cannot say is cut to the years 0 and 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    seconds: i64,
    year: i64,
    month: i64,
    day: i64,
}

impl Moment {
    /// So many seconds since 1970, UTC.
    pub fn new(seconds: i64) -> Self {
        let seconds = seconds.clamp(FIRST, LAST);
        // Howard Hinnant's `civil_from_days`: years that begin in March, so that the leap day is the last of its year.
        let days = seconds.div_euclid(DAY) + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self { seconds, year, month, day }
    }

    fn of_day(self) -> (i64, i64, i64) {
        let left = self.seconds.rem_euclid(DAY);
        (left / 3600, left / 60 % 60, left % 60)
    }

    /// `time-val = 14DIGIT` (RFC 3659 §2.3): `19941106084937`.
    pub fn time_val(self) -> String {
        let (hour, minute, second) = self.of_day();
        format!("{:04}{:02}{:02}{hour:02}{minute:02}{second:02}", self.year, self.month, self.day)
    }

    /// As `ls -l` writes it: `Nov  6 08:49` within half a year of `now`, `Nov  6  1994` else.
    pub fn listed(self, now: i64) -> String {
        let name = usize::try_from(self.month - 1).ok().and_then(|index| MONTHS.get(index)).unwrap_or(&"Jan");
        let (hour, minute, _) = self.of_day();
        let age = now.saturating_sub(self.seconds);
        if (-DAY..LONG_AGO).contains(&age) {
            format!("{name} {:2} {hour:02}:{minute:02}", self.day)
        } else {
            format!("{name} {:2}  {:04}", self.day, self.year)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_moments() {
        for (seconds, text) in [
            (0, "19700101000000"),
            (784_111_777, "19941106084937"),
            (951_782_400, "20000229000000"),
            (-1, "19691231235959"),
            (i64::MAX, "99991231235959"),
            (i64::MIN, "00000101000000"),
        ] {
            assert_eq!(Moment::new(seconds).time_val(), text);
        }
        assert_eq!(Moment::new(784_111_777).listed(784_111_777 + 60), "Nov  6 08:49");
        assert_eq!(Moment::new(784_111_777).listed(1_784_111_777), "Nov  6  1994");
    }

    proptest! {
        #[test]
        fn later_is_later(seconds in FIRST..LAST) {
            let (now, next) = (Moment::new(seconds).time_val(), Moment::new(seconds + 1).time_val());
            prop_assert!(now.len() == 14 && now < next, "{now} {next}");
        }
    }
}
