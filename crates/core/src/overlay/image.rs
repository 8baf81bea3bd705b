//! Images of an institution, told by their octets: what somebody calls a PNG is one only when it begins and ends as one.
//! An SVG is taken only when nothing in it could act or reach out (`svg.rs`).

use super::svg;
use crate::seal;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{fmt, sync::Arc};

/// Largest image, in octets: it is held in memory and kept in State.
pub const LARGEST_IMAGE: usize = 256 * 1024;
/// Most pixels on a side of an image whose head says how many it has: what unpacks to more stalls the browsers that show it.
const MOST_PIXELS: u32 = 4096;

/// An image that was checked.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    media_type: &'static str,
    octets: Arc<[u8]>,
    mark: Arc<str>,
}

impl Image {
    /// Takes octets for an image: PNG, JPEG, GIF, WebP, ICO or a harmless SVG.
    ///
    /// # Errors
    /// What is wrong, in words that may be shown.
    pub fn parse(octets: &[u8]) -> Result<Self, String> {
        if octets.len() > LARGEST_IMAGE {
            return Err("the image is larger than 256 KiB".to_owned());
        }
        let media_type = match raster(octets) {
            Some(Ok(media_type)) => media_type,
            Some(Err(what)) => return Err(what.to_owned()),
            None => {
                let text = std::str::from_utf8(octets).map_err(|_| "use PNG, JPEG, WebP, GIF, ICO or SVG")?;
                svg::check(text)?;
                "image/svg+xml"
            }
        };
        let mark = seal::sha256(octets).iter().take(8).map(|octet| format!("{octet:02x}")).collect::<String>();
        Ok(Self { media_type, octets: octets.into(), mark: mark.into() })
    }

    /// Takes base64 (RFC 4648 §4), in which programs may have broken lines.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_base64(text: &str) -> Result<Self, String> {
        let plain: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        if plain.len() > LARGEST_IMAGE.div_ceil(3) * 4 {
            return Err("the image is larger than 256 KiB".to_owned());
        }
        Self::parse(&STANDARD.decode(plain).map_err(|_| "the image is not written in base64")?)
    }

    /// Its media type.
    pub const fn media_type(&self) -> &'static str {
        self.media_type
    }

    /// Its octets.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// 16 digits that another image does not have.
    pub fn mark(&self) -> &str {
        &self.mark
    }

    /// Its octets in base64.
    pub fn base64(&self) -> String {
        STANDARD.encode(&self.octets)
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({self})")
    }
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} octets, {}", self.media_type, self.octets.len(), self.mark)
    }
}

/// The media type of pixels, or what is wrong with them; `None` for what does not begin as any.
fn raster(octets: &[u8]) -> Option<Result<&'static str, &'static str>> {
    let number = |at: usize| Some(u32::from_be_bytes(*octets.get(at..)?.first_chunk()?));
    let whole = |is_whole: bool, kind| if is_whole { Ok(kind) } else { Err("the image is cut off or damaged") };
    Some(match octets {
        // PNG §5.2, §11.2.2: the signature, then IHDR with width and height; the end is IEND.
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', rest @ ..] => {
            let sized = number(16).zip(number(20)).is_some_and(|(width, height)| width > 0 && height > 0);
            let fits = number(16).zip(number(20)).is_some_and(|(width, height)| width.max(height) <= MOST_PIXELS);
            if sized && !fits {
                return Some(Err("the image has more than 4096 pixels on a side"));
            }
            whole(sized && rest.get(4..8) == Some(b"IHDR") && rest.ends_with(b"IEND\xaeB`\x82"), "image/png")
        }
        // JPEG (ITU T.81 §B.1.1.3): SOI and another marker; somewhere near the end is EOI.
        [0xff, 0xd8, 0xff, .., 0xff, 0xd9] => Ok("image/jpeg"),
        [0xff, 0xd8, 0xff, ..] => whole(octets.windows(2).any(|pair| pair == [0xff, 0xd9]), "image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', rest @ ..] => whole(rest.ends_with(b";"), "image/gif"),
        // RIFF: its length is that of what follows.
        [b'R', b'I', b'F', b'F', a, b, c, d, b'W', b'E', b'B', b'P', b'V', b'P', b'8', ..] => {
            let length = u32::from_le_bytes([*a, *b, *c, *d]);
            let there = u32::try_from(octets.len().saturating_sub(8)).unwrap_or(u32::MAX);
            whole(length <= there, "image/webp")
        }
        // ICO: reserved, type 1, and how many images; each has 16 octets of directory.
        [0, 0, 1, 0, count, 0, rest @ ..] if *count > 0 => whole(rest.len() > usize::from(*count) * 16, "image/x-icon"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    /// One pixel.
    const PNG: &str =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    const GIF: &str = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

    fn png() -> Vec<u8> {
        STANDARD.decode(PNG).unwrap()
    }

    #[test]
    fn told_by_their_octets() {
        let webp = [b"RIFF".as_slice(), &[8, 0, 0, 0], b"WEBPVP8L"].concat();
        let ico = [&[0, 0, 1, 0, 1, 0][..], &[0; 17]].concat();
        for (octets, expected) in [
            (png(), "image/png"),
            (STANDARD.decode(GIF).unwrap(), "image/gif"),
            (b"\xff\xd8\xff\xe0rest\xff\xd9".to_vec(), "image/jpeg"),
            (webp, "image/webp"),
            (ico, "image/x-icon"),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec(), "image/svg+xml"),
        ] {
            assert_eq!(Image::parse(&octets).unwrap().media_type(), expected);
        }
        assert_eq!(Image::parse_base64(&format!("{}\n{}", &PNG[..20], &PNG[20..])).unwrap().octets(), png());
    }

    #[test]
    fn what_is_no_image_is_refused() {
        let cut = png()[..40].to_vec();
        let mut huge = png();
        huge[16..20].copy_from_slice(&5000_u32.to_be_bytes());
        let page = b"<!doctype html><script>alert(1)</script>".to_vec();
        let with_page = [b"GIF89a".as_slice(), &page].concat();
        for octets in [
            Vec::new(),
            cut,
            huge,
            page,
            with_page,
            b"MZ\x90\0".to_vec(),
            b"%PDF-1.7".to_vec(),
            vec![0xff, 0xd8, 0xff],
            vec![0, 0, 1, 0, 0, 0],
            vec![b'x'; LARGEST_IMAGE + 1],
        ] {
            assert!(Image::parse(&octets).is_err(), "{:?}", octets.get(..8));
        }
        assert!(Image::parse_base64("no base64!").is_err());
        assert!(Image::parse_base64(&"A".repeat(LARGEST_IMAGE * 2)).is_err());
    }

    #[test]
    fn another_image_has_another_mark() {
        let gif = Image::parse_base64(GIF).unwrap();
        assert_eq!(gif.mark().len(), 16);
        assert_ne!(gif.mark(), Image::parse(&png()).unwrap().mark());
        assert!(!format!("{gif:?}").contains("GIF89a"));
    }
}
