//! The parts of a message as FETCH tells them (RFC 9051 §7.5.2).
//!
//! `body = "(" (body-type-1part / body-type-mpart) ")"`; a multipart is `1*body SP media-subtype [SP body-ext-mpart]`, a part
//! `media-type SP media-subtype SP body-fields [SP lines-or-message] [SP body-ext-1part]`. Looser than the grammar where
//! stores are: whatever is missing at the end of a list is not told, and a message in a message may lack its own parts.

use crate::Value;

/// A part.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BodyPart {
    /// Its numbers (RFC 9051 §6.4.5.1); none for a multipart that is the message itself.
    pub path: Vec<u32>,
    /// Type and subtype in small letters: `text/plain`.
    pub media_type: String,
    /// Its parameters, names in small letters.
    pub parameters: Vec<(String, Vec<u8>)>,
    /// Its content id as it is written.
    pub id: Option<Vec<u8>>,
    /// Its transfer encoding in small letters.
    pub encoding: Option<String>,
    /// Its size in octets.
    pub size: Option<u64>,
    /// Its disposition in small letters.
    pub disposition: Option<String>,
    /// The disposition's parameters, names in small letters.
    pub disposition_parameters: Vec<(String, Vec<u8>)>,
    /// Its languages.
    pub languages: Vec<Vec<u8>>,
    /// Its location.
    pub location: Option<Vec<u8>>,
    /// The parts of a multipart, or the one of a message in a message.
    pub parts: Vec<BodyPart>,
}

/// Most parts, and deepest parts in parts.
#[derive(Debug, Clone, Copy)]
pub struct PartLimits {
    /// In all.
    pub parts: usize,
    /// Levels.
    pub depth: usize,
}

/// Reads the value of BODYSTRUCTURE or BODY; `None` for what is none, and beyond the limits.
pub fn body_structure(value: &Value, limits: PartLimits) -> Option<BodyPart> {
    let mut left = limits.parts;
    whole(value, &[], &mut left, limits.depth)
}

/// A whole message, whose numbers begin behind these: its only part is the first.
fn whole(value: &Value, before: &[u32], left: &mut usize, depth: usize) -> Option<BodyPart> {
    let is_multipart = matches!(value.list()?.first()?, Value::List(_) | Value::Nil);
    if is_multipart { part(value, before.to_vec(), left, depth) } else { part(value, below(before, 1), left, depth) }
}

fn below(path: &[u32], number: u32) -> Vec<u32> {
    path.iter().copied().chain([number]).collect()
}

fn part(value: &Value, path: Vec<u32>, left: &mut usize, depth: usize) -> Option<BodyPart> {
    *left = left.checked_sub(1)?;
    let depth = depth.checked_sub(1)?;
    let fields = value.list()?;
    if matches!(fields.first()?, Value::List(_) | Value::Nil) {
        return multipart(fields, path, left, depth);
    }
    let [kind, subtype, parameters, id, _, encoding, size, rest @ ..] = fields else { return None };
    let media_type = format!("{}/{}", small(kind)?, small(subtype)?);
    let mut read = BodyPart {
        parameters: pairs(parameters),
        id: id.text().map(<[u8]>::to_vec),
        encoding: small(encoding),
        size: size.number(),
        media_type,
        ..BodyPart::default()
    };
    let mut extension = rest;
    match read.media_type.as_str() {
        "message/rfc822" | "message/global" => {
            if let [Value::List(_) | Value::Nil, inner @ Value::List(_), _, rest @ ..] = rest {
                read.parts.push(whole(inner, &path, left, depth)?);
                extension = rest;
            }
        }
        media_type if media_type.starts_with("text/") => extension = rest.get(1..).unwrap_or_default(),
        _ => {}
    }
    read.path = path;
    // The first is the MD5 of a part.
    take_extension(&mut read, extension.get(1..).unwrap_or_default());
    Some(read)
}

fn multipart(fields: &[Value], path: Vec<u32>, left: &mut usize, depth: usize) -> Option<BodyPart> {
    let is_part = |value: &&Value| matches!(value, Value::List(_));
    // A multipart without parts is NIL, or nothing at all, before its subtype.
    let parts = fields.iter().take_while(is_part).count();
    let behind = fields.get(parts..)?;
    let behind = behind.strip_prefix(&[Value::Nil]).unwrap_or(behind);
    let (subtype, rest) = behind.split_first()?;
    let mut read = BodyPart { media_type: format!("multipart/{}", small(subtype)?), ..BodyPart::default() };
    for (number, value) in (1..).zip(fields.iter().take(parts)) {
        read.parts.push(part(value, below(&path, number), left, depth)?);
    }
    read.path = path;
    if let Some((parameters, rest)) = rest.split_first() {
        read.parameters = pairs(parameters);
        take_extension(&mut read, rest);
    }
    Some(read)
}

/// `[body-fld-dsp [SP body-fld-lang [SP body-fld-loc ...]]]`
fn take_extension(part: &mut BodyPart, fields: &[Value]) {
    if let Some([disposition, parameters]) = fields.first().and_then(Value::list) {
        part.disposition = small(disposition);
        part.disposition_parameters = pairs(parameters);
    }
    part.languages = match fields.get(1) {
        Some(Value::List(all)) => all.iter().filter_map(|it| it.text().map(<[u8]>::to_vec)).collect(),
        Some(one) => one.text().map(<[u8]>::to_vec).into_iter().collect(),
        None => Vec::new(),
    };
    part.location = fields.get(2).and_then(Value::text).map(<[u8]>::to_vec);
}

fn pairs(value: &Value) -> Vec<(String, Vec<u8>)> {
    let pairs = value.list().unwrap_or_default().chunks_exact(2);
    pairs.filter_map(|pair| Some((small(pair.first()?)?, pair.get(1)?.text()?.to_vec()))).collect()
}

fn small(value: &Value) -> Option<String> {
    Some(String::from_utf8_lossy(value.text()?).to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values;
    use proptest::prelude::*;

    const LIMITS: PartLimits = PartLimits { parts: 20, depth: 8 };

    fn read(text: &str) -> Option<BodyPart> {
        body_structure(values(text.as_bytes())?.first()?, LIMITS)
    }

    fn shown(part: &BodyPart) -> String {
        let path: Vec<String> = part.path.iter().map(ToString::to_string).collect();
        let parts: Vec<String> = part.parts.iter().map(shown).collect();
        format!("{} {}[{}]", path.join("."), part.media_type, parts.join(", "))
    }

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(read(text).as_ref().map(shown).as_deref(), expected, "{text}");
    }

    const PLAIN: &str = "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"utf-8\") NIL NIL \"7BIT\" 42 3)";

    #[test]
    fn numbers_of_parts() {
        check(PLAIN, Some("1 text/plain[]"));
        check(&format!("({PLAIN}{PLAIN} \"MIXED\")"), Some(" multipart/mixed[1 text/plain[], 2 text/plain[]]"));
        let message = format!("(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 99 (NIL) {PLAIN} 7)");
        check(
            &format!("({PLAIN}{message} \"mixed\")"),
            Some(" multipart/mixed[1 text/plain[], 2 message/rfc822[2.1 text/plain[]]]"),
        );
        let message = format!("(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 99 (NIL) ({PLAIN}{PLAIN} \"mixed\") 7)");
        check(
            &format!("({PLAIN}{message} \"mixed\")"),
            Some(
                " multipart/mixed[1 text/plain[], 2 message/rfc822[2 multipart/mixed[2.1 text/plain[], 2.2 text/plain[]]]]",
            ),
        );
        check("(NIL \"mixed\")", Some(" multipart/mixed[]"));
        check("(\"message\" \"rfc822\" NIL NIL NIL NIL 3)", Some("1 message/rfc822[]"));
    }

    #[test]
    fn what_a_part_says() {
        let text = "(\"APPLICATION\" \"PDF\" (\"NAME\" \"a.pdf\") \"<id>\" NIL \"BASE64\" 4242 NIL (\"ATTACHMENT\" (\"FILENAME\" \"b.pdf\")) (\"fr\" \"en\") \"here\")";
        let part = read(text).unwrap_or_default();
        assert_eq!((part.encoding.as_deref(), part.size), (Some("base64"), Some(4242)));
        assert_eq!(part.parameters, [("name".to_owned(), b"a.pdf".to_vec())]);
        assert_eq!(part.disposition.as_deref(), Some("attachment"));
        assert_eq!(part.disposition_parameters, [("filename".to_owned(), b"b.pdf".to_vec())]);
        assert_eq!(part.languages, [b"fr".to_vec(), b"en".to_vec()]);
        assert_eq!((part.id.as_deref(), part.location.as_deref()), (Some(&b"<id>"[..]), Some(&b"here"[..])));
        let text = read(&PLAIN.replace(" 3)", " 3 NIL (\"inline\" NIL) \"de\")")).unwrap_or_default();
        assert_eq!((text.disposition.as_deref(), text.languages), (Some("inline"), vec![b"de".to_vec()]));
    }

    #[test]
    fn limits() {
        let deep = (0..9).fold(PLAIN.to_owned(), |inner, _| format!("({inner} \"mixed\")"));
        check(&deep, None);
        check(&format!("({} \"mixed\")", PLAIN.repeat(20)), None);
        for bad in ["()", "x", "(\"text\")", "(\"a\" \"b\" NIL NIL NIL)", "(((\"mixed\")))"] {
            check(bad, None);
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "[()\"a-c N0-9IL ]{0,120}") {
            let _ = read(&text);
        }
    }
}
