//! A call's XML, within bounds, before anything recursive looks at it.

use crate::fault::Refusal;
use dxr::{MethodCall, Value};
use quick_xml::{Reader, events::Event};

/// Largest call, in octets.
pub(crate) const LARGEST_CALL: usize = 1024 * 1024;
/// Deepest nesting of elements. A struct in an array takes five levels; a multicall of them some more.
const DEEPEST: usize = 64;
/// Most elements of a call.
const MOST_ELEMENTS: usize = 50_000;

/// A call, understood as far as its types.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) params: Vec<Value>,
}

/// Reads a call.
pub(crate) fn parse(body: &[u8]) -> Result<Call, Refusal> {
    let text = std::str::from_utf8(body).map_err(|_| Refusal::NotXml("the call is not UTF-8"))?;
    check_shape(text)?;
    let call = MethodCall::from_xml(text).map_err(|_| Refusal::NotXml("this is no methodCall"))?;
    Ok(Call { name: call.name.into_owned(), params: call.params })
}

/// Refuses what is too deep or too much, and document types: entities could grow without end.
fn check_shape(text: &str) -> Result<(), Refusal> {
    let mut reader = Reader::from_str(text);
    let (mut depth, mut elements) = (0_usize, 0_usize);
    loop {
        match reader.read_event().map_err(|_| Refusal::NotXml("this is not well-formed XML"))? {
            Event::Start(_) => {
                depth = depth.saturating_add(1);
                elements = elements.saturating_add(1);
            }
            Event::Empty(_) => elements = elements.saturating_add(1),
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::DocType(_) => return Err(Refusal::NotXml("a document type is not taken")),
            Event::Eof => return Ok(()),
            Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::GeneralRef(_) => {}
        }
        if depth > DEEPEST || elements > MOST_ELEMENTS {
            return Err(Refusal::NotXml("the call is nested too deep or has too many elements"));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::unwrap_in_result, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_call() {
        let call = parse(b"<?xml version='1.0'?><methodCall><methodName>account.get</methodName><params><param><value><string>u1</string></value></param></params></methodCall>").unwrap();
        assert_eq!((call.name.as_str(), call.params), ("account.get", vec![Value::String("u1".into())]));
    }

    #[test]
    fn hostile_xml() {
        let nested = format!("{}{}", "<value><array><data>".repeat(4000), "</data></array></value>".repeat(4000));
        let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><methodCall>&b;</methodCall>";
        let wide = format!("<a>{}</a>", "<b/>".repeat(60_000));
        for bad in ["", "<", "<a></b>", "\u{0}", &nested, bomb, &wide, "<methodCall/>"] {
            assert!(parse(bad.as_bytes()).is_err(), "{}", bad.get(..20).unwrap_or(bad));
        }
        assert!(parse(b"\xff\xfe").is_err());
    }
}
