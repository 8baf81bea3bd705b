//! A range of time as queries have it (RFC 4791 §9.9).

use crate::Utc;

/// From a moment up to another that is not in it; without one of them, without bound there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first moment in it.
    pub start: Utc,
    /// The first moment behind it.
    pub end: Utc,
}

impl Range {
    /// All of time.
    pub const ALL: Self = Self { start: Utc::MIN, end: Utc::MAX };

    /// Reads the attributes of CALDAV:time-range: UTC times, one of which may be missing. Nothing when they are no times, when
    /// both are missing, or when the end is not behind the start.
    pub fn parse(start: Option<&str>, end: Option<&str>) -> Option<Self> {
        if start.is_none() && end.is_none() {
            return None;
        }
        let read = |value: Option<&str>, none: Utc| value.map_or(Some(none), Utc::parse);
        let (start, end) = (read(start, Utc::MIN)?, read(end, Utc::MAX)?);
        (start < end).then_some(Self { start, end })
    }
}
