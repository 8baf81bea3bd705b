//! Events as JSCalendar: what is told of one can be written back, and is told the same then.

use passerelle_wire_ical::{Utc, Zone};
use passerelle_wire_jscalendar::{Entry, patched};
use serde_json::{Map, Value};

pub(crate) fn events(octets: &[u8]) {
    let Ok(Some(entry)) = Entry::read(octets, Zone::utc()) else { return };
    let whole = entry.whole();
    let _ = entry.span();
    if let Some(id) = whole.get("start").and_then(Value::as_str).and_then(|start| entry.recurrence_id(start)) {
        let _ = (entry.occurrence(id), entry.instance(&whole, id));
    }
    // Nothing was changed, and so nothing is.
    if let Ok(same) = entry.changed(&whole) {
        let again = Entry::read(&same, Zone::utc()).expect("it is read").expect("it has an event");
        assert_eq!(again.whole(), whole);
    }
}

/// An object, and after an octet that is in none a patch of it.
pub(crate) fn patches(octets: &[u8]) {
    let Some(at) = octets.iter().position(|octet| *octet == 0) else { return };
    let (object, patch) = octets.split_at(at);
    let read = |octets: &[u8]| serde_json::from_slice::<Map<String, Value>>(octets).ok();
    let (Some(object), Some(patch)) = (read(object), patch.get(1..).and_then(read)) else { return };
    let now = Utc::parse("20261201T080000Z").expect("a moment");
    for object in [Some(&object), patched(&object, &patch).ok().as_ref()].into_iter().flatten() {
        let Ok(made) = Entry::made(object, now, "-//x//EN") else { continue };
        let entry = Entry::read(&made, Zone::utc()).expect("it is read").expect("it has an event");
        let _ = (entry.whole(), entry.changed(object));
    }
}
