//! SVG that only draws: an allow-list of elements (SVG 1.1 §L, without what acts, links or embeds), no handler of events,
//! and no reference but to its own parts. The surfaces send it sandboxed besides; this keeps it harmless where somebody
//! saves it and opens it elsewhere.

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

/// Most elements, and the deepest.
const MOST_ELEMENTS: usize = 5_000;
const DEEPEST: usize = 32;
const NAMESPACE: &str = "http://www.w3.org/2000/svg";

/// What draws.
const ELEMENTS: [&str; 23] = [
    "svg",
    "g",
    "defs",
    "symbol",
    "use",
    "title",
    "desc",
    "style",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "text",
    "tspan",
    "linearGradient",
    "radialGradient",
    "stop",
    "clipPath",
    "mask",
    "pattern",
];

/// Holds a text against the rules.
///
/// # Errors
/// What is in it that may not be, in words that may be shown.
pub(super) fn check(text: &str) -> Result<(), String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut open: Vec<String> = Vec::new();
    let (mut elements, mut styles) = (0_usize, String::new());
    loop {
        let event = reader.read_event().map_err(|_| "use PNG, JPEG, WebP, GIF, ICO or well-formed SVG")?;
        match event {
            Event::Start(ref start) | Event::Empty(ref start) => {
                elements += 1;
                if elements > MOST_ELEMENTS || open.len() >= DEEPEST || (open.is_empty() && elements > 1) {
                    return Err("the SVG has more than one root, too many elements or too deep ones".to_owned());
                }
                let name = element(start, open.is_empty())?;
                if matches!(event, Event::Start(_)) {
                    open.push(name);
                }
            }
            Event::End(_) => drop(open.pop()),
            Event::Text(part) if open.last().is_some_and(|name| name == "style") => styles += &part.into_inner(),
            Event::CData(part) if open.last().is_some_and(|name| name == "style") => styles += &part.into_inner(),
            Event::GeneralRef(reference) => {
                let known = matches!(&*reference, "lt" | "gt" | "amp" | "quot" | "apos");
                let in_style = open.last().is_some_and(|name| name == "style");
                if in_style || !(known || reference.is_char_ref()) {
                    return Err("the SVG refers to an entity".to_owned());
                }
            }
            Event::Text(_) | Event::CData(_) | Event::Comment(_) | Event::Decl(_) => {}
            // A document type may define entities, an instruction may name a style sheet of another place.
            Event::DocType(_) => return Err("the SVG has a document type: save it without".to_owned()),
            Event::PI(_) => return Err("the SVG has a processing instruction: save it without".to_owned()),
            Event::Eof => break,
        }
    }
    if elements == 0 || !open.is_empty() {
        return Err("use PNG, JPEG, WebP, GIF, ICO or well-formed SVG".to_owned());
    }
    if reaches_out(&styles) || styles.contains("@import") {
        return Err("the SVG's style refers to something outside of it".to_owned());
    }
    Ok(())
}

fn element(start: &BytesStart<'_>, root: bool) -> Result<String, String> {
    let name = start.name().as_ref().to_owned();
    // A prefix could stand for SVG's own namespace and so hide a script.
    if !ELEMENTS.contains(&name.as_str()) || (root && name != "svg") {
        return Err(format!("the SVG has an element {}: save it as plain SVG", printable(&name)));
    }
    let mut drawn_as_svg = !root;
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| "the SVG has an attribute twice, or one that is not well-formed")?;
        let key = attribute.key.as_ref();
        let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(|_| "the SVG refers to an entity")?;
        let local = key.rsplit_once(':').map_or(key, |(_, local)| local).to_ascii_lowercase();
        let harmless = match local.as_str() {
            "xmlns" => {
                drawn_as_svg |= value == NAMESPACE;
                value == NAMESPACE
            }
            "href" => value.trim().starts_with('#'),
            // Only where names are resolved from.
            "base" => false,
            local => !local.starts_with("on") && (key.starts_with("xmlns:") || !reaches_out(&value)),
        };
        if !harmless {
            return Err(format!("the SVG has an attribute {} that could act or reach out", printable(key)));
        }
    }
    if drawn_as_svg { Ok(name) } else { Err(format!("the SVG's root says no xmlns=\"{NAMESPACE}\"")) }
}

/// Whether a value of CSS or of an attribute names anything but parts of its own document.
fn reaches_out(value: &str) -> bool {
    let lower: String = value.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    let urls = lower.match_indices("url(").any(|(at, open)| {
        let rest = lower.get(at + open.len()..).unwrap_or_default();
        !rest.trim_start_matches(['"', '\'']).starts_with('#')
    });
    // CSS Syntax §4.3.7: a backslash can spell any of it differently.
    urls || lower.contains('\\')
        || ["script:", "data:", "image(", "image-set(", "expression("].iter().any(|it| lower.contains(it))
}

fn printable(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">";

    #[test]
    fn what_draws_is_taken() {
        for inside in [
            "<rect width=\"1\" height=\"1\" fill=\"#8a1538\"/><text font-family=\"Georgia, serif\">É &amp; &#233;</text>",
            "<defs><linearGradient id=\"a\"><stop offset=\"0\"/></linearGradient></defs><path fill=\"url(#a)\" d=\"M0 0\"/>",
            "<style>.a{fill:url(#b)} /* x */</style><use xlink:href=\"#x\"/><use href=\"#x\"/>",
            "<!-- made by hand --><style><![CDATA[.a > .b {stroke: red}]]></style>",
        ] {
            assert_eq!(check(&format!("<?xml version=\"1.0\"?>{OPEN}{inside}</svg>")), Ok(()), "{inside}");
        }
    }

    #[test]
    fn what_acts_or_reaches_out_is_refused() {
        for inside in [
            "<script>alert(1)</script>",
            "<s:script xmlns:s=\"http://www.w3.org/2000/svg\">alert(1)</s:script>",
            "<rect onload=\"alert(1)\"/>",
            "<rect ONCLICK=\"alert(1)\"/>",
            "<rect ev:onclick=\"alert(1)\" xmlns:ev=\"x\"/>",
            "<a href=\"#x\"><rect/></a>",
            "<a xlink:href=\"javascript:alert(1)\"><text>x</text></a>",
            "<use href=\"https://evil.test/x.svg#a\"/>",
            "<use href=\"data:image/svg+xml;base64,PHN2Zz4=#x\"/>",
            "<use xlink:href=\"&#106;avascript:alert(1)\"/>",
            "<image href=\"https://evil.test/track.png\"/>",
            "<feImage href=\"https://evil.test/track.png\"/>",
            "<foreignObject><body xmlns=\"http://www.w3.org/1999/xhtml\"/></foreignObject>",
            "<animate attributeName=\"href\" to=\"javascript:alert(1)\"/>",
            "<set attributeName=\"onload\" to=\"alert(1)\"/>",
            "<g xmlns=\"http://www.w3.org/1999/xhtml\"/>",
            "<g xml:base=\"https://evil.test/\"/>",
            "<rect fill=\"url(https://evil.test/x#a)\"/>",
            "<rect style=\"fill: u\\72l(https://evil.test)\"/>",
            "<rect style=\"background: url( '//evil.test' )\"/>",
            "<style>@import 'https://evil.test/x.css';</style>",
            "<style>@imp<!-- -->ort 'https://evil.test/x.css';</style>",
            "<style>rect{fill:url(//evil.test)}</style>",
            "<style>rect{fill:u&#114;l(//evil.test)}</style>",
            "<text>&boom;</text>",
            "<style><rect/></style",
        ] {
            assert!(check(&format!("{OPEN}{inside}</svg>")).is_err(), "{inside}");
        }
        for whole in [
            "",
            "text",
            "<svg/>",
            "<html xmlns=\"http://www.w3.org/2000/svg\"/>",
            "<!DOCTYPE svg [<!ENTITY x \"y\">]><svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            "<?xml-stylesheet href=\"https://evil.test\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            "<svg xmlns=\"http://www.w3.org/2000/svg\"/><svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            "<svg xmlns=\"http://www.w3.org/2000/svg\">",
        ] {
            assert!(check(whole).is_err(), "{whole}");
        }
        let deep = format!("{OPEN}{}{}</svg>", "<g>".repeat(40), "</g>".repeat(40));
        assert!(check(&deep).is_err());
    }
}
