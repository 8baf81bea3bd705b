//! Reminders in the office, over the real Radicale: what is due rings in whichever module one is, is put off and done with, and other programs
//! see that. `browser/office_alarms.mjs` is the visitor, and the other program.

use super::{begin_anew, visit};
use crate::{collections::ask, harness::Gateway};

/// Who is visited: of garonne, and of no other test.
const OWNER: &str = "u00368";

#[test]
fn what_is_due_rings_and_is_done_with() {
    let gateway = Gateway::start("office-alarms");
    begin_anew(&gateway, OWNER);
    let who = format!("{OWNER}@a.test:pw-{OWNER}");
    let at = format!("/dav/calendars/{OWNER}/service/");
    assert_eq!(ask(&gateway, &who, "MKCALENDAR", &at, &[], "").status, 201);
    visit("office_alarms.mjs", &gateway, &[OWNER]);
}
