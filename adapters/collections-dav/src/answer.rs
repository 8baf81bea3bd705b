//! Reading a multistatus (RFC 4918 §13) of properties, of whatever namespace. An answer that is cut is an error and never a short
//! one. No entity but the five of XML (RFC 4918 §20.6 warns of external ones; we take none).

use passerelle_core::{Error, Result};
use passerelle_fetch::dav::Link;
use quick_xml::{NsReader, XmlVersion, events::Event, name::ResolveResult};
use reqwest::{Response, StatusCode};
use tokio::time::timeout;

/// Largest answer, in octets: a hundred large items, or the list of a very large collection.
const LARGEST: usize = 128 * 1024 * 1024;
/// Deepest nesting.
const DEEPEST: usize = 32;
/// Most namespace declarations in force at once.
const MOST_BINDINGS: usize = 128;

/// The namespaces of what is asked for.
pub(crate) const DAV: &str = "DAV:";
pub(crate) const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";
pub(crate) const CARDDAV: &str = "urn:ietf:params:xml:ns:carddav";
pub(crate) const CALENDAR_SERVER: &str = "http://calendarserver.org/ns/";
pub(crate) const APPLE: &str = "http://apple.com/ns/ical/";

/// What is said of one place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) href: String,
    /// Its own status, where it has one.
    pub(crate) status: Option<u16>,
    /// The properties that it has.
    pub(crate) found: Vec<Property>,
}

/// A property with a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Property {
    namespace: String,
    name: String,
    /// All character data in it.
    pub(crate) text: String,
    /// The elements directly in it, each with its `name` attribute.
    pub(crate) children: Vec<Child>,
}

/// An element in a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Child {
    pub(crate) namespace: String,
    pub(crate) name: String,
    /// Its attribute `name`, which components have (RFC 4791 §5.2.3).
    pub(crate) called: Option<String>,
}

impl Told {
    /// The value of a property.
    pub(crate) fn property(&self, namespace: &str, name: &str) -> Option<&Property> {
        self.found.iter().find(|it| it.name == name && it.namespace == namespace)
    }

    /// The text of a property that has one.
    pub(crate) fn text(&self, namespace: &str, name: &str) -> Option<String> {
        let text = self.property(namespace, name)?.text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }
}

/// A whole answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) places: Vec<Told>,
    /// RFC 6578 §6.4
    pub(crate) sync_token: Option<String>,
}

/// Reads the answer to a question, which has to be a multistatus.
///
/// # Errors
/// That of its status; `Unavailable` when it is cut, too large, or no multistatus.
pub(crate) async fn read(link: &Link, doing: &str, response: Response) -> Result<Answer> {
    if response.status() != StatusCode::MULTI_STATUS {
        return Err(link.refused(doing, response.status()));
    }
    let octets = whole(link, doing, response, LARGEST).await?;
    let text = std::str::from_utf8(&octets).map_err(|error| Error::unavailable(link.name(), doing, error))?;
    parse(text).map_err(|what| Error::unavailable(link.name(), doing, what))
}

/// A body of at most so many octets.
pub(crate) async fn whole(link: &Link, doing: &str, mut response: Response, most: usize) -> Result<Vec<u8>> {
    let mut octets = Vec::new();
    loop {
        let piece = match timeout(link.server.timeout, response.chunk()).await {
            Ok(Ok(piece)) => piece,
            Ok(Err(error)) => return Err(passerelle_fetch::dav::lost(link.name(), doing, error)),
            Err(slow) => return Err(Error::unavailable(link.name(), doing, slow)),
        };
        let Some(piece) = piece else { return Ok(octets) };
        if octets.len().saturating_add(piece.len()) > most {
            return Err(Error::unavailable(link.name(), doing, format!("the answer is larger than {most} octets")));
        }
        octets.extend_from_slice(&piece);
    }
}

/// An element that has not ended.
struct Open {
    namespace: String,
    name: String,
}

impl Open {
    fn is(&self, name: &str) -> bool {
        self.namespace == DAV && self.name == name
    }
}

/// Reads a multistatus.
fn parse(text: &str) -> Result<Answer, String> {
    let mut reader = NsReader::from_str(text);
    reader.resolver_mut().set_max_namespace_bindings(MOST_BINDINGS);
    let mut under_way = UnderWay::default();
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => under_way.begin(&reader, &start)?,
            Event::Empty(start) => {
                under_way.begin(&reader, &start)?;
                under_way.end();
            }
            Event::End(_) => {
                under_way.end();
                if under_way.open.is_empty() {
                    return Ok(under_way.answer);
                }
            }
            Event::Text(text) => under_way.text(&text),
            Event::CData(text) => under_way.text(&text),
            Event::GeneralRef(reference) => {
                let character = match reference.resolve_char_ref().map_err(|error| error.to_string())? {
                    Some(character) => character,
                    None => match AsRef::<str>::as_ref(&reference) {
                        "lt" => '<',
                        "gt" => '>',
                        "amp" => '&',
                        "quot" => '"',
                        "apos" => '\'',
                        _ => return Err("an entity that is none of XML's own".to_owned()),
                    },
                };
                under_way.text(character.encode_utf8(&mut [0; 4]));
            }
            Event::DocType(_) => return Err("a document type".to_owned()),
            Event::Eof => return Err("the answer ends midway".to_owned()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
}

/// An answer that is being read.
#[derive(Default)]
struct UnderWay {
    answer: Answer,
    open: Vec<Open>,
    told: Told,
    /// What the propstat under way says, and its status.
    found: Vec<Property>,
    status: Option<u16>,
    /// The text of the element of DAV under way that is no property.
    words: String,
}

/// `multistatus`, `response`, `propstat`, `prop`: a property is the next below.
const ABOVE_PROPERTY: usize = 4;

impl UnderWay {
    fn begin(&mut self, reader: &NsReader<&[u8]>, start: &quick_xml::events::BytesStart<'_>) -> Result<(), String> {
        let (namespace, local) = reader.resolver().resolve_element(start.name());
        let namespace = match namespace {
            ResolveResult::Bound(namespace) => AsRef::<str>::as_ref(&namespace).to_owned(),
            ResolveResult::Unbound => String::new(),
            ResolveResult::Unknown(_) => return Err("a prefix that stands for nothing".to_owned()),
        };
        let open = Open { namespace, name: AsRef::<str>::as_ref(&local).to_owned() };
        if self.open.is_empty() && !open.is("multistatus") {
            return Err("this is no multistatus".to_owned());
        }
        if self.open.len() >= DEEPEST {
            return Err("nested too deep".to_owned());
        }
        if self.is_within_prop() {
            let (namespace, name) = (open.namespace.clone(), open.name.clone());
            match self.open.len() {
                ABOVE_PROPERTY => self.found.push(Property { namespace, name, ..Property::default() }),
                at if at == ABOVE_PROPERTY + 1 => {
                    let called = start.attributes().flatten().find(|it| it.key.as_ref() == "name");
                    let called = called.and_then(|it| it.normalized_value(XmlVersion::Explicit1_0).ok());
                    let called = called.map(|it| it.into_owned());
                    if let Some(property) = self.found.last_mut() {
                        property.children.push(Child { namespace, name, called });
                    }
                }
                _ => {}
            }
        }
        self.words.clear();
        self.open.push(open);
        Ok(())
    }

    fn is_within_prop(&self) -> bool {
        let names: Vec<&Open> = self.open.iter().take(ABOVE_PROPERTY).collect();
        matches!(names.as_slice(), [a, b, c, d]
            if a.is("multistatus") && b.is("response") && c.is("propstat") && d.is("prop"))
    }

    fn text(&mut self, text: &str) {
        if self.open.len() > ABOVE_PROPERTY && self.is_within_prop() {
            if let Some(property) = self.found.last_mut() {
                property.text.push_str(text);
            }
        } else {
            self.words.push_str(text);
        }
    }

    fn end(&mut self) {
        let Some(ended) = self.open.pop() else { return };
        let words = std::mem::take(&mut self.words);
        let words = words.trim();
        let above: Vec<&str> = self.open.iter().filter(|it| it.namespace == DAV).map(|it| it.name.as_str()).collect();
        if ended.namespace != DAV || above.len() != self.open.len() {
            return;
        }
        match (above.as_slice(), ended.name.as_str()) {
            (["multistatus", "response"], "href") if self.told.href.is_empty() => words.clone_into(&mut self.told.href),
            (["multistatus", "response"], "status") => self.told.status = code(words),
            (["multistatus", "response", "propstat"], "status") => self.status = code(words),
            (["multistatus", "response"], "propstat") => {
                let found = std::mem::take(&mut self.found);
                if self.status.take() == Some(200) {
                    self.told.found.extend(found);
                }
            }
            (["multistatus"], "response") => self.answer.places.push(std::mem::take(&mut self.told)),
            (["multistatus"], "sync-token") => self.answer.sync_token = Some(words.to_owned()),
            _ => {}
        }
    }
}

/// `status-line = HTTP-version SP status-code SP [ reason-phrase ]` (RFC 9112 §4)
fn code(line: &str) -> Option<u16> {
    line.split(' ').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    const ONE: &str = r#"<?xml version="1.0"?>
<D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:response><D:href>/a&amp;b/</D:href><D:propstat><D:prop>
<D:resourcetype><D:collection/><C:calendar/></D:resourcetype><D:displayname>Cours &lt;1&gt;</D:displayname>
<C:supported-calendar-component-set><C:comp name="VEVENT"/></C:supported-calendar-component-set>
<C:calendar-data>BEGIN:VCALENDAR&#13;
END:VCALENDAR</C:calendar-data></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>
<D:propstat><D:prop><D:getetag/></D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat></D:response>
<D:response><D:href>/gone</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>
<D:sync-token>http://x/1</D:sync-token></D:multistatus>"#;

    #[test]
    fn properties_of_any_namespace() {
        let answer = parse(ONE).unwrap();
        assert_eq!(answer.sync_token.as_deref(), Some("http://x/1"));
        assert_eq!(answer.places.len(), 2, "{answer:?}");
        let (one, gone) = (&answer.places[0], &answer.places[1]);
        assert_eq!((one.href.as_str(), gone.status), ("/a&b/", Some(404)));
        assert_eq!(one.text(DAV, "displayname").unwrap(), "Cours <1>");
        assert_eq!(one.text(CALDAV, "calendar-data").unwrap(), "BEGIN:VCALENDAR\r\nEND:VCALENDAR");
        let kinds: Vec<&str> =
            one.property(DAV, "resourcetype").unwrap().children.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(kinds, ["collection", "calendar"]);
        let holds = &one.property(CALDAV, "supported-calendar-component-set").unwrap().children;
        assert_eq!(holds[0].called.as_deref(), Some("VEVENT"));
        assert_eq!(one.property(DAV, "getetag"), None);
    }

    #[test]
    fn a_cut_answer_is_no_short_one() {
        for cut in (1..ONE.len()).step_by(7) {
            assert!(parse(ONE.get(..cut).unwrap_or_default()).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn hostile_answers_are_refused() {
        let within = |inner: &str| format!("<D:multistatus xmlns:D=\"DAV:\">{inner}</D:multistatus>");
        for (text, told) in [
            (String::new(), "ends midway"),
            ("<html xmlns=\"DAV:\"/>".to_owned(), "no multistatus"),
            ("<!DOCTYPE x [<!ENTITY a \"b\">]><x/>".to_owned(), "document type"),
            (within("<D:response><D:href>&a;</D:href></D:response>"), "entity"),
            (within(&"<x>".repeat(100)), "too deep"),
            (within("<y:x/>"), "stands for nothing"),
        ] {
            let error = parse(&text).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
    }
}
