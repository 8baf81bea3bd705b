//! What recurs, changed in the office from one of its times on, over the real Radicale: Python's caldav has written the series, and reads
//! afterwards what is there, by instances as recurring-ical-events makes them. `browser/office_series.mjs` is the visitor.

use super::{begin_anew, python, visit};
use crate::{harness::Gateway, sharing::grants};

/// Who is visited: of garonne, and of no other test. The second is invited.
const OWNER: &str = "u00362";
const GUEST: &str = "u00363";
const READER: &str = "u00364";

/// Four series, one for each round: each Monday of spring 2027 in Paris, whose clocks change on 28 March, ten times by the rule, of which one was
/// taken out and one has been moved. Besides one that ends by a day, with somebody who is invited, and a day's exam.
const WRITES: &str = "
k = p.make_calendar(name='Cours', cal_id='cours')
def event(uid, *lines):
    k.save_event('\\r\\n'.join(['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//other//EN', *lines, 'END:VCALENDAR', '']))
for n in range(4):
    hour = '%02d' % (8 + 2 * n)
    common = ['UID:s%d' % n, 'DTSTAMP:20261101T080000Z', 'SUMMARY:Cours %d' % n, 'X-LOCKER:kept']
    event('s%d' % n, 'BEGIN:VEVENT', *common, 'DTSTART;TZID=Europe/Paris:20270301T%s0000' % hour, 'DURATION:PT1H', 'RRULE:FREQ=WEEKLY;COUNT=10',
        'EXDATE;TZID=Europe/Paris:20270308T%s0000' % hour, 'END:VEVENT',
        'BEGIN:VEVENT', 'UID:s%d' % n, 'DTSTAMP:20261101T080000Z', 'SUMMARY:Examen %d' % n, 'RECURRENCE-ID;TZID=Europe/Paris:20270412T%s0000' % hour,
        'DTSTART;TZID=Europe/Paris:20270412T180000', 'DURATION:PT2H', 'END:VEVENT')
for n in (0, 2):
    event('m%d' % n, 'BEGIN:VEVENT', 'UID:m%d' % n, 'DTSTAMP:20261101T080000Z', 'SUMMARY:Soutenance %d' % n, 'DTSTART:20270331T1%d0000Z' % n, 'DURATION:PT90M', 'END:VEVENT')
event('r', 'BEGIN:VEVENT', 'UID:r', 'DTSTAMP:20261101T080000Z', 'SUMMARY:Conseil', 'DTSTART;TZID=Europe/Paris:20270302T090000', 'DURATION:PT1H',
    'RRULE:FREQ=WEEKLY;UNTIL=20270427T070000Z', 'ORGANIZER:mailto:OWNER@a.test', 'ATTENDEE:mailto:OWNER@a.test', 'ATTENDEE;RSVP=TRUE:mailto:GUEST@a.test', 'END:VEVENT')
event('j', 'BEGIN:VEVENT', 'UID:j', 'DTSTAMP:20261101T080000Z', 'SUMMARY:Jours', 'DTSTART;VALUE=DATE:20270401', 'DTEND;VALUE=DATE:20270403',
    'RRULE:FREQ=MONTHLY;BYMONTHDAY=1;COUNT=4', 'END:VEVENT')
";

/// All that is there, by title and start as the wall has it.
const READS: &str = "
import icalendar, recurring_ical_events, datetime
def seen(title):
    k = [x for x in p.calendars() if x.name == NAME][0]
    all = []
    for event in k.events():
        for it in recurring_ical_events.of(icalendar.Calendar.from_ical(event.data)).between((2027, 1, 1), (2028, 1, 1)):
            if str(it['SUMMARY']).startswith(title):
                all.append((str(it['DTSTART'].dt)[:16], str(it['SUMMARY'])))
    return sorted(all)
def same(title, expected):
    found = seen(title)
    assert found == sorted(expected), (title, found, sorted(expected))
def objects(text):
    k = [x for x in p.calendars() if x.name == NAME][0]
    return [event.data.replace('\\r', '').replace('\\n ', '') for event in k.events() if text in event.data]
";

/// What has become of each: the title is another one from 22 March on, on a desk all is an hour later from 5 April on, and from 26 April on there
/// is nothing more.
const SEES: &str = "
NAME = 'Cours'
for n in range(4):
    desk = n in (0, 2)
    hour = 8 + 2 * n
    at = lambda day, more=0: '2027-%s %02d:00' % (day, hour + more)
    more = 1 if desk else 0
    same('Cours %d' % n, [(at('03-01'), 'Cours %d' % n), (at('03-15'), 'Cours %d' % n), (at('03-22'), 'Cours %d bis' % n), (at('03-29'), 'Cours %d bis' % n),
        (at('04-05', more), 'Cours %d bis' % n), (at('04-19', more), 'Cours %d bis' % n)])
    same('Examen %d' % n, [('2027-04-12 %d:00' % (18 + more), 'Examen %d' % n)])
    first = [it for it in objects('Cours %d' % n) if 'UID:s%d\\n' % n in it]
    assert len(first) == 1 and 'X-LOCKER:kept' in first[0] and 'COUNT=3' in first[0] and ':Amphi %d' % n in first[0], first
    assert first[0].count('RELATED-TO;RELTYPE=NEXT:') == 1, first
    others = [it for it in objects('Cours %d bis' % n) if 'UID:s%d\\n' % n not in it]
    assert len(others) == (2 if desk else 1) and all('RELATED-TO;RELTYPE=FIRST:s%d' % n in it for it in others), others
    # Dragged over the end of the month and back again, then by keys: the hour is the same.
    same('Soutenance %d' % n, [('2027-04-02 1%d:00' % n, 'Soutenance %d' % n)] if desk else [])
same('Conseil', [('2027-03-%02d 09:00' % day, 'Conseil') for day in (2, 9, 16, 23)] + [('2027-%s 11:00' % day, 'Conseil') for day in ('03-30', '04-06', '04-13', '04-20', '04-27')])
same('Jours', [('2027-04-01', 'Jours'), ('2027-05-04', 'Jours'), ('2027-06-04', 'Jours'), ('2027-07-04', 'Jours')])
";

/// Who is invited has both halves.
const GUEST_SEES: &str = "
NAME = [x for x in p.calendars() if any('Conseil' in e.data for e in x.events())][0].name
same('Conseil', [('2027-03-%02d 09:00' % day, 'Conseil') for day in (2, 9, 16, 23)] + [('2027-%s 11:00' % day, 'Conseil') for day in ('03-30', '04-06', '04-13', '04-20', '04-27')])
";

#[test]
fn a_series_is_another_one_from_a_time_on() {
    let gateway = Gateway::start("office-series");
    for login in [OWNER, GUEST, READER] {
        begin_anew(&gateway, login);
    }
    let names = |script: &str| script.replace("OWNER", OWNER).replace("GUEST", GUEST);
    python(&gateway, OWNER, &names(WRITES));
    grants(
        &gateway,
        "u00001@a.test:pw-u00001",
        &format!(
            "s.grant.set({{'owner': '{OWNER}', 'kind': 'calendar', 'path': 'cours'}}, {{'account': '{READER}'}}, ['read'])"
        ),
    );
    visit("office_series.mjs", &gateway, &[OWNER, READER]);
    python(&gateway, OWNER, &format!("{READS}{SEES}"));
    python(&gateway, GUEST, &format!("{READS}{GUEST_SEES}"));
}
