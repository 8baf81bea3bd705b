//! RFC 6578 on calendars.

use super::{super::files, Desk};
use crate::collections::{element, event, hrefs};

fn sync(token: &str, more: &str) -> String {
    format!(
        "<D:sync-collection xmlns:D='DAV:'><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>\
         <D:prop><D:getetag/></D:prop>{more}</D:sync-collection>"
    )
}

#[test]
fn differences_clause_by_clause() {
    let gateway = files::start("clauses-sync");
    let desk = Desk {
        gateway: &gateway,
        who: "u00219@a.test:pw-u00219".to_owned(),
        at: "/dav/calendars/u00219/diff/".to_owned(),
    };
    assert_eq!(desk.ask("MKCALENDAR", "", &[], "").status, 201);
    for name in ["a", "b", "c"] {
        desk.put(&format!("{name}.ics"), &event(name, name));
    }
    let ask = |token: &str, more: &str| desk.ask("REPORT", "", &["Depth: 0"], &sync(token, more));
    // RFC 6578 §3.2: told where it is; RFC 6578 §6.1, §6.2, §6.3: its elements.
    assert!(desk.property("supported-report-set", "DAV:").contains("sync-collection"));
    // RFC 6578 §3.4: first everything, and nothing that is gone.
    assert_eq!(desk.ask("DELETE", "c.ics", &[], "").status, 204);
    let first = ask("", "");
    assert_eq!(first.status, 207, "{}", first.body);
    assert!(hrefs(&first.body).len() == 2 && !first.body.contains("404"), "{}", first.body);
    // RFC 6578 §6.4: with the next token; RFC 6578 §4: which is the property's.
    let token = element(&first.body, "D:sync-token").to_owned();
    assert_eq!(element(&desk.property("sync-token", "DAV:"), "D:sync-token"), token);
    // RFC 6578 §3.5: nothing since.
    assert_eq!(hrefs(&ask(&token, "").body).len(), 0);
    // RFC 6578 §3.5.1, §3.5.2: new, changed, gone, each once.
    desk.put("a.ics", &event("a", "changed"));
    desk.put("a.ics", &event("a", "changed again"));
    desk.put("d.ics", &event("d", "new"));
    assert_eq!(desk.ask("DELETE", "b.ics", &[], "").status, 204);
    let second = ask(&token, "");
    assert_eq!(hrefs(&second.body).len(), 3, "{}", second.body);
    assert_eq!(second.body.matches("404 Not Found").count(), 1, "{}", second.body);
    assert_eq!(second.body.matches("<D:propstat>").count(), 2, "{}", second.body);
    // RFC 6578 §3.6, §3.7: a part, and the rest by its token, until there is no more.
    let limit = "<D:limit><D:nresults>1</D:nresults></D:limit>";
    let (mut names, mut next, mut parts) = (std::collections::BTreeSet::new(), String::new(), 0);
    loop {
        let part = ask(&next, limit);
        let told = part.body.split("<D:response>").filter(|it| it.contains("<D:propstat>"));
        names.extend(told.map(|it| it.split_once(".ics").unwrap().0.rsplit_once('/').unwrap().1.to_owned()));
        next = element(&part.body, "D:sync-token").to_owned();
        parts += 1;
        assert!(parts < 9, "it comes to an end");
        if !part.body.contains("507 Insufficient Storage") {
            break;
        }
    }
    assert!(names.iter().eq(["a", "d"]) && parts > 1, "{names:?}");
    // RFC 6578 §3.2: what is no token of this calendar; RFC 6578 §3.3: at depth 0 alone, level infinite is refused.
    let wrong = ask("data:,nonsense", "");
    desk.refused(&wrong, 403, "valid-sync-token");
    let deep = desk.ask("REPORT", "", &["Depth: infinity"], &sync("", ""));
    assert_eq!(deep.status, 400, "{}", deep.body);
    let infinite = sync("", "").replace("<D:sync-level>1", "<D:sync-level>infinite");
    desk.refused(&desk.ask("REPORT", "", &["Depth: 0"], &infinite), 403, "sync-traversal-supported");
}
