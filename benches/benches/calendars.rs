//! A calendar of 10,000 events: what a client's month costs, read and not read yet.

#![allow(
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark may panic and has no readers of its API"
)]

mod shared;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use passerelle_wire_ical::{CalendarData, CalendarObject, Kind, Range, RecurrenceSet, Utc, Zone};
use std::hint::black_box;

/// As many events as a secretariat's calendar has after some years.
const EVENTS: usize = 10_000;

fn month() -> Range {
    Range::parse(Some("20260501T000000Z"), Some("20260601T000000Z")).expect("a month")
}

/// An event as programs write them: nine are once, the tenth recurs.
fn event(number: usize) -> String {
    let (year, month, day) = (2020 + number % 10, 1 + number % 12, 1 + number % 28);
    let rule = match number % 100 {
        0 => "RRULE:FREQ=WEEKLY;BYDAY=MO,WE\r\n",
        10 | 20 | 30 => "RRULE:FREQ=WEEKLY;COUNT=12\r\n",
        40 | 50 => "RRULE:FREQ=WEEKLY;UNTIL=20261231T230000Z\r\n",
        60 | 70 => "RRULE:FREQ=MONTHLY;BYDAY=2TU\r\n",
        80 | 90 => "RRULE:FREQ=YEARLY\r\n",
        _ => "",
    };
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\nBEGIN:VEVENT\r\nUID:event-{number}@a.test\r\n\
         DTSTAMP:20260101T000000Z\r\nCREATED:20200101T000000Z\r\nLAST-MODIFIED:20260101T000000Z\r\nSEQUENCE:1\r\n\
         DTSTART;TZID=Europe/Paris:{year:04}{month:02}{day:02}T090000\r\n\
         DTEND;TZID=Europe/Paris:{year:04}{month:02}{day:02}T110000\r\n{rule}SUMMARY:Réunion numéro {number}\r\n\
         LOCATION:Salle 12\\, bâtiment B\r\nDESCRIPTION:Ordre du jour\\, et ce qui est resté de la dernière fois\\; \r\n \
         le reste par courrier.\r\nORGANIZER;CN=Secrétariat:mailto:secretariat@a.test\r\n\
         ATTENDEE;CN=Jeanne Dupré;PARTSTAT=ACCEPTED:mailto:u00001@a.test\r\n\
         ATTENDEE;CN=Jean Petit;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:u00002@a.test\r\n\
         BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nDESCRIPTION:Rappel\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

fn months(criterion: &mut Criterion) {
    let texts: Vec<String> = (0..EVENTS).map(event).collect();
    let paris = Zone::iana("Europe/Paris").expect("a zone of IANA");
    let read = |text| CalendarObject::read(str::as_bytes(text), paris.clone()).expect("a calendar");
    let objects: Vec<CalendarObject<'_>> = texts.iter().map(|text| read(text)).collect();
    let mut group = criterion.benchmark_group("10,000 events");
    group.throughput(Throughput::Elements(u64::try_from(EVENTS).expect("a small number")));
    group.bench_function("read", |bench| {
        bench.iter(|| texts.iter().map(|text| read(black_box(text))).collect::<Vec<_>>());
    });
    group.bench_function("facts", |bench| {
        bench.iter(|| objects.iter().filter_map(|object| black_box(object).facts()).count());
    });
    group.bench_function("a month", |bench| {
        let overlaps =
            |object: &&CalendarObject<'_>| black_box(object).overlaps(Kind::Event, month()).expect("a recurrence");
        bench.iter(|| objects.iter().filter(overlaps).count());
    });
    group.bench_function("a month in 250 years", |bench| {
        let far = Range {
            start: Utc::of(month().start.seconds() + 250 * 31_556_952),
            end: Utc::of(month().end.seconds() + 250 * 31_556_952),
        };
        let overlaps =
            |object: &&CalendarObject<'_>| black_box(object).overlaps(Kind::Event, far).expect("a recurrence");
        bench.iter(|| objects.iter().filter(overlaps).count());
    });
    group.bench_function("a month expanded and written", |bench| {
        let data = CalendarData { recurrence: RecurrenceSet::Expand(month()), ..CalendarData::default() };
        let chosen: Vec<_> =
            objects.iter().filter(|object| object.overlaps(Kind::Event, month()).expect("a recurrence")).collect();
        bench.iter(|| {
            chosen.iter().map(|object| object.partial(black_box(&data)).expect("instances").len()).sum::<usize>()
        });
    });
    group.finish();
}

criterion_group! { name = benches; config = shared::settings(); targets = months }
criterion_main!(benches);
