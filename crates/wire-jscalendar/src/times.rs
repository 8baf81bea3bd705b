//! Times as JSCalendar writes them (RFC 8984 §1.4.4 to §1.4.7), beside those of iCalendar.

use passerelle_wire_ical::{Duration, Local, Utc};

/// A time on a wall as a LocalDateTime: `2026-03-29T10:00:00`.
pub fn local_text(local: Local) -> String {
    extended(&local.to_string())
}

/// Reads a LocalDateTime, without fractions of a second: iCalendar has none.
pub fn read_local(text: &str) -> Option<Local> {
    Local::parse(&basic(text)?)
}

/// A moment as a UTCDateTime: `2026-03-29T08:00:00Z`.
pub fn utc_text(moment: Utc) -> String {
    extended(&moment.to_string())
}

/// Reads a UTCDateTime.
pub fn read_utc(text: &str) -> Option<Utc> {
    Utc::parse(&format!("{}Z", basic(text.strip_suffix('Z')?)?))
}

/// A duration as a SignedDuration: `-PT15M`, `P1DT2H`, `PT0S`.
pub(crate) fn duration_text(duration: Duration) -> String {
    let Duration { days, seconds } = duration;
    let mut text = if days < 0 || seconds < 0 { "-P".to_owned() } else { "P".to_owned() };
    let (days, seconds) = (days.unsigned_abs(), seconds.unsigned_abs());
    if days > 0 {
        text.push_str(&format!("{days}D"));
    }
    if seconds == 0 && days > 0 {
        return text;
    }
    text.push('T');
    for (many, unit) in [(seconds / 3_600, 'H'), (seconds / 60 % 60, 'M'), (seconds % 60, 'S')] {
        if many > 0 {
            text.push_str(&format!("{many}{unit}"));
        }
    }
    if seconds == 0 {
        text.push_str("0S");
    }
    text
}

/// `20260329T100000` of `2026-03-29T10:00:00`.
fn basic(text: &str) -> Option<String> {
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    let octets = text.as_bytes();
    let is_so = octets.len() == 19 && marks.iter().all(|(at, mark)| octets.get(*at) == Some(mark));
    is_so.then(|| text.chars().filter(|one| !matches!(one, '-' | ':')).collect())
}

/// The inverse of [`basic`].
fn extended(basic: &str) -> String {
    let mut text = String::with_capacity(basic.len() + 4);
    for (at, one) in basic.chars().enumerate() {
        match at {
            4 | 6 => text.push('-'),
            11 | 13 => text.push(':'),
            _ => {}
        }
        text.push(one);
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        for text in ["2026-03-29T10:00:00", "0001-01-01T00:00:00", "9999-12-31T23:59:59"] {
            assert_eq!(local_text(read_local(text).unwrap()), text);
            assert_eq!(utc_text(read_utc(&format!("{text}Z")).unwrap()), format!("{text}Z"));
        }
        for bad in [
            "2026-03-29",
            "2026-03-29T10:00:00.5",
            "2026-03-29 10:00:00",
            "20260329T100000",
            "2026-02-30T10:00:00",
            "été",
        ] {
            assert!(read_local(bad).is_none() && read_utc(bad).is_none(), "{bad}");
        }
        assert!(read_local("2026-03-29T10:00:00Z").is_none() && read_utc("2026-03-29T10:00:00").is_none());
    }

    #[test]
    fn durations_are_read_as_they_are_written() {
        for text in ["PT0S", "P1D", "PT1H30M", "P2DT5S", "-PT15M", "-P1DT1H"] {
            assert_eq!(duration_text(Duration::parse(text).unwrap()), text);
        }
        assert_eq!(duration_text(Duration::parse("P1W").unwrap()), "P7D");
    }
}
