//! Reading XML that a client sent: a small tree, under limits. No document type, hence no entity but the five of XML
//! (RFC 4918 §20.6 warns of external ones; we take none).

use super::{CALDAV, CARDDAV, DAV, Name};
use quick_xml::{
    NsReader,
    escape::unescape,
    events::{BytesStart, Event},
    name::ResolveResult,
};
use std::fmt::Write;

/// Deepest nesting.
const DEEPEST: usize = 64;
/// Most elements in a body.
const MOST_ELEMENTS: usize = 5_000;
/// Longest name of a namespace, in octets: it is kept once for each element.
const LONGEST_NAMESPACE: usize = 1024;
/// Most octets of elements made to stand alone: each carries the declarations around it, so they outgrow the body.
const MOST_ALONE: usize = 4 * 1024 * 1024;
/// Most namespace declarations in force at once.
const MOST_BINDINGS: usize = 64;

/// Not XML, not namespace-well-formed (RFC 4918 §8.2), or beyond a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

/// An element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    /// Its expanded name.
    pub(crate) name: Name,
    /// The elements in it.
    pub(crate) children: Vec<Self>,
    /// The character data directly in it.
    pub(crate) text: String,
    /// The attributes without a prefix, of an element of WebDAV, CalDAV or CardDAV.
    pub(crate) attributes: Vec<(String, String)>,
    /// For a property or a lock's owner: the element as XML that stands for itself, with every namespace and `xml:lang`
    /// that was in force declared on it (RFC 4918 §4.3).
    pub(crate) alone: Option<String>,
}

impl Element {
    /// Whether this is an element of WebDAV of this name.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.namespace == DAV && self.name.name == name
    }

    /// Whether an attribute has this value.
    pub(crate) fn is_marked(&self, name: &str, value: &str) -> bool {
        self.attributes.iter().any(|(known, held)| known == name && held == value)
    }

    /// Whether this is the element of this expanded name.
    pub(crate) fn is_in(&self, namespace: &str, name: &str) -> bool {
        self.name.namespace == namespace && self.name.name == name
    }

    /// The first child of this expanded name.
    pub(crate) fn child_in(&self, namespace: &str, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.is_in(namespace, name))
    }

    /// The value of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The first child of WebDAV of this name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.is(name))
    }
}

/// Reads a body.
pub(crate) fn parse(body: &[u8]) -> Result<Element, Malformed> {
    let text = decode(body)?;
    if !text.chars().all(is_xml) {
        return Err(Malformed);
    }
    Parser::new(&text).document()
}

/// UTF-8, or UTF-16 with its mark (RFC 4918 §8.2; XML 1.0 §4.3.3).
fn decode(body: &[u8]) -> Result<String, Malformed> {
    let units = |pair: fn([u8; 2]) -> u16| -> Vec<u16> {
        body.chunks_exact(2).skip(1).filter_map(|two| Some(pair(<[u8; 2]>::try_from(two).ok()?))).collect()
    };
    let text = match body {
        [0xFE, 0xFF, ..] => String::from_utf16(&units(u16::from_be_bytes)).map_err(|_| Malformed)?,
        [0xFF, 0xFE, ..] => String::from_utf16(&units(u16::from_le_bytes)).map_err(|_| Malformed)?,
        [0xEF, 0xBB, 0xBF, rest @ ..] => std::str::from_utf8(rest).map_err(|_| Malformed)?.to_owned(),
        whole => std::str::from_utf8(whole).map_err(|_| Malformed)?.to_owned(),
    };
    Ok(text)
}

/// `Char` (XML 1.0 §2.2)
pub(super) fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

struct Parser<'t> {
    source: &'t str,
    reader: NsReader<&'t [u8]>,
    open: Vec<Open>,
    /// Prefix, name and depth of each declaration in force, the outermost first; an empty prefix is the default.
    bindings: Vec<(String, String, usize)>,
    languages: Vec<(String, usize)>,
    elements: usize,
    standing_alone: usize,
    root: Option<Element>,
}

/// An element that has not ended.
struct Open {
    element: Element,
    /// The start tag as it stands alone, and where the content begins.
    alone: Option<(String, usize)>,
    qualified: String,
}

impl<'t> Parser<'t> {
    fn new(source: &'t str) -> Self {
        let mut reader = NsReader::from_str(source);
        reader.config_mut().check_comments = true;
        reader.resolver_mut().set_max_namespace_bindings(MOST_BINDINGS);
        let (open, bindings, languages) = (Vec::new(), Vec::new(), Vec::new());
        Self { source, reader, open, bindings, languages, elements: 0, standing_alone: 0, root: None }
    }

    fn document(mut self) -> Result<Element, Malformed> {
        loop {
            let before = self.position();
            match self.reader.read_event().map_err(|_| Malformed)? {
                Event::Start(start) => self.start(&start)?,
                Event::Empty(start) => {
                    self.start(&start)?;
                    let here = self.position();
                    self.end(here)?;
                }
                Event::End(_) => self.end(before)?,
                Event::Text(text) => self.text(&text.into_inner())?,
                Event::CData(text) => {
                    let text = text.into_inner();
                    self.open.last_mut().ok_or(Malformed)?.element.text.push_str(&text);
                }
                Event::GeneralRef(reference) => {
                    let character = match reference.resolve_char_ref().map_err(|_| Malformed)? {
                        Some(character) => character,
                        None => match reference.into_inner().as_ref() {
                            "lt" => '<',
                            "gt" => '>',
                            "amp" => '&',
                            "quot" => '"',
                            "apos" => '\'',
                            _ => return Err(Malformed),
                        },
                    };
                    if !is_xml(character) {
                        return Err(Malformed);
                    }
                    self.open.last_mut().ok_or(Malformed)?.element.text.push(character);
                }
                Event::DocType(_) => return Err(Malformed),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::Eof => break,
            }
        }
        if self.open.is_empty() { self.root.ok_or(Malformed) } else { Err(Malformed) }
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    fn text(&mut self, text: &str) -> Result<(), Malformed> {
        match self.open.last_mut() {
            Some(open) => open.element.text.push_str(text),
            // Only white space stands outside of the root (XML 1.0 §2.1).
            None if text.trim_ascii().is_empty() => {}
            None => return Err(Malformed),
        }
        Ok(())
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), Malformed> {
        self.elements += 1;
        let depth = self.open.len() + 1;
        if self.elements > MOST_ELEMENTS || depth > DEEPEST || (depth == 1 && self.root.is_some()) {
            return Err(Malformed);
        }
        let (mut declared, mut attributes) = (Vec::new(), Vec::new());
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| Malformed)?;
            let key = attribute.key.as_ref().to_owned();
            let value = attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0).map_err(|_| Malformed)?;
            if !value.chars().all(is_xml) {
                return Err(Malformed);
            }
            match key.as_str() {
                "xmlns" => self.bindings.push((String::new(), value.into_owned(), depth)),
                "xml:lang" => self.languages.push((value.into_owned(), depth)),
                other => match other.strip_prefix("xmlns:") {
                    // A prefix cannot be undeclared (Namespaces in XML 1.0 §5).
                    Some(_) if value.is_empty() => return Err(Malformed),
                    Some(prefix) => self.bindings.push((prefix.to_owned(), value.into_owned(), depth)),
                    None => {
                        let resolved = self.reader.resolver().resolve_attribute(attribute.key).0;
                        if matches!(resolved, ResolveResult::Unknown(_)) {
                            return Err(Malformed);
                        }
                        if !key.contains(':') {
                            attributes.push((key.clone(), value.into_owned()));
                        }
                    }
                },
            }
            declared.push(key);
        }
        let (namespace, local) = self.reader.resolver().resolve_element(start.name());
        let namespace = match namespace {
            // The reader hands it over as it was written, references and all.
            ResolveResult::Bound(namespace) => unescape(namespace.as_ref()).map_err(|_| Malformed)?.into_owned(),
            ResolveResult::Unbound => String::new(),
            ResolveResult::Unknown(_) => return Err(Malformed),
        };
        if namespace.len() > LONGEST_NAMESPACE {
            return Err(Malformed);
        }
        let name = Name { namespace, name: local.as_ref().to_owned() };
        let within = self.open.iter().any(|open| open.alone.is_some());
        let is_kept = |parent: &Open| parent.element.is("prop") || (name.namespace == DAV && name.name == "owner");
        let alone = (!within && self.open.last().is_some_and(is_kept))
            .then(|| (self.start_alone(start, &declared), self.position()));
        if ![DAV, CALDAV, CARDDAV].contains(&name.namespace.as_str()) {
            attributes.clear();
        }
        let element = Element { name, children: Vec::new(), text: String::new(), attributes, alone: None };
        self.open.push(Open { element, alone, qualified: start.name().as_ref().to_owned() });
        Ok(())
    }

    /// A start tag with all that is in force around it.
    fn start_alone(&self, start: &BytesStart<'_>, declared: &[String]) -> String {
        let mut tag = format!("<{}{}", start.name().as_ref(), start.attributes_raw().trim_end());
        let mut seen: Vec<&str> = Vec::new();
        for (prefix, namespace, _) in self.bindings.iter().rev() {
            let key = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
            if seen.contains(&prefix.as_str()) || declared.contains(&key) {
                continue;
            }
            seen.push(prefix);
            // Writing to a String cannot fail.
            let _ = write!(tag, " {key}=\"{}\"", quick_xml::escape::escape(namespace.as_str()));
        }
        if let Some((language, _)) = self.languages.last()
            && !declared.iter().any(|key| key == "xml:lang")
        {
            let _ = write!(tag, " xml:lang=\"{}\"", quick_xml::escape::escape(language.as_str()));
        }
        tag.push('>');
        tag
    }

    /// `end_of_content` is where the end tag begins.
    fn end(&mut self, end_of_content: usize) -> Result<(), Malformed> {
        let depth = self.open.len();
        self.bindings.retain(|binding| binding.2 < depth);
        self.languages.retain(|language| language.1 < depth);
        let Open { mut element, alone, qualified } = self.open.pop().ok_or(Malformed)?;
        if let Some((tag, start_of_content)) = alone {
            let content = self.source.get(start_of_content..end_of_content).unwrap_or_default();
            let alone = format!("{tag}{content}</{qualified}>");
            self.standing_alone += alone.len();
            if self.standing_alone > MOST_ALONE {
                return Err(Malformed);
            }
            element.alone = Some(alone);
        }
        match self.open.last_mut() {
            Some(parent) => parent.element.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_property_stands_alone() {
        let body = r#"<?xml version="1.0"?><D:propertyupdate xmlns:D="DAV:" xmlns:z='urn:z"' xml:lang="fr"><D:set><D:prop>
            <z:a q="1&amp;2">x &lt;<z:b/><![CDATA[<]]></z:a><c xmlns="urn:c" xml:lang="en"/></D:prop></D:set></D:propertyupdate>"#;
        let root = parse(body.as_bytes()).unwrap();
        let prop = root.child("set").unwrap().child("prop").unwrap();
        let first = &prop.children[0];
        assert_eq!(first.name, Name { namespace: "urn:z\"".into(), name: "a".into() });
        let alone = first.alone.as_deref().unwrap();
        assert_eq!(
            alone,
            "<z:a q=\"1&amp;2\" xmlns:z=\"urn:z&quot;\" xmlns:D=\"DAV:\" xml:lang=\"fr\">x &lt;<z:b/><![CDATA[<]]></z:a>"
        );
        let again = parse(alone.as_bytes()).unwrap();
        assert_eq!((again.name, again.text.as_str()), (first.name.clone(), "x <<"));
        let second = prop.children[1].alone.as_deref().unwrap();
        assert!(second.starts_with("<c xmlns=\"urn:c\" xml:lang=\"en\" ") && second.ends_with("></c>"), "{second}");
    }

    #[test]
    fn utf_16_is_xml_too() {
        let text = "\u{FEFF}<D:propfind xmlns:D=\"DAV:\"/>";
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(parse(&big).unwrap().is("propfind") && parse(&little).unwrap().is("propfind"));
        assert!(parse(text.as_bytes()).unwrap().is("propfind"));
    }

    #[test]
    fn what_is_refused() {
        let deep = format!("{}{}", "<a>".repeat(100), "</a>".repeat(100));
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbb\">]><a>&b;</a>";
        for bad in [
            "",
            "x",
            "<a>",
            "</a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>x",
            "<p:a/>",
            "<a p:q='1'/>",
            "<a xmlns:p=''/>",
            "<a>&b;</a>",
            "<a b='&c;'/>",
            "<a>\u{1}</a>",
            "<a>&#0;</a>",
            "<a>&#x1;</a>",
            "<a b='1' b='2'/>",
            "<a b='&#2;'/>",
            &deep,
            bomb,
        ] {
            assert_eq!(parse(bad.as_bytes()), Err(Malformed), "{bad}");
        }
        assert_eq!(parse(b"<a>\xff</a>"), Err(Malformed));
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&body);
        }

        #[test]
        fn nothing_that_looks_like_xml_does(body in "[<>/a:x=\"' &;!\\[\\]?D-]{0,80}") {
            let _ = parse(body.as_bytes());
        }
    }
}
