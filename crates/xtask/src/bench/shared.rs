//! A calendar that is shared with everybody of a directory of eighty thousand, beside the same one shared with a hundred people by name and
//! with a group of these: a real slapd says who is in a group.

use super::peers::{Load, PERSON, number};
use super::report::{Figures, Table};
use super::sides::{CALENDARS_FILES, Sides};
use crate::failure::{Failure, Result};
use crate::{campus, files, process};
use std::path::Path;

/// How many people the group of all has, beside the campus's own.
const EVERYBODY: usize = 80_000;
/// Whose calendars they are.
const OWNER: &str = "u00002";
/// Those who open them.
const READERS: std::ops::Range<usize> = 300..400;
/// How often one of them opens each again.
const AGAIN: usize = 2_000;

/// A calendar, and with whom it is shared.
struct Side {
    name: &'static str,
    calendar: &'static str,
    /// The group's filter; nothing where people are named.
    filter: Option<&'static str>,
}

const SIDES: [Side; 3] = [
    Side { name: "100 people by name", calendar: "by-name", filter: None },
    Side { name: "a dynamic group of 100", calendar: "of-some", filter: Some("(uid=u003*)") },
    Side { name: "a dynamic group of 81,000", calendar: "of-all", filter: Some("(objectClass=inetOrgPerson)") },
];

pub(super) fn run(load: &Load, root: &Path, sides: &mut Sides, campus_dir: &Path) -> Result<Table> {
    add_people(&sides.dir, campus_dir)?;
    let gateway = sides.calendars_files(root)?;
    for side in &SIDES {
        share(side)?;
    }
    let mut rows: Vec<(String, Vec<Figures>)> =
        SIDES.iter().map(|side| (side.name.to_owned(), vec![Figures::default(), Figures::default()])).collect();
    // Each reader begins with another calendar: the first that somebody opens pays for their password.
    for (at, reader) in READERS.enumerate() {
        let login = format!("u{reader:05}");
        curl(&login, &["-X", "PROPFIND", "-H", "Depth: 0"], "/dav/")?;
        for turn in 0..SIDES.len() {
            let which = (at + turn) % SIDES.len();
            if let (Some(side), Some((_, [first, _]))) =
                (SIDES.get(which), rows.get_mut(which).map(|(name, all)| (name, all.as_mut_slice())))
            {
                first.add(1_000.0 * curl(&login, &[], &event(side))?);
            }
        }
    }
    let reader = format!("u{:05}", READERS.start);
    let authorization =
        process::output(process::quiet("bash").args(["-c", &format!("printf '{reader}:pw-{reader}' | base64 -w0")]))?;
    for _ in 0..3 {
        for (side, (_, figures)) in SIDES.iter().zip(&mut rows) {
            let address = format!("127.0.0.1:{CALENDARS_FILES}");
            let report =
                load.run(&["http", &address, "GET", &event(side), &authorization, &AGAIN.to_string(), "1", "0", "0"])?;
            if let Some(again) = figures.get_mut(1) {
                again.add(number(&report, "median_ms"));
            }
        }
    }
    for side in SIDES.iter().filter(|side| side.filter.is_some()) {
        call(&format!(
            "<methodCall><methodName>group.delete</methodName><params>{}</params></methodCall>",
            text(side.calendar)
        ))?;
    }
    sides.end(gateway)?;
    Ok(Table {
        title: "A calendar shared with 81,000".to_owned(),
        text: format!(
            "An event of a calendar over files, read by each of 100 people who have signed on a moment ago, and then {AGAIN} times by one of them, three times over. Who is in a group a real slapd says, of {EVERYBODY} people and the campus's own."
        ),
        columns: vec!["ms, the first time", "ms, again"],
        rows,
    })
}

/// Adds the people, unless they are there.
fn add_people(dir: &Path, campus_dir: &Path) -> Result<()> {
    let ldap = campus::environment(campus_dir)?;
    let port = ldap.iter().find(|(name, _)| *name == "CAMPUS_LDAP_A").map(|(_, port)| port.to_owned());
    let ldap =
        format!("ldap://127.0.0.1:{}", port.ok_or_else(|| Failure::new("the campus says nothing of its directory"))?);
    let login = ["-x", "-H", &ldap, "-D", "cn=provision,ou=services,dc=a,dc=test", "-w", "svc-provision"];
    let last = format!("uid=everybody{:05}", EVERYBODY - 1);
    let found =
        process::output(process::quiet("ldapsearch").args(login).args(["-LLL", "-b", "dc=a,dc=test", &last, "dn"]))?;
    if found.contains(&last) {
        return Ok(());
    }
    let entry = |number: usize| {
        format!(
            "dn: uid=everybody{number:05},ou=people,dc=a,dc=test\nobjectClass: inetOrgPerson\nobjectClass: eduPerson\nobjectClass: supannPerson\nuid: everybody{number:05}\ncn: Name {number}\nsn: {number}\nmail: everybody{number:05}@a.test\n\n"
        )
    };
    let file = dir.join("everybody.ldif");
    files::write(&file, (0..EVERYBODY).map(entry).collect::<String>(), files::SECRET)?;
    process::output(process::quiet("ldapadd").args(login).args(["-c", "-f"]).arg(&file))?;
    Ok(())
}

fn event(side: &Side) -> String {
    format!("/dav/calendars/{OWNER}/{}/e.ics", side.calendar)
}

/// Makes the calendar with an event, the group, and the grants.
fn share(side: &Side) -> Result<()> {
    let calendar = format!("/dav/calendars/{OWNER}/{}/", side.calendar);
    // What is there from another run says so.
    let _ = curl(OWNER, &["-X", "MKCALENDAR"], &calendar);
    let content = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//passerelle//bench//EN\r\nBEGIN:VEVENT\r\nUID:e\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20261201T080000Z\r\nSUMMARY:Cours\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    curl(OWNER, &["-X", "PUT", "-H", "Content-Type: text/calendar", "--data-binary", content], &event(side))?;
    let grantees: Vec<(&str, String)> = match side.filter {
        Some(filter) => {
            let made = format!("{}{}{}", text(side.calendar), text("benchmark"), text(filter));
            // As above.
            let _ =
                call(&format!("<methodCall><methodName>group.create</methodName><params>{made}</params></methodCall>"));
            vec![("group", side.calendar.to_owned())]
        }
        None => READERS.map(|reader| ("account", format!("u{reader:05}"))).collect(),
    };
    let member = |name: &str, value: &str| {
        format!("<member><name>{name}</name><value><string>{value}</string></value></member>")
    };
    for (kind, name) in grantees {
        let target = [member("owner", OWNER), member("kind", "calendar"), member("path", side.calendar)].concat();
        let rights = "<param><value><array><data><value><string>read</string></value></data></array></value></param>";
        call(&format!(
            "<methodCall><methodName>grant.set</methodName><params><param><value><struct>{target}</struct></value></param><param><value><struct>{}</struct></value></param>{rights}</params></methodCall>",
            member(kind, &name)
        ))?;
    }
    Ok(())
}

fn text(value: &str) -> String {
    format!("<param><value><string>{value}</string></value></param>")
}

/// Calls the gateway as its administrator.
fn call(body: &str) -> Result<String> {
    let mut curl = process::quiet("curl");
    curl.args(["-sf", "-u", &format!("{}:{}", PERSON.0, PERSON.1), "-H", "Content-Type: text/xml", "-d", body]);
    let answer = process::output(curl.arg(format!("http://127.0.0.1:{CALENDARS_FILES}/xmlrpc")))?;
    if answer.contains("faultCode") { Err(Failure::new(format!("{body}: {answer}"))) } else { Ok(answer) }
}

/// Asks as somebody; how long it took, in seconds, from the request to the end of the answer.
fn curl(login: &str, arguments: &[&str], path: &str) -> Result<f64> {
    let mut curl = process::quiet("curl");
    curl.args(["-sf", "-o", "/dev/null", "-w", "%{time_total}", "-u", &format!("{login}:pw-{login}")]).args(arguments);
    let took = process::output(curl.arg(format!("http://127.0.0.1:{CALENDARS_FILES}{path}")))?;
    took.trim().parse().map_err(|_| Failure::new(format!("curl says {took}")))
}
