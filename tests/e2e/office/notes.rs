//! Notes in the office, over the real Radicale: an owner whose first notebook Python's caldav has written, hostile texts among it, and a
//! colleague with whom one is shared. `browser/office_notes.mjs` is the visitor.

use super::{begin_anew, python, visit};
use crate::harness::Gateway;

/// Who is visited: of garonne, and of no other test.
const OWNER: &str = "u00342";
const COLLEAGUE: &str = "u00343";

/// Another program's notebook: a note as jtx Board writes them with lines that the page does not know, a journal of a day, and one that is private;
/// and in a second notebook one that would do harm if it could.
const WRITES: &str = r"
def book(name):
    return p.make_calendar(name=name, cal_id=name.lower(), supported_calendar_component_set=['VJOURNAL'])
def note(uid, *lines):
    all = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//other//EN', 'BEGIN:VJOURNAL', 'UID:' + uid, *lines, 'END:VJOURNAL', 'END:VCALENDAR', '']
    k.save_journal('\r\n'.join(all))
def text(body):
    return 'DESCRIPTION:' + body.replace('\\', '\\\\').replace(';', '\\;').replace(',', '\\,').replace('\n', '\\n')
k = book('Service')
note('minutes', 'DTSTAMP:20261104T080000Z', 'SUMMARY:Procès-verbal', text('''# Conseil du 4 novembre

Présents : **tous**, voir [le compte rendu](https://a.test/cr) ou <mailto:sec@a.test>.

- [ ] convoquer
- [ ] relire
- [ ] signer
- [ ] envoyer

> Il est *urgent* d’attendre.

| salle | places |
|-------|--------|
| A 12  | 30     |

1. un
2. deux

`code` et

    du texte tel quel, assez long pour que la ligne dépasse la largeur d’un téléphone et même bien au-delà de celle-ci'''),
    'X-LOCKER;X-FLOOR=2:kept', 'CATEGORIES:Conseil')
note('journal', 'DTSTAMP:20261103T080000Z', 'SUMMARY:Journal', 'DTSTART;VALUE=DATE:20261103', 'STATUS:DRAFT', text('محضر الاجتماع\nsuite'))
note('secret', 'DTSTAMP:20261102T080000Z', 'SUMMARY:Médecin', 'CLASS:PRIVATE', text('adresse'))
k = book('Essais')
note('hostile', 'DTSTAMP:20261101T080000Z', 'SUMMARY:<img src=x onerror=alert(1)>', text('''<script>alert(1)</script> <img src=https://tracker.test/a.gif onerror=alert(1)>

<style>*{display:none}</style> <iframe src=https://tracker.test/></iframe> <a href=https://a.test/ style=color:red>x</a>

![suivi](https://tracker.test/b.gif) ![x](data:image/svg+xml,<svg/onload=alert(1)>)

[un](javascript:alert(1)) [deux](data:text/html,<script>alert(1)</script>) [trois](vbscript:x) [quatre](//tracker.test/) [cinq](#/settings) [six](http://tracker.test/)

<javascript:alert(1)> [sept]: javascript:alert(1)

[sept]

```<script>alert(1)</script>
<b>huit</b>
```'''))
";

/// What the page has written, as another program reads it.
const READS: &str = "
k = [x for x in p.calendars() if x.name == 'Service'][0]
all = {str(j.icalendar_component['uid']): j for j in k.journals()}
minutes = all['minutes']
assert 'X-LOCKER;X-FLOOR=2:kept' in minutes.data, minutes.data
body = str(minutes.icalendar_component['description'])
assert body.count('- [x] ') == 4 and body.count('- [ ] ') == 0, body
assert body.startswith('# Conseil du 4 novembre') and body.endswith('celle-ci'), body
assert 'DTSTART;VALUE=DATE:20261103' in all['journal'].data, all['journal'].data
";

#[test]
fn notes_are_written_read_ticked_and_shared() {
    let gateway = Gateway::start("office-notes");
    for login in [OWNER, COLLEAGUE] {
        begin_anew(&gateway, login);
    }
    python(&gateway, OWNER, WRITES);
    visit("office_notes.mjs", &gateway, &[OWNER, COLLEAGUE]);
    python(&gateway, OWNER, READS);
}
