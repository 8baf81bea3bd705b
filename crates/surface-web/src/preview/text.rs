//! The beginning of a text, as UTF-8. What is no text has none.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use futures::StreamExt;
use http::HeaderName;
use passerelle_core::{
    Authorized, Read, Result,
    ports::{ByteRange, Node},
};
use passerelle_model::NodeRef;

/// How many octets of a file are shown.
pub(super) const MOST: usize = 64 * 1024;
/// The header that says whether that is all of it: `whole` or `cut`.
pub(super) const EXTENT: HeaderName = HeaderName::from_static("passerelle-extent");

/// A beginning.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) text: String,
    /// Whether the file goes on.
    pub(super) is_cut: bool,
}

/// Reads the beginning of a file; `None` when it is no text. It is content that is handed on: by a link that is for so many
/// downloads it is one of them.
pub(super) async fn beginning(file: &Authorized<NodeRef, Read>, found: &Node) -> Result<Option<Text>> {
    let content = file.open().await?;
    let most = u64::try_from(MOST).unwrap_or(u64::MAX);
    let is_cut = content.node().size > most;
    if found.size == 0 && !is_cut {
        return Ok(Some(Text { text: String::new(), is_cut }));
    }
    let mut pieces = content.stream(ByteRange::Part(0..most.min(found.size)));
    let mut octets = Vec::new();
    while let Some(piece) = pieces.next().await {
        octets.extend_from_slice(&piece?);
    }
    octets.truncate(MOST);
    Ok(decode(&octets, is_cut).map(|text| Text { text, is_cut }))
}

/// UTF-8, with a mark or without; UTF-16 by its mark; else Windows-1252, in which the older files of French campuses are.
fn decode(octets: &[u8], is_cut: bool) -> Option<String> {
    let (encoding, mark) = Encoding::for_bom(octets).unwrap_or((UTF_8, 0));
    let octets = octets.get(mark..).unwrap_or_default();
    let decoded = if encoding == UTF_16LE || encoding == UTF_16BE {
        // A character that the cut went through is left out, and so is half of one.
        let mut decoder = encoding.new_decoder_without_bom_handling();
        let mut text = String::with_capacity(decoder.max_utf8_buffer_length(octets.len())?);
        let (_, _, broken) = decoder.decode_to_string(octets, &mut text, !is_cut);
        (!broken).then_some(text)?
    } else {
        match std::str::from_utf8(octets) {
            Ok(text) => text.to_owned(),
            Err(error) if is_cut && error.error_len().is_none() => {
                String::from_utf8(octets.get(..error.valid_up_to())?.to_vec()).ok()?
            }
            Err(_) if mark > 0 => return None,
            Err(_) => WINDOWS_1252.decode_without_bom_handling(octets).0.into_owned(),
        }
    };
    // What has controls that no text has is a program's file. Windows-1252 has no character at five of its places.
    let is_of_text =
        |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1b}' | '\u{85}');
    decoded.chars().all(is_of_text).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(octets: &[u8], is_cut: bool, expected: Option<&str>) {
        assert_eq!(decode(octets, is_cut).as_deref(), expected, "{octets:?}");
    }

    #[test]
    fn encodings() {
        check("Été\n".as_bytes(), false, Some("Été\n"));
        check(b"\xEF\xBB\xBFa", false, Some("a"));
        check(b"\xC9t\xE9 \x80 5", false, Some("Été € 5"));
        check(b"\xFF\xFEa\0\xE9\0", false, Some("aé"));
        check(b"\xFE\xFF\0a\0\xE9", false, Some("aé"));
        check(b"", false, Some(""));
        check(b"<script>alert(1)</script>", false, Some("<script>alert(1)</script>"));
    }

    #[test]
    fn cut_at_a_characters_end() {
        check("aé".as_bytes().get(..2).unwrap_or_default(), true, Some("a"));
        check("a\u{1f600}".as_bytes().get(..4).unwrap_or_default(), true, Some("a"));
        // Not cut, it is no UTF-8.
        check("aé".as_bytes().get(..2).unwrap_or_default(), false, Some("aÃ"));
        check(b"\xFF\xFEa\0\x3D\xD8", true, Some("a"));
        check(b"\xFF\xFEa\0\x3D", true, Some("a"));
        check(b"\xFF\xFEa\0\x3D\xD8", false, None);
    }

    #[test]
    fn what_is_no_text() {
        for octets in [
            &b"a\0b"[..],
            b"\x7FELF\x02\x01",
            b"\x89PNG\r\n\x1a\n",
            b"PK\x03\x04\x14\0",
            b"a\x81b",
            b"\xEF\xBB\xBF\xFF",
        ] {
            check(octets, false, None);
        }
    }
}
