//! What a calendar client asks for again and again, of a calendar of many events: everything that is there (RFC 6578), what has changed after
//! ten writes, a month with what recurs in it, fifty events by their names, and events put in.
//!
//! `calendar-load HTTP PATH USER PASSWORD TIMES FILL`, where HTTP is an address, PATH a calendar of that side, and FILL says how it is filled where
//! it is not: `each` event by a PUT of its own, or `whole` by one of all, as Radicale takes it. One line of JSON says the median of each in
//! milliseconds, how many events were put in a second, and how many objects the month had, of how many.
//!
//! Connections are kept where the side keeps them. Sockets have TCP_NODELAY and acknowledge at once. What comes is looked at after the clock has stopped.

mod events;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use passerelle_benches::{Result, http::Http, median_ms, wrong};
use serde_json::json;
use std::{env, io, time::Instant};

const CHANGES: usize = 10;
const NAMED: usize = 50;
const PUTS: usize = 20;
const XML: &str = "Content-Type: application/xml\r\nDepth: 1\r\n";
const CALENDAR: &str = "Content-Type: text/calendar; charset=utf-8\r\n";

#[tokio::main(worker_threads = 1)]
async fn main() -> Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let [address, path, user, password, times, fill] = words.as_slice() else { return Err(usage()) };
    let times: usize = times.parse().map_err(|_| usage())?;
    let authorization = format!("Authorization: Basic {}\r\n", STANDARD.encode(format!("{user}:{password}")));
    let mut http = Http::open(address, authorization).await?;
    // SOGo ends each without a word.
    http.keeps = !path.starts_with("/SOGo/");
    let mut calendar = Calendar { http, path: (*path).to_owned() };
    calendar.fill(fill).await?;
    measure(times, &mut calendar).await
}

fn usage() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "see the first lines of calendar-load")
}

/// A calendar of a side.
struct Calendar {
    http: Http,
    path: String,
}

impl Calendar {
    /// Makes it and fills it, as far as it is not.
    async fn fill(&mut self, how: &str) -> Result<()> {
        let path = self.path.clone();
        // Who has it already says so.
        let _ = self.http.ask_with("MKCALENDAR", &path, "", "").await;
        let there = objects(&self.sync(None).await?);
        if there >= events::COUNT {
            return Ok(());
        }
        if how == "whole" {
            self.http.ask_with("PUT", &path, CALENDAR, &events::all()).await?;
            return Ok(());
        }
        for number in 0..events::COUNT {
            self.put(number, 0).await?;
        }
        Ok(())
    }

    async fn put(&mut self, number: usize, version: usize) -> Result<()> {
        let path = self.name(number);
        self.http.ask_with("PUT", &path, CALENDAR, &events::object(number, version)).await.map(drop)
    }

    fn name(&self, number: usize) -> String {
        format!("{}e{number}.ics", self.path)
    }

    async fn report(&mut self, body: &str) -> Result<String> {
        let path = self.path.clone();
        let (_, octets) = self.http.ask_with("REPORT", &path, XML, body).await?;
        Ok(String::from_utf8_lossy(&octets).into_owned())
    }

    /// What has changed since a token; everything without one.
    async fn sync(&mut self, token: Option<&str>) -> Result<String> {
        let token = token.unwrap_or_default();
        self.report(&format!("<D:sync-collection xmlns:D=\"DAV:\"><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>")).await
    }

    /// December 2026, with what recurs in it.
    async fn month(&mut self) -> Result<String> {
        self.report("<C:calendar-query xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\"><C:time-range start=\"20261201T000000Z\" end=\"20270101T000000Z\"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>").await
    }

    async fn named(&mut self) -> Result<String> {
        let hrefs: String =
            (0..NAMED).map(|at| format!("<D:href>{}</D:href>", self.name(at * (events::COUNT / NAMED)))).collect();
        self.report(&format!("<C:calendar-multiget xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><D:prop><D:getetag/><C:calendar-data/></D:prop>{hrefs}</C:calendar-multiget>")).await
    }
}

async fn measure(times: usize, calendar: &mut Calendar) -> Result<()> {
    let (mut firsts, mut changes, mut months, mut named, mut puts) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut of_month = 0;
    // Another version each time, so that each write is one.
    let began = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_err(io::Error::other)?;
    let version = usize::try_from(began.as_secs()).unwrap_or_default();
    for time in 0..times {
        let clock = Instant::now();
        let all = calendar.sync(None).await?;
        firsts.push(clock.elapsed());
        if objects(&all) < events::COUNT {
            return Err(wrong("everything", objects(&all)));
        }
        let token = token(&all)?;
        for number in 0..CHANGES {
            calendar.put(number * 7 + time, version).await?;
        }
        let clock = Instant::now();
        let changed = calendar.sync(Some(&token)).await?;
        changes.push(clock.elapsed());
        if objects(&changed) < CHANGES {
            return Err(wrong("what has changed", &changed));
        }
        let clock = Instant::now();
        let month = calendar.month().await?;
        months.push(clock.elapsed());
        of_month = objects(&month);
        let clock = Instant::now();
        let answer = calendar.named().await?;
        named.push(clock.elapsed());
        if answer.matches("BEGIN:VEVENT").count() != NAMED {
            return Err(wrong("what was named", &answer));
        }
        let clock = Instant::now();
        for number in 0..PUTS {
            calendar.put(events::COUNT + number, version).await?;
        }
        puts.push(clock.elapsed());
        for number in 0..PUTS {
            let path = calendar.name(events::COUNT + number);
            calendar.http.ask_with("DELETE", &path, "", "").await?;
        }
    }
    let puts = 1_000.0 * f64::from(u32::try_from(PUTS).unwrap_or_default()) / median_ms(puts);
    let line = json!({
        "first_ms": median_ms(firsts), "changes_ms": median_ms(changes), "month_ms": median_ms(months), "named_ms": median_ms(named),
        "puts": puts, "month": of_month, "month_right": events::of_month(),
    });
    io::Write::write_all(&mut io::stdout(), format!("{line}\n").as_bytes())
}

/// How many objects an answer tells, the calendar itself not among them.
fn objects(answer: &str) -> usize {
    answer.match_indices(".ics<").count()
}

fn token(answer: &str) -> Result<String> {
    let found = answer.rsplit_once("sync-token>").and_then(|(before, _)| before.rsplit_once('<'));
    let found = found.and_then(|(before, _)| before.rsplit_once('>'));
    found.map(|(_, token)| token.to_owned()).ok_or_else(|| wrong("a token", answer))
}
