//! Writing XML. No tree is built and nothing is formatted twice: a listing of ten thousand files passes through here.

use super::{Name, read::is_xml};
use std::io::Write;

/// The media type of our bodies (RFC 4918 §8.2; RFC 7303 §4.1).
pub(crate) const MEDIA_TYPE: &str = "application/xml; charset=utf-8";
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";

/// Octets of XML. `D` stands for the namespace `DAV:` in all of them.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    /// An empty one, for a part of a body.
    pub(crate) fn with_capacity(octets: usize) -> Self {
        Self(Vec::with_capacity(octets))
    }

    /// Begins `DAV:error` (RFC 4918 §16).
    pub(crate) fn error() -> Self {
        let mut xml = Self::default();
        xml.raw(HEAD).raw("<D:error xmlns:D=\"DAV:\">");
        xml
    }

    /// Ends it.
    pub(crate) fn end_error(mut self) -> Vec<u8> {
        self.raw("</D:error>\n");
        self.0
    }

    /// Begins a body with this root, written as a start tag without its bracket: `D:multistatus`.
    pub(crate) fn begin(root: &str) -> Self {
        let mut xml = Self::with_capacity(4096);
        xml.raw(HEAD).raw("<").raw(root).raw(" xmlns:D=\"DAV:\">");
        xml
    }

    /// Whether nothing was written yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The octets so far.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }

    /// XML as it is.
    pub(crate) fn raw(&mut self, xml: &str) -> &mut Self {
        self.0.extend_from_slice(xml.as_bytes());
        self
    }

    /// Character data (XML 1.0 §2.4).
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        let mut rest = text;
        while let Some(at) = rest.bytes().position(|octet| matches!(octet, b'&' | b'<' | b'>' | b'"')) {
            let (plain, special) = rest.split_at(at);
            self.raw(plain);
            let mut after = special.chars();
            self.raw(match after.next() {
                Some('&') => "&amp;",
                Some('<') => "&lt;",
                Some('>') => "&gt;",
                _ => "&quot;",
            });
            rest = after.as_str();
        }
        self.raw(rest)
    }

    /// Character data with its line ends as they are: a bare CR would come out of XML as LF (XML 1.0 §2.11). What no XML can have
    /// (§2.2) is left out: one broken item must not make the others unreadable.
    pub(crate) fn lines(&mut self, text: &str) -> &mut Self {
        if !text.chars().all(is_xml) {
            let kept: String = text.chars().filter(|c| is_xml(*c)).collect();
            return self.lines(&kept);
        }
        let mut parts = text.split('\r');
        self.text(parts.next().unwrap_or_default());
        for part in parts {
            self.raw("&#13;").text(part);
        }
        self
    }

    /// A number.
    pub(crate) fn number(&mut self, number: u64) -> &mut Self {
        // Writing to a Vec cannot fail.
        let _ = write!(self.0, "{number}");
        self
    }

    /// Octets that are known to be XML.
    pub(crate) fn octets(&mut self, octets: &[u8]) -> &mut Self {
        self.0.extend_from_slice(octets);
        self
    }

    /// Lets a function write octets of XML.
    pub(crate) fn with(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> &mut Self {
        write(&mut self.0);
        self
    }

    /// An empty element.
    pub(crate) fn empty(&mut self, name: &Name) -> &mut Self {
        if name.namespace == super::DAV {
            self.raw("<D:").raw(&name.name).raw("/>")
        } else if name.namespace.is_empty() {
            self.raw("<").raw(&name.name).raw(" xmlns=\"\"/>")
        } else {
            self.raw("<X:").raw(&name.name).raw(" xmlns:X=\"").text(&name.namespace).raw("\"/>")
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn text_and_names() {
        let mut xml = Writer::default();
        xml.text("a<b>&\"é").raw("|").number(42).raw("|").lines("a\r\n\u{b}b").raw("|");
        xml.empty(&Name { namespace: "DAV:".into(), name: "x".into() });
        xml.empty(&Name { namespace: String::new(), name: "x".into() });
        xml.empty(&Name { namespace: "urn:\"<".into(), name: "x".into() });
        assert_eq!(
            String::from_utf8(xml.finish()).unwrap(),
            "a&lt;b&gt;&amp;&quot;é|42|a&#13;\nb|<D:x/><x xmlns=\"\"/><X:x xmlns:X=\"urn:&quot;&lt;\"/>"
        );
    }
}
