//! The two ways in which WebDAV writes a moment, straight into octets.

use passerelle_core::ports::FileTime;

const DAY: i64 = 86_400;
const WEEKDAYS: [&[u8; 3]; 7] = [b"Thu", b"Fri", b"Sat", b"Sun", b"Mon", b"Tue", b"Wed"];
const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
/// 1970 to 9999: what both forms can say.
const LAST: i64 = 253_402_300_799;

struct Civil {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    weekday: i64,
}

/// `IMF-fixdate` (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`. What cannot be said is cut to 1970 or 9999.
pub(crate) fn http(out: &mut Vec<u8>, at: FileTime) {
    let Civil { year, month, day, hour, minute, second, weekday } = civil(at.seconds);
    let name =
        |names: &[&[u8; 3]], index: i64| usize::try_from(index).ok().and_then(|i| names.get(i).copied().copied());
    out.extend_from_slice(&name(&WEEKDAYS, weekday).unwrap_or(*b"Thu"));
    out.extend_from_slice(b", ");
    two(out, day);
    out.push(b' ');
    out.extend_from_slice(&name(&MONTHS, month - 1).unwrap_or(*b"Jan"));
    out.push(b' ');
    two(out, year / 100);
    two(out, year % 100);
    out.push(b' ');
    time(out, hour, minute, second);
    out.extend_from_slice(b" GMT");
}

/// `date-time` (RFC 3339 §5.6): `1994-11-06T08:49:37Z`.
pub(crate) fn rfc3339(out: &mut Vec<u8>, at: FileTime) {
    let Civil { year, month, day, hour, minute, second, .. } = civil(at.seconds);
    two(out, year / 100);
    two(out, year % 100);
    out.push(b'-');
    two(out, month);
    out.push(b'-');
    two(out, day);
    out.push(b'T');
    time(out, hour, minute, second);
    out.push(b'Z');
}

fn time(out: &mut Vec<u8>, hour: i64, minute: i64, second: i64) {
    two(out, hour);
    out.push(b':');
    two(out, minute);
    out.push(b':');
    two(out, second);
}

fn two(out: &mut Vec<u8>, number: i64) {
    let digit = |digit: i64| u8::try_from(digit).unwrap_or(0).wrapping_add(b'0');
    out.push(digit(number / 10 % 10));
    out.push(digit(number % 10));
}

/// The proleptic Gregorian calendar, counted in eras of 400 years that begin on 1 March.
fn civil(seconds: i64) -> Civil {
    let seconds = seconds.clamp(0, LAST);
    let (days, rest) = (seconds / DAY, seconds % DAY);
    let from_march = days + 719_468;
    let (era, of_era) = (from_march / 146_097, from_march % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    Civil {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month,
        day: of_year - (153 * month_from_march + 2) / 5 + 1,
        hour: rest / 3600,
        minute: rest / 60 % 60,
        second: rest % 60,
        weekday: days % 7,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;
    use std::time::{Duration, UNIX_EPOCH};

    fn write(form: fn(&mut Vec<u8>, FileTime), seconds: i64) -> String {
        let mut out = Vec::new();
        form(&mut out, FileTime { seconds, nanos: 0 });
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_example_of_the_rfc() {
        assert_eq!(write(http, 784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(write(rfc3339, 784_111_777), "1994-11-06T08:49:37Z");
        assert_eq!(write(rfc3339, 951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(write(http, -5), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(write(rfc3339, i64::MAX), "9999-12-31T23:59:59Z");
    }

    proptest! {
        #[test]
        fn as_another_hand_writes_it(seconds in 0..253_402_300_799_u64) {
            let theirs = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
            prop_assert_eq!(write(http, i64::try_from(seconds).unwrap()), theirs);
        }
    }
}
