//! Tasks in the office, over the real Radicale: an owner whose first list Python's caldav has written, and a colleague with whom one is
//! shared. `browser/office_tasks.mjs` is the visitor.

use super::{append, begin_anew, python, visit};
use crate::harness::{Gateway, Imap};

/// Who is visited: of garonne, and of no other test.
const OWNER: &str = "u00313";
const COLLEAGUE: &str = "u00314";

/// Another program's list: a task of today with lines that no form knows, one that is a part of it, one that is late, and one of a zone
/// in which its day is another than here.
const WRITES: &str = "
import datetime
k = p.make_calendar(name='Service', cal_id='service', supported_calendar_component_set=['VTODO'])
now = datetime.datetime.now()
day = now.strftime('%Y%m%d')
past = (now - datetime.timedelta(days=3)).strftime('%Y%m%d')
def todo(uid, *lines):
    all = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//other//EN', 'BEGIN:VTODO', 'UID:' + uid, 'DTSTAMP:20261101T080000Z', *lines, 'END:VTODO', 'END:VCALENDAR', '']
    k.save_todo('\\r\\n'.join(all))
todo('thesis', 'SUMMARY:Relire la thèse', 'DUE;VALUE=DATE:' + day, 'X-LOCKER;X-FLOOR=2:kept', 'PRIORITY:1', 'CATEGORIES:Jury', 'CLASS:PUBLIC')
todo('chapter', 'SUMMARY:Chapitre 1', 'RELATED-TO:thesis')
todo('late', 'SUMMARY:Rendre les clés', 'DUE;VALUE=DATE:' + past)
todo('secret', 'SUMMARY:Médecin', 'CLASS:PRIVATE', 'DUE;VALUE=DATE:' + day)
";

/// What the page has written, as another program reads it.
const READS: &str = "
k = [x for x in p.calendars() if x.name == 'Service'][0]
all = {t.vobject_instance.vtodo.summary.value: t.data for t in k.todos(include_completed=True)}
thesis = all['Relire la thèse']
for line in ['X-LOCKER;X-FLOOR=2:kept', 'PERCENT-COMPLETE:40', 'STATUS:IN-PROCESS', 'notes du bureau']:
    assert line in thesis, (line, thesis)
";

#[test]
fn tasks_are_added_done_ordered_and_shared() {
    let gateway = Gateway::start("office-tasks");
    for login in [OWNER, COLLEAGUE] {
        begin_anew(&gateway, login);
    }
    let mut imap = Imap::log_in(gateway.imap, &format!("{OWNER}@a.test"), &format!("pw-{OWNER}"));
    let message = format!(
        "From: Ada Roux <u00001@a.test>\nTo: {OWNER}@a.test\nSubject: Commander des livres\nMessage-ID: <books+1@a.test>\n\
         Date: Fri, 20 Nov 2026 09:00:00 +0100\n\nDix exemplaires.\n"
    );
    append(&mut imap, "INBOX", "\\Seen", &message);
    python(&gateway, OWNER, WRITES);
    visit("office_tasks.mjs", &gateway, &[OWNER, COLLEAGUE]);
    python(&gateway, OWNER, READS);
}
