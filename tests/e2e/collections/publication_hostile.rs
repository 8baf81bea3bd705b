//! What breaks a published calendar, or whoever reads it: one that is huge, rules without an end, titles that are none.

use super::{
    ask, files,
    publication::{day, item, link, stranger, tells_none_of},
    radicale,
};
use crate::{harness::Gateway, office_api::Office};
use serde_json::json;
use std::{
    fs,
    time::{Duration, Instant},
};

/// Events of a calendar of files that is too large for the memory of items.
const MANY: usize = 8_000;
/// Text of each.
const LONG: usize = 12_000;

#[test]
fn a_huge_calendar_and_one_that_never_ends_are_bounded() {
    let gateway = files::start("publication-huge");
    let who = "u00330@a.test:pw-u00330";
    for name in ["grand", "sans-fin"] {
        let at = format!("/dav/calendars/u00330/{name}/");
        assert_eq!(ask(&gateway, who, "MKCALENDAR", &at, &[], "").status, 201);
    }
    let folder = |name: &str| gateway.home("garonne", "u00330").join("Calendars").join(name);
    let (soon, text) = (day(1), "x".repeat(LONG));
    for number in 0..MANY {
        let (hour, minute) = (number % 24, number / 24 % 60);
        let lines = format!(
            "DTSTART:{soon}T{hour:02}{minute:02}00Z\r\nDURATION:PT1M\r\nSUMMARY:n{number}\r\nDESCRIPTION:{text}\r\n"
        );
        fs::write(folder("grand").join(format!("{number}.ics")), item("VEVENT", &format!("u{number}"), &lines))
            .unwrap();
    }
    for (number, class) in ["PUBLIC", "PRIVATE"].iter().enumerate() {
        for rule in
            ["FREQ=SECONDLY", "FREQ=SECONDLY;BYSETPOS=1;BYSECOND=0,1,2,3", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"]
        {
            let lines = format!(
                "DTSTART:20200101T000000Z\r\nDURATION:PT1S\r\nRRULE:{rule}\r\nSUMMARY:bombe\r\nCLASS:{class}\r\n"
            );
            let name = format!("{number}-{}.ics", rule.len());
            fs::write(folder("sans-fin").join(&name), item("VEVENT", &name, &lines)).unwrap();
        }
    }
    let office = Office::of(&gateway, "u00330");
    let paths: Vec<String> = ["grand", "sans-fin"]
        .iter()
        .flat_map(|name| ["read", "busy"].map(|what| link(&office, &json!({ "name": name, "what": what })).0))
        .collect();
    let before = gateway.peak();
    for path in &paths {
        for more in ["", "/calendar.ics"] {
            let begun = Instant::now();
            let answer = stranger(&gateway, &format!("{path}{more}"), &[]);
            assert_eq!(answer.status, 200, "{path}{more}: {}", answer.body);
            assert!(begun.elapsed() < Duration::from_secs(60), "{path}{more} took {:?}", begun.elapsed());
            // A page has the first of a thousand; a file has all.
            assert!(more == "/calendar.ics" || answer.body.len() < 2_000_000, "{}", answer.body.len());
        }
    }
    // The items of memory may be 64 MiB; the calendar has some 100.
    let grown = gateway.peak() - before;
    assert!(grown < 160 * 1024, "{grown} KiB more");
    let whole = stranger(&gateway, &format!("{}/calendar.ics", paths[0]), &[]);
    assert_eq!(whole.body.matches("BEGIN:VEVENT").count(), MANY);
    assert!(whole.body.ends_with("END:VCALENDAR\r\n"));
    // What cannot be followed does not look free.
    let busy = stranger(&gateway, &format!("{}/calendar.ics", paths[3]), &[]);
    assert!(busy.body.contains("SUMMARY:Busy") && !busy.body.contains("bombe"), "{}", busy.body);
}

#[test]
fn hostile_titles_are_text_on_the_page() {
    let gateway = Gateway::start("publication-hostile");
    radicale("DELETE", "/a-u00331/", "");
    let (who, at) = ("u00331@a.test:pw-u00331", "/dav/calendars/u00331/hostile/");
    assert_eq!(ask(&gateway, who, "MKCALENDAR", at, &[], "").status, 201);
    let soon = day(1);
    let titles = [
        "<script>alert(1)</script>",
        "\\\"><img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "\u{202e}gnirts\u{2066}",
        "]]>--><svg onload=alert(1)>",
        "{{ 7*7 }}",
    ];
    for (number, title) in titles.iter().enumerate() {
        let lines = format!("DTSTART:{soon}T1{number}0000Z\r\nSUMMARY:{title}\r\nLOCATION:{title}\r\n");
        let put = ask(
            &gateway,
            who,
            "PUT",
            &format!("{at}{number}.ics"),
            &[],
            &item("VEVENT", &format!("h{number}"), &lines),
        );
        assert_eq!(put.status, 201, "{title}: {}", put.body);
    }
    let office = Office::of(&gateway, "u00331");
    let label = "</title><script>alert(2)</script>";
    let (path, _) = link(&office, &json!({ "name": "hostile", "what": "read", "label": label }));
    let page = stranger(&gateway, &path, &[]);
    assert_eq!(page.status, 200, "{}", page.body);
    tells_none_of(&page, &["<script", "<img src=x", "<a href='javascript", "<svg onload", "</title><"]);
    assert!(page.body.contains("&#60;script&#62;") && page.body.contains("{{ 7*7 }}"), "{}", page.body);
    assert!(
        page.header("content-security-policy")
            .is_some_and(|it| it.contains("default-src 'none'") && !it.contains("script-src"))
    );
    let calendar = stranger(&gateway, &format!("{path}/calendar.ics"), &[]);
    assert_eq!(calendar.status, 200);
    assert!(calendar.header("content-security-policy").is_some_and(|it| it.contains("sandbox")), "{}", calendar.head);
}
