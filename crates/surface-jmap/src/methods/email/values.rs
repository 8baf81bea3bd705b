//! The texts in messages (RFC 8621 §4.1.4, `bodyValues`), and their first words where the store has none.

use crate::mail::{Body, Decoder, Parsed, Parts, charset, charset_text, part_id};
use futures::TryStreamExt;
use mail_parser::decoders::html::html_to_text;
use passerelle_core::{
    OpenedMailbox, Result,
    ports::{MailPart, Section, Wanted},
};
use serde_json::{Map, Value, json};
use std::{collections::HashSet, num::NonZeroU32};

/// Most octets of one text, whatever a client wants.
const LONGEST_VALUE: usize = 4 * 1024 * 1024;
/// Most texts of one message.
const MOST_VALUES: usize = 100;
/// How much is read for the first words, in octets of the transfer encoding.
const READ_FOR_PREVIEW: usize = 8 * 1024;
/// Longest first words, in characters (RFC 8621 §4.1.4).
const LONGEST_PREVIEW: usize = 256;

/// Whose texts are wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bodies {
    pub(super) text: bool,
    pub(super) html: bool,
    pub(super) all: bool,
    /// Most octets of each; 0 is all of them.
    pub(super) most: u64,
}

pub(super) async fn read(
    opened: &mut OpenedMailbox,
    uid: u32,
    structure: &MailPart,
    bodies: &Bodies,
    mut left: usize,
) -> Result<Value> {
    let mut values = Map::new();
    for part in bodies.parts(structure) {
        let most = bodies.longest().min(left);
        let (octets, is_whole) = octets_of(opened, uid, part, most).await?;
        let (value, length) = value(part, &octets, is_whole, most);
        left = left.saturating_sub(length);
        values.insert(part_id(part), value);
    }
    Ok(Value::Object(values))
}

/// The texts of a message that is at hand.
pub(super) fn of_parsed(message: &Parsed, bodies: &Bodies, mut left: usize) -> Value {
    let mut values = Map::new();
    for part in bodies.parts(&message.structure) {
        let octets = part.path.first().and_then(|number| message.part(*number)).unwrap_or_default();
        let most = bodies.longest().min(left);
        let (value, length) = value(part, octets.get(..most).unwrap_or(&octets), octets.len() <= most, most);
        left = left.saturating_sub(length);
        values.insert(part_id(part), value);
    }
    Value::Object(values)
}

/// The first words of a message that is at hand.
pub(super) fn preview_of(message: &Parsed) -> String {
    let Some(part) = first_text(&message.structure) else { return String::new() };
    let octets = part.path.first().and_then(|number| message.part(*number)).unwrap_or_default();
    words_of(part, octets.get(..READ_FOR_PREVIEW).unwrap_or(&octets))
}

impl Bodies {
    /// The parts whose texts are wanted, each once.
    fn parts<'a>(&self, structure: &'a MailPart) -> Vec<&'a MailPart> {
        let body = Body::of(structure);
        let mut parts: Vec<&MailPart> = Vec::new();
        if self.all {
            parts.extend(Parts::of(structure));
        }
        if self.text {
            parts.extend(body.text.iter().copied());
        }
        if self.html {
            parts.extend(body.html.iter().copied());
        }
        let mut seen = HashSet::new();
        parts.retain(|it| it.media_type.starts_with("text/") && seen.insert(part_id(it)));
        parts.truncate(MOST_VALUES);
        parts
    }

    /// Most octets of one text.
    fn longest(&self) -> usize {
        let most = usize::try_from(self.most).ok().filter(|most| *most > 0);
        most.map_or(LONGEST_VALUE, |it| it.min(LONGEST_VALUE))
    }
}

/// A text of so many octets at most, and how long it has become.
fn value(part: &MailPart, octets: &[u8], is_whole: bool, most: usize) -> (Value, usize) {
    let (mut text, is_wrong) = charset_text(octets, charset(part).as_deref());
    // A cut in the middle of a character is not the sender's fault.
    let is_wrong = is_wrong && (is_whole || text.trim_end_matches('\u{fffd}').contains('\u{fffd}'));
    let is_truncated = !is_whole || text.len() > most;
    if is_truncated {
        let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.truncate(text.trim_end_matches('\u{fffd}').len());
    }
    let length = text.len();
    (json!({ "value": text, "isEncodingProblem": is_wrong, "isTruncated": is_truncated }), length)
}

/// The octets of a part without its transfer encoding, so many at most, and whether they are all.
async fn octets_of(opened: &mut OpenedMailbox, uid: u32, part: &MailPart, most: usize) -> Result<(Vec<u8>, bool)> {
    // Quoted-printable is at most three times as long, and a little for the ends of its lines.
    let encoded = most.saturating_mul(3).saturating_add(most / 16).saturating_add(256);
    let (octets, is_whole) = beginning(opened, uid, part, encoded).await?;
    let is_short = octets.len() <= most;
    let mut octets = octets;
    octets.truncate(most);
    Ok((octets, is_whole && is_short))
}

/// What the first octets of a part come to, and whether there are no more.
async fn beginning(opened: &mut OpenedMailbox, uid: u32, part: &MailPart, encoded: usize) -> Result<(Vec<u8>, bool)> {
    let count = u32::try_from(encoded).ok().and_then(NonZeroU32::new);
    let what = Wanted { uid, section: Section::Part(part.path.clone()), octets: count.map(|count| (0, count)) };
    let mut decoder = Decoder::of(part.encoding.as_deref());
    let (mut octets, mut came) = (Vec::new(), 0_usize);
    let mut content = opened.read(&what).await?;
    while let Some(piece) = content.try_next().await? {
        came = came.saturating_add(piece.len());
        octets.extend(decoder.push(&piece));
    }
    octets.extend(decoder.end());
    Ok((octets, came < encoded))
}

/// The first words, in one line.
pub(super) async fn preview(opened: &mut OpenedMailbox, uid: u32, structure: &MailPart) -> Result<String> {
    let Some(part) = first_text(structure) else { return Ok(String::new()) };
    let (octets, _) = beginning(opened, uid, part, READ_FOR_PREVIEW).await?;
    Ok(words_of(part, &octets))
}

/// The part that is read first.
fn first_text(structure: &MailPart) -> Option<&MailPart> {
    let body = Body::of(structure);
    let is_text = |part: &&&MailPart| part.media_type.starts_with("text/");
    body.text.iter().find(is_text).or_else(|| body.html.iter().find(is_text)).copied()
}

fn words_of(part: &MailPart, octets: &[u8]) -> String {
    first_words(&plain_text(part, octets))
}

/// A part as plain text.
fn plain_text(part: &MailPart, octets: &[u8]) -> String {
    let (text, _) = charset_text(octets, charset(part).as_deref());
    if part.media_type == "text/html" { html_to_text(&text) } else { text }
}

/// The beginning of what is read first, as plain text, of so many octets in their transfer encoding.
pub(super) async fn beginning_of_text(
    opened: &mut OpenedMailbox,
    uid: u32,
    structure: &MailPart,
    encoded: usize,
) -> Result<String> {
    let Some(part) = first_text(structure) else { return Ok(String::new()) };
    let (octets, _) = beginning(opened, uid, part, encoded).await?;
    Ok(plain_text(part, &octets))
}

/// Without what was quoted, and with one space where there were many.
fn first_words(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with('>'));
    let words =
        lines.flat_map(str::split_whitespace).map(|word| word.trim_matches('\u{fffd}')).filter(|it| !it.is_empty());
    let mut first = String::new();
    for word in words {
        if first.chars().count().saturating_add(1).saturating_add(word.chars().count()) > LONGEST_PREVIEW {
            if first.is_empty() {
                first.extend(word.chars().take(LONGEST_PREVIEW));
            }
            break;
        }
        if !first.is_empty() {
            first.push(' ');
        }
        first.push_str(word);
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_words_are_few_and_not_quoted() {
        assert_eq!(first_words("> you wrote\nHello   there,\n\nAnne"), "Hello there, Anne");
        let long = first_words(&"word ".repeat(100));
        assert!(long.len() <= 256 && long.len() > 240 && long.ends_with("word"));
        assert_eq!(first_words(&"x".repeat(300)).len(), 256);
    }
}
