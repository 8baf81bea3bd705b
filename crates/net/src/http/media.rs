//! What a file is sent as, and how a browser is kept from running it.

use http::{
    HeaderMap, HeaderValue,
    header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
};

/// What has no better name (RFC 2046 §4.5.1).
const UNKNOWN: &str = "application/octet-stream";

/// Media types by extension (IANA's registry), in the order of the extensions.
const TYPES: [(&str, &str); 73] = [
    ("7z", "application/x-7z-compressed"),
    ("aac", "audio/aac"),
    ("avi", "video/x-msvideo"),
    ("avif", "image/avif"),
    ("bmp", "image/bmp"),
    ("bz2", "application/x-bzip2"),
    ("c", "text/x-c"),
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("doc", "application/msword"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("eml", "message/rfc822"),
    ("eot", "application/vnd.ms-fontobject"),
    ("epub", "application/epub+zip"),
    ("flac", "audio/flac"),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("heic", "image/heic"),
    ("heif", "image/heif"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("ico", "image/vnd.microsoft.icon"),
    ("ics", "text/calendar"),
    ("jar", "application/java-archive"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript"),
    ("json", "application/json"),
    ("jxl", "image/jxl"),
    ("log", "text/plain"),
    ("m4a", "audio/mp4"),
    ("m4v", "video/mp4"),
    ("md", "text/markdown"),
    ("mjs", "text/javascript"),
    ("mkv", "video/matroska"),
    ("mov", "video/quicktime"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("mpeg", "video/mpeg"),
    ("odg", "application/vnd.oasis.opendocument.graphics"),
    ("odp", "application/vnd.oasis.opendocument.presentation"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("oga", "audio/ogg"),
    ("ogg", "audio/ogg"),
    ("ogv", "video/ogg"),
    ("opus", "audio/ogg"),
    ("otf", "font/otf"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("ppt", "application/vnd.ms-powerpoint"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("ps", "application/postscript"),
    ("py", "text/x-python"),
    ("rtf", "application/rtf"),
    ("svg", "image/svg+xml"),
    ("tar", "application/x-tar"),
    ("tex", "application/x-tex"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("ttf", "font/ttf"),
    ("txt", "text/plain"),
    ("vcf", "text/vcard"),
    ("wav", "audio/wav"),
    ("webm", "video/webm"),
    ("webp", "image/webp"),
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
    ("xhtml", "application/xhtml+xml"),
    ("xls", "application/vnd.ms-excel"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("xml", "application/xml"),
    ("zip", "application/zip"),
];
/// Longest extension in the table.
const LONGEST: usize = 8;

/// The media type of a file, by the extension of its name.
pub fn media_type(name: &str) -> &'static str {
    let Some((_, extension)) = name.rsplit_once('.') else { return UNKNOWN };
    let mut lower = [0_u8; LONGEST];
    let Some(room) = lower.get_mut(..extension.len()) else { return UNKNOWN };
    room.copy_from_slice(extension.as_bytes());
    room.make_ascii_lowercase();
    let found = TYPES.binary_search_by(|(known, _)| known.as_bytes().cmp(room));
    found.ok().and_then(|at| TYPES.get(at)).map_or(UNKNOWN, |(_, media)| media)
}

/// Whether a browser may show it in a page of its own: pictures without scripts, sound, film and plain text.
fn is_harmless(media: &str) -> bool {
    let kind = media.split('/').next().unwrap_or_default();
    media == "text/plain" || matches!(kind, "audio" | "video") || (kind == "image" && media != "image/svg+xml")
}

/// The headers that go with what people uploaded: it never runs as us.
pub fn set_media_headers(headers: &mut HeaderMap, name: &str) {
    let media = media_type(name);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    if !is_harmless(media) {
        headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_in_lower_case() {
        assert!(TYPES.windows(2).all(|two| matches!(two, [one, other] if one.0 < other.0)));
        assert!(TYPES.iter().all(|(known, _)| known.len() <= LONGEST && known.to_ascii_lowercase() == *known));
    }

    #[test]
    fn what_runs_is_attached() {
        for (name, media, attached) in [
            ("a.HTML", "text/html", true),
            ("a.svg", "image/svg+xml", true),
            ("a.xml", "application/xml", true),
            ("a.pdf", "application/pdf", true),
            ("a", UNKNOWN, true),
            ("a.averylongextension", UNKNOWN, true),
            ("a.é", UNKNOWN, true),
            ("a.JPG", "image/jpeg", false),
            ("a.txt", "text/plain", false),
            ("a.b.mp4", "video/mp4", false),
        ] {
            let mut headers = HeaderMap::new();
            set_media_headers(&mut headers, name);
            assert_eq!(media_type(name), media);
            assert_eq!(headers.contains_key(CONTENT_DISPOSITION), attached, "{name}");
        }
    }
}
