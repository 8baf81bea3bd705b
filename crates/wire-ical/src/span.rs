//! From when to when a calendar object is at all, for an index that has nothing else of it.

use crate::civil::DAY;
use crate::recurrence::Ends;
use crate::{CalendarObject, Kind, Utc, Zone};

/// How far a time that says no zone is from where UTC has it, at most (RFC 5545 §3.3.14: less than a day), and a day's end besides.
const ELSEWHERE: i64 = 2 * DAY;

/// Not later than the first moment of anything in an object, and not earlier than the last, whoever looks at it from whichever zone.
/// `None` for what may be in any time: what cannot be read, and whatever is no event and no journal's entry, as a task is, which matches
/// a query by much else than when it is (RFC 4791 §9.9).
pub fn span(octets: &[u8]) -> Option<(Utc, Utc)> {
    let object = CalendarObject::read(octets, Zone::utc()).ok()?;
    let mut kinds = object.calendar().components.iter().filter(|it| !it.is("VTIMEZONE")).map(Kind::of);
    if !kinds.all(|kind| matches!(kind, Some(Kind::Event | Kind::Journal))) {
        return None;
    }
    let spans = object.series().iter().filter_map(|series| series.span(object.zones()));
    let (starts, ends) = spans.reduce(|(a, b), (c, d)| (a.min(c), b.max(d)))?;
    let last = match ends {
        Ends::At(moment) => moment.plus(ELSEWHERE),
        Ends::Never => Utc::MAX,
    };
    Some((starts.plus(-ELSEWHERE), last))
}
