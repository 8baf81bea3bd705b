//! Reading a multistatus (RFC 4918 §13) while it comes in: one response at a time, under limits. An answer that is cut is an
//! error and never a short one. No entity but the five of XML (RFC 4918 §20.6 warns of external ones; we take none).

use crate::facts::Facts;
use bytes::{Buf, Bytes};
use http_body::Body as _;
use quick_xml::{NsReader, events::Event, name::ResolveResult};
use reqwest::{Body, Response};
use std::{
    future::Future as _,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncBufRead, AsyncRead, ReadBuf},
    time::{Instant, Sleep},
};

/// Largest response element, in octets, with what stands before it.
const LARGEST_RESPONSE: usize = 256 * 1024;
/// Deepest nesting.
const DEEPEST: usize = 32;
/// Most namespace declarations in force at once.
const MOST_BINDINGS: usize = 128;

/// What is asked for: no property that costs a server much.
pub(crate) const WANTED: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<propfind xmlns=\"DAV:\"><prop>\
    <resourcetype/><getcontentlength/><getlastmodified/><creationdate/><getetag/></prop></propfind>";
/// The same for room (RFC 4331).
pub(crate) const WANTED_ROOM: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<propfind xmlns=\"DAV:\"><prop>\
    <quota-available-bytes/><quota-used-bytes/></prop></propfind>";

/// `<!ELEMENT response (href, ((href*, status)|(propstat+)), ...)>` of one place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) href: String,
    /// Its own status, where it has one.
    pub(crate) status: Option<u16>,
    /// What was found.
    pub(crate) facts: Facts,
}

/// The elements that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Multistatus,
    Response,
    Href,
    Propstat,
    Prop,
    Status,
    Kind,
    Collection,
    Length,
    Modified,
    Created,
    Etag,
    Available,
    Used,
    Other,
}

impl Tag {
    fn of(name: &str) -> Self {
        match name {
            "multistatus" => Self::Multistatus,
            "response" => Self::Response,
            "href" => Self::Href,
            "propstat" => Self::Propstat,
            "prop" => Self::Prop,
            "status" => Self::Status,
            "resourcetype" => Self::Kind,
            "collection" => Self::Collection,
            "getcontentlength" => Self::Length,
            "getlastmodified" => Self::Modified,
            "creationdate" => Self::Created,
            "getetag" => Self::Etag,
            "quota-available-bytes" => Self::Available,
            "quota-used-bytes" => Self::Used,
            _ => Self::Other,
        }
    }
}

/// An answer under way.
pub(crate) struct Multistatus {
    reader: NsReader<Octets>,
    buffer: Vec<u8>,
    open: Vec<Tag>,
    text: String,
    told: Told,
    /// What the propstat under way says, and its status.
    found: (Facts, Option<u16>),
    ended: bool,
}

impl Multistatus {
    /// Begins to read. `idle` is how long the next octets may take.
    pub(crate) fn new(response: Response, idle: Duration) -> Self {
        let octets = Octets { body: response.into(), piece: Bytes::new(), left: LARGEST_RESPONSE, idle, timer: None };
        let mut reader = NsReader::from_reader(octets);
        reader.resolver_mut().set_max_namespace_bindings(MOST_BINDINGS);
        let (buffer, open, text, told, found) = Default::default();
        Self { reader, buffer, open, text, told, found, ended: false }
    }

    /// The next place; `None` after the last one.
    ///
    /// # Errors
    /// What is wrong with the answer, or with the way to it.
    pub(crate) async fn next(&mut self) -> Result<Option<Told>, String> {
        while !self.ended {
            self.buffer.clear();
            let (space, event) = self
                .reader
                .read_resolved_event_into_async(&mut self.buffer)
                .await
                .map_err(|error| error.to_string())?;
            let dav = matches!(space, ResolveResult::Bound(space) if AsRef::<str>::as_ref(&space) == "DAV:");
            let tag = |name: &str| if dav { Tag::of(name) } else { Tag::Other };
            match event {
                Event::Start(start) => {
                    let tag = tag(start.local_name().as_ref());
                    self.begin(tag)?;
                }
                Event::Empty(start) => {
                    let tag = tag(start.local_name().as_ref());
                    self.begin(tag)?;
                    self.end();
                }
                Event::End(_) => {
                    if self.end() == Some(Tag::Response) && self.open.len() == 1 {
                        self.reader.get_mut().left = LARGEST_RESPONSE;
                        return Ok(Some(std::mem::take(&mut self.told)));
                    }
                    self.ended = self.open.is_empty();
                }
                Event::Text(text) => self.text.push_str(&text),
                Event::CData(text) => self.text.push_str(&text),
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
                    self.text.push(character);
                }
                Event::DocType(_) => return Err("a document type".to_owned()),
                Event::Eof => return Err("the answer ends midway".to_owned()),
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            }
        }
        Ok(None)
    }

    fn begin(&mut self, tag: Tag) -> Result<(), String> {
        if self.open.is_empty() && tag != Tag::Multistatus {
            return Err("this is no multistatus".to_owned());
        }
        if self.open.len() >= DEEPEST {
            return Err("nested too deep".to_owned());
        }
        self.text.clear();
        self.open.push(tag);
        Ok(())
    }

    /// Ends the innermost element, and takes what it says.
    fn end(&mut self) -> Option<Tag> {
        let tag = self.open.pop()?;
        let text = self.text.trim();
        let facts = &mut self.found.0;
        match (self.open.as_slice(), tag) {
            ([Tag::Multistatus, Tag::Response], Tag::Href) if self.told.href.is_empty() => {
                text.clone_into(&mut self.told.href);
            }
            ([Tag::Multistatus, Tag::Response], Tag::Status) => self.told.status = code(text),
            ([.., Tag::Response, Tag::Propstat], Tag::Status) => self.found.1 = code(text),
            ([.., Tag::Prop, Tag::Kind], Tag::Collection) => facts.folder = true,
            ([.., Tag::Prop], Tag::Length) => facts.length = text.parse().ok(),
            ([.., Tag::Prop], Tag::Modified) => facts.modified = some(text),
            ([.., Tag::Prop], Tag::Created) => facts.created = some(text),
            ([.., Tag::Prop], Tag::Etag) => facts.tag = some(text),
            ([.., Tag::Prop], Tag::Available) => facts.available = text.parse().ok(),
            ([.., Tag::Prop], Tag::Used) => facts.used = text.parse().ok(),
            ([Tag::Multistatus, Tag::Response], Tag::Propstat) => {
                let (facts, status) = std::mem::take(&mut self.found);
                if status == Some(200) {
                    self.told.facts.join(facts);
                }
            }
            _ => {}
        }
        self.text.clear();
        Some(tag)
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// `status-line = HTTP-version SP status-code SP [ reason-phrase ]` (RFC 9112 §4)
fn code(line: &str) -> Option<u16> {
    line.split(' ').nth(1)?.parse().ok()
}

/// The body as something to read from, under a limit that each response sets anew.
struct Octets {
    body: Body,
    piece: Bytes,
    left: usize,
    idle: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

impl AsyncBufRead for Octets {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        // What stands in no response counts as well: an answer without an end to its first one is none.
        if this.left == 0 {
            return Poll::Ready(Err(io::Error::other("the answer says too much of one place")));
        }
        while this.piece.is_empty() {
            match Pin::new(&mut this.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    this.timer = None;
                    this.piece = frame.into_data().unwrap_or_default();
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(io::Error::other(error.without_url()))),
                Poll::Ready(None) => break,
                Poll::Pending => {
                    let until = Instant::now() + this.idle;
                    let timer = this.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
                    ready!(timer.as_mut().poll(cx));
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "nothing more came in time")));
                }
            }
        }
        Poll::Ready(Ok(&this.piece))
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        let this = self.get_mut();
        this.piece.advance(amount.min(this.piece.len()));
        this.left = this.left.saturating_sub(amount);
    }
}

impl AsyncRead for Octets {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let piece = ready!(self.as_mut().poll_fill_buf(cx))?;
        let amount = piece.len().min(into.remaining());
        into.put_slice(piece.get(..amount).unwrap_or_default());
        self.consume(amount);
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    /// Reads an answer that comes in pieces of so many octets.
    async fn read_in(text: &str, size: usize) -> Result<Vec<Told>, String> {
        let pieces: Vec<Result<_, std::convert::Infallible>> = text
            .as_bytes()
            .chunks(size)
            .map(|piece| Ok(http_body::Frame::data(Bytes::copy_from_slice(piece))))
            .collect();
        let body = Body::wrap(http_body_util::StreamBody::new(futures::stream::iter(pieces)));
        let mut answer = Multistatus::new(http::Response::new(body).into(), Duration::from_secs(5));
        let mut all = Vec::new();
        while let Some(told) = answer.next().await? {
            all.push(told);
        }
        Ok(all)
    }

    async fn read(text: &str) -> Result<Vec<Told>, String> {
        let whole = read_in(text, usize::MAX).await;
        assert_eq!(read_in(text, 1).await, whole, "wherever it is cut");
        whole
    }

    const TWO: &str = r#"<?xml version="1.0"?>
<D:multistatus xmlns:D="DAV:" xmlns="urn:other"><D:response><D:href>/a&amp;b/</D:href><D:propstat><D:prop>
<D:resourcetype><D:collection/></D:resourcetype><getetag>not ours</getetag></D:prop>
<D:status>HTTP/1.1 200 OK</D:status></D:propstat><D:propstat><D:prop><D:getcontentlength>7</D:getcontentlength>
</D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat></D:response>
<p:response xmlns:p="DAV:"><p:href><![CDATA[/a&b/c]]></p:href><p:propstat><p:prop><p:getetag>&quot;x&#x22;</p:getetag>
<p:lockdiscovery><p:activelock><p:lockroot><p:href>/elsewhere</p:href></p:lockroot></p:activelock></p:lockdiscovery>
<p:getcontentlength> 12 </p:getcontentlength></p:prop><p:status>HTTP/1.1 200 OK</p:status></p:propstat></p:response>
</D:multistatus>"#;

    #[tokio::test]
    async fn places_are_told_one_by_one() {
        let all = read(TWO).await.unwrap();
        let folder = Facts { folder: true, ..Facts::default() };
        let file = Facts { length: Some(12), tag: Some("\"x\"".to_owned()), ..Facts::default() };
        assert_eq!(
            all,
            [
                Told { href: "/a&b/".to_owned(), status: None, facts: folder },
                Told { href: "/a&b/c".to_owned(), status: None, facts: file },
            ]
        );
        let gone = "<multistatus xmlns=\"DAV:\"><response><href>/x</href><status>HTTP/1.1 404 </status></response></multistatus>";
        assert_eq!(read(gone).await.unwrap().first().unwrap().status, Some(404));
    }

    #[tokio::test]
    async fn a_cut_answer_is_no_short_one() {
        let end = TWO.len();
        for cut in (1..end).step_by(7) {
            let text = TWO.get(..cut).unwrap_or_default();
            assert!(read_in(text, 64).await.is_err(), "cut at {cut}");
        }
    }

    #[tokio::test]
    async fn hostile_answers_are_refused() {
        let within = |inner: &str| format!("<D:multistatus xmlns:D=\"DAV:\">{inner}</D:multistatus>");
        for (text, told) in [
            (String::new(), "ends midway"),
            ("<html xmlns=\"DAV:\"/>".to_owned(), "no multistatus"),
            ("<multistatus/>".to_owned(), "no multistatus"),
            ("<!DOCTYPE x [<!ENTITY a \"b\">]><x/>".to_owned(), "document type"),
            (within("<D:response><D:href>&a;</D:href></D:response>"), "entity"),
            (within(&"<x>".repeat(100)), "too deep"),
            (within(&format!("<D:response><D:href>{}</D:href></D:response>", "a".repeat(300_000))), "too much"),
            (within(&format!("<!-- {} -->", "a".repeat(300_000))), "too much"),
            (within("<D:response></D:propstat>"), ""),
        ] {
            let error = read_in(&text, 4096).await.unwrap_err();
            assert!(error.contains(told), "{error}");
        }
    }
}
