//! iCalendar and vCard: what is written anew is read as the same, and a window shows what is in a wider one.

use passerelle_wire_ical::{
    CalendarData, CalendarObject, Card, Component, Ends, FreeBusy, PropsSelect, Range, RecurrenceSet, Redaction, Rule, Utc, Zone,
};

fn zone() -> Zone {
    Zone::iana("Europe/Paris").expect("a zone of IANA")
}

fn january(days: i64) -> Range {
    let start = Utc::parse("20260101T000000Z").expect("a moment");
    Range { start, end: Utc::of(start.seconds() + days * 86_400) }
}

/// The names and lines of a component, without where they stood.
fn lines(component: &Component<'_>, all: &mut Vec<String>) {
    all.push(component.name().to_owned());
    all.extend(component.properties.iter().map(|property| property.text().replace(['\r', '\n'], "")));
    component.components.iter().for_each(|inner| lines(inner, all));
    all.push(String::new());
}

pub(crate) fn calendars(octets: &[u8]) {
    let Ok(object) = CalendarObject::read(octets, zone()) else { return };
    let written = object.partial(&CalendarData::default()).expect("it was read");
    if let Ok(again) = Component::calendar(written.as_bytes()) {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        lines(object.calendar(), &mut before);
        lines(&again, &mut after);
        assert_eq!(before, after);
    }
    let _ = object.fit();
    let (few, many) = (object.occurrences(january(2)), object.occurrences(january(20)));
    if many.truncated.is_none() && few.truncated.is_none() {
        assert!(few.list.iter().all(|one| many.list.contains(one)));
    }
    if let Some(facts) = object.facts() {
        for one in few.list.iter().filter(|_| facts.starts.is_some()) {
            assert!(facts.starts <= Some(one.start) && Ends::At(one.end) <= facts.ends);
        }
        let _ = object.overlaps(facts.kind, january(2));
    }
    let _ = object.redacted(Redaction::Everything, Some("Busy"));
    let _ = FreeBusy::new(january(2)).add(&object);
    let _ = object.partial(&CalendarData { recurrence: RecurrenceSet::Expand(january(2)), ..CalendarData::default() });
}

/// The rule alone, so that what is tried is mostly one.
pub(crate) fn rules(octets: &[u8]) {
    let Ok(text) = std::str::from_utf8(octets) else { return };
    if Rule::parse(1, text).is_err() {
        return;
    }
    let text = text.replace(['\r', '\n'], "");
    calendars(
        format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART;TZID=Europe/Paris:20251030T083000\nRRULE:{text}\nEND:VEVENT\nEND:VCALENDAR\n")
            .as_bytes(),
    );
}

pub(crate) fn cards(octets: &[u8]) {
    let Ok(cards) = Component::cards(octets) else { return };
    for card in cards {
        let Ok(card) = Card::of(card) else { continue };
        let _ = (card.fit(), card.facts(), card.partial(&PropsSelect::All));
    }
}
