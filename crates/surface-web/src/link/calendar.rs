//! The page of a published calendar: a month, and what comes, for people without an account and without script.

use super::{
    month::{Month, days, midnight, weekday},
    token_of,
};
use crate::{
    face::Face,
    listing::{self, Day},
    respond,
    words::{say_with, within},
};
use askama::Template;
use http::StatusCode;
use passerelle_core::{Error, Result, Session};
use passerelle_exchange::{Agenda, Entry, Publication, What};
use passerelle_model::{CollectionRef, Timestamp};
use passerelle_net::http::{Exchange, Response, link_path};
use passerelle_wire_ical::{Local, Range, Utc, Zone};
use std::collections::BTreeMap;

/// What comes is what comes in so many seconds.
const COMING: i64 = 60 * 86_400;
/// Entries of a day that are seen at once, and those that are unfolded.
const SEEN: usize = 4;
const UNFOLDED: usize = 30;
/// Days that are listed.
const MOST_DAYS: usize = 62;

#[derive(Template)]
#[template(path = "link_calendar.html")]
struct Page<'a> {
    face: &'a Face,
    title: String,
    is_busy_only: bool,
    /// The zone that the times are of.
    zone: String,
    month: String,
    before: Option<Turn>,
    next: Option<Turn>,
    /// Back to the month that it is.
    now: Option<String>,
    weekdays: Vec<String>,
    weeks: Vec<Vec<Cell>>,
    list_title: String,
    days: Vec<Listed>,
    more: bool,
    /// For programs.
    address: String,
    /// The same, as programs that are told by the address which kind it is.
    webcal: String,
    has_password: bool,
    ends: Option<Day>,
}

/// Another month.
struct Turn {
    address: String,
    name: String,
}

/// A day of the grid; of another month it has no number.
struct Cell {
    number: Option<i64>,
    iso: String,
    text: String,
    is_today: bool,
    seen: Vec<Row>,
    unfolded: Vec<Row>,
}

/// A day of the list.
struct Listed {
    day: Day,
    is_today: bool,
    rows: Vec<Row>,
}

#[derive(Clone)]
struct Row {
    /// `09:00–10:30`; nothing for what lasts all day.
    time: String,
    text: String,
    /// Whether the text is ours and nobody's title.
    is_ours: bool,
    place: String,
    is_cancelled: bool,
}

/// The page.
pub(super) async fn page(
    session: &Session,
    face: &Face,
    exchange: &Exchange,
    token: &str,
    at: &CollectionRef,
) -> Result<Response> {
    let publication = Publication::open(session, at, face.say("published-busy")).await?;
    let (zone, window, now) = (publication.zone(), publication.window(), session.now());
    let wall = zone.wall(Utc::of(now.0));
    let current = Month::of(wall);
    let in_reach =
        |month: Month| zone.moment(month.next().begins()) > window.start && zone.moment(month.begins()) < window.end;
    let asked = form_urlencoded::parse(exchange.uri().query().unwrap_or_default().as_bytes())
        .find(|(name, _)| name == "month")
        .map(|(_, value)| value.into_owned());
    let month = match asked {
        None => current,
        Some(text) => Month::parse(&text).filter(|month| in_reach(*month)).ok_or(Error::NotFound)?,
    };
    let (begins, ends) = (zone.moment(month.begins()), zone.moment(month.next().begins()));
    let listed = if month == current {
        // All of today: what is over since an hour is looked up too.
        Range { start: zone.moment(midnight(wall)), end: Utc::of(now.0.saturating_add(COMING)) }
    } else {
        Range { start: begins, end: ends }
    };
    let agenda = publication.agenda(Range { start: begins, end: ends.max(listed.end) }).await?;
    let shows = Shows { face, zone, wall };
    let name = |month: Month| shows.month(month);
    let turn = |month: Month| {
        in_reach(month)
            .then(|| Turn { address: format!("{}?month={}", link_path(token), month.text()), name: name(month) })
    };
    let origin = exchange.origin().unwrap_or_default();
    let address = format!("{origin}{}/calendar.ics", link_path(token_of(exchange)?));
    let webcal = address.split_once("://").map_or_else(String::new, |(_, rest)| format!("webcal://{rest}"));
    let link = session.link();
    let page = Page {
        face,
        title: title(session, face, &publication),
        is_busy_only: publication.is_busy_only(),
        zone: zone.iana_name().unwrap_or("UTC").replace("Etc/UTC", "UTC").replace('_', " "),
        month: name(month),
        before: turn(month.before()),
        next: turn(month.next()),
        now: (month != current).then(|| link_path(token)),
        weekdays: words(face, "weekdays"),
        weeks: shows.weeks(month, &agenda),
        list_title: if month == current {
            face.say("published-coming")
        } else {
            face.say_with("published-in", "name", &name(month))
        },
        days: shows.list(&agenda, listed),
        more: agenda.more,
        address,
        webcal,
        has_password: link.is_some_and(|link| link.proof().is_some()),
        ends: link.and_then(|link| link.until()).map(|until| listing::last_day(face.language, until)),
    };
    Ok(respond::page(StatusCode::OK, &page, face))
}

/// What a published calendar is called: as whoever made the link calls it, else as its owner does, where that may be told.
pub(super) fn title(session: &Session, face: &Face, publication: &Publication) -> String {
    let label = session.link().map(|link| link.label()).filter(|label| !label.is_empty());
    let ours = if publication.is_busy_only() { "published-busy-title" } else { "published-title" };
    label.or(publication.name()).map_or_else(|| face.say(ours), str::to_owned)
}

fn words(face: &Face, key: &str) -> Vec<String> {
    face.say(key).split_whitespace().map(str::to_owned).collect()
}

/// How times are shown.
struct Shows<'a> {
    face: &'a Face,
    zone: &'a Zone,
    /// What the clock shows now.
    wall: Local,
}

impl Shows<'_> {
    fn month(&self, month: Month) -> String {
        let names = words(self.face, "months-whole");
        let place = usize::try_from(month.month).unwrap_or(1).saturating_sub(1);
        let (name, year) = (names.get(place).cloned().unwrap_or_default(), month.year.to_string());
        within(&say_with(self.face.language, "published-month", &[("month", &name), ("year", &year)]))
    }

    fn weeks(&self, month: Month, agenda: &Agenda) -> Vec<Vec<Cell>> {
        let mut by_day: BTreeMap<Local, Vec<Row>> = BTreeMap::new();
        for entry in &agenda.entries {
            let (start, end) = self.walls(entry);
            for day in days(start.max(month.begins()), end).filter(|day| month.has(*day)) {
                let rows = by_day.entry(day).or_default();
                // What is not shown is not made: long entries stand on many days.
                if rows.len() < SEEN + UNFOLDED {
                    rows.push(self.row(entry, day));
                }
            }
        }
        let mut cell = |day: Local| {
            let mut rows = by_day.remove(&day).unwrap_or_default();
            let unfolded = rows.split_off(rows.len().min(SEEN));
            let Day { iso, text } = self.day(day);
            Cell {
                number: month.has(day).then(|| day.date().day),
                iso,
                text,
                is_today: day == midnight(self.wall),
                seen: rows,
                unfolded,
            }
        };
        month.weeks().into_iter().map(|week| week.map(&mut cell).into()).collect()
    }

    fn list(&self, agenda: &Agenda, listed: Range) -> Vec<Listed> {
        let first = midnight(self.zone.wall(listed.start));
        let mut by_day: BTreeMap<Local, Vec<Row>> = BTreeMap::new();
        for entry in &agenda.entries {
            let is_over = entry.end <= listed.start && entry.start < listed.start;
            if is_over || entry.start >= listed.end {
                continue;
            }
            // What has begun before stands on the first day.
            let day = midnight(self.walls(entry).0).max(first);
            by_day.entry(day).or_default().push(self.row(entry, day));
        }
        let listed = by_day.into_iter().take(MOST_DAYS);
        listed
            .map(|(day, rows)| Listed { day: self.day_of_week(day), is_today: day == midnight(self.wall), rows })
            .collect()
    }

    /// When it begins and ends on the wall.
    fn walls(&self, entry: &Entry) -> (Local, Local) {
        (self.zone.wall(entry.start), self.zone.wall(entry.end))
    }

    fn row(&self, entry: &Entry, day: Local) -> Row {
        let (text, is_ours, place, is_cancelled) = match &entry.what {
            What::Busy => (self.face.say("published-busy"), true, String::new(), false),
            What::Tentative => (self.face.say("published-tentative"), true, String::new(), false),
            What::Event { title, place, is_cancelled } if title.is_empty() => {
                (self.face.say("published-untitled"), true, place.clone(), *is_cancelled)
            }
            What::Event { title, place, is_cancelled } => (title.clone(), false, place.clone(), *is_cancelled),
        };
        Row { time: self.time(entry, day), text, is_ours, place, is_cancelled }
    }

    /// From when to when it is on a day.
    fn time(&self, entry: &Entry, day: Local) -> String {
        let (start, end) = self.walls(entry);
        let tomorrow = Local::of(day.seconds().saturating_add(86_400));
        if entry.is_whole_day || (start <= day && end >= tomorrow) {
            return String::new();
        }
        let clock = |wall: Local| {
            let second = wall.second_of_day();
            format!("{:02}:{:02}", second / 3_600, second / 60 % 60)
        };
        let from = if start < day { "00:00".to_owned() } else { clock(start) };
        match (end > start, end >= tomorrow) {
            (false, _) => from,
            (true, true) => format!("{from}–24:00"),
            (true, false) => format!("{from}–{}", clock(end)),
        }
    }

    fn day(&self, day: Local) -> Day {
        // A day on the wall, told as if it were one of UTC.
        listing::day_of(self.face.language, Timestamp(day.seconds()))
    }

    fn day_of_week(&self, day: Local) -> Day {
        let Day { iso, text } = self.day(day);
        let names = words(self.face, "weekdays");
        let name = names.get(weekday(day)).cloned().unwrap_or_default();
        let text = say_with(self.face.language, "published-day", &[("weekday", &name), ("day", &text)]);
        Day { iso, text }
    }
}
