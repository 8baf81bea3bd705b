//! A server on the web that publishes calendars: what it serves is changed under way, and what it was asked is counted.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, mpsc},
    thread,
};

/// What is at a path.
#[derive(Clone)]
pub(crate) enum Page {
    /// A calendar, with a tag of its content.
    Calendar(String),
    /// Another answer: the head without its end, and the body.
    Other(String, Vec<u8>),
    /// Nothing is answered until somebody says so.
    Held(Arc<Mutex<mpsc::Receiver<()>>>, String),
}

#[derive(Default)]
struct Kept {
    pages: HashMap<String, Page>,
    /// The heads of all requests, by path, each with the status that it got.
    heard: HashMap<String, Vec<(String, u16)>>,
}

/// It.
#[derive(Clone)]
pub(crate) struct Publisher {
    pub(crate) port: u16,
    kept: Arc<Mutex<Kept>>,
}

impl Publisher {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let publisher = Self { port: listener.local_addr().unwrap().port(), kept: Arc::default() };
        let answering = publisher.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let publisher = answering.clone();
                thread::spawn(move || publisher.answer(stream.unwrap()));
            }
        });
        publisher
    }

    /// Puts something at a path.
    pub(crate) fn put(&self, path: &str, page: Page) {
        self.kept.lock().unwrap().pages.insert(path.to_owned(), page);
    }

    pub(crate) fn calendar(&self, path: &str, content: &str) {
        self.put(path, Page::Calendar(content.to_owned()));
    }

    /// The statuses that a path was answered with.
    pub(crate) fn answers(&self, path: &str) -> Vec<u16> {
        self.heard(path).into_iter().map(|(_, status)| status).collect()
    }

    pub(crate) fn heard(&self, path: &str) -> Vec<(String, u16)> {
        self.kept.lock().unwrap().heard.get(path).cloned().unwrap_or_default()
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn answer(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap_or(0) > 0 {}
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let page = self.kept.lock().unwrap().pages.get(&path).cloned();
        let (line, body) = match &page {
            Some(Page::Calendar(content)) => {
                let tag = tag(content);
                let knows = head.to_lowercase().contains(&format!("if-none-match: {tag}"));
                match knows {
                    true => (format!("304 Not Modified\r\nETag: {tag}"), Vec::new()),
                    false => {
                        (format!("200 OK\r\nContent-Type: text/calendar\r\nETag: {tag}"), content.clone().into_bytes())
                    }
                }
            }
            Some(Page::Other(head, body)) => (head.clone(), body.clone()),
            Some(Page::Held(_, content)) => ("200 OK".to_owned(), content.clone().into_bytes()),
            None => ("404 Not Found".to_owned(), Vec::new()),
        };
        let status = line.split(' ').next().and_then(|it| it.parse().ok()).unwrap_or(0);
        self.kept.lock().unwrap().heard.entry(path).or_default().push((head, status));
        if let Some(Page::Held(until, _)) = &page {
            let _ = until.lock().unwrap().recv();
        }
        let length = if status == 304 { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let head = format!("HTTP/1.1 {line}\r\n{length}Connection: close\r\n\r\n");
        // Who has heard enough closes.
        let _ = reader.get_mut().write_all(head.as_bytes()).and_then(|()| reader.get_mut().write_all(&body));
    }
}

/// Equal tags mean equal octets.
fn tag(content: &str) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("\"{:x}\"", hasher.finish())
}

/// A calendar as servers of timetables write it: a name, a zone, an alarm, and the moment in which it was asked for.
pub(crate) fn calendar(name: &str, events: &[(&str, &str, &str)]) -> String {
    let event = |(uid, start, summary): &(&str, &str, &str)| {
        format!(
            "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261128T101112Z\r\nLAST-MODIFIED:20260901T080000Z\r\nDTSTART;TZID=Europe/Paris:{start}\r\nDURATION:PT1H30M\r\n\
             SUMMARY:{summary}\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\nEND:VEVENT\r\n"
        )
    };
    let events: String = events.iter().map(event).collect();
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//edt//FR\r\nMETHOD:PUBLISH\r\nX-WR-CALNAME:{name}\r\n\
         BEGIN:VTIMEZONE\r\nTZID:Europe/Paris\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n\
         RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\nDTSTART:19700329T020000\r\nTZOFFSETFROM:+0100\r\n\
         TZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n{events}END:VCALENDAR\r\n"
    )
}
