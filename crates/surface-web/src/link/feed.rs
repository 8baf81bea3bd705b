//! A folder of sound and film as a podcast: RSS 2.0 with enclosures, as the RSS Advisory Board's specification has it, and
//! `atom:link` (RFC 4287) for the feed's own address.

use crate::{
    face::Face,
    listing::{Tree, first},
};
use http::{HeaderValue, header::CONTENT_TYPE};
use passerelle_core::{
    Error, Read, Result, Session,
    ports::{FileTime, Node, NodeKind},
};
use passerelle_model::NodeRef;
use passerelle_net::http::{Response, body_of, link_path, media_type};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

/// Most episodes that a feed tells of: the newest.
const MOST_EPISODES: usize = 300;
/// Most entries of a folder that are looked through.
const MOST_ENTRIES: usize = 10_000;

/// Whether a file of this name can be heard or seen.
pub(super) fn is_heard(name: &str) -> bool {
    matches!(media_type(name).split('/').next(), Some("audio" | "video"))
}

/// The feed of a folder.
pub(super) async fn feed(
    session: &Session,
    face: &Face,
    origin: &str,
    token: &str,
    folder: NodeRef,
) -> Result<Response> {
    let link = session.link().ok_or(Error::NotFound)?;
    let opened = session.open::<_, Read>(folder.clone()).await?;
    let (mut episodes, _) = first(&opened, MOST_ENTRIES).await?;
    episodes.retain(|node| node.kind == NodeKind::File && is_heard(&node.name));
    episodes.sort_by_key(|node| std::cmp::Reverse(node.modified));
    episodes.truncate(MOST_EPISODES);
    let tree = Tree::Link(token, link.root().node().ok_or(Error::NotFound)?);
    let title = Some(link.label()).filter(|it| !it.is_empty()).or(folder.path.name());
    let title = title.map_or_else(|| face.say("files"), str::to_owned);
    let page = format!("{origin}{}", tree.folder(&folder));
    let own = page.replacen(&link_path(token), &format!("{}/feed.xml", link_path(token)), 1);
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml.push_str("<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\">\n<channel>\n");
    element(&mut xml, "title", &title);
    element(&mut xml, "link", &page);
    element(&mut xml, "description", &face.say_with("link-feed-of", "name", &face.name));
    element(&mut xml, "language", face.language);
    xml.push_str(&format!("<atom:link href=\"{}\" rel=\"self\" type=\"application/rss+xml\"/>\n", escaped(&own)));
    for node in &episodes {
        let Ok(path) = folder.path.join(&node.name) else { continue };
        let address = format!("{origin}{}", tree.file(&NodeRef { path, ..folder.clone() }));
        episode(&mut xml, node, &address);
    }
    xml.push_str("</channel>\n</rss>\n");
    let mut response = http::Response::new(body_of(xml));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/rss+xml; charset=utf-8"));
    Ok(response)
}

fn episode(xml: &mut String, node: &Node, address: &str) {
    let title = node.name.rsplit_once('.').map_or(node.name.as_str(), |(stem, _)| stem);
    xml.push_str("<item>\n");
    element(xml, "title", title);
    // The same episode under the same name; another recording is another one.
    xml.push_str(&format!(
        "<guid isPermaLink=\"false\">{}</guid>\n",
        escaped(&format!("{address}#{}", node.etag.as_str()))
    ));
    if let Some(date) = date(node.modified) {
        element(xml, "pubDate", &date);
    }
    let (address, size, kind) = (escaped(address), node.size, media_type(&node.name));
    xml.push_str(&format!("<enclosure url=\"{address}\" length=\"{size}\" type=\"{kind}\"/>\n</item>\n"));
}

fn element(xml: &mut String, name: &str, text: &str) {
    xml.push_str(&format!("<{name}>{}</{name}>\n", escaped(text)));
}

/// RFC 822 with four digits of the year, as RSS wants it.
fn date(time: FileTime) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(time.seconds).ok()?.format(&Rfc2822).ok()
}

/// XML 1.0 §2.4; what is no character of XML (§2.2) becomes a space.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}' => {
                escaped.push(character);
            }
            _ => escaped.push(' '),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(escaped("a<b>&\"c\u{1}\u{ffff}é"), "a&lt;b&gt;&amp;&quot;c  é");
        assert_eq!(
            date(FileTime { seconds: 1_795_478_400, nanos: 0 }).as_deref(),
            Some("Tue, 24 Nov 2026 00:00:00 +0000")
        );
        assert!(is_heard("a.MP3") && is_heard("a.mp4") && !is_heard("a.pdf") && !is_heard("mp3"));
    }
}
