//! What can be drawn, by its first octets: what a file is called is what somebody says of it.

/// How many octets of a file tell its kind.
pub const HEAD: usize = 12;

/// A kind of file that is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// JFIF or Exif (ITU-T T.81 §B.1.1.3: SOI, then another marker).
    Jpeg,
    /// PNG (W3C PNG §5.2).
    Png,
    /// GIF 87a or 89a; its first frame.
    Gif,
    /// WebP in RIFF; its first frame.
    WebP,
    /// PDF (ISO 32000-2 §7.5.2); its first page.
    Pdf,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Jpeg, Self::Png, Self::Gif, Self::WebP, Self::Pdf];

    /// By the first [`HEAD`] octets, or all when there are fewer.
    pub fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0xFF, 0xD8, 0xFF, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(Self::Png),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            _ => None,
        }
    }

    /// Its word, for the child and for metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::WebP => "webp",
            Self::Pdf => "pdf",
        }
    }

    /// By its word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_by_their_first_octets() {
        for (head, expected) in [
            (&b"\xFF\xD8\xFF\xE0\x00\x10JFIF\x00\x01"[..], Some(Kind::Jpeg)),
            (b"\x89PNG\r\n\x1A\n\0\0\0\r", Some(Kind::Png)),
            (b"GIF89a", Some(Kind::Gif)),
            (b"GIF87a", Some(Kind::Gif)),
            (b"GIF88a", None),
            (b"RIFF\x01\x02\x03\x04WEBP", Some(Kind::WebP)),
            (b"RIFF\x01\x02\x03\x04WAVE", None),
            (b"%PDF-1.7", Some(Kind::Pdf)),
            (b"<svg xmlns=\"", None),
            (b"<!doctype ht", None),
            (b"", None),
            (b"\xFF\xD8", None),
        ] {
            assert_eq!(Kind::of(head), expected, "{head:?}");
        }
        assert!(Kind::ALL.into_iter().all(|kind| Kind::parse(kind.as_str()) == Some(kind)));
    }
}
