//! Cyrus, on which each person's own password opens their own collections, and nothing else.

use super::{ask, changes, event, hrefs};
use crate::harness::{Gateway, State, campus};

fn on_cyrus(name: &str) -> Gateway {
    Gateway::start_with(name, &State::Sqlite, |config| {
        let settings = config.join("institutions/garonne/institution.toml");
        let text = std::fs::read_to_string(&settings).unwrap();
        let (before, there) = text.split_once("[calendars]").unwrap();
        let (_, after) = there.split_once("[filters]").unwrap();
        let own = |family: &str, path: &str| {
            format!(
                "[{family}]\nkind = \"dav\"\nurl = \"http://127.0.0.1:{}/dav/{path}/user/{{login}}/\"\n",
                campus("CAMPUS_CYRUS_HTTP")
            )
        };
        std::fs::write(
            &settings,
            format!("{before}{}{}[filters]{after}", own("calendars", "calendars"), own("contacts", "addressbooks")),
        )
        .unwrap();
    })
}

#[test]
fn a_calendar_on_cyrus_is_made_written_and_followed() {
    let gateway = on_cyrus("collections-cyrus");
    let who = "u00005@a.test:pw-u00005";
    let at = format!("/dav/calendars/u00005/c{}/", std::process::id());
    // Its first look at somebody's mail makes what its calendars need.
    crate::harness::run(
        "curl",
        &["-s", "-u", "u00005:pw-u00005", &format!("imap://127.0.0.1:{}/", campus("CAMPUS_CYRUS_IMAP"))],
    );
    let made = ask(&gateway, who, "MKCALENDAR", &at, &[], "");
    assert_eq!(made.status, 201, "{}", made.body);
    let (_, empty) = changes(&gateway, who, &at, "");
    let item = format!("{at}a.ics");
    assert_eq!(ask(&gateway, who, "PUT", &item, &["If-None-Match: *"], &event("cyrus-a", "one")).status, 201);
    let read = ask(&gateway, who, "GET", &item, &[], "");
    assert!(read.status == 200 && read.body.contains("SUMMARY:one"), "{}", read.body);
    let when = format!("If-Match: {}", read.header("etag").unwrap());
    assert_eq!(ask(&gateway, who, "PUT", &item, &[&when], &event("cyrus-a", "two")).status, 204);
    assert_eq!(ask(&gateway, who, "PUT", &item, &[&when], &event("cyrus-a", "three")).status, 412);
    let (found, now) = changes(&gateway, who, &at, &empty);
    assert!(hrefs(&found.body).contains(item.as_str()), "{}", found.body);
    assert_eq!(ask(&gateway, who, "DELETE", &item, &[], "").status, 204);
    let (gone, _) = changes(&gateway, who, &at, &now);
    assert!(gone.body.contains("404 Not Found") && hrefs(&gone.body).contains(item.as_str()), "{}", gone.body);
    assert_eq!(ask(&gateway, who, "DELETE", &at, &[], "").status, 204);
}
